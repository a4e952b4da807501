"""Payoffs as a type evaluates them, in each of its states."""

from __future__ import annotations

from ..environment.notions import States
from ..exact.numbers import Rationals


def evaluate(states: States, payoff: Rationals) -> Rationals:
    """``L_w`` of a payoff ``(types, *rest)`` in every state: ``(W, types)``, or unsummed ``(1, types, *rest)``."""
    payoff = payoff[states.types]
    if not states.summed:
        return payoff.reshape(1, *payoff.shape)
    weights = states.weights[:, states.types] if states.weights.shape[1] > 1 else states.weights
    total = (weights * payoff).sum(axis=tuple(range(2, weights.ndim)))
    mass = states.mass[:, states.types] if states.mass.shape[1] > 1 else states.mass
    return total if total.size == 0 else total / mass
