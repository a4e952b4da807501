"""Requirements and values at their least over all payoffs between rational ends.

The payoffs of a mechanism are computed at the lower ends of what outcomes are worth; what a difference of payoffs, or a weighted
sum of them, can lose against that is found here, number by number (:class:`~mechlp.environment.worth.Worth`).
"""

from __future__ import annotations

from fractions import Fraction

from ..environment.model import Environment
from ..environment.notions import States
from ..exact.numbers import Rationals
from ..question.objective import Goal
from .mechanism import Mechanism
from .states import evaluate


def lost_to_lies(rule: Mechanism, states: States, agent: int, reports: slice) -> Rationals:
    """What ``L_w(truth) - L_w(report)`` can lose, for every type and some reports: ``(W, types, reports[, *rest])``."""
    own = rule.seen(agent).moveaxis(agent + 1, 1)
    truth, told = own[:, states.types], own[:, reports]
    change = truth.reshape(*truth.shape[:2], 1, *truth.shape[2:]) - told.reshape(
        len(told), 1, *told.shape[1:]
    )
    return _lost(rule, states, agent, change)


def most_outside(environment: Environment, rule: Mechanism, states: States, agent: int) -> Rationals:
    """The outside option of an environment at its most, and what truth can lose against it: ``(W, types[, *rest])``."""
    ends = environment.outside if environment.outside_above is None else environment.outside_above
    outside = evaluate(states, ends[agent].moveaxis(agent, 0))
    if environment.utility_above is None or environment.status_quo is None:
        return outside
    kept = environment.worths[agent].gathered(environment.status_quo)
    change = (rule.seen(agent) - kept).moveaxis(agent + 1, 1)[:, states.types]
    lost = _lost(rule, states, agent, change.reshape(*change.shape[:2], 1, *change.shape[2:]))
    return outside + lost.reshape(*lost.shape[:2], *lost.shape[3:])


def _lost(rule: Mechanism, states: States, agent: int, change: Rationals) -> Rationals:
    """What ``L_w`` of a change in the chances ``(C, types, reports, *rest)`` can lose."""
    worth, change = rule.environment.worths[agent], change.reshape(len(change), 1, *change.shape[1:])
    if not states.summed:
        return worth.lost(agent, change, (0,), states.types)
    weights = states.weights[:, states.types] if states.weights.shape[1] > 1 else states.weights
    mass = states.mass[:, states.types] if states.mass.shape[1] > 1 else states.mass
    weighted = change * weights.reshape(1, *weights.shape[:2], 1, *weights.shape[2:])
    total = worth.lost(agent, weighted, (0, *range(4, weighted.ndim)), states.types)
    return total / mass.reshape(*mass.shape, 1) if total.size else total


def attained(aim: Goal, rule: Mechanism) -> Fraction:
    """The objective at a mechanism; where payoffs have ends, what it surely attains: the least of what is maximised, the
    most of what is minimised."""
    value: Fraction = aim.value(rule.allocation, rule.transfers) - aim.slack
    environment = rule.environment
    if environment.utility_above is None or aim.stakes is None:
        return value
    sign = 1 if aim.maximize else -1
    for i, worth in enumerate(environment.worths):
        chances = rule.seen(i)
        if aim.given is not None:
            chances = chances - worth.gathered(aim.given)
        weights = (chances * aim.stakes[i] * sign).moveaxis(i + 1, 1)
        weights = weights.reshape(len(weights), 1, weights.shape[1], 1, *weights.shape[2:])
        value -= sign * worth.lost(i, weights, tuple(range(weights.ndim))).item()
    return value


__all__ = ["attained", "lost_to_lies", "most_outside"]
