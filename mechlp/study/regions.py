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
from typing import Any, TypeVar

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..exact.planar import Vector, cut, dimension, middle
from ..files import Reading, document_of, read_document
from ..proof.faces import Face, faces
from ..proof.family import Family, InvalidFamily, Range, fixed
from ..proof.multipliers import Multipliers
from ..proof.patches import Patch, open_borders
from ..proof.pieces import Piece, Ruled, masks, measure, refuted
from ..proof.region import Line, Part, Region, covered, kept, line, lottery, straight
from ..question.design import Design, InvalidDesign
from .patches import Open, Simplices, halves, simplices

#: Pieces of a face whose border is not known to be straight.
MOST_PIECES = 200
#: Pieces of a side on which what lies beside it says nothing.
MOST_OF_BORDER = 12
#: What is said where time, and nothing else, may have left something undecided.
OUT_OF_TIME = (
    "the time limit ended the search; what is undecided may be decided with more time (--time-limit), or over a shorter range "
    "(--over NAME=FROM:TO)"
)
Say = Callable[[str], None]
#: An answer over parameters, which takes notes.
Found = TypeVar("Found", bound=Any)
#: What is decided of a polygon, and what is left of it.
Decide = Callable[[Face, list[Vector]], tuple[Any, list[list[Vector]]]]


def ranges(given: Any) -> tuple[Range, ...]:
    """Ranges from ``{"a": (0, 2)}``, or from texts such as ``"a=0:2"``.  Raises InvalidFamily."""
    if isinstance(given, str):
        given = [given]
    if isinstance(given, dict):
        given = [f"{name}={low}:{high}" for name, (low, high) in given.items()]
    found = tuple(r if isinstance(r, Range) else Range.parse(str(r)) for r in given)
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidFamily(f"--over: {twice} is named twice")
    return found


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
    return noted(Region(family, family.title, tuple(parts)), search.deadline)


def noted(found: Found, deadline: Deadline) -> Found:
    """The same answer; where time, and nothing else, may have left something undecided, it says so."""
    return replace(found, notes=(OUT_OF_TIME,)) if deadline.passed and found.status == "undecided" else found


@dataclass
class Search:
    """Parts of a family, face by face, in at most so many pieces each."""

    family: Family
    most: int
    deadline: Deadline
    progress: Say
    answers: dict[Vector, Any] = field(default_factory=dict)

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
    ) -> tuple[list[Multipliers], list[Line], list[Vector], list[Ruled]]:
        """Cuts, the lines that they are, the corners that they leave, and a mechanism at each, for one lottery rule."""
        cuts: list[tuple[Multipliers, Line]] = []
        known: dict[Vector, Ruled] = {}
        left = list(polygon)
        while (corner := next((p for p in left if p not in known), None)) is not None:
            found = self.answer(fixed(self.family.at(corner), rule))
            if found.exists:
                known[corner] = found.rules
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
    def pieces(self, face: Face) -> Iterator[Piece | Patch]:
        """A face in pieces: largest first, until all are decided or there are too many; then borders that are open."""
        family = self.family.on(face.corners)
        decide: Decide = self._piece
        first: list[list[Vector]] = [list(face.corners)]
        kind: Any = Piece
        if not straight(self.family):
            decide, kind = Simplices(family, face, self.deadline).patch, Patch
            first = simplices(face.corners)
        found = list(self._tiled(face, first, decide, kind))
        yield from found
        for size in (2, 1):
            for side in [s for s in open_borders(family, face, found) if len(s) == size]:
                more = list(self._tiled(face, [list(side)], decide, kind, most=MOST_OF_BORDER))
                found += more
                yield from more

    def _tiled(
        self, face: Face, first: list[list[Vector]], decide: Decide, kind: Any, most: int | None = None
    ) -> Iterator[Any]:
        """Polygons, each decided or cut into others, as pieces of a kind."""
        most = self.most if most is None else most
        waiting = deque(first)
        count = 0
        while waiting:
            polygon = waiting.popleft()
            self.progress(f"{count} pieces, {len(waiting) + 1} open")
            try:
                done, rest = decide(face, polygon) if count < most else (None, [])
            except (Open, InvalidDesign):
                done, rest = None, []
            if done is None and not rest:
                yield kind(tuple(polygon))
                continue
            count += 1
            if done is not None:
                yield done
            waiting.extend(rest)
            if len(waiting) > 1:
                waiting = deque(sorted(waiting, key=measure, reverse=True))

    def _piece(self, face: Face, polygon: list[Vector]) -> tuple[Piece | None, list[list[Vector]]]:
        """What is decided of a polygon, and what is left of it: by what its middle says, else by what a corner says."""
        _, perhaps = masks(self.family, polygon, face)
        found = self._at(middle(polygon))
        if not found.exists and refuted(found.proof, self.family.controls(polygon), perhaps):
            return Piece(tuple(polygon), found.proof), []
        if found.exists:
            return self._served(face, polygon, found) or (None, halves(polygon))
        for corner in polygon:
            own = self._at(corner)
            served = self._served(face, polygon, own) if own.exists else None
            if served is not None:
                return served
        return None, halves(polygon)

    def _at(self, point: Vector) -> Any:
        if point not in self.answers:
            self.answers[point] = self.answer(self.family.at(point))
        return self.answers[point]

    def _served(
        self, face: Face, polygon: list[Vector], found: Any
    ) -> tuple[Piece, list[list[Vector]]] | None:
        """The part of a polygon that the lottery rule of an answer serves, and what is left; None where that is no area."""
        surely, _ = masks(self.family, polygon, face)
        rule = found.rules[0].allocation
        if bool(np.any((rule != 0) & ~surely)):
            return None
        _, lines, left, mechanisms = self.polygon(polygon, rule)
        if dimension(left) < dimension(polygon):
            return None
        return Piece(tuple(left), None, tuple(mechanisms)), _rest(polygon, lines)


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


__all__ = ["MOST_PIECES", "Say", "Search", "document", "ranges", "region"]
