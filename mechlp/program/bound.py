"""A rigorous bound where exact arithmetic cannot finish: float multipliers, rounded and then corrected exactly.

Any multipliers of the right signs that price every free column exactly bound the program (Neumaier and Shcherbina 2004, "Safe
bounds in linear and mixed-integer linear programming"): a bounded column absorbs what is left of its price.  So the
float multipliers are rounded to short rationals, and the smallest change that prices the other columns rightly is a linear
program of its own, near zero and so without the difficulties of the first; the basis of its float solution is made exact.
Bounds of columns are read off nonnegative rows where the program states none.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals, concatenate, minimum, where
from .exact import evaluate, spread
from .form import Form, IntegerMatrix
from .highs import propose
from .kernel import Unsolved

#: Bits kept of the largest float multiplier; what is smaller than the last of them is dropped.
BITS = 40
#: Most sizes of rows, and bits of their common multiple, for which multipliers are rounded row by row.
SIZES, LONGEST = 64, 2_000
#: A small change, in units of the worst price.
SMALL = 4


def shifted(form: Form, dual: npt.NDArray[np.float64], deadline: Deadline = NEVER) -> Rationals | None:
    """Multipliers near those of the float image, of the right signs and with the right prices of all columns that are
    unbounded on a side; None when there are none, or not in time."""
    if len(dual) != form.num_rows or not np.all(np.isfinite(dual)):
        return None
    try:
        own = dual / form.row_scale.astype(np.float64)
    except OverflowError:  # numbers that no float holds
        return None
    own = np.where((np.sign(own) * form.senses >= 0) | (form.senses == 0), own, 0.0)
    y = _short(form, own)
    known = _bounded(form)
    if _priced(form, y, known):
        return y
    used = (y != 0) | (form.senses == 0)
    # The least change of multipliers in use; a quick one, kept small; and where they do not suffice, any change of any.
    for rows, most, least in ((used, None, True), (used, SMALL, False), (np.ones_like(used), None, False)):
        until = deadline.within(deadline.left / 2) if rows is used else deadline
        change = _change(form, y, rows, known, most, least, until)
        changed = y if change is None else y + change
        signs = (np.sign(changed.numerator) * form.senses >= 0) | (form.senses == 0)
        if bool(np.all(signs)) and _priced(form, changed, known):
            return changed
    return None


def refuting(form: Form, ray: npt.NDArray[np.float64], deadline: Deadline = NEVER) -> Rationals | None:
    """Multipliers near a float ray that refute a form, exactly; None when there are none, or not in time."""
    free = form.with_costs(Rationals.zeros((form.num_columns,)))
    y = shifted(free, ray / (np.abs(ray).max(initial=0) or 1.0), deadline)
    if y is None:
        return None
    # Rows that bound columns pay for what the others would gain from these.
    entries = _implying(form)
    rows, gained = form.matrix.rows[entries], form.pull(y)[form.matrix.indices[entries]]
    gained = gained / Rationals(form.matrix.data[entries])
    paid = np.zeros(form.num_rows, gained.numerator.dtype)
    np.maximum.at(paid, rows, gained.numerator)
    y = (y - Rationals(paid, gained.denominator)).reduced()
    shortfall = form.shortfall(y)
    return y if shortfall is not None and shortfall > 0 else None


def _short(form: Form, own: npt.NDArray[np.float64]) -> Rationals:
    """Multipliers with :data:`BITS` of the largest, counted in the rows of the float image where these are few sizes."""
    sizes = {int(s) for s in form.row_scale}
    whole = math.lcm(*sizes) if len(sizes) <= SIZES else 1
    if whole.bit_length() > LONGEST:
        whole = 1
    shares = np.array([whole // int(s) for s in form.row_scale], dtype=object) if whole > 1 else 1
    image = own * form.row_scale.astype(np.float64) if whole > 1 else own
    bits = BITS - math.frexp(float(np.abs(image).max(initial=0)) or 1.0)[1]
    cells = np.rint(np.ldexp(image, bits)).astype(np.int64).astype(object) * shares
    return (Rationals(cells, whole) * Fraction(2) ** -bits).reduced()


def _priced(form: Form, y: Rationals, known: npt.NDArray[np.bool_]) -> bool:
    """Whether no column can lower the Lagrangian without end."""
    prices = (form.costs - form.pull(y)).numerator
    return not (np.any((prices > 0) & ~form.has_lower) or np.any((prices < 0) & ~known))


def _change(
    form: Form,
    y: Rationals,
    rows: npt.NDArray[np.bool_],
    known: npt.NDArray[np.bool_],
    most: int | None,
    least: bool,
    deadline: Deadline,
) -> Rationals | None:
    """A change in the multipliers of some rows that keeps their signs and prices columns rightly.

    ``least``: of least 1-norm; ``most``: no multiplier changes by more than this times the worst price.
    """
    open_columns = np.flatnonzero(~form.has_lower | ~known)
    prices = (form.costs - form.pull(y))[open_columns]
    senses = np.where(known, 1, np.where(form.has_lower, -1, 0))[open_columns].astype(np.int8)
    # A change of size one: tolerances of the float solver are absolute.
    wrong = np.where(senses == 0, True, np.sign(prices.numerator) * senses > 0)
    size = Fraction(int(abs(prices.numerator[wrong]).max()), prices.denominator)
    up = np.flatnonzero(rows & ((form.senses >= 0) | (y < 0)))
    down = np.flatnonzero(rows & ((form.senses <= 0) | (y > 0)))
    limited = np.concatenate([form.senses[up] < 0, form.senses[down] > 0])
    limit = concatenate([-y[up], y[down]]) * (1 / size)
    if most is not None:
        limit, limited = where(limited, minimum(limit, most), most), np.ones_like(limited)
    sizes = np.concatenate([form.row_scale[up], form.row_scale[down]])
    program = Form(
        _beside(
            form.matrix.transposed.part(open_columns, up), form.matrix.transposed.part(open_columns, down)
        ),
        senses,
        prices * (1 / size),
        Rationals.zeros(limited.shape),
        limit,
        np.ones(len(limited), dtype=bool),
        limited,
        Rationals(sizes * int(least)),
        np.ones(len(open_columns), dtype=np.int64),
        sizes,
    )
    basis = propose(program, time_limit=deadline).basis
    try:
        point = None if basis is None else evaluate(program, basis, deadline)
    except Unsolved:
        return None
    if point is None or not point.feasible:
        return None
    found, count = point.x * size, form.num_rows
    change = spread(found.numerator[: len(up)], found.denominator, up, count)
    return change - spread(found.numerator[len(up) :], found.denominator, down, count)


def _beside(up: IntegerMatrix, down: IntegerMatrix) -> IntegerMatrix:
    """``[up, -down]``."""
    rows = np.concatenate([up.rows, down.rows])
    columns = np.concatenate([up.indices.astype(np.int64), down.indices.astype(np.int64) + up.width])
    data, order = np.concatenate([up.data, -down.data]), np.lexsort((columns, rows))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=up.shape[0]))])
    out: IntegerMatrix = IntegerMatrix.merged(indptr, columns[order], data[order], up.width + down.width)
    return out


def reach(form: Form, y: Rationals) -> Fraction | None:
    """The lower bound on ``min costs . x`` that multipliers prove: ``rhs . y`` and the least that the remaining prices
    can add within the bounds of columns; None when they can lower it without end."""
    prices = form.costs - form.pull(y)
    up, down = prices.numerator > 0, prices.numerator < 0
    if not _priced(form, y, _bounded(form)):
        return None
    total = (form.rhs * y).sum() + (prices[up] * form.lower[up]).sum()
    upper = form.upper.fractions()
    implied: dict[int, Fraction] = {}
    for k in _implying(form):
        column = int(form.matrix.indices[k])
        if down[column]:
            most = form.rhs[int(form.matrix.rows[k])] / int(form.matrix.data[k])
            implied[column] = min(implied.get(column, most), most)
    for column in np.flatnonzero(down).tolist():
        total += prices[column] * implied.get(column, upper[column])
    return Fraction(total)


def _bounded(form: Form) -> npt.NDArray[np.bool_]:
    """Columns with an upper bound, stated or implied."""
    known = form.has_upper.copy()
    known[form.matrix.indices[_implying(form)]] = True
    return known


def _implying(form: Form) -> npt.NDArray[np.intp]:
    """Entries whose row ``sum of nonnegative columns with nonnegative entries <= rhs`` bounds a column without an upper bound."""
    matrix = form.matrix
    inside = form.has_lower & (form.lower.numerator >= 0)
    spoiled = (matrix.data < 0) | ~inside[matrix.indices]
    clean = (np.bincount(matrix.rows, weights=spoiled, minlength=form.num_rows) == 0) & (form.senses <= 0)
    return np.flatnonzero(clean[matrix.rows] & ~form.has_upper[matrix.indices])


__all__ = ["reach", "refuting", "shifted"]
