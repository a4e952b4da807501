"""The worst belief that a type holds possible."""

from __future__ import annotations

from ..model import Environment
from .bewley import EveryBelief
from .states import States


class WorstBelief(EveryBelief):
    """Maxmin: a report is worth its worst expectation over the beliefs that the type holds possible.

    Gilboa and Schmeidler (1989); Wolitzky (2015), "Mechanism design with maxmin agents".
    """

    name = "maxmin"
    spelled = "maxmin (interim, the worst belief held possible)"
    worst_state = True
    taking_part = "maxmin"

    def named(
        self, environment: Environment, agent: int, states: States, cell: tuple[int, int, tuple[int, ...]]
    ) -> str:
        return ""


__all__ = ["WorstBelief"]
