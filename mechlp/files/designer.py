"""What the designer holds possible, in problem files: one prior, or a set of priors (keys that constrain intersect)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet, InvalidBeliefSet, Rows
from ..exact.numbers import Rationals, rational, stack, text
from .belief_sets import Scope, read_set
from .mistakes import Wrong
from .observations import counted, frequencies
from .schema import DesignerSpec, RowsSpec, SetSpec

#: How senses are spelled in files.
SPELLED = {"=": "equals", ">=": "at-least", "<=": "at-most"}


def rows_of(possible: BeliefSet) -> dict[str, Any]:
    """A set as the rows that describe it: exact, and of any kind."""
    rows = [
        {
            "name": r.name,
            SPELLED[r.sense]: r.rhs.texts(),
            "entries": [
                [str(i), str(j), text(v)]
                for i, j, v in zip(r.row.tolist(), r.column.tolist(), r.value.fractions(), strict=True)
            ],
        }
        for r in possible.rows
    ]
    return {"kind": possible.kind, "rows": rows, "further": str(possible.lifts)}


def set_of_rows(specs: list[RowsSpec], further: int, kind: str, shape: tuple[int, ...]) -> BeliefSet:
    """Read :func:`rows_of` back.

    Raises
    ------
    InvalidBeliefSet
        A row or column that does not exist, or several right-hand sides.
    """
    width = int(np.prod(shape)) + further
    rows = []
    for spec in specs:
        given = [
            (s, side)
            for s, side in (("=", spec.equals), (">=", spec.at_least), ("<=", spec.at_most))
            if side is not None
        ]
        if len(given) != 1:
            raise InvalidBeliefSet(f"{spec.name}: give exactly one of {', '.join(SPELLED.values())}")
        sense, sides = given[0]
        try:
            places = np.array([[int(i), int(j)] for i, j, _ in spec.entries], dtype=np.intp).reshape(-1, 2)
            values, rhs = (
                Rationals.of([rational(v) for v in c]) for c in ([e[2] for e in spec.entries], sides)
            )
        except ValueError as error:
            raise InvalidBeliefSet(f"{spec.name}: entries read [row, column, value]: {error}") from None
        outside = (places < 0) | (places >= np.array([len(rhs), width]))
        if bool(np.any(outside)):
            raise InvalidBeliefSet(f"{spec.name}: an entry outside {len(rhs)} rows x {width} columns")
        rows.append(Rows(spec.name, places[:, 0], places[:, 1], values, sense, rhs))
    return BeliefSet(kind, shape, tuple(rows), further)


# -- observed type profiles ---------------------------------------------------------------------
#: Most observations x type profiles of a Wasserstein ball: its transport plan has this many variables.
MAX_PLAN = 2_000_000


def observed(spec: DesignerSpec, scope: Scope, places: Sequence[str] | None) -> BeliefSet:
    """The empirical distribution, or the Wasserstein ball around it.

    Raises
    ------
    Wrong, ValueError
        An observation that is no type profile, a wrong radius, types that are labels, or a ball too large.
    """
    counts = counted(spec.data, places, scope.agents)
    radius = scope.number(spec.distance) if spec.distance is not None else 0
    if radius == 0:
        return BeliefSet.finite(stack([frequencies(counts, scope.shape)]))
    cells = int(np.prod(scope.shape))
    if len(counts) * cells > MAX_PLAN:
        raise ValueError(
            f"{len(counts):,} different observations x {cells:,} type profiles = {len(counts) * cells:,} variables; at most "
            f"{MAX_PLAN:,}: use fewer types or fewer different observations"
        )
    values = [scope.along(axis, scope.values(axis)) for axis in range(len(scope.agents))]
    costs = [reduce(lambda a, b: a + b, [abs(v - v[p]) for v in values]).tolist() for p in counts]
    weights = Rationals(np.array(list(counts.values()), dtype=np.int64), sum(counts.values()))
    return BeliefSet.wasserstein(weights, costs, radius)


def designer_set(spec: DesignerSpec, scope: Scope, places: Sequence[str] | None) -> BeliefSet:
    """The set of priors of a designer who does not hold a single one.

    Raises
    ------
    Wrong, ValueError
        With the key and what is wrong with it.
    """
    parts = []
    if spec.rows is not None:
        parts.append(set_of_rows(spec.rows, int(scope.number(spec.further)), spec.kind, scope.shape))
    if spec.data is not None:
        parts.append(observed(spec, scope, places))
    elif spec.distance is not None:
        raise Wrong(("distance",), "goes with data")
    shared = {name: getattr(spec, name) for name in SetSpec.keys}
    if any(value is not None for value in shared.values()):
        parts.append(read_set(SetSpec(**shared), scope))
    if not parts:
        raise ValueError("an empty description; write everything for every prior")
    return reduce(and_, parts)


__all__ = ["designer_set", "rows_of", "set_of_rows"]
