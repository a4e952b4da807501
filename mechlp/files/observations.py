"""Observed type profiles: a CSV file with a column an agent, or lists in agent order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from ..environment.model import Agent, InvalidEnvironment
from ..exact.numbers import Rationals, rational, text
from .lines import MAX_BYTES
from .mistakes import Wrong
from .schema import Types

#: The keys of a range of types: other keys name coordinates.
RANGE_KEYS = frozenset(k.name for k in Types.keys.values())


@dataclass(frozen=True)
class Observations:
    """Type profiles in agent order, a type as text or by its coordinates, each with where it stands (``values.csv:7``)."""

    rows: list[list[Any]]
    places: list[str]


def inlined(
    document: Mapping[str, Any], folder: FilePath | None
) -> tuple[dict[str, Any], dict[str, Observations]]:
    """The document with the observations of its CSV files in their place, so that it stands alone.

    The observations come back by the key under `beliefs` that names their file: ``prior``, ``designer``.

    Raises
    ------
    Wrong
        A file that cannot be read, a header that does not name the agents, a line with missing or surplus cells.
    """
    document, found = dict(document), {}
    for key in ("prior", "designer"):
        beliefs, agents = document.get("beliefs"), document.get("agents")
        spec = beliefs.get(key) if isinstance(beliefs, dict) else None
        name = spec.get("data") if isinstance(spec, dict) else None
        if isinstance(name, str) and isinstance(agents, dict):
            found[key] = _observations(name, ("beliefs", key, "data"), folder, agents)
            document["beliefs"] = {**beliefs, key: {**spec, "data": found[key].rows}}  # type: ignore[dict-item]
    return document, found


def _observations(
    name: str, path: tuple[str, ...], folder: FilePath | None, agents: Mapping[str, Any]
) -> Observations:
    import csv

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
        cells = [(name.partition("."), line[header.index(name)].strip()) for name in names]
        vectors: dict[str, dict[str, str]] = {}
        for (agent, dot, coordinate), cell in cells:
            vectors.setdefault(agent, {})[coordinate if dot else ""] = cell
        rows.append([vector.get("", vector) for vector in vectors.values()])
        places.append(f"{name}:{number}")
    if not rows:
        raise Wrong(path, f"{name}: no observations below the header")
    return Observations(rows, places)


def _columns(agents: Mapping[str, Any], header: Sequence[str]) -> list[str]:
    """The names of all agents; copies of a group are named by number, as many as the header has."""
    names: list[str] = []
    for agent, spec in agents.items():
        own = [agent]
        if isinstance(spec, dict) and spec.get("copies") is not None:
            numbers = {c[len(agent) :].split(".")[0] for c in header if c.startswith(agent)}
            own = [f"{agent}{k}" for k in sorted((n for n in numbers if n.isdigit()), key=int)]
        coordinates = _coordinates(spec)
        names += [f"{name}.{c}" for name in own for c in coordinates] if coordinates else own
    return names


def _coordinates(spec: Any) -> list[str]:
    """The names of the coordinates of an agent's types: each has a column of its own, NAME.COORDINATE."""
    types = spec.get("types", spec) if isinstance(spec, dict) else spec
    if isinstance(types, list) and types and isinstance(types[0], dict):
        return list(types[0])
    return list(types) if isinstance(types, dict) and not set(types) & RANGE_KEYS else []


def counted(rows: Any, places: Sequence[str] | None, agents: Sequence[Agent]) -> dict[tuple[int, ...], int]:
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


def frequencies(counts: Mapping[tuple[int, ...], int], shape: tuple[int, ...]) -> Rationals:
    """The empirical distribution over the type grid."""
    empirical = np.zeros(shape, dtype=np.int64)
    for profile, count in counts.items():
        empirical[profile] = count
    return Rationals(empirical, sum(counts.values()))


def _position(agent: Agent, cell: Any) -> int:
    if agent.coordinates and isinstance(cell, (dict, list)):
        try:
            cell = Agent.of(agent.name, [cell]).types[0]
        except InvalidEnvironment as error:
            raise ValueError(str(error)) from None
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
