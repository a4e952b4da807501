"""Types: lists and ranges of numbers, labels, vectors, and grids of coordinates."""

from __future__ import annotations

import math
from typing import Any

from ..environment.model import Agent
from ..exact.numbers import text
from .context import Context
from .mistakes import Wrong, brief
from .schema import Types

MAX_TYPES = 100_000
MAX_DIMENSIONS = 16


def read_agent(context: Context, name: str, spec: Types) -> tuple[Agent, tuple[Agent, ...]]:
    """An agent with her types, and one agent a coordinate where her types are the grid of coordinates."""
    axes: dict[str, list[Any]] = {}
    if spec.coordinates is not None:
        for coordinate, own in spec.coordinates.items():
            if not coordinate.isidentifier():
                raise Wrong(
                    ("types", coordinate),
                    f"{coordinate!r} cannot be used in formulas: letters, digits and _ only",
                )
            try:
                axes[coordinate] = read_types(context, own)
            except ValueError as error:
                raise Wrong(("types", coordinate), str(error)) from None
    elif spec.dimensions is not None:
        if context.file.outcomes == "single-good":
            raise ValueError("types with several dimensions go with outcomes: graded-good, or goods")
        grid = read_types(context, spec)
        count = context.whole(spec.dimensions, "dimensions", MAX_DIMENSIONS)
        axes = {str(k): grid for k in range(count)}
    if not axes:
        return Agent.of(name, read_types(context, spec)), ()
    if math.prod(map(len, axes.values())) > MAX_TYPES:
        raise ValueError(f"{size_of(context, spec):,} types; at most {MAX_TYPES:,}")
    return Agent.grid(name, axes), tuple(Agent.of(c, values) for c, values in axes.items())


def size_of(context: Context, spec: Types) -> int:
    """How many types there will be.  Raises ValueError for what is no number."""
    if spec.coordinates is not None:
        return math.prod(size_of(context, own) for own in spec.coordinates.values())
    one = len(spec.values) if spec.values is not None else int(context.constant(spec.count or "1"))
    dimensions = 1 if spec.dimensions is None else min(int(context.constant(spec.dimensions)), MAX_DIMENSIONS)
    return one ** max(dimensions, 1)


def read_types(context: Context, spec: Types) -> list[Any]:
    """Numbers (Fraction) where all are numbers or formulas of parameters, vectors of them, else labels."""
    if spec.coordinates is not None:
        raise ValueError("expected a list, or {from: , to: , count: }")
    if spec.values is not None:
        if spec.start or spec.to or spec.count:
            raise ValueError("give either a list of types or a range, not both")
        if len(spec.values) > MAX_TYPES:
            raise ValueError(f"{len(spec.values):,} types; at most {MAX_TYPES:,}")
        return _listed(context, spec.values)
    if spec.start is None or spec.to is None or spec.count is None:
        raise ValueError("a range needs from, to and count, as in {from: 0, to: 1, count: 5}")
    count = context.whole(spec.count, "count", MAX_TYPES)
    first, last = context.constant(spec.start), context.constant(spec.to)
    if count == 1:
        return [first]
    if first == last:
        raise ValueError(f"a range of {count} types from {text(first)} to the same number")
    return [first + (last - first) * k / (count - 1) for k in range(count)]


def _listed(context: Context, values: list[Any]) -> list[Any]:
    """What a list of types holds."""
    if all(isinstance(v, dict) for v in values):
        columns = {c: _column(context, [v.get(c, "") for v in values]) for c in values[0]}
        return [{c: columns[c][k] if c in columns else "" for c in v} for k, v in enumerate(values)]
    if all(isinstance(v, list) for v in values):
        widest = max(map(len, values))
        rows = [_column(context, [v[k] if k < len(v) else "" for v in values]) for k in range(widest)]
        return [[rows[k][j] for k in range(len(v))] for j, v in enumerate(values)]
    for k, value in enumerate(values):
        if not isinstance(value, str):
            raise Wrong(
                ("types", k),
                f"expected a single value, found {brief(value)}: either all types are vectors, or none is",
            )
    return _column(context, values)


def _column(context: Context, values: list[str]) -> list[Any]:
    try:
        return [context.constant(t) for t in values]
    except ValueError:
        return list(values)
