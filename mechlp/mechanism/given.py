"""The mechanism that the objective ``undominated`` is counted from, audited: it must be one of those that are compared."""

from __future__ import annotations

from ..question.design import Design, InvalidDesign
from ..question.undominated import given_mechanism
from .audit import Audit, audit
from .mechanism import Mechanism
from .simple import SimpleMechanism


def given_audit(design: Design) -> Audit:
    """Whether the given mechanism satisfies what is required of every mechanism."""
    if design.distribution is not None:
        return SimpleMechanism(design.environment, design.distribution).audit()
    allocation, paid = given_mechanism(design)
    return audit(Mechanism(design.environment, allocation, paid), design)


def check_given(design: Design) -> None:
    """That what an objective is counted from is a mechanism of the kind asked.

    Raises
    ------
    InvalidDesign
    """
    if design.wants.kind == "undominated" and not (report := given_audit(design)).passed:
        raise InvalidDesign(
            f"objective: undominated: the given mechanism is none of those compared: {report.worst[0]}"
        )


__all__ = ["check_given", "given_audit"]
