"""A model and a tokenizer that only read, loaded without transformers: the way to the first answer.

Both give the same bits as `NewsModel` and transformers' tokenizer. They can neither be trained nor saved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.overrides import TorchFunctionMode

from svodka.config.network import WindowConfig
from svodka.heads.settings import Heads
from svodka.model.bert import BertEncoder, BertShape
from svodka.model.modernbert import ModernBertEncoder, ModernBertShape
from svodka.model.reading import ArticleReader

_PLAIN_CLASSES = ("TokenizersBackend", "PreTrainedTokenizerFast")
# Settings of transformers' tokenizers that do not change what a text is cut into.
_HARMLESS = {
    "backend", "clean_up_tokenization_spaces", "is_local", "local_files_only", "model_input_names",
    "model_max_length", "padding_side", "tokenizer_class", "truncation_side",
}  # fmt: skip
_NAMED = {"bos_token", "cls_token", "eos_token", "mask_token", "pad_token", "sep_token", "unk_token"}


# What an encoder can be built from, and the encoder.
_ENCODERS: tuple[tuple[Any, Any], ...] = ((BertShape, BertEncoder), (ModernBertShape, ModernBertEncoder))


@dataclass(frozen=True)
class LightConfig:
    """A `NewsConfig` to read with; the backbone's is the plain JSON."""

    backbone: Mapping[str, Any]
    heads: Heads
    window: WindowConfig

    @property
    def n_labels(self) -> int:
        """As in `Heads`."""
        return self.heads.n_labels

    @property
    def writes(self) -> bool:
        """As in `Heads`."""
        return self.heads.writes


class LightModel(ArticleReader):
    """An encoder with the heads of `NewsModel`, by the same names of weights, which are to be loaded."""

    def __init__(self, config: LightConfig, encoder: ModernBertEncoder | BertEncoder) -> None:
        super().__init__()
        self.config = config
        self.backbone = encoder
        self.add_heads(encoder.shape.hidden_size, encoder.shape.vocab_size)

    @property
    def family(self) -> str:
        """As in `ArticleReader`."""
        return str(self.config.backbone["model_type"])

    @property
    def embedding_rows(self) -> int:
        """As in `ArticleReader`."""
        return int(self.backbone.shape.vocab_size)

    @property
    def token_embedding(self) -> Tensor:
        """As in `ArticleWriter`."""
        # Both encoders make it before any other.
        return next(part.weight for part in self.backbone.modules() if isinstance(part, torch.nn.Embedding))

    @property
    def position_limit(self) -> int | None:
        """As in `ArticleReader`."""
        shape = self.backbone.shape
        return shape.max_position_embeddings if isinstance(shape, BertShape) else None

    def token_states(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """The encoder's token states [n, t, d] of windows [n, t]."""
        states: Tensor = self.backbone(input_ids, attention_mask)
        return states


class LightTokenizer:
    """The part of a fast tokenizer that reading and writing need."""

    def __init__(self, tokenizer: Tokenizer, named: dict[str, str]) -> None:
        """Wrap a tokenizer; `named` are its special tokens by transformers' names, such as `pad_token`."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        ids = {name: tokenizer.token_to_id(token) for name, token in named.items()}
        self.pad_token_id, self.sep_token_id, self.eos_token_id = (
            ids.get(name) for name in ("pad_token", "sep_token", "eos_token")
        )

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def __call__(
        self, text: str | Sequence[str], *, add_special_tokens: bool = True, verbose: bool = True
    ) -> dict[str, list[Any]]:
        """Token ids of a text, or of each of several, as `input_ids`; `verbose` is there for transformers' sake."""
        if isinstance(text, str):
            return {"input_ids": self._tokenizer.encode(text, add_special_tokens=add_special_tokens).ids}
        found = self._tokenizer.encode_batch_fast(list(text), add_special_tokens=add_special_tokens)
        return {"input_ids": [encoding.ids for encoding in found]}

    def get_vocab(self) -> dict[str, int]:
        """Id of each piece."""
        return dict(self._tokenizer.get_vocab())

    def batch_decode(self, ids: Sequence[Sequence[int]], *, skip_special_tokens: bool = False) -> list[str]:
        """The text of each list of token ids."""
        return list(self._tokenizer.decode_batch([list(one) for one in ids], skip_special_tokens=skip_special_tokens))


_DRAWING = {torch.nn.init.kaiming_uniform_, torch.nn.init.normal_, torch.nn.init.uniform_}


class _Unfilled(TorchFunctionMode):
    """Draws no random weights: those of a file take their place at once. (On the device `meta`, torch would
    import its compiler to draw none.)"""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if func in (torch.Tensor.normal_, torch.Tensor.uniform_):
            return args[0]
        # These draw behind the mode's back, as it is off while it is asked.
        return given["tensor"] if func in _DRAWING else func(*args, **given)


def light_model(fields: Mapping[str, Any]) -> LightModel | None:
    """The model of a `config.json` with room for its weights; None where it takes transformers to build it.

    Raises:
        ValueError: a head's settings are none.
    """
    backbone = fields.get("backbone") or {}
    heads, window = Heads.model_validate(fields.get("heads")), WindowConfig.model_validate(fields.get("window"))
    if heads.backbone_writes:
        return None
    shapes = ((shape.of(backbone), encoder) for shape, encoder in _ENCODERS)
    found = next(((shape, encoder) for shape, encoder in shapes if shape is not None), None)
    if found is None:
        return None
    with _Unfilled():
        return LightModel(LightConfig(backbone, heads, window), found[1](found[0]))


def light_tokenizer(folder: Path) -> LightTokenizer | None:
    """The tokenizer of a folder; None where it takes transformers to know how it cuts a text.

    Raises:
        OSError, ValueError: a file cannot be read.
    """
    if {path.name for path in folder.iterdir()} != {"tokenizer.json", "tokenizer_config.json"}:
        return None
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    if settings.get("tokenizer_class") not in _PLAIN_CLASSES or not set(settings) <= _HARMLESS | _NAMED:
        return None
    named = {name: token for name, token in settings.items() if name in _NAMED and token is not None}
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises nothing narrower
        raise ValueError(f"{folder / 'tokenizer.json'}: {error}") from error
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}
    # transformers would make the others special, and cut texts that hold them in another way.
    known = all(isinstance(token, str) and token in special for token in named.values())
    return LightTokenizer(tokenizer, named) if known else None
