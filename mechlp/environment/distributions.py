"""Distributions over the cells of a grid: linear rows on them, and points whose hull is a set in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, added, rational, text

#: Most vertices of a set; each is a state in which a report is evaluated.
MAX_VERTICES = 4_000
SENSES = {"=": 0, ">=": 1, "<=": -1}


class InvalidBeliefSet(ValueError):
    """A set that makes no sense, or has too many vertices; the message says why."""


@dataclass(frozen=True, eq=False)
class Rows:
    """``count`` rows of one kind, ``sum of value * x[column] (sense) rhs``, as entries ``(row, column, value)``.

    Columns count the cells of the grid in row-major order, then the set's further variables.  Rows that ``split`` say
    of each cell that it is the sum of further variables, which occur in no other cell.
    """

    name: str
    row: npt.NDArray[np.intp]
    column: npt.NDArray[np.intp]
    value: Rationals
    sense: str
    rhs: Rationals
    splits: bool = False

    @property
    def count(self) -> int:
        return len(self.rhs)

    def activity(self, point: Rationals) -> Rationals:
        """The left sides at a point."""
        return added(self.value * point[self.column], (self.row,), (self.count,))

    def pulled(self, prices: Rationals, width: int) -> Rationals:
        """The rows' combination with one multiplier a row: coefficients on every column."""
        return added(self.value * prices[self.row], (self.column,), (width,))

    def arriving(self, cells: int, corner: npt.NDArray[np.intp], plan: npt.NDArray[np.intp]) -> Rows:
        """The same rows about what a plan moves to each cell: column ``plan[k]`` arrives at cell ``corner[k]``."""
        order = np.argsort(corner, kind="stable")
        starts = np.searchsorted(corner[order], np.arange(cells + 1))
        own = np.flatnonzero(self.column < cells)
        kept = np.flatnonzero(self.column >= cells)
        counts = np.diff(starts)[self.column[own]]
        entry = np.repeat(own, counts)
        offset = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
        columns = plan[order[starts[self.column[entry]] + offset]]
        every = np.concatenate([entry, kept])
        return replace(
            self,
            row=self.row[every],
            column=np.concatenate([columns, self.column[kept]]),
            value=self.value[every],
        )

    def shifted(self, cells: int, by: int) -> Rows:
        """The same rows with the further variables moved on by ``by``."""
        return replace(self, column=np.where(self.column >= cells, self.column + by, self.column))


def check_distribution(point: Any, what: str) -> None:
    """Raises InvalidBeliefSet unless the cells are probabilities that sum to one."""
    cells = Rationals.of(point)
    if bool(np.any(cells < 0)):
        raise InvalidBeliefSet(f"{what} has a negative probability")
    if cells.sum() != 1:
        raise InvalidBeliefSet(f"{what} sums to {text(cells.sum())}, expected 1")


def read_center(center: Any) -> Rationals:
    """The distribution at the center of a set.  Raises InvalidBeliefSet."""
    center = Rationals.of(center)
    check_distribution(center, "the belief at the center")
    return center


def read_share(value: Any, what: str) -> Fraction:
    """A number from 0 to 1.  Raises InvalidBeliefSet."""
    share = rational(value)
    if not 0 <= share <= 1:
        raise InvalidBeliefSet(f"{what} must lie in [0, 1], found {text(share)}")
    return share


def distinct(points: Rationals) -> Rationals:
    """Each point once, in order."""
    flat = points.numerator.reshape(len(points), -1)
    kept = list({tuple(map(int, row)): k for k, row in reversed(list(enumerate(flat)))}.values())
    return points[np.array(sorted(kept), dtype=np.intp)]


def straddling(function: Rationals, value: Fraction) -> Rationals | None:
    """Vertices of ``E[function] = value``: cells at the value, and pairs of cells on both sides of it."""
    cells, size = function.fractions(), function.size
    below, at, above = (
        [k for k in range(size) if (cells[k] > value) - (cells[k] < value) == s] for s in (-1, 0, 1)
    )
    if len(at) + len(below) * len(above) > MAX_VERTICES:
        return None
    points = []
    for k in at:
        points.append({k: Fraction(1)})
    for low in below:
        for high in above:
            share = (value - cells[low]) / (cells[high] - cells[low])
            points.append({low: 1 - share, high: share})
    return dense(points, function.shape)


def dense(points: Iterable[dict[int, Fraction]], shape: tuple[int, ...]) -> Rationals:
    """Points given by their cells that are not zero, shape ``(K, *shape)``."""
    rows = [[point.get(k, Fraction(0)) for k in range(math.prod(shape))] for point in points]
    return Rationals.from_fractions([c for row in rows for c in row], (len(rows), *shape))


def ball(center: Rationals, radius: Fraction) -> Rationals | None:
    """Points whose hull is the ball: mass ``radius`` taken in an extreme way and given to one cell."""
    mass, size = center.fractions(), center.size
    taken: set[tuple[tuple[int, Fraction], ...]] = set()

    def take(left: Fraction, start: int, so_far: tuple[tuple[int, Fraction], ...]) -> bool:
        """Cells emptied one after the other, and one emptied in part; False when there are too many ways."""
        emptied = {k for k, _ in so_far}
        if left == 0:
            taken.add(tuple(sorted(so_far)))
        for k in range(size) if left else ():
            if k not in emptied and mass[k] >= left:
                taken.add(tuple(sorted((*so_far, (k, left)))))
        if len(taken) * size > MAX_VERTICES:
            return False
        return all(
            take(left - mass[k], k + 1, (*so_far, (k, mass[k])))
            for k in range(start, size)
            if 0 < mass[k] < left
        )

    if not take(radius, 0, ()):
        return None
    points = []
    for way in sorted(taken):
        less = dict(way)
        for k in range(size):
            point = {c: mass[c] - less.get(c, Fraction(0)) for c in range(size)}
            point[k] += radius
            points.append(point)
    return distinct(dense(points, center.shape))
