"""What a report keeps of the summaries: each measure of each article."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from svodka.errors import DataError
from svodka.evaluation.bootstrap import Floats


@dataclass(frozen=True)
class SummaryRecord:
    """Measures by system, the model first.

    Attributes:
        places: [m] places of the summarised articles among those of the report.
        signature: how ROUGE reads text.
        chrf_signature: sacrebleu's.
        abstractive: how many of the model's summaries are.
        baselines: names of the systems that a model should beat.
        rows: system -> measure -> [m]; the editor's own summaries have no ROUGE.
    """

    places: tuple[int, ...]
    signature: str
    chrf_signature: str
    abstractive: int
    baselines: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Floats]]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        plain = {name: {k: [float(x) for x in v] for k, v in rows.items()} for name, rows in self.rows.items()}
        return {
            "places": list(self.places),
            "signature": self.signature,
            "chrf_signature": self.chrf_signature,
            "abstractive": self.abstractive,
            "baselines": list(self.baselines),
            "rows": plain,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "SummaryRecord":
        """Read what `to_dict` gave.

        Raises:
            DataError: damaged.
        """
        try:
            return cls(
                places=tuple(body["places"]),
                signature=body["signature"],
                chrf_signature=body["chrf_signature"],
                abstractive=int(body["abstractive"]),
                baselines=tuple(body["baselines"]),
                rows={
                    name: {k: np.array(v, dtype=np.float64) for k, v in rows.items()}
                    for name, rows in body["rows"].items()
                },
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"the report's record of the summaries is damaged ({error!r}); evaluate anew") from error
