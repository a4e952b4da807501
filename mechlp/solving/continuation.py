"""The same question on a coarser grid of types, whose solution is where the finer one begins.

Every second type is left out, the first and the last kept; what the prior says of a type left out goes to the nearest one.  The
coarse question only proposes (:mod:`mechlp.program.continuation`): nothing about it needs to be exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..environment.belief_sets import BeliefSet, Rows
from ..environment.model import Agent, Beliefs, Environment
from ..exact.numbers import Rationals
from ..program import Program
from ..program.backend import propose
from ..program.continuation import prolonged
from ..program.form import form
from ..program.highs import Basis
from ..question.design import Design
from .compile import compile
from .worst_prior import worst_prior_basis

if TYPE_CHECKING:
    from .plan import Plan

Places = npt.NDArray[np.intp]


def coarser(design: Design) -> Design:
    """The design on half the grid.  For objectives and allocations that no table gives."""
    environment = design.environment
    kept = [every_second(agent.size) for agent in environment.agents]
    agents = tuple(_part(agent, k) for agent, k in zip(environment.agents, kept, strict=True))
    beliefs, designer, possible = environment.beliefs, environment.designer, environment.designer_set
    if beliefs is not None and beliefs.prior is not None:
        beliefs = Beliefs.common(gathered(beliefs.prior, kept))
    elif beliefs is not None:
        beliefs = Beliefs(tuple(gathered(w, kept) for w in beliefs.weights))
    smaller = Environment(
        agents,
        environment.outcomes,
        tuple(_at(u, kept) for u in environment.utility),
        beliefs,
        tuple(_at(o, kept) for o in environment.outside),
        None if designer is None else gathered(designer, kept),
        designer_set=None if possible is None else _confined(possible, kept),
        money=None
        if environment.money is None
        else tuple(m[k] for m, k in zip(environment.money, kept, strict=True)),
    )
    return replace(design, environment=smaller, continuum=False, document=None)


def start(plan: Plan, program: Program, say: Callable[[str], None], deadline: Deadline) -> Basis | None:
    """Where to begin the program of a plan: from the solution of its coarser one, which begins in the same way.

    None where there is no coarser program, or it is not solved by the deadline.  Where the worst prior says where it ends, there.
    """
    if plan.worst_prior and (basis := worst_prior_basis(plan, program, deadline)) is not None:
        return basis
    if plan.coarse is None:
        return None
    coarse = compile(plan.coarse.design, plan=plan.coarse)
    basis = start(plan.coarse, coarse, say, deadline)
    say(f"grid of {' x '.join(map(str, plan.coarse.design.environment.shape))} types")
    canonical = form(coarse)
    found = propose(canonical, start=basis, time_limit=deadline)
    return prolonged(coarse, canonical, found, program) if found.outcome == "optimal" else None


def single_rows(possible: BeliefSet) -> bool:
    """Whether a set of priors (or the one that it rounds) is given by moments, which mean the same on any grid."""
    one = possible if possible.rounds is None else possible.rounds[0]
    return one.lifts == 0 and all(rows.count == 1 for rows in one.rows)


def every_second(size: int) -> Places:
    """Every second type, first and last among them."""
    return np.unique(np.rint(np.linspace(0, size - 1, size // 2 + 1)).astype(np.intp))


def _part(agent: Agent, kept: Places) -> Agent:
    types = tuple(agent.types[k] for k in kept)
    return Agent(agent.name, types, None if agent.values is None else agent.values[kept])


def _at(array: Rationals, kept: list[Places]) -> Rationals:
    """The cells of the types kept; an array over the type grid, or over outcomes and the type grid."""
    skipped = array.ndim - len(kept)
    return array[np.ix_(*(np.arange(n) for n in array.shape[:skipped]), *kept)]


def gathered(prior: Rationals, kept: list[Places]) -> Rationals:
    """A prior in which every type left out has become the nearest one."""
    cells, denominator = prior.numerator, prior.denominator
    for axis, own in enumerate(kept):
        middle = (own[1:] + own[:-1]) // 2 + 1
        cells = np.add.reduceat(cells, np.concatenate([[0], middle]), axis=axis)
    return Rationals(cells, denominator)


def _confined(possible: BeliefSet, kept: list[Places]) -> BeliefSet:
    """The priors of a set given by moments that hold only the types kept possible."""
    if possible.rounds is not None:
        inner, ways = possible.rounds
        return _confined(inner, kept).rounded(ways)
    place = np.full(possible.shape, -1, dtype=np.intp)
    shape = tuple(map(len, kept))
    place[np.ix_(*kept)] = np.arange(np.prod(shape)).reshape(shape)
    rows = []
    for own in possible.rows:
        column = place.ravel()[own.column]
        inside = column >= 0
        rows.append(Rows(own.name, own.row[inside], column[inside], own.value[inside], own.sense, own.rhs))
    return BeliefSet(possible.kind, shape, tuple(rows))


__all__ = ["coarser", "every_second", "gathered", "single_rows", "start"]
