"""When two environments, or two objectives, are the same: in every number, not in how they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..environment.model import Environment
from .objective import Objective


def same_environment(one: Environment, other: Environment) -> bool:
    """Agents, types and outcomes by name, and every number; titles and parameters do not matter."""
    shapes = [([(g.name, g.types) for g in e.agents], e.outcomes) for e in (one, other)]
    return (
        shapes[0] == shapes[1]
        and same(one.utility, other.utility)
        and same(one.outside, other.outside)
        and same(one.money, other.money)
        and same(one.actions, other.actions)
        and all(
            same(getattr(one, end), getattr(other, end))
            for end in ("utility_above", "outside_above", "status_quo")
        )
        and (one.possible is None) == (other.possible is None)
        and bool(np.all(one.possible == other.possible))
        and same(_conditionals(one), _conditionals(other))
        and same(_vertices(one), _vertices(other))
        and same(one.designer, other.designer)
        and same(one.designer_set, other.designer_set)
    )


def same_objective(one: Objective, other: Objective) -> bool:
    """The same is wanted, in every coefficient."""
    plain = [(w.kind, w.maximize, w.expected) for w in (one, other)]
    tables = [(w.interim, w.allocation, w.transfers, w.weights, w.above) for w in (one, other)]
    return plain[0] == plain[1] and same(*tables)


def same(one: Any, other: Any) -> bool:
    """Equal values: exact arrays (and whatever else says when it is the ``same``), plain data, None, and tuples of these."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one.same(other)) if hasattr(one, "same") else bool(one == other)


def _conditionals(environment: Environment) -> Iterable[Any] | None:
    beliefs = environment.beliefs
    return None if beliefs is None else tuple(beliefs.conditional(i) for i in range(environment.n))


def _vertices(environment: Environment) -> Iterable[Any] | None:
    return None if environment.belief_sets is None else environment.belief_vertices
