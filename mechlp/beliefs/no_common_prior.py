"""Whether a common prior is far away: NCP* and NCP** (Guo 2018, Definitions 1.5.1 and 1.5.2), decided exactly, with witnesses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, permutations
from typing import Any

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..program import Block, Columns, Family, Program, Term, solve
from .conditions import Believers, Finding, in_time, positive_pairs


def ncp_star(source: Any, *, time_limit: float | Deadline | None = None) -> tuple[Finding, ...]:
    """NCP* (Guo 2018, Definition 1.5.1), one linear program for each ordered pair of types.

    It fails for agent i at (x, y) iff there are ``b >= 0``, ``a > 0`` and ``C > 1`` with
    ``b(theta_j, .) = a p_j(.|theta_j)`` for all
    types but y of i, and ``C p_i(.|y) = p_i(.|x) + b(y, .)``.  Undefined unless all pairs of types are possible.
    """
    who, until = Believers.of(source), Deadline.of(time_limit)
    if not positive_pairs(source).holds:
        return tuple(
            Finding("NCP*", a.name, None, "undefined: some pair of types is impossible") for a in who.agents
        )
    return tuple(
        in_time("NCP*", agent, until, partial(_ncp_star, who, i, until)) for i, agent in enumerate(who.agents)
    )


def weak_ncp_star(
    source: Any, stars: Sequence[Finding], *, time_limit: float | Deadline | None = None
) -> tuple[Finding, ...]:
    """NCP* with a first constant above one (Guo 2018, after Theorem 1.5.2): weaker, and necessary.

    It fails for agent i at (x, y) iff the program of :func:`ncp_star` has a solution with ``a(i, x) > 1``.  ``stars`` are the
    findings of :func:`ncp_star`: where NCP* holds, so does this.
    """
    who, until, name = Believers.of(source), Deadline.of(time_limit), "weak NCP*"
    return tuple(
        in_time(name, who.agents[i], until, partial(_ncp_star, who, i, until, name))
        if star.holds is False
        else replace(star, condition=name)
        for i, star in enumerate(stars)
    )


def _ncp_star(who: Believers, i: int, until: Deadline, name: str = "NCP*") -> Finding | None:
    agent, weak = who.agents[i], name != "NCP*"
    for x, y in permutations(range(agent.size), 2):
        found = solve(_ncp_program(who, i, x, y, weak=weak), time_limit=until)
        if found.status == "undecided":
            return None
        if found.value is not None and found.value > 0:
            assert found.primal is not None
            size = math.prod(who.shape)
            words = (
                f"types {agent.types[x]} and {agent.types[y]}: all beliefs but {agent.types[y]}'s agree with one measure "
                "that ties the two together"
            )
            witness = {"types": [x, y], "measure": found.primal[:size].reshape(who.shape).texts()}
            return Finding(name, agent.name, False, words, witness)
    return Finding(name, agent.name, True, "no pair of types is tied together by the others' beliefs")


def _ncp_program(who: Believers, i: int, x: int, y: int, *, weak: bool) -> Program:
    shape = who.shape
    blocks = [Block("b", shape, Rationals.of(0)), Block("s", (), None, Rationals.of(1)), Block("C", ())]
    kept = [[k for k in range(shape[j]) if (j, k) != (i, y)] for j in range(who.n)]
    blocks += [Block(f"a {j}", (len(kept[j]),)) for j in range(who.n)]
    columns = Columns(blocks)
    one, families = Rationals.of(1), []
    for j in range(who.n):
        joint = np.moveaxis(columns["b"], j, 0).reshape(shape[j], -1)[kept[j]]
        own = who.rows(j)[kept[j]]
        terms = (Term(joint, one), Term(columns[f"a {j}"][:, None], -own))
        families.append(Family(f"belief {j}", own.shape, terms, "=", Rationals.of(0)))
        least = (Term(columns[f"a {j}"], one), Term(columns["s"], -one))
        families.append(Family(f"least {j}", (len(kept[j]),), least, ">=", Rationals.of(0)))
    rows = who.rows(i)
    at_y = np.moveaxis(columns["b"], i, 0).reshape(shape[i], -1)[y]
    tie = (Term(columns["C"], rows[y]), Term(at_y, -one))
    families.append(Family("tie", at_y.shape, tie, "=", rows[x]))
    above = {"above one": columns["C"]} | ({"first": columns[f"a {i}"][kept[i].index(x)]} if weak else {})
    families += [Family(k, (), (Term(c, one), Term(columns["s"], -one)), ">=", one) for k, c in above.items()]
    return Program(tuple(blocks), tuple(families), {"s": one})


def ncp_star_star(source: Any) -> Finding:
    """NCP** (Guo 2018, Definition 1.5.2): two of at least three agents disagree about the rest at two profiles of
    theirs that differ in both coordinates."""
    who = Believers.of(source)
    if not positive_pairs(source).holds:
        return Finding("NCP**", None, None, "undefined: some pair of types is impossible")
    if who.n < 3:
        return Finding("NCP**", None, False, "needs at least three agents")
    for i, j in combinations(range(who.n), 2):
        apart = _disagreements(who, i, j)
        for (x, y), (z, w) in combinations(apart, 2):
            if x != z and y != w:
                a, b = who.agents[i], who.agents[j]
                words = (
                    f"{a.name} and {b.name} disagree about the others at ({a.types[x]}, {b.types[y]}) and at "
                    f"({a.types[z]}, {b.types[w]})"
                )
                return Finding("NCP**", None, True, words, {"agents": [i, j], "types": [[x, y], [z, w]]})
    return Finding(
        "NCP**",
        None,
        False,
        "no two agents disagree about the rest at two profiles that differ in both types",
    )


def _disagreements(who: Believers, i: int, j: int) -> list[tuple[int, int]]:
    """Pairs of types at which i and j hold different beliefs about the rest."""
    shares = []
    for k in (i, j):
        weights = who.beliefs.weights[k].broadcast_to(who.shape).moveaxis(i, 0).moveaxis(j, 1)
        shares.append(weights.reshape(*weights.shape[:2], -1))
    out = []
    for x, y in np.ndindex(who.shape[i], who.shape[j]):
        mine, theirs = shares[0][x, y], shares[1][x, y]
        if not bool(np.all(mine * theirs.sum() == theirs * mine.sum())):
            out.append((int(x), int(y)))
    return out
