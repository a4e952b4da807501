"""Conditions on functions of one parameter that are known by their values at points and by their degrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..exact.algebraic import Algebraic
from ..exact.quotients import Points, Quotient, through
from .invalid import InvalidCertificate


@dataclass(frozen=True)
class Condition:
    """A function that is to be positive (not negative, unless ``strict``) between two points."""

    function: Quotient
    strict: bool = False

    def holds(self, low: Algebraic, high: Algebraic) -> bool:
        return self.function.positive(low, high, strict=self.strict)


def no_better(most: Quotient, value: Quotient, *, maximize: bool) -> Condition:
    """That a bound is no better than a value."""
    lead, below = value.top * most.bottom - most.top * value.bottom, value.bottom * most.bottom
    return Condition(Quotient(lead if maximize else -lead, below))


def function_of(points: Points, values: Sequence[Fraction], top: int, bottom: int) -> Quotient:
    """The function of degrees at most so large that has values at points.  Raises InvalidCertificate where there is none."""
    if len(set(values)) == 1:  # nothing is slower than what most functions need not
        points, top, bottom = points[:1], 0, 0
    found = through(points, values[: len(points)], top, bottom)
    if found is None:
        raise InvalidCertificate("a function of another degree than the problem says")
    return found


__all__ = ["Condition", "function_of", "no_better"]
