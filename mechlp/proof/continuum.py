"""Trade at prices on the continuum: types uniform on [0, 1], both traders' utility ``surplus ** power``.

Two theorems about numbers, each checked without a solver: no simple mechanism has more expected welfare than a rational
bound, and a mechanism measurable in cells, exactly incentive compatible for every type, has at least so much.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import rational, text
from ..exact.saved import checksum
from ..mechanism.simple import tangent_points
from .invalid import InvalidCertificate

Cell = tuple[int, int]
Weights = dict[Fraction, Any]  # price -> probability, a ball of real numbers
FORMAT = "mechlp continuum comparison 1"
#: Bits of the balls, times that an interval of types is halved, times that a polynomial's control polygon is.
PRECISION, MAX_HALVINGS, REFINED = 160, 24, 3


def _precise(function: Callable[..., Fraction]) -> Callable[..., Fraction]:
    """With balls of :data:`PRECISION` bits, whatever the caller's setting."""

    @wraps(function)
    def wrapped(*arguments: Any) -> Fraction:
        from flint import ctx

        with ctx.workprec(PRECISION):
            return function(*arguments)

    return wrapped


# -- no simple mechanism has more -----------------------------------------------------------------
def simple_averages(
    masses: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Means of ``int (t - s) dF(t)`` and ``int (b - t) dF(t)`` over ``[s, b]``, for (s, b) in each of n x n squares with s < b.

    ``masses``, shape ``(n, parts)``: of F at ``(k + l / parts) / n``.
    """
    n, parts = masses.shape
    h, into = 1 / n, np.arange(parts) / parts
    at = (np.arange(n)[:, None] + into) * h
    total = lambda weight: (masses * weight).sum(axis=1)  # noqa: E731
    mass, moment = (np.concatenate([[0], np.cumsum(total(weight))]) for weight in (1, at))
    k, l = np.arange(n)[:, None], np.arange(n)[None, :]  # noqa: E741
    low, high, between = (k + 0.5) * h, (l + 0.5) * h, l > k
    inner = np.where(between, mass[l] - mass[k + 1], 0), np.where(between, moment[l] - moment[k + 1], 0)
    seller = inner[1] - low * inner[0] + total((1 - into) * at)[None, :] - low * total(1 - into)[None, :]
    buyer = high * inner[0] - inner[1] + high * total(into)[:, None] - total(into * at)[:, None]
    seller += total(into**2)[:, None] * h / 2
    buyer += total((1 - into) ** 2)[None, :] * h / 2
    own = np.eye(n, dtype=bool)
    within = [(total(weight) * h)[:, None] for weight in (into**2 * (1 - into), into * (1 - into) ** 2)]
    return np.where(own, within[0], seller), np.where(own, within[1], buyer)


def simple_bound(power: Fraction, masses: npt.NDArray[np.float64]) -> Fraction:
    """No simple mechanism (Proposition 13) has more expected welfare on the continuum: a rational bound, whatever the masses.

    For any positive c(s, b), ``A ** g <= (1 - g) c ** g + g c ** (g - 1) A``.  With c constant on squares the right-hand side,
    integrated over s < b, is linear in F with a density K(t) that is a cubic on each cell; the bound is its constant part plus
    g times the largest K.  c is taken from ``masses`` (see :func:`simple_averages`), a distribution near the best one.
    """
    n = len(masses)
    above, diagonal = np.triu(np.ones((n, n), dtype=bool)), np.eye(n, dtype=bool)
    constant, polygons = Fraction(0), []
    for side, average in enumerate(simple_averages(masses)):
        powers, tangents = tangent_points(np.where(above, average, 1.0), power)
        twice = np.where(above, powers.numerator, 0) * np.where(diagonal, 1, 2)
        constant += Fraction(int(twice.sum()), powers.denominator * 2 * n * n)
        weights = np.where(above, tangents.numerator, 0)
        polygon = _polygons(weights if side == 0 else weights[::-1, ::-1].T)
        polygons.append(polygon if side == 0 else polygon[::-1, ::-1])
    control, scale = polygons[0] + polygons[1], tangents.denominator * 6 * n**3
    for _ in range(REFINED):
        b0, b1, b2, b3 = control.T
        ends = (b0 + 3 * b1 + 3 * b2 + b3,)
        left = (8 * b0, 4 * (b0 + b1), 2 * (b0 + 2 * b1 + b2), *ends)
        right = (*ends, 2 * (b1 + 2 * b2 + b3), 4 * (b2 + b3), 8 * b3)
        control, scale = np.concatenate([np.stack(left, 1), np.stack(right, 1)]), scale * 8
    return (1 - power) * constant + power * Fraction(int(control.max()), scale)


def _polygons(weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Bernstein coefficients, times ``6 n ** 3``, of the seller's part of K on each cell: shape ``(n, 4)``."""
    n = len(weights)
    places = np.arange(n)
    odd = 2 * places + 1
    beyond = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1] - weights  # sum over l > m
    below = places[:, None] < places[None, :]
    sums = lambda array: (np.where(below, array, 0)).sum(axis=0)  # noqa: E731
    p0, p1 = sums(beyond), sums(beyond * odd[:, None])
    q0, q1 = sums(weights), sums(weights * odd[:, None])
    d, r = np.diagonal(weights), np.diagonal(beyond)
    constant = 2 * places * p0 - p1 + 2 * places * q0 - q1
    linear = 2 * p0 + 2 * q0 - (2 * places * q0 - q1)
    square, cube = r + d - 2 * q0, -d
    coefficients = (
        3 * constant,
        3 * constant + linear,
        3 * constant + 2 * linear + square,
        3 * (constant + linear + square + cube),
    )
    return np.stack(coefficients, axis=1)


# -- a mechanism measurable in cells ---------------------------------------------------------------
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

    @_precise
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
            if j == i + 2 and not inner:  # a lottery over two posted prices: nothing to solve for
                return self.cells[i, j - 1] | self.cells[i + 1, j]
            weights = {p: ball(w) for p, w in inner.items()}
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
                total += w * (sells * _number(own[1]) + buys * _number(own[0]))
        total = total / _number(exponent)
        return _below(total)

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
            if not (reached >= 0 and (slope >= 0 or reached + slope * _number(abs(b - a)) >= 0)):
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
        return lost, (rise - fall) * _number(self.power)


def _number(value: Fraction) -> Any:
    from flint import arb, fmpq

    return arb(fmpq(value.numerator, value.denominator))


@_precise
def simple_welfare(power: Fraction, partition: Sequence[Fraction], masses: Sequence[Fraction]) -> Fraction:
    """A rational lower end of the expected welfare of the simple mechanism of atoms at the points of a partition of [0, 1].

    Raises
    ------
    InvalidCertificate
        When the masses are no distribution.
    """
    from flint import arb

    if len(masses) != len(partition) or any(m < 0 for m in masses) or sum(masses) != 1:
        raise InvalidCertificate("the masses are no distribution over the partition")
    total, exponent = arb(0), power + 1
    pow_ = lambda x: (_number(x) ** exponent.numerator).root(exponent.denominator) if x else arb(0)  # noqa: E731
    for k in range(len(partition) - 1):
        mass = moment = Fraction(0)
        for last in range(k + 1, len(partition) - 1):
            mass, moment = mass + masses[last], moment + masses[last] * partition[last]
            if mass == 0:
                continue
            sides = [moment - partition[s] * mass for s in (k, k + 1)]
            other = [partition[b] * mass - moment for b in (last + 1, last)]
            for (high, low), width in (
                (sides, partition[last + 1] - partition[last]),
                (other, partition[k + 1] - partition[k]),
            ):
                total += (pow_(high) - pow_(low)) * _number(width / (mass * exponent))
    return _below(total)


@_precise
def first_best(power: Fraction) -> Fraction:
    """A rational upper end of ``2 ** (1 - g) / ((g + 1) (g + 2))``: trade whenever there is a surplus, split in halves."""
    from flint import arb

    best = (arb(2) ** (power.denominator - power.numerator)).root(power.denominator)
    return -_below(-best / _number((power + 1) * (power + 2)))


def _below(ball: Any) -> Fraction:
    """A rational with denominator ``2 ** 60`` below a ball."""
    mantissa, exponent = map(int, ball.lower().man_exp())
    return Fraction(math.floor(mantissa * Fraction(2) ** (exponent + 60)), 2**60)


# -- side by side ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Comparison:
    """Expected welfare on the continuum, certified: the best simple mechanism lies in ``simple``, the best of all in ``general``.

    ``gap`` > 0: some mechanism is better than every simple one.
    """

    power: Fraction
    simple: tuple[Fraction, Fraction]
    general: tuple[Fraction, Fraction]
    atoms: tuple[Fraction, ...]
    masses: tuple[tuple[float, ...], ...]
    mechanism: CellMechanism | None

    @property
    def gap(self) -> Fraction:
        """The best of all less the best simple one: at least."""
        return self.general[0] - self.simple[1]

    def in_words(self) -> str:
        """One sentence."""
        ends = [f"{float(v):.9f}" for v in (*self.simple, self.general[0])]
        found = f"at power {text(self.power)} the best simple mechanism is worth {ends[0]} to {ends[1]}, another {ends[2]}"
        return found + (f": better than every simple one by {float(self.gap):.3g}" if self.gap > 0 else "")

    def to_json(self) -> dict[str, Any]:
        """Everything that :func:`check` needs."""
        body = {
            "format": FORMAT,
            "status": "better" if self.gap > 0 else "undecided",
            "power": text(self.power),
            "simple": [text(v) for v in self.simple],
            "general": [text(v) for v in self.general],
            "atoms": [text(v) for v in self.atoms],
            "masses": [list(row) for row in self.masses],
            "mechanism": None if self.mechanism is None else self.mechanism.to_json(),
        }
        return {**body, "sha256": checksum(body)}


def check(data: Mapping[str, Any]) -> Comparison:
    """Recheck a saved comparison from the definitions.

    Raises
    ------
    InvalidCertificate
        At the first claim that does not hold.
    """
    if data.get("format") != FORMAT or data.get("sha256") != checksum(data):
        raise InvalidCertificate("not a saved comparison, or one that was altered")
    power = rational(data["power"])
    pair = lambda name: (rational(data[name][0]), rational(data[name][1]))  # noqa: E731
    simple, general = pair("simple"), pair("general")
    atoms = tuple(rational(v) for v in data["atoms"])
    masses = np.array(data["masses"], dtype=np.float64)
    partition = [Fraction(k, len(atoms) - 1) for k in range(len(atoms))]
    if simple_welfare(power, partition, atoms) < simple[0] or simple_bound(power, masses) > simple[1]:
        raise InvalidCertificate("the ends for simple mechanisms are not proved")
    mechanism = None if data["mechanism"] is None else CellMechanism.from_json(data["mechanism"])
    if mechanism is not None and mechanism.power != power:
        raise InvalidCertificate("the mechanism is for another power")
    reached = simple[0] if mechanism is None else mechanism.welfare()
    if reached < general[0] or first_best(power) > general[1]:
        raise InvalidCertificate("the ends for all mechanisms are not proved")
    return Comparison(power, simple, general, atoms, tuple(map(tuple, data["masses"])), mechanism)


__all__ = [
    "CellMechanism",
    "Comparison",
    "check",
    "first_best",
    "simple_averages",
    "simple_bound",
    "simple_welfare",
]
