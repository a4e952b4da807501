"""Proofs about identical bidders: multipliers on IC and IR, and the bound that they and Border's condition imply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exact.numbers import Rationals
from ..mechanism.interim import Places, capacities

if TYPE_CHECKING:
    from ..environment.symmetric import Symmetric
    from ..question.symmetric import SymmetricDesign

FORMAT = "mechlp interim rule 1"


class InvalidFlow(ValueError):
    """Multipliers that prove nothing; the message says why."""


@dataclass(frozen=True)
class Flow:
    """A bound from multipliers on IC and IR: those of IC are a flow between types, those of IR what is left of it.

    With multipliers ``lam(s -> r) >= 0`` on IC, the payoff of s gets the coefficient ``c(s) + out(s) - in(s)``, which must
    not be positive (its negative is the multiplier of IR), and chances get virtual values
    ``phi_k(r) = c_k(r) - sum_s lam(s -> r) (v_k(s) - v_k(r))``.  The best chances within Border's polymatroid
    serve types by falling ``max_k phi_k(r) / (N f(r))``, no type below zero: the bound is the
    expectation of the largest of N draws (Edmonds 1970; Myerson 1981).  The Border sets with a positive multiplier are
    the first types of that order.
    """

    types: Places
    reports: Places
    amounts: Rationals

    def virtual(self, design: SymmetricDesign) -> Rationals:
        """``phi``, shape ``(K, m)``."""
        v, out = design.environment.values, design.on_chances
        moved = (v[:, self.types] - v[:, self.reports]) * self.amounts
        sums = np.zeros(v.shape, dtype=object)
        for k in range(len(v)):
            np.add.at(sums[k], self.reports, moved.numerator[k].astype(object))
        return out - Rationals(sums, moved.denominator)

    def ir(self, design: SymmetricDesign) -> Rationals:
        """The multipliers of IR, shape ``(m,)``."""
        net = np.zeros(design.environment.size, dtype=object)
        np.add.at(net, self.reports, self.amounts.numerator.astype(object))
        np.subtract.at(net, self.types, self.amounts.numerator.astype(object))
        return Rationals(net, self.amounts.denominator) - design.on_payoffs

    def levels(self, design: SymmetricDesign) -> tuple[Places, Rationals]:
        """Types by falling virtual value, those below zero left out, and the multiplier of each Border set."""
        environment = design.environment
        weight = environment.prior * environment.copies
        # max_k phi_k / (N f), over one denominator
        best = self.virtual(design).max(axis=0) / weight
        keys = (-best).numerator.tolist()
        order = np.array(sorted(range(environment.size), key=keys.__getitem__), dtype=np.intp)
        order = order[np.asarray(best[order] > 0)]
        values = best[order].numerator.astype(object)
        falls = values - np.append(values[1:], 0) if len(values) else values
        return order, Rationals(falls, best.denominator)

    def bound(self, design: SymmetricDesign) -> Fraction:
        """No interim rule within IC, IR and Border's condition is worth more.

        Raises
        ------
        InvalidFlow
            When a multiplier is negative.
        """
        self.check(design)
        return self.won(design)

    def check(self, design: SymmetricDesign) -> None:
        """Raises InvalidFlow when a multiplier of IC or IR is negative."""
        if bool(np.any(self.amounts < 0)):
            raise InvalidFlow("a multiplier of IC is negative")
        short = self.ir(design)
        if bool(np.any(short < 0)):
            s = int(np.flatnonzero(short < 0)[0])
            raise InvalidFlow(f"the multiplier of IR of type {design.environment.agent.types[s]} is negative")

    def won(self, design: SymmetricDesign) -> Fraction:
        """What the best chances within Border's condition are worth."""
        order, falls = self.levels(design)
        total: Fraction = (falls * capacities(design.environment, order)).sum()
        return total

    def rows(self, design: SymmetricDesign) -> list[tuple[str, Fraction]]:
        """Every named requirement with a positive multiplier."""
        name, types = design.environment.agent.name, design.environment.agent.types
        out = [
            (f"IC[{name}: {types[s]} -> {types[r]}]", y)
            for s, r, y in zip(
                self.types.tolist(), self.reports.tolist(), self.amounts.fractions(), strict=True
            )
        ]
        out += [(f"IR[{name}: {types[s]}]", y) for s, y in enumerate(self.ir(design).fractions()) if y]
        order, falls = self.levels(design)
        out += [
            (f"Border[the {j + 1} types down to {types[order[j]]}]", y)
            for j, y in enumerate(falls.fractions())
            if y
        ]
        return out

    def to_json(self) -> dict[str, Any]:
        return {
            "types": self.types.tolist(),
            "reports": self.reports.tolist(),
            "multipliers": self.amounts.texts(),
        }

    @classmethod
    def from_json(cls, environment: Symmetric, data: Mapping[str, Any]) -> Flow:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError when it does not fit."""
        types, reports = (np.array(data[k], dtype=np.intp).reshape(-1) for k in ("types", "reports"))
        amounts = Rationals.of(data["multipliers"])
        if not len(types) == len(reports) == amounts.size:
            raise ValueError("multipliers: lists of different lengths")
        if len(types) and not (
            min(types.min(), reports.min()) >= 0 and max(types.max(), reports.max()) < environment.size
        ):
            raise ValueError("multipliers: a type that the environment does not have")
        return cls(types, reports, amounts.reshape(-1))
