"""What mechanisms and multipliers that are rational functions of one parameter prove on a whole open interval.

Payoffs, and beliefs up to a factor, are rational functions of the parameter whose degrees are read off the problem file.  So are
then the slack of every requirement at such a mechanism, and what such multipliers imply; their degrees follow, and so finitely
many values determine them (:mod:`mechlp.exact.quotients`).  These values come from the audit and from the bound at points, and
signs between two algebraic numbers are decided by isolating roots.

Long because all that is proved of a stretch, of mechanisms and of multipliers, rests on the same points and degrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice, product

import numpy as np

from ..exact.algebraic import Algebraic, between, nested
from ..exact.numbers import Rationals, stack, text
from ..exact.quotients import Points, Quotient, distinct, polynomial
from ..mechanism.audit import requirements
from ..question.design import Design
from ..question.objective import goal
from ..question.requirements import Tight, tight_rows
from .bound import bound, prior_of
from .cases import check_alone
from .conditions import Condition, function_of
from .faces import Mask
from .family import SPARE, Family, certain
from .functions import MechanismFunction, MultiplierFunction, value_of
from .guarantee import guaranteed, reached
from .invalid import InvalidCertificate
from .lagrangian import lagrangian
from .multipliers import Multipliers
from .relaxation import giving_way, kinds_of, total_on
from .unchanged import (
    apart,
    check_outside,
    lead_of_first,
    leads_of,
    masses_of,
    notions,
    pattern_of,
    signed,
    steps_of,
    together,
)


@dataclass(frozen=True)
class Stretch:
    """An open interval of the parameter on which the same outcomes may be used, ``(|A|, *Theta)``.

    Raises
    ------
    InvalidCertificate
        The vertices of belief sets change inside.
    """

    family: Family
    low: Algebraic
    high: Algebraic
    allowed: Mask

    def __post_init__(self) -> None:
        object.__setattr__(self, "family", self.family.between(self.low, self.high))

    @classmethod
    def of(cls, family: Family, low: Algebraic, high: Algebraic) -> Stretch:
        """With the outcomes that may be used inside; :meth:`conditions` says whether they stay the same."""
        return cls(family, low, high, family.at((_inside(family, low, high), Fraction(0))).allowed)

    def at(self, point: Fraction) -> Design:
        """The design at a point, its outcomes narrowed to those of the stretch."""
        key = (point, self.allowed.tobytes())
        if key not in self.family.narrowed:
            self.family.narrowed[key] = self._narrowed(self.family.drawn(point))
        return self.family.narrowed[key]

    def _narrowed(self, design: Design) -> Design:
        design = giving_way(design, self.family.gives)
        if isinstance(design.allocation, Rationals):
            return design
        rule = certain(self.allowed)
        if rule is not None:
            return replace(design, allocation=rule)
        kind = "deterministic" if design.deterministic else "chosen"
        return replace(
            design, allocation=kind, environment=replace(design.environment, possible=self.allowed)
        )

    @cached_property
    def inner(self) -> Fraction:
        """A point inside."""
        return _inside(self.family, self.low, self.high)

    @cached_property
    def middle(self) -> Design:
        """The design at a point inside, by whose names types are written down."""
        return self._narrowed(self.family.at((self.inner, Fraction(0))))

    def samples(self, count: int) -> Points:
        """So many points inside.  Raises InvalidCertificate where the file is a problem at fewer."""
        found = tuple(
            islice((p for p in islice(self.spread, count + SPARE) if self.family.drawn_at(p)), count)
        )
        if len(found) < count:
            raise InvalidCertificate("the file is a problem at few points only")
        return found

    @property
    def spread(self) -> Iterator[Fraction]:
        """Points inside without end: stretches that overlap share most of them."""
        first, last = (between(self.low, self.high, Fraction(k, 8)) for k in (1, 7))
        return nested(first, last)

    # -- degrees --------------------------------------------------------------------------------
    def _room(self, degrees: tuple[int, int], masses: int = 0) -> tuple[int, int]:
        """Degrees at most of what is linear in a function and in payoffs, divided by so many probabilities of types."""
        payoffs, below, beliefs = self.family.degrees
        beliefs *= masses + 1
        return max(degrees) + max(payoffs, below) + beliefs, degrees[1] + below + beliefs

    @cached_property
    def _masses(self) -> int:
        """The number of types that have beliefs, one a state."""
        environment, found = self.middle.environment, 0
        for notion, i in product(notions(self.middle), range(environment.n)):
            states = notion.states(environment, i)
            found += states.size * environment.agents[i].size if states.summed else 0
        return found

    # -- what must hold -------------------------------------------------------------------------
    def conditions(
        self, *, ruled: bool = True, believed: bool = True, ranked: bool = True, near: Fraction | None = None
    ) -> Iterator[Condition]:
        """That the outcomes which may be used (``ruled``), the types which have beliefs (``believed``), and rankings of outcomes
        where types compare those (``ranked``, as ``near`` a point) stay the same.

        Raises
        ------
        InvalidCertificate
            Types lose their beliefs on the way.
        """
        top, bottom = self._room((0, 0))
        points = self.samples(top + bottom + 1)
        designs = [self.family.drawn(p) for p in points]
        for design in designs:
            check_outside(design, moving=self.family.degrees[2] > 0)
        rule = self._rule
        if rule is not None and ruled:
            leads = [leads_of(d, self.allowed, rule) for d in designs]
            for k, strict in enumerate((False, True)):
                for values in distinct([pair[k] for pair in leads]):
                    yield Condition(function_of(points, values, top, bottom), strict)
        if self.family.degrees[2] and believed:
            chances = [masses_of(d) for d in designs]
            if len(set(map(len, chances))) > 1:
                raise InvalidCertificate("types lose their beliefs on the way")
            for values in distinct(chances):
                yield Condition(function_of(points, values, top, bottom), strict=True)
        if ranked and not all(notion.paid for notion in notions(self.middle)):
            like = self.middle if near is None else self.family.drawn(near)
            tied = np.asarray(steps_of(like, like) == 0)
            steps = [steps_of(d, like) for d in designs]
            for values in distinct([one[~tied] for one in steps]):
                yield Condition(function_of(points, values, top, bottom), strict=True)
            for values in distinct([together(one[tied], -one[tied]) for one in steps]):
                yield Condition(function_of(points, values, top, bottom))

    @property
    def _rule(self) -> str | None:
        """The name of a rule that says by the surplus which outcomes may be used."""
        rule = self.family.at(self.family.corners[0]).allocation
        return rule if isinstance(rule, str) and rule.startswith("efficient") else None

    def allowed_at(self, end: Algebraic) -> Mask:
        """The outcomes that may be used at an end: those tied there with the ones inside, too."""
        if self._rule is None or self.middle.ir_binds:
            return self.allowed
        top, bottom = self._room((0, 0))
        points = self.samples(top + bottom + 1)
        ahead = [lead_of_first(self.family.drawn(p), self.allowed) for p in points]
        columns = zip(*(a.ravel().fractions() for a in ahead), strict=True)
        known: dict[tuple[Fraction, ...], bool] = {}
        tied = []
        for values in columns:
            if values not in known:
                known[values] = function_of(points, values, top, bottom).sign(end) == 0
            tied.append(known[values])
        found = np.array(tied, dtype=bool).reshape(self.allowed.shape)
        return found & (np.cumsum(found, axis=0) == 1) if self._rule == "efficient-first" else found

    def defined(
        self, path: MechanismFunction | MultiplierFunction, near: Fraction | None = None
    ) -> Condition:
        """That a denominator vanishes nowhere: its sign is that at a point."""
        below = polynomial(path.denominator)
        sign = 1 if value_of(path.denominator, self.inner if near is None else near) > 0 else -1
        return Condition(Quotient(below * sign, polynomial([Fraction(1)])), strict=True)

    def slacks(
        self, mechanism: MechanismFunction, missed: Quotient | None = None, near: Fraction | None = None
    ) -> Iterator[Condition]:
        """Every requirement at a mechanism, from the definition; what gives way may be ``missed`` by so much.
        After a lie recommendations are answered in the way that is best ``near`` a point.

        Raises
        ------
        InvalidCertificate
            One that must hold with equality does not, or requirements change on the way.
        """
        top, bottom = self._room(mechanism.degrees)
        if missed is not None:
            above, below = missed.top.degree(), missed.bottom.degree()
            top, bottom = max(top + below, above + bottom), bottom + below
        points, gives = self.samples(top + bottom + 1), self.family.gives
        kinds = kinds_of(self.middle, gives) if missed is not None and gives else set()
        rows, tight = [], self._answers(mechanism, near)
        for p in points:
            design = self.at(p)
            rules = mechanism.at(design, p)
            if (
                self.middle.deterministic
                and (mechanism.at(design, points[0])[0].allocation != rules[0].allocation).any()
            ):
                raise InvalidCertificate("a deterministic rule that changes with the parameter")
            more = 0 if missed is None else missed(p)
            families = [
                ((g + more if kind in kinds and about is not None else g).ravel(), equal)
                for kind, _, g, equal, about in requirements(rules, design, mechanism.labels(design), tight)
            ]
            if any(equal and bool(np.any(gap != 0)) for gap, equal in families):
                raise InvalidCertificate(f"the mechanism breaks a requirement at {text(p)}")
            if mechanism.prices is not None or design.robust:
                families.append((guaranteed(design, rules[0], mechanism.prices_at(p))[1], False))
            rows.append([gap for gap, equal in families if not equal])
        if len({tuple(map(len, row)) for row in rows}) > 1:
            raise InvalidCertificate("requirements change on the way")
        for arrays in zip(*rows, strict=True):
            for values in distinct(arrays):
                yield Condition(function_of(points, values, top, bottom))

    def _answers(self, mechanism: MechanismFunction, near: Fraction | None) -> Tight | None:
        """How recommendations are answered after lies at a point."""
        if self.middle.environment.actions is None:
            return None
        at = self.inner if near is None else near
        design = self.at(at)
        (rule,) = mechanism.at(design, at)
        return tight_rows(rule.allocation, rule.transfers, design.requirements)

    def signs(
        self,
        y: MultiplierFunction,
        *,
        wanted: bool,
        near: Fraction | None = None,
        allowed: Mask | None = None,
    ) -> Iterator[Condition]:
        """That multipliers have their signs, and that the same lotteries and transfers are best all along, as ``near`` a point.

        ``allowed``: what may be used in the case at hand, ``(copies, |A|, *Theta)``; default all that may be on the stretch.

        Raises
        ------
        InvalidCertificate
            Transfers do not cancel.
        """
        top, bottom = self._room(y.degrees, self._masses)
        points = self.samples(top + bottom + 1)
        if self.middle.ambiguous and not all(apart(self.middle, part) for part in y.powers):
            raise InvalidCertificate(
                "one rule is said to punish several lies, which proves nothing about more"
            )
        found = [y.at(p) for p in points]
        for arrays in zip(*(signed(self.middle, one) for one in found), strict=True):
            for values in distinct(arrays):
                yield Condition(function_of(points, values, *y.degrees))
        if wanted and self.middle.robust:
            for values in distinct([self._in_set(one, p) for one, p in zip(found, points, strict=True)]):
                yield Condition(function_of(points, values, top, bottom))
        at = self.inner if near is None else near
        usable = self.allowed[None] if allowed is None else allowed & self.allowed
        pattern = pattern_of(self.middle, *self._coefficients(y, at, wanted=wanted), usable)
        signs = [pattern(*self._coefficients(y, p, wanted=wanted)) for p in points]
        if any(bool(np.any(zero != 0)) for _, zero in signs):
            raise InvalidCertificate("transfers do not cancel")
        for values in distinct([kept for kept, _ in signs]):
            yield Condition(function_of(points, values, top, bottom))

    def _in_set(self, y: Multipliers, point: Fraction) -> Rationals:
        """What must not be negative for Nature's prior to be of the designer's set.  Raises InvalidCertificate."""
        possible = self.at(point).environment.designer_set
        if possible is None or y.nature is None or y.nature.shape != (possible.cells + possible.lifts,):
            raise InvalidCertificate("multipliers without a prior of the designer's set")
        gaps, zero = possible.gaps(y.nature)
        if bool(np.any(zero != 0)):
            raise InvalidCertificate("the worst-case distribution does not belong to the designer's set")
        return gaps

    def implied(self, y: MultiplierFunction, *, wanted: bool, allowed: Mask | None = None) -> Quotient:
        """The bound that multipliers imply, where their signs and the best lotteries stay the same."""
        top, bottom = self._room(y.degrees, self._masses)
        points, used = self.samples(top + bottom + 1), self.allowed[None] if allowed is None else allowed
        values = [bound(self.at(p), y.at(p), used, wanted=wanted) for p in points]
        return function_of(points, values, top, bottom)

    def attained(self, mechanism: MechanismFunction) -> Quotient:
        """What the objective is worth at a mechanism."""
        top, bottom = self._room(mechanism.degrees)
        points = self.samples(top + bottom + 1)
        values: list[Fraction] = []
        for p in points:
            design = self.at(p)
            rules = mechanism.at(design, p)
            if design.robust:
                values.append(guaranteed(design, rules[0], mechanism.prices_at(p))[0])
                continue
            every = {reached(design, rule, None) for rule in rules}
            if len(every) != 1 or None in every:
                raise InvalidCertificate("nothing is wanted, or rules are worth different amounts")
            values += [v for v in every if v is not None]
        return function_of(points, values, top, bottom)

    def _coefficients(
        self, y: MultiplierFunction, point: Fraction, *, wanted: bool
    ) -> tuple[Rationals, Rationals]:
        """What multipliers leave on lotteries ``(copies, |A|, *Theta)`` and on transfers ``(n, K, *Theta)``."""
        design = self.at(point)
        there = y.at(point)
        on_q, on_t, _ = lagrangian(design, there, goal(design, prior_of(design, there)) if wanted else None)
        return on_q, stack(on_t)

    # -- what is proved -------------------------------------------------------------------------
    def check(self, conditions: Iterator[Condition], what: str) -> None:
        """That conditions hold on all of the stretch.  Raises InvalidCertificate."""
        if not all(c.holds(self.low, self.high) for c in conditions):
            raise InvalidCertificate(f"{what} between {_shown(self.low)} and {_shown(self.high)}")

    def serves(
        self, mechanism: MechanismFunction, *, ruled: bool = True, missed: Quotient | None = None
    ) -> None:
        """That a mechanism satisfies every requirement on all of the stretch (``ruled``: by what the file's rule allows there;
        ``missed``: by how much what gives way may be).

        Raises
        ------
        InvalidCertificate
        """
        self.check(self.conditions(ruled=ruled), "what may be used changes")
        self.check(iter([self.defined(mechanism)]), "the mechanism has a pole")
        self.check(self.slacks(mechanism, missed), "the mechanism breaks a requirement")

    def bounds(
        self, y: MultiplierFunction, *, wanted: bool, ruled: bool = True, allowed: Mask | None = None
    ) -> Quotient:
        """The bound that multipliers imply on all of the stretch.  Raises InvalidCertificate."""
        if allowed is None:  # no case in which a belief is taken
            for power in y.powers:
                check_alone(self.middle, power)
        self.check(self.conditions(ruled=ruled), "what may be used changes")
        self.check(iter([self.defined(y)]), "the multipliers have a pole")
        self.check(self.signs(y, wanted=wanted, allowed=allowed), "the multipliers prove nothing")
        return self.implied(y, wanted=wanted, allowed=allowed)

    def refutes(self, y: MultiplierFunction, *, ruled: bool = True, allowed: Mask | None = None) -> Quotient:
        """That multipliers refute all of the stretch: their bound, which is negative.  Raises InvalidCertificate."""
        found = self.bounds(y, wanted=False, ruled=ruled, allowed=allowed)
        if self.family.gives:
            self._priced(y, Fraction(0))
        self.check(iter([_negative(found)]), "the multipliers refute nothing")
        return found

    def refuted(self, y: MultiplierFunction, allowed: Mask | None = None) -> Condition:
        """That the bound which multipliers imply is negative."""
        return _negative(self.implied(y, wanted=False, allowed=allowed))

    def amount(self, y: MultiplierFunction | None, allowed: Mask | None = None) -> Quotient:
        """The least that must give way, as multipliers prove; without them nothing must.  :meth:`least` confirms it."""
        if y is None:
            return Quotient(polynomial([Fraction(0)]), polynomial([Fraction(1)]))
        found = self.implied(y, wanted=False, allowed=allowed)
        return Quotient(-found.top, found.bottom)

    def needed(self, y: MultiplierFunction, allowed: Mask | None = None) -> Quotient:
        """The same, confirmed on all of the stretch.  Raises InvalidCertificate."""
        self.bounds(y, wanted=False, allowed=allowed)
        self._priced(y, Fraction(1))
        return self.amount(y, allowed)

    def least(self, mechanism: MechanismFunction, y: MultiplierFunction | None) -> None:
        """That a mechanism breaks what gives way by no more than multipliers prove it must, and nothing else.

        Raises
        ------
        InvalidCertificate
        """
        missed = None if y is None else self.needed(y)
        if missed is not None:
            self.check(iter([Condition(missed)]), "a negative amount")
        self.serves(mechanism, missed=missed)

    def _priced(self, y: MultiplierFunction, share: Fraction) -> None:
        """That the multipliers on what gives way add up to a number all along.  Raises InvalidCertificate."""
        gives = self.family.gives
        if gives is None:
            raise InvalidCertificate("nothing gives way")
        totals = [total_on(self.middle, gives, part) for part in y.powers]
        if polynomial(totals) != polynomial(y.denominator) * polynomial([share]):
            raise InvalidCertificate("the multipliers on what gives way have another sum")

    def optimal(self, mechanism: MechanismFunction, y: MultiplierFunction) -> Quotient:
        """That a mechanism attains what multipliers prove to be the most on all of the stretch: the value.

        Raises
        ------
        InvalidCertificate
        """
        self.serves(mechanism)
        value, most = self.attained(mechanism), self.bounds(y, wanted=True)
        if not (value.top * most.bottom == most.top * value.bottom):
            raise InvalidCertificate("the multipliers do not prove the value that the mechanism attains")
        return value


def _inside(family: Family, low: Algebraic, high: Algebraic) -> Fraction:
    """A point between two others at which the file is a problem.  Raises InvalidCertificate."""
    places = (between(low, high, Fraction(k, 61)) for k in (30, 37, 17, 43, 11))
    found = next((p for p in places if family.asked_at((p, Fraction(0)))), None)
    if found is None:
        raise InvalidCertificate("the file is a problem at few points only")
    return found


def _negative(found: Quotient) -> Condition:
    return Condition(Quotient(-found.top, found.bottom), strict=True)


def _shown(end: Algebraic) -> str:
    return text(end.rational) if end.rational is not None else f"{float(end):.6g}"


__all__ = ["Stretch"]
