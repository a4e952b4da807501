"""From a basis to an exact verdict: solve the basic systems exactly, then check every sign, bound and row.

A basis picks which rows hold with equality and which columns are free to move; the square kernel of those rows
and columns gives the basic solution and its multipliers (Applegate, Cook, Dash and Espinoza 2007, "Exact solutions
to linear programming problems").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals, where
from .form import Form, compact
from .highs import BASIC, LOWER, UPPER, ZERO, Basis
from .kernel import Kernel, Singular, Unsolved


@dataclass(frozen=True)
class Point:
    """An exact basic solution: ``x`` over columns, ``y`` over rows, and what the checks say of them."""

    x: Rationals
    y: Rationals
    feasible: bool
    optimal: bool
    roads: frozenset[str]


class BasicSystem:
    """The kernel of a basis: active rows against basic columns.

    Raises
    ------
    Singular
        When the basis does not have as many active rows as basic columns.
    """

    def __init__(self, form: Form, basis: Basis, deadline: Deadline = NEVER) -> None:
        self.form, self.basis = form, basis
        self.active = np.flatnonzero(basis.rows != BASIC)
        self.basic = np.flatnonzero(basis.columns == BASIC)
        if len(self.active) != len(self.basic):
            raise Singular("the basis is not square")
        self.kernel = Kernel(form.matrix.part(self.active, self.basic), deadline)

    def primal(self) -> Rationals:
        """The basic solution, one entry a column."""
        form, resting = self.form, resting_values(self.form, self.basis)
        gap = form.rhs[self.active] - form.activity(resting)[self.active]
        numerator, denominator = self.kernel.solve(compact(gap.numerator))
        return spread(numerator, gap.denominator * denominator, self.basic, form.num_columns) + resting

    def dual(self, costs: Rationals | None = None) -> Rationals:
        """The multipliers that price every basic column to zero, one entry a row."""
        wanted: Rationals = (self.form.costs if costs is None else costs)[self.basic]
        numerator, denominator = self.kernel.solve(compact(wanted.numerator), transposed=True)
        return spread(numerator, wanted.denominator * denominator, self.active, self.form.num_rows)


def spread(numerator: npt.NDArray[Any], denominator: int, places: npt.NDArray[Any], size: int) -> Rationals:
    """A vector with given entries at given places and zeros elsewhere, in lowest terms."""
    out = np.zeros(size, dtype=numerator.dtype)
    out[places] = numerator
    return Rationals(out, denominator).reduced()


def resting_values(form: Form, basis: Basis) -> Rationals:
    """Nonbasic columns at their bounds, basic ones at zero."""
    low = (basis.columns == LOWER) & form.has_lower
    high = (basis.columns == UPPER) & form.has_upper
    return where(low, form.lower, where(high, form.upper, Rationals.zeros((form.num_columns,)))).reduced()


def tidy(form: Form, basis: Basis) -> Basis:
    """The basis with every nonbasic column at a bound that it has, and every nonbasic row marked alike."""
    columns = basis.columns.copy()
    fallback = np.where(form.has_lower, LOWER, np.where(form.has_upper, UPPER, ZERO)).astype(np.int8)
    lost = (
        ((columns == LOWER) & ~form.has_lower)
        | ((columns == UPPER) & ~form.has_upper)
        | (columns == ZERO)
        | (columns > ZERO)
    )
    columns[lost] = fallback[lost]
    rows = np.where(basis.rows == BASIC, BASIC, np.where(form.senses < 0, UPPER, LOWER)).astype(np.int8)
    return Basis(columns, rows)


def slack_basis(form: Form) -> Basis:
    """All rows basic: no row active, every column at a bound (or at zero)."""
    columns = np.full(form.num_columns, ZERO, dtype=np.int8)
    return tidy(form, Basis(columns, np.full(form.num_rows, BASIC, dtype=np.int8)))


def evaluate(form: Form, basis: Basis, deadline: Deadline = NEVER) -> Point | None:
    """The exact basic solution of a basis, checked; None when the basis has no exact solution.

    Raises
    ------
    Unsolved
        When the exact arithmetic does not come to an end in time.
    """
    try:
        system = BasicSystem(form, tidy(form, basis), deadline)
        x, y = system.primal(), system.dual()
    except Singular:
        return None
    feasible = form.feasible(x)
    optimal = feasible and form.optimal(x, y)
    return Point(x, y, feasible, optimal, frozenset(system.kernel.roads))


__all__ = ["BasicSystem", "Point", "Unsolved", "evaluate", "resting_values", "slack_basis", "spread", "tidy"]
