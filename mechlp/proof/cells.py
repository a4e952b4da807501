"""Trade at prices by rounded types: a mechanism measurable in cells, exactly incentive compatible for every type in [0, 1]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..exact.balls import below, number, precise
from ..exact.numbers import rational, text
from .invalid import InvalidCertificate

Cell = tuple[int, int]
Weights = dict[Fraction, Any]  # price -> probability, a ball of real numbers
#: Times that an interval of types is halved.
MAX_HALVINGS = 24


@dataclass(frozen=True)
class CellMechanism:
    """Types are rounded to a partition of [0, 1], the seller's up and the buyer's down; a lottery over prices for each pair.

    Cell ``(i, j)`` is seller types in ``(g_i, g_{i+1}]`` and buyer types in ``[g_j, g_{j+1})``; they trade if i < j, at prices in
    ``[g_{i+1}, g_j]``.  ``nearest[i]`` is the probability of trade in ``(i, i + 1)``, at ``g_{i+1}``.  ``inner`` holds the
    probabilities of prices strictly inside, for the other cells.  Those of the two end prices are not given: they are
    the real numbers for which type ``g_{i+1}`` is indifferent to reporting one cell higher, and ``g_j`` one lower.  So every
    equality that incentive compatibility needs holds by construction, though the probabilities are irrational.

    Utility under truth is continuous in the own type; what a report is worth jumps, as it does at a posted price (the paper's
    "regular" is read as it must be for posted prices to be so).
    """

    power: Fraction
    partition: tuple[Fraction, ...]
    nearest: tuple[Fraction, ...]
    inner: Mapping[Cell, Mapping[Fraction, Fraction]]

    @precise
    def welfare(self) -> Fraction:
        """A rational lower end of the expected sum of utilities, after every requirement was checked.

        Raises
        ------
        InvalidCertificate
            A probability that may be negative, more than one in all, or a lie that may pay for some type.
        """
        return _Checked(self).welfare()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "power": text(self.power),
            "partition": [text(g) for g in self.partition],
            "nearest": [text(f) for f in self.nearest],
            "inner": {
                f"{i},{j}": {text(p): text(w) for p, w in row.items()} for (i, j), row in self.inner.items()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CellMechanism:
        """Read back.  Raises KeyError or ValueError."""
        inner = {}
        for key, row in data["inner"].items():
            i, j = map(int, key.split(","))
            inner[i, j] = {rational(p): rational(w) for p, w in row.items()}
        numbers = lambda name: tuple(rational(v) for v in data[name])  # noqa: E731
        return cls(rational(data["power"]), numbers("partition"), numbers("nearest"), inner)


class _Checked:
    """The balls of a cell mechanism, and the checks on them."""

    def __init__(self, mechanism: CellMechanism) -> None:
        self.power, self.g = mechanism.power, mechanism.partition
        self.n = len(self.g) - 1
        self.powers: dict[tuple[Fraction, Fraction], Any] = {}
        if (
            not 0 < self.power < 1
            or self.g[0] != 0
            or self.g[-1] != 1
            or self.n < 2
            or len(mechanism.nearest) != self.n - 1
        ):
            raise InvalidCertificate("a power in (0, 1) and a partition of [0, 1] are expected")
        if any(a >= b for a, b in zip(self.g, self.g[1:], strict=False)):
            raise InvalidCertificate("the partition does not increase")
        if not all(i >= 0 and i + 1 < j < self.n for i, j in mechanism.inner):
            raise InvalidCertificate(
                "prices inside a cell that has no inside, or that the partition does not have"
            )
        self.cells: dict[Cell, Weights] = {}
        for width in range(1, self.n):
            for i in range(self.n - width):
                self.cells[i, i + width] = self._completed(mechanism, i, i + width)

    def pow(self, base: Fraction, exponent: Fraction) -> Any:
        """A ball around a power of a rational, 0 ** positive being 0."""
        from flint import arb, fmpq

        if base == 0:
            return arb(0)
        if (base, exponent) not in self.powers:
            x = arb(fmpq(base.numerator, base.denominator))
            self.powers[base, exponent] = (x**exponent.numerator).root(exponent.denominator)
        return self.powers[base, exponent]

    def _completed(self, mechanism: CellMechanism, i: int, j: int) -> Weights:
        from flint import arb, fmpq

        ball = lambda w: arb(fmpq(w.numerator, w.denominator))  # noqa: E731
        low, high = self.g[i + 1], self.g[j]
        if j == i + 1:
            weights = {low: ball(mechanism.nearest[i])}
        else:
            inner = mechanism.inner.get((i, j), {})
            if any(not low < p < high for p in inner):
                raise InvalidCertificate(f"a price outside its cell ({i}, {j})")
            weights = {p: ball(w) for p, w in inner.items()}
            if j == i + 2 and not inner:  # a lottery over two posted prices: nothing to solve for
                weights = self.cells[i, j - 1] | self.cells[i + 1, j]
            else:
                sold = self._worth(self.cells[i + 1, j], low) - self._worth(weights, low)
                bought = self._worth(self.cells[i, j - 1], high) - self._worth(weights, high)
                whole = self.pow(high - low, self.power)
                weights |= {low: bought / whole, high: sold / whole}
        total = arb(0)
        for weight in weights.values():
            if not weight >= 0:
                raise InvalidCertificate(f"a probability in cell ({i}, {j}) may be negative")
            total += weight
        if not total <= 1:
            raise InvalidCertificate(f"the probabilities in cell ({i}, {j}) may exceed 1")
        return weights

    def _worth(self, weights: Weights, value: Fraction) -> Any:
        """What a lottery is worth to a type at one end of its prices: their distances from it."""
        from flint import arb

        return sum((w * self.pow(abs(p - value), self.power) for p, w in weights.items()), arb(0))

    # -- welfare --------------------------------------------------------------------------------
    def welfare(self) -> Fraction:
        from flint import arb

        self._check_lies(self.g, self.cells)
        turned = {
            (self.n - 1 - j, self.n - 1 - i): {-p: w for p, w in c.items()}
            for (i, j), c in self.cells.items()
        }
        self._check_lies(tuple(-v for v in reversed(self.g)), turned)
        exponent, total = self.power + 1, arb(0)
        for (i, j), weights in self.cells.items():
            own = [self.g[k + 1] - self.g[k] for k in (i, j)]
            for p, w in weights.items():
                sells = self.pow(p - self.g[i], exponent) - self.pow(p - self.g[i + 1], exponent)
                buys = self.pow(self.g[j + 1] - p, exponent) - self.pow(self.g[j] - p, exponent)
                total += w * (sells * number(own[1]) + buys * number(own[0]))
        total = total / number(exponent)
        return below(total)

    # -- incentives -----------------------------------------------------------------------------
    def _check_lies(self, g: tuple[Fraction, ...], cells: dict[Cell, Weights]) -> None:
        """No seller type gains by another report; the buyer's case is the mirror image."""
        for i, j in cells:
            for report in range(j):
                if report != i:
                    self._check_lie(g, cells[i, j], cells[report, j], i, report, j)

    def _check_lie(
        self, g: tuple[Fraction, ...], truth: Weights, lie: Weights, i: int, report: int, j: int
    ) -> None:
        """Types of cell i, from the end nearest to the report: the gain of truth never becomes negative.

        At that end truth and the next cell are worth the same, by construction.
        """
        from flint import arb

        net = {
            p: truth.get(p, arb(0)) - lie.get(p, arb(0))
            for p in truth | lie
            if lie.get(p) is not truth.get(p)
        }
        up = report < i
        start, end = (g[i], g[i + 1]) if up else (g[i + 1], g[i])
        least = arb(0) if abs(report - i) == 1 else self._gain(net, start)
        pieces = [(start, end, 0)]
        while pieces:
            a, b, halvings = pieces.pop()
            ends = (a, b) if up else (b, a)
            lost, slope = self._slope(net, *ends, up)
            if a == start:
                reached = least - self._gain(lost, a)
            else:
                reached = self._gain({p: w for p, w in net.items() if p not in lost}, a)
            if not (reached >= 0 and (slope >= 0 or reached + slope * number(abs(b - a)) >= 0)):
                if halvings == MAX_HALVINGS:
                    where = f"{float(ends[0]):.6g}, {float(ends[1]):.6g}"
                    raise InvalidCertificate(
                        f"a type in [{where}] may gain by reporting cell {report} (other: {j})"
                    )
                middle = (a + b) / 2
                pieces += [(middle, b, halvings + 1), (a, middle, halvings + 1)]
                continue

    def _gain(self, net: Weights, v: Fraction) -> Any:
        """What truth is worth more than a lie to seller type v, who vetoes prices below v; ``net``: truth less lie."""
        from flint import arb

        return sum((w * self.pow(p - v, self.power) for p, w in net.items() if p > v), arb(0))

    def _slope(self, net: Weights, low: Fraction, high: Fraction, up: bool) -> tuple[Weights, Any]:
        """How the gain of truth changes over types in [low, high], at least: ``(prices left out, slope)``.

        A price within the cell is part of the lie alone; its veto can only help.  Moving up, the slope of a price at ``high`` is
        infinite: it is left out instead, being worth at least nothing.
        """
        from flint import arb

        lost: Weights = {}
        rise, fall, e = arb(0), arb(0), self.power - 1
        for p, w in net.items():
            helps = -w if up else w
            if p <= low or (p < high and helps >= 0):
                continue
            if helps >= 0:
                rise += helps * self.pow(p - low, e)
            elif p > high:
                fall += abs(w) * self.pow(p - high, e)
            elif p == high and up and w >= 0:
                lost[p] = w
            else:
                raise InvalidCertificate("a lie at a price that no type of the cell refuses")
        return lost, (rise - fall) * number(self.power)
