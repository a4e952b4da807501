"""What one exact solution proves on an interval of a parameter around its point: the step of thresholds, values and sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..deadline import Deadline
from ..exact.algebraic import Algebraic, between
from ..proof.curve import Arc
from ..proof.family import Family
from ..proof.intervals import Interval
from ..proof.invalid import InvalidCertificate
from ..proof.stretch import Stretch
from ..solving.cases_along import proved_around
from ..solving.functions import Found, settled

#: Where in an interval a solution is sought, one place after the other.
PLACES = (Fraction(29, 61), Fraction(37, 61), Fraction(17, 61))


def arc(family: Family, low: Algebraic, high: Algebraic, deadline: Deadline) -> Arc | None:
    """An interval between two values on which the optimum, or that there is none, is proved; it has been checked.  None where
    none is found."""
    for found in _found(family, low, high, deadline, wanted=True):
        own = Arc(found.low, found.high, found.mechanism, found.multipliers, found.cases, found.missed)
        try:
            own.check(family)
        except InvalidCertificate:
            continue
        return own
    return None


def interval(family: Family, low: Algebraic, high: Algebraic, deadline: Deadline) -> Interval | None:
    """An interval between two values on which existence is decided; None where none is found."""
    found = next(_found(family, low, high, deadline, wanted=False), None)
    if found is None:
        return None
    return Interval(found.low, found.high, found.mechanism, found.multipliers, found.cases)


def _found(
    family: Family, low: Algebraic, high: Algebraic, deadline: Deadline, *, wanted: bool
) -> Iterator[Found]:
    for place in PLACES:
        if deadline.passed:
            return
        point = between(low, high, place)
        if not family.asked_at((point, Fraction(0))):
            continue
        allowed = family.at((point, Fraction(0))).allowed
        ends = family.around(point, low, high)
        stretch = None if ends is None else settled(Stretch(family, *ends, allowed), point)
        found = None if stretch is None else proved_around(stretch, point, deadline, wanted=wanted)
        if found is not None:
            yield found


__all__ = ["arc", "interval"]
