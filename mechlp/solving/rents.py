"""Ex-post transfers pinned by the envelope: rents are running sums, and transfers drop out of the program.

Types on a line and nobody wants to pay more than necessary: then, whatever the allocation, the cheapest transfers make
ex-post IC bind downward between neighbours and ex-post IR bind at the lowest type, profile by profile of the others.  So the
rent of a type is that of the next lower one and what passing for it gains; what remains of IC is that the allocation is
monotone, the sum of the two requirements between neighbours (Myerson 1981; Mookherjee and Reichelstein 1992 for dominant
strategies).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..exact.numbers import Rationals, stack
from ..exact.sparse import Sparse
from ..proof.multipliers import Multipliers
from ..question.design import Design
from ..question.objective import Goal, goal
from .rows.keys import Kind


@dataclass(frozen=True)
class Rents:
    """Agents' types from the lowest payoff to the highest."""

    design: Design
    orders: tuple[tuple[int, ...], ...]

    @property
    def pins(self) -> bool:
        """Whether the objective wants every transfer as low as can be, so that no others are as good."""
        aim = goal(self.design)
        return aim is not None and bool(np.all((aim.transfers if aim.maximize else -aim.transfers) < 0))

    def steps(self, i: int) -> Rationals:
        """What each outcome is worth more to the next type, ``(|A|, |Theta_i| - 1, *Theta_-i)``, in the order of the types."""
        worth = self.design.environment.utility[i].moveaxis(i + 1, 1)
        order = list(self.orders[i])
        return worth[:, order[1:]] - worth[:, order[:-1]]

    def of_rents(self, aim: Goal) -> Goal:
        """A goal with its coefficients on transfers turned into coefficients on rents: ``t_i = rent_i - u_i(q)``."""
        allocation = aim.allocation
        for share, utility in zip(aim.transfers, self.design.environment.utility, strict=True):
            allocation = allocation - share * utility
        return replace(aim, allocation=allocation)

    def transfers(self, i: int, rents: Rationals, allocation: Rationals) -> Rationals:
        """Transfers ``(*Theta)`` that leave these rents."""
        return rents - (self.design.environment.utility[i] * allocation).sum(axis=0)

    def multipliers(self, named: Callable[[Kind, int], Rationals], bb: Rationals | None) -> Multipliers:
        """Multipliers of the rows that define rents, bind IR and ask monotonicity as multipliers of IC and IR.

        A row of rents is IC downward; a row of monotonicity is IC downward and upward added up.
        """
        ic: list[Rationals | None] = []
        ir: list[Rationals | None] = []
        for i, order in enumerate(self.orders):
            both, passed, lowest = (named(kind, i) for kind in (Kind.MONOTONE, Kind.PASSED, Kind.IR))
            up, down, size = list(order[:-1]), list(order[1:]), len(order)
            (which, step, *seen), lies = stack([both, both + passed]).nonzero()
            pairs = np.array([up, down], dtype=np.intp)
            own, report = pairs[which, step], pairs[1 - which, step]
            cells = (np.zeros_like(own), own, report, *seen)
            on_ir = np.zeros((1, size, *lowest.shape), dtype=lowest.numerator.dtype)
            on_ir[0, order[0]] = lowest.numerator
            ic.append(Sparse.at((1, size, size, *lowest.shape), cells, lies.reduced()))
            ir.append(Rationals(on_ir, lowest.denominator))
        return Multipliers(tuple(ic), tuple(ir), bb)


__all__ = ["Rents"]
