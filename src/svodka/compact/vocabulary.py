"""Which tokens stay, and the tokenizer that has them alone."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from svodka.compact.tokenizer_file import cut_body, named_tokens, needed_tokens
from svodka.errors import BundleError
from svodka.files import read_json, write_json, write_text
from svodka.model.encoding import separator, special_tokens

# A word of these characters can always be spelled: Latin and its punctuation, combining marks (stress), Cyrillic,
# dashes and quotes, currencies, the number sign.
_SPELLED = ((0x21, 0x24F), (0x300, 0x36F), (0x400, 0x52F), (0x2010, 0x203A), (0x20A0, 0x20CF), (0x2116, 0x2116))
_WORD_STARTS = ("▁", "Ġ")
_OLDER = ("*.model", "vocab.*", "merges.txt", "added_tokens.json")  # files of other forms, with the old ids
_NAMED = ("pad", "unk", "bos", "eos", "cls", "sep", "mask")


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that stay.

    Attributes:
        kept: their old ids, ascending; a token's new id is its place here.
    """

    kept: tuple[int, ...]

    @cached_property
    def moved(self) -> dict[int, int]:
        """Old id -> new id."""
        return {old: new for new, old in enumerate(self.kept)}

    def move(self, token: int) -> int:
        """The new id of a token; an id that is none, such as -100, stays as it is."""
        return self.moved.get(token, token)


def tokenizer_body(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """What `tokenizer.json` holds.

    Raises:
        BundleError: the tokenizer is one of Python's own, without such a file.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise BundleError(
            f"the tokenizer of this bundle, {type(tokenizer).__name__}, has no tokenizer.json, which alone tells "
            "what can go; take a model whose tokenizer is one of the `tokenizers` library"
        )
    body: dict[str, Any] = json.loads(backend.to_str())
    return body


def choose(
    tokenizer: PreTrainedTokenizerBase, used: Collection[int], *, named: Collection[int], rows: int
) -> Vocabulary:
    """The tokens that stay: used ones, what it takes to make them, special and added ones, single characters.

    Args:
        tokenizer: the original one.
        used: ids that articles use.
        named: ids that the model's config names.
        rows: rows of the model's embedding.

    Raises:
        BundleError: a tokenizer that cannot be cut, or one with a token beyond the embedding.
    """
    body = tokenizer_body(tokenizer)
    vocab = tokenizer.get_vocab()
    wanted = {*used, *separator(tokenizer), *named_tokens(body), *tokenizer.all_special_ids, *_spelling(body, vocab)}
    kept = needed_tokens(body, wanted | {token for token in named if token < len(tokenizer)})
    if max(kept) >= rows:
        token = tokenizer.convert_ids_to_tokens(max(kept))
        raise BundleError(f"the token '{token}' has id {max(kept)}, but the model's embedding has {rows} rows")
    return Vocabulary(tuple(sorted(kept)))


def save_cut(tokenizer: PreTrainedTokenizerBase, vocabulary: Vocabulary, folder: Path) -> PreTrainedTokenizerBase:
    """Write a tokenizer with the kept tokens alone, and load it again.

    Raises:
        BundleError: what was loaded has other ids than were written: its class builds its vocabulary by itself.
    """
    tokenizer.save_pretrained(folder)
    body = cut_body(tokenizer_body(tokenizer), vocabulary.moved)
    write_text(folder / "tokenizer.json", json.dumps(body, ensure_ascii=False))
    for path in (path for pattern in _OLDER for path in folder.glob(pattern)):
        path.unlink()
    settings = read_json(folder / "tokenizer_config.json")
    if added := settings.get("added_tokens_decoder"):
        moved = {str(vocabulary.moved[int(i)]): token for i, token in added.items()}
        write_json(folder / "tokenizer_config.json", settings | {"added_tokens_decoder": moved})
    loaded = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    _check(tokenizer, loaded, vocabulary)
    return loaded


def _check(old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase, vocabulary: Vocabulary) -> None:
    expected = {token: vocabulary.moved[i] for token, i in old.get_vocab().items() if i in vocabulary.moved}
    around = [[vocabulary.move(i) for i in ids] for ids in special_tokens(old)]
    names = [f"{name}_token_id" for name in _NAMED]
    same = (
        new.get_vocab() == expected
        and list(map(list, special_tokens(new))) == around
        and all(_moved(getattr(old, name), vocabulary) == getattr(new, name) for name in names)
    )
    if not same:
        raise BundleError(f"{type(old).__name__} does not come back with the tokens it was cut to; it cannot be cut")


def _moved(token: int | None, vocabulary: Vocabulary) -> int | None:
    return None if token is None else vocabulary.move(token)


def _spelling(body: Mapping[str, Any], vocab: Mapping[str, int]) -> set[int]:
    """Ids of single bytes, and of single characters inside and at the start of a word."""
    model = body["model"]
    marks = [model.get("continuing_subword_prefix"), model.get("end_of_word_suffix"), *_WORD_STARTS]
    letters = set(ByteLevel.alphabet()) if '"ByteLevel"' in json.dumps(body["pre_tokenizer"]) else set()
    found = {i for token, i in vocab.items() if _is_byte(token) or _is_spelled(_bare(token, marks))}
    return found | {vocab[letter] for letter in letters if letter in vocab}


def _bare(token: str, marks: Collection[str | None]) -> str:
    for mark in filter(None, marks):
        token = token.removeprefix(mark).removesuffix(mark)
    return token


def _is_spelled(character: str) -> bool:
    return not character or (len(character) == 1 and any(a <= ord(character) <= b for a, b in _SPELLED))


def _is_byte(token: str) -> bool:
    return len(token) == len("<0x00>") and token.startswith("<0x") and token.endswith(">")
