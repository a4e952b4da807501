"""The picture of a map of points."""

from __future__ import annotations

import itertools
from textwrap import fill
from typing import Any

import numpy as np

from ..study.maps import PointMap
from .plot import VERDICTS, picture, spoken


@picture("map", "where a mechanism exists over two parameters, or how much it is worth", PointMap)
def draw_points(canvas: Any, found: PointMap) -> str:
    """One cell a point, coloured by its value where an optimum was asked for, else by its verdict; curves on top."""
    axes = canvas.subplots()
    x, y = ([float(v) for v in axis.values] for axis in found.axes)
    values = np.array([[_height(p) for p in row] for row in found.points])
    if np.isfinite(values).any():
        mesh = axes.pcolormesh(edges(x), edges(y), np.ma.masked_invalid(values.T), cmap="cividis")
        canvas.colorbar(mesh, ax=axes, label="value of the objective")
    handles = _verdicts(axes, found, edges(x), edges(y))
    for k, curve in enumerate(found.curves):
        a, b = zip(*((float(a), float(b)) for a, b in curve.points), strict=True)
        look = {"color": ("#1f3a5f", "#222222", "#7a3e00")[k % 3], "linestyle": ("-", "--", ":")[k % 3]}
        handles += axes.plot(a, b, label=curve.name, **look)
        if curve.fill:
            axes.fill_between(a, b, edges(y)[0], facecolor="none", edgecolor="#334", hatch="//", linewidth=0)
    axes.set(
        xlabel=spoken(found.axes[0].name),
        ylabel=spoken(found.axes[1].name),
        xlim=(x[0], x[-1]),
        ylim=(y[0], y[-1]),
    )
    if handles:
        said = "\n".join(fill(note, 80) for note in found.notes) or None
        canvas.legend(
            handles=handles,
            loc="outside lower center",
            title=said,
            fontsize="small",
            title_fontsize="x-small",
        )
    return found.title


def edges(values: list[float]) -> list[float]:
    """Borders of cells around values that increase: halfway between neighbours."""
    if len(values) == 1:
        return [values[0] - 0.5, values[0] + 0.5]
    inner = [(a + b) / 2 for a, b in itertools.pairwise(values)]
    return [2 * values[0] - inner[0], *inner, 2 * values[-1] - inner[-1]]


def _height(point: Any) -> float:
    return float(point.value) if point.status == "optimal" else float("nan")


def _verdicts(axes: Any, found: PointMap, x: list[float], y: list[float]) -> list[Any]:
    """Cells without a value, by what is known of them; returns one entry of the legend for each kind."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    kinds = np.array([[_kind(p) for p in row] for row in found.points])
    names = {
        "possible": found.possible,
        "impossible": found.possible.replace("possible", "impossible", 1),
        "invalid": "no such problem",
    }
    handles = []
    for kind, (colour, hatch) in VERDICTS.items():
        mask = kinds == kind
        if mask.any():
            shown = np.ma.masked_where(~mask, mask * 1.0).T
            axes.pcolormesh(x, y, shown, cmap=ListedColormap([colour]))
            if hatch:
                axes.pcolor(x, y, shown, hatch=hatch, facecolor="none", edgecolor="#777777", lw=0, alpha=0)
            label = names.get(kind, kind)
            handles.append(Patch(facecolor=colour, edgecolor="#777777", hatch=hatch, label=label))
    return handles


def _kind(point: Any) -> str:
    if point.status == "optimal":
        return "valued"
    if point.status == "invalid":
        return "invalid"
    return {True: "possible", False: "impossible", None: "undecided"}[point.possible]
