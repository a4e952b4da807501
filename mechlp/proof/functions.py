"""Mechanisms and multipliers that are rational functions of one parameter: polynomials, cell by cell, over one denominator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..exact.numbers import Rationals, rational, text
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.rules import Rules, choices, lies
from .invalid import InvalidCertificate
from .multipliers import Multipliers, RuleWeights
from .ruled import Ruled, ruled_from_json, ruled_to_json
from .written import multipliers_from_json, multipliers_to_json

#: Of functions that are read.
MAX_DEGREE = 200


@dataclass(frozen=True)
class MechanismFunction:
    """``sum_k powers[k] p^k / denominator(p)``, cell by cell; the denominator by its coefficients, the constant first.

    A power has the coefficients of each announced rule (one, unless transfers are ambiguous).  ``seen`` says for each lie of
    maxmin types under which belief it does not pay, in the order of :func:`~mechlp.question.rules.lies`.  ``prices`` has,
    power by power, a multiplier for each row of the designer's set, for a guarantee (:mod:`mechlp.proof.guarantee`).
    """

    powers: tuple[Ruled, ...]
    denominator: tuple[Fraction, ...]
    seen: tuple[int, ...] | None = None
    prices: tuple[Rationals, ...] | None = None

    @property
    def degrees(self) -> tuple[int, int]:
        return len(self.powers) - 1, len(self.denominator) - 1

    def at(self, design: Design, point: Fraction) -> Ruled:
        """The rules at a point, for the design there.  Raises InvalidCertificate at a pole."""
        weights = _weights(self.denominator, len(self.powers), point)
        return tuple(
            Mechanism(
                design.environment,
                _total([m.allocation for m in rule], weights),
                _total([m.transfers for m in rule], weights),
            )
            for rule in zip(*self.powers, strict=True)
        )

    def prices_at(self, point: Fraction) -> Rationals:
        """The prices of the designer's set at a point.  Raises InvalidCertificate without any, and at a pole."""
        if self.prices is None:
            raise InvalidCertificate("a guarantee without prices of the designer's set")
        return _total(self.prices, _weights(self.denominator, len(self.powers), point))

    def labels(self, design: Design) -> Rules | None:
        """Under which rule or belief each lie does not pay: then requirements are linear.  Raises InvalidCertificate."""
        if not design.worst_state:
            return Rules.of(design)
        most = [choices(design, lie) for lie in lies(design)]
        if self.seen is None or len(self.seen) != len(most):
            raise InvalidCertificate("a belief under which it does not pay is needed for each lie")
        if not all(k in states for k, states in zip(self.seen, most, strict=True)):
            raise InvalidCertificate("a lie is seen under a belief that there is not")
        return Rules.assigned(design, list(self.seen))

    def to_json(self) -> dict[str, Any]:
        seen = {} if self.seen is None else {"seen": list(self.seen)}
        prices = {} if self.prices is None else {"prices": [own.texts() for own in self.prices]}
        powers = [ruled_to_json(rules) for rules in self.powers]
        return {"powers": powers, "denominator": list(map(text, self.denominator)), **seen, **prices}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> MechanismFunction:
        powers = tuple(ruled_from_json(design, rules) for rules in data["powers"])
        seen = data.get("seen")
        if len(set(map(len, powers))) > 1:
            raise InvalidCertificate("powers of different numbers of rules")
        if seen is not None and not all(type(k) is int for k in seen):
            raise InvalidCertificate("beliefs are counted by whole numbers")
        prices = data.get("prices")
        if prices is not None:
            prices = tuple(Rationals.of([rational(v) for v in own]) for own in prices)
            if len(prices) != len(powers) or len({own.shape for own in prices}) > 1:
                raise InvalidCertificate("prices of another number of powers, or of rows")
        return cls(powers, _denominator(data, powers), None if seen is None else tuple(seen), prices)


@dataclass(frozen=True)
class MultiplierFunction:
    """The same of multipliers."""

    powers: tuple[Multipliers, ...]
    denominator: tuple[Fraction, ...]

    @property
    def degrees(self) -> tuple[int, int]:
        return len(self.powers) - 1, len(self.denominator) - 1

    def at(self, point: Fraction) -> Multipliers:
        """The multipliers at a point.  Raises InvalidCertificate at a pole."""
        weights = _weights(self.denominator, len(self.powers), point)
        first = self.powers[0]

        def total(parts: Sequence[Rationals | None]) -> Rationals | None:
            kept = [p for p in parts if p is not None]
            return _total(kept, weights) if kept else None

        return replace(
            first,
            ic=tuple(total([y.ic[i] for y in self.powers]) for i in range(len(first.ic))),
            ir=tuple(total([y.ir[i] for y in self.powers]) for i in range(len(first.ir))),
            bb=total([y.bb for y in self.powers]),
            nature=total([y.nature for y in self.powers]),
            linear=tuple(
                _total([y.linear[k] for y in self.powers], weights) for k in range(len(first.linear))
            ),
            rules=None if first.rules is None else self._spread(first.rules, weights),
        )

    def _spread(self, first: RuleWeights, weights: Sequence[Fraction]) -> RuleWeights:
        """The weights over rules or beliefs, whose labels stay the same.  Raises InvalidCertificate."""
        spread = [y.rules for y in self.powers]
        parts = [s for s in spread if s is not None and s.labels.same(first.labels)]
        if len(parts) < len(spread):
            raise InvalidCertificate("lies are labelled in different ways")
        agents = range(len(first.truth))
        return replace(
            first,
            truth=tuple(_total([s.truth[i] for s in parts], weights) for i in agents),
            lies=tuple(_total([s.lies[i] for s in parts], weights) for i in agents),
            objective=_total([s.objective for s in parts], weights),
        )

    def to_json(self, design: Design) -> dict[str, Any]:
        powers = [multipliers_to_json(design, y) for y in self.powers]
        return {"powers": powers, "denominator": list(map(text, self.denominator))}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> MultiplierFunction:
        powers = tuple(multipliers_from_json(design, y) for y in data["powers"])
        return cls(powers, _denominator(data, powers))


def _denominator(data: Mapping[str, Any], powers: Sequence[Any]) -> tuple[Fraction, ...]:
    found = tuple(map(rational, data["denominator"]))
    if not powers or not found or not found[-1]:
        raise InvalidCertificate("a function without powers, or without a denominator")
    if max(len(powers), len(found)) > MAX_DEGREE + 1:
        raise InvalidCertificate(f"a function of a degree beyond {MAX_DEGREE}")
    return found


def value_of(coefficients: Sequence[Fraction], point: Fraction) -> Fraction:
    """Of a polynomial, the constant first."""
    total = Fraction(0)
    for c in reversed(coefficients):
        total = total * point + c
    return total


def _weights(denominator: Sequence[Fraction], count: int, point: Fraction) -> list[Fraction]:
    below = value_of(denominator, point)
    if not below:
        raise InvalidCertificate(f"a denominator vanishes at {text(point)}")
    return [point**k / below for k in range(count)]


def _total(arrays: Sequence[Rationals], weights: Sequence[Fraction]) -> Rationals:
    out = Rationals.zeros(arrays[0].shape)
    for array, weight in zip(arrays, weights, strict=True):
        if weight:
            out = out + array * weight
    return out.reduced()


__all__ = ["MechanismFunction", "MultiplierFunction", "value_of"]
