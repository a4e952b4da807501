"""Certified ends of the best revenue from types that fill a box.

The program of :mod:`mechlp.proof.box` is solved in floats; its multipliers, rounded and repaired, are the upper end.  Its
contracts, offered as a menu to all types, are the lower end (:mod:`mechlp.mechanism.offered`).  Where several bidders would win
more often than they can together, Border's rows are tightened by that much, and the program is solved again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..answer.box import BoxAnswer
from ..closed_forms.exclusive import best_price, exclusive_revenue, offered
from ..deadline import Deadline
from ..environment.box import Box, step
from ..exact.numbers import Rationals, concatenate
from ..mechanism.offered import MAX_HALVED, InvalidMenu, Menu, Taken, taken
from ..program import Block, Family, Program, Term
from ..program.versions import versions
from ..proof.box import BoxFlow
from ..question.box import BoxDesign
from .reduced_form import LASTING, Rounds, rounded
from .repair import balanced
from .representative import Floats, Places, Reduced

Progress = Callable[[str], None]
#: Bits after the point of the contracts of a menu.
MENU_BITS = 20
#: Times that Border's rows are tightened at most; smallest cells that are looked at to see by how much.
TIGHTENED, LOOKED_AT = 6, 300_000
#: Cells are halved once more for the answer while that adds this share of the revenue.
WORTHWHILE = 1e-4


def solve(
    design: BoxDesign,
    *,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
    **_: Any,
) -> BoxAnswer:
    """Certified ends of the best revenue, with a mechanism for all types.

    Parameters
    ----------
    time_limit : seconds after which what is there is certified.
    progress : called with the name of each phase.
    """
    return _Run(design, Deadline.of(time_limit), progress or (lambda phase: None)).answer()


@dataclass
class Boxed(Reduced):
    """The program of cells: columns ``C`` as well, neighbours by the trapezoid rule."""

    box: Box
    #: Masses of sets, and by how much Border's right side is tightened there.
    tightened: tuple[Floats, Floats] = (np.zeros(1), np.zeros(1))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:  # type: ignore[override]
        """``C``: the means of row 2 of :mod:`mechlp.proof.box`."""
        zero, one = Rationals.of(0), Rationals.of(1)
        count, m = self.values.shape
        return Block("Q", (m, count), zero, one), Block("U", (m,), zero), Block("C", (m, count), zero)

    def program(self, families: Sequence[Family]) -> Program:
        plain = super().program(families)
        worth = (self.mass * self.box.copies).reshape(-1, 1).broadcast_to(self.blocks[2].shape)
        return replace(plain, objective={**plain.objective, "C": worth})

    def ic(self, rows: Sequence[tuple[int, int, int]]) -> Family:
        """Rows 3, and rows 1 between neighbours."""
        plain = super().ic(rows)
        s, r, g = (np.array(c, dtype=np.intp) for c in zip(*rows, strict=True))
        axis, _ = step(self.box, self.orbits.moved[g, self.own[s]], self.own[r])
        near = (axis >= 0).astype(np.int64)
        own, other, gap = plain.terms
        half = gap.coefficients * Rationals(2 - near, 2).reshape(-1, 1)
        told = self.orbits.orders[g, np.maximum(axis, 0)]
        c, q, order = self.columns["C"], self.columns["Q"], self.orbits.orders[g]
        terms = (
            own,
            other,
            Term(gap.columns, half, gap.axes),
            Term(q[s[:, None], order], gap.coefficients * Rationals(near, 2).reshape(-1, 1), gap.axes),
            Term(c[s, told], Rationals(near)),
            Term(c[r, np.maximum(axis, 0)], Rationals(-near)),
        )
        return replace(plain, terms=terms)

    def first_lies(self) -> list[tuple[int, int, int]]:
        """All neighbours, as rows 1 are equations.  Reports whose grades can be interchanged are told in every order: their
        chances are equal then."""
        ways = [np.flatnonzero(self.orbits.moved[:, t] == t).tolist() for t in self.own]
        compose = self.orbits.composed
        return sorted({(s, r, compose[way][g]) for s, r, g in self.neighbours() for way in ways[r]})

    def beyond(self, way: int) -> tuple[Places, Places]:
        """Neighbours: they have rows 1, and no others."""
        where = np.full(self.box.size, -1, dtype=np.intp)
        where[self.own] = np.arange(len(self.own))
        moved = self.orbits.moved[way, self.own]
        pairs = []
        for after in (*self.box.neighbours[:, moved], *self.box.below[:, moved]):
            kept = (after >= 0) & (where[after] >= 0)
            pairs.append((np.flatnonzero(kept), where[after[kept]]))
        return np.concatenate([s for s, _ in pairs]), np.concatenate([r for _, r in pairs])

    @cached_property
    def around(self) -> tuple[Places, Places]:
        """The next cells up and down from each representative along each axis, -1 where there is none: each ``(K, m0)``."""
        return self.box.neighbours[:, self.own], self.box.below[:, self.own]

    def lasting(self) -> list[Family]:
        """Rows 2: ``8/h C_k(g) <= Q_k(g+) - Q_k(g-)``."""
        (up, down), count = self.around, len(self.box.axes)
        axes = np.arange(count)[:, None]
        eighths = Rationals.from_fractions([8 / axis.width for axis in self.box.axes], (count, 1))
        terms = (
            Term(np.moveaxis(self.columns["C"], 0, 1), eighths),
            Term(self.chance(np.maximum(up, 0), axes), Rationals(-(up >= 0).astype(np.int64))),
            Term(self.chance(np.maximum(down, 0), axes), Rationals((down >= 0).astype(np.int64))),
        )
        return [Family("Bend", up.shape, terms, "<=", Rationals((up < 0).astype(np.int64)))]

    def chance(self, cell: Places, axis: Places) -> Any:
        """The column of the chance of a grade in a cell."""
        back = np.argsort(self.orbits.orders, axis=1)
        return self.columns["Q"][self.orbits.place[cell], back[self.orbits.way[cell], axis]]

    def spread(self, values: Floats) -> Floats:
        """What rows about an axis and a representative, ``(K, m0)``, are about each axis and type, ``(K, m)``."""
        out = np.zeros((len(values), self.box.size))
        back = np.argsort(self.orbits.orders, axis=1)
        for moved, inverse in zip(self.orbits.moved, back, strict=True):
            for k, row in enumerate(values):
                np.add.at(out[inverse[k]], moved[self.own], row / len(back))
        return out

    # -- Border ---------------------------------------------------------------------------------
    def first_sets(self) -> list[Places]:
        """None for goods; for one bidder each cell, which is all that there is to say."""
        if self.box.goods:
            return []
        return [np.array([s]) for s in range(len(self.own))] if self.box.copies == 1 else super().first_sets()

    def border(self, sets: Sequence[Places]) -> Family:
        plain = super().border(sets)
        mass = np.array([self.mass.float[s].sum() for s in sets])
        less = Rationals(np.ceil(np.ldexp(self.less(mass), 40)).astype(np.int64), 1 << 40)
        return replace(plain, rhs=(plain.rhs - less).reduced())

    def room(self, mass: Any) -> Any:
        """As tightened; goods are never scarce."""
        return mass * np.inf if self.box.goods else super().room(mass) - self.less(mass)

    def less(self, mass: Any) -> Any:
        """By how much Border's right side is tightened for sets of a mass."""
        at, by = self.tightened
        return np.interp(mass, at, by)


class _Run:
    """One answer: the upper end first, then menus for the lower one."""

    def __init__(self, design: BoxDesign, deadline: Deadline, progress: Progress) -> None:
        self.design, self.deadline, self.progress = design, deadline, progress
        self.box, self.started = design.environment, time.perf_counter()
        self.reduced = Boxed(design.cells, self.box)
        self.rounds = Rounds(design.cells, self.reduced, deadline, progress)
        #: What is certified where the time ends before there is more: nothing is sold, and everybody pays for all.
        self.flow = BoxFlow.of(balanced(self.reduced.flow([], Rationals.zeros((0,))), design.cells), self.box)
        count = len(self.box.axes)
        self.menu = Menu(Rationals.zeros((0, count)), Rationals.zeros((0,)))

    def answer(self) -> BoxAnswer:
        self.reduced.refuse_if_too_large()
        self.deadline.latest.broken_off(self.sought, lambda: None)
        self.progress("certify")
        since = time.perf_counter()
        price = best_price(self.box) if offered(self.box) else None
        least = Fraction(0) if price is None else exclusive_revenue(self.box, price)
        found = BoxAnswer.of(self.design, self.menu, self.halved(least), self.flow, price)
        self.rounds.clock("certify", since)
        timings = {**self.rounds.timings, "total": time.perf_counter() - self.started}
        return replace(found, notes=(self.note(),), timings=timings, versions=versions())

    def sought(self) -> None:
        """Both ends in floats."""
        rounds, since = self.rounds, time.perf_counter()
        rounds.start()
        rounds.last, converged = rounds.generate()
        if len(rounds.last.dual) == len(rounds.listed):
            self.flow = self.multipliers()
        best = -1.0
        for _ in range(TIGHTENED):
            if not len(rounds.last.primal):
                return
            menu = self.offer()
            who = taken(menu, self.box, self.first_halved)
            worth, factor = who.revenue(self.box), float(who.factor(self.box))
            if worth > best:
                best, self.menu = float(worth), who.chosen()
            if self.box.goods or self.box.copies == 1 or factor == 1 or not converged or self.deadline.passed:
                return
            self.tighten(who)
            rounds.last, converged = rounds.generate()
        rounds.clock("menus", since)

    def multipliers(self) -> BoxFlow:
        """Those of IC; and what those of rows 2 exceed the worth of ``C`` by, which is about chances that rise.

        ``Q_k(g+) >= Q_k(g-)`` is the sum of two rows 3, in which g+ and g- pretend to be each other.
        """
        rounds, box = self.rounds, self.box
        flow = BoxFlow.of(rounds.approximate_flow(rounds.last), box)
        lasting = [j for j, (kind, _) in enumerate(rounds.listed) if kind == LASTING]
        held = self.reduced.spread(rounds.last.dual[lasting].reshape(len(box.axes), -1))
        more = np.maximum(held - flow.bends(self.design.cells).float, 0)
        found = (box.neighbours >= 0) & (box.below >= 0) & (more > 0)
        above, below = box.neighbours[found], box.below[found]
        widths = np.array([2 * float(axis.width) for axis in box.axes])[:, None]
        amounts = rounded((more / widths)[found])
        return BoxFlow(
            np.concatenate([flow.types, above, below]),
            np.concatenate([flow.reports, below, above]),
            concatenate([flow.amounts, amounts, amounts]),
            self.box,
        )

    def offer(self) -> Menu:
        """The contracts of the last point, rounded, at their prices there."""
        chances, payoffs = self.rounds.point(self.rounds.last)
        rule = self.reduced.rule(_rounded(chances.T), _rounded(payoffs))
        prices = -rule.transfers.float
        rows = np.concatenate([rule.chances.float.T, prices[:, None]], axis=1)
        rows = np.unique(np.rint(np.ldexp(rows[rule.wins.float > 0], MENU_BITS)).astype(np.int64), axis=0)
        rows = rows[(rows[:, -1] >= 0) & (rows[:, :-1].sum(axis=1) > 0)]
        found = Rationals(rows, 1 << MENU_BITS)
        return Menu(found[:, :-1], found[:, -1])

    def tighten(self, who: Taken) -> None:
        """Takes from Border's right sides by how much types of each mass would win too often, and what was taken before."""
        n, pairs = self.box.copies, np.array([(float(c), float(m)) for c, m in who.falling()])
        mass, won = np.cumsum(pairs[:, 1]), n * np.cumsum(pairs[:, 0] * pairs[:, 1])
        over = np.maximum(won - (1 - (1 - mass) ** n), 0)
        at = np.concatenate([[0], mass])
        self.reduced.tightened = at, self.reduced.less(at) + np.concatenate([[0], over])
        self.rounds.tighten()

    def halved(self, least: Fraction) -> int:
        """How often cells are halved for the answer: while that adds revenue, where the menu can earn more than ``least``."""
        times, worth = self.first_halved, self.earned(self.first_halved)
        while worth is not None and times < MAX_HALVED and not self.deadline.passed:
            more = self.earned(times + 1)
            if more is None:
                break
            times, gain, worth = times + 1, more - worth, more
            if gain < WORTHWHILE * more or more + 2 * gain < least:
                break
        return times

    def earned(self, halved: int) -> Fraction | None:
        """What the menu earns for certain, cells halved so often; None where that takes too much."""
        try:
            return taken(self.menu, self.box, halved).revenue(self.box)
        except InvalidMenu:
            return None

    @cached_property
    def first_halved(self) -> int:
        """How often cells are halved at first."""
        parts = LOOKED_AT / self.box.size
        return max(min(int(math.log2(max(parts, 1)) / len(self.box.axes)), MAX_HALVED), 0)

    def note(self) -> str:
        rounds = self.rounds
        return (
            f"{self.box.size:,} cells, {len(self.reduced.own):,} up to the interchange of grades; {rounds.rounds} round(s), "
            f"{len(rounds.rows.ic):,} IC rows, {len(rounds.rows.border):,} Border sets"
        )


def _rounded(values: Floats) -> Rationals:
    """Floats, none below zero, to the nearest integers over a power of two."""
    return Rationals(np.rint(np.ldexp(np.maximum(values, 0), MENU_BITS)).astype(np.int64), 1 << MENU_BITS)
