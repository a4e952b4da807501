"""A bargaining mechanism of Pęski (2023) at given beliefs: its payoffs, and how efficient it is."""

from __future__ import annotations

from typing import Any

from ..answer.bargaining import AtBeliefs
from ..closed_forms.bargaining import Bargaining
from .interim import efficiency, robustness


def examined_at(bargaining: Bargaining, mechanism: str, x: Any) -> AtBeliefs:
    """The mechanism for a share x at the beliefs of ``bargaining``.

    Raises
    ------
    NotDetermined
        Where the draft does not say what the mechanism is.
    """
    rule, design = bargaining.mechanism(mechanism, x), bargaining.design()
    pieces, complete = bargaining.every_piece(mechanism, x)
    efficient, robust = efficiency(design, rule), robustness(design, pieces, complete=complete)
    return AtBeliefs.of(bargaining, mechanism, x, efficient.comparisons, robust.pairs)


__all__ = ["examined_at"]
