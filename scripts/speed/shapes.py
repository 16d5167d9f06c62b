"""Models of fixed shapes with random weights in folders: a user's own, and Svodka's bundles of the same shapes."""

import copy
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoConfig,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedTokenizerBase,
)

from speed.articles import sample
from speed.setting import Setting
from svodka.annotator import Annotator
from svodka.bundle import Bundle, default_bundle, load_bundle, save_bundle
from svodka.bundle.calibration import Calibration
from svodka.compact.compact import compact
from svodka.compact.corpus import Corpus
from svodka.config.summary import SummaryConfig
from svodka.config.training import TokenizerConfig
from svodka.labels import TagVocabulary
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.training.tokenizer import train_tokenizer

TAGS = 286
TAGS_PER_ARTICLE = 5
WINDOW = 512
ALL_WINDOWS = 16  # enough for every article here
_CALIBRATING = 16
_LAYER = re.compile(r"^(backbone\.encoder\.layer\.)(\d+)\.")


@dataclass(frozen=True)
class Shape:
    """An architecture.

    Attributes:
        model_type: of transformers.
        tokenizer: folder among the tokenizers.
        settings: fields of the config.
        vocabulary: rows of the embedding, at least the tokenizer's pieces.
    """

    name: str
    model_type: str
    tokenizer: str
    settings: Mapping[str, Any]
    vocabulary: int

    @property
    def writes(self) -> bool:
        """Whether there is a decoder."""
        return self.model_type == "mt5"


@dataclass(frozen=True)
class Heads:
    """The parts of a bundle's model beside the encoder."""

    tags: bool = True
    sentences: bool = False
    writes: bool = False

    @property
    def name(self) -> str:
        """The parts in a word, for a folder."""
        return "+".join(name for name, there in vars(self).items() if there)


TINY = Shape(
    "encoder of 30M (rubert-tiny2)", "bert", "rubert-tiny2",
    {"hidden_size": 312, "num_hidden_layers": 3, "num_attention_heads": 12, "intermediate_size": 600,
     "max_position_embeddings": 2048},
    vocabulary=83_828,
)  # fmt: skip
MINILM = Shape(
    "MiniLM-L12-multilingual", "bert", "xlm-roberta",
    {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 1536,
     "max_position_embeddings": 512},
    vocabulary=250_002,
)  # fmt: skip
MT5 = Shape(
    "mT5-small", "mt5", "xlm-roberta",
    {"d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 8, "num_decoder_layers": 8, "num_heads": 6,
     "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
    vocabulary=250_112,
)  # fmt: skip


def tokenizer_of(shape: Shape, setting: Setting) -> PreTrainedTokenizerBase:
    """The real tokenizer of a shape where it was given, else one trained on the sample corpus."""
    if setting.tokenizers is not None:
        return AutoTokenizer.from_pretrained(setting.tokenizers / shape.tokenizer)
    texts = [f"{article.title}\n{article.text}" for article in sample()]
    return train_tokenizer(texts, TokenizerConfig(size=8000), start_token=not shape.writes)


def classifier(shape: Shape, setting: Setting) -> Path:
    """What `pipeline("text-classification")` loads: the encoder with a linear head over all tags."""
    folder = setting.work / f"{shape.name} classifier"
    if not folder.exists():
        tokenizer = tokenizer_of(shape, setting)
        config = _config(shape, tokenizer)
        config.num_labels, config.problem_type = TAGS, "multi_label_classification"
        torch.manual_seed(setting.seed)
        _save(AutoModelForSequenceClassification.from_config(config), tokenizer, folder)
    return folder


def writer(shape: Shape, setting: Setting) -> Path:
    """What `generate` runs: the encoder-decoder with its full vocabulary."""
    folder = setting.work / f"{shape.name} writer"
    if not folder.exists():
        tokenizer = tokenizer_of(shape, setting)
        torch.manual_seed(setting.seed)
        model = AutoModelForSeq2SeqLM.from_config(_config(shape, tokenizer))
        _silence(model, tokenizer)
        _save(model, tokenizer, folder)
    return folder


def bundle(shape: Shape, heads: Heads, setting: Setting) -> Path:
    """A bundle of a shape; its vocabulary is cut to that of the corpus where it writes, and whole where it does not.

    Each tag's threshold is one, set so that an article gets `TAGS_PER_ARTICLE` tags on average: with a random head's
    own 0.5 it would get half of them all, and evidence for each.
    """
    folder = setting.work / f"{shape.name} {heads.name}"
    if folder.exists():
        return folder
    if heads.writes:
        whole = folder.with_name(f"{folder.name} whole")
        _save_bundle(shape, heads, setting, whole)
        compact(whole, Corpus("", setting.corpus, ()), folder)
        shutil.rmtree(whole)
    else:
        _save_bundle(shape, heads, setting, folder)
    return folder


def deepened(layers: int, setting: Setting) -> Path:
    """The bundle that ships with so many layers: its own in turn, so that what it answers means nothing."""
    folder = setting.work / f"{layers} layers"
    if folder.exists():
        return folder
    shipped = load_bundle(default_bundle())
    config, weights = copy.deepcopy(shipped.model.config), shipped.model.state_dict()
    there, config.backbone.num_hidden_layers = config.backbone.num_hidden_layers, layers
    model = NewsModel(config).eval()
    model.load_state_dict({name: weights[_of_layers(name, there)] for name in model.state_dict()})
    save_bundle(replace(shipped, model=model, engines=(), fingerprint=""), folder)
    return folder


def _of_layers(name: str, there: int) -> str:
    """The name of a weight in a model of fewer layers."""
    return _LAYER.sub(lambda found: f"{found[1]}{int(found[2]) % there}.", name)


def _save_bundle(shape: Shape, heads: Heads, setting: Setting, folder: Path) -> None:
    tokenizer = tokenizer_of(shape, setting)
    torch.manual_seed(setting.seed)
    model = NewsModel(_news_config(_config(shape, tokenizer), heads)).eval()
    if heads.writes:
        _silence(model.backbone, tokenizer)
    made = Bundle(
        model=model,
        tokenizer=tokenizer,
        labels=TagVocabulary(tuple(f"тема {i:03d}" for i in range(TAGS))),
        calibration=_calibration(model, tokenizer, setting) if heads.tags else Calibration.plain(TAGS),
        summary=SummaryConfig(),
    )
    save_bundle(made, folder)


def _config(shape: Shape, tokenizer: PreTrainedTokenizerBase) -> PretrainedConfig:
    end = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else tokenizer.sep_token_id
    tokens = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": end}
    if shape.writes:
        tokens["decoder_start_token_id"] = tokenizer.pad_token_id
    return AutoConfig.for_model(shape.model_type, vocab_size=shape.vocabulary, **tokens, **shape.settings)


def _news_config(backbone: PretrainedConfig, heads: Heads) -> NewsConfig:
    return NewsConfig(
        backbone=backbone,
        heads={
            "tags": {"n": TAGS, "weight": float(heads.tags)},
            "sentences": {"weight": float(heads.sentences)},
            "decoder": {"weight": float(heads.writes), "untied": heads.writes},
        },
        window={"tokens": WINDOW, "limit": 1},
    )


@torch.no_grad()
def _silence(model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Give special tokens and rows behind the tokenizer's a logit of 0, so that none is written: nobody ends early.

    The others' are spread by about sqrt(d), the largest of them always far above 0.
    """
    head = model.get_output_embeddings().weight
    head[sorted(tokenizer.all_special_ids)] = 0.0
    head[len(tokenizer) :] = 0.0


def _calibration(model: NewsModel, tokenizer: PreTrainedTokenizerBase, setting: Setting) -> Calibration:
    plain = Calibration.plain(TAGS)
    labels = TagVocabulary(tuple(map(str, range(TAGS))))
    no_decoder = SummaryConfig(mode="extractive")  # it would write for minutes what nobody reads
    probe = Annotator(Bundle(model, tokenizer, labels, plain, no_decoder), engine="torch", device="cpu")
    found = probe.stream_with_scores(setting.articles[:_CALIBRATING])
    threshold = np.quantile([scores for _, scores in found], 1 - TAGS_PER_ARTICLE / TAGS)
    return Calibration(plain.slope, plain.intercept, np.full(TAGS, threshold))


def _save(model: Any, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
