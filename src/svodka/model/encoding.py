"""An article as the model reads it: title and sentences, tokenised, cut into windows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from svodka.article import Article
from svodka.errors import ConfigError
from svodka.letters import as_learned
from svodka.model.windows import Window, cut
from svodka.text import split_sentences

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from svodka.model.news_config import NewsConfig

NO_SENTENCE = -1
# Articles tokenised at a time. What a tokenizer tells of a text takes far more memory than the ids that are kept of it.
_AT_ONCE = 16
_PROBE = "новости"
# Only so much of an article is split into sentences: three times what its tokens hold in any language we know of.
_CHARACTERS_A_TOKEN, _LEAST_CHARACTERS = 16, 20_000
_COUNTED_AT_ONCE = 10_000  # characters of the rest


@dataclass(frozen=True, slots=True)
class Encoding:
    """One article's windows; all lists of a window have the same length.

    Attributes:
        input_ids: token ids of each window, special tokens included.
        sentence_ids: sentence of each token; 0 is the title, NO_SENTENCE a token that the window does not own.
        sentences: title, then the body's sentences; sentence i of the model is `sentences[i]`. Of a body far longer
            than what can be read there are those of its beginning.
        n_read: sentences of which at least one token is read (the title counts always).
        cut: content tokens left out at the end.
    """

    input_ids: list[list[int]]
    sentence_ids: list[list[int]]
    sentences: list[str]
    n_read: int
    cut: int

    @property
    def n_tokens(self) -> int:
        """Tokens the encoder reads for this article, all windows together."""
        return sum(map(len, self.input_ids))

    @property
    def shape(self) -> tuple[int, int]:
        """Windows, and tokens of the longest."""
        return len(self.input_ids), max(map(len, self.input_ids))


class ArticleEncoder:
    """Turns articles into `Encoding`s; training and inference share it."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", tokens: int, *, overlap: int, limit: int) -> None:
        """Prepare an encoder.

        Args:
            tokenizer: any fast or slow tokenizer.
            tokens: tokens of a window, special tokens included.
            overlap: tokens shared by neighbouring windows.
            limit: most windows of one article.

        Raises:
            ConfigError: the window leaves no room beside the special tokens.
        """
        self.tokenizer = tokenizer
        self._prefix, self._suffix = special_tokens(tokenizer)
        self._capacity = tokens - len(self._prefix) - len(self._suffix)
        self._overlap, self._limit = overlap, limit
        if self._capacity <= overlap:
            raise ConfigError(
                f"a window of {tokens} tokens leaves {self._capacity} for text beside the special tokens, which must "
                f"be more than the overlap of {overlap}; raise model.window.tokens"
            )
        self._after_title = separator(tokenizer)

    @classmethod
    def of(cls, tokenizer: "PreTrainedTokenizerBase", config: "NewsConfig") -> "ArticleEncoder":
        """The encoder that a model reads by."""
        window = config.window
        return cls(tokenizer, window.tokens, overlap=window.overlap, limit=window.limit)

    @property
    def readable(self) -> int:
        """Most tokens of title and body that are read of one article."""
        return self._capacity + (self._limit - 1) * (self._capacity - self._overlap)

    @property
    def around(self) -> tuple[list[int], list[int]]:
        """Special token ids before and after the text of a window."""
        return self._prefix, self._suffix

    def encode(self, articles: Sequence[Article]) -> list[Encoding]:
        """Encode cleaned articles; a body without a sentence yields a title-only encoding."""
        blocks = (articles[i : i + _AT_ONCE] for i in range(0, len(articles), _AT_ONCE))
        return [encoding for block in blocks for encoding in self._encode(block)]

    def _encode(self, articles: Sequence[Article]) -> list[Encoding]:
        most = max(_LEAST_CHARACTERS, _CHARACTERS_A_TOKEN * self.readable)
        split = [
            [article.title, *(s.text for s in split_sentences(article.text[:most], article.lang))]
            for article in articles
        ]
        pieces = [sentence for sentences in split for sentence in as_learned(sentences)]
        ids = iter(self._pieces(pieces))
        read = [self._windows(sentences, [next(ids) for _ in sentences]) for sentences in split]
        return [
            replace(one, cut=one.cut + self._n_tokens(article.text[most:])) if len(article.text) > most else one
            for one, article in zip(read, articles, strict=True)
        ]

    def _n_tokens(self, text: str) -> int:
        """Tokens of a text that is not read, a little of it at a time."""
        parts = (text[i : i + _COUNTED_AT_ONCE] for i in range(0, len(text), _COUNTED_AT_ONCE))
        return sum(len(ids) for part in parts for ids in self._pieces([part]))

    def _pieces(self, texts: list[str]) -> list[list[int]]:
        """Token ids of texts, no special tokens with them."""
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        if backend is None:  # a slow tokenizer, or one without transformers
            return self.tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"] if texts else []
        # transformers copies each encoding into lists that nobody here reads, which takes longer than the tokenising.
        # Several threads may be here: it is changed only where it must be.
        if backend.truncation is not None:
            backend.no_truncation()
        if backend.padding is not None:
            backend.no_padding()
        return [encoding.ids for encoding in backend.encode_batch_fast(texts, add_special_tokens=False)]

    def _windows(self, sentences: list[str], ids: list[list[int]]) -> Encoding:
        title = [*ids[0], *self._after_title] if ids[0] else []
        flat = [*title, *(token for sentence in ids[1:] for token in sentence)]
        owners = [0] * len(title) + [i for i, sentence in enumerate(ids[1:], 1) for _ in sentence]
        windows = cut(len(flat), self._capacity, overlap=self._overlap, limit=self._limit)
        return Encoding(
            input_ids=[[*self._prefix, *flat[w.start : w.stop], *self._suffix] for w in windows],
            sentence_ids=[self._owned(owners, window) for window in windows],
            sentences=sentences,
            n_read=1 + max(owners[: windows[-1].stop], default=0),
            cut=len(flat) - windows[-1].stop,
        )

    def _owned(self, owners: list[int], window: Window) -> list[int]:
        before = len(self._prefix) + window.own_start - window.start
        behind = window.stop - window.own_stop + len(self._suffix)
        return [NO_SENTENCE] * before + owners[window.own_start : window.own_stop] + [NO_SENTENCE] * behind


def separator(tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """What stands between title and body: the tokenizer's separator or its end of a text; without these a line break.

    To a decoder-only backbone, whose tokenizer writes no end, it would say that the article is over.
    """
    if tokenizer.sep_token_id is not None:
        return [tokenizer.sep_token_id]
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    if not end or end[0] in special_tokens(tokenizer)[1]:
        return end
    found = list(tokenizer("\n", add_special_tokens=False)["input_ids"])
    return end if not found or getattr(tokenizer, "unk_token_id", None) in found else found


def special_tokens(tokenizer: "PreTrainedTokenizerBase") -> tuple[list[int], list[int]]:
    """The ids a tokenizer puts before and after a text, found by encoding a word both ways."""
    bare = list(tokenizer(_PROBE, add_special_tokens=False)["input_ids"])
    full = list(tokenizer(_PROBE)["input_ids"])
    start = next(i for i in range(len(full) - len(bare) + 1) if full[i : i + len(bare)] == bare)
    return full[:start], full[start + len(bare) :]
