"""Pages about types that fill a box: the certified ends of the best revenue, and the mechanisms and multipliers behind them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..answer.box import BoxAnswer
from ..environment.box import Box
from ..exact.decimals import about, rounded_down, rounded_up
from ..exact.numbers import text
from .symmetric import short
from .tables import MAX_ROWS, plain, table

ALL = (
    "These are statements about all types in the continuum: each contract is offered to every type of the box, and no mechanism "
    "for these types earns more than the bound."
)


def box_answer_page(answer: BoxAnswer, *, full: bool = False) -> RenderableType:
    """The answer for a person."""
    limit = 10**9 if full else MAX_ROWS
    low, high = rounded_down(answer.value), rounded_up(answer.bound)
    head = (
        f"BRACKET: in the continuum the best revenue lies between {low} (a mechanism for all types) and {high} (no mechanism "
        f"earns more), {rounded_up(100 * answer.width, figures=2)} % apart  [certified]"
    )
    if answer.status == "optimal":
        head = f"OPTIMAL: in the continuum the best revenue is {short(answer.value)}  [certified]"
    parts: list[RenderableType] = [
        plain(answer.design.environment.title or "untitled", "bold"),
        plain(
            "incentive compatibility (IC) Bayesian (interim); individual rationality (IR) interim; budget balance (BB) "
            "none\nallocation chosen; transfers free; wanted: revenue",
            "dim",
        ),
        Text(),
        plain(head, "bold green"),
        *map(plain, _mechanisms(answer)),
        *(plain(f"Note: {note}.") for note in answer.notes),
        Text(),
        *([_menu(answer, limit)] if len(answer.menu.prices) else []),
        _multipliers(answer, limit),
        Text(),
        plain(ALL),
        plain(f"{answer.method}; {answer.timings.get('total', 0):.2f} s"),
    ]
    return Group(*parts)


def _mechanisms(answer: BoxAnswer) -> Iterator[str]:
    shrunk = (
        ""
        if answer.factor == 1
        else f", its contracts multiplied by {about(answer.factor, 6)} so that they are feasible"
    )
    yield f"The menu below{shrunk}, offered to all types: revenue at least {rounded_down(answer.menu_value)} in the continuum."
    if answer.price is not None and answer.exclusive_value is not None:
        earned = f"revenue {short(answer.exclusive_value)} in the continuum, exactly"
        if answer.design.environment.copies == 1:
            yield f"One price for every grade, {text(answer.price)}: {earned}."
        else:
            yield (
                "The exclusive-buyer mechanism (a second-price auction of the right to buy, then the winner's choice of grade at "
                f"the price {text(answer.price)}): {earned}."
            )


def _menu(answer: BoxAnswer, limit: int) -> Table:
    box, menu = answer.design.environment, answer.menu
    shown = table(
        *(f"chance of {axis.name}" for axis in box.axes),
        "price",
        title="The menu: each type takes the contract that she likes best, or none",
    )
    order = sorted(range(len(menu.prices)), key=lambda c: menu.prices[c])
    for c in order[:limit]:
        shown.add_row(*(about(q, 7) for q in menu.chances[c].fractions()), about(menu.prices[c], 7))
    if len(order) > limit:
        shown.add_row(f"... {len(order) - limit:,} more contracts (--full)")
    return shown


def _multipliers(answer: BoxAnswer, limit: int) -> Table:
    proof, cells = answer.proof, answer.design.environment.cells.agent.types
    amounts = proof.amounts.fractions()
    order = sorted(range(len(amounts)), key=lambda j: -amounts[j])
    shown = table(
        "type in",
        "does not report a type in",
        "multiplier",
        title="The proof of the bound: multipliers of IC",
    )
    for j in order[:limit]:
        shown.add_row(cells[int(proof.types[j])], cells[int(proof.reports[j])], about(amounts[j], 6))
    if len(order) > limit:
        shown.add_row(f"... {len(order) - limit:,} more (--full)", "", "")
    return shown


def box_page(box: Box, description: str = "", source: str = "") -> RenderableType:
    """The environment in words and numbers."""
    parts: list[RenderableType] = [plain(box.title or "untitled", "bold")]
    parts += [plain(description.strip())] if description else []
    parts += [plain(f"Source: {source.strip()}", "dim")] if source else []
    what = f"{len(box.axes)} goods and one buyer, who adds up their values"
    if not box.goods:
        what = f"One object in {len(box.axes)} grade(s) and {box.copies} bidder(s), alike"
    parts.append(plain(f"{what}; types fill a box, values independent, their density constant on each cell."))
    shown = table("value of", "from", "to", "cells", "density")
    for axis in box.axes:
        spread = (
            "uniform"
            if axis.uniform
            else f"{', '.join(map(about, axis.masses[:4]))}, ... (probabilities of cells)"
        )
        shown.add_row(axis.name, text(axis.low), text(axis.high), str(axis.count), spread)
    return Group(*parts, shown)
