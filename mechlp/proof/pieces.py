"""Pieces of a face where payoffs are affine: convex polygons that are refuted, served by one rule, or undecided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, rational, text
from ..exact.planar import Vector, area, corners, cut, dimension, middle
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.rules import Rules
from .bound import bound
from .cases import Case
from .faces import Face, Mask, inside
from .family import Family, fixed
from .invalid import InvalidCertificate
from .ruled import Ruled, ruled_from_json, ruled_to_json


def masks(family: Family, polygon: Sequence[Vector], face: Face) -> tuple[Mask, Mask]:
    """Outcomes that surely may be used on all of a piece, and those that may be somewhere."""
    if family.degree == 1 or not family.ties_open:
        return face.allowed, face.allowed
    surplus = family.surpluses(polygon)
    surely, perhaps = np.ones(surplus[0].shape, dtype=bool), np.ones(surplus[0].shape, dtype=bool)
    for rival in range(len(surplus[0])):
        lead = [s - s[rival : rival + 1] for s in surplus]
        surely &= np.all([gap >= 0 for gap in lead], axis=0)
        perhaps &= ~np.all([gap < 0 for gap in lead], axis=0)
    return surely, perhaps


@dataclass(frozen=True)
class Piece:
    """A convex polygon where payoffs are affine: refuted by ``proof``, served by ``mechanisms``, one a corner and all with one
    lottery rule, or neither."""

    corners: tuple[Vector, ...]
    proof: Case | None = None
    mechanisms: tuple[Ruled, ...] = ()

    @property
    def status(self) -> str:
        return "possible" if self.mechanisms else "undecided" if self.proof is None else "impossible"

    def check(self, family: Family, face: Face) -> None:
        """Raises InvalidCertificate."""
        if not all(face.holds(p) for p in self.corners):
            raise InvalidCertificate("a piece that is not of its face")
        surely, perhaps = masks(family, self.corners, face)
        if self.proof is not None and not refuted(self.proof, family.controls(self.corners), perhaps):
            raise InvalidCertificate(
                f"the multipliers do not refute the piece around {family.place(middle(self.corners))}"
            )
        if not self.mechanisms:
            return
        rule = self.mechanisms[0][0].allocation
        if bool(np.any((rule != 0) & ~surely)):
            raise InvalidCertificate("a rule that uses what may not be used on all of its piece")
        serves(family.controls(self.corners), rule, self.mechanisms)

    def verdict(self, family: Family, face: Face, point: Vector) -> bool | None:
        """What it says of a point; None for nothing."""
        if self.status == "undecided" or not inside(point, self.corners):
            return None
        if self.proof is None:
            return True
        if dimension(self.corners) == dimension(cornered(point, self.corners)):
            return False
        return False if refuted(self.proof, [family.at(point)], face.allowed) else None

    def holds_on(self, family: Family, face: Face, side: Sequence[Vector]) -> bool:
        """Whether it says something of all points inside a segment (or of a point) on its border, or inside it."""
        if self.status == "undecided" or not all(inside(p, self.corners) for p in side):
            return False
        if self.proof is None or dimension(self.corners) == dimension(cornered(middle(side), self.corners)):
            return True
        return refuted(self.proof, family.controls(side), face.allowed)

    @property
    def closed(self) -> bool:
        """Whether what serves it serves its border."""
        return bool(self.mechanisms)

    def to_json(self, family: Family) -> dict[str, Any]:
        """Everything that proves it."""
        return {
            "corners": [list(map(text, p)) for p in self.corners],
            "status": self.status,
            "proof": None if self.proof is None else self.proof.to_json(family.at(middle(self.corners))),
            "mechanisms": list(map(ruled_to_json, self.mechanisms)),
        }

    @classmethod
    def from_json(cls, family: Family, data: Mapping[str, Any]) -> Piece:
        """Read it back.  Raises InvalidCertificate, KeyError, TypeError, ValueError."""
        polygon = tuple((rational(x), rational(y)) for x, y in data["corners"])
        design = family.at(middle(polygon))
        proof = None if data["proof"] is None else Case.from_json(design, data["proof"])
        piece = cls(polygon, proof, tuple(ruled_from_json(design, m) for m in data["mechanisms"]))
        if piece.status != data["status"]:
            raise InvalidCertificate("a piece that is not what it says")
        return piece


def refuted(proof: Case, controls: Sequence[Design], allowed: Mask) -> bool:
    """Whether a proof refutes every design inside what control designs span: in every case what multipliers imply is convex
    there."""
    try:
        if proof.multipliers is None:
            every = list(zip(*(proof.values(design, allowed[None]) for design in controls), strict=True))
        else:
            every = [tuple(bound(d, proof.multipliers, allowed[None], wanted=False) for d in controls)]
    except InvalidCertificate:
        return False
    return bool(every) and all(max(values) <= 0 and min(values) < 0 for values in every)


def serves(controls: Sequence[Design], rule: Rationals, mechanisms: Sequence[Ruled]) -> None:
    """That mechanisms with one lottery rule satisfy designs, one each, with one rule a lie where there are several.  Raises
    InvalidCertificate."""
    if len(controls) != len(mechanisms):
        raise InvalidCertificate("a mechanism at each corner is needed")
    for design, rules in zip(controls, mechanisms, strict=True):
        labels = Rules.of(design)
        if any(bool(np.any(mechanism.allocation != rule)) for mechanism in rules):
            raise InvalidCertificate("mechanisms that do not share their allocation")
        if len(rules) != labels.count:
            raise InvalidCertificate("a rule for each lie is needed")
        # What is saved is an allocation and transfers: the payoffs are those of the control design.
        made = [Mechanism(design.environment, rule, mechanism.transfers) for mechanism in rules]
        report = audit(made, fixed(design, rule), labels=labels)
        if not report.passed:
            raise InvalidCertificate(f"the mechanism breaks a requirement: {report}")


def cornered(point: Vector, polygon: Sequence[Vector]) -> tuple[Vector, ...]:
    """The smallest face of a polygon that has a point: the corners on the sides on which the point lies."""
    around = corners(polygon)
    if point in around:
        return (point,)
    for k, end in enumerate(around if len(around) > 2 else ()):
        if inside(point, (around[k - 1], end)):
            return around[k - 1], end
    return tuple(around)


def measure(polygon: Sequence[Vector]) -> Fraction:
    """The area of a polygon; the length of a segment along the axis where it is longer; one for a point."""
    if dimension(polygon) == 2:
        return area(polygon)
    spans = [max(p[k] for p in polygon) - min(p[k] for p in polygon) for k in (0, 1)]
    return max(spans) or Fraction(1)


def check_tiling(face: Face, polygons: Sequence[Sequence[Vector]]) -> None:
    """That pieces fill a face and do not overlap.  Raises InvalidCertificate."""
    if sum(map(measure, polygons), Fraction(0)) != measure(face.corners):
        raise InvalidCertificate("the pieces do not fill their face")
    for k, one in enumerate(polygons):
        for other in polygons[:k]:
            if dimension(_common(one, other)) == face.dimension and face.dimension:
                raise InvalidCertificate("two pieces overlap")


def _common(one: Sequence[Vector], other: Sequence[Vector]) -> list[Vector]:
    """The intersection of two convex sets of the same plane or line."""
    for k in (0, 1):
        if max(p[k] for p in one) < min(p[k] for p in other) or max(p[k] for p in other) < min(
            p[k] for p in one
        ):
            return []
    left, around = list(one), corners(other)
    center = middle(around)
    for k, end in enumerate(around):
        start = around[k - 1]
        normal = (end[1] - start[1], start[0] - end[0])
        if len(around) == 2:
            normal = (end[0] - start[0], end[1] - start[1])
        level = normal[0] * end[0] + normal[1] * end[1]
        sign = 1 if normal[0] * center[0] + normal[1] * center[1] <= level else -1
        left = cut(left, (sign * normal[0], sign * normal[1]), sign * level) if left else left
    return left


__all__ = [
    "Piece", "Ruled", "check_tiling", "cornered", "masks", "measure", "refuted", "ruled_from_json", "ruled_to_json", "serves",
]  # fmt: skip
