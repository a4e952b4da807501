"""Mechanisms for trade at prices: their audit from the definitions, and what multipliers prove about all of them.

Nothing here looks at a linear program.  Where utilities are irrational every number has two rational ends, and a
requirement counts as met only if its lower end is not negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.prices import Ends, PriceEnvironment
from ..exact.numbers import Rationals, maximum, minimum, signed_sum, text, where
from .audit import Audit, Violation


@dataclass(frozen=True)
class PriceMechanism:
    """A lottery over "no trade" and pairs of prices at each profile, by its two marginals.

    ``received`` and ``paid``, shape ``(m, n, P)``: the probability that the seller gets, and that the buyer pays, each
    price.  A lottery with these marginals in which the seller never gets more than the buyer pays exists iff the
    distribution of what is received lies below that of what is paid (Strassen 1965).
    """

    environment: PriceEnvironment
    received: Rationals
    paid: Rationals

    @property
    def trade(self) -> Rationals:
        """The probability of trade at each profile."""
        total: Rationals = self.received.sum(axis=2)
        return total

    def utilities(self, agent: int) -> Ends:
        """Ends of a trader's expected utility under truth, shape ``(m, n)``."""
        return signed_sum((self.received, self.paid)[agent], *self.environment.utility[agent], axis=2)

    def welfare(self) -> tuple[Fraction, Fraction]:
        """Ends of the expected weighted sum of utilities."""
        totals = [[(self.environment.stakes(i) * end).sum() for end in self.utilities(i)] for i in range(2)]
        return totals[0][0] + totals[1][0], totals[0][1] + totals[1][1]

    def mixed(self, other: PriceMechanism, chance: Fraction) -> PriceMechanism:
        """``other`` with some chance, else this mechanism: both are announced, and a coin decides."""
        mix = lambda a, b: (a * (1 - chance) + b * chance).reduced()  # noqa: E731
        return PriceMechanism(
            self.environment, mix(self.received, other.received), mix(self.paid, other.paid)
        )

    def to_json(self) -> dict[str, Any]:
        """The lotteries profile by profile, exact; profiles without trade are left out."""
        shown = {}
        for i, j in np.argwhere(self.trade != 0).tolist():
            sides = {"received": self.received[i, j], "paid": self.paid[i, j]}
            if sides["received"].same(sides["paid"]):
                sides = {"at": sides["paid"]}
            shown[f"{i},{j}"] = {
                side: {
                    text(self.environment.prices[int(p)]): text(row[int(p)]) for p in np.flatnonzero(row != 0)
                }
                for side, row in sides.items()
            }
        return {"lotteries": shown}

    @classmethod
    def from_json(cls, environment: PriceEnvironment, data: Mapping[str, Any]) -> PriceMechanism:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError when it does not fit."""
        place = {text(p): k for k, p in enumerate(environment.prices.fractions())}
        cells = np.full((2, *environment.shape, len(place)), Fraction(0), dtype=object)
        for profile, sides in data["lotteries"].items():
            i, j = map(int, profile.split(","))
            for side, name in enumerate(("received", "paid")):
                for price, chance in sides.get("at", sides.get(name, {})).items():
                    cells[side, i, j, place[price]] = Fraction(chance)
        received, paid = Rationals.of(cells)
        return cls(environment, received, paid)


def lottery_over_prices(environment: PriceEnvironment, chances: Rationals) -> PriceMechanism:
    """A price is drawn, whatever the reports, and the traders trade at it if neither loses: XPIRIC in every environment.

    ``chances``, shape ``(P,)``; all on one price is a posted price.
    """
    drawn = (chances * Rationals(environment.support.astype(np.int64))).reduced()
    return PriceMechanism(environment, drawn, drawn)


def audit(mechanism: PriceMechanism, floor: PriceMechanism | None = None) -> Audit:
    """Every requirement from its definition: lotteries, ex-post IR (the support), ex-post IC with a veto.

    ``floor``: also that nobody is worse off at any profile than under it.
    """
    checked: dict[str, int] = {}
    worst: dict[str, Violation] = {}
    for kind, slack, where_ in _requirements(mechanism, floor):
        checked[kind] = checked.get(kind, 0) + slack.size
        amount = (-slack).max()
        if amount > 0 and (kind not in worst or amount > worst[kind].amount):
            cell = np.unravel_index(int(np.argmax(-slack == amount)), slack.shape)
            worst[kind] = Violation(kind, where_(tuple(map(int, cell))), amount)
    return Audit(checked, tuple(worst.values()))


def _requirements(mechanism: PriceMechanism, floor: PriceMechanism | None) -> Iterator[tuple]:  # type: ignore[type-arg]
    """(kind, lower ends of the slacks, namer of a cell)."""
    environment = mechanism.environment
    at = lambda cell: f"[{environment.profile_label(cell[:2])}]"  # noqa: E731
    sides = (mechanism.received, mechanism.paid)
    for side in sides:
        yield "lottery", side, at
        yield "lottery", 1 - side.sum(axis=2), at
        yield "IR", -(side * Rationals((~environment.support).astype(np.int64))), at
    ahead = Rationals(np.cumsum((sides[0] - sides[1]).numerator, axis=2))
    yield "prices", ahead, at
    yield "prices", -abs(ahead[:, :, -1]), at
    for agent, side in enumerate(sides):
        yield "IC", deviations(environment, agent, side)[0], lambda cell, k=agent: lie(environment, k, cell)
        if floor is not None:
            change = side - (floor.received, floor.paid)[agent]
            yield "not worse off", signed_sum(change, *environment.utility[agent], axis=2)[0], at


def deviations(environment: PriceEnvironment, agent: int, side: Rationals) -> Ends:
    """Ends of what truth is worth more than a lie: ``(type, report, other's type)``."""
    own = side if agent == 0 else side.moveaxis(1, 0)
    low, high = (end.moveaxis(agent, 0).reshape(own.shape[0], 1, 1, -1) for end in environment.utility[agent])
    gain = own.reshape(own.shape[0], 1, *own.shape[1:]) - own.reshape(1, *own.shape)
    return signed_sum(gain, low, high, axis=3)


def lie(environment: PriceEnvironment, agent: int, cell: tuple[int, ...]) -> str:
    """``[seller: 1/4 -> 1/2 | buyer=1]``"""
    own, other = environment.agents[agent], environment.agents[1 - agent]
    types = own.types
    return f"[{own.name}: {types[cell[0]]} -> {types[cell[1]]} | {other.name}={other.types[cell[2]]}]"


@dataclass(frozen=True)
class PriceMultipliers:
    """Multipliers >= 0 on ex-post IC ``(type, report, other's type)``, one array a trader, and, where a mechanism must leave
    nobody worse off than another, on that, one ``(m, n)`` array a trader."""

    ic: tuple[Rationals, Rationals]
    floor: tuple[Rationals, Rationals] | None = None

    def bound(self, environment: PriceEnvironment, floor: PriceMechanism | None = None) -> Fraction:
        """No XPIRIC mechanism has more expected welfare (with ``floor``: gains more over it without a loser).

        Weak duality: each requirement that holds is added with its multiplier; the lottery of each profile is then
        maximised out, over pairs of prices from which nobody loses.

        Raises
        ------
        ValueError
            Negative multipliers, or some of the wrong shape.
        """
        values, constant = [], Fraction(0)
        for agent in range(2):
            y = self.ic[agent]
            own, other = environment.shape[agent], environment.shape[1 - agent]
            if y.shape != (own, own, other) or bool(np.any(y < 0)):
                raise ValueError("multipliers on IC must be nonnegative, one a lie")
            weight = environment.stakes(agent)
            if floor is not None and self.floor is not None:
                if self.floor[agent].shape != environment.shape or bool(np.any(self.floor[agent] < 0)):
                    raise ValueError(
                        "multipliers on nobody being worse off must be nonnegative, one a profile"
                    )
                weight = weight + self.floor[agent]
                constant -= (weight * floor.utilities(agent)[0]).sum()
            low, high = (end.moveaxis(agent, 0).reshape(own, -1) for end in environment.utility[agent])
            truth = y.sum(axis=1) + weight.moveaxis(agent, 0)
            value = truth.reshape(own, other, 1) * high.reshape(own, 1, -1) - _told(y, low)
            values.append(value if agent == 0 else value.moveaxis(1, 0))
        return constant + _best_pairs(environment, values[0], values[1]).sum()


def _told(y: Rationals, utility: Rationals) -> Rationals:
    """``sum_type y[type, report, other] * utility[type, price]``: shape ``(report, other, P)``."""
    size, other = y.shape[0], y.shape[2]
    matrix = y.moveaxis(0, 2).reshape(size * other, size).numerator.astype(object)
    product = matrix @ utility.numerator.astype(object)
    return Rationals(product.reshape(size, other, -1), y.denominator * utility.denominator)


def _best_pairs(environment: PriceEnvironment, seller: Rationals, buyer: Rationals) -> Rationals:
    """The most that a pair of prices, or no trade, is worth at each profile."""
    least = min(seller.min(), buyer.min()) - 1
    out = 2 * least - max(seller.max(), buyer.max())
    allowed = environment.support
    seller, buyer = (where(allowed, side, out).reduced() for side in (seller, buyer))
    ahead = Rationals(np.maximum.accumulate(seller.numerator, axis=2), seller.denominator)
    best: Rationals = (ahead + buyer).max(axis=2)
    return maximum(best, 0)


def feasible_lotteries(
    environment: PriceEnvironment, received: Any, paid: Any, bits: int = 40
) -> PriceMechanism:
    """Exact lotteries near float ones: mass off the support dropped, the order of the two prices and the mass mended."""
    sides = []
    for side in (received, paid):
        cells = np.rint(np.where(environment.support, np.clip(side, 0, 1), 0) * 2**bits).astype(np.int64)
        sides.append(Rationals(np.cumsum(cells, axis=2), 2**bits))
    got, given = sides
    given = minimum(minimum(given, got), 1)
    got = minimum(got, given[:, :, -1:])
    steps = [
        Rationals(np.diff(s.numerator, axis=2, prepend=0), s.denominator).reduced() for s in (got, given)
    ]
    return PriceMechanism(environment, steps[0], steps[1])


__all__ = ["PriceMechanism", "PriceMultipliers", "audit", "feasible_lotteries", "lottery_over_prices"]
