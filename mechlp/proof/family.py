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

from ..environment import InvalidEnvironment
from ..exact.algebraic import Algebraic
from ..exact.bernstein import coefficients, nodes
from ..exact.numbers import Rationals, matmul, rational, stack, text
from ..exact.planar import Vector
from ..files import InvalidFile, read_document
from ..files.dependence import Dependence, NoFamily, dependence
from ..question.box import BoxDesign
from ..question.design import Design, InvalidDesign
from ..question.economy import Exchange
from .invalid import InvalidCertificate
from .mixed import mixed
from .moving_sets import Cell, Changing, cells
from .relaxation import Give

#: Points beyond those that are needed, for those at which the file is no problem.
SPARE = 3


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
    cell : the part of the box in which sets of beliefs follow their vertices (:meth:`on`, :meth:`between`).

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
    cell: Cell | None = field(default=None, repr=False, compare=False)
    parts: dict[int, Family] = field(default_factory=dict, repr=False, compare=False)

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
                said = f"from {text(one.low)} to {text(one.high)} is no range"
                raise InvalidFamily(f"{one.name}: {said}: the first end has to be the smaller one")
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

    @property
    def title(self) -> str:
        """That of the file."""
        return self.at(self.corners[0]).environment.title or "untitled"

    def at(self, point: Vector) -> Design:
        """The design at a point of the box.  Raises InvalidFamily where there is no such problem."""
        if point not in self.known:
            design = self._read(point)
            beliefs = design.environment.beliefs
            if beliefs is not None and self.dependence.divided:  # weights that are polynomials
                environment = replace(design.environment, beliefs=beliefs.undivided)
                design = replace(design, environment=environment)
            if self.cell is not None and self.cell.holds(point):
                design = self.cell.design(design, point)
            self.known[point] = design
        return self.known[point]

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The parts of the box on which vertices of belief sets are polynomials; none where sets do not move.

        Raises
        ------
        InvalidFamily
            They cannot be followed.
        """
        if self.cell is not None or not self.dependence.sets:
            return () if self.cell is None else (self.cell,)

        def read(point: Vector) -> Design | None:
            try:
                return self._read(point)
            except InvalidFamily:
                return None

        try:
            return cells(read, self.corners, self.dependence.sets)
        except Changing as change:
            raise InvalidFamily(f"beliefs: {change} (`mechlp sweep` asks at points)") from None

    def on(self, polygon: Sequence[Vector]) -> Family:
        """The family on the cell in which a polygon lies.  Raises InvalidCertificate where vertices of sets change in it."""
        return self._within(lambda cell: all(map(cell.holds, polygon)))

    def between(self, low: Algebraic, high: Algebraic) -> Family:
        """The same of an interval."""
        return self._within(lambda cell: cell.spans(low, high))

    def around(self, point: Fraction, low: Algebraic, high: Algebraic) -> tuple[Algebraic, Algebraic] | None:
        """The part of an interval around a point in which vertices of sets do not change; None where they do at the point."""
        at, cut = Algebraic.of(point), [cell.ends for cell in self.cells if cell.ends is not None]
        found = [(max(low, a), min(high, b)) for a, b in cut or [(low, high)] if a < at < b]
        return found[0] if found else None

    def goes_through(self, at: Algebraic) -> bool:
        """Whether vertices of belief sets do not change at a number."""
        return not any(at in cell.ends for cell in self.cells if cell.ends is not None)

    def _within(self, holds: Callable[[Cell], bool]) -> Family:
        if not self.dependence.sets:
            return self
        number = next((k for k, cell in enumerate(self.cells) if holds(cell)), None)
        if number is None:
            raise InvalidCertificate("the vertices of belief sets change inside of a piece")
        if self.cell is not None:
            return self
        if number not in self.parts:
            own = self.cells[number]
            self.parts[number] = replace(self, cell=own, known={}, narrowed={}, parts={})
        return self.parts[number]

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
        further = asked.robust or asked.constraints or asked.environment.actions
        if unlike or further or any(node.misreports for node in self._nodes[1]):  # slack may be zero at an end
            return self.at((point, Fraction(0)))
        key = (point, Fraction(1))  # beside the box
        if key not in self.known:
            places, designs = self._nodes
            weights = [
                prod(((point - q) / (p - q) for q in places if q != p), start=Fraction(1)) for p in places
            ]
            try:
                self.known[key] = mixed(designs, weights, apart=self._another_prior)
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
            kinds = {Exchange: "an economy", BoxDesign: "types that fill a box"}
            kind = kinds.get(type(design), "identical bidders who are solved by a representative")
            raise InvalidFamily(f"{kind}: not asked of whole ranges of a parameter; `mechlp sweep` asks at points")
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
