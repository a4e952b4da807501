"""A sweep for a terminal, and its store."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from ..exact.errors import InvalidInput
from ..exact.saved import replacing
from ..study.axes import shown
from ..study.cells import Point, lines
from ..study.sweep import Sweep
from .curves import as_map, called
from .map_page import map_page
from .tables import MAX_ROWS, number, plain, table


class InvalidStore(InvalidInput):
    """A file that is no store of cells; the message says what is expected."""


def sweep_page(found: Sweep) -> RenderableType:
    """Every cell where there are few, a map over two axes of numbers, else what was found for each combination of words."""
    region = as_map(found)
    if len(found) > MAX_ROWS and region is not None:
        return map_page(region)
    body = _cells(found.names, found.points) if len(found) <= MAX_ROWS else _counts(found)
    drawn = f", {found.draws:,} draws" if found.draws else ""
    return Group(
        plain(found.title, "bold"),
        body,
        plain(f"{len(found):,} cells{drawn}"),
        *map(plain, _said(found.names, found.points)),
    )


def _cells(names: Sequence[str], points: Iterable[Point]) -> Table:
    """A row for each cell; where no cell has a value, none is spoken of."""
    every = list(points)
    valued = any(point.value is not None for point in every)
    body = table(*names, "status", *(["value"] if valued else []))
    for point in every:
        status = (
            point.status if point.certified or point.status == "failed" else f"{point.status}, not certified"
        )
        value = number(point.value) if point.value is not None else ""
        body.add_row(*map(shown, point.at), status, *([value] if valued else []))
    return body


def _counts(found: Sweep) -> Table:
    """A row for each combination of what is no number."""
    words = [k for k, axis in enumerate(found.axes) if axis.spread == "list"]
    valued = ["values"] if any(point.value is not None for point in found) else []
    verdicts = [called(kind, found) for kind in ("possible", "impossible")]
    body = table(*(found.axes[k].name for k in words), *verdicts, "open", *valued)
    groups: dict[tuple[Any, ...], list[Point]] = {}
    for point in found:
        groups.setdefault(tuple(point.at[k] for k in words), []).append(point)
    for at, points in groups.items():
        counts = Counter(point.possible for point in points)
        values = [p.value for p in points if p.value is not None]
        spread = f"{number(min(values))} to {number(max(values))}" if values else ""
        body.add_row(*map(shown, at), *(f"{counts[k]:,}" for k in (True, False, None)), *([spread] if valued else []))
    return body


def _said(names: Sequence[str], points: Sequence[Point]) -> Iterator[str]:
    """What is to be said of cells without an answer: how many, and why the first has none."""
    for status, what in (("invalid", "no such problem"), ("failed", "failed"), ("undecided", "undecided")):
        some = [point for point in points if point.status == status]
        if some:
            at = ", ".join(f"{name}={shown(x)}" for name, x in zip(names, some[0].at, strict=False))
            why = f": {some[0].message}" if some[0].message else ""
            yield f"{what}: {len(some):,} cells, the first at {at}{why}"


def write_csv(rows: Iterable[list[str]], path: Path) -> None:
    """A table of text."""
    with replacing(path) as new, new.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def read_store(path: Path) -> dict[tuple[str, ...], list[Point]]:
    """The points of a store by the names of their axes, each question once, as it was answered last.

    Raises
    ------
    InvalidStore
        Nothing in it is a cell.
    OSError
    """
    last = {key: (tuple(names) or _unnamed(point), point) for key, names, point in lines(path)}
    if not last:
        raise InvalidStore(
            f"{path}: expected the store of a sweep or a map, a line of JSON for each cell; found none"
        )
    found: dict[tuple[str, ...], list[Point]] = {}
    for names, point in last.values():
        found.setdefault(names, []).append(point)
    return found


def _unnamed(point: Point) -> tuple[str, ...]:
    return tuple(f"axis {k}" for k in range(1, len(point.at) + 1))


def store_page(path: Path, found: dict[tuple[str, ...], list[Point]]) -> RenderableType:
    """What a store holds."""
    parts: list[RenderableType] = [plain(str(path), "bold")]
    for names, points in found.items():
        order = sorted(points, key=lambda p: tuple((isinstance(x, str), x) for x in p.at))
        counts = Counter(point.status for point in points)
        more = f"; the first {MAX_ROWS}, --json has all" if len(order) > MAX_ROWS else ""
        parts += [
            _cells(names, order[:MAX_ROWS]),
            plain(
                f"{len(points):,} cells: "
                + ", ".join(f"{n:,} {status}" for status, n in counts.items())
                + more
            ),
            *map(plain, _said(names, order)),
        ]
    return Group(*parts)


def store_json(found: dict[tuple[str, ...], list[Point]]) -> list[dict[str, Any]]:
    """Exact strings."""
    return [{"axes": list(names), "points": [p.to_json() for p in points]} for names, points in found.items()]


__all__ = ["InvalidStore", "read_store", "store_json", "store_page", "sweep_page", "write_csv"]
