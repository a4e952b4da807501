"""The optimal value as rational functions of one parameter, or the least that must give way, and what proves them.

The range is cut at finitely many real algebraic numbers.  On each open interval between two of them a mechanism attains what
multipliers prove to be the most, both rational functions of the parameter (:mod:`mechlp.proof.stretch`); or multipliers show that
no mechanism exists.  A rational cut has an optimum, or a refutation, of its own; at an irrational one the value is that of the
sides, where what may be used and who has beliefs does not change there.  Over no parameter it is one number.

Of what gives way (:mod:`mechlp.proof.relaxation`) multipliers prove the least amount, and the mechanism breaks what gives way by
no more; without multipliers it breaks nothing, and the amount is zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..exact.algebraic import Algebraic
from ..exact.numbers import rational, text
from ..exact.quotients import Quotient, polynomial
from ..exact.saved import checksum
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design, InvalidDesign
from .case_functions import CaseFunction
from .cases import Case
from .conditions import Condition, no_better
from .family import Family, InvalidFamily, Range, valued
from .functions import MAX_DEGREE, MechanismFunction
from .guarantee import WorstCase, reached
from .intervals import Interval
from .invalid import InvalidCertificate, unreadable
from .pieces import ruled_from_json, ruled_to_json
from .relaxation import WAYS, Relaxation, giving_way
from .stages import Stage, Staged, joined
from .stretch import Stretch

FORMAT = "mechlp value 2"


@dataclass(frozen=True)
class Arc(Interval):
    """An open interval: optimum (``mechanism``, with ``multipliers`` or ``cases``), impossible (one of these), or undecided.

    ``missed`` is by how much what gives way is missed, where cases prove it to be the least.
    """

    missed: Quotient | None = None

    @property
    def status(self) -> str:
        if self.mechanism is not None:
            return "optimal"
        return "undecided" if self.multipliers is None and self.cases is None else "impossible"

    def check(self, family: Family) -> None:
        """Raises InvalidCertificate."""
        if self.mechanism is None:
            super().check(family)
        elif self.cases is not None:
            self._check_cases(self.stretch(family), self.mechanism, self.cases)
        elif family.gives:
            self.stretch(family).least(self.mechanism, self.multipliers)
        elif self.multipliers is None:
            raise InvalidCertificate("a mechanism without multipliers proves no value")
        else:
            self.stretch(family).optimal(self.mechanism, self.multipliers)

    def _check_cases(self, stretch: Stretch, mechanism: MechanismFunction, cases: CaseFunction) -> None:
        """That a mechanism attains what no case allows more than, or misses what each case must miss.  Raises
        InvalidCertificate."""
        gives, maximize = stretch.family.gives, stretch.middle.wants.maximize
        if gives:
            if self.missed is None:
                raise InvalidCertificate("cases, but no amount")
            below = Quotient(self.missed.bottom, polynomial([Fraction(1)]))
            stretch.check(iter([Condition(self.missed), Condition(below, strict=True)]), "a negative amount, or a pole")
        stretch.serves(mechanism, missed=self.missed if gives else None)
        value = self.missed if gives and self.missed is not None else stretch.attained(mechanism)
        for refutes, y, allowed in cases.each(stretch.middle, stretch.allowed[None]):
            if refutes:
                stretch.refutes(y, allowed=allowed)
                continue
            most = stretch.needed(y, allowed) if gives else stretch.bounds(y, wanted=True, allowed=allowed)
            more = no_better(most, value, maximize=maximize and not gives)
            stretch.check(iter([more]), "a case allows more than the mechanism attains")

    def value(self, family: Family) -> Quotient | None:
        """The value, which :meth:`check` confirms."""
        if self.mechanism is None:
            return None
        stretch = self.stretch(family)
        if not family.gives:
            return stretch.attained(self.mechanism)
        return self.missed if self.missed is not None else stretch.amount(self.multipliers)

    def goes_on(self, family: Family, end: Algebraic) -> bool:
        """Whether what is proved inside holds at an irrational end: nothing that it rests on changes there."""
        stretch = self.stretch(family)
        same = bool(np.array_equal(stretch.allowed_at(end), stretch.allowed))
        strict = all(c.function.sign(end) == 1 for c in stretch.conditions() if c.strict)
        cases = [] if self.cases is None else list(self.cases.each(stretch.middle, stretch.allowed[None]))
        own = (self.mechanism, self.multipliers, *(y for _, y, _ in cases))
        paths = [path for path in own if path is not None]
        if not (same and strict and all(end.sign(polynomial(path.denominator)) != 0 for path in paths)):
            return False
        # The bound that refutes is negative inside, and may be zero at the end.
        against = [(y, allowed) for refutes, y, allowed in cases if refutes]
        against += self.refutations(family) if self.mechanism is None else []
        return all(stretch.refuted(y, allowed).function.sign(end) == 1 for y, allowed in against)

    def to_json(self, family: Family) -> dict[str, Any]:
        value = self.value(family)
        return {
            "status": self.status,
            "value": None if value is None else value.written(),
            **super().to_json(family),
        }

    @classmethod
    def from_json(cls, family: Family, low: Algebraic, high: Algebraic, data: Mapping[str, Any]) -> Arc:
        found = super().from_json(family, low, high, data)
        if not family.gives or found.cases is None or found.mechanism is None:
            return found
        top, bottom = (polynomial([rational(c) for c in given]) for given in data["value"])
        if bottom.is_zero() or max(top.degree(), bottom.degree()) > MAX_DEGREE:
            raise InvalidCertificate("an amount that is no function of the parameter")
        return replace(found, missed=Quotient(top, bottom))


@dataclass(frozen=True)
class Spot:
    """A point between two intervals, or an end of the range: with an optimum of its own, or a refutation, if it is rational.

    ``rules`` are several where transfers are ambiguous; ``worst`` is the prior under which they do worst, where the designer
    holds a set of priors possible.
    """

    at: Algebraic
    value: Fraction | None = None
    rules: tuple[Mechanism, ...] = ()
    proof: Case | None = None
    worst: WorstCase | None = None

    @property
    def status(self) -> str:
        if self.value is not None:
            return "optimal"
        return "undecided" if self.proof is None else "impossible"

    def check(self, family: Family) -> None:
        """Raises InvalidCertificate."""
        point = self.at.rational
        if self.status == "undecided":
            if self.rules:
                raise InvalidCertificate("a mechanism that proves no value")
            return
        if point is None:
            raise InvalidCertificate("a proof of its own at a point that is not rational")
        if (self.value is None) != (not self.rules):
            raise InvalidCertificate("a value without a mechanism, or a mechanism without a value")
        design = family.at((point, Fraction(0)))
        try:
            if family.gives:
                y = None if self.proof is None else self.proof.multipliers
                cases = self.proof if y is None else None
                Relaxation(family.gives, self.value, self.rules, y, cases).check(design)
            else:
                self._check_optimum(design)
        except InvalidCertificate as error:
            raise InvalidCertificate(f"at {family.place((point, Fraction(0)))}: {error}") from None

    def _check_optimum(self, design: Design) -> None:
        if self.proof is None or self.proof.bound(design) != self.value:
            raise InvalidCertificate("the multipliers do not prove the value")
        self.proof.check_labels(design)
        if self.rules and not audit(self.rules, design).passed:
            raise InvalidCertificate("the mechanism breaks a requirement")
        if any(reached(design, rule, self.worst) != self.value for rule in self.rules):
            raise InvalidCertificate("the mechanism does not attain the value")

    def to_json(self, family: Family) -> dict[str, Any]:
        found: dict[str, Any] = {
            "at": self.at.to_json(),
            "status": self.status,
            "value": None if self.value is None else text(self.value),
            "mechanism": ruled_to_json(self.rules) if self.rules else None,
            "proof": None,
        }
        point = self.at.rational
        if point is not None and self.proof is not None:
            design = family.at((point, Fraction(0)))
            found["proof"] = self.proof.to_json(giving_way(design, family.gives))
            if self.worst is not None:
                found["worst_case"] = self.worst.to_json(design)
        return found

    @classmethod
    def from_json(cls, family: Family, data: Mapping[str, Any]) -> Spot:
        at = Algebraic.from_json(data["at"])
        if at.rational is None:
            return cls(at)
        design, m, y = family.at((at.rational, Fraction(0))), data["mechanism"], data["proof"]
        worst = data.get("worst_case")
        return cls(
            at,
            None if data["value"] is None else rational(data["value"]),
            () if m is None else ruled_from_json(design, m),
            None if y is None else Case.from_json(giving_way(design, family.gives), y),
            None if worst is None else WorstCase.from_json(design, worst),
        )


@dataclass(frozen=True, repr=False)
class ValueCurve(Staged):
    """The optimal value over a range of one parameter, with proofs, as rational functions between algebraic numbers.

    ``value_curve(x=1/2)`` is the value at a point; :attr:`stages` are the parts with one formula each.
    """

    family: Family
    title: str
    spots: tuple[Spot, ...]
    arcs: tuple[Arc, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.family.over) > 1:
            raise InvalidFamily("the value is asked over one parameter: --over NAME=FROM:TO")

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The range by formulas, as few as there are."""
        values = [arc.value(self.family) for arc in self.arcs]
        out: list[Stage] = []
        for k, spot in enumerate(self.spots):
            out.append(self._at(k, spot, values))
            if k < len(self.arcs):
                arc = self.arcs[k]
                out.append(Stage(arc.low, arc.high, (False, False), arc.status, values[k]))
        return joined(out)

    def _at(self, k: int, spot: Spot, values: list[Quotient | None]) -> Stage:
        """What holds at a cut: a constant, or the formula of a side that says the same."""
        own = (spot.at, spot.at, (True, True))
        sides = [j for j in (k - 1, k) if 0 <= j < len(self.arcs)]
        point = spot.at.rational
        if point is not None and not self.family.asked_at((point, Fraction(0))):  # no problem there
            return Stage(*own, self.arcs[sides[0]].status, values[sides[0]])
        if point is None:
            going = [j for j in sides if self.arcs[j].goes_on(self.family, spot.at)]
            status = self.arcs[going[0]].status if going else "undecided"
            return Stage(*own, status, values[going[0]] if going else None)
        if spot.value is None:
            return Stage(*own, spot.status)
        for j in sides:
            side = values[j]
            if side is not None and spot.at.sign(side.bottom) != 0 and side(point) == spot.value:
                return Stage(*own, "optimal", side)
        return Stage(*own, "optimal", Quotient(polynomial([spot.value]), polynomial([Fraction(1)])))

    def check(self) -> Iterator[str]:
        """Each claim that holds, in words.  Raises InvalidCertificate at the first that does not."""
        places, ends = [spot.at for spot in self.spots], [Algebraic.of(x) for x, _ in self.family.corners]
        if (places[:1], places[-1:]) != (ends[:1], ends[-1:]):
            raise InvalidCertificate("the cuts do not go from one end of the range to the other")
        if sorted(set(places)) != places or [(a.low, a.high) for a in self.arcs] != list(
            itertools.pairwise(places)
        ):
            raise InvalidCertificate("the intervals do not fill the range in order")
        for arc in self.arcs:
            arc.check(self.family)
        for spot in self.spots:
            spot.check(self.family)
        names = self.family.names
        where = "".join(f" on {len(self.arcs)} intervals of {n} and at the points between them" for n in names)
        yield f"the value{where}"

    def to_json(self) -> dict[str, Any]:
        """The function, with everything that proves it: exact strings, the problem embedded, a checksum."""
        gives = {} if self.family.gives is None else {"gives": self.family.gives}
        body = {
            "format": FORMAT,
            "status": self.status,
            "title": self.title,
            "over": {one.name: [text(one.low), text(one.high)] for one in self.family.over},
            **gives,
            "spots": [spot.to_json(self.family) for spot in self.spots],
            "arcs": [arc.to_json(self.family) for arc in self.arcs],
            **({"notes": list(self.notes)} if self.notes else {}),
            "problem": dict(self.family.document),
        }
        return {**body, "sha256": checksum(body)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ValueCurve:
        """Read :meth:`to_json` back; :meth:`check` says whether it holds.  Raises InvalidCertificate, InvalidDesign."""
        try:
            over = tuple(Range(str(n), rational(a), rational(b)) for n, (a, b) in data["over"].items())
            gives = data.get("gives")
            if gives not in (None, *WAYS):
                raise InvalidCertificate(f"what gives way: {gives!r}")
            family = valued(data["problem"], over, gives)
            spots = tuple(Spot.from_json(family, own) for own in data["spots"])
            ends = list(itertools.pairwise(spot.at for spot in spots))
            both = zip(ends, data["arcs"], strict=True)
            arcs = tuple(
                Arc.from_json(family, low, high, own) for (low, high), own in both if _rising(low, high)
            )
            return cls(family, str(data["title"]), spots, arcs, tuple(map(str, data.get("notes", ()))))
        except (InvalidCertificate, InvalidDesign):
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise unreadable("value", error) from None

    def __repr__(self) -> str:
        return f"<ValueCurve of {self.title!r}{self.over_what}: {len(self.stages)} pieces>"


def _rising(low: Algebraic, high: Algebraic) -> bool:
    if not low < high:
        raise InvalidCertificate("the cuts do not go through the range in order")
    return True


__all__ = ["FORMAT", "Arc", "Spot", "ValueCurve"]
