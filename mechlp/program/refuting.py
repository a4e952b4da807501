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
from .highs import BASIC, Basis, new_solver, read, set_option
from .kernel import Singular, Unsolved

#: Parts of the largest multiplier of a ray below which others are none.
NOISE = 1e-9
#: What a row may be violated by, as floats go.
VIOLATED = 1e-7
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


__all__ = ["Contradiction", "contradiction"]
