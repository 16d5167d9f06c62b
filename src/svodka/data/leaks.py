"""The last look before data are written: no near-duplicate on two sides, no target left in the input."""

from collections.abc import Sequence

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.targets import holds_lead, holds_tag_line

_SHOWN = 5


def check_leaks(articles: Sequence[Article], splits: Sequence[str], pairs: Sequence[tuple[int, int]]) -> None:
    """Refuse a division that would flatter a model.

    Args:
        articles: what is to be written.
        splits: the split of each.
        pairs: positions of near-duplicates, from `near_duplicates`.

    Raises:
        DataError: near-duplicates in different splits, or a body that still holds its summary or its tags.
    """
    shared = [(a, b) for a, b in pairs if splits[a] != splits[b]]
    if shared:
        names = [f"{articles[a].id} ({splits[a]}) and {articles[b].id} ({splits[b]})" for a, b in shared]
        raise DataError(f"{len(shared)} near-duplicate pair(s) lie in different splits: {_shown(names)}")
    told = [a.id for a in articles if holds_lead(a.text, a.summary) or holds_tag_line(a.text, a.tags)]
    if told:
        raise DataError(f"{len(told)} article(s) still hold their summary or tags in the text: {_shown(told)}")


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return "; ".join(names[:_SHOWN]) + more
