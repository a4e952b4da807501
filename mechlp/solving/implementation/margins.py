"""Finds points of systems of payoffs, or the multipliers that exclude them, by exact linear programs and branching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...deadline import Deadline
from ...exact.numbers import Rationals
from ...program import Block, Columns, Family, Program, Solution, Term
from ...program.solve import solve
from ...proof.implementation.margins import Either, Point, System, meets, with_rows, written

#: Nodes of a search for one point among alternatives.
MOST_NODES = 2_000


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

    Branches on a choice that the best point of the rows so far does not meet.

    Raises
    ------
    Undecided
        After so many nodes, or when the time is over.
    """
    left = [nodes]

    def visit(current: System) -> tuple[Point | None, Any]:
        left[0] -= 1
        if left[0] < 0:
            raise Undecided(f"a search among alternatives has more than {nodes:,} nodes")
        found = best(current, deadline=deadline)
        if found.point is None or (found.value is not None and found.value <= 0):
            return None, {"multipliers": written(found.multipliers)}
        missed = _missed(current, choices, found.point)
        if missed is None:
            return found.point, None
        cases = []
        for rows in choices[missed].alternatives:
            point, tree = visit(with_rows(current, rows))
            if point is not None:
                return point, None
            cases.append(tree)
        return None, {"splits": missed, "cases": cases}

    return visit(system)


def _missed(system: System, choices: Sequence[Either], point: Point) -> int | None:
    """The choice that a point does not meet and that has the fewest alternatives."""
    missed = [
        k
        for k, choice in enumerate(choices)
        if not any(meets(system, rows, point) for rows in choice.alternatives)
    ]
    return min(missed, key=lambda k: len(choices[k].alternatives), default=None)


__all__ = ["Best", "Undecided", "best", "search"]
