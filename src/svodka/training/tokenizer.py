"""A tokenizer for the model: that of the pretrained backbone, one from a folder, or one trained on the data."""

from collections.abc import Iterable
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from svodka.config.training import BackboneConfig, ModelSection, TokenizerConfig
from svodka.errors import ConfigError
from svodka.model.backbones import backbone_config
from svodka.model.languages import set_language

_PAD, _UNKNOWN, _START, _END, _MASK = SPECIAL_TOKENS = ("<pad>", "<unk>", "<s>", "</s>", "<mask>")

# Known whether or not the training texts have them, so that no name of these languages is lost to <unk>:
# Russian, Ukrainian, Belarusian, Kazakh, Kyrgyz, Tatar, Latin.
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәғқңөұүһҗ"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ALPHABET = _CYRILLIC + _CYRILLIC.upper() + _LATIN + _LATIN.upper() + "0123456789" + "▁.,:;!?…«»„“”\"'()[]/%№$€—–-+&@#*"

# Embeddings have some rows to spare, for a round number or for pieces that were never named; not three in four of them.
_LEAST_SHARE = 0.25
_LOOKED_AT = 200  # articles
_MOST_UNKNOWN = 0.5  # share of tokens


def load_tokenizer(settings: ModelSection) -> PreTrainedTokenizerBase | None:
    """The tokenizer that the config names, or None where one is to be trained.

    Raises:
        ConfigError: it cannot be read, cannot pad, or has lost its vocabulary.
    """
    source = settings.tokenizer.path or settings.backbone.pretrained
    if source is None:
        return None
    revision = settings.backbone.revision if settings.tokenizer.path is None else None
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, trust_remote_code=False)
    except Exception as error:  # its files are read by several libraries, each with errors of its own
        raise ConfigError(f"cannot load a tokenizer from '{source}': {type(error).__name__}: {error}") from error
    if tokenizer.pad_token_id is None:
        raise ConfigError(
            f"the tokenizer of '{source}' has no padding token, which batches need; name one as `pad_token` in its "
            "tokenizer_config.json, or take another by model.tokenizer.path=…"
        )
    if settings.tokenizer.path is None:
        _check_whole(tokenizer, settings.backbone)
    set_language(tokenizer, settings.backbone.language)
    return tokenizer


def _check_whole(tokenizer: PreTrainedTokenizerBase, settings: BackboneConfig) -> None:
    """Raise a ConfigError for a tokenizer far smaller than its backbone's embedding: it has lost its vocabulary."""
    rows = int(getattr(backbone_config(settings, tokenizer).get_text_config(encoder=True), "vocab_size", 0))
    if len(tokenizer) < rows * _LEAST_SHARE:
        raise ConfigError(
            f"the tokenizer of '{settings.pretrained}' has {len(tokenizer):,} pieces, but its embedding {rows:,} rows: "
            "its vocabulary file is missing; get the folder anew, or name a tokenizer by model.tokenizer.path=…"
        )


def check_known(tokenizer: PreTrainedTokenizerBase, rows: Any) -> None:
    """Look whether a tokenizer knows the language of its texts.

    Args:
        tokenizer: of the run.
        rows: encoded articles, of which the first are looked at.

    Raises:
        ConfigError: most of their tokens are unknown to it.
    """
    few = rows.select(range(min(len(rows), _LOOKED_AT)))["input_ids"]
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    tokens = [token for windows in few for window in windows for token in window if token not in special]
    unknown = sum(token == tokenizer.unk_token_id for token in tokens)
    if unknown > _MOST_UNKNOWN * len(tokens):
        raise ConfigError(
            f"the tokenizer knows {1 - unknown / len(tokens):.0%} of the tokens of the first {len(few)} articles; its "
            "vocabulary file is missing, or it was made for another language: name another by model.tokenizer.path=…"
        )


def train_tokenizer(texts: Iterable[str], settings: TokenizerConfig, *, start_token: bool) -> PreTrainedTokenizerFast:
    """Train a tokenizer by byte-pair encoding (Sennrich et al. 2016).

    The same texts give the same tokenizer, which the `tokenizers` library's Unigram and WordPiece trainers do not.

    Args:
        texts: cleaned texts.
        settings: the size.
        start_token: put `<s>` before a text as BERT does; T5 has only the `</s>` behind it.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=_UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=True)]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=settings.size,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=list(_ALPHABET),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    start = f"{_START} " if start_token else ""
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start}$A {_END}",
        pair=f"{start}$A {_END} $B {_END}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (_START, _END)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=_PAD, unk_token=_UNKNOWN, bos_token=_START, eos_token=_END, mask_token=_MASK,
        cls_token=_START, sep_token=_END, clean_up_tokenization_spaces=False,
    )  # fmt: skip
