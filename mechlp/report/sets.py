"""Pictures of convex sets in the plane and of what they make up (see :mod:`mechlp.report.plot` for what all pictures share).

They are drawn from exact data by floats; the numbers that are certified are in the tables and in the saved answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from textwrap import fill
from typing import Any

from ..exact.planar import Vector, clipped, corners, dot, window
from ..proof.projection import Projection
from .plot import figure

#: Fills that stay apart in grey and for the colour-blind (Okabe and Ito 2008).
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
FRONTIER, UNKNOWN = "#d55e00", "#bbbbbb"


def draw(axes: Any, polygon: Sequence[Vector], **style: Any) -> None:
    """Draw a polygon; a segment or a point as such."""
    xs, ys = ([float(c) for c in side] for side in zip(*polygon, strict=True))
    if len(polygon) < 3:
        axes.plot(xs, ys, "o-", color=style.get("facecolor"), linewidth=2)
    else:
        axes.fill(xs, ys, **style)


def plot_projection(found: Projection, path: Path) -> None:
    """A set of interim payoffs seen from two of them, its efficient frontier and its vertices.

    Raises
    ------
    InvalidPlot, OSError
    """
    low, high = window([p for p, _ in found.points], [r for r, _ in found.rays])
    shown = clipped(found.halfplanes, low, high)
    with figure(path, width=6.0, height=5.0) as axes:
        draw(axes, shown, facecolor=COLOURS[0], alpha=0.25, edgecolor="none")
        for edge in found.edges:
            ends = [p for p in shown if dot(edge.normal, p) == edge.bound]
            if len(ends) > 1:
                xs, ys = ([float(c) for c in side] for side in zip(min(ends), max(ends), strict=True))
                colour, width = (FRONTIER, 3.0) if edge.efficient else (COLOURS[0], 1.2)
                axes.plot(xs, ys, color=colour, linewidth=width, zorder=2)
        for vertex in found.vertices:
            colour = FRONTIER if found.efficient(vertex) else COLOURS[0]
            axes.plot(float(vertex[0]), float(vertex[1]), "o", color=colour, markersize=5, zorder=3)
        axes.set(xlim=(float(low[0]), float(high[0])), ylim=(float(low[1]), float(high[1])))
        axes.set(xlabel=f"payoff of {found.axes[0].name}", ylabel=f"payoff of {found.axes[1].name}")
        axes.set_title(fill(found.design.environment.title or "Interim payoffs", 60))
        note = (
            "thick: efficient frontier" if any(e.efficient for e in found.edges) else "no efficient frontier"
        )
        more = "" if found.bounded else "; the set goes on beyond the picture"
        axes.figure.supxlabel(note + more, fontsize="small")


def plot_regions(
    found: Mapping[str, Sequence[Sequence[Vector]]],
    path: Path,
    labels: tuple[str, str],
    title: str = "",
    ticks: tuple[Mapping[str, Fraction], Mapping[str, Fraction]] = ({}, {}),
    colours: Mapping[str, str] | None = None,
) -> None:
    """A map of regions, each a union of convex polygons given by their corners; ``ticks`` names places on the axes,
    ``colours`` fixes those of some regions.

    Raises
    ------
    InvalidPlot, OSError
    """
    with figure(path) as axes:
        for k, (name, polygons) in enumerate(found.items()):
            colour = (colours or {}).get(name, COLOURS[k % len(COLOURS)])
            for first, polygon in enumerate(polygons):
                named = {"label": name} if first == 0 else {}
                draw(axes, corners(polygon), facecolor=colour, alpha=0.55, edgecolor="white", lw=0.6, **named)
        for ticked, place in zip(ticks, (axes.set_xticks, axes.set_yticks), strict=True):
            if ticked:
                place([float(v) for v in ticked.values()], list(ticked))
        axes.set(xlabel=labels[0], ylabel=labels[1], title=fill(title, 60))
        axes.margins(0)
        axes.figure.legend(loc="outside lower center", fontsize="small", frameon=False)
