"""Settings of the summary at inference; they travel inside the bundle."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from svodka.config.base import Section
from svodka.errors import ConfigError

SummaryMode = Literal["faithful", "written", "abstractive", "extractive", "headline"]

_OLD_DEFAULT = 90
_FEWEST_SENTENCES, _WORDS_A_SENTENCE = 3, 12


class SummaryConfig(Section):
    """How a summary is made."""

    mode: SummaryMode = Field(
        "faithful",
        description="faithful: the decoder's unless it names what the article does not, else extracted sentences; "
        "written: the same, refused where there is no decoder; abstractive: the decoder's as it is; headline: the "
        "title, or one by the decoder, or a sentence, shortened",
    )
    words: int = Field(40, ge=1, description="most words of a summary")
    characters: int | None = Field(None, ge=20, description="most characters of a summary or headline; null: any")
    headline_words: int = Field(12, ge=1, description="most words of a headline")
    sentences: int | None = Field(
        None,
        ge=1,
        description="most sentences of an extractive summary; null: as many as its words give room for, one to twelve "
        "words and at least three",
    )
    block_trigrams: bool = Field(True, description="skip a sentence that repeats a word trigram (Paulus et al. 2018)")
    max_new_tokens: int = Field(96, ge=1, description="tokens the decoder may write")
    beams: int = Field(4, ge=1, description="beams of the decoder; 1 is greedy")
    length_penalty: float = Field(1.0, description="beam search length penalty")
    no_repeat_ngram: int = Field(3, ge=0, description="n-gram size the decoder may not repeat; 0 allows all")

    @property
    def most_sentences(self) -> int:
        """`sentences`, or what stands for it."""
        return self.sentences or max(_FEWEST_SENTENCES, self.words // _WORDS_A_SENTENCE)

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, values: Any) -> Any:
        """`max_words` of bundles made before `words`: its default of 90 was nobody's choice, another number was."""
        if not isinstance(values, Mapping) or "max_words" not in values:
            return values
        most = values["max_words"]
        kept = {name: value for name, value in values.items() if name != "max_words"}
        return kept if most == _OLD_DEFAULT else {"words": most} | kept

    def changed(self, *, mode: str, words: int | None, characters: int | None) -> "SummaryConfig":
        """These settings with another mode and, unless None, another length; `words` are a headline's in its mode.

        Raises:
            ConfigError: an unknown mode, or a length below what is allowed.
        """
        given = {"headline_words" if mode == "headline" else "words": words, "characters": characters}
        values = (
            self.model_dump() | {"mode": mode} | {name: value for name, value in given.items() if value is not None}
        )
        try:
            return SummaryConfig.model_validate(values)
        except ValidationError as error:
            lines = (
                f"summary.{fault['loc'][0]}: {fault['input']!r}: {fault['msg'].lower()}" for fault in error.errors()
            )
            raise ConfigError("; ".join(lines)) from error
