"""Real numbers between rational ends: roots, powers, exponentials and logarithms of rationals, as tight as asked.

Every function here is monotone in each of its arguments, so the ends of its value are found at the ends of its arguments,
by ball arithmetic (Arb, through python-flint) rounded outwards.  A value that is rational is recognised: its ends coincide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .numbers import Rationals, maximum, minimum, where

#: Bits to which an irrational number is known, relative to its size, unless others are asked for; most that are accepted.
BITS, MOST_BITS = 60, 2_000
#: Longest power that is written out, in bits, and largest argument of exp: floats hold no more.
MAX_LENGTH, MAX_ARGUMENT = 1_000, 700
Ends = tuple[Fraction, Fraction]


class OutsideDomain(ValueError):
    """A root or logarithm of a number that has none; the message says which."""


@dataclass(frozen=True)
class Enclosed:
    """An array of real numbers, each somewhere in ``[low, high]``."""

    low: Rationals
    high: Rationals

    @classmethod
    def of(cls, value: Rationals | Enclosed) -> Enclosed:
        """An exact array as one whose ends coincide."""
        return value if isinstance(value, Enclosed) else cls(value, value)

    def known(self) -> Rationals | Enclosed:
        """The exact array where all ends coincide."""
        return self.low if bool(np.all(self.low == self.high)) else self

    def __neg__(self) -> Enclosed:
        return Enclosed(-self.high, -self.low)

    def __add__(self, other: Rationals | Enclosed) -> Enclosed:
        b = Enclosed.of(other)
        return Enclosed(self.low + b.low, self.high + b.high)

    def __sub__(self, other: Rationals | Enclosed) -> Enclosed:
        return self + (-Enclosed.of(other))

    def __mul__(self, other: Rationals | Enclosed) -> Enclosed:
        b = Enclosed.of(other)
        return _hull([x * y for x in (self.low, self.high) for y in (b.low, b.high)])

    def __truediv__(self, other: Rationals | Enclosed) -> Enclosed:
        """Raises ZeroDivisionError where a divisor may be zero."""
        b = Enclosed.of(other)
        if bool(np.any((b.low <= 0) & (b.high >= 0))):
            raise ZeroDivisionError
        return _hull([x / y for x in (self.low, self.high) for y in (b.low, b.high)])

    def __abs__(self) -> Enclosed:
        return largest(self, -self)


def _hull(corners: Sequence[Rationals]) -> Enclosed:
    low = high = corners[0]
    for corner in corners[1:]:
        low, high = minimum(low, corner), maximum(high, corner)
    return Enclosed(low, high)


def largest(a: Rationals | Enclosed, b: Rationals | Enclosed) -> Enclosed:
    """The elementwise maximum."""
    a, b = Enclosed.of(a), Enclosed.of(b)
    return Enclosed(maximum(a.low, b.low), maximum(a.high, b.high))


def choose(condition: npt.ArrayLike, yes: Rationals | Enclosed, no: Rationals | Enclosed) -> Enclosed:
    """Elementwise choice."""
    yes, no = Enclosed.of(yes), Enclosed.of(no)
    return Enclosed(where(condition, yes.low, no.low), where(condition, yes.high, no.high))


# -- functions --------------------------------------------------------------------------------------
def exponential(value: Rationals | Enclosed, bits: int = BITS) -> Rationals | Enclosed:
    """``e ** value``."""
    return _monotone(lambda x: exponential_ends(x, bits), value)


def logarithm(value: Rationals | Enclosed, bits: int = BITS) -> Rationals | Enclosed:
    """The natural logarithm.  Raises OutsideDomain unless every number is surely positive."""
    return _monotone(lambda x: logarithm_ends(x, bits), value)


def raised(
    base: Rationals | Enclosed, exponent: Rationals | Enclosed, bits: int = BITS
) -> Rationals | Enclosed:
    """``base ** exponent``, cell by cell; whole exponents take any base, the others a base that is not negative.

    Raises
    ------
    OutsideDomain
        Other powers of negative numbers, negative powers of zero.
    """
    known: dict[tuple[Fraction, Fraction], Ends] = {}

    def ends(x: Fraction, y: Fraction) -> Ends:
        if (x, y) not in known:
            known[x, y] = power_ends(x, y, bits)
        return known[x, y]

    a, b = Enclosed.of(base), Enclosed.of(exponent)
    corners = []
    for x in _distinct_ends(a):
        for y in _distinct_ends(b):
            shape = np.broadcast_shapes(x.shape, y.shape)
            pairs = zip(x.broadcast_to(shape).fractions(), y.broadcast_to(shape).fractions(), strict=True)
            corners.append(_table([ends(*pair) for pair in pairs], shape))
    low, high = corners[0].low, corners[0].high
    for corner in corners[1:]:
        low, high = minimum(low, corner.low), maximum(high, corner.high)
    if isinstance(base, Enclosed) and isinstance(exponent, Rationals):  # an even power of what may be zero
        even = np.array([e.denominator == 1 and e % 2 == 0 for e in exponent.fractions()], dtype=bool)
        low = where(even.reshape(exponent.shape) & (a.low < 0) & (a.high > 0), 0, low)
    return Enclosed(low, high).known()


def _distinct_ends(value: Enclosed) -> tuple[Rationals, ...]:
    return (value.low,) if value.low is value.high else (value.low, value.high)


def _monotone(ends: Callable[[Fraction], Ends], value: Rationals | Enclosed) -> Rationals | Enclosed:
    found = []
    for part in _distinct_ends(Enclosed.of(value)):
        table = {n: ends(Fraction(n, part.denominator)) for n in {int(n) for n in part.numerator.ravel()}}
        found.append(_table([table[int(n)] for n in part.numerator.ravel()], part.shape))
    return Enclosed(found[0].low, found[-1].high).known()


def _table(cells: Sequence[Ends], shape: tuple[int, ...]) -> Enclosed:
    low, high = (Rationals.from_fractions([c[k] for c in cells], shape) for k in (0, 1))
    return Enclosed(low, high)


# -- one number ---------------------------------------------------------------------------------------
def exponential_ends(x: Fraction, bits: int = BITS) -> Ends:
    """Rational ends of ``e ** x``, which is rational at zero alone."""
    if abs(x) > MAX_ARGUMENT:
        raise OutsideDomain(f"exp of {float(x):.6g} is beyond what is written out")
    return (Fraction(1), Fraction(1)) if x == 0 else _ends(lambda: _ball(x).exp(), bits)


def logarithm_ends(x: Fraction, bits: int = BITS) -> Ends:
    """Rational ends of ``log x``, which is rational at one alone."""
    if x <= 0:
        raise OutsideDomain(f"log of {float(x):.6g}: a logarithm is of a positive number")
    return (Fraction(0), Fraction(0)) if x == 1 else _ends(lambda: _ball(x).log(), bits)


def power_ends(base: Fraction, exponent: Fraction, bits: int = BITS) -> Ends:
    """Rational ends of ``base ** exponent``; they coincide where the power is rational."""
    if base == 0 and exponent < 0:
        raise OutsideDomain("a negative power of zero")
    if abs(exponent) * _length(base) > MAX_LENGTH:
        raise OutsideDomain("a power with an exponent that large is beyond what is written out")
    if base in (0, 1) or exponent == 0:
        exact = Fraction(int(exponent == 0 or base == 1))
        return exact, exact
    whole = exponent.denominator == 1
    if base < 0 and not whole:
        raise OutsideDomain(f"a power with exponent {exponent} of the negative number {float(base):.6g}")
    root = base if whole else _exact_root(base, exponent.denominator)
    if root is not None:
        exact = root**exponent.numerator
        return exact, exact
    return _ends(lambda: (_ball(base).log() * _ball(exponent)).exp(), bits)


def _exact_root(base: Fraction, degree: int) -> Fraction | None:
    """The root of a positive rational where it is rational."""
    from flint import fmpz

    parts = base.as_integer_ratio()
    if any(part > 1 and part.bit_length() <= degree for part in parts):
        return None  # between 1 and 2 ** degree
    roots = [1 if part == 1 else int(fmpz(part).root(degree)) for part in parts]
    exact = all(r**degree == part for r, part in zip(roots, parts, strict=True))
    return Fraction(*roots) if exact else None


def _length(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _ball(x: Fraction) -> Any:
    from flint import arb, fmpq

    return arb(fmpq(x.numerator, x.denominator))


def _ends(compute: Callable[[], Any], bits: int) -> Ends:
    """Ends about ``2 ** -bits`` of the number apart, from balls of growing precision."""
    from flint import ctx

    precision = bits + 30
    while True:
        with ctx.workprec(precision):
            ball = compute()
            if ball.rel_accuracy_bits() > bits + 4 and not ball.contains(0):
                low, high = (_dyadic(end) for end in (ball.lower(), ball.upper()))
                break
        precision *= 2
    size = max(abs(low), abs(high))
    place = bits - (size.numerator.bit_length() - size.denominator.bit_length())
    unit = Fraction(2) ** place
    down, up = low * unit, high * unit
    return Fraction(down.numerator // down.denominator) / unit, Fraction(
        -(-up.numerator // up.denominator)
    ) / unit


def _dyadic(end: Any) -> Fraction:
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
