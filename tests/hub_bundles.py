"""Bundles of random weights around models in the hub's own file formats, one a family."""

from pathlib import Path
from typing import Any

import torch

from conftest import sample_rows
from families import DECODERS, FAMILIES, WRITERS
from networks import network
from svodka import Article
from svodka.bundle import Bundle
from svodka.bundle.calibration import Calibration
from svodka.config.summary import SummaryConfig
from svodka.config.training import BackboneConfig, ModelSection
from svodka.labels import TagVocabulary
from svodka.model.backbones import backbone_config, has_untied_head, load_backbone
from svodka.model.languages import SummaryFormat, continued_format, summary_format
from svodka.model.news_model import NewsModel
from svodka.training.tokenizer import load_tokenizer

TAGS = ("город", "наука", "спорт")


def articles(n: int) -> list[Article]:
    return [Article.from_dict(row) for row in sample_rows(40)[:n]]


def repository(hub: Path, name: str) -> Path:
    if not (hub / name).exists():
        rows = sample_rows(40)
        (hub / name).mkdir()
        FAMILIES[name](hub / name, [t for r in rows for t in (r["title"], r["summary"], *r["text"].split("\n")) if t])
    return hub / name


def _around(how: SummaryFormat) -> dict[str, Any]:
    return {"summary_start": how.start, "summary_first": how.first, "summary_end": how.end}


def bundle_of(hub: Path, name: str) -> Bundle:
    """A bundle of a family with random heads; what a decoder writes is greedy."""
    backbone, writes = BackboneConfig(pretrained=str(repository(hub, name))), name in WRITERS
    form = continued_format if name in DECODERS else summary_format
    tokenizer = load_tokenizer(ModelSection(backbone=backbone))
    assert tokenizer is not None
    config = backbone_config(backbone, tokenizer)
    loaded = load_backbone(backbone, config, decoder=writes)
    news = network(
        loaded.config, n_tags=len(TAGS), decoder_weight=float(writes), window_tokens=96, window_overlap=16,
        untied_head=writes and has_untied_head(loaded),
        window_limit=1 if name in DECODERS else 16, **(_around(form(tokenizer, config)) if writes else {}),
    )  # fmt: skip
    if name in DECODERS:
        decoder = news.heads.decoder.model_copy(update={"prompts": list(map(list, form(tokenizer, config).prompts))})
        news.heads = news.heads.model_copy(update={"decoder": decoder})
    torch.manual_seed(3)
    model = NewsModel(news, loaded).eval()
    summary = SummaryConfig(mode="abstractive" if writes else "extractive", beams=1, max_new_tokens=12)
    return Bundle(model, tokenizer, TagVocabulary(TAGS), Calibration.plain(len(TAGS)), summary)
