"""The allocation's part of a program: lotteries that are chosen, mixtures of rules, or what is given.

Each says what the payoff of a report owes to it, and what a value of outcomes ``(|A|, *Theta)`` is as coefficients on its
columns, so that no row asks which of them it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ...exact.numbers import Rationals, matmul, stack
from ...program import Block, Columns, Family, Term
from .evaluation import Evaluation, Reports, outcomes_last
from .keys import Kind, key
from .labels import Labels

if TYPE_CHECKING:
    from ..envelope import Envelope
    from ..plan import Factors, Values
    from .setting import Setting

CHANCE, MIX = key(Kind.CHANCE), key(Kind.MIXTURE_OF_RULES)


class Allocation(Protocol):
    """What the rows need to know of an allocation."""

    def blocks(self) -> list[Block]:
        """Its own columns."""
        ...

    def interim_blocks(self) -> list[Block]:
        """Columns of what types see of it, behind those of transfers."""
        ...

    def width(self, e: Evaluation) -> int:
        """Entries of the payoff of a report at one profile."""
        ...

    def payoff(self, columns: Columns, e: Evaluation, at: Reports, sign: int) -> list[Term]:
        """``sign`` times what the payoff of each report owes to the columns."""
        ...

    def fixed(self, e: Evaluation, at: Reports) -> Rationals:
        """What the rows' payoff owes to an allocation that is not a choice, as a row constant."""
        ...

    def valued(self, worth: Rationals) -> tuple[dict[str, Rationals], Rationals]:
        """A value of outcomes as coefficients over the cells of a block, and constants (one, or one a copy)."""
        ...

    def by_profile(self, columns: Columns, worth: Rationals) -> tuple[list[Term], Rationals]:
        """The same profile by profile: terms over the type grid of the only rule, and what no choice moves."""
        ...

    def rises(self, columns: Columns, envelope: Envelope, i: int) -> tuple[list[Term], Rationals]:
        """How much more the next higher type gains by her interim allocation than by that of the type below: terms, and a
        constant, with a row for each step of the types of agent i."""
        ...

    def families(self, columns: Columns) -> list[Family]:
        """What makes the columns an allocation."""
        ...


def allocation(setting: Setting) -> Allocation:
    """The part that a setting asks for."""
    if setting.lottery is not None:
        return Given(setting, setting.lottery)
    return Chosen(setting) if setting.plan.mixture is None else Mixed(setting, setting.plan.mixture)


@dataclass(frozen=True, eq=False)
class Chosen:
    """Chances ``q(a | theta)``, a copy for each rule with an allocation of its own; and interim allocations ``Q i``."""

    setting: Setting

    def blocks(self) -> list[Block]:
        s, environment = self.setting, self.setting.environment
        last = np.moveaxis(s.allowed, 1, -1)
        return [
            Block(
                CHANCE,
                (s.copies, *environment.shape, len(environment.outcomes)),
                Rationals.of(0),
                None if last.all() else Rationals(last.astype(np.int64)),
                integer=s.design.deterministic,
                label=Labels(s).chance,
            )
        ]

    def _seen(self, i: int) -> tuple[Factors, Values] | None:
        """What an agent's payoffs are functions of, where that is an interim allocation."""
        factors, values = self.setting.plan.interim[i], self.setting.plan.values[i]
        return None if factors is None or values is None else (factors, values)

    def interim_blocks(self) -> list[Block]:
        out = []
        for i in range(self.setting.environment.n):
            if (seen := self._seen(i)) is not None:
                shape = (*seen[0].types.shape, seen[1].types.shape[1])
                label = Labels(self.setting).interim(Kind.INTERIM_CHANCE, i)
                out.append(Block(key(Kind.INTERIM_CHANCE, i), shape, label=label))
        return out

    def width(self, e: Evaluation) -> int:
        return len(e.some)

    def payoff(self, columns: Columns, e: Evaluation, at: Reports, sign: int) -> list[Term]:
        if (seen := self._seen(e.agent)) is None:
            return [self._by_outcome(columns, e, at, sign)]
        known, worth = seen[0].types[at.type] * sign, seen[1].types[at.type]
        worth = known.reshape(*known.shape, 1) * worth.reshape(*worth.shape[:-1], 1, worth.shape[-1])
        own = columns[key(Kind.INTERIM_CHANCE, e.agent)][at.report][None]
        return [Term(own, worth.reshape(1, *worth.shape), worth.shape[-2:])]

    def _by_outcome(self, columns: Columns, e: Evaluation, at: Reports, sign: int) -> Term:
        """The payoff of reports in q, over the outcomes that are worth something to the agent."""
        rule = at.rule if self.setting.copies > 1 else np.zeros_like(at.rule)
        chances = np.moveaxis(columns[CHANCE][..., e.some], e.agent + 1, 1)[rule, at.report][None]
        utility = e.worth[:, e.some].moveaxis(1, -1)[:, at.type]
        weights = e.weights(at) * sign
        coefficients = weights.reshape(*weights.shape, 1) * utility
        return Term(chances, coefficients, (*(e.rest if e.summed else ()), len(e.some)))

    def fixed(self, e: Evaluation, at: Reports) -> Rationals:
        return Rationals.zeros(())

    def valued(self, worth: Rationals) -> tuple[dict[str, Rationals], Rationals]:
        return {CHANCE: outcomes_last(worth)}, Rationals.zeros((1,))

    def by_profile(self, columns: Columns, worth: Rationals) -> tuple[list[Term], Rationals]:
        return [Term(columns[CHANCE][0], outcomes_last(worth), (len(worth),))], Rationals.zeros(())

    def rises(self, columns: Columns, envelope: Envelope, i: int) -> tuple[list[Term], Rationals]:
        steps, order = envelope.steps(i), list(envelope.orders[i])
        own, width = columns[key(Kind.INTERIM_CHANCE, i)][:, 0], (steps.shape[1],)
        return [Term(own[order[1:]], steps, width), Term(own[order[:-1]], -steps, width)], Rationals.of(0)

    def families(self, columns: Columns) -> list[Family]:
        s = self.setting
        some = [i for i in range(s.environment.n) if self._seen(i) is not None]
        one = Term(columns[CHANCE], Rationals.of(1), (len(s.environment.outcomes),))
        shape, name = (s.copies, *s.environment.shape), key(Kind.LOTTERY)
        lotteries = Family(name, shape, (one,), "=", Rationals.of(1), label=Labels(s).lottery)
        return [*(self._interim_family(columns, i) for i in some), lotteries]

    def _interim_family(self, columns: Columns, i: int) -> Family:
        """``Q_i(r, f, g)``: what factor f expects of the outcomes that g is about, when i reports r."""
        seen, block = self._seen(i), columns[key(Kind.INTERIM_CHANCE, i)]
        assert seen is not None
        factors, values = seen
        some = np.flatnonzero(np.any(values.outcomes != 0, axis=0))
        own, k, g = block.shape
        rest = factors.others.shape[1:]
        q = np.moveaxis(columns[CHANCE][0][..., some], i, 0).reshape(own, 1, 1, *rest, len(some))
        others = factors.others.reshape(1, k, 1, *rest, 1)
        worth = values.outcomes[:, some].reshape(1, 1, g, *(1,) * len(rest), len(some))
        terms = (Term(block, Rationals.of(-1)), Term(q, others * worth, (*rest, len(some))))
        return Family(key(Kind.INTERIM, i), (own, k, g), terms, "=", Rationals.of(0))


@dataclass(frozen=True, eq=False)
class _Fixed:
    """What rules that are given are worth in rows."""

    setting: Setting

    def interim_blocks(self) -> list[Block]:
        return []

    def _worth(self, e: Evaluation, at: Reports, lottery: Rationals) -> Rationals:
        """The rows' payoff from a given allocation ``(copies, |A|, *Theta)``."""
        plan, allowed = self.setting.plan, self.setting.allowed
        factors, values = plan.interim[e.agent], plan.values[e.agent]
        if factors is not None and values is not None:
            return _through_factors(e, at, lottery[0], factors, values)
        rule = at.rule if lottery.shape[0] > 1 else np.zeros_like(at.rule)
        total = None
        for outcome in np.flatnonzero(allowed.any(axis=(0, *range(2, allowed.ndim)))):
            utility = e.worth[:, outcome][:, at.type]
            chance = lottery[:, outcome].moveaxis(e.agent + 1, 1)[rule, at.report]
            part = utility * chance
            total = part if total is None else total + part
        assert total is not None
        return e.integrate(total, at)

    def _rise(self, envelope: Envelope, i: int, rule: Rationals) -> Rationals:
        """One a step of the types."""
        steps, order, seen = envelope.steps(i), list(envelope.orders[i]), envelope.seen(i, rule)
        return (steps * (seen[order[1:]] - seen[order[:-1]])).sum(axis=1)


@dataclass(frozen=True, eq=False)
class Mixed(_Fixed):
    """Weights on rules ``(K, |A|, *Theta)``."""

    mixture: Rationals

    def blocks(self) -> list[Block]:
        return [Block(MIX, (len(self.mixture),), Rationals.of(0))]

    def width(self, e: Evaluation) -> int:
        return len(self.mixture)

    def payoff(self, columns: Columns, e: Evaluation, at: Reports, sign: int) -> list[Term]:
        parts = [self._worth(e, at, rule.reshape(1, *rule.shape)) * sign for rule in self.mixture]
        shape = np.broadcast_shapes(*(p.shape for p in parts))
        worth = stack([p.broadcast_to(shape) for p in parts]).moveaxis(0, -1)
        return [Term(columns[MIX], worth, (len(parts),))]

    def fixed(self, e: Evaluation, at: Reports) -> Rationals:
        return Rationals.zeros(())

    def valued(self, worth: Rationals) -> tuple[dict[str, Rationals], Rationals]:
        return {MIX: Rationals.of([(worth * rule).sum() for rule in self.mixture])}, Rationals.zeros((1,))

    def by_profile(self, columns: Columns, worth: Rationals) -> tuple[list[Term], Rationals]:
        parts = stack([(worth * rule).sum(axis=0) for rule in self.mixture])
        return [Term(columns[MIX], outcomes_last(parts), (len(parts),))], Rationals.zeros(())

    def rises(self, columns: Columns, envelope: Envelope, i: int) -> tuple[list[Term], Rationals]:
        rises = stack([self._rise(envelope, i, rule) for rule in self.mixture])
        return [Term(columns[MIX], rises.moveaxis(0, 1), (len(rises),))], Rationals.of(0)

    def families(self, columns: Columns) -> list[Family]:
        every = Term(columns[MIX], Rationals.of(1), (len(self.mixture),))
        return [Family(key(Kind.MIXTURE), (), (every,), "=", Rationals.of(1))]


@dataclass(frozen=True, eq=False)
class Given(_Fixed):
    """No choice: ``lottery`` has shape ``(copies or 1, |A|, *Theta)``."""

    lottery: Rationals

    def blocks(self) -> list[Block]:
        return []

    def width(self, e: Evaluation) -> int:
        return 0

    def payoff(self, columns: Columns, e: Evaluation, at: Reports, sign: int) -> list[Term]:
        return []

    def fixed(self, e: Evaluation, at: Reports) -> Rationals:
        return self._worth(e, at, self.lottery)

    def valued(self, worth: Rationals) -> tuple[dict[str, Rationals], Rationals]:
        total = worth * self.lottery
        return {}, total.sum(axis=tuple(range(1, total.ndim)))

    def by_profile(self, columns: Columns, worth: Rationals) -> tuple[list[Term], Rationals]:
        return [], (worth * self.lottery[0]).sum(axis=0)

    def rises(self, columns: Columns, envelope: Envelope, i: int) -> tuple[list[Term], Rationals]:
        return [], self._rise(envelope, i, self.lottery[0])

    def families(self, columns: Columns) -> list[Family]:
        return []


def _through_factors(
    e: Evaluation, at: Reports, lottery: Rationals, factors: Factors, values: Values
) -> Rationals:
    """The payoff of reports through interim allocations: one product of matrices for each outcome of worth."""
    own = factors.types.shape[0]
    total = Rationals.zeros(())
    for g in range(values.types.shape[1]):
        chance = Rationals.zeros(())
        for a in np.flatnonzero(values.outcomes[g] != 0):
            chance = chance + lottery[a].moveaxis(e.agent, 0) * values.outcomes[g][a]
        if chance.ndim == 0:
            continue
        by_report = chance.reshape(own, -1)
        seen = matmul(factors.flat, Rationals(by_report.numerator.T, by_report.denominator))
        for f in range(factors.rank):
            total = total + (factors.types[:, f] * values.types[:, g])[at.type] * seen[f][at.report]
    return total.broadcast_to(at.shape).reshape(1, *at.shape)


__all__ = ["CHANCE", "MIX", "Allocation", "allocation"]
