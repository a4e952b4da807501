"""What the designer holds possible, in problem files: one prior, or a set of priors (keys that constrain intersect)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet, InvalidBeliefSet, Rows
from ..environment.model import Agent
from ..exact.numbers import Rationals, rational, text
from .belief_sets import Scope, read_set
from .lines import MAX_BYTES
from .mistakes import Wrong
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


@dataclass(frozen=True)
class Observations:
    """Type profiles as text, in agent order, each with where it stands (``values.csv:7``)."""

    rows: list[list[str]]
    places: list[str]


def inlined(
    document: Mapping[str, Any], folder: FilePath | None
) -> tuple[dict[str, Any], Observations | None]:
    """The document with the observations of its CSV file in its place, so that it stands alone.

    Raises
    ------
    Wrong
        A file that cannot be read, a header that does not name the agents, a line with missing or surplus cells.
    """
    beliefs = document.get("beliefs")
    designer = beliefs.get("designer") if isinstance(beliefs, dict) else None
    agents = document.get("agents")
    if (
        not isinstance(designer, dict)
        or not isinstance(designer.get("data"), str)
        or not isinstance(agents, dict)
    ):
        return dict(document), None
    found = _observations(designer["data"], folder, agents)
    own = {**designer, "data": found.rows}
    return {**document, "beliefs": {**beliefs, "designer": own}}, found  # type: ignore[dict-item]


def _observations(name: str, folder: FilePath | None, agents: Mapping[str, Any]) -> Observations:
    import csv

    path: tuple[str, ...] = ("beliefs", "designer", "data")
    if folder is None:
        raise Wrong(
            path, f"{name}: a file beside the problem file; here there is none, so give lists of types"
        )
    try:
        if (folder / name).stat().st_size > MAX_BYTES:
            raise Wrong(path, f"{name}: larger than {MAX_BYTES:,} bytes")
        lines = list(csv.reader((folder / name).read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except OSError as error:
        raise Wrong(path, f"{name}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise Wrong(path, f"{name}: not a CSV file in UTF-8: {error}") from None
    header = [cell.strip() for cell in lines[0]] if lines else []
    names = _columns(agents, header)
    if sorted(header) != sorted(names):
        raise Wrong(
            path, f"{name}:1: the columns are {', '.join(header) or 'missing'}; expected {', '.join(names)}"
        )
    rows, places = [], []
    for number, line in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(header):
            raise Wrong(
                path, f"{name}:{number}: {len(line)} cells, expected {len(header)} ({', '.join(header)})"
            )
        rows.append([line[header.index(agent)].strip() for agent in names])
        places.append(f"{name}:{number}")
    if not rows:
        raise Wrong(path, f"{name}: no observations below the header")
    return Observations(rows, places)


def _columns(agents: Mapping[str, Any], header: Sequence[str]) -> list[str]:
    """The names of all agents; copies of a group are named by number, as many as the header has."""
    names: list[str] = []
    for agent, spec in agents.items():
        if isinstance(spec, dict) and spec.get("copies") is not None:
            own = [c for c in header if c.startswith(agent) and c[len(agent) :].isdigit()]
            names += sorted(own, key=lambda c: int(c[len(agent) :]))
        else:
            names.append(agent)
    return names


def _counted(rows: Any, places: Sequence[str] | None, agents: Sequence[Agent]) -> dict[tuple[int, ...], int]:
    """How often each type profile was observed.  Raises Wrong with the place of the first that is none."""
    if not isinstance(rows, list) or not rows:
        raise Wrong(("data",), "expected a CSV file, or lists of types in agent order")
    wrong, found = [], []
    for k, row in enumerate(rows):
        place = places[k] if places is not None else f"observation {k + 1}"
        if not isinstance(row, list) or len(row) != len(agents):
            wrong.append(f"{place}: expected {len(agents)} types ({', '.join(a.name for a in agents)})")
            continue
        try:
            found.append(tuple(_position(agent, cell) for agent, cell in zip(agents, row, strict=True)))
        except ValueError as error:
            wrong.append(f"{place}: {error}")
    if wrong:
        more = f" (and {len(wrong) - 5} more)" if len(wrong) > 5 else ""
        raise Wrong(("data",), "; ".join(wrong[:5]) + more)
    return Counter(found)


def _position(agent: Agent, cell: Any) -> int:
    if not isinstance(cell, str) or not cell:
        raise ValueError(f"{agent.name}: a missing cell")
    if cell in agent.types:
        return agent.types.index(cell)
    if agent.values is None:
        raise ValueError(f"{agent.name}: {cell!r} is not one of her types")
    try:
        value = rational(cell)
    except ValueError:
        raise ValueError(f"{agent.name}: {cell!r} is not a number") from None
    grid = agent.values.fractions()
    if value not in grid:
        near = min(grid, key=lambda g: abs(g - value))
        raise ValueError(f"{agent.name}: {text(value)} is not on her grid; the nearest type is {text(near)}")
    return grid.index(value)


def observed(spec: DesignerSpec, scope: Scope, places: Sequence[str] | None) -> BeliefSet:
    """The empirical distribution, or the Wasserstein ball around it.

    Raises
    ------
    Wrong, ValueError
        An observation that is no type profile, a wrong radius, types that are labels, or a ball too large.
    """
    counts = _counted(spec.data, places, scope.agents)
    total = sum(counts.values())
    radius = scope.number(spec.distance) if spec.distance is not None else 0
    if radius == 0:
        empirical = np.zeros(scope.shape, dtype=np.int64)
        for profile, count in counts.items():
            empirical[profile] = count
        return BeliefSet.finite(Rationals(empirical[None], total))
    cells = int(np.prod(scope.shape))
    if len(counts) * cells > MAX_PLAN:
        raise ValueError(
            f"{len(counts):,} different observations x {cells:,} type profiles = {len(counts) * cells:,} variables; at most "
            f"{MAX_PLAN:,}: use fewer types or fewer different observations"
        )
    values = [scope.along(axis, scope.values(axis)) for axis in range(len(scope.agents))]
    costs = [reduce(lambda a, b: a + b, [abs(v - v[p]) for v in values]).tolist() for p in counts]
    weights = Rationals(np.array(list(counts.values()), dtype=np.int64), total)
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


__all__ = ["Observations", "designer_set", "inlined", "rows_of", "set_of_rows"]
