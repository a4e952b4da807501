"""Expected payoffs under the type's own belief."""

from __future__ import annotations

import numpy as np

from ...exact.numbers import Rationals
from ..model import Environment
from .states import Notion, States


class Expectation(Notion):
    """Bayesian: one state, the type's own belief."""

    name = "bayesian"
    spelled = "Bayesian (interim)"
    needs_beliefs = True

    def states(self, environment: Environment, agent: int) -> States:
        key = (self.name, agent)
        if key not in environment.evaluated:
            environment.evaluated[key] = self._states(environment, agent)
        found: States = environment.evaluated[key]
        return found

    def _states(self, environment: Environment, agent: int) -> States:
        assert environment.beliefs is not None
        weights = environment.beliefs.weights[agent].moveaxis(agent, 0)
        mass = environment.beliefs.mass(agent)
        return States(
            Rationals(weights.numerator[None], weights.denominator),
            Rationals(mass.numerator[None], mass.denominator),
            np.flatnonzero(mass > 0),
            summed=True,
            common=environment.beliefs.shared[agent],
        )


__all__ = ["Expectation"]
