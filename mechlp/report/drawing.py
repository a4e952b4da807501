"""What pictures of mechanisms have in common: where types are drawn, numbers over two dimensions of types, lines over one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.agents import Agent
from ..environment.model import Environment
from ..exact.decimals import about
from ..exact.numbers import Rationals, text
from .plot import COLOURS, HOVER, LINES, MARKS, spoken
from .points import edges
from .tables import number

#: More types than these have no names on an axis, more cells no numbers in them, or under the pointer.
NAMED, NUMBERED, HOVERED = 13, 64, 400
#: Letters that the names of types along an axis have beside each other.
LETTERS = 30
#: Panels of one picture.
PANELS = 9


@dataclass(frozen=True)
class Axis:
    """Types, or a coordinate of them, along an axis: where each is, and its name where it is no number."""

    name: str
    places: tuple[float, ...]
    labels: tuple[str, ...] | None = None

    @classmethod
    def of(cls, agent: Agent) -> Axis:
        """An agent's types in their order; numbers at their values."""
        if agent.values is not None:
            places = tuple(float(v) for v in agent.values.fractions())
            if all(a < b for a, b in itertools.pairwise(places)):
                return cls(agent.name, places)
        return cls(agent.name, tuple(map(float, range(agent.size))), agent.types)

    def label(self, k: int) -> str:
        """The name of a type, or its number."""
        return f"{self.places[k]:.6g}" if self.labels is None else self.labels[k]

    def put(self, axis: Any) -> None:
        """Names of types, where they have some and there is room."""
        axis.set_label_text(self.name)
        if self.labels is not None and len(self.labels) <= NAMED:
            axis.set_ticks(self.places, self.labels)
            if axis.axis_name == "x" and sum(map(len, self.labels)) > LETTERS:
                axis.set_tick_params(rotation=30)
                for tick in axis.get_ticklabels():
                    tick.set(ha="right", rotation_mode="anchor")
        elif self.labels is not None:
            axis.set_ticks([])
        elif len(self.places) <= NAMED // 2:
            axis.set_ticks(self.places)


@dataclass(frozen=True)
class Plane:
    """Types over two dimensions: two agents, or the two coordinates of one.  ``place``: row and column of each profile."""

    across: Axis
    up: Axis
    place: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, environment: Environment) -> Plane | None:
        """None where types have one dimension, or more than two."""
        agents = environment.agents
        if len(agents) == 2:
            both = Axis.of(agents[0]), Axis.of(agents[1])
            return cls(*both, tuple(np.ndindex(*environment.shape)))
        if len(agents) == 1 and len(agents[0].coordinates) == 2:
            return cls.of_coordinates(agents[0])
        return None

    @classmethod
    def of_coordinates(cls, agent: Agent) -> Plane:
        """The plane of an agent's two coordinates."""
        axes, where = [], []
        for name, column in agent.parts():
            if isinstance(column, Rationals):
                numbers = column.fractions()
                known = sorted(set(numbers))
                axes.append(Axis(name, tuple(map(float, known))))
                where.append([known.index(c) for c in numbers])
            else:
                words = list(dict.fromkeys(column))
                axes.append(Axis(name, tuple(map(float, range(len(words)))), tuple(words)))
                where.append([words.index(c) for c in column])
        return cls(axes[0], axes[1], tuple(zip(*where, strict=True)))

    def heat(self, axes: Any, values: Sequence[Fraction | None], *, written: bool = True, **look: Any) -> Any:
        """Numbers as shades of cells, ``written`` in them where there is room; None is left white."""
        grid = np.full((len(self.across.places), len(self.up.places)), np.nan)
        for (a, b), value in zip(self.place, values, strict=True):
            grid[a, b] = np.nan if value is None else float(value)
        from matplotlib.patches import Rectangle

        x, y = (edges(list(axis.places)) for axis in (self.across, self.up))
        known = grid[np.isfinite(grid)]
        ends = (look.get("vmin", known.min()), look.get("vmax", known.max())) if known.size else (0, 1)
        if ends[0] == ends[1]:  # one number has the shade in the middle, whichever it is
            ends = ends[0] - 0.5, ends[1] + 0.5
        look |= {"vmin": ends[0], "vmax": ends[1]}
        mesh = axes.pcolormesh(x, y, np.ma.masked_invalid(grid.T), **look)
        if written and len(self.place) <= NUMBERED:
            for (a, b), value in zip(self.place, values, strict=True):
                if value is not None:
                    where = (self.across.places[a], self.up.places[b])
                    colour = ink(mesh.cmap(mesh.norm(float(value))))
                    axes.text(
                        *where, short(value), ha="center", va="center", fontsize="x-small", color=colour
                    )
        if len(self.place) <= HOVERED:
            for (a, b), value in zip(self.place, values, strict=True):
                if value is not None:
                    at = f"{self.across.name} {self.across.label(a)}, {self.up.name} {self.up.label(b)}"
                    size = x[a + 1] - x[a], y[b + 1] - y[b]
                    hover(axes, Rectangle((x[a], y[b]), *size), f"{at}: {number(value)}")
        self.put(axes)
        return mesh

    def put(self, axes: Any) -> None:
        """Names on both axes."""
        self.across.put(axes.xaxis)
        self.up.put(axes.yaxis)


def short(value: Fraction) -> str:
    """``1/3``, or its first digits."""
    exact = text(value)
    return exact if len(exact) <= 5 else about(value, 3)


def ink(colour: Any) -> str:
    """Black or white, whichever is read on a colour."""
    red, green, blue = colour[:3]
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


def panels(canvas: Any, count: int, *, high: float = 3.0, wide: float = 3.4, across: int = 3) -> list[Any]:
    """Axes for some panels, at most ``across`` beside each other."""
    columns = min(count, across)
    rows = -(-count // columns)
    canvas.set_size_inches(max(columns * wide, 5.2), max(rows * high, 3.6))
    every = canvas.subplots(rows, columns, squeeze=False).ravel().tolist()
    for left in every[count:]:
        left.set_visible(False)
    return every[:count]


def line(axes: Any, k: int, axis: Axis, values: Sequence[Fraction | None], label: str) -> None:
    """The k-th line over types: a colour, a dash and a mark of its own."""
    look = {"color": COLOURS[k % len(COLOURS)], "linestyle": LINES[k % 4], "marker": MARKS[k % len(MARKS)]}
    known = [(x, float(v)) for x, v in zip(axis.places, values, strict=True) if v is not None]
    if known:
        size = 4.5 if len(known) <= 40 else 0
        axes.plot(*zip(*known, strict=True), label=label, markersize=size, **look)
    for j, value in enumerate(values):
        if value is not None and len(values) <= HOVERED:
            from matplotlib.lines import Line2D

            point = Line2D([axis.places[j]], [float(value)], marker="o", markersize=9, linestyle="none")
            hover(axes, point, f"{label}, {axis.name} {axis.label(j)}: {number(value)}")
    axis.put(axes.xaxis)


def hover(axes: Any, part: Any, said: str) -> None:
    """Something unseen that tells a number under the pointer, where pictures are part of a page."""
    part.set(alpha=0, gid=HOVER + said, zorder=9)
    axes.add_artist(part)


def titled(environment: Environment) -> str:
    """The title with the parameters, where they are few."""
    title, numbers = environment.title or "untitled", environment.parameters
    said = ", ".join(f"{spoken(name)} = {text(v)}" for name, v in numbers.items())
    return f"{title} ({said})" if 0 < len(numbers) <= 4 and len(said) < 60 else title
