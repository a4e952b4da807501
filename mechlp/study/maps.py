"""A map: one question at every point of a grid of two parameters.

The answer at a point is a formula's where the file names a closed form that fits its problem, else the certified answer of
:meth:`~mechlp.question.design.Design.solve`.  Points are independent: they run in parallel processes, and each is appended to a
store as soon as it is known, under a key made of the whole question, so that a map that was interrupted, or is refined, goes on.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from ..answer.protocol import exists
from ..environment.model import InvalidEnvironment
from ..exact.numbers import rational, text
from ..files import InvalidFile, Reading, read_document
from ..question.design import InvalidDesign
from ..shown import Drawn
from ..version import __version__
from .formulas import FORMULAS, Curve, Formula

MAX_POINTS = 100_000


class InvalidMap(InvalidDesign):
    """A map that cannot be drawn; the message says why."""


@dataclass(frozen=True)
class Axis:
    """A parameter and the values it takes."""

    name: str
    values: tuple[Fraction, ...]

    @classmethod
    def range(cls, name: str, start: Any, to: Any, count: Any) -> Axis:
        """``count`` equally spaced values, ends included.  Raises InvalidMap."""
        try:
            low, high, number = rational(start), rational(to), rational(count)
        except ValueError as error:
            raise InvalidMap(f"{name}: {error}") from None
        if number.denominator != 1 or not 2 <= number <= MAX_POINTS:
            raise InvalidMap(f"{name}: a whole number of values, from 2 to {MAX_POINTS:,}, is needed")
        if low >= high:
            raise InvalidMap(f"{name}: from {text(low)} to {text(high)} is no range")
        steps = int(number) - 1
        return cls(name, tuple(low + (high - low) * k / steps for k in range(steps + 1)))

    @classmethod
    def parse(cls, given: str) -> Axis:
        """``c_star=0:1:17``, from, to and how many.  Raises InvalidMap."""
        name, _, spread = given.partition("=")
        parts = spread.split(":")
        if not name.strip() or len(parts) != 3:
            raise InvalidMap(f"--over {given}: write NAME=FROM:TO:COUNT, as in --over c_star=0:1:17")
        return cls.range(name.strip(), *(p.strip() for p in parts))


@dataclass(frozen=True)
class Point:
    """What is known at one point.

    ``status`` is an answer's, or ``invalid`` where the question makes no sense (``message`` says why); ``value`` the objective or
    what the formula decides by; ``holds`` further regions by name; ``by`` is ``solve`` or the formula.
    """

    at: tuple[Fraction, Fraction]
    status: str
    value: Fraction | None = None
    certified: bool = True
    by: str = "solve"
    holds: Mapping[str, bool] = field(default_factory=dict)
    message: str = ""

    @property
    def possible(self) -> bool | None:
        """Whether a mechanism exists here; None when undecided or invalid."""
        return exists(self.status)

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {
            "at": [text(x) for x in self.at],
            "status": self.status,
            "value": None if self.value is None else text(self.value),
            "certified": self.certified,
            "by": self.by,
            "holds": dict(self.holds),
            "message": self.message,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Point:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError when it does not fit."""
        x, y = map(rational, data["at"])
        value = None if data["value"] is None else rational(data["value"])
        holds = {str(k): bool(v) for k, v in data["holds"].items()}
        return cls(
            (x, y),
            str(data["status"]),
            value,
            bool(data["certified"]),
            str(data["by"]),
            holds,
            str(data["message"]),
        )


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
    size = len(axes[0].values) * len(axes[1].values)
    if size > MAX_POINTS:
        raise InvalidMap(f"{size:,} points; at most {MAX_POINTS:,} are accepted")
    return axes[0], axes[1]


def point_map(
    reading: Reading,
    axes: tuple[Axis, Axis],
    *,
    jobs: int | None = None,
    store: Path | None = None,
    time_limit: float | None = None,
    progress: Callable[[str], None] | None = None,
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
    grid = [[(x, y) for y in axes[1].values] for x in axes[0].values]
    keys = {at: _key(_question(reading, axes, at)) for line in grid for at in line}
    store = store if formula is None else None  # formulas are quicker than files
    known = _stored(store)
    found = {at: known[key] for at, key in keys.items() if key in known}
    left = [at for at in keys if at not in found]
    if formula is None:
        answers = _solved([(at, _question(reading, axes, at), time_limit) for at in left], jobs)
    else:
        answers = (_by_formula(formula, reading, axes, at) for at in left)
    unsaved = ""
    with _appending(store) as append:
        for count, point in enumerate(answers, 1):
            found[point.at] = point
            unsaved = unsaved or append(keys[point.at], point)
            if progress is not None:
                progress(f"{len(keys) - len(left) + count} of {len(keys)} points")
    points = tuple(tuple(found[at] for at in line) for line in grid)
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


def _question(reading: Reading, axes: tuple[Axis, Axis], at: tuple[Fraction, Fraction]) -> dict[str, Any]:
    values = {axis.name: text(x) for axis, x in zip(axes, at, strict=True)}
    return {**reading.document, "parameters": {**reading.document["parameters"], **values}}


def _key(document: Mapping[str, Any]) -> str:
    """A question by its content: the version, and the file without its texts and without the map's own range."""
    asked = {k: v for k, v in document.items() if k not in ("title", "description", "source", "map")}
    asked["closed-form"] = (document.get("map") or {}).get("closed-form")
    return hashlib.sha256(json.dumps([__version__, asked], sort_keys=True).encode()).hexdigest()[:32]


def _by_formula(
    formula: Formula, reading: Reading, axes: tuple[Axis, Axis], at: tuple[Fraction, Fraction]
) -> Point:
    numbers = {**reading.design.environment.parameters, axes[0].name: at[0], axes[1].name: at[1]}
    try:
        value, holds = formula.at(numbers)
    except InvalidEnvironment as error:
        return Point(at, "invalid", by=formula.name, message=str(error))
    return Point(at, "feasible" if value <= 0 else "infeasible", value, True, formula.name, holds)


def _solved(tasks: list[tuple[Any, ...]], jobs: int | None) -> Iterator[Point]:
    """Points as they become known, in any order."""
    workers = min(jobs or min(os.cpu_count() or 1, 4), max(len(tasks), 1))
    if workers == 1:
        yield from map(_solve, tasks)
        return
    # A fresh interpreter each: a fork would copy the thread that shows progress.
    before = set(multiprocessing.active_children())
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin) as pool:
        pending = [pool.submit(_solve, task) for task in tasks]
        finished = False
        try:
            for done in as_completed(pending):
                yield done.result()
            finished = True
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            if not finished:  # interrupted: nobody waits for the points that are being solved
                for worker in set(multiprocessing.active_children()) - before:
                    worker.terminate()


def _begin() -> None:
    """A worker leaves interrupts to its parent, and ends with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _solve(task: tuple[tuple[Fraction, Fraction], dict[str, Any], float | None]) -> Point:
    at, document, time_limit = task
    try:
        design = read_document(document).design
        answer = design.solve(time_limit=time_limit, **design.bare)
    except (InvalidFile, InvalidDesign, InvalidEnvironment) as error:
        return Point(at, "invalid", message=str(error).splitlines()[0])
    return Point(at, answer.status, answer.value, answer.certified)


def _stored(store: Path | None) -> dict[str, Point]:
    """What a store holds; a last line that was cut off is no harm.  Undecided points are asked again."""
    known: dict[str, Point] = {}
    if store is None or not store.exists():
        return known
    for line in store.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            data = json.loads(line)
            point = Point.from_json(data["point"])
            known[str(data["key"])] = point
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return {key: point for key, point in known.items() if point.status != "undecided"}


@contextmanager
def _appending(store: Path | None) -> Iterator[Callable[[str, Point], str]]:
    """One line a point, written through at once; says why a line could not be written (a map goes on without it)."""
    if store is None:
        yield lambda key, point: ""
        return
    with ExitStack() as stack:
        try:
            torn = store.exists() and store.read_bytes()[-1:] not in (b"", b"\n")
            # Unbuffered: what did not fit is not tried again on closing.
            file = stack.enter_context(store.open("ab", buffering=0))
        except OSError as error:
            reason = error.strerror or str(error)
            yield lambda key, point: reason
            return

        def append(key: str, point: Point) -> str:
            nonlocal torn
            line = ("\n" if torn else "") + json.dumps({"key": key, "point": point.to_json()}) + "\n"
            left, torn = line.encode(), True
            try:
                while left:
                    left = left[file.write(left) :]
            except OSError as error:
                return error.strerror or str(error)
            torn = False
            return ""

        yield append
