"""The payoff of a report in the columns of a program: what the allocation is worth, and the transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...program import Columns, Family, Term
from .keys import Kind, key

if TYPE_CHECKING:
    from ...exact.numbers import Rationals
    from .allocation import Allocation
    from .evaluation import Evaluation, Places, Reports
    from .setting import Setting


@dataclass(frozen=True, eq=False)
class Payoffs:
    """``L_w(r; theta_i)`` as terms over columns, and as what is fixed."""

    setting: Setting
    allocation: Allocation
    columns: Columns

    def terms(self, e: Evaluation, at: Reports, sign: int) -> list[Term]:
        """``sign`` times the payoff of each report as terms in the columns.

        Rows ``(W, *reports[, *rest])``; when the notion sums the others' types they are axes of the term instead.
        """
        other = e.compared(at)
        signed = [(at, sign)] if other is None else [(at, sign), (other, -sign)]
        parts = [(*self.allocation.payoff(self.columns, e, r, s), *self._paid(e, r, s)) for r, s in signed]
        return [term for part in parts for term in part]

    def fixed(self, e: Evaluation, at: Reports) -> Rationals:
        """What the rows' payoff owes to what is no choice, as a row constant."""
        own, other = self.allocation.fixed(e, at), e.compared(at)
        return own if other is None else own - self.allocation.fixed(e, other)

    def _paid(self, e: Evaluation, at: Reports, sign: int) -> list[Term]:
        name, factors = key(Kind.TRANSFER, e.agent), self.setting.plan.interim[e.agent]
        if name not in self.columns or not e.states.paid:
            return []
        columns = self.columns[name]
        if factors is not None:
            seen = factors.types[at.type] * sign
            return [Term(columns[at.rule, at.report][None], seen.reshape(1, *seen.shape), seen.shape[-1:])]
        columns = np.moveaxis(columns, e.agent + 1, 1)[at.rule, at.report][None]
        return [Term(columns, e.weights(at) * sign, e.rest if e.summed else ())]

    def against(
        self,
        kind: Kind,
        e: Evaluation,
        at: Reports,
        block: Kind,
        sign: int,
        sense: Literal[">=", "="] = ">=",
        pick: Places | None = None,
    ) -> Family:
        """``sign * (payoff of the reports - columns of a block) >= 0``; ``pick`` chooses the columns."""
        columns = self.columns[key(block, e.agent)]
        columns = columns if pick is None else columns[:, pick]
        columns = columns.reshape(columns.shape[0], *(1,) * (at.ndim - 1), *columns.shape[1:])
        unit = e.unit(at)
        terms = (*self.terms(e, at, sign), Term(columns, unit * -sign))
        rhs = (self.fixed(e, at) * -sign).broadcast_to(e.rows(at))
        return Family(key(kind, e.agent), e.rows(at), terms, sense, rhs, None, unit)

    def interim(self, e: Evaluation) -> Family:
        """Truthful payoffs of the types, with no requirement on them."""
        at = e.truth_once()
        rhs = (-self.fixed(e, at)).broadcast_to(e.rows(at))
        terms = tuple(self.terms(e, at, 1))
        return Family(key(Kind.INTERIM, e.agent), e.rows(at), terms, ">=", rhs, None, e.unit(at))


__all__ = ["Payoffs"]
