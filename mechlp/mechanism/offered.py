"""A menu offered to all types of a box: each type takes the contract that she likes best, so that every IC and IR holds.

Which types take a contract is a polytope, and the exact volumes of these are enclosed by halving: in a cell where
a contract beats another one all over (their difference is affine, so its least value is known), the other is not taken there.
What is left undecided in the smallest cells is counted at the contract that pays least where revenue is counted, and at the one
that wins most often where Border's condition is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..environment.box import Box
from ..exact.errors import InvalidInput
from ..exact.numbers import Rationals

Integers = npt.NDArray[Any]
#: Times that a cell of the grid is halved at most; pairs of a cell and a contract that are looked at in one round at most.
MAX_HALVED, MAX_PAIRS = 16, 2_000_000
#: Counts of a cell of the grid and a contract at most.
MAX_COUNTS = 20_000_000
#: Bits of the number of parts of a cell at most.
MAX_BITS = 50
#: Cells of the grid looked at together.
TOGETHER = 512


class InvalidMenu(InvalidInput):
    """A menu that is none, or too long to be examined; the message says why."""


@dataclass(frozen=True)
class Menu:
    """Contracts: chances of each grade or good, shape ``(C, K)``, and prices, shape ``(C,)``.  Staying away is always possible.

    Raises
    ------
    InvalidMenu
        A negative chance or price.
    """

    chances: Rationals
    prices: Rationals

    def __post_init__(self) -> None:
        if self.chances.ndim != 2 or self.prices.shape != self.chances.shape[:1]:
            raise InvalidMenu("a menu has a price and a chance of each grade for every contract")
        if bool(np.any(self.chances < 0)) or bool(np.any(self.prices < 0)):
            raise InvalidMenu("a contract with a negative chance or price")

    @cached_property
    def wins(self) -> Rationals:
        """The chance of any grade, shape ``(C,)``."""
        total: Rationals = self.chances.sum(axis=1)
        return total

    def to_json(self) -> list[list[str]]:
        """For each contract the chance of each grade, then the price."""
        return [[*q, p] for q, p in zip(self.chances.texts(), self.prices.texts(), strict=True)]

    @classmethod
    def from_json(cls, data: Any, grades: int) -> Menu:
        """Read :meth:`to_json` back.  Raises ValueError when it does not fit."""
        rows = Rationals.of(data) if len(data) else Rationals.zeros((0, grades + 1))
        if rows.ndim != 2 or rows.shape[1] != grades + 1:
            raise InvalidMenu(f"a contract has {grades} chances and a price")
        return cls(rows[:, :grades], rows[:, grades])


@dataclass(frozen=True)
class Taken:
    """How the types of a box are spread over a menu's contracts, the last of which is to stay away.

    ``least`` gives each type a contract that pays no more than hers, ``most`` one that wins no less often: chances that sum to
    one, shape ``(C + 1,)``.
    """

    menu: Menu
    least: Rationals
    most: Rationals

    def chosen(self) -> Menu:
        """The menu without contracts that nobody may take."""
        kept = np.asarray(self.least[:-1] > 0) | np.asarray(self.most[:-1] > 0)
        return Menu(self.menu.chances[kept], self.menu.prices[kept])

    def factor(self, box: Box) -> Fraction:
        """The largest factor (at most one) by which all contracts are multiplied so that the goods suffice.

        Types choose as before, as payoffs are multiplied alike.  Goods: no chance above one.  Grades: Border's condition,
        for the ``most`` that each type wins; it is the tightest for sets of types that win most often, and
        between two contracts the chance won is linear in the mass of the set and the chance that can be won concave, so it
        suffices to look at whole contracts.
        """
        if box.goods:
            highest = self.menu.chances.max() if self.menu.chances.size else Fraction(1)
            return min(Fraction(1), 1 / highest) if highest > 0 else Fraction(1)
        found, n = Fraction(1), box.copies
        mass = won = Fraction(0)
        for chance, share in self.falling():
            mass, won = mass + share, won + n * share * chance
            if won > 0:
                found = min(found, (1 - (1 - mass) ** n) / won)
        return found

    def falling(self) -> list[tuple[Fraction, Fraction]]:
        """``(chance of winning, mass)`` by falling chance, masses of zero left out."""
        pairs = zip([*self.menu.wins.fractions(), Fraction(0)], self.most.fractions(), strict=True)
        return sorted((pair for pair in pairs if pair[1] > 0), reverse=True)

    def revenue(self, box: Box) -> Fraction:
        """At least this is earned when the menu, multiplied by :meth:`factor`, is offered to each bidder."""
        prices: Fraction = (self.menu.prices * self.least[:-1]).sum()
        return box.copies * self.factor(box) * prices


def taken(menu: Menu, box: Box, halved: int) -> Taken:
    """Who takes which contract, cells halved so many times.

    Raises
    ------
    InvalidMenu
        When that takes more than :data:`MAX_PAIRS` pairs of a cell and a contract.
    """
    if not 0 <= halved <= MAX_HALVED:
        raise InvalidMenu(f"cells are halved 0 to {MAX_HALVED} times, not {halved}")
    if menu.chances.shape[1] != len(box.axes):
        raise InvalidMenu(f"a contract has {len(box.axes)} chances and a price")
    contracts = len(menu.chances) + 1
    if halved * len(box.axes) > MAX_BITS:
        raise InvalidMenu(f"cells in {len(box.axes)} dimensions are halved at most {MAX_BITS // len(box.axes)} times")
    if contracts * box.size > MAX_COUNTS:
        raise InvalidMenu(
            f"{contracts:,} contracts and {box.size:,} cells are more than are examined: {MAX_COUNTS:,} pairs"
        )
    offer = _Offer.of(menu, box, halved)
    counts = np.zeros((2, box.size, contracts), dtype=np.int64)
    together = max(min(TOGETHER, MAX_PAIRS // contracts), 1)
    for start in range(0, box.size, together):
        offer.spread(np.arange(start, min(start + together, box.size)), counts)
    parts = 1 << (halved * len(box.axes))
    weight = box.masses.numerator.astype(object)
    least, most = (
        Rationals(
            (weight[:, None] * own.astype(object)).sum(axis=0), box.masses.denominator * parts
        ).reduced()
        for own in counts
    )
    return Taken(menu, least, most)


@dataclass(frozen=True)
class _Offer:
    """A menu in integers: the payoff of a contract at the point ``x`` is ``chance . (low + x * width) - price``.

    Points count halves of the smallest cells along each axis; the last contract is to stay away.
    """

    box: Box
    halved: int
    chance: Integers
    price: Integers
    low: Integers
    width: Integers
    wins: Integers

    @classmethod
    def of(cls, menu: Menu, box: Box, halved: int) -> _Offer:
        unit = [axis.width / (2 << halved) for axis in box.axes]
        scale = math.lcm(*(v.denominator for v in unit), *(axis.low.denominator for axis in box.axes))
        common = math.lcm(menu.chances.denominator, menu.prices.denominator)
        none = np.zeros((1, len(box.axes)), dtype=object)
        chance = np.concatenate([menu.chances.integers(common).astype(object), none])
        price = np.append(menu.prices.integers(common).astype(object) * scale, 0)
        low, width = (
            np.array([int(v * scale) for v in values], dtype=object)
            for values in ([axis.low for axis in box.axes], unit)
        )
        points = [axis.count * (2 << halved) for axis in box.axes]
        reach = int(price.max()) + sum(
            int(chance[:, k].max()) * int(low[k] + width[k] * points[k]) for k in range(len(points))
        )
        kind: Any = np.int64 if reach < 2**61 else object
        offer, ranks, start, step = (a.astype(kind) for a in (chance, price, low, width))
        return cls(box, halved, offer, ranks, start, step, offer.sum(axis=1))

    def spread(self, cells: npt.NDArray[np.intp], counts: npt.NDArray[np.int64]) -> None:
        """Adds, for each grid cell and contract, the smallest cells whose types may take it: see :class:`Taken`."""
        contracts, dimensions = len(self.price), len(self.box.axes)
        owner = np.repeat(np.arange(len(cells)), contracts)
        contract = np.tile(np.arange(contracts), len(cells))
        corner = self.box.places[:, cells].T << (self.halved + 1)
        for level in range(self.halved, -1, -1):
            half = np.int64(1) << level  # half the side of a cell, in halves of the smallest
            owner, contract, first = self._undecided(owner, contract, corner, half)
            several = np.diff(np.append(first, len(owner))) > 1
            size = np.int64(1) << (level * dimensions)
            done = ~several if level else np.ones(len(first), dtype=bool)
            self._count(cells, contract, first, done, several, size, counts)
            if not level or not several.any():
                return
            left = np.repeat(several, np.diff(np.append(first, len(owner))))
            owner, contract = (np.cumsum(several) - 1)[owner[left]], contract[left]
            parts = 1 << dimensions
            if len(owner) * parts > MAX_PAIRS:
                raise InvalidMenu(
                    f"more than {MAX_PAIRS:,} pairs of a cell and a contract: halve cells less often"
                )
            shifts = np.indices((2,) * dimensions).reshape(dimensions, -1).T * half
            corner = (corner[several][:, None, :] + shifts[None]).reshape(-1, dimensions)
            cells = np.repeat(cells[several], parts)
            runs = np.bincount(owner, minlength=int(several.sum()))
            starts = np.repeat(np.cumsum(runs) - runs, parts)
            runs = np.repeat(runs, parts)
            owner = np.repeat(np.arange(len(cells)), runs)
            contract = contract[np.arange(len(owner)) + np.repeat(starts - (np.cumsum(runs) - runs), runs)]

    def _undecided(
        self, owner: Integers, contract: Integers, corner: Integers, half: Any
    ) -> tuple[Integers, Integers, Integers]:
        """The pairs whose contract the best one at the cell's middle does not beat all over, and where each cell's begin."""
        middle = self.low + (corner + half) * self.width
        value = (self.chance[contract] * middle[owner]).sum(axis=1) - self.price[contract]
        first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
        best = np.maximum.reduceat(value, first)
        at = np.flatnonzero(value == best[owner])
        winner = np.empty(len(first), dtype=np.intp)
        winner[owner[at[::-1]]] = at[::-1]
        gap = np.abs(self.chance[contract] - self.chance[contract[winner]][owner])
        kept = best[owner] - value < (gap * self.width).sum(axis=1) * half
        kept[winner] = True
        owner, contract = owner[kept], contract[kept]
        return owner, contract, np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))

    def _count(
        self,
        cells: Integers,
        contract: Integers,
        first: Integers,
        done: npt.NDArray[np.bool_],
        several: npt.NDArray[np.bool_],
        size: Any,
        counts: npt.NDArray[np.int64],
    ) -> None:
        runs = np.diff(np.append(first, len(contract)))
        owner = np.repeat(np.arange(len(first)), runs)
        for own, key in zip(counts, (self.price, -self.wins), strict=True):
            of = key[contract]
            best = np.minimum.reduceat(of, first)
            at = np.flatnonzero(of == best[owner])
            chosen = np.empty(len(first), dtype=np.intp)
            chosen[owner[at[::-1]]] = contract[at[::-1]]
            np.add.at(own, (cells[done], chosen[done]), size)


def scaled(menu: Menu, factor: Fraction) -> Menu:
    """All chances and prices times a factor."""
    return Menu((menu.chances * factor).reduced(), (menu.prices * factor).reduced())


__all__ = ["MAX_HALVED", "InvalidMenu", "Menu", "Taken", "scaled", "taken"]
