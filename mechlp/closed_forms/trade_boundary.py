"""What a deterministic trade rule guarantees in the continuum to a designer who knows the two means (Zhang 2021, section 5).

A dominant-strategy rule without lotteries is a *trade boundary* (Definition 2): trade to the right of it and below.  Here it is a
polyline of rational points, both coordinates nondecreasing, from the side of cost 0 to the side of value 1 (class 4 of the
proof of Theorem 3; the others guarantee nothing).  With the least rents the buyer pays the least value that trades at this cost,
the seller gets the greatest cost that trades at this value: revenue is affine on each of finitely many pieces, so the worst
expectation over all distributions with these means is a linear program over their corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np

from ..beliefs.sets import Worst, worst
from ..environment.belief_sets import BeliefSet
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..question.continuum import least_rents
from .robust_trade import InvalidMeans, known_means_trade

Point = tuple[Fraction, Fraction]
#: Most corners of a boundary: its guarantee is a program over their square.
MOST = 100


@dataclass(frozen=True)
class TradeBoundary:
    """``corners``: points (value, cost) from ``(b, 0)`` to ``(1, s)``.  On the boundary itself there is no trade.

    Raises
    ------
    InvalidMeans
        Too few or too many corners, a corner outside [0, 1], a coordinate that falls, or other ends.
    """

    corners: tuple[Point, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.corners) <= MOST:
            raise InvalidMeans(f"a trade boundary has 2 to {MOST} corners, not {len(self.corners)}")
        for b, s in self.corners:
            if not (0 <= b <= 1 and 0 <= s <= 1):
                raise InvalidMeans(
                    f"corner ({text(b)}, {text(s)}) of the trade boundary is not in [0, 1] x [0, 1]"
                )
        for (b, s), (c, t) in pairwise(self.corners):
            if c < b or t < s:
                raise InvalidMeans(
                    f"a trade boundary rises: ({text(c)}, {text(t)}) comes after ({text(b)}, {text(s)})"
                )
        if self.corners[0][1] != 0 or self.corners[-1][0] != 1:
            raise InvalidMeans("a trade boundary leads from cost 0 to value 1")

    def trades(self, b: Fraction, s: Fraction) -> bool:
        """Whether (b, s) lies strictly to the right of the boundary and below."""
        sides = [_side(b, s, left, right) for left, right in pairwise(self.corners)]
        return 0 not in sides and 1 in sides

    def mechanism(self, grid: Sequence[Fraction], mean_b: Fraction, mean_s: Fraction) -> Mechanism:
        """On a grid, with the least rents on it; exact."""
        environment = known_means_trade(grid, mean_b, mean_s)
        chance = np.array([[int(self.trades(b, s)) for s in grid] for b in grid])
        allocation = Rationals(np.stack([1 - chance, chance]))
        return Mechanism(environment, allocation, least_rents(environment, allocation))

    @cached_property
    def lowest(self) -> tuple[list[Fraction], list[Fraction], Rationals]:
        """Values, costs, and the least limit of revenue at each pair of them: below any revenue near it."""
        values, costs = (sorted({Fraction(0), Fraction(1), *own}) for own in zip(*self.corners, strict=True))
        # Near a point that trades strictly inside there is only trade; elsewhere there is none somewhere near.
        least = {(b, s): Fraction(1 if self.trades(b, s) else 0) for b in values for s in costs}
        segments = list(pairwise(self.corners))
        for k, ((b0, s0), (b1, s1)) in enumerate(
            segments
        ):  # costs of one segment, values of it or of a later one
            for j, ((c0, t0), (c1, t1)) in enumerate(segments[k:]):
                if s0 == s1 or c0 == c1:
                    continue
                for value, given in ((c0, t0), (c1, t1)):
                    for cost, asked in ((s0, b0), (s1, b1)):
                        if j > 0 or (value, cost) != (
                            b0,
                            s1,
                        ):  # of its own box a segment leaves the lower right half
                            least[value, cost] = min(least[value, cost], asked - given)
        return values, costs, Rationals.of([[least[b, s] for s in costs] for b in values])

    def guarantee(self, mean_b: Fraction, mean_s: Fraction) -> Worst:
        """The greatest lower bound of expected revenue over all distributions on [0, 1]^2 with these means, with the masses that
        approach it (``belief`` over the values and costs of :attr:`lowest`).

        Raises
        ------
        InvalidMeans
            Unless both means lie strictly inside (0, 1).
        """
        if not (0 < mean_b < 1 and 0 < mean_s < 1):
            raise InvalidMeans("the guarantee of a trade boundary takes means strictly between 0 and 1")
        values, costs, revenue = self.lowest
        b, s = Rationals.of(values).reshape(-1, 1), Rationals.of(costs).reshape(1, -1)
        possible = BeliefSet.moment(
            b.broadcast_to(revenue.shape), "=", mean_b, "mean of buyer"
        ) & BeliefSet.moment(s.broadcast_to(revenue.shape), "=", mean_s, "mean of seller")
        return worst(possible, revenue)


def _side(b: Fraction, s: Fraction, left: Point, right: Point) -> int:
    """1 to the right of a rising segment or below it, 0 on it, -1 elsewhere."""
    (b0, s0), (b1, s1) = left, right
    if b < b0 or s > s1:
        return -1
    if b > b1 or s < s0:
        return 1
    across = (b - b0) * (s1 - s0) - (s - s0) * (b1 - b0)
    return (across > 0) - (across < 0)


__all__ = ["TradeBoundary"]
