"""Exact verdicts on linear programs: a float solver proposes a basis, rational arithmetic decides.

Roads, in order, until one ends in a checked verdict: the basis of an ordinary float solve; that of a solve
with tight tolerances, started from it; exact pivoting from it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..exact.numbers import Rationals, concatenate
from .backend import propose
from .bound import reach, shifted
from .exact import Point, evaluate
from .form import Form, IntegerMatrix, form
from .highs import Basis, Proposal, refuting_rows
from .interior import simple_point
from .kernel import Unsolved
from .model import Program
from .pivot import OutOfTime, pivot
from .solution import Solution
from .units import Units

Progress = Callable[[str], None]
#: The part of the time limit, and the seconds, that a rigorous bound may take beyond it.
OVER, GRACE = 0.1, 0.5
#: The part of the time that floats may take: the rest is for exact arithmetic.
FLOATS = 0.9
#: Bits of the denominator of a vertex that is kept where any feasible point will do.
MAX_BITS = 128
#: Entries up to which a refutation is sought among all rows, and seconds for it: the shortest proofs are the best to read.
READABLE, PATIENCE = 15_000, 2.0
#: Largest number of columns for which the exact rank of a non-basic optimum is examined.
MAX_RANK = 400


@dataclass(frozen=True)
class Decided:
    """A checked verdict on a form.  ``y`` proves ``optimal``, refutes (``infeasible``), or bounds the costs of an
    ``undecided`` form (by ``bound``, where the bounds of its columns limit them)."""

    outcome: str
    x: Rationals | None = None
    y: Rationals | None = None
    ray: Rationals | None = None
    method: str = ""
    basis: Basis | None = None
    bound: Fraction | None = None


def solve(
    program: Program,
    *,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
    start: Basis | None = None,
    near: Basis | None = None,
) -> Solution:
    """Decide a program exactly (see :class:`~mechlp.program.solution.Solution` for the conventions).

    With integer columns: a float branch and bound proposes the integers, the linear program that remains is
    certified, and ``bound`` is the exact value of the relaxation; ``optimal`` only where the two meet.

    Parameters
    ----------
    time_limit : seconds, or a deadline; then ``undecided``, with what bound can soon be made of the float multipliers.
    progress : called with the name of each phase.
    start : a basis to try before any other.
    near : where the float solver begins, a basis that may be neither square nor feasible.
    """
    say = progress or (lambda phase: None)
    began, deadline = time.perf_counter(), Deadline.of(time_limit)
    latest = deadline.beyond(GRACE + OVER * deadline.left)
    say("assembly")
    written = form(program)
    units = Units.of(written)
    canonical = written if units is None else units.form
    assembled = time.perf_counter()
    proposal: Proposal | None = None
    try:
        say("solve")
        found = _certified(canonical, start, deadline, say, "given basis") if start is not None else None
        proposal = None if found is not None else _proposed(canonical, deadline, near)
        weights = _named_weights(program)
        weights = weights if units is None else weights * units.rows
        found = found or _decide_from(proposal, canonical, deadline, say, weights)
        # No longer than it took to come here, and a few seconds.
        found = _simpler(canonical, found, deadline.within(time.perf_counter() - began + 5), say)
    except (Unsolved, OutOfTime) as error:
        found = Decided("undecided", method=str(error))
        if proposal is not None:
            say("a rigorous bound")
            y = shifted(canonical, proposal.dual, latest)
            found = replace(found, y=y, bound=None if y is None else reach(canonical, y))
    timings = {"assembly": assembled - began, "solve and certify": time.perf_counter() - assembled}
    solution = _translated(program, written, found if units is None else _written(found, units), timings)
    if program.integrality.any() and solution.status == "optimal":
        return _integers(program, written, solution, deadline)
    return solution


def _written(found: Decided, units: Units) -> Decided:
    """A verdict in the units in which the program is written."""
    return replace(
        found,
        x=None if found.x is None else units.point(found.x),
        ray=None if found.ray is None else units.point(found.ray),
        y=None if found.y is None else units.multipliers(found.y, refuting=found.outcome == "infeasible"),
        bound=None if found.bound is None else found.bound / units.costs,
    )


def _simpler(canonical: Form, found: Decided, deadline: Deadline, say: Progress) -> Decided:
    """Where nothing is to be optimised and the vertex found takes very long numbers: a point of few digits instead."""
    if found.outcome != "optimal" or found.x is None or bool(np.any(canonical.costs != 0)):
        return found
    if found.x.denominator.bit_length() <= MAX_BITS:
        return found
    say("a point of few digits")
    point = simple_point(canonical, deadline)
    if point is None or point.denominator >= found.x.denominator:
        return found
    return replace(
        found,
        x=point,
        y=Rationals.zeros((canonical.num_rows,)),
        method=f"{found.method}; an interior point, rounded",
    )


def _named_weights(program: Program) -> Rationals:
    """For each integer row, the size of the named row's multiplier when the integer row's is one."""
    units = [
        Rationals.of(1).broadcast_to(f.shape).ravel()
        if f.unit is None
        else f.unit.broadcast_to(f.shape).ravel()
        for f in program.families
    ]
    return concatenate(units) * program.row_scales


def _translated(program: Program, canonical: Form, found: Decided, timings: dict[str, float]) -> Solution:
    sign = -1 if program.maximize else 1
    scales = program.row_scales
    if found.outcome == "optimal":
        assert found.x is not None and found.y is not None
        value = canonical.objective(found.x) * sign + program.constant
        return Solution(
            "optimal",
            value,
            value,
            found.x,
            found.y * scales * sign,
            (canonical.costs - canonical.pull(found.y)) * sign,
            None,
            found.method,
            timings,
        )
    if found.outcome == "infeasible":
        assert found.y is not None
        return Solution("infeasible", dual=found.y * scales, method=found.method, timings=timings)
    if found.outcome == "unbounded":
        return Solution("unbounded", primal=found.x, ray=found.ray, method=found.method, timings=timings)
    if found.y is not None:
        bound = None if found.bound is None else found.bound * sign + program.constant
        dual = found.y * scales * sign
        return Solution("undecided", bound=bound, dual=dual, method=found.method, timings=timings)
    return Solution("undecided", method=found.method, timings=timings)


# -- deciding a form ------------------------------------------------------------------------------
def _decide(
    canonical: Form, deadline: Deadline, say: Progress, weights: Rationals | None, *, refute: bool = True
) -> Decided:
    """A checked verdict.  ``refute``: look for multipliers of small 1-norm when it seems infeasible."""
    return _decide_from(_proposed(canonical, deadline), canonical, deadline, say, weights, refute=refute)


def _proposed(canonical: Form, deadline: Deadline, near: Basis | None = None) -> Proposal:
    return propose(canonical, start=near, time_limit=deadline.within(FLOATS * deadline.left))


def _decide_from(
    proposal: Proposal | None,
    canonical: Form,
    deadline: Deadline,
    say: Progress,
    weights: Rationals | None,
    *,
    refute: bool = True,
) -> Decided:
    assert proposal is not None
    if proposal.outcome == "time limit":
        raise OutOfTime("the time ran out in the float solve")
    if proposal.outcome == "optimal":
        found = _certified(canonical, proposal.basis, deadline, say, proposal.road)
        if found is not None:
            return found
    if refute and proposal.outcome in ("infeasible", "unclear"):
        say("multipliers")
        found = _refuted(canonical, deadline, say, weights)
        if found is not None:
            return found
    if refute and proposal.outcome in ("unbounded", "unclear") and bool(np.any(canonical.costs != 0)):
        found = _unbounded(canonical, deadline, say, weights)
        if found is not None:
            return found
    say("tight tolerances")
    proposal = propose(canonical, start=proposal.basis, tight=True, time_limit=deadline)
    if proposal.outcome == "optimal":
        found = _certified(canonical, proposal.basis, deadline, say, f"{proposal.road} at tight tolerances")
        if found is not None:
            return found
    say("exact pivoting")
    end = pivot(canonical, proposal.basis, deadline)
    return _checked(canonical, Decided(end.outcome, end.x, end.y, end.ray, "exact pivoting", end.basis))


def _certified(
    canonical: Form, basis: Basis | None, deadline: Deadline, say: Progress, method: str
) -> Decided | None:
    if basis is None:
        return None
    say("exact arithmetic")
    point: Point | None = evaluate(canonical, basis, deadline)
    if point is None or not point.optimal:
        return None
    roads = ", ".join(sorted(point.roads)) or "trivial kernel"
    return Decided("optimal", point.x, point.y, None, f"{method}, {roads}", basis)


def _checked(canonical: Form, found: Decided) -> Decided:
    """The verdict of exact pivoting, checked like every other."""
    sound = False
    if found.outcome == "optimal" and found.x is not None and found.y is not None:
        sound = canonical.feasible(found.x) and canonical.optimal(found.x, found.y)
    elif found.outcome == "infeasible" and found.y is not None:
        shortfall = canonical.shortfall(found.y)
        if shortfall is None or shortfall <= 0:
            turned = -found.y
            found, shortfall = replace(found, y=turned), canonical.shortfall(turned)
        sound = shortfall is not None and shortfall > 0
    elif found.outcome == "unbounded" and found.x is not None and found.ray is not None:
        sound = canonical.feasible(found.x) and improving(canonical, found.ray)
    if not sound:
        raise Unsolved("exact pivoting ended in a verdict that its own check refuses")
    return found


def improving(canonical: Form, ray: Rationals) -> bool:
    """Whether a direction keeps every row and bound, and lowers the cost."""
    moves = canonical.activity(ray).numerator
    rows = (np.sign(moves) * canonical.senses >= 0) & ((canonical.senses != 0) | (moves == 0))
    low, high = ray.numerator >= 0, ray.numerator <= 0
    columns = (low | ~canonical.has_lower) & (high | ~canonical.has_upper)
    return bool(np.all(rows) and np.all(columns)) and canonical.objective(ray) < 0


# -- infeasible -----------------------------------------------------------------------------------
def _refuted(canonical: Form, deadline: Deadline, say: Progress, weights: Rationals | None) -> Decided | None:
    """Multipliers of least 1-norm: among those of all rows where these are few, else among those of rows that refute together."""
    every = np.arange(canonical.num_rows)
    if len(canonical.matrix.data) <= READABLE:
        found = _combined(canonical, every, deadline.within(PATIENCE), say, weights)
        if found is not None:
            return found
    rows, any_will_do = refuting_rows(canonical, deadline.within(PATIENCE)), None
    if rows is None:
        nothing = Rationals.zeros((canonical.num_rows,))
        any_will_do = _combined(canonical, every, deadline, say, nothing)
        if any_will_do is None or any_will_do.y is None:
            return None
        rows = np.flatnonzero(any_will_do.y != 0)
    found = _combined(
        canonical, rows, deadline if any_will_do is None else deadline.within(PATIENCE), say, weights
    )
    return found or any_will_do or _combined(canonical, every, deadline, say, weights)


def _combined(
    canonical: Form, rows: npt.NDArray[np.intp], deadline: Deadline, say: Progress, weights: Rationals | None
) -> Decided | None:
    """Refuting multipliers of some rows."""
    if deadline.passed:
        return None
    part = canonical if len(rows) == canonical.num_rows else canonical.of_rows(rows)
    own = None if weights is None else weights[rows]
    try:
        found = _decide(alternative(part, own), deadline, say, None, refute=False)
    except (Unsolved, OutOfTime):
        return None
    if found.outcome != "optimal" or found.x is None:
        return None
    ups, downs = _sides(part)
    numerator = np.zeros(canonical.num_rows, dtype=found.x.numerator.dtype)
    numerator[rows[ups]] = found.x.numerator[: len(ups)]
    numerator[rows[downs]] -= found.x.numerator[len(ups) : len(ups) + len(downs)]
    y = Rationals(numerator, found.x.denominator)
    shortfall = canonical.shortfall(y)
    if shortfall is None or shortfall <= 0:
        return None
    kind = (
        "multipliers" if weights is not None and not np.any(weights != 0) else "multipliers of least 1-norm"
    )
    return Decided("infeasible", y=y, method=f"{kind}: {found.method}")


def _sides(canonical: Form) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows whose multiplier may be positive, and rows whose multiplier may be negative."""
    return np.flatnonzero(canonical.senses >= 0), np.flatnonzero(canonical.senses <= 0)


def alternative(canonical: Form, weights: Rationals | None = None) -> Form:
    """Farkas' alternative of a form: refuting multipliers of least weighted 1-norm.

    Columns: the positive and negative parts of the multipliers, then those of finite column bounds (upper,
    lower).  Rows: the combination vanishes column by column, and falls short by one.
    """
    m, n = canonical.matrix.shape
    ups, downs = _sides(canonical)
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


# -- unbounded ------------------------------------------------------------------------------------
def _unbounded(
    canonical: Form, deadline: Deadline, say: Progress, weights: Rationals | None
) -> Decided | None:
    say("a feasible point")
    point = _decide(canonical.with_costs(Rationals.zeros((canonical.num_columns,))), deadline, say, weights)
    if point.outcome != "optimal":
        return point if point.outcome == "infeasible" else None
    say("a ray")
    ray = _decide(recession(canonical), deadline, say, None, refute=False)
    if ray.x is None or not improving(canonical, ray.x):
        return None
    return Decided("unbounded", point.x, ray=ray.x, method=f"a point and a ray: {ray.method}")


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


# -- integer columns ------------------------------------------------------------------------------
def _integers(program: Program, canonical: Form, relaxed: Solution, deadline: Deadline) -> Solution:
    """Fix the integers that branch and bound proposes, certify the rest; the relaxation bounds."""
    whole = program.integrality
    proposal = propose(canonical, time_limit=deadline, integrality=whole)
    undecided = replace(relaxed, status="undecided", value=None, primal=None, dual=None, reduced=None)
    if len(proposal.primal) != canonical.num_columns:
        return undecided
    picked = np.rint(proposal.primal).astype(np.int64)
    fixed = Rationals(np.where(whole, picked, 0))
    narrowed = replace(
        canonical,
        lower=_choose(whole, fixed, canonical.lower),
        upper=_choose(whole, fixed, canonical.upper),
        has_lower=canonical.has_lower | whole,
        has_upper=canonical.has_upper | whole,
    )
    within = (~canonical.has_lower | (fixed >= canonical.lower)) & (
        ~canonical.has_upper | (fixed <= canonical.upper)
    )
    if not np.all(within | ~whole):
        return undecided
    try:
        found = _decide(narrowed, deadline, lambda phase: None, None)
    except (Unsolved, OutOfTime):
        return undecided
    if found.outcome != "optimal" or found.x is None:
        return undecided
    value = canonical.objective(found.x) * (-1 if program.maximize else 1) + program.constant
    status = "optimal" if value == relaxed.value else "undecided"
    if status == "optimal":
        return replace(relaxed, primal=found.x)
    return Solution("undecided", value, relaxed.value, found.x, method=found.method, timings=relaxed.timings)


def _choose(mask: npt.NDArray[np.bool_], yes: Rationals, no: Rationals) -> Rationals:
    common = math.lcm(yes.denominator, no.denominator)
    return Rationals(np.where(mask, yes.integers(common), no.integers(common)), common)


# -- uniqueness -----------------------------------------------------------------------------------
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
            found = _decide(directions, Deadline.of(time_limit), lambda phase: None, None)
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
