"""Whether a square sparse matrix can be regular at all: a matching of its rows and columns over its entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import structural_rank

Places = npt.NDArray[np.int64]


def matched(matrix: Any) -> bool:
    """Whether each row of a square sparse matrix can have a column of its own, with an entry where they meet.

    Lines with a single entry leave no choice: they and what they meet are taken away until none is left, which is nearly all of
    the basis of a linear program.  A matching of the rest is sought.
    """
    by_row, columns = matrix.tocsr(), matrix.tocsc()
    rows = _Lines.of(by_row.indptr, by_row.indices)
    down = _Lines.of(columns.indptr, columns.indices)
    while True:
        if not (_stripped(down, rows) and _stripped(rows, down)):
            return False
        if not (down.single.any() or rows.single.any()):
            break
    rest = by_row[np.flatnonzero(rows.alive)][:, np.flatnonzero(down.alive)]
    return bool(structural_rank(rest) == rest.shape[0]) if rest.shape[0] else True


@dataclass
class _Lines:
    """Rows (or columns): how many entries each has left, and the sum of their places, which is the place of the last."""

    indptr: Places
    indices: Places
    alive: npt.NDArray[np.bool_]
    count: Places
    places: Places

    @classmethod
    def of(cls, indptr: Any, indices: Any) -> _Lines:
        total = np.concatenate([[0], np.cumsum(indices, dtype=np.int64)])
        wide = indptr.astype(np.int64)
        alive = np.ones(len(wide) - 1, dtype=bool)
        return cls(wide, indices.astype(np.int64), alive, np.diff(wide), total[wide[1:]] - total[wide[:-1]])

    @property
    def single(self) -> npt.NDArray[np.bool_]:
        return self.alive & (self.count == 1)

    def drop(self, gone: Places, other: _Lines) -> None:
        """Take lines away, and their entries from the lines that cross them."""
        self.alive[gone] = False
        counts = self.indptr[gone + 1] - self.indptr[gone]
        first = np.repeat(self.indptr[gone] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        met = self.indices[first + np.arange(int(counts.sum()))]
        np.subtract.at(other.count, met, 1)
        np.subtract.at(other.places, met, np.repeat(gone, counts))


def _stripped(lines: _Lines, crossing: _Lines) -> bool:
    """Take away lines with a single entry, and the lines that cross them there; False where two need the same one."""
    if np.any(lines.alive & (lines.count == 0)):
        return False
    own = np.flatnonzero(lines.single)
    met = lines.places[own]
    if len(np.unique(met)) < len(met):
        return False
    crossing.drop(met, lines)
    lines.drop(own, crossing)
    return True


__all__ = ["matched"]
