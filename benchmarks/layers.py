"""Other modelling layers: the Bayesian program of trade in the idiom each builds fastest, to a matrix and to HiGHS.

Two agents with m types each on [0, 1], uniform and independent: an interim payoff for each type, told payoffs for each type
and report.  A layer whose package is missing is left out.
"""

from collections.abc import Callable, Mapping

import highspy
import numpy as np

TAKEN = highspy.HighsStatus.kOk
Work = Callable[[], object]


def linopy(m: int) -> Mapping[str, Work]:
    """Vectorised over labelled arrays; to HiGHS by its own road."""
    import linopy
    import xarray as xr

    types = np.arange(m)
    own = {"s": xr.DataArray(types / (m - 1), dims="type"), "b": xr.DataArray(types / (m - 1), dims="type")}

    def build():
        model = linopy.Model()
        cell = [("s", types), ("b", types)]
        q, paid = model.add_variables(lower=0, coords=[("a", [0, 1]), *cell], name="q"), []
        for i, other, sign in (("s", "b", -1), ("b", "s", 1)):
            t = model.add_variables(coords=cell, name=f"t {i}")
            payoff = model.add_variables(coords=[("type", types)], name=f"U {i}")
            weight = xr.DataArray(
                np.full((m, m), 1 / m), dims=("type", other), coords={"type": types, other: types}
            )
            told = (q.sel(a=1).rename({i: "report"}) * (weight * own[i] * sign)).sum(other)
            told = told + (t.rename({i: "report"}) * weight).sum(other)
            model.add_constraints(1 * payoff - told >= 0, name=f"IC {i}")
            model.add_constraints(1 * payoff >= 0, name=f"IR {i}")
            paid.append(t.sum())
        model.add_constraints(q.sum("a") == 1, name="lottery")
        model.add_objective((paid[0] + paid[1]) * (1 / m**2))
        return model

    return {"linopy, matrix": lambda: build().matrices.A, "linopy": lambda: build().to_highspy()}


def cvxpy(m: int) -> Mapping[str, Work]:
    """As products of matrices, the idiom cvxpy compiles fastest; to HiGHS as its own interface does."""
    import cvxpy as cp

    weight, own = np.full((m, m), 1 / m), np.arange(m)[:, None] / (m - 1)

    def build():
        q = [cp.Variable((m, m), nonneg=True) for _ in range(2)]
        t, payoff = [cp.Variable((m, m)) for _ in range(2)], [cp.Variable((m, 1)) for _ in range(2)]
        asked = [q[0] + q[1] == 1]
        for i, sign in ((0, -1), (1, 1)):
            by_report = [q[1].T, t[0].T] if i == 0 else [q[1], t[1]]
            told = (weight * own * sign) @ by_report[0] + weight @ by_report[1]
            asked += [payoff[i] @ np.ones((1, m)) - told >= 0, payoff[i] >= 0]
        problem = cp.Problem(cp.Maximize(-cp.sum(t[0] + t[1]) / m**2), asked)
        return problem.get_problem_data(cp.HIGHS, solver_opts={"canon_backend": "SCIPY"})[0]

    def to_highs():
        data, lp = build(), highspy.HighsLp()
        matrix, right, free = data["A"].tocsc(), data["b"], np.full(len(data["c"]), np.inf)
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = data["c"], -free, free
        lp.row_lower_, lp.row_upper_ = np.full(len(right), -np.inf), right
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        assert solver.passModel(lp) == TAKEN

    return {"cvxpy, matrix": build, "cvxpy": to_highs}


def pyoptinterface(m: int) -> Mapping[str, Work]:
    """Row after row from arrays of indices, the fastest of its idioms; it writes into HiGHS and has no matrix of its own."""
    import pyoptinterface as poi
    from pyoptinterface import highs

    if not highs.is_library_loaded():
        raise ImportError("pyoptinterface finds no HiGHS: pip install highsbox")
    affine = poi.ScalarAffineFunction.from_numpy

    def build():
        model = highs.Model()
        model.set_raw_option_bool("output_flag", False)
        q = np.array([model.add_variable(lb=0).index for _ in range(2 * m * m)], np.int32).reshape(2, m, m)
        t = np.array([model.add_variable().index for _ in range(2 * m * m)], np.int32).reshape(2, m, m)
        payoff = np.array([model.add_variable(lb=0).index for _ in range(2 * m)], np.int32).reshape(2, m)
        row, coefficients = np.empty(2 * m + 1, np.int32), np.full(2 * m + 1, -1 / m)
        coefficients[0] = 1
        for i, sign in ((0, -1), (1, 1)):
            told, paid = (q[1], t[0]) if i == 0 else (q[1].T, t[1].T)
            for own in range(m):
                row[0] = payoff[i, own]
                coefficients[1 : m + 1] = -sign * own / (m * (m - 1))
                for report in range(m):
                    row[1 : m + 1], row[m + 1 :] = told[report], paid[report]
                    model.add_linear_constraint(affine(coefficients, row, 0.0), poi.Geq, 0.0)
        two = np.ones(2)
        for pair in q.reshape(2, -1).T.copy():
            model.add_linear_constraint(affine(two, pair, 0.0), poi.Eq, 1.0)
        revenue = affine(np.full(t.size, 1 / m**2), t.ravel(), 0.0)
        model.set_objective(revenue, poi.ObjectiveSense.Maximize)
        return model

    return {"pyoptinterface": build}


def installed(m: int) -> dict[str, Work]:
    """The work of every layer that is there."""
    found: dict[str, Work] = {}
    for layer in (linopy, cvxpy, pyoptinterface):
        try:
            found |= layer(m)
        except ImportError as missing:
            print(f"left out: {missing}")
    return found
