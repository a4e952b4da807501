"""Parameters, the assumptions on them, agents and their types."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ..environment.formulas import evaluate
from ..environment.model import MAX_AGENTS, MAX_CELLS
from ..exact.numbers import Rationals, text
from .context import Context
from .types import read_agent, size_of


def read_parameters(context: Context) -> None:
    """The named numbers, each a formula of those before it."""
    for name, value in context.file.parameters.items():
        with context.at("parameters", name):
            if not name.isidentifier():
                raise ValueError(f"{name!r} cannot be used in formulas: letters, digits and _ only")
            if keyword.iskeyword(name):
                raise ValueError(f"{name!r} is a reserved word in formulas; try {name + '_'!r}")
            names = {k: Rationals.of(v) for k, v in context.parameters.items()}
            context.parameters[name] = evaluate(value, names).item()
        # What uses a wrong parameter is not wrong for that reason.
        context.parameters.setdefault(name, Fraction(1))


def assumed(context: Context) -> bool:
    """Whether the file's assumptions on its parameters hold; where one does not, nothing else is worth a message."""
    names = context.constants()
    holds = True
    for said, condition in context.file.assume.items() if not context.problems else ():
        with context.at("assume", said):
            if evaluate(condition, names).item() == 0:
                holds = False
                values = ", ".join(
                    f"{k} = {text(v)}"
                    for k, v in context.parameters.items()
                    if re.search(rf"\b{k}\b", condition)
                )
                raise ValueError(f"{condition} is assumed, and does not hold for {values}")
    return holds


def read_agents(context: Context) -> None:
    """The agents, copies made."""
    if not fits(context, sizes(context), 1):
        return
    for name, spec in context.file.agents.items():
        with context.at("agents", name):
            copies = 1 if spec.copies is None else context.whole(spec.copies, "copies", MAX_AGENTS)
            agent, axes = read_agent(context, name, spec.types)
            if name in context.parameters or name in context.definitions:
                raise ValueError(
                    f"{name!r} is both an agent and a {'parameter' if name in context.parameters else 'definition'}"
                )
            names = [name] if spec.copies is None else [f"{name}{k + 1}" for k in range(copies)]
            context.groups[name] = list(range(len(context.agents), len(context.agents) + copies))
            context.axes.update(dict.fromkeys(context.groups[name], axes))
            context.agents += [replace(agent, name=n) for n in names]
    if len(context.agents) > MAX_AGENTS:
        context.report(("agents",), f"{len(context.agents)} agents; at most {MAX_AGENTS} are accepted")
    seen: dict[str, int] = {}
    for agent in context.agents:
        seen[agent.name] = seen.get(agent.name, 0) + 1
        if seen[agent.name] == 2:
            context.report(("agents",), f"two agents are named {agent.name!r}")
        if len(set(agent.types)) < agent.size:
            twice = next(t for t in agent.types if agent.types.count(t) > 1)
            context.report(("agents", agent.name), f"the type {twice!r} appears twice")


def fits(context: Context, sizes: Sequence[int], outcomes: int) -> bool:
    """Whether a grid is small enough to be built; reported where not."""
    profiles = math.prod(max(size, 1) for size in sizes)
    cells = profiles * outcomes
    if cells > MAX_CELLS:
        grid = " x ".join(str(size) if size < 10**12 else "(a huge number)" for size in sizes)
        size = (
            f"{cells:,} cells an agent ({cells * 8 / 2**30:,.1f} GiB each)"
            if cells < 10**18
            else "far too many cells"
        )
        context.report(
            ("agents",),
            f"{grid} type profiles x {outcomes} outcomes = {size}; at most {MAX_CELLS:,} are accepted: use fewer types",
        )
        return False
    return True


def sizes(context: Context) -> list[int]:
    """How many types each agent will have, before any is made (mistakes are reported elsewhere)."""
    out: list[int] = []
    for spec in context.file.agents.values():
        try:
            copies = 1 if spec.copies is None else min(int(context.constant(spec.copies)), MAX_AGENTS)
            out += [size_of(context, spec.types)] * copies
        except ValueError:
            continue
    return out
