"""Answers questions about full implementation: predicts the cost, finds witnesses, and lets them be settled."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...answer.implementation import ImplementationAnswer
from ...deadline import BrokenOff, Deadline
from ...environment.coalitions import Coalition
from ...mechanism.deviations import Play
from ...mechanism.maxmin_deviations import count_of_deceits
from ...proof.implementation.findings import Finding
from ...proof.implementation.incentives import every_coalition
from ...proof.implementation.settle import finding_of
from ...question.implementation import Implementation
from ...question.premises import InvalidDesign
from . import outcomes
from .margins import Undecided

#: Comparisons above which a condition is refused unless forced: about a minute's work.
MOST_COMPARISONS = 300_000_000
Find = Callable[[Implementation, Deadline], Mapping[str, Any]]
#: What finds the witness of a condition that is not decided by going through all cases.
FOUND: Mapping[str, Find] = {"bad-outcome": outcomes.bad_outcome, "weak-pareto": outcomes.weak_pareto}


def implement(
    question: Implementation,
    *,
    time_limit: float | Deadline | None = None,
    progress: Callable[[str], None] | None = None,
) -> ImplementationAnswer:
    """Every condition that is asked about, decided from the definitions and an exact witness.

    Raises
    ------
    InvalidDesign
        When more than :data:`MOST_COMPARISONS` comparisons are predicted and the question is not forced.
    """
    began, deadline, say = time.perf_counter(), Deadline.of(time_limit), progress or (lambda phase: None)
    costs = {check: cost(question, check) for check in question.checks}
    for check, count in costs.items():
        if count > MOST_COMPARISONS and not question.force:
            raise InvalidDesign(
                f"coalitions: {check} would take about {count:,} comparisons; at most {MOST_COMPARISONS:,} are made "
                "unless forced (--force): use fewer types, or fewer coalitions"
            )
    findings = []
    for check in question.checks:
        say(f"{check}, about {costs[check]:,} comparisons")
        findings.append(_found(question, check, deadline))
    timings = {"total": time.perf_counter() - began}
    return ImplementationAnswer(question, tuple(findings), timings=timings)


def _found(question: Implementation, check: str, deadline: Deadline) -> Finding:
    try:
        with deadline.enforced():
            witness = FOUND[check](question, deadline) if check in FOUND else {}
            return finding_of(question, check, witness)
    except BrokenOff:
        return finding_of(question, check, {"undecided": "the time limit ended the search"})
    except Undecided as error:
        return finding_of(question, check, {"undecided": str(error)})


def cost(question: Implementation, check: str) -> int:
    """About how many payoffs a condition compares."""
    shape = question.environment.shape
    size = lambda own: math.prod(shape[i] for i in own)  # noqa: E731
    every = question.environment.num_profiles

    def lies(coalitions: Iterable[Coalition]) -> int:
        return sum(size(own) * every * len(own) for own in coalitions)

    if check == "ambiguous-ic":
        return count_of_deceits(Play.truth(question.environment, question.choice), question.pattern)
    if check == "robust-strong-ic":
        return lies(every_coalition(question))
    if check == "interim-ic-unpooled":
        return sum(size(own) ** 2 * every * len(own) for own in question.pattern)
    if check.endswith("-ic"):
        return lies(question.pattern)
    return every * every


__all__ = ["MOST_COMPARISONS", "cost", "implement"]
