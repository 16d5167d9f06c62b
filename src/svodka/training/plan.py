"""What a run will need, told before it begins: parameters, memory, tokens, what is cut, steps, time."""

import math
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, PretrainedConfig, PreTrainedTokenizerBase

from svodka.config.plan import DeclaredSizes
from svodka.config.training import RunConfig, check_trains
from svodka.data.store import PreparedData
from svodka.errors import ConfigError
from svodka.model.backbones import backbone_config, hidden_width, is_decoder_only, untie_head
from svodka.model.languages import SummaryFormat
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.model.windows import cut
from svodka.training.adapter import add_adapter
from svodka.training.build import check_window, freeze, news_config
from svodka.training.costs import Cost, Shape, article_cost, layer_counts, optimiser_rate
from svodka.training.plan_notes import articles_beside, left_out
from svodka.training.tokenizer import load_tokenizer

_SAMPLE = 500
_PROMPTED = SummaryFormat((), (), 0, None, 0, ((0,), (0,)))  # the tokenizer would say which
_SPECIAL = 2  # tokens around a window's text, where the tokenizer is not at hand to ask


@dataclass(frozen=True)
class SplitSizes:
    """What the training split is to the model.

    Attributes:
        articles: an epoch reads, those of corpora beside the main one included.
        tokens: mean tokens that a step reads of an article, special ones and overlaps included.
        windows: mean windows of an article.
        cut_articles, cut_tokens: share of articles that lose their end, and of all tokens that are lost.
        summary: mean tokens of a summary, at most `max_tokens`; `cut_summaries`: share that lose their end.
        tags: size of the tag vocabulary.
        source: where these figures come from.
    """

    articles: int
    tokens: float
    windows: float
    cut_articles: float
    cut_tokens: float
    summary: float
    cut_summaries: float
    tags: int
    source: str


@dataclass(frozen=True)
class Memory:
    """Bytes on one device at the worst moment of a step; see `memory_of`."""

    weights: float
    gradients: float
    optimiser: float
    activations: float
    peak: float


@dataclass(frozen=True)
class Plan:
    """What `svodka plan` tells.

    `seconds` is None where nothing was timed; `steps` are the optimiser's; `left_out` is what none of these count.
    """

    parameters: int
    trainable: int
    reading: SplitSizes
    memory: Memory
    steps: int
    seconds: float | None
    device: str
    left_out: tuple[str, ...] = ()


def plan(config: RunConfig, *, offline: bool = False, timed: bool = True) -> Plan:
    """Foretell a run.

    Args:
        config: the run.
        offline: ask no hub: the backbone's shape is `plan.shape`, lengths are those of `plan.sizes`.
        timed: run a few steps of thin models on this device to estimate the time.

    Raises:
        ConfigError: the shape or the sizes are not to be had, or the config does not fit the backbone.
        DataError: the prepared folder is damaged.
    """
    check_trains(config)
    tokenizer = None if offline and _on_hub(config) else load_tokenizer(config.model)
    backbone = planned_backbone(config, tokenizer)
    reading = read_data(config, tokenizer)
    check_window(config.model, backbone)
    untied, prompted = _says_untied(config, tokenizer), _PROMPTED if is_decoder_only(backbone) else None
    news = news_config(config.model, backbone, np.zeros((1, reading.tags)), summary=prompted, untied=untied)
    model = _on_meta(config, news)
    device = _device(config)
    cost = article_cost(
        news, typical_shape(config, reading),
        batch=config.training.batch_size if device.type != "cpu" else 1,
        device=device, bf16=config.training.precision == "bf16", timed=timed,
    )  # fmt: skip
    steps = _steps(config, reading)
    return Plan(
        parameters=model.num_parameters(),
        trainable=model.num_parameters(only_trainable=True),
        reading=reading,
        memory=memory_of(config, model, cost, reading, device),
        steps=steps,
        seconds=_seconds(config, model, cost, reading=reading, steps=steps, device=device) if timed else None,
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        left_out=left_out(config),
    )


def memory_of(config: RunConfig, model: NewsModel, cost: Cost, reading: SplitSizes, device: torch.device) -> Memory:
    """Memory of a step with AdamW, bytes; P parameters, T of them trained, b articles at once.

    weights W = 4 P, with bf16 6 P (copies for the forward pass); gradients G = 4 T; optimiser O = 8 T;
    activations A = b * (kept of an article + u * v * 12), with bf16 u * v * 14, for the logits of u summary tokens
    over v pieces, their softmax and gradient. With checkpointing, layers * t * d * 4 and one layer's own.
    The optimiser's step works on X: 4 T more on an accelerator, twice its largest matrix on a CPU.
    peak = W + O + max(A, G + X); with accumulation W + O + G + max(A, X), since gradients then outlive a pass.
    """
    settings, bf16 = config.training, config.training.precision == "bf16"
    total, trained = model.num_parameters(), model.num_parameters(only_trainable=True)
    weights, gradients, optimiser = (6.0 if bf16 else 4.0) * total, 4.0 * trained, 8.0 * trained
    kept = cost.kept
    if settings.gradient_checkpointing:
        layers = sum(layer_counts(model.config.backbone, decoder=model.config.heads.backbone_writes))
        kept += cost.layer - layers * (cost.layer - reading.tokens * hidden_width(model.config.backbone) * 4)
    if model.config.writes:
        kept += reading.summary * model.backbone.config.vocab_size * (14 if bf16 else 12)
    activations = kept * settings.batch_size
    largest = max((p.numel() for p in model.parameters() if p.requires_grad), default=0)
    working = 4.0 * trained if device.type != "cpu" else 8.0 * largest
    if settings.accumulation > 1:
        peak = weights + optimiser + gradients + max(activations, working)
    else:
        peak = weights + optimiser + max(activations, gradients + working)
    return Memory(weights, gradients, optimiser, activations, peak)


def read_data(config: RunConfig, tokenizer: PreTrainedTokenizerBase | None) -> SplitSizes:
    """Lengths of the training split: of its first articles where it is prepared, else as declared.

    Raises:
        ConfigError: neither a prepared folder nor declared sizes are there.
        DataError: the prepared folder is damaged.
    """
    folder, declared = config.data.output, config.plan.sizes
    if (folder / "manifest.json").exists() and (tokenizer is not None or declared is not None):
        return _from_folder(config, PreparedData.open(folder), tokenizer, declared)
    if declared is None:
        raise ConfigError(
            f"{folder} is not prepared and plan.sizes says nothing; run `svodka prepare` first, or declare the sizes"
        )
    quantiles = [NormalDist().inv_cdf((i + 0.5) / _SAMPLE) for i in range(_SAMPLE)]
    # The mean of a log-normal is exp(mu + sigma^2 / 2).
    factors = [math.exp(declared.spread * z - declared.spread**2 / 2) for z in quantiles]
    tokens = [round(f * declared.words * declared.pieces_per_word) for f in factors]
    summaries = [round(f * declared.summary_words * declared.pieces_per_word) for f in factors]
    return _reading(config, tokens, summaries, (declared.articles, declared.tags, "declared, lengths log-normal"))


def _from_folder(
    config: RunConfig, data: PreparedData, tokenizer: PreTrainedTokenizerBase | None, declared: DeclaredSizes | None
) -> SplitSizes:
    rows = list(islice(data.dataset("train"), _SAMPLE))

    def size(text: str) -> int:
        if tokenizer is not None:
            return len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
        return round(len(text.split()) * (declared.pieces_per_word if declared else 1.0))

    tokens = [size(f"{row['title']}\n{row['text']}") for row in rows]
    summaries = [size(row["summary"]) for row in rows if row["summary"]]
    counted = "counted" if tokenizer is not None else "words counted, pieces declared"
    articles = data.manifest.splits["train"] + articles_beside(config, data)
    facts = (articles, len(data.labels), f"{counted} on {len(rows)} articles of {data.folder}")
    return _reading(config, tokens, summaries, facts)


def _reading(config: RunConfig, tokens: list[int], summaries: list[int], facts: tuple[int, int, str]) -> SplitSizes:
    window, most = config.model.window, config.model.decoder.max_tokens
    limit = min(window.limit, config.training.windows or window.limit)
    covers = [cut(n, window.tokens - _SPECIAL, overlap=window.overlap, limit=limit) for n in tokens]
    lost = [n - windows[-1].stop for n, windows in zip(tokens, covers, strict=True)]
    read = [sum(w.stop - w.start + _SPECIAL for w in windows) for windows in covers]
    return SplitSizes(
        articles=facts[0],
        tokens=fmean(read or [0]),
        windows=fmean([len(windows) for windows in covers] or [1]),
        cut_articles=fmean([n > 0 for n in lost] or [0]),
        cut_tokens=sum(lost) / max(sum(tokens), 1),
        summary=fmean([min(n + _SPECIAL, most) for n in summaries] or [0]),
        cut_summaries=fmean([n + _SPECIAL > most for n in summaries] or [0]),
        tags=facts[1],
        source=facts[2],
    )


def _on_hub(config: RunConfig) -> bool:
    sources = (config.model.tokenizer.path, config.model.backbone.pretrained)
    return any(source is not None and not Path(source).is_dir() for source in sources)


def planned_backbone(config: RunConfig, tokenizer: PreTrainedTokenizerBase | None) -> PretrainedConfig:
    """The backbone's config: its own, or without a tokenizer what `plan.shape` or the settings declare.

    Raises:
        ConfigError: nothing is declared, or it is no config.
    """
    settings = config.model.backbone
    if tokenizer is not None:
        return backbone_config(settings, tokenizer)
    fields: dict[str, Any] = dict(config.plan.shape)
    if settings.model_type is not None:
        fields = {"model_type": settings.model_type, "vocab_size": config.model.tokenizer.size, **settings.settings}
    if "model_type" not in fields:
        raise ConfigError(f"plan.shape: offline, the shape of '{settings.pretrained}' must be declared here")
    try:
        backbone = AutoConfig.for_model(fields.pop("model_type"), **fields)
        if backbone.is_encoder_decoder and getattr(backbone, "decoder_start_token_id", None) is None:
            backbone.decoder_start_token_id = 0  # the tokenizer would say which; any will do to count by
        return backbone
    except (ValueError, TypeError) as error:
        raise ConfigError(f"plan.shape: {error}") from error


def _says_untied(config: RunConfig, tokenizer: PreTrainedTokenizerBase | None) -> bool:
    """Whether the stored config has a head of its own; transformers forgets it for mT5 and umT5."""
    settings = config.model.backbone
    if tokenizer is None or settings.pretrained is None:
        return config.plan.shape.get("tie_word_embeddings") is False
    stored, _ = PretrainedConfig.get_config_dict(settings.pretrained, revision=settings.revision)
    return stored.get("tie_word_embeddings") is False


def _on_meta(config: RunConfig, news: NewsConfig) -> NewsModel:
    """The whole model without its numbers."""
    with torch.device("meta"):
        model = NewsModel(news)
        if news.heads.decoder.untied:
            untie_head(model.backbone)
        model.keep_fitted()
        freeze(model, config.training.freeze)
        if config.training.lora is not None:
            add_adapter(model, config.training.lora)
    return model


def _device(config: RunConfig) -> torch.device:
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    return torch.device("cpu") if config.training.device == "cpu" or accelerator is None else accelerator


def typical_shape(config: RunConfig, reading: SplitSizes) -> Shape:
    """The article in the middle: mean windows, and their mean tokens."""
    windows = max(1, round(reading.windows))
    tokens = max(8, min(config.model.window.tokens, round(reading.tokens / windows)))
    return Shape(windows, tokens, round(reading.summary))


def _steps(config: RunConfig, reading: SplitSizes) -> int:
    settings = config.training
    an_epoch = math.ceil(reading.articles / (settings.batch_size * settings.accumulation))
    return settings.max_steps if settings.max_steps > 0 else math.ceil(an_epoch * settings.epochs)


def _seconds(
    config: RunConfig, model: NewsModel, cost: Cost, *, reading: SplitSizes, steps: int, device: torch.device
) -> float:
    """Time of all steps: articles * (thin models carried over + vocabulary) and the optimiser's share.

    The output over v pieces, 6 u d v operations, is taken at the speed of the layers, 6 * their parameters * tokens.
    """
    settings, width = config.training, hidden_width(model.config.backbone)
    layers = sum(p.numel() for n, p in model.named_parameters() if n.startswith("backbone.") and "embed" not in n)
    article = cost.seconds or 0.0
    if model.config.writes:
        work = max(layers * (reading.tokens + reading.summary) / 2, 1.0)
        article *= 1 + reading.summary * width * model.backbone.config.vocab_size / work
    if settings.gradient_checkpointing:
        article *= 4 / 3
    trained = int(model.num_parameters(only_trainable=True))
    return steps * (settings.batch_size * settings.accumulation * article + trained * optimiser_rate(device))
