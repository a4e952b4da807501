"""Interim payoffs against given ones: the programs behind :class:`mechlp.proof.comparison.Comparison`.

Over the columns of a design's own program, further columns and rows:

* ``mix i``: weights on the targets of agent i that add up to one (``mixture``); u is the mixture;
* ``weak``: ``floor i``: ``v(theta_i) - u(theta_i) - s >= 0``, and ``n s`` is maximised;
* ``strong``: ``floor i``: ``v(theta_i) - u(theta_i) - e(theta_i) >= 0``, ``e >= 0``, and ``sum e``, or one
  agent's part of it, is maximised;
* ``distance``: ``floor i`` and ``ceiling i``: ``|v(theta_i) - u(theta_i)| <= d``, and ``d`` is minimised.

The multipliers of ``floor`` (less those of ``ceiling``) are the weights Lambda.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..program import Block, Columns, Family, Program, Solution, Term
from ..program.solve import solve as solve_program
from ..proof.comparison import Comparison, Kind
from ..proof.invalid import InvalidCertificate
from ..question.design import Design, InvalidDesign
from ..question.interim import settled
from .compile import compile, interim_rows
from .solve import _Run

EXTRA = {"weak": "s", "strong": "e", "distance": "d"}


def compare_payoffs(
    design: Design,
    targets: Sequence[Rationals],
    kind: Kind,
    *,
    agent: int | None = None,
    time_limit: float | Deadline | None = None,
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """Compare payoffs with what mechanisms can reach, and check the answer from the definitions.

    Parameters
    ----------
    targets : for each agent her payoffs type by type, shape ``(|Theta_i|,)``, or the corners ``(K_i, |Theta_i|)`` of the
        set from which they are chosen.
    kind : ``distance``, ``weak`` or ``strong``.
    agent : with ``strong``, count the gains of this agent alone.

    Raises
    ------
    InvalidDesign
        See :func:`~mechlp.question.interim.settled`; targets of the wrong shape.
    """
    design = settled(design)
    corners = tuple(t.reshape(-1, t.shape[-1]) for t in map(Rationals.of, targets))
    sizes = [a.size for a in design.environment.agents]
    if [t.shape[-1] for t in corners] != sizes:
        raise InvalidDesign(f"payoffs of {[t.shape[-1] for t in corners]} types, expected {sizes}")
    program = _program(design, corners, kind, agent)
    run = _Run(design, time_limit, progress or (lambda phase: None))
    solution = solve_program(program, time_limit=time_limit, progress=progress)
    found = _read(Comparison(design, corners, kind, solution.status, agent=agent), run, program, solution)
    if found.status != "undecided":
        try:
            found.check()
        except InvalidCertificate:
            return Comparison(design, corners, kind, "undecided", agent=agent)
    return found


def _program(design: Design, targets: Sequence[Rationals], kind: Kind, agent: int | None) -> Program:
    base, n = compile(design), design.environment.n
    rows = interim_rows(design)
    blocks = list(base.blocks)
    blocks += [Block(f"mix {i}", (len(t),), Rationals.of(0)) for i, t in enumerate(targets)]
    blocks += [
        Block(f"{EXTRA[kind]} {i}", (row.shape if kind == "strong" else ()), _lower(kind))
        for i, row in enumerate(rows)
        if kind == "strong" or i == 0
    ]
    columns = Columns(blocks)
    families = list(base.families)
    for i, (row, target) in enumerate(zip(rows, targets, strict=True)):
        types = np.flatnonzero(design.environment.beliefs.mass(i) > 0)  # type: ignore[union-attr]
        extra = columns[f"{EXTRA[kind]} {i if kind == 'strong' else 0}"]
        families.append(_floor(f"floor {i}", row, columns[f"mix {i}"], target[:, types], extra, kind))
        if kind == "distance":
            families.append(
                _floor(f"ceiling {i}", row, columns[f"mix {i}"], target[:, types], extra, kind, -1)
            )
        one = Rationals.of(1)
        families.append(
            Family(f"mixture {i}", (), (Term(columns[f"mix {i}"], one, (len(target),)),), "=", one)
        )
    counted = [f"{EXTRA[kind]} {i}" for i in range(len(rows)) if agent is None or i == agent]
    worth = {name: Rationals.of(n if kind == "weak" else 1) for name in counted if name in columns}
    return Program(tuple(blocks), tuple(families), worth, maximize=kind != "distance", name=base.name)


def _lower(kind: Kind) -> Rationals | None:
    return None if kind == "weak" else Rationals.of(0)


def _floor(
    name: str, row: Family, mix: np.ndarray, target: Rationals, extra: np.ndarray, kind: Kind, sign: int = 1
) -> Family:
    """``sign * (v - u) - s >= 0`` (``+ d`` for a distance), stored in the units of the interim row."""
    unit = row.unit
    assert unit is not None
    terms = [replace(t, coefficients=t.coefficients * sign) for t in row.terms]
    corners = target.moveaxis(0, -1)  # types x K
    terms.append(Term(mix, corners * unit.reshape(-1, 1) * -sign, (target.shape[0],)))
    terms.append(Term(extra, unit * (1 if kind == "distance" else -1)))
    return replace(row, name=name, terms=tuple(terms), rhs=row.rhs * sign)


def _read(blank: Comparison, run: _Run, program: Program, solution: Solution) -> Comparison:
    design = blank.design
    if solution.status == "undecided":
        return blank
    if solution.status == "unbounded":
        return replace(
            blank,
            mechanism=run.mechanism(program, solution.primal)[0],
            direction=run.mechanism(program, solution.ray, homogeneous=True)[0],
        )
    proof = replace(run.proof(program, solution), refutes=False)
    weights = tuple(_weights(program, solution, blank, i) for i in range(design.environment.n))
    if solution.status == "infeasible":
        if all(bool(np.all(w == 0)) for w in weights):
            return replace(blank, proof=replace(proof, refutes=True))
        return replace(blank, weights=weights, proof=proof)
    assert solution.primal is not None
    mix = tuple(program.values(f"mix {i}", solution.primal).reduced() for i in range(design.environment.n))
    mechanism = run.mechanism(program, solution.primal)[0]
    return replace(blank, value=solution.value, mechanism=mechanism, mix=mix, weights=weights, proof=proof)


def _weights(program: Program, solution: Solution, blank: Comparison, agent: int) -> Rationals:
    """Lambda of an agent's types; zero where the belief is undefined."""
    assert solution.dual is not None
    sign = -1 if program.maximize and solution.status != "infeasible" else 1
    found = program.multipliers(f"floor {agent}", solution.dual) * sign
    if blank.kind == "distance":
        found = found - program.multipliers(f"ceiling {agent}", solution.dual) * sign
    environment = blank.design.environment
    types = np.flatnonzero(environment.beliefs.mass(agent) > 0)  # type: ignore[union-attr]
    out = [Fraction(0)] * environment.agents[agent].size
    for place, value in zip(types, found.fractions(), strict=True):
        out[place] = value
    return Rationals.from_fractions(out, (len(out),))
