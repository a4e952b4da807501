"""Robust trade with known means where Theorems 1 and 2 of Zhang (2021) do not reach: nothing to gain, or one type known.

* ``M_B <= M_S`` (Observation 1): no trade, whatever the mechanism; Nature lets the buyer's value never exceed the cost.
* ``M_S = 0`` or ``M_B = 1``: a mean at an end of [0, 1] is the type.  One buyer (or seller) of known mean is left: the guarantee
  is r with ``r - r ln r = M_B`` (Carrasco et al. 2018), or the mirror image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..question.continuum import least_rents
from .robust_trade import (
    ROUNDING,
    InvalidMeans,
    RobustTrade,
    free_seller,
    known_means_trade,
    split_between,
    with_means,
)


def _of_chances(grid: Sequence[Fraction], form: NoTrade | OneTypeKnown, trade: list[list[int]]) -> Mechanism:
    environment = known_means_trade(grid, form.mean_b, form.mean_s)
    chances = np.array(trade, dtype=object)
    allocation = Rationals(np.stack([ROUNDING - chances, chances]), ROUNDING)
    return Mechanism(environment, allocation, least_rents(environment, allocation))


@dataclass(frozen=True)
class NoTrade:
    """``M_B <= M_S``: nothing can be guaranteed (Observation 1)."""

    mean_b: Fraction
    mean_s: Fraction
    value: float = 0.0

    def mechanism(self, grid: Sequence[Fraction]) -> Mechanism:
        """Never any trade."""
        return _of_chances(grid, self, [[0] * len(grid)] * len(grid))

    def prior(self, m: int) -> Rationals:
        """The value is never above the cost: both 1, both 0, or the value 0 and the cost 1."""
        cells = [Fraction(0)] * (m * m)
        cells[-1], cells[m - 1], cells[0] = self.mean_b, self.mean_s - self.mean_b, 1 - self.mean_s
        return Rationals.from_fractions(cells, (m, m))


@dataclass(frozen=True)
class OneTypeKnown:
    """``M_S = 0`` (the cost is 0 for sure) or ``M_B = 1`` (the value is 1 for sure), the mirror image.

    Raises
    ------
    InvalidMeans
        When both types are known.
    """

    mean_b: Fraction
    mean_s: Fraction

    def __post_init__(self) -> None:
        if self.mean_b == 1 and self.mean_s == 0:
            raise InvalidMeans("M_B = 1 and M_S = 0: both types are known, and all gains, 1, can be taken")

    @property
    def seller_known(self) -> bool:
        return self.mean_s == 0

    @cached_property
    def r(self) -> float:
        """The root of ``r - r ln r = M`` for the mean M of the type that is not known, counted from its worst end."""
        return free_seller(self.mean_b if self.seller_known else 1 - self.mean_s)

    @property
    def thresholds(self) -> tuple[float, float]:
        """The limits of (r1, r2)."""
        return (self.r, 0.0) if self.seller_known else (1.0, 1 - self.r)

    @property
    def value(self) -> float:
        return self.r

    def mechanism(self, grid: Sequence[Fraction]) -> Mechanism:
        """Trade with the known type at the chance ``ln(x / r) / ln(1 / r)``, x from the worst end; rounded to 12 digits."""
        log = -math.log(self.r)
        column = [
            min(ROUNDING, max(0, round(ROUNDING * math.log(float(x) / self.r) / log))) if x > 0 else 0
            for x in grid
        ]
        rows = [[chance] + [0] * (len(grid) - 1) for chance in column]
        return _of_chances(grid, self, rows if self.seller_known else _mirrored(rows))

    def prior(self, m: int) -> Rationals:
        """``Pr(X >= x) = r / x`` from r on, split between the points of the grid; the other type is known."""
        grid = np.linspace(0, 1, m)
        area = np.minimum(grid, self.r) + self.r * np.log(np.maximum(grid, self.r) / self.r)
        mass = np.zeros((m, m))
        mass[:, 0] = split_between(area[None, :])[0]
        mean = self.mean_b if self.seller_known else 1 - self.mean_s
        exact = with_means(mass, mean, Fraction(0))
        return exact if self.seller_known else Rationals.of(_mirrored(exact.tolist()))


def _mirrored(rows: list) -> list:  # type: ignore[type-arg]
    """A buyer of value b is a seller of cost 1 - b."""
    m = len(rows)
    return [[rows[m - 1 - s][m - 1 - b] for s in range(m)] for b in range(m)]


def robust_trade(mean_b: Fraction, mean_s: Fraction) -> RobustTrade | OneTypeKnown | NoTrade:
    """The closed form for any two means in [0, 1].

    Raises
    ------
    InvalidMeans
        A mean outside [0, 1], or both types known.
    """
    for name, mean in (("M_B", mean_b), ("M_S", mean_s)):
        if not 0 <= mean <= 1:
            raise InvalidMeans(f"{name} = {text(mean)} is not inside [0, 1]")
    if mean_b <= mean_s:
        return NoTrade(mean_b, mean_s)
    return OneTypeKnown(mean_b, mean_s) if mean_s == 0 or mean_b == 1 else RobustTrade(mean_b, mean_s)


__all__ = ["NoTrade", "OneTypeKnown", "robust_trade"]
