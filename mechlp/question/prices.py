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
from ..environment.prices import Prices
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
    ends: tuple[Rationals, Rationals] | None = None,
) -> Design:
    """What is asked of a mechanism that is ex-post incentive compatible and individually rational.

    Parameters
    ----------
    environment : of trade at prices (:func:`mechlp.environment.trade.trade_at_prices`).
    objective : ``surplus`` (the most expected welfare), ``feasibility`` (does the given mechanism meet the requirements?),
        ``undominated`` (is the given mechanism ex-post constrained efficient?).
    kind : the mechanism: ``chosen`` (any lottery), ``simple`` (the best of Proposition 13's family), or given by a distribution
        over the prices: ``posted`` or ``lottery`` (a price is drawn), ``simple-from`` (Proposition 13), or profile by profile:
        ``table``.
    distribution : shape ``(P,)``, for the given ones; for ``table`` the chances of each price at each profile, ``(m, n, P)``.
    weights : welfare weights of the seller and of the buyer, arrays that broadcast to the type grid (default 1).
    ends : with ``simple-from`` and ``undominated``, lower and upper ends of the chances of each price at each profile, each
        ``(m, n, P)``.

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
    if kind == "simple-from" and objective == "undominated" and ends is None:
        raise InvalidDesign(
            "objective: undominated takes `ends` of the chances of a simple mechanism, or a `table` where they are rational"
        )
    if weights is not None and any(bool(np.any(Rationals.of(w) < 0)) for w in weights):
        raise InvalidDesign("a welfare weight is negative")
    if distribution is not None and kind != "table":
        check_chances(distribution)
    simple = kind in ("simple", "simple-from")
    drawn = None if distribution is None or simple else prices.drawn(distribution)
    above = None
    if ends is not None:
        drawn, above = (prices.drawn(end) for end in ends)
    allocation: Any = (
        "chosen" if objective == "undominated" else "simple" if simple else "chosen" if drawn is None else drawn
    )
    wanted = {"feasibility": Objective.feasibility, "surplus": lambda: Objective.surplus(weights)}
    wants = (
        Objective.undominated(drawn, weights=weights, above=above)
        if objective == "undominated"
        else wanted[objective]()
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


def tabulated(price: Rationals, chance: Rationals, grid: Rationals) -> tuple[Rationals, Rationals]:
    """A simple mechanism given by the price and the chance of trade at each profile, each ``(m, n)``: the grid with these prices
    in it, and the chances of each price, ``(m, n, P)``.

    Raises
    ------
    InvalidDesign
        A chance that is none.
    """
    if bool(np.any(chance < 0)) or bool(np.any(chance > 1)):
        raise InvalidDesign("the chance of trade must lie between 0 and 1 at every profile")
    own, chances = price.fractions(), chance.fractions()
    used = {p for p, q in zip(own, chances, strict=True) if q}
    prices = Rationals.of(sorted({*grid.fractions(), *used}))
    place = {p: k for k, p in enumerate(prices.fractions())}
    cells = [Fraction(0)] * (price.size * len(prices))
    for k, (p, q) in enumerate(zip(own, chances, strict=True)):
        if q:
            cells[k * len(prices) + place[p]] = q
    return prices, Rationals.from_fractions(cells, (*price.shape, len(prices)))


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
    if design.simple or design.distribution is not None:
        return "simple" if design.distribution is None else "simple-from"
    wants = design.wants
    table = wants.allocation if wants.kind == "undominated" else design.allocation
    if not isinstance(table, Rationals):
        return "chosen"
    prices = design.environment.prices
    assert prices is not None
    if not table.same(prices.drawn(drawn_chances(prices, table))):
        return "table"
    used = table[1:].numerator.any(axis=(1, 2))
    return "posted" if int(used.sum()) <= 1 else "lottery"


def drawn_chances(prices: Prices, table: Rationals) -> Rationals:
    """The chance with which each price is drawn, if the mechanism draws one whatever the reports; shape ``(P,)``."""
    chances: Rationals = prices.marginals(table)[1].max(axis=(0, 1))
    return chances


__all__ = ["best_posted_price", "drawn_chances", "kind_of", "price_design", "tabulated"]
