"""What is asked and answered over HTTP, as the OpenAPI document describes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, WrapValidator, model_validator

from svodka.answer_options import AnswerOptions
from svodka.tagsets import TagChoice, read_tag_set

MOST_TAGS = 500  # of a request's own tag set: every name is read by the model
Language = Literal["ru", "kk", "uk", "en"]
_FORMS = ("text", "page", "html", "fetch")
_TEXT = "Мост через Волгу открыли после ремонта. Первым по нему проехал автобус."


class Body(BaseModel):
    """Base of what is asked: what is not known is refused, so that a slip in a name is told."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ArticleIn(BaseModel):
    """One article. Other keys are carried through to the answer."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"id": "17", "text": _TEXT}],
            "oneOf": [{"required": [form], "properties": {form: {"type": "string"}}} for form in _FORMS],
        },
    )

    text: str | None = Field(None, description="the body as plain text")
    page: str | None = Field(None, description="in place of `text`: a whole page as text, with headline and tag line")
    html: str | None = Field(None, description="in place of `text`: a whole page of HTML")
    fetch: str | None = Field(None, description="in place of `text`: address of a page; needs --allow-fetch")
    id: str | int | None = Field(None, description="given back with the answer")
    title: str | None = None
    summary: str | None = Field(None, description="an editor's; carried through, the model never reads it")
    tags: list[str] | None = Field(None, description="an editor's; carried through, the model never reads them")
    date: str | None = None
    url: str | None = None
    source: str | None = None
    lang: str | None = Field(None, description="ISO 639-1")

    @model_validator(mode="after")
    def _one_form(self) -> "ArticleIn":
        given = [name for name in _FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"an article needs exactly one of {', '.join(_FORMS)}; given: {', '.join(given) or 'none'}"
            )
        return self

    def facts(self) -> dict[str, Any]:
        """All but the body."""
        return self.model_dump(exclude_none=True, exclude={*_FORMS, "options"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an article that is none."""

    message: str


def _alone(value: Any, read: Callable[[Any], Any]) -> Any:
    # One article that is none must not take the others of its request with it.
    try:
        return value if isinstance(value, str) else ArticleIn.model_validate(value)
    except ValidationError as error:
        return Fault(told(error.errors()))


def told(faults: Any) -> str:
    """The errors of pydantic in a sentence: where, and what."""
    lines = [".".join(map(str, fault["loc"])) + ": " + fault["msg"].removeprefix("Value error, ") for fault in faults]
    return "; ".join(line.removeprefix(": ") for line in lines)


class OptionsIn(Body):
    """How to answer. What is left out is as the server was started."""

    tags: list[str | dict[str, Any]] | dict[str, Any] | None = Field(
        None,
        description="names to choose from in place of the model's tags; or a tag set as its YAML file has it",
        examples=[["мосты", "транспорт"]],
    )
    top: int | None = Field(None, ge=1, description="at most so many tags, the best")
    min_score: float | None = Field(None, ge=0, le=1, description="give tags from this score on")
    drop_tags: list[str] = Field(default_factory=list, description="tags never to give")
    rename: dict[str, str] = Field(default_factory=dict, description="old name -> new name of a tag")
    summary: Literal["faithful", "written", "abstractive", "extractive", "headline"] | None = None
    words: int | None = Field(None, ge=1, le=1_000, description="most words of a summary or headline")
    characters: int | None = Field(None, ge=20, le=10_000, description="most characters of a summary or headline")
    entities: bool | None = Field(None, description="list people, organisations and places too")
    language: Language | None = Field(None, description="of the topics' names")
    article: bool = Field(False, description="give the article as it was read: title and text")

    @model_validator(mode="after")
    def _few_tags(self) -> "OptionsIn":
        rows = self.tags.get("tags") if isinstance(self.tags, dict) else self.tags
        if isinstance(rows, list) and len(rows) > MOST_TAGS:
            raise ValueError(f"{len(rows)} tags, at most {MOST_TAGS} are read for one request; start with --tags FILE")
        return self

    def wanted(self) -> AnswerOptions:
        """The library's options.

        Raises:
            ConfigError: every error of the tag set.
        """
        return AnswerOptions(
            summary=self.summary,
            words=self.words,
            characters=self.characters,
            entities=bool(self.entities),
            tags=None if self.tags is None else read_tag_set(self.tags),
            choice=TagChoice(self.top, self.min_score, frozenset(self.drop_tags), self.rename),
        )


class One(ArticleIn):
    """One article; the answer is its annotation."""

    options: OptionsIn = Field(default_factory=OptionsIn)


class Many(Body):
    """Several articles, read together; the answer holds one result for each, in their order."""

    articles: list[Annotated[ArticleIn | str, WrapValidator(_alone)]] = Field(
        min_length=1, description="articles, or their texts", examples=[[{"id": "17", "text": _TEXT}, _TEXT]]
    )
    options: OptionsIn = Field(default_factory=OptionsIn)


def _kind(body: Any) -> str:
    return "many" if isinstance(body, Many) or (isinstance(body, dict) and "articles" in body) else "one"


Asked = Annotated[Annotated[One, Tag("one")] | Annotated[Many, Tag("many")], Discriminator(_kind)]


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field(description="a word for programs", examples=["unusable_article"])
    message: str = Field(description="a sentence for people")


class Failed(BaseModel):
    """An answer without a result."""

    error: Problem


class TopicOut(BaseModel):
    """A topic."""

    id: str = Field(examples=["medtop:14000000"])
    name: str
    score: float
    sure: bool = Field(description="at such a score the topic is right nine times in ten")
    evidence: list[str] = Field(description="the sentences that raised it, strongest first")


class TagOut(BaseModel):
    """A tag."""

    name: str
    score: float
    evidence: list[str] = Field(description="the sentences that raised it, strongest first")


class SummaryOut(BaseModel):
    """A summary."""

    text: str
    kind: Literal["extractive", "abstractive", "headline"]
    note: str | None = Field(None, description="why this kind was given when another one was asked for")


class EntityOut(BaseModel):
    """Somebody or something that the article names."""

    name: str
    kind: Literal["person", "organisation", "place"]
    count: int


class ReadOut(BaseModel):
    """An article as it was read."""

    title: str
    text: str


class Result(BaseModel):
    """What the model says of one article, with the keys that were carried through."""

    model_config = ConfigDict(extra="allow")

    id: str
    model: str = Field(description="name of the model that answered, and the beginning of its hash")
    topics: list[TopicOut] | None = None
    tags: list[TagOut]
    summary: SummaryOut | None
    cut: int = Field(description="tokens at the end of the article that were not read")
    entities: list[EntityOut] | None = None
    article: ReadOut | None = None


class FailedArticle(Failed):
    """In a result's place: an article that could not be annotated."""

    id: str | None = None


class Results(BaseModel):
    """One result for each article, in their order."""

    results: list[Result | FailedArticle]


class TagInfo(BaseModel):
    """A tag that the model may give."""

    name: str
    aliases: list[str]


class TopicInfo(BaseModel):
    """A topic that the model may give."""

    id: str
    name: str


class Tags(BaseModel):
    """What the model may give."""

    model: str
    tags: list[TagInfo]
    topics: list[TopicInfo]


class ModelInfo(BaseModel):
    """The model that answers now, and what a request may ask of it."""

    model: str
    fingerprint: str
    bundle: str
    engine: str
    device: str
    version: str = Field(description="of Svodka")
    tags: int
    summaries: list[str] = Field(description="modes of summary that it has")
    own_tags: bool = Field(description="whether it reads tags by their names (`options.tags`)")
    fetch: bool = Field(description="whether pages are fetched by their address")
    limits: dict[str, float]


class Swap(Body):
    """Another bundle in place of the one at hand."""

    bundle: str | None = Field(None, description="folder on the server; null: the same one, read anew")
