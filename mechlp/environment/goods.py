"""Goods to be assigned: the outcomes are who gets what, and what bundles are worth to each agent.

A bundle counts the units of each good; an assignment gives each agent a bundle, units may remain unsold.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..exact.numbers import Rationals, maximum
from .agents import Agent
from .errors import InvalidEnvironment

Bundle = tuple[int, ...]
#: Most assignments that are written out.
MAX_ASSIGNMENTS = 100_000


def assignments(
    units: Sequence[int],
    capacities: Sequence[int | None],
    *,
    every_unit: bool = False,
    most: int = MAX_ASSIGNMENTS,
) -> list[tuple[Bundle, ...]]:
    """Every way to give agents units of goods, the first being that nobody gets anything (unless ``every_unit``).

    Parameters
    ----------
    units : how many units there are of each good.
    capacities : for each agent, how many units she may get in all; None for any number.
    every_unit : nothing remains unsold.

    Raises
    ------
    InvalidEnvironment
        More than ``most``, found out before that many are written; or none at all.
    """
    caps = [sum(units) if c is None else c for c in capacities]
    found = list(itertools.islice(_shares(tuple(units), tuple(caps), every_unit), most + 1))
    if len(found) > most:
        raise InvalidEnvironment(
            f"more than {most:,} ways to give {sum(units)} units to {len(caps)} agents; at most {most:,} are accepted: "
            "fewer goods or agents, or a capacity"
        )
    if not found:
        raise InvalidEnvironment(f"{sum(units)} units do not fit the capacities, {sum(caps)} in all")
    return [tuple(zip(*shares, strict=True)) for shares in found]


def _shares(units: Bundle, caps: Bundle, every_unit: bool) -> Iterator[tuple[Bundle, ...]]:
    """For each good, who gets how many units of it."""
    if every_unit and sum(units) > sum(caps):
        return
    if not units:
        yield ()
        return
    for own in _split(units[0], caps, every_unit):
        left = tuple(c - u for c, u in zip(caps, own, strict=True))
        for rest in _shares(units[1:], left, every_unit):
            yield (own, *rest)


def _split(units: int, caps: Bundle, every_unit: bool) -> Iterator[Bundle]:
    if not caps:
        if not (every_unit and units):
            yield ()
        return
    for own in range(min(units, caps[0]) + 1):
        if not every_unit or units - own <= sum(caps[1:]):
            for rest in _split(units - own, caps[1:], every_unit):
                yield (own, *rest)


def bundle_label(bundle: Bundle, goods: Sequence[str]) -> str:
    """``A+2B``; the number alone where there is one good; ``nothing``."""
    if not any(bundle):
        return "nothing"
    if len(goods) == 1 and not goods[0]:
        return str(bundle[0])
    return "+".join(
        f"{count if count > 1 else ''}{good}" for good, count in zip(goods, bundle, strict=True) if count
    )


def assignment_label(assignment: Sequence[Bundle], agents: Sequence[str], goods: Sequence[str]) -> str:
    """``buyer1:A buyer2:B``; with one agent, her bundle."""
    if len(agents) == 1:
        return bundle_label(assignment[0], goods)
    got = [f"{name}:{bundle_label(b, goods)}" for name, b in zip(agents, assignment, strict=True) if any(b)]
    return " ".join(got) or "nothing"


def unit_values(agent: Agent, goods: Sequence[str], units: Sequence[int]) -> list[list[Rationals]]:
    """What each further unit of each good is worth to the types of an agent, by her types alone: arrays ``(|Theta_i|,)``.

    Types that are numbers value every unit of the only good; coordinates value the good of their name (a good without one is
    worth nothing), or of their position; of one good in several units, the first, second, ... unit.

    Raises
    ------
    InvalidEnvironment
        Types that say nothing about the goods.
    """
    if agent.values is not None and len(goods) == 1:
        return [[agent.values] * units[0]]
    columns = {name: c for name, c in agent.coordinates.items() if isinstance(c, Rationals)}
    nothing = Rationals.zeros((agent.size,))
    if any(good in columns for good in goods):
        return [[columns.get(good, nothing)] * count for good, count in zip(goods, units, strict=True)]
    listed = list(columns.values())
    if len(goods) == 1 and listed and len(listed) <= units[0]:
        return [[*listed, *[nothing] * (units[0] - len(listed))]]
    if len(listed) == len(goods) and all(name.isdigit() for name in columns):
        return [[own] * count for own, count in zip(listed, units, strict=True)]
    raise InvalidEnvironment(
        f"the types of {agent.name!r} do not say what {', '.join(goods) or 'a unit'} is worth: give them a coordinate a "
        f"good, as in {{{', '.join(f'{good}: [0, 1]' for good in goods)}}}, or a table of bundles"
    )


def additive(values: Sequence[Sequence[Rationals]], bundle: Bundle) -> Rationals:
    """The sum of what the units are worth."""
    total = Rationals.of(0)
    for own, count in zip(values, bundle, strict=True):
        for value in own[:count]:
            total = total + value
    return total


def unit_demand(values: Sequence[Sequence[Rationals]], bundle: Bundle) -> Rationals:
    """What the best unit is worth."""
    held = [own[0] for own, count in zip(values, bundle, strict=True) if count]
    best = held[0] if held else Rationals.of(0)
    for value in held[1:]:
        best = maximum(best, value)
    return best


def by_table(table: Mapping[Bundle, Rationals], bundle: Bundle, *, disposal: bool = False) -> Rationals:
    """What the table says, 0 where it says nothing; with free ``disposal``, the best of what the bundle contains."""
    if not disposal:
        return table.get(bundle, Rationals.of(0))
    best = Rationals.of(0)
    for smaller, value in table.items():
        if all(s <= b for s, b in zip(smaller, bundle, strict=True)):
            best = maximum(best, value)
    return best


def payoffs(
    found: Sequence[Sequence[Bundle]], worth: Sequence[Callable[[Bundle], Rationals]]
) -> list[list[Rationals]]:
    """What each assignment is worth to each agent, by what her bundle is worth to her: one list of |A| arrays an agent."""
    out = []
    for i, value in enumerate(worth):
        known = {bundle: value(bundle) for bundle in {assignment[i] for assignment in found}}
        out.append([known[assignment[i]] for assignment in found])
    return out
