"""How far apart two rules must be for types with a smooth attitude to ambiguity: a search in one dimension.

Under the worst rule the two rules of an answer are ``eta + c psi`` and ``eta - c psi``.  Types that only weigh the worse rule
more take a larger c; every c that is tried is audited (:mod:`mechlp.mechanism.smooth`), none is computed from a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ..answer.answer import Answer
from ..deadline import Deadline
from ..exact.decimals import about
from ..exact.numbers import Rationals
from ..mechanism.mechanism import Mechanism
from ..mechanism.smooth import Smooth, SmoothAudit, smooth_audit
from ..question.design import Design, InvalidDesign

#: The bracket is narrowed to this part of its upper end.
PRECISION = Fraction(1, 1 << 20)
#: How often the first c is doubled before the search gives up.
MAX_DOUBLINGS = 40


@dataclass(frozen=True)
class Spread:
    """``eta + c psi`` and ``eta - c psi`` at the upper end of a bracket ``[c_no, c]``.

    ``report`` audits the rules at ``c`` (it passed), ``refused`` those at ``c_no`` (something fails); ``refused`` and
    ``c_no`` are None where ``c`` is zero: eta alone is enough.  ``least`` says that nothing below ``c_no`` works
    either and everything above ``c`` does, for this eta and psi.
    """

    design: Design
    attitude: Smooth
    eta: Mechanism
    psi: Rationals
    c_no: Fraction | None
    c: Fraction
    report: SmoothAudit
    refused: SmoothAudit | None
    least: bool

    @property
    def rules(self) -> tuple[Mechanism, ...]:
        """The rules at ``c``."""
        return two_rules_at(self.eta, self.psi, self.c)


def two_rules_at(eta: Mechanism, psi: Rationals, c: Fraction) -> tuple[Mechanism, Mechanism]:
    """``eta + c psi`` and ``eta - c psi``."""
    above, below = (replace(eta, transfers=(eta.transfers + psi * (sign * c)).reduced()) for sign in (1, -1))
    return above, below


def least_spread(
    answer: Answer,
    attitude: Smooth,
    *,
    time_limit: float | Deadline | None = None,
    progress: Callable[[str], None] | None = None,
) -> Spread | None:
    """The least c at which two rules deter every lie, as a bracket of rationals, from an answer with (at most) two rules.

    None when no c was found: where truth is not worth the same under both rules, a larger c may cost it more than lies.
    When the time is over (seconds, or a deadline) the bracket is as narrow as it is by then.

    Raises
    ------
    InvalidDesign
        When the answer has no rules, more than two, or rules with different allocations.
    """
    design = answer.design
    eta, psi, start = _decomposed(answer)
    deadline = Deadline.of(time_limit)

    def tried(c: Fraction) -> SmoothAudit:
        if progress is not None:
            progress(f"audit at c = {about(c)}")
        return smooth_audit(two_rules_at(eta, psi, c), design, attitude)

    low, refused = Fraction(0), tried(Fraction(0))
    # A psi that is worth nothing under truth and keeps the budget: then lies are worth less, the larger c.
    least = attitude.symmetric and answer.fewest is not None and answer.fewest.pair is not None
    if refused.passed:
        return Spread(design, attitude, eta, psi, None, Fraction(0), refused, None, True)
    high, report = start, tried(start)
    for _ in range(MAX_DOUBLINGS):
        if report.passed:
            break
        if deadline.passed:
            return None
        low, refused = (high, report) if report.failed else (low, refused)
        high, report = 2 * high, tried(2 * high)
    else:
        return None
    while high - low > PRECISION * high and not deadline.passed:
        middle = (low + high) / 2
        here = tried(middle)
        if here.passed:
            high, report = middle, here
        elif here.failed:
            low, refused = middle, here
        else:  # not decided there: the ends that were decided stand
            break
    return Spread(design, attitude, eta, psi, low, high, report, refused, least)


def _decomposed(answer: Answer) -> tuple[Mechanism, Rationals, Fraction]:
    """eta, psi and a first c.  Where the answer names no psi, it is half the difference of its two rules."""
    rules: Sequence[Mechanism] = answer.rules
    if not rules or answer.status not in ("feasible", "optimal"):
        raise InvalidDesign(
            f"smooth: there are no rules to start from; even types that only fear the worst rule leave: {answer.status}"
        )
    if len(rules) > 2:
        raise InvalidDesign(f"smooth: the search moves two rules apart, and this answer needs {len(rules)}")
    if len(rules) == 1:
        return rules[0], Rationals.zeros(rules[0].transfers.shape), Fraction(1)
    one, other = rules
    if not bool(np.all(one.allocation == other.allocation)):
        raise InvalidDesign(
            "smooth: the search moves transfers apart, and these two rules differ in the allocation"
        )
    eta = replace(one, transfers=((one.transfers + other.transfers) * Fraction(1, 2)).reduced())
    pair = None if answer.fewest is None else answer.fewest.pair
    if pair is not None:
        return eta, pair.psi, pair.c
    return eta, ((one.transfers - other.transfers) * Fraction(1, 2)).reduced(), Fraction(1)
