"""Intervals of one parameter with what proves them, and the points between them (:mod:`mechlp.proof.threshold`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from ..exact.algebraic import Algebraic
from ..exact.quotients import polynomial
from ..mechanism.audit import audit
from .case_functions import CaseFunction, Refutation
from .cases import Case
from .conditions import Condition
from .family import Family
from .functions import MechanismFunction, MultiplierFunction
from .invalid import InvalidCertificate
from .ruled import Ruled, ruled_from_json, ruled_to_json
from .stretch import Stretch


@dataclass(frozen=True)
class Interval:
    """An open interval, served by ``mechanism``, refuted by ``multipliers``, or by ``cases`` of them, or undecided."""

    low: Algebraic
    high: Algebraic
    mechanism: MechanismFunction | None = None
    multipliers: MultiplierFunction | None = None
    cases: CaseFunction | None = None

    @property
    def status(self) -> str:
        if self.mechanism is not None:
            return "possible"
        return "undecided" if self.multipliers is None and self.cases is None else "impossible"

    def refutations(self, family: Family) -> list[Refutation]:
        """The multipliers that refute, each with what may be used in its case.  Raises InvalidCertificate."""
        cases = self._cases
        if cases is None:
            return []
        stretch = self.stretch(family)
        return list(cases.refutations(stretch.middle, stretch.allowed[None]))

    @property
    def _cases(self) -> CaseFunction | None:
        """The proof that nothing exists, multipliers alone being one case."""
        return self.cases if self.multipliers is None else CaseFunction(self.multipliers, True)

    def stretch(self, family: Family) -> Stretch:
        return Stretch.of(family, self.low, self.high)

    def check(self, family: Family) -> None:
        """Raises InvalidCertificate."""
        if self.mechanism is not None:
            self.stretch(family).serves(self.mechanism)
        for y, allowed in [] if self.mechanism is not None else self.refutations(family):
            self.stretch(family).refutes(y, allowed=allowed)

    def reaches(self, family: Family, end: Algebraic) -> bool:
        """Whether what is proved inside holds at an end too: at a rational one as it stands, else by continuity."""
        if (point := end.rational) is not None:
            return self._holds(family, point)
        against, stretch = self.refutations(family), self.stretch(family)
        paths = [y for y, _ in against] if self.mechanism is None else [self.mechanism]
        if not paths or any(end.sign(polynomial(path.denominator)) == 0 for path in paths):
            return False
        # A type that has no belief at the end asks for nothing there, and one whose ranking has a tie for less: but neither
        # may be what a refutation uses.
        against_all = self.mechanism is None
        found = stretch.conditions(believed=against_all, ranked=against_all)
        same = all(c.function.sign(end) == 1 for c in found if c.strict)
        if self.mechanism is not None:
            return same or family.ties_open
        refuted: list[Condition] = [stretch.refuted(y, allowed) for y, allowed in against]
        return same and all(one.function.sign(end) == 1 for one in refuted)

    def _holds(self, family: Family, point: Fraction) -> bool:
        try:
            design = family.between(self.low, self.high).at((point, Fraction(0)))
            if self.mechanism is not None:
                return audit(self.mechanism.at(design, point), design).passed
            cases = self._cases
            return cases is not None and cases.at(point).bound(design) is None
        except InvalidCertificate:
            return False

    def to_json(self, family: Family) -> dict[str, Any]:
        if self.status == "undecided":
            return {"mechanism": None, "multipliers": None}
        design = self.stretch(family).middle
        return {
            "mechanism": None if self.mechanism is None else self.mechanism.to_json(),
            "multipliers": None if self.multipliers is None else self.multipliers.to_json(design),
            **({} if self.cases is None else {"cases": self.cases.to_json(design)}),
        }

    @classmethod
    def from_json(cls, family: Family, low: Algebraic, high: Algebraic, data: Mapping[str, Any]) -> Self:
        m, y, cases = data["mechanism"], data["multipliers"], data.get("cases")
        if m is None and y is None and cases is None:
            return cls(low, high)
        design = Stretch.of(family, low, high).middle
        return cls(
            low,
            high,
            None if m is None else MechanismFunction.from_json(design, m),
            None if y is None else MultiplierFunction.from_json(design, y),
            None if cases is None else CaseFunction.from_json(design, cases),
        )


def _around_to_json(family: Family, own: Interval) -> dict[str, Any]:
    return {"from": own.low.to_json(), "to": own.high.to_json(), **own.to_json(family)}


@dataclass(frozen=True)
class Cut:
    """A point between two intervals, or an end of the range; or with a mechanism (``rules``) or ``proof`` of its own."""

    at: Algebraic
    rules: Ruled = ()
    proof: Case | None = None
    around: Interval | None = None

    def check(self, family: Family, side: Interval) -> str | None:
        """What its own proof says; None without one.  Raises InvalidCertificate."""
        point = self.at.rational
        if self.around is not None:
            return self._check_around(family, self.around, side)
        if not self.rules and self.proof is None:
            return None
        if point is None:
            raise InvalidCertificate("a proof of its own at a point that is not rational")
        design = family.at((point, Fraction(0)))
        if self.rules:
            report = audit(self.rules, design)
            if not report.passed:
                raise InvalidCertificate(
                    f"at {family.place((point, Fraction(0)))} the mechanism breaks a requirement: {report}"
                )
            return "possible"
        assert self.proof is not None
        self.proof.check_labels(design)
        if self.proof.bound(design) is not None:
            raise InvalidCertificate(
                f"at {family.place((point, Fraction(0)))} the multipliers refute nothing"
            )
        return "impossible"

    def _check_around(self, family: Family, own: Interval, side: Interval) -> str:
        allowed = side.stretch(family).allowed_at(self.at)
        stretch = Stretch(family, own.low, own.high, allowed)
        if self.at.rational is not None or not own.low < self.at < own.high:
            raise InvalidCertificate("an interval that is not around its irrational point")
        if own.mechanism is not None:
            stretch.serves(own.mechanism, ruled=False)
        elif own.cases is not None:
            raise InvalidCertificate("cases around an irrational point")
        elif own.multipliers is not None:
            stretch.refutes(own.multipliers, ruled=False)
        return own.status

    def to_json(self, family: Family) -> dict[str, Any]:
        proof = None
        if self.proof is not None:
            assert self.at.rational is not None
            proof = self.proof.to_json(family.at((self.at.rational, Fraction(0))))
        return {
            "at": self.at.to_json(),
            "mechanism": ruled_to_json(self.rules) if self.rules else None,
            "proof": proof,
            "around": None if self.around is None else _around_to_json(family, self.around),
        }

    @classmethod
    def from_json(cls, family: Family, data: Mapping[str, Any]) -> Cut:
        at = Algebraic.from_json(data["at"])
        if at.rational is None:
            own = data["around"]
            if own is None:
                return cls(at)
            low, high = (Algebraic.from_json(own[k]) for k in ("from", "to"))
            return cls(at, around=Interval.from_json(family, low, high, own))
        design = family.at((at.rational, Fraction(0)))
        m, y = data["mechanism"], data["proof"]
        return cls(
            at,
            () if m is None else ruled_from_json(design, m),
            None if y is None else Case.from_json(design, y),
        )


__all__ = ["Cut", "Interval"]
