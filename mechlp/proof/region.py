"""The region of parameters where a mechanism exists, and what proves it for every point of it and beyond it.

A **part** is a face (:mod:`mechlp.proof.faces`).  Where its rule is one lottery and payoffs are affine, each **cut** is a list of
multipliers whose bound is an affine function of the parameters: no mechanism exists where it is negative.  What no cut removes
is a polygon, and a mechanism at each of its corners serves all of it.  Elsewhere a part consists of **pieces**, each refuted,
served by one lottery rule, or undecided (:mod:`mechlp.proof.family` says why corners suffice).  Nothing that is written down
about faces, borders or verdicts is believed: they follow from the problem and the proofs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from ..exact.numbers import Rationals, rational, text
from ..exact.planar import Vector, affine, corners, cut, dimension, middle
from ..exact.saved import checksum
from ..question.design import InvalidDesign
from ..shown import Drawn
from .bound import bound
from .faces import Face, check_faces, faces, inside
from .family import Family, Range, certain, fixed
from .invalid import InvalidCertificate, unreadable
from .multipliers import Multipliers
from .patches import Patch, open_borders
from .pieces import Piece, Ruled, check_tiling, measure, ruled_from_json, ruled_to_json, serves
from .written import multipliers_from_json, multipliers_to_json

FORMAT = "mechlp region 1"
#: ``constant + normal . p``, which is not negative where a mechanism exists.
Line = tuple[Fraction, Vector]


#: Notions under which a lottery rule and corners make a polygon: others take pieces whose labels, or rankings, are settled.
LINEAR = ("bayesian", "bewley", "ex-post", "ambiguous-transfers", "obedience", "none")


def straight(family: Family) -> bool:
    """Whether pieces may be polygons, decided at their corners: else they are simplices (:mod:`mechlp.proof.patches`)."""
    design = family.at(family.corners[0])
    return family.flat and design.ic in LINEAR and not design.allocation_by_rule


def lottery(family: Family, face: Face) -> Rationals | None:
    """The rule of a face where it is one lottery and payoffs are affine: then its region is a polygon."""
    if not straight(family):
        return None
    given = family.at(middle(face.corners)).allocation
    return given if isinstance(given, Rationals) else certain(face.allowed)


def line(family: Family, polygon: Sequence[Vector], rule: Rationals, y: Multipliers) -> Line:
    """What multipliers imply for one rule on a polygon, as an affine function.  Raises InvalidCertificate."""
    values = [bound(fixed(family.at(p), rule), y, wanted=False) for p in polygon]
    return affine(polygon, values)


def kept(polygon: Sequence[Vector], lines: Sequence[Line]) -> list[Vector]:
    """The part of a polygon on which no function is negative."""
    left = list(polygon)
    for constant, normal in lines:
        left = cut(left, (-normal[0], -normal[1]), constant)
    return left


@dataclass(frozen=True)
class Part:
    """What is proved about a face: cuts and the mechanisms at the corners they leave, or pieces."""

    face: Face
    cuts: tuple[Multipliers, ...] = ()
    lines: tuple[Line, ...] = ()
    corners: tuple[Vector, ...] = ()
    mechanisms: tuple[Ruled, ...] = ()
    pieces: tuple[Piece | Patch, ...] = ()

    def exact(self, family: Family) -> bool:
        """Whether the face is decided at every point."""
        decided = all(piece.status != "undecided" for piece in self.pieces)
        family = family.on(self.face.corners)
        return decided and not any(True for _ in open_borders(family, self.face, self.pieces))

    def polygons(self, status: str) -> list[tuple[Vector, ...]]:
        """Where the part is ``possible``, ``impossible`` or ``undecided``, as convex polygons."""
        if self.pieces:
            return [p.corners for p in self.pieces if p.status == status]
        if status == "possible":
            return [self.corners] if self.corners else []
        if status == "undecided":
            return []
        found, left = [], list(self.face.corners)
        for constant, normal in self.lines:
            away = cut(left, normal, -constant)
            left = cut(left, (-normal[0], -normal[1]), constant)
            if dimension(away) == self.face.dimension:
                found.append(tuple(away))
        return found

    def verdict(self, family: Family, point: Vector) -> bool | None:
        """Whether a mechanism exists at a point of the face; None where that is open."""
        if not self.pieces:
            return any(inside(point, polygon) for polygon in self.polygons("possible"))
        family = family.on(self.face.corners)
        said = [piece.verdict(family, self.face, point) for piece in self.pieces]
        return True if True in said else False if False in said else None

    def check(self, family: Family, before: Sequence[Part]) -> str:
        """What holds, in words, given the parts before it.  Raises InvalidCertificate."""
        rule, family = lottery(family, self.face), family.on(self.face.corners)
        if rule is None and not self.pieces:
            if not covered(family, self.face, before):
                raise InvalidCertificate(f"nothing is said of {_where(family, self.face)}")
            return f"{_where(family, self.face)} is served by what lies beside it"
        if rule is None or self.pieces:
            for piece in self.pieces:
                piece.check(family, self.face)
            size = self.face.dimension  # what is said of borders is beside them
            check_tiling(self.face, [p.corners for p in self.pieces if dimension(p.corners) == size])
            return f"{len(self.pieces)} pieces of {_where(family, self.face)}"
        lines = [line(family, self.face.corners, rule, y) for y in self.cuts]
        left = kept(self.face.corners, lines)
        if (
            list(self.lines) != lines
            or corners(left) != corners(self.corners)
            or len(left) != len(self.corners)
        ):
            raise InvalidCertificate(f"the multipliers leave another polygon of {_where(family, self.face)}")
        serves([family.at(p) for p in self.corners], rule, self.mechanisms)
        return (
            f"{_where(family, self.face)}: {len(lines)} lists of multipliers refute what they cut off, mechanisms at "
            f"{len(self.corners)} corners serve the rest"
        )


def covered(family: Family, face: Face, before: Sequence[Part]) -> bool:
    """Whether a face lies in a polygon that is served beside it: where ties are left open, all that is allowed there is
    allowed on the border."""
    if face.dimension == len(family.over) or not family.ties_open:
        return False
    served = [piece.corners for part in before for piece in part.pieces if piece.closed]
    polygons = [*served, *(part.corners for part in before if part.corners)]
    return any(all(inside(p, polygon) for p in face.corners) for polygon in polygons)


def _where(family: Family, face: Face) -> str:
    return (
        {0: "the point", 1: "the segment", 2: "the area"}[face.dimension]
        + " "
        + " - ".join(f"({', '.join(map(text, p[: len(family.over)]))})" for p in face.corners)
    )


@dataclass(frozen=True, repr=False)
class Region(Drawn):
    """Where in a box of parameters a mechanism exists, with proofs.  It says so at every point at which the file is a problem.

    :meth:`holds` gives the verdict at a point; :attr:`undecided` the area (of one parameter: the length) that is open.
    """

    family: Family
    title: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def undecided(self) -> Fraction:
        """The measure of what is open among areas (one parameter: intervals)."""
        size = len(self.family.over)
        return sum(
            (
                measure(polygon)
                for part in self.parts
                if part.face.dimension == size
                for polygon in part.polygons("undecided")
                if dimension(polygon) == size
            ),
            Fraction(0),
        )

    @cached_property
    def exact(self) -> bool:
        """Whether every point is decided."""
        return all(part.exact(self.family) for part in self.parts)

    @property
    def possible(self) -> list[tuple[Vector, ...]]:
        """Convex polygons (segments, points) that make up where a mechanism exists."""
        return [p for part in self.parts for p in part.polygons("possible")]

    @property
    def status(self) -> str:
        """``feasible`` at some point, ``infeasible`` everywhere, or ``undecided`` where something is open."""
        if not self.exact:
            return "undecided"
        return "feasible" if self.possible else "infeasible"

    def holds(self, **point: Any) -> bool | None:
        """The verdict at a point of the box, ``region.holds(a=1, B=2)``; None where it is open.

        Raises
        ------
        ValueError
            A parameter is missing, or outside its range.
        """
        at = [rational(point[r.name]) if r.name in point else None for r in self.family.over]
        if any(x is None or not r.low <= x <= r.high for x, r in zip(at, self.family.over, strict=True)):
            raise ValueError(
                f"a point of the box is expected: {', '.join(self.family.names)} within their ranges"
            )
        place: Vector = (at[0], at[1] if len(at) > 1 else Fraction(0))  # type: ignore[assignment]
        here = [part for part in self.parts if part.face.holds(place)]
        if self.family.ties_open and any(
            part.verdict(self.family, place) for part in here if part.polygons("possible")
        ):
            return True  # what serves an area serves its border, where no less is allowed
        here.sort(key=lambda part: (-int(part.face.allowed.sum()), part.face.dimension))
        return here[0].verdict(self.family, place)

    def check(self) -> Iterator[str]:
        """Each claim that holds, in words.  Raises InvalidCertificate at the first that does not."""
        check_faces(self.family, [part.face for part in self.parts])
        for k, part in enumerate(self.parts):
            yield part.check(self.family, self.parts[:k])

    def to_json(self) -> dict[str, Any]:
        """The region, with everything that proves it: exact strings, the problem embedded, a checksum."""
        body = {
            "format": FORMAT,
            "status": self.status,
            "title": self.title,
            "over": {r.name: [text(r.low), text(r.high)] for r in self.family.over},
            "undecided": text(self.undecided),
            "parts": [self._part(part) for part in self.parts],
            **({"notes": list(self.notes)} if self.notes else {}),
            "problem": dict(self.family.document),
        }
        return {**body, "sha256": checksum(body)}

    def _part(self, part: Part) -> dict[str, Any]:
        at = self.family.at(middle(part.face.corners))
        return {
            "face": _points(part.face.corners),
            "possible": [_points(p) for p in part.polygons("possible")],
            "cuts": [
                {"at_least_zero": [text(c), *map(text, n)], **multipliers_to_json(at, y)}
                for (c, n), y in zip(part.lines, part.cuts, strict=True)
            ],
            "corners": _points(part.corners),
            "mechanisms": list(map(ruled_to_json, part.mechanisms)),
            "pieces": [piece.to_json(self.family.on(part.face.corners)) for piece in part.pieces],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Region:
        """Read :meth:`to_json` back; :meth:`check` says whether it holds.  Raises InvalidCertificate, InvalidDesign."""
        try:
            over = tuple(Range(str(n), rational(a), rational(b)) for n, (a, b) in data["over"].items())
            family = Family(data["problem"], over)
            parts = tuple(
                _part_from_json(family, face, own)
                for face, own in zip(faces(family), data["parts"], strict=True)
            )
            region = cls(family, str(data["title"]), parts, tuple(map(str, data.get("notes", ()))))
            if region.status != data["status"] or text(region.undecided) != data["undecided"]:
                raise InvalidCertificate("the verdict is not that of the parts")
            return region
        except (InvalidCertificate, InvalidDesign):
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise unreadable("region", error) from None

    def __repr__(self) -> str:
        left = "" if self.exact else f", {text(self.undecided)} undecided"
        return f"<Region of {self.title!r} over {', '.join(self.family.names)}: {self.status}{left}>"


def _points(polygon: Sequence[Vector]) -> list[list[str]]:
    return [list(map(text, p)) for p in polygon]


def _read_points(data: Any) -> tuple[Vector, ...]:
    return tuple((rational(x), rational(y)) for x, y in data)


def _part_from_json(family: Family, face: Face, data: Mapping[str, Any]) -> Part:
    family = family.on(face.corners)
    at = family.at(middle(face.corners))
    kind: type[Piece] | type[Patch] = Piece if straight(family) else Patch
    part = Part(
        face,
        tuple(multipliers_from_json(at, own) for own in data["cuts"]),
        tuple(
            (rational(c), (rational(x), rational(y)))
            for c, x, y in (o["at_least_zero"] for o in data["cuts"])
        ),
        _read_points(data["corners"]),
        tuple(ruled_from_json(at, m) for m in data["mechanisms"]),
        tuple(kind.from_json(family, own) for own in data["pieces"]),
    )
    if [_points(p) for p in part.polygons("possible")] != data["possible"] or _points(face.corners) != data[
        "face"
    ]:
        raise InvalidCertificate("the polygons are not those of the proofs")
    return part


__all__ = ["FORMAT", "Line", "Part", "Region", "covered", "kept", "line", "lottery", "straight"]
