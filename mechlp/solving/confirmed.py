"""The last word: what definitions say of an answer, whatever program it comes from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..answer.answer import Answer
from ..beliefs.sets import worst
from ..exact.numbers import concatenate
from ..mechanism.audit import Audit
from ..mechanism.mechanism import Mechanism
from ..proof.guarantee import WorstCase, reached
from ..proof.invalid import InvalidCertificate
from ..question.design import Design
from ..question.objective import goal
from .nature import nature


def unconfirmed(found: Answer, report: Audit | None, allowed: npt.NDArray[np.bool_] | None) -> str | None:
    """Why an answer is not certified: its audit fails, or mechanism, multipliers and value do not meet.  None when it is."""
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
            proved = found.proof.bound(found.design, allowed)
            if not attained == found.value == proved:
                return f"mechanism {attained}, bound {proved} and value {found.value} differ"
    except InvalidCertificate as error:
        return str(error)
    return None


def worst_of_direction(design: Design, direction: Mechanism) -> WorstCase | None:
    """Nature's best answer to an improving direction."""
    own, aim = nature(design), goal(design)
    if own is None or aim is None:
        return None
    found = worst(own.possible, aim.by_profile(direction.allocation, direction.transfers) * own.sign)
    return WorstCase(concatenate([found.belief.reshape(-1), found.further]), found.prices)


__all__ = ["unconfirmed", "worst_of_direction"]
