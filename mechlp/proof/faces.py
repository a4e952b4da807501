"""Where an efficient rule changes: the box of parameters as faces, on each of which the same outcomes may be used.

Where payoffs are affine in the parameters, an outcome is efficient at a profile on a convex polygon, and all of these cut the box
into areas, edges between them, and points where edges meet.  On an edge more outcomes are efficient (ties).  A face whose
outcomes are those of an area beside it is no face of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact import planar
from ..exact.numbers import Rationals
from ..exact.planar import Vector, affine, corners, cross, cut, dimension, dot, middle
from .family import Family, InvalidFamily
from .invalid import InvalidCertificate

#: Most areas of one rule that a box is cut into.
MAX_AREAS = 400
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Face:
    """An area, an edge or a point, by its corners, and the outcomes that may be used inside it, ``(|A|, *Theta)``."""

    corners: tuple[Vector, ...]
    allowed: Mask

    @property
    def dimension(self) -> int:
        return dimension(self.corners)

    def holds(self, point: Vector) -> bool:
        """Whether a point lies in the face, its border included."""
        return inside(point, self.corners)


def inside(point: Vector, polygon: Sequence[Vector]) -> bool:
    """Whether a point lies in a convex polygon, a segment or a point, border included."""
    return set(corners([*polygon, point])) == set(corners(polygon))


def faces(family: Family) -> list[Face]:
    """The faces of a family, areas first.

    Raises
    ------
    InvalidFamily
        The box is cut into too many areas.
    """
    box = family.corners
    rule = family.at(box[0]).allocation
    if family.degree > 1 or not (isinstance(rule, str) and rule.startswith("efficient")):
        return [Face(tuple(part), family.at(middle(part)).allowed) for part in _parts(family)]
    areas = [Face(tuple(p), family.at(middle(p)).allowed) for p in _areas(family)]
    found = list(areas)
    for part in _borders([f.corners for f in areas]):
        face = Face(part, family.at(middle(part)).allowed)
        beside = [f for f in found if f.dimension > face.dimension and all(f.holds(p) for p in part)]
        same = [bool(np.array_equal(f.allowed, face.allowed)) for f in beside]
        # With ties left open an area that allows as much as its border serves it; a rule that settles ties may change sides.
        if not (any(same) if family.ties_open else all(same)):
            found.append(face)
    return found


def check_faces(family: Family, claimed: Sequence[Face]) -> None:
    """That these are the faces of the problem.  Raises InvalidCertificate."""
    found = faces(family)
    same = [
        f.corners == c.corners and np.array_equal(f.allowed, c.allowed)
        for f, c in zip(found, claimed, strict=False)
    ]
    if len(found) != len(claimed) or not all(same):
        raise InvalidCertificate("the faces are not those of the problem")


def _areas(family: Family) -> list[list[Vector]]:
    """The box, cut where the best outcomes of a profile change."""
    box = family.corners
    areas = _parts(family)
    for functions in _distinct(family.surpluses(box)):
        lines = [affine(box, values) for values in functions]
        refined: list[list[Vector]] = []
        for area in areas:
            refined += _envelope(area, lines)
        areas = refined
        if len(areas) > MAX_AREAS:
            raise InvalidFamily(
                f"the efficient rule changes along so many lines that more than {MAX_AREAS} areas are left: take smaller ranges"
            )
    return areas


def _parts(family: Family) -> list[list[Vector]]:
    """The box, cut where vertices of belief sets change."""
    parts = [list(cell.corners) for cell in family.cells] or [list(family.corners)]
    for cell in family.cells:
        if cell.ends is not None and not cell.corners:
            end = next(end for end in cell.ends if end.rational is None)
            raise InvalidFamily(
                f"beliefs: the vertices of a set change at {family.names[0]} = {float(end):.6g}, which is irrational: `mechlp "
                "threshold` finds exact ends there"
            )
    if sum(map(_size, parts)) < _size(family.corners):
        raise InvalidFamily("the file is a problem in a part of the box only: take smaller ranges")
    return parts


def _size(polygon: Sequence[Vector]) -> Fraction:
    """The area of a polygon, the length of an interval."""
    return planar.area(polygon) or abs(polygon[-1][0] - polygon[0][0])


def _distinct(surpluses: Sequence[Rationals]) -> Iterator[list[tuple[Any, ...]]]:
    """For each profile the surplus of its outcomes at the corners, where their order is not the same everywhere."""
    flat = [s.reshape(s.shape[0], -1) for s in surpluses]
    seen = set()
    for profile in range(flat[0].shape[1]):
        columns = [f[:, profile].fractions() for f in flat]
        functions = sorted(set(zip(*columns, strict=True)))
        best = [
            f
            for f in functions
            if not any(g != f and all(a > b for a, b in zip(g, f, strict=True)) for g in functions)
        ]
        key = tuple(best)
        if len(best) > 1 and key not in seen:
            seen.add(key)
            yield best


def _envelope(area: list[Vector], lines: list[tuple[Any, Vector]]) -> list[list[Vector]]:
    """The parts of an area, each where one function is largest."""
    parts = []
    size = dimension(area)
    for constant, normal in lines:
        part = area
        for other, slope in lines:
            part = cut(part, (slope[0] - normal[0], slope[1] - normal[1]), constant - other) if part else part
        if part and dimension(part) == size:
            parts.append(part)
    return parts


def _borders(areas: Sequence[Sequence[Vector]]) -> Iterator[tuple[Vector, ...]]:
    """Edges between the points where borders meet, each once, then these points."""
    points = sorted({p for area in areas for p in area})
    edges: set[tuple[Vector, ...]] = set()
    for area in areas:
        if dimension(area) < 2:
            continue
        for k, end in enumerate(area):
            start = area[k - 1]
            along = (end[0] - start[0], end[1] - start[1])
            between = [
                p
                for p in points
                if cross(along, (p[0] - start[0], p[1] - start[1])) == 0
                and 0 <= dot(along, (p[0] - start[0], p[1] - start[1])) <= dot(along, along)
            ]
            edges |= set(itertools.pairwise(between))
    yield from sorted(edges)
    yield from ((p,) for p in points)


__all__ = ["Face", "check_faces", "faces", "inside"]
