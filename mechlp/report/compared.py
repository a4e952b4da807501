"""Questions side by side, as a page for a terminal."""

from __future__ import annotations

from fractions import Fraction

from rich.console import Group, RenderableType
from rich.text import Text

from ..answer.answer import Answer
from ..exact.decimals import about
from ..proof.fewest import Fewest
from ..question.objective import goal
from ..study.compare import Comparison
from .tables import GRID, Rounding, number, plain, sides, table


def comparison_page(found: Comparison) -> RenderableType:
    """Questions down, notions of IC across: verdict, value, how many rules, certified or not."""
    shown = table("", *found.notions, title=found.title or "untitled")
    for question in found.asked:
        cells = [found.cell(question, ic) for ic in found.notions]
        if any(cells):
            shown.add_row(question, *(_compared(None if c is None else c.answer) for c in cells))
    parts: list[RenderableType] = [shown]
    parts += [plain(f"{name}: {what}.", "dim") for name, what in found.asked.items() if what]
    if found.left_out:
        parts += [Text(), plain("Not asked:", "bold"), *(plain(f"  {reason}.") for reason in found.left_out)]
    return Group(*parts, Text(), plain(GRID, "dim"))


def _compared(answer: Answer | None) -> Text:
    """One cell: the verdict, and below it what it rests on."""
    if answer is None:
        return Text("-")
    aim = goal(answer.design)
    low, high = sides(aim is None or aim.maximize, figures=6)
    said = {
        "feasible": "possible",
        "infeasible": "impossible",
        "optimal": _short(answer.value),
        "bracket": f"{_short(answer.value, low)} to {_short(answer.bound, high)}",
        "undominated": "undominated",
        "dominated": f"dominated by {_short(answer.value, low)}",
        "unbounded": "unbounded",
        "undecided": f"undecided: {_short(answer.value, low)} to {_short(answer.bound, high)}",
    }[answer.status]
    below = ["certified" if answer.certified else "NOT CERTIFIED"]
    if answer.fewest is not None:
        below.insert(0, _how_many(answer.fewest))
    colour = {"infeasible": "red", "undecided": "yellow"}.get(answer.status, "green")
    return Text.assemble((said, colour), ("\n" + ", ".join(below), "dim"))


def _how_many(fewest: Fewest) -> str:
    if fewest.upper == 1:
        return "1 rule"
    return f"{'' if fewest.lower == fewest.upper else f'{fewest.lower} to '}{fewest.upper} rules"


def _short(value: Fraction | None, decimal: Rounding = about) -> str:
    """The exact value where it fits into a cell."""
    if value is None:
        return "?"
    exact = number(value, decimal)
    return exact if len(exact) <= 24 else f"~{about(value)}" if decimal is about else decimal(value)
