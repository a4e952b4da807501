"""Decimals that a bound may be shown as: a lower end is rounded down, an upper end up, so what is read is proved."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction


def rounded_down(value: Fraction, *, figures: int = 9, places: int | None = None) -> str:
    """The largest decimal of so many significant ``figures`` (or ``places`` after the point) that is at most ``value``."""
    return _rounded(value, ROUND_FLOOR, figures, places)


def rounded_up(value: Fraction, *, figures: int = 9, places: int | None = None) -> str:
    """The least decimal of so many significant ``figures`` (or ``places`` after the point) that is at least ``value``."""
    return _rounded(value, ROUND_CEILING, figures, places)


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


__all__ = ["rounded_down", "rounded_up"]
