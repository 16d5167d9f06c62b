"""A bundle on the Hugging Face hub, after the checks that a person who downloads it would want made."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import Bundle, load_bundle
from svodka.errors import BundleError, ConfigError, SvodkaError

# Read by a model to see that it answers at all.
PROBE = Article(
    "В Лугово открыли мост через Сорогу. Строили его два года, и на месяц раньше срока по нему поехали автобусы. "
    "Мэр города сказал, что дорога до больницы стала короче на двадцать минут. Старый мост разберут весной.",
    title="Мост через Сорогу открыли раньше срока",
)
_SENTINEL = re.compile(r"<extra_id_\d+>|<(?:unk|pad)>")


def publish(target: Path, repo: str, *, private: bool = False, revision: str | None = None) -> str:
    """Upload a bundle in one commit.

    Args:
        target: the bundle's folder.
        repo: hub id, as `me/my-tags`; made if it is not there.
        private: whether a repository made now is private.
        revision: branch; made if it is not there.

    Returns:
        Address of the commit.

    Raises:
        ConfigError: offline, or no valid hub id.
        BundleError: damaged, or not fit to be published, naming everything that is wrong.
        SvodkaError: the hub refuses.
    """
    if constants.HF_HUB_OFFLINE:
        raise ConfigError("HF_HUB_OFFLINE is set, so that nothing can be published; unset it")
    problems = list(unfit(load_bundle(target)))
    if problems:
        raise BundleError(f"{target} is not fit to be published:\n" + "\n".join(f"  {line}" for line in problems))
    try:
        return _upload(target, repo, private=private, revision=revision)
    except HFValidationError as error:
        raise ConfigError(f"'{repo}' is no hub id: {error}") from error
    except (HfHubHTTPError, OSError) as error:
        raise SvodkaError(f"the hub did not take {repo}: {error}") from error


def unfit(bundle: Bundle) -> Iterator[str]:
    """Everything that speaks against publishing a bundle."""
    broken = [name for name, tensor in bundle.model.state_dict().items() if not bool(torch.isfinite(tensor).all())]
    if broken:
        yield f"weights that are no finite numbers: {', '.join(broken[:5])}"
    yield from _weak(bundle.metrics.get("test"))
    if not broken:
        yield from _mute(bundle)


def _weak(scores: Mapping[str, Any] | None) -> Iterator[str]:
    """Scores that are missing, or no better than what costs nothing."""
    if not scores:
        yield "no scores on the test split; attach them by `svodka evaluate BUNDLE DATA --attach`"
        return
    for kind, figure, trivial in (("tags", "micro_f1", "frequent tags"), ("summaries", "rouge1", "first ")):
        model = scores.get(f"{kind}, model")
        rivals = {
            key: value[figure]
            for key, value in scores.items()
            if key.startswith(f"{kind}, {trivial}") and isinstance(value.get(figure), float)
        }
        if model is None:
            continue
        if not rivals:
            yield f"{kind} have no baseline beside them; evaluate with baselines"
        for name, score in rivals.items():
            if model[figure] <= score:
                yield f"{kind}: {figure} {model[figure]:.3f} does not beat '{name.split(', ')[1]}' with {score:.3f}"


def _mute(bundle: Bundle) -> Iterator[str]:
    """An answer to an invented article that is none."""
    config = bundle.model.config
    annotator = Annotator(bundle, device="cpu")
    modes = ["abstractive"] * bool(config.writes) + ["extractive"] * bool(config.heads.sentences.weight)
    for mode in modes:
        summary = annotator.with_summary(mode)(PROBE).summary
        text = summary.text if summary else ""
        if not text.strip() or _SENTINEL.search(text):
            yield f"the {mode} summary of a plain article is '{text}'"


def _upload(target: Path, repo: str, *, private: bool, revision: str | None) -> str:
    api = HfApi(library_name="svodka")
    api.create_repo(repo, private=private, exist_ok=True)
    if revision is not None:
        api.create_branch(repo, branch=revision, exist_ok=True)
    commit = api.upload_folder(
        repo_id=repo, folder_path=target, revision=revision, commit_message="A bundle of Svodka", delete_patterns="*"
    )
    return str(commit.commit_url)
