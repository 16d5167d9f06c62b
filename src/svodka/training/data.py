"""The prepared data of a run: prepared now where there are none, refused where they are not what the config asks."""

from collections.abc import Iterable

from svodka.config.base import differences, without_places
from svodka.config.data import DataConfig
from svodka.config.training import RunConfig
from svodka.data.made_of import changed_since
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError
from svodka.progress import Say
from svodka.training.mixture import Corpus, Mixture


def open_or_prepare(config: RunConfig, say: Say, *, resume: bool = False) -> Mixture:
    """The prepared data of a config; prepared now if a folder is not there.

    Args:
        config: of the run.
        say: takes a line for the person who watches.
        resume: sources that have changed since are told, no more: the run goes on with what it began with.

    Raises:
        ConfigError: a folder was prepared with other settings or from other sources, or nothing tells of a topic.
        DataError: a folder is damaged, or a source cannot be read.
    """
    main = _prepared(config.data, say, resume=resume)
    others = [(part, _prepared(part.data, say, resume=resume)) for part in config.beside]
    if config.model.topics.weight:
        _check_topics([main, *(data for _, data in others)])
    corpora = (Corpus(main.folder.name, main), *(Corpus.beside(main, part, data) for part, data in others))
    return Mixture(corpora, seed=config.seed)


def _prepared(config: DataConfig, say: Say, *, resume: bool) -> PreparedData:
    target = config.output
    if not target.exists():
        say(f"preparing {target}")
        prepare(config)
    data = PreparedData.open(target)
    changed = differences(without_places(data.config), without_places(config.model_dump(mode="json")), "data")
    if changed:
        raise ConfigError(
            f"{target} was prepared with other settings than the `data` of this config:\n"
            + "\n".join(f"  {line}" for line in changed)
            + "\nprepare it anew by `svodka prepare`, or give it another folder by data.output=…"
        )
    check_fresh(data, config, say, resume=resume)
    return data


def check_fresh(data: PreparedData, config: DataConfig, say: Say, *, resume: bool) -> None:
    """Look whether prepared data are what their sources, aliases and topic map would give now.

    Args:
        data: the prepared folder.
        config: says where what it was made of lies; what is not there any more is passed over.
        say: takes a line where the run goes on all the same.
        resume: go on with what the run began with.

    Raises:
        ConfigError: they have changed, and the run does not go on.
    """
    stale = changed_since(data.manifest.made_of, config)
    if stale and not resume:
        raise ConfigError(
            f"{data.folder} is not what its config would give now, since these have changed: {', '.join(stale)}; "
            "prepare it anew by `svodka prepare`, or into another folder by output=…"
        )
    if stale:
        say(f"{data.folder} stays as it is, though these have changed since: {', '.join(stale)}")


def _check_topics(corpora: Iterable[PreparedData]) -> None:
    if not any(data.manifest.topics for data in corpora):
        raise ConfigError(
            "model.topics.weight is above 0, but no article of these corpora has a topic; name a topic map by "
            "data.topics and prepare the data anew, or set model.topics.weight=0"
        )
