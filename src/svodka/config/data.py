"""Settings of `svodka prepare`: where articles come from and how they become a data set."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from svodka.config.base import Section

SourceKind = Literal[
    "jsonl", "csv", "parquet", "pages", "hub",
    "rt", "ng", "lenta_headlines", "telegram", "tg_silver", "wikinews", "reuters", "kyrgyz", "sib200", "slavic",
    "fontanka", "ria", "kommersant", "tengri", "tg2019", "noise",
]  # fmt: skip
TABLES = ("jsonl", "csv", "parquet")
ARTICLE_FIELDS = ("text", "id", "title", "summary", "tags", "date", "url", "source", "lang")


class SourceConfig(Section):
    """One place that articles come from."""

    kind: SourceKind = Field(
        description="which reader: a table, a folder of pages, a hub data set, or a corpus by name"
    )
    path: Path | None = Field(None, description="file or folder to read; relative to the working directory")
    fields: dict[str, str] = Field({}, description="tables and hub: article field -> column, where the names differ")
    separator: str | None = Field(None, description="tables and hub: splits a `tags` column that is one string")
    dataset: str | None = Field(None, description="hub: data set id, as `IlyaGusev/gazeta`")
    revision: str | None = Field(None, description="hub: commit or tag, so that the data cannot change unseen")
    subset: str | None = Field(None, description="hub: configuration name, as `russian`")
    files: str | None = Field(
        None, description="hub: data files in place of a loading script; {dataset}, {revision}, {split} are filled in"
    )
    splits: list[str] = Field(["train"], description="hub: splits to read; Svodka makes its own split of the whole")
    languages: list[str] | None = Field(None, description="keep only these languages (ISO 639-1); all when null")
    licence: str = Field("not stated", description="licence of the texts, kept in the manifest")
    limit: int | None = Field(None, ge=1, description="read only the first rows")
    count: int = Field(1000, ge=1, description="noise: texts to make")
    seed: int = Field(13, description="noise: seed of the texts")

    @model_validator(mode="after")
    def _whole(self) -> "SourceConfig":
        if self.kind == "hub" and not (self.dataset and self.revision):
            raise ValueError("a hub source needs `dataset` and `revision`")
        if self.kind not in ("hub", "noise") and self.path is None:
            raise ValueError(f"a source of kind '{self.kind}' needs `path`")
        unknown = sorted(set(self.fields) - set(ARTICLE_FIELDS))
        if unknown:
            raise ValueError(f"`fields` maps article fields; unknown: {unknown}, allowed: {list(ARTICLE_FIELDS)}")
        return self


class TagConfig(Section):
    """How tags are normalised and which are kept."""

    min_count: int = Field(1, ge=1, description="uses in the training split that a tag must have")
    max_tags: int | None = Field(None, ge=1, description="keep only the most frequent")
    aliases: Path | None = Field(None, description="YAML file, `tag: [other spelling, ...]`")
    drop: list[str] = Field([], description="tags to leave out, such as site navigation")
    house: list[str] = Field([], description="tags of an outlet's own use: learned, but never shown to a reader")
    dated: dict[str, tuple[int | None, int | None]] = Field(
        {},
        description="`tag: [first year, last year]` of tags that no article of another year is given; null: no bound",
    )


class FilterConfig(Section):
    """What an article must have to be used; each refusal is counted under its reason."""

    min_words: int = Field(20, ge=1, description="shortest body")
    max_words: int = Field(20_000, ge=1, description="longest body")
    require_tags: bool = Field(False, description="drop articles without a tag in the vocabulary")
    require_summary: bool = Field(False, description="drop articles without an editor's summary")


class DuplicateConfig(Section):
    """Near-duplicates: MinHash over word shingles (Broder 1997)."""

    threshold: float = Field(
        0.6, gt=0, le=1, description="estimated Jaccard similarity that makes two bodies one group"
    )
    permutations: int = Field(128, ge=16, description="hash functions of a signature")
    shingle: int = Field(3, ge=1, description="words in a shingle")
    keep: Literal["all", "first"] = Field("all", description="keep all of a group in one split, or its first alone")


class SplitConfig(Section):
    """How articles are divided. Near-duplicates never fall on two sides."""

    by: Literal["group", "date"] = Field("group", description="at random by group, or the latest for the test")
    validation: float = Field(0.1, ge=0, description="share below 1, or a number of articles")
    test: float = Field(0.1, ge=0, description="share below 1, or a number of articles")
    seed: int = Field(13, description="seed of the random split")

    @field_validator("validation", "test")
    @classmethod
    def _share_or_count(cls, value: float) -> float:
        if value > 1 and value != int(value):
            raise ValueError("must be a share below 1 or a whole number of articles")
        return value


class DataConfig(Section):
    """The whole of a data YAML."""

    source: SourceConfig | list[SourceConfig] = Field(description="one source, or a list that is read in order")
    output: Path = Field(description="folder to write; relative to the working directory")
    tags: TagConfig = TagConfig()
    topics: Path | None = Field(None, description="YAML map of the labels to topics; relative to the working directory")
    filter: FilterConfig = FilterConfig()
    duplicates: DuplicateConfig = DuplicateConfig()
    split: SplitConfig = SplitConfig()

    @property
    def sources(self) -> list[SourceConfig]:
        """The sources as a list."""
        return self.source if isinstance(self.source, list) else [self.source]
