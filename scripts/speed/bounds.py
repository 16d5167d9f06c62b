"""What reading articles for tags would take at the rates that a CPU reaches at each kind of work alone."""

from dataclasses import dataclass

from speed.compare import Comparison, Row

# Engines whose products are float32's, which is what the rate is measured for.
_PLAIN = ("torch", "fast")


@dataclass(frozen=True)
class TagHead:
    """Label-wise attention over token states of a width."""

    width: int
    tags: int

    @property
    def operations(self) -> int:
        """Floating-point operations a token: a projection, and a score and a share for each tag."""
        return 2 * self.width * self.width + 4 * self.width * self.tags


def bound_note(found: Comparison, head: TagHead, *, peak: float, exponents: float) -> str:
    """How much of the time of each engine in float32 its work would take at the measured rates; empty without one.

    Args:
        found: what was measured.
        head: the tag head, whose products are not among a row's GFLOP/s.
        peak: matrix rate in GFLOP/s.
        exponents: of attention's softmax, 10^9 a second.
    """
    told = [
        f"{row.name}, {' + '.join(f'{part:.0%}' for part in shares)} = {sum(shares):.0%}"
        for row in found.rows
        if row.engine in _PLAIN
        for shares in [_shares(row, head, peak, exponents)]
    ]
    if not told:
        return ""
    return (
        f"At the rates that were measured here for each alone ({peak:,.0f} GFLOP/s, {exponents:.2f} billion "
        f"exponents/s) the encoder's products, attention's exponents and the tag head's products would take of the "
        f"time of {'; of '.join(told)}."
    )


def _shares(row: Row, head: TagHead, peak: float, exponents: float) -> tuple[float, float, float]:
    products_of_head = row.tokens_per_second * head.operations / 1e9
    return row.gflops / peak, row.exponents / exponents, products_of_head / peak
