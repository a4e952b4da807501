"""A rigorous bound where exact arithmetic cannot finish: float multipliers, shifted to exact ones.

Any multipliers of the right signs that price every free column exactly bound the program (Neumaier and Shcherbina 2004, "Safe
bounds in linear and mixed-integer linear programming"): a bounded column absorbs what is left of its price.  So the
float multipliers are rounded to short rationals, those of a few rows are solved for so that free columns are matched, and
bounds of columns are read off nonnegative rows where the program states none.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import scipy.linalg

from ..numbers import Rationals
from .exact import spread
from .form import Form, compact
from .kernel import Kernel, Singular, Unsolved

#: Bits kept of the float multipliers.
BITS = 24
#: The most free columns that are matched by dense factorisation.
MAX_FREE = 1500


def shifted(form: Form, dual: npt.NDArray[np.float64], deadline: float = math.inf) -> Fraction | None:
    """A lower bound on ``min costs . x`` from float row multipliers of the float image; None when they give none."""
    if len(dual) != form.num_rows or not np.all(np.isfinite(dual)):
        return None
    own = dual / form.row_scale.astype(np.float64)
    own = np.where((np.sign(own) * form.senses >= 0) | (form.senses == 0), own, 0.0)
    unit = float(np.abs(own).max(initial=0)) or 1.0
    own[np.abs(own) < unit * 1e-9] = 0.0
    scale = 2 ** max(0, BITS - math.frexp(unit)[1])
    y = Rationals(np.rint(own * scale).astype(np.int64), scale).reduced()
    free = np.flatnonzero(~form.has_lower & ~form.has_upper)
    if len(free):
        try:
            matched = _matched(form, y, own, free, deadline)
        except (Singular, Unsolved):
            return None
        if matched is None:
            return None
        y = matched
    if not np.all((np.sign(y.numerator) * form.senses >= 0) | (form.senses == 0)):
        return None
    return _reach(form, y)


def _matched(
    form: Form, y: Rationals, own: npt.NDArray[np.float64], free: npt.NDArray[np.intp], deadline: float
) -> Rationals | None:
    """The multipliers with those of some rows changed so that free columns are priced exactly."""
    used = np.flatnonzero((own != 0) | (form.senses == 0))
    if len(free) > MAX_FREE or not len(used):
        return None
    part = form.matrix.part(used, free)
    cells = np.zeros(part.shape)
    cells[part.rows, part.indices] = part.data.astype(np.float64)
    # Rows with large multipliers first: they can change without changing sign.
    weight = np.where(form.senses[used] == 0, np.abs(own).max(initial=0.0) or 1.0, np.abs(own[used]))
    cells *= weight[:, None]
    columns = _independent(cells)
    rows = _independent(cells[:, columns].T)
    if len(rows) != len(columns):
        return None
    chosen, wanted = used[rows], free[columns]
    gap = (form.costs - form.pull(y))[wanted]
    kernel = Kernel(form.matrix.part(chosen, wanted), deadline)
    numerator, denominator = kernel.solve(compact(gap.numerator), transposed=True)
    y = y + spread(numerator, gap.denominator * denominator, chosen, form.num_rows)
    return y if bool(np.all((form.costs - form.pull(y)).numerator[free] == 0)) else None


def _independent(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Columns that are linearly independent and span all of them, in floats."""
    triangle, pivots = scipy.linalg.qr(cells, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int(np.sum(diagonal > 1e-9 * max(diagonal.max(initial=0), 1e-300)))
    return np.sort(pivots[:rank])


def _reach(form: Form, y: Rationals) -> Fraction | None:
    """``rhs . y`` and the least that the remaining prices can add within the bounds of columns."""
    prices = form.costs - form.pull(y)
    up, down = prices.numerator > 0, prices.numerator < 0
    upper, known = _upper_bounds(form)
    if np.any(up & ~form.has_lower) or np.any(down & ~known):
        return None
    total = (form.rhs * y).sum() + (prices[up] * form.lower[up]).sum() + (prices[down] * upper[down]).sum()
    return Fraction(total)


def _upper_bounds(form: Form) -> tuple[Rationals, npt.NDArray[np.bool_]]:
    """Upper bounds, stated or implied by a row ``sum of nonnegative columns with nonnegative entries <= rhs``."""
    matrix, known = form.matrix, form.has_upper.copy()
    if not len(matrix.data):
        return form.upper, known
    inside = form.has_lower & (form.lower.numerator >= 0)
    spoiled = (matrix.data < 0) | ~inside[matrix.indices]
    clean = np.bincount(matrix.rows, weights=spoiled, minlength=form.num_rows) == 0
    kept = np.flatnonzero(clean[matrix.rows] & (form.senses[matrix.rows] <= 0) & ~known[matrix.indices])
    cells = form.upper.fractions()
    for k in kept:
        column, row = int(matrix.indices[k]), int(matrix.rows[k])
        implied = form.rhs[row] / int(matrix.data[k])
        cells[column] = min(cells[column], implied) if known[column] else implied
        known[column] = True
    return Rationals.from_fractions(cells, (len(cells),)), known


__all__ = ["shifted"]
