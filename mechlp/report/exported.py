"""Mechanisms, interim payoffs and multipliers as CSV: every number an exact ``a/b``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..checking.saved import Saved
from ..exact.numbers import text
from ..exact.rewritten import complete
from ..mechanism.mechanism import Mechanism
from ..mechanism.payoffs import interim_payoffs
from ..proof.rates import OneSided, name_of
from ..question.premises import InvalidDesign

Rows = Iterator[Sequence[str]]


def mechanism_rows(saved: Saved) -> Rows:
    """One row a profile (and rule): types, the chance of every outcome, what every agent receives."""
    environment, many = saved.design.environment, len(saved.rules) > 1
    names = [agent.name for agent in environment.agents]
    first = ["rule"] if many else []
    yield [*first, *names, *(f"q {a}" for a in environment.outcomes), *(f"t {name}" for name in names)]
    for k, rule in enumerate(_rules(saved)):
        for cell in np.ndindex(*environment.shape):
            types = [a.types[t] for a, t in zip(environment.agents, cell, strict=True)]
            chances, paid = (array[(slice(None), *cell)] for array in (rule.allocation, rule.transfers))
            yield [
                *([str(k + 1)] if many else []),
                *types,
                *map(text, (*chances.fractions(), *paid.fractions())),
            ]


def interim_rows(saved: Saved) -> Rows:
    """One row a type: payoff as the design evaluates it, and, with one rule, its expected transfer and chances of outcomes
    under its belief."""
    rules, environment = _rules(saved), saved.design.environment
    one = rules[0] if len(rules) == 1 and environment.beliefs is not None else None
    further = [] if one is None else ["transfer", *(f"q {a}" for a in environment.outcomes)]
    yield ["agent", "type", "payoff", *further]
    payoffs = interim_payoffs(saved.design, rules)
    for i, agent in enumerate(environment.agents):
        for k, label in enumerate(agent.types):
            more = [] if one is None else expected(one, i, k)
            yield [agent.name, label, *map(_or_empty, (payoffs[i][k], *more))]


def expected(rule: Mechanism, agent: int, own: int) -> list[Fraction | None]:
    """Transfer and chances of outcomes that a type expects."""
    environment = rule.environment
    assert environment.beliefs is not None
    weights = environment.beliefs.weights[agent].broadcast_to(environment.shape).moveaxis(agent, 0)[own]
    mass = weights.sum()
    parts = [rule.transfers[agent], *(rule.allocation[a] for a in range(len(environment.outcomes)))]
    seen = (part.moveaxis(agent, 0)[own] for part in parts)
    return [(weights * part).sum() / mass if mass else None for part in seen]


def price_rows(saved: Saved) -> Rows:
    """One row a requirement whose multiplier is not zero: its name and the multiplier."""
    if saved.proof is None:
        raise InvalidDesign("the answer has no multipliers: no proof was needed, or none was found")
    if saved.proof.multipliers is None:
        raise InvalidDesign(
            "the proof is by cases, each with multipliers of its own: there is no one table of multipliers"
        )
    yield ["requirement", "multiplier"]
    for entry in saved.proof.multipliers.rows(saved.design):
        yield [entry.name(saved.design), text(entry.value)]


def rate_rows(saved: Saved) -> Rows:
    """One row a requirement whose one-sided rates were examined (empty where one was not): what relaxing gains, what tightening
    costs, up to which move each surely holds, and the multiplier of the proof."""
    if saved.rates is None:
        raise InvalidDesign("the answer has no one-sided rates: solve again without --no-rates")
    if not saved.rates.examined and saved.rates.why:
        raise InvalidDesign(f"the answer has no one-sided rates: {saved.rates.why}")
    yield ["requirement", "relaxing gains", "up to", "tightening costs", "up to", "multiplier"]
    for one in saved.rates.examined:
        sides = (cell for side in (one.relaxing, one.tightening) for cell in _side(side))
        yield [name_of(saved.design, one.relaxed), *sides, text(one.multiplier)]


def _side(side: OneSided | None) -> tuple[str, str]:
    if side is None:
        return "", ""
    return ("impossible", "") if side.rate is None else (text(side.rate), text(side.up_to))


TABLES = {"mechanism": mechanism_rows, "interim": interim_rows, "prices": price_rows, "rates": rate_rows}


def write_csv(rows: Iterable[Sequence[str]], path: str | Path) -> int:
    """Write a table, and return how many rows it has below its head.  Raises OSError."""
    with complete(path, encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        return sum(1 for row in rows if writer.writerow(row)) - 1


def _rules(saved: Saved) -> tuple[Mechanism, ...]:
    if not saved.rules:
        raise InvalidDesign(
            "the answer holds no mechanism: there is nothing to write but its multipliers (--table prices)"
        )
    return saved.rules


def _or_empty(value: Fraction | None) -> str:
    return "" if value is None else text(value)
