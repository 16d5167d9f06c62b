"""Contenders on the same articles: time by round, memory, and how good the answers are."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from speed import memory
from speed.agreement import Agreement, Answers
from speed.articles import save
from speed.contenders import Contender, Spec, load
from speed.flops import EncoderSize
from speed.rounds import Spread, ratios, run_rounds
from speed.setting import Setting
from svodka.article import Article
from svodka.errors import ConfigError

_MEMORY_ARTICLES = 32
REFERENCE = "torch"


@dataclass(frozen=True)
class Row:
    """A contender's line.

    Attributes:
        seconds: of each round, for all articles.
        ratio: the first contender's time over this one's, round by round; above 1 is faster.
        tokens_per_second: tokens that the encoder read, padding left out.
        gflops: operations of the encoder a second of the whole time, in 10^9.
        peak_mib: largest resident memory of a process that does this alone.
        agreement: with the reference engine; None of another model, or of the reference itself.
    """

    name: str
    seconds: tuple[float, ...]
    ratio: Spread
    articles_per_second: float
    tokens_per_second: float
    gflops: float
    peak_mib: float | None
    agreement: Agreement | None


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
    contenders, missing = _loaded(specs, setting.device)
    answers = {name: contender.run(articles) for name, contender in contenders.items()}
    runs = {name: partial(contender.run, articles) for name, contender in contenders.items()}
    seconds = run_rounds(runs, setting.rounds, setting.seed)
    windows = {name: contender.windows(articles) for name, contender in contenders.items()}
    flops = {name: EncoderSize.of(c.encoder_config()).operations(windows[name]) for name, c in contenders.items()}
    there = [spec for spec in specs if spec.name in contenders]
    contenders.clear()  # their memory is needed by those who are now measured each alone
    runs.clear()
    first, reference = seconds[there[0].name], _reference(there, answers)
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
                gflops=flops[spec.name] / usual / 1e9,
                peak_mib=peaks[spec.name],
                agreement=_agreement(answers[spec.name], reference),
            )
        )
    return Comparison(tuple(rows), missing)


def _loaded(specs: Sequence[Spec], device: str) -> tuple[dict[str, Contender], dict[str, str]]:
    found, missing = dict[str, Contender](), dict[str, str]()
    for spec in specs:
        try:
            found[spec.name] = load(spec, device)
        except ConfigError as error:
            missing[spec.name] = str(error)
    return found, missing


def _peaks(specs: Sequence[Spec], articles: Sequence[Article], setting: Setting) -> dict[str, float]:
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
