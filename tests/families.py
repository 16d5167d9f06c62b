"""Small random models in the hub's own file formats, one a family: config, weights and tokenizer files."""

import io
import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BartTokenizer,
    GemmaTokenizer,
    NllbTokenizer,
    PreTrainedTokenizerFast,
    Qwen2Tokenizer,
)

PIECES = 360
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
T5 = {"d_model": 32, "d_kv": 16, "num_heads": 2, "num_layers": 2, "num_decoder_layers": 2, "d_ff": 48}
BART = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48,
}  # fmt: skip


@lru_cache
def _trained(texts: tuple[str, ...], ids: tuple[tuple[str, Any], ...]) -> bytes:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=written, vocab_size=PIECES, hard_vocab_limit=False,
        num_threads=1, minloglevel=2, **dict(ids),
    )  # fmt: skip
    return written.getvalue()


def sentencepiece_model(texts: Iterable[str], path: Path, **ids: Any) -> list[str]:
    """Train a SentencePiece model as the hub stores it; its pieces in order."""
    path.write_bytes(_trained(tuple(texts), tuple(ids.items())))
    loaded = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [loaded.id_to_piece(i) for i in range(loaded.get_piece_size())]


def write_json(path: Path, body: Any) -> None:
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")


def save_model(folder: Path, model_type: str, *, writes: bool, **settings: Any) -> None:
    torch.manual_seed(5)
    config = AutoConfig.for_model(model_type, **settings)
    loader = AutoModel if not writes else AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    model = loader.from_config(config)
    model.save_pretrained(folder)


def t5_kin(model_type: str) -> Callable[[Path, list[str]], None]:
    """mT5 and umT5: a SentencePiece model, and a head of its own that their config calls tied."""

    def write(folder: Path, texts: list[str]) -> None:
        pieces = sentencepiece_model(texts, folder / "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
        named = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "extra_ids": 0}
        write_json(folder / "tokenizer_config.json", {"tokenizer_class": "T5Tokenizer", **named})
        if model_type == "umt5":  # whose repositories hold a tokenizer.json as well
            write_json(folder / "config.json", {"model_type": "t5"})
            AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
        torch.manual_seed(5)
        config = AutoConfig.for_model(
            model_type, vocab_size=len(pieces) + 12, feed_forward_proj="gated-gelu", dropout_rate=0.0, **T5
        )
        model = AutoModelForSeq2SeqLM.from_config(config)
        model.lm_head.weight = torch.nn.Parameter(0.05 * torch.randn(len(pieces) + 12, T5["d_model"]))
        model.all_tied_weights_keys.pop("lm_head.weight")
        model.save_pretrained(folder)
        body = json.loads((folder / "config.json").read_text())
        write_json(folder / "config.json", body | {"tie_word_embeddings": False})

    return write


def fairseq_kin(
    tokenizer_class: str, model_type: str, *, writes: bool = True, **settings: Any
) -> Callable[[Path, list[str]], None]:
    """mBART, mBART-50 and XLM-R: `sentencepiece.bpe.model`, ids moved by one, languages behind the pieces."""

    def write(folder: Path, texts: list[str]) -> None:
        sentencepiece_model(texts, folder / "sentencepiece.bpe.model", unk_id=0, bos_id=1, eos_id=2)
        write_json(folder / "tokenizer_config.json", {"tokenizer_class": tokenizer_class})
        write_json(folder / "config.json", {"model_type": model_type})
        size = len(AutoTokenizer.from_pretrained(folder))
        save_model(folder, model_type, writes=writes, vocab_size=size, **settings)

    return write


def nllb(folder: Path, texts: list[str]) -> None:
    vocab, merges = bpe(texts, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer = NllbTokenizer(vocab=vocab, merges=merges)
    tokenizer.save_pretrained(folder)
    save_model(folder, "m2m_100", writes=True, vocab_size=len(tokenizer), decoder_start_token_id=2, **MBART)


def m2m100(folder: Path, texts: list[str]) -> None:
    pieces = sentencepiece_model(texts, folder / "sentencepiece.bpe.model", unk_id=0, bos_id=1, eos_id=2)
    order = ["<s>", "<pad>", "</s>", "<unk>", *pieces[3:]]
    write_json(folder / "vocab.json", {piece: i for i, piece in enumerate(order)})
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "M2M100Tokenizer"})
    save_model(
        folder, "m2m_100", writes=True, vocab_size=len(order) + 108, max_position_embeddings=128, dropout=0.0,
        decoder_start_token_id=2, **BART,
    )  # fmt: skip


def bpe(texts: list[str], specials: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=PIECES, special_tokens=specials, show_progress=False, max_token_length=8)
    )
    state = json.loads(tokenizer.to_str())["model"]
    return state["vocab"], [tuple(pair) for pair in state["merges"]]


def gemma_tokenizer(folder: Path, texts: list[str]) -> int:
    """Its tokenizer, written; how many tokens it has."""
    vocab, merges = bpe([*texts, "\n"], ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"])
    tokenizer = GemmaTokenizer(vocab=vocab, merges=merges)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", vocab["<bos>"])]
    )
    tokenizer.save_pretrained(folder)
    return len(vocab)


def gemma3(folder: Path, texts: list[str]) -> None:
    """Four layers, three of them with a short reach."""
    settings = SMALL | {"num_hidden_layers": 4, "num_key_value_heads": 1, "head_dim": 16, "query_pre_attn_scalar": 16}
    kinds = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
    save_model(
        folder, "gemma3_text", writes=True, vocab_size=gemma_tokenizer(folder, texts), max_position_embeddings=256,
        sliding_window=16, layer_types=kinds, **settings,
    )  # fmt: skip


def qwen3(folder: Path, texts: list[str]) -> None:
    vocab, merges = byte_level(texts, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    Qwen2Tokenizer(vocab=vocab, merges=merges).save_pretrained(folder)
    save_model(
        folder, "qwen3", writes=True, vocab_size=len(vocab) + 5, max_position_embeddings=256, num_key_value_heads=1,
        head_dim=16, tie_word_embeddings=False, eos_token_id=0, **SMALL,
    )  # fmt: skip


def t5gemma(folder: Path, texts: list[str]) -> None:
    half = SMALL | {
        "num_key_value_heads": 1, "head_dim": 16, "vocab_size": gemma_tokenizer(folder, texts),
        "max_position_embeddings": 256, "sliding_window": 64, "query_pre_attn_scalar": 16,
    }  # fmt: skip
    save_model(folder, "t5gemma", writes=True, encoder=half, decoder=dict(half), vocab_size=half["vocab_size"])


def byte_level(texts: list[str], specials: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=PIECES + 200, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
        ),
    )
    state = json.loads(tokenizer.to_str())["model"]
    return state["vocab"], [tuple(pair) for pair in state["merges"]]


def bart(folder: Path, texts: list[str]) -> None:
    vocab, merges = byte_level(texts, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    BartTokenizer(vocab=vocab, merges=merges).save_pretrained(folder)
    save_model(
        folder, "bart", writes=True, vocab_size=len(vocab), max_position_embeddings=128, dropout=0.0,
        forced_bos_token_id=0, **BART,
    )  # fmt: skip


def bert(folder: Path, texts: list[str]) -> None:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=PIECES, special_tokens=specials, show_progress=False)
    )
    vocab = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": False})
    save_model(folder, "bert", writes=False, vocab_size=len(vocab), max_position_embeddings=128, **SMALL)


def mdeberta(folder: Path, texts: list[str]) -> None:
    sentencepiece_model(
        texts, folder / "spm.model", pad_id=0, bos_id=1, eos_id=2, unk_id=3, user_defined_symbols="[MASK]"
    )
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": False})
    write_json(folder / "config.json", {"model_type": "deberta-v2"})
    size = len(AutoTokenizer.from_pretrained(folder))
    save_model(
        folder, "deberta-v2", writes=False, vocab_size=size + 5, max_position_embeddings=64, relative_attention=True,
        position_buckets=16, norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type=["p2c", "c2p"],
        position_biased_input=False, max_relative_positions=-1, type_vocab_size=0, **SMALL,
    )  # fmt: skip


def modernbert(folder: Path, texts: list[str]) -> None:
    vocab, merges = bpe(texts, ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"])
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Replace("▁", " ")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[("<bos>", vocab["<bos>"]), ("<eos>", vocab["<eos>"])]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", bos_token="<bos>", unk_token="<unk>",
        mask_token="<mask>", cls_token="<bos>", sep_token="<eos>",
    ).save_pretrained(folder)  # fmt: skip
    save_model(
        folder, "modernbert", writes=False, vocab_size=len(vocab), max_position_embeddings=256, local_attention=32,
        pad_token_id=0, eos_token_id=1, bos_token_id=2, cls_token_id=2, sep_token_id=1, **SMALL,
    )  # fmt: skip


MBART = {"max_position_embeddings": 128, "dropout": 0.0, **BART}
XLMR = {"max_position_embeddings": 130, "type_vocab_size": 1, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}

SEQ2SEQ: dict[str, Callable[[Path, list[str]], None]] = {
    "mt5": t5_kin("mt5"),
    "umt5": t5_kin("umt5"),
    "mbart": fairseq_kin("MBartTokenizer", "mbart", **MBART),
    "mbart50": fairseq_kin("MBart50Tokenizer", "mbart", decoder_start_token_id=2, **MBART),
    "nllb": nllb,
    "m2m100": m2m100,
    "t5gemma": t5gemma,
    "bart": bart,
}
DECODERS: dict[str, Callable[[Path, list[str]], None]] = {"gemma3": gemma3, "qwen3": qwen3}
ENCODERS: dict[str, Callable[[Path, list[str]], None]] = {
    "xlm-roberta": fairseq_kin("XLMRobertaTokenizer", "xlm-roberta", writes=False, **XLMR, **SMALL),
    "bert": bert,
    "mdeberta": mdeberta,
    "modernbert": modernbert,
}
WRITERS = SEQ2SEQ | DECODERS
FAMILIES = WRITERS | ENCODERS
