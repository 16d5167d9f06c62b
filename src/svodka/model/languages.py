"""What a tokenizer of many languages must be told, and how a decoder of its family begins and ends a summary."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from transformers import PretrainedConfig, PreTrainedTokenizerBase

from svodka.errors import ConfigError
from svodka.heads.writer import KINDS

_PROBE = "новости"
_PROMPTS = {"summary": "\n\nКоротко:\n", "headline": "\n\nЗаголовок:\n"}
# NLLB (FLORES-200) names a language by ISO 639-3 and script; the languages of our corpora and their neighbours.
_FLORES = {
    "be": "bel_Cyrl", "bg": "bul_Cyrl", "cs": "ces_Latn", "de": "deu_Latn", "en": "eng_Latn", "es": "spa_Latn",
    "fr": "fra_Latn", "hy": "hye_Armn", "ka": "kat_Geor", "kk": "kaz_Cyrl", "ky": "kir_Cyrl", "pl": "pol_Latn",
    "ru": "rus_Cyrl", "sl": "slv_Latn", "tg": "tgk_Cyrl", "tt": "tat_Cyrl", "uk": "ukr_Cyrl", "uz": "uzn_Latn",
}  # fmt: skip


@dataclass(frozen=True)
class SummaryFormat:
    """How a family writes a text with its decoder.

    Attributes:
        prefix, suffix: token ids around a target text; the suffix ends with the token that ends generation, or, for
            mBART-25, with the language that its decoder starts from.
        start: token from which the decoder starts.
        first: token that generation must write first (a language, or BART's `<s>`), None where there is none.
        end: token that ends a summary.
        prompts: what a decoder-only backbone is given before a text of each of `KINDS`; others have none.
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    start: int
    first: int | None
    end: int
    prompts: tuple[tuple[int, ...], ...] = ()

    def encode(self, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], limit: int) -> list[list[int]]:
        """Token ids of target texts, cut to `limit` tokens with the special ones kept."""
        if not texts:
            return []
        room = limit - len(self.prefix) - len(self.suffix)
        found = tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return [[*self.prefix, *ids[:room], *self.suffix] for ids in found]


def set_language(tokenizer: PreTrainedTokenizerBase, language: str) -> None:
    """Make a tokenizer with language codes read and write `language`; others are left as they are.

    Args:
        tokenizer: of mBART, mBART-50, NLLB, M2M100, or without codes.
        language: ISO 639-1 as `ru`, or the tokenizer's own code as `ru_RU` or `rus_Cyrl`.

    Raises:
        ConfigError: the tokenizer has codes, but none for that language.
    """
    if not hasattr(tokenizer, "src_lang"):
        return
    known = _codes(tokenizer)
    wanted = [language, _FLORES.get(language), *(code for code in known if code.split("_")[0] == language)]
    code = next((code for code in wanted if code in known), None)
    if code is None:
        raise ConfigError(f"model.backbone.language: this tokenizer has no '{language}'; it has {', '.join(known)}")
    tokenizer.src_lang = tokenizer.tgt_lang = code
    # What `save_pretrained` writes, so that a saved tokenizer comes back with this language.
    tokenizer.init_kwargs |= {"src_lang": code, "tgt_lang": code}


def summary_format(tokenizer: PreTrainedTokenizerBase, backbone: PretrainedConfig) -> SummaryFormat:
    """What stands around a summary for this tokenizer and decoder.

    What the tokenizer puts before a target text is what generation is made to begin with. A start token that the
    model puts there itself (Gemma's `<bos>`) is not written twice, and an end that the tokenizer leaves out (Gemma
    again) is added: a decoder that never sees an end learns none.

    Raises:
        ConfigError: neither tokenizer nor model has a token to start or end with.
    """
    prefix, suffix = _around(tokenizer)
    end = _end(tokenizer, backbone)
    start = _start(tokenizer, backbone)
    if prefix[:1] == (start,):
        prefix = prefix[1:]
    if end not in suffix:
        suffix = (*suffix, end)
    if suffix[-1] != end:
        # mBART-25 moves a target's last token, its language, to the front: its decoder starts from there.
        start = suffix[-1]
    return SummaryFormat(prefix, suffix, start, prefix[0] if prefix else None, end)


def own_format(tokenizer: PreTrainedTokenizerBase, backbone: PretrainedConfig) -> SummaryFormat:
    """What stands around a summary for a decoder of our own: the end alone. Errors as of `summary_format`."""
    found = summary_format(tokenizer, backbone)
    return replace(found, prefix=(), suffix=(found.end,), first=None)


def continued_format(tokenizer: PreTrainedTokenizerBase, backbone: PretrainedConfig) -> SummaryFormat:
    """What stands around a summary for a decoder-only backbone: prompt and end. Errors as of `summary_format`."""
    found = tokenizer([_PROMPTS[kind] for kind in KINDS], add_special_tokens=False, verbose=False)["input_ids"]
    return replace(own_format(tokenizer, backbone), prompts=tuple(map(tuple, found)))


def _codes(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    if hasattr(tokenizer, "lang_code_to_token"):  # M2M100, whose token of `ru` is `__ru__`
        return sorted(tokenizer.lang_code_to_token)
    return sorted(str(token) for token in tokenizer.all_special_tokens if "_" in str(token))


def _around(tokenizer: PreTrainedTokenizerBase) -> tuple[tuple[int, ...], tuple[int, ...]]:
    bare = list(tokenizer(_PROBE, add_special_tokens=False)["input_ids"])
    full = list(tokenizer(text_target=_PROBE)["input_ids"])
    at = next(i for i in range(len(full) - len(bare) + 1) if full[i : i + len(bare)] == bare)
    return tuple(full[:at]), tuple(full[at + len(bare) :])


def _start(tokenizer: PreTrainedTokenizerBase, backbone: PretrainedConfig) -> int:
    decoder = getattr(backbone, "decoder", None)
    candidates: list[Any] = [
        getattr(backbone, "decoder_start_token_id", None),
        getattr(decoder, "bos_token_id", None),
        tokenizer.eos_token_id if backbone.model_type == "mbart" else None,
        tokenizer.pad_token_id,
    ]
    return _first_id(candidates, "start a summary with")


def _end(tokenizer: PreTrainedTokenizerBase, backbone: PretrainedConfig) -> int:
    configured = getattr(backbone, "eos_token_id", None)
    candidates = [tokenizer.eos_token_id, *(configured if isinstance(configured, list) else [configured])]
    return _first_id([*candidates, tokenizer.sep_token_id], "end a summary with")


def _first_id(candidates: Sequence[Any], purpose: str) -> int:
    found = next((int(token) for token in candidates if token is not None), None)
    if found is None:
        raise ConfigError(f"model.backbone: neither the tokenizer nor the model has a token to {purpose}")
    return found
