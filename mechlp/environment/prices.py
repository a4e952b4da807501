"""Trade at a price, without side payments, as an ordinary environment: outcomes are "no trade" and pairs of prices.

At a pair ``(r, p)`` with ``r <= p`` the seller gets r and the buyer pays p; what lies between is burnt.  A trader's payoff is
``max(surplus, 0) ** power`` (constant relative risk aversion; 1 leaves the surplus as it is): the surplus is a formula in
(type, price), so any utility of a price can be written.  A trade from which someone would lose is vetoed
(``Environment.possible``), and worth nothing to a type that a lie led there.

An outcome is seen by each trader through her own price alone, so mechanisms may be laid out by their two *marginals*,
shape ``(m, n, P)``: the chances that the seller gets, and that the buyer pays, each price.  A lottery over pairs with given
marginals exists iff what is received lies below what is paid (Strassen 1965), and one is read off their distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, concatenate, maximum, minimum, rational, summed_by, text

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Prices:
    """What the outcomes of an environment of trade at prices are.

    Parameters
    ----------
    grid : the prices, increasing, shape ``(P,)``.
    received, paid : positions in ``grid`` of the outcomes after the first, which is "no trade"; shape ``(|A| - 1,)``.
    support : prices from which neither trader loses, shape ``(m, n, P)``.
    powers : of the surplus, each in (0, 1].
    surplus : what trade at each price is worth before the powers: to the seller ``(m, 1, P)``, to the buyer ``(1, n, P)``;
        None where it is irrational.
    neutral : whether payoffs are linear in the price; where they are not, ``Environment.neutral`` has the traders without risk
        aversion, unless losses would be others there.
    """

    grid: Rationals
    received: Places
    paid: Places
    support: npt.NDArray[np.bool_]
    powers: tuple[Fraction, Fraction]
    surplus: tuple[Rationals, Rationals] | None
    neutral: bool = True

    def marginals(self, allocation: Rationals) -> tuple[Rationals, Rationals]:
        """What a lottery over outcomes, ``(|A|, m, n)``, means for each price: ``received`` and ``paid``, ``(m, n, P)``."""
        sides = [summed_by(allocation[1:], place, len(self.grid)) for place in (self.received, self.paid)]
        received, paid = (side.moveaxis(0, -1) for side in sides)
        return received, paid

    def lottery(self, received: Rationals, paid: Rationals) -> Rationals:
        """A lottery over outcomes with given marginals: prices are paired in their order.

        Raises
        ------
        ValueError
            Negative chances, or marginals of which the seller would get more than the buyer pays.
        """
        if bool(np.any(received < 0)) or bool(np.any(paid < 0)):
            raise ValueError("a negative probability of a price")
        sides = [Rationals(np.cumsum(s.numerator, axis=2), s.denominator) for s in (received, paid)]
        ends = [side.moveaxis(-1, 0) for side in sides]
        nothing = Rationals.zeros((1, *ends[0].shape[1:]))
        before = [concatenate_first(nothing, end[:-1]) for end in ends]
        first = minimum(ends[0][self.received], ends[1][self.paid])
        last = maximum(before[0][self.received], before[1][self.paid])
        pairs = maximum(first - last, 0)
        trade = pairs.sum(axis=0)
        if bool(np.any(trade != ends[0][-1])) or bool(np.any(trade != ends[1][-1])):
            raise ValueError("prices: the seller would get more than the buyer pays")
        return concatenate_first((1 - trade).reshape(1, *trade.shape), pairs).reduced()

    def to_json(self, allocation: Rationals) -> dict[str, Any]:
        """The chances of each price at each profile that trades, exact."""
        labels, shown = self.grid.texts(), {}
        received, paid = self.marginals(allocation)
        for i, j in np.argwhere(paid.numerator.any(axis=2) | received.numerator.any(axis=2)).tolist():
            sides = {"received": received[i, j], "paid": paid[i, j]}
            if sides["received"].same(sides["paid"]):
                sides = {"at": sides["paid"]}
            shown[f"{i},{j}"] = {
                side: {labels[p]: text(row[p]) for p in np.flatnonzero(row.numerator != 0).tolist()}
                for side, row in sides.items()
            }
        return shown

    def from_json(self, data: Mapping[str, Any]) -> Rationals:
        """The lottery over outcomes of what :meth:`to_json` wrote.  Raises ValueError or KeyError when it does not fit."""
        place = {label: k for k, label in enumerate(self.grid.texts())}
        cells = np.full((2, *self.support.shape), Fraction(0), dtype=object)
        for profile, sides in data.items():
            i, j = map(int, profile.split(","))
            if not (0 <= i < self.support.shape[0] and 0 <= j < self.support.shape[1]):
                raise ValueError(f"no profile {profile}")
            for side, name in enumerate(("received", "paid")):
                for price, chance in sides.get("at", sides.get(name, {})).items():
                    cells[side, i, j, place[price]] = rational(chance)
        received, paid = Rationals.of(cells)
        return self.lottery(received, paid)

    def drawn(self, chances: Rationals) -> Rationals:
        """A price is drawn, whatever the reports, and the traders trade at it if neither loses: a lottery over outcomes.

        ``chances``, shape ``(P,)``; all on one price is a posted price.
        """
        marginal = chances * Rationals(self.support.astype(np.int64))
        return self.lottery(marginal, marginal)


def concatenate_first(one: Rationals, other: Rationals) -> Rationals:
    """Two arrays joined along their first axis."""
    flat = concatenate([one.ravel(), other.ravel()])
    return flat.reshape(len(one) + len(other), *one.shape[1:])
