"""Interim transfers pinned by the envelope (:mod:`mechlp.solving.envelope`): they have no columns.

``monotone i`` says that the interim allocation rises with the type, ``BB`` asks for the virtual revenue, and the objective
is the virtual surplus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...exact.numbers import Rationals
from ...program import Block, Columns, Family, Term
from .keys import Kind, key

if TYPE_CHECKING:
    from ...question.objective import Goal
    from ..envelope import Envelope
    from .allocation import Allocation
    from .setting import Setting


@dataclass(frozen=True, eq=False)
class Pinned:
    """The regime of the envelope."""

    setting: Setting
    allocation: Allocation
    envelope: Envelope

    def transfers(self) -> list[Block]:
        return []

    def payoffs(self) -> list[Block]:
        return []

    def families(self, columns: Columns) -> list[Family]:
        out = [self._monotone(columns, i) for i in range(self.setting.environment.n)]
        return out if self.setting.design.bb == "none" else [*out, self._balance(columns)]

    def _monotone(self, columns: Columns, i: int) -> Family:
        """The two IC requirements between neighbours, added up: the interim allocation rises with the type."""
        terms, fixed = self.allocation.rises(columns, self.envelope, i)
        rows = (len(self.envelope.orders[i]) - 1,)
        return Family(key(Kind.MONOTONE, i), rows, tuple(terms), ">=", (-fixed).broadcast_to(rows))

    def _balance(self, columns: Columns) -> Family:
        """Expected revenue, with the transfers that the envelope pins."""
        _, worth, constant = self.envelope.balance
        coefficients, given = self.allocation.valued(worth)
        terms = [Term(columns[name], c, columns[name].shape) for name, c in coefficients.items()]
        gives = self.setting.given(columns, "bb", Rationals.of(1))
        return Family(key(Kind.BB), (), (*terms, *gives), ">=", Rationals.of(-constant - given.sum()))

    def valued(self, aim: Goal) -> tuple[dict[str, Rationals], Rationals]:
        _, worth, constant = self.envelope.wanted
        coefficients, given = self.allocation.valued(worth)
        return coefficients, given + constant

    def by_profile(self, columns: Columns, aim: Goal) -> tuple[list[Term], Rationals]:
        """The virtual surplus."""
        return self.allocation.by_profile(columns, self.envelope.wanted[1])


__all__ = ["Pinned"]
