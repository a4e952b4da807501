"""Whether a square sparse matrix can be regular at all: a matching of its rows and columns over its entries."""

from __future__ import annotations

from typing import Any

import numpy as np


def matched(matrix: Any) -> bool:
    """Whether each row of a square sparse matrix can have a column of its own, with an entry where they meet.

    A line (column or row) with a single entry leaves no choice: it and the line that it meets are taken away, until no such line
    is left.  That is nearly all of the basis of a linear program; a matching of the rest is sought.
    """
    by_row, by_column = matrix.tocsr(), matrix.tocsc()
    size = by_row.shape[0]
    # Lines: the columns, then the rows.  The sum of the lines that a line meets is the last one when one is left.
    starts = np.concatenate([by_column.indptr, by_column.indptr[-1] + by_row.indptr[1:]]).astype(np.int64)
    meets = np.concatenate([by_column.indices.astype(np.int64) + size, by_row.indices.astype(np.int64)])
    left = np.diff(starts)
    if not left.all():
        return False
    total = np.concatenate([[0], np.cumsum(meets)])
    last = total[starts[1:]] - total[starts[:-1]]
    alive, taken_by = np.ones(2 * size, dtype=bool), np.empty(2 * size, dtype=np.int64)
    ready = np.flatnonzero(left == 1)
    while len(ready):
        met = last[ready]
        taken_by[met] = ready
        if np.any(taken_by[met] != ready):
            return False  # two lines need the same one
        alive[ready] = alive[met] = False
        counts = starts[met + 1] - starts[met]
        first = np.repeat(starts[met] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        hit = meets[first + np.arange(len(first))]
        np.subtract.at(left, hit, 1)
        np.subtract.at(last, hit, np.repeat(met, counts))
        hit = np.unique(hit[alive[hit]])
        if not left[hit].all():
            return False
        ready = hit[left[hit] == 1]
    columns, rows = np.flatnonzero(alive[:size]), np.flatnonzero(alive[size:])
    if not len(rows):
        return True
    from scipy.sparse.csgraph import structural_rank

    return bool(structural_rank(by_row[rows][:, columns]) == len(rows))


__all__ = ["matched"]
