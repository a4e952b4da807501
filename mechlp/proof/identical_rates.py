"""One-sided rates of identical bidders: what they are proved from (:mod:`mechlp.proof.rates`), and how they are written.

A requirement of the representative is one of every bidder, and of every interchange of grades that environment and objective
allow: all of them move together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..mechanism.audit import Audit
from ..mechanism.interim import InterimRule, Leeway, audit_interim
from ..mechanism.relaxed import Relaxed
from .invalid import InvalidCertificate
from .reduced_form import Flow, InvalidFlow
from .written_rates import changes_of, with_changes

if TYPE_CHECKING:
    from ..question.symmetric import SymmetricDesign

IC, IR = ("IC 0",), ("IR 0",)
PARTS = ("chances", "payoffs")
TOGETHER = {IC: "IC[every lie of {}]", IR: "IR[every type of {}]"}


@dataclass(frozen=True)
class Identical:
    """The definitions that rates of identical bidders are proved from (a :class:`~mechlp.proof.rates.Judge`), and how what
    proves them is written (a :class:`~mechlp.proof.written_rates.Scribe`)."""

    design: SymmetricDesign
    maximize: bool = True

    def on(self, multipliers: Flow, relaxed: Relaxed, *, wanted: bool = True) -> tuple[Fraction, Fraction]:
        design = self.design
        if not wanted:
            design = replace(design, objective="feasibility", allocation=None, transfers=None)
        try:
            proved = multipliers.bound(design)
        except InvalidFlow as error:
            raise InvalidCertificate(str(error)) from None
        return proved, weight(design, multipliers, relaxed)

    def audited(self, rules: Sequence[InterimRule], relaxed: Relaxed, by: Fraction) -> Audit:
        if len(rules) != 1:
            raise InvalidCertificate(f"{len(rules)} interim rules of one representative")
        return audit_interim(rules[0], self.design, relaxed, by)

    def worth(self, rule: InterimRule, worst_case: None) -> Fraction:
        value: Fraction = self.design.value(rule.chances, rule.payoffs)
        return value

    def name(self, relaxed: Relaxed) -> str:
        """``IC[bidder: 3 -> 2]``; with "and as grades are interchanged" where that makes more of them.

        Raises KeyError or IndexError when there is no such requirement."""
        leeway, agent = Leeway(self.design, relaxed, Fraction(0)), self.design.environment.agent
        if relaxed.cell is None or leeway.cells is None:
            return TOGETHER[relaxed.keys].format(agent.name)  # type: ignore[index]
        at = " -> ".join(agent.types[s] for s in relaxed.cell)
        more = " and as grades are interchanged" if len(leeway.cells) > 1 else ""
        return f"{leeway.about}[{agent.name}: {at}{more}]"

    def undefined(self, proof: Flow) -> str:
        return ""

    # -- writing --------------------------------------------------------------------------------
    def proof_to_json(self, multipliers: Flow) -> dict[str, Any]:
        return multipliers.to_json()

    def proof_from_json(self, data: Mapping[str, Any]) -> Flow:
        """Raises InvalidCertificate."""
        try:
            return Flow.from_json(self.design.environment, data)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidCertificate(f"multipliers of a rate that cannot be read: {error}") from None

    def changes(self, rule: InterimRule, base: InterimRule) -> dict[str, Any]:
        return changes_of(rule, base, PARTS)

    def changed(self, base: InterimRule, changes: Mapping[str, Any]) -> InterimRule:
        return InterimRule(self.design.environment, **with_changes(base, changes, PARTS))

    def worst_to_json(self, worst_case: Any) -> dict[str, Any]:
        raise InvalidCertificate("identical bidders have one prior")

    def worst_from_json(self, data: Mapping[str, Any]) -> Any:
        raise InvalidCertificate("identical bidders have one prior")


def weight(design: SymmetricDesign, flow: Flow, relaxed: Relaxed) -> Fraction:
    """The multipliers of requirements that move together, added up.  Raises InvalidCertificate where there are none."""
    try:
        leeway = Leeway(design, relaxed, Fraction(0))
    except (KeyError, IndexError):
        raise InvalidCertificate(f"a rate of a requirement that there is not: {relaxed}") from None
    if leeway.about == "IR":
        total: Fraction = flow.ir(design)[np.flatnonzero(leeway.types(design.environment.size))].sum()
        return total
    pairs = zip(flow.types.tolist(), flow.reports.tolist(), strict=True)
    asked = [s != r and (leeway.cells is None or (s, r) in leeway.cells) for s, r in pairs]
    on_lies: Fraction = flow.amounts[np.flatnonzero(asked)].sum() if any(asked) else Fraction(0)
    return on_lies


def with_weight(design: SymmetricDesign, flow: Flow) -> Iterator[Relaxed]:
    """The single requirements whose multiplier is not zero, one of those that interchanges of grades make of it."""
    lies = zip(flow.types.tolist(), flow.reports.tolist(), flow.amounts.fractions(), strict=True)
    cells: list[tuple[int, ...]] = [(s, r) for s, r, y in lies if y and s != r]
    cells += [(int(s),) for s in np.flatnonzero(flow.ir(design).numerator != 0)]
    told: set[tuple[int, ...]] = set()
    for cell in sorted(cells):
        if cell not in told:
            relaxed = Relaxed(IC if len(cell) == 2 else IR, cell)
            told |= Leeway(design, relaxed, Fraction(0)).cells or set()
            yield relaxed


__all__ = ["IC", "IR", "Identical", "weight", "with_weight"]
