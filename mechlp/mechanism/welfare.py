"""The expected welfare of a mechanism for trade at prices that a question gives."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ..exact.numbers import Rationals
from ..question.design import Design
from ..question.objective import Objective, goal
from .ends import attained
from .mechanism import Mechanism
from .simple import SimpleMechanism


def given_welfare(design: Design) -> tuple[Fraction, Fraction] | None:
    """Rational ends, equal where payoffs are rational; None where the question gives no mechanism, or is not about prices."""
    environment, wants = design.environment, design.wants
    if environment.prices is None:
        return None
    if design.distribution is not None:
        weights = tuple(wants.weights or (Rationals.of(1),) * 2)
        return SimpleMechanism(environment, design.distribution, weights).welfare()
    table = wants.allocation if wants.kind == "undominated" else design.allocation
    aim = goal(design.asking(objective=Objective.surplus(wants.weights)))
    if not isinstance(table, Rationals) or aim is None:
        return None
    rule = Mechanism(environment, table, Rationals.zeros((environment.n, *environment.shape)))
    return attained(aim, rule), attained(replace(aim, maximize=False), rule)


__all__ = ["given_welfare"]
