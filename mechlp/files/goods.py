"""Goods to be assigned (`outcomes: goods`): what there is, what an agent may get, and what bundles are worth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..environment import goods
from ..environment.goods import Bundle
from ..environment.model import MAX_CELLS
from ..exact.numbers import Rationals
from .context import Context
from .mistakes import Wrong, brief, near
from .schema import GoodsSpec

MAX_UNITS = 1000
#: Ready-made values.
READY = {"additive": goods.additive, "unit-demand": goods.unit_demand}
_COUNTED = re.compile(r"(?P<count>\d*)\s*(?P<good>.*)")
Worth = Callable[[Bundle], Rationals]


def read_goods(context: Context) -> None:
    """The assignments as outcomes, with what they are worth to each agent."""
    spec = context.file.goods or GoodsSpec()
    with context.at("goods"):
        units = _units(context, spec)
        names, counts = list(units), list(units.values())
        capacities = _capacities(context, spec)
        profiles = int(np.prod(context.shape, dtype=object))
        found = goods.assignments(
            counts,
            capacities,
            every_unit=spec.all_assigned == "true",
            most=min(goods.MAX_ASSIGNMENTS, max(MAX_CELLS // profiles, 1)),
        )
        agents = [a.name for a in context.agents]
        context.outcomes = [goods.assignment_label(a, agents, names) for a in found]
        worth = _worth(context, spec, units)
        if worth is not None:
            context.ready = goods.payoffs(found, worth)


def _units(context: Context, spec: GoodsSpec) -> dict[str, int]:
    """Each good, and how many units there are of it."""
    if spec.units is not None:
        if spec.items is not None:
            raise Wrong(("units",), "is for one good; for several write items: {A: 2, B: 1}")
        return {"": context.whole(spec.units, "units", MAX_UNITS)}
    items = spec.items
    if items is None:
        items = list(dict.fromkeys(c for a in context.agents for c in a.coordinates if not c.isdigit()))
        if not items and context.problems:
            return {}  # the types of whoever has them were not read
        if not items:
            raise ValueError(
                "which goods are there? items: [A, B], or units: 3, or types with a coordinate a good, as in "
                "{A: [0, 1], B: [0, 1]}"
            )
    if isinstance(items, list):
        items = dict.fromkeys(items, "1")
        if spec.items is not None and len(items) < len(spec.items):
            raise Wrong(("items",), "two goods have the same name; several units are written items: {A: 2}")
    if not isinstance(items, Mapping) or not all(isinstance(v, str) for v in items.values()):
        raise Wrong(("items",), f"expected a list of goods, or good -> units, found {brief(items)}")
    for item in items:
        if not isinstance(item, str) or not item.isidentifier():
            raise Wrong(("items",), f"{item!r} cannot name a good: letters, digits and _ only")
    return {item: context.whole(count, f"units of {item}", MAX_UNITS) for item, count in items.items()}


def _capacities(context: Context, spec: GoodsSpec) -> list[int | None]:
    given = spec.capacity
    if given is None or isinstance(given, str):
        most = None if given is None else context.whole(given, "capacity", MAX_UNITS)
        return [most] * len(context.agents)
    if not isinstance(given, Mapping):
        raise Wrong(("capacity",), f"expected a number, or agent -> number, found {brief(given)}")
    found = context.per_agent(
        "goods", given, lambda v, _: context.whole(v, "capacity", MAX_UNITS), "capacity"
    )
    return [found.get(i) for i in range(len(context.agents))]


def _worth(context: Context, spec: GoodsSpec, units: Mapping[str, int]) -> list[Worth] | None:
    """What a bundle is worth to each agent; None where that was reported."""
    if isinstance(spec.values, Mapping):
        return context.for_all(
            "goods",
            spec.values,
            lambda v, i: _values(context, v, i, spec, units),
            "the values of {} are missing",
            "values",
        )
    return [_values(context, spec.values, i, spec, units) for i in range(len(context.agents))]


def _values(context: Context, value: Any, agent: int, spec: GoodsSpec, units: Mapping[str, int]) -> Worth:
    disposal = spec.free_disposal == "true"
    if isinstance(value, Mapping):
        table: dict[Bundle, Rationals] = {}
        for said, worth in value.items():
            try:
                bundle = _bundle(said, units)
                if bundle in table:
                    raise ValueError("this bundle appears twice")
                table[bundle] = context.table(worth, context.shape, agent)
            except ValueError as error:
                raise Wrong((said, *getattr(error, "path", ())), str(error)) from None
        return partial(goods.by_table, table, disposal=disposal)
    if value not in READY:
        hint = near(value, READY, known=False) if isinstance(value, str) else ""
        raise ValueError(f"expected additive, unit-demand, or bundle -> value, found {brief(value)}{hint}")
    along = [1] * len(context.agents)
    along[agent] = context.agents[agent].size
    own = goods.unit_values(context.agents[agent], list(units), list(units.values()))
    return partial(READY[value], [[v.reshape(along) for v in good] for good in own])


def _bundle(said: str, units: Mapping[str, int]) -> Bundle:
    """``A+2B`` as a count of each good; a number where there is one good."""
    counts = dict.fromkeys(units, 0)
    for part in said.split("+"):
        match = _COUNTED.fullmatch(part.strip())
        good = "" if match is None else match["good"]
        if match is None or good not in units:
            known = [u for u in units if u]
            raise ValueError(
                f"no good is named {good!r}{near(good, known)}"
                if known
                else f"{said!r} is no number of units"
            )
        counts[good] += int(match["count"] or 1)
    for good, count in counts.items():
        if count > units[good]:
            raise ValueError(f"{count} units{f' of {good}' if good else ''}; there are {units[good]}")
    return tuple(counts.values())
