"""The least that may be said of a question that the time did not suffice for: a mechanism in which nothing happens."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..answer.answer import Answer
from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..proof.guarantee import reached
from ..question.design import Design
from ..question.objective import goal
from .confirmed import worst_of_direction

#: Outcomes that are tried, and cells of IC that their audit may have; so few are looked at in a moment, however late it is.
MOST, MOST_CELLS, FEW_CELLS = 50, 50_000_000, 2_000_000
#: Seconds for the audit of more cells when all time is over.
LAST_WORD = 0.5


def at_last(found: Answer, deadline: Deadline, latest: Deadline) -> Answer:
    """:func:`with_nothing`, broken off where it takes long and even the ``latest`` moment is over."""
    if _cells(found.design) <= FEW_CELLS:
        return with_nothing(found, deadline)
    last = latest if latest.left > LAST_WORD else Deadline.of(LAST_WORD)
    return last.broken_off(lambda: with_nothing(found, deadline), lambda: found)


def with_nothing(found: Answer, deadline: Deadline) -> Answer:
    """An undecided answer with the best mechanism that pays nothing and always takes one outcome (or the allocation given).

    Where nothing but existence is asked, such a mechanism is the answer.  By ``deadline`` only the first is sure to be tried.
    """
    design, sign = found.design, -1 if (aim := goal(found.design)) is not None and not aim.maximize else 1
    if found.status != "undecided" or (found.rules and found.value is None) or _cells(design) > MOST_CELLS:
        return found
    best = None if found.value is None else (found.value * sign, found)
    for rule in _candidates(design):
        try:
            worst = None if aim is None else worst_of_direction(design, rule)
        except ValueError:  # the designer's worst prior is as hard to find as the answer
            break
        value = (None if aim is None else reached(design, rule, worst)) or Fraction(0)
        report = audit((rule,), design) if best is None or value * sign > best[0] else None
        if report is not None and report.passed:
            best = value * sign, replace(found, value=value, rules=(rule,), worst_case=worst, audit=report)
        if deadline.passed or (best is not None and aim is None):
            break
    if best is None or best[1] is found:
        return found
    if aim is None:
        return replace(
            best[1], status="feasible", certified=True, value=None, notes=(), method="nothing happens"
        )
    said = "the mechanism is the best one in which nothing is paid and the outcome is always the same"
    return replace(best[1], notes=(*found.notes, said))


def _cells(design: Design) -> int:
    """Type, report and types of the others: what an audit of IC looks at."""
    return design.environment.num_profiles * sum(design.environment.shape)


def _candidates(design: Design) -> list[Mechanism]:
    environment = design.environment
    nothing = Rationals.zeros((environment.n, *environment.shape))
    if design.lottery is not None:
        return [Mechanism(environment, design.lottery, nothing)]
    allowed = design.allowed.reshape(len(environment.outcomes), -1).all(axis=1)
    every = np.arange(len(environment.outcomes))
    shape = (len(every), *(1,) * environment.n)
    return [
        Mechanism(
            environment,
            Rationals((every == k).astype(np.int64).reshape(shape))
            .broadcast_to((len(every), *environment.shape))
            .reduced(),
            nothing,
        )
        for k in np.flatnonzero(allowed)[:MOST]
    ]


__all__ = ["at_last", "with_nothing"]
