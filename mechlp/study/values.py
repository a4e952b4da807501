"""Finds the optimal value as a function of one parameter (:mod:`mechlp.proof.value` says what proves it).

On an interval the optimum at its middle gives a rule and multipliers, which mean a straight line.  Where both hold at the
ends the interval is done; else it is cut where the line meets that of an end (Eisner and Severance 1976, "Mathematical
techniques for efficient record segmentation in large shared databases"), or in the middle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..exact.planar import Vector, affine, cut, dimension, middle
from ..files import read_document
from ..proof.bound import bound
from ..proof.cases import Case
from ..proof.curve import ValueCurve
from ..proof.faces import Face, faces
from ..proof.family import Family, InvalidFamily, Range, fixed, valued
from ..proof.invalid import InvalidCertificate
from ..proof.patches import open_borders
from ..proof.pieces import Piece
from ..proof.region import Line, Part, straight
from ..proof.relaxation import Give
from ..proof.value import Optimum, ValueFunction, Values
from ..proof.value_pair import ASKED, ValuePair, asking, covered, subsidised
from ..question.design import Design
from .curves import value_curve
from .patches import Open
from .regions import Say, Search, document, noted, ranges

#: Pieces of a face on which the value may not be piecewise affine.
MOST_PIECES = 60


#: What gives way, by the name of the least amount.
GIVES: Mapping[str, Give] = {"subsidy": "bb", "slack": "ic", "ir-slack": "ir"}
#: What may be asked for in place of the file's objective.
OF = ("objective", "least-subsidy", *GIVES, *ASKED)


def value_function(
    question: Any,
    over: Any = (),
    *,
    of: str = "objective",
    pieces: int = MOST_PIECES,
    time_limit: float | None = None,
    progress: Say | None = None,
) -> ValueFunction | ValueCurve | ValuePair:
    """The optimal value over a range of one parameter, in closed form: straight pieces where payoffs are affine in it and nothing
    else depends on it, rational functions elsewhere.  Without a parameter, the number.

    Parameters
    ----------
    question : a :class:`~mechlp.files.Reading`, or a design that was read from a file; it has an objective.
    over : ``{"h": (0, 4)}``, or ``"h=0:4"``; empty: the file as it stands.
    of : ``objective``: that of the file; ``least-subsidy``: the least sum of transfers in expectation, budgets not asked for;
        ``subsidy``: the least amount that covers the sum of transfers at every profile, whatever budget the file asks for;
        ``slack``, ``ir-slack``: the least amount by which every IC, or every IR, must be missed for a mechanism to exist;
        ``rents``: the most revenue if types were known, less the most revenue; ``robustness``: the best Bayesian value,
        divided by the best ex-post one.
    pieces : the most pieces of an interval of one rule set; what is left is undecided.
    time_limit : seconds in all.

    Raises
    ------
    InvalidFamily, NoFamily
        No such parameter, or a dependence that is not covered.
    """
    own, asked = document(question), ranges(over)
    if len(asked) > 1:
        raise InvalidFamily("the value is asked over one parameter: --over NAME=FROM:TO")
    deadline, say = Deadline.of(time_limit), progress or (lambda said: None)
    if of == "objective":
        return _value(own, asked, pieces, deadline, say)
    if of not in OF:
        raise InvalidFamily(f"no value is named {of!r}; known: {', '.join(OF)}")
    design = _design(own, of)
    if of in GIVES:
        given = covered(own) if of == "subsidy" else own
        family = valued(given, asked, GIVES[of])
        return noted(value_curve(family, family.title, pieces, deadline, say), deadline)
    if of == "least-subsidy":
        own = subsidised(own, [agent.name for agent in design.environment.agents])
        return _value(own, asked, pieces, deadline, say)
    own = asking(own, {"require": {"ir": design.ir}})  # which otherwise follows from its IC
    first, second = (_value(asking(own, changes), asked, pieces, deadline, say) for changes in ASKED[of])
    return ValuePair(own, of, first, second)


def _design(document: Mapping[str, Any], of: str) -> Design:
    """The problem that another value is asked of.  Raises InvalidFamily where it makes no sense."""
    design = read_document(dict(document)).design
    if not isinstance(design, Design):
        raise InvalidFamily(f"--of {of}: asked of mechanisms on a whole grid of finitely many types")
    if of in ("least-subsidy", "subsidy", "rents") and design.transfers == "none":
        raise InvalidFamily(f"--of {of}: asked of problems with transfers")
    if of in ("least-subsidy", "rents") and design.environment.designer is None:
        found = "none" if design.environment.designer_set is None else "a set of them"
        raise InvalidFamily(
            f"--of {of}: transfers are expected under one prior of the designer, and the file has {found}: "
            "give a common prior, or one prior as beliefs.designer"
        )
    if of in ASKED and design.environment.beliefs is None:
        raise InvalidFamily(f"--of {of}: needs one belief of each type, and the file has none: give a prior")
    return design


def _value(
    document: Mapping[str, Any], over: tuple[Range, ...], pieces: int, deadline: Deadline, say: Say
) -> ValueFunction | ValueCurve:
    """The value of what a problem asks for."""
    family = valued(document, over)
    title, design = family.title, family.at(family.corners[0])
    kind = design.wants.kind
    if kind in ("feasibility", "full-surplus-extraction"):
        takes = "the value takes an objective that is a number: revenue, surplus, weighted-interim or linear"
        raise InvalidFamily(f"{takes}; the objective here is {kind}: --objective takes another")
    searched = design.deterministic and design.lottery is None
    if not over or family.quotients or design.robust or searched or not straight(family):
        return noted(value_curve(family, title, pieces, deadline, say), deadline)
    exists = Search(replace(family, wanted=False, known={}), pieces, deadline, say)
    search = _Optima(family, pieces, deadline, say)
    parts = []
    for face in faces(family):
        part = exists.part(face, [])
        found: list[Optimum | Piece] = [*_not_possible(part)]
        for polygon in part.polygons("possible"):
            found += search.optima(face, list(polygon))
        parts.append(Values(face, tuple(sorted(_with_borders(family, face, found), key=lambda p: min(p.corners)))))
    return noted(ValueFunction(family, title, tuple(parts)), deadline)


def _with_borders(
    family: Family, face: Face, found: Sequence[Optimum | Piece]
) -> list[Optimum | Piece]:
    """The pieces without points of which an interval says the same; with those of which none says anything, as undecided."""
    whole = [p for p in found if dimension(p.corners) == face.dimension]
    for point in (p for p in found if dimension(p.corners) < face.dimension):
        if not any(p.holds_on(family, face, point.corners) for p in whole):
            whole.append(point)
    return whole + [Piece(side) for side in open_borders(family.on(face.corners), face, whole)]


def _not_possible(part: Part) -> Iterator[Piece]:
    """What is refuted or open of a face."""
    yield from (p for p in part.pieces if isinstance(p, Piece) and p.status != "possible")
    left = list(part.face.corners)
    for (constant, normal), y in zip(part.lines, part.cuts, strict=True):
        away = cut(left, normal, -constant)
        left = cut(left, (-normal[0], -normal[1]), constant)
        if dimension(away) == part.face.dimension:
            yield Piece(tuple(away), Case(y, True))


class _Optima(Search):
    """The same search for optima."""

    def optima(self, face: Face, whole: list[Vector]) -> Iterator[Optimum | Piece]:
        """An interval on which mechanisms exist, in pieces."""
        waiting, count = [whole], 0
        while waiting:
            ends = waiting.pop()
            self.progress(f"{count} pieces, {len(waiting) + 1} open")
            count += 1
            try:
                done, at = self._optimum(face, ends) if count <= self.most else (None, None)
            except Open:
                done, at = None, None
            if done is None and at is None:
                yield Piece(tuple(ends))
            elif done is not None:
                yield done
            else:
                low, high = min(ends), max(ends)
                assert at is not None
                waiting += [[at, high], [low, at]]

    def _optimum(self, face: Face, ends: list[Vector]) -> tuple[Optimum | None, Vector | None]:
        """The piece that an interval is, or where to cut it (nowhere: a point that is open)."""
        center = middle(ends)
        found, at = self._solved(face, center), self.family.controls(ends)
        beyond = [self._solved(face, end) for end in ends] if dimension(ends) else []
        rule = found.rules[0].allocation
        served = [self.answer(fixed(design, rule)) for design in at]
        if all(one.status == "optimal" for one in served):
            values = [one.value for one in served]
            # At an end the multipliers of two pieces meet: those of the middle may hold there alone.
            for proof in [one.proof for one in (found, *beyond)]:
                if self._bounds(face, at, proof) == values:
                    mechanisms = tuple(one.rules for one in served)
                    return Optimum(tuple(ends), tuple(values), mechanisms, proof), None
        own = self._line(found, ends)
        for other in beyond:
            theirs = self._line(other, ends)
            if own is not None and theirs is not None and (x := _meet(own, theirs)) is not None:
                point = (x, Fraction(0))
                if min(ends) < point < max(ends) and point != center:
                    return None, point
        return None, center if beyond else None

    def _bounds(self, face: Face, designs: Sequence[Design], proof: Case) -> list[Fraction | None] | None:
        """What a proof implies for each design; None where it is none."""
        try:
            return [proof.bound(design, face.allowed[None]) for design in designs]
        except InvalidCertificate:
            return None

    def _solved(self, face: Face, point: Vector) -> Any:
        """The optimum at a point with what may be used on all of a face."""
        design = self.family.at(point)
        if not isinstance(design.allocation, Rationals) and not bool(np.all(design.allowed == face.allowed)):
            kind = "deterministic" if design.deterministic else "chosen"
            design = replace(
                design, allocation=kind, environment=replace(design.environment, possible=face.allowed)
            )
        found = self.answer(design)
        if found.status != "optimal":
            raise InvalidFamily(
                f"at {self.family.place(point)} the objective is {found.status}: there is no value"
            )
        return found

    def _line(self, found: Any, ends: list[Vector]) -> Line | None:
        """The value that a rule and its multipliers mean along an interval."""
        if found.proof.multipliers is None:
            return None
        rule = found.rules[0].allocation
        try:
            values = [bound(fixed(d, rule), found.proof.multipliers) for d in self.family.controls(ends)]
        except InvalidCertificate:
            return None
        return affine(ends, values)


def _meet(one: Line, other: Line) -> Fraction | None:
    slope = one[1][0] - other[1][0]
    return (other[0] - one[0]) / slope if slope else None


__all__ = ["MOST_PIECES", "OF", "value_function"]
