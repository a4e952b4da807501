"""A bargaining mechanism of Pęski (2023) at given beliefs: its payoffs, and how efficient it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..closed_forms.bargaining import Bargaining
from ..exact.numbers import Rationals, text
from ..proof.efficiency import Efficiency
from ..proof.robustness import Robustness
from .interim import efficiency, robustness


@dataclass(frozen=True)
class AtBeliefs:
    """``robust`` is over all beliefs about a player that the draft determines (``Robustness.complete``: all there are)."""

    bargaining: Bargaining
    zone: str
    payoffs: tuple[Rationals, Rationals]
    efficient: Efficiency
    robust: Robustness

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {
            "p1": text(self.bargaining.p1),
            "p2": text(self.bargaining.p2),
            "zone": self.zone,
            "payoffs": [u.texts() for u in self.payoffs],
            "weakly_efficient": self.efficient.weak,
            "strongly_efficient": self.efficient.strong,
            "robustly_efficient": {
                "passed": self.robust.passed,
                "proved": self.robust.proved,
                "gap": None if self.robust.gap is None else text(self.robust.gap),
            },
        }


def examined_at(bargaining: Bargaining, mechanism: str, x: Any) -> AtBeliefs:
    """The mechanism for a share x at the beliefs of ``bargaining``.

    Raises
    ------
    NotDetermined
        Where the draft does not say what the mechanism is.
    """
    payoffs, design = bargaining.payoffs(mechanism, x), bargaining.design()
    pieces, complete = zip(*(bargaining.pieces(mechanism, x, agent) for agent in (0, 1)), strict=True)
    return AtBeliefs(
        bargaining,
        bargaining.zone(x, mechanism),
        payoffs,
        efficiency(design, bargaining.mechanism(mechanism, x)),
        robustness(design, pieces, complete=all(complete)),
    )


__all__ = ["AtBeliefs", "examined_at"]
