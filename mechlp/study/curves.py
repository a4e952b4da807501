"""Finds the optimal value as rational functions of one parameter (:mod:`mechlp.proof.curve` says what proves it).

At a point of what is still open an exact optimum gives a mechanism and multipliers as functions of the parameter, which hold on
an interval around it; what is left on either side is open.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..deadline import Deadline
from ..exact.algebraic import Algebraic
from ..proof.cases import Case
from ..proof.curve import Arc, Spot, ValueCurve
from ..proof.family import Family, InvalidFamily
from ..solving.giving_way import least as least_giving_way
from ..solving.least_by_cases import least_by_cases, searched
from .arcs import arc

Say = Callable[[str], None]


def value_curve(family: Family, title: str, pieces: int, deadline: Deadline, progress: Say) -> ValueCurve:
    """The value of a family of one parameter, or the least that must give way, in at most so many intervals; of none, the number.

    Raises
    ------
    InvalidFamily
        An objective without an optimum.
    """
    ends = tuple(Algebraic.of(x) for x, _ in family.corners)
    if len(ends) == 1:
        return ValueCurve(family, title, (_spot(family, ends[0], deadline),), ())
    arcs: list[Arc] = []
    waiting = [(ends[0], ends[1])]
    while waiting:
        low, high = waiting.pop()
        progress(f"{len(arcs)} intervals, {len(waiting) + 1} open")
        found = arc(family, low, high, deadline) if len(arcs) < pieces else None
        arcs.append(found or Arc(low, high))
        if found is not None:
            waiting += [(a, b) for a, b in ((low, found.low), (found.high, high)) if a < b]
    arcs.sort(key=lambda arc: arc.low)
    spots = [arc.low for arc in arcs] + [arcs[-1].high]
    return ValueCurve(family, title, tuple(_spot(family, at, deadline) for at in spots), tuple(arcs))


def _spot(family: Family, at: Algebraic, deadline: Deadline) -> Spot:
    """A cut with an optimum or a refutation of its own, where it is rational."""
    point = at.rational
    if point is None or deadline.passed or not family.asked_at((point, Fraction(0))):
        return Spot(at)
    design = family.at((point, Fraction(0)))
    if family.gives:
        find = least_by_cases if searched(design) else least_giving_way
        least = find(design, family.gives, deadline)
        proof = None if least is None else least.cases if least.proof is None else Case(least.proof)
        return Spot(at) if least is None else Spot(at, least.amount, least.rules, proof)
    found = design.solve(time_limit=deadline, relax=False, fewest=False, nice=False)
    if found.status == "unbounded":
        where = f"at {family.place((point, Fraction(0)))} " if family.over else ""
        raise InvalidFamily(f"{where}the objective is unbounded: there is no value")
    if not found.certified or found.status not in ("optimal", "infeasible"):
        return Spot(at)
    if found.status == "infeasible":
        return Spot(at, None, (), found.proof)
    return Spot(at, found.value, found.rules, found.proof, found.worst_case)


__all__ = ["value_curve"]
