"""Types of the continuum to whom some lie is never worse than truth, and sometimes better (Wolitzky 2015, Propositions 2 and 3).

A lie upwards never dominates: a buyer who overstates her value loses on costs just above it, as long as she keeps less than all
of the gains.  A lie downwards loses the costs in between; so it dominates exactly where those are worth nothing to her and a
better price is to be had below.  Sellers are the mirror image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from flint import arb

from ..exact.numbers import text
from .known_means import Market, ReferenceRule, decided


@dataclass(frozen=True)
class TypeRange:
    """The types from ``low`` to ``high``, each end among them or not; perhaps none."""

    low: Fraction
    high: Fraction
    with_low: bool = True
    with_high: bool = True

    def __contains__(self, value: Fraction) -> bool:
        above = self.low < value or (self.with_low and self.low == value)
        return above and (value < self.high or (self.with_high and self.high == value))

    def __bool__(self) -> bool:
        return self.low < self.high or (self.low == self.high and self.with_low and self.with_high)

    def __str__(self) -> str:
        if self.low == self.high:
            return f"at {text(self.low)}"
        return f"in {'[' if self.with_low else '('}{text(self.low)}, {text(self.high)}{']' if self.with_high else ')'}"


Sides = tuple[TypeRange, TypeRange]  # sellers, buyers


def dominated_by_auction(market: Market) -> Sides:
    """Of the alpha double auction: who keeps no share though she may trade; nobody in the modification of Proposition 2.

    The premise, that everybody else keeps a share strictly between 0 and 1, is decided by ball arithmetic.
    """
    tops = (market.alpha_b, market.buyer_cap), (market.alpha_s, market.seller_cap)
    for share, at in tops:  # shares rise towards the types that gain most; the modified ones are halves of what these leave
        assert decided(partial(share, at)) > 0 and decided(partial(_left, share, at)) > 0
    if market.modified:
        nobody = TypeRange(Fraction(0), Fraction(0), with_low=False)
        return nobody, nobody
    sellers = TypeRange(market.v_star, market.buyer_cap, with_high=False)
    return sellers, TypeRange(market.seller_cap, market.c_star, with_low=False)


def _left(share: Callable[[Fraction], arb], at: Fraction) -> arb:
    return 1 - share(at)


def dominated_by_reference_rule(rule: ReferenceRule) -> Sides:
    """Of a reference rule on [0, 1]: who always trades at her own reservation price; with 0 < eps < 1 the types p* alone, and
    with eps = 1 those who would trade at p*."""
    p, zero, one = rule.p_star, Fraction(0), Fraction(1)
    if rule.eps == 0:
        return TypeRange(p, one, with_high=False), TypeRange(zero, p, with_low=False)
    sellers, buyers = ((p, p), (p, p)) if rule.eps < 1 else ((zero, p), (p, one))
    return TypeRange(*sellers, with_high=p < 1), TypeRange(*buyers, with_low=p > 0)


def in_words(sides: Sides) -> str:
    """``sellers in [1/2, 1) and buyers in (0, 1/2]``; empty where there are none."""
    return " and ".join(f"{name} {types}" for name, types in zip(("sellers", "buyers"), sides, strict=True) if types)


__all__ = ["TypeRange", "dominated_by_auction", "dominated_by_reference_rule", "in_words"]
