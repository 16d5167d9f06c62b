"""A decoder of our own for a bundle that has none yet, or one that learns on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from svodka.bundle import Bundle, load_bundle
from svodka.bundle.card import model_card
from svodka.config.training import RunConfig
from svodka.errors import ConfigError
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.training.mixture import Mixture
from svodka.training.writer_start import start_writer


def adds_writer(config: RunConfig, news: NewsConfig) -> bool:
    """Whether a run learns a decoder of our own alone, for the bundle that it starts from.

    Args:
        config: the run's config.
        news: the architecture; a decoder that is the backbone's is learnt as any other part.
    """
    tasks = config.model
    others = tasks.tags.weight or tasks.topics.weight or tasks.sentences.weight
    return config.start is not None and news.heads.own_writer and not others


def model_with_writer(news: NewsConfig, backbone: Any, start: Path) -> NewsModel:
    """The model of a bundle with a decoder, the only part that learns; one that it has already learns on.

    Args:
        news: the architecture, of which the decoder and the backbone's shape count.
        backbone: of that shape.
        start: the bundle.

    Raises:
        ConfigError: the bundle's backbone or decoder is of another shape.
    """
    earlier = load_bundle(start).model
    heads = earlier.config.heads.model_copy(update={"decoder": news.heads.decoder})
    same = earlier.config
    # A copy: as a part of another model, transformers makes the backbone's weights random.
    weights = {name: weight.clone() for name, weight in earlier.state_dict().items()}
    model = NewsModel(NewsConfig(backbone=same.backbone, heads=heads, window=same.window), earlier.backbone)
    fresh = not same.heads.own_writer
    _check_shapes(model.backbone, backbone, start)
    if not fresh:
        _check_shapes(earlier.writer, model.writer, start)
    model.load_state_dict(weights, strict=not fresh)
    if fresh:
        start_writer(model.writer, model.backbone)
    model.requires_grad_(False)
    model.writer.requires_grad_(True)
    return model


def _check_shapes(theirs: nn.Module, ours: nn.Module, start: Path) -> None:
    """Raise a ConfigError where a part of a bundle is not what the config describes."""
    one, other = ({name: list(weight.shape) for name, weight in part.state_dict().items()} for part in (theirs, ours))
    strays = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    if strays:
        name = strays[0]
        raise ConfigError(
            f"start: {start} is of another shape than this model: '{name}' is {one.get(name)} in the bundle, but "
            f"{other.get(name)} by `model`; give `model.backbone` and `model.decoder` the bundle's settings"
        )


def with_writer(config: RunConfig, data: Mixture, model: NewsModel, history: Sequence[Mapping[str, Any]]) -> Bundle:
    """The bundle that a run started from, with the decoder that it learnt.

    Tags, topics and sentences stay as they are, with all that was measured and calibrated of them.
    """
    assert config.start is not None
    start, about = load_bundle(config.start), config.bundle.about
    losses = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    told = {"data": data.hash, "sources": data.origins, "steps": max((int(e["step"]) for e in history), default=0)}
    origin = {**start.origin, "decoder": told | ({"validation_loss": min(losses)} if losses else {})}
    card = model_card(
        config.bundle.name, about, origin=origin, metrics=start.metrics, tags=start.labels.names,
        topics=start.topics is not None,
    )  # fmt: skip
    return replace(
        start,
        model=model,
        summary=config.summary,
        origin=origin,
        run={**start.run, "bundle": config.bundle.model_dump(mode="json"), "decoder": config.model_dump(mode="json")},
        card=card,
        history=history,
        engines=(),  # measured without the decoder
        fingerprint="",
    )
