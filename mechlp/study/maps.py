"""A map: one question at every point of a grid of two parameters; a sweep with two axes, and closed forms.

The answer at a point is a formula's where the file names a closed form that fits its problem, else the certified answer of
:meth:`~mechlp.question.design.Design.solve`, found and stored as those of a sweep are (:mod:`mechlp.study.sweep`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..environment.model import InvalidEnvironment
from ..exact.numbers import text
from ..files import Reading
from ..shown import Drawn
from .axes import Axis, InvalidMap, cells, check_size
from .cells import Point
from .cellwise import Plan, Say, answered
from .formulas import FORMULAS, Curve, Formula


@dataclass(frozen=True)
class PointMap(Drawn):
    """A map: ``points[i][j]`` at the i-th value of the first axis and the j-th of the second.

    ``possible`` says of what a possible point is a point ("on the grid of 9 points"); ``curves`` are lines known by formula.
    """

    title: str
    axes: tuple[Axis, Axis]
    points: tuple[tuple[Point, ...], ...]
    possible: str
    curves: tuple[Curve, ...] = ()
    notes: tuple[str, ...] = ()
    #: Why not every point is in the store; nothing where all are.
    unsaved: str = field(default="", compare=False)

    def __iter__(self) -> Iterator[Point]:
        return (point for row in self.points for point in row)

    @property
    def regions(self) -> tuple[str, ...]:
        """The names of the further regions."""
        return tuple(dict.fromkeys(name for point in self for name in point.holds))

    def rows(self) -> Iterator[list[str]]:
        """A table, header first: the two parameters, status, value, who says so, one column a region."""
        names = self.regions
        yield [a.name for a in self.axes] + ["status", "value", "by", *names]
        for point in self:
            value = "" if point.value is None else text(point.value)
            marks = [{True: "yes", False: "no", None: ""}[point.holds.get(name)] for name in names]
            yield [*map(text, point.at), point.status, value, point.by, *marks]

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {
            "title": self.title,
            "axes": {a.name: [text(v) for v in a.values] for a in self.axes},
            "possible": self.possible,
            "points": [point.to_json() for point in self],
            "curves": [curve.to_json() for curve in self.curves],
            "notes": list(self.notes),
        }


def axes_of(reading: Reading, over: Sequence[str]) -> tuple[Axis, Axis]:
    """The two axes: from ``--over``, else from the file's ``map.over``.  Raises InvalidMap."""
    ranges = (reading.document.get("map") or {}).get("over") or {}
    axes = [Axis.parse(o) for o in over] or [
        Axis.range(k, r["from"], r["to"], r["count"]) for k, r in ranges.items()
    ]
    known = reading.design.environment.parameters
    if len(axes) != 2 or axes[0].name == axes[1].name:
        raise InvalidMap(
            "a map takes two parameters: give --over NAME=FROM:TO:COUNT twice, or `map: {over: ...}` in the file"
        )
    for axis in axes:
        if axis.name not in known:
            raise InvalidMap(f"no parameter is named {axis.name!r}; known: {', '.join(known) or 'none'}")
    check_size(axes, what="points")
    return axes[0], axes[1]


def point_map(
    reading: Reading,
    axes: tuple[Axis, Axis],
    *,
    jobs: int | None = None,
    store: Path | None = None,
    time_limit: float | None = None,
    progress: Say | None = None,
) -> PointMap:
    """Answer the question of a problem file at every point.

    Parameters
    ----------
    jobs : parallel processes (default: one a core, at most 4; formulas need one).
    store : a file of JSON lines that is read first and appended to, point by point.
    time_limit : seconds for each point.

    Raises
    ------
    InvalidMap
        The file names a closed form that does not fit its problem.
    """
    name = (reading.document.get("map") or {}).get("closed-form")
    formula = FORMULAS[name] if name else None
    if formula is not None:
        middle = {a.name: a.values[len(a.values) // 2] for a in axes}
        elsewhere = reading.rebuilt({**reading.design.environment.parameters, **middle})
        reason = formula.misfit(reading.design) or formula.misfit(elsewhere)
        if reason:
            raise InvalidMap(f"map.closed-form: {name} does not fit this problem: {reason}")
    grid = cells(axes)
    unsaved = ""
    if formula is None:
        plan = Plan.of(reading.document, axes, reading.design, time_limit)
        found, unsaved = answered(plan, grid, jobs=jobs, store=store, progress=progress)
    else:  # formulas are quicker than files: no store
        found = {}
        for count, at in enumerate(grid, 1):
            found[at] = _by_formula(formula, reading, axes, at)
            if progress is not None:
                progress(f"{count} of {len(grid)} points")
    width = len(axes[1].values)
    points = tuple(tuple(found[at] for at in grid[k : k + width]) for k in range(0, len(grid), width))
    title = reading.design.environment.title or "untitled"
    if formula is None:
        return PointMap(title, axes, points, "possible, for the types of the file", unsaved=unsaved)
    numbers = reading.design.environment.parameters
    ends = tuple((a.name, a.values[0], a.values[-1]) for a in axes)
    return PointMap(
        title,
        axes,
        points,
        formula.possible(numbers),
        tuple(formula.curves(numbers, ends)),
        tuple(formula.notes),
    )


def _by_formula(formula: Formula, reading: Reading, axes: tuple[Axis, Axis], at: tuple[Any, ...]) -> Point:
    numbers = {**reading.design.environment.parameters, axes[0].name: at[0], axes[1].name: at[1]}
    try:
        value, holds = formula.at(numbers)
    except InvalidEnvironment as error:
        return Point(at, "invalid", by=formula.name, message=str(error))
    return Point(at, "feasible" if value <= 0 else "infeasible", value, True, formula.name, holds)


__all__ = ["Axis", "InvalidMap", "Point", "PointMap", "axes_of", "point_map"]
