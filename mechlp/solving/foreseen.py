"""Which lies matter, as floats see it: rows come to one warm program until its mechanism deters every lie, roughly.

It only proposes.  The rows are then solved exactly, from the last basis, and lies are separated exactly
(:mod:`mechlp.solving.generation`).  Warm rounds cost a few steps of the dual simplex method each, exact ones a solve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..program import Family, Program
from ..program.highs import Basis, Session, SolverError
from .compile import compile
from .plan import Mask, Plan, Slow
from .rows.keys import Kind, kind_of

Places = npt.NDArray[np.intp]
#: Gains from lying that floats take for nothing, as parts of the largest number in the mechanism's payoffs.
NOISE = Fraction(1, 10**7)
#: Bits of the largest number of a float point.
BITS = 40
#: For each agent the lies that the mechanism of a program's point lets gain more: (plan, program, point, gain) -> masks.
Undeterred = Callable[[Plan, Program, Rationals, Fraction], "list[Mask]"]


@dataclass(frozen=True)
class Foreseen:
    """A plan with the lies that matter, the basis at which floats left its program (None: they did not finish), and how often
    they solved it before."""

    plan: Plan
    basis: Basis | None
    rounds: int


def foreseen(plan: Plan, undeterred: Undeterred, deadline: Deadline, first: float = math.inf) -> Foreseen:
    """The plan with the lies that floats find to matter, from the lies that it has.

    Raises
    ------
    Slow
        When the program with the lies that it has takes more than ``first`` seconds.
    """
    program, rounds = compile(plan.design, plan=plan), 0
    try:
        session = Session(program)
        written = _Rows(program, plan)
        while True:
            found = session.solve(deadline if rounds else deadline.within(first))
            if found.outcome == "time limit" and not rounds and not deadline.passed:
                raise Slow
            if found.outcome != "optimal" or deadline.passed:
                return Foreseen(plan, None, rounds)
            point, size = _exact(found.primal)
            missing = undeterred(plan, program, point, NOISE * size)
            fresh = replace(plan, pairs=tuple(map(_beyond, missing, plan.pairs)))
            if not any(mask is not None and mask.any() for mask in fresh.pairs):
                return Foreseen(plan, None if found.basis is None else written.basis(found.basis), rounds)
            families = [f for f in compile(plan.design, plan=fresh).families if kind_of(f.name)[0] == Kind.IC]
            session.add(families)
            written.add(families, fresh)
            plan = replace(plan, pairs=tuple(map(_both, plan.pairs, fresh.pairs)))
            rounds += 1
    except SolverError:
        return Foreseen(plan, None, rounds)


def _beyond(new: Mask, old: Mask | None) -> Mask | None:
    return None if old is None else new & ~old


def _both(old: Mask | None, new: Mask | None) -> Mask | None:
    return old if old is None or new is None else old | new


def _exact(primal: npt.NDArray[np.float64]) -> tuple[Rationals, Fraction]:
    """A float point as rationals over a power of two, and the size of its largest number."""
    largest = float(np.abs(primal).max(initial=0.0)) or 1.0
    bits = BITS - math.frexp(largest)[1]
    numerator = np.rint(np.ldexp(primal, bits)).astype(np.int64)
    if bits < 0:
        return Rationals(numerator) * 2**-bits, Fraction(largest)
    return Rationals(numerator, 2**bits), Fraction(largest)


class _Rows:
    """The rows of the warm program, in the order in which they came: those of the first program, then lies."""

    def __init__(self, program: Program, plan: Plan) -> None:
        self.families: list[tuple[Family, Places]] = []
        self.first = len(program.families)
        self.add(program.families, plan)

    def add(self, families: Sequence[Family], plan: Plan) -> None:
        """Rows of a plan, of which those of IC are about its lies."""
        self.families += [(family, _lies(plan, family)) for family in families]

    def basis(self, found: Basis) -> Basis:
        """The basis in the order in which a program with all these lies has its rows: by type, then by report."""
        ends = np.cumsum([family.size for family, _ in self.families])
        states = np.split(found.rows, ends[:-1])
        rows = []
        for family, _ in self.families[: self.first]:
            same = [k for k, (other, _) in enumerate(self.families) if other.name == family.name]
            shaped = [states[k].reshape(self.families[k][0].shape) for k in same]
            lies = np.concatenate([self.families[k][1] for k in same])
            rows.append(np.concatenate(shaped, axis=1)[:, np.argsort(lies)] if len(lies) else shaped[0])
        return Basis(found.columns, np.concatenate([r.ravel() for r in rows]))


def _lies(plan: Plan, family: Family) -> Places:
    """The lies that a family of IC has rows for, numbered by type and report; none for other families."""
    kind, agent = kind_of(family.name)
    notion, environment = plan.design.ic_notion, plan.design.environment
    if kind != Kind.IC or agent is None or notion is None:
        return np.zeros(0, dtype=np.intp)
    own, report = plan.told(agent, notion.states(environment, agent).types)
    return own * environment.agents[agent].size + report


__all__ = ["Foreseen", "foreseen"]
