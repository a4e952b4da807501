"""Finds the critical values of a parameter (:mod:`mechlp.proof.threshold` says what proves them).

At a point of what is still open an exact solution gives a mechanism or multipliers as functions of the parameter, and these
hold on an interval around it; what is left on either side is open.  There are finitely many bases, each with finitely many
intervals, so the range is filled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any

from ..deadline import Deadline
from ..exact.algebraic import Algebraic, between
from ..proof.family import Family, InvalidFamily
from ..proof.intervals import Cut, Interval
from ..proof.stretch import Stretch
from ..proof.threshold import Line, Threshold, along, held_at
from ..solving.cases_along import proved_around
from ..solving.functions import settled
from .arcs import interval
from .regions import document, noted, ranges

#: Intervals of a line.
MOST_INTERVALS = 200
#: Lines along which two parameters are asked about, unless it is said.
LINES = 9
#: How much larger than in the middle transfers may have to be near a point.
TIMES = (2, 32)
Say = Callable[[str], None]


def threshold(
    question: Any,
    over: Any,
    *,
    lines: int = LINES,
    intervals: int = MOST_INTERVALS,
    time_limit: float | None = None,
    progress: Say | None = None,
) -> Threshold:
    """The exact values of a parameter at which existence of a mechanism changes.

    Parameters
    ----------
    question : a :class:`~mechlp.files.Reading`, or a design that was read from a file.
    over : ``{"B": (0, 10)}``, or ``"B=0:10"``; of two parameters, thresholds in the second at values of the first.
    lines : the number of values of the first of two parameters.
    intervals : the most intervals of a line; what is left is undecided.
    time_limit : seconds in all.

    Raises
    ------
    InvalidFamily, NoFamily
        No such parameter, or a dependence that is not covered.
    """
    asked, own = ranges(over), document(question)
    if not asked:
        raise InvalidFamily("one parameter or two are needed: --over NAME=FROM:TO, once or twice")
    deadline, say, found = Deadline.of(time_limit), progress or (lambda said: None), []
    places = held_at(asked, lines)
    families = [along(own, asked[-1], held) for held in places]
    for k, (held, family) in enumerate(zip(places, families, strict=True)):
        say(f"line {k + 1} of {len(families)}" if held else asked[-1].name)
        found.append(_Walk(family, intervals, deadline, say).line(held))
    return noted(Threshold(own, asked, families[0].title, tuple(found)), deadline)


class _Walk:
    """One line, interval after interval."""

    def __init__(self, family: Family, most: int, deadline: Deadline, say: Say) -> None:
        self.family, self.most, self.deadline, self.say = family, most, deadline, say

    def line(self, held: tuple[tuple[str, Fraction], ...]) -> Line:
        (one,) = self.family.over
        intervals = sorted(
            self._intervals(Algebraic.of(one.low), Algebraic.of(one.high)), key=lambda i: i.low
        )
        cuts = [Cut(i.low) for i in intervals] + [Cut(intervals[-1].high)]
        return Line(
            self.family,
            held,
            tuple(self._own(k, cuts, intervals) for k in range(len(cuts))),
            tuple(intervals),
        )

    def _intervals(self, low: Algebraic, high: Algebraic) -> list[Interval]:
        found: list[Interval] = []
        waiting = [(low, high)]
        while waiting:
            low, high = waiting.pop()
            self.say(f"{len(found)} intervals, {len(waiting) + 1} open")
            one = interval(self.family, low, high, self.deadline) if len(found) < self.most else None
            found.append(one or Interval(low, high))
            if one is not None:
                waiting += [(a, b) for a, b in ((low, one.low), (one.high, high)) if a < b]
        return found

    def _own(self, k: int, cuts: list[Cut], intervals: list[Interval]) -> Cut:
        """A cut, with a proof of its own where neither side reaches it."""
        cut, sides = cuts[k], intervals[max(k - 1, 0) : k + 1]
        point = cut.at.rational
        known = point is not None and not self.family.asked_at((point, Fraction(0)))
        if self.deadline.passed or known or any(s.reaches(self.family, cut.at) for s in sides):
            return cut
        if point is None:
            return Cut(cut.at, around=self._around(cut.at, sides))
        found = self.family.at((point, Fraction(0))).solve(
            time_limit=self.deadline, relax=False, fewest=False
        )
        if not found.certified or found.exists is None:
            return cut
        return Cut(cut.at, found.rules) if found.exists else Cut(cut.at, (), found.proof)

    def _around(self, at: Algebraic, sides: list[Interval]) -> Interval | None:
        """Something that holds on both sides of an irrational point, with what may be used at the point."""
        low, high = sides[0].low, sides[1].high
        if not self.family.goes_through(at):
            return None
        stretch = Stretch(self.family, low, high, sides[0].stretch(self.family).allowed_at(at))
        points = (between(at, high, Fraction(1, 64)), between(low, at, Fraction(63, 64)))
        for limit, point in product((None, *self._limits(sides)), points):
            own = None if self.deadline.passed else settled(stretch, point, ruled=False)
            if own is None or not own.low < at < own.high:
                continue
            found = proved_around(own, point, self.deadline, limit=limit)
            if found is not None and found.cases is None and found.low < at < found.high:
                return Interval(found.low, found.high, found.mechanism, found.multipliers)
        return None

    def _limits(self, sides: list[Interval]) -> Iterator[Fraction]:
        """Sizes of transfers that may suffice where those found grow without end: some times those in the middle of a side."""
        sizes = []
        for side in sides:
            if side.mechanism is not None:
                stretch = side.stretch(self.family)
                found = side.mechanism.at(stretch.middle, stretch.inner)
                sizes += [abs(rule.transfers).max() for rule in found]
        if sizes:
            yield from (Fraction(math.ceil(max(sizes) + 1) * times) for times in TIMES)


__all__ = ["LINES", "MOST_INTERVALS", "threshold"]
