"""Directions: changes of transfers that can be added to a mechanism any number of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from .invalid import InvalidCertificate


def homogeneous(design: Design) -> Design:
    """The same requirements with outside options and transfer bounds at zero: what a direction must satisfy."""
    environment = replace(design.environment, outside=())
    bounds = design.transfers
    if not isinstance(bounds, str):
        bounds = tuple(tuple(None if b is None else Fraction(0) for b in pair) for pair in bounds)  # type: ignore[misc]
    return replace(design, environment=environment, transfers=bounds, document=None)


def check_direction(design: Design, direction: Sequence[Mechanism]) -> None:
    """That a direction (one mechanism a rule) changes transfers alone, and keeps every requirement however often it is added.

    Raises
    ------
    InvalidCertificate
    """
    if any(bool(np.any(d.allocation != 0)) for d in direction):
        raise InvalidCertificate("a direction changes the lottery; lotteries are bounded")
    report = audit(direction, homogeneous(design))
    broken = [v for v in report.worst if v.kind in ("IC", "IR", "BB", "transfer bound", "same value")]
    if broken:
        raise InvalidCertificate(f"the direction breaks a requirement: {broken[0]}")
