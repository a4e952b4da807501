"""Rational functions of one variable: from their values, and where they have which sign.

A quotient of polynomials of degrees at most n and d is determined by n + d + 1 of its values (Cauchy interpolation; von zur
Gathen and Gerhard 2013, "Modern computer algebra", section 5.8): so an identity that holds at so many points holds everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np

from .algebraic import Algebraic, between, roots
from .numbers import Rationals, text

Points = tuple[Fraction, ...]


@dataclass(frozen=True)
class Quotient:
    """``top / bottom``: polynomials (``fmpq_poly``) without a common factor."""

    top: Any
    bottom: Any

    @property
    def vanishes(self) -> bool:
        """Whether it is zero everywhere."""
        return bool(self.top.is_zero())

    def written(self) -> list[list[str]]:
        """Coefficients of both as exact strings, the constant first."""
        return [list(map(text, coefficients(p))) for p in (self.top, self.bottom)]

    def __call__(self, at: Fraction) -> Fraction:
        from flint import fmpq

        place = fmpq(at.numerator, at.denominator)
        return _fraction(self.top(place) / self.bottom(place))

    def sign(self, at: Algebraic) -> int | None:
        """The sign at a point; None at a pole."""
        below = at.sign(self.bottom)
        return None if below == 0 else at.sign(self.top) * below

    def ends(self, *, strict: bool) -> list[Algebraic]:
        """Where the sign may change: zeros and poles at which it does, and, if ``strict``, all of them."""
        found = [] if self.vanishes else roots(self.top * self.bottom, odd=not strict)
        return sorted(set(found))

    def positive(self, low: Algebraic, high: Algebraic, *, strict: bool) -> bool:
        """Whether it is positive (not negative) between two points, these left out."""
        if self.vanishes:
            return not strict
        if any(low < end < high for end in self.ends(strict=strict)):
            return False
        inner = [low, *(end for end in self.ends(strict=True) if low < end < high), high]
        return self(between(inner[0], inner[1])) > 0


def through(points: Points, values: Sequence[Fraction], top: int, bottom: int) -> Quotient | None:
    """The quotient of degrees at most ``top`` and ``bottom`` with these values at ``top + bottom + 1`` points or more; None where
    there is none."""
    from flint import fmpq_poly

    (own,) = interpolated(points, [values])
    before, now, factor_before, factor = _vanishing(points), own, fmpq_poly([0]), fmpq_poly([1])
    while now.degree() > top:
        quotient, rest = divmod(before, now)
        before, now = now, rest
        factor_before, factor = factor, factor_before - quotient * factor
    common = now.gcd(factor) if not now.is_zero() else factor
    above, below = divmod(now, common)[0], divmod(factor, common)[0]
    found = Quotient(above / below.leading_coefficient(), below / below.leading_coefficient())
    if below.degree() > bottom or any(found.bottom(_fmpq(p)) == 0 for p in points):
        return None
    return found if all(found(p) == v for p, v in zip(points, values, strict=True)) else None


def interpolated(points: Points, rows: Sequence[Sequence[Fraction]]) -> list[Any]:
    """For each row the polynomial of degree below the number of points with these values there."""
    from flint import fmpq_mat, fmpq_poly

    size = len(points)
    values = fmpq_mat(size, len(rows), [_fmpq(row[k]) for k in range(size) for row in rows])
    found = _inverse(points) * values
    return [fmpq_poly([found[k, j] for k in range(size)]) for j in range(len(rows))]


@lru_cache(maxsize=64)
def _inverse(points: Points) -> Any:
    """Of the Vandermonde matrix."""
    from flint import fmpq_mat

    return fmpq_mat(len(points), len(points), [_fmpq(p**k) for p in points for k in range(len(points))]).inv()


@lru_cache(maxsize=64)
def _vanishing(points: Points) -> Any:
    from flint import fmpq_poly

    out = fmpq_poly([1])
    for p in points:
        out *= fmpq_poly([_fmpq(-p), _fmpq(Fraction(1))])
    return out


def _fmpq(value: Fraction) -> Any:
    from flint import fmpq

    return fmpq(value.numerator, value.denominator)


def distinct(arrays: Sequence[Rationals]) -> Iterator[tuple[Fraction, ...]]:
    """What cells of arrays of one shape, one a point, take as values along the points: each list once."""
    columns = np.array([a.ravel().fractions() for a in arrays], dtype=object).reshape(len(arrays), -1)
    yield from dict.fromkeys(map(tuple, columns.T))


def fitted(points: Points, rows: Sequence[Rationals]) -> tuple[list[Rationals], list[Fraction]] | None:
    """Vectors, one a point, as polynomials over one denominator: coefficients by power, of numerators and of the denominator.

    None where the points are too few: two of them must be left over to confirm what the others say.
    """
    count, most = len(rows[0]), len(points) - 3
    columns = [[row[k] for row in rows] for k in range(count)]
    draw = Random(count)
    weights = [draw.randrange(1, 10**6) for _ in columns]
    mixed = [sum((w * v for w, v in zip(weights, row.fractions(), strict=True)), Fraction(0)) for row in rows]
    below = _denominator(points, mixed)  # of all, but for chance
    while below is not None:
        times = [_fraction(below(_fmpq(p))) for p in points]
        tops = interpolated(points, [[v * t for v, t in zip(c, times, strict=True)] for c in columns])
        left = next((c for c, top in zip(columns, tops, strict=True) if top.degree() > most), None)
        if left is None:
            degree = max((top.degree() for top in tops), default=0)
            each = [[_coefficient(t, k) for t in tops] for k in range(max(degree, 0) + 1)]
            return [Rationals.from_fractions(own, (count,)) for own in each], coefficients(below)
        more = _denominator(points, [v * t for v, t in zip(left, times, strict=True)])
        below = None if more is None or more.degree() < 1 else below * more
    return None


def _denominator(points: Points, values: Sequence[Fraction]) -> Any:
    """Of the quotient that all but two of the points determine, which the others confirm; None where there is none."""
    half = (len(points) - 2) // 2
    found = through(points, values, half, half)
    if found is None or found.top.degree() + found.bottom.degree() > len(points) - 4:
        return None
    return found.bottom


def polynomial(given: Sequence[Fraction]) -> Any:
    """An ``fmpq_poly`` from coefficients, the constant first."""
    from flint import fmpq_poly

    return fmpq_poly([_fmpq(c) for c in given])


def coefficients(polynomial: Any) -> list[Fraction]:
    """Of an ``fmpq_poly``, the constant first; at least one."""
    return [_coefficient(polynomial, k) for k in range(max(polynomial.degree(), 0) + 1)]


def _coefficient(polynomial: Any, power: int) -> Fraction:
    return _fraction(polynomial[power])


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


__all__ = [
    "Points",
    "Quotient",
    "coefficients",
    "distinct",
    "fitted",
    "interpolated",
    "polynomial",
    "through",
]
