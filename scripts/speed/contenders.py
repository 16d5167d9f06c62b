"""Who takes part: what a user would write by transformers alone, and Svodka."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import torch

from speed.agreement import Answers
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import load_bundle
from svodka.config.summary import SummaryConfig
from svodka.inputs.checking import checked
from svodka.model.encoding import ArticleEncoder

NEW_TOKENS = 48
NO_REPEAT = 3
PIPELINE_BATCH, WRITER_BATCH, LONGEST = 16, 8, 512


@dataclass(frozen=True)
class Spec:
    """A contender in a form that goes to another process.

    Attributes:
        name: what the table says.
        kind: `pipeline` tags; `two passes`: `pipeline`, then `generate`; `svodka`.
        folder: of the classifier or the bundle.
        writer: of the encoder-decoder, for two passes.
        engine: of Svodka.
        beams: where a decoder writes; 0: it does not.
        windows: most windows that Svodka reads; 0 leaves it to the bundle.
        longest: tokens that a pipeline reads of an article.
    """

    name: str
    kind: Literal["pipeline", "two passes", "svodka"]
    folder: str
    writer: str = ""
    engine: str = ""
    beams: int = 0
    windows: int = 0
    longest: int = LONGEST

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


class Contender(Protocol):
    """What all of them do."""

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights in float32."""
        ...

    def run(self, articles: Sequence[Article]) -> Answers | None:
        """Do the whole work; Svodka's answers, None from others."""
        ...

    def consume(self, articles: Iterable[Article]) -> None:
        """The same over a stream, keeping no answer where that can be had."""
        ...

    def windows(self, articles: Sequence[Article]) -> list[int]:
        """Tokens of each window that the encoder reads."""
        ...

    def encoder_config(self) -> Any:
        """Config of the encoder that reads them."""
        ...


class PipelineTags:
    """`pipeline("text-classification")`."""

    def __init__(self, folder: Path, device: str, *, longest: int = LONGEST) -> None:
        from transformers import pipeline

        self._longest = longest
        self._pipeline = pipeline("text-classification", model=str(folder), device=device, batch_size=PIPELINE_BATCH)

    @property
    def weight_bytes(self) -> int:
        return bytes_of(self._pipeline.model)

    def run(self, articles: Sequence[Article]) -> None:
        self._pipeline(
            _texts(articles), top_k=None, function_to_apply="sigmoid", truncation=True, max_length=self._longest
        )

    def consume(self, articles: Iterable[Article]) -> None:
        self.run(list(articles))

    def windows(self, articles: Sequence[Article]) -> list[int]:
        found = self._pipeline.tokenizer(_texts(articles), truncation=True, max_length=self._longest)["input_ids"]
        return [len(ids) for ids in found]

    def encoder_config(self) -> Any:
        return self._pipeline.model.config


class TwoPasses:
    """Tags by a pipeline, then summaries by `generate` in padded batches: two models."""

    def __init__(self, tags: Path, writer: Path, *, beams: int, device: str) -> None:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self._tags = PipelineTags(tags, device)
        self._tokenizer = AutoTokenizer.from_pretrained(writer)
        self._writer = AutoModelForSeq2SeqLM.from_pretrained(writer).to(device).eval()
        self._beams = beams

    @property
    def weight_bytes(self) -> int:
        return self._tags.weight_bytes + bytes_of(self._writer)

    def run(self, articles: Sequence[Article]) -> None:
        self._tags.run(articles)
        texts = _texts(articles)
        for at in range(0, len(texts), WRITER_BATCH):
            batch = texts[at : at + WRITER_BATCH]
            inputs = self._tokenizer(batch, truncation=True, max_length=LONGEST, padding=True, return_tensors="pt")
            inputs = inputs.to(self._writer.device)
            ids = self._writer.generate(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], do_sample=False,
                num_beams=self._beams, max_new_tokens=NEW_TOKENS, no_repeat_ngram_size=NO_REPEAT,
            )  # fmt: skip
            if ids.shape[1] != NEW_TOKENS + 1:
                raise RuntimeError(f"{ids.shape[1] - 1} tokens were written instead of {NEW_TOKENS}")
            self._tokenizer.batch_decode(ids, skip_special_tokens=True)

    def consume(self, articles: Iterable[Article]) -> None:
        self.run(list(articles))

    def windows(self, articles: Sequence[Article]) -> list[int]:
        found = self._tokenizer(_texts(articles), truncation=True, max_length=LONGEST)["input_ids"]
        return [len(ids) for ids in found]

    def encoder_config(self) -> Any:
        return self._writer.config


class Svodka:
    """An `Annotator` by one of its engines."""

    def __init__(self, spec: Spec, device: str) -> None:
        """Load a bundle; a ConfigError where the engine is not to be had."""
        bundle = load_bundle(spec.folder)
        if spec.beams:
            bundle = replace(bundle, summary=_summary(spec.beams))
        if spec.windows:
            config = bundle.model.config
            config.window = config.window.model_copy(update={"limit": spec.windows})
        self.weight_bytes = bytes_of(bundle.model)
        self._config = bundle.model.config
        self._encoder = ArticleEncoder.of(bundle.tokenizer, bundle.model.config)
        self._annotator = Annotator(bundle, engine=spec.engine, device=device)
        self._unchecked = bool(spec.beams)

    def run(self, articles: Sequence[Article]) -> Answers:
        answers = list(self._annotator.stream_with_scores(articles))
        if self._unchecked:  # the warm-up only: checking takes time
            self._check_length([annotation.summary.text for annotation, _ in answers if annotation.summary])
            self._unchecked = False
        return answers

    def _check_length(self, texts: Sequence[str]) -> None:
        """Whether as much is written as by all; a text is not always cut into the very pieces that it was made of."""
        ids = self._encoder.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        mean = sum(map(len, ids)) / max(len(ids), 1)
        if not 0.8 * NEW_TOKENS <= mean <= 1.2 * NEW_TOKENS:
            raise RuntimeError(f"{mean:.0f} tokens were written on average instead of {NEW_TOKENS}")

    def consume(self, articles: Iterable[Article]) -> None:
        for _ in self._annotator.stream(articles):
            pass

    def windows(self, articles: Sequence[Article]) -> list[int]:
        encodings = self._encoder.encode([checked(article) for article in articles])
        return [len(window) for encoding in encodings for window in encoding.input_ids]

    def encoder_config(self) -> Any:
        return self._config.backbone


def load(spec: Spec, device: str) -> Contender:
    """A contender, ready to run.

    Raises:
        ConfigError: an engine of Svodka that is not to be had here.
    """
    makers: dict[str, Callable[[], Contender]] = {
        "pipeline": lambda: PipelineTags(Path(spec.folder), device, longest=spec.longest),
        "two passes": lambda: TwoPasses(Path(spec.folder), Path(spec.writer), beams=spec.beams, device=device),
        "svodka": lambda: Svodka(spec, device),
    }
    return makers[spec.kind]()


def _summary(beams: int) -> SummaryConfig:
    """As two passes write; what is written is not checked for facts, as theirs is not."""
    return SummaryConfig(mode="abstractive", beams=beams, max_new_tokens=NEW_TOKENS, no_repeat_ngram=NO_REPEAT)


def _texts(articles: Sequence[Article]) -> list[str]:
    return [f"{article.title}\n{article.text}" for article in articles]


def bytes_of(model: torch.nn.Module) -> int:
    """Bytes of a model's weights in float32."""
    # Whatever a file of weights holds: a table that was fitted and not trained is a buffer. Tied ones count once.
    held: dict[int, int] = {tensor.data_ptr(): tensor.numel() for tensor in model.state_dict().values()}
    return 4 * sum(held.values())
