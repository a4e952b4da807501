"""Cells of a row between whose ends mechanisms and multipliers are functions of the parameter (:mod:`mechlp.study.arcs`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..deadline import Deadline
from ..exact.algebraic import Algebraic
from ..exact.quotients import Quotient
from ..proof.curve import Arc
from ..proof.family import Family, InvalidFamily, NoFamily, Range, valued
from ..proof.invalid import InvalidCertificate
from ..proof.threshold import along
from ..question.design import Design
from .arcs import arc, interval

#: Of an objective whose expectation is under one prior.
VALUES = ("revenue", "surplus", "weighted-interim", "linear")


@dataclass(frozen=True)
class Curve:
    """A question between two values of a parameter; ``sound``: the file is a problem all the way."""

    family: Family
    sound: bool
    time_limit: float | None

    @classmethod
    def of(
        cls, document: Mapping[str, Any], over: Range, design: Design, sound: bool, time_limit: float | None
    ) -> Curve | None:
        """None where nothing is proved between cells."""
        kind = design.wants.kind
        chosen = design.deterministic and design.lottery is None
        if chosen or kind not in (*VALUES, "feasibility"):
            return None
        try:
            family = along(document, over, ()) if kind == "feasibility" else valued(document, (over,))
        except (InvalidFamily, NoFamily):
            return None
        return cls(family, sound, time_limit)

    def around(self, low: Algebraic, high: Algebraic) -> Within | None:
        """An open interval between two values; None where none is found."""
        deadline = Deadline.of(self.time_limit)
        try:
            found = (arc if self.family.wanted else interval)(self.family, low, high, deadline)
            if found is None:
                return None
            if not self.family.wanted:
                found.check(self.family)
            value = found.value(self.family) if isinstance(found, Arc) else None
        except (InvalidCertificate, InvalidFamily):
            return None
        status = {"impossible": "infeasible", "possible": "feasible"}.get(found.status, found.status)
        return Within(self, found.low, found.high, status, value)


@dataclass(frozen=True)
class Within:
    """An open interval on which a status is proved, and a value as a function."""

    curve: Curve
    low: Algebraic
    high: Algebraic
    status: str
    value: Quotient | None

    def known(self, place: Fraction) -> tuple[str, Fraction | None] | None:
        """The status and the value at a place; None where the file is no problem there."""
        curve = self.curve
        if not curve.sound and not curve.family.asked_at((place, Fraction(0))):
            return None
        return self.status, None if self.value is None else self.value(place)


__all__ = ["Curve", "Within"]
