"""A given mechanism as the outside option: what the objective ``undominated`` is counted from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, maximum, stack
from .premises import InvalidDesign

if TYPE_CHECKING:
    from .design import Design


def counted_from(design: Design) -> Environment:
    """The environment in which what the given mechanism gives is the outside option at every profile.

    Raises
    ------
    InvalidDesign
        No lottery at some profile, negative weights, transfers of the wrong shape.
    """
    environment, wants = design.environment, design.wants
    given, paid, shape = wants.allocation, wants.transfers, design.environment.shape
    if given is None or given.shape != (len(environment.outcomes), *shape):
        raise InvalidDesign(
            "objective: undominated is about a given mechanism, a lottery over outcomes at every profile"
        )
    if bool(np.any(given < 0)) or bool(np.any(given.sum(axis=0) != 1)):
        raise InvalidDesign("objective: undominated: the chances of the given mechanism are not lotteries")
    if any(bool(np.any(w < 0)) for w in wants.weights or ()):
        raise InvalidDesign("objective: undominated: a welfare weight is negative")
    if paid is not None and (len(paid) != environment.n or any(t.shape != shape for t in paid)):
        raise InvalidDesign(
            f"objective: undominated: expected {environment.n} arrays of transfers of shape {shape}"
        )
    if environment.status_quo is not None:
        return environment
    outside = []
    for i, worth in enumerate(environment.worths):
        payoff: Rationals = (worth.low * worth.gathered(given)).sum(axis=0)
        outside.append(payoff if paid is None else payoff + paid[i])
    above = None if wants.above is None else _most(environment, outside, wants.above - given)
    return replace(environment, outside=tuple(outside), outside_above=above, status_quo=given)


def _most(environment: Environment, outside: list[Rationals], more: Rationals) -> tuple[Rationals, ...]:
    """What the given mechanism gives at most, where trades, worth at least 0, may be likelier than its lower ends by ``more``."""
    most = []
    for worth, least in zip(environment.worths, outside, strict=True):
        high = worth.low if worth.spread is None else worth.low + worth.spread
        most.append(least + (maximum(high, 0) * worth.gathered(maximum(more, 0))).sum(axis=0))
    return tuple(most)


def given_mechanism(design: Design) -> tuple[Rationals, Rationals]:
    """The allocation and the transfers, ``(n, *Theta)``, that the objective is counted from."""
    wants, environment = design.wants, design.environment
    assert wants.allocation is not None
    nothing = Rationals.zeros((environment.n, *environment.shape))
    return wants.allocation, nothing if wants.transfers is None else stack(wants.transfers)


__all__ = ["counted_from", "given_mechanism"]
