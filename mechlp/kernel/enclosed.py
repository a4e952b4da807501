"""Payoffs that are known between two ends: what holds whatever they are."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from ..environment.model import Environment
from .syntax import Numerals, by_agent, comment


def ends(environment: Environment, write: Numerals) -> Iterator[str]:
    """``ends``: of each agent the unknown numbers, each between two; ``numbers``: which of them each payoff is."""
    full = (len(environment.outcomes), *environment.shape)
    known, places = [], []
    for agent, worth in zip(environment.agents, environment.worths, strict=True):
        assert worth.spread is not None
        axes = worth.spread.shape
        low, more = worth.low.fractions(), worth.spread.fractions()
        each = np.arange(len(more)).reshape(axes)
        cells = np.broadcast_to(each, worth.low.shape).ravel()
        least = dict(zip(cells.tolist(), low, strict=True))
        pairs = [(least[k], least[k] + x) for k, x in enumerate(more)]
        listed = "; ".join(f"({write.number(a)}, {write.number(b)})" for a, b in pairs)
        known.append(f"  [ (* {comment(agent.name)} *) {listed}]")
        places.append(np.broadcast_to(each, worth.low.shape)[worth.classes])
    yield "(** Payoffs are numbers between two ends: of each agent which, and which of them an outcome is worth to her. *)"
    yield "Definition ends : list (list (Q * Q)) := [\n" + ";\n".join(known) + "]."
    tables = [np.vectorize(Fraction, otypes=[object])(np.broadcast_to(p, full)) for p in places]
    yield by_agent("the_numbers", environment, tables, write)
    yield "Definition numbers := index (pick2 the_numbers)."


__all__ = ["ends"]
