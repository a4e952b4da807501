"""Ex-post transfers pinned by the envelope (:mod:`mechlp.solving.rents`): ``rent i`` takes the place of ``t i`` and ``U i``.

``passed i`` says that a rent is the one of the next lower type and what passing for it gains, ``IR i`` that the lowest type
has its outside option, ``monotone i`` that the allocation rises with the type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...exact.numbers import Rationals
from ...program import Block, Columns, Family, Term
from ...question.objective import Goal
from .allocation import CHANCE, Allocation
from .evaluation import of_worth, outcomes_last
from .keys import Kind, key
from .labels import Labels

if TYPE_CHECKING:
    from ..rents import Rents
    from .setting import Setting


@dataclass(frozen=True, eq=False)
class Running:
    """The regime of running rents; the allocation is chosen."""

    setting: Setting
    allocation: Allocation
    rents: Rents

    def transfers(self) -> list[Block]:
        s, labels = self.setting, Labels(self.setting)
        agents = range(s.environment.n)
        return [Block(key(Kind.RENT, i), s.environment.shape, label=labels.rent(i)) for i in agents]

    def payoffs(self) -> list[Block]:
        return []

    def families(self, columns: Columns) -> list[Family]:
        s = self.setting
        out = [family for i in range(s.environment.n) for family in self._rents(columns, i)]
        asked = s.design.bb != "none" and s.design.transfers != "none"
        return [*out, self._balance(columns)] if asked else out

    def _rents(self, columns: Columns, i: int) -> list[Family]:
        """Each type's rent is that of the next lower one and what passing for it gains; the allocation rises with the type."""
        order, steps = list(self.rents.orders[i]), self.rents.steps(i)
        some = of_worth(self.setting.environment, i)
        gain, width, one = outcomes_last(steps[some]), (len(some),), Rationals.of(1)
        rent = np.moveaxis(columns[key(Kind.RENT, i)], i, 0)
        q = np.moveaxis(columns[CHANCE][0][..., some], i, 0)
        shape, zero = gain.shape[:-1], Rationals.of(0)
        low = Term(q[order[:-1]], -gain, width)
        sums = (Term(rent[order[1:]], one), Term(rent[order[:-1]], -one), low)
        rises = (Term(q[order[1:]], gain, width), low)
        outside = self.setting.environment.outside[i].moveaxis(i, 0)[[order[0]]].reshape(shape[1:])
        nothing = zero.broadcast_to(shape)
        return [
            Family(key(Kind.PASSED, i), shape, sums, "=", nothing),
            Family(key(Kind.IR, i), shape[1:], (Term(rent[order[0]], one),), "=", outside),
            Family(key(Kind.MONOTONE, i), shape, rises, ">=", nothing),
        ]

    def _balance(self, columns: Columns) -> Family:
        """The budget, weakly balanced, with transfers that rents pin."""
        s, environment = self.setting, self.setting.environment
        by_profile = s.design.bb.startswith("ex-post")
        prior = Rationals.of(1).broadcast_to(environment.shape) if by_profile else environment.designer
        assert prior is not None
        nothing = Rationals.zeros((len(environment.outcomes), *environment.shape))
        paid = (-prior).broadcast_to((environment.n, *environment.shape))
        terms, _ = self.by_profile(columns, Goal(nothing, paid))
        if not by_profile:
            terms = [Term(t.columns, t.coefficients, (*environment.shape, *t.axes)) for t in terms]
        shape = (1, *environment.shape) if by_profile else (1,)
        given, label = s.given(columns, "bb", Rationals.of(1)), Labels(s).balance
        rhs = Rationals.of(0).broadcast_to(shape)
        return Family(key(Kind.BB), shape, (*terms, *given), ">=", rhs, label=label)

    def valued(self, aim: Goal) -> tuple[dict[str, Rationals], Rationals]:
        found = self.rents.of_rents(aim)
        out, constants = self.allocation.valued(found.allocation)
        out |= {key(Kind.RENT, i): share for i, share in enumerate(found.transfers)}
        return out, constants

    def by_profile(self, columns: Columns, aim: Goal) -> tuple[list[Term], Rationals]:
        found = self.rents.of_rents(aim)
        terms, constant = self.allocation.by_profile(columns, found.allocation)
        return [
            *terms,
            *(Term(columns[key(Kind.RENT, i)], share) for i, share in enumerate(found.transfers)),
        ], constant


__all__ = ["Running"]
