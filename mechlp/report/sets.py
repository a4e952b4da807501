"""Pictures of convex sets in the plane and of what they make up (see :mod:`mechlp.report.plot` for what all pictures share).

They are drawn from exact data by floats; the numbers that are certified are in the tables and in the saved answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..exact.planar import Vector, clipped, corners, dot, window
from ..proof.projection import Projection
from .plot import COLOURS, HATCHES, picture

FRONTIER, UNKNOWN = "#d55e00", "#bbbbbb"


def draw(axes: Any, polygon: Sequence[Vector], **style: Any) -> None:
    """Draw a polygon; a segment or a point as such."""
    xs, ys = ([float(c) for c in side] for side in zip(*polygon, strict=True))
    if len(polygon) < 3:
        axes.plot(
            xs,
            ys,
            "o" if len(polygon) == 1 else "-",
            color=style.get("facecolor"),
            linewidth=2,
        )
    else:
        axes.fill(xs, ys, **style)


@picture("frontier", "the interim payoffs that mechanisms reach, seen from two of them", Projection)
def draw_projection(canvas: Any, found: Projection) -> str:
    """A set of interim payoffs seen from two of them, its efficient frontier and its vertices."""
    low, high = window([p for p, _ in found.points], [r for r, _ in found.rays])
    shown = clipped(found.halfplanes, low, high)
    axes = canvas.subplots()
    draw(axes, shown, facecolor=COLOURS[0], alpha=0.25, edgecolor="none")
    for edge in found.edges:
        ends = [p for p in shown if dot(edge.normal, p) == edge.bound]
        if len(ends) > 1:
            xs, ys = ([float(c) for c in side] for side in zip(min(ends), max(ends), strict=True))
            colour, width = (FRONTIER, 3.5) if edge.efficient else (COLOURS[0], 1.2)
            axes.plot(xs, ys, color=colour, linewidth=width, zorder=2)
    for vertex in found.vertices:
        colour, mark = (FRONTIER, "s") if found.efficient(vertex) else (COLOURS[0], "o")
        axes.plot(float(vertex[0]), float(vertex[1]), mark, color=colour, markersize=5, zorder=3)
    axes.set(xlim=(float(low[0]), float(high[0])), ylim=(float(low[1]), float(high[1])))
    axes.set(xlabel=f"payoff of {found.axes[0].name}", ylabel=f"payoff of {found.axes[1].name}")
    frontier = any(e.efficient for e in found.edges)
    note = "thick, squares: efficient frontier" if frontier else "no efficient frontier"
    more = "" if found.bounded else "; the set goes on beyond the picture"
    canvas.supxlabel(note + more, fontsize="small")
    return found.design.environment.title or "Interim payoffs"


def draw_regions(
    axes: Any,
    found: Mapping[str, Sequence[Sequence[Vector]]],
    labels: tuple[str, str],
    ticks: tuple[Mapping[str, Fraction], Mapping[str, Fraction]] = ({}, {}),
    colours: Mapping[str, str] | None = None,
    hatches: Mapping[str, str] | None = None,
) -> None:
    """A map of regions, each a union of convex polygons given by their corners; ``ticks`` names places on the axes,
    ``colours`` and ``hatches`` fix those of some regions."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    for k, (name, polygons) in enumerate(found.items()):
        colour = (colours or {}).get(name, COLOURS[k % len(COLOURS)])
        hatch = (hatches or {}).get(name, HATCHES[k % len(HATCHES)])
        drawn = [corners(polygon) for polygon in polygons]
        for one in drawn:  # pieces of one region have no seams
            draw(axes, one, facecolor=colour, edgecolor=colour, lw=0.7)
            if hatch and len(one) > 2:
                draw(axes, one, facecolor="none", edgecolor="white", hatch=hatch, lw=0)
        if any(len(one) > 2 for one in drawn):
            handles.append(Patch(facecolor=colour, edgecolor="white", hatch=hatch, label=name))
        elif drawn:
            handles.append(Line2D([], [], color=colour, linewidth=2, label=name))
    for ticked, place in zip(ticks, (axes.set_xticks, axes.set_yticks), strict=True):
        if ticked:
            place([float(v) for v in ticked.values()], list(ticked))
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.margins(0)
    axes.figure.legend(handles=handles, loc="outside lower center", fontsize="small", frameon=False)
