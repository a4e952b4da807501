"""Among the optima of a program the one at which some of its columns have the least 1-norm, exactly.

The optima are the feasible points that complement any optimal multipliers: a row with a multiplier holds with equality, and a
column with a reduced cost stays where it is.  A column whose size counts is the difference of two that are not negative.  So the
program has no more rows than before, and no row of the objective, whose numbers are long.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..exact.numbers import Rationals, concatenate, where
from .decide import decide
from .exact import spread
from .form import Form, IntegerMatrix, form
from .kernel import Unsolved
from .model import Program
from .pivot import OutOfTime
from .solution import Solution
from .units import Units

Places = npt.NDArray[np.intp]


def least_norm(program: Program, solution: Solution, sized: Places, deadline: Deadline) -> Rationals | None:
    """The optimal point, one entry a column, at which the absolute values of the columns ``sized`` have the least sum; None
    where that takes too long."""
    assert solution.primal is not None and solution.dual is not None and solution.reduced is not None
    canonical, x = form(program), solution.primal
    kept = np.flatnonzero(solution.reduced.numerator == 0)
    own = np.isin(kept, sized)
    sized = kept[own]
    face = _face(canonical, x, solution.dual.numerator != 0, kept, own)
    units = Units.of(face)
    try:
        found = decide(
            face if units is None else units.form, deadline, lambda phase: None, None, refute=False
        )
    except (Unsolved, OutOfTime):
        return None
    if found.outcome != "optimal" or found.x is None:
        return None
    point = found.x if units is None else units.point(found.x)
    parts = point[len(kept) :]
    moved = spread(point.numerator[: len(kept)], point.denominator, kept, len(x))
    stays = np.ones(len(x), dtype=bool)
    stays[kept] = False
    return (where(stays, x, moved) - spread(parts.numerator, parts.denominator, sized, len(x))).reduced()


def _face(
    canonical: Form, x: Rationals, priced: npt.NDArray[np.bool_], kept: Places, own: npt.NDArray[np.bool_]
) -> Form:
    """The optimal face over the columns kept, those whose size counts (``own`` among them) in two parts, which are minimised."""
    resting = np.ones(len(x), dtype=bool)
    resting[kept] = False
    zero, sized = Rationals.zeros(()), kept[own]
    low, high = canonical.lower[sized], canonical.upper[sized]
    some = (canonical.has_lower[sized], canonical.has_upper[sized])
    least = where(some[0] & (low > 0), low, zero), where(some[1] & (high < 0), -high, zero)
    most = where(some[1] & (high > 0), high, zero), where(some[0] & (low < 0), -low, zero)

    def both(bounds: Rationals, ends: tuple[Rationals, Rationals]) -> Rationals:
        first = bounds[kept]
        return concatenate(
            [
                where(
                    own, spread(ends[0].numerator, ends[0].denominator, np.flatnonzero(own), len(kept)), first
                ),
                ends[1],
            ]
        )

    def has(
        bounds: npt.NDArray[np.bool_], first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        out = bounds[kept]
        out[own] = first
        return np.concatenate([out, second])

    every = np.ones(len(sized), dtype=bool)
    return Form(
        _split(canonical.matrix.part(np.arange(canonical.num_rows), kept), own),
        np.where(priced, 0, canonical.senses).astype(np.int8),
        (canonical.rhs - canonical.activity(where(resting, x, zero))).reduced(),
        both(canonical.lower, least),
        both(canonical.upper, most),
        has(canonical.has_lower, every, every),
        has(canonical.has_upper, some[1], some[0]),
        Rationals(np.concatenate([own, every]).astype(np.int64)),
        canonical.row_scale,
        np.ones(len(kept) + len(sized), dtype=np.int64),
    )


def _split(matrix: IntegerMatrix, own: npt.NDArray[np.bool_]) -> IntegerMatrix:
    """The matrix with the negative of each column of ``own`` behind all others."""
    place = matrix.width + np.cumsum(own) - 1
    again = own[matrix.indices]
    rows = np.concatenate([matrix.rows, matrix.rows[again]])
    order = np.argsort(rows, kind="stable")
    columns = np.concatenate([matrix.indices, place[matrix.indices[again]]])[order].astype(np.int32)
    data = np.concatenate([matrix.data, -matrix.data[again]])[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=matrix.shape[0]))])
    return IntegerMatrix(starts.astype(np.int32), columns, data, matrix.width + int(own.sum()))


__all__ = ["least_norm"]
