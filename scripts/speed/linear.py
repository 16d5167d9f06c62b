"""How time grows with the number of articles and with their length."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from speed.articles import of_length
from speed.contenders import Spec, load
from speed.rounds import Fit, Spread, fit, run_rounds
from speed.setting import Section, Setting
from speed.shapes import TINY, WINDOW, Heads, bundle
from svodka.article import Article

COUNTS = (0.5, 1, 2, 4)  # times the articles of a round
WINDOWS = (1, 2, 4, 8, 16)  # that an article of the second series fills
LONG_ARTICLES = 8
PICTURE = "linear.png"


@dataclass(frozen=True)
class Growth:
    """Median seconds over growing inputs.

    Attributes:
        x: size of each input, seconds: of each.
    """

    x: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def fit(self) -> Fit:
        """How they grow."""
        return fit(self.x, self.seconds)


def linear(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Time against the number of articles, and against tokens of an article; also as a picture in the work folder."""
    spec = Spec("", "svodka", str(bundle(TINY, Heads(), setting)), engine="auto")
    counts = [max(1, int(times * setting.n)) for times in COUNTS]
    articles = list(setting.articles) * (1 + counts[-1] // len(setting.articles))
    by_count = _growth(spec, {n: articles[:n] for n in counts}, setting)
    whole = replace(spec, windows=max(WINDOWS))
    by_length = _growth(whole, _by_length(whole, setting), setting)
    picture = setting.work / PICTURE
    plot({"articles of one window": by_count, f"tokens of an article ({LONG_ARTICLES} articles)": by_length}, picture)
    cells = [
        ["articles", _points(by_count), f"{by_count.fit.exponent:.2f}", f"{by_count.fit.r2:.4f}"],
        ["tokens of an article", _points(by_length), f"{by_length.fit.exponent:.2f}", f"{by_length.fit.r2:.4f}"],
    ]
    header = ("against", "size: median seconds", "exponent (log-log)", "R2 of a line")
    notes = [f"Tags, {TINY.name}, engine auto, {setting.rounds} rounds; the picture is in the .png beside the JSON."]
    data = {"articles": asdict(by_count), "tokens": asdict(by_length)}
    return Section("Linear cost", header, cells, notes, data)


def plot(growths: Mapping[str, Growth], target: Path) -> None:
    """Write a PNG: one panel for each growth, the points with the fitted line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(growths), 3.5), layout="constrained")
    for i, (name, growth) in enumerate(growths.items(), 1):
        axes = figure.add_subplot(1, len(growths), i)
        axes.scatter(growth.x, growth.seconds, color="tab:blue")
        found = growth.fit
        middle = sum(growth.seconds) / len(growth.seconds) - found.per_unit * sum(growth.x) / len(growth.x)
        ends = (0.0, max(growth.x))
        axes.plot(ends, [middle + found.per_unit * x for x in ends], color="tab:orange")
        axes.set(xlabel=name, ylabel="seconds", title=f"exponent {found.exponent:.2f}, R2 {found.r2:.4f}")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
    figure.savefig(target, format="png", dpi=120)


def _by_length(spec: Spec, setting: Setting) -> dict[int, list[Article]]:
    """Mean tokens read of an article -> articles of about 1, 2, 4, … windows."""
    contender = load(spec, setting.device)
    sample = setting.articles[:LONG_ARTICLES]
    tokens_per_word = sum(contender.windows(sample)) / sum(len(a.text.split()) for a in sample)
    found = {}
    for windows in WINDOWS:
        made = of_length(setting.articles, int(0.95 * windows * WINDOW / tokens_per_word), LONG_ARTICLES)
        found[sum(contender.windows(made)) // LONG_ARTICLES] = made
    return found


def _growth(spec: Spec, inputs: Mapping[int, Sequence[Article]], setting: Setting) -> Growth:
    contender = load(spec, setting.device)
    runs = {str(size): partial(contender.run, articles) for size, articles in inputs.items()}
    for run in runs.values():
        run()
    seconds = run_rounds(runs, setting.rounds, setting.seed)
    return Growth(tuple(map(float, inputs)), tuple(Spread.of(seconds[name]).median for name in runs))


def _points(growth: Growth) -> str:
    return ", ".join(f"{x:,.0f}: {seconds:.2f}" for x, seconds in zip(growth.x, growth.seconds, strict=True))
