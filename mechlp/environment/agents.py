"""Agents and their finite type sets: numbers, labels, or vectors of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, rational, text
from .errors import InvalidEnvironment

Column = Rationals | tuple[str, ...]


@dataclass(frozen=True)
class Agent:
    """An agent and her finite type set.

    ``values`` are the types as numbers, where they are numbers.  Where they are vectors, ``coordinates`` holds each coordinate
    over the types: numbers of shape ``(|Theta_i|,)``, or labels.  Coordinates without names are called 0, 1, ...
    """

    name: str
    types: tuple[str, ...]
    values: Rationals | None = field(default=None, compare=False)  # the types say the same
    coordinates: Mapping[str, Column] = field(default_factory=dict, compare=False)  # likewise

    @classmethod
    def of(cls, name: str, types: Sequence[Any]) -> Agent:
        """Types given as numbers (usable in formulas), as labels, or as vectors: ``(0, 1)`` or ``{"A": 0, "B": 1}``.

        Raises
        ------
        InvalidEnvironment
            Vectors of different lengths, or with different coordinates.
        """
        vectors = [_vector(t) for t in types]
        if vectors and all(v is not None for v in vectors):
            return cls._of_vectors(name, [v for v in vectors if v is not None])
        if any(v is not None for v in vectors):
            raise InvalidEnvironment(f"types of {name!r}: either all are vectors, or none is")
        column = _column(types)
        if isinstance(column, Rationals):
            return cls(name, tuple(map(text, column.fractions())), column)
        return cls(name, column)

    @classmethod
    def grid(cls, name: str, coordinates: Mapping[str, Sequence[Any]]) -> Agent:
        """Every combination of the values of some coordinates, the last one changing first."""
        points = itertools.product(*coordinates.values())
        return cls._of_vectors(name, [dict(zip(coordinates, point, strict=True)) for point in points])

    @classmethod
    def _of_vectors(cls, name: str, vectors: Sequence[Mapping[str, Any]]) -> Agent:
        known = list(vectors[0])
        for vector in vectors:
            if set(vector) != set(known):
                raise InvalidEnvironment(
                    f"types of {name!r}: every type has the coordinates {', '.join(known)}; one has "
                    f"{', '.join(vector) or 'none'}"
                )
        columns = {c: _column([v[c] for v in vectors]) for c in known}
        rows = zip(*(c.texts() if isinstance(c, Rationals) else c for c in columns.values()), strict=True)
        labels = tuple(
            ", ".join(f"{c}={v}" for c, v in zip(known, row, strict=True))
            if not known[0].isdigit()
            else f"({', '.join(row)})"
            for row in rows
        )
        return cls(name, labels, None, columns)

    @property
    def size(self) -> int:
        return len(self.types)

    def parts(self) -> Iterator[tuple[str, Column]]:
        """The coordinates as formulas name them: ``buyer.A``, ``buyer[0]``."""
        for name, column in self.coordinates.items():
            yield f"{self.name}[{name}]" if name.isdigit() else f"{self.name}.{name}", column


def _vector(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return {str(k): v for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return {str(k): v for k, v in enumerate(value)}
    return None


def _column(values: Sequence[Any]) -> Column:
    try:
        return Rationals.of([rational(v) for v in values])
    except ValueError:
        return tuple(map(str, values))
