"""A map for a terminal: one character a point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType

from ..exact.numbers import text
from ..study.maps import Point, PointMap
from .tables import number, plain

MARKS = {True: "#", False: ".", None: "?"}
WIDEST = 150


def map_page(region: PointMap) -> RenderableType:
    """The second axis upwards, the first to the right; then what the marks mean, and what was counted."""
    across, up = region.axes
    margin = max(len(text(v)) for v in up.values)
    lines = []
    if len(across.values) <= WIDEST:
        for j in reversed(range(len(up.values))):
            marks = "".join(_mark(row[j]) for row in region.points)
            lines.append(f"  {text(up.values[j]):>{margin}}  {marks}")
    else:
        lines.append(f"  {len(across.values)} columns are too many for a page: see --plot, --csv or --json")
    ends = f"{across.name} from {text(across.values[0])} to {text(across.values[-1])}, {up.name} upwards"
    return Group(
        plain(region.title, "bold"),
        *map(plain, lines),
        plain(f"  {ends}", "dim"),
        *(plain(line) for line in _legend(region)),
        *(plain(f"Note: {note}.") for note in region.notes),
    )


def _mark(point: Point) -> str:
    """The innermost region counts: the last that holds."""
    if point.status == "invalid":
        return " "
    held = [k for k, name in enumerate(point.holds, 1) if point.holds[name]]
    return str(held[-1]) if held and point.possible else MARKS[point.possible]


def _legend(region: PointMap) -> Iterator[str]:
    counts = Counter(_mark(p) for p in region)
    every = sum(point.possible is True for point in region)
    yield f"  #  {region.possible}: {every} points{', those below included' if region.regions else ''}"
    for k, name in enumerate(region.regions, 1):
        yield f"  {k}  {name}: {sum(p.holds.get(name, False) for p in region)} points"
    yield f"  .  not so: {counts['.']} points"
    if counts["?"]:
        yield f"  ?  undecided: {counts['?']} points"
    values = [p.value for p in region if p.status == "optimal" and p.value is not None]
    if values:
        yield f"     values from {number(min(values))} to {number(max(values))}"
    bad = next((p for p in region if p.status == "invalid"), None)
    if bad is not None:
        at = ", ".join(f"{a.name}={text(x)}" for a, x in zip(region.axes, bad.at, strict=True))
        yield f"     no such problem: {counts[' ']} points, the first at {at}: {bad.message}"
    lost = next((p for p in region if p.status == "failed"), None)
    if lost is not None:
        at = ", ".join(f"{a.name}={text(x)}" for a, x in zip(region.axes, lost.at, strict=True))
        yield f"     failed: {sum(p.status == 'failed' for p in region)} points, the first at {at}: {lost.message}"
    by = Counter(p.by for p in region)
    yield "  decided " + ", ".join(f"by {name} at {n} points" for name, n in by.items())
