"""Exact arrays of which only the nonzero cells are stored.

Multipliers on lies ex post have a cell for every type, report and profile of the others, and only lies between neighbours have
any: on a grid of m points a side that is one cell in m.  What is asked of large ones is answered from the cells that are there;
for all else :attr:`Sparse.numerator` is the whole array, made when it is asked for and not kept.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from .numbers import Index, Rationals, added

Places = npt.NDArray[np.intp]


class Sparse(Rationals):
    """An array of a shape with ``values`` at flat ``places``, which rise, and zeros elsewhere."""

    __slots__ = ("_places", "_shape", "_values")

    def __init__(self, shape: tuple[int, ...], places: Places, values: Rationals) -> None:
        kept = np.flatnonzero(values.numerator)
        if len(kept) < len(places):
            places, values = places[kept], values[kept]
        self._shape, self._places, self._values = tuple(shape), places, values
        self.denominator, self._most = values.denominator, -1

    @classmethod
    def at(cls, shape: tuple[int, ...], cells: tuple[Places, ...], values: Rationals) -> Sparse:
        """Values at cells, given by one array of indices an axis, no cell twice."""
        places = np.ravel_multi_index(cells, shape) if shape else np.zeros(len(values), dtype=np.intp)
        order = np.argsort(places, kind="stable")
        return cls(shape, places[order], values[order])

    def __reduce__(self) -> Any:
        return Sparse, (self._shape, self._places, self._values)

    @property
    def numerator(self) -> npt.NDArray[Any]:  # type: ignore[override]
        out = np.zeros(self.size, dtype=self._values.numerator.dtype)
        out[self._places] = self._values.numerator
        return out.reshape(self._shape)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    @property
    def ndim(self) -> int:
        return len(self._shape)

    @property
    def size(self) -> int:
        return math.prod(self._shape)

    def __len__(self) -> int:
        return self._shape[0]

    def most(self) -> int:
        return self._values.most()

    def _most_exactly(self) -> int:
        return self._values._most_exactly()

    def nonzero(self) -> tuple[tuple[npt.NDArray[np.intp], ...], Rationals]:
        return np.unravel_index(self._places, self._shape), self._values

    def __getitem__(self, index: Index) -> Any:
        cell = index if isinstance(index, tuple) and len(index) == self.ndim else ()
        inside = [type(k) is int and 0 <= k < size for k, size in zip(cell, self._shape, strict=False)]
        if not inside or not all(inside):
            return super().__getitem__(index)
        place = np.ravel_multi_index(cell, self._shape)
        at = int(np.searchsorted(self._places, place))
        there = at < len(self._places) and self._places[at] == place
        return self._values[at] if there else Fraction(0)

    def __neg__(self) -> Rationals:
        return Sparse(self._shape, self._places, -self._values)

    def __mul__(self, other: Any) -> Rationals:
        factor = other if isinstance(other, Rationals) else Rationals.of(other)
        if factor.ndim:
            return super().__mul__(factor)
        return Sparse(self._shape, self._places, self._values * factor)

    __rmul__ = __mul__

    def __lt__(self, other: Any) -> npt.NDArray[np.bool_]:
        if type(other) is int and other == 0 and not bool(np.any(self._values < 0)):
            return np.broadcast_to(np.zeros((), dtype=bool), self._shape)
        return super().__lt__(other)

    def sum(self, axis: int | tuple[int, ...] | None = None) -> Any:
        """Exact sum over axes (a Fraction when nothing remains)."""
        if axis is None:
            return self._values.sum()
        gone = set(normalize_axis_tuple(axis, self.ndim))
        cells = np.unravel_index(self._places, self._shape)
        kept = [k for k in range(self.ndim) if k not in gone]
        if not kept:
            return Rationals.of(self._values.sum())
        return added(self._values, tuple(cells[k] for k in kept), tuple(self._shape[k] for k in kept))


__all__ = ["Sparse"]
