"""A BERT encoder with its tokenizer: decoded from a packed file or loaded from the hub, cut, written as a folder."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from recipe.packed import Packed, Pieces
from svodka.compact.vocabulary import Vocabulary, choose, save_cut
from svodka.errors import ConfigError

WORDS, POSITIONS = "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"
_LAYER = "encoder.layer."
# Name in a layer of the packed file -> name in a layer of transformers' BertModel.
_LINEAR = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
_CONTROLS = r"[\u0000-\u0008\u000b\u000e-\u001f\u007f]"


@dataclass(frozen=True)
class Encoder:
    """A BERT encoder.

    Attributes:
        config: its config; state: its weights by their names, without a pooler.
        tokenizer: the whole one, which `vocabulary` is a part of.
        vocabulary: the tokens that stay; None for all.
    """

    config: BertConfig
    state: dict[str, Tensor]
    tokenizer: PreTrainedTokenizerBase
    vocabulary: Vocabulary | None = None

    def with_layers(self, count: int) -> "Encoder":
        """The same with its lowest layers alone.

        Raises:
            ConfigError: it has fewer.
        """
        _check("layers", count, self.config.num_hidden_layers)
        kept = {name: tensor for name, tensor in self.state.items() if _layer(name) < count}
        return replace(self, config=_changed(self.config, num_hidden_layers=count), state=kept)

    def with_positions(self, count: int) -> "Encoder":
        """The same with its first positions alone: windows may have so many tokens.

        Raises:
            ConfigError: it has fewer.
        """
        _check("positions", count, self.config.max_position_embeddings)
        state = self.state | {POSITIONS: self.state[POSITIONS][:count]}
        return replace(self, config=_changed(self.config, max_position_embeddings=count), state=state)

    def with_tokens(self, used: Collection[int]) -> "Encoder":
        """The same with used tokens alone, and those that it takes to make them and to spell what they do not cover."""
        rows = self.config.vocab_size
        kept = choose(self.tokenizer, used, named=[self.config.pad_token_id], rows=rows)
        state = self.state | {WORDS: self.state[WORDS][list(kept.kept)]}
        config = _changed(self.config, vocab_size=len(kept.kept), pad_token_id=kept.move(self.config.pad_token_id))
        return replace(self, config=config, state=state, vocabulary=kept)

    def save(self, folder: Path) -> None:
        """Write it as transformers reads it."""
        model = BertModel(self.config, add_pooling_layer=False)
        model.load_state_dict(self.state)
        model.save_pretrained(folder)
        (folder / "model.safetensors").chmod(0o644)  # it is there to be shared
        self.tokenizer.model_max_length = self.config.max_position_embeddings
        if self.vocabulary is None:
            self.tokenizer.save_pretrained(folder)
        else:
            save_cut(self.tokenizer, self.vocabulary, folder)


def from_hub(source: str, *, revision: str | None) -> Encoder:
    """An encoder from the hub, or from a folder.

    Raises:
        ConfigError: no BERT.
        OSError: it cannot be had.
    """
    model = BertModel.from_pretrained(source, revision=revision, add_pooling_layer=False, dtype=torch.float32)
    if model.config.model_type != "bert":
        raise ConfigError(f"{source} is of type '{model.config.model_type}', but only 'bert' can be cut here")
    return Encoder(model.config, model.state_dict(), AutoTokenizer.from_pretrained(source, revision=revision))


def from_packed(packed: Packed) -> Encoder:
    """An encoder from the file of a package."""
    shape = packed.shape
    config = BertConfig(
        vocab_size=shape.rows, hidden_size=shape.width, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, intermediate_size=shape.inner, max_position_embeddings=shape.positions,
        type_vocab_size=shape.types, layer_norm_eps=shape.epsilon, pad_token_id=packed.pieces.pad,
    )  # fmt: skip
    return Encoder(config, dict(_state(packed)), unigram(packed.pieces))


def unigram(pieces: Pieces) -> PreTrainedTokenizerFast:
    """A tokenizer of XLM-R's form, `<s> text </s>`, that normalises by NFKC and drops control characters."""
    made = Tokenizer(models.Unigram(list(zip(pieces.texts, pieces.scores, strict=True)), unk_id=pieces.unk))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(_CONTROLS), ""),
            normalizers.Replace(Regex(r"\s"), " "),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    bos, eos, pad, unk = (pieces.texts[i] for i in (pieces.bos, pieces.eos, pieces.pad, pieces.unk))
    made.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, pieces.bos), (eos, pieces.eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token=bos, cls_token=bos, eos_token=eos, sep_token=eos, pad_token=pad,
        unk_token=unk, mask_token="<mask>",
    )  # fmt: skip


def _state(packed: Packed) -> Iterator[tuple[str, Tensor]]:
    """Weights by transformers' names."""
    shape, width = packed.shape, packed.shape.width

    def tensor(name: str, *sizes: int) -> Tensor:
        return torch.from_numpy(packed.tensors[name].reshape(sizes).copy())

    yield WORDS, tensor("emb.word", shape.rows, width)
    yield POSITIONS, tensor("emb.pos", shape.positions, width)
    yield "embeddings.token_type_embeddings.weight", tensor("emb.type", shape.types, width)
    for short, long in {"w": "weight", "b": "bias"}.items():
        yield f"embeddings.LayerNorm.{long}", tensor(f"emb.ln.{short}", width)
    for i in range(shape.layers):
        for ours, theirs in _LINEAR.items():
            rows, columns = shape.inner if ours == "fi" else width, shape.inner if ours == "fo" else width
            yield f"{_LAYER}{i}.{theirs}.weight", tensor(f"l{i}.{ours}.w", rows, columns)
            yield f"{_LAYER}{i}.{theirs}.bias", tensor(f"l{i}.{ours}.b", rows)
        for ours, theirs in _NORMS.items():
            for short, long in {"w": "weight", "b": "bias"}.items():
                yield f"{_LAYER}{i}.{theirs}.{long}", tensor(f"l{i}.{ours}.{short}", width)


def _layer(name: str) -> int:
    """The layer of a weight, -1 for one below all layers."""
    return int(name.removeprefix(_LAYER).partition(".")[0]) if name.startswith(_LAYER) else -1


def _changed(config: BertConfig, **fields: int) -> BertConfig:
    changed: BertConfig = BertConfig.from_dict(config.to_dict() | fields)
    return changed


def _check(what: str, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise ConfigError(f"--{what} {count}: the model has {most}; allowed is 1 to {most}")
