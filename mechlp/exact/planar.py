"""Exact convex sets in the plane: what points and rays span, as half-planes, and what of it a window shows.

A set is ``conv(points) + cone(rays)``: a polygon, or one that goes on without end, a strip, a segment, a single point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

Vector = tuple[Fraction, Fraction]
#: ``(normal, bound)``: the points x with ``normal . x <= bound``; the normal has coprime integer entries.
HalfPlane = tuple[Vector, Fraction]
AXES: tuple[Vector, ...] = tuple(
    (Fraction(x), Fraction(y)) for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1))
)  # fmt: skip


def dot(a: Vector, b: Vector) -> Fraction:
    """The inner product."""
    return a[0] * b[0] + a[1] * b[1]


def cross(a: Vector, b: Vector) -> Fraction:
    """Positive when b lies counterclockwise of a, zero when they are parallel."""
    return a[0] * b[1] - a[1] * b[0]


def primitive(direction: Vector) -> Vector:
    """The shortest integer vector in a direction (not zero)."""
    scale = math.lcm(direction[0].denominator, direction[1].denominator)
    x, y = (int(c * scale) for c in direction)
    common = math.gcd(x, y)
    return Fraction(x // common), Fraction(y // common)


def corners(points: Iterable[Vector]) -> list[Vector]:
    """The vertices of the convex hull, counterclockwise from the least (Andrew 1979)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    half = _half(ordered)[:-1] + _half(ordered[::-1])[:-1]
    return half


def _half(ordered: Sequence[Vector]) -> list[Vector]:
    out: list[Vector] = []
    for p in ordered:
        while len(out) > 1 and cross(_minus(out[-1], out[-2]), _minus(p, out[-1])) <= 0:
            out.pop()
        out.append(p)
    return out


def _minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1]


def facets(points: Sequence[Vector], rays: Sequence[Vector] = ()) -> list[HalfPlane]:
    """Half-planes whose intersection is exactly ``conv(points) + cone(rays)``; none when that is the plane.

    One for each edge; a segment, a half-line or a line also has those of its ends, a point four.
    """
    hull = corners(points)
    along = [_minus(hull[k], hull[k - 1]) for k in range(len(hull)) if len(hull) > 1] + list(rays)
    flat = all(cross(along[0], t) == 0 for t in along)
    normals = {primitive(n) for t in along for n in ((-t[1], t[0]), (t[1], -t[0]))}
    if flat:
        normals |= {primitive(n) for t in along for n in (t, (-t[0], -t[1]))}
        normals |= set() if along else set(AXES)
    out = []
    for normal in sorted(normals, key=lambda n: math.atan2(n[1], n[0])):
        heights = [dot(normal, r) for r in rays]
        if any(h > 0 for h in heights):
            continue
        values = [dot(normal, p) for p in hull]
        bound = max(values)
        if flat or values.count(bound) > 1 or 0 in heights:
            out.append((normal, bound))
    return out


def tight(point: Vector, halfplanes: Iterable[HalfPlane]) -> list[Vector]:
    """The normals of the half-planes on whose border a point lies."""
    return [normal for normal, bound in halfplanes if dot(normal, point) == bound]


def is_vertex(point: Vector, halfplanes: Iterable[HalfPlane]) -> bool:
    """Whether borders of the half-planes meet in a point of their intersection."""
    normals = tight(point, halfplanes)
    return any(cross(normals[0], n) != 0 for n in normals[1:])


def spanning(points: Sequence[Vector], rays: Sequence[Vector]) -> tuple[list[int], list[int]]:
    """Positions of points and rays that span the same set: its vertices (where it contains a line, a point of each
    border), and no ray that the others make."""
    kept_rays = list(range(len(rays)))
    whole = facets(points, rays)
    for k in range(len(rays)):
        rest = [j for j in kept_rays if j != k]
        if facets(points, [rays[j] for j in rest]) == whole:
            kept_rays = rest
    vertices = {p: k for k, p in reversed(list(enumerate(points))) if is_vertex(p, whole)}
    kept = [vertices[p] for p in corners(vertices)]
    if not kept:
        first = {next(k for k, p in enumerate(points) if dot(n, p) == bound) for n, bound in whole}
        kept = sorted(first) or [0]
    return kept, kept_rays


def window(
    points: Sequence[Vector], rays: Sequence[Vector], margin: Fraction = Fraction(1, 4)
) -> list[Vector]:
    """Two opposite corners of a rectangle around the points, larger where the set goes on without end."""
    out: list[list[Fraction]] = [[], []]
    sides = [[p[k] for p in points] for k in (0, 1)]
    size = max(max(s) - min(s) for s in sides) or Fraction(1)
    for side in sides:
        spread = (max(side) - min(side)) or size
        pad = size if rays else spread * margin
        out[0].append(min(side) - pad)
        out[1].append(max(side) + pad)
    return [(out[0][0], out[0][1]), (out[1][0], out[1][1])]


def clipped(halfplanes: Iterable[HalfPlane], low: Vector, high: Vector) -> list[Vector]:
    """The corners of an intersection of half-planes within a rectangle, in order."""
    polygon: list[Vector] = [low, (high[0], low[1]), high, (low[0], high[1])]
    for normal, bound in halfplanes:
        polygon = cut(polygon, normal, bound)
    return list(dict.fromkeys(polygon))


def cut(polygon: Sequence[Vector], normal: Vector, bound: Fraction) -> list[Vector]:
    """The part of a convex polygon, segment or point where ``normal . x <= bound``, its corners in order (Sutherland and
    Hodgman 1974)."""
    kept: list[Vector] = []
    for k, p in enumerate(polygon):
        before = polygon[k - 1]
        inside, was = bound - dot(normal, p), bound - dot(normal, before)
        if inside * was < 0:
            share = was / (was - inside)
            kept.append(tuple(a + share * (b - a) for a, b in zip(before, p, strict=True)))  # type: ignore[arg-type]
        if inside >= 0:
            kept.append(p)
    return list(dict.fromkeys(kept))


def dimension(polygon: Sequence[Vector]) -> int:
    """Of what the corners span: 0 a point, 1 a segment, 2 an area (-1: nothing)."""
    return min(len(corners(polygon)), 3) - 1


def middle(polygon: Sequence[Vector]) -> Vector:
    """The mean of the corners: a point inside."""
    size = len(polygon)
    return sum((p[0] for p in polygon), Fraction(0)) / size, sum((p[1] for p in polygon), Fraction(0)) / size


def area(polygon: Sequence[Vector]) -> Fraction:
    """Of a convex polygon whose corners are in order."""
    return abs(sum((cross(polygon[k - 1], p) for k, p in enumerate(polygon)), Fraction(0))) / 2


def affine(points: Sequence[Vector], values: Sequence[Fraction]) -> tuple[Fraction, Vector]:
    """``(c, n)`` such that ``c + n . x`` takes these values at these points, constant across what the points span.

    Raises
    ------
    ValueError
        No affine function does.
    """
    base, start = points[0], values[0]
    steps = [(_minus(p, base), v - start) for p, v in zip(points, values, strict=True)]
    first = next(((d, v) for d, v in steps if any(d)), None)
    normal: Vector = (Fraction(0), Fraction(0))
    if first is not None:
        d, v = first
        second = next(((e, w) for e, w in steps if cross(d, e) != 0), None)
        if second is None:
            normal = d[0] * v / dot(d, d), d[1] * v / dot(d, d)
        else:
            e, w = second
            normal = (v * e[1] - w * d[1]) / cross(d, e), (d[0] * w - e[0] * v) / cross(d, e)
    if any(dot(normal, d) != v for d, v in steps):
        raise ValueError("no affine function takes these values")
    return start - dot(normal, base), normal
