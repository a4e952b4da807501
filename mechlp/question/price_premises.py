"""What questions about trade at prices need to make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..environment.model import Environment
from ..environment.trade import money_surplus
from ..exact.numbers import Rationals
from .premises import InvalidDesign

if TYPE_CHECKING:
    from .design import Design

#: What makes no sense with outcomes that are trades at prices, by the name of the command or option.
AT_PRICES = {
    "check": "with `outcomes: prices` incentive compatibility is ex post: beliefs play no part",
    "compare": "with `outcomes: prices` incentive compatibility is ex post: there are no other notions to compare",
    "smooth": "with `outcomes: prices` there are no transfers that could be ambiguous",
    "frontier": "with `outcomes: prices` there are no transfers, and payoffs are examined with `objective: undominated`",
    "efficient": "with `outcomes: prices` a mechanism is examined by `mechlp solve` and `objective: undominated`",
    "rents": "with `outcomes: prices` there are no transfers, and the bound by least rents is about them",
    "reduce": "--reduce is about programs on the whole type grid, and this file is solved without one: leave it out",
}


def check_prices(design: Design) -> None:
    """What a simple mechanism needs.  Raises InvalidDesign."""
    if design.simple:
        simple_needs(design.environment)
        if design.ic != "ex-post" or design.transfers != "none":
            raise InvalidDesign("allocation: simple takes ic: ex-post and transfers: none")
        if design.distribution is None and design.wants.kind != "surplus":
            raise InvalidDesign("allocation: simple without a distribution takes objective: surplus")
    elif design.distribution is not None and design.wants.above is None:
        raise InvalidDesign("distribution: goes with allocation: simple")
    if design.distribution is not None:
        check_chances(design.distribution)


def check_chances(distribution: Rationals) -> None:
    """Raises InvalidDesign unless a distribution over prices is one."""
    if bool(np.any(distribution < 0)) or distribution.sum() != 1:
        raise InvalidDesign("the distribution over prices must be probabilities that sum to 1")


def simple_needs(environment: Environment) -> None:
    """Raises InvalidDesign unless the surpluses are price - seller and buyer - price."""
    if not money_surplus(environment):
        names = " and ".join(repr(a.name) for a in environment.agents)
        raise InvalidDesign(
            f"a simple mechanism of a distribution needs payoffs price - seller and buyer - price, which {names} do not have"
        )
