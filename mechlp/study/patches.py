"""Decides simplices of parameters, one after the other, by mechanisms and multipliers that are polynomials there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import stack
from ..exact.planar import Vector, cut, dimension, middle
from ..mechanism.payoffs import punishments
from ..proof.cases import Case, every_outcome
from ..proof.faces import Face, Mask
from ..proof.family import Family
from ..proof.invalid import InvalidCertificate
from ..proof.multipliers import Multipliers
from ..proof.patch_cases import RefutingCases
from ..proof.patches import Patch
from ..proof.pieces import masks
from ..proof.polynomial import Points, Refuting, Serving, settled, turns
from ..proof.region import Line
from ..question.design import Design, InvalidDesign
from ..question.rules import Rules
from ..solving.branching import Search, Stopped, Unbounded
from ..solving.cases_along import Retold, Seen
from ..solving.certain import lotteries
from ..solving.functions import Lost
from ..solving.solve import _Run
from .borders import straight_factors
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
    lines: list[Line] = field(default_factory=list)
    known: dict[Vector, bool | None] = field(default_factory=dict)

    def patch(self, face: Face, corners: list[Vector]) -> tuple[Patch | None, list[list[Vector]]]:
        """What is decided of a simplex, and what is left of it.  Raises Open when time is out."""
        if self.deadline.passed:
            raise Open
        if changing := list(turns(self.family, corners)):
            return None, _parted(corners, changing) or halves(corners)
        surely, perhaps = masks(self.family, corners, face)
        for claim in self._claims(tuple(corners), surely, perhaps):
            patch = Patch(tuple(corners), claim)
            try:
                patch.check(self.family, face)
            except InvalidCertificate:
                continue
            if not isinstance(claim, Serving):
                self._remember(corners, claim.every(self.family, corners, perhaps))
            return patch, []
        return None, _parted(corners, self._ties(corners, perhaps)) or self._split(corners)

    def _ties(self, corners: Sequence[Vector], perhaps: Mask) -> Iterator[Sequence[Fraction]]:
        """The differences in surplus of outcomes that may both be efficient somewhere, where they may change their sign."""
        if self.family.degree == 1 or not self.family.ties_open:
            return
        surplus = self.family.surpluses(corners)
        for a, b in combinations(range(len(perhaps)), 2):
            lead = stack([own[a] - own[b] for own in surplus])
            changes = perhaps[a] & perhaps[b] & np.any(lead > 0, axis=0) & np.any(lead < 0, axis=0)
            yield from {tuple(lead[(slice(None), *cell)].fractions()) for cell in np.argwhere(changes)}

    def _remember(self, corners: Sequence[Vector], every: Iterable[Sequence[Fraction]]) -> None:
        """The lines beyond which multipliers refute no more: there the region may end."""
        for values in every:
            self.lines += [own for own in straight_factors(corners, values) if own not in self.lines]

    def _split(self, corners: list[Vector]) -> list[list[Vector]]:
        """A simplex in smaller ones: along a line where the region may end, with a mechanism on one side; else in halves."""
        for line in reversed(self.lines):  # the nearest were found last
            sides = _sides(corners, line)
            if sides and {self._exists(middle(side)) for side in sides} == {True, False}:
                return [small for side in sides for small in simplices(side)]
        return halves(corners)

    def _exists(self, point: Vector) -> bool | None:
        if point not in self.known:
            try:
                found = self.family.at(point).solve(time_limit=self.deadline, **BARE)
            except InvalidDesign:
                return None
            self.known[point] = found.exists
        return self.known[point]

    def _claims(
        self, corners: tuple[Vector, ...], surely: Mask, perhaps: Mask
    ) -> Iterator[Serving | Refuting | RefutingCases]:
        served = bool(np.all(surely.any(axis=0)))  # some outcome may be used on all of it
        design = settled(
            self.family.at(Points(self.family, corners, 0).middle), surely if served else perhaps
        )
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
        proof = self.refuting_by(pencil)
        if proof is not None:
            yield proof
        if found is not None and found.proof is not None:  # what sees lies under no belief is no polynomial
            yield from _Leaves(self, corners, perhaps, design).proof(found.proof)

    def refuting_by(self, pencil: Pencil) -> Refuting | None:
        """Multipliers by a pencil; None where none are found."""
        solution = pencil.decided
        if solution.status != "infeasible" or solution.dual is None:
            return None
        support = {k for k, v in enumerate(solution.dual.fractions()) if v}
        for degree in _around(self.refuting, REFUTING):
            proof = pencil.refuting(degree, support)
            if proof is not None:
                self.refuting = degree
                return proof
        return None


class _Leaves(Retold[RefutingCases]):
    """A search's proof by cases, retold on a simplex."""

    def __init__(
        self, simplices: Simplices, corners: tuple[Vector, ...], perhaps: Mask, design: Design
    ) -> None:
        search = Search(lotteries(_Run(design, simplices.deadline, lambda phase: None)))
        super().__init__(design, search, RefutingCases)
        self.simplices, self.corners, self.perhaps = simplices, corners, perhaps

    def proof(self, found: Case) -> Iterator[RefutingCases]:
        """The proof, where every leaf is refuted on all of the simplex."""
        whole = every_outcome(self.design)
        try:
            if found.dominance is not None:
                found = self.search.explore(whole, {})
            retold = self.retold(found, whole, {})
        except (InvalidCertificate, Lost, Stopped, Unbounded, RecursionError):
            return
        yield retold

    def multipliers(self, allowed: Mask, seen: Seen) -> tuple[Any, Sequence[Multipliers], bool]:
        under = self.labels(seen)
        labels = Rules.of(self.design) if under is None else Rules.assigned(self.design, list(under))
        own = self.simplices
        pencil = Pencil(own.family, self.corners, self.perhaps, labels, own.deadline, allowed)
        y = own.refuting_by(pencil)
        if y is None:
            raise Lost
        return y, y.controls, True

    def close(self, y: Any, refutes: bool, allowed: Mask, seen: Seen) -> None:
        values = y.values(self.simplices.family, self.corners, self.perhaps, allowed, seen)
        if max(values) > 0 or min(values) >= 0:
            raise Lost


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


def _sides(polygon: Sequence[Vector], line: Line) -> list[list[Vector]]:
    """What lies on either side of a line; nothing where it does not go through."""
    constant, (a, b) = line
    sides = [cut(polygon, (a, b), -constant), cut(polygon, (-a, -b), constant)]
    return sides if all(dimension(side) == dimension(polygon) for side in sides) else []


def _parted(corners: Sequence[Vector], every: Iterable[Sequence[Fraction]]) -> list[list[Vector]]:
    """A simplex in smaller ones along the first line on which one of these polynomials is zero; nothing where there is none."""
    lines = (line for values in every for line in straight_factors(corners, values))
    sides: list[list[Vector]] = next((own for line in lines if (own := _sides(corners, line))), [])
    return [small for side in sides for small in simplices(side)]


def simplices(polygon: Sequence[Vector]) -> list[list[Vector]]:
    """A polygon as triangles; a segment or a point as it is."""
    if len(polygon) < 3:
        return [list(polygon)]
    return [[polygon[0], polygon[k], polygon[k + 1]] for k in range(1, len(polygon) - 1)]


__all__ = ["Open", "Simplices", "halves", "simplices"]
