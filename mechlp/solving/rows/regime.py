"""How transfers enter: as columns, or pinned by the envelope.

A regime has the columns of transfers or of what takes their place, the requirements, and the objective as coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from ...exact.numbers import Rationals
from ...program import Block, Columns, Family, Term
from . import worst
from .keys import Kind, key
from .labels import Labels
from .lies import lies_and_truth
from .participation import participation
from .payoffs import Payoffs

if TYPE_CHECKING:
    from ...question.objective import Goal
    from .allocation import Allocation
    from .setting import Setting


class Regime(Protocol):
    """What the spine asks of one."""

    def transfers(self) -> list[Block]:
        """Columns of transfers, or of what takes their place."""
        ...

    def payoffs(self) -> list[Block]:
        """Columns of truthful payoffs."""
        ...

    def families(self, columns: Columns) -> list[Family]:
        """IC, IR and BB."""
        ...

    def valued(self, aim: Goal) -> tuple[dict[str, Rationals], Rationals]:
        """An objective as coefficients over the cells of a block, and constants (one, or one a rule)."""
        ...

    def by_profile(self, columns: Columns, aim: Goal) -> tuple[list[Term], Rationals]:
        """What the only rule gives at each profile, as terms over the type grid, and what no choice moves."""
        ...


def regime(setting: Setting, allocation: Allocation) -> Regime:
    """The one that a setting's plan asks for."""
    plan = setting.plan
    if plan.envelope is not None:
        from .pinned import Pinned

        return Pinned(setting, allocation, plan.envelope)
    if plan.rents is not None:
        from .running import Running

        return Running(setting, allocation, plan.rents)
    return Whole(setting, allocation)


@dataclass(frozen=True, eq=False)
class Whole:
    """Transfers ``t i`` are columns, by profile or as far as beliefs see them; payoffs under truth are ``U i``."""

    setting: Setting
    allocation: Allocation

    def transfers(self) -> list[Block]:
        s, labels, out = self.setting, Labels(self.setting), []
        for i in range(s.environment.n if s.design.transfers != "none" else 0):
            factors, name = s.plan.interim[i], key(Kind.TRANSFER, i)
            if factors is not None:
                shape = (s.rules.count, *factors.types.shape)
                out.append(Block(name, shape, label=labels.interim(Kind.TRANSFER, i, skip=1)))
                continue
            low, high = (None if b is None else Rationals.of(b) for b in s.design.transfer_bounds(i))
            shape = (s.rules.count, *s.environment.shape)
            out.append(Block(name, shape, low, high, label=labels.transfer(i)))
        return out

    def payoffs(self) -> list[Block]:
        out = []
        for e in self.setting.ic:
            if e is not None:
                label = Labels(self.setting).payoff(Kind.PAYOFF, e)
                out.append(Block(key(Kind.PAYOFF, e.agent), e.payoffs(), label=label))
                out += worst.blocks(self.setting, e) if self.setting.design.alpha < 1 else []
        return out

    def families(self, columns: Columns) -> list[Family]:
        s = self.setting
        payoffs = Payoffs(s, self.allocation, columns)
        incentives = worst.worst_cases if s.design.pessimistic else lies_and_truth
        out = [family for e in s.ic if e is not None for family in incentives(payoffs, e)]
        out += [participation(payoffs, e) for e in s.ir if e is not None]
        return [*out, *self._balance(columns)]

    def _balance(self, columns: Columns) -> list[Family]:
        """Budget balance under every rule, or the subsidy in its place when that is what gives way."""
        s, environment = self.setting, self.setting.environment
        when, weak = s.design.bb.removesuffix("-weak"), s.design.bb.endswith("-weak")
        if when == "none" or s.design.transfers == "none":
            return []
        paid = [columns[key(Kind.TRANSFER, i)] for i in range(environment.n)]
        if when == "ex-post":
            terms, shape = [Term(c, Rationals.of(-1)) for c in paid], environment.shape
        else:
            assert environment.designer is not None
            shares = [self._seen(i, environment.designer) for i in range(environment.n)]
            terms, shape = [Term(c, -p, p.shape) for c, p in zip(paid, shares, strict=True)], ()
        sense: Literal[">=", "="] = ">=" if weak or s.give == "bb" else "="
        given = s.given(columns, "bb", Rationals.of(1))
        rows, label = (s.rules.count, *shape), Labels(s).balance
        return [Family(key(Kind.BB), rows, (*terms, *given), sense, Rationals.of(0), label=label)]

    def _seen(self, i: int, array: Rationals) -> Rationals:
        """Coefficients on the transfers of agent i, over the cells of their block."""
        factors = self.setting.plan.interim[i]
        if factors is None:
            return array
        found = factors.coordinates(array.moveaxis(i, 0))
        assert found is not None
        return found

    def valued(self, aim: Goal) -> tuple[dict[str, Rationals], Rationals]:
        out, constants = self.allocation.valued(aim.allocation)
        if self.setting.design.transfers != "none":
            shares = enumerate(aim.transfers)
            out |= {key(Kind.TRANSFER, i): self._seen(i, share) for i, share in shares}
        return out, constants

    def by_profile(self, columns: Columns, aim: Goal) -> tuple[list[Term], Rationals]:
        terms, constant = self.allocation.by_profile(columns, aim.allocation)
        if self.setting.design.transfers != "none":
            shares = enumerate(aim.transfers)
            terms += [Term(columns[key(Kind.TRANSFER, i)][0], share) for i, share in shares]
        return terms, constant


__all__ = ["Regime", "Whole", "regime"]
