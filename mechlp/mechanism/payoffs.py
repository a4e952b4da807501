"""What a mechanism is worth to each type under truth and under each lie, as the type evaluates it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..environment.notions import NOTIONS
from ..exact.numbers import text
from ..question.design import Design
from ..question.rules import Lie, lie_name, lies
from .audit import lying_payoffs, truthful_payoffs, worth
from .mechanism import Mechanism


@dataclass(frozen=True)
class Punishment:
    """A lie: what it is worth to the type, what truth is worth, and the rule (with maxmin agents, the state) under which the
    lie pays least.  With minmax regret both are regrets with a minus."""

    lie: Lie
    truth: Fraction
    payoff: Fraction
    rule: int


def interim_payoffs(design: Design, rules: Sequence[Mechanism]) -> list[tuple[Fraction | None, ...]]:
    """Truthful payoff of every type of each agent: the worst rule's (or its alpha-maxmin mixture) where there are several,
    the worst belief's with maxmin agents.

    None where the belief is undefined.
    """
    out: list[tuple[Fraction | None, ...]] = []
    for i in range(design.environment.n):
        if design.worst_state:
            states = NOTIONS["maxmin"].states(design.environment, i)
            out.append(tuple(worth(design, truthful_payoffs(rules, states, i))[0].fractions()))
            continue
        every = [rule.interim_payoff(i) for rule in rules]
        weigh = lambda column: None if None in column else mixed(design, column)  # noqa: E731
        out.append(tuple(weigh(column) for column in zip(*every, strict=True)))
    return out


def mixed(design: Design, payoffs: Sequence[Fraction]) -> Fraction:
    """What a type makes of its payoffs under each rule."""
    return design.alpha * min(payoffs) + (1 - design.alpha) * max(payoffs)


def punishments(design: Design, rules: Sequence[Mechanism]) -> list[Punishment]:
    """Every lie of an interim notion, evaluated from the definition."""
    every = every_payoff(design, rules)
    out = []
    for lie in lies(design):
        truth, told = every[lie]
        out.append(Punishment(lie, mixed(design, truth), mixed(design, told), told.index(min(told))))
    return out


def every_payoff(
    design: Design, rules: Sequence[Mechanism]
) -> dict[Lie, tuple[list[Fraction], list[Fraction]]]:
    """Payoffs of an interim notion under each rule (and state), of truth and of each report (truth among them)."""
    notion = design.ic_notion
    found: dict[Lie, tuple[list[Fraction], list[Fraction]]] = {}
    for i, agent in enumerate(design.environment.agents if notion is not None else ()):
        states = notion.states(design.environment, i)  # type: ignore[union-attr]
        truth = truthful_payoffs(rules, states, i)
        for report in range(agent.size):
            told = lying_payoffs(rules, states, i, report)
            for place, own in enumerate(map(int, states.types)):
                found[i, own, report] = (
                    [value for payoff in truth for value in payoff[:, place]],
                    [value for payoff in told for value in payoff[:, place]],
                )
    return found


def payoffs_json(design: Design, rules: Sequence[Mechanism]) -> dict[str, Any] | None:
    """Interim payoffs by name, exact; None without beliefs."""
    if design.environment.beliefs is None and not design.worst_state:
        return None
    exact = lambda u: None if u is None else text(u)  # noqa: E731
    return {
        agent.name: dict(zip(agent.types, map(exact, payoffs), strict=True))
        for agent, payoffs in zip(design.environment.agents, interim_payoffs(design, rules), strict=True)
    }


def punishments_json(design: Design, rules: Sequence[Mechanism]) -> list[dict[str, Any]] | None:
    """Every lie by name, with the rule or belief under which it pays least; None unless types compare worst cases."""
    if not design.pessimistic:
        return None
    return [{"lie": lie_name(design, p.lie), **_compared(design, p)} for p in punishments(design, rules)]


def _compared(design: Design, p: Punishment) -> dict[str, Any]:
    """What truth and a lie are worth, or their regrets, and where."""
    if not design.regrets:
        where = "punished_by_rule" if design.ambiguous else "worst_belief"
        return {"truth": text(p.truth), "payoff": text(p.payoff), where: p.rule + 1}
    notion, (agent, *_) = design.ic_notion, p.lie
    assert notion is not None
    against = notion.states(design.environment, agent).against
    assert against is not None
    return {
        "regret_of_truth": text(-p.truth),
        "regret": text(-p.payoff),
        "belief": notion.belief(design.environment, agent, p.rule) + 1,
        "against": design.environment.agents[agent].types[against[p.rule]],
    }
