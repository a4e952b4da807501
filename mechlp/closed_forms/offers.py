"""Rules without lotteries that are known beforehand: where a search for the best one may begin.  They only propose.

* For any environment: an efficient outcome, and each agent's favourite one (Gibbard 1973, Satterthwaite 1975).
* For trade by a designer who knows the two means: the thresholds of Zhang (2021), Theorem 3, on any grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..beliefs.sets import worst
from ..environment.belief_sets import BeliefSet
from ..environment.model import Environment
from ..exact.numbers import Rationals, where

#: Profiles of an environment for whose set of priors means are computed.
MOST_PROFILES = 5_000
Outcomes = npt.NDArray[np.intp]


def offered(environment: Environment, allowed: npt.NDArray[np.bool_]) -> Iterator[Outcomes]:
    """Allocations without lotteries, as an outcome for each profile, made of ``allowed`` ones where outcomes are compared."""
    for worth in (environment.surplus, *environment.utility):
        every = worth.broadcast_to((len(environment.outcomes), *environment.shape))
        yield where(allowed, every, every.min() - 1).numerator.argmax(axis=0)
    for trade in TradeAtMeans.within(environment):
        if (rule := trade.thresholds()) is not None:
            yield rule


@dataclass(frozen=True)
class TradeAtMeans:
    """Trade or not, between a buyer and a seller of whom a designer knows the means.

    ``values`` and ``costs`` are what trade is worth to the buyer and costs the seller, one a type.
    """

    buyer: int
    trade: int
    values: list[Fraction]
    costs: list[Fraction]
    means: tuple[Fraction, Fraction]

    @classmethod
    def within(cls, environment: Environment) -> Iterator[TradeAtMeans]:
        """What an environment may be taken for, by its payoffs and its set: either outcome may be the trade."""
        possible = environment.designer_set
        if possible is None or environment.n != 2 or len(environment.outcomes) != 2:
            return
        if environment.num_profiles > MOST_PROFILES or not environment.exact:
            return
        if not all(environment.private_values(i) for i in range(2)):
            return
        for trade in range(2):
            gains = [
                _of_types(environment, i, u[trade] - u[1 - trade]) for i, u in enumerate(environment.utility)
            ]
            for buyer in range(2):
                values, costs = gains[buyer], [-g for g in gains[1 - buyer]]
                if min(values) >= 0 and min(costs) >= 0 and len({*values}) > 1 and len({*costs}) > 1:
                    known = [_mean(environment, possible, i, gains[i]) for i in (buyer, 1 - buyer)]
                    if known[0] is not None and known[1] is not None:
                        yield cls(buyer, trade, values, costs, (known[0], -known[1]))

    def thresholds(self) -> Outcomes | None:
        """The pair of prices that guarantees most, against the least chance of trade: the bound of Markov on either side."""
        values, costs = sorted(set(self.values)), sorted(set(self.costs))
        (mean_b, mean_s), top, bottom = self.means, values[-1], costs[0]
        best, at = Fraction(0), None
        for k, b in enumerate(values):
            missed_b = (top - mean_b) / (top - values[k - 1]) if k else Fraction(0)
            for j, s in enumerate(costs):
                missed_s = (mean_s - bottom) / (costs[j + 1] - bottom) if j + 1 < len(costs) else Fraction(0)
                worth = (b - s) * max(Fraction(0), 1 - missed_b - missed_s)
                if worth > best:
                    best, at = worth, (b, s)
        if at is None:
            return None
        both = np.outer([v >= at[0] for v in self.values], [c <= at[1] for c in self.costs])
        both = both if self.buyer == 0 else both.T
        return np.where(both, self.trade, 1 - self.trade)


def _of_types(environment: Environment, i: int, worth: Rationals) -> list[Fraction]:
    """A function of one agent's type, type by type."""
    own = worth.broadcast_to(environment.shape).moveaxis(i, 0)
    return own[(slice(None), *(0,) * (environment.n - 1))].fractions()


def _mean(environment: Environment, possible: BeliefSet, i: int, own: list[Fraction]) -> Fraction | None:
    """The expectation of a function of agent i's type, where it is the same under every prior of the set."""
    along = [len(own) if k == i else 1 for k in range(environment.n)]
    payoff = Rationals.of(own).reshape(*along).broadcast_to(environment.shape)
    try:
        least, most = worst(possible, payoff).value, -worst(possible, -payoff).value
    except ValueError:  # no prior is possible, or it was not decided
        return None
    return least if least == most else None


__all__ = ["TradeAtMeans", "offered"]
