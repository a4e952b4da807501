"""Transfers pinned by the envelope: they drop out of the program.

Types on a line, independent beliefs, and nobody wants to pay more than necessary: then, whatever the allocation, the
cheapest transfers make IC bind downward between neighbours and IR bind at the lowest type (Myerson 1981; on a grid,
Borgers 2015, "An introduction to the theory of mechanism design", section 2).  So the objective less its transfers is the
Lagrangian of those requirements (:func:`mechlp.proof.lagrangian.lagrangian`): the virtual surplus.  What
remains of IC is that the interim allocation is monotone, the sum of the two requirements between neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..exact.numbers import Rationals, matmul, stack
from ..proof.lagrangian import lagrangian
from ..proof.multipliers import Multipliers
from ..question.design import Design
from ..question.objective import Goal, goal
from .plan import Factors, Values


@dataclass(frozen=True)
class Envelope:
    """Agents' types from the lowest payoff to the highest, with what payoffs depend on."""

    design: Design
    orders: tuple[tuple[int, ...], ...]
    interim: tuple[Factors, ...]
    values: tuple[Values, ...]

    # -- what takes the place of transfers ------------------------------------------------------
    def _flow(self, aim: Goal) -> Multipliers:
        """The multipliers that cancel the transfers of an objective, and bound it by its virtual surplus."""
        ic: list[Rationals | None] = []
        ir: list[Rationals | None] = []
        sign = 1 if aim.maximize else -1
        for i, order in enumerate(self.orders):
            share = self.interim[i].coordinates(aim.transfers[i].moveaxis(i, 0))
            assert share is not None
            cost, size = -sign * share.numerator[:, 0], len(order)
            own = np.array(order)
            above = np.cumsum(cost[own][::-1], dtype=cost.dtype)[::-1]  # of each type and all higher ones
            down, low = np.zeros((1, size, size), dtype=cost.dtype), np.zeros((1, size), dtype=cost.dtype)
            down[0, own[1:], own[:-1]], low[0, own[0]] = above[1:], above[0]
            ic.append(Rationals(down, share.denominator))
            ir.append(Rationals(low, share.denominator))
        bb = None if self.design.bb == "none" else Rationals.zeros((1,))
        return Multipliers(tuple(ic), tuple(ir), bb)

    @cached_property
    def wanted(self) -> tuple[Multipliers, Rationals, Fraction]:
        """The objective's flow, virtual surplus ``(|A|, *Theta)``, and constant (zero where nothing is wanted)."""
        aim = goal(self.design)
        if aim is None:
            shape = (self.design.environment.n, *self.design.environment.shape)
            nothing = Rationals.zeros(shape)
            aim = Goal(Rationals.zeros((len(self.design.environment.outcomes), *shape[1:])), nothing)
        flow = self._flow(aim)
        on_q, _, constant = lagrangian(self.design, flow, aim)
        sign = 1 if aim.maximize else -1
        return flow, on_q[0] * sign, constant * sign

    @cached_property
    def balance(self) -> tuple[Multipliers, Rationals, Fraction]:
        """The same for expected revenue, which budget balance wants at least zero."""
        environment = self.design.environment
        assert environment.designer is not None
        nothing = Rationals.zeros((len(environment.outcomes), *environment.shape))
        paid = (-environment.designer).broadcast_to((environment.n, *environment.shape))
        flow = self._flow(Goal(nothing, paid))
        on_q, _, constant = lagrangian(self.design, flow, Goal(nothing, paid))
        return flow, on_q[0], constant

    def steps(self, i: int) -> Rationals:
        """What the values of neighbours differ by, ``(|Theta_i| - 1, g)``, in the order of the types."""
        worth = self.values[i].types
        order = list(self.orders[i])
        return worth[order[1:]] - worth[order[:-1]]

    def multipliers(
        self, monotone: list[Rationals], balance: Fraction, flow: Multipliers | None
    ) -> Multipliers:
        """Multipliers of the reduced rows as multipliers of IC, IR and BB."""
        ic: list[Rationals | None] = []
        ir: list[Rationals | None] = []
        for i, order in enumerate(self.orders):
            up, down = list(order[:-1]), list(order[1:])
            both = np.zeros((1, len(order), len(order)), dtype=monotone[i].numerator.dtype)
            both[0, up, down] = both[0, down, up] = monotone[i].numerator
            on_ic, on_ir = Rationals(both, monotone[i].denominator), Rationals.zeros((1, len(order)))
            for part, weight in ((flow, Fraction(1)), (self.balance[0] if balance else None, balance)):
                if part is not None:
                    more_ic, more_ir = part.ic[i], part.ir[i]
                    assert more_ic is not None and more_ir is not None
                    on_ic, on_ir = on_ic + more_ic * weight, on_ir + more_ir * weight
            ic.append(on_ic.reduced())
            ir.append(on_ir.reduced())
        bb = None if self.design.bb == "none" else Rationals.of([balance])
        return Multipliers(tuple(ic), tuple(ir), bb)

    # -- interim allocations, and the transfers that they pin ------------------------------------
    def seen(self, i: int, allocation: Rationals) -> Rationals:
        """Interim allocation ``(|Theta_i|, g)`` of an allocation ``(|A|, *Theta)``."""
        factors, values = self.interim[i], self.values[i]
        out = []
        for g in range(values.types.shape[1]):
            total = Rationals.zeros(self.design.environment.shape)
            for a in np.flatnonzero(values.outcomes[g] != 0):
                total = total + allocation[a] * values.outcomes[g][a]
            by_report = total.moveaxis(i, 0).reshape(len(self.orders[i]), -1)
            out.append(matmul(by_report, Rationals(factors.flat.numerator.T, factors.flat.denominator))[:, 0])
        return stack(out).moveaxis(0, 1)

    def transfers(self, i: int, allocation: Rationals) -> Rationals:
        """The least interim transfers ``(|Theta_i|, 1)`` with which the allocation is incentive compatible."""
        seen, worth = self.seen(i, allocation), self.values[i].types
        order = list(self.orders[i])
        rents = (self.steps(i) * seen[order[:-1]]).sum(axis=1)
        outside = self.design.environment.outside[i].moveaxis(i, 0)[order[0]].ravel()
        low = (outside * self.interim[i].flat[0]).sum()
        sums = np.concatenate([[0], np.cumsum(rents.numerator.astype(object))])
        payoff = np.empty(len(order), dtype=object)
        payoff[order] = sums
        own = Rationals(payoff, rents.denominator) + low - (worth * seen).sum(axis=1)
        return own.reshape(len(order), 1)


__all__ = ["Envelope"]
