"""From a coarse grid to a finer one: where the solution of one program says that of another, finer one begins.

Two programs of the same blocks and families differ in the lengths of their axes.  What a coarse solution says of each column
(strictly between its bounds or not) and of each row (whether it has a price) is carried to the nearest cells of the finer
program.  The columns between bounds and the rows without prices make a basis that is close to the best one there, and the
simplex method takes few steps from it.  Nested iteration: Kronsjo and Dahlquist (1972), "On the design of nested iterations
for elliptic difference equations".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .form import Form
from .highs import BASIC, LOWER, UPPER, ZERO, Basis, Proposal
from .model import Block, Family, Program

#: Floats nearer than this to a bound are at it; smaller prices are none.
NEAR = 1e-9
#: Cells at each end of an axis that are carried to the same place from the end: borders are unlike what is inside.
ENDS = 2
Mask = npt.NDArray[np.bool_]


def prolonged(coarse: Program, canonical: Form, found: Proposal, fine: Program) -> Basis:
    """A basis of the finer program, perhaps not square: a solver that takes it makes up the rest.

    Parameters
    ----------
    canonical, found : the form of ``coarse``, and a float solution of it.
    """
    lower, upper = canonical.float_columns()
    above, below = found.primal > lower + NEAR, found.primal < upper - NEAR
    bounded = np.isfinite(lower) | np.isfinite(upper)
    # Where every column of a priced row is at a bound, the row would hold columns that others hold already.
    held = (np.abs(found.dual) > NEAR) & _touching(canonical, above & below & bounded)
    between = _carried(above & below, coarse.blocks, fine.blocks)
    top = _carried(above & ~below, coarse.blocks, fine.blocks)
    low, high = fine.bounds()
    equal = [np.broadcast_to(f.sense == "=", f.shape).ravel() for f in fine.families]
    columns = np.where(np.isfinite(low), LOWER, np.where(np.isfinite(high), UPPER, ZERO))
    columns = np.where(between, BASIC, np.where(top, UPPER, columns))
    rows = np.where(_carried(held, coarse.families, fine.families) | np.concatenate(equal), LOWER, BASIC)
    return Basis(columns.astype(np.int8), rows.astype(np.int8))


def _touching(canonical: Form, columns: Mask) -> Mask:
    """The rows in which some of these columns occur."""
    matrix = canonical.matrix
    found = np.zeros(matrix.shape[0], dtype=bool)
    found[matrix.rows[columns[matrix.indices]]] = True
    return found


def _carried(mask: Mask, coarse: Sequence[Block | Family], fine: Sequence[Block | Family]) -> Mask:
    """Marks of the coarse parts on the nearest cells of the fine ones."""
    parts, start = [], 0
    for one, other in zip(coarse, fine, strict=True):
        own = mask[start : start + one.size].reshape(one.shape)
        start += one.size
        parts.append(own[np.ix_(*map(_nearest, one.shape, other.shape))].ravel())
    return np.concatenate(parts)


def _nearest(coarse: int, fine: int) -> npt.NDArray[np.intp]:
    """The coarse cell nearest to each fine one along an axis."""
    cells = np.arange(fine)
    if coarse == fine:
        return cells
    places = np.rint(cells * (coarse - 1) / (fine - 1)).astype(np.intp)
    if coarse <= 2 * ENDS + 1:
        return places
    inside = np.clip(places, ENDS, coarse - 1 - ENDS)
    inside[:ENDS], inside[-ENDS:] = cells[:ENDS], np.arange(coarse - ENDS, coarse)
    return inside


__all__ = ["prolonged"]
