"""Two rules that do the work of many: ``eta + c psi`` and ``eta - c psi`` (Guo 2018, section 1.4).

``psi`` keeps the budget and is worth nothing to a type that tells the truth, so both rules pay the truth what ``eta`` pays.
A lie for which psi is worth something is worth less under one of the two, by any amount as c grows; only the lies that
every such psi leaves alone (of types with equal beliefs) must be deterred by eta itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from ..mechanism.mechanism import Mechanism
from ..program.solve import solve as solve_program
from ..proof.fewest import Pair, one_rule, worth_of_lies
from ..question.design import Design
from ..question.rules import types
from .compile import compile

#: Lattices of a larger dimension are not reduced: it would take longer than it is worth.
MAX_REDUCED = 100
#: Nor is psi sought among more transfers than this, or where so many coefficients say what it must leave alone.
MAX_CELLS, MAX_ENTRIES = 3_000, 1_000_000
Integers = npt.NDArray[Any]


@dataclass(frozen=True)
class Twins:
    """The two rules, and how they are made."""

    rules: tuple[Mechanism, Mechanism]
    pair: Pair


def applies(design: Design) -> bool:
    """Whether scaling psi keeps every requirement but IC: no bounds on transfers, no IR by profile, no objective.

    Requirements of one's own are kept by any psi that is worth nothing in each of their rows (:func:`_basis`).
    """
    free = design.transfers == "free" and design.ir != "ex-post" and not design.allocation_by_rule
    return free and 2 * design.alpha > 1 and design.wants.kind in ("feasibility", "full-surplus-extraction")


def two_rules(run: Any) -> Twins | None:
    """The two rules with the least c for a psi of small integers; None where no eta goes with it.

    ``run`` is the run of a design for which :func:`applies`.
    """
    design = run.design
    psi = side_bet(design)
    if psi is None:
        return None
    strength = [abs(worth) * (2 * design.alpha - 1) for worth in worth_of_lies(design, psi)]
    bayesian = one_rule(design)
    program = compile(bayesian, give="ic", strength=strength)
    solution = solve_program(program, time_limit=run.deadline)
    if solution.status != "optimal" or solution.value is None:
        return None
    single = run.about(bayesian)
    (eta,) = single.mechanism(program, solution.primal)
    proof = single.multipliers(program, replace(solution, status="infeasible"), 1, single.labels)
    c = solution.value
    rules = tuple(replace(eta, transfers=(eta.transfers + psi * (c * sign)).reduced()) for sign in (1, -1))
    return Twins((rules[0], rules[1]), Pair(psi, c, proof))


def side_bet(design: Design) -> Rationals | None:
    """``psi`` in small integers, shape ``(n, *Theta)``: zero for truth, and not for any lie for which it need not be.

    None when every such psi is worthless for every lie.
    """
    basis = _basis(design)
    worth = np.array([_worth(design, v) for v in basis], dtype=object)
    if not len(basis) or not worth.any():
        return None
    needed = worth.any(axis=0)
    psi, reached = np.zeros_like(basis[0]), np.zeros_like(worth[0])
    while bool(np.any((reached == 0) & needed)):
        # Each step reaches more lies and loses none; the smallest psi of those that reach most.
        steps = [
            (k, sign * size)
            for size in range(1, 2 + int(needed.sum()))
            for k in range(len(basis))
            for sign in (1, -1)
        ]
        scored: list[tuple[int, int, int, int]] = []
        for k, times in steps:
            if scored and abs(times) > abs(scored[0][3]):
                break
            now = reached + times * worth[k]
            if bool(np.any((now == 0) & (reached != 0))) or not bool(np.any((now != 0) & (reached == 0))):
                continue
            scored.append((-int(np.count_nonzero(now)), int(abs(psi + times * basis[k]).max()), k, times))
        _, _, k, times = min(scored)
        psi, reached = psi + times * basis[k], reached + times * worth[k]
    psi = psi // np.gcd.reduce(psi.ravel())
    return Rationals(psi)


def _worth(design: Design, psi: Integers) -> Integers:
    """What psi is worth at every lie that IC speaks of, in one list of integers (up to a positive factor each)."""
    out = []
    beliefs = design.environment.beliefs
    assert beliefs is not None
    for i, agent in enumerate(design.environment.agents):
        weights = beliefs.weights[i].moveaxis(i, 0).numerator.reshape(agent.size, -1).astype(object)
        said = np.moveaxis(psi[i], i, 0).reshape(agent.size, -1)
        table = weights @ said.T
        own = types(design, i)
        out.append(table[own][own[:, None] != np.arange(agent.size)[None, :]])
    return np.concatenate(out)


def _basis(design: Design) -> list[Integers]:
    """Integer transfers ``(n, *Theta)`` that balance the budget and are worth nothing under truth, nor in any requirement that
    is given row by row: a basis of all such."""
    environment = design.environment
    beliefs = environment.beliefs
    assert beliefs is not None
    n, size = environment.n, environment.num_profiles
    given = sum(math.prod(family.shape) for family in design.requirements)
    if size * n > MAX_CELLS or given * size * n > MAX_ENTRIES:
        return []
    balanced = design.bb.startswith("ex-post")
    free = n - 1 if balanced else n  # the last agent's transfers balance the others'
    rows = []
    for i in range(n):
        weights = beliefs.weights[i].numerator.astype(object)
        for own in types(design, i):
            here = np.zeros(environment.shape, dtype=object)
            at = (*(slice(None),) * i, own)
            here[at] = weights[at]
            blocks = np.zeros((free, size), dtype=object)
            if i < free:
                blocks[i] = here.ravel()
            else:
                blocks[:] = -here.ravel()
            rows.append(blocks.ravel())
    if design.bb.startswith("ex-ante"):
        assert environment.designer is not None
        rows.append(np.tile(environment.designer.numerator.astype(object).ravel(), free))
    for form in _forms(design):
        rows.append(((form[:free] - form[-1]) if balanced else form).ravel())
    if free == 0:
        return []
    found = []
    for vector in _kernel(
        np.array([[int(v) for v in row] for row in rows], dtype=object).reshape(-1, free * size)
    ):
        psi = vector.reshape(free, *environment.shape)
        found.append(np.concatenate([psi, -psi.sum(axis=0, keepdims=True)]) if balanced else psi)
    return found


def _forms(design: Design) -> Iterator[Integers]:
    """What each requirement that is given row by row takes from transfers ``(n, profiles)``, up to a positive factor."""
    n, size = design.environment.n, design.environment.num_profiles
    for family in design.requirements:
        parts = [(int(p.block[2:]), *p.at(family.shape)) for p in family.parts if p.block.startswith("t ")]
        common = math.lcm(*(c.denominator for _, _, c in parts))
        for row in np.ndindex(*family.shape):
            out = np.zeros((n, size), dtype=object)
            for i, cells, coefficients in parts:
                factor = common // coefficients.denominator
                np.add.at(out[i], cells[row], coefficients.numerator[row].astype(object) * factor)
            yield out


def _kernel(rows: Integers) -> list[Integers]:
    """A basis of the integer vectors that every row sends to zero, reduced where that is quick."""
    width = rows.shape[1]
    if not len(rows):
        return list(np.eye(width, dtype=object).astype(int).astype(object))
    import flint

    columns, nullity = flint.fmpz_mat(rows.tolist()).nullspace()
    vectors = [np.array([int(columns[r, k]) for r in range(width)], dtype=object) for k in range(nullity)]
    vectors = [v // np.gcd.reduce(v) for v in vectors]
    if not 0 < len(vectors) <= MAX_REDUCED:
        return vectors
    reduced = flint.fmpz_mat([v.tolist() for v in vectors]).lll().tolist()
    return [np.array([int(cell) for cell in row], dtype=object) for row in reduced]
