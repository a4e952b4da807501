"""Where along one parameter a mechanism exists: exact critical values, and what proves each side of them on a whole interval.

A range is cut at finitely many real algebraic numbers.  Each open interval between two of them is served by a mechanism, or
refuted by multipliers, that are rational functions of the parameter (:mod:`mechlp.proof.stretch`).  What holds at a cut
follows from what these functions are there, or, at a rational one, from a mechanism or a proof of its own.  Of two parameters
the first is held at so many values.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from ..exact.algebraic import Algebraic
from ..exact.numbers import rational, text
from ..exact.saved import checksum
from ..question.design import InvalidDesign
from ..shown import Drawn
from .family import Family, InvalidFamily, Range
from .intervals import Cut, Interval
from .invalid import InvalidCertificate, unreadable
from .stages import Stage, joined

FORMAT = "mechlp threshold 1"
#: Lines along which two parameters are asked about, at most.
MAX_LINES = 200


@dataclass(frozen=True)
class Line:
    """The range of one parameter, others held (``held`` says at what): ``cuts`` and the intervals between them."""

    family: Family
    held: tuple[tuple[str, Fraction], ...]
    cuts: tuple[Cut, ...]
    intervals: tuple[Interval, ...]

    @cached_property
    def verdicts(self) -> tuple[str, ...]:
        """At each cut: its own, or that of a side that reaches it; where the file is no problem, that of the side before."""
        found = []
        for k, cut in enumerate(self.cuts):
            sides = self.intervals[max(k - 1, 0) : k + 1]
            own = cut.check(self.family, sides[0])
            if cut.at.rational is not None and not self.family.asked_at((cut.at.rational, Fraction(0))):
                found.append(sides[0].status)
                continue
            found.append(
                own or next((s.status for s in sides if s.reaches(self.family, cut.at)), "undecided")
            )
        return tuple(found)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The range by verdicts, as few as there are."""
        parts = []
        for k, (cut, said) in enumerate(zip(self.cuts, self.verdicts, strict=True)):
            parts.append(Stage(cut.at, cut.at, (True, True), said))
            if k < len(self.intervals):
                own = self.intervals[k]
                parts.append(Stage(own.low, own.high, (False, False), own.status))
        return joined(parts)

    @property
    def thresholds(self) -> list[Algebraic]:
        """Where existence changes, in order."""
        return [later.low for later in self.stages[1:] if later.status != "undecided"]

    def check(self) -> str:
        """What holds, in words.  Raises InvalidCertificate."""
        (one,) = self.family.over
        ends = (Algebraic.of(one.low), Algebraic.of(one.high))
        places = [cut.at for cut in self.cuts]
        if len(places) < 2 or (places[0], places[-1]) != ends or sorted(set(places)) != places:
            raise InvalidCertificate("the cuts do not go through the range in order")
        between_them = list(itertools.pairwise(places))
        if [(i.low, i.high) for i in self.intervals] != between_them:
            raise InvalidCertificate("the intervals do not fill the range")
        for interval in self.intervals:
            interval.check(self.family)
        count = len(self.intervals)
        held = "".join(f"{name} = {text(value)}: " for name, value in self.held)
        return f"{held}{count} interval{'s' if count > 1 else ''} of {one.name} and the points between them"

    def to_json(self) -> dict[str, Any]:
        return {
            "held": {name: text(value) for name, value in self.held},
            "thresholds": [end.to_json() for end in self.thresholds],
            "verdicts": [stage.to_json() for stage in self.stages],
            "cuts": [cut.to_json(self.family) for cut in self.cuts],
            "intervals": [interval.to_json(self.family) for interval in self.intervals],
        }


@dataclass(frozen=True, repr=False)
class Threshold(Drawn):
    """Where a mechanism exists along one parameter, with proofs; of two, the second one's at so many values of the first.

    It speaks of every point at which the file is a problem.  :attr:`thresholds` are the critical values; :meth:`holds` gives the
    verdict at a point.
    """

    document: Mapping[str, Any]
    over: tuple[Range, ...]
    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the parameter whose thresholds are asked for."""
        return self.over[-1].name

    @property
    def thresholds(self) -> list[Algebraic]:
        """The critical values in order, where one parameter is asked about."""
        if len(self.over) > 1:
            raise ValueError("two parameters: each of the lines has thresholds of its own")
        return self.lines[0].thresholds

    @property
    def exact(self) -> bool:
        """Whether every point of every line is decided."""
        return all(stage.status != "undecided" for line in self.lines for stage in line.stages)

    @property
    def status(self) -> str:
        """``feasible`` at some point, ``infeasible`` everywhere, or ``undecided`` where something is open."""
        found = {stage.status for line in self.lines for stage in line.stages}
        return "undecided" if "undecided" in found else "feasible" if "possible" in found else "infeasible"

    def holds(self, **point: Any) -> bool | None:
        """The verdict at a point of a line, ``threshold.holds(B=1)``; None where it is open.

        Raises
        ------
        ValueError
            Another parameter, or a point that is on no line.
        """
        names = [r.name for r in self.over]
        if set(point) != set(names):
            raise ValueError(f"values of {' and '.join(names)} are expected")
        at, held = Algebraic.of(rational(point[self.name])), rational(point[names[0]])
        line = next((ln for ln in self.lines if len(names) == 1 or ln.held[0][1] == held), None)
        stage = None if line is None else next((s for s in line.stages if s.holds(at)), None)
        if stage is None:
            raise ValueError("a point of one of the lines is expected")
        return {"possible": True, "impossible": False}.get(stage.status)

    def check(self) -> Iterator[str]:
        """Each claim that holds, in words.  Raises InvalidCertificate at the first that does not."""
        for line in self.lines:
            yield line.check()

    def to_json(self) -> dict[str, Any]:
        """The verdicts, with everything that proves them: exact strings, the problem embedded, a checksum."""
        body = {
            "format": FORMAT,
            "status": self.status,
            "title": self.title,
            "over": {r.name: [text(r.low), text(r.high)] for r in self.over},
            "lines": [line.to_json() for line in self.lines],
            **({"notes": list(self.notes)} if self.notes else {}),
            "problem": dict(self.document),
        }
        return {**body, "sha256": checksum(body)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Threshold:
        """Read :meth:`to_json` back; :meth:`check` says whether it holds.  Raises InvalidCertificate, InvalidDesign."""
        try:
            over = tuple(Range(str(n), rational(a), rational(b)) for n, (a, b) in data["over"].items())
            places = held_at(over, len(data["lines"]))
            lines = [
                _line_from_json(data["problem"], over[-1], held, line)
                for held, line in zip(places, data["lines"], strict=True)
            ]
            notes = tuple(map(str, data.get("notes", ())))
            return cls(data["problem"], over, str(data["title"]), tuple(lines), notes)
        except (InvalidCertificate, InvalidDesign):
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise unreadable("thresholds", error) from None

    def __repr__(self) -> str:
        lines = f"{len(self.lines)} line{'s' if len(self.lines) > 1 else ''}"
        return f"<Threshold of {self.title!r} in {self.name}: {self.status}, {lines}>"


def held_at(over: tuple[Range, ...], lines: int) -> list[tuple[tuple[str, Fraction], ...]]:
    """What is held along each line: nothing, or the first of two parameters at evenly spaced values.

    Raises
    ------
    InvalidFamily
    """
    if len(over) == 1:
        return [()]
    if len(over) != 2 or over[0].name == over[1].name:
        raise InvalidFamily("one parameter or two are needed: --over NAME=FROM:TO, once or twice")
    if not 2 <= lines <= MAX_LINES:
        raise InvalidFamily(f"{lines} lines: 2 to {MAX_LINES} are possible")
    first = over[0]
    step = (first.high - first.low) / (lines - 1)
    return [((first.name, first.low + k * step),) for k in range(lines)]


def along(document: Mapping[str, Any], one: Range, held: tuple[tuple[str, Fraction], ...]) -> Family:
    """The family of one parameter, others held.  Raises InvalidFamily, NoFamily."""
    parameters = dict(document.get("parameters") or {})
    for name, value in held:
        if name not in parameters:
            raise InvalidFamily(f"no parameter is named {name!r}; known: {', '.join(parameters) or 'none'}")
        parameters[name] = text(value)
    family = Family({**document, "parameters": parameters}, (one,), quotients=True)
    design, _ = (family.at(end) for end in family.corners)  # the file is a problem at both
    unlike = (
        (design.worst_state and family.degrees[2] > 0, "beliefs of maxmin types that depend on the parameter"),
        (design.deterministic and design.ambiguous, "several rules, each with a deterministic allocation"),
    )
    for found, what in unlike:
        if found:
            raise InvalidFamily(
                f"{what}: thresholds are found where requirements are linear once choices among finitely many are made; `mechlp "
                "region` and `mechlp map` ask about more"
            )
    return family


def _line_from_json(
    document: Mapping[str, Any], one: Range, held: tuple[tuple[str, Fraction], ...], data: Mapping[str, Any]
) -> Line:
    family = along(document, one, held)
    cuts = tuple(Cut.from_json(family, cut) for cut in data["cuts"])
    ends = [cut.at for cut in cuts]
    both = zip(ends, ends[1:], data["intervals"], strict=False)
    if sorted(set(ends)) != ends:
        raise InvalidCertificate("the cuts do not go through the range in order")
    intervals = tuple(Interval.from_json(family, low, high, own) for low, high, own in both)
    return Line(family, held, cuts, intervals)


__all__ = ["FORMAT", "Line", "Threshold", "along", "held_at"]
