"""What every page has in common: numbers, lines, empty tables, and sentences that are said more than once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from rich import box
from rich.table import Table
from rich.text import Text

from ..environment.model import Environment
from ..exact.decimals import about, rounded_down, rounded_up
from ..exact.numbers import text

#: Rows of a table printed before the rest is left to the saved answer.
MAX_ROWS = 60
#: Chances that are left out of a lottery on a page where payoffs are irrational.
UNSEEN = Fraction(1, 10**6)
GRID = "These are statements about the finite types of the file, not about a continuum that they may approximate."
#: What multipliers say of relaxing, and what they do not.
MULTIPLIERS = (
    "Relaxing a requirement gains at most its multiplier in this proof for each unit by which it gives way, and less where "
    "another proof has a smaller one."
)


#: How a number becomes a decimal.
Rounding = Callable[[Fraction], str]


def sides(maximize: bool = True, figures: int = 10) -> tuple[Rounding, Rounding]:
    """How what is attained and what nothing exceeds are rounded: so that what is read is proved."""
    down, up = partial(rounded_down, figures=figures), partial(rounded_up, figures=figures)
    return (down, up) if maximize else (up, down)


def ends(value: Fraction | None, bound: Fraction | None, maximize: bool = True) -> str:
    """What is surely attained, and what nothing exceeds."""
    if value is None or bound is None:
        return "-"
    low, high = sides(maximize)
    least, above = ("at least", "above") if maximize else ("at most", "below")
    return f"{least} {low(value)}, nothing {above} {high(bound)}"


def gap(value: Fraction | None, bound: Fraction | None) -> str:
    """How far what is attained may be from the best."""
    return "-" if value is None or bound is None else rounded_up(abs(bound - value), figures=2)


def number(value: Fraction | None, decimal: Rounding = about) -> str:
    """``13/80 (0.1625)``: exact, with a decimal where that helps."""
    if value is None:
        return "-"
    return text(value) if value.denominator == 1 else f"{text(value)} ({decimal(value)})"


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the style of every page."""
    return Table(
        *columns, title=title, box=box.SIMPLE, title_justify="left", title_style="bold", pad_edge=False
    )


def plain(line: str, style: str = "") -> Text:
    """A line without markup."""
    return Text(line, style=style)


def brief(value: Fraction, environment: Environment) -> str:
    """Exact; where payoffs are irrational, chances and transfers are rounded numbers anyway, and are shown by their first
    digits."""
    return text(value) if environment.exact or value.denominator < 10**4 else about(value)


def first_ones(labels: Sequence[str], most: int = 12) -> str:
    """The first ones, twelve unless told otherwise; labels with commas of their own are kept apart by semicolons."""
    apart = "; " if any("," in label for label in labels) else ", "
    return apart.join([*labels[:most], *(["..."] if len(labels) > most else [])])


def lottery(outcome: dict[str, Fraction], environment: Environment) -> str:
    """Outcomes with their chances; a certain one by its name alone."""
    if not environment.exact:
        outcome = {name: chance for name, chance in outcome.items() if chance > UNSEEN}
    if len(outcome) == 1:
        return next(iter(outcome))
    return " + ".join(f"{brief(chance, environment)} {name}" for name, chance in outcome.items())
