"""The page about a simple mechanism that is given by formulas: what holds for all types of the continuum."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from ..exact.numbers import text
from ..proof.first_order import FirstOrder
from .tables import plain

VERDICTS = {
    "efficient": ("EX-POST CONSTRAINED EFFICIENT: incentive compatible, and no mechanism dominates it", "green"),
    "dominated": ("DOMINATED: incentive compatible, but trade could be likelier at every pair of types", "red"),
    "not-incentive-compatible": ("NOT INCENTIVE COMPATIBLE", "red"),
    "undecided": ("UNDECIDED", "yellow"),
}


def first_order_page(found: FirstOrder) -> RenderableType:
    """The verdict and its reasons."""
    verdict, colour = VERDICTS[found.status]
    return Group(
        plain(f"In the continuum, for all types s < b in [0, 1]: {verdict}  [exact]", f"bold {colour}"),
        *(plain(f"  {line}.") for line in _reasons(found)),
    )


def _reasons(found: FirstOrder) -> Iterator[str]:
    for trader, residual in zip(found.traders, found.residuals, strict=True):
        if residual.vanishes:
            yield f"the first-order condition of the {trader} holds identically (Proposition 9)"
        else:
            yield f"the first-order condition of the {trader} fails: its left side is a positive multiple of {residual}"
    if not found.holds:
        if (where := found.fails_at()) is not None:
            types = ", ".join(f"{t}={text(x)}" for t, x in zip(found.traders, where[1:], strict=True))
            yield f"at {types} the {where[0]} gains by a lie nearby"
        return
    if found.distribution is None or found.total is None:
        yield (
            "chance ** (1/power) was not seen to be the mass of a distribution over prices with this mean: unequal powers, jumps "
            "and roots are not examined"
        )
        return
    yield f"chance ** (1/power) = T(b) - T(s) with T rising (Theorem 11), and T(x) = {_written(found)}"
    yield "the price is the mean of T between the types, so the mechanism is the simple one of this distribution (Proposition 13)"
    if found.total == 1:
        yield "types (0, 1) trade for sure, so no mechanism dominates it (Theorem 7; without risk aversion, Corollary 12)"
    elif found.total < 1:
        yield f"its mass is {text(found.total)}: divided by it, the chance of trade gives everybody more who trades"
    else:
        yield f"its mass is {text(found.total)}, more than 1: at types (0, 1) the formula for the chance gives no probability"


def _written(found: FirstOrder) -> str:
    assert found.distribution is not None
    top, bottom = (str(p) for p in (found.distribution.top, found.distribution.bottom))
    return top if bottom == "1" else f"({top})/({bottom})"


__all__ = ["first_order_page"]
