"""Conditions (4) and (5) of Pęski's (2023) Theorem 1 for the mechanisms a1, with i player 1: decided for all beliefs at once.

For ``t < t' <= 1`` and a share x, (4) asks that a(t x) be a strict lower bound for player 1 on t' a(x), (5) that
a(1 - t' (1 - x)) be a strict upper bound for player 2 on t a(x).  What a1 pays a player depends on the belief about her
through the price alone, and is affine in the probability of the other's high type while the price stays: so a payoff
exceeds another everywhere on such a segment iff it does at both of its ends.  A belief that is sure of a type leaves only
this type to be compared, and what then holds of each type also holds of both.

Where types are positive both hold for 0 < x < 1: player 1's payoffs are x times positive numbers, player 2's (1 - x) times
such, and a bonus that grows with x under the low price.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..exact.numbers import rational
from .bargaining import Bargaining


def lower(bargaining: Bargaining, x: Any, t: Any, more: Any) -> bool:
    """Condition (4) for every pair of beliefs; those of ``bargaining`` play no part.

    Raises
    ------
    ValueError
        Unless ``0 <= t < more <= 1`` and x is a share.
    """
    x, t, more = _shares(x, t, more)
    return all(
        more * own > least
        for owned, given in zip(_first(bargaining, x), _first(bargaining, t * x), strict=True)
        for own, least in zip(owned, given, strict=True)
    )


def upper(bargaining: Bargaining, x: Any, t: Any, more: Any) -> bool:
    """Condition (5) for every belief about player 2, and every p1 up to p1* of x, beyond which the draft leaves a1 open.

    Whatever the price of the upper bound: under the low price of t a(x) a belief may be sure of l2, under the high one of h2.

    Raises
    ------
    ValueError
        Unless ``0 <= t < more <= 1`` and x is a share.
    """
    x, t, more = _shares(x, t, more)
    return all(
        better[type_] > t * _second(bargaining, x, p1, low)[type_]
        for p1 in (Fraction(0), bargaining.p1_star(x))
        for low, type_ in ((True, 0), (False, 1))
        for better in (_second(bargaining, 1 - more * (1 - x), p1, price) for price in (True, False))
    )


def _shares(x: Any, t: Any, more: Any) -> tuple[Fraction, Fraction, Fraction]:
    x, t, more = rational(x), rational(t), rational(more)
    if not (0 <= x <= 1 and 0 <= t < more <= 1):
        raise ValueError("x is a share between 0 and 1, and 0 <= t < t' <= 1")
    return x, t, more


def _first(bargaining: Bargaining, x: Fraction) -> Iterator[list[Fraction]]:
    """L1 and H1 at the ends of the two segments of p2: what property rights pay her, in every zone."""
    level = bargaining.p2_star
    for p2, low in ((Fraction(0), None), (level, True), (level, False), (Fraction(1), None)):
        yield bargaining.at(1, p2).payoffs("property-rights", x, low_price=low)[0].fractions()


def _second(bargaining: Bargaining, x: Fraction, p1: Fraction, low: bool) -> list[Fraction]:
    """L2 and H2 under a price."""
    there = bargaining.at(0, p1).at(1, bargaining.p2_star)
    return there.payoffs("a1", x, low_price=low)[1].fractions()


__all__ = ["lower", "upper"]
