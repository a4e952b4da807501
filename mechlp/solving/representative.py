"""The program of a representative, written for any choice of rows; and which rows a point breaks.

Columns: ``Q`` (interim chance of each grade) and ``U`` (interim payoff), for one type an orbit where grades can be
interchanged.  Rows: ``IC`` between types, and ``Border`` sets of them (:mod:`mechlp.solving.reduced_form`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..environment.symmetric import Orbits
from ..exact.numbers import Rationals
from ..mechanism.interim import InterimRule
from ..program import Block, Columns, Family, Program, Term
from ..program.model import BYTES, MAX_BYTES, refuse_if_too_large
from ..proof.reduced_form import Flow
from ..question.symmetric import SymmetricDesign

Places = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
#: A float point breaks a row from here on; Border rows in parts of the mass of their set, which may be tiny.
TOLERANCE = 2e-9
#: Border sets added at most in one round.
CUTS = 200
#: Chances that were interpolated differ where they are this far apart.
APART = 1e-7
#: Times that a cell of a Border row is written: in floats, and in exact arithmetic.
TIMES_WRITTEN = 2


@dataclass
class Rows:
    """The rows so far: IC by (type, report, interchange), positions among representatives; Border by sets of them."""

    ic: list[tuple[int, int, int]] = field(default_factory=list)
    border: list[Places] = field(default_factory=list)


@dataclass
class Reduced:
    """The program of the representatives, written for any choice of rows."""

    design: SymmetricDesign

    @property
    def orbits(self) -> Orbits:
        return self.design.orbits

    @cached_property
    def own(self) -> Places:
        return self.orbits.representatives

    @cached_property
    def values(self) -> Rationals:
        """Values of representatives, shape ``(K, m0)``."""
        values: Rationals = self.design.environment.values[:, self.own]
        return values

    @cached_property
    def sizes(self) -> Rationals:
        return Rationals(np.bincount(self.orbits.place, minlength=len(self.own)))

    @cached_property
    def mass(self) -> Rationals:
        return self.design.environment.prior[self.own] * self.sizes

    @cached_property
    def blocks(self) -> tuple[Block, Block]:
        zero, one = Rationals.of(0), Rationals.of(1)
        count, m = self.values.shape
        return Block("Q", (m, count), zero, one), Block("U", (m,), zero)

    @cached_property
    def columns(self) -> Columns:
        return Columns(self.blocks)

    def program(self, families: Sequence[Family]) -> Program:
        design = self.design
        chances = design.on_chances[:, self.own] * self.sizes
        objective = {"Q": chances.moveaxis(0, 1), "U": design.on_payoffs[self.own] * self.sizes}
        return Program(self.blocks, tuple(families), objective, name=design.environment.title or "auction")

    def ic(self, rows: Sequence[tuple[int, int, int]]) -> Family:
        """``U(s) - U(r) - sum_k (v_order(k)(s) - v_k(r)) Q_k(r) >= 0``."""
        s, r, g = (np.array(c, dtype=np.intp) for c in zip(*rows, strict=True))
        same = (s == r).astype(np.int64)
        orders = self.orbits.orders[g]
        gap = Rationals(self.values.numerator[orders, s[:, None]], self.values.denominator) - Rationals(
            self.values.numerator[:, r].T, self.values.denominator
        )
        u, q = self.columns["U"], self.columns["Q"]
        terms = (
            Term(u[s], Rationals(1 - same)),
            Term(u[r], Rationals(same - 1)),
            Term(q[r], -gap, (len(self.values),)),
        )
        label = self.design.environment.agent.types

        def names(cell: tuple[int, ...]) -> str:
            at = cell[0]
            return f"IC[{label[self.own[s[at]]]} -> {label[self.report(r[at], g[at])]}]"

        return Family("IC", (len(rows),), terms, ">=", Rationals.of(0), label=names)

    def report(self, r: int, g: int) -> int:
        """The type that is reported: the interchange of the representative r undone."""
        return int(self.orbits.moved[self.orbits.inverse[g], self.own[r]])

    def border(self, sets: Sequence[Places]) -> Family:
        """``N sum_S f(s) sum_k Q_k(s) <= 1 - (1 - f(S))**N``."""
        count, m = self.values.shape
        member = np.zeros((len(sets), m, 1), dtype=np.int64)
        for j, chosen in enumerate(sets):
            member[j, chosen] = 1
        n, mass = self.design.environment.copies, self.mass
        coefficients = Rationals(member) * (mass * n).reshape(1, m, 1)
        weights = mass.numerator.astype(object)
        whole = mass.denominator
        sums = np.array([int(weights[chosen].sum()) for chosen in sets], dtype=object)
        capacity = Rationals(whole**n - (whole - sums) ** n, whole**n)
        term = Term(self.columns["Q"][None], coefficients, (m, count))
        return Family("Border", (len(sets),), (term,), "<=", capacity)

    def families(self, rows: Rows) -> list[Family]:
        out = [self.ic(rows.ic)] if rows.ic else []
        return out + ([self.border(rows.border)] if rows.border else [])

    # -- size -----------------------------------------------------------------------------------
    def refuse_if_too_large(self) -> None:
        """Border's rows are written with a cell for each type.  Raises :class:`~mechlp.program.TooLarge` before any is."""
        size = len(self.own)
        sets = len(np.unique(self.values.float.max(axis=0)))
        refuse_if_too_large(sum(b.size for b in self.blocks), TIMES_WRITTEN * sets * size, sets + 2 * size)

    def full(self, sets: int) -> bool:
        """Whether so many Border sets would take more memory than is taken."""
        cells = TIMES_WRITTEN * len(self.own) * sets
        return cells * BYTES > MAX_BYTES

    # -- which rows -----------------------------------------------------------------------------
    def neighbours(self) -> list[tuple[int, int, int]]:
        """Pairs of types at most one step apart in every grade's list of values."""
        values = self.design.environment.values
        ranks = np.stack([np.unique(row, return_inverse=True)[1] for row in values.numerator])
        shape = tuple(int(r.max()) + 3 for r in ranks)
        code = np.ravel_multi_index(tuple(ranks + 1), shape)
        order = np.argsort(code, kind="stable")
        found: list[tuple[int, int, int]] = []
        for step in itertools.product((-1, 0, 1), repeat=len(values)):
            near = np.ravel_multi_index(tuple(ranks[:, self.own] + 1 + np.array(step)[:, None]), shape)
            low, high = (np.searchsorted(code[order], near, side) for side in ("left", "right"))
            for s, (first, end) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
                found += [self.row(int(self.own[s]), int(t)) for t in order[first:end] if t != self.own[s]]
        return sorted(set(found))

    def first_lies(self) -> list[tuple[int, int, int]]:
        """Neighbours that a type is worth more than: what binds in most designs, and a third of all pairs of neighbours."""
        values = self.values.numerator.astype(object).sum(axis=0)
        return [(s, r, g) for s, r, g in self.neighbours() if values[s] > values[r]]

    def row(self, s: int, report: int) -> tuple[int, int, int]:
        """The row in which a type reports another, by their representatives."""
        orbits = self.orbits
        back, way = int(orbits.inverse[orbits.way[s]]), int(orbits.way[report])
        return int(orbits.place[s]), int(orbits.place[report]), orbits.composed[way][back]

    def lasting(self) -> list[Family]:
        """Rows that the session always has."""
        return []

    def first_sets(self) -> list[Places]:
        """The types whose best grade is worth at least c, for every c."""
        best = self.values.float.max(axis=0)
        return [np.flatnonzero(best >= c) for c in np.unique(best)]

    def excess(self, wins: Floats) -> tuple[Places, Floats]:
        """Types by falling chance of winning; by how much more the first 1, 2, ... of them win than they can, over their mass."""
        f, n = self.mass.float, self.design.environment.copies
        order = np.argsort(-wins, kind="stable")
        there = np.cumsum(f[order])
        return order, (n * np.cumsum(f[order] * wins[order]) - self.room(there)) / there

    def broken_border(self, wins: Floats) -> list[Places]:
        """The sets ``{wins >= c}`` that win more than they can, worst first."""
        order, excess = self.excess(wins)
        falls = np.append(wins[order][:-1] - wins[order][1:] > TOLERANCE, True)
        worst = np.flatnonzero((excess > TOLERANCE) & falls)
        worst = worst[np.argsort(-excess[worst], kind="stable")][:CUTS]
        return [np.sort(order[: j + 1]) for j in worst]

    def nearly_binding(self, wins: Floats) -> list[Places]:
        """The sets ``{wins >= c}`` that come nearest to winning more than they can, nearest first."""
        order, excess = self.excess(wins)
        falls = np.flatnonzero(np.append(wins[order][:-1] - wins[order][1:] > APART, True))
        return [np.sort(order[: j + 1]) for j in falls[np.argsort(-excess[falls], kind="stable")][:CUTS]]

    def breaks(self, wins: Floats, members: Places) -> bool:
        f, n = self.mass.float[members], self.design.environment.copies
        return bool(n * (f * wins[members]).sum() - self.room(f.sum()) > TOLERANCE * f.sum())

    def room(self, mass: Any) -> Any:
        """The chance that some copy is among types of a mass, ``1 - (1 - mass)**copies``, precise for tiny masses."""
        with np.errstate(divide="ignore"):
            return -np.expm1(self.design.environment.copies * np.log1p(-np.minimum(mass, 1)))

    def broken_ic(self, chances: Floats, payoffs: Floats) -> list[tuple[int, int, int]]:
        """For each type its most tempting lie, if it is one."""
        v = self.values.float
        kept = payoffs - (v * chances).sum(axis=0)
        best = np.full(len(self.own), TOLERANCE)
        found: dict[int, tuple[int, int, int]] = {}
        for g, order in enumerate(self.orbits.orders):
            gain = v[order].T @ chances + kept[None, :] - payoffs[:, None]
            gain[self.beyond(g)] = -np.inf
            lie = np.argmax(gain, axis=1)
            most = gain[np.arange(len(lie)), lie]
            for s in np.flatnonzero(most > best):
                best[s], found[int(s)] = most[s], (int(s), int(lie[s]), g)
        return list(found.values())

    def beyond(self, way: int) -> tuple[Places, Places]:
        """Types and reports, positions among representatives, that no row is about after an interchange of grades."""
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)

    def broken_exactly(
        self, rule: InterimRule, rows: Rows
    ) -> tuple[list[tuple[int, int, int]], list[Places]]:
        """Lies and Border sets that a rule breaks, and that have no row yet."""
        told = {self.row(s, r) for s, r, slack in rule.worst_lies() if slack < 0}
        wins, order = rule.wins[rule.order].fractions(), rule.order
        slack = rule.border_slack()
        ends = [
            j for j in np.flatnonzero(slack < 0).tolist() if wins[j] > (wins[j + 1 :] or [Fraction(-1)])[0]
        ]
        worst = sorted(ends, key=lambda j: slack[j])[:CUTS]
        known = {members.tobytes() for members in rows.border}
        sets = [np.unique(self.orbits.place[order[: j + 1]]) for j in worst]
        return list(told - set(rows.ic)), [s for s in sets if s.tobytes() not in known]

    # -- way back -------------------------------------------------------------------------------
    def rule(self, chances: Rationals, payoffs: Rationals) -> InterimRule:
        """From representatives to all types: chances ``(m0, K)``, payoffs ``(m0,)``."""
        orbits = self.orbits
        got = np.empty_like(chances.numerator, shape=self.design.environment.values.shape)
        every = np.arange(got.shape[1])
        for k in range(len(got)):
            got[orbits.orders[orbits.way, k], every] = chances.numerator[orbits.place, k]
        return InterimRule(
            self.design.environment,
            Rationals(got, chances.denominator).reduced(),
            payoffs[orbits.place].reduced(),
        )

    def flow(self, rows: Sequence[tuple[int, int, int]], amounts: Rationals) -> Flow:
        """Multipliers of the rows spread evenly over the interchanges of grades."""
        moved = self.orbits.moved
        found: dict[tuple[int, int], Fraction] = {}
        for (s, r, g), y in zip(rows, amounts.fractions(), strict=True):
            if not y:
                continue
            report = self.report(r, g)
            for to in moved:
                pair = int(to[self.own[s]]), int(to[report])
                found[pair] = found.get(pair, Fraction(0)) + y / len(moved)
        pairs = np.array(list(found), dtype=np.intp).reshape(-1, 2)
        return Flow(pairs[:, 0], pairs[:, 1], Rationals.from_fractions(list(found.values()), (len(found),)))


__all__ = ["TOLERANCE", "Floats", "Places", "Reduced", "Rows"]
