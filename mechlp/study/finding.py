"""What became of a mechanism from a paper's formula: on a grid of types, and in the continuum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..exact.numbers import text
from ..mechanism.audit import Audit
from ..mechanism.mechanism import Mechanism
from ..proof.worst_case import Deviation
from .priors import PriorTable
from .robust_trade import INSIDE


@dataclass(frozen=True)
class Finding:
    """A mechanism on a grid and what became of it.

    * ``audit``: worst-case IC, ex-post IR, budget balance and the efficient allocation, from the definitions;
    * ``lies``: per agent, the lie that gains most (or loses least) in the worst case, where worst cases are compared;
    * ``on_grid`` and ``continuum``: sentences without their full stops;
    * ``numbers``: what they say, as numbers (a float where the number is irrational);
    * ``prior``: the worst-case distribution on the grid.
    """

    title: str
    mechanism: Mechanism
    audit: Audit
    lies: tuple[Deviation, ...]
    on_grid: tuple[str, ...]
    continuum: tuple[str, ...]
    numbers: Mapping[str, Fraction | float] = field(default_factory=dict)
    prior: PriorTable | None = None

    @property
    def holds(self) -> bool:
        """Whether worst-case IC, ex-post IR and budget balance hold on this grid."""
        return self.audit.passed

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        environment = self.mechanism.environment
        return {
            "title": self.title,
            "holds_on_this_grid": self.holds,
            "violations": [
                {"kind": v.kind, "where": v.where, "amount": text(v.amount)} for v in self.audit.worst
            ],
            "best_lies": [lie.to_json(environment) for lie in self.lies],
            "on_this_grid": list(self.on_grid),
            "in_the_continuum": list(self.continuum),
            "numbers": {k: text(x) if isinstance(x, Fraction) else x for k, x in self.numbers.items()},
            **self._prior_json(),
            "mechanism": {
                "types": {a.name: list(a.types) for a in environment.agents},
                **self.mechanism.to_json(),
            },
        }

    def _prior_json(self) -> dict[str, Any]:
        if self.prior is None:
            return {}
        everywhere, inside = self.prior.correlation(), self.prior.correlation(*INSIDE)
        findings = [
            {"among": a, **f.to_json()} for a, fs in (("all", everywhere), ("inside", inside)) for f in fs
        ]
        return {"worst_case_prior": self.prior.to_json(), "correlation": findings}


__all__ = ["Finding"]
