"""Mechanisms and multipliers that are rational functions of one parameter: polynomials, cell by cell, over one denominator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..exact.numbers import Rationals, rational, text
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from .invalid import InvalidCertificate
from .multipliers import Multipliers
from .written import multipliers_from_json, multipliers_to_json

#: Of functions that are read.
MAX_DEGREE = 200


@dataclass(frozen=True)
class MechanismFunction:
    """``sum_k powers[k] p^k / denominator(p)``, cell by cell; the denominator by its coefficients, the constant first."""

    powers: tuple[Mechanism, ...]
    denominator: tuple[Fraction, ...]

    @property
    def degrees(self) -> tuple[int, int]:
        return len(self.powers) - 1, len(self.denominator) - 1

    def at(self, design: Design, point: Fraction) -> Mechanism:
        """The mechanism at a point, for the design there.  Raises InvalidCertificate at a pole."""
        weights = _weights(self.denominator, len(self.powers), point)
        allocation = _total([m.allocation for m in self.powers], weights)
        transfers = _total([m.transfers for m in self.powers], weights)
        return Mechanism(design.environment, allocation, transfers)

    def to_json(self) -> dict[str, Any]:
        powers = [m.to_json() for m in self.powers]
        return {"powers": powers, "denominator": list(map(text, self.denominator))}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> MechanismFunction:
        powers = tuple(Mechanism.from_json(design.environment, m) for m in data["powers"])
        return cls(powers, _denominator(data, powers))


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
            linear=tuple(
                _total([y.linear[k] for y in self.powers], weights) for k in range(len(first.linear))
            ),
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
