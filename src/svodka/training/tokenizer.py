"""A tokenizer for the model: that of the pretrained backbone, one from a folder, or one trained on the data."""

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from svodka.config.training import ModelSection, TokenizerConfig
from svodka.errors import ConfigError
from svodka.model.languages import set_language

_PAD, _UNKNOWN, _START, _END, _MASK = SPECIAL_TOKENS = ("<pad>", "<unk>", "<s>", "</s>", "<mask>")

# Known whether or not the training texts have them, so that no name of these languages is lost to <unk>:
# Russian, Ukrainian, Belarusian, Kazakh, Kyrgyz, Tatar, Latin.
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәғқңөұүһҗ"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ALPHABET = _CYRILLIC + _CYRILLIC.upper() + _LATIN + _LATIN.upper() + "0123456789" + "▁.,:;!?…«»„“”\"'()[]/%№$€—–-+&@#*"


def load_tokenizer(settings: ModelSection) -> PreTrainedTokenizerBase | None:
    """The tokenizer that the config names, or None where one is to be trained.

    Raises:
        ConfigError: it cannot be read.
    """
    source = settings.tokenizer.path or settings.backbone.pretrained
    if source is None:
        return None
    revision = settings.backbone.revision if settings.tokenizer.path is None else None
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot load a tokenizer from '{source}': {error}") from error
    set_language(tokenizer, settings.backbone.language)
    return tokenizer


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
