"""Zhang (2021), Lemma 2: the thresholds r1, r2 are unique, and lie in a small square.

A solution of the paper's (27) and (28) is a point of ``{W > 0}`` at which both derivatives of ``W(r1, r2) = L(r1, 1 - r2)
G(r1, r2)``, ``G = (M_B - r1)/(1 - r1) - M_S/r2``, vanish: an identity in r1, r2 and the logarithm. The logarithmic mean L
is concave (the integral of ``x^t y^(1-t)`` over t in [0, 1]) and G strictly, so ``log W`` is strictly concave where W is
positive, and has one such point, its maximum: W vanishes, or is negative, at all sides of the unit square, and is positive
near (0, 1) where ``M_B > M_S``. Where a concave function is less on the rim of a square than at its middle, its maximum
lies inside; on a piece of the rim it is below its tangent.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from ..exact.balls import PRECISION, number

#: Pieces of each side of a square; half sides that are tried, and the digits to which its middle is rounded.
PIECES, FINEST, COARSEST, DIGITS = 8, 9, 3, 12
ONE = Fraction(1)


def half_side(means: tuple[Fraction, Fraction], near: tuple[float, float]) -> Fraction | None:
    """Half the side of a square around ``near``, rounded to 12 digits, that is proved to hold the thresholds; None: not proved.

    Raises
    ------
    ValueError
        Unless ``0 < M_S < M_B < 1``.
    """
    if not 0 < means[1] < means[0] < 1:
        raise ValueError("expected 0 < M_S < M_B < 1")
    r1, r2 = (Fraction(round(r * 10**DIGITS), 10**DIGITS) for r in near)
    for digits in range(FINEST, COARSEST - 1, -1):
        half = Fraction(1, 10**digits)
        if min(r1, 1 - r1, r2, 1 - r2) > half and _inside(means, (r1, r2), half):
            return half
    return None


def _inside(means: tuple[Fraction, Fraction], middle: tuple[Fraction, Fraction], half: Fraction) -> bool:
    """Whether W is positive, and below its value at the middle, on the whole rim."""
    with ctx.workprec(PRECISION):
        there = _worth(means, *middle)
        return bool(there > 0) and all(
            _below(means, at, along, half / PIECES, there) for at, along in _rim(middle, half)
        )


def _rim(
    middle: tuple[Fraction, Fraction], half: Fraction
) -> Iterator[tuple[tuple[Fraction, Fraction], int]]:
    """Middles of the pieces of the rim, and the coordinate along which the piece goes."""
    for along in (0, 1):
        for side in (-half, half):
            for k in range(PIECES):
                at = [middle[0], middle[1]]
                at[1 - along] += side
                at[along] += half * Fraction(2 * k + 1 - PIECES, PIECES)
                yield (at[0], at[1]), along


def _below(
    means: tuple[Fraction, Fraction], at: tuple[Fraction, Fraction], along: int, reach: Fraction, there: Any
) -> bool:
    """Whether W is less than ``there`` on a piece of the rim, by the tangent of log W at its middle."""
    here = _worth(means, *at)
    if not here > 0:
        return False
    slope = _slopes(means, *at)[along]
    return bool((here / there).log() + number(reach) * abs(slope) < 0)


def _worth(means: tuple[Fraction, Fraction], r1: Fraction, r2: Fraction) -> Any:
    return _mean(r1, 1 - r2) * number(_gains(means, r1, r2))


def _gains(means: tuple[Fraction, Fraction], r1: Fraction, r2: Fraction) -> Fraction:
    """G."""
    return (means[0] - r1) / (1 - r1) - means[1] / r2


def _mean(low: Fraction, high: Fraction) -> Any:
    """L, the logarithmic mean."""
    return number(low) if low == high else number(high - low) / number(high / low).log()


def _slopes(means: tuple[Fraction, Fraction], r1: Fraction, r2: Fraction) -> tuple[Any, Any]:
    """The derivatives of log W in r1 and r2."""
    low, high = r1, 1 - r2
    mean, gains = _mean(low, high), number(_gains(means, r1, r2))
    if low == high:
        first = second = arb(1) / 2
    else:
        log = number(high / low).log()
        first, second = (mean / number(low) - 1) / log, (1 - mean / number(high)) / log
    return (
        first / mean - number((ONE - means[0]) / (1 - r1) ** 2) / gains,
        number(means[1] / r2**2) / gains - second / mean,
    )


__all__ = ["half_side"]
