"""Belief sets that move with the parameters: their vertices as affine functions.

The rows of a set keep their coefficients and their right-hand sides are affine in the parameters.  A vertex at a point of the
box is the only solution of its tight rows; where it has as many probabilities and slacks that are positive as the rows have rank
(it is not degenerate), the same rows give it beside the point, as an affine function, for as long as these stay positive.  When
they do inside of the box, at every vertex, no other vertex appears there: where one does, the limits of those before contain it
(sets are bounded), and it shares its place with one of them that is not degenerate.  On the border vertices may meet; then those
functions are still points of the set, and all vertices are among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet
from ..exact.numbers import Rationals
from ..question.design import Design


class Changing(Exception):
    """Vertices that change inside of the box; ``share`` is where between its first two corners, if they change there alone."""

    def __init__(self, said: str, share: Fraction | None = None) -> None:
        super().__init__(said)
        self.share = share


@dataclass(frozen=True)
class MovingSet:
    """The vertices of one set at the corners of a box, ``(K, *shape)`` each."""

    corners: tuple[Rationals, ...]

    @classmethod
    def of(cls, middle: BeliefSet, corners: Sequence[BeliefSet]) -> MovingSet:
        """From the sets inside of a box and at its corners.  Raises Changing."""
        if all(middle.same(corner) for corner in corners):
            return cls((middle.vertices,) * len(corners))
        if middle.lifts or any(not _alike(middle, corner) for corner in corners):
            raise Changing(
                f"a set ({middle.kind}) whose rows change otherwise than in their right-hand sides"
            )
        found = [_moved(middle, corners, vertex.ravel()) for vertex in middle.vertices]
        shape = (len(found), *middle.shape)
        cells = [[c for row in found for c in row[k]] for k in range(len(corners))]
        return cls(tuple(Rationals.from_fractions(own, shape) for own in cells))

    def at(self, weights: Sequence[Fraction]) -> Rationals:
        """The vertices at an affine combination of corners."""
        total = Rationals.zeros(self.corners[0].shape)
        for corner, weight in zip(self.corners, weights, strict=True):
            if weight:
                total = total + corner * weight
        return total


def moving(middle: Design, corners: Sequence[Design]) -> tuple[tuple[MovingSet, ...], ...]:
    """The sets of all types of all agents.  Raises Changing."""
    every = [design.environment.belief_sets for design in (middle, *corners)]
    out = []
    for i, own in enumerate(every[0] or ()):
        sets = []
        for k, beliefs in enumerate(own):
            name = middle.environment.agents[i].name
            try:
                sets.append(
                    MovingSet.of(beliefs, [sets_of[i][k] for sets_of in every[1:] if sets_of is not None])
                )
            except Changing as change:
                raise Changing(f"beliefs.sets.{name}: {change}", change.share) from None
        out.append(tuple(sets))
    return tuple(out)


def moved(design: Design, sets: Sequence[Sequence[MovingSet]], weights: Sequence[Fraction]) -> Design:
    """The design at an affine combination of corners, the vertices of its belief sets in their order."""
    environment = design.environment
    assert environment.belief_sets is not None
    found = tuple(
        tuple(
            replace(beliefs, known=one.at(weights), corners=None)
            for beliefs, one in zip(own, moves, strict=True)
        )
        for own, moves in zip(environment.belief_sets, sets, strict=True)
    )
    return replace(design, environment=replace(environment, belief_sets=found))


def _alike(one: BeliefSet, other: BeliefSet) -> bool:
    """Whether rows differ in right-hand sides alone."""
    return len(one.rows) == len(other.rows) and all(
        (a.sense, a.count) == (b.sense, b.count)
        and np.array_equal(a.row, b.row)
        and np.array_equal(a.column, b.column)
        and a.value.same(b.value)
        for a, b in zip(one.rows, other.rows, strict=True)
    )


def _moved(middle: BeliefSet, corners: Sequence[BeliefSet], vertex: Rationals) -> list[list[Fraction]]:
    """A vertex at every corner, by the rows that are tight at it in the middle.  Raises Changing."""
    matrix, slack = _matrix(middle)
    sides = [[v for rows in own.all_rows for v in rows.rhs.fractions()] for own in (middle, *corners)]
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
    values = [[reduced[k][size + 1 + c] for k in range(size)] for c in range(len(corners))]
    _check_positive(middle, values)
    out = []
    for own in values:
        cells = [Fraction(0)] * middle.cells
        for k, x in zip(inside, own, strict=False):
            cells[k] = x
        out.append(cells)
    return out


def _check_positive(middle: BeliefSet, values: Sequence[Sequence[Fraction]]) -> None:
    """That probabilities and slacks, which are positive in the middle, are not negative at the corners.  Raises Changing."""
    negative = [own for own in zip(*values, strict=True) if min(own) < 0]
    if not negative:
        return
    shares = [own[0] / (own[0] - own[1]) for own in negative if len(own) == 2]
    raise Changing(
        f"the vertices of a set ({middle.kind}) change",
        min(shares, key=lambda s: abs(s - Fraction(1, 2)), default=None),
    )


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


__all__ = ["Changing", "MovingSet", "moved", "moving"]
