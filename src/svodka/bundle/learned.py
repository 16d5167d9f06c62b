"""What a bundle was taught by corrections: rows of its tags that lie beside its weights, and where they come from.

Nothing else of a bundle is touched, so that it can be taken back bit for bit. l: tags, m: tags of a step, d: width of a
token state, h: width of the lexical branch's networks.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import safetensors.torch
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from svodka.bundle.calibration import Calibration
from svodka.bundle.files import BundlePaths, check_bundle, file_table
from svodka.bundle.manifest import explain
from svodka.bundle.named import calibrated, retagged
from svodka.bundle.record import Bundle
from svodka.errors import BundleError, ConfigError, DataError
from svodka.files import read_json, write_json, written_beside
from svodka.labels import TagVocabulary
from svodka.text import normalise_tag

LEARNED_FORMAT = 1
_STORY = "learned.json"


class LearnedTag(BaseModel):
    """A tag that was corrected: what it was before, and how many articles said what."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str
    was: Literal["trained", "learned", "new"]
    positive: int = Field(ge=0)
    negative: int = Field(ge=0)
    spellings: list[str] = []  # which count as evidence where they stand in an article


class StepStory(BaseModel):
    """Where the rows of a step come from, as `learned.json` tells it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    date: str
    corrections: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    tags: list[LearnedTag] = Field(min_length=1)


class _Story(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: int
    steps: list[StepStory] = Field(min_length=1)


@dataclass(frozen=True)
class LearnedStep:
    """One lesson: the rows of its tags in the order of `story.tags`.

    Attributes:
        story: where they come from.
        rows: `vectors`, `query`, `readout` [m, d], `bias`, `slope`, `intercept`, `threshold` [m]; with a lexical branch
            that has networks `output` [m, h] too.
    """

    story: StepStory
    rows: Mapping[str, Tensor]


def with_learned(bundle: Bundle, step: LearnedStep) -> Bundle:
    """The bundle after a lesson; the one that was given stays as it is, and shares with it what is not of the tags.

    Raises:
        BundleError: rows of another model.
    """
    _check_rows(bundle, step)
    old, names = bundle.labels, [tag.name for tag in step.story.tags]
    new = [name for name in names if name not in old.index]
    known: list[int | None] = [*range(len(old)), *[None] * len(new)]
    labels = _labels(old, step.story.tags, new)
    at = torch.tensor([labels.index[name] for name in names])
    head: Any = bundle.model.tag_head
    vectors = head.names.vectors
    grown = torch.cat([vectors[: len(old)], vectors.new_zeros(len(new), vectors.shape[1])])
    model = retagged(bundle.model, grown, known)
    _write(model, at, step.rows)
    spellings = dict(zip(old.names, bundle.spellings or [()] * len(old), strict=True))
    spellings |= {tag.name: tuple(tag.spellings) for tag in step.story.tags}
    # Not when: a set whose examples are learned again is the same model to a run that goes on.
    story = step.story.model_dump_json(exclude={"date"})
    told = hashlib.sha256(f"{bundle.fingerprint}\n{story}".encode()).hexdigest()
    return replace(
        bundle,
        model=model,
        labels=labels,
        calibration=_calibration(bundle, known, at.tolist(), step.rows),
        spellings=tuple(spellings[name] for name in labels.names) if any(spellings.values()) else (),
        fingerprint=told if bundle.fingerprint else "",
        learned=(*bundle.learned, step),
    )


def _labels(old: TagVocabulary, tags: Sequence[LearnedTag], new: Sequence[str]) -> TagVocabulary:
    aliases = {
        plain: tag.name for tag in tags for plain in map(normalise_tag, tag.spellings)
        if tag.name in new and plain not in old.index and plain != tag.name
    }  # fmt: skip
    return replace(old, names=(*old.names, *new), aliases={**aliases, **old.aliases})


@torch.no_grad()
def _write(model: Any, at: Tensor, rows: Mapping[str, Tensor]) -> None:
    head = model.tag_head
    at = at.to(head.bias.device)
    head.names.vectors[at] = rows["vectors"].to(head.names.vectors)
    for part, name in ((head.query.weight, "query"), (head.readout.weight, "readout"), (head.bias, "bias")):
        part[at] = rows[name].to(part)
    if "output" in rows:
        part = model.lexical.output.weight
        part[at] = rows["output"].to(part)


def _calibration(
    bundle: Bundle, known: Sequence[int | None], at: Sequence[int], rows: Mapping[str, Tensor]
) -> Calibration:
    found = calibrated(bundle, known)
    for name in ("slope", "intercept", "threshold"):
        getattr(found, name)[list(at)] = rows[name].numpy()
    return replace(found, nearly=bundle.calibration.nearly)


def row_shapes(bundle: Bundle, m: int) -> dict[str, list[int]]:
    """Shapes of the rows of a lesson of `m` tags for a bundle."""
    d = bundle.model.tag_head.readout.weight.shape[1]
    shapes = {name: [m, d] for name in ("vectors", "query", "readout")}
    shapes |= {name: [m] for name in ("bias", "slope", "intercept", "threshold")}
    tags = bundle.model.config.heads.tags
    if tags.lexical and tags.lexical_rank:
        shapes["output"] = [m, bundle.model.lexical.output.weight.shape[1]]
    return shapes


def _check_rows(bundle: Bundle, step: LearnedStep) -> None:
    if getattr(bundle.model.tag_head, "names", None) is None:
        raise BundleError("this model does not read tags by their names, and so cannot have learned rows")
    found = {name: list(rows.shape) for name, rows in step.rows.items()}
    expected = row_shapes(bundle, len(step.story.tags))
    if found != expected:
        raise BundleError(f"learned rows are {found}, but this model's are {expected}; get the bundle anew")
    broken = [name for name, rows in step.rows.items() if not rows.isfinite().all()]
    if broken:
        raise BundleError(f"learned rows '{broken[0]}' are not finite throughout; get the bundle anew")


def read_learned(paths: BundlePaths) -> list[LearnedStep]:
    """The lessons of a saved bundle in their order; none where it has no folder of them.

    Raises:
        BundleError: unreadable, of another format, or not the files that are told of.
    """
    if not paths.learned.exists():
        return []
    where = paths.learned / _STORY
    try:
        body = read_json(where)
        if body.get("format") != LEARNED_FORMAT:
            raise BundleError(f"{where}: format {body.get('format')}, but this version reads {LEARNED_FORMAT}")
        steps = _Story.model_validate(body).steps
        return [LearnedStep(step, safetensors.torch.load_file(_rows_of(paths, i))) for i, step in enumerate(steps, 1)]
    except DataError as error:
        raise BundleError(str(error)) from error
    except ValidationError as error:
        raise BundleError(f"{where}: {explain(error)}; get the bundle anew") from error
    except (OSError, ValueError, safetensors.SafetensorError) as error:
        raise BundleError(f"{paths.learned}: cannot read what was learned: {error}; get the bundle anew") from error


def save_learned(source: Path, target: Path, steps: Sequence[LearnedStep]) -> None:
    """Write a saved bundle with these lessons in place of its own, whole or not at all; `target` may be `source`.

    Args:
        source: folder of a bundle.
        target: folder to write; what is there is replaced.
        steps: all lessons of the new bundle; those that `source` has already stay byte for byte.

    Raises:
        BundleError: `source` is damaged.
    """
    manifest = check_bundle(source)
    with written_beside(target) as folder:
        # A folder that cannot be renamed is filled inside, and then holds the new one.
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=lambda _, names: {folder.name} & {*names})
        _write_steps(BundlePaths(folder), steps)
        write_json(BundlePaths(folder).manifest, manifest | {"files": file_table(folder)})


def _write_steps(paths: BundlePaths, steps: Sequence[LearnedStep]) -> None:
    kept = {_rows_of(paths, i).name for i in range(1, len(steps) + 1)}
    for path in paths.learned.glob("*.safetensors"):
        if path.name not in kept:
            path.unlink()
    if not steps:
        shutil.rmtree(paths.learned, ignore_errors=True)
        return
    paths.learned.mkdir(exist_ok=True)
    for i, step in enumerate(steps, 1):
        if not _rows_of(paths, i).exists():
            _rows_of(paths, i).write_bytes(safetensors.torch.save({k: v.contiguous() for k, v in step.rows.items()}))
    story = {"format": LEARNED_FORMAT, "steps": [step.story.model_dump(mode="json") for step in steps]}
    write_json(paths.learned / _STORY, story)


def _rows_of(paths: BundlePaths, number: int) -> Path:
    return paths.learned / f"{number:03d}.safetensors"


def taken_back(source: Path, target: Path) -> StepStory:
    """Write a bundle without its last lesson; all other files are those that it had before, byte for byte.

    Returns:
        What was taken back.

    Raises:
        BundleError: `source` is damaged.
        ConfigError: it has learned nothing.
    """
    check_bundle(source)
    steps = read_learned(BundlePaths(source))
    if not steps:
        raise ConfigError(f"{source} has learned nothing from corrections; there is nothing to take back")
    save_learned(source, target, steps[:-1])
    return steps[-1].story


def story_hash(rows: Sequence[Mapping[str, Any]]) -> str:
    """sha256 of corrections, by which a lesson tells what it came from."""
    told = json.dumps(list(rows), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
