"""`tokenizer.json` with fewer tokens: what each kind of model needs beside the tokens that a text uses.

The pieces of a text that needs no dropped token stay the same:

- WordPiece takes the longest token that fits. Dropping others takes nothing away from it. (A word that it calls
  unknown halfway through may become known: the tokens it tried were no part of the result, and may be dropped.)
- BPE: every merge on the way to a kept token is kept (`Merges.ingredients`), in the same order, so that each step
  finds the same pair first.
- Unigram: the best path is still there, and every other one that is left was there before, but for characters that
  become unknown. An unknown one costs 10 more than the lowest score of all tokens: the token with that score stays.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from svodka.compact.merges import Merges
from svodka.errors import BundleError

Body = Mapping[str, Any]
Moved = Mapping[int, int]
Move = Callable[[int], int]
# What a model needs beside the used ids, and the fields that change when it is cut.
Rules = tuple[Callable[[Body, Collection[int]], set[int]], Callable[[Body, Moved], dict[str, Any]]]


def needed_tokens(body: Body, used: Collection[int]) -> set[int]:
    """The ids that a tokenizer must keep to give `used` tokens, these included.

    Args:
        body: the content of `tokenizer.json`.
        used: ids that texts use.

    Raises:
        BundleError: a model of a type that is not known to be safe to cut.
    """
    return set(used) | _kind(body)[0](body["model"], used)


def cut_body(body: Body, moved: Moved) -> dict[str, Any]:
    """`tokenizer.json` with the tokens of `moved` alone.

    Args:
        body: the content of `tokenizer.json`.
        moved: old id -> new id, in the same order.
    """
    padding = body.get("padding")
    return {
        **body,
        "model": {**body["model"], **_kind(body)[1](body["model"], moved)},
        "added_tokens": [token | {"id": moved[token["id"]]} for token in body["added_tokens"]],
        "post_processor": with_ids(body.get("post_processor"), moved.__getitem__),
        "padding": padding and padding | {"pad_id": moved[padding["pad_id"]]},
    }


def named_tokens(body: Body) -> set[int]:
    """Ids that a tokenizer names outside its model: added tokens, those around a text, padding."""
    found = {int(token["id"]) for token in body["added_tokens"]}
    if body.get("padding"):
        found.add(int(body["padding"]["pad_id"]))

    def seen(token: int) -> int:
        found.add(token)
        return token

    with_ids(body.get("post_processor"), seen)
    return found


def with_ids(processor: Any, move: Move) -> Any:
    """A post-processor of `tokenizer.json` with other ids."""
    if not processor:
        return processor
    kind = processor["type"]
    if kind == "Sequence":
        return processor | {"processors": [with_ids(part, move) for part in processor["processors"]]}
    if kind == "TemplateProcessing":
        tokens = {k: t | {"ids": [move(i) for i in t["ids"]]} for k, t in processor["special_tokens"].items()}
        return processor | {"special_tokens": tokens}
    if kind in ("BertProcessing", "RobertaProcessing"):
        return processor | {name: [processor[name][0], move(processor[name][1])] for name in ("sep", "cls")}
    return processor


def _needed_of_words(model: Body, used: Collection[int]) -> set[int]:
    unknown = model["vocab"].get(model.get("unk_token"))
    return set() if unknown is None else {unknown}


def _needed_of_bpe(model: Body, used: Collection[int]) -> set[int]:
    merges, vocab = Merges(model), model["vocab"]
    wanted = set(used)
    found = _needed_of_words(model, used)
    for token, i in vocab.items():
        if i in wanted:
            found |= {vocab[piece] for piece in merges.ingredients(token) if piece in vocab}
    return found


def _needed_of_unigram(model: Body, used: Collection[int]) -> set[int]:
    vocab, unknown = model["vocab"], model.get("unk_id")
    lowest = min(range(len(vocab)), key=lambda i: vocab[i][1])
    return {lowest} if unknown is None else {lowest, int(unknown)}


def _cut_words(model: Body, moved: Moved) -> dict[str, Any]:
    return {"vocab": {token: moved[i] for token, i in model["vocab"].items() if i in moved}}


def _cut_bpe(model: Body, moved: Moved) -> dict[str, Any]:
    cut, merges = _cut_words(model, moved), Merges(model)
    kept = cut["vocab"]
    pairs = [
        [left, right]
        for left, right in model["merges"]
        if left in kept and right in kept and merges.product(left, right) in kept
    ]
    return cut | {"merges": pairs}


def _cut_unigram(model: Body, moved: Moved) -> dict[str, Any]:
    unknown = model.get("unk_id")
    vocab = [entry for i, entry in enumerate(model["vocab"]) if i in moved]
    return {"vocab": vocab, "unk_id": None if unknown is None else moved[unknown]}


_KINDS: dict[str, Rules] = {
    "WordPiece": (_needed_of_words, _cut_words),
    "WordLevel": (_needed_of_words, _cut_words),
    "BPE": (_needed_of_bpe, _cut_bpe),
    "Unigram": (_needed_of_unigram, _cut_unigram),
}


def _kind(body: Body) -> Rules:
    name = body["model"].get("type")
    if name not in _KINDS:
        raise BundleError(f"the tokenizer's model is '{name}', which cannot be cut; known are {', '.join(_KINDS)}")
    return _KINDS[name]
