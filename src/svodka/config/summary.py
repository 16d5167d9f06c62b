"""Settings of the summary at inference; they travel inside the bundle."""

from typing import Literal

from pydantic import Field

from svodka.config.base import Section

SummaryMode = Literal["faithful", "abstractive", "extractive"]


class SummaryConfig(Section):
    """How a summary is made."""

    mode: SummaryMode = Field(
        "faithful",
        description="faithful: the decoder's unless it names what the article does not, else extracted sentences",
    )
    sentences: int = Field(3, ge=1, description="sentences of an extractive summary")
    max_words: int = Field(90, ge=5, description="words of an extractive summary; the first sentence always stands")
    block_trigrams: bool = Field(True, description="skip a sentence that repeats a word trigram (Paulus et al. 2018)")
    max_new_tokens: int = Field(96, ge=1, description="tokens the decoder may write")
    beams: int = Field(4, ge=1, description="beams of the decoder; 1 is greedy")
    length_penalty: float = Field(1.0, description="beam search length penalty")
    no_repeat_ngram: int = Field(3, ge=0, description="n-gram size the decoder may not repeat; 0 allows all")
