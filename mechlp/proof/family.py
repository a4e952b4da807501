"""A family of designs: one problem file at every point of a box of one or two of its parameters.

Payoffs, and the weights of beliefs, are polynomials of the parameters there (:mod:`mechlp.files.dependence`).  Where payoffs are
affine and nothing else depends on them the family is **flat**, and two facts carry every proof about a convex polygon:

* what multipliers imply is convex in payoffs, while which transfers cancel does not depend on them: multipliers that refute
  the designs at the corners refute the whole polygon;
* with one lottery rule, requirements are linear in payoffs and transfers together: where every corner has transfers, the same
  convex combination of transfers serves every point.

Where it is not, mechanisms and multipliers are polynomials on simplices (:mod:`mechlp.proof.polynomial`).

One parameter is a segment of the plane, its second coordinate zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from ..environment import Beliefs, InvalidEnvironment
from ..exact.bernstein import coefficients, nodes
from ..exact.numbers import Rationals, matmul, rational, stack, text
from ..exact.planar import Vector
from ..files import InvalidFile, read_document
from ..files.dependence import Dependence, NoFamily, dependence
from ..question.design import Bounds, Design, InvalidDesign
from ..question.economy import Exchange
from .moving_sets import Changing, MovingSet, moved, moving
from .relaxation import Give

#: Points beyond those that are needed, for those at which the file is no problem.
SPARE = 3
#: Where inside of a box belief sets are looked at.
INSIDE = (Fraction(29, 61), Fraction(37, 61))


class InvalidFamily(InvalidDesign):
    """A family that cannot be asked about; the message says why."""


@dataclass(frozen=True)
class Range:
    """A parameter, and from where to where it goes."""

    name: str
    low: Fraction
    high: Fraction

    @classmethod
    def parse(cls, given: str) -> Range:
        """``B=0:2``.  Raises InvalidFamily."""
        name, _, spread = given.partition("=")
        ends = spread.split(":")
        if not name.strip() or len(ends) != 2:
            raise InvalidFamily(f"--over {given}: write NAME=FROM:TO, as in --over B=0:2")
        try:
            return cls(name.strip(), rational(ends[0].strip()), rational(ends[1].strip()))
        except ValueError as error:
            raise InvalidFamily(f"--over {given}: {error}") from None


@dataclass(frozen=True)
class Family:
    """See the module.

    Parameters
    ----------
    document : the problem as it is read: nested dicts, lists and strings.
    over : one or two ranges; none, where the problem as it stands is asked about.
    wanted : keep the objective; else only existence is asked.
    quotients : payoffs and probabilities may be divided by polynomials of the parameters.
    gives : what must give way, by as little as possible (:mod:`mechlp.proof.relaxation`).

    Raises
    ------
    InvalidFamily, NoFamily
        No such parameter, an empty range, or a dependence that is not covered.
    """

    document: Mapping[str, Any]
    over: tuple[Range, ...]
    wanted: bool = False
    quotients: bool = False
    gives: Give | None = None
    known: dict[Vector, Design] = field(default_factory=dict, repr=False, compare=False)
    narrowed: dict[tuple[Fraction, bytes], Design] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        parameters = self.document.get("parameters") or {}
        least = 0 if self.wanted or self.gives else 1  # a number may be asked for; a region has parameters
        if not least <= len(self.over) <= 2 or len({r.name for r in self.over}) < len(self.over):
            raise InvalidFamily("one parameter or two are needed: --over NAME=FROM:TO, once or twice")
        for one in self.over:
            if one.name not in parameters:
                raise InvalidFamily(
                    f"no parameter is named {one.name!r}; known: {', '.join(parameters) or 'none'}"
                )
            if one.low >= one.high:
                raise InvalidFamily(f"{one.name}: from {text(one.low)} to {text(one.high)} is no range")
        self._check(self.at(self.corners[0]))

    def _check(self, design: Design) -> None:
        unlike = (
            (design.environment.prices is not None or design.simple, "trade at prices"),
            (not design.environment.exact, "irrational payoffs"),
            (design.wants.kind == "undominated", "objective: undominated"),
        )
        for found, what in unlike:
            if found and not self.over:
                raise InvalidFamily(f"{what}: has no such number; `mechlp solve` answers")
            if found:
                raise InvalidFamily(
                    f"{what}: not asked of whole regions, where requirements must be linear in payoffs; `mechlp map` asks at "
                    "points"
                )
        if self.gives and getattr(design, self.gives) == "none":
            raise InvalidFamily(f"{self.gives}: none: what is not required cannot give way")
        if self.gives == "ir" and design.ir_binds:
            raise InvalidFamily("full surplus extraction: IR holds with equality, and cannot give way")
        first = isinstance(design.allocation, str) and design.allocation == "efficient-first"
        if not self.quotients and self.degree > 1 and first:
            raise InvalidFamily(
                "allocation: efficient-first: asked of whole regions where payoffs are affine in the parameters only"
            )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(r.name for r in self.over)

    @cached_property
    def corners(self) -> tuple[Vector, ...]:
        """The box, counterclockwise."""
        if not self.over:
            return ((Fraction(0), Fraction(0)),)
        first = self.over[0]
        if len(self.over) == 1:
            return (first.low, Fraction(0)), (first.high, Fraction(0))
        second = self.over[1]
        return (
            (first.low, second.low), (first.high, second.low), (first.high, second.high), (first.low, second.high)
        )  # fmt: skip

    @cached_property
    def dependence(self) -> Dependence:
        """Of what degree the problem is in the parameters."""
        if not self.over:
            return Dependence()
        agents = [a.name for a in self._read(self.corners[0]).environment.agents]
        return dependence(self.document, self.names, agents, wanted=self.wanted, quotients=self.quotients)

    @property
    def flat(self) -> bool:
        """Whether payoffs are affine in the parameters and nothing else depends on them, so that corners suffice."""
        return self.dependence.flat

    @property
    def degree(self) -> int:
        """Of payoffs in the parameters, at most."""
        return max(self.dependence.payoffs, 1)

    @cached_property
    def degrees(self) -> tuple[int, int, int]:
        """Of payoffs over one denominator, of that denominator, and of beliefs, at most."""
        own = self.dependence
        return max(own.payoffs, 1) + own.rows, own.below + (own.beliefs if own.divided else 0), own.beliefs

    @cached_property
    def ties_open(self) -> bool:
        """Whether any efficient outcome may be used: a border then allows no less than what lies beside it."""
        rule = self.at(self.corners[0]).allocation
        return isinstance(rule, str) and rule == "efficient"

    def only(self, point: Mapping[str, Any]) -> Fraction:
        """The value that a point gives the one parameter; zero where there is none.

        Raises
        ------
        ValueError
            Another parameter, or a point outside the range.
        """
        if not self.over:
            if point:
                raise ValueError(f"a single number depends on no {' or '.join(point)}")
            return Fraction(0)
        (one,) = self.over
        at = rational(point[one.name]) if set(point) == {one.name} else None
        if at is None or not one.low <= at <= one.high:
            raise ValueError(f"a value of {one.name} from {text(one.low)} to {text(one.high)} is expected")
        return at

    def place(self, point: Vector) -> str:
        """A point in words."""
        return ", ".join(f"{n} = {text(x)}" for n, x in zip(self.names, point, strict=False))

    def at(self, point: Vector) -> Design:
        """The design at a point of the box.  Raises InvalidFamily where there is no such problem."""
        if point not in self.known:
            design = self._read(point)
            beliefs = design.environment.beliefs
            if beliefs is not None and self.dependence.divided:  # weights that are polynomials
                environment = replace(design.environment, beliefs=beliefs.undivided)
                design = replace(design, environment=environment)
            if self.dependence.sets:
                design = moved(design, self.sets, self._weights(point))
            self.known[point] = design
        return self.known[point]

    @cached_property
    def sets(self) -> tuple[tuple[MovingSet, ...], ...]:
        """The belief sets of all types as they move.  Raises InvalidFamily where their vertices change inside of the box."""
        inside = [r.low + share * (r.high - r.low) for r, share in zip(self.over, INSIDE, strict=False)]
        try:
            middle = self._read((inside[0], inside[-1] if len(inside) > 1 else Fraction(0)))
            return moving(middle, [self._read(corner) for corner in self.corners])
        except Changing as change:
            one, hint = self.over[0], "take a smaller range"
            if change.share is not None:
                place = text(one.low + change.share * (one.high - one.low))
                hint = f"take one range up to {one.name} = {place}, and one from there on"
            raise InvalidFamily(f"{change}: {hint} (`mechlp sweep` asks at points)") from None

    def _weights(self, point: Vector) -> list[Fraction]:
        """The weights of the corners, of which the point is an affine combination."""
        shares = [(x - r.low) / (r.high - r.low) for x, r in zip(point, self.over, strict=False)]
        if len(shares) == 1:
            return [1 - shares[0], shares[0]]
        first, second = shares
        return [1 - first - second, first, Fraction(0), second]

    def asked_at(self, point: Vector) -> bool:
        """Whether the file is a problem at a point."""
        try:
            self.at(point)
        except InvalidFamily:
            return False
        return True

    def drawn(self, point: Fraction) -> Design:
        """The design at a value of the only parameter: where payoffs and probabilities are polynomials of it, they follow from
        those at few points, so that the file is not read again, and need not be a problem there.

        Raises
        ------
        InvalidFamily
            There is no such design.
        """
        asked = self.at(self.corners[0])
        own = self.dependence
        unlike = own.below or own.under or own.sets or (own.divided and self._another_prior)
        if unlike or asked.robust or asked.constraints or asked.misreports or asked.environment.actions:
            return self.at((point, Fraction(0)))
        key = (point, Fraction(1))  # beside the box
        if key not in self.known:
            places, designs = self._nodes
            weights = [
                prod(((point - q) / (p - q) for q in places if q != p), start=Fraction(1)) for p in places
            ]
            try:
                self.known[key] = _mixed(designs, weights, apart=self._another_prior)
            except InvalidEnvironment as error:
                raise InvalidFamily(f"at {self.place((point, Fraction(0)))}: {error}") from None
        return self.known[key]

    @property
    def _another_prior(self) -> bool:
        """Whether the designer has beliefs of her own."""
        beliefs = self.document.get("beliefs")
        return isinstance(beliefs, Mapping) and "designer" in beliefs

    def drawn_at(self, point: Fraction) -> bool:
        """Whether there is such a design."""
        try:
            self.drawn(point)
        except InvalidFamily:
            return False
        return True

    @cached_property
    def _nodes(self) -> tuple[list[Fraction], list[Design]]:
        """As many points as determine payoffs, at which the file is a problem.  Raises InvalidFamily."""
        (one,), count = self.over, max(self.degrees) + 1
        step = (one.high - one.low) / (count + SPARE)
        places = [one.low + k * step for k in range(count + SPARE + 1)]
        found = [p for p in places if self.asked_at((p, Fraction(0)))][:count]
        if len(found) < count:
            raise InvalidFamily(f"the file is a problem at few values of {one.name} only: take another range")
        return found, [self.at((p, Fraction(0))) for p in found]

    def _read(self, point: Vector) -> Design:
        values = {n: text(x) for n, x in zip(self.names, point, strict=False)}
        changed = {**self.document, "parameters": {**(self.document.get("parameters") or {}), **values}}
        try:
            design = read_document(changed).design
        except InvalidFile as error:
            said = str(error).splitlines()[-1].strip().removeprefix("document: ")
            where = f"at {self.place(point)} the file is no problem: {said}; take a range within which it is"
            raise InvalidFamily(where if self.over else said) from None
        if not isinstance(design, Design):
            kind = (
                "an economy"
                if isinstance(design, Exchange)
                else "identical bidders who are solved by a representative"
            )
            raise InvalidFamily(f"{kind}: not asked of whole regions")
        if not self.wanted and not design.ir_binds:
            design = replace(design, objective="feasibility", secondary="none", continuum=False)
        return replace(design, document=None)

    def controls(self, corners: Sequence[Vector]) -> list[Design]:
        """The control designs of a convex polygon where the family is flat."""
        return [self.at(p) for p in corners]

    def surpluses(self, corners: Sequence[Vector]) -> list[Rationals]:
        """The Bernstein coefficients of the surplus of every outcome on a simplex (where payoffs are affine, its values at the
        corners of any polygon), ``(|A|, *Theta)`` each."""
        found = (
            [self.at((p[0], p[1])).environment.surplus for p in nodes(corners, self.degree)]
            if self.degree > 1
            else []
        )
        if not found:
            return [self.at(p).environment.surplus for p in corners]
        rows = coefficients(len(corners), self.degree)
        matrix = Rationals.from_fractions([c for row in rows for c in row], (len(rows), len(rows)))
        values = stack(found)
        return list(matmul(matrix, values.reshape(len(rows), -1)).reshape(*values.shape))


def _mixed(designs: Sequence[Design], weights: Sequence[Fraction], *, apart: bool) -> Design:
    """A design whose payoffs, bounds on transfers and probabilities are a combination of those of others (``apart``: the
    designer's prior, too, which is that of the agents otherwise)."""
    base, environment = designs[0], designs[0].environment

    def total(arrays: Sequence[Rationals]) -> Rationals:
        out = Rationals.zeros(())
        for array, weight in zip(arrays, weights, strict=True):
            if weight:
                out = out + array * weight
        return out

    n = environment.n
    priors = [p for p in (d.environment.designer for d in designs) if p is not None] if apart else []
    mixed = replace(
        environment,
        utility=tuple(total([d.environment.utility[i] for d in designs]) for i in range(n)),
        outside=tuple(total([d.environment.outside[i] for d in designs]) for i in range(n)),
        beliefs=_mixed_beliefs([d.environment.beliefs for d in designs], total),
        designer=total(priors) if priors else None,
    )
    transfers: str | tuple[Bounds, ...] = base.transfers
    if not isinstance(transfers, str):
        pairs = [
            [
                None if end is None else total([Rationals.of(d.transfer_bounds(i)[side]) for d in designs])
                for side, end in enumerate(base.transfer_bounds(i))
            ]
            for i in range(n)
        ]
        transfers = tuple((low, high) for low, high in pairs)
    kind = base.allocation if isinstance(base.allocation, Rationals) or base.deterministic else "chosen"
    return replace(base, environment=mixed, transfers=transfers, allocation=kind)


def _mixed_beliefs(
    beliefs: Sequence[Beliefs | None], total: Callable[[Sequence[Any]], Rationals]
) -> Beliefs | None:
    """A combination of beliefs, weight by weight; probabilities that do not depend on the parameter stay the same.  Raises
    InvalidEnvironment where the weights of a prior do not add up to a positive number."""
    every = [b for b in beliefs if b is not None]
    if not every:
        return None
    weights = tuple(total([b.weights[i] for b in every]) for i in range(len(every[0].weights)))
    priors = [(b.prior, b.total) for b in every if b.prior is not None]
    if not priors:
        return replace(every[0], weights=weights)
    sums = total([Rationals.of(own) for _, own in priors]).item()
    if sums <= 0:
        raise InvalidEnvironment("weights that add up to nothing")
    return Beliefs(weights, total([prior * own for prior, own in priors]) / sums, sums)


def fixed(design: Design, lottery: Rationals) -> Design:
    """The design with one lottery rule, ``(|A|, *Theta)``."""
    return replace(design, allocation=lottery)


def certain(mask: Any) -> Rationals | None:
    """The only rule that uses allowed outcomes; None where there is a choice."""
    return Rationals(np.asarray(mask).astype(np.int64)) if bool(np.all(np.sum(mask, axis=0) == 1)) else None


def valued(document: Mapping[str, Any], over: tuple[Range, ...], gives: Give | None = None) -> Family:
    """The family whose objective is asked for, or the least that must give way: with quotients, where formulas divide by
    polynomials of the parameter.

    Raises
    ------
    InvalidFamily, NoFamily
        No such parameter, an empty range, or a dependence that is not covered.
    """
    try:
        family = Family(document, over, wanted=not gives, gives=gives)
        family.degree  # noqa: B018  # computed when it is asked for
    except NoFamily:
        family = Family(document, over, wanted=not gives, quotients=True, gives=gives)
        family.degree  # noqa: B018
    return family


__all__ = ["Family", "InvalidFamily", "NoFamily", "Range", "certain", "fixed", "valued"]
