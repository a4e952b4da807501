"""Answers every cell of a plan: what is stored is read, the rest goes out in rows of neighbours and comes into the store."""

from __future__ import annotations

import json
import math
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from ..exact.errors import InvalidInput
from ..files import Reading, read_document
from ..files.coalitions import implementation
from ..files.reader import overridden
from ..question.design import Design
from . import workers
from .axes import CHECK, PRIOR, Axis, InvalidMap, shown
from .cells import Point, appending, key, stored
from .neighbours import Row, way

Say = Callable[[str], None]
#: The values of a cell, one an axis.
At = tuple[Any, ...]
#: Cells of one task, at most; and tasks for each process, at least.
LARGEST, SHARES = 256, 4
KILLED = "the process that solved it was ended from outside (perhaps there was not enough memory)"
#: The largest weight of a prior that is drawn.
WEIGHTS = 100
#: About as many cells as take the time of a row whose others are proved between them, what takes least last.
WAYS = {"each": math.inf, "curved": 30, "mixed": 8}
#: Processes, where nobody says how many; and seconds for which this one works alone then, before it starts others.
PROCESSES, ALONE = 4, 1.0


@dataclass(frozen=True)
class Plan:
    """What is asked: a problem file, the names of what changes, the axis ``along`` which neighbours are solved, and the ``way``
    in which cells between them are proved (:func:`mechlp.study.neighbours.way`); ``time_limit`` is seconds for each cell."""

    document: Mapping[str, Any]
    names: tuple[str, ...]
    along: int
    way: str
    time_limit: float | None = None

    @classmethod
    def of(
        cls, document: Mapping[str, Any], axes: Sequence[Axis], design: Any, time_limit: float | None = None
    ) -> Plan:
        """The plan that goes along the axis on which the largest share is proved between cells, the longest of these."""
        agents = [agent.name for agent in design.environment.agents] if isinstance(design, Design) else []
        numbers = document.get("parameters") or {}
        checked = CHECK in {a.name for a in axes} - set(numbers)  # a condition says nothing of cells beside
        alone = [not agents or checked or a.name not in numbers for a in axes]
        ways = ["each" if each else way(document, a.name, agents) for each, a in zip(alone, axes, strict=True)]
        rank = [
            (*_proved(own, a), a.spread == "ends", len(a.values)) for own, a in zip(ways, axes, strict=True)
        ]
        along = max(range(len(axes)), key=rank.__getitem__)
        return cls(document, tuple(axis.name for axis in axes), along, ways[along], time_limit)

    def problem(self, at: At) -> dict[str, Any]:
        """The problem of a cell."""
        return changed(self.document, self.names, at)

    def ask(self, reading: Reading) -> Any:
        """The question about the problem of a cell: what the file asks, or whether a condition of implementation holds."""
        return implementation(reading) if self.checked else reading.design

    @property
    def checked(self) -> bool:
        """Whether conditions of full implementation are asked."""
        return CHECK in self.names and CHECK not in (self.document.get("parameters") or {})

    def key(self, at: At) -> str:
        """Under what the point of a cell is stored: its whole question."""
        return key({**self.problem(at), **({"asked": CHECK} if self.checked else {})})

    def groups(self, at: Sequence[At]) -> list[list[At]]:
        """Cells that differ along the axis alone, in ascending order where it has numbers."""
        found: dict[At, list[At]] = {}
        for one in at:
            found.setdefault(one[: self.along] + one[self.along + 1 :], []).append(one)
        if self.way != "each":
            return [sorted(group, key=lambda one: one[self.along]) for group in found.values()]
        return list(found.values())

    def tasks(self, at: Sequence[At], size: int) -> list[list[At]]:
        """Groups, cut and put together so that there is enough for so many processes."""
        most = LARGEST if size == 1 else min(max(len(at) // (SHARES * size), 1), LARGEST)
        out: list[list[At]] = []
        for group in self.groups(at):
            for start in range(0, len(group), most):
                part = group[start : start + most]
                if out and len(out[-1]) + len(part) <= most:
                    out[-1] = out[-1] + part
                else:
                    out.append(part)
        return out

    def solved(self, at: Sequence[At]) -> Iterator[Point]:
        """The points of some cells as they become known."""
        for group in self.groups(at):
            places = () if self.way == "each" else [one[self.along] for one in group]
            name = self.names[self.along]
            row = Row(
                group,
                self.problem,
                places,
                way=self.way,
                name=name,
                time_limit=self.time_limit,
                ask=self.ask,
            )
            yield from (point for _, point in row.points())


def _proved(own: str, axis: Axis) -> tuple[float, int]:
    """The share of the cells of an axis that is proved between others, about; and its way."""
    solved = 0 if axis.spread == "ends" and own != "each" else WAYS[own] / len(axis.values)
    return 1 - min(solved, 1), list(WAYS).index(own)


def changed(document: Mapping[str, Any], names: Sequence[str], at: Sequence[Any]) -> dict[str, Any]:
    """The problem of a cell."""
    parameters = document.get("parameters") or {}
    values = {name: shown(value) for name, value in zip(names, at, strict=True)}
    weights = values.pop(PRIOR, None) if PRIOR not in parameters else None
    numbers = {name: value for name, value in values.items() if name in parameters}
    ask: dict[str, Any] = {name: value for name, value in values.items() if name not in parameters}
    if CHECK in ask:
        ask["coalitions"] = {"checks": [ask.pop(CHECK)]}
    made = overridden(dict(document), "document", numbers, ask)
    if weights is not None:
        beliefs = made.get("beliefs")
        kept = beliefs if isinstance(beliefs, dict) else {}
        made["beliefs"] = {**kept, PRIOR: {"weights": json.loads(weights, parse_int=str)}}
    return made


def with_priors(document: Mapping[str, Any], names: Sequence[str], at: Sequence[At]) -> Iterator[At]:
    """Cells with the weights of their priors in place of the numbers that these are drawn by."""
    place = list(names).index(PRIOR)
    # The type grid may depend on what sections other than those of payoffs name.
    sections = {k: v for k, v in document.items() if k not in ("payoffs", "outside", "transfers")}
    formulas = {k: v for k, v in (document.get("parameters") or {}).items()}
    named = set(re.findall(r"\w+", str({**sections, "parameters": list(formulas.values())})))
    sizing = [k for k, name in enumerate(names) if name in named and name in formulas]
    shapes: dict[At, tuple[int, ...]] = {}
    for one in at:
        rest = tuple(one[k] for k in sizing)
        if rest not in shapes:
            others = [k for k in range(len(names)) if k != place]
            made = changed(document, [names[k] for k in others], [one[k] for k in others])
            shapes[rest] = _shape(made)
        random, shape = Random(one[place]), shapes[rest]
        weights = [random.randint(1, WEIGHTS) for _ in range(int(np.prod(shape)))]
        yield (*one[:place], json.dumps(np.reshape(weights, shape).tolist()), *one[place + 1 :])


def _shape(document: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of the type grid; none where the file is no problem, which its cells will say."""
    try:
        design = read_document(document).design
    except InvalidInput:
        return ()
    if not isinstance(design, Design):
        raise InvalidMap(
            "--over prior=random: identical bidders who are solved by a representative have no prior to draw"
        )
    return design.environment.shape


def answered(
    plan: Plan,
    at: Sequence[At],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    store: Path | None = None,
    progress: Say | None = None,
) -> tuple[dict[At, Point], str]:
    """The point of every cell, and why not every one is in the store (nothing where all are).  Raises InvalidMap."""
    keys = {one: plan.key(one) for one in at}
    known = stored(store)
    found = {one: replace(known[name], at=one) for one, name in keys.items() if name in known}
    before, clock, unsaved = len(found), time.perf_counter(), ""
    with appending(store, plan.names) as append:
        for points in _results(plan, [one for one in keys if one not in found], jobs, scheduler):
            for point in points:
                found[point.at] = point
                unsaved = unsaved or append(keys[point.at], point)
                if progress is not None:
                    progress(_said(len(found), len(keys), before, time.perf_counter() - clock))
    return found, unsaved


def _results(plan: Plan, left: list[At], jobs: int | None, scheduler: str | None) -> Iterator[list[Point]]:
    """Points of all these cells, in any order."""
    if jobs is None and scheduler is None and left:
        done, clock = set(), time.perf_counter()
        for point in plan.solved(left):
            done.add(point.at)
            yield [point]
            if time.perf_counter() > clock + ALONE:
                break
        left = [one for one in left if one not in done]
    if not left:
        return
    most = jobs or min(os.cpu_count() or 1, PROCESSES)
    with workers.opened(min(most, len(plan.tasks(left, most))), scheduler) as (run, size):
        halves: list[list[At]] = []
        while left:
            apart = {one for half in halves for one in half}
            alone = scheduler is None and size == 1  # in this process, where points come one by one
            rest = [one for one in left if one not in apart]
            tasks = [left] if alone else [*halves, *plan.tasks(rest, size)]
            halves, done = [], set()
            with closing(run(partial(_solved, plan), tasks)) as results:
                for task, points in results:
                    if points is None and len(task) > 1:  # which of them it was is found by halves
                        halves += [task[: len(task) // 2], task[len(task) // 2 :]]
                        continue
                    points = points or [Point(task[0], "failed", certified=False, message=KILLED)]
                    done |= {point.at for point in points}
                    yield points
            left = [one for one in left if one not in done]


def _solved(plan: Plan, at: Sequence[At]) -> Iterator[Point]:
    return plan.solved(at)


def _said(done: int, count: int, before: int, seconds: float) -> str:
    """How far it is, and how long it will take at this pace."""
    left = seconds * (count - done) / (done - before)
    if not left:
        return f"{done:,} of {count:,} cells"
    amount = (
        f"{left:.0f} s" if left < 100 else f"{left / 60:.0f} min" if left < 6000 else f"{left / 3600:.1f} h"
    )
    return f"{done:,} of {count:,} cells, about {amount} left"


__all__ = ["At", "Plan", "answered", "changed", "with_priors"]
