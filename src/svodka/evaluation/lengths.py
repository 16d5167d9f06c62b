"""How long articles are for the model, and how much of one it can read."""

from collections.abc import Sequence

from svodka.article import Article
from svodka.bundle import Bundle
from svodka.bundle.reference import owned_pieces
from svodka.model.encoding import ArticleEncoder

_AT_ONCE = 256


def content_tokens(bundle: Bundle, articles: Sequence[Article]) -> list[int]:
    """Tokens of title and body of each article, those beyond the last window included."""
    encoder = ArticleEncoder.of(bundle.tokenizer, bundle.model.config)
    blocks = (articles[at : at + _AT_ONCE] for at in range(0, len(articles), _AT_ONCE))
    return [len(owned_pieces(e.input_ids, e.sentence_ids)) + e.cut for block in blocks for e in encoder.encode(block)]


def readable_tokens(bundle: Bundle) -> int:
    """Most tokens of title and body that the model reads of one article."""
    return ArticleEncoder.of(bundle.tokenizer, bundle.model.config).readable
