"""Contenders on the same articles: time by round, memory, and how good the answers are."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import Any

from speed import card, memory
from speed.agreement import Agreement, Answers
from speed.articles import save
from speed.contenders import Contender, Spec, load
from speed.flops import EncoderSize
from speed.rounds import Spread, ratios, run_rounds
from speed.setting import Setting
from svodka.article import Article
from svodka.errors import ConfigError

_MEMORY_ARTICLES = 32
_TEXT_TIMES = 3
REFERENCE = "torch"


@dataclass(frozen=True)
class Row:
    """A contender's line.

    Attributes:
        seconds: of each round, for all articles.
        ratio: the first contender's time over this one's, round by round; above 1 is faster.
        tokens_per_second: tokens that the encoder read, padding left out.
        gflops: operations of the encoder a second of the whole time, in 10^9.
        peak_mib: largest resident memory of a process that does this alone; on a GPU of the card's memory, what a
            model and its work take there.
        agreement: with the reference engine; None of another model, or of the reference itself.
        text_ms: an article's milliseconds for its text alone: cleaning, sentences, tokens; None of another's code.
    """

    name: str
    seconds: tuple[float, ...]
    ratio: Spread
    articles_per_second: float
    tokens_per_second: float
    gflops: float
    peak_mib: float | None
    agreement: Agreement | None
    text_ms: float | None = None

    @property
    def text_share(self) -> float | None:
        """The text's share of the whole time."""
        return None if self.text_ms is None else self.text_ms * self.articles_per_second / 1000


@dataclass(frozen=True)
class Comparison:
    """All rows, the first contender first; those that are not to be had here, with the reason."""

    rows: tuple[Row, ...]
    missing: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def compare(specs: Sequence[Spec], articles: Sequence[Article], setting: Setting) -> Comparison:
    """Run contenders against the first of them.

    Each is warmed up by one run over all articles, whose answers tell the agreement.
    """
    contenders, weights, missing = _loaded(specs, setting.device)
    answers, peaks = _warmed(contenders, weights, articles, setting.device)
    runs = {name: partial(contender.run, articles) for name, contender in contenders.items()}
    seconds = run_rounds(runs, setting.rounds, setting.seed)
    windows = {name: contender.windows(articles) for name, contender in contenders.items()}
    sizes = {name: EncoderSize.of(contender.encoder_config()) for name, contender in contenders.items()}
    there = [spec for spec in specs if spec.name in contenders]
    text_ms = _text_ms([contenders[spec.name] for spec in there if spec.kind == "svodka"], articles)
    contenders.clear()  # their memory is needed by those who are now measured each alone
    runs.clear()
    first, reference = seconds[there[0].name], _reference(there, answers)
    if not card.is_card(setting.device):
        peaks = _peaks(there, articles, setting)
    rows = []
    for spec in there:
        taken = seconds[spec.name]
        usual = Spread.of(taken).median
        rows.append(
            Row(
                spec.name,
                tuple(taken),
                ratios(first, taken),
                articles_per_second=len(articles) / usual,
                tokens_per_second=sum(windows[spec.name]) / usual,
                gflops=sizes[spec.name].operations(windows[spec.name]) / usual / 1e9,
                peak_mib=peaks[spec.name],
                agreement=_agreement(answers[spec.name], reference),
                text_ms=text_ms if spec.kind == "svodka" else None,
            )
        )
    return Comparison(tuple(rows), missing)


def _loaded(specs: Sequence[Spec], device: str) -> tuple[dict[str, Contender], dict[str, float], dict[str, str]]:
    """Those that are to be had, what each takes of a card in MiB, and why the others are not."""
    found, weights, missing = dict[str, Contender](), dict[str, float](), dict[str, str]()
    for spec in specs:
        before = card.allocated(device)
        try:
            found[spec.name] = load(spec, device)
        except ConfigError as error:
            missing[spec.name] = str(error)
        weights[spec.name] = card.allocated(device) - before
    return found, weights, missing


def _warmed(
    contenders: Mapping[str, Contender], weights: Mapping[str, float], articles: Sequence[Article], device: str
) -> tuple[dict[str, Answers | None], dict[str, float | None]]:
    """Each one's answers, and the most that it took of a card in MiB, the others' part left out."""
    answers, peaks = dict[str, Answers | None](), dict[str, float | None]()
    for name, contender in contenders.items():
        others = card.allocated(device) - weights[name]
        answers[name], most = card.watched(partial(contender.run, articles), device)
        peaks[name] = most - others if card.is_card(device) else None
    return answers, peaks


def _text_ms(contenders: Sequence[Contender], articles: Sequence[Article]) -> float | None:
    """Milliseconds an article of what comes before the arithmetic, the same by every engine."""
    if not contenders:
        return None
    taken = []
    for _ in range(_TEXT_TIMES):
        began = time.perf_counter()
        contenders[0].windows(articles)
        taken.append(time.perf_counter() - began)
    return 1000 * median(taken) / len(articles)


def _peaks(specs: Sequence[Spec], articles: Sequence[Article], setting: Setting) -> dict[str, float | None]:
    path = setting.work / "measured.jsonl"
    save(articles, path)
    n = min(len(articles), _MEMORY_ARTICLES)
    return {spec.name: memory.measure(spec.to_json(), path, n, device=setting.device).whole for spec in specs}


def _reference(specs: Sequence[Spec], answers: dict[str, Answers | None]) -> Answers | None:
    return next((answers[s.name] for s in specs if s.kind == "svodka" and s.engine == REFERENCE), None)


def _agreement(answers: Answers | None, reference: Answers | None) -> Agreement | None:
    if answers is None or reference is None or answers is reference:
        return None
    return Agreement.of(reference, answers)
