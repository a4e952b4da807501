"""What an audit finds type by type: the largest gain from lying with its lie, IR shortfalls, the budget by profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, text
from ..question.design import Design
from .audit import Audit, audit, requirements
from .mechanism import Mechanism


@dataclass(frozen=True)
class Worst:
    """The worst that a type meets: ``amount`` is what its best lie gains, or by how much truth falls short of the outside
    option (negative: to spare); ``where`` names the requirement."""

    agent: int
    type: int
    amount: Fraction
    where: str


@dataclass(frozen=True)
class Findings:
    """A mechanism looked at from the definitions.

    ``gains`` and ``shortfalls`` have one entry for each type that has such a requirement; ``budget`` is ``-sum_i t_i`` at
    each profile, for each rule.
    """

    design: Design
    rules: tuple[Mechanism, ...]
    audit: Audit
    gains: tuple[Worst, ...]
    shortfalls: tuple[Worst, ...]
    budget: tuple[Rationals, ...]

    @property
    def regret(self) -> Fraction:
        """The largest gain from lying of any type, at least 0."""
        return max((w.amount for w in self.gains), default=Fraction(0))

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        environment = self.design.environment

        def rows(found: Sequence[Worst]) -> list[dict[str, Any]]:
            return [
                {
                    "agent": environment.agents[w.agent].name,
                    "type": environment.agents[w.agent].types[w.type],
                    "amount": text(w.amount),
                    "where": w.where,
                }
                for w in found
            ]

        return {
            "passed": self.audit.passed,
            "checked": dict(self.audit.checked),
            "violations": [
                {"kind": v.kind, "where": v.where, "amount": text(v.amount)} for v in self.audit.worst
            ],
            "gains_from_lying": rows(self.gains),
            "ir_shortfalls": rows(self.shortfalls),
            "budget": [b.texts() for b in self.budget],
        }


def findings(mechanism: Mechanism | Sequence[Mechanism], design: Design) -> Findings:
    """Evaluate every requirement of a design at a mechanism, and keep the worst of each type.

    With ambiguous transfers the mechanism is the sequence of its rules.  Between rational ends of payoffs, the worst is
    over all payoffs between them.
    """
    rules = (mechanism,) if isinstance(mechanism, Mechanism) else tuple(mechanism)
    worst: dict[tuple[str, int, int], Worst] = {}
    for kind, name, slack, equal, about in requirements(rules, design):
        if about is None or about.types is None or slack.size == 0:
            continue
        short = abs(slack) if equal else -slack
        for place, own in enumerate(about.types):
            found = _worst_of(short[:, place], int(own), about.first)
            if found is None:
                continue
            amount, cell = found
            key = (kind, about.agent, int(own))
            if key not in worst or amount > worst[key].amount:
                where = f"{kind}{name((cell[0], place, *cell[1:]))}"
                worst[key] = Worst(about.agent, int(own), amount, where)
    kept = {kind: tuple(w for (k, _, _), w in sorted(worst.items()) if k == kind) for kind in ("IC", "IR")}
    budget = tuple(-rule.transfers.sum(axis=0) for rule in rules)
    return Findings(design, rules, audit(rules, design), kept["IC"], kept["IR"], budget)


def _worst_of(short: Rationals, own: int, first: int | None) -> tuple[Fraction, tuple[int, ...]] | None:
    """The largest cell of ``(W[, reports][, others])``, truth left out; None where there is nothing but truth."""
    kept = np.arange(short.shape[1]) if first is not None else None
    if kept is not None:
        kept = kept[kept + first != own]  # type: ignore[operator]
        if not len(kept):
            return None
        short = short[:, kept]
    amount = short.max()
    cell = [int(k) for k in np.unravel_index(int(np.argmax(short == amount)), short.shape)]
    if kept is not None:
        cell[1] = int(kept[cell[1]])
    return amount, tuple(cell)
