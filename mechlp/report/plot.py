"""Pictures (matplotlib, ``mechlp[plot]``); the ending of the file name decides the format: png, pdf, svg."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from ..answer.answer import Answer
from ..exact.decimals import about
from ..exact.errors import InvalidInput
from ..exact.saved import replacing

if TYPE_CHECKING:  # maps and their formulas are slow to load
    from ..study.maps import PointMap

FORMATS = (".png", ".pdf", ".svg")
COLOURS = {"possible": "#cfe3f1", "impossible": "#f3d9d2", "undecided": "#d9d9d9", "invalid": "#ffffff"}


class InvalidPlot(InvalidInput):
    """A picture that cannot be written; the message says how to mend it."""


def check_target(path: Path) -> None:
    """Before long work: that the name has a known ending, the folder exists and matplotlib is there.  Raises InvalidPlot."""
    if path.suffix.lower() not in FORMATS:
        raise InvalidPlot(f"{path}: expected a name that ends in {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise InvalidPlot(f"{path}: there is no folder {path.parent}")
    _pyplot()


@contextmanager
def figure(path: Path, *, width: float = 6.4, height: float = 5.6) -> Iterator[Any]:
    """Axes to draw on; the picture is written on leaving, and says nothing of when it was made."""
    pyplot = _pyplot()
    canvas, axes = pyplot.subplots(figsize=(width, height), layout="constrained")
    try:
        yield axes
        dateless = {".png": {"Software": None}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
        with replacing(path) as new:
            canvas.savefig(
                new, dpi=160, format=path.suffix[1:].lower(), metadata=dateless[path.suffix.lower()]
            )
    finally:
        pyplot.close(canvas)


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise InvalidPlot("pictures need matplotlib: pip install 'mechlp[plot]'") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def plot_points(region: PointMap, path: Path) -> None:
    """One cell a point, coloured by its value where an optimum was asked for, else by its verdict; curves on top."""
    x, y = ([float(v) for v in axis.values] for axis in region.axes)
    values = np.array([[_height(p) for p in row] for row in region.points])
    with figure(path) as axes:
        if np.isfinite(values).any():
            mesh = axes.pcolormesh(_edges(x), _edges(y), np.ma.masked_invalid(values.T), cmap="viridis")
            axes.figure.colorbar(mesh, ax=axes, label="value of the objective")
        handles = _verdicts(axes, region, _edges(x), _edges(y))
        for k, curve in enumerate(region.curves):
            line = [(float(a), float(b)) for a, b in curve.points]
            a, b = zip(*line, strict=True)
            look = {"color": ("#1f3a5f", "#555555", "#7a3e00")[k % 3], "linestyle": ("-", "--", ":")[k % 3]}
            handles += axes.plot(a, b, label=curve.name, **look)
            if curve.fill:
                axes.fill_between(
                    a, b, _edges(y)[0], facecolor="none", edgecolor="#88a", hatch="//", linewidth=0
                )
        axes.set(xlabel=region.axes[0].name, ylabel=region.axes[1].name, title=fill(region.title, 60))
        axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        if handles:
            said = "\n".join(fill(note, 80) for note in region.notes) or None
            look = {"fontsize": "small", "title_fontsize": "x-small"}
            axes.figure.legend(handles=handles, loc="outside lower center", title=said, **look)


def check_worst_case(answer: Answer) -> None:
    """Whether an answer has a worst-case prior that can be drawn.  Raises InvalidPlot."""
    if answer.worst_case is None or answer.status == "unbounded":
        raise InvalidPlot("there is no worst-case prior to draw: it takes a set of priors and an optimum")
    if answer.design.environment.n > 2:
        raise InvalidPlot("a worst-case prior is drawn for one or two agents")


def plot_worst_case(answer: Answer, path: Path) -> None:
    """Nature's prior, as areas, on what the mechanism does: shades show the chance of another than the first outcome.

    Raises
    ------
    InvalidPlot
        See :func:`check_worst_case`.
    """
    check_worst_case(answer)
    assert answer.worst_case is not None
    environment = answer.design.environment
    prior = answer.worst_case.distribution(answer.design).float
    chance = 1 - answer.rules[0].allocation[0].float
    ticks = [_axis(agent) for agent in environment.agents]
    title = f"{environment.title or 'untitled'}: guaranteed {answer.design.wants.kind} {about(answer.value or Fraction(0))}"
    with figure(path) as axes:
        said = f"chance that {environment.outcomes[0]} is not the outcome"
        axes.set(xlabel=environment.agents[0].name, title=fill(title, 60))
        if environment.n == 1:
            axes.bar(
                ticks[0][0], prior, width=0.7 * (ticks[0][0][1] - ticks[0][0][0]) if prior.size > 1 else 1
            )
            axes.plot(ticks[0][0], chance, color="#7a3e00", marker=".", label=said)
            axes.set(ylabel="worst-case probability")
            axes.legend(loc="best", fontsize="small")
        else:
            x, y = (np.array(t[0]) for t in ticks)
            edges = [_edges(list(v)) if len(v) > 1 else [v[0] - 0.5, v[0] + 0.5] for v in (x, y)]
            mesh = axes.pcolormesh(*edges, chance.T, cmap="Blues", vmin=0, vmax=1.4, alpha=0.8)
            axes.figure.colorbar(
                mesh, ax=axes, label=said, boundaries=np.linspace(0, 1, 51), ticks=[0, 0.5, 1]
            )
            i, j = np.nonzero(prior > 0)
            axes.scatter(x[i], y[j], s=1200 * prior[i, j], color="#b03a2e", alpha=0.75, linewidths=0)
            axes.set(ylabel=environment.agents[1].name)
            axes.figure.text(0.01, 0.005, "dots: worst-case prior, area = probability", fontsize="small")
        for (places, names), axis in zip(ticks, (axes.xaxis, axes.yaxis), strict=False):
            if names is not None:
                axis.set_ticks(places, names)


def _axis(agent: Any) -> tuple[list[float], list[str] | None]:
    """Where types are drawn, and their names where they are labels."""
    if agent.values is None:
        return [float(k) for k in range(agent.size)], list(agent.types)
    return [float(v) for v in agent.values.fractions()], None


def _height(point: Any) -> float:
    return float(point.value) if point.status == "optimal" else float("nan")


def _verdicts(axes: Any, region: PointMap, x: list[float], y: list[float]) -> list[Any]:
    """Cells without a value, by what is known of them; returns one entry of the legend for each kind."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    kinds = np.array([[_kind(p) for p in row] for row in region.points])
    names = {"possible": region.possible, "impossible": region.possible.replace("possible", "impossible", 1)}
    handles = []
    for kind, colour in COLOURS.items():
        mask = kinds == kind
        if mask.any():
            axes.pcolormesh(x, y, np.ma.masked_where(~mask, mask * 1.0).T, cmap=ListedColormap([colour]))
            handles.append(
                Patch(
                    facecolor=colour,
                    edgecolor="#999999",
                    label=names.get(kind, "no such problem" if kind == "invalid" else kind),
                )
            )
    return handles


def _kind(point: Any) -> str:
    if point.status == "optimal":
        return "valued"
    if point.status == "invalid":
        return "invalid"
    return {True: "possible", False: "impossible", None: "undecided"}[point.possible]


def _edges(values: list[float]) -> list[float]:
    """Borders of cells centred on equally spaced values."""
    half = (values[1] - values[0]) / 2
    return [values[0] - half, *(v + half for v in values)]
