"""What is worth saying beside a verdict."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..answer.answer import Answer
from ..environment.model import Environment
from ..exact.numbers import text
from ..proof.equal_beliefs import equal_beliefs
from ..proof.lump_sum import lump_sum
from ..question.design import Design
from ..question.misreports import in_words
from ..question.objective import goal


def closed_forms(found: Answer) -> Iterator[str]:
    """Theorems about equal beliefs that apply, and a lump sum without end."""
    design = found.design
    closed = equal_beliefs(design)
    if closed is not None:
        yield from closed.in_words()
    payment = lump_sum(design) if found.status == "unbounded" else None
    if payment is not None:
        yield payment.in_words(design.environment)


def ties_and_missing(design: Design) -> Iterator[str]:
    """Profiles with several efficient outcomes, and types of probability zero."""
    if design.ties:
        free = design.lottery is None
        yield (
            f"{design.ties} profile(s) have several efficient outcomes: "
            + ("any lottery over them may be used" if free else "the first is used")
        )
    if design.environment.money is not None:
        yield (
            "types value money differently: payoffs in tables, prices and slack are counted in money, the surplus as it is "
            "written"
        )
    yield from in_words(design)
    if any(n is not None and n.needs_beliefs for n in (design.ic_notion, design.ir_notion)):
        yield from _without_belief(design.environment)


def _without_belief(environment: Environment) -> Iterator[str]:
    beliefs = environment.beliefs
    for i, agent in enumerate(environment.agents if beliefs is not None else ()):
        missing = np.flatnonzero(beliefs.mass(i) == 0)  # type: ignore[union-attr]
        if missing.size:
            names = ", ".join(agent.types[k] for k in missing)
            yield f"type(s) {names} of {agent.name} have probability zero: no belief, no IC or IR row"


def optimism(found: Answer, averse: Answer) -> Iterator[str]:
    """A warning when what a type hopes of the best rule does the work, and not what it fears of the worst.

    ``averse`` answers the same question with alpha = 1.
    """
    said = "optimism, not robustness, does the work"
    if found.exists and averse.status == "infeasible":
        yield f"{said}: types that only fear the worst rule (alpha = 1) leave nothing possible"
    elif averse.status == "optimal" and (found.status == "unbounded" or _better(found, averse)):
        yield f"{said}: with alpha = 1 the best is {text(averse.value or 0)}"


def _better(one: Answer, other: Answer) -> bool:
    aim = goal(one.design)
    if aim is None or one.value is None or other.value is None:
        return False
    return one.value > other.value if aim.maximize else one.value < other.value


__all__ = ["closed_forms", "optimism", "ties_and_missing"]
