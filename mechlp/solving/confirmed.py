"""The last word: what definitions say of an answer, whatever program it comes from."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..answer.answer import ROUNDED, Answer
from ..beliefs.sets import worst
from ..exact.numbers import concatenate
from ..mechanism.audit import Audit
from ..mechanism.mechanism import Mechanism
from ..proof.guarantee import WorstCase, reached
from ..proof.invalid import InvalidCertificate
from ..question.design import Design
from ..question.objective import goal
from .nature import nature


def unconfirmed(
    found: Answer,
    report: Audit | None,
    allowed: npt.NDArray[np.bool_] | None,
    proved: Fraction | None = None,
) -> str | None:
    """Why an answer is not certified: its audit fails, or mechanism, multipliers and value do not meet.  None when it is.

    ``proved`` is what its proof proves, where that was found out before.
    """
    if report is not None and not report.passed:
        return f"the audit {report}"
    try:
        if found.status == "infeasible":
            assert found.proof is not None
            if found.proof.bound(found.design, allowed) is not None:
                return "the multipliers do not refute"
        elif found.status == "optimal":
            assert found.rules and found.proof is not None
            attained = reached(found.design, found.rules[0], found.worst_case)
            proved = found.proof.bound(found.design, allowed) if proved is None else proved
            if not attained == found.value == proved:
                return f"mechanism {attained}, bound {proved} and value {found.value} differ"
    except InvalidCertificate as error:
        return str(error)
    return None


def withdrawn(found: Answer, problem: str) -> Answer:
    """What is left of an answer that was not confirmed: rules that pass their audit with what they attain, and a bound that its
    proof proves; each on its own."""
    kept = found.rules if found.audit is not None and found.audit.passed else ()
    value = proved = None
    if goal(found.design) is not None:
        value = reached(found.design, kept[0], found.worst_case) if kept else None
        with suppress(InvalidCertificate):
            proved = None if found.proof is None else found.proof.bound(found.design)
    return replace(
        found,
        status="undecided",
        certified=False,
        value=value,
        bound=proved,
        rules=kept,
        direction=(),
        proof=None if proved is None else found.proof,
        audit=found.audit if kept else None,
        worst_case=found.worst_case if kept else None,
        unique=None,
        notes=(f"not certified: {problem}",),
        bound_from="" if proved is None else ROUNDED,
    )


def worst_of_direction(design: Design, direction: Mechanism) -> WorstCase | None:
    """Nature's best answer to an improving direction."""
    own, aim = nature(design), goal(design)
    if own is None or aim is None:
        return None
    found = worst(own.possible, aim.by_profile(direction.allocation, direction.transfers) * own.sign)
    return WorstCase(concatenate([found.belief.reshape(-1), found.further]), found.prices)


__all__ = ["unconfirmed", "withdrawn", "worst_of_direction"]
