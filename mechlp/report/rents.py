"""The page of `mechlp rents`: least rents, the beliefs that decide, and what they prove."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType

from ..proof.rents import JointBound
from .tables import GRID, number, plain, table


def rents_page(found: JointBound) -> RenderableType:
    """Rents type by type, the joint distribution that decides, and the verdict."""
    environment = found.design.environment
    parts: list[RenderableType] = [plain(environment.title or "untitled", "bold")]
    if found.rents is None:
        return Group(
            *parts, plain("IMPOSSIBLE: lies that gain whatever the transfers go round in a circle  [exact]")
        )
    shown = table("agent", "type", "is left at least", title="Whatever the transfers")
    for agent, own in zip(environment.agents, found.rents, strict=True):
        for name, rent in zip(agent.types, own.fractions(), strict=True):
            shown.add_row(agent.name, name, number(rent))
    parts.append(shown)
    if found.shortfall is None or found.critical is None:
        return Group(
            *parts,
            plain("NOTHING FOLLOWS: no joint distribution of types has conditionals that all hold possible"),
        )
    joint = table(
        *(a.name for a in environment.agents), "probability", title="The joint distribution that decides"
    )
    for cell in np.argwhere(found.critical != 0):
        names = (a.types[int(k)] for a, k in zip(environment.agents, cell, strict=True))
        joint.add_row(*names, number(found.critical[tuple(map(int, cell))]))
    parts.append(joint)
    parts.append(
        plain(f"Expected rents exceed the expected surplus by {number(found.shortfall)} at most.")
        if found.shortfall >= 0
        else plain(f"The expected surplus exceeds expected rents by {number(-found.shortfall)} at least.")
    )
    if found.excess is not None and found.excess >= 0:
        share = number(found.excess)
        parts.append(
            plain(f"Transfers of at most D times the surplus at every profile take a D of at least {share}.")
        )
    verdict = (
        "IMPOSSIBLE: no mechanism leaves these rents without a deficit  [exact]"
        if found.impossible
        else "THE CONDITION HOLDS: it is necessary; `mechlp solve` decides whether a mechanism exists  [exact]"
    )
    return Group(*parts, plain(verdict), plain(GRID))


__all__ = ["rents_page"]
