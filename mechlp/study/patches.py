"""Decides simplices of parameters, one after the other, by mechanisms and multipliers that are polynomials there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..deadline import Deadline
from ..exact.planar import Vector
from ..mechanism.payoffs import punishments
from ..proof.faces import Face, Mask
from ..proof.family import Family
from ..proof.invalid import InvalidCertificate
from ..proof.patches import Patch
from ..proof.pieces import masks
from ..proof.polynomial import Points, Refuting, Serving, check_ranked, settled
from ..question.rules import Rules
from .pencils import Pencil

#: Degrees of mechanisms and of multipliers that are tried.
SERVING, REFUTING = (0, 1, 2), (0, 1, 2, 3, 4)
#: What is asked of a single solve.
BARE = {"relax": False, "fewest": False, "examine": False, "nice": False}


class Open(Exception):
    """What was not decided in time."""


@dataclass
class Simplices:
    """Decides simplices of a face, one after the other; what helped with one is tried first with the next."""

    family: Family
    face: Face
    deadline: Deadline
    serving: int = 0
    refuting: int = 0

    def patch(self, face: Face, corners: list[Vector]) -> tuple[Patch | None, list[list[Vector]]]:
        """What is decided of a simplex, and what is left of it.  Raises Open when time is out."""
        if self.deadline.passed:
            raise Open
        try:
            check_ranked(self.family, corners)
        except InvalidCertificate:
            return None, halves(corners)
        surely, perhaps = masks(self.family, corners, face)
        for claim in self._claims(tuple(corners), surely, perhaps):
            patch = Patch(tuple(corners), claim)
            try:
                patch.check(self.family, face)
            except InvalidCertificate:
                continue
            return patch, []
        return None, halves(corners)

    def _claims(
        self, corners: tuple[Vector, ...], surely: Mask, perhaps: Mask
    ) -> Iterator[Serving | Refuting]:
        served = bool(np.all(surely.any(axis=0)))  # some outcome may be used on all of it
        design = settled(self.family.at(Points(self.family, corners, 0).middle), surely if served else perhaps)
        found = None
        labels, allowed = Rules.of(design), surely
        if design.worst_state or (design.deterministic and design.lottery is None):
            found = design.solve(time_limit=self.deadline, **BARE)
            if found.exists is None:
                raise Open
            if found.exists and design.worst_state:
                seen = punishments(design, found.rules)
                labels = Rules.assigned(design, [p.rule for p in seen])
            if found.exists and design.deterministic:
                allowed = np.asarray(found.rules[0].allocation > 0)
        exists = found.exists if found is not None else None
        pencil = None
        if exists is not False and served:
            pencil = Pencil(self.family, corners, allowed, labels, self.deadline)
            for degree in (
                _around(self.serving, SERVING) if exists or pencil.decided.status != "infeasible" else ()
            ):
                made = pencil.serving(degree)
                if made is not None:
                    self.serving = degree
                    yield made
                    return
            if exists:
                return
        if pencil is None or not np.array_equal(perhaps, allowed):
            pencil = Pencil(self.family, corners, perhaps, labels, self.deadline)
        solution = pencil.decided
        if solution.status != "infeasible" or solution.dual is None:
            return
        support = {k for k, v in enumerate(solution.dual.fractions()) if v}
        for degree in _around(self.refuting, REFUTING):
            proof = pencil.refuting(degree, support)
            if proof is not None:
                self.refuting = degree
                yield proof
                return


def _around(first: int, every: Sequence[int]) -> list[int]:
    """Degrees, the one that helped first."""
    return [first, *(d for d in every if d != first)]


def halves(polygon: Sequence[Vector]) -> list[list[Vector]]:
    """Cut across the longest side, through its middle: simplices stay simplices."""
    size = len(polygon)
    if size < 2:
        return []

    def length(k: int) -> Fraction:
        a, b = polygon[k - 1], polygon[k]
        return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2

    longest = max(range(size), key=length)
    start, end = polygon[longest - 1], polygon[longest]
    half = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    if size == 2:
        return [[start, half], [half, end]]
    around = [polygon[(longest + k) % size] for k in range(size)]  # from the end, back to the start
    opposite = size // 2 if size > 3 else 1
    return [[half, *around[: opposite + 1]], [half, *around[opposite:]]]


__all__ = ["Open", "Simplices", "halves"]
