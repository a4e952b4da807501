"""Finds bad outcomes, and outcomes that all prefer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...deadline import Deadline
from ...exact.numbers import text
from ...proof.implementation.margins import written
from ...proof.implementation.outcomes import bad_outcome_system, pareto_system
from ...question.implementation import Implementation
from .margins import best


def bad_outcome(question: Implementation, deadline: Deadline) -> dict[str, Any]:
    """The witness of a bad outcome, or that there is none."""
    found = best(bad_outcome_system(question), deadline=deadline)
    assert found.point is not None
    multipliers = None if found.value is None else written(found.multipliers)
    return {"outcome": found.point.to_json(), "multipliers": multipliers}


def weak_pareto(question: Implementation, deadline: Deadline) -> dict[str, Any]:
    """An outcome that all prefer at some profile, or welfare weights at each."""
    weights = []
    for types in np.ndindex(*question.environment.shape):
        found = best(pareto_system(question, types), deadline=deadline)
        if found.value is None or found.value > 0:
            assert found.point is not None
            return {"profile": list(types), "outcome": found.point.to_json()}
        weights.append([text(m) for m in found.multipliers])
    return {"weights": weights}


__all__ = ["bad_outcome", "weak_pareto"]
