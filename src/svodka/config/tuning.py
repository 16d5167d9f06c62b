"""Settings of `svodka tune`: which fields of a training config are searched, and how."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from svodka.config.base import Section


class FieldRange(Section):
    """Where one field is searched: from `low` to `high`, or among `choices`."""

    low: float | None = Field(None, description="least value; a field of whole numbers takes whole ones")
    high: float | None = Field(None, description="greatest value")
    log: bool = Field(False, description="search on a logarithmic scale, as for learning rates")
    step: float | None = Field(None, gt=0, description="distance of the values that are tried; 1: whole numbers")
    choices: list[int | float | bool | str] | None = Field(
        None, min_length=1, description="the values, in place of a range"
    )

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "FieldRange":
        if (self.choices is None) == (self.low is None and self.high is None):
            raise ValueError("give either `low` and `high`, or `choices`")
        if self.choices is None and (self.low is None or self.high is None or self.low > self.high):
            raise ValueError("`low` and `high` must both be given, `low` the smaller")
        if self.choices is not None and (self.log or self.step):
            raise ValueError("`log` and `step` belong to a range, not to `choices`")
        if self.log and (self.step or not self.low or self.low <= 0):
            raise ValueError("`log` needs a `low` above 0 and no `step`")
        return self


class TuneConfig(Section):
    """The whole of a tuning YAML."""

    run: Path = Field(description="training YAML that is varied; relative to this file")
    overrides: list[str] = Field([], description="fields of that config to set first, as data.source.path=my.jsonl")
    output: Path = Field(description="folder of the search; relative to the working directory")
    fields: dict[str, FieldRange] = Field(min_length=1, description="dotted path of a field -> where it is searched")
    trials: int = Field(20, ge=1, description="trials in all, those of earlier starts included")
    metric: Literal["loss", "tag_average_precision"] = Field(
        "tag_average_precision", description="figure on the validation split; the best of a trial's validations counts"
    )
    prune: bool = Field(
        True, description="stop a trial whose figure is below the median of the others at the same step"
    )
    seed: int = Field(13, description="reaches the choice of values, not the runs, which have their own")
