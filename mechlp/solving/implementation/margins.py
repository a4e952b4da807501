"""Finds points of systems of payoffs, or the multipliers that exclude them, by exact linear programs and branching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from ...deadline import Deadline
from ...exact.numbers import Rationals, text
from ...program import Block, Columns, Family, Program, Solution, Term
from ...program.solve import solve
from ...proof.implementation.margins import Either, Point, Row, System, meets, with_rows

#: Nodes of a search for one point among alternatives.
MOST_NODES = 2_000
#: Nodes of a tree that excludes a point, written out: what serves in several cases is repeated.
MOST_CASES = 50_000


class Undecided(Exception):
    """Neither a point nor a refutation was found; the message says why."""


@dataclass(frozen=True)
class Best:
    """The largest sum of gains: a point that has it, multipliers that show it; ``value`` None: no limit (a point has the gains
    that were asked for), ``point`` None: no point at all."""

    value: Fraction | None
    point: Point | None
    multipliers: list[Fraction]


def best(system: System, cap: Fraction | None = None, deadline: Deadline | None = None) -> Best:
    """The largest sum of gains; each at most ``cap``.

    Raises
    ------
    Undecided
        When the time is over.
    """
    solution = solve(_program(system, cap), time_limit=deadline, readable=False)
    if solution.status == "unbounded":
        return Best(None, best(system, Fraction(1), deadline).point, [])
    if solution.status == "undecided":
        raise Undecided("the time limit ended a linear program")
    assert solution.dual is not None
    sign = -1 if solution.status == "optimal" else 1
    rows = solution.dual[: len(system.rows)].fractions() if system.rows else []
    multipliers = [-sign * m if row.most else sign * m for row, m in zip(system.rows, rows, strict=True)]
    if solution.primal is None:
        return Best(None, None, multipliers)
    return Best(solution.value, _point(system, solution), multipliers)


def _program(system: System, cap: Fraction | None) -> Program:
    question = system.question
    environment, feasible = question.environment, question.feasible
    count, n = len(environment.outcomes), environment.n
    bounded = lambda ends: None if None in ends else Rationals.of(list(ends))  # noqa: E731
    blocks = [
        Block("lottery", (system.places, count), Rationals.of(0)),
        *(
            Block(
                f"transfers {i}",
                (system.places,),
                bounded([feasible.lower[i]]),
                bounded([feasible.upper[i]]),
            )
            for i in range(n)
        ),
        Block(
            "gain",
            (system.gains,),
            None if system.free else Rationals.of(0),
            None if cap is None else Rationals.of(cap),
        ),
    ]
    columns = Columns(blocks)
    one = Rationals.of(1)
    families = []
    for k, row in enumerate(system.rows):
        terms = []
        for place, types, weight in row.parts:
            own = environment.utility[row.agent][(slice(None), *types)] * weight
            terms.append(Term(columns["lottery"][place], own, (count,)))
            terms.append(
                Term(columns[f"transfers {row.agent}"][place : place + 1], Rationals.of([weight]), (1,))
            )
        if row.gain is not None:
            terms.append(Term(columns["gain"][row.gain : row.gain + 1], Rationals.of([-1]), (1,)))
        families.append(
            Family(f"row {k}", (), tuple(terms), "<=" if row.most else ">=", Rationals.of(row.than))
        )
    every = Term(columns["lottery"], one, (count,))
    families.append(Family("chances", (system.places,), (every,), "=", one))
    if feasible.balance != "none":
        paid = tuple(Term(columns[f"transfers {i}"], one) for i in range(n))
        sense: Any = "=" if feasible.balance == "strong" else "<="
        families.append(Family("budget", (system.places,), paid, sense, Rationals.of(0)))
    return Program(tuple(blocks), tuple(families), {"gain": one})


def _point(system: System, solution: Solution) -> Point:
    assert solution.primal is not None
    environment = system.question.environment
    cut = system.places * len(environment.outcomes)
    lotteries = solution.primal[:cut].reshape(system.places, -1)
    paid = solution.primal[cut : cut + environment.n * system.places].reshape(environment.n, system.places)
    return Point(lotteries, paid.moveaxis(0, 1))


def search(
    system: System, choices: Sequence[Either], deadline: Deadline | None = None, nodes: int = MOST_NODES
) -> tuple[Point | None, Any]:
    """A point with gains above zero that meets at least one alternative of each choice, or the tree that excludes one.

    Branches on a choice that the best point of the rows so far does not meet.  What excludes a point rests on some of the rows
    only: it is remembered, and serves wherever these rows stand; where it does not rest on the alternative that was tried, no
    other alternative need be.

    Raises
    ------
    Undecided
        After so many linear programs, when the time is over, or where the tree would be too large to be saved.
    """
    left = [nodes]
    known: list[_Excluded] = []

    def visit(current: System) -> Point | _Excluded:
        there = {id(row) for row in current.rows}
        for one in reversed(known):
            if one.rests <= there:
                return one
        left[0] -= 1
        if left[0] < 0:
            raise Undecided(f"a search among alternatives has more than {nodes:,} nodes")
        found = best(current, deadline=deadline)
        if found.point is None or (found.value is not None and found.value <= 0):
            weights = {id(row): m for row, m in zip(current.rows, found.multipliers, strict=True) if m}
            excluded = _Excluded(frozenset(weights), weights)
        else:
            missed = _missed(current, choices, found.point)
            if missed is None:
                return found.point
            cases, rests = [], frozenset[int]()
            for rows in choices[missed].alternatives:
                case = visit(with_rows(current, rows))
                if isinstance(case, Point):
                    return case
                if case.rests <= there:
                    return case
                cases.append(case)
                rests |= case.rests - {id(row) for row in rows}
            excluded = _Excluded(rests, splits=missed, cases=tuple(cases))
        known.append(excluded)
        return excluded

    found = visit(system)
    if isinstance(found, _Excluded) and found.size > MOST_CASES:
        raise Undecided(f"what excludes a point has {found.size:,} cases; at most {MOST_CASES:,} are written out")
    return (found, None) if isinstance(found, Point) else (None, _tree(found, system.rows, choices))


@dataclass(frozen=True)
class _Excluded:
    """What excludes a point from the rows that it ``rests`` on: their multipliers (by ``id``), or the cases of a choice."""

    rests: frozenset[int]
    multipliers: Mapping[int, Fraction] = field(default_factory=dict)
    splits: int | None = None
    cases: tuple[_Excluded, ...] = ()

    @cached_property
    def size(self) -> int:
        """The nodes of its tree, written out."""
        return 1 + sum(case.size for case in self.cases)


def _tree(found: _Excluded, rows: tuple[Row, ...], choices: Sequence[Either]) -> Any:
    """The same as it is saved: multipliers by the positions of rows."""
    if found.splits is None:
        place = {id(row): k for k, row in enumerate(rows)}
        return {"multipliers": {str(place[row]): text(m) for row, m in found.multipliers.items()}}
    both = zip(choices[found.splits].alternatives, found.cases, strict=True)
    return {"splits": found.splits, "cases": [_tree(case, (*rows, *more), choices) for more, case in both]}


def _missed(system: System, choices: Sequence[Either], point: Point) -> int | None:
    """The choice that a point does not meet and that has the fewest alternatives."""
    missed = [
        k
        for k, choice in enumerate(choices)
        if not any(meets(system, rows, point) for rows in choice.alternatives)
    ]
    return min(missed, key=lambda k: len(choices[k].alternatives), default=None)


__all__ = ["Best", "Undecided", "best", "search"]
