"""Questions about trade at prices: ordinary ones, ex post and without transfers (Čopič and Ponsatí 2006).

The mechanism is chosen among all lotteries over trades, given by a distribution over prices (a posted price, a price that is
drawn), or simple: of a distribution F, trade at its mean price between cost and value, with a chance that is a power of the mass
there (Proposition 13; :mod:`mechlp.mechanism.simple`).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals
from .design import Design
from .objective import Objective, goal
from .premises import InvalidDesign
from .price_premises import check_chances

ASKED = ("surplus", "feasibility", "undominated")


def price_design(
    environment: Environment,
    objective: str = "surplus",
    kind: str = "chosen",
    distribution: Rationals | None = None,
    weights: Any = None,
) -> Design:
    """What is asked of a mechanism that is ex-post incentive compatible and individually rational.

    Parameters
    ----------
    environment : of trade at prices (:func:`mechlp.environment.trade.trade_at_prices`).
    objective : ``surplus`` (the most expected welfare), ``feasibility`` (does the given mechanism meet the requirements?),
        ``undominated`` (is the given mechanism ex-post constrained efficient?).
    kind : the mechanism: ``chosen`` (any lottery), ``simple`` (the best of Proposition 13's family), or given by a distribution
        over the prices: ``posted`` or ``lottery`` (a price is drawn), ``simple-from`` (Proposition 13).
    distribution : shape ``(P,)``, for the given ones.
    weights : welfare weights of the seller and of the buyer, arrays that broadcast to the type grid (default 1).

    Raises
    ------
    InvalidDesign
    """
    given, prices = distribution is not None, environment.prices
    if prices is None:
        raise InvalidDesign("this takes an environment of trade at prices")
    if objective not in ASKED:
        raise InvalidDesign(
            f"objective: {objective!r} is not one of {', '.join(ASKED)} with outcomes: prices"
        )
    if objective != "surplus" and not given:
        raise InvalidDesign(f"objective: {objective} is about a given mechanism: posted, lottery or simple")
    if objective == "surplus" and given:
        raise InvalidDesign(
            "objective: surplus is about a mechanism to be chosen; ask feasibility or undominated"
        )
    if kind == "simple-from" and objective == "undominated":
        raise InvalidDesign("objective: undominated takes a posted price or a lottery over prices")
    if weights is not None and any(bool(np.any(Rationals.of(w) < 0)) for w in weights):
        raise InvalidDesign("a welfare weight is negative")
    if distribution is not None:
        check_chances(distribution)
    simple = kind in ("simple", "simple-from")
    drawn = None if distribution is None or simple else prices.drawn(distribution)
    allocation: Any = (
        "simple" if simple else "chosen" if drawn is None or objective == "undominated" else drawn
    )
    wanted = {"feasibility": Objective.feasibility, "surplus": lambda: Objective.surplus(weights)}
    wants = (
        Objective.undominated(drawn, weights=weights) if objective == "undominated" else wanted[objective]()
    )
    return Design(
        environment,
        ic="ex-post",
        ir="ex-post",
        allocation=allocation,
        transfers="none",
        objective=wants,
        distribution=distribution if simple else None,
    )


def best_posted_price(design: Design) -> tuple[Fraction, Fraction]:
    """The price of the list with the most expected welfare when posted, and that welfare (at the lower ends of payoffs)."""
    prices, aim = design.environment.prices, goal(design)
    assert prices is not None and aim is not None
    own = 1 + np.flatnonzero(prices.received == prices.paid)
    inside = Rationals(np.moveaxis(prices.support, -1, 0).astype(np.int64))
    total = (aim.allocation[own] * inside).sum(axis=(1, 2))
    best: Fraction = total.max()
    return prices.grid[int(np.argmax(total == best))], best


def kind_of(design: Design) -> str:
    """How the mechanism is given or chosen: chosen, simple, simple-from, posted or lottery."""
    if design.simple:
        return "simple" if design.distribution is None else "simple-from"
    wants = design.wants
    table = wants.allocation if wants.kind == "undominated" else design.allocation
    if not isinstance(table, Rationals):
        return "chosen"
    used = table[1:].numerator.any(axis=(1, 2))
    return "posted" if int(used.sum()) <= 1 else "lottery"


__all__ = ["best_posted_price", "kind_of", "price_design"]
