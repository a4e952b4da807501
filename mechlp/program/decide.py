"""A checked verdict on a form: floats propose a basis, rational arithmetic decides.

Roads, in order, until one ends in a checked verdict: the basis of an ordinary float solve; that of a solve
with tight tolerances, started from it; exact pivoting from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..exact.numbers import Rationals
from .alternatives import alternative, eased, improving, recession, sides
from .backend import propose
from .bound import refuting
from .exact import BasicSystem, Point, evaluate, spread, tidy
from .form import Form
from .highs import Basis, Proposal
from .kernel import Singular, Unsolved
from .pivot import OutOfTime, pivot
from .refuting import contradiction, local

Progress = Callable[[str], None]
#: The part of the time that floats may take: the rest is for exact arithmetic.
FLOATS = 0.9
#: Entries up to which a refutation is sought among all rows, and seconds for it: the shortest proofs are the best to read.
READABLE, PATIENCE = 15_000, 2.0
#: Seconds for rows that contradict each other, and for what must give way, at least; and multiples of those of the float solve.
CLASH, GIVING_WAY = (1.5, 0.5), (4.0, 6.0)


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


def decide(
    canonical: Form, deadline: Deadline, say: Progress, weights: Rationals | None, *, refute: bool = True
) -> Decided:
    """A checked verdict.  ``refute``: look for multipliers of small 1-norm when it seems infeasible."""
    return decide_from(proposed(canonical, deadline), canonical, deadline, say, weights, refute=refute)


def proposed(canonical: Form, deadline: Deadline, near: Basis | None = None) -> Proposal:
    """What floats propose, in their part of the time."""
    began = time.perf_counter()
    found = propose(canonical, start=near, time_limit=deadline.within(FLOATS * deadline.left))
    return replace(found, seconds=time.perf_counter() - began)


def decide_from(
    proposal: Proposal | None,
    canonical: Form,
    deadline: Deadline,
    say: Progress,
    weights: Rationals | None,
    *,
    refute: bool = True,
    readable: bool = True,
) -> Decided:
    """A checked verdict that begins from a proposal; raises ``Unsolved`` or ``OutOfTime``.

    ``readable``: where multipliers refute, those of least 1-norm, as far as they are found in a moment.
    """
    assert proposal is not None
    if proposal.outcome == "time limit":
        raise OutOfTime("the time ran out in the float solve")
    if proposal.outcome == "optimal":
        found = certified(canonical, proposal.basis, deadline, say, proposal.road)
        if found is not None:
            return found
    if refute and proposal.outcome in ("infeasible", "unclear"):
        say("multipliers")
        found = _refuted(canonical, deadline, say, weights, proposal, readable)
        if found is not None:
            return found
    if refute and proposal.outcome in ("unbounded", "unclear") and bool(np.any(canonical.costs != 0)):
        found = _unbounded(canonical, deadline, say, weights)
        if found is not None:
            return found
    say("tight tolerances")
    proposal = propose(canonical, start=proposal.basis, tight=True, time_limit=deadline)
    if proposal.outcome == "optimal":
        found = certified(canonical, proposal.basis, deadline, say, f"{proposal.road} at tight tolerances")
        if found is not None:
            return found
    say("exact pivoting")
    end = pivot(canonical, proposal.basis, deadline)
    return _checked(canonical, Decided(end.outcome, end.x, end.y, end.ray, "exact pivoting", end.basis))


def certified(
    canonical: Form, basis: Basis | None, deadline: Deadline, say: Progress, method: str
) -> Decided | None:
    """The optimum of a basis, where exact arithmetic finds it feasible and optimal."""
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


def _refuted(
    canonical: Form,
    deadline: Deadline,
    say: Progress,
    weights: Rationals | None,
    proposal: Proposal,
    readable: bool,
) -> Decided | None:
    """Multipliers that refute: of rows that contradict each other, near the ray of the proposal, or of what must give way; none
    is fast on every program, and the first and the last have time in proportion to that of the float solve, the first without
    end when all have had theirs.

    ``readable``: of least 1-norm, among those of all rows where these are few; what is near a ray weighs many rows.
    """
    every = np.arange(canonical.num_rows)
    if readable and len(canonical.matrix.data) <= READABLE:
        found = _combined(canonical, every, deadline.within(PATIENCE), say, weights)
        if found is not None:
            return found
    clash, way = (max(least, times * proposal.seconds) for least, times in (CLASH, GIVING_WAY))
    near = None if readable else _near(canonical, proposal, deadline, say)
    found = (
        near
        or _local(canonical, deadline, say, weights)
        or _clash(canonical, deadline.within(clash), deadline, say, weights)
        or (_near(canonical, proposal, deadline, say) if readable else None)
        or _eased(canonical, deadline.within(way), say)
        or _clash(canonical, deadline, deadline, say, weights)
        or _combined(canonical, every, deadline, say, Rationals.zeros((canonical.num_rows,)))
    )
    if found is None or found.y is None or not readable:
        return found
    rows = np.flatnonzero(found.y.numerator != 0)
    return _combined(canonical, rows, deadline.within(PATIENCE), say, weights) or found


def _clash(
    canonical: Form, until: Deadline, deadline: Deadline, say: Progress, weights: Rationals | None
) -> Decided | None:
    """Refuting multipliers of rows that contradict each other, found before ``until``."""
    found = None if until.passed else contradiction(canonical, until)
    if found is None:
        return None
    say("exact arithmetic")
    if (y := found.multipliers(deadline)) is not None:
        return Decided("infeasible", y=y, method="multipliers of rows that contradict each other")
    return _combined(canonical, found.rows, deadline, say, weights)


def _local(canonical: Form, deadline: Deadline, say: Progress, weights: Rationals | None) -> Decided | None:
    """Refuting multipliers of few rows that have nothing to do with the others."""
    rows = local(canonical, deadline)
    if rows is None:
        return None
    own = None if weights is None else weights[rows]
    found = _combined(canonical.alone(rows), np.arange(len(rows)), deadline, say, own)
    if found is None or found.y is None:
        return None
    return replace(found, y=spread(found.y.numerator, found.y.denominator, rows, canonical.num_rows))


def _near(canonical: Form, proposal: Proposal, deadline: Deadline, say: Progress) -> Decided | None:
    """Refuting multipliers near the ray of a proposal."""
    if not len(proposal.dual) or deadline.passed:
        return None
    say("exact arithmetic")
    y = refuting(canonical, proposal.dual, deadline)
    return (
        None
        if y is None
        else Decided("infeasible", y=y, method="multipliers near a ray of the interior point method")
    )


def _eased(canonical: Form, deadline: Deadline, say: Progress) -> Decided | None:
    """Refuting multipliers: those of the least amount by which every inequality must give way."""
    program = eased(canonical)
    found = propose(program, time_limit=deadline)
    for tight in (False, True):
        if tight:
            found = propose(program, start=found.basis, tight=True, time_limit=deadline)
        if found.outcome != "optimal" or found.basis is None:
            return None
        say("exact arithmetic")
        try:
            y = BasicSystem(program, tidy(program, found.basis), deadline).dual()
        except (Singular, Unsolved):
            return None
        shortfall = canonical.shortfall(y)
        if shortfall is not None and shortfall > 0:
            return Decided("infeasible", y=y, method=f"multipliers of what must give way: {found.road}")
    return None


def _combined(
    canonical: Form, rows: npt.NDArray[np.intp], deadline: Deadline, say: Progress, weights: Rationals | None
) -> Decided | None:
    """Refuting multipliers of some rows."""
    if deadline.passed:
        return None
    part = canonical if len(rows) == canonical.num_rows else canonical.of_rows(rows)
    own = None if weights is None else weights[rows]
    try:
        found = decide(alternative(part, own), deadline, say, None, refute=False)
    except (Unsolved, OutOfTime):
        return None
    if found.outcome != "optimal" or found.x is None:
        return None
    ups, downs = sides(part)
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


def _unbounded(
    canonical: Form, deadline: Deadline, say: Progress, weights: Rationals | None
) -> Decided | None:
    say("a feasible point")
    point = decide(canonical.with_costs(Rationals.zeros((canonical.num_columns,))), deadline, say, weights)
    if point.outcome != "optimal":
        return point if point.outcome == "infeasible" else None
    say("a ray")
    ray = decide(recession(canonical), deadline, say, None, refute=False)
    if ray.x is None or not improving(canonical, ray.x):
        return None
    return Decided("unbounded", point.x, ray=ray.x, method=f"a point and a ray: {ray.method}")
