"""What must not change along a parameter for one proof to go on: who has beliefs, which outcomes are efficient, and signs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from ..environment.notions import Notion
from ..exact.numbers import Rationals
from ..question.design import Design
from .bound import on_inequalities
from .faces import Mask
from .invalid import InvalidCertificate
from .multipliers import Multipliers
from .rule_weights import on_rule_weights

#: What is not negative, and what is zero, at coefficients on lotteries and transfers.
Pattern = Callable[[Rationals, Rationals], tuple[Rationals, Rationals]]


def notions(design: Design) -> list[Notion]:
    """Those by which types are asked for anything."""
    return [notion for notion in (design.evaluation, design.ir_notion) if notion is not None]


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


def check_outside(design: Design, *, moving: bool) -> None:
    """That types who compare worst cases compare payoffs, and that no outside option of theirs depends on others: then its worst
    case is itself.  ``moving``: their beliefs depend on the parameter.

    Raises
    ------
    InvalidCertificate
    """
    if design.worst_state and moving:
        raise InvalidCertificate("beliefs of types that compare worst cases depend on the parameter")
    worst = design.worst_state and design.ir_notion is not None and design.ir_notion.worst_state
    for i, outside in enumerate(design.environment.outside):
        own = outside.moveaxis(i, 0)
        own = own.reshape(len(own), -1)
        if worst and bool(np.any(own != own[:, :1])):
            raise InvalidCertificate("an outside option that depends on the types of others")


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


def steps_of(design: Design, like: Design) -> Rationals:
    """By how much each outcome is better than the next one, agent by agent and profile by profile, in the order of another
    design."""
    found = []
    for own, other in zip(design.environment.utility, like.environment.utility, strict=True):
        order = np.argsort(-other.numerator, axis=0, kind="stable")
        falling = Rationals(np.take_along_axis(own.numerator, order, axis=0), own.denominator)
        found.append((falling[:-1] - falling[1:]).ravel())
    return together(*found)


def apart(design: Design, y: Multipliers) -> bool:
    """Whether no rule is said to punish two lies: then a refutation is one of sets of rules without limit."""
    return y.rules is not None and y.rules.labels.apart(design)


def signed(design: Design, y: Multipliers) -> list[Rationals]:
    """What must not be negative of multipliers, and of how they are spread over rules and beliefs."""
    return [*on_inequalities(design, y), *(on_rule_weights(design, y) if design.pessimistic else ())]


def pattern_of(design: Design, on_q: Rationals, on_t: Rationals, usable: Mask) -> Pattern:
    """Which outcome is best at each profile of those that are ``usable`` ``(copies, |A|, *Theta)``, and which way transfers go: a
    function from coefficients elsewhere to what is not negative while that stays, and to what must be zero."""
    free = not isinstance(design.allocation, Rationals)
    worst = on_q.min() - 1
    values = np.where(usable, on_q.numerator, int(worst * on_q.denominator))
    best = np.argmax(values, axis=1)[:, None]
    ways = np.sign(on_t.numerator).astype(np.int64)
    for i in range(design.environment.n):
        low, high = design.transfer_bounds(i)
        ways[i] = np.where(low is None, 1, ways[i]) if low is None or high is None else ways[i]
        ways[i] = -1 if high is None and low is not None else 0 if high is None else ways[i]
    taken, kept = np.broadcast_to(usable & free, values.shape), ways != 0

    def conditions(q: Rationals, t: Rationals) -> tuple[Rationals, Rationals]:
        first = Rationals(np.take_along_axis(q.numerator, best, axis=1), q.denominator)
        lead, turned = (first - q)[taken], (t * Rationals(ways))[kept]
        return together(lead, turned), t[~kept]

    return conditions


__all__ = [
    "Pattern",
    "apart",
    "check_outside",
    "lead_of_first",
    "leads_of",
    "masses_of",
    "notions",
    "pattern_of",
    "signed",
    "steps_of",
    "together",
]
