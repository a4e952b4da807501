"""The greatest regret over the beliefs that a type holds possible."""

from __future__ import annotations

import numpy as np

from ..model import Environment
from .maxmin import WorstBelief
from .states import States


class GreatestRegret(WorstBelief):
    """Minmax regret: a report is as bad as what, under some belief held possible, the best report would have paid more.

    Savage (1951), "The theory of statistical decision"; Linhart and Radner (1989), "Minimax-regret strategies for bargaining
    over several variables".  Under belief p the regret of report r is ``max_s L_p(s) - L_p(r)``, convex in p, so that vertices
    of the set are enough.  What truth must minimise is a greatest difference over pairs (belief, report s): maxmin, with such
    pairs as states, and what a report pays more than s in the place of what it pays.  State ``k m + s`` of m reports is vertex
    k and report s.

    Taking part is no report: interim IR asks that it is not regretted under any belief held possible (Bewley).
    """

    name = "minmax-regret"
    spelled = "minmax regret (interim, over the beliefs held possible)"
    regrets = True
    taking_part = "bewley"

    def states(self, environment: Environment, agent: int) -> States:
        key, size = (self.name, agent), environment.agents[agent].size
        if key not in environment.evaluated:
            own = super().states(environment, agent)
            assert own.counts is not None
            environment.evaluated[key] = States(
                own.weights[np.repeat(np.arange(own.size), size)],
                own.mass,
                own.types,
                summed=True,
                counts=tuple(count * size for count in own.counts),
                against=np.tile(np.arange(size), own.size),
            )
        found: States = environment.evaluated[key]
        return found

    def belief(self, environment: Environment, agent: int, state: int) -> int:
        return state // environment.agents[agent].size

    def seen(self, environment: Environment, agent: int, state: int) -> str:
        one = environment.agents[agent]
        return f"{super().seen(environment, agent, state)}, against {one.types[state % one.size]}"


__all__ = ["GreatestRegret"]
