"""Proofs by cases whose multipliers are rational functions of one parameter: the cases stay the same along it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..question.design import Design
from ..question.rules import NOBODY
from .cases import Case, check_beliefs
from .functions import MultiplierFunction
from .invalid import InvalidCertificate

#: Multipliers, and what may be used in their case.
Refutation = tuple[MultiplierFunction, npt.NDArray[np.bool_] | None]


@dataclass(frozen=True)
class CaseFunction(Case):
    """A case (:class:`~mechlp.proof.cases.Case`) whose leaves refute, or bound the objective."""

    multipliers: MultiplierFunction | None = None  # type: ignore[assignment]

    def refutations(self, design: Design, allowed: npt.NDArray[np.bool_]) -> Iterator[Refutation]:
        """The multipliers of each leaf, with what may be used there ``(copies, |A|, *Theta)``: together they leave nothing out.

        Raises
        ------
        InvalidCertificate
            A case that is not refuted, and what :meth:`each` raises.
        """
        for refutes, y, part in self.each(design, allowed):
            if not refutes:
                raise InvalidCertificate("a case that is not refuted")
            yield y, part

    def each(
        self, design: Design, allowed: npt.NDArray[np.bool_]
    ) -> Iterator[tuple[bool, MultiplierFunction, npt.NDArray[np.bool_] | None]]:
        """Whether each leaf refutes (else it bounds the objective), with its multipliers and what may be used there.

        Raises
        ------
        InvalidCertificate
            Cases that the design does not have, or lies under another belief than that of the case, or under none.
        """
        for leaf, part, taken in self.parts(design, allowed):
            y: Any = leaf.multipliers
            for power in y.powers:
                check_beliefs(design, power, taken)
                if design.worst_state and not _seen(power):
                    raise InvalidCertificate("what lies gain under no belief is no function of the parameter")
            yield leaf.refutes, y, part

    def at(self, point: Fraction) -> Case:
        """The proof at a point.  Raises InvalidCertificate at a pole."""
        if self.multipliers is not None:
            return Case(self.multipliers.at(point), self.refutes)
        yes, no = (None if c is None else c.at(point) for c in (self.yes, self.no))  # type: ignore[attr-defined]
        beliefs = tuple(c.at(point) for c in self.beliefs)  # type: ignore[attr-defined]
        return Case(None, False, self.outcome, self.profile, yes, no, self.rule, self.lie, beliefs)

    def _leaf_to_json(self, design: Design) -> dict[str, Any]:
        assert self.multipliers is not None
        return self.multipliers.to_json(design)

    @classmethod
    def _leaf_from_json(cls, design: Design, data: Mapping[str, Any]) -> Any:
        return MultiplierFunction.from_json(design, data)


def _seen(y: Any) -> bool:
    """Whether every lie that has a multiplier is seen under a belief."""
    punishes = y.rules.labels.punishes
    pairs = [(part, label) for part, label in zip(y.ic, punishes, strict=True) if part is not None]
    return not any(bool(np.any((part.numerator != 0) & (label == NOBODY))) for part, label in pairs)


__all__ = ["CaseFunction", "Refutation"]
