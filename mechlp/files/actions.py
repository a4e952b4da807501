"""Recommended actions: outcomes are then profiles of actions, and payoffs may be given for all of them at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..environment.actions import MAX_PROFILES, Actions
from ..environment.formulas import Labels, evaluate
from ..environment.model import Agent
from ..exact.numbers import Rationals, rational, stack, text
from .context import Context
from .mistakes import Wrong, brief
from .types import read_types

#: The key that stands for every profile of actions, under `payoffs` and in objectives.
ALL = "actions"


def read_actions(context: Context) -> None:
    """The actions of each agent; who has actions and is no agent yet has a single type."""
    given = context.file.actions
    known = {a.name for a in context.agents} | set(context.groups)
    for name in given if given is not None else ():
        if name not in known:
            context.groups[name] = [len(context.agents)]
            context.agents.append(Agent.of(name, ["-"]))
    if given is None:
        return
    names: dict[int, tuple[str, ...]] = {}
    for name, spec in given.items():
        with context.at("actions", name):
            acts = tuple(text(a) if not isinstance(a, str) else a for a in read_types(context, spec))
            for i in context.members(("actions",), name):
                names[i] = acts
    listed = [names.get(i, ()) for i in range(len(context.agents))]
    count = math.prod(max(len(acts), 1) for acts in listed)
    if count > MAX_PROFILES:
        context.report(("actions",), f"{count:,} profiles of actions; at most {MAX_PROFILES:,} are accepted")
        return
    with context.at("actions"):
        context.actions = Actions.profiles(listed)


def by_actions(context: Context, value: Any, agent: int | None = None) -> Rationals:
    """A formula in types and in every agent's `NAME.action`, or nested lists over the actions with formulas of types: shape
    ``(|A|, *Theta)``, axes of length one kept."""
    actions = context.actions
    assert actions is not None
    sizes = tuple(len(acts) for acts in actions.names if acts)
    if isinstance(value, list):
        cells: list[Any] = []
        context.cells(value, sizes, (), cells, lambda v: context.table(v, context.shape, agent))
        shape = np.broadcast_shapes((1,) * len(context.shape), *(c.shape for c in cells))
        return stack([c.broadcast_to(shape) for c in cells])
    if not isinstance(value, str):
        raise Wrong(
            (), f"expected a number, a formula or nested lists over the actions, found {brief(value)}"
        )
    found = evaluate(value, {**context.names_for(agent), **_names(context, actions, agent)})
    grid = (*sizes, *(1,) * len(context.shape))
    shape = np.broadcast_shapes(grid, found.shape)
    return found.broadcast_to(shape).reshape(-1, *shape[len(sizes) :])


def _names(context: Context, actions: Actions, agent: int | None) -> dict[str, Rationals | Labels]:
    """`NAME.action` along axes before those of the types."""
    players = [i for i, acts in enumerate(actions.names) if acts]
    out: dict[str, Rationals | Labels] = {}
    for axis, i in enumerate(players):
        along = [1] * (len(players) + len(context.agents))
        along[axis] = actions.count(i)
        try:
            found: Rationals | Labels = Rationals.of([rational(a) for a in actions.names[i]]).reshape(along)
        except ValueError:
            found = Labels(context.agents[i].name, np.array(actions.names[i], dtype=object).reshape(along))
        out[f"{context.agents[i].name}.action"] = found
    own = {g: m for g, m in context.groups.items() if agent in m}
    for group in own:
        out.setdefault(
            f"{group}.action", out.get(f"{context.agents[agent or 0].name}.action", Rationals.of(0))
        )
    return out
