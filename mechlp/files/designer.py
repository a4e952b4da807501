"""What the designer holds possible, in problem files."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet, InvalidBeliefSet, Rows
from ..numbers import Rationals, rational, text
from .schema import RowsSpec

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


__all__ = ["rows_of", "set_of_rows"]
