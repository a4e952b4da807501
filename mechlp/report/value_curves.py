"""The optimal value as rational functions of a parameter: a page, LaTeX and a picture."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType

from ..exact.algebraic import Algebraic
from ..exact.numbers import text
from ..exact.quotients import coefficients
from ..proof.curve import ValueCurve
from ..proof.family import Family
from ..proof.stages import Stage, Staged
from ..proof.value_pair import ValuePair
from .algebraic import explained, quotient, written
from .inequalities import LATEX, WORDS, symbol
from .plot import COLOURS, VERDICTS, picture, spoken
from .tables import GRID, number, plain, table

#: What pairs of values are, and what stands at their axis.
PAIRS = {
    "rents": (
        "information rents (revenue if types were known, less revenue; budgets not asked for)",
        "information rents",
    ),
    "robustness": (
        "the price of robustness (the best value with Bayesian IC and interim IR over the best with ex-post IC and IR)",
        "Bayesian over ex-post",
    ),
}
#: What is said where there is no value.
WITHOUT = {"impossible": "no mechanism", "no quotient": "no quotient: the best ex-post value is not positive"}
#: Points of a curve that are drawn.
DRAWN = 120


def formula(curve: Staged, stage: Stage, signs: dict[str, str] = WORDS) -> str:
    """``(2 x) / (x + 1)``."""
    if stage.value is None:
        said = WITHOUT.get(stage.status, stage.status)
        return said if signs is WORDS else rf"\text{{{said}}}"
    return quotient(
        coefficients(stage.value.top), coefficients(stage.value.bottom), curve.family.names[0], signs
    )


def interval(stage: Stage) -> str:
    """``(1/2, sqrt(3)]``; ``3`` for a point."""
    if stage.low == stage.high:
        return written(stage.low)
    left, right = ("[" if stage.closed[0] else "("), ("]" if stage.closed[1] else ")")
    return f"{left}{written(stage.low)}, {written(stage.high)}{right}"


def aim(family: Family) -> str:
    """What the file wants, in words."""
    design = family.at(family.corners[0])
    asked = design.wants
    if asked.subsidy:
        return f"the least expected subsidy{' (budgets not asked for)' if design.bb == 'none' else ''}"
    return f"the {'largest' if asked.maximize else 'least'} {asked.kind if asked.kind != 'linear' else 'objective'}"


def axis(family: Family) -> str:
    """What stands at the axis of the value."""
    asked = family.at(family.corners[0]).wants
    return "least expected subsidy" if asked.subsidy else asked.kind if asked.kind != "linear" else "value"


def wanted(curve: Staged) -> str:
    """``the largest revenue``"""
    if isinstance(curve, ValuePair):
        return PAIRS[curve.of][0]
    return aim(curve.family)


def curve_page(curve: Staged) -> RenderableType:
    """One row a formula: where, and the values at rational ends."""
    (one,) = curve.family.over
    shown = table(one.name, "value", "at its ends")
    for stage in curve.stages:
        ends = dict.fromkeys(end.rational for end in (stage.low, stage.high))
        known = [stage.value(x) for x in ends if x is not None and _defined(stage, x)] if stage.value else []
        shown.add_row(interval(stage), formula(curve, stage), " to ".join(map(number, dict.fromkeys(known))))
    proved = (
        "each piece attained by a mechanism, and exceeded by none, that are functions of the parameter: proved at every point"
        if curve.status != "undecided" and not isinstance(curve, ValuePair)
        else "both values are proved at every point"
        if curve.status != "undecided"
        else f"undecided on a length of {number(curve.undecided)}"
    )
    roots = dict.fromkeys(end for end in curve.breakpoints if end.rational is None)
    return Group(
        plain(curve.title, "bold"),
        plain(f"  {wanted(curve)} for {one.name} from {text(one.low)} to {text(one.high)}"),
        shown,
        plain(f"  {proved}. {GRID}", "dim"),
        *(plain(f"  {explained(end, one.name)}") for end in roots),
    )


def _defined(stage: Stage, point: Any) -> bool:
    return stage.value is not None and Algebraic.of(point).sign(stage.value.bottom) != 0


def curve_latex(curve: Staged) -> str:
    """The function by cases."""
    (one,) = curve.family.over
    rows = []
    for stage in curve.stages:
        low, high = written(stage.low, LATEX), written(stage.high, LATEX)
        less = [r"\le" if closed else "<" for closed in stage.closed]
        where = (
            f"{symbol(one.name)} = {low}"
            if stage.low == stage.high
            else f"{low} {less[0]} {symbol(one.name)} {less[1]} {high}"
        )
        rows.append(rf"{formula(curve, stage, LATEX)} & \text{{if }} {where} \\")
    return "\n".join([rf"\[ V({symbol(one.name)}) = \begin{{cases}}", *rows, r"\end{cases} \]"])


@picture("value-curve", "the best value as rational functions of a parameter", ValueCurve, ValuePair)
def draw_curve(canvas: Any, curve: Staged) -> str:
    """The value along the parameter; shaded where none exists, hatched where it is open."""
    (one,) = curve.family.over
    canvas.set_size_inches(6.4, 4.2)
    axes = canvas.subplots()
    named: set[str] = set()
    for stage in curve.stages:
        low, high = float(stage.low), float(stage.high)
        if stage.value is not None:
            top, bottom = (list(map(float, coefficients(p))) for p in (stage.value.top, stage.value.bottom))
            count = 1 if low == high else DRAWN
            xs = [low + (high - low) * k / max(count - 1, 1) for k in range(count)]
            drawn = [(x, _at(top, x) / below) for x in xs if (below := _at(bottom, x))]
            ends = {"marker": "o", "markersize": 3.5, "markevery": [0, len(drawn) - 1]}
            axes.plot(*zip(*drawn, strict=True), color=COLOURS[0], **ends)
        elif low < high:
            said = WITHOUT.get(stage.status, stage.status)
            colour, hatch = VERDICTS.get(stage.status, VERDICTS["impossible"])
            look = {"facecolor": colour, "hatch": hatch, "edgecolor": "#777777", "lw": 0}
            axes.axvspan(low, high, label=None if said in named else said, **look)
            named.add(said)
    label = PAIRS[curve.of][1] if isinstance(curve, ValuePair) else axis(curve.family)
    axes.set(xlabel=spoken(one.name), ylabel=label, xlim=(float(one.low), float(one.high)))
    if named:
        axes.legend(loc="best", fontsize="small")
    return curve.title


def _at(given: list[float], x: float) -> float:
    return sum(c * x**k for k, c in enumerate(given))


__all__ = ["aim", "axis", "curve_latex", "curve_page", "formula", "interval"]
