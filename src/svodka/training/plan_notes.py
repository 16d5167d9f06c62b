"""What a plan counts of the corpora beside the main one, and what it leaves out."""

from svodka.config.training import CorpusConfig, RunConfig
from svodka.data.store import PreparedData
from svodka.training.mixture import Corpus


def articles_beside(config: RunConfig, main: PreparedData) -> int:
    """Articles an epoch reads of the corpora beside `main`, of those that are prepared."""
    found = (Corpus.beside(main, part, PreparedData.open(part.data.output)) for part in _prepared(config))
    return sum(corpus.rows or 0 for corpus in found)


def left_out(config: RunConfig) -> tuple[str, ...]:
    """A line for each thing of a config that the plan does not count."""
    absent = len(config.beside) - len(_prepared(config))
    lines = [f"{absent} of {len(config.beside)} corpora beside the main one, which are not prepared"] if absent else []
    if config.beside:
        lines.append("that articles of the corpora beside may be longer or shorter than those of the main one")
    if config.model.teaching.teacher is not None:
        lines.append("the teacher, which reads what its states are not kept of")
    elif config.training.states is not None:
        lines.append(
            "that the backbone reads each article once: memory and time are those of reading it in every epoch"
        )
    return tuple(lines)


def _prepared(config: RunConfig) -> list[CorpusConfig]:
    return [part for part in config.beside if (part.data.output / "manifest.json").exists()]
