"""Payoffs at every profile."""

from __future__ import annotations

import numpy as np

from ...exact.numbers import Rationals
from ..model import Environment
from .states import Notion, States


class EveryState(Notion):
    """Ex post: every profile of the others, at every profile, whatever the prior."""

    name = "ex-post"
    spelled = "ex post"

    def states(self, environment: Environment, agent: int) -> States:
        one = Rationals(np.ones((1,) * (environment.n + 1), dtype=np.int64))
        return States(one, Rationals.of([[1]]), np.arange(environment.agents[agent].size), summed=False)


__all__ = ["EveryState"]
