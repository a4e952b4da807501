"""Finds mechanisms and multipliers that are polynomials of parameters on a simplex (:mod:`mechlp.proof.polynomial` checks them).

The program of a design, its rows multiplied by the weights of types, has polynomials as entries.  A mechanism of some degree
whose requirements have Bernstein coefficients that are not negative is a point of a larger linear program; so are multipliers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..deadline import Deadline
from ..exact.bernstein import count, lattice
from ..exact.numbers import Rationals
from ..exact.planar import Vector
from ..mechanism.mechanism import Mechanism
from ..program import Block, Program, Solution, Term
from ..program import Family as Rows
from ..program.solve import solve
from ..proof.faces import Mask
from ..proof.family import Family
from ..proof.polynomial import Points, Refuting, Serving, settled, weight
from ..question.rules import Rules
from ..solving.columns_back import mechanisms
from ..solving.compile import compile
from ..solving.plan import Plan
from ..solving.rows.keys import Kind, key
from ..solving.rows_back import multipliers

#: Entries of a program that is tried.
MOST_ENTRIES = 400_000
#: Columns that are what others make of them: their coefficients are one, up to the weight of a type.
DERIVED = (Kind.PAYOFF, Kind.BEST_PAYOFF, Kind.LOW_LIE, Kind.HIGH_LIE)
Index = tuple[int, ...]


class _Large(Exception):
    """More entries than are tried."""


@dataclass
class _Rows:
    """A linear program that is written entry by entry: ``sum >= 0`` or ``= 0`` in columns that are not negative, or free."""

    columns: dict[Any, int] = field(default_factory=dict)
    free: list[bool] = field(default_factory=list)
    entries: defaultdict[Any, defaultdict[int, Fraction]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Fraction))
    )
    size: int = 0

    def column(self, name: Any, free: bool = True) -> int:
        if name not in self.columns:
            self.columns[name] = len(self.free)
            self.free.append(free)
        return self.columns[name]

    def add(self, row: Any, column: int, value: Fraction) -> None:
        self.entries[row][column] += value
        self.size += 1
        if self.size > MOST_ENTRIES:
            raise _Large

    def program(self, equal: Any, ones: Sequence[int], objective: int | None = None) -> Program:
        """With ``equal(row)``, and the sum of some columns one; ``objective`` is a column to make as large as possible."""
        blocks, place = [], np.zeros(len(self.free), dtype=np.int32)
        start = 0
        for name, kind in (("free", True), ("positive", False)):
            own = [k for k, f in enumerate(self.free) if f is kind]
            if own:
                place[own] = np.arange(start, start + len(own), dtype=np.int32)
                start += len(own)
                blocks.append(Block(name, (len(own),), None if kind else Rationals.of(0)))
        groups: dict[tuple[bool, int], list[list[tuple[int, int]]]] = defaultdict(list)
        for row, entries in self.entries.items():
            cells = [(int(place[c]), v) for c, v in entries.items() if v]
            if cells:
                scale = math.lcm(*(v.denominator for _, v in cells))
                whole = [(c, int(v * scale)) for c, v in cells]
                common = math.gcd(*(v for _, v in whole))
                width = 1 << (len(whole) - 1).bit_length()
                groups[bool(equal(row)), width].append([(c, v // common) for c, v in whole])
        families = [_family(f"rows {k}", own, *group) for k, (group, own) in enumerate(groups.items())]
        total = Rationals.of(1).broadcast_to((1, len(ones)))
        terms = (Term(place[list(ones)][None], total, (len(ones),)),)
        families.append(Rows("total", (1,), terms, "=", Rationals.of([1])))
        wanted = {}
        if objective is not None:
            at = np.zeros(self.free.count(True), dtype=np.int64)
            at[place[objective]] = 1
            wanted = {"free": Rationals(at)}
        self.place = place
        return Program(tuple(blocks), tuple(families), wanted, maximize=True)


def _family(name: str, rows: list[list[tuple[int, int]]], equal: bool, width: int) -> Rows:
    columns = np.zeros((len(rows), width), dtype=np.int32)
    values = np.zeros((len(rows), width), dtype=object)
    for k, row in enumerate(rows):
        for j, (column, value) in enumerate(row):
            columns[k, j], values[k, j] = column, value
    wide = max((abs(v) for v in values.ravel()), default=0) >= 2**62
    coefficients = Rationals(values if wide else values.astype(np.int64))
    term = Term(columns, coefficients, (width,))
    return Rows(name, (len(rows),), (term,), "=" if equal else ">=", Rationals.of(0))


@dataclass(frozen=True)
class Pencil:
    """The program of a family on a simplex, its entries as Bernstein coefficients; ``case``: what may be used in the case at
    hand, ``(copies, |A|, *Theta)``."""

    family: Family
    corners: tuple[Vector, ...]
    allowed: Mask
    labels: Rules
    deadline: Deadline
    case: Mask | None = None

    @cached_property
    def degree(self) -> int:
        return self.family.dependence.together

    @cached_property
    def points(self) -> Points:
        return Points(self.family, self.corners, self.degree)

    @cached_property
    def programs(self) -> list[Program]:
        return [
            compile(own, rules=self.labels, plan=Plan.whole(own), allowed=self.case)
            for own in (settled(d, self.allowed) for d in self.points.designs)
        ]

    @cached_property
    def derived(self) -> set[int]:
        """Columns of payoffs: defined by others."""
        first = self.programs[0]
        return {
            first.column_start[b.name] + k
            for b in first.blocks
            if b.name.rpartition(" ")[0] in DERIVED
            for k in range(b.size)
        }

    @cached_property
    def scales(self) -> list[list[Fraction]]:
        """By what the integer rows of each program are divided to be polynomials."""
        out = []
        for program, design in zip(self.programs, self.points.designs, strict=True):
            own, scales = {rows.name for rows in design.requirements}, program.row_scales.fractions()
            for f in program.families:
                if f.name in own or (f.name == key(Kind.BB) and design.bb.startswith("ex-ante")):
                    share = weight(self.family, design).item()
                    for r in range(program.row_start[f.name], program.row_start[f.name] + f.size):
                        scales[r] /= share
            out.append(scales)
        return out

    @cached_property
    def entries(self) -> dict[tuple[int, int], list[Fraction]]:
        """(row, column) -> the coefficients of the entry."""
        found: list[dict[tuple[int, int], Fraction]] = []
        for program, scales in zip(self.programs, self.scales, strict=True):
            arrays = program.integers()
            cells: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
            row = np.repeat(np.arange(program.num_rows), np.diff(arrays.indptr))
            for r, c, v in zip(row.tolist(), arrays.indices.tolist(), arrays.data.tolist(), strict=True):
                if v:
                    cells[r, c] += Fraction(v) / scales[r]
            units: dict[int, Fraction] = {}
            for (_, c), v in cells.items():
                if c in self.derived:
                    units[c] = max(units.get(c, Fraction(0)), abs(v))
            found.append({(r, c): v / units.get(c, 1) for (r, c), v in cells.items() if v})
        places = sorted({place for cells in found for place in cells})
        values = Rationals.from_fractions(
            [cells.get(place, Fraction(0)) for cells in found for place in places], (len(found), len(places))
        )
        out = self._controls(values)
        return dict(zip(places, out, strict=True))

    def _controls(self, values: Rationals) -> list[list[Fraction]]:
        """Coefficients of each column of values at the points."""
        controls = self.points.controls(list(values))
        size = controls.shape[1]
        flat = controls.fractions()
        return [flat[k::size] for k in range(size)]

    @cached_property
    def sides(self) -> list[list[Fraction]]:
        """Right-hand sides, row by row."""
        values = [
            [
                Fraction(v) / scale
                for v, scale in zip(p.integer_right_hand_side().tolist(), scales, strict=True)
            ]
            for p, scales in zip(self.programs, self.scales, strict=True)
        ]
        cells = [v for row in values for v in row]
        return self._controls(Rationals.from_fractions(cells, (len(values), len(values[0]))))

    @cached_property
    def ends(self) -> list[tuple[int, int, list[Fraction]]]:
        """Bounds of columns: (column, sign, coefficients of the bound) for ``sign * (x - bound) >= 0``."""
        out = []
        low, high = self.programs[0].bounds()
        for sign, finite in ((1, np.isfinite(low)), (-1, np.isfinite(high))):
            columns = np.flatnonzero(finite)
            if not len(columns):
                continue
            bounds = [p.exact_bounds()[0 if sign > 0 else 1][columns] for p in self.programs]
            cells = [v for b in bounds for v in b.fractions()]
            found = self._controls(Rationals.from_fractions(cells, (len(bounds), len(columns))))
            out += [(int(c), sign, own) for c, own in zip(columns, found, strict=True)]
        return out

    @cached_property
    def decided(self) -> Solution:
        """The program at one of the points."""
        return solve(self.programs[0], time_limit=self.deadline, readable=False)

    def _times(self, degree: int) -> Iterator[tuple[int, int, Index, Fraction]]:
        """Products of coefficients of an entry and of a polynomial of a degree: which, which, of which, with which weight."""
        size = len(self.corners)
        top = self.degree + degree
        for a, alpha in enumerate(lattice(size, self.degree)):
            for b, beta in enumerate(lattice(size, degree)):
                gamma = tuple(x + y for x, y in zip(alpha, beta, strict=True))
                yield a, b, gamma, Fraction(count(alpha) * count(beta), count(gamma)) if top else Fraction(1)

    # -- mechanisms -----------------------------------------------------------------------------
    def serving(self, degree: int) -> Serving | None:
        """A mechanism of a degree; None where none is found."""
        rows, size = _Rows(), len(self.corners)
        products = list(self._times(degree))
        betas = range(len(lattice(size, degree)))
        shares = [rows.column(("s", b), free=False) for b in betas]
        try:
            for (r, c), own in self.entries.items():
                if c in self.derived:
                    if any(v != own[0] for v in own):
                        return None
                    for gamma in lattice(size, self.degree + degree):
                        rows.add((r, gamma), rows.column(("d", c, gamma)), own[0])
                    continue
                for a, b, gamma, weight in products:
                    if own[a]:
                        rows.add((r, gamma), rows.column(("x", c, b)), own[a] * weight)
            for r, own in enumerate(self.sides):
                for a, b, gamma, weight in products:
                    if own[a]:
                        rows.add((r, gamma), shares[b], -own[a] * weight)
            for k, (c, sign, own) in enumerate(self.ends):
                if all(v == own[0] for v in own):
                    for b in betas:
                        rows.add(("end", k, b), rows.column(("x", c, b)), Fraction(sign))
                        rows.add(("end", k, b), shares[b], -sign * own[0])
                    continue
                for a, b, gamma, weight in products:
                    rows.add(("end", k, gamma), rows.column(("x", c, b)), sign * weight)
                    rows.add(("end", k, gamma), shares[b], -sign * own[a] * weight)
            least = rows.column("least")
            for b in betas:
                rows.add(("share", b), shares[b], Fraction(1))
                rows.add(("share", b), least, Fraction(-1))
        except _Large:
            return None
        senses = self.programs[0].senses
        signs = {r: int(senses[r]) for r in range(len(senses))}
        for row in [row for row in rows.entries if isinstance(row[0], int) and signs[row[0]] < 0]:
            rows.entries[row] = defaultdict(Fraction, {c: -v for c, v in rows.entries[row].items()})
        equal = lambda row: isinstance(row[0], int) and signs[row[0]] == 0  # noqa: E731
        point = self._point(rows, equal, shares, least)
        if point is None:
            return None
        program, made, given = self.programs[0], [], []
        for b in betas:
            flat = [point.get(("x", c, b), Fraction(0)) for c in range(program.num_columns)]
            share = point["s", b]
            given.append(share)
            made.append(self._rules(program, flat, share))
        return Serving(tuple(given), tuple(made), self.labels)

    def _rules(self, program: Program, flat: list[Fraction], share: Fraction) -> tuple[Mechanism, ...]:
        design = settled(self.points.designs[0], self.allowed)
        found = mechanisms(
            Plan.whole(design), program, Rationals.from_fractions(flat, (len(flat),)), count=self.labels.count
        )
        if Kind.CHANCE.value in program.column_start:
            return found
        return tuple(replace(m, allocation=m.allocation * share) for m in found)

    def _point(
        self, rows: _Rows, equal: Any, ones: Sequence[int], wanted: int | None
    ) -> dict[Any, Fraction] | None:
        program = rows.program(equal, ones, wanted)
        found = solve(program, time_limit=self.deadline, readable=False)
        if found.status not in ("optimal", "unbounded") or found.primal is None:
            return None
        values = found.primal.fractions()
        return {name: values[rows.place[k]] for name, k in rows.columns.items()}

    # -- multipliers ----------------------------------------------------------------------------
    def refuting(self, degree: int, support: set[int]) -> Refuting | None:
        """Multipliers of a degree on some rows; None where none are found."""
        rows, size, program = _Rows(), len(self.corners), self.programs[0]
        products, senses = list(self._times(degree)), program.senses
        betas = list(lattice(size, degree))
        top = lattice(size, self.degree + degree)
        flip = lambda r: -1 if senses[r] < 0 else 1  # noqa: E731
        column = lambda r, b: rows.column(("y", r, b), free=bool(senses[r] == 0))  # noqa: E731
        try:
            for (r, c), own in self.entries.items():
                if r not in support:
                    continue
                if c in self.derived:
                    if any(v != own[0] for v in own):
                        return None
                    for b in range(len(betas)):
                        rows.add(("column", c, b), column(r, b), flip(r) * own[0])
                    continue
                for a, b, gamma, weight in products:
                    if own[a]:
                        rows.add(("column", c, gamma), column(r, b), flip(r) * own[a] * weight)
            sums: dict[Index, int] = {}
            bounds = self.degree if any(v != own[0] for _, _, own in self.ends for v in own) else 0
            for gamma in lattice(size, self.degree + degree + bounds):
                sums[gamma] = rows.column(("sum", gamma), free=False)
                rows.add(("sum", gamma), sums[gamma], Fraction(-1))
            for r in support:
                own = self.sides[r]
                for a, b, gamma, weight in products:
                    if own[a]:
                        self._raised(rows, gamma, bounds, column(r, b), flip(r) * own[a] * weight, None)
            for k, (c, sign, own) in enumerate(self.ends):
                for gamma in top:
                    if ("column", c, gamma) not in rows.entries:
                        continue
                    price = rows.column(("price", k, gamma), free=False)
                    rows.add(("column", c, gamma), price, Fraction(sign))
                    self._raised(rows, gamma, bounds, price, Fraction(sign), own)
        except _Large:
            return None
        point = self._point(rows, lambda row: True, list(sums.values()), None)
        if point is None:
            return None
        plain = replace(program, families=tuple(replace(f, unit=None) for f in program.families))
        design = settled(self.points.designs[0], self.allowed)
        controls = []
        for b in range(len(betas)):
            flat = [flip(r) * point.get(("y", r, b), Fraction(0)) for r in range(program.num_rows)]
            dual = Rationals.from_fractions(flat, (len(flat),))
            solution = Solution("infeasible", dual=dual)
            controls.append(
                multipliers(Plan.whole(design), plain, solution, self.labels, sign=1, design=design)
            )
        return Refuting(tuple(controls))

    def _raised(
        self, rows: _Rows, gamma: Index, by: int, column: int, value: Fraction, bound: list[Fraction] | None
    ) -> None:
        """Add a coefficient of the sum, times a bound, to the coefficients of a higher degree."""
        size = len(self.corners)
        if not by:
            factor = value if bound is None else value * bound[0]
            if factor:
                rows.add(("sum", gamma), column, factor)
            return
        for a, alpha in enumerate(lattice(size, by)):
            total = tuple(x + y for x, y in zip(alpha, gamma, strict=True))
            weight = Fraction(count(alpha) * count(gamma), count(total))
            factor = value * weight * (1 if bound is None else bound[a])
            if factor:
                rows.add(("sum", total), column, factor)


__all__ = ["Pencil"]
