"""Every belief that a type holds possible."""

from __future__ import annotations

import numpy as np

from ...exact.numbers import Rationals
from ..model import Environment
from .states import Notion, States


class EveryBelief(Notion):
    """Bewley: truth is best under every belief that the type holds possible.

    Bewley (1986), "Knightian decision theory".  The states are the vertices of the type's belief set.
    """

    name = "bewley"
    spelled = "under every belief held possible (Bewley)"
    needs_sets = True
    taking_part = "bewley"

    def states(self, environment: Environment, agent: int) -> States:
        weights, counts = environment.belief_vertices[agent]
        one = Rationals(np.ones((1, len(counts)), dtype=np.int64))
        return States(weights, one, np.arange(len(counts)), summed=True, counts=counts)

    def named(
        self, environment: Environment, agent: int, states: States, cell: tuple[int, int, tuple[int, ...]]
    ) -> str:
        return f"belief {cell[0] + 1}"


__all__ = ["EveryBelief"]
