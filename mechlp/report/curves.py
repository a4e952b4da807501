"""Pictures of a sweep: curves over an axis of numbers, a map over two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..study.axes import Axis, shown
from ..study.cells import Point
from ..study.maps import PointMap
from ..study.sweep import Sweep
from .plot import COLOURS, LINES, MARKS, VERDICTS, picture, spoken
from .points import draw_points, edges

POSSIBLE = "possible, for the types of the file"
#: Curves in one picture, points of a curve that are marked, and the height at which verdicts stand, as a part of the picture's.
MOST_CURVES, MARKED, FOOT = 10, 60, 0.02
#: Changes of verdicts that are named beside a strip.
MOST_CHANGES = 5
#: The width of a small letter, in parts of a strip.
LETTER = 0.012


def as_map(found: Sweep) -> PointMap | None:
    """A sweep over two axes of numbers, none of them drawn, as a map; None where it is not one."""
    if not _two_numbers(found.axes, found.draws):
        return None
    first, second = (Axis(a.name, tuple(sorted(a.values)), a.spread) for a in found.axes)
    at = {point.at: point for point in found}
    points = tuple(tuple(at[x, y] for y in second.values) for x in first.values)
    return PointMap(found.title, (first, second), points, POSSIBLE)


def _two_numbers(axes: Sequence[Axis], draws: int) -> bool:
    return len(axes) == 2 and not draws and all(a.numbers and len(a.values) > 1 for a in axes)


def no_curves(axes: Sequence[Axis], draws: int) -> str:
    """Why there are no curves over such axes; nothing where there are."""
    across = _across(axes, draws)
    curves = 1
    for k, axis in enumerate(axes):
        curves *= 1 if k == across else MOST_CURVES + 1 if draws and axis.random else len(axis.values)
    if across is not None and curves <= MOST_CURVES:
        return ""
    return (
        f"a picture takes two axes of numbers, or one and at most {MOST_CURVES} combinations of the others; --csv and --parquet "
        "write the table"
    )


def no_picture(axes: Sequence[Axis], draws: int) -> str:
    """Why there is no picture of such axes; nothing where there is."""
    return "" if _two_numbers(axes, draws) else no_curves(axes, draws)


def _across(axes: Sequence[Axis], draws: int) -> int | None:
    """The axis of numbers from left to right: the one that is drawn, or the longest."""
    fit = [k for k, a in enumerate(axes) if a.numbers and len(a.values) > 1]
    return max(fit, key=lambda k: (bool(draws) and axes[k].random, len(axes[k].values)), default=None)


@picture(
    "map",
    "where a mechanism exists over two axes of numbers, or how much it is worth",
    Sweep,
    why_not=lambda found: "" if _two_numbers(found.axes, found.draws) else "a map takes two axes of numbers",
)
def draw_map(canvas: Any, found: Sweep) -> str:
    """The map of points that it is."""
    region = as_map(found)
    assert region is not None
    return draw_points(canvas, region)


@picture(
    "curves",
    "the value over an axis of numbers, or where a mechanism exists, for each combination of the others",
    Sweep,
    why_not=lambda found: no_curves(found.axes, found.draws),
)
def draw_curves(canvas: Any, found: Sweep) -> str:
    """A curve for each combination; below, marks for what has no value."""
    across = _across(found.axes, found.draws)
    assert across is not None
    others = [k for k, axis in enumerate(found.axes) if k != across and len(axis.values) > 1]
    curves: dict[str, list[Point]] = {}
    for point in sorted(found, key=lambda p: p.at[across]):
        name = ", ".join(f"{found.names[k]} {shown(point.at[k])}" for k in others)
        curves.setdefault(name, []).append(point)
    axes, valued = canvas.subplots(), any(map(_valued, found))
    if not valued:
        _strips(canvas, axes, curves, across)
        axes.set(xlabel=spoken(found.names[across]))
        return found.title
    for k, (name, points) in enumerate(curves.items()):
        if any(map(_valued, points)):
            x = [float(p.at[across]) for p in points]
            y = [float(p.value or 0) if _valued(p) else float("nan") for p in points]
            look = {"color": COLOURS[k % len(COLOURS)], "linestyle": LINES[k % len(LINES)]}
            axes.plot(
                x,
                y,
                marker=MARKS[k % len(MARKS)] if len(x) <= MARKED else "",
                ms=4,
                label=name or None,
                **look,
            )
        _verdicts(axes, points, across, FOOT * (2 * k + 1))
    axes.set(xlabel=spoken(found.names[across]), ylabel="value of the objective")
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    if once:
        canvas.legend(once.values(), once, loc="outside lower center", fontsize="small", ncols=2)
    return found.title


def _valued(point: Point) -> bool:
    """Whether a point has a place on a curve."""
    return point.status in ("optimal", "bracket") and point.value is not None


def _kind(point: Point) -> str:
    verdict = {True: "possible", False: "impossible", None: "undecided"}
    return "invalid" if point.status == "invalid" else verdict[point.possible]


def called(kind: str, points: Iterable[Point]) -> str:
    """What a kind of verdict is called: of conditions, that they hold or fail."""
    if any(point.status in ("holds", "fails") for point in points):
        kind = {"possible": "holds", "impossible": "fails"}.get(kind, kind)
    return "no such problem" if kind == "invalid" else kind


def _strips(canvas: Any, axes: Any, curves: Mapping[str, Sequence[Point]], across: int) -> None:
    """Verdicts alone: a flat strip for each curve, a cell for each point; above, between which points verdicts change."""
    canvas.set_size_inches(6.4, 1.7 + 0.35 * len(curves))
    named: set[str] = set()
    changes: dict[float, str] = {}
    every = [point for points in curves.values() for point in points]
    for k, points in enumerate(curves.values()):
        x = edges([float(p.at[across]) for p in points])
        for kind, (colour, hatch) in VERDICTS.items():
            cells = [(a, b - a) for a, b, p in zip(x, x[1:], points, strict=False) if _kind(p) == kind]
            look = {"facecolor": colour, "edgecolor": "#ffffff" if kind != "invalid" else "#999999"}
            if cells:
                label = None if kind in named else called(kind, every)
                named.add(kind)
                wide = 0.6 if len(points) <= MARKED else 0.0
                axes.broken_barh(cells, (k - 0.4, 0.8), hatch=hatch or None, lw=wide, label=label, **look)
        for at, (a, b) in zip(x[1:-1], pairwise(points), strict=True):
            if _kind(a) != _kind(b):
                changes[at] = f"{shown(a.at[across])} | {shown(b.at[across])}"
    axes.set(xlim=(x[0], x[-1]), ylim=(len(curves) - 0.6, -0.4))
    axes.set_yticks(range(len(curves)) if any(curves) else [], list(curves) if any(curves) else [])
    axes.tick_params(axis="y", length=0)
    if len(changes) <= MOST_CHANGES:
        above = axes.secondary_xaxis("top")
        said = _rows(changes, x[-1] - x[0])
        above.set_xticks(list(said), list(said.values()), fontsize="small")
    canvas.legend(loc="outside lower center", fontsize="small", ncols=len(named), frameon=False)


def _rows(labels: Mapping[float, str], width: float) -> dict[float, str]:
    """Labels that would meet, one above the other."""
    free: list[float] = []  # where the last label of each row ends
    found = {}
    for at, said in sorted(labels.items()):
        half = width * LETTER * len(said) / 2
        row = next((k for k, end in enumerate(free) if end <= at - half), len(free))
        free[row : row + 1] = [at + half]
        found[at] = said + "\n" * row
    return found


def _verdicts(axes: Any, points: Sequence[Point], across: int, height: float) -> None:
    """Marks for points without a value, by what is known of them."""
    kinds = [(float(p.at[across]), _kind(p)) for p in points if not _valued(p)]
    for kind, (colour, hatch) in VERDICTS.items():
        x = [place for place, found in kinds if found == kind]
        if x:
            look = {"facecolors": colour, "edgecolors": "#555555", "linewidths": 0.4, "hatch": hatch or None}
            where = {"clip_on": False, "transform": axes.get_xaxis_transform()}
            axes.scatter(x, [height] * len(x), s=30, marker="s", label=called(kind, points), **look, **where)


__all__ = ["as_map", "draw_curves", "draw_map", "no_curves", "no_picture"]
