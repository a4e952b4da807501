"""Finds dominating functions, and rewards that refute the deceptions of maxmin agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...deadline import Deadline
from ...mechanism.maxmin_deviations import possible_profiles
from ...proof.implementation.ambiguous import pareto_system
from ...proof.implementation.margins import written
from ...proof.implementation.maxmin_rewards import maxmin_deceptions
from ...proof.invalid import InvalidCertificate
from ...question.implementation import Implementation
from .deceptions import refutations
from .margins import Undecided, best


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


def ambiguous_monotonicity(
    question: Implementation, strong: bool, deadline: Deadline, say: Callable[[str], None]
) -> dict[str, Any]:
    """Rewards for the deceptions that the functions do not refute themselves, or one without any.

    Raises
    ------
    Undecided
        Where reward sets have too many conditions, or a search among their alternatives is too long.
    """
    try:
        return refutations(maxmin_deceptions(question, strong), deadline, say)
    except InvalidCertificate as error:
        raise Undecided(f"a deception that the function does not refute itself: {error}") from None


__all__ = ["ambiguous_monotonicity", "ambiguous_pareto"]
