"""Positive correlation of two agents' types, decided exactly (Zhang 2021, Definition 1)."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ..environment.model import Agent, InvalidEnvironment
from ..exact.numbers import Rationals, text
from .conditions import Finding


def positive_correlation(
    prior: Rationals, agents: tuple[Agent, Agent], among: tuple[slice, slice] = (slice(None), slice(None))
) -> tuple[Finding, Finding]:
    """For each agent: does a higher own type believe in higher types of the other (first-order stochastic dominance)?

    Parameters
    ----------
    prior : shape ``(|Theta_1|, |Theta_2|)``; types in increasing order.
    among : the types of each agent that are compared (``D_X`` and ``D_Y``); types of probability zero are left out.

    Raises
    ------
    InvalidEnvironment
        Not two agents, or a prior of another shape.
    """
    if prior.shape != tuple(agent.size for agent in agents):
        raise InvalidEnvironment("positive correlation is about a prior over the types of two agents")
    return _rising(prior, agents, 0, among[0]), _rising(prior.moveaxis(0, 1), agents, 1, among[1])


def _rising(mass: Rationals, agents: tuple[Agent, Agent], i: int, among: slice) -> Finding:
    own, other = agents[i], agents[1 - i]
    below = Rationals(np.cumsum(mass.numerator, axis=1), mass.denominator)
    kept = [k for k in range(own.size)[among] if below[k, -1] > 0]
    for low, high in combinations(kept, 2):
        first, second = (below[k] / below[k, -1] for k in (low, high))
        wrong = np.flatnonzero(second > first)
        if len(wrong):
            at = int(wrong[0])
            chances = [side[at] for side in (second, first)]
            words = (
                f"{own.name} {own.types[high]} believes in {other.name} <= {other.types[at]} with probability "
                f"{float(chances[0]):.6g}, {own.name} {own.types[low]} only with {float(chances[1]):.6g}"
            )
            witness = {"types": [low, high], "at": at, "chances": [text(c) for c in reversed(chances)]}
            return Finding("positive correlation", own.name, False, words, witness)
    words = f"the higher {own.name}, the higher {other.name}, by first-order stochastic dominance"
    return Finding("positive correlation", own.name, True, words)


__all__ = ["positive_correlation"]
