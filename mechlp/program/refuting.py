"""What contradicts itself in an infeasible program: rows join as the points of fewer rows violate them.

Without an objective the dual simplex method has no first phase, and a contradiction among few rows shows before most have
joined (Dantzig, Fulkerson and Johnson 1954 for the relaxation).  It only proposes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals
from .exact import BasicSystem, tidy
from .form import Form
from .highs import BASIC, Basis, hand_over, new_solver, read, set_option
from .kernel import Singular, Unsolved

#: Parts of the largest multiplier of a ray below which others are none.
NOISE = 1e-9
#: What a row may be violated by, as floats go.
VIOLATED = 1e-7
#: The first look is at this part of all that could contradict themselves: where one does, others often do.
FEW = 16
#: Rows that join at once, at least and for each column.
LEAST, PER_COLUMN = 50, 0.25


@dataclass(frozen=True)
class Contradiction:
    """Rows that the dual ray of a float image combines, in a basis where one basic column or row cannot reach its bound.

    ``column`` and ``row`` say how it would have to move: a sign at one place of the two.
    """

    form: Form
    rows: npt.NDArray[np.intp]
    basis: Basis
    column: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]

    def multipliers(self, deadline: Deadline = NEVER) -> Rationals | None:
        """The exact ray of the basis; None when it refutes nothing, or not in time."""
        try:
            system = BasicSystem(self.form, tidy(self.form, self.basis), deadline)
            own, rows = Rationals(self.column), Rationals(self.row)
            ray = system.dual(own + self.form.pull(rows)) - rows
        except (Singular, Unsolved):
            return None
        for y in (ray, -ray):
            shortfall = self.form.shortfall(y)
            if shortfall is not None and shortfall > 0:
                return y.reduced()
        return None


def local(form: Form, time_limit: float | Deadline | None = None) -> npt.NDArray[np.intp] | None:
    """Rows that contradict each other in the float image, in one of the parts into which the equations fall apart; None when
    no part contradicts itself, there is one only, or no time.

    Presolve sees at once that there is such a part, but does not say which: it is asked of a few, then of all, then of halves.
    """
    deadline, costless = Deadline.of(time_limit), form.with_costs(Rationals.zeros((form.num_columns,)))
    rows, part = _parts(form)
    count = int(part.max(initial=0)) + 1

    def contradict(low: int, high: int) -> bool:
        solver = new_solver(deadline)
        set_option(solver, "solver", "simplex")
        asked = costless.alone(rows[(part >= low) & (part < high)])
        ran = hand_over(solver, asked) and solver.run() != highspy.HighsStatus.kError
        return ran and solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible

    few = -(-count // FEW)
    high = next((end for end in (few, count) if count > 1 and contradict(0, end)), None)
    if high is None:
        return None
    low = 0
    while high - low > 1 and not deadline.passed:
        middle = (low + high) // 2
        low, high = (low, middle) if contradict(low, middle) else (middle, high)
    return None if deadline.passed else rows[part == low]


def _parts(form: Form) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows that lie inside one of the parts into which the equations fall apart, and the numbers of the parts."""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

    equations = np.flatnonzero(form.senses == 0)
    matrix = form.matrix.part(equations, np.arange(form.num_columns))
    size = len(equations) + form.num_columns
    ones = np.ones(len(matrix.data), dtype=np.int8)
    shared = sp.coo_array((ones, (matrix.rows, len(equations) + matrix.indices)), shape=(size, size))
    of_column = connected_components(shared, directed=False)[1][len(equations) :]
    filled = np.flatnonzero(np.diff(form.matrix.indptr))
    if not len(filled):
        return filled, filled
    found, starts = of_column[form.matrix.indices], form.matrix.indptr[:-1][filled]
    first = np.minimum.reduceat(found, starts)
    inside = first == np.maximum.reduceat(found, starts)
    return filled[inside], np.unique(first[inside], return_inverse=True)[1]


def contradiction(form: Form, time_limit: float | Deadline | None = None) -> Contradiction | None:
    """A contradiction in the float image; None when there is none, or it is not found in time."""
    deadline = Deadline.of(time_limit)
    solver = new_solver(deadline)
    set_option(solver, "solver", "simplex")
    set_option(solver, "presolve", "off")
    rows = _Rows(form)
    solver.addVars(form.num_columns, *form.float_columns())
    lengths = np.diff(form.matrix.indptr)
    inside = (form.senses == 0) | (lengths < np.median(lengths)) if len(lengths) else np.zeros(0, dtype=bool)
    order = np.flatnonzero(inside)
    most, joining = max(LEAST, int(PER_COLUMN * form.num_columns)), order
    while rows.join(solver, joining) and solver.run() != highspy.HighsStatus.kError:
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return _of_ray(form, solver, order)
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal or deadline.passed:
            return None
        violation = rows.violation(np.array(solver.getSolution().col_value))
        violation[inside] = 0.0
        joining = np.flatnonzero(violation > VIOLATED)
        if not len(joining):
            return None
        if len(joining) > most:
            joining = np.sort(joining[np.argsort(-violation[joining])[:most]])
        inside[joining] = True
        order = np.concatenate([order, joining])
    return None


class _Rows:
    """The rows of the float image of a form."""

    def __init__(self, form: Form) -> None:
        self.matrix, self.data = form.matrix, form.float_matrix()
        self.low, self.high = form.float_rows()

    def join(self, solver: Any, joining: npt.NDArray[np.intp]) -> bool:
        """Whether HiGHS took some more rows."""
        counts = np.diff(self.matrix.indptr)[joining]
        ends = np.cumsum(counts)
        total = int(counts.sum())
        entries = np.arange(total) + np.repeat(self.matrix.indptr[:-1][joining] - (ends - counts), counts)
        status = solver.addRows(
            len(joining),
            self.low[joining],
            self.high[joining],
            total,
            (ends - counts).astype(np.int32),
            self.matrix.indices[entries],
            self.data[entries],
        )
        return bool(status != highspy.HighsStatus.kError)

    def violation(self, point: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """By how much a point violates each row."""
        activity = np.bincount(
            self.matrix.rows, self.data * point[self.matrix.indices], minlength=len(self.low)
        )
        return np.maximum(np.maximum(self.low - activity, activity - self.high), 0.0)


def _of_ray(form: Form, solver: Any, order: npt.NDArray[np.intp]) -> Contradiction | None:
    """The contradiction of a dual ray over the rows ``order``."""
    status, known, ray = solver.getDualRay()
    basis = read(solver).basis
    if status != highspy.HighsStatus.kOk or not known or basis is None:
        return None
    y, rows = np.zeros(form.num_rows), np.full(form.num_rows, BASIC, dtype=np.int8)
    y[order], rows[order] = np.asarray(ray), basis.rows
    size = np.abs(y)
    combined = np.flatnonzero(size > NOISE * size.max(initial=0))
    # Of all that is basic the ray weighs one column or row, the one that does not reach its bound.
    prices = np.bincount(
        form.matrix.indices, form.float_matrix() * y[form.matrix.rows], minlength=form.num_columns
    )
    held = np.concatenate([np.abs(prices) * (basis.columns == BASIC), size * (rows == BASIC)])
    place = np.zeros(len(held), dtype=np.int64)
    place[np.argmax(held)] = 1
    column, row = place[: form.num_columns], place[form.num_columns :]
    return Contradiction(form, combined, Basis(basis.columns, rows), column, row)


__all__ = ["Contradiction", "contradiction", "local"]
