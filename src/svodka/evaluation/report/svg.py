"""Charts as inline SVG, drawn by hand so that a report needs no script and no file beside it.

Colours come from the page's style sheet by class; every text is escaped.
"""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT = 420, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 10, 40

Point = tuple[float, float]


class Plane:
    """Axes over a range of x and y, with a grid at round numbers."""

    def __init__(self, x: Point, y: Point, *, x_label: str, y_label: str) -> None:
        """Take the ranges and what stands beside the axes; an empty range is widened."""
        self._x, self._y = _widened(x), _widened(y)
        self._parts: list[str] = []
        for value in ticks(*self._y):
            at = self._down(value)
            self._parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
            self._parts.append(text(_LEFT - 5, at + 4, short(value), "end"))
        for value in ticks(*self._x):
            self._parts.append(text(self._across(value), HEIGHT - _BOTTOM + 15, short(value), "middle"))
        self._parts.append(text((WIDTH + _LEFT - _RIGHT) / 2, HEIGHT - 6, x_label, "middle"))
        middle = (HEIGHT - _BOTTOM + _TOP) / 2
        self._parts.append(
            f'<text class="small" transform="rotate(-90 11 {middle})" x="11" y="{middle}" text-anchor="middle">'
            f"{escape(y_label)}</text>"
        )

    def line(self, points: Sequence[Point], style: str) -> "Plane":
        """A polyline of class `style`."""
        path = " ".join(f"{self._across(x):.1f},{self._down(y):.1f}" for x, y in points)
        self._parts.append(f'<polyline class="line {style}" points="{path}"/>')
        return self

    def dots(self, points: Sequence[tuple[float, float, float, str]], style: str) -> "Plane":
        """Dots (x, y, radius, what a pointer shows)."""
        self._parts += [
            f'<circle class="dot {style}" cx="{self._across(x):.1f}" cy="{self._down(y):.1f}" r="{r:.1f}">'
            f"<title>{escape(told)}</title></circle>"
            for x, y, r, told in points
        ]
        return self

    def bars(self, edges: Sequence[float], heights: Sequence[float], style: str) -> "Plane":
        """Bars between neighbouring edges, from 0 up."""
        for low, high, height in zip(edges, edges[1:], heights, strict=False):
            x, wide = self._across(low), self._across(high) - self._across(low)
            top, bottom = self._down(height), self._down(0)
            self._parts.append(
                f'<rect class="bar {style}" x="{x:.1f}" width="{max(0.5, wide - 1):.1f}" y="{top:.1f}" '
                f'height="{bottom - top:.1f}"><title>{short(low)} to {short(high)}: {short(height)}</title></rect>'
            )
        return self

    def upright(self, x: float, label: str) -> "Plane":
        """A vertical line with a label on its left."""
        at = self._across(x)
        self._parts.append(f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>')
        self._parts.append(text(at - 4, _TOP + 12, label, "end"))
        return self

    def svg(self, told: str) -> Markup:
        """The chart; `told` is for those who cannot see it."""
        return wrap(self._parts, WIDTH, HEIGHT, told)

    def _across(self, x: float) -> float:
        low, high = self._x
        return _LEFT + (x - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    def _down(self, y: float) -> float:
        low, high = self._y
        return HEIGHT - _BOTTOM - (y - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)


def heat_map(names: Sequence[str], shares: Sequence[Sequence[float]], told: str) -> Markup:
    """A square of cells, darker for a higher share (0 to 1); columns are numbered as the rows are."""
    label, cell = 150, (WIDTH - 150) / max(1, len(names))
    parts = [text(label + (i + 0.5) * cell, 12, str(i + 1), "middle") for i in range(len(names))]
    for i, (name, row) in enumerate(zip(names, shares, strict=True)):
        y = 18 + i * cell
        shown = name if len(name) <= 17 else name[:16] + "…"
        parts.append(text(label - 5, y + cell / 2 + 4, f"{shown} {i + 1}", "end"))
        parts += [
            f'<rect class="cell" x="{label + j * cell:.1f}" y="{y:.1f}" width="{cell - 1:.1f}" '
            f'height="{cell - 1:.1f}" fill-opacity="{share:.3f}"><title>{escape(name)} → {escape(names[j])}: '
            f"{share:.0%}</title></rect>"
            for j, share in enumerate(row)
        ]
    return wrap(parts, WIDTH, 18 + len(names) * cell, told)


def bar(share: float, *, style: str = "") -> Markup:
    """A bar for a table's cell, filled from 0 to 1."""
    filled = 100 * min(1.0, max(0.0, share))
    return Markup(
        '<svg class="inline" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="10"/>'
        f'<rect class="bar {style}" width="{filled:.1f}" height="10"/></svg>'
    )


def text(x: float, y: float, body: str, anchor: str) -> str:
    """Small text, escaped."""
    return f'<text class="small" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(body)}</text>'


def wrap(parts: Sequence[str], width: float, height: float, told: str) -> Markup:
    """An SVG around parts that are escaped already."""
    return Markup(
        f'<svg class="chart" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(told)}">'
        f"{''.join(parts)}</svg>"
    )


def legend(entries: Mapping[str, str]) -> Markup:
    """What each line is: name -> class."""
    keys = "".join(f'<span class="key {style}">{escape(name)}</span>' for name, style in entries.items())
    return Markup(f'<p class="legend">{keys}</p>')


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers within a range, at most `most` + 1."""
    rough = (high - low) / most
    scale = 10 ** math.floor(math.log10(rough))
    step = next(scale * m for m in (1, 2, 2.5, 5, 10) if scale * m >= rough)
    return [round(i * step, 10) for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def short(value: float) -> str:
    """A number as an axis shows it."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def _widened(span: Point) -> Point:
    return span if span[1] > span[0] else (span[0], span[0] + 1)
