"""What a recipe declares about itself, for `svodka plan` and for its readers; training does not look at it."""

from typing import Any

from pydantic import Field

from svodka.config.base import Section


class ReportedScore(Section):
    """A score from the literature that a run of the recipe is to be held against."""

    system: str = Field(description="what was scored")
    scores: dict[str, float] = Field(description="metric -> value as published, ROUGE in percent")
    signature: str = Field(description="how it was computed; scores of other signatures are not comparable")
    source: str = Field(description="where it is published")


class DeclaredSizes(Section):
    """Sizes of the data for a plan made before they are prepared; lengths are taken as log-normal."""

    articles: int = Field(ge=1, description="articles of the training split")
    words: float = Field(gt=0, description="mean words of an article, title included")
    spread: float = Field(0.5, ge=0, description="standard deviation of ln(words)")
    summary_words: float = Field(0.0, ge=0, description="mean words of a summary")
    pieces_per_word: float = Field(1.7, gt=0, description="tokens that the backbone's tokenizer makes of a word")
    tags: int = Field(0, ge=0, description="size of the tag vocabulary")


class PlanSection(Section):
    """Stand-ins for what only the network has, and what the recipe is meant for."""

    hardware: str = Field("", description="what the recipe is planned for")
    shape: dict[str, Any] = Field(
        {}, description="the backbone's config fields, `model_type` among them, in place of the hub's config.json"
    )
    sizes: DeclaredSizes | None = Field(None, description="sizes of the data, where no prepared folder is at hand")
    reported: list[ReportedScore] = Field([], description="scores of the literature")
