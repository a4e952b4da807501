"""Balls of real numbers (Arb, through python-flint), and rationals below them."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import wraps
from typing import Any

#: Bits of the balls.
PRECISION = 160


def precise(function: Callable[..., Fraction]) -> Callable[..., Fraction]:
    """With balls of :data:`PRECISION` bits, whatever the caller's setting."""

    @wraps(function)
    def wrapped(*arguments: Any) -> Fraction:
        from flint import ctx

        with ctx.workprec(PRECISION):
            return function(*arguments)

    return wrapped


def number(value: Fraction) -> Any:
    """The ball of a rational."""
    from flint import arb, fmpq

    return arb(fmpq(value.numerator, value.denominator))


def below(ball: Any) -> Fraction:
    """A rational with denominator ``2 ** 60`` below a ball."""
    mantissa, exponent = map(int, ball.lower().man_exp())
    return Fraction(math.floor(mantissa * Fraction(2) ** (exponent + 60)), 2**60)
