"""Forms whose solutions are proofs about another form: Farkas' alternative, rows eased, and the cone of directions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, concatenate
from .form import Form, IntegerMatrix


def sides(canonical: Form) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows whose multiplier may be positive, and rows whose multiplier may be negative."""
    return np.flatnonzero(canonical.senses >= 0), np.flatnonzero(canonical.senses <= 0)


def alternative(canonical: Form, weights: Rationals | None = None) -> Form:
    """Farkas' alternative of a form: refuting multipliers of least weighted 1-norm.

    Columns: the positive and negative parts of the multipliers, then those of finite column bounds (upper,
    lower).  Rows: the combination vanishes column by column, and falls short by one.
    """
    m, n = canonical.matrix.shape
    ups, downs = sides(canonical)
    tops, bottoms = np.flatnonzero(canonical.has_upper), np.flatnonzero(canonical.has_lower)
    count = [len(ups), len(downs), len(tops), len(bottoms)]
    width, first = sum(count), np.concatenate([[0], np.cumsum(count)])
    place_up, place_down = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    place_up[ups], place_down[downs] = np.arange(len(ups)), first[1] + np.arange(len(downs))
    entry_rows, entry_columns, entry_data = [], [], []
    for places, side, sign in ((place_up, ups, 1), (place_down, downs, -1)):
        member = np.zeros(m, dtype=bool)
        member[side] = True
        kept = member[canonical.matrix.rows]
        entry_rows.append(canonical.matrix.indices[kept].astype(np.int64))
        entry_columns.append(places[canonical.matrix.rows[kept]])
        entry_data.append(canonical.matrix.data[kept] * sign)
    for side, start, sign in ((tops, first[2], -1), (bottoms, first[3], 1)):
        entry_rows.append(side.astype(np.int64))
        entry_columns.append(start + np.arange(len(side)))
        entry_data.append(np.full(len(side), sign, dtype=np.int64))
    worth = concatenate(
        [
            canonical.rhs[ups],
            -canonical.rhs[downs],
            -canonical.upper[tops],
            canonical.lower[bottoms],
        ]
    )
    entry_rows.append(np.full(width, n, dtype=np.int64))
    entry_columns.append(np.arange(width))
    entry_data.append(worth.numerator)
    rows, columns, data = map(np.concatenate, (entry_rows, entry_columns, entry_data))
    order = np.lexsort((columns, rows))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n + 1))])
    matrix = IntegerMatrix.merged(indptr, columns[order], data[order], width)
    rhs = np.zeros(n + 1, dtype=object)
    rhs[n] = worth.denominator
    zeros = Rationals.zeros((width,))
    sizes = Rationals.of(np.ones(m, dtype=np.int64)) if weights is None else weights
    bounds = Rationals.zeros((len(tops) + len(bottoms),))
    return Form(
        matrix,
        np.zeros(n + 1, dtype=np.int8),
        Rationals(rhs),
        zeros,
        zeros,
        np.ones(width, dtype=bool),
        np.zeros(width, dtype=bool),
        concatenate([sizes[ups], sizes[downs], bounds]),
        np.ones(n + 1, dtype=np.int64),
        np.ones(width, dtype=np.int64),
    )


def recession(canonical: Form) -> Form:
    """Directions that keep every row and bound, entries within [-1, 1]; minimise the slope of the cost."""
    n = canonical.num_columns
    return replace(
        canonical,
        rhs=Rationals.zeros((canonical.num_rows,)),
        lower=Rationals((~canonical.has_lower).astype(np.int64) * -1),
        upper=Rationals((~canonical.has_upper).astype(np.int64)),
        has_lower=np.ones(n, dtype=bool),
        has_upper=np.ones(n, dtype=bool),
    )


def eased(canonical: Form) -> Form:
    """The least amount by which every inequality must give way: its multipliers refute a form where that is positive.

    One column more than the form has, the last; on the scale of the float image.
    """
    n = canonical.num_columns
    given = np.flatnonzero(canonical.senses)
    ends, ones = canonical.matrix.indptr[1:][given], np.ones(1, dtype=bool)
    matrix = IntegerMatrix(
        (canonical.matrix.indptr + np.concatenate([[0], np.cumsum(canonical.senses != 0)])).astype(np.int32),
        np.insert(canonical.matrix.indices, ends, n),
        np.insert(canonical.matrix.data, ends, canonical.senses[given] * canonical.row_scale[given]),
        n + 1,
    )
    nothing = Rationals.zeros((1,))
    return replace(
        canonical,
        matrix=matrix,
        lower=concatenate([canonical.lower, nothing]),
        upper=concatenate([canonical.upper, nothing]),
        has_lower=np.concatenate([canonical.has_lower, ones]),
        has_upper=np.concatenate([canonical.has_upper, ~ones]),
        costs=concatenate([Rationals.zeros((n,)), Rationals.of([1])]),
        column_scale=np.concatenate([canonical.column_scale, ones.astype(np.int64)]),
    )


def improving(canonical: Form, ray: Rationals) -> bool:
    """Whether a direction keeps every row and bound, and lowers the cost."""
    moves = canonical.activity(ray).numerator
    rows = (np.sign(moves) * canonical.senses >= 0) & ((canonical.senses != 0) | (moves == 0))
    low, high = ray.numerator >= 0, ray.numerator <= 0
    columns = (low | ~canonical.has_lower) & (high | ~canonical.has_upper)
    return bool(np.all(rows) and np.all(columns)) and canonical.objective(ray) < 0
