"""Decimals of exact numbers: a bound is rounded so that what is read is proved, any other number to the nearest.

Exact numbers may lie beyond the range of floats; what is shown of them does not depend on that.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction


def rounded_down(value: Fraction, *, figures: int = 9, places: int | None = None) -> str:
    """The largest decimal of so many significant ``figures`` (or ``places`` after the point) that is at most ``value``."""
    return _rounded(value, ROUND_FLOOR, figures, places)


def rounded_up(value: Fraction, *, figures: int = 9, places: int | None = None) -> str:
    """The least decimal of so many significant ``figures`` (or ``places`` after the point) that is at least ``value``."""
    return _rounded(value, ROUND_CEILING, figures, places)


def nearest(value: Fraction | None) -> float | None:
    """The nearest float; None where there is none, beyond their range (and for None)."""
    try:
        return None if value is None else float(value)
    except OverflowError:
        return None


def about(value: Fraction, figures: int = 6) -> str:
    """``0.1625``: to the nearest, with so many significant figures at most."""
    found = nearest(value)
    if found is not None and (found != 0 or value == 0):
        return f"{found:.{figures}g}"
    context = _context(ROUND_HALF_EVEN, figures)
    exact = context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(context)
    return f"{exact:.{figures}g}"


def _rounded(value: Fraction, rounding: str, figures: int, places: int | None) -> str:
    if places is not None:
        up = rounding == ROUND_CEILING
        scaled, rest = divmod(value.numerator * 10**places, value.denominator)
        return f"{Decimal(scaled + (up and rest > 0)).scaleb(-places, _context(rounding, 10**6)):f}"
    found = _context(rounding, figures).divide(Decimal(value.numerator), Decimal(value.denominator))
    found = found.normalize(_context(rounding, figures))
    return f"{found:f}" if -5 < found.adjusted() < figures else f"{found:e}"


def _context(rounding: str, figures: int) -> Context:
    return Context(prec=figures, rounding=rounding, Emin=MIN_EMIN, Emax=MAX_EMAX)


__all__ = ["about", "nearest", "rounded_down", "rounded_up"]
