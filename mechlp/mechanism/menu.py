"""A mechanism as menus: what an agent's reports get her, and at what price, with the types that report so.

By the taxation principle a mechanism for one agent is a list of lotteries with prices, from which each type takes what is best
for her (Rochet 1985); with others, such a list for each of their reports, or one in expectation where her types agree about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, text
from .mechanism import Mechanism


@dataclass(frozen=True)
class Entry:
    """One line of a menu: chances of outcomes, by name; what the agent pays; and the positions of the types that take it."""

    lottery: dict[str, Fraction]
    price: Fraction
    types: tuple[int, ...]


def menu(rule: Mechanism, agent: int, others: tuple[int, ...] = ()) -> tuple[Entry, ...]:
    """What an agent can have when the other agents report ``others`` (positions, in agent order), the cheapest first."""
    at = (slice(None), *others[:agent], slice(None), *others[agent:])
    return _entries(rule.environment, rule.allocation[at], -rule.transfers[at][agent])


def expected_menu(rule: Mechanism, agent: int) -> tuple[Entry, ...] | None:
    """What an agent can expect; None where her types differ in what they believe of the others, or one believes nothing."""
    beliefs = shared_belief(rule.environment, agent)
    if beliefs is None:
        return None
    chances = (rule.allocation.moveaxis(agent + 1, 1) * beliefs).reshape(*_flat(rule, agent)).sum(axis=-1)
    paid = (rule.transfers[agent].moveaxis(agent, 0) * beliefs).reshape(*_flat(rule, agent)[1:]).sum(axis=-1)
    return _entries(rule.environment, chances, -paid)


def shared_belief(environment: Environment, agent: int) -> Rationals | None:
    """What every type of an agent believes of the others, shape ``Theta_-i``; None where types differ, or one has no belief."""
    beliefs = environment.beliefs
    if beliefs is None or bool(np.any(beliefs.mass(agent) == 0)):
        return None
    size = environment.agents[agent].size
    rows = beliefs.conditional(agent)
    rows = rows.reshape(size, -1)
    if not bool(np.all(rows == rows[:1])):
        return None
    return rows[0].reshape(environment.shape[:agent] + environment.shape[agent + 1 :])


def _flat(rule: Mechanism, agent: int) -> tuple[int, int, int]:
    return len(rule.environment.outcomes), rule.environment.agents[agent].size, -1


def _entries(environment: Environment, chances: Rationals, prices: Rationals) -> tuple[Entry, ...]:
    """Lines from chances ``(|A|, |Theta_i|)`` and prices ``|Theta_i|``."""
    taken: dict[tuple[Fraction, ...], list[int]] = {}
    columns = [row.fractions() for row in (*chances, prices)]
    for k, line in enumerate(zip(*columns, strict=True)):
        taken.setdefault(line, []).append(k)
    return tuple(
        Entry(
            {name: chance for name, chance in zip(environment.outcomes, line[:-1], strict=True) if chance},
            line[-1],
            tuple(types),
        )
        for line, types in sorted(taken.items(), key=lambda item: (item[0][-1], item[1]))
    )


def menu_json(rule: Mechanism) -> list[dict[str, Any]] | None:
    """The menu of the one agent there is, with how likely each line is taken; None where there are several."""
    environment = rule.environment
    if environment.n != 1 or environment.actions is not None:
        return None
    prior, labels = environment.designer, environment.agents[0].types
    return [
        {
            "lottery": {name: text(chance) for name, chance in entry.lottery.items()},
            "price": text(entry.price),
            "types": [labels[k] for k in entry.types],
            "chance": None if prior is None else text(share(prior, entry)),
        }
        for entry in menu(rule, 0)
    ]


def share(prior: Rationals, entry: Entry) -> Fraction:
    """How likely it is that the one agent takes a line, under a prior over her types."""
    total: Fraction = prior[list(entry.types)].sum()
    return total


__all__ = ["Entry", "expected_menu", "menu", "menu_json", "share", "shared_belief"]
