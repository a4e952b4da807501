"""The optimal value as a function of a parameter, or as a number: a page, LaTeX and a picture."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rich.console import Group, RenderableType

from ..exact.algebraic import Algebraic
from ..exact.numbers import text
from ..exact.quotients import coefficients
from ..proof.curve import ValueCurve
from ..proof.family import Family
from ..proof.relaxation import Give
from ..proof.stages import Stage, Staged
from ..proof.value import ValueFunction
from ..proof.value_pair import ValuePair
from .algebraic import explained, quotient, written
from .inequalities import LATEX, WORDS, symbol
from .no_problem import no_problem
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
#: The same of what must give way.
GIVES: dict[Give, tuple[str, str]] = {
    "bb": ("the least subsidy that covers transfers at every profile", "least ex-post subsidy"),
    "ic": ("the least amount by which every IC must be missed for a mechanism to exist", "least slack of IC"),
    "ir": ("the least amount by which every IR must be missed for a mechanism to exist", "least slack of IR"),
}
#: What is said where there is no value.
WITHOUT = {"impossible": "no mechanism", "no quotient": "no quotient: the best ex-post value is not positive"}
#: What is said where giving way does not help.
HELPLESS = "no mechanism, however much it is"
#: Points of a curve that are drawn.
DRAWN = 120


def formula(found: Staged, stage: Stage, signs: dict[str, str] = WORDS) -> str:
    """``(2 x) / (x + 1)``."""
    if stage.value is None:
        said = _without(found, stage)
        return said if signs is WORDS else rf"\text{{{said}}}"
    name = found.family.names[0] if found.family.names else ""
    return quotient(coefficients(stage.value.top), coefficients(stage.value.bottom), name, signs)


def _without(found: Staged, stage: Stage) -> str:
    if stage.status == "impossible" and found.family.gives:
        return HELPLESS
    return WITHOUT.get(stage.status, stage.status)


def interval(stage: Stage) -> str:
    """``(1/2, sqrt(3)]``; ``3`` for a point."""
    if stage.low == stage.high:
        return written(stage.low)
    left, right = ("[" if stage.closed[0] else "("), ("]" if stage.closed[1] else ")")
    return f"{left}{written(stage.low)}, {written(stage.high)}{right}"


def _aim(family: Family) -> str:
    """What the file wants, in words."""
    if family.gives:
        return GIVES[family.gives][0]
    design = family.at(family.corners[0])
    asked = design.wants
    if asked.subsidy:
        return f"the least expected subsidy{' (budgets not asked for)' if design.bb == 'none' else ''}"
    what = asked.kind if asked.kind != "linear" else "objective"
    if design.environment.designer is None and design.environment.designer_set is not None:
        kept = "largest guaranteed" if asked.maximize else "least worst-case"
        return f"the {kept} {what} (worst expectation over the designer's priors)"
    return f"the {'largest' if asked.maximize else 'least'} {what}"


def _axis(family: Family) -> str:
    """What stands at the axis of the value."""
    if family.gives:
        return GIVES[family.gives][1]
    asked = family.at(family.corners[0]).wants
    return "least expected subsidy" if asked.subsidy else asked.kind if asked.kind != "linear" else "value"


def wanted(found: Staged) -> str:
    """``the largest revenue``"""
    return PAIRS[found.of][0] if isinstance(found, ValuePair) else _aim(found.family)


def _passed(family: Family) -> str:
    """What multipliers prove of a value."""
    if family.gives:
        return "no less is enough"
    asked = family.at(family.corners[0]).wants
    return "exceeded by none" if asked.maximize and not asked.subsidy else "none has less"


def _proved(found: Staged) -> str:
    if found.status == "undecided":
        where = f" on a length of {number(found.undecided)}" if found.family.over else ""
        why = no_problem(found.family)
        return f"undecided{where}{f'; {why}' if why else ''}"
    if isinstance(found, ValuePair):
        return f"both values are proved{' at every point' if found.family.over else ''}"
    passed = _passed(found.family)
    if not found.family.over:
        return f"attained by a mechanism, and {passed}: proved"
    if isinstance(found, ValueFunction):
        return f"each piece attained by mechanisms at its ends, and {passed}: proved at every point"
    arcs = found.arcs if isinstance(found, ValueCurve) else ()
    cases = max((arc.cases.leaves() for arc in arcs if arc.cases is not None), default=1)
    by = f" by up to {cases} cases" if cases > 1 else ""
    how = f"attained by a mechanism that is a function of the parameter, and {passed}"
    return f"each piece {how}: proved{by} at every point"


def value_page(found: Staged) -> RenderableType:
    """One row a formula: where, and the values at rational ends; of a number, the number."""
    head, foot = plain(found.title, "bold"), plain(f"  {_proved(found)}. {GRID}", "dim")
    if not found.family.over:
        (stage,) = found.stages
        value = None if stage.value is None else stage.value(Fraction(0))
        said = formula(found, stage) if value is None else number(value)
        return Group(head, plain(f"  {wanted(found)}: {said}"), foot)
    (one,) = found.family.over
    shown = table(one.name, "value", "at its ends")
    for stage in found.stages:
        ends = dict.fromkeys(end.rational for end in (stage.low, stage.high))
        known = [stage.value(x) for x in ends if x is not None and _defined(stage, x)] if stage.value else []
        shown.add_row(interval(stage), formula(found, stage), " to ".join(map(number, dict.fromkeys(known))))
    roots = dict.fromkeys(end for end in found.breakpoints if end.rational is None)
    return Group(
        head,
        plain(f"  {wanted(found)} for {one.name} from {text(one.low)} to {text(one.high)}"),
        shown,
        foot,
        *(plain(f"  {explained(end, one.name)}") for end in roots),
    )


def _defined(stage: Stage, point: Any) -> bool:
    return stage.value is not None and Algebraic.of(point).sign(stage.value.bottom) != 0


def value_latex(found: Staged) -> str:
    """The function by cases; of a number, the number."""
    if not found.family.over:
        return rf"\[ V = {formula(found, found.stages[0], LATEX)} \]"
    (one,) = found.family.over
    rows = []
    for stage in found.stages:
        low, high = written(stage.low, LATEX), written(stage.high, LATEX)
        less = [r"\le" if closed else "<" for closed in stage.closed]
        where = (
            f"{symbol(one.name)} = {low}"
            if stage.low == stage.high
            else f"{low} {less[0]} {symbol(one.name)} {less[1]} {high}"
        )
        rows.append(rf"{formula(found, stage, LATEX)} & \text{{if }} {where} \\")
    return "\n".join([rf"\[ V({symbol(one.name)}) = \begin{{cases}}", *rows, r"\end{cases} \]"])


def _no_picture(found: Staged) -> str:
    return "" if found.family.over else "a single number has none; --over NAME=FROM:TO draws a function"


@picture("value", "the best value as a function of a parameter", ValueFunction)
@picture(
    "value-curve",
    "the best value as rational functions of a parameter",
    ValueCurve,
    ValuePair,
    why_not=_no_picture,
)
def draw_value(canvas: Any, found: Staged) -> str:
    """The value along the parameter; shaded where none exists, hatched where it is open; rings are ends that do not belong."""
    (one,) = found.family.over
    canvas.set_size_inches(6.4, 4.2)
    axes = canvas.subplots()
    named: set[str] = set()
    for stage in found.stages:
        low, high = float(stage.low), float(stage.high)
        if stage.value is not None:
            top, bottom = (list(map(float, coefficients(p))) for p in (stage.value.top, stage.value.bottom))
            count = 1 if low == high else 2 if len(top) < 3 and len(bottom) < 2 else DRAWN
            xs = [low + (high - low) * k / max(count - 1, 1) for k in range(count)]
            drawn = [(x, _at(top, x) / below) for x in xs if (below := _at(bottom, x))]
            axes.plot(*zip(*drawn, strict=True), color=COLOURS[0])
            for (x, y), end, belongs in zip((drawn[0], drawn[-1]), (low, high), stage.closed, strict=True):
                if x == end:  # a ring where the value is another, else under the dot of a neighbour
                    inner, above = (COLOURS[0], 4) if belongs else ("white", 3)
                    axes.plot(x, y, "o", ms=4, color=COLOURS[0], mfc=inner, zorder=above, clip_on=False)
        elif low < high:
            said = _without(found, stage)
            colour, hatch = VERDICTS.get(stage.status, VERDICTS["impossible"])
            look = {"facecolor": colour, "hatch": hatch, "edgecolor": "#777777", "lw": 0}
            axes.axvspan(low, high, label=None if said in named else said, **look)
            named.add(said)
    label = PAIRS[found.of][1] if isinstance(found, ValuePair) else _axis(found.family)
    axes.set(xlabel=spoken(one.name), ylabel=label, xlim=(float(one.low), float(one.high)))
    if named:
        axes.legend(loc="best", fontsize="small")
    return found.title


def _at(given: list[float], x: float) -> float:
    return sum(c * x**k for k, c in enumerate(given))


__all__ = ["draw_value", "formula", "interval", "value_latex", "value_page"]
