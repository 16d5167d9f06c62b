"""Tags that stand in a tree: gold and answers are enlarged by the tags above them, then compared.

Hierarchical precision and recall as of Kiritchenko, Matwin, Nock & Famili 2006, "Learning and Evaluation in the
Presence of Class Hierarchies: Application to Text Categorization": a parent in place of its child is partly right, and
a child has its parents with it. Micro averages; a ratio 0/0 counts 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from svodka.labels import TagVocabulary
from svodka.tagsets import TagSet

Matrix = NDArray[np.float64]
Parents = tuple[int | None, ...]


def parents_of(tags: TagSet | None, labels: TagVocabulary) -> Parents:
    """Position of each tag's parent in the vocabulary that is scored; of one that is not scored, its own parent's.

    Args:
        tags: the set that the tags come from, None where they come from none.
        labels: those of its tags that are scored.

    Returns:
        As many as `labels` has; none at all where no tag stands below another.
    """
    if tags is None:
        return ()
    position = {name: at for at, name in enumerate(tags.names)}
    found = tuple(_scored_above(tags, labels, position[name]) for name in labels.names)
    return found if any(parent is not None for parent in found) else ()


def _scored_above(tags: TagSet, labels: TagVocabulary, position: int) -> int | None:
    above = tags.parents[position]
    while above is not None and tags.names[above] not in labels.index:
        above = tags.parents[above]
    return None if above is None else labels.index[tags.names[above]]


def enlarged(matrix: Matrix, parents: Sequence[int | None]) -> Matrix:
    """Tags of articles [n, l], 0 or 1, with all that stand above them."""
    upward = np.eye(len(parents))
    for tag, above in enumerate(parents):
        at = above
        # What was told before ends a circle, which a damaged report may hold.
        while at is not None and not upward[tag, at]:
            upward[tag, at] = 1.0
            at = parents[at]
    return np.minimum(matrix @ upward, 1.0)
