"""What an engine returns for one article, as plain arrays."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EngineResult:
    """One article's numbers; l tags, k topics, s sentences with the title as sentence 0.

    Attributes:
        tag_logits: [l], empty without a tag head.
        evidence: [l, s] share of each sentence in each logit, empty without a tag head.
        sentence_logits: [s], empty without a sentence head.
        written: the decoder's text, None if it did not write.
        topic_logits: [k], empty without topics.
        topic_evidence: [k, s] share of each sentence in each of them.
        others: further texts of the decoder, best first.
    """

    tag_logits: Floats
    evidence: Floats
    sentence_logits: Floats
    written: str | None
    topic_logits: Floats = field(default_factory=lambda: np.zeros(0))
    topic_evidence: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    others: tuple[str, ...] = ()
