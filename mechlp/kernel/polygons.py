"""Polygons of parameters (segments, points) as inequalities that a reader of a theorem sees, and on which of them ties are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

import numpy as np

from ..exact.planar import Vector, cross, dot
from ..proof.faces import Face
from ..proof.family import Family
from .covered import NotCovered
from .syntax import Numerals

#: ``constant + normal . p``.
Line = tuple[Fraction, Vector]


@dataclass(frozen=True)
class Side:
    """A line that is not negative on a polygon, or is zero on all of it."""

    line: Line
    zero: bool = False

    def at(self, point: Vector) -> Fraction:
        """Its value at a point."""
        return self.line[0] + dot(self.line[1], point)


def sides(polygon: Sequence[Vector], parameters: int) -> list[Side]:
    """What says that a point lies in a polygon whose corners are in order, in a segment, or in a point."""
    if len(polygon) == 1:
        axes = [(Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))][:parameters]
        return [Side((-dot(axis, polygon[0]), axis), zero=True) for axis in axes]
    if len(polygon) > 2:
        return [_left(a, b) for a, b in pairwise([*polygon, polygon[0]])]
    low, high = polygon
    d = high[0] - low[0], high[1] - low[1]
    ends = [Side((-dot(d, low), d)), Side((dot(d, high), (-d[0], -d[1])))]
    return [Side(_left(low, high).line, zero=True), *ends] if parameters == 2 else ends


def _left(a: Vector, b: Vector) -> Side:
    """That a point lies to the left of the way from a to b."""
    normal = a[1] - b[1], b[0] - a[0]
    return Side((cross(a, b), normal))


def written(line: Line, relation: str, names: Sequence[str], write: Numerals) -> str:
    """``0 relation line`` as a proposition, each term on the side on which it is positive."""
    constant, normal = line
    terms = [(n, name) for n, name in zip(normal, names, strict=False) if n]
    if len(terms) == 1:  # a bound on one parameter
        (n, name), end = terms[0], write.number(-constant / terms[0][0])
        first = n > 0 and relation != "=="
        return f"({end} {relation} {name})%Q" if first else f"({name} {relation} {end})%Q"
    every = [(constant, ""), *terms]
    scale = Fraction(lcm(*(c.denominator for c, _ in every)))
    scale /= gcd(*(int(c * scale) for c, _ in every)) or 1
    positive = [_term(c * scale, name) for c, name in every if c > 0]
    negative = [_term(-c * scale, name) for c, name in every if c < 0]
    return f"({' + '.join(negative) or 0} {relation} {' + '.join(positive) or 0})%Q"


def _term(c: Fraction, name: str) -> str:
    return name if name and c == 1 else f"{c} * {name}" if name else f"{c}"


def premises(
    every: Sequence[Side], strict: Sequence[Side], names: Sequence[str], write: Numerals
) -> Iterator[str]:
    """That a point lies in a polygon, not on some of its sides: the bounds of each parameter first."""

    def order(side: Side) -> tuple[bool, bool, bool]:
        first, second = side.line[1]
        return bool(first and second), not first, first + second < 0

    for side in sorted(every, key=order):
        relation = "==" if side.zero else "<" if side in strict else "<="
        yield written(side.line, relation, names, write)


def tied(family: Family, face: Face, polygon: Sequence[Vector], every: Sequence[Side]) -> list[Side]:
    """The sides on which more is efficient than inside.  Raises NotCovered."""
    if not family.ties_open:
        return []
    more = [family.at(p).allowed & ~face.allowed for p in polygon]
    found: list[Side] = []
    for cell in np.argwhere(np.any(more, axis=0)):
        _add(found, [p for p, own in zip(polygon, more, strict=True) if own[tuple(cell)]], every)
    return found


def _add(found: list[Side], points: Sequence[Vector], every: Sequence[Side]) -> None:
    """A side that has these points, where none was found before."""
    has = [s for s in every if not s.zero and all(s.at(p) == 0 for p in points)]
    if not has:
        raise NotCovered(
            "a piece of a region at two corners of which, and not between them, something is tied"
        )
    if not any(s in found for s in has):
        found.append(has[0])


def beyond(
    polygon: Sequence[Vector], values: Sequence[Fraction], every: Sequence[Side], strict: list[Side]
) -> Line:
    """A line that what multipliers imply is at most at each corner, and that is negative inside: where they imply nothing at
    some corners, a side that has these becomes strict.  Raises NotCovered."""
    zero = [p for p, v in zip(polygon, values, strict=True) if v == 0]
    if not zero:
        return max(values), (Fraction(0), Fraction(0))
    _add(strict, zero, every)
    side = next(s for s in strict if all(s.at(p) == 0 for p in zero))
    step = min(-v / side.at(p) for p, v in zip(polygon, values, strict=True) if side.at(p))
    constant, normal = side.line
    return -step * constant, (-step * normal[0], -step * normal[1])


__all__ = ["Line", "Side", "beyond", "premises", "sides", "tied", "written"]
