"""Conditions (2) to (6) of Pęski's (2023) Theorem 1 for the mechanisms a1, with i player 1: decided for all beliefs at once.

For ``t < t' <= 1`` and a share x, (4) asks that a(t x) be a strict lower bound for player 1 on t' a(x), (5) that
a(1 - t' (1 - x)) be a strict upper bound for player 2 on t a(x).  What a1 pays a player depends on the belief about her
through the price alone, and is affine in the probability of the other's high type while the price stays: so a payoff
exceeds another everywhere on such a segment iff it does at both of its ends.  A belief that is sure of a type leaves only
this type to be compared, and what then holds of each type also holds of both.

Where types are positive both hold for 0 < x < 1: player 1's payoffs are x times positive numbers, player 2's (1 - x) times
such, and a bonus that grows with x under the low price.

(2) asks that nothing player 2 announces lead elsewhere.  Her payoffs depend on the belief about her through the price alone.
Where h2 is better off under the low price and l2 is not, no announcements lead to both prices: h2 would make only those that
lead to the low one, so that the others are l2's, and a belief that is sure of l2 has the low price.  Under one price the payoffs
of player 1 are affine in the belief, and announcements leave their mean.  (3) asks the same of what gives player 1 at least as
much; payoffs of hers that are convex in the belief about player 2 are on average at least those at the average.  (6) asks that
lotteries over two shares give player 1 at least what the mean share does: hers are linear in the share.
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
        for p1 in _first_players(bargaining, x)
        for low, type_ in ((True, 0), (False, 1))
        for better in (_second(bargaining, 1 - more * (1 - x), p1, price) for price in (True, False))
    )


def closed(bargaining: Bargaining, x: Any) -> bool:
    """Condition (2) for every p2, and every p1 up to p1* of x (below 1): shown where the low price is better for h2, not for l2.

    Raises
    ------
    ValueError
        Unless x is a share.
    """
    x = _shares(x, 0, 1)[0]
    low, high = ([_second(bargaining, x, p1, price) for p1 in _first_players(bargaining, x)] for price in (True, False))
    return all(a[1] > b[1] and a[0] <= b[0] for a, b in zip(low, high, strict=True))


def contour_closed(bargaining: Bargaining, x: Any) -> bool:
    """Condition (3) for every pair of beliefs: whether player 1's payoffs are convex in the belief about player 2.

    Raises
    ------
    ValueError
        Unless x is a share.
    """
    level = bargaining.p2_star
    least, before, after, most = _first(bargaining, _shares(x, 0, 1)[0])
    return all(
        b == a and (b - low) * (1 - level) <= (high - a) * level
        for low, b, a, high in zip(least, before, after, most, strict=True)
    )


def between(bargaining: Bargaining, x: Any, other: Any, weight: Any) -> bool:
    """Condition (6) for every pair of beliefs: the share ``weight x + (1 - weight) other`` gives player 1 no more than a lottery.

    Raises
    ------
    ValueError
        Unless x, other and weight lie between 0 and 1.
    """
    x, other, weight = (_shares(share, 0, 1)[0] for share in (x, other, weight))
    ends = (_first(bargaining, share) for share in (x, other, weight * x + (1 - weight) * other))
    return all(
        mean <= weight * a + (1 - weight) * b
        for one, two, mixed in zip(*ends, strict=True)
        for a, b, mean in zip(one, two, mixed, strict=True)
    )


def _first_players(bargaining: Bargaining, x: Fraction) -> tuple[Fraction, Fraction]:
    """The ends of the beliefs about player 1 at which the draft determines a1; where p1* is one, all below it are alike."""
    border = bargaining.p1_star(x)
    return Fraction(0), border if border < 1 else Fraction(1, 2)


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


__all__ = ["between", "closed", "contour_closed", "lower", "upper"]
