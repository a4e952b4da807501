"""Proofs by cases on a simplex of parameters: the cases are the same on all of it, the multipliers of each are polynomials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.bernstein import Point
from ..exact.planar import Vector, middle
from ..question.design import Design
from ..question.rules import Lie
from .cases import Case, every_outcome
from .faces import Mask
from .family import Family
from .invalid import InvalidCertificate
from .polynomial import Refuting, settled
from .written import multipliers_from_json, multipliers_to_json


@dataclass(frozen=True)
class RefutingCases(Case):
    """A case (:class:`~mechlp.proof.cases.Case`) whose leaves all refute their piece."""

    multipliers: Refuting | None = None  # type: ignore[assignment]

    def check(self, family: Family, corners: Sequence[Vector], allowed: Mask) -> None:
        """That no mechanism exists inside.  Raises InvalidCertificate."""
        for values in self.every(family, corners, allowed):
            if max(values) > 0 or min(values) >= 0:
                raise InvalidCertificate("a case that is not refuted on its piece")

    def every(
        self, family: Family, corners: Sequence[Vector], allowed: Mask
    ) -> tuple[tuple[Fraction, ...], ...]:
        """What the multipliers of each case imply, at most, as Bernstein coefficients.  Raises InvalidCertificate."""
        leaves = self._leaves(settled(family.at(middle(corners)), allowed), allowed)
        return tuple(y.values(family, corners, allowed, case, seen) for y, case, seen in leaves)

    def refutes_at(self, family: Family, point: Vector, place: Point, allowed: Mask) -> bool:
        """Whether every case is refuted at a point of the piece, its border included."""
        leaves = self._leaves(settled(family.at(point), allowed), allowed)
        return all(y.refutes_at(family, point, place, allowed, case) for y, case, _ in leaves)

    def _leaves(self, design: Design, allowed: Mask) -> Iterator[tuple[Refuting, Mask, Mapping[Lie, int]]]:
        copies = len(every_outcome(design))
        for leaf, part, seen in self.parts(design, np.repeat(allowed[None], copies, axis=0)):
            y: Any = leaf.multipliers
            if not leaf.refutes or part is None:
                raise InvalidCertificate("a case that is not refuted")
            yield y, part, seen

    def _leaf_to_json(self, design: Design) -> dict[str, Any]:
        assert self.multipliers is not None
        return {"multipliers": [multipliers_to_json(design, y) for y in self.multipliers.controls]}

    @classmethod
    def _leaf_from_json(cls, design: Design, data: Mapping[str, Any]) -> Any:
        return Refuting(tuple(multipliers_from_json(design, y) for y in data["multipliers"]))


__all__ = ["RefutingCases"]
