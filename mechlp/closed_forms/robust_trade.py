"""Bilateral trade by a designer who only knows the two means, in closed form (Zhang 2021, "Robust bilateral trade").

Buyer value b and seller cost s in [0, 1], of means ``M_B > M_S``; dominant-strategy IC, ex-post IR; the most revenue that is
guaranteed whatever the joint distribution.

* :class:`RobustTrade`: the maxmin mechanism and the worst-case joint distribution, symmetric (I) and asymmetric (II) in one
  form; :func:`guarantee_at` bounds what any pair of thresholds guarantees, rigorously.
* :class:`DeterministicTrade`: Theorem 3, among deterministic mechanisms; :func:`best_posted_thresholds` on a grid, exact.

Closed forms hold logarithms, so they are floats here; :meth:`RobustTrade.mechanism` is an exact mechanism on a grid whose
allocation is the closed form rounded to 12 digits, for the ordinary audit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from flint import arb, fmpq
from scipy.optimize import brentq, minimize, root

from ..environment.belief_sets import BeliefSet
from ..environment.model import Agent, Environment, InvalidEnvironment
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..question.continuum import least_rents
from .located_thresholds import half_side

#: Denominator to which closed forms are rounded on a grid.
ROUNDING = 10**12
#: Nodes of the quadrature within each step of the grid, for the worst-case distribution on a grid.
NODES = 64
Floats = npt.NDArray[np.float64]


class InvalidMeans(InvalidEnvironment):
    """Means for which nothing is defined; the message says why."""


def known_means_trade(grid: Sequence[Fraction], mean_b: Fraction, mean_s: Fraction) -> Environment:
    """Trade on a square grid, the designer knowing the means: buyer on the first axis, seller on the second."""
    values = Rationals.of(list(grid))
    shape = (len(grid), len(grid))
    b, s = (v.broadcast_to(shape) for v in (values.reshape(-1, 1), values.reshape(1, -1)))
    nothing = Rationals.zeros(shape).tolist()
    return Environment(
        (Agent.of("buyer", list(grid)), Agent.of("seller", list(grid))),
        ("no-trade", "trade"),
        (Rationals.of([nothing, b.tolist()]), Rationals.of([nothing, (-s).tolist()])),
        title="Bilateral trade, known means",
        designer_set=BeliefSet.moment(b, "=", mean_b, "mean of buyer")
        & BeliefSet.moment(s, "=", mean_s, "mean of seller"),
    )


def logarithmic_mean(a: float, b: float) -> float:
    """``(b - a) / ln(b / a)``, which is a where the two agree."""
    x = (b - a) / a
    return a * (1 + x / 2 - x * x / 12) if abs(x) < 1e-5 else (b - a) / math.log1p(x)


def guarantee(r1: float, r2: float, mean_b: float, mean_s: float) -> float:
    """``W(r1, r2) = Lam(r1, 1 - r2) ((M_B - r1)/(1 - r1) - M_S/r2)``: what the mechanism with these thresholds guarantees."""
    return logarithmic_mean(r1, 1 - r2) * ((mean_b - r1) / (1 - r1) - mean_s / r2)


def guarantee_at(r1: Fraction, r2: Fraction, mean_b: Fraction, mean_s: Fraction) -> arb:
    """The same as a ball of rational thresholds: its lower end is a proved guarantee in the continuum.

    Raises
    ------
    InvalidMeans
        Unless both thresholds lie strictly inside (0, 1).
    """
    if not (0 < r1 < 1 and 0 < r2 < 1):
        raise InvalidMeans("thresholds r1 and r2 must lie strictly between 0 and 1")
    low, high = r1, 1 - r2
    ball = lambda x: arb(fmpq(x.numerator, x.denominator))  # noqa: E731
    mean = ball(low) if low == high else ball(high - low) / ball(high / low).log()
    return mean * ball((mean_b - r1) / (1 - r1) - mean_s / r2)


@dataclass(frozen=True)
class TwoMeans:
    """The expected value of the buyer and of the seller, all that the designer knows.

    Raises
    ------
    InvalidMeans
        Unless ``0 < M_S < M_B < 1``.
    """

    mean_b: Fraction
    mean_s: Fraction

    def __post_init__(self) -> None:
        for name, mean in (("M_B", self.mean_b), ("M_S", self.mean_s)):
            if not 0 < mean < 1:
                raise InvalidMeans(f"{name} = {text(mean)} is not inside (0, 1)")
        if self.mean_b <= self.mean_s:
            raise InvalidMeans(
                f"M_B = {text(self.mean_b)} does not exceed M_S = {text(self.mean_s)}: no revenue can be guaranteed"
            )


@dataclass(frozen=True)
class RobustTrade(TwoMeans):
    """Maxmin trade mechanism and worst-case joint distribution (Zhang 2021, Theorems 1 and 2).

    With thresholds ``r1, r2`` trade has a positive chance where ``r2 b - (1 - r1) s > r1 r2``.
    """

    @cached_property
    def thresholds_within(self) -> Fraction | None:
        """How near to :attr:`thresholds` those that solve the equations are proved to be, and to be unique; None: not proved."""
        return half_side((self.mean_b, self.mean_s), self.thresholds)

    @cached_property
    def thresholds(self) -> tuple[float, float]:
        """``(r1, r2)``: in closed form where ``M_B + M_S = 1``, else the maximum of W, started from there."""
        mean_b, mean_s = float(self.mean_b), float(self.mean_s)
        r = 1 - math.sqrt(1 - (mean_b - mean_s))
        if self.mean_b + self.mean_s == 1:
            return r, 1 - r
        unit = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
        start = np.log([r / (1 - r), (1 - r) / r])
        found = minimize(
            lambda z: -guarantee(float(unit(z[0])), float(unit(z[1])), mean_b, mean_s),
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-12, "fatol": 1e-16, "maxiter": 10_000},
        )
        # A maximum is known to half the digits of its argument; the means know the rest.
        near = unit(found.x)
        points = [near, root(self._gaps, near, tol=1e-14).x]
        r1, r2 = min(points, key=lambda at: max(map(abs, self._gaps(at))))
        return float(r1), float(r2)

    def _gaps(self, thresholds: Floats) -> list[float]:
        """How far the means of the worst-case marginals are from the known ones (the paper's (27), (28))."""
        r1, r2 = (float(x) for x in thresholds)
        if not (0 < r1 < 1 and 0 < r2 < 1):
            return [1.0, 1.0]
        low, high = r1, 1 - r2
        value = r1 * (1 - r2)
        # Both marginals are 1/w^2 for a w that goes linearly from r1 to 1 - r2; the integral of v/w^2 is elementary.
        slope = (high - low) / (1 - r1)
        buyer = r1 + value * _first_moment(r1, 1.0, slope, low)
        slope = (high - low) / r2
        seller = value * _first_moment(0.0, r2, slope, low)
        return [buyer - float(self.mean_b), seller - float(self.mean_s)]

    @property
    def value(self) -> float:
        """``V = r1 (1 - r2)``: the most that can be guaranteed."""
        r1, r2 = self.thresholds
        return r1 * (1 - r2)

    @property
    def prices(self) -> tuple[float, float, float]:
        """``(lB, lS, mu)``: the revenue at (b, s) is at least ``lB b + lS s + mu``."""
        r1, r2 = self.thresholds
        mean = logarithmic_mean(r1, 1 - r2)
        return mean / (1 - r1), -mean / r2, -mean * r1 / (1 - r1)

    def proved(self, digits: int = 12) -> Fraction:
        """A rational number that is proved to be a guarantee: W at thresholds rounded to some digits, by ball arithmetic."""
        scale = 10**digits
        r1, r2 = (Fraction(round(r * scale), scale) for r in self.thresholds)
        mantissa, exponent = guarantee_at(r1, r2, self.mean_b, self.mean_s).lower().man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)

    # -- the mechanism --------------------------------------------------------------------------
    def _line(self, b: Floats) -> Floats:
        """``w`` at the cost at which trade stops for a buyer b: goes linearly from r1 (b = r1) to 1 - r2 (b = 1)."""
        r1, r2 = self.thresholds
        return np.asarray(r1 + (1 - r1 - r2) * (b - r1) / (1 - r1))

    def chance(self, b: npt.ArrayLike, s: npt.ArrayLike) -> Floats:
        """The chance of trade ``q(b, s)``."""
        r1, r2 = self.thresholds
        b, s = np.asarray(b, dtype=float), np.asarray(s, dtype=float)
        inside = r2 * b - (1 - r1) * s >= r1 * r2
        spread = 1 - r1 - r2
        if abs(spread) < 1e-9:
            chance = (b - s - r1) / (1 - r1)
        else:
            upper, lower = self._line(b), r1 + spread * s / r2
            with np.errstate(divide="ignore", invalid="ignore"):
                chance = np.log(upper / lower) / math.log((1 - r2) / r1)
        return np.where(inside, np.clip(chance, 0, 1), 0.0)

    def payments(self, b: npt.ArrayLike, s: npt.ArrayLike) -> tuple[Floats, Floats]:
        """``(t_B, t_S)``: what the buyer pays and the seller receives."""
        r1, r2 = self.thresholds
        b, s = np.asarray(b, dtype=float), np.asarray(s, dtype=float)
        inside = r2 * b - (1 - r1) * s >= r1 * r2
        spread = 1 - r1 - r2
        if abs(spread) < 1e-9:
            pays = (b * b - (s + r1) ** 2) / (2 * (1 - r1))
            gets = ((b - r1) ** 2 - s * s) / (2 * (1 - r1))
        else:
            log = math.log((1 - r2) / r1)
            tail = -r1 * r2 / spread * self.chance(b, s)
            pays = tail + (b - (1 - r1) / r2 * s - r1) / log
            gets = tail + (r2 / (1 - r1) * b - s - r1 * r2 / (1 - r1)) / log
        return np.where(inside, pays, 0.0), np.where(inside, gets, 0.0)

    def mechanism(self, grid: Sequence[Fraction]) -> Mechanism:
        """On a grid: the chance of trade rounded to 12 digits, with the least rents; exact."""
        environment = known_means_trade(grid, self.mean_b, self.mean_s)
        points = np.array([float(g) for g in grid])
        chance = self.chance(points[:, None], points[None, :])
        trade = np.vectorize(lambda x: round(float(x) * ROUNDING), otypes=[object])(chance)
        allocation = Rationals(np.stack([ROUNDING - trade, trade]), ROUNDING)
        return Mechanism(environment, allocation, least_rents(environment, allocation))

    # -- the worst-case joint distribution ------------------------------------------------------
    def buyer_tail(self, b: npt.ArrayLike) -> Floats:
        """``Pr(B >= b)``: one up to r1, and r1 at b = 1."""
        r1, r2 = self.thresholds
        b = np.asarray(b, dtype=float)
        return np.where(b <= r1, 1.0, r1 + self.value * (1 - b) / (self._line(b) * (1 - r2)))

    def seller_below(self, s: npt.ArrayLike) -> Floats:
        """``Pr(S <= s)``: ``1 - r2`` at zero, one from r2 on."""
        r1, r2 = self.thresholds
        s = np.asarray(s, dtype=float)
        at = np.minimum(s, r2)
        return np.asarray(1 - r2 + self.value * at / (r1 * (r1 + (1 - r1 - r2) * at / r2)))

    def tail_given(self, b: npt.ArrayLike, s: npt.ArrayLike) -> Floats:
        """``Pr(B >= b | S = s)``: a Pareto distribution with an atom at one, and for s = 0 of another exponent."""
        r1, r2 = self.thresholds
        b, s = np.asarray(b, dtype=float), np.asarray(s, dtype=float)
        w = r1 + (1 - r1 - r2) * s / r2
        start = s + w
        with np.errstate(divide="ignore", invalid="ignore"):
            tail = np.where(s > 0, (w / np.maximum(b - s, 1e-300)) ** 2, r1 / np.maximum(b, 1e-300))
        return np.where(b <= start, 1.0, np.where(b > 1, 0.0, tail))

    def prior(self, m: int) -> Rationals:
        """The worst-case distribution on the grid ``0, h, ..., 1``: every mass split between the corners of its box.

        So means are kept; rounding to rationals is made good on three cells, so that they are kept exactly.
        """
        r1, r2 = self.thresholds
        grid = np.linspace(0, 1, m)
        mass = (1 - r2) * np.outer(self._split(grid, np.zeros(1))[0], np.eye(m)[0])
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        breaks = sorted({*grid[grid < r2], r2, *self._kinks(grid)})
        for low, high in pairwise(breaks):
            s = low + (high - low) * (nodes + 1) / 2
            density = self.value / (r1 + (1 - r1 - r2) * s / r2) ** 2 * weights * (high - low) / 2
            hats = np.maximum(0, 1 - abs(s[:, None] - grid[None, :]) * (m - 1))
            mass += np.einsum("k,ki,kj->ij", density, self._split(grid, s), hats)
        return with_means(mass, self.mean_b, self.mean_s)

    def _kinks(self, grid: Floats) -> list[float]:
        """Costs at which the least value that trades meets the grid."""
        r1, r2 = self.thresholds
        costs = (grid - r1) * r2 / (1 - r1)
        return [float(c) for c in costs if 0 < c < r2]

    def _split(self, grid: Floats, s: Floats) -> Floats:
        """For each cost, the conditional distribution of the buyer split between neighbours on the grid."""
        r1, r2 = self.thresholds
        cost = s[:, None]
        w = r1 + (1 - r1 - r2) * cost / r2
        start = cost + w
        at = np.maximum(grid[None, :], start)
        passed = np.where(cost > 0, w * w * (1 / w - 1 / (at - cost)), r1 * np.log(at / start))
        return split_between(np.minimum(grid[None, :], start) + passed)


def split_between(area: Floats) -> Floats:
    """Distributions on [0, 1] with every mass split between neighbours on a grid, from ``area``, shape ``(k, m)``: the integral
    of the chance of more, up to each point of the grid."""
    slope = np.diff(area, axis=1) * (area.shape[1] - 1)
    rim = np.ones((len(area), 1))
    ends = np.concatenate([rim, slope, 0 * rim], axis=1)
    return np.asarray(ends[:, :-1] - ends[:, 1:])


def _first_moment(low: float, high: float, slope: float, start: float) -> float:
    """The integral of ``v / w(v)^2`` where w is ``start`` at ``low`` and has a slope."""
    if abs(slope) < 1e-7:
        from scipy.integrate import quad

        return float(quad(lambda v: v / (start + slope * (v - low)) ** 2, low, high)[0])
    end = start + slope * (high - low)
    shift = low - start / slope
    return (math.log(end / start) + shift * slope * (1 / start - 1 / end)) / slope**2


def with_means(mass: Floats, mean_b: Fraction, mean_s: Fraction) -> Rationals:
    """A distribution near a float one with exactly the means: three heavy cells, one at the corner, take the rounding."""
    m = len(mass)
    grid = [Fraction(k, m - 1) for k in range(m)]
    cells = np.vectorize(lambda p: Fraction(max(0, round(float(p) * ROUNDING)), ROUNDING), otypes=[object])(
        mass
    )
    b, s = int(np.argmax(mass[:-1, 0])), 1 + int(np.argmax(mass[-1, 1:]))
    lack = 1 - cells.sum()
    lack_b = mean_b - sum(g * p for g, p in zip(grid, cells.sum(axis=1), strict=True))
    lack_s = mean_s - sum(g * p for g, p in zip(grid, cells.sum(axis=0), strict=True))
    on_b, on_s = (lack - lack_b) / (1 - grid[b]), lack_s / grid[s]
    cells[b, 0] += on_b
    cells[-1, s] += on_s
    cells[-1, 0] += lack - on_b - on_s
    return Rationals.from_fractions(list(cells.ravel()), (m, m))


def free_seller(mean_b: Fraction) -> float:
    """The limit where the seller's cost is known to be zero: V = r with ``r - r ln r = M_B`` (Carrasco et al. 2018)."""
    if not 0 < mean_b < 1:
        raise InvalidMeans(f"M_B = {text(mean_b)} is not inside (0, 1)")
    return float(brentq(lambda r: r - r * math.log(r) - float(mean_b), 1e-300, 1, xtol=1e-15))


def posted(m: int, mean_b: Fraction, mean_s: Fraction, at: tuple[Fraction, Fraction] | None) -> Mechanism:
    """Trade where ``b >= at[0]`` and ``s <= at[1]``, at these prices, on the grid of m points (None: no trade)."""
    grid = [Fraction(k, m - 1) for k in range(m)]
    environment = known_means_trade(grid, mean_b, mean_s)
    chance = np.array([[int(at is not None and b >= at[0] and s <= at[1]) for s in grid] for b in grid])
    allocation = Rationals(np.stack([1 - chance, chance]))
    return Mechanism(environment, allocation, least_rents(environment, allocation))


@dataclass(frozen=True)
class DeterministicTrade(TwoMeans):
    """Theorem 3: the best guarantee among deterministic mechanisms, ``(1 - sqrt(M_S) - sqrt(1 - M_B))^2``, or no trade."""

    @property
    def thresholds(self) -> tuple[float, float]:
        """Trade where b exceeds the first and s is below the second (Example 2, threshold trading)."""
        return 1 - math.sqrt(1 - self.mean_b), math.sqrt(self.mean_s)

    @property
    def value(self) -> float:
        gap = 1 - math.sqrt(self.mean_s) - math.sqrt(1 - self.mean_b)
        return max(gap, 0.0) ** 2

    @property
    def worst_prior(self) -> dict[tuple[float, float], float]:
        """Point masses; empty where no trade is optimal."""
        b, s = self.thresholds
        if b <= s:
            return {}
        return {(b, 0.0): math.sqrt(1 - self.mean_b), (1.0, s): math.sqrt(self.mean_s), (1.0, 0.0): b - s}

    def linear(self, b: float, s: float) -> bool:
        """Example 1, linear trading."""
        root_b, root_s = math.sqrt(1 - self.mean_b), math.sqrt(self.mean_s)
        return root_s * b - root_b * s > root_s * (1 - root_b)

    def threshold(self, b: float, s: float) -> bool:
        """Example 2, threshold trading."""
        return b > self.thresholds[0] and s < self.thresholds[1]


def best_posted_thresholds(
    m: int, mean_b: Fraction, mean_s: Fraction
) -> tuple[Fraction, tuple[Fraction, Fraction] | None]:
    """The best guarantee of deterministic mechanisms on the grid of m points, and thresholds that reach it.

    ``max (b_k - s_l) max(0, 1 - (1 - M_B)/(1 - b_{k-1}) - M_S/s_{l+1})``, the term dropped where k is first or l is last: trade
    where ``b >= b_k`` and ``s <= s_l``, at these prices, against the least chance of it.
    """
    grid = [Fraction(k, m - 1) for k in range(m)]
    best, at = Fraction(0), None
    for k, b in enumerate(grid):
        missed_b = (1 - mean_b) / (1 - grid[k - 1]) if k else Fraction(0)
        for j, s in enumerate(grid):
            missed_s = mean_s / grid[j + 1] if j + 1 < m else Fraction(0)
            worth = (b - s) * max(Fraction(0), 1 - missed_b - missed_s)
            if worth > best:
                best, at = worth, (b, s)
    return best, at


__all__ = [
    "DeterministicTrade",
    "InvalidMeans",
    "RobustTrade",
    "best_posted_thresholds",
    "free_seller",
    "guarantee",
    "guarantee_at",
    "known_means_trade",
    "logarithmic_mean",
    "posted",
]
