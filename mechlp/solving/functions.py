"""From a point to its neighbours: a solution of a program as a rational function of one parameter.

At a point an exact solution says which rows are tight and which columns are between their bounds (for multipliers: which are
used, and which columns they price to zero).  The equations that say so have coefficients that move with the parameter; solved
exactly at several points, they give the function by interpolation (Gal 1995, "Postoptimal analyses, parametric programming and
related topics").  What it proves, and how far, is decided from the definitions (:mod:`mechlp.proof.stretch`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from math import gcd, lcm, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.algebraic import Algebraic
from ..exact.numbers import Rationals, concatenate
from ..exact.quotients import Quotient, fitted
from ..mechanism.mechanism import Mechanism
from ..program import Program, Solution
from ..program.exact import BasicSystem
from ..program.form import Form, form
from ..program.highs import BASIC, LOWER, UPPER, ZERO, Basis
from ..program.kernel import Singular, Unsolved
from ..program.solve import solve as solve_program
from ..proof.case_functions import CaseFunction
from ..proof.conditions import Condition
from ..proof.family import InvalidFamily
from ..proof.functions import MechanismFunction, MultiplierFunction, value_of
from ..proof.invalid import InvalidCertificate
from ..proof.multipliers import Multipliers, RuleWeights
from ..proof.ruled import Ruled
from ..proof.stretch import Stretch
from ..question.design import Design
from ..question.rules import Rules
from .columns_back import mechanisms
from .compile import compile
from .nature import nature
from .plan import Plan
from .rows_back import multipliers

#: Points of an interpolation: at first, and at most.
FEWEST, MOST = 4, 64
#: Points that are tried, those at which there is no such problem or solution included.
TRIES = 128
#: Of a part of a program that is brought into echelon form.
CELLS = 4_000_000
#: A prime below which pivots are sought.
PRIME = 2**61 - 1
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """What holds from ``low`` to ``high``: a mechanism, multipliers, or both (an optimum)."""

    low: Algebraic
    high: Algebraic
    mechanism: MechanismFunction | None = None
    multipliers: MultiplierFunction | None = None
    cases: CaseFunction | None = None
    missed: Quotient | None = None


def around(
    stretch: Stretch,
    point: Fraction,
    deadline: Deadline,
    *,
    wanted: bool = False,
    limit: Fraction | None = None,
) -> Found | None:
    """What an exact solution at a point proves around it, within a stretch; None where nothing is found.

    ``wanted``: an optimum (or the least that gives way); else whether there is a mechanism.  ``limit``: the size of transfers
    that are looked at, at most: what is refuted then is nothing.
    """
    gives = stretch.family.gives
    moved = Moved.of(stretch, point, deadline, Choice(limit))
    if moved is None:
        return None
    solution, refutes = moved.solution, moved.refutes
    if refutes and limit is not None:
        return None
    try:
        mechanism = None if refutes else moved.mechanism()
        enough = gives is not None and solution.value == 0  # nothing must give way
        y = moved.multipliers() if refutes or (wanted and not enough) else None
        inside = part_around(
            stretch, [stretch.defined(f, point) for f in (mechanism, y) if f is not None], point, deadline
        )
        if y is not None:
            inside = part_around(
                inside, inside.signs(y, wanted=not refutes and not gives, near=point), point, deadline
            )
        if mechanism is not None:
            missed = inside.amount(y) if gives and y is not None else None
            inside = part_around(inside, inside.slacks(mechanism, missed, point), point, deadline)
        if y is not None and refutes:
            inside = part_around(inside, [inside.refuted(y)], point, deadline)
        if y is not None and gives:  # less than nothing need not give way
            inside = part_around(inside, [Condition(inside.amount(y))], point, deadline)
    except (InvalidCertificate, Lost):
        return None
    return Found(inside.low, inside.high, mechanism, y)


def settled(stretch: Stretch, point: Fraction, *, ruled: bool = True) -> Stretch | None:
    """The part of a stretch around a point on which the same outcomes may be used (``ruled``: by the file's rule), the same types
    have beliefs and rankings stay; None where any of it changes at the point."""
    try:
        return part_around(stretch, stretch.conditions(ruled=ruled, near=point), point)
    except (InvalidCertificate, Lost):
        return None


class Lost(Exception):
    """A solution that does not move with the parameter, or that holds at its point only."""


def part_around(
    stretch: Stretch, conditions: Iterable[Condition], point: Fraction, deadline: Deadline = NEVER
) -> Stretch:
    """The part of a stretch around a point on which conditions hold.  Raises Lost, also where time is out."""
    at, low, high = Algebraic.of(point), stretch.low, stretch.high
    for condition in conditions:
        if deadline.passed:
            raise Lost
        if condition.function.vanishes and not condition.strict:
            continue
        if condition.function.sign(at) != 1:
            raise Lost
        for end in condition.function.ends(strict=condition.strict):
            low, high = (max(low, end), high) if end < at else (low, min(high, end))
    return Stretch(stretch.family, low, high, stretch.allowed)


@dataclass(frozen=True)
class Choice:
    """What is chosen before a program is linear: the size of transfers that are looked at, what may be used in the case at hand
    ``(copies, |A|, *Theta)``, a rule, and the belief under which each lie is seen (:data:`NOBODY`: under none)."""

    limit: Fraction | None = None
    allowed: Mask | None = None
    rule: Rationals | None = None
    seen: tuple[int, ...] | None = None

    def design(self, design: Design) -> Design:
        """A design with what is chosen; what satisfies it satisfies the design."""
        if self.rule is not None:
            design = replace(design, allocation=self.rule)
        if self.limit is None or design.transfers != "free":
            return design
        return replace(design, transfers=((-self.limit, self.limit),) * design.environment.n)

    def labels(self, design: Design) -> Rules:
        return Rules.of(design) if self.seen is None else Rules.assigned(design, list(self.seen))


class Moved:
    """An exact solution of a program at a point, moved to others."""

    def __init__(
        self,
        stretch: Stretch,
        point: Fraction,
        program: Program,
        solution: Solution,
        choice: Choice,
        deadline: Deadline,
    ) -> None:
        self.stretch, self.point, self.program, self.solution = stretch, point, program, solution
        self.choice, self.deadline = choice, deadline
        self.form = form(program)
        self.forms: dict[Fraction, tuple[Design, Program, Form]] = {}

    @classmethod
    def of(cls, stretch: Stretch, point: Fraction, deadline: Deadline, choice: Choice) -> Moved | None:
        """The solution at a point; None where there is none in time."""
        design = choice.design(stretch.at(point))
        program = cls._compiled(stretch, design, choice)
        solution = solve_program(program, time_limit=deadline, readable=True)
        if solution.status not in ("optimal", "infeasible"):
            return None
        return cls(stretch, point, program, solution, choice, deadline)

    @staticmethod
    def _compiled(stretch: Stretch, design: Design, choice: Choice) -> Program:
        labels = choice.labels(design)
        return compile(design, rules=labels, allowed=choice.allowed, give=stretch.family.gives)

    @property
    def refutes(self) -> bool:
        return self.solution.status == "infeasible"

    def at(self, point: Fraction) -> tuple[Design, Program, Form]:
        """The design, its program and its form at a point.  Raises Lost where the program is another."""
        if point not in self.forms:
            design = self.choice.design(self.stretch.at(point))
            program = self._compiled(self.stretch, design, self.choice)
            if (program.num_rows, program.num_columns) != (self.program.num_rows, self.program.num_columns):
                raise Lost
            self.forms[point] = (design, program, form(program))
        return self.forms[point]

    # -- the mechanism --------------------------------------------------------------------------
    def mechanism(self) -> MechanismFunction:
        """Raises Lost."""
        x, f = self.solution.primal, self.form
        assert x is not None
        low, high = f.has_lower & (x == f.lower), f.has_upper & (x == f.upper)
        columns = np.where(low, LOWER, np.where(high, UPPER, ZERO)).astype(np.int8)
        inside = ~low & ~high & np.asarray(x != 0)
        tight = np.asarray(f.activity(x) == f.rhs)
        rows, basic = _pivots(f, np.flatnonzero(tight), np.flatnonzero(inside))
        columns[basic] = BASIC
        basis = Basis(columns, _active(f.num_rows, rows))

        count, used = self.choice.labels(self.stretch.middle).count, self.choice.allowed

        def solved(point: Fraction) -> tuple[Ruled, Rationals | None]:
            design, program, own = self.at(point)
            there = BasicSystem(own, basis, self.deadline).primal()
            feared = nature(design)
            prices = None if feared is None else feared.prices(lambda name: program.values(name, there))
            return mechanisms(Plan.whole(design), program, there, count=count, allowed=used), prices

        def flat(found: tuple[Ruled, Rationals | None]) -> Rationals:
            rules, prices = found
            cells = [a.ravel() for m in rules for a in (m.allocation, m.transfers)]
            return concatenate(cells if prices is None else [*cells, prices])

        powers, below = self._fitted(solved, flat)
        environment = self.stretch.middle.environment
        chances = (len(environment.outcomes), *environment.shape)
        paid = (environment.n, *environment.shape)
        first, size = prod(chances), prod(chances) + prod(paid)

        def rule(part: Rationals) -> Mechanism:
            return Mechanism(environment, part[:first].reshape(chances), part[first:].reshape(paid))

        made = [tuple(rule(p[k * size : (k + 1) * size]) for k in range(count)) for p in powers]
        prices = tuple(p[count * size :] for p in powers) if self.stretch.middle.robust else None
        return MechanismFunction(tuple(made), tuple(below), self.choice.seen, prices)

    # -- multipliers ----------------------------------------------------------------------------
    def multipliers(self) -> MultiplierFunction:
        """Raises Lost."""
        assert self.solution.dual is not None
        refutes, f = self.solution.status == "infeasible", self.form
        costs = Rationals.zeros((f.num_columns,)) if refutes else f.costs
        turned = -1 if self.program.maximize and not refutes else 1
        dual = self.solution.dual * turned
        used = np.flatnonzero(dual.numerator != 0)
        priced = np.flatnonzero((costs - f.pull(dual / self.program.row_scales)).numerator == 0)
        rows, basic = _pivots(f, used, priced)
        columns = np.full(f.num_columns, ZERO, dtype=np.int8)
        columns[basic] = BASIC
        basis = Basis(columns, _active(f.num_rows, rows))
        kept = np.isin(np.arange(f.num_rows), np.setdiff1d(used, rows))
        fixed = dual * Rationals(kept.astype(np.int64))

        def solved(point: Fraction) -> Multipliers:
            design, program, own = self.at(point)
            there = fixed / program.row_scales
            wanted = Rationals.zeros((own.num_columns,)) if refutes else own.costs
            y = BasicSystem(own, basis, self.deadline).dual(wanted - own.pull(there)) + there
            moved = Solution(self.solution.status, dual=y * program.row_scales * turned)
            plan, rules = Plan.whole(design), self.choice.labels(design)
            return multipliers(plan, program, moved, rules, sign=turned, design=design)

        powers, below = self._fitted(solved, lambda y: concatenate([a.ravel() for a in _arrays(y)]))
        if refutes:  # any positive multiple refutes as well: one of polynomials with whole coefficients
            sign = 1 if value_of(below, self.point) > 0 else -1
            every = [n for p in powers for n in p.fractions() if n]
            share = Fraction(lcm(*(n.denominator for n in every)), gcd(*(n.numerator for n in every)))
            powers, below = [p * (sign * share) for p in powers], [Fraction(1)]
        like = solved(self.point)
        return MultiplierFunction(tuple(_filled(like, p.reduced()) for p in powers), tuple(below))

    def _fitted(
        self, solved: Callable[[Fraction], Any], flat: Callable[[Any], Rationals]
    ) -> tuple[list[Rationals], list[Fraction]]:
        """What is solved at points, as a function.  Raises Lost."""
        points: list[Fraction] = []
        rows: list[Rationals] = []
        count = FEWEST
        for point in islice(self.stretch.spread, TRIES):
            if self.deadline.passed:
                break
            try:
                rows.append(flat(solved(point)))
            except (Singular, Unsolved, InvalidFamily):
                continue
            points.append(point)
            if len(points) == count:
                found = fitted(tuple(points), rows)
                if found is not None:
                    return found
                count *= 2
            if count > MOST:
                break
        raise Lost


def _pivots(
    f: Form, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of a part of the matrix that make up a square matrix of its rank, sought modulo a prime.

    Raises Lost where the part is too large.
    """
    from flint import nmod_mat

    if len(rows) * len(columns) > CELLS:
        raise Lost

    part = f.matrix.part(rows, columns)
    cells = [0] * (len(rows) * len(columns))
    for r, c, v in zip(part.rows.tolist(), part.indices.tolist(), part.data.tolist(), strict=True):
        cells[r * len(columns) + c] = v % PRIME
    whole = nmod_mat(len(rows), len(columns), cells, PRIME)
    return rows[_leading(whole.transpose())], columns[_leading(whole)]


def _leading(matrix: Any) -> list[int]:
    """The pivot columns of the echelon form."""
    reduced, rank = matrix.rref()
    return [next(c for c in range(reduced.ncols()) if int(reduced[r, c])) for r in range(rank)]


def _active(count: int, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int8]:
    out = np.full(count, BASIC, dtype=np.int8)
    out[rows] = LOWER
    return out


def _arrays(y: Multipliers) -> list[Rationals]:
    spread = () if y.rules is None else (*y.rules.truth, *y.rules.lies, y.rules.objective)
    return [a for a in (*y.ic, *y.ir, y.bb, *y.linear, y.nature, *spread) if a is not None]


def _filled(like: Multipliers, flat: Rationals) -> Multipliers:
    """Multipliers of the same shapes, cells in the order of :func:`_arrays`."""
    at = 0

    def take(array: Rationals | None) -> Any:
        nonlocal at
        if array is None:
            return None
        start, at = at, at + array.size
        return flat[start:at].reshape(array.shape)

    ic, ir, bb, linear, prior = (
        tuple(map(take, like.ic)),
        tuple(map(take, like.ir)),
        take(like.bb),
        tuple(map(take, like.linear)),
        take(like.nature),
    )
    if like.rules is None:
        return Multipliers(ic, ir, bb, None, prior, linear)
    truth, told = tuple(map(take, like.rules.truth)), tuple(map(take, like.rules.lies))
    spread = RuleWeights(like.rules.labels, truth, told, take(like.rules.objective))
    return Multipliers(ic, ir, bb, spread, prior, linear)


__all__ = ["Choice", "Found", "Lost", "Moved", "around", "part_around", "settled"]
