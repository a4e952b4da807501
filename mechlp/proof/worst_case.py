"""What the worst belief makes of truth and of a lie: deviations that a person can check by hand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet
from ..environment.model import Environment
from ..exact.numbers import Rationals, stack, text
from ..mechanism.mechanism import Mechanism


@dataclass(frozen=True)
class Evaluation:
    """A worst-case payoff, a belief (over the other agents' profiles) that attains it, and what is paid out in each of them."""

    worth: Fraction
    belief: Rationals
    payoffs: Rationals

    def in_words(self, environment: Environment, agent: int) -> str:
        """``3/8 x 1/2 [buyer=1/4] + 5/8 x 0 [buyer=1] = 3/16``, over the support of the belief."""
        others = [a for k, a in enumerate(environment.agents) if k != agent]
        terms = []
        for cell in map(tuple, np.argwhere(self.belief > 0)):
            at = ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(others, cell, strict=True))
            terms.append(f"{text(self.belief[cell])} x {text(self.payoffs[cell])} [{at}]")
        return f"{' + '.join(terms)} = {text(self.worth)}"


@dataclass(frozen=True)
class Deviation:
    """The lie that gains most in the worst case, or loses least: ``lie.worth - truth.worth``."""

    agent: int
    own: int
    report: int
    truth: Evaluation
    lie: Evaluation

    @property
    def gain(self) -> Fraction:
        return self.lie.worth - self.truth.worth

    def in_words(self, environment: Environment) -> tuple[str, str, str]:
        """Three lines: the gain, truth and the lie, each under its worst belief."""
        who = environment.agents[self.agent]
        own, report = who.types[self.own], who.types[self.report]
        return (
            f"{who.name} {own} gains {text(self.gain)} by reporting {report}",
            f"truth is worth {self.truth.in_words(environment, self.agent)} under a worst belief",
            f"the lie is worth {self.lie.in_words(environment, self.agent)} under a worst belief, so at least that under any",
        )

    def to_json(self, environment: Environment) -> dict[str, Any]:
        """Names and exact strings."""
        who = environment.agents[self.agent]
        sides = {
            name: {"worth": text(e.worth), "belief": e.belief.texts(), "payoffs": e.payoffs.texts()}
            for name, e in (("truth", self.truth), ("lie", self.lie))
        }
        return {
            "agent": who.name,
            "type": who.types[self.own],
            "report": who.types[self.report],
            "gain": text(self.gain),
            **sides,
        }


def best_lie(mechanism: Mechanism, agent: int) -> Deviation | None:
    """The lie of an agent that gains most; None for an agent with one type.

    Every type holds the same beliefs possible: those that the mechanism's environment gives the agent's first type.
    """
    size = mechanism.environment.agents[agent].size
    if size == 1:
        return None
    assert mechanism.environment.belief_sets is not None
    beliefs = mechanism.environment.belief_sets[agent][0]
    payoffs = stack([mechanism.misreport(agent, report) for report in range(size)])  # (report, own, others)
    worth = beliefs.least(payoffs)
    truth = Rationals.from_fractions([worth[k, k] for k in range(size)], (size,))
    gain = worth - truth
    lies = gain - Rationals(np.eye(size, dtype=np.int64)) * (1 + gain.max() - gain.min())
    report, own = map(int, np.argwhere(lies == lies.max())[0])
    return Deviation(
        agent,
        own,
        report,
        _evaluation(beliefs, payoffs[own, own]),
        _evaluation(beliefs, payoffs[report, own]),
    )


def _evaluation(beliefs: BeliefSet, payoffs: Rationals) -> Evaluation:
    worths = beliefs.expectations(payoffs)
    worst = worths.min()
    at = int(np.flatnonzero(worths == worst)[0])
    return Evaluation(worst, beliefs.vertices[at], payoffs)


def dominated_pairs(mechanism: Mechanism) -> list[tuple[int, int, int]]:
    """``(agent, type, report)`` such that the report is never worse than truth and at some profile of the others better."""
    found = []
    for i, agent in enumerate(mechanism.environment.agents):
        truth = mechanism.payoff(i).moveaxis(i, 0)
        for report in range(agent.size):
            gain = (mechanism.misreport(i, report) - truth).reshape(agent.size, -1)
            dominated = np.all(gain >= 0, axis=1) & np.any(gain > 0, axis=1)
            found += [(i, int(own), report) for own in np.flatnonzero(dominated)]
    return found
