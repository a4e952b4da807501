"""A reference rule as a picture: at which price it trades, and who gains from a lie (Wolitzky 2015, Figures 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..exact.numbers import rational, text
from ..mechanism.payoffs import every_payoff
from ..question.design import Design
from ..study.finding import Finding
from .plot import picture
from .sets import draw_regions

ZERO, ONE = Fraction(0), Fraction(1)


def _why_not(found: Finding) -> str:
    return "" if "p_star" in found.numbers else "closed-form reference-rule has a picture, and no other"


@picture(
    "shading", "at which price a reference rule trades, and who gains from a lie", Finding, why_not=_why_not
)
def draw_shading(canvas: Any, found: Finding) -> str:
    """The square of costs and values by price; on its sides, the types of the grid that gain from some lie."""
    p, c, v = (Fraction(found.numbers[name]) for name in ("p_star", "c_star", "v_star"))
    axes = canvas.subplots()
    regions = {
        "trade at p*": [[(ZERO, p), (p, p), (p, ONE), (ZERO, ONE)]],
        "at the cost, above p*": [[(p, p), (ONE, ONE), (p, ONE)]],
        "at the value, below p*": [[(ZERO, ZERO), (p, p), (ZERO, p)]],
    }
    if found.numbers["eps"]:
        regions = {name.replace("at the", "near the"): corners for name, corners in regions.items()}
    places = _places({"c*": c, "v*": v, "p*": p})
    draw_regions(axes, regions, ("cost c of the seller", "value v of the buyer"), (places, places))
    for place in (c, v, p):
        axes.axvline(float(place), color="black", lw=0.5, ls=":")
        axes.axhline(float(place), color="black", lw=0.5, ls=":")
    gaining = [list(_gaining(found, agent)) for agent in (0, 1)]
    look = {"ls": "none", "color": "black", "clip_on": False, "zorder": 5, "ms": 7}
    if gaining[0]:
        axes.plot(gaining[0], [0.0] * len(gaining[0]), marker="^", label="sellers who gain by a lie", **look)
    if gaining[1]:
        axes.plot([0.0] * len(gaining[1]), gaining[1], marker=">", label="buyers who gain by a lie", **look)
    if any(gaining):
        axes.legend(loc="lower right", fontsize="small", framealpha=1, edgecolor="none")
    else:
        plain = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(0.97, 0.05, "no type of the grid gains by a lie", ha="right", fontsize="small", bbox=plain)
    axes.set_aspect("equal")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return f"Reference rule: c* = {text(c)}, v* = {text(v)}, p* = {text(p)}"


def _places(named: dict[str, Fraction]) -> dict[str, Fraction]:
    """Ticks, those of one place under one name."""
    by_place: dict[Fraction, list[str]] = {ZERO: ["0"], ONE: ["1"]}
    for name, place in named.items():
        by_place.setdefault(place, []).append(name)
    return {" = ".join(names): place for place, names in by_place.items()}


def _gaining(found: Finding, agent: int) -> Iterator[float]:
    """The types of an agent whose best lie has a better worst case than truth."""
    environment = found.mechanism.environment
    payoffs = every_payoff(Design(environment, ic="maxmin", ir="none"), [found.mechanism])
    types = environment.agents[agent].types
    for own, name in enumerate(types):
        told = [payoffs[agent, own, report] for report in range(len(types))]
        if max(min(lie) for _, lie in told) > min(told[own][0]):
            yield float(rational(name))
