"""Mechanisms and multipliers that are polynomials on a simplex of parameters: what holds on all of it.

Where probabilities are polynomials of the parameters, coefficients of transfers are too, and no fixed multipliers make them
cancel.  So a **patch** is served by a mechanism ``X(p) / s(p)``, or refuted by multipliers ``y(p)``, by Bernstein coefficients.
Each requirement is multiplied by the weight of its type (which is a polynomial, and positive where the type has a belief):
then its slack at ``X(p) / s(p)``, times ``s(p)``, and what ``y(p)`` makes of all requirements, are polynomials of known degrees.
Their Bernstein coefficients follow from the values at so many points inside, where audit and Lagrangian are evaluated from the
definitions; what is convex and holds for every coefficient holds on the patch.

Types that compare worst cases see each lie under the rule (the belief) of its label, the same on the whole patch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from ..exact.bernstein import Point, coefficients, inner, lattice, weights
from ..exact.numbers import Rationals, matmul, stack
from ..exact.planar import Vector, middle
from ..mechanism.audit import requirements
from ..mechanism.mechanism import Mechanism
from ..mechanism.relaxed import kind_of
from ..question.design import Design
from ..question.rules import NOBODY, Lie, Rules
from .bound import best_lottery, bound, check_multipliers
from .cases import check_beliefs
from .faces import Mask
from .family import Family
from .invalid import InvalidCertificate
from .lagrangian import lagrangian
from .multipliers import Multipliers, RuleWeights

#: Most control points of what is claimed, and so the degree.
MOST_CONTROLS = 60


def settled(design: Design, allowed: Mask) -> Design:
    """The design with the outcomes that may be used on all of a patch."""
    if isinstance(design.allocation, Rationals):
        return design
    kind = "deterministic" if design.deterministic else "chosen"
    environment = replace(design.environment, possible=allowed)
    # Full extraction would ask for efficient outcomes: these are.
    return replace(
        design, allocation=kind if not design.ir_binds else design.allocation, environment=environment
    )


@dataclass(frozen=True)
class Points:
    """Designs at as many points inside a simplex as determine polynomials of a degree there."""

    family: Family
    corners: tuple[Vector, ...]
    degree: int

    @cached_property
    def places(self) -> tuple[Point, ...]:
        """Barycentric coordinates."""
        return inner(len(self.corners), self.degree)

    @cached_property
    def designs(self) -> list[Design]:
        return [self.family.at(at(self.corners, place)) for place in self.places]

    @property
    def middle(self) -> Vector:
        """A point inside."""
        return at(self.corners, self.places[0])

    def controls(self, values: Sequence[Rationals]) -> Rationals:
        """The Bernstein coefficients of arrays that are known at the points: one more axis, the first."""
        rows = coefficients(len(self.corners), self.degree, True)
        matrix = Rationals.from_fractions([c for row in rows for c in row], (len(rows), len(rows)))
        flat = stack(values)
        return matmul(matrix, flat.reshape(len(rows), -1)).reshape(*flat.shape)


def at(corners: Sequence[Vector], place: Point) -> Vector:
    """The point with these barycentric coordinates."""
    x, y = (sum((w * c[k] for w, c in zip(place, corners, strict=True)), Fraction(0)) for k in (0, 1))
    return x, y


def degree_of(controls: int, corners: int) -> int:
    """The degree of what has so many Bernstein coefficients on a simplex.  Raises InvalidCertificate."""
    for degree in range(MOST_CONTROLS):
        size = len(lattice(corners, degree))
        if size >= min(controls, MOST_CONTROLS):
            break
    if size != controls:
        raise InvalidCertificate(f"{controls} control points, which no degree has")
    return degree


def total(arrays: Sequence[Rationals], shares: Sequence[Fraction]) -> Rationals:
    """A combination of arrays."""
    out = Rationals.zeros(())
    for array, share in zip(arrays, shares, strict=True):
        if share:
            out = out + array * share
    return out.broadcast_to(arrays[0].shape)


# -- mechanisms -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Serving:
    """A mechanism on a simplex: Bernstein coefficients of ``s`` (``shares``) and of each rule's allocation and transfers times
    ``s``; ``labels`` says under which rule or belief each lie is seen."""

    shares: tuple[Fraction, ...]
    rules: tuple[tuple[Mechanism, ...], ...]
    labels: Rules

    def share(self, place: Point) -> Fraction:
        """The denominator at a point."""
        both = zip(self.shares, weights(place, degree_of(len(self.shares), len(place))), strict=True)
        return sum((s * w for s, w in both), Fraction(0))

    def made(self, design: Design, place: Point) -> list[Mechanism]:
        """The rules at a point, for the design there."""
        one = self.share(place)
        found = weights(place, degree_of(len(self.shares), len(place)))
        return [
            Mechanism(
                design.environment,
                total([m.allocation for m in own], found) / one,
                total([m.transfers for m in own], found) / one,
            )
            for own in zip(*self.rules, strict=True)
        ]

    def check(self, family: Family, corners: Sequence[Vector], allowed: Mask) -> None:
        """That it satisfies every requirement wherever its denominator is positive.  Raises InvalidCertificate."""
        if len(self.rules) != len(self.shares) or min(self.shares) < 0 or not any(self.shares):
            raise InvalidCertificate("a mechanism whose denominator is not positive on its piece")
        own = degree_of(len(self.shares), len(corners))
        points = Points(family, tuple(corners), family.dependence.together + own)
        if family.at(middle(corners)).deterministic:
            self._check_certain()
        check_ranked(family, corners)
        check_outside(family, points.designs)
        gaps: dict[int, list[Rationals]] = {}
        said: dict[int, tuple[str, bool]] = {}
        for place, design in zip(points.places, points.designs, strict=True):
            design = settled(design, allowed)
            rules = self.made(design, place)
            scale = self.share(place)
            for k, (kind, gap, equal) in enumerate(_slacks(family, rules, design, self.labels)):
                gaps.setdefault(k, []).append(gap * scale)
                said[k] = kind, equal
        for k, values in gaps.items():
            if len(values) != len(points.places) or len({v.shape for v in values}) > 1:
                raise InvalidCertificate("requirements that are not the same on all of a piece")
            found = points.controls(values)
            if found.size and (bool(np.any(found != 0)) if said[k][1] else bool(np.any(found < 0))):
                raise InvalidCertificate(f"the mechanism breaks a requirement on its piece: {said[k][0]}")

    def _check_certain(self) -> None:
        """That one outcome is used at each profile, the same everywhere."""
        used = stack([m.allocation for own in self.rules for m in own[:1]]).sum(axis=0) > 0
        if not bool(np.all(np.sum(used, axis=0) == 1)):
            raise InvalidCertificate("a deterministic rule that changes on its piece")


def _slacks(
    family: Family, rules: Sequence[Mechanism], design: Design, labels: Rules
) -> Iterator[tuple[str, Rationals, bool]]:
    """(kind, slack times the weight of its type, whether it must be zero) of every requirement."""
    for kind, _, gap, equal, about in requirements(rules, design, labels):
        if kind == "deterministic allocation":  # which is checked by itself
            continue
        unit = None if about is None else _unit(family, design, about.key, about.types, gap.ndim)
        yield kind, gap if unit is None else gap * unit, equal


def _unit(family: Family, design: Design, key: str, types: object, axes: int) -> Rationals | None:
    """By what a requirement is multiplied; None for nothing."""
    kind, agent = kind_of(key)
    if kind in ("IC", "IR"):
        notion = design.ic_notion if kind == "IC" else design.ir_notion
        assert notion is not None
        states = notion.states(design.environment, agent)
        if not states.summed:
            return None
        mass = states.mass.broadcast_to((states.mass.shape[0], design.environment.shape[agent]))
        own = mass[:, types]
        return own.reshape(*own.shape, *(1,) * (axes - 2))
    if kind == "BB" and design.bb.startswith("ex-ante"):
        return weight(family, design)
    for rows in design.requirements:
        if rows.name == key:
            return rows.unit * weight(family, design)
    return None


def weight(family: Family, design: Design) -> Rationals:
    """By what the designer's prior has been divided, where that depends on the parameters."""
    beliefs = design.environment.beliefs
    return Rationals.of(beliefs.total if beliefs is not None and family.dependence.divided else 1)


# -- multipliers ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Refuting:
    """Multipliers on a simplex, by their Bernstein coefficients: of requirements multiplied by the weight of their type.

    In a proof by cases ``case`` says what may be used, ``(copies, |A|, *Theta)``, and ``seen`` under which belief lies are seen.
    """

    controls: tuple[Multipliers, ...]
    known: dict[Any, tuple[Fraction, ...]] = field(default_factory=dict, repr=False, compare=False)

    def made(self, family: Family, design: Design, place: Point) -> Multipliers:
        """The multipliers of the requirements themselves at a point."""
        own = weights(place, degree_of(len(self.controls), len(place)))
        first = self.controls[0]

        def mix(pick):  # type: ignore[no-untyped-def]
            arrays = [pick(y) for y in self.controls]
            return None if arrays[0] is None else total(arrays, own)

        def times(array, key):  # type: ignore[no-untyped-def]
            if array is None:
                return None
            unit = _unit(family, design, key, slice(None), array.ndim)
            return array if unit is None else array * unit

        n = design.environment.n
        spread = None
        if first.rules is not None:
            lies = [times(mix(lambda y, i=i: y.rules.lies[i]).moveaxis(0, -1), f"IC {i}") for i in range(n)]
            truth = [times(mix(lambda y, i=i: y.rules.truth[i]).moveaxis(0, -1), f"IC {i}") for i in range(n)]
            spread = RuleWeights(
                first.rules.labels,
                tuple(a.moveaxis(-1, 0) for a in truth),
                tuple(a.moveaxis(-1, 0) for a in lies),
                mix(lambda y: y.rules.objective),
            )
        return Multipliers(
            tuple(times(mix(lambda y, i=i: y.ic[i]), f"IC {i}") for i in range(n)),
            tuple(times(mix(lambda y, i=i: y.ir[i]), f"IR {i}") for i in range(n)),
            times(mix(lambda y: y.bb), "BB"),
            spread,
            None,
            tuple(
                times(mix(lambda y, k=k: y.linear[k]), rows.name)
                for k, rows in enumerate(design.requirements)
            ),
        )

    def check(self, family: Family, corners: Sequence[Vector], allowed: Mask) -> None:
        """That no mechanism exists inside.  Raises InvalidCertificate."""
        for values in self.every(family, corners, allowed):
            if max(values) > 0 or min(values) >= 0:
                raise InvalidCertificate("the multipliers do not refute their piece")

    def every(
        self, family: Family, corners: Sequence[Vector], allowed: Mask
    ) -> tuple[tuple[Fraction, ...], ...]:
        """The values of each case: here there is one."""
        return (self.values(family, corners, allowed),)

    def values(
        self,
        family: Family,
        corners: Sequence[Vector],
        allowed: Mask,
        case: Mask | None = None,
        seen: Mapping[Lie, int] = MappingProxyType({}),
    ) -> tuple[Fraction, ...]:
        """What they imply, at most, as Bernstein coefficients: what is negative is impossible.  Raises InvalidCertificate."""
        case = allowed[None] if case is None else case & allowed[None]
        key = (tuple(corners), allowed.tobytes(), case.tobytes(), tuple(seen.items()))
        if key not in self.known:
            self.known[key] = self._values(family, corners, allowed, case, seen)
        return self.known[key]

    def _values(
        self,
        family: Family,
        corners: Sequence[Vector],
        allowed: Mask,
        case: Mask,
        seen: Mapping[Lie, int],
    ) -> tuple[Fraction, ...]:
        own = degree_of(len(self.controls), len(corners))
        degrees = family.dependence
        points = Points(family, tuple(corners), degrees.together + degrees.payoffs + own)
        center = settled(family.at(middle(corners)), allowed)
        check_ranked(family, corners)
        check_outside(family, points.designs)
        for y in self.controls:
            if y.rules is not None and design_opens(center, y):
                raise InvalidCertificate("a lie under no belief, on a piece")
            check_beliefs(center, y, seen)
            check_multipliers(center, y, False)
        on_q, on_t, constants, ends = [], [], [], []  # type: tuple[list[Any], list[Any], list[Any], list[Any]]
        for place, design in zip(points.places, points.designs, strict=True):
            design = settled(design, allowed)
            y = self.made(family, design, place)
            check_multipliers(design, y, False)
            q, t, constant = lagrangian(design, y, None)
            on_q.append(q)
            on_t.append(stack(t))
            constants.append(Rationals.of([constant]))
            ends.append([design.transfer_bounds(i) for i in range(design.environment.n)])
        signs = points.controls(on_t)
        owed = [_bounded(on, signs, own) for on, own in zip(on_t, ends, strict=True)]
        constants = [c + Rationals.of([more]) for c, more in zip(constants, owed, strict=True)]
        sums = points.controls(constants)
        both = zip(points.controls(on_q), sums, strict=True)
        return tuple(best_lottery(center, on, case) + constant.item() for on, constant in both)

    def refutes_at(
        self, family: Family, point: Vector, place: Point, allowed: Mask, case: Mask | None = None
    ) -> bool:
        """Whether they refute a point of the piece, its border included."""
        design = settled(family.at(point), allowed)
        case = allowed[None] if case is None else case
        try:
            return bound(design, self.made(family, design, place), case, wanted=False) < 0
        except InvalidCertificate:
            return False


def _bounded(on: Rationals, controls: Rationals, ends: Sequence[tuple[object, object]]) -> Fraction:
    """What the best transfers within their bounds add at a point: the signs of their coefficients are the same on the patch."""
    total = Fraction(0)
    for i, (low, high) in enumerate(ends):
        own = controls[:, i]
        up, down = np.any(own > 0, axis=0), np.any(own < 0, axis=0)
        if bool(np.any((up & down) | (up & (high is None)) | (down & (low is None)))):
            raise InvalidCertificate("transfers do not cancel, or are priced with a sign that changes")
        for mask, end in ((up, high), (down, low)):
            if end is not None:
                total += (on[i] * Rationals(mask.astype(np.int64)) * end).sum()
    return total


def design_opens(design: Design, y: Multipliers) -> bool:
    """Whether a lie of maxmin types is evaluated under no belief: what it gains is no polynomial."""
    if not design.worst_state or y.rules is None:
        return False
    opened = zip(y.ic, y.rules.labels.punishes, strict=True)
    return any(
        part is not None and bool(np.any((part[0] != 0) & (label == NOBODY))) for part, label in opened
    )


def check_outside(family: Family, designs: Sequence[Design]) -> None:
    """That the worst case of an outside option, for types that compare worst cases, is a polynomial: it depends on nobody else's
    type, or stays the same.  Raises InvalidCertificate."""
    notion = designs[0].ir_notion
    if notion is None or not notion.worst_state:
        return
    for i in range(designs[0].environment.n):
        first = designs[0].environment.outside[i]
        same = not family.dependence.sets and all(first.same(d.environment.outside[i]) for d in designs)
        if not same and any(
            bool(np.any((o := d.environment.outside[i].moveaxis(i, 0)).reshape(len(o), -1) != o.reshape(len(o), -1)[:, :1]))
            for d in designs
        ):
            raise InvalidCertificate("an outside option that depends on the types of others, and on the parameters")


def check_ranked(family: Family, corners: Sequence[Vector]) -> None:
    """That types who compare rankings have one inside the piece: what is tied on its border only asks less there.  Raises
    InvalidCertificate."""
    if any(True for _ in turns(family, corners)):
        raise InvalidCertificate("a ranking of outcomes that changes on its piece")


def turns(family: Family, corners: Sequence[Vector]) -> Iterator[tuple[Fraction, ...]]:
    """The Bernstein coefficients of each difference of payoffs that types who compare rankings care about, and that may change
    its sign inside."""
    design = family.at(middle(corners))
    notion = design.ic_notion
    if notion is None or notion.paid or len(corners) == 1:
        return
    points = Points(family, tuple(corners), family.degree)
    for i in range(design.environment.n):
        found = points.controls([d.environment.utility[i] for d in points.designs])
        for a in range(found.shape[1]):
            lead = found - found[:, a : a + 1]
            changes = ~(np.all(lead >= 0, axis=0) | np.all(lead <= 0, axis=0))
            yield from {tuple(lead[(slice(None), *cell)].fractions()) for cell in np.argwhere(changes)}


__all__ = ["Points", "Refuting", "Serving", "at", "check_ranked", "degree_of", "settled", "turns", "weight"]
