"""Sets of beliefs that move with the parameters: their vertices as functions, on parts of a box between which they change.

The rows of a set keep their coefficients, and their right-hand sides are polynomials of the parameters.  A vertex at a point is
the only solution of its tight rows; where it has as many probabilities and slacks that are positive as the rows have rank (it is
not degenerate), the same rows give it beside the point, as polynomials, for as long as these stay positive.  A **cell** is where
they do, at every vertex of every set.  Inside of it no other vertex appears: where one does, the limits of those before contain
it (sets are bounded), and it shares its place with one of them that is not degenerate.  On the border vertices may meet; then
those functions are still points of the set, and all vertices are among them.

Of one parameter cells are intervals between algebraic numbers; of two, right-hand sides are affine, and cells convex polygons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet
from ..exact.algebraic import Algebraic, between, roots
from ..exact.numbers import Rationals
from ..exact.planar import Vector, affine, corners, cut, dimension
from ..exact.quotients import interpolated
from ..question.design import Design

#: Where in an interval, or between which corners of a polygon, sets are looked at, one place after the other.
PLACES = (Fraction(29, 61), Fraction(37, 61), Fraction(17, 61), Fraction(41, 97))
#: Cells of a box.
MOST_CELLS = 200
#: The design at a point; None where the file is no problem.
Read = Callable[[Vector], Design | None]
#: Coordinates of vertices that are positive in a cell, by their values at the nodes.
Values = Sequence[Sequence[Fraction]]


class Changing(Exception):
    """Sets whose vertices cannot be followed; the message says why."""


@dataclass(frozen=True)
class Cell:
    """A part of a box: an interval (``ends``), a polygon (``corners``, also of an interval between rational numbers), or both.

    ``vertices`` has, for each set (:func:`sets_of`), its vertices at each of ``nodes``, ``(K, *shape)``: polynomials, which their
    values there determine.
    """

    ends: tuple[Algebraic, Algebraic] | None
    corners: tuple[Vector, ...]
    nodes: tuple[Vector, ...]
    vertices: tuple[tuple[Rationals, ...], ...]

    def holds(self, point: Vector) -> bool:
        """Whether a point lies in it, its border included."""
        if self.ends is None:
            return set(corners([*self.corners, point])) == set(corners(self.corners))
        return self.spans(at := Algebraic.of(point[0]), at)

    def spans(self, low: Algebraic, high: Algebraic) -> bool:
        """Whether an interval lies in it."""
        return self.ends is not None and self.ends[0] <= low and high <= self.ends[1]

    def design(self, design: Design, point: Vector) -> Design:
        """The design at a point of the cell, the vertices of its sets in their order."""
        weights = _weights(self.nodes, point, plane=self.ends is None)
        return _with_sets(design, [_total(own, weights) for own in self.vertices])


def sets_of(design: Design) -> list[BeliefSet]:
    """The sets that requirements are about, by their vertices: those of types, and the designer's where something is asked
    under every prior."""
    environment = design.environment
    found = [beliefs for own in environment.belief_sets or () for beliefs in own]
    return [*found, environment.designer_set] if _by_vertices(design) else found  # type: ignore[list-item]


def _by_vertices(design: Design) -> bool:
    asked = any(rows.each == "expected" for rows in design.constraints)
    return asked and design.environment.designer_set is not None


def _with_sets(design: Design, vertices: Sequence[Rationals]) -> Design:
    environment, left = design.environment, iter(vertices)
    known = lambda beliefs: replace(beliefs, known=next(left), corners=None)  # noqa: E731
    types = environment.belief_sets
    found = None if types is None else tuple(tuple(map(known, own)) for own in types)
    designer = known(environment.designer_set) if _by_vertices(design) else environment.designer_set
    return replace(design, environment=replace(environment, belief_sets=found, designer_set=designer))


def cells(read: Read, box: Sequence[Vector], degree: int) -> tuple[Cell, ...]:
    """The cells of a box of one or two parameters, in order; what is left out are points at which the file is no problem.

    Raises
    ------
    Changing
        Rows that change otherwise than in their right-hand sides, vertices that are degenerate all along, too many cells.
    """
    nodes = _nodes(read, box, degree)
    at = [sets_of(design) for _, design in nodes]
    search = _Search(read, tuple(p for p, _ in nodes), at)
    found = list(search.polygons(box) if len(box) > 2 else search.intervals(box))
    return tuple(found)


def _nodes(read: Read, box: Sequence[Vector], degree: int) -> list[tuple[Vector, Design]]:
    """Points whose values determine polynomials of a degree (affine functions of the plane), and the designs there."""
    if len(box) > 2:
        places = [box[0], box[1], box[3]]
        count = 3
    else:
        (low, _), (high, _) = box
        count = degree + 1
        tried = count + 8
        places = [(low + (high - low) * k / (tried - 1), Fraction(0)) for k in range(tried)]
        places = [places[0], places[-1], *places[1:-1]]
    found = [(p, design) for p in places if (design := read(p)) is not None][:count]
    if len(found) < count:
        raise Changing("the file is a problem at few points of the range only")
    return found


@dataclass(frozen=True)
class _Search:
    """Cells one after the other; ``at`` are the sets at the nodes."""

    read: Read
    nodes: tuple[Vector, ...]
    at: Sequence[Sequence[BeliefSet]]

    def intervals(self, box: Sequence[Vector]) -> Iterator[Cell]:
        """From the least on."""
        points = tuple(p[0] for p in self.nodes)
        waiting, count = [(Algebraic.of(box[0][0]), Algebraic.of(box[1][0]))], 0
        while waiting:
            low, high = waiting.pop()
            places = [(between(low, high, share), Fraction(0)) for share in PLACES]
            found = self._first(places)
            if found is None:
                continue
            point, vertices, values = found
            at, own = Algebraic.of(point[0]), (low, high)
            for function in interpolated(points, list(dict.fromkeys(map(tuple, values)))) if values else ():
                for end in roots(function) if function.degree() > 0 else ():
                    low, high = (max(low, end), high) if end < at else (low, min(high, end))
            waiting += [(a, b) for a, b in ((high, own[1]), (own[0], low)) if a < b]
            count = _counted(count)
            ends = [end.rational for end in (low, high)]
            places = [(x, Fraction(0)) for x in ends if x is not None]
            yield Cell((low, high), tuple(places) if len(places) == 2 else (), self.nodes, vertices)

    def polygons(self, box: Sequence[Vector]) -> Iterator[Cell]:
        """Each cut off from what is left."""
        waiting, count = [list(box)], 0
        while waiting:
            polygon = waiting.pop()
            found = self._first([_inside(polygon, share) for share in PLACES])
            if found is None:
                continue
            _, vertices, values = found
            left = polygon
            for own in dict.fromkeys(map(tuple, values)):
                constant, normal = affine(self.nodes, own)
                away = cut(left, normal, -constant)
                if dimension(away) == 2:
                    waiting.append(away)
                    left = cut(left, (-normal[0], -normal[1]), constant)
            count = _counted(count)
            yield Cell(None, tuple(left), self.nodes, vertices)

    def _first(
        self, places: Sequence[Vector]
    ) -> tuple[Vector, tuple[tuple[Rationals, ...], ...], list[list[Fraction]]] | None:
        """The first place at which no vertex is degenerate: the vertices at the nodes, and what is positive in their cell.

        None where the file is a problem at none of them.  Raises Changing.
        """
        said: Changing | None = None
        for place in places:
            design = self.read(place)
            if design is None:
                continue
            try:
                found = [_moved(own, nodes) for own, *nodes in zip(sets_of(design), *self.at, strict=True)]
            except Changing as change:
                said = change
                continue
            values = [own for _, positive in found for own in positive]
            return place, tuple(vertices for vertices, _ in found), values
        if said is not None:
            raise said
        return None


def _counted(count: int) -> int:
    if count >= MOST_CELLS:
        raise Changing(f"vertices change more than {MOST_CELLS} times")
    return count + 1


def _inside(polygon: Sequence[Vector], share: Fraction) -> Vector:
    """A point inside a polygon that is no simple combination of its corners."""
    weights = [share**k for k in range(len(polygon))]
    x, y = (sum((w * p[k] for w, p in zip(weights, polygon, strict=True)), Fraction(0)) for k in (0, 1))
    return x / sum(weights), y / sum(weights)


def _weights(nodes: Sequence[Vector], point: Vector, *, plane: bool) -> list[Fraction]:
    """By which values at the nodes are combined to the value at a point: Lagrange's polynomials, or affine functions."""
    if plane:
        units = [[Fraction(int(k == j)) for k in range(len(nodes))] for j in range(len(nodes))]
        found = [affine(nodes, unit) for unit in units]
        return [constant + normal[0] * point[0] + normal[1] * point[1] for constant, normal in found]
    at = [p[0] for p in nodes]
    return [prod(((point[0] - q) / (p - q) for q in at if q != p), start=Fraction(1)) for p in at]


def _total(arrays: Sequence[Rationals], weights: Sequence[Fraction]) -> Rationals:
    out = Rationals.zeros(arrays[0].shape)
    for array, weight in zip(arrays, weights, strict=True):
        if weight:
            out = out + array * weight
    return out


# -- one set ---------------------------------------------------------------------------------------
def _moved(middle: BeliefSet, nodes: Sequence[BeliefSet]) -> tuple[tuple[Rationals, ...], list[list[Fraction]]]:
    """The vertices of a set at the nodes, from those inside of a cell, and what is positive there.  Raises Changing."""
    if all(middle.same(node) for node in nodes):
        return (middle.vertices,) * len(nodes), []
    if middle.lifts or any(not _alike(middle, node) for node in nodes):
        raise Changing(f"a set ({middle.kind}) whose rows change otherwise than in their right-hand sides")
    found = [_followed(middle, nodes, vertex.ravel()) for vertex in middle.vertices]
    shape = (len(found), *middle.shape)
    cells = [[c for rows, _ in found for c in rows[k]] for k in range(len(nodes))]
    vertices = tuple(Rationals.from_fractions(own, shape) for own in cells)
    return vertices, [own for _, positive in found for own in positive]


def _alike(one: BeliefSet, other: BeliefSet) -> bool:
    """Whether rows differ in right-hand sides alone."""
    return len(one.rows) == len(other.rows) and all(
        (a.sense, a.count) == (b.sense, b.count)
        and np.array_equal(a.row, b.row)
        and np.array_equal(a.column, b.column)
        and a.value.same(b.value)
        for a, b in zip(one.rows, other.rows, strict=True)
    )


def _followed(
    middle: BeliefSet, nodes: Sequence[BeliefSet], vertex: Rationals
) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """A vertex at every node, by the rows that are tight at it in the middle, and its positive coordinates and slacks there.

    Raises Changing.
    """
    matrix, slack = _matrix(middle)
    sides = [[v for rows in own.all_rows for v in rows.rhs.fractions()] for own in (middle, *nodes)]
    point = vertex.fractions()
    gaps = [
        abs(s - sum((a * x for a, x in zip(row, point, strict=True)), Fraction(0)))
        for row, s in zip(matrix, sides[0], strict=True)
    ]
    inside = [k for k, x in enumerate(point) if x]
    loose = [r for r, gap in enumerate(gaps) if slack[r] and gap]
    square = [
        [row[k] for k in inside] + [Fraction(slack[r] * (q == r)) for q in loose]
        for r, row in enumerate(matrix)
    ]
    full = [
        row + [Fraction(slack[r] * (q == r)) for q in range(len(matrix)) if slack[q]]
        for r, row in enumerate(matrix)
    ]
    size = len(inside) + len(loose)
    reduced, rank = _reduced([row + [side[r] for side in sides] for r, row in enumerate(square)])
    if rank != size or _reduced(full)[1] != size:
        raise Changing(f"a set ({middle.kind}) with a vertex at which more rows meet than must")
    positive = [[reduced[k][size + 1 + c] for c in range(len(nodes))] for k in range(size)]
    rows = []
    for c in range(len(nodes)):
        cells = [Fraction(0)] * middle.cells
        for k, own in zip(inside, positive, strict=False):
            cells[k] = own[c]
        rows.append(cells)
    return rows, positive


def _matrix(beliefs: BeliefSet) -> tuple[list[list[Fraction]], list[int]]:
    """The rows of a set on its cells, and the sign of the slack of each: 1 for at most, -1 for at least, 0 for equalities."""
    matrix: list[list[Fraction]] = []
    slack: list[int] = []
    for rows in beliefs.all_rows:
        own = [[Fraction(0)] * beliefs.cells for _ in range(rows.count)]
        for r, c, v in zip(rows.row.tolist(), rows.column.tolist(), rows.value.fractions(), strict=True):
            own[r][c] += v
        matrix += own
        slack += [{"=": 0, "<=": 1, ">=": -1}[rows.sense]] * rows.count
    return matrix, slack


def _reduced(rows: Sequence[Sequence[Fraction]]) -> tuple[list[list[Fraction]], int]:
    """The reduced echelon form, and the rank."""
    from flint import fmpq, fmpq_mat

    width = len(rows[0])
    cells: list[Any] = [fmpq(v.numerator, v.denominator) for row in rows for v in row]
    found, rank = fmpq_mat(len(rows), width, cells).rref()
    read = [
        [Fraction(int(found[r, c].p), int(found[r, c].q)) for c in range(width)] for r in range(len(rows))
    ]
    return read, rank


__all__ = ["Cell", "Changing", "cells", "sets_of"]
