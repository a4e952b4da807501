"""Algebraic numbers, and polynomials of one parameter, in words and in LaTeX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from ..exact.algebraic import Algebraic
from ..exact.decimals import rounded_down
from .inequalities import LATEX, WORDS, combination, symbol


def written(value: Algebraic, signs: dict[str, str] = WORDS) -> str:
    """``3/2``, ``sqrt(2)``, ``(1 + sqrt(5))/2``; any other root to some digits, with dots."""
    exact = value.rational
    if exact is not None:
        return fraction(exact, signs)
    if len(value.polynomial) == 3:
        return _surd(value, signs)
    dots = "..." if signs is WORDS else r"\ldots"
    return f"{_decimals(value, 9)}{dots}"


def fraction(value: Fraction, signs: dict[str, str] = WORDS) -> str:
    """A rational number."""
    return combination(value, (Fraction(0), Fraction(0)), [], signs)


def _surd(value: Algebraic, signs: dict[str, str]) -> str:
    """The root of a quadratic polynomial, ``(p + q sqrt(d)) / r``."""
    c, b, a = value.polynomial
    inside, outside = _square_free(b * b - 4 * a * c)
    way = 1 if value.index == 1 else -1
    common = math.gcd(b, outside, 2 * a)
    p, q, r = -b // common, way * outside // common, 2 * a // common
    root = f"sqrt({inside})" if signs is WORDS else rf"\sqrt{{{inside}}}"
    size = "" if abs(q) == 1 else f"{abs(q)}{signs[' ']}"
    top = f"{'-' if q < 0 else ''}{size}{root}" if p == 0 else f"{p} {'-' if q < 0 else '+'} {size}{root}"
    if r == 1:
        return top
    if signs is not WORDS:
        return rf"\frac{{{top}}}{{{r}}}"
    return f"({top})/{r}" if p else f"{top}/{r}"


def _square_free(number: int) -> tuple[int, int]:
    """``(d, s)`` with ``number = d s^2``, as far as small factors say."""
    inside, outside, factor = number, 1, 2
    while factor * factor <= inside and factor < 10_000:
        while inside % (factor * factor) == 0:
            inside, outside = inside // (factor * factor), outside * factor
        factor += 1
    root = math.isqrt(inside)
    return (1, outside * root) if root * root == inside else (inside, outside)


def explained(value: Algebraic, name: str) -> str:
    """Of which polynomial an irrational number is which root, and its decimals."""
    shown = polynomial([Fraction(c) for c in value.polynomial], name)
    exact = written(value)
    decimals = "" if exact.endswith("...") else f" = {_decimals(value, 12)}..."
    return f"{exact}{decimals}, a root of {shown}"


def _decimals(value: Algebraic, digits: int) -> str:
    """The first digits."""
    low, high = value.enclosure(digits)
    toward = low if low >= 0 else high
    return f"{'-' if toward < 0 else ''}{rounded_down(abs(toward), places=digits)}"


def polynomial(coefficients: Sequence[Fraction], name: str, signs: dict[str, str] = WORDS) -> str:
    """``2 B^2 - 3 B + 1``, from the coefficients, the constant first."""
    said = ""
    for power in range(len(coefficients) - 1, -1, -1):
        value = coefficients[power]
        if not value and not (power == 0 and not said):
            continue
        sign = ("-" if value < 0 else "") if not said else (" - " if value < 0 else " + ")
        said += sign + _term(abs(value), power, name, signs)
    return said


def _term(size: Fraction, power: int, name: str, signs: dict[str, str]) -> str:
    shown = symbol(name) if signs is LATEX else name
    raised = {0: "", 1: shown}.get(power, f"{shown}^{power}" if signs is WORDS else f"{shown}^{{{power}}}")
    if power == 0:
        return fraction(size, signs)
    return raised if size == 1 else f"{fraction(size, signs)}{signs[' ']}{raised}"


def quotient(
    top: Sequence[Fraction], bottom: Sequence[Fraction], name: str, signs: dict[str, str] = WORDS
) -> str:
    """A polynomial, or one over another."""
    if len(bottom) == 1:
        return polynomial([c / bottom[0] for c in top], name, signs)
    above, below = polynomial(top, name, signs), polynomial(bottom, name, signs)
    return f"({above}) / ({below})" if signs is WORDS else rf"\frac{{{above}}}{{{below}}}"


__all__ = ["explained", "fraction", "polynomial", "quotient", "written"]
