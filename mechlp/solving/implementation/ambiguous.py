"""Finds dominating functions, and rewards that refute the deceptions of maxmin agents."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...deadline import Deadline
from ...mechanism.maxmin_deviations import possible_profiles
from ...proof.implementation.ambiguous import deceptions, pareto_system, single_types
from ...proof.implementation.margins import written
from ...question.implementation import Implementation
from .margins import Undecided, best, search

#: Why nothing is said where a function does not refute a deception itself.
SEVERAL = (
    "a deception that the function does not refute by what it gives to other reports (which is a reward only where truth is "
    "incentive compatible): with coalitions of several agents reward sets are intersections of unions of sets that are not "
    "closed, and other rewards are not sought"
)


def ambiguous_pareto(question: Implementation, deadline: Deadline) -> dict[str, Any]:
    """A function that dominates at some profile, or multipliers at each."""
    every = []
    for k, choice in enumerate(question.choices):
        own = []
        for cell in np.argwhere(possible_profiles(question.environment)):
            types = tuple(map(int, cell))
            system, _ = pareto_system(question, choice, types)
            found = best(system, deadline=deadline)
            if found.value is None or found.value > 0:
                assert found.point is not None
                return {"function": k, "profile": list(types), "point": found.point.to_json()}
            own.append(written(found.multipliers))
        every.append(own)
    return {"multipliers": every}


def ambiguous_monotonicity(question: Implementation, strong: bool, deadline: Deadline) -> dict[str, Any]:
    """Rewards for the deceptions that the functions do not refute themselves, or one without any.

    Raises
    ------
    Undecided
        Where several agents can form: reward sets are then intersections of unions that are not closed.
    """
    rewards: list[dict[str, Any]] = []
    unsure = False
    for which, own in enumerate(deceptions(question, strong)):
        for maps in own.open():
            if not own.separate and not own.alone:
                raise Undecided(SEVERAL)
            trees = []
            for i, k in single_types(question):
                system, choices = own.rewards(i, k, maps)
                point, tree = search(system, choices, deadline)
                if point is not None and not own.separate:
                    unsure = True
                    break
                if point is not None:
                    item = {"function": which, "maps": [list(m) for m in maps], "agent": i, "type": k}
                    rewards.append({**item, "reward": point.to_json()})
                    break
                trees.append(tree)
            else:
                return {"function": which, "maps": [list(m) for m in maps], "trees": trees}
    if unsure:
        raise Undecided(SEVERAL)
    return {"rewards": rewards}


__all__ = ["ambiguous_monotonicity", "ambiguous_pareto"]
