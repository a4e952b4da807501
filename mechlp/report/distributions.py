"""The picture of a distribution over prices: what makes a simple mechanism."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..answer.answer import Answer
from ..exact.decimals import about
from .drawing import HOVERED, hover, panels, titled
from .plot import COLOURS, picture
from .tables import number


def _not_simple(answer: Answer) -> str:
    return "" if answer.simple is not None else "this takes a simple mechanism of trade at prices"


@picture(
    "distribution", "the distribution F over prices that makes the mechanism", Answer, why_not=_not_simple
)
def draw_distribution(canvas: Any, answer: Answer) -> str:
    """The chance of each price, and F: the chance of at most this price."""
    assert answer.simple is not None
    from matplotlib.lines import Line2D

    chances = answer.simple.distribution.fractions()
    grid = answer.simple.prices.grid.fractions()
    prices = np.array([float(p) for p in grid])
    masses = np.array([float(c) for c in chances])
    each, below = panels(canvas, 2, wide=3.6, high=3.4)
    each.vlines(prices[masses > 0], 0, masses[masses > 0], color=COLOURS[0], linewidth=2, clip_on=False)
    each.set(xlabel="price", ylabel="probability of the price", xlim=(prices[0], prices[-1]), ylim=(0, None))
    below.step(prices, np.cumsum(masses), where="post", color=COLOURS[0])
    below.set(
        xlabel="price p",
        ylabel="F(p): probability of at most p",
        xlim=(prices[0], prices[-1]),
        ylim=(0, 1.02),
    )
    for price, chance in list(zip(grid, chances, strict=True))[:HOVERED]:
        if chance:
            top = Line2D([float(price)], [float(chance)], marker="o", markersize=9, linestyle="none")
            hover(each, top, f"price {number(price)}: {number(chance)}")
    worth = "" if answer.value is None else f": expected welfare {about(answer.value)}"
    return titled(answer.design.environment) + worth


__all__ = ["draw_distribution"]
