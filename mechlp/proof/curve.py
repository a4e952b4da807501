"""The optimal value as a function of one parameter where it is no straight line: rational functions, and what proves them.

The range is cut at finitely many real algebraic numbers.  On each open interval between two of them a mechanism attains what
multipliers prove to be the most, both rational functions of the parameter (:mod:`mechlp.proof.stretch`); or multipliers show that
no mechanism exists.  A rational cut has an optimum, or a refutation, of its own; at an irrational one the value is that of the
sides, where what may be used and who has beliefs does not change there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from ..question.design import InvalidDesign
from .cases import Case
from .family import Family, InvalidFamily, Range, valued
from .guarantee import reached
from .intervals import Interval
from .invalid import InvalidCertificate, unreadable
from .stages import Stage, Staged, joined

FORMAT = "mechlp value 2"


@dataclass(frozen=True)
class Arc(Interval):
    """An open interval: an optimum (``mechanism`` and ``multipliers``), impossible (``multipliers`` alone), or undecided."""

    @property
    def status(self) -> str:
        if self.multipliers is None:
            return "undecided"
        return "impossible" if self.mechanism is None else "optimal"

    def check(self, family: Family) -> None:
        """Raises InvalidCertificate."""
        if self.multipliers is None:
            if self.mechanism is not None:
                raise InvalidCertificate("a mechanism without multipliers proves no value")
        elif self.mechanism is None:
            self.stretch(family).refutes(self.multipliers)
        else:
            self.stretch(family).optimal(self.mechanism, self.multipliers)

    def value(self, family: Family) -> Quotient | None:
        """The value, which :meth:`check` confirms."""
        if self.status != "optimal":
            return None
        assert self.mechanism is not None
        return self.stretch(family).attained(self.mechanism)

    def goes_on(self, family: Family, end: Algebraic) -> bool:
        """Whether what is proved inside holds at an irrational end: nothing that it rests on changes there."""
        stretch = self.stretch(family)
        same = bool(np.array_equal(stretch.allowed_at(end), stretch.allowed))
        strict = all(c.function.sign(end) == 1 for c in stretch.conditions() if c.strict)
        paths = [path for path in (self.mechanism, self.multipliers) if path is not None]
        return same and strict and all(end.sign(polynomial(path.denominator)) != 0 for path in paths)

    def to_json(self, family: Family) -> dict[str, Any]:
        value = self.value(family)
        return {
            "status": self.status,
            "value": None if value is None else value.written(),
            **super().to_json(family),
        }


@dataclass(frozen=True)
class Spot:
    """A point between two intervals, or an end of the range: with an optimum of its own, or a refutation, if it is rational."""

    at: Algebraic
    value: Fraction | None = None
    mechanism: Mechanism | None = None
    proof: Case | None = None

    @property
    def status(self) -> str:
        if self.proof is None:
            return "undecided"
        return "impossible" if self.mechanism is None else "optimal"

    def check(self, family: Family) -> None:
        """Raises InvalidCertificate."""
        point = self.at.rational
        if self.proof is None:
            if self.value is not None or self.mechanism is not None:
                raise InvalidCertificate("a value that nothing proves")
            return
        if point is None:
            raise InvalidCertificate("a proof of its own at a point that is not rational")
        design, where = family.at((point, Fraction(0))), family.place((point, Fraction(0)))
        if self.proof.bound(design) != self.value:
            raise InvalidCertificate(f"at {where} the multipliers do not prove the value")
        if self.mechanism is None:
            if self.value is not None:
                raise InvalidCertificate(f"at {where} a value without a mechanism")
            return
        if not audit(self.mechanism, design).passed or reached(design, self.mechanism, None) != self.value:
            raise InvalidCertificate(f"at {where} the mechanism does not attain the value")

    def to_json(self, family: Family) -> dict[str, Any]:
        point, proof = self.at.rational, None
        if self.proof is not None:
            assert point is not None
            proof = self.proof.to_json(family.at((point, Fraction(0))))
        return {
            "at": self.at.to_json(),
            "status": self.status,
            "value": None if self.value is None else text(self.value),
            "mechanism": None if self.mechanism is None else self.mechanism.to_json(),
            "proof": proof,
        }

    @classmethod
    def from_json(cls, family: Family, data: Mapping[str, Any]) -> Spot:
        at = Algebraic.from_json(data["at"])
        if at.rational is None:
            return cls(at)
        design, m, y = family.at((at.rational, Fraction(0))), data["mechanism"], data["proof"]
        return cls(
            at,
            None if data["value"] is None else rational(data["value"]),
            None if m is None else Mechanism.from_json(design.environment, m),
            None if y is None else Case.from_json(design, y),
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

    def __post_init__(self) -> None:
        if len(self.family.over) != 1:
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
        (one,) = self.family.over
        places = [spot.at for spot in self.spots]
        if (places[:1], places[-1:]) != ([Algebraic.of(one.low)], [Algebraic.of(one.high)]):
            raise InvalidCertificate("the cuts do not go from one end of the range to the other")
        if sorted(set(places)) != places or [(a.low, a.high) for a in self.arcs] != list(
            itertools.pairwise(places)
        ):
            raise InvalidCertificate("the intervals do not fill the range in order")
        for arc in self.arcs:
            arc.check(self.family)
        for spot in self.spots:
            spot.check(self.family)
        yield f"the value on {len(self.arcs)} intervals of {one.name} and at the points between them"

    def to_json(self) -> dict[str, Any]:
        """The function, with everything that proves it: exact strings, the problem embedded, a checksum."""
        (one,) = self.family.over
        body = {
            "format": FORMAT,
            "status": self.status,
            "title": self.title,
            "over": {one.name: [text(one.low), text(one.high)]},
            "spots": [spot.to_json(self.family) for spot in self.spots],
            "arcs": [arc.to_json(self.family) for arc in self.arcs],
            "problem": dict(self.family.document),
        }
        return {**body, "sha256": checksum(body)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ValueCurve:
        """Read :meth:`to_json` back; :meth:`check` says whether it holds.  Raises InvalidCertificate, InvalidDesign."""
        try:
            over = tuple(Range(str(n), rational(a), rational(b)) for n, (a, b) in data["over"].items())
            family = valued(data["problem"], over)
            spots = tuple(Spot.from_json(family, own) for own in data["spots"])
            ends = list(itertools.pairwise(spot.at for spot in spots))
            both = zip(ends, data["arcs"], strict=True)
            arcs = tuple(
                Arc.from_json(family, low, high, own) for (low, high), own in both if _rising(low, high)
            )
            return cls(family, str(data["title"]), spots, arcs)
        except (InvalidCertificate, InvalidDesign):
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise unreadable("value", error) from None

    def __repr__(self) -> str:
        return f"<ValueCurve of {self.title!r} over {self.family.names[0]}: {len(self.stages)} pieces>"


def _rising(low: Algebraic, high: Algebraic) -> bool:
    if not low < high:
        raise InvalidCertificate("the cuts do not go through the range in order")
    return True


__all__ = ["FORMAT", "Arc", "Spot", "ValueCurve"]
