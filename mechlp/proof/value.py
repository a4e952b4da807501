"""The optimal value as a function of one parameter: intervals on which it is affine, and what proves it on each.

Payoffs are affine in the parameter.  On an interval one lottery rule, with transfers at both ends, attains every value between
them (:mod:`mechlp.proof.family`), so the optimum is at least the straight line.  What multipliers imply is convex in the
parameter (concave, where something is minimised): where their bound meets the line at both ends, none exceeds it in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..exact.algebraic import Algebraic
from ..exact.numbers import rational, text
from ..exact.planar import Vector, affine, dimension, middle
from ..exact.quotients import Quotient, polynomial
from ..exact.saved import checksum
from ..mechanism.mechanism import Mechanism
from ..question.design import InvalidDesign
from .cases import Case
from .faces import Face, check_faces, faces, inside
from .family import Family, InvalidFamily, Range
from .guarantee import reached
from .invalid import InvalidCertificate, unreadable
from .patches import open_borders
from .pieces import Piece, Ruled, check_tiling, ruled_from_json, ruled_to_json, serves
from .region import straight
from .stages import Stage, Staged

FORMAT = "mechlp value 1"


@dataclass(frozen=True)
class Optimum:
    """An interval (a point) on which the value is affine: its values at the ends, the mechanisms that attain them with one
    lottery rule, and the proof that none does better."""

    corners: tuple[Vector, ...]
    values: tuple[Fraction, ...]
    mechanisms: tuple[Ruled, ...]
    proof: Case

    status = "optimal"

    def check(self, family: Family, face: Face) -> None:
        """Raises InvalidCertificate."""
        if not all(face.holds(p) for p in self.corners):
            raise InvalidCertificate("a piece that is not of its face")
        if not len(self.values) == len(self.corners) == len(self.mechanisms):
            raise InvalidCertificate("a value and a mechanism at each end are needed")
        designs, rule = family.controls(self.corners), self.mechanisms[0][0].allocation
        if bool(np.any((rule != 0) & ~face.allowed)):
            raise InvalidCertificate("a rule that uses what may not be used on all of its piece")
        serves(designs, rule, self.mechanisms)
        for point, design, value, rules in zip(
            self.corners, designs, self.values, self.mechanisms, strict=True
        ):
            made = [Mechanism(design.environment, rule, mechanism.transfers) for mechanism in rules]
            if any(reached(design, one, None) != value for one in made):
                raise InvalidCertificate(
                    f"at {family.place(point)} the mechanism does not attain {text(value)}"
                )
            if self.proof.bound(design, face.allowed[None]) != value:
                raise InvalidCertificate(
                    f"at {family.place(point)} the multipliers do not prove {text(value)}"
                )

    def holds_on(self, family: Family, face: Face, side: Sequence[Vector]) -> bool:
        """Whether it says something of a point: its ends belong to it."""
        return all(inside(point, self.corners) for point in side)

    def at(self, point: Vector) -> Fraction:
        """The value at a point of the interval."""
        constant, normal = affine(self.corners, self.values)
        return constant + normal[0] * point[0]


@dataclass(frozen=True)
class Values:
    """The pieces of a face: optima, refuted ones, and undecided ones."""

    face: Face
    pieces: tuple[Optimum | Piece, ...]

    def check(self, family: Family) -> str:
        """What holds, in words.  Raises InvalidCertificate."""
        for piece in self.pieces:
            piece.check(family, self.face)
        if any(piece.status == "possible" for piece in self.pieces):
            raise InvalidCertificate("a piece with a mechanism, but without a value")
        size = self.face.dimension
        check_tiling(self.face, [piece.corners for piece in self.pieces if dimension(piece.corners) == size])
        for (point,) in open_borders(family.on(self.face.corners), self.face, self.pieces):
            raise InvalidCertificate(f"nothing is said of {family.place(point)}")
        ends = " to ".join(text(p[0]) for p in sorted(self.face.corners))
        count = len(self.pieces)
        return f"the value at {ends}: {count} piece{'s' if count > 1 else ''}"


@dataclass(frozen=True, repr=False)
class ValueFunction(Staged):
    """The optimal value over a range of one parameter, with proofs; it speaks of every point at which the file is a problem.

    ``value_function(B=1)`` is the value at a point.
    """

    family: Family
    title: str
    parts: tuple[Values, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.family.over) != 1:
            raise InvalidFamily("the value is asked over one parameter: --over NAME=FROM:TO")
        if self.family.degree > 1:
            raise InvalidFamily(
                f"payoffs have degree {self.family.degree} in {self.family.names[0]}: the value is asked where they are affine"
            )
        if not straight(self.family):
            raise InvalidFamily(
                "the value is asked where payoffs alone depend on the parameter, of agents with beliefs"
            )

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Its pieces, each with its formula."""
        return tuple(map(self._stage, self.pieces()))

    def _stage(self, piece: Optimum | Piece) -> Stage:
        low, high = min(piece.corners), max(piece.corners)
        closed = (True, True) if low == high else (self.holds_at(piece, low), self.holds_at(piece, high))
        own = None
        if isinstance(piece, Optimum):
            constant, normal = affine(piece.corners, piece.values)
            own = Quotient(polynomial([constant, normal[0]]), polynomial([Fraction(1)]))
        return Stage(Algebraic.of(low[0]), Algebraic.of(high[0]), closed, piece.status, own)

    def piece(self, place: Vector) -> Optimum | Piece:
        """The piece that says the value at a point of the range: ties count where they are open."""
        here = [part for part in self.parts if part.face.holds(place)]
        here.sort(key=lambda part: (-int(part.face.allowed.sum()), part.face.dimension))
        around = [
            piece for piece in here[0].pieces if min(piece.corners) <= place <= max(piece.corners)
        ]  # an optimum holds at its ends, a refutation inside only
        return min(around, key=lambda piece: ("optimal", "undecided", "impossible").index(piece.status))

    def pieces(self) -> list[Optimum | Piece]:
        """All pieces in order, intervals with the same function joined, points only where their value is not the interval's."""
        every = [_ascending(p) for part in self.parts for p in part.pieces]
        every.sort(key=lambda p: p.corners)
        out: list[Optimum | Piece] = []
        for piece in every:
            if dimension(piece.corners) == 0 and not self._jumps(piece, every):
                continue
            last = out[-1] if out else None
            if last is not None and _alike(last, piece):
                ends = (min(last.corners), max(piece.corners))
                if isinstance(last, Optimum) and isinstance(piece, Optimum):
                    out[-1] = replace(last, corners=ends, values=(last.at(ends[0]), piece.at(ends[1])))
                else:
                    out[-1] = replace(last, corners=ends)
                continue
            out.append(piece)
        return out

    def _jumps(self, point: Optimum | Piece, every: Sequence[Optimum | Piece]) -> bool:
        at = point.corners[0]
        beside = [p for p in every if dimension(p.corners) and min(p.corners) <= at <= max(p.corners)]
        own = point.at(at) if isinstance(point, Optimum) else point.status
        return not any((p.at(at) if isinstance(p, Optimum) else p.status) == own for p in beside)

    def holds_at(self, piece: Optimum | Piece, end: Vector) -> bool:
        """Whether what a piece says holds at one of its ends too: another piece may say more there."""
        found = self.piece(end)
        if isinstance(piece, Optimum):
            return isinstance(found, Optimum) and found.at(end) == piece.at(end)
        return found.status == piece.status

    def check(self) -> Iterator[str]:
        """Each claim that holds, in words.  Raises InvalidCertificate at the first that does not."""
        check_faces(self.family, [part.face for part in self.parts])
        for part in self.parts:
            yield part.check(self.family)

    def to_json(self) -> dict[str, Any]:
        """The function, with everything that proves it: exact strings, the problem embedded, a checksum."""
        (one,) = self.family.over
        body = {
            "format": FORMAT,
            "status": self.status,
            "title": self.title,
            "over": {one.name: [text(one.low), text(one.high)]},
            "undecided": text(self.undecided),
            "value": [
                {
                    "from": text(min(p.corners)[0]),
                    "to": text(max(p.corners)[0]),
                    "status": p.status,
                    "values": list(map(text, p.values)) if isinstance(p, Optimum) else None,
                }
                for p in self.pieces()
            ],
            "parts": [[self._piece(p) for p in part.pieces] for part in self.parts],
            **({"notes": list(self.notes)} if self.notes else {}),
            "problem": dict(self.family.document),
        }
        return {**body, "sha256": checksum(body)}

    def _piece(self, piece: Optimum | Piece) -> dict[str, Any]:
        design = self.family.at(middle(piece.corners))
        return {
            "ends": [text(p[0]) for p in piece.corners],
            "status": piece.status,
            "values": list(map(text, piece.values)) if isinstance(piece, Optimum) else [],
            "mechanisms": list(map(ruled_to_json, piece.mechanisms)),
            "proof": None if piece.proof is None else piece.proof.to_json(design),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ValueFunction:
        """Read :meth:`to_json` back; :meth:`check` says whether it holds.  Raises InvalidCertificate, InvalidDesign."""
        try:
            over = tuple(Range(str(n), rational(a), rational(b)) for n, (a, b) in data["over"].items())
            family = Family(data["problem"], over, wanted=True)
            both = zip(faces(family), data["parts"], strict=True)
            parts = tuple(Values(face, tuple(_piece_from_json(family, p) for p in own)) for face, own in both)
            found = cls(family, str(data["title"]), parts, tuple(map(str, data.get("notes", ()))))
            if any(found.to_json()[key] != data[key] for key in ("status", "undecided", "value")):
                raise InvalidCertificate("the function is not that of the pieces")
            return found
        except (InvalidCertificate, InvalidDesign):
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise unreadable("value", error) from None

    def __repr__(self) -> str:
        return f"<ValueFunction of {self.title!r}{self.over_what}: {len(self.pieces())} pieces>"


def _ascending(piece: Optimum | Piece) -> Optimum | Piece:
    """The same piece, its lower end first."""
    if isinstance(piece, Optimum):
        corners, values = zip(*sorted(zip(piece.corners, piece.values, strict=True)), strict=True)
        return replace(piece, corners=corners, values=values)
    return replace(piece, corners=tuple(sorted(piece.corners)))


def _alike(one: Optimum | Piece, other: Optimum | Piece) -> bool:
    """Whether two pieces that follow each other are one."""
    if one.status != other.status or max(one.corners) != min(other.corners):
        return False
    if not isinstance(one, Optimum) or not isinstance(other, Optimum):
        return bool(dimension(one.corners) and dimension(other.corners))
    return bool(
        dimension(one.corners)
        and dimension(other.corners)
        and affine(one.corners, one.values) == affine(other.corners, other.values)
    )


def _piece_from_json(family: Family, data: Mapping[str, Any]) -> Optimum | Piece:
    corners = tuple((rational(x), Fraction(0)) for x in data["ends"])
    design = family.at(middle(corners))
    proof = None if data["proof"] is None else Case.from_json(design, data["proof"])
    mechanisms = tuple(ruled_from_json(design, m) for m in data["mechanisms"])
    if data["status"] == "optimal":
        if proof is None:
            raise InvalidCertificate("optimal, but a proof is missing")
        return Optimum(corners, tuple(map(rational, data["values"])), mechanisms, proof)
    piece = Piece(corners, proof, mechanisms)
    if piece.status != data["status"]:
        raise InvalidCertificate("a piece that is not what it says")
    return piece


__all__ = ["FORMAT", "Optimum", "ValueFunction", "Values"]
