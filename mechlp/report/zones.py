"""The zones of the bargaining mechanisms over beliefs (p1, p2): exact borders as a table, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from rich.console import Group, RenderableType

from ..answer.bargaining import AtBeliefs, Zones
from ..exact.numbers import text
from .plot import picture
from .sets import UNKNOWN, draw_regions
from .tables import number, plain, table

#: What each zone is, mechanism by mechanism.
MEANING = {
    "property-rights": {
        "A": "l1 asks h2: inefficient inside",
        "B": "l1 asks l2: efficient",
    },
    "a1": {
        "A": "l1 also sells gamma at l1: efficient",
        "B": "property rights with the low price: efficient",
        "C": "not determined by the draft",
    },
    "a2": {
        "A": "l1 also sells gamma at l2: efficient",
        "B": "not determined by the draft",
        "C": "not determined by the draft",
    },
}


def zones_page(found: Zones) -> RenderableType:
    """The rectangles of a mechanism's zones, exactly; and what it does at given beliefs."""
    mechanism, point = found.mechanism, found.point
    shown = table("zone", "p1", "p2", "", title=f"Zones of {mechanism} for x = {text(found.x)}")
    for name, (left, right, low, high) in found.rectangles.items():
        shown.add_row(
            name,
            f"{number(left)} to {number(right)}",
            f"{number(low)} to {number(high)}",
            MEANING[mechanism][name],
        )
    said = "On a border both sides' payoffs are limits; which of them is taken at p2* the draft does not say."
    return Group(shown, plain(said, "dim"), *([] if point is None else _at(point)))


def _at(point: AtBeliefs) -> Iterator[RenderableType]:
    bargaining = point.bargaining
    yield plain(f"At p1 = {text(bargaining.p1)}, p2 = {text(bargaining.p2)}, in zone {point.zone}:", "bold")
    names = ("L1", "H1", "L2", "H2")
    values = [value for side in point.payoffs for value in side.fractions()]
    yield plain(
        "  payoffs " + ", ".join(f"{n} = {number(v)}" for n, v in zip(names, values, strict=True)) + "."
    )
    yield plain(f"  interim efficient: {'yes' if point.efficient.weak else 'no'}  [certified]")
    yield plain(f"  {point.robust.in_words()} (gap {number(point.robust.gap)}).")


@picture("zones", "where a bargaining mechanism does what, over the beliefs p1 and p2", Zones)
def draw_zones(canvas: Any, shown: Zones) -> str:
    """The same as a picture."""
    bargaining, x, mechanism = shown.bargaining, shown.x, shown.mechanism
    polygons = {
        f"{name}: {MEANING[mechanism][name]}": [[(a, b) for a in (left, right) for b in (low, high)]]
        for name, (left, right, low, high) in shown.rectangles.items()
    }
    zero, one = Fraction(0), Fraction(1)
    across = {"0": zero, "1": one}
    if mechanism != "property-rights":
        across["p1*" if mechanism == "a1" else "p1**"] = bargaining.p1_star(x, mechanism)
    up = {"0": zero, "1": one, "p2*": bargaining.p2_star}
    grey = {name: UNKNOWN for name in polygons if name.endswith(MEANING["a2"]["C"])}
    draw_regions(canvas.subplots(), polygons, ("p1", "p2"), (across, up), grey)
    return f"{mechanism}, x = {text(x)}"
