"""Menus as tables: what an agent can have, what she pays, and which types take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType

from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..mechanism.menu import Entry, expected_menu, menu, share
from .tables import MAX_ROWS, brief, first_ones, lottery, plain, table

#: Menus that are printed for one agent, one for each of the others' reports.
MOST = 12


def menu_of_one(rule: Mechanism, limit: int) -> RenderableType | None:
    """The menu of the one agent there is; None where there are several, or she has one type."""
    environment = rule.environment
    if environment.n != 1 or environment.agents[0].size == 1 or environment.actions is not None:
        return None
    return _menu(rule, 0, menu(rule, 0), f"Menu of {environment.agents[0].name}", limit, environment.designer)


def menus_page(answer: Any, *, full: bool = False) -> Iterator[RenderableType]:
    """The menus of every agent with several types: what she expects, and, with one other agent, given the other's report."""
    rules: tuple[Mechanism, ...] = getattr(answer, "rules", ())
    if len(rules) != 1:
        yield plain(
            "No menus: they are about one mechanism over type profiles, and the answer has none, or several rules."
        )
        return
    rule, limit = rules[0], 10**9 if full else MAX_ROWS
    for i, agent in enumerate(rule.environment.agents):
        if agent.size == 1:
            continue
        expected = expected_menu(rule, i)
        if expected is not None:
            where = "" if rule.environment.n == 1 else ", in expectation"
            yield _menu(rule, i, expected, f"Menu of {agent.name}{where}", limit)
        else:
            yield plain(
                f"Types of {agent.name} differ in what they believe, so in expectation there is no one menu."
            )
        for others, name in _given(rule, i):
            yield _menu(rule, i, menu(rule, i, others), f"Menu of {agent.name}, given {name}", limit)


def _given(rule: Mechanism, agent: int) -> Iterator[tuple[tuple[int, ...], str]]:
    """The reports of the one other agent."""
    agents = rule.environment.agents
    if len(agents) != 2:
        return
    other = agents[1 - agent]
    for k, label in enumerate(other.types[:MOST]):
        yield (k,), f"{other.name}={label}"


def _menu(
    rule: Mechanism,
    agent: int,
    entries: Sequence[Entry],
    title: str,
    limit: int,
    prior: Rationals | None = None,
) -> RenderableType:
    environment = rule.environment
    labels = environment.agents[agent].types
    likely = [] if prior is None else ["with chance"]
    shown = table("gets", "pays", *likely, "taken by", title=title)
    for entry in entries[:limit]:
        chance = [] if prior is None else [text(share(prior, entry))]
        names = [labels[k] for k in entry.types]
        said = first_ones(names, most=limit if limit > MAX_ROWS else 12)
        several = f"{len(names):,} types: " if len(names) > 3 else ""
        shown.add_row(
            lottery(entry.lottery, environment), brief(entry.price, environment), *chance, several + said
        )
    if len(entries) > limit:
        shown.add_row(f"... {len(entries) - limit:,} more (--full)")
    return shown
