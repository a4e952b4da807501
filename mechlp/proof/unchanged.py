"""What must not change along a parameter for one proof to go on: which types have beliefs, and which outcomes are efficient."""

from __future__ import annotations

from itertools import product

import numpy as np

from ..environment.notions import Notion
from ..exact.numbers import Rationals
from ..question.design import Design
from .faces import Mask


def notions(design: Design) -> list[Notion]:
    """Those by which types are asked for anything."""
    return [notion for notion in (design.ic_notion, design.ir_notion) if notion is not None]


def masses_of(design: Design) -> Rationals:
    """The probabilities of types that have beliefs, and of profiles where what may be used depends on it."""
    environment, found = design.environment, []
    for notion, i in product(notions(design), range(environment.n)):
        states = notion.states(environment, i)
        if states.summed:
            mass = states.mass.broadcast_to((states.mass.shape[0], environment.agents[i].size))
            found.append(mass[:, states.types].ravel())
    if design.ir_binds and environment.designer is not None:
        found.append(environment.designer[environment.designer.numerator > 0])
    return together(*found)


def together(*arrays: Rationals) -> Rationals:
    """The cells of arrays in one row."""
    cells = [c for a in arrays for c in a.ravel().fractions()]
    return Rationals.from_fractions(cells, (len(cells),))


def lead_of_first(design: Design, allowed: Mask) -> Rationals:
    """By how much the first outcome of each profile that may be used is better than each, ``(|A|, *Theta)``."""
    surplus, first = design.environment.surplus, np.argmax(allowed, axis=0)[None]
    best = Rationals(np.take_along_axis(surplus.numerator, first, axis=0), surplus.denominator)
    return (best - surplus).broadcast_to(surplus.shape)


def leads_of(design: Design, allowed: Mask, rule: str) -> tuple[Rationals, Rationals]:
    """What the first efficient outcome of each profile that may be used is ahead of others by: of those that may be tied with
    it on the way (by zero, where any efficient outcome may be used), and of those that may not."""
    ahead = lead_of_first(design, allowed)
    order = np.arange(len(ahead)).reshape(-1, *(1,) * (ahead.ndim - 1))
    if rule == "efficient-first":
        tied = order >= np.argmax(allowed, axis=0)[None]
        return ahead[tied], ahead[~tied]
    if design.ir_binds and design.environment.designer is not None:
        asked = np.asarray(design.environment.designer > 0)
        return together(ahead[allowed & asked], -ahead[allowed & asked]), ahead[~allowed & asked]
    return together(ahead[allowed], -ahead[allowed]), ahead[~allowed]


__all__ = ["lead_of_first", "leads_of", "masses_of", "notions", "together"]
