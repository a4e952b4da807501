"""Rules without lotteries: what is relaxed in their place, where a search for the best one begins, and what floats see of a node.

What a node solves is a design with lotteries, by those reductions whose program holds in one solve, whatever outcomes are
excluded.  The search begins at the best rule among those that a common level
makes of the best lotteries, one outcome everywhere, and what is known beforehand (:mod:`mechlp.closed_forms.offers`).  From
there a warm float solver says which nodes are worth an exact solve: those that it takes for closed, or for certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..closed_forms.offers import offered
from ..exact.numbers import stack
from ..mechanism.mechanism import Mechanism
from ..program import Program
from ..program.highs import Basis, Session, SolverError
from ..question.design import Design, InvalidDesign
from .compile import compile
from .reductions import Applied, reduce
from .rows.allocation import CHANCE

if TYPE_CHECKING:
    from .solve import _Run

Outcomes = npt.NDArray[np.bool_]
#: Reductions whose program holds in one solve.
IN_ONE_SOLVE = (
    "ex-ante-balance",
    "interim-transfers",
    "private-values",
    "adjacent",
    "envelope",
    "running-rents",
)
#: Levels at which lotteries are made certain, and outcomes that are tried everywhere.
LEVELS, CONSTANT = 8, 20
#: A chance that floats tell from none, and a part of a value that they tell from a tie.
CHANCES, TIE = 1e-6, 1e-7


def lotteries(run: _Run, design: Design | None = None) -> _Run:
    """The question, or another that asks the same of rules without lotteries, with any lottery allowed: what each node solves."""
    if not run.design.deterministic:
        return run
    out = run.about((design or run.design).asking(allocation="chosen"), certain=True)
    out.reduced = _in_one_solve(out.design)
    out.plan = out.reduced.plan
    return out


def _in_one_solve(design: Design) -> Applied:
    names: tuple[str, ...] = ()
    found = reduce(design, names)
    for name in () if design.ambiguous or design.requirements else IN_ONE_SOLVE:
        try:
            found = reduce(design, (*names, name))
        except InvalidDesign:
            continue
        names = found.names
    return found


# -- where the search begins ----------------------------------------------------------------------
def candidates(design: Design, rules: tuple[Mechanism, ...]) -> Iterator[Outcomes]:
    """Allocations without lotteries, ``(copies, |A|, *Theta)``, to try first; none twice."""
    lottery = stack([rule.allocation for rule in rules]).float
    copies, count = len(lottery), lottery.shape[1]
    tried: set[bytes] = set()
    for at in _outcomes(design, lottery):
        used = np.moveaxis(np.arange(count) == np.broadcast_to(at, (copies, *at.shape[1:]))[..., None], -1, 1)
        if used.tobytes() not in tried and bool(np.all(used <= design.allowed)):
            tried.add(used.tobytes())
            yield used


def _outcomes(design: Design, lottery: npt.NDArray[np.float64]) -> Iterator[npt.NDArray[np.intp]]:
    """An outcome for each profile, ``(copies or 1, *Theta)``.

    A level takes from each lottery the outcome at which the chances of it and those before it first exceed the level: of two
    outcomes a threshold, which keeps a monotone allocation monotone.
    """
    for rule in offered(design.environment, design.allowed):
        yield rule[None]
    yield lottery.argmax(axis=1)
    below = lottery.cumsum(axis=1)
    for level in (np.arange(LEVELS) + 0.5) / LEVELS:
        yield (below > level * below[:, -1:]).argmax(axis=1)
    for k in range(min(lottery.shape[1], CONSTANT)):
        yield np.full((1, *design.environment.shape), k)


def most_mixed(rules: tuple[Mechanism, ...]) -> tuple[int, tuple[int, ...]] | None:
    """The likeliest outcome at the cell (rule, profile) whose lottery is furthest from certain; None when all are certain."""
    allocation = stack([rule.allocation for rule in rules])
    sure = allocation.max(axis=1)
    least = sure.min()
    if least == 1:
        return None
    cell = tuple(int(k) for k in np.argwhere(sure == least)[0])
    chances = allocation[(cell[0], slice(None), *cell[1:])]
    return int(np.argmax(chances == least)), cell


# -- what floats see of a node --------------------------------------------------------------------
@dataclass(frozen=True)
class Glimpse:
    """What floats say of a node: its value, its basis, and a cell and outcome whose chance is least certain (None: all are)."""

    value: float
    basis: Basis | None
    mixed: tuple[int, tuple[int, ...]] | None


class Guide:
    """The program of the root, kept warm while outcomes are excluded and allowed again."""

    def __init__(self, run: _Run) -> None:
        self.deadline, self.aimed = run.deadline, run.goal is not None
        self.sign = -1 if run.goal is not None and not run.goal.maximize else 1
        self.program: Program = compile(run.plan.design, rules=run.labels, plan=run.plan)
        self.block = self.program.block(CHANCE)
        self.session: Session | None = Session(self.program)

    def look(self, allowed: Outcomes) -> Glimpse | None:
        """None where floats do not see an optimum."""
        if self.session is None:
            return None
        last = np.moveaxis(allowed, 1, -1)
        try:
            self.session.allow(self.program.column_start[CHANCE], last.ravel())
            found = self.session.solve(self.deadline)
        except SolverError:
            self.session = None
            return None
        if found.outcome != "optimal":
            return None
        start = self.program.column_start[CHANCE]
        chances = np.moveaxis(found.primal[start : start + self.block.size].reshape(self.block.shape), -1, 1)
        value = float(self.program.costs.float @ found.primal) + float(self.program.constant)
        return Glimpse(value, found.basis, _least_certain(chances))

    def closed(self, glimpse: Glimpse, best: Fraction | None) -> bool:
        """Whether floats take a node for one that has nothing better."""
        if best is None or not self.aimed:
            return False
        return (glimpse.value - float(best)) * self.sign <= TIE * max(abs(glimpse.value), abs(float(best)))


def _least_certain(chances: npt.NDArray[np.float64]) -> tuple[int, tuple[int, ...]] | None:
    """The likeliest outcome at the cell (rule, profile) furthest from certain; None when all are certain."""
    sure = chances.max(axis=1)
    cell = np.unravel_index(int(np.argmin(sure)), sure.shape)
    if sure[cell] >= 1 - CHANCES:
        return None
    place = tuple(int(k) for k in cell)
    own = np.moveaxis(chances, 1, -1)[place]
    return int(np.argmax(own)), place


__all__ = ["Glimpse", "Guide", "candidates", "lotteries", "most_mixed"]
