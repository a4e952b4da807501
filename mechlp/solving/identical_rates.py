"""One-sided rates of identical bidders, by tangents of the representative's program whose rows are generated.

A direction that the rows at hand allow may break others once it is gone: those come, and the tangent is asked again, until the
moved rule passes the audit (:mod:`mechlp.proof.identical_rates`).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np

from ..answer.interim import InterimAnswer
from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..mechanism.interim import InterimRule, Leeway
from ..mechanism.relaxed import Relaxed
from ..program import Program
from ..program.tangent import Move, Slope, Tangent
from ..proof.identical_rates import IC, IR, Identical, weight, with_weight
from ..proof.invalid import InvalidCertificate
from ..proof.rates import OneSided, Rates
from .rates import LATE, TANGENT, in_turn
from .representative import Places, Reduced, Rows

#: Times that rows are added for one move.
ATTEMPTS = 40


class Tangents:
    """The tangent of an optimum for the rows so far."""

    def __init__(self, reduced: Reduced, rows: Rows, point: Rationals, found: InterimAnswer) -> None:
        self.reduced, self.rows, self.point, self.found = reduced, rows, point, found
        self.judge = Identical(found.design)

    @cached_property
    def tangent(self) -> Tangent:
        program: Program = self.reduced.program(self.reduced.families(self.rows))
        return Tangent(program, self.point)

    def every(self, deadline: Deadline) -> Rates:
        """Larger multipliers first; what would take longer than the time left is not begun."""
        cells = len(self.reduced.own) * len(self.rows.border) + 4 * len(self.rows.ic)
        if cells > TANGENT * deadline.left:
            return Rates((), LATE)
        design, proof = self.found.design, self.found.proof
        multiplier = lambda relaxed: weight(design, proof, relaxed)  # noqa: E731
        single = sorted(with_weight(design, proof), key=multiplier, reverse=True)
        together = [Relaxed(keys) for keys in (IC, IR) if any(r.keys == keys for r in single)]
        return in_turn([*together, *single], (), self.one, multiplier, deadline)

    def one(self, relaxed: Relaxed, way: int, deadline: Deadline) -> OneSided | None:
        """A rate with its proofs, checked; None where there is none in time."""
        for _ in range(ATTEMPTS):
            slope = self.tangent.slope(self.move(relaxed, way), deadline)
            if slope is None:
                return None
            rule = None if slope.point is None else self.rule(slope.point)
            more = Rows() if rule is None else self.broken(rule, relaxed, way * slope.step)
            if not more.ic and not more.border:
                return self.proved(slope, rule, relaxed, way)
            if deadline.passed:
                return None
            self.rows = Rows(self.rows.ic + more.ic, self.rows.border + more.border)
            del self.tangent
        return None

    def move(self, relaxed: Relaxed, way: int) -> Move:
        """Requirements that give way by one (``way`` -1: are asked with one to spare)."""
        reduced, leeway = self.reduced, Leeway(self.found.design, relaxed, Fraction(way))
        if leeway.about == "IR":
            types = leeway.types(self.found.design.environment.size)[reduced.own]
            columns = reduced.columns["U"][np.flatnonzero(types)]
            return Move(lower=dict.fromkeys(columns.tolist(), Fraction(-way)))
        told = ((int(reduced.own[s]), reduced.report(r, g)) for s, r, g in self.rows.ic)
        rows = [k for k, pair in enumerate(told) if leeway.cells is None or pair in leeway.cells]
        return Move(dict.fromkeys(rows, Fraction(-way)))

    def rule(self, point: Rationals) -> InterimRule:
        program = self.tangent.program
        return self.reduced.rule(program.values("Q", point), program.values("U", point))

    def broken(self, rule: InterimRule, relaxed: Relaxed, by: Fraction) -> Rows:
        """Rows that a rule of the moved problem breaks, and that are not there yet."""
        lies = Leeway(self.found.design, relaxed, by).broken(rule)
        asked = {self.reduced.row(s, r) for s, r, _ in lies}
        sets: list[Places] = self.reduced.broken_exactly(rule, self.rows)[1]
        return Rows(sorted(asked - set(self.rows.ic)), sets)

    def proved(self, slope: Slope, rule: InterimRule | None, relaxed: Relaxed, way: int) -> OneSided | None:
        program, count = self.tangent.program, len(self.rows.ic)
        amounts = program.multipliers("IC", slope.dual) if count else Rationals.zeros((0,))
        refutes = slope.rate is None or rule is None
        flow = self.reduced.flow(self.rows.ic, amounts if refutes else -amounts)
        found = OneSided(None, flow)
        if slope.rate is not None and rule is not None:
            found = OneSided(slope.rate * way, flow, slope.step, (rule,))
        try:
            found.check(self.found.value, relaxed, way, self.judge)
        except InvalidCertificate:
            return None
        return found


__all__ = ["Tangents"]
