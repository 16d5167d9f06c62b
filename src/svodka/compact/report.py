"""What a smaller vocabulary costs on articles that were not counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from svodka.article import Article
from svodka.compact.corpus import read_tokens
from svodka.compact.vocabulary import Vocabulary
from svodka.errors import BundleError

_COUNTED = ("tokens", "fell_back", "more_tokens", "unknown_before", "unknown_after", "unchanged")
_DROPPED = -1
_SHOWN = 20


@dataclass(frozen=True)
class Fallback:
    """Title and text of held-out articles, by the original tokenizer and by the new one.

    Attributes:
        articles: how many.
        tokens: their tokens by the original.
        fell_back: of these the dropped ones, which are now spelled by others.
        share: `fell_back` over `tokens`.
        more_tokens: tokens by the new tokenizer less those by the original.
        unknown_before, unknown_after: unknown tokens.
        unchanged: articles with the very same tokens.
    """

    articles: int = 0
    tokens: int = 0
    fell_back: int = 0
    share: float = 0.0
    more_tokens: int = 0
    unknown_before: int = 0
    unknown_after: int = 0
    unchanged: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def measure(
    old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase, vocabulary: Vocabulary, articles: Iterable[Article]
) -> Fallback:
    """Encode articles both ways and count.

    Raises:
        BundleError: a text that needs no dropped token, and has no unknown one, has other tokens now.
    """
    articles = list(articles)
    counts = Counter(dict.fromkeys(_COUNTED, 0))
    pairs = zip(read_tokens(old, articles), read_tokens(new, articles), strict=True)
    for article, (before, after) in zip(articles, pairs, strict=True):
        moved = [[vocabulary.moved.get(token, _DROPPED) for token in ids] for ids in before]
        for ids, wanted, found in zip(before, moved, after, strict=True):
            loss = {
                "tokens": len(ids),
                "fell_back": wanted.count(_DROPPED),
                "more_tokens": len(found) - len(ids),
                "unknown_before": ids.count(old.unk_token_id),
                "unknown_after": found.count(new.unk_token_id),
            }
            if not loss["fell_back"] and not loss["unknown_before"] and found != wanted:
                raise BundleError(
                    f"the cut tokenizer reads {old.convert_ids_to_tokens(ids)[:_SHOWN]} of article '{article.id}' as "
                    f"{new.convert_ids_to_tokens(found)[:_SHOWN]}: this tokenizer cannot be cut"
                )
            counts.update(loss)
        counts["unchanged"] += after == moved
    return Fallback(articles=len(articles), share=counts["fell_back"] / max(1, counts["tokens"]), **counts)
