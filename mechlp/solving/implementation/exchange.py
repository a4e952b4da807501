"""Finds blocking allocations, prices, and the weights of values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...deadline import Deadline
from ...environment.coalitions import Coalition
from ...exact.numbers import Rationals, text
from ...program import Block, Columns, Family, Program, Term
from ...program.solve import solve
from ...proof.implementation.exchange import blocks, cell_rows, orders, own_worth, profiles
from ...question.economy import Exchange
from .margins import Undecided

#: Cells of weights that are gone through at a profile.
MOST_CELLS = 5_000
Cells = tuple[int, ...]
ONE, ZERO = Fraction(1), Fraction(0)


@dataclass(frozen=True)
class Best:
    """The best that members can afford: its worth and what each consumes (None, and nothing, where floors are out of reach),
    prices, weights on the forms of each utility."""

    value: Fraction | None
    consumption: list[list[str]]
    prices: list[str]
    pieces: list[list[str]]
    utilities: list[Fraction]

    def to_json(self) -> dict[str, Any]:
        """As witnesses have it."""
        return {"consumption": self.consumption, "prices": self.prices, "pieces": self.pieces}


def best(
    question: Exchange,
    members: Coalition,
    types: Cells,
    weights: Sequence[Fraction],
    deadline: Deadline,
    floors: Sequence[Fraction] | None = None,
) -> Best:
    """Maximise weighted utilities; with ``floors``, nobody has less than hers.

    Raises
    ------
    Undecided
        When the time is over.
    """
    count = len(question.goods)
    low = None if floors is None else Rationals.of(list(floors))
    blocks_of = [Block("x", (len(members), count), Rationals.of(0)), Block("u", (len(members),), low)]
    at = Columns(blocks_of)
    families = []
    for m, (i, k) in enumerate(zip(members, types, strict=True)):
        forms = question.utilities[i][:, k]
        own = Term(at["x"][m][None, :], forms[:, :-1], (count,))
        less = Term(at["u"][m : m + 1][None, :], Rationals.of([[-1]]), (1,))
        families.append(Family(f"utility {i}", (len(forms),), (own, less), ">=", -forms[:, -1]))
    have = [sum((question.endowments[i, good] for i in members), ZERO) for good in range(count)]
    every = Term(at["x"].T, Rationals.of(1), (len(members),))
    families.append(Family("endowment", (count,), (every,), "<=", Rationals.of(have)))
    program = Program(tuple(blocks_of), tuple(families), {"u": Rationals.of(list(weights))})
    found = solve(program, time_limit=deadline, readable=False)
    if found.status not in ("optimal", "infeasible") or found.dual is None:
        raise Undecided("the time limit ended a linear program")
    sign = 1 if found.status == "optimal" else -1  # see the conventions of Solution
    dual = [sign * m for m in found.dual.fractions()]
    pieces, start = [], 0
    for i in members:
        size = len(question.utilities[i])
        pieces.append([text(-m) for m in dual[start : start + size]])
        start += size
    prices = [text(p) for p in dual[start:]]
    if found.primal is None:
        return Best(None, [], prices, pieces, [])
    x = found.primal[: len(members) * count].reshape(len(members), count)
    worth = [question.worth(i, k, x[m]) for m, (i, k) in enumerate(zip(members, types, strict=True))]
    return Best(found.value, x.texts(), prices, pieces, worth)


def core(question: Exchange, deadline: Deadline) -> dict[str, Any]:
    """A blocking allocation, or prices for each coalition of types."""
    prices = []
    for own, types in blocks(question):
        now = [question.secured(i, k) for i, k in zip(own, types, strict=True)]
        found = best(question, own, types, [ONE] * len(own), deadline, now)
        if found.value is not None and found.value > sum(now):
            return {"coalition": list(own), "types": list(types), "consumption": found.consumption}
        prices.append([found.prices, found.pieces])
    return {"prices": prices}


# -- the value ----------------------------------------------------------------------------------------------
Point = tuple[list[Fraction], Rationals]


def nash(question: Exchange, types: Cells, deadline: Deadline) -> dict[str, Any]:
    """The Nash bargaining solution of two agents against their endowments, and the weights that make it a value.

    Known points of the frontier span a polygon; the best product of gains on it is best of all once its own weights show no
    point above, else they show a new one.
    """
    have = [own_worth(question, i, k) for i, k in enumerate(types)]
    whole, nothing = question.endowments.sum(axis=0), Rationals.zeros((len(question.goods),))
    points: list[Point] = []
    for first, second in ((whole, nothing), (nothing, whole), tuple(question.endowments)):
        utilities = [
            question.worth(i, k, x) for i, (k, x) in enumerate(zip(types, (first, second), strict=True))
        ]
        points.append((utilities, Rationals.of([first.fractions(), second.fractions()])))
    while True:
        gains, consumption = _best_product(points, have)
        if min(gains) <= 0:
            found = best(question, (0, 1), types, [ONE, ONE], deadline, have)
            if found.value is not None and found.value > sum(have):
                points.append((found.utilities, Rationals.of(found.consumption)))
                continue
            return {**found.to_json(), "consumption": question.endowments.texts()}
        weights = [ONE, gains[0] / gains[1]]
        found = best(question, (0, 1), types, weights, deadline)
        assert found.value is not None
        if found.value == sum(w * (g + c) for w, g, c in zip(weights, gains, have, strict=True)):
            return {**found.to_json(), "consumption": consumption.texts()}
        points.append((found.utilities, Rationals.of(found.consumption)))


def _best_product(points: Sequence[Point], have: Sequence[Fraction]) -> tuple[list[Fraction], Rationals]:
    """The largest product of gains on the segments between points: the gains, and what is consumed."""
    top: tuple[Fraction, list[Fraction], Rationals] | None = None
    for a, x in points:
        for b, y in points:
            first = [u - c for u, c in zip(a, have, strict=True)]
            step = [v - u for u, v in zip(a, b, strict=True)]
            at = [ZERO]
            if step[0] * step[1] < 0:
                s = -(first[0] * step[1] + first[1] * step[0]) / (2 * step[0] * step[1])
                at += [s] if 0 < s < 1 else []
            for s in at:
                gains = [g + s * d for g, d in zip(first, step, strict=True)]
                if min(gains) >= 0 and (top is None or gains[0] * gains[1] > top[0]):
                    top = gains[0] * gains[1], gains, x * (1 - s) + y * s
    assert top is not None  # the endowments are a point
    return top[1], top[2]


def value_exists(question: Exchange, deadline: Deadline) -> dict[str, Any]:
    """The value at each profile of two agents."""
    return {"values": [nash(question, types, deadline) for types in profiles(question)]}


def value(question: Exchange, deadline: Deadline) -> dict[str, Any]:
    """Weights at each profile under which the given function is a value, or a profile without."""
    every = []
    for types in profiles(question):
        now = [question.secured(i, k) for i, k in enumerate(types)]
        if question.environment.n == 1:  # the value is what she has
            if now[0] != own_worth(question, 0, types[0]):
                return {"profile": list(types)}
            weights = [ONE]
        elif question.environment.n == 2:
            saved = nash(question, types, deadline)
            x = Rationals.of(saved["consumption"])
            if [question.worth(i, k, x[i]) for i, k in enumerate(types)] != now:
                return {"profile": list(types), "value": saved}
            weights = [sum((Fraction(m) for m in own), ZERO) for own in saved["pieces"]]
        else:
            found = _weights(question, types, deadline)
            if isinstance(found, dict):
                return {"profile": list(types), **found}
            weights = found
        coalitions = [
            best(question, own, tuple(types[i] for i in own), [weights[i] for i in own], deadline).to_json()
            for own in question.pattern
        ]
        every.append({"weights": [text(w) for w in weights], "coalitions": coalitions})
    return {"weights": every}


def _weights(question: Exchange, types: Cells, deadline: Deadline) -> list[Fraction] | dict[str, Any]:
    """Weights that make what the function secures the Shapley value, or multipliers that exclude them in every cell.

    Raises
    ------
    Undecided
        More than two agents whose utilities are not linear, or too many cells.
    """
    n = question.environment.n
    if not question.linear:
        raise Undecided("with more than two agents weights are sought for linear utilities only")
    cells = math.factorial(n) ** len(question.goods)
    if cells > MOST_CELLS:
        raise Undecided(
            f"there are {cells:,} cells of weights at each profile; at most {MOST_CELLS:,} are gone through"
        )
    refuted = []
    for order in orders(question):
        equal, ranks = cell_rows(question, types, order)
        columns = Columns([Block("w", (n,), Rationals.of(0))])
        everybody = columns["w"][None, :]
        zero = Rationals.of(0)
        families = [
            Family("equal", (n,), (Term(everybody, Rationals.of(equal), (n,)),), "=", zero),
            Family("ranks", (len(ranks),), (Term(everybody, Rationals.of(ranks), (n,)),), ">=", zero),
        ]
        one = Rationals.of(1)
        families.append(Family("sum", (), (Term(columns["w"], one, (n,)),), "=", one))
        found = solve(Program(tuple(columns.blocks), tuple(families)), time_limit=deadline, readable=False)
        if found.status == "optimal" and found.primal is not None:
            return found.primal.fractions()
        if found.status != "infeasible" or found.dual is None:
            raise Undecided("the time limit ended a linear program")
        dual = [text(m) for m in found.dual.fractions()]
        refuted.append({"equal": dual[: len(equal)], "ranks": dual[len(equal) : -1]})
    return {"orders": refuted}


__all__ = ["best", "core", "nash", "value", "value_exists"]
