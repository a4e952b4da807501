"""Real algebraic numbers: roots of polynomials with rational coefficients, told apart exactly.

A number is its minimal polynomial and which of its real roots it is.  Roots are isolated by Arb, through python-flint (Johansson
2017, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic"), with as many digits as a comparison needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, total_ordering
from typing import Any

from .decimals import rounded_down
from .numbers import rational, text

#: Bits of the first enclosure, and of the last: numbers that are not told apart by then are refused.
FIRST, LAST = 96, 1 << 16
#: Of polynomials of numbers that are read.
MAX_DEGREE = 400
#: Where grids of points start.
OFF = Fraction(1, 7)
#: Digits behind the point of the enclosure that is written down.
DIGITS = 12


@total_ordering
@dataclass(frozen=True)
class Algebraic:
    """A real algebraic number.

    Parameters
    ----------
    polynomial : its minimal polynomial, the constant first: integers without a common factor, the last one positive.
    index : which of the real roots, counted from the least.
    """

    polynomial: tuple[int, ...]
    index: int = 0

    @classmethod
    def of(cls, value: Fraction | int) -> Algebraic:
        exact = Fraction(value)
        return cls((-exact.numerator, exact.denominator))

    @property
    def rational(self) -> Fraction | None:
        """The number, where it is rational."""
        if len(self.polynomial) > 2:
            return None
        return Fraction(-self.polynomial[0], self.polynomial[1])

    def within(self, bits: int = FIRST) -> tuple[Fraction, Fraction]:
        """Rational ends around the number, and around no other root of its polynomial; equal where it is rational."""
        exact = self.rational
        return (exact, exact) if exact is not None else _isolated(self.polynomial, bits)[self.index]

    def enclosure(self, digits: int = DIGITS) -> tuple[Fraction, Fraction]:
        """Two decimals next to each other, with so many digits, around the number."""
        unit, bits = 10**digits, FIRST
        while True:
            low, high = self.within(bits)
            first = math.floor(low * unit)
            if math.floor(high * unit) == first:
                return Fraction(first, unit), Fraction(first + (low != high), unit)
            bits = _more(bits)

    def __float__(self) -> float:
        low, high = self.within()
        return float((low + high) / 2)

    def __lt__(self, other: Algebraic) -> bool:
        if self.polynomial == other.polynomial:
            return self.index < other.index
        bits = FIRST
        while True:
            mine, theirs = self.within(bits), other.within(bits)
            if mine[1] < theirs[0] or mine[0] > theirs[1]:
                return mine[1] < theirs[0]
            bits = _more(bits)

    def sign(self, polynomial: Any) -> int:
        """The sign of a polynomial (``fmpq_poly``) at the number: -1, 0 or 1."""
        from flint import arb, ctx, fmpq, fmpz_poly

        top = polynomial.numer()
        if top.is_zero() or (top % fmpz_poly(list(self.polynomial))).is_zero():
            return 0
        if (exact := self.rational) is not None:
            value = polynomial(fmpq(exact.numerator, exact.denominator))
            return (value > 0) - (value < 0)
        bits = FIRST
        while True:
            low, high = self.within(bits)
            with ctx.workprec(2 * bits):
                found = top(arb(*_ball(low, high)))
                if not found.contains(0):
                    return 1 if found > 0 else -1
            bits = _more(bits)

    def to_json(self) -> Any:
        """``"3/2"``, or the minimal polynomial, which of its roots, and decimals around it."""
        if (exact := self.rational) is not None:
            return text(exact)
        low, high = self.enclosure()
        ends = [rounded_down(end, places=DIGITS) for end in (low, high)]
        return {"minimal_polynomial": list(self.polynomial), "root": self.index, "between": ends}

    @classmethod
    def from_json(cls, data: Any) -> Algebraic:
        """Read it back.  Raises ValueError, KeyError, TypeError where it names no number."""
        if isinstance(data, str):
            return cls.of(rational(data))
        given, index = tuple(data["minimal_polynomial"]), data["root"]
        if not all(type(c) is int for c in (*given, index)) or given[-1] <= 0:
            raise ValueError("no minimal polynomial")
        if not 2 <= len(given) - 1 <= MAX_DEGREE:
            raise ValueError(f"a minimal polynomial of degree {len(given) - 1}: 2 to {MAX_DEGREE} are read")
        found = roots([Fraction(c) for c in given])
        number = next((r for r in found if r == cls(given, index)), None)
        if number is None or number.to_json() != dict(data):
            raise ValueError("no root of its minimal polynomial, or not with these decimals")
        return number


def _ball(low: Fraction, high: Fraction) -> tuple[Any, Any]:
    from flint import arb, fmpq

    middle, radius = (low + high) / 2, (high - low) / 2
    center = arb(fmpq(middle.numerator, middle.denominator))
    more = (arb(fmpq(radius.numerator, radius.denominator)) + center.rad()).abs_upper()
    return center.mid(), more


def _more(bits: int) -> int:
    if bits >= LAST:
        raise ValueError(f"two numbers that agree in {LAST} bits")
    return 2 * bits


@lru_cache(maxsize=4096)
def _isolated(polynomial: tuple[int, ...], bits: int) -> tuple[tuple[Fraction, Fraction], ...]:
    """Rational ends around each real root of an irreducible polynomial, disjoint and in order."""
    from flint import ctx, fmpz_poly

    with ctx.workprec(bits):
        every: Any = fmpz_poly(list(polynomial)).complex_roots()
        ends = sorted((_exact(r.real.lower()), _exact(r.real.upper())) for r, _ in every if r.imag.is_zero())
    return tuple(ends)


def _exact(point: Any) -> Fraction:
    mantissa, exponent = map(int, point.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def roots(coefficients: Sequence[Fraction] | Any, *, odd: bool = False) -> list[Algebraic]:
    """The real roots of a polynomial that is not zero, in order: coefficients, the constant first, or an ``fmpq_poly``.

    ``odd``: only those at which it changes its sign.
    """
    from flint import fmpq, fmpq_poly

    given: Any = coefficients
    if isinstance(given, (list, tuple)):
        given = fmpq_poly([fmpq(c.numerator, c.denominator) for c in given])
    _, factors = given.numer().factor()
    found = []
    for factor, times in factors:
        if factor.degree() < 1 or (odd and times % 2 == 0):
            continue
        own = tuple(int(c) for c in (factor if factor.leading_coefficient() > 0 else -factor).coeffs())
        count = 1 if len(own) == 2 else len(_isolated(own, FIRST))
        found += [Algebraic(own, k) for k in range(count)]
    return sorted(found)


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of smallest denominator strictly between two numbers."""
    floor = math.floor(low)
    if floor + 1 < high:
        return Fraction(floor + 1)
    low, high = low - floor, high - floor  # between 0 and 1
    if low == 0:
        return floor + Fraction(1, math.floor(1 / high) + 1)
    return floor + 1 / simplest(1 / high, 1 / low)


def nested(low: Fraction, high: Fraction) -> Iterator[Fraction]:
    """Points between two numbers without end, of grids each of which is part of the next, those of the coarsest first.

    The grids are the same whatever the two numbers, and through a point at which formulas are seldom special.  Raises ValueError
    where nothing is between them.
    """
    if low >= high:
        raise ValueError("nothing is between a number and itself")
    step = Fraction(1)
    while step < high - low:
        step *= 2
    while step >= high - low:
        step /= 2
    first = True
    while True:
        start, stop = math.floor((low - OFF) / step) + 1, math.ceil((high - OFF) / step)
        yield from (OFF + k * step for k in range(start, stop) if first or k % 2)
        first, step = False, step / 2


def between(low: Algebraic, high: Algebraic, share: Fraction = Fraction(1, 2)) -> Fraction:
    """A short fraction strictly between two numbers, about so far on the way from one to the other."""
    bits = FIRST
    while (start := low.within(bits)[1]) >= (end := high.within(bits)[0]):
        bits = _more(bits)
    width = (end - start) / 64
    at = start + share * (end - start)
    return simplest(max(at - width, start), min(at + width, end))


__all__ = ["Algebraic", "between", "nested", "roots", "simplest"]
