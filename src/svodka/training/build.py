"""The model that a run starts from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from svodka.bundle import load_bundle
from svodka.config.training import ModelSection, RunConfig
from svodka.errors import ConfigError
from svodka.heads.settings import Heads
from svodka.heads.topics import TOPIC_PARTS
from svodka.model.backbones import (
    backbone_config,
    build_backbone,
    has_untied_head,
    hidden_width,
    is_decoder_only,
    load_backbone,
    position_limit,
)
from svodka.model.languages import SummaryFormat, continued_format, own_format, summary_format
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.topics import TOPIC_IDS
from svodka.training.adapter import add_adapter
from svodka.training.blend import join
from svodka.training.decoder_only import check_decoder_only
from svodka.training.latent import fit_latent
from svodka.training.lexical import bag, fit_lexical, positive_weights, prior_bias, tags_per_article
from svodka.training.writer_start import start_writer
from svodka.training.writing import adds_writer, model_with_writer


def build_model(config: RunConfig, tokenizer: PreTrainedTokenizerBase, rows: Any, *, known: Tensor) -> NewsModel:
    """The model before its first step: weights loaded or random, tag bias and lexical branch fitted to the data.

    Args:
        config: the run's config.
        tokenizer: its tokenizer.
        rows: the encoded training split.
        known: of which tags the rows of each corpus tell [corpora, l], as `Mixture.known`.

    Raises:
        ConfigError: a backbone that cannot be had, has no decoder where one is needed, or is too short for the
            window.
    """
    settings = config.model
    backbone = backbone_config(settings.backbone, tokenizer)
    check_window(settings, backbone)
    if is_decoder_only(backbone):
        check_decoder_only(config, backbone)
    summary = format_for(settings, tokenizer)
    writes = settings.decoder.weight > 0 and (backbone.is_encoder_decoder or is_decoder_only(backbone))
    if writes and config.training.states is not None and settings.teaching.teacher is None:
        raise ConfigError(
            "training.states without `model.teaching` keeps the backbone as it is, and the decoder is a part of it; "
            "leave out `training.states` or model.decoder.weight, or take a backbone without a decoder"
        )
    if settings.backbone.pretrained is None:
        loaded = build_backbone(backbone, decoder=writes, attention=settings.backbone.attention)
    else:
        loaded = load_backbone(settings.backbone, backbone, decoder=writes)
        if len(tokenizer) > loaded.get_input_embeddings().num_embeddings:
            loaded.resize_token_embeddings(len(tokenizer))
    untied = settings.backbone.pretrained is not None and writes and has_untied_head(loaded)
    targets = tag_targets(rows, known)
    news = news_config(settings, backbone, targets, summary=summary, untied=untied)
    if news.heads.own_writer:
        _check_embedding(loaded, news)
    if config.start is not None and adds_writer(config, news):
        model = model_with_writer(news, loaded, config.start)
    else:
        model = _model(config, news, loaded, rows=rows, targets=targets)
    teacher = settings.teaching.teacher
    if teacher is not None and config.start is None:
        begin_with(model, teacher, heads=True)
    if config.training.states is not None and teacher is None:
        model.backbone.requires_grad_(False)
    freeze(model, config.training.freeze)
    if config.training.lora is not None:
        add_adapter(model, config.training.lora)
    return model


def _model(
    config: RunConfig, news: NewsConfig, backbone: PreTrainedModel, *, rows: Any, targets: NDArray[np.float64]
) -> NewsModel:
    """The network with its heads as they begin: fitted to the rows, or taken over from a bundle."""
    model = NewsModel(news, backbone)
    if news.n_labels:
        _start_labels(model, config, rows, targets)
    if news.heads.own_writer:
        start_writer(model.writer, model.backbone)
    if config.start is not None:
        begin_with(model, config.start)
    return model


def _check_embedding(backbone: PreTrainedModel, news: NewsConfig) -> None:
    """Raise a ConfigError where a decoder of our own could not write by the embedding of the backbone's tokens."""
    narrow, width = backbone.get_input_embeddings().weight.shape[1], hidden_width(news.backbone)
    if narrow != width:
        raise ConfigError(
            f"model.decoder.weight is above 0, but the token embedding of '{backbone.config.model_type}' is {narrow} "
            f"wide and its token states are {width}; set it to 0, or take a backbone where both are one"
        )


def format_for(settings: ModelSection, tokenizer: PreTrainedTokenizerBase) -> SummaryFormat | None:
    """How this model writes a summary; None where it has no decoder.

    Raises:
        ConfigError: the backbone's config cannot be had, or `max_tokens` are more than its decoder reads.
    """
    if not settings.decoder.weight:
        return None
    backbone = backbone_config(settings.backbone, tokenizer)
    if is_decoder_only(backbone):
        return continued_format(tokenizer, backbone)
    if not backbone.is_encoder_decoder:
        return own_format(tokenizer, backbone)
    limit = position_limit(backbone, decoder=True)
    if limit is not None and settings.decoder.max_tokens > limit:
        raise ConfigError(
            f"model.decoder.max_tokens: {settings.decoder.max_tokens}, but this decoder reads at most {limit}"
        )
    return summary_format(tokenizer, backbone)


def freeze(model: NewsModel, beginnings: Sequence[str]) -> None:
    """Take the parameters whose names begin so out of training; a ConfigError where there are none."""
    for beginning in beginnings:
        found = [parameter for name, parameter in model.named_parameters() if name.startswith(beginning)]
        if not found:
            parts = sorted({".".join(name.split(".")[:2]) for name, _ in model.named_parameters()})
            raise ConfigError(f"training.freeze: no parameter starts with '{beginning}'; there are {', '.join(parts)}")
        for parameter in found:
            parameter.requires_grad_(False)


def tag_targets(rows: Any, known: Tensor) -> NDArray[np.float64]:
    """Encoded rows -> [articles, l]: 1 and 0 for tags that an article has and has not, -1 where nothing is known."""
    told = known.numpy()[np.asarray(rows["corpus"][:], dtype=np.int64)]
    targets = np.where(told, 0.0, -1.0)
    for i, tags in enumerate(rows["tags"][:]):
        targets[i, tags] = np.where(told[i, tags], 1.0, -1.0)
    return targets


def topic_targets(rows: Any) -> NDArray[np.float64]:
    """Encoded rows -> [articles, k], as `tag_targets`."""
    targets = np.full((len(rows), len(TOPIC_IDS)), -1.0)
    for i, (topics, told) in enumerate(zip(rows["topics"][:], rows["topics_known"][:], strict=True)):
        targets[i, told] = 0.0
        targets[i, topics] = 1.0
    return targets


def begin_with(model: NewsModel, start: Path, *, heads: bool = False) -> None:
    """Take over the weights of a bundle, or of its heads alone.

    Raises:
        ConfigError: the bundle is of another shape.
    """
    earlier = load_bundle(start).model
    try:
        weights = earlier.state_dict()
        if heads:
            weights = {name: weight for name, weight in weights.items() if not name.startswith("backbone.")}
            weights |= model.backbone.state_dict(prefix="backbone.")
        if model.config.heads.tags.lexical_states and not earlier.config.heads.tags.lexical_states:
            weights = _beside_new_networks(weights, model.state_dict())
        for part in TOPIC_PARTS:
            if hasattr(model, part) and not hasattr(earlier, part):
                weights |= getattr(model, part).state_dict(prefix=f"{part}.")
        model.load_state_dict(weights)
    except RuntimeError as error:
        field = "model.teaching.teacher" if heads else "start"
        raise ConfigError(f"{field}: {start} is of another shape than this model: {error}") from error
    theirs = earlier.config.heads
    model.config.heads = model.config.heads.with_shares("tags", theirs.tags.shares).with_shares(
        "topics", theirs.topics.shares
    )


def _beside_new_networks(weights: dict[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a bundle whose branch has no networks that read means, in the shapes of one that has."""
    wider = dict(weights)
    for name in ("hidden.weight", "hidden.bias", "output.weight"):
        wider[f"lexical.{name}"] = torch.zeros_like(own[f"lexical.{name}"])
        known = weights[f"lexical.{name}"]
        wider[f"lexical.{name}"][tuple(slice(size) for size in known.shape)] = known
    return wider | {name: own[name] for name in ("lexical.centre", "lexical.spread")}


def news_config(
    settings: ModelSection, backbone: Any, targets: NDArray[np.float64], *,
    summary: SummaryFormat | None = None, untied: bool = False,
) -> NewsConfig:  # fmt: skip
    """The architecture for a backbone and the tags of the training split.

    Args:
        settings: the run's.
        backbone: the backbone's config.
        targets: [articles, l].
        summary: how the decoder writes; None: as its backbone's config says.
        untied: whether a decoder's output matrix is not its token embedding.
    """
    around = {name: getattr(summary, name) for name in ("start", "first", "end", "prompts")} if summary else {}
    facts = {
        "tags": {"n": targets.shape[1], "per_article": tags_per_article(targets)},
        "topics": {"n": len(TOPIC_IDS) if settings.topics.weight else 0},
        "decoder": {**around, **_own_shape(settings, backbone), "untied": untied and settings.decoder.weight > 0},
    }
    return NewsConfig(
        backbone=backbone,
        heads=Heads.of(settings, facts),
        window=settings.window,
        teaching_weight=settings.teaching.weight,
        bidirectional=settings.backbone.bidirectional,
    )


def _own_shape(settings: ModelSection, backbone: Any) -> dict[str, int]:
    """Heads and inner width of a decoder of our own, as the backbone's layers have them; {} where it has a decoder."""
    if not settings.decoder.weight or backbone.is_encoder_decoder or is_decoder_only(backbone):
        return {}
    inner = getattr(backbone, "intermediate_size", None) or 4 * hidden_width(backbone)
    return {"heads": int(backbone.num_attention_heads), "inner": int(inner)}


def _start_labels(model: NewsModel, config: RunConfig, rows: Any, targets: NDArray[np.float64]) -> None:
    tags, head = config.model.tags, model.tag_head
    topics = topic_targets(rows) if model.config.heads.n_topics else np.zeros((len(rows), 0))
    everything = np.concatenate([targets[:, : model.config.heads.n_tags], topics], axis=1)
    with torch.no_grad():
        head.bias.copy_(torch.from_numpy(prior_bias(everything)))
        model.positive_weight.copy_(torch.from_numpy(positive_weights(everything, tags.positive_weight)))
        if head.names is not None:
            head.names.start()
            # What a tag of no training begins with; each tag's own bias is what it has beyond that.
            head.names.bias.bias.fill_(float(head.bias.mean()))
            head.bias.sub_(head.bias.mean())
    if tags.lexical and config.start is None and config.model.teaching.teacher is None:
        _start_lexical(model, config, rows, targets)
    elif tags.lexical:
        model.lexical_joins = not tags.blend
    model.keep_fitted()


def _start_lexical(model: NewsModel, config: RunConfig, rows: Any, targets: NDArray[np.float64]) -> None:
    tags, branch = config.model.tags, model.lexical
    told = np.flatnonzero((targets >= 0).any(axis=1))  # rows that tell of no tag teach it nothing
    kept = rows.select(told) if len(told) < len(rows) else rows
    sides = kept.select_columns(["input_ids", "sentence_ids"])
    bags = [bag(row["input_ids"], row["sentence_ids"], model) for row in sides]
    fit = fit_lexical(
        bags, targets[told],
        n_pieces=int(model.backbone.config.vocab_size), strength=tags.lexical_strength, counted=branch.counted,
    )  # fmt: skip
    fit.start(branch)
    if branch.rank:
        fit_latent(
            fit.features, targets[told],
            rank=branch.rank, hidden=tags.lexical_hidden, networks=tags.lexical_networks, seed=config.seed,
        ).start(branch)  # fmt: skip
    if tags.blend:
        model.lexical_joins = False
    else:
        # One bias is enough: that of the attention adds nothing to log-odds. Topics have no branch, and keep theirs.
        head = model.tag_head
        head.bias.data[: targets.shape[1]] = 0.0 if head.names is None else -head.names.bias.bias.data
        if branch.rank:
            join(model, "tags", [1.0, 0.5, 0.5])


def check_window(settings: ModelSection, backbone: Any) -> None:
    """Raise a ConfigError for a window longer than the backbone reads."""
    limit = position_limit(backbone)
    if limit is not None and settings.window.tokens > limit:
        raise ConfigError(f"model.window.tokens: {settings.window.tokens}, but this backbone reads at most {limit}")
