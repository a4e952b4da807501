"""Lies without transfers: what a maxmin type gains from being taken for another, whatever the transfers.

Where every belief of type theta is also held possible by type r, theta's worst case from reporting r is at least r's own
worst case plus the worst expectation of what the allocation of r is worth more to theta than to r:

    min_phi E_phi L(r; theta) >= U(r) + min_phi E_phi [u_i(q(r, .), theta) - u_i(q(r, .), r)].

So ``U(theta) >= U(r) + gain(theta, r)`` holds in every maxmin mechanism with that allocation: a linear row without a choice of
belief (Wolitzky 2015, Theorem 1, for finite types).  Where the allocation is a choice, the least over the outcomes that may be
used stands in for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, stack, where

if TYPE_CHECKING:
    from .design import Design


@dataclass(frozen=True, eq=False)
class Gains:
    """``gain`` and where it ``applies``, both of shape ``(|Theta_i|, |Theta_i|)`` (type, report)."""

    gain: Rationals
    applies: npt.NDArray[np.bool_]


def gains(design: Design) -> tuple[Gains, ...]:
    """One an agent; they apply nowhere where types do not compare worst payoffs."""
    environment = design.environment
    if design.worst_state and not design.regrets:
        return tuple(_gains(design, i) for i in range(environment.n))
    return tuple(
        Gains(Rationals.zeros((a.size, a.size)), np.zeros((a.size, a.size), dtype=bool))
        for a in environment.agents
    )


def _gains(design: Design, i: int) -> Gains:
    assert design.environment.belief_sets is not None
    sets, size = design.environment.belief_sets[i], design.environment.agents[i].size
    places = {id(beliefs): k for k, beliefs in enumerate(sets)}
    distinct = sorted(set(places.values()))  # most often all types hold one set
    held = {k: {_written(vertex) for vertex in sets[k].vertices} for k in distinct}
    within = {(a, b): held[a] <= held[b] for a in distinct for b in distinct}
    kind = [places[id(beliefs)] for beliefs in sets]
    applies = np.array([[within[a, b] for b in kind] for a in kind]) & ~np.eye(size, dtype=bool)
    utility = design.environment.utility[i].moveaxis(i + 1, 1)
    rows = []
    for own in range(size):
        more = utility[:, own].reshape(len(utility), 1, *utility.shape[2:]) - utility
        rows.append(sets[own].least(_at_least(design, i, more)))
    return Gains(stack(rows), applies)


def _written(vertex: Rationals) -> tuple[int, ...]:
    """A belief in lowest terms, its denominator last."""
    lowest = vertex.reduced()
    return (*lowest.numerator.ravel().tolist(), lowest.denominator)


def _at_least(design: Design, i: int, more: Rationals) -> Rationals:
    """What outcomes are worth more, ``(|A|, reports, *rest)``, under the allocation, or at least under any that may be used."""
    if design.lottery is not None:
        return (more * design.lottery.moveaxis(i + 1, 1)).sum(axis=0)
    allowed = np.moveaxis(design.allowed, i + 1, 1)
    return where(allowed, more, more.max() + 1).min(axis=0)
