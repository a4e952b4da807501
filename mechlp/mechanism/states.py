"""Payoffs as a type evaluates them, in each of its states."""

from __future__ import annotations

from ..environment.notions import States
from ..exact.numbers import Rationals


def evaluate(states: States, payoff: Rationals) -> Rationals:
    """``L_w`` of a payoff in every state: ``(W, types)``, or unsummed ``(W, types, *rest)``.

    The payoff has shape ``(types, *rest)``, behind an axis of states where it differs between them.
    """
    payoff = (payoff if payoff.ndim == states.weights.ndim else payoff[None])[:, states.types]
    if not states.summed:
        return payoff
    weights = states.weights[:, states.types] if states.weights.shape[1] > 1 else states.weights
    total = (weights * payoff).sum(axis=tuple(range(2, weights.ndim)))
    mass = states.mass[:, states.types] if states.mass.shape[1] > 1 else states.mass
    return total if total.size == 0 else total / mass
