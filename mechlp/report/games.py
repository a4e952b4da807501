"""Pages about games: what is recommended to whom, and what it tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from rich.console import RenderableType

from ..environment.model import Environment
from ..exact.numbers import text
from ..mechanism.mechanism import Mechanism
from ..mechanism.recommendations import Heard, recommendations
from .tables import plain, table


def recommendation_parts(mechanism: Mechanism, limit: int) -> list[RenderableType]:
    """The table of recommendations and of the beliefs that they induce; nothing where there are none."""
    environment = mechanism.environment
    if environment.actions is None or environment.beliefs is None:
        return []
    shown = table(
        "agent",
        "type",
        "hears",
        "with chance",
        "and believes",
        title="Recommendations, and the beliefs that they induce",
    )
    rows = list(recommendations(mechanism))
    for heard in rows[:limit]:
        agent = environment.agents[heard.agent]
        action = environment.actions.names[heard.agent][heard.action]
        shown.add_row(
            agent.name,
            agent.types[heard.type],
            action,
            text(heard.chance),
            "; ".join(_beliefs(environment, heard)),
        )
    left = [plain(f"... {len(rows) - limit} more (--full)")] if len(rows) > limit else []
    return [shown, *left]


def _beliefs(environment: Environment, heard: Heard) -> Iterable[str]:
    for k, chances in heard.types.items():
        if environment.agents[k].size > 1:
            yield f"{environment.agents[k].name}: {_listed(environment.agents[k].types, chances)}"
    assert environment.actions is not None
    for k, chances in heard.actions.items():
        yield f"{environment.agents[k].name} hears {_listed(environment.actions.names[k], chances)}"


def _listed(names: Sequence[str], chances: Sequence[Fraction], most: int = 6) -> str:
    said = [f"{name} {text(c)}" for name, c in zip(names, chances, strict=True) if c]
    return ", ".join(said[:most]) + (", ..." if len(said) > most else "")
