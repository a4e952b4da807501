"""Pages of symmetric environments: the interim rule of a representative bidder, and its proof."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..answer.interim import InterimAnswer
from ..environment.symmetric import Symmetric
from ..exact.decimals import about, rounded_down, rounded_up
from ..exact.numbers import text
from ..proof.rates import Rates
from .rates import RATES, rates_table, why_no_more
from .tables import GRID, MAX_ROWS, MULTIPLIERS, number, plain, table

#: Digits of a fraction printed before only its decimal is.
MAX_DIGITS = 24


def short(value) -> str:  # type: ignore[no-untyped-def]
    """The exact fraction where it is short, else its decimal (the saved answer has it in full)."""
    exact = text(value)
    return number(value) if len(exact) <= MAX_DIGITS else f"{about(value, 9)}"


def interim_page(answer: InterimAnswer, *, full: bool = False) -> RenderableType:
    """The answer for a person."""
    design = answer.design
    limit = 10**9 if full else MAX_ROWS
    parts: list[RenderableType] = [
        plain(design.environment.title or "untitled", "bold"),
        plain(
            "incentive compatibility (IC) Bayesian (interim); individual rationality (IR) interim; budget balance (BB) "
            f"none\nallocation chosen; transfers free; wanted: {design.objective}",
            "dim",
        ),
        Text(),
        _verdict(answer),
        *(plain(f"Note: {note}.") for note in answer.notes),
        Text(),
        _contracts(answer, limit),
        *_binding(answer, limit),
        Text(),
        *map(plain, _footer(answer)),
    ]
    return Group(*parts)


def _verdict(answer: InterimAnswer) -> Text:
    sure = "certified" if answer.certified else "NOT CERTIFIED"
    if answer.status == "undecided":
        said = (
            f"UNDECIDED: the best {answer.design.objective} lies between {rounded_down(answer.value)} (a mechanism) and the "
            f"bound {rounded_up(answer.bound)}, both exact  [bracket {sure}]"
        )
        return plain(said, "bold yellow")
    if answer.status == "feasible":
        return plain(f"FEASIBLE: a mechanism exists  [{sure}]", "bold green")
    return plain(f"OPTIMAL: {answer.design.objective} {short(answer.value)}  [{sure}]", "bold green")


def _contracts(answer: InterimAnswer, limit: int) -> Table:
    rule, environment = answer.rule, answer.design.environment
    menu, which = rule.contracts
    counts = np.bincount(which)
    heads = ["chance of winning"] if len(environment.values) == 1 else list(environment.grades)
    shown = table(
        "taken by", *heads, "t", title="Interim rule: contracts (t: what a bidder receives in expectation)"
    )
    order = sorted(range(len(menu)), key=lambda c: rule.transfers[int(menu[c])])
    for place, c in enumerate(order):
        if place == limit:
            shown.add_row(f"... {len(menu) - limit:,} more contracts (--full)")
            break
        s = int(menu[c])
        more = f" and {counts[c] - 1:,} more" if counts[c] > 1 else ""
        chances = [short(row[s]) for row in rule.chances]
        shown.add_row(environment.agent.types[s] + more, *chances, short(rule.transfers[s]))
    return shown


def _binding(answer: InterimAnswer, limit: int) -> Iterable[RenderableType]:
    """Rates where they were examined, and the multipliers of the proof."""
    rates, copies = answer.rates or Rates(), answer.design.environment.copies
    if rates.examined:
        yield rates_table(answer.judge, rates.examined, limit)
        yield plain(f"{RATES}{_at_once(copies)}", "dim")
    yield _multipliers(answer, limit)
    yield plain(f"{MULTIPLIERS} {_moved(copies)}", "dim")
    yield from why_no_more(rates)


def _at_once(copies: int) -> str:
    return f" Each gives way for all {copies} bidders at once." if copies > 1 else ""


def _multipliers(answer: InterimAnswer, limit: int) -> Table:
    rows = sorted(answer.proof.rows(answer.design), key=lambda row: -row[1])
    shown = table("requirement", "multiplier", title="The proof: multipliers of requirements")
    for name, multiplier in rows[:limit]:
        shown.add_row(name, short(multiplier))
    if len(rows) > limit:
        shown.add_row(f"... {len(rows) - limit:,} more (--full)", "")
    return shown


def _moved(copies: int) -> str:
    """What a multiplier of the representative says of all bidders, and of one: optimal values are concave in what is moved, and
    bidders may be averaged, so equal shares are multipliers too."""
    if copies == 1:
        return "Asking more of it costs at least that."
    return (
        f"It gives way for all {copies} bidders at once; for one of them alone it gains at most 1/{copies} of that. "
        "Asking more of it costs at least as much."
    )


def _footer(answer: InterimAnswer) -> Iterable[str]:
    yield f"Audit from the definitions: {answer.audit}."
    what = "That nothing is better" if answer.status != "undecided" else "The bound"
    yield f"{what} follows from the multipliers above, in exact arithmetic."
    yield "Border's condition holds for every set of types, so a rule over type profiles has these chances."
    yield GRID
    yield f"{answer.method}; {answer.timings.get('total', 0):.2f} s"


def symmetric_page(environment: Symmetric, description: str = "", source: str = "") -> RenderableType:
    """The environment in words and numbers."""
    agent = environment.agent
    parts: list[RenderableType] = [plain(environment.title or "untitled", "bold")]
    parts += [plain(description.strip())] if description else []
    parts += [plain(f"Source: {source.strip()}", "dim")] if source else []
    parts.append(
        plain(
            f"One object in {len(environment.values)} grade(s) and {environment.copies} identical bidders; "
            "independent private types."
        )
    )
    shown = table(
        f"type of {agent.name}",
        *(f"value of {grade}" for grade in environment.grades),
        "probability",
        title=f"{environment.size:,} types",
    )
    for s in range(min(environment.size, MAX_ROWS)):
        shown.add_row(
            agent.types[s], *(text(row[s]) for row in environment.values), text(environment.prior[s])
        )
    if environment.size > MAX_ROWS:
        shown.add_row(f"... {environment.size - MAX_ROWS:,} more")
    return Group(*parts, shown)
