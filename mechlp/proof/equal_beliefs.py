"""What ambiguous transfers can do under a common prior, in closed form.

Two types of an agent with the same belief expect the same from any transfers, so the lie of one of them that the other has
no part in must be paid for: with ``w = E[u_i(q(r, .), theta) - u_i(q(r, .), r)]`` truth must be worth ``U(theta) >= U(r) + w``.
Every other lie can be punished by a side bet.  So with a common prior that gives every pair of types of two agents a
chance, an allocation is implementable with interim IR and ex-post BB if and only if such U exist (no cycle of lies gains) and
the least of them costs no more than the surplus (Guo 2018, Theorems 1.4.1, 1.4.2 and 1.5.1 and their proofs).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, text
from ..mechanism.states import evaluate
from ..question.design import Design
from ..question.rules import Lie, lie_name, lies

Rents = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class EqualBeliefs:
    """The closed form for one design.

    * ``gains``: w of every lie between types with the same belief;
    * ``cycle``: lies whose gains add up to more than zero, empty when there is none;
    * ``rents``: the least payoffs U (in full extraction the outside options), None when there is a cycle;
    * ``needed`` and ``surplus``: what they cost and what there is, in expectation; None when there is no budget;
    * ``paying``: in full extraction, a lie that pays more than the outside option.
    """

    design: Design
    gains: dict[Lie, Fraction]
    cycle: tuple[Lie, ...]
    rents: Rents | None
    needed: Fraction | None
    surplus: Fraction | None
    paying: Lie | None = None

    @property
    def possible(self) -> bool:
        """Whether a set of rules exists."""
        if self.rents is None or self.paying is not None:
            return False
        return self.needed is None or self.surplus is None or self.needed <= self.surplus

    def in_words(self) -> Iterator[str]:
        """Why nothing works, or what equal beliefs cost; sentences without their full stops."""
        if self.cycle:
            yield self._about_cycle()
        elif self.paying is not None:
            yield self._about_lie(self.paying)
        elif self.needed is not None and self.surplus is not None and (self.gains or not self.possible):
            cost = f"the least payoffs that equal beliefs and IR leave to the types cost {text(self.needed)} in expectation"
            verdict = "no less is possible" if self.possible else "more than there is"
            yield f"{cost}, of a surplus of {text(self.surplus)}: {verdict}"

    def _about_cycle(self) -> str:
        agent = self.design.environment.agents[self.cycle[0][0]]
        names = ", ".join(dict.fromkeys(agent.types[own] for _, own, _ in self.cycle))
        parts = " + ".join(text(self.gains[lie]) for lie in self.cycle).replace("+ -", "- ")
        total = text(sum((self.gains[lie] for lie in self.cycle), Fraction(0)))
        told = ", ".join(lie_name(self.design, lie) for lie in self.cycle)
        return (
            f"types {names} of {agent.name} hold the same belief, so no transfers tell them apart; going round {told} they gain "
            f"{parts} = {total} > 0 from the allocation alone, and truth would have to be worth more than itself"
        )

    def _about_lie(self, lie: Lie) -> str:
        agent = self.design.environment.agents[lie[0]]
        one, other = agent.types[lie[1]], agent.types[lie[2]]
        return (
            f"types {one} and {other} of {agent.name} hold the same belief, so no transfers tell them apart; by "
            f"{lie_name(self.design, lie)} {one} gains {text(self.gains[lie])}, which full extraction cannot leave to it"
        )


def equal_beliefs(design: Design) -> EqualBeliefs | None:
    """The closed form; None where its assumptions fail."""
    if not _applies(design):
        return None
    environment = design.environment
    assert design.lottery is not None
    gains = dict(_gains(design, design.lottery))
    outside = tuple(_outside(design, i) for i in range(environment.n))
    if design.ir_binds:
        paying = [d for d, w in gains.items() if outside[d[0]][d[1]] < outside[d[0]][d[2]] + w]
        return EqualBeliefs(design, gains, (), outside, None, None, next(iter(paying), None))
    rents, cycle = _least_rents(outside, gains)
    if rents is None:
        return EqualBeliefs(design, gains, cycle, None, None, None)
    assert environment.beliefs is not None and environment.designer is not None
    needed = sum(
        (
            environment.beliefs.mass(i).fractions()[k] * u
            for i, own in enumerate(rents)
            for k, u in enumerate(own)
        ),
        Fraction(0),
    )
    surplus = (design.lottery * environment.surplus * environment.designer).sum()
    return EqualBeliefs(design, gains, (), rents, needed, surplus)


def _applies(design: Design) -> bool:
    beliefs, kind = design.environment.beliefs, design.wants.kind
    if not design.ambiguous or design.alpha != 1 or design.transfers != "free" or design.ir != "interim":
        return False
    if design.environment.money is not None or design.constraints:
        return False
    if design.environment.n < 2 or beliefs is None or beliefs.prior is None or design.lottery is None:
        return False
    asked = kind == "full-surplus-extraction" or (kind == "feasibility" and design.bb == "ex-post")
    return asked and _every_pair_possible(design.environment, beliefs.prior)


def _every_pair_possible(environment: Environment, prior: Rationals) -> bool:
    agents = range(environment.n)
    others = [tuple(k for k in agents if k not in (i, j)) for i in agents for j in range(i)]
    return all(bool(np.all(prior.sum(axis=rest) > 0)) if rest else bool(np.all(prior > 0)) for rest in others)


def _outside(design: Design, i: int) -> tuple[Fraction, ...]:
    assert design.ir_notion is not None
    states = design.ir_notion.states(design.environment, i)
    return tuple(evaluate(states, design.environment.outside[i].moveaxis(i, 0))[0].fractions())


def _gains(design: Design, lottery: Rationals) -> Iterator[tuple[Lie, Fraction]]:
    """``w`` of every lie between types with equal beliefs."""
    environment = design.environment
    assert environment.beliefs is not None
    for i in range(environment.n):
        beliefs = environment.beliefs.conditional(i)
        utility, chosen = (a.moveaxis(i + 1, 1) for a in (environment.utility[i], lottery))
        for agent, own, report in lies(design):
            if agent == i and bool(np.all(beliefs[own] == beliefs[report])):
                extra = ((utility[:, own] - utility[:, report]) * chosen[:, report]).sum(axis=0)
                yield (i, own, report), (beliefs[own] * extra.ravel()).sum()


def _least_rents(outside: Rents, gains: dict[Lie, Fraction]) -> tuple[Rents | None, tuple[Lie, ...]]:
    """Longest paths from the outside options (Bellman and Ford); or a cycle of lies that gains."""
    rents = [list(own) for own in outside]
    last: dict[tuple[int, int], Lie] = {}
    changed: Lie | None = None
    for _ in range(max(len(own) for own in outside) + 1):
        changed = None
        for lie, gain in gains.items():
            i, own, report = lie
            if rents[i][own] < rents[i][report] + gain:
                rents[i][own] = rents[i][report] + gain
                last[i, own] = changed = lie
        if changed is None:
            return tuple(map(tuple, rents)), ()
    assert changed is not None
    return None, _cycle(last, changed)


def _cycle(last: dict[tuple[int, int], Lie], lie: Lie) -> tuple[Lie, ...]:
    """The cycle that following the last improvements backwards ends in."""
    seen: list[Lie] = []
    while lie not in seen:
        seen.append(lie)
        lie = last[lie[0], lie[2]]
    return tuple(seen[seen.index(lie) :])
