"""Whether an optimal point is the only one, exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..exact.numbers import Rationals
from .decide import decide
from .form import Form, IntegerMatrix, form
from .kernel import Unsolved
from .model import Program
from .pivot import OutOfTime
from .solution import Solution
from .units import Units

#: Largest number of columns for which the exact rank of a non-basic optimum is examined.
MAX_RANK = 400


def unique(
    program: Program, solution: Solution, *, time_limit: float | Deadline | None = None
) -> bool | None:
    """Whether an optimal point is the only one, exactly; None where that takes longer than ``time_limit`` or many steps.

    Over directions that stay on the optimal face, the total movement away from the constraints that are tight
    with a zero multiplier is maximised (Appa 2002, "On the uniqueness of solutions to linear programs"): a
    positive maximum is another optimum.  If it is zero the tight constraints stay tight, and the optimum is
    unique iff they determine it.
    """
    if (
        solution.status != "optimal"
        or solution.primal is None
        or solution.dual is None
        or solution.reduced is None
    ):
        raise ValueError("uniqueness is a question about an optimal solution")
    canonical, x = form(program), solution.primal
    if (units := Units.of(canonical)) is not None:
        canonical, x = units.form, x / units.columns
    slack, priced = (canonical.activity(x) - canonical.rhs).numerator == 0, solution.dual.numerator != 0
    tight, held = slack & ~priced & (canonical.senses != 0), priced | (canonical.senses == 0)
    low = canonical.has_lower & ((x - canonical.lower).numerator == 0)
    high = canonical.has_upper & ((canonical.upper - x).numerator == 0)
    fixed = (solution.reduced.numerator != 0) | (low & high)
    rows = np.flatnonzero(held | tight)
    matrix = canonical.matrix.part(rows, np.arange(canonical.num_columns))
    senses = np.where(held, 0, canonical.senses)[rows].astype(np.int8)
    # Movement away: the activity of tight rows, inward; columns at a bound, inward.
    away = Rationals(np.where(tight, canonical.senses, 0).astype(np.int64))
    inward = Rationals((low & ~fixed).astype(np.int64) - (high & ~fixed).astype(np.int64))
    directions = Form(
        matrix,
        senses,
        Rationals.zeros((len(rows),)),
        Rationals(np.where(low | fixed, 0, -1)),
        Rationals(np.where(high | fixed, 0, 1)),
        np.ones(len(low), dtype=bool),
        np.ones(len(low), dtype=bool),
        -(canonical.pull(away) + inward),
        canonical.row_scale[rows],
        canonical.column_scale,
    )
    if np.any(tight) or np.any((low | high) & ~fixed):
        try:
            found = decide(directions, Deadline.of(time_limit), lambda phase: None, None)
        except (Unsolved, OutOfTime):
            return None
        if found.outcome != "optimal" or found.x is None:
            return None
        if directions.objective(found.x) < 0:
            return False
    return _determined(directions, np.flatnonzero(~fixed & ~low & ~high))


def _determined(directions: Form, moving: npt.NDArray[np.intp]) -> bool | None:
    """Whether the tight rows leave the free columns no direction: full column rank."""
    if not len(moving):
        return True
    matrix = _peeled(directions.matrix.part(np.arange(directions.num_rows), moving))
    if matrix.shape[0] < matrix.shape[1]:
        return False
    if not matrix.shape[1] or _full_rank_by_basis(matrix):
        return True
    if matrix.shape[1] > MAX_RANK:
        return None
    import flint

    cells = [[0] * matrix.shape[1] for _ in range(matrix.shape[0])]
    for r, c, v in zip(matrix.rows.tolist(), matrix.indices.tolist(), matrix.data.tolist(), strict=True):
        cells[r][c] = v
    return bool(flint.fmpz_mat(cells).rank() == matrix.shape[1])


def _peeled(matrix: IntegerMatrix) -> IntegerMatrix:
    """What is left when columns are taken away that some row determines once others are: full column rank is kept either way."""
    left = np.ones(matrix.shape[1], dtype=bool)
    while True:
        open_cells = left[matrix.indices]
        counts = np.bincount(matrix.rows[open_cells], minlength=matrix.shape[0])
        alone = matrix.indices[open_cells & (counts == 1)[matrix.rows]]
        if not len(alone):
            break
        left[alone] = False
    return matrix.part(np.flatnonzero(counts > 0), np.flatnonzero(left))


def _full_rank_by_basis(matrix: IntegerMatrix) -> bool:
    """Full column rank, shown modulo a prime (a rank modulo a prime never exceeds the true one)."""
    if matrix.shape[1] > 2000 or matrix.shape[0] * matrix.shape[1] > 4_000_000:
        return False
    import flint

    prime = 2**61 - 1
    cells = np.zeros(matrix.shape, dtype=object)
    cells[matrix.rows, matrix.indices] = [int(v) % prime for v in matrix.data.tolist()]
    return bool(flint.nmod_mat(*matrix.shape, cells.ravel().tolist(), prime).rank() == matrix.shape[1])
