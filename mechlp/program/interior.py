"""A simple point where any feasible one will do: near the middle of the feasible set, in few digits.

The vertices of random data have denominators of hundreds or thousands of bits.  Where nothing is to be optimised, an interior
point of the float image is rounded to few decimals instead, the rows that hold with equality are restored by an exact change,
and every row and bound is then checked exactly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals, where
from .exact import evaluate
from .form import Form
from .highs import propose
from .kernel import Unsolved

#: Decimals tried, from few to many.
DECIMALS = range(13)
#: A float this close to a bound is taken to be there.
TIGHT = 1e-6


def simple_point(form: Form, deadline: Deadline = NEVER) -> Rationals | None:
    """A feasible point of few digits; None when none is found (the feasible set may have no room), or not in time."""
    found = propose(form, interior=True, time_limit=deadline)
    if found.outcome != "optimal" or len(found.primal) != form.num_columns:
        return None
    at_lower, at_upper = (np.abs(found.primal - bound) < TIGHT for bound in form.float_columns())
    rows = _tight_rows(form, found.primal)
    changes = _changes(form, rows, ~(at_lower | at_upper))
    basis = propose(changes, time_limit=deadline).basis
    near = found.primal / form.column_scale.astype(np.float64)
    for digits in DECIMALS if basis is not None else ():
        point = Rationals(np.rint(near * 10.0**digits).astype(np.int64), 10**digits)
        point = where(at_lower, form.lower, where(at_upper, form.upper, point)).reduced()
        gap: Rationals = (form.rhs - form.activity(point))[rows]
        try:
            change = evaluate(replace(changes, rhs=gap), basis, deadline)  # type: ignore[arg-type]
        except Unsolved:
            return None
        if change is not None and form.feasible(point + change.x):
            return (point + change.x).reduced()
    return None


def _tight_rows(form: Form, primal: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Rows that hold with equality, by what they are or at a point of the float image."""
    import scipy.sparse as sp

    image = sp.csr_array(
        (form.float_matrix(), form.matrix.indices, form.matrix.indptr), shape=form.matrix.shape
    )
    activity = image @ primal
    low, high = form.float_rows()
    return np.flatnonzero((form.senses == 0) | (np.minimum(activity - low, high - activity) < TIGHT))


def _changes(form: Form, rows: npt.NDArray[np.intp], free: npt.NDArray[np.bool_]) -> Form:
    """Changes of the free columns that move some rows by a generic amount: its basis serves for any amount."""
    matrix, columns = form.matrix.part(rows, np.arange(form.num_columns)), form.num_columns
    moved = np.where(free, np.random.default_rng(1).integers(1, 1000, columns), 0)
    zeros = Rationals.zeros((columns,))
    return Form(
        matrix,
        np.zeros(len(rows), dtype=np.int8),
        Rationals(matrix.dot(moved)),
        zeros,
        zeros,
        ~free,
        ~free,
        zeros,
        form.row_scale[rows],
        form.column_scale,
    )
