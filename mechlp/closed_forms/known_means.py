"""Efficient bilateral trade between maxmin agents who know only each other's mean, in closed form (Wolitzky 2015).

A seller with cost c and a buyer with value v; each believes any distribution of the other's type that has the known mean.  Three
mechanisms trade efficiently:

* the alpha double auction on a grid (:class:`GridAuction`), exact;
* the alpha double auction in the continuum (:class:`Market`; Theorem 3), whose shares hold logarithms: balls around them decide;
* reference rules (Proposition 1) and their modification by eps (:class:`ReferenceRule`).

Each comes as a :class:`~mechlp.mechanism.mechanism.Mechanism` on a grid of types.  What an audit of it says holds on that grid;
:attr:`Market.implementable` is a statement about the continuum, and the two differ: a grid leaves out lies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from ..environment.belief_sets import BeliefSet
from ..environment.model import Agent, Environment, InvalidEnvironment
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism

Interval = tuple[Fraction, Fraction]
#: Bits at which a ball is first tried, and the denominator to which shares of the continuum are rounded down on a grid.
BITS, ROUNDING = 64, 10**15
#: Most points of a grid.
MAX_POINTS = 2_001


class InvalidMarket(InvalidEnvironment):
    """Means, intervals or prices for which the closed form is not defined; the message says why."""


def unit_grid(n: int) -> tuple[Fraction, ...]:
    """``0, h, 2h, ..., 1`` with ``h = 1/(n-1)``.  Raises InvalidMarket."""
    if n < 2:
        raise InvalidMarket(f"a grid of {n} points on [0, 1]; at least 2 are needed")
    if n > MAX_POINTS:
        raise InvalidMarket(f"a grid of {n} points; at most {MAX_POINTS} are accepted")
    return tuple(Fraction(k, n - 1) for k in range(n))


def trade(costs: Sequence[Fraction], values: Sequence[Fraction]) -> Environment:
    """Bilateral trade: the seller's costs on the first axis, the buyer's values on the second, no beliefs."""
    c, v = Rationals.of(list(costs)).reshape(-1, 1), Rationals.of(list(values)).reshape(1, -1)
    shape = (len(costs), len(values))
    nothing = Rationals.zeros(shape)
    utility = [[nothing, (-c).broadcast_to(shape)], [nothing, v.broadcast_to(shape)]]
    return Environment(
        (Agent.of("seller", list(costs)), Agent.of("buyer", list(values))),
        ("no-trade", "trade"),
        tuple(Rationals.of([part.tolist() for part in own]) for own in utility),
        title="Bilateral trade",
    )


def with_known_means(environment: Environment, c_star: Fraction, v_star: Fraction) -> Environment:
    """The same trade between agents who hold every distribution with the other's known mean possible."""
    sellers, buyers = environment.agents
    values = BeliefSet.moment(buyers.values, "=", v_star, "known mean")
    costs = BeliefSet.moment(sellers.values, "=", c_star, "known mean")
    return replace(environment, belief_sets=((values,) * sellers.size, (costs,) * buyers.size))


def _mechanism(
    environment: Environment, trades: Callable[[Fraction, Fraction], bool], pays: Callable[..., Any]
) -> Mechanism:
    """``pays(c, v)`` is what seller and buyer receive where they trade; nobody receives anything elsewhere."""
    sellers, buyers = environment.agents
    assert sellers.values is not None and buyers.values is not None
    profiles = [(c, v) for c in sellers.values.fractions() for v in buyers.values.fractions()]
    traded = [trades(c, v) for c, v in profiles]
    received = [pays(c, v) if t else (Fraction(0),) * 2 for (c, v), t in zip(profiles, traded, strict=True)]
    chance = np.array(traded, dtype=np.int64).reshape(environment.shape)
    cells = [received[k][agent] for agent in range(2) for k in range(len(profiles))]
    transfers = Rationals.from_fractions(cells, (2, *environment.shape))
    return Mechanism(environment, Rationals(np.stack([1 - chance, chance])), transfers)


@dataclass(frozen=True)
class GridAuction:
    """The alpha double auction on the grid ``0, h, ..., 1`` of n points, for means strictly inside (0, 1).

    Who trades keeps the share alpha of the gains that depends on her own type alone: ``t_b = alpha_b(v) (v - c) - v`` and
    ``t_s = alpha_s(c) (v - c) + c`` where v > c; no trade at ties.  With ``R_b(v)`` the sum over grid points
    ``c* <= v_l < v`` of ``h (1 - c*/v_l)``, ``alpha_b(v) = R_b(v) / (v - c*)`` above c*, else 0; the seller's mirrors it.
    """

    n: int
    c_star: Fraction
    v_star: Fraction

    def __post_init__(self) -> None:
        unit_grid(self.n)
        Market(self.c_star, self.v_star)

    @cached_property
    def grid(self) -> tuple[Fraction, ...]:
        return unit_grid(self.n)

    @cached_property
    def alpha_b(self) -> dict[Fraction, Fraction]:
        """The buyer's share, value by value."""
        return _shares(self.grid, self.c_star)

    @cached_property
    def alpha_s(self) -> dict[Fraction, Fraction]:
        """The seller's share, cost by cost: a cost c is to her what a value 1 - c is to the buyer."""
        mirrored = _shares(self.grid, 1 - self.v_star)
        return {c: mirrored[1 - c] for c in self.grid}

    @property
    def excess(self) -> Fraction:
        """``D_n = alpha_b(1) + alpha_s(0) - 1``: the auction never runs a deficit if and only if this is at most 0."""
        return self.alpha_b[Fraction(1)] + self.alpha_s[Fraction(0)] - 1

    @cached_property
    def mechanism(self) -> Mechanism:
        """The auction, exact."""

        def pays(c: Fraction, v: Fraction) -> tuple[Fraction, Fraction]:
            return self.alpha_s[c] * (v - c) + c, self.alpha_b[v] * (v - c) - v

        return _mechanism(trade(self.grid, self.grid), lambda c, v: c < v, pays)


def _shares(grid: Sequence[Fraction], mean: Fraction) -> dict[Fraction, Fraction]:
    """Rents add up the least chance of trade, ``1 - mean/x`` for a type x who knows the other's mean, over lower types."""
    rent, shares = Fraction(0), {grid[0]: Fraction(0)}
    for below, x in pairwise(grid):
        rent += (x - below) * (1 - mean / below) if below >= mean else 0
        shares[x] = rent / (x - mean) if x > mean else Fraction(0)
    return shares


@dataclass(frozen=True)
class Market:
    """Bilateral trade in the continuum: costs and values in intervals, the means known.

    ``modified``: the auction of Proposition 2, in which types that are sure of no gain keep a share too, half at most of what the
    other side leaves.

    Raises
    ------
    InvalidMarket
        Means at the end of their interval or outside, or intervals to which Theorem 3 does not apply: it takes
        ``v_low <= c* < v_high`` and ``c_low < v* <= c_high``.
    """

    c_star: Fraction
    v_star: Fraction
    costs: Interval = (Fraction(0), Fraction(1))
    values: Interval = (Fraction(0), Fraction(1))
    modified: bool = False

    def __post_init__(self) -> None:
        for name, mean, (low, high) in (
            ("c_star", self.c_star, self.costs),
            ("v_star", self.v_star, self.values),
        ):
            if not low < mean < high:
                raise InvalidMarket(
                    f"{name} = {text(mean)} is not inside ({text(low)}, {text(high)}): at an end the type is known, and outside "
                    "no belief has this mean"
                )
        if (
            not self.values[0] <= self.c_star < self.values[1]
            or not self.costs[0] < self.v_star <= self.costs[1]
        ):
            raise InvalidMarket(
                "Theorem 3 needs an average cost from the lowest to below the highest value, and an average value from above the "
                "lowest to the highest cost"
            )

    @property
    def buyer_cap(self) -> Fraction:
        """The value above which a buyer always trades, if there is one."""
        return min(self.values[1], self.costs[1])

    @property
    def seller_cap(self) -> Fraction:
        """The cost below which a seller always trades, if there is one."""
        return max(self.costs[0], self.values[0])

    def alpha_b(self, v: Fraction) -> arb:
        """A ball around the buyer's share (width as the precision ``flint.ctx.prec``)."""
        known = self.c_star - self.costs[0]
        if self.modified and v <= self.c_star:
            return _ball(min(Fraction(1, 2), (v - self.values[0]) / known)) * (1 - self.alpha_s(self.seller_cap))
        return _share((min(v, self.buyer_cap) - self.c_star) / known)

    def alpha_s(self, c: Fraction) -> arb:
        """A ball around the seller's share."""
        known = self.values[1] - self.v_star
        if self.modified and c >= self.v_star:
            return _ball(min(Fraction(1, 2), (self.costs[1] - c) / known)) * (1 - self.alpha_b(self.buyer_cap))
        return _share((self.v_star - max(c, self.seller_cap)) / known)

    def condition(self) -> arb:
        """A ball around the left side of condition (**), which is (*) on [0, 1]: efficient trade if and only if it is >= 1."""
        whole = self.values[1] - self.costs[0]
        buyer = _ball((self.values[1] - self.seller_cap) / whole) * (1 - self.alpha_s(self.seller_cap))
        return buyer + _ball((self.buyer_cap - self.costs[0]) / whole) * (1 - self.alpha_b(self.buyer_cap))

    @cached_property
    def implementable(self) -> bool:
        """Whether efficient trade is implementable in the continuum (Theorems 2 and 3), decided rigorously.

        The condition never holds with equality: it would make e, to a rational power, a product of rational powers of rationals,
        and e is transcendental.  So some precision separates the ball from 1.
        """
        return decided(lambda: self.condition() - 1) > 0

    @property
    def by_reference_rules(self) -> bool:
        """Whether a reference rule implements efficient trade (Proposition 1)."""
        return self.c_star >= self.v_star

    def auction(self, costs: Sequence[Fraction], values: Sequence[Fraction]) -> Mechanism:
        """The auction on grids, its shares rounded down to 15 digits.

        Rounded shares only lower transfers, so no deficit arises; that no lie gains is for the audit to say, on this grid.
        """
        buyers = {v: _rounded(self.alpha_b(v)) for v in values}
        sellers = {c: _rounded(self.alpha_s(c)) for c in costs}

        def pays(c: Fraction, v: Fraction) -> tuple[Fraction, Fraction]:
            ask, bid = max(c, self.values[0]), min(v, self.costs[1])
            return ask + sellers[c] * (v - ask), buyers[v] * (bid - c) - bid

        return _mechanism(trade(costs, values), lambda c, v: c < v, pays)


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _share(x: Fraction) -> arb:
    """``1 - log(1 + x) / x`` for x > 0, else 0."""
    return 1 - _ball(1 + x).log() / _ball(x) if x > 0 else arb(0)


def _rounded(share: arb) -> Fraction:
    mantissa, exponent = share.lower().man_exp()
    return Fraction(math.floor(Fraction(int(mantissa)) * Fraction(2) ** int(exponent) * ROUNDING), ROUNDING)


def decided(ball: Callable[[], arb]) -> int:
    """The sign, 1 or -1, of a number that is not zero; ``ball`` encloses it at the working precision, which grows as needed."""
    before = ctx.prec
    try:
        ctx.prec = BITS
        while True:
            value = ball()
            if value > 0 or value < 0:
                return 1 if value > 0 else -1
            ctx.prec *= 2
    finally:
        ctx.prec = before


def boundary(c_star: Fraction, digits: int = 6) -> Interval:
    """Two multiples of ``10**-digits`` next to each other, between which v* crosses the curve (*) on [0, 1]."""
    one = 10**digits
    low, high = 0, one
    while high - low > 1:
        middle = (low + high) // 2
        if Market(c_star, Fraction(middle, one)).implementable:
            low = middle
        else:
            high = middle
    return Fraction(low, one), Fraction(high, one)


@dataclass(frozen=True)
class ReferenceRule:
    """The (eps-modified) reference rule on [0, 1].

    Trade where c <= v, at the price p* if both accept it, else at the reservation price of the one who does not, moved by
    ``eps`` towards the other's.  Incentive compatible with known means c* >= v* when p* lies in [v*, c*] (Proposition 1) and, in
    the modification, ``eps <= min(p*, 1 - p*)``: the print of Proposition 3 asks ``eps < p*``, which is not enough.

    Raises
    ------
    InvalidMarket
        Unless p* and eps lie in [0, 1].
    """

    p_star: Fraction
    eps: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        for name, value in (("p_star", self.p_star), ("eps", self.eps)):
            if not 0 <= value <= 1:
                raise InvalidMarket(f"{name} = {text(value)} is not between 0 and 1")

    @property
    def within_bound(self) -> bool:
        """The corrected bound of Proposition 3."""
        return self.eps <= min(self.p_star, 1 - self.p_star)

    def price(self, c: Fraction, v: Fraction) -> Fraction:
        """What the buyer pays the seller where c <= v."""
        if c > self.p_star:
            return (1 - self.eps) * c + self.eps * v
        return self.p_star if v >= self.p_star else (1 - self.eps) * v + self.eps * c

    def mechanism(self, grid: Sequence[Fraction]) -> Mechanism:
        """The rule on a grid of costs and values; it trades at ties."""

        def pays(c: Fraction, v: Fraction) -> tuple[Fraction, Fraction]:
            return self.price(c, v), -self.price(c, v)

        return _mechanism(trade(grid, grid), lambda c, v: c <= v, pays)

    def seller_worst(self, cost: Fraction, report: Fraction, v_star: Fraction) -> Fraction:
        """In the continuum, the infimum of a seller's expected payoff over all distributions on [0, 1] with mean v*.

        Her payoff is linear in v between 0, her report, p* and 1, where it may jump up: the infimum joins two of these points,
        each at its value or at its limit from the left.
        """
        corners = sorted({Fraction(0), report, self.p_star, Fraction(1)})

        def payoff(v: Fraction) -> Fraction:
            return self.price(report, v) - cost if v >= report else Fraction(0)

        points = [(x, payoff(x)) for x in corners]
        points += [(x, 2 * payoff((w + x) / 2) - payoff(w)) for w, x in pairwise(corners)]
        return _envelope(points, v_star)

    def buyer_worst(self, value: Fraction, report: Fraction, c_star: Fraction) -> Fraction:
        """The same for a buyer, who is the mirror image of a seller with cost ``1 - value``."""
        mirrored = ReferenceRule(1 - self.p_star, self.eps)
        return mirrored.seller_worst(1 - value, 1 - report, 1 - c_star)


def _envelope(points: Sequence[tuple[Fraction, Fraction]], x: Fraction) -> Fraction:
    """The lower convex envelope of points in the plane, at x."""
    exact = [y for at, y in points if at == x]
    chords = [y + (z - y) * (x - a) / (b - a) for a, y in points if a < x for b, z in points if b > x]
    return min(exact + chords)
