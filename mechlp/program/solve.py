"""Exact verdicts on linear programs, in the units and the conventions in which a program is written."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals, concatenate
from .decide import Decided, Progress, certified, decide_from, proposed
from .form import Form, form
from .highs import Basis, Proposal
from .kernel import Unsolved
from .model import Program
from .pivot import OutOfTime
from .solution import Solution
from .units import Units

#: The part of the time limit, and the seconds, that a rigorous bound may take beyond it.
OVER, GRACE = 0.1, 0.5
#: Bits of the denominator of a vertex that is kept where any feasible point will do.
MAX_BITS = 128


def solve(
    program: Program,
    *,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
    start: Basis | None = None,
    near: Basis | None = None,
    readable: bool = True,
    alone: bool = False,
) -> Solution:
    """Decide a program exactly (see :class:`~mechlp.program.solution.Solution` for the conventions).

    With integer columns: a float branch and bound proposes the integers, the linear program that remains is
    certified, and ``bound`` is the exact value of the relaxation; ``optimal`` only where the two meet.

    Parameters
    ----------
    time_limit : seconds, or a deadline; then ``undecided``, with what bound can soon be made of the float multipliers.
    progress : called with the name of each phase.
    start : a basis to try before any other; ``alone``: and none but it, so that the answer is ``optimal`` or ``undecided``.
    near : where the float solver begins, a basis that may be neither square nor feasible.
    readable : where multipliers refute, those of least 1-norm, as far as they are found in a moment.
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
        found = certified(canonical, start, deadline, say, "given basis") if start is not None else None
        if found is None and alone:
            raise Unsolved("the given basis is not optimal")
        proposal = None if found is not None else proposed(canonical, deadline, near)
        if found is None:
            refuting = proposal is not None and proposal.outcome != "optimal"
            weights = _named_weights(program) if refuting else None
            weights = weights * units.rows if weights is not None and units is not None else weights
            found = decide_from(proposal, canonical, deadline, say, weights, readable=readable)
        # No longer than it took to come here, and a few seconds.
        found = _simpler(canonical, found, deadline.within(time.perf_counter() - began + 5), say)
    except (Unsolved, OutOfTime) as error:
        found = Decided("undecided", method=str(error))
        if proposal is not None:
            say("a rigorous bound")
            from .bound import reach, shifted

            y = shifted(canonical, proposal.dual, latest)
            found = replace(found, y=y, bound=None if y is None else reach(canonical, y))
    timings = {"assembly": assembled - began, "solve and certify": time.perf_counter() - assembled}
    solution = _translated(program, written, found if units is None else in_own_units(found, units), timings)
    if program.integrality.any() and solution.status == "optimal":
        from .integers import with_integers

        return with_integers(program, written, solution, deadline)
    return solution


def in_own_units(found: Decided, units: Units) -> Decided:
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
    from .interior import simple_point

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
            found.basis,
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
