"""Patches: simplices of parameters that are served by a mechanism, refuted by multipliers, or neither.

Both are polynomials there (:mod:`mechlp.proof.polynomial`).  Where a denominator, or what multipliers imply, is zero on a side
of a patch, nothing is said of that side: it is a border that is decided by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from ..exact.bernstein import Point, lattice
from ..exact.numbers import rational, text
from ..exact.planar import Vector, corners, cross, dimension, middle
from ..mechanism.mechanism import Mechanism
from ..question.rules import Rules, lie_name, lies
from .faces import Face
from .family import Family
from .invalid import InvalidCertificate
from .patch_cases import RefutingCases
from .pieces import masks
from .polynomial import Refuting, Serving, degree_of
from .written import multipliers_from_json, multipliers_to_json


def barycentric(corners: Sequence[Vector], point: Vector) -> Point | None:
    """The coordinates of a point of a simplex; None where it lies outside."""
    if len(corners) == 1:
        return (Fraction(1),) if point == corners[0] else None
    last = corners[-1]
    sides = [(c[0] - last[0], c[1] - last[1]) for c in corners[:-1]]
    to = (point[0] - last[0], point[1] - last[1])
    if len(sides) == 1:
        axis = 0 if sides[0][0] else 1
        share = to[axis] / sides[0][axis]
        found = [share] if cross(sides[0], to) == 0 else []
    else:
        area = cross(*sides)
        found = [cross(to, sides[1]) / area, cross(sides[0], to) / area]
    place = (*found, 1 - sum(found, Fraction(0)))
    return place if len(place) == len(corners) and min(place) >= 0 else None


@dataclass(frozen=True)
class Patch:
    """A simplex that is served, refuted, or neither."""

    corners: tuple[Vector, ...]
    claim: Serving | Refuting | RefutingCases | None = None

    @property
    def status(self) -> str:
        return (
            "undecided"
            if self.claim is None
            else "possible"
            if isinstance(self.claim, Serving)
            else "impossible"
        )

    def check(self, family: Family, face: Face) -> None:
        """Raises InvalidCertificate."""
        if not all(face.holds(p) for p in self.corners):
            raise InvalidCertificate("a piece that is not of its face")
        if len(self.corners) != dimension(self.corners) + 1:
            raise InvalidCertificate("a piece that is no simplex")
        surely, perhaps = masks(family, self.corners, face)
        if isinstance(self.claim, Serving):
            if any(bool(np.any((m.allocation != 0) & ~surely)) for own in self.claim.rules for m in own):
                raise InvalidCertificate("a rule that uses what may not be used on all of its piece")
            self.claim.check(family, self.corners, surely)
        elif self.claim is not None:
            self.claim.check(family, self.corners, perhaps)

    @property
    def closed(self) -> bool:
        """Whether what serves it serves its border."""
        return isinstance(self.claim, Serving) and min(self.claim.shares) > 0

    def holds_on(self, family: Family, face: Face, side: Sequence[Vector]) -> bool:
        """Whether it says something of all points inside a simplex that lies on its border (or of a point inside it)."""
        places = [barycentric(self.corners, p) for p in side]
        if self.claim is None or any(place is None for place in places):
            return False
        used = [k for k in range(len(self.corners)) if any(place[k] for place in places if place is not None)]
        if isinstance(self.claim, Serving):
            every: tuple[tuple[Fraction, ...], ...] = (self.claim.shares,)
        elif len(used) == len(self.corners):
            return True
        elif not ranked_by_payoffs(family):
            return False  # on a border rankings may be tied, and less be asked
        else:
            _, perhaps = masks(family, self.corners, face)
            every = self.claim.every(family, self.corners, perhaps)
        return all(self._some(values, used) for values in every)

    def _some(self, values: Sequence[Fraction], used: Sequence[int]) -> bool:
        """Whether a polynomial is not zero on all of a side."""
        grid = lattice(len(self.corners), degree_of(len(values), len(self.corners)))
        return any(v != 0 for v, at in zip(values, grid, strict=True) if sum(at) == sum(at[k] for k in used))

    def verdict(self, family: Family, face: Face, point: Vector) -> bool | None:
        """What it says of a point; None for nothing."""
        place = barycentric(self.corners, point)
        if place is None or self.claim is None:
            return None
        if isinstance(self.claim, Serving):
            return True if self.claim.share(place) > 0 else None
        if min(place) > 0:
            return False
        if not ranked_by_payoffs(family):  # fewer requirements where rankings are tied: the border has its own pieces
            return None
        return False if self.claim.refutes_at(family, point, place, face.allowed) else None

    def to_json(self, family: Family) -> dict[str, Any]:
        """Everything that proves it."""
        out: dict[str, Any] = {"corners": [list(map(text, p)) for p in self.corners], "status": self.status}
        if self.claim is None:  # perhaps no problem
            return out
        design = family.at(middle(self.corners))
        if isinstance(self.claim, Serving):
            out["denominator"] = list(map(text, self.claim.shares))
            out["rules"] = [[m.to_json() for m in own] for own in self.claim.rules]
            out["labels"] = [
                {"name": lie_name(design, lie), "under": int(self.claim.labels.punishes[lie[0]][lie[1:]])}
                for lie in (lies(design) if design.worst_state else ())
            ]
        elif isinstance(self.claim, RefutingCases):
            out["cases"] = self.claim.to_json(design)
        else:
            out["multipliers"] = [multipliers_to_json(design, y) for y in self.claim.controls]
        return out

    @classmethod
    def from_json(cls, family: Family, data: Mapping[str, Any]) -> Patch:
        """Read it back.  Raises InvalidCertificate, KeyError, TypeError, ValueError."""
        corners = tuple((rational(x), rational(y)) for x, y in data["corners"])
        if data["status"] not in ("possible", "impossible"):
            return cls(corners)
        design = family.at(middle(corners))
        claim: Serving | Refuting | RefutingCases
        if data["status"] == "possible":
            named = {row["name"]: int(row["under"]) for row in data["labels"]}
            labels = Rules.of(design)
            if design.worst_state:
                labels = Rules.assigned(design, [named[lie_name(design, lie)] for lie in lies(design)])
            rules = tuple(
                tuple(Mechanism.from_json(design.environment, m) for m in own) for own in data["rules"]
            )
            claim = Serving(tuple(map(rational, data["denominator"])), rules, labels)
        elif "cases" in data:
            claim = RefutingCases.from_json(design, data["cases"])
        else:
            claim = Refuting(tuple(multipliers_from_json(design, y) for y in data["multipliers"]))
        return cls(corners, claim)


class Bordered(Protocol):
    """What says something of a convex polygon, and of some of its border."""

    @property
    def corners(self) -> tuple[Vector, ...]: ...

    @property
    def status(self) -> str: ...

    def holds_on(self, family: Family, face: Face, side: Sequence[Vector]) -> bool:
        """Whether it says something of all points inside a segment, or of a point."""
        ...


def ranked_by_payoffs(family: Family) -> bool:
    """Whether types compare payoffs, and not rankings."""
    notion = family.at(family.corners[0]).ic_notion
    return notion is None or notion.paid


def open_borders(
    family: Family, face: Face, patches: Sequence[Bordered]
) -> Iterator[tuple[Vector, ...]]:
    """Sides and corners of pieces on which none says anything, larger ones first: where a denominator, or what multipliers
    imply, is zero."""
    seen: set[tuple[Vector, ...]] = set()
    for size in (2, 1):
        for patch in patches:
            for side in _borders(patch.corners, size) if patch.status != "undecided" else ():
                side = tuple(sorted(side))
                if side in seen or patch.holds_on(family, face, side):
                    continue
                seen.add(side)
                if not any(other.holds_on(family, face, side) for other in patches) and not _joined(
                    side, patches
                ):
                    yield side


def _borders(polygon: Sequence[Vector], size: int) -> list[tuple[Vector, ...]]:
    """The sides (two points) or corners (one) of a polygon; nothing where that is all of it."""
    around = corners(polygon)
    if len(around) <= size:
        return []
    return [(around[k - 1], end) if size == 2 else (end,) for k, end in enumerate(around)]


def _joined(side: Sequence[Vector], patches: Sequence[Bordered]) -> bool:
    """Whether segments of which something is said make up a side: their ends are borders by themselves."""
    own = [p.corners for p in patches if p.status != "undecided" and len(p.corners) == 2]
    within = sorted(tuple(sorted(p)) for p in own if all(barycentric(side, end) for end in p))
    reached = min(side)
    for low, high in within if len(side) == 2 else ():
        if low > reached:
            return False
        reached = max(reached, high)
    return reached == max(side) and len(side) == 2


__all__ = ["Patch", "barycentric", "open_borders"]
