"""What a mechanism guarantees a designer with partial knowledge: the worst expectation over her set, with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..environment.belief_sets import BeliefSet, InvalidBeliefSet
from ..exact.numbers import Rationals, concatenate, rational, text
from ..mechanism.ends import attained
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.objective import goal
from .invalid import InvalidCertificate
from .written import point_from_json, point_to_json


@dataclass(frozen=True)
class WorstCase:
    """The prior of the designer's set under which a mechanism does worst, and why no other is worse.

    ``point``: probabilities of the type profiles in row-major order, then the further variables of the set.
    ``prices``: one multiplier a row of the set; their combination is at most what the mechanism gives at every profile, so
    no prior of the set gives less than the same combination of the right-hand sides.
    """

    point: Rationals
    prices: Rationals

    def distribution(self, design: Design) -> Rationals:
        """The worst prior over the type grid."""
        shape = design.environment.shape
        return self.point[: design.environment.num_profiles].reshape(shape)

    def value(self, design: Design, mechanism: Mechanism) -> Fraction:
        """The worst expectation of the objective, exactly.  Raises InvalidCertificate when this does not prove it."""
        possible, payoff, sign = _feared(design, mechanism)
        if not possible.admits(self.point):
            raise InvalidCertificate("the worst-case distribution does not belong to the designer's set")
        try:
            least = possible.floor(payoff, self.prices)
        except InvalidBeliefSet as error:
            raise InvalidCertificate(f"the guarantee is not proved: {error}") from None
        reached = (payoff * self.distribution(design)).sum()
        if reached != least:
            raise InvalidCertificate(f"the worst-case distribution gives {reached}, the guarantee is {least}")
        return sign * least

    def to_json(self, design: Design) -> dict[str, Any]:
        """The nonzero entries."""
        prices = [{"row": k, "multiplier": text(p)} for k, p in enumerate(self.prices.fractions()) if p]
        return {**point_to_json(design, self.point), "rows": len(self.prices), "multipliers": prices}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> WorstCase:
        """Read it back.  Raises InvalidCertificate."""
        point = point_from_json(design, data)
        try:
            prices = [Fraction(0)] * _count(design, data["rows"])
            for entry in data["multipliers"]:
                prices[entry["row"]] = rational(entry["multiplier"])
        except (KeyError, IndexError, TypeError, ValueError):
            raise InvalidCertificate("the multipliers of the designer's set cannot be read") from None
        return cls(point, Rationals.from_fractions(prices, (len(prices),)))


def guaranteed(design: Design, mechanism: Mechanism, prices: Rationals) -> tuple[Fraction, Rationals]:
    """What prices of the rows of the designer's set prove a mechanism to guarantee, and what must not be negative for it.

    Raises
    ------
    InvalidCertificate
        No guarantee is asked for, or another number of prices.
    """
    possible, payoff, sign = _feared(design, mechanism)
    try:
        total, left, signs = possible.priced(payoff, prices)
    except InvalidBeliefSet as error:
        raise InvalidCertificate(f"the guarantee is not proved: {error}") from None
    return sign * total, concatenate([left, *signs.values()])


def _feared(design: Design, mechanism: Mechanism) -> tuple[BeliefSet, Rationals, int]:
    """The designer's set, what a mechanism gives at each profile, and the sign that makes less of it worse (-1: more)."""
    possible, aim = design.environment.designer_set, goal(design)
    if possible is None or aim is None or not design.robust:
        raise InvalidCertificate("a worst case, but no expectation over a set of priors is asked")
    sign = 1 if aim.maximize else -1
    return possible, aim.by_profile(mechanism.allocation, mechanism.transfers) * sign, sign


def _count(design: Design, claimed: int) -> int:
    possible = design.environment.designer_set
    assert possible is not None
    count = sum(rows.count for rows in possible.all_rows)
    if claimed != count:
        raise ValueError
    return count


def reached(design: Design, mechanism: Mechanism, worst: WorstCase | None) -> Fraction | None:
    """The objective at a mechanism, exactly (what it surely attains, where payoffs have ends): its expectation, or the worst
    one over the designer's set.

    Raises
    ------
    InvalidCertificate
        When a worst case is missing or proves nothing.
    """
    aim = goal(design)
    if aim is None:
        return None
    if not design.robust:
        return attained(aim, mechanism)
    if worst is None:
        raise InvalidCertificate("the worst case of the mechanism is missing")
    return worst.value(design, mechanism)
