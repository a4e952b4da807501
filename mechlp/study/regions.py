"""Finds the region of parameters where a mechanism exists (:mod:`mechlp.proof.region` says what proves it).

A polygon is approximated from outside: its corners are solved; where no mechanism exists the multipliers cut off a half-plane,
and when every corner has a mechanism the polygon is the region.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..exact.planar import Vector, cut, dimension, middle
from ..files import Reading, document_of, read_document
from ..mechanism.mechanism import Mechanism
from ..proof.faces import Face, Mask, faces
from ..proof.family import Family, InvalidFamily, Range, fixed
from ..proof.multipliers import Multipliers
from ..proof.pieces import Piece, masks, measure, refuted
from ..proof.region import Line, Part, Region, covered, kept, line, lottery
from ..question.design import Design, InvalidDesign

#: Pieces of a face whose border is not known to be straight.
MOST_PIECES = 200
#: Rules that served other pieces and are tried first.
KEPT = 3
Say = Callable[[str], None]


class Open(Exception):
    """A point that was not decided in time."""


def ranges(given: Any) -> tuple[Range, ...]:
    """Ranges from ``{"a": (0, 2)}``, or from texts such as ``"a=0:2"``.  Raises InvalidFamily."""
    if isinstance(given, str):
        given = [given]
    if isinstance(given, dict):
        given = [f"{name}={low}:{high}" for name, (low, high) in given.items()]
    return tuple(r if isinstance(r, Range) else Range.parse(str(r)) for r in given)


def document(question: Any) -> dict[str, Any]:
    """The problem file of a reading or of a design that was read; of another design, what a file would say."""
    if isinstance(question, Reading):
        return question.document
    if not isinstance(question, Design):
        raise InvalidFamily("a region is asked of a problem file, or of a design that was read from one")
    written = question.document
    return dict(written) if written is not None else read_document(document_of(question)).document


def region(
    question: Any,
    over: Any,
    *,
    pieces: int = MOST_PIECES,
    time_limit: float | None = None,
    progress: Say | None = None,
) -> Region:
    """The exact region of one or two parameters where a mechanism exists.

    Parameters
    ----------
    question : a :class:`~mechlp.files.Reading`, or a design that was read from a file.
    over : ``{"a": (0, 2), "B": (0, 2)}``, or ``["a=0:2", "B=0:2"]``.
    pieces : the most pieces of a face whose border is not known to be straight; what is left is undecided.
    time_limit : seconds in all.

    Raises
    ------
    InvalidFamily, NoFamily
        No such parameter, or a dependence that is not covered.
    """
    family = Family(document(question), ranges(over))
    search = Search(family, pieces, Deadline.of(time_limit), progress or (lambda said: None))
    found = faces(family)
    parts: list[Part] = []
    for face in found:
        search.progress(f"{len(parts)} of {len(found)} parts")
        parts.append(search.part(face, parts))
    return Region(family, family.at(family.corners[0]).environment.title or "untitled", tuple(parts))


@dataclass
class Search:
    """Parts of a family, face by face, in at most so many pieces each."""

    family: Family
    most: int
    deadline: Deadline
    progress: Say
    rules: list[Rationals] = field(default_factory=list)

    def answer(self, design: Design) -> Any:
        """A certified answer.  Raises Open when time is out."""
        if self.deadline.passed:
            raise Open
        found = design.solve(time_limit=self.deadline, relax=False, fewest=False)
        if not found.certified or found.exists is None:
            raise Open
        return found

    def part(self, face: Face, before: Sequence[Part]) -> Part:
        rule = lottery(self.family, face)
        if rule is None:
            return Part(face, pieces=() if covered(self.family, face, before) else tuple(self.pieces(face)))
        try:
            cuts, lines, left, mechanisms = self.polygon(face.corners, rule)
        except Open:
            return Part(face, pieces=(Piece(face.corners),))
        return Part(face, tuple(cuts), tuple(lines), tuple(left), tuple(mechanisms))

    def polygon(
        self, polygon: Sequence[Vector], rule: Rationals
    ) -> tuple[list[Multipliers], list[Line], list[Vector], list[Mechanism]]:
        """Cuts, the lines that they are, the corners that they leave, and a mechanism at each, for one lottery rule."""
        cuts: list[tuple[Multipliers, Line]] = []
        known: dict[Vector, Mechanism] = {}
        left = list(polygon)
        while (corner := next((p for p in left if p not in known), None)) is not None:
            found = self.answer(fixed(self.family.at(corner), rule))
            if found.exists:
                known[corner] = found.rules[0]
                continue
            cuts.append(
                _whole(found.proof.multipliers, line(self.family, polygon, rule, found.proof.multipliers))
            )
            smaller = kept(polygon, [at for _, at in cuts])
            assert corner not in smaller, "a proof that does not refute what it was found for"
            left = smaller
        for one in list(cuts):  # the first cuts may be implied by later ones
            rest = [c for c in cuts if c is not one]
            if set(kept(polygon, [at for _, at in rest])) == set(left):
                cuts = rest
        left = kept(polygon, [at for _, at in cuts])
        return [y for y, _ in cuts], [at for _, at in cuts], left, [known[p] for p in left]

    # -- pieces ---------------------------------------------------------------------------------
    def pieces(self, face: Face) -> Iterator[Piece]:
        """A face in pieces: largest first, until all are decided or there are too many."""
        waiting = deque(self._first(face))
        count = 0
        while waiting:
            polygon = waiting.popleft()
            self.progress(f"{count} pieces, {len(waiting) + 1} open")
            try:
                done, rest = self._piece(face, polygon) if count < self.most else (None, [])
            except (Open, InvalidDesign):
                done, rest = None, []
            if done is None and not rest:
                yield Piece(tuple(polygon))
                continue
            count += 1
            if done is not None:
                yield done
            waiting.extend(rest)
            if len(waiting) > 1:
                waiting = deque(sorted(waiting, key=measure, reverse=True))

    def _first(self, face: Face) -> list[list[Vector]]:
        polygon = list(face.corners)
        if self.family.degree == 1 or dimension(polygon) < 2:
            return [polygon]
        return [[polygon[0], polygon[k], polygon[k + 1]] for k in range(1, len(polygon) - 1)]

    def _piece(self, face: Face, polygon: list[Vector]) -> tuple[Piece | None, list[list[Vector]]]:
        """What is decided of a polygon, and what is left of it."""
        family = self.family
        surely, perhaps = masks(family, polygon, face)
        found = self.answer(family.at(middle(polygon)))
        controls = family.controls(polygon)
        if not found.exists:
            if refuted(found.proof, controls, perhaps):
                return Piece(tuple(polygon), found.proof), []
            return None, _halves(polygon)
        for rule in self._candidates(found.rules[0].allocation, controls, surely):
            if family.degree == 1:
                _, lines, left, mechanisms = self.polygon(polygon, rule)
                if dimension(left) == dimension(polygon):
                    return Piece(tuple(left), None, tuple(mechanisms)), _rest(polygon, lines)
            elif (served := self._served(controls, rule)) is not None:
                return Piece(tuple(polygon), None, served), []
        return None, _halves(polygon)

    def _candidates(self, first: Rationals, controls: Sequence[Design], surely: Mask) -> Iterator[Rationals]:
        """Rules that may serve a piece: those that served others, that of its middle, and those of its control designs."""

        def new(rule: Rationals) -> bool:
            known = any(bool(np.all(rule == other)) for other in tried)
            tried.append(rule)
            return not known and not bool(np.any((rule != 0) & ~surely))

        tried: list[Rationals] = []
        for rule in [*reversed(self.rules[-KEPT:]), first]:
            if new(rule):
                yield rule
        for design in controls if self.family.degree > 1 else ():
            found = self.answer(replace(design, environment=replace(design.environment, possible=surely)))
            if not found.exists:
                return
            if new(rule := found.rules[0].allocation):
                yield rule

    def _served(self, controls: Sequence[Design], rule: Rationals) -> tuple[Mechanism, ...] | None:
        """A mechanism for each control design with one rule; None where there is none for some."""
        served = []
        for design in controls:
            found = self.answer(fixed(design, rule))
            if not found.exists:
                return None
            served.append(found.rules[0])
        self.rules.append(rule)
        return tuple(served)


def _whole(y: Multipliers, at: Line) -> tuple[Multipliers, Line]:
    """The same cut in whole numbers without a common factor."""
    constant, normal = at
    numbers = [c for c in (constant, *normal) if c]
    share = Fraction(lcm(*(c.denominator for c in numbers)), gcd(*(c.numerator for c in numbers)))
    if not any(normal):
        share = 1 / abs(constant)
    return y.scaled(share), (constant * share, (normal[0] * share, normal[1] * share))


def _rest(polygon: Sequence[Vector], lines: Sequence[Line]) -> list[list[Vector]]:
    """What lines cut off, in convex polygons that do not overlap."""
    out, left = [], list(polygon)
    for constant, normal in lines:
        away = cut(left, normal, -constant)
        if dimension(away) == dimension(polygon):
            out.append(away)
        left = cut(left, (-normal[0], -normal[1]), constant)
    return out


def _halves(polygon: Sequence[Vector]) -> list[list[Vector]]:
    """Cut across the longest side, through its middle: simplices stay simplices."""
    size = len(polygon)
    if size < 2:
        return []

    def length(k: int) -> Fraction:
        a, b = polygon[k - 1], polygon[k]
        return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2

    longest = max(range(size), key=length)
    start, end = polygon[longest - 1], polygon[longest]
    half = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    if size == 2:
        return [[start, half], [half, end]]
    around = [polygon[(longest + k) % size] for k in range(size)]  # from the end, back to the start
    opposite = size // 2 if size > 3 else 1
    return [[half, *around[: opposite + 1]], [half, *around[opposite:]]]


__all__ = ["MOST_PIECES", "Open", "Say", "Search", "document", "ranges", "region"]
