"""A second, independent road: cvxpy with Clarabel, an interior-point method, proposes; exact arithmetic decides as ever.

cvxpy: Diamond and Boyd (2016), "CVXPY: a Python-embedded modeling language for convex optimization".
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from ..deadline import Deadline
from .form import Form
from .highs import BASIC, LOWER, SHORTEST, UPPER, ZERO, Basis, Outcome, Proposal
from .model import TooLarge

#: An interior point has no basis; reading one off takes dense linear algebra in the tight rows.
MAX_ROWS = 5_000
#: Size of the random change of costs and right-hand sides that makes the optimum a nondegenerate vertex.
NUDGE = 1e-6
_OUTCOME: dict[str, Outcome] = {
    "optimal": "optimal",
    "optimal_inaccurate": "optimal",
    "infeasible": "infeasible",
    "infeasible_inaccurate": "infeasible",
    "unbounded": "unbounded",
    "unbounded_inaccurate": "unbounded",
}
Floats = npt.NDArray[np.float64]


def cvxpy() -> Any:
    """The cvxpy module.  Raises ImportError with how to install it."""
    try:
        import cvxpy as module
    except ImportError:
        raise ImportError("this needs cvxpy: pip install 'mechlp[cvxpy]'") from None
    return module


def propose(
    form: Form, *, start: Basis | None = None, tight: bool = False, time_limit: float | Deadline | None = None
) -> Proposal:
    """Solve the float image of a form (see :func:`mechlp.program.highs.propose`); ``start`` is of no use here.

    Unless ``tight``, costs and right-hand sides are first changed a little, so that the basis can be read off.

    Raises
    ------
    ImportError, TooLarge
    """
    cp = cvxpy()
    if form.num_rows > MAX_ROWS:
        raise TooLarge(
            f"{form.num_rows:,} rows; the cvxpy backend takes at most {MAX_ROWS:,}: use --backend highs"
        )
    rng = np.random.default_rng(0)
    nudge = lambda size: (0 if tight else NUDGE) * rng.uniform(0.5, 1, size)  # noqa: E731
    matrix = sp.csr_array(
        (form.float_matrix(), form.matrix.indices, form.matrix.indptr), shape=form.matrix.shape
    )
    lower, upper = form.float_columns()
    least, most = form.float_rows()
    fixed = lower == upper
    moving = np.flatnonzero(~fixed)
    shift = matrix @ np.where(fixed, lower, 0)
    part = matrix[:, moving]
    least, most = least - shift - nudge(len(least)), most - shift + nudge(len(most))
    costs = form.float_costs()[moving] + nudge(len(moving))
    if not len(moving):
        return Proposal("unclear", None, np.zeros(0), np.zeros(0))
    x = cp.Variable(len(moving))
    rows = [(form.senses > 0, 1), (form.senses < 0, -1), (form.senses == 0, 0)]
    sides = [
        part[where] @ x >= least[where] if sign > 0 else part[where] @ x <= most[where]
        for where, sign in rows[:2]
        if where.any()
    ]
    kept = [row for row in rows[:2] if row[0].any()]
    if rows[2][0].any():
        where = rows[2][0]
        sides.append(part[where] @ x == (least[where] + most[where]) / 2)
        kept.append(rows[2])
    low, high = np.isfinite(lower[moving]), np.isfinite(upper[moving])
    bounds = [x[low] >= lower[moving][low]] if low.any() else []
    bounds += [x[high] <= upper[moving][high]] if high.any() else []
    problem = cp.Problem(cp.Minimize(costs @ x), [*sides, *bounds])
    options = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
    options |= (
        {} if (left := Deadline.of(time_limit).left) == math.inf else {"time_limit": max(left, SHORTEST)}
    )
    try:
        with warnings.catch_warnings():  # of inaccuracy, which exact arithmetic judges for itself
            warnings.simplefilter("ignore")
            problem.solve(solver=cp.CLARABEL, **options)
    except cp.SolverError:
        return Proposal("unclear", None, np.zeros(0), np.zeros(0))
    outcome = _OUTCOME.get(problem.status, "unclear")
    if outcome != "optimal" or x.value is None:
        return Proposal(outcome, None, np.zeros(0), np.zeros(0))
    primal = np.where(fixed, lower, 0.0)
    primal[moving] = x.value
    dual = np.zeros(form.num_rows)
    for (where, sign), side in zip(kept, sides, strict=True):
        dual[where] = np.asarray(side.dual_value) * (1 if sign > 0 else -1)
    slack = np.where(
        form.senses == 0, 0, np.abs(matrix @ primal - np.where(form.senses >= 0, least + shift, most + shift))
    )
    return Proposal("optimal", _basis(form, matrix, primal, slack, fixed), primal, dual)


def _basis(form: Form, matrix: Any, primal: Floats, slack: Floats, fixed: npt.NDArray[np.bool_]) -> Basis:
    """The basis of a vertex: what is furthest from its bounds, as long as it is independent, is basic."""
    lower, upper = form.float_columns()
    room = np.where(fixed, 0, np.minimum(primal - lower, upper - primal))
    columns = np.where(primal - lower <= upper - primal, LOWER, UPPER).astype(np.int8)
    columns[~np.isfinite(lower) & ~np.isfinite(upper)] = ZERO
    rows = np.where(slack > 1e-3 * NUDGE, BASIC, LOWER).astype(np.int8)
    tight = np.flatnonzero(rows != BASIC)
    dense = matrix[tight].toarray()
    directions, count = np.zeros((len(tight), len(tight))), 0
    order = np.argsort(-np.concatenate([room, slack[tight]]), kind="stable")
    for k in order:
        if count == len(tight):
            break
        if k < len(room):
            if fixed[k] or not dense[:, k].any():
                continue
            vector = dense[:, k].copy()
        else:
            vector = np.zeros(len(tight))
            vector[k - len(room)] = 1
        size = np.linalg.norm(vector)
        for _ in range(2):  # once more against rounding
            vector -= directions[:count].T @ (directions[:count] @ vector)
        left = np.linalg.norm(vector)
        if left <= 1e-8 * size:
            continue
        directions[count] = vector / left
        count += 1
        if k < len(room):
            columns[k] = BASIC
        else:
            rows[tight[k - len(room)]] = BASIC
    return Basis(columns, rows)
