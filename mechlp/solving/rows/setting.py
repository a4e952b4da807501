"""What is compiled: a design under labels of rules, as far as a plan leaves it, and what may give way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...exact.numbers import Rationals
from ...program import Columns, Term
from ...proof.relaxation import Give
from .evaluation import Evaluation, Places
from .keys import Kind, key

if TYPE_CHECKING:
    from ...environment.model import Environment
    from ...environment.notions import Notion
    from ...question.design import Design
    from ...question.rules import Rules
    from ..plan import Plan


@dataclass(frozen=True, eq=False)
class Setting:
    """See :func:`mechlp.solving.compile.compile` for the parameters."""

    design: Design
    rules: Rules
    plan: Plan
    narrowed: npt.NDArray[np.bool_] | None = None
    give: Give | None = None
    strength: Sequence[Rationals] | None = None

    @property
    def environment(self) -> Environment:
        return self.design.environment

    @property
    def copies(self) -> int:
        """How many allocations there are: one, or one a rule."""
        return self.rules.count if self.design.allocation_by_rule else 1

    @cached_property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Outcomes that may be used, ``(copies or 1, |A|, *Theta)``."""
        every = self.design.allowed
        return every[None] if self.narrowed is None else every & self.narrowed

    @cached_property
    def lottery(self) -> Rationals | None:
        """The allocation where it is not a choice, ``(copies or 1, |A|, *Theta)``; None where it is."""
        if self.design.lottery is not None:
            return self.design.lottery.reshape(1, *self.design.lottery.shape)
        if self.plan.rents is None and bool(np.all(self.allowed.sum(axis=1) == 1)):
            return Rationals(self.allowed.astype(np.int64))
        return None

    @cached_property
    def ic(self) -> list[Evaluation | None]:
        """For each agent how IC evaluates reports; None without IC."""
        return self._evaluations(self.design.ic_notion)

    @cached_property
    def ir(self) -> list[Evaluation | None]:
        """The same for IR."""
        return self._evaluations(self.design.ir_notion)

    def _evaluations(self, notion: Notion | None) -> list[Evaluation | None]:
        return [Evaluation.of(notion, self.environment, i) for i in range(self.environment.n)]

    def told(self, e: Evaluation) -> tuple[Places, Places]:
        """The lies that have rows, in one list: positions of the types among those that have rows, and reports."""
        if self.plan.lies(e.agent) is not None:
            return self.plan.told(e.agent, e.types)
        return self.rules.told(e.agent, e.types)

    def given(self, columns: Columns, family: Give, coefficient: Rationals) -> list[Term]:
        """The relaxation's term in the rows that may give way."""
        return [Term(columns[key(Kind.GIVE)], coefficient)] if self.give == family else []


__all__ = ["Give", "Setting"]
