"""HiGHS proposes a basis.  Floats stay in this module's answers; nothing here decides anything.

HiGHS: Huangfu and Hall (2018), "Parallelizing the dual revised simplex method".
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from .form import Form, form
from .model import Family, Program
from .units import Units

#: Basis statuses, numbered as HiGHS does.
LOWER, BASIC, UPPER, ZERO = 0, 1, 2, 3
Outcome = Literal["optimal", "infeasible", "unbounded", "unclear", "time limit"]
_STATUS = (
    highspy.HighsBasisStatus.kLower,
    highspy.HighsBasisStatus.kBasic,
    highspy.HighsBasisStatus.kUpper,
    highspy.HighsBasisStatus.kZero,
    highspy.HighsBasisStatus.kNonbasic,
)
_OUTCOME: dict[Any, Outcome] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "time limit",
    highspy.HighsModelStatus.kInterrupt: "time limit",
    highspy.HighsModelStatus.kIterationLimit: "time limit",
}


#: The shortest time limit that a solver is given, in seconds.
SHORTEST = 0.01
#: Rows without a larger entry are multiplied up.
LEAST_ROW = 1e-2
#: HiGHS' numbers for Devex pricing, and for the primal simplex method.
DEVEX, PRIMAL = 1, 4
#: Entries of a program that is given to the solver of the last one.
SMALL = 20_000
#: Steps from a given start, at least and for each row, before the solver starts from nothing.
LEAST_STEPS, STEPS_PER_ROW = 2_000, 0.05


class SolverError(RuntimeError):
    """The float solver refused an option."""


class _Quiet(highspy.Highs):
    """HiGHS without its banner: the constructor enables callbacks, which prints it unless output is off."""

    def enableCallbacks(self) -> None:
        set_option(self, "output_flag", False)
        super().enableCallbacks()


@dataclass(frozen=True)
class Basis:
    """Which columns and rows are basic; nonbasic columns rest at a bound (or at zero when free)."""

    columns: npt.NDArray[np.int8]
    rows: npt.NDArray[np.int8]

    def fits(self, program: Program) -> bool:
        """Whether a program has as many columns and rows."""
        return (len(self.columns), len(self.rows)) == (program.num_columns, program.num_rows)


@dataclass(frozen=True)
class Proposal:
    """What the float solver says.  ``primal`` and ``dual`` are in the units of the float image; ``road`` is for the record,
    ``seconds`` is how long it took.  Where it is ``infeasible``, ``dual`` is near a ray that says so, if one is known."""

    outcome: Outcome
    basis: Basis | None
    primal: npt.NDArray[np.float64]
    dual: npt.NDArray[np.float64]
    road: str = "simplex basis"
    seconds: float = 0.0


#: Numbers beyond what floats can hold together: exact arithmetic goes on without a proposal.
NOTHING = Proposal("unclear", None, np.zeros(0), np.zeros(0))


def propose(
    form: Form,
    *,
    start: Basis | None = None,
    tight: bool = False,
    interior: bool = False,
    primal: bool = False,
    time_limit: float | Deadline | None = None,
    integrality: npt.NDArray[np.bool_] | None = None,
    steps: int | None = None,
) -> Proposal:
    """Solve the float image of a form by the simplex method alone (branch and bound with ``integrality``).

    Parameters
    ----------
    start : a basis to start from, which need be neither square nor feasible.  Unless ``tight``, one that turns out to be far from
        the best is given up.
    tight : tolerances of 1e-10 and no presolve.
    interior : a point in the middle of the optimal ones, by an interior point method without crossover: no basis.
    primal : by the primal simplex method, which is the quicker one where any feasible point is as good as another.
    time_limit : seconds, or a deadline.
    steps : the most iterations.

    Raises
    ------
    SolverError
        When HiGHS refuses an option.
    """
    deadline = Deadline.of(time_limit)
    small = len(form.matrix.data) <= SMALL  # a large program would stay in memory
    solver = _cleared(deadline) if small else new_solver(deadline)
    if integrality is None:
        set_option(solver, "solver", "ipx" if interior else "simplex")
    if interior:
        set_option(solver, "run_crossover", "off")
    if tight or interior:
        set_option(solver, "presolve", "off")
    if tight:
        set_option(solver, "primal_feasibility_tolerance", 1e-10)
        set_option(solver, "dual_feasibility_tolerance", 1e-10)
    if primal:
        set_option(solver, "simplex_strategy", PRIMAL)
    if steps is not None:
        set_option(solver, "simplex_iteration_limit", steps)
    if not hand_over(solver, form, integrality):
        return NOTHING
    if start is not None:
        # Steepest-edge weights of a basis that is not the slack basis cost a solve a row before the first step.
        set_option(solver, "simplex_dual_edge_weight_strategy", DEVEX)
        if not tight:  # what is near the best basis stays near it when nothing is scaled or perturbed
            set_option(solver, "simplex_scale_strategy", 0)
            set_option(solver, "dual_simplex_cost_perturbation_multiplier", 0.0)
            set_option(
                solver, "simplex_iteration_limit", max(LEAST_STEPS, int(STEPS_PER_ROW * form.num_rows))
            )
        basis = highspy.HighsBasis()
        basis.col_status = [_STATUS[s] for s in start.columns.tolist()]
        basis.row_status = [_STATUS[s] for s in start.rows.tolist()]
        basis.valid = True
        # A basis that is singular in floats is refused: then the solver starts from its own.
        solver.setBasis(basis)
    if solver.run() == highspy.HighsStatus.kError:
        return NOTHING
    if start is not None and solver.getModelStatus() == highspy.HighsModelStatus.kIterationLimit:
        return propose(form, time_limit=deadline)
    return read(solver)


def new_solver(deadline: Deadline = NEVER) -> Any:
    """HiGHS, silent, in one thread, to end by a deadline."""
    solver = _Quiet()
    # Not "threads": HiGHS refuses it once another solver in the process has started its scheduler.
    set_option(solver, "parallel", "off")
    if deadline.left < math.inf:
        set_option(solver, "time_limit", max(deadline.left, SHORTEST))
    return solver


_kept = threading.local()


def _cleared(deadline: Deadline) -> Any:
    """The same for one solve after another in a thread: to make the object takes as long as to solve a small program."""
    solver = getattr(_kept, "solver", None)
    if solver is None:
        _kept.solver = solver = new_solver()
    else:
        solver.clear()  # options too
        set_option(solver, "output_flag", False)
        set_option(solver, "parallel", "off")
    if deadline.left < math.inf:  # its clock goes on from solve to solve
        set_option(solver, "time_limit", solver.getRunTime() + max(deadline.left, SHORTEST))
    return solver


class Session:
    """One program kept warm in floats while rows come and go, for row generation.

    ``program`` gives the columns, the objective and the first rows; each later solve starts from the last basis.

    Raises
    ------
    SolverError
        When HiGHS refuses an option, the program or a row.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._solver = _Quiet()
        set_option(self._solver, "parallel", "off")
        set_option(self._solver, "solver", "simplex")
        # Cuts are sought below the default tolerance of 1e-7.
        set_option(self._solver, "primal_feasibility_tolerance", 1e-10)
        set_option(self._solver, "dual_feasibility_tolerance", 1e-10)
        lower, upper = program.bounds()
        count = program.num_columns
        units = Units.of(form(program))
        #: What a column, the costs and each row are multiplied by in floats (see :mod:`mechlp.program.units`).
        self._columns = np.ones(count) if units is None else units.columns.float
        self._costs, self._rows = 1.0 if units is None else float(units.costs), np.zeros(0)
        self._took(self._solver.addVars(count, lower / self._columns, upper / self._columns))
        sense = highspy.ObjSense.kMaximize if program.maximize else highspy.ObjSense.kMinimize
        self._took(self._solver.changeObjectiveSense(sense))
        self.cost(program.costs.float)
        self.add(program.families)

    @staticmethod
    def _took(status: Any) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused a part of the program")

    def add(self, families: Sequence[Family]) -> None:
        """Append rows."""
        part = Program(self.program.blocks, tuple(families))
        arrays = part.arrays()
        lower, upper = part.right_hand_side()
        kept = arrays.data != 0  # HiGHS refuses a row that names a column twice, even with zeros
        starts = np.concatenate([[0], np.cumsum(kept)])[arrays.indptr[:-1]].astype(np.int32)
        count, of = int(kept.sum()), np.repeat(np.arange(part.num_rows), np.diff(arrays.indptr))[kept]
        data = arrays.data[kept] * self._columns[arrays.indices[kept]]
        # Rows of tiny entries would be lost below the solver's tolerances.
        size = np.zeros(part.num_rows)
        np.maximum.at(size, of, np.abs(data))
        unit = np.where((size < LEAST_ROW) & (size > 0), np.ldexp(1.0, -np.frexp(size)[1]), 1.0)
        self._rows = np.append(self._rows, unit)
        self._took(
            self._solver.addRows(
                part.num_rows,
                lower * unit,
                upper * unit,
                count,
                starts,
                arrays.indices[kept],
                data * unit[of],
            )
        )

    def drop(self, rows: npt.NDArray[np.intp]) -> None:
        """Delete rows; those after them move up."""
        if len(rows):
            self._took(self._solver.deleteRows(len(rows), rows.astype(np.int32)))
            self._rows = np.delete(self._rows, rows)

    def cost(self, costs: npt.NDArray[np.float64]) -> None:
        """Another objective."""
        places = np.arange(len(costs), dtype=np.int32)
        self._took(self._solver.changeColsCost(len(costs), places, costs * self._columns * self._costs))

    def limit(self, rows: npt.NDArray[np.intp], most: npt.NDArray[np.float64]) -> None:
        """Other right sides of rows that are at most something."""
        for row, value in zip(rows.tolist(), (most * self._rows[rows]).tolist(), strict=True):
            self._took(self._solver.changeRowBounds(row, -highspy.kHighsInf, value))

    def allow(self, first: int, allowed: npt.NDArray[np.bool_]) -> None:
        """Let columns from ``first`` on be anything from zero up, or nothing but zero."""
        count, top = len(allowed), np.where(allowed, highspy.kHighsInf, 0.0)
        places = np.arange(first, first + count, dtype=np.int32)
        self._took(self._solver.changeColsBounds(count, places, np.zeros(count), top))

    def solve(self, time_limit: float | Deadline | None = None) -> Proposal:
        """Solve from where the last solve ended; seconds, or a deadline."""
        left = Deadline.of(time_limit).left
        if left < math.inf:
            set_option(self._solver, "time_limit", self._solver.getRunTime() + max(left, SHORTEST))
        if self._solver.run() == highspy.HighsStatus.kError:
            return NOTHING
        found = read(self._solver)
        primal = found.primal * self._columns if len(found.primal) else found.primal
        dual = found.dual * self._rows / self._costs if len(found.dual) == len(self._rows) else found.dual
        return replace(found, primal=primal, dual=dual)


def set_option(solver: Any, name: str, value: Any) -> None:
    """Raises SolverError when HiGHS refuses."""
    if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
        raise SolverError(f"HiGHS refused the option {name} = {value}")


def hand_over(solver: Any, form: Form, integrality: npt.NDArray[np.bool_] | None = None) -> bool:
    """Whether HiGHS took the arrays: it refuses entries beyond 1e15."""
    lower, upper = form.float_columns()
    row_lower, row_upper = form.float_rows()
    # An empty integrality array would be read beyond its end: always one entry a column.
    kinds = np.zeros(form.num_columns, np.int32) if integrality is None else integrality.astype(np.int32)
    status = solver.passModel(
        form.num_columns,
        form.num_rows,
        len(form.matrix.data),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        form.float_costs(),
        lower,
        upper,
        row_lower,
        row_upper,
        form.matrix.indptr.astype(np.int32, copy=False),
        form.matrix.indices,
        form.float_matrix(),
        kinds,
    )
    return bool(status != highspy.HighsStatus.kError)


def read(solver: Any) -> Proposal:
    """What HiGHS ended with."""
    outcome = _OUTCOME.get(solver.getModelStatus(), "unclear")
    basis, found = solver.getBasis(), None
    if basis.valid:
        found = Basis(_codes(basis.col_status), _codes(basis.row_status))
    solution = solver.getSolution()
    return Proposal(outcome, found, np.array(solution.col_value), np.array(solution.row_dual))


def _codes(statuses: Any) -> npt.NDArray[np.int8]:
    return np.fromiter(map(int, statuses), dtype=np.int8, count=len(statuses))
