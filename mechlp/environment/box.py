"""Types that fill a box: identical bidders whose values have a density, constant on each cell of a grid, independent.

What is sold is one object in K grades, to one of N bidders, or K goods to one buyer who may get any number of them and adds up
what they are worth.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, text
from ..shown import Shown
from .model import Agent, InvalidEnvironment, outer
from .symmetric import MAX_COPIES, MAX_REPRESENTED, Symmetric

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Axis:
    """The value of one grade or good: from ``low`` to ``high``, in equal cells, spread evenly within each.

    Raises
    ------
    InvalidEnvironment
        An empty range, a negative value, or masses that are not positive or do not sum to one.
    """

    name: str
    low: Fraction
    high: Fraction
    masses: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high:
            raise InvalidEnvironment(
                f"{self.name}: values from {text(self.low)} to {text(self.high)}; 0 <= from < to is expected"
            )
        if not self.masses or min(self.masses) <= 0:
            raise InvalidEnvironment(f"{self.name}: every cell between two values needs positive probability")
        if sum(self.masses) != 1:
            raise InvalidEnvironment(
                f"{self.name}: the cells' probabilities sum to {text(sum(self.masses))}, expected 1"
            )

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len(self.masses)

    @property
    def width(self) -> Fraction:
        """How wide a cell is."""
        return (self.high - self.low) / self.count

    @property
    def ends(self) -> list[Fraction]:
        """Where the cells begin and end."""
        return [self.low + k * self.width for k in range(self.count + 1)]

    @property
    def uniform(self) -> bool:
        """Whether the density is constant."""
        return len(set(self.masses)) == 1


@dataclass(frozen=True)
class Box(Shown):
    """``copies`` identical bidders, the types of each in a box, for one object in grades; or one buyer of several ``goods``.

    Raises
    ------
    InvalidEnvironment
        Several bidders for goods, too many bidders or cells.
    """

    agent: str
    copies: int
    axes: tuple[Axis, ...]
    goods: bool = False
    title: str = ""
    parameters: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.axes:
            raise InvalidEnvironment("there is nothing to sell")
        if not 1 <= self.copies <= MAX_COPIES:
            raise InvalidEnvironment(f"{self.copies} bidders; from 1 to {MAX_COPIES:,} are accepted")
        if self.goods and self.copies > 1:
            raise InvalidEnvironment("several goods are sold to one buyer on a continuum, not to several")
        if self.size > MAX_REPRESENTED:
            raise InvalidEnvironment(f"{self.size:,} cells; at most {MAX_REPRESENTED:,} are accepted")

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells there are along each axis."""
        return tuple(axis.count for axis in self.axes)

    @property
    def size(self) -> int:
        """How many cells there are."""
        return math.prod(self.shape)

    @cached_property
    def places(self) -> Places:
        """The position of each cell along each axis, shape ``(K, m)``."""
        return np.indices(self.shape, dtype=np.intp).reshape(len(self.axes), -1)

    @cached_property
    def masses(self) -> Rationals:
        """The probability of each cell, shape ``(m,)``."""
        own = [Rationals.from_fractions(list(axis.masses), (axis.count,)) for axis in self.axes]
        found: Rationals = outer(own).reshape(-1)
        return found

    @cached_property
    def cells(self) -> Symmetric:
        """The bidders as if all types of a cell were its middle."""
        middles = [
            [axis.low + (k + Fraction(1, 2)) * axis.width for k in range(axis.count)] for axis in self.axes
        ]
        points = list(itertools.product(*middles))
        agent = Agent(self.agent, tuple(self._label(cell) for cell in self.places.T.tolist()))
        values = Rationals.of([[point[k] for point in points] for k in range(len(self.axes))])
        names = tuple(axis.name for axis in self.axes)
        return Symmetric(agent, self.copies, values, self.masses, names, self.title, self.parameters)

    def _label(self, cell: list[int]) -> str:
        ends = [axis.ends for axis in self.axes]
        return " x ".join(f"[{text(e[k])}, {text(e[k + 1])}]" for e, k in zip(ends, cell, strict=True))

    @cached_property
    def neighbours(self) -> Places:
        """The next cell up along each axis, -1 where there is none, shape ``(K, m)``."""
        return self._next(1)

    @cached_property
    def below(self) -> Places:
        """The next cell down along each axis, -1 where there is none, shape ``(K, m)``."""
        return self._next(-1)

    def _next(self, way: int) -> Places:
        found = []
        for k, count in enumerate(self.shape):
            moved = self.places.copy()
            moved[k] += way
            inside = (moved[k] >= 0) & (moved[k] < count)
            moved[k] = np.clip(moved[k], 0, count - 1)
            found.append(np.where(inside, np.ravel_multi_index(tuple(moved), self.shape), -1))
        return np.array(found, dtype=np.intp)

    def same(self, other: Box) -> bool:
        """Whether another box is the same but for title and names of parameters."""
        mine, others = ((b.agent, b.copies, b.axes, b.goods) for b in (self, other))
        return mine == others

    def __repr__(self) -> str:
        what = f"{len(self.axes)} good(s)" if self.goods else f"one object in {len(self.axes)} grade(s)"
        return (
            f"<Box {self.title or 'untitled'!r}: {self.copies} x {self.agent}, {what}, {self.size:,} cells>"
        )


def step(box: Box, types: Places, reports: Places) -> tuple[Places, npt.NDArray[Any]]:
    """The axis along which each two cells are neighbours, -1 where they are not; and 1 where the type lies above the report."""
    moved = box.places[:, types] - box.places[:, reports]
    near = np.abs(moved).sum(axis=0) == 1
    return np.where(near, np.argmax(moved != 0, axis=0), -1), np.where(moved.sum(axis=0) > 0, 1, -1)


__all__ = ["Axis", "Box", "step"]
