"""Prepared data on disk: one Arrow data set a split, the tags, and a manifest that says where all came from."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from svodka.article import Article
from svodka.data.splits import SPLITS
from svodka.errors import ConfigError, DataError
from svodka.files import check_folder, read_json, sha256, write_json, written_beside
from svodka.labels import TagVocabulary
from svodka.text import TEXT_VERSION

# 2: with topics.
MANIFEST_FORMAT = 2
TEXT_COLUMNS = ("id", "title", "text", "summary", "date", "url", "source", "lang")
_MANIFEST = "manifest.json"
_SHOWN = 5
# Files of prepared data: of the folder itself or of a split's.
_LISTED = re.compile(r"(?:(?:train|validation|test)/)?\w[\w.-]*")
# What `datasets` and a killed run leave among prepared data.
_LEFT = re.compile(r"(^|/)(cache-[^/]*\.arrow|\.[^/]*\.[0-9a-f]{8}\.(new|old)/.*)$")
# Topics of an article and topics that it is known to have or not; a source or a topic map puts them into `extra`.
TOPIC_COLUMNS = ("topics", "topics_known")


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` says.

    Attributes:
        hash: sha256 of the articles of every split and of the tags: the name of these data.
        text_version: version of the cleaning that made them.
        config: the data config, resolved.
        sources: name, public origin, licence and rows read of each source.
        read: rows read.
        kept: articles in the splits.
        dropped: reason -> rows left out for it.
        mended: what was put right in rows that were kept -> rows.
        near_duplicates: articles that share most of their text with an earlier one.
        splits: split -> articles.
        tags: size of the tag vocabulary.
        topics: id of a topic -> articles that have it.
        languages: language -> articles.
        unresolved: words of pages' lines of tags that are no tag -> pages; the most frequent ones.
        files: path in the folder -> sha256.
        dropped_details: for each reason of `dropped` the commonest details, with count and one place each.
        rare_tags: of the training tags that are not learnt `tags`, `share_of_uses` and `commonest`, tag -> uses.
        made_of: field of the config -> sha256 of what it names; empty for data of an older version.
    """

    hash: str
    config: Mapping[str, Any]
    sources: Sequence[Mapping[str, Any]]
    read: int
    kept: int
    dropped: Mapping[str, int]
    mended: Mapping[str, int]
    near_duplicates: int
    splits: Mapping[str, int]
    tags: int
    topics: Mapping[str, int]
    languages: Mapping[str, int]
    unresolved: Mapping[str, int]
    files: Mapping[str, str] = field(default_factory=dict)
    dropped_details: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    made_of: Mapping[str, str] = field(default_factory=dict)
    rare_tags: Mapping[str, Any] = field(default_factory=dict)
    text_version: int = TEXT_VERSION
    format: int = MANIFEST_FORMAT

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


@dataclass(frozen=True)
class PreparedData:
    """A folder made by `svodka prepare`, checked."""

    folder: Path
    manifest: Manifest
    labels: TagVocabulary

    @classmethod
    def open(cls, folder: Path) -> "PreparedData":
        """Open and check a folder.

        Raises:
            DataError: no such folder, another format or text version, or a file that is gone or changed.
        """
        path = folder / _MANIFEST
        if not path.exists():
            raise DataError(f"{folder} holds no prepared data (no manifest.json); make it by `svodka prepare CONFIG`")
        manifest = _manifest(read_json(path), folder)
        for name, digest in manifest.files.items():
            if not (folder / name).is_file():
                raise DataError(f"{folder / name} is gone; prepare the data anew by `svodka prepare`")
            if sha256(folder / name) != digest:
                raise DataError(f"{folder / name} has changed since it was prepared; run `svodka prepare` anew")
        return cls(folder, manifest, TagVocabulary.load(folder / "labels.json"))

    @property
    def hash(self) -> str:
        """Name of the data: sha256 of their content."""
        return self.manifest.hash

    @property
    def config(self) -> Mapping[str, Any]:
        """The data config that made them."""
        return self.manifest.config

    @property
    def origins(self) -> list[str]:
        """Where the articles come from, one line a source, licence included."""
        return [f"{s['name']}: {s['origin']} (licence: {s['licence']})" for s in self.manifest.sources]

    @property
    def languages(self) -> list[str]:
        """Languages (ISO 639-1), the most frequent first."""
        return [lang for lang in self.manifest.languages if lang]

    def dataset(self, split: str) -> Any:
        """A split as `datasets.Dataset` with the columns `TEXT_COLUMNS`, `tags` (list), `group` (int) and
        `TOPIC_COLUMNS` (lists of ids, as `medtop:15000000`).

        Raises:
            DataError: no such split.
        """
        if split not in SPLITS:
            raise DataError(f"no split '{split}'; allowed: {', '.join(SPLITS)}")
        return self._datasets[split]

    def articles(self, split: str) -> list[Article]:
        """A split as articles, in order."""
        return [_article(row) for row in self.dataset(split)]

    @cached_property
    def _datasets(self) -> dict[str, Any]:
        from datasets import Dataset

        # `datasets` saves an empty data set, but does not load it.
        empty = [split for split in SPLITS if not self.manifest.splits[split]]
        return {
            split: _dataset([]) if split in empty else Dataset.load_from_disk(str(self.folder / split))
            for split in SPLITS
        }


def check_replaceable(folder: Path, read: Iterable[Path]) -> None:
    """Look whether a prepared folder may be written, before any work is done for it.

    Args:
        folder: where to; only an empty folder or prepared data, with nothing else among them, are ever replaced.
        read: what the data are made of.

    Raises:
        ConfigError: something else lies there, or something that is read, or it cannot be written.
    """
    real = check_folder(folder)
    inside = next((path for path in read if path.resolve().is_relative_to(real)), None)
    if inside is not None:
        raise ConfigError(f"output: {folder} would be replaced, but holds {inside}, which is read; name another folder")
    strange = list(islice(_strange(real), _SHOWN + 1)) if real.is_dir() else []
    if strange:
        raise ConfigError(
            f"output: {folder} would be replaced, but holds what is no prepared data: {', '.join(strange[:_SHOWN])}"
            f"{', …' if strange[_SHOWN:] else ''}; name another folder, or remove these"
        )


def _strange(folder: Path) -> Iterator[str]:
    own = _own_files(folder)
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and name not in own and not _LEFT.search(name):
            yield name


def _own_files(folder: Path) -> set[str]:
    """The files of the prepared data in a folder, as its manifest lists them; none where there is no manifest."""
    try:
        body = read_json(folder / _MANIFEST)
        return {_MANIFEST, *body["files"]} if {"text_version", "splits"} <= body.keys() else set()
    except (DataError, KeyError, TypeError):
        return set()


def save(
    folder: Path, splits: Mapping[str, Sequence[tuple[Article, int]]], labels: TagVocabulary, facts: Mapping[str, Any]
) -> Manifest:
    """Write a prepared folder, whole or not at all.

    Args:
        folder: where to; prepared data that lie there are replaced.
        splits: split -> articles with their near-duplicate groups.
        labels: the tags.
        facts: the manifest's fields that do not follow from the articles.
    """
    with written_beside(folder) as fresh:
        labels.save(fresh / "labels.json")
        for split in SPLITS:
            _write_split(splits[split], fresh / split)
        files = {
            path.relative_to(fresh).as_posix(): sha256(path) for path in sorted(fresh.rglob("*")) if path.is_file()
        }
        counts = {split: len(splits[split]) for split in SPLITS}
        manifest = Manifest(
            hash=_hash(splits, labels), splits=counts, kept=sum(counts.values()), tags=len(labels),
            topics=_topic_counts(splits), files=files, **facts,
        )  # fmt: skip
        write_json(fresh / _MANIFEST, manifest.to_dict())
    return manifest


def _write_split(rows: Sequence[tuple[Article, int]], folder: Path) -> None:
    from datasets.utils.logging import disable_progress_bar, enable_progress_bar

    disable_progress_bar()
    try:
        _dataset(rows).save_to_disk(str(folder))
    finally:
        enable_progress_bar()


def _dataset(rows: Sequence[tuple[Article, int]]) -> Any:
    from datasets import Dataset, Features, List, Value

    kinds = {name: Value("string") for name in TEXT_COLUMNS}
    lists = {name: List(Value("string")) for name in ("tags", *TOPIC_COLUMNS)}
    features = Features(kinds | lists | {"group": Value("int64")})
    columns: dict[str, list[Any]] = {name: [getattr(article, name) for article, _ in rows] for name in TEXT_COLUMNS}
    columns |= {"tags": [list(article.tags) for article, _ in rows], "group": [group for _, group in rows]}
    columns |= {name: [_topics(article, name) for article, _ in rows] for name in TOPIC_COLUMNS}
    return Dataset.from_dict(columns, features=features)


def _topics(article: Article, column: str) -> list[str]:
    return sorted(article.extra.get(column, ()))


def _topic_counts(splits: Mapping[str, Sequence[tuple[Article, int]]]) -> dict[str, int]:
    found = Counter(topic for rows in splits.values() for article, _ in rows for topic in _topics(article, "topics"))
    return dict(sorted(found.items()))


def _article(row: Mapping[str, Any]) -> Article:
    return Article(**{name: row[name] for name in TEXT_COLUMNS}, tags=tuple(row["tags"]))


def _hash(splits: Mapping[str, Sequence[tuple[Article, int]]], labels: TagVocabulary) -> str:
    digest = hashlib.sha256(_line([list(labels.names), dict(labels.aliases)]))
    for split in SPLITS:
        digest.update(_line(split))
        for article, _ in splits[split]:
            topics = [_topics(article, name) for name in TOPIC_COLUMNS]
            digest.update(_line([*(getattr(article, name) for name in TEXT_COLUMNS), list(article.tags), *topics]))
    return digest.hexdigest()


def _line(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def _manifest(body: Mapping[str, Any], folder: Path) -> Manifest:
    found = (body.get("format"), body.get("text_version"))
    if found != (MANIFEST_FORMAT, TEXT_VERSION):
        raise DataError(
            f"{folder} was prepared in format {found[0]} with text version {found[1]}, but this version of Svodka "
            f"reads format {MANIFEST_FORMAT} with text version {TEXT_VERSION}; run `svodka prepare` anew"
        )
    try:
        manifest = TypeAdapter(Manifest).validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _damaged(folder, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    outside = next((name for name in manifest.files if not _LISTED.fullmatch(name)), None)
    if outside is not None:
        raise _damaged(folder, f"it lists '{outside}'")
    if set(manifest.splits) != set(SPLITS):
        raise _damaged(folder, f"its splits are {', '.join(manifest.splits)}, not {', '.join(SPLITS)}")
    return manifest


def _damaged(folder: Path, why: str) -> DataError:
    return DataError(f"{folder / _MANIFEST} is damaged ({why}); run `svodka prepare` anew")


def languages_of(articles: Iterable[Article]) -> dict[str, int]:
    """Language -> articles, the most frequent first."""
    return dict(Counter(article.lang for article in articles).most_common())
