"""A sentence made to fit a budget by deletion."""

from collections.abc import Callable, Iterator

from svodka.summaries.budget import Budget
from svodka.summaries.clauses import shorter_forms

_MOST_DELETIONS = 4
_MOST_FORMS = 200
_MOST_CHARACTERS = 3000  # four deletions make no summary of more; to look for them takes the square of the length

Forms = Callable[[str], Iterator[str]]


def fitted(sentence: str, budget: Budget, forms: Forms = shorter_forms) -> str:
    """The sentence itself if it fits, else its longest form that does by the fewest deletions; "" if none does.

    Args:
        sentence: a whole sentence.
        budget: what it must fit into.
        forms: gives all forms of a sentence that are shorter by one deletion.
    """
    waiting = [sentence] if len(sentence) <= _MOST_CHARACTERS else []
    for _ in range(_MOST_DELETIONS + 1):
        good = [text for text in waiting if budget.holds(text)]
        if good:
            return max(good, key=len)
        # A set would lose the order, and with it the choice among forms of equal length.
        waiting = list(dict.fromkeys(shorter for text in waiting for shorter in forms(text)))[:_MOST_FORMS]
    return ""
