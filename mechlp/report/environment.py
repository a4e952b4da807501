"""The page of an environment, for a terminal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rich.console import Group, RenderableType
from rich.table import Table

from ..environment.model import Environment, InvalidEnvironment
from ..exact.numbers import text
from .tables import MAX_ROWS, brief, first_ones, plain, table


def environment_page(environment: Environment, description: str = "", source: str = "") -> RenderableType:
    """The environment in words and numbers."""
    parts: list[RenderableType] = [plain(environment.title or "untitled", "bold")]
    parts += [plain(description.strip())] if description else []
    parts += [plain(f"Source: {source.strip()}", "dim")] if source else []
    agents = table("agent", "types", "values depend on", title="Agents")
    for i, agent in enumerate(environment.agents):
        count = f" ({agent.size})" if agent.size > 12 else ""
        agents.add_row(
            agent.name,
            first_ones(agent.types) + count,
            "own type only" if environment.private_values(i) else "others' types too",
        )
    parts.append(agents)
    parts.append(plain(f"Outcomes: {('; ' if environment.actions else ', ').join(environment.outcomes)}"))
    if environment.parameters:
        parts.append(
            plain("Parameters: " + ", ".join(f"{k} = {text(v)}" for k, v in environment.parameters.items()))
        )
    parts.append(_payoff_table(environment))
    parts += _belief_tables(environment)
    parts += _designer(environment)
    efficient = _efficient(environment)
    if efficient is not None:
        ties = int(np.sum(efficient.sum(axis=0) > 1))
        said = f"{environment.num_profiles:,} type profiles, {ties:,} with several efficient outcomes."
        parts.append(plain(said))
    return Group(*parts)


def _efficient(environment: Environment) -> npt.NDArray[np.bool_] | None:
    """Which outcomes are efficient; None where irrational payoffs do not decide it."""
    try:
        return environment.efficient
    except InvalidEnvironment:
        return None


def _payoff_table(environment: Environment) -> Table:
    names = [a.name for a in environment.agents]
    shown = table(*names, "outcome", *(f"u({n})" for n in names), "efficient", title="Payoffs")
    count, efficient = 0, _efficient(environment)
    for profile in np.ndindex(*environment.shape):
        for a, outcome in enumerate(environment.outcomes):
            count += 1
            if count > MAX_ROWS:
                shown.add_row("...")
                return shown
            types = [g.types[k] for g, k in zip(environment.agents, profile, strict=True)]
            payoffs = [
                brief(environment.utility[i][(a, *profile)], environment) for i in range(environment.n)
            ]
            best = "?" if efficient is None else "yes" if efficient[(a, *profile)] else ""
            shown.add_row(*types, outcome, *payoffs, best)
    return shown


def _designer(environment: Environment) -> list[RenderableType]:
    """What the designer holds possible: the rows of her set."""
    possible = environment.designer_set
    if possible is None:
        return []
    known = []
    for rows in possible.rows:
        sides = ", ".join(text(r) for r in rows.rhs.fractions()[:4]) + (", ..." if rows.count > 4 else "")
        known.append(f"{rows.name} {rows.sense} {sides}")
    return [
        plain(
            f"The designer holds every prior possible with: {'; '.join(known) or 'any probabilities'} (rows on "
            f"{possible.cells:,} probabilities and {possible.lifts:,} further variables)."
        )
    ]


def _set_lines(environment: Environment) -> list[RenderableType]:
    """What each type holds possible, in a line each."""
    lines = []
    for agent, own in zip(environment.agents, environment.belief_sets or (), strict=False):
        kinds = [f"{s.kind} ({len(s.vertices):,} vertices)" for s in own]
        every = kinds[:1] if len(set(kinds)) == 1 else kinds
        for types, kind in zip(["every type"] if len(every) == 1 else agent.types, every, strict=True):
            lines.append(plain(f"{agent.name}, {types}: holds possible {kind}"))
    return list(lines)


def _belief_tables(environment: Environment) -> list[RenderableType]:
    beliefs = environment.beliefs
    if beliefs is None:
        return _set_lines(environment) or [plain("No beliefs are given.")]
    if environment.num_profiles > MAX_ROWS * 4:
        kind = "a common prior" if beliefs.prior is not None else "beliefs type by type"
        return [plain(f"Beliefs: {kind} over {environment.num_profiles:,} profiles.")]
    out: list[RenderableType] = []
    for i, agent in enumerate(environment.agents):
        rest = [a for k, a in enumerate(environment.agents) if k != i]
        profiles = list(np.ndindex(*(a.size for a in rest)))
        heads = [
            ", ".join(a.types[k] for a, k in zip(rest, p, strict=True)) or "(nobody else)" for p in profiles
        ]
        shown = table(
            f"type of {agent.name}",
            *heads,
            title=f"Beliefs of {agent.name} about {', '.join(a.name for a in rest) or 'nobody'}",
        )
        for label, row in zip(agent.types, beliefs.conditional(i).texts(), strict=True):
            shown.add_row(label, *row)
        out.append(shown)
    return out
