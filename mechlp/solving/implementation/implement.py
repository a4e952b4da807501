"""Answers questions about full implementation: predicts the cost, finds witnesses, and lets them be settled."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...answer.implementation import ImplementationAnswer
from ...deadline import BrokenOff, Deadline
from ...environment.coalitions import Coalition
from ...mechanism.deviations import Play
from ...mechanism.maxmin_deviations import count_of_deceits
from ...proof.implementation.equilibria import count_of_profiles
from ...proof.implementation.findings import Finding
from ...proof.implementation.incentives import every_coalition
from ...proof.implementation.interim_rewards import READINGS, interim_deceptions
from ...proof.implementation.patterns import at_each, varies
from ...proof.implementation.settle import THEOREMS, finding_of
from ...question.economy import Exchange
from ...question.implementation import Implementation
from ...question.premises import InvalidDesign
from . import ambiguous, exchange, monotone, outcomes
from .deceptions import refutations
from .margins import Undecided

#: Comparisons above which a condition is refused unless forced: about a minute's work.
MOST_COMPARISONS = 300_000_000
#: What looking at one strategy profile costs at least, in comparisons.
OVERHEAD = 10_000
Say = Callable[[str], None]


def interim_monotonicity(
    check: str, question: Implementation, deadline: Deadline, say: Say
) -> dict[str, Any]:
    """A reward for each open deception, or one that nobody refutes."""
    return refutations([interim_deceptions(question, check)], deadline, say)


#: Findings by pattern, whether at all patterns within it, how many functions there are, and condition.
Known = dict[tuple[tuple[Coalition, ...], bool, int, str], Finding]
Find = Callable[[Implementation, Deadline, Say], Mapping[str, Any]]
#: What finds the witness of a condition that is not decided by going through all cases.
FOUND: Mapping[str, Find] = {
    "bad-outcome": lambda q, until, _: outcomes.bad_outcome(q, until),
    "weak-pareto": lambda q, until, _: outcomes.weak_pareto(q, until),
    "ambiguous-pareto": lambda q, until, _: ambiguous.ambiguous_pareto(q, until),
    "ambiguous-monotonicity": lambda q, until, say: ambiguous.ambiguous_monotonicity(q, False, until, say),
    "ambiguous-strong-monotonicity": lambda q, until, say: ambiguous.ambiguous_monotonicity(q, True, until, say),
    **{check: functools.partial(interim_monotonicity, check) for check in READINGS},
    "robust-monotonicity": lambda q, until, say: monotone.corrected(q, False, until, say),
    "robust-monotonicity-printed": lambda q, until, say: monotone.printed(q, False, until, say),
    "robust-strong-monotonicity": lambda q, until, say: monotone.corrected(q, True, until, say),
    "robust-strong-monotonicity-printed": lambda q, until, say: monotone.printed(q, True, until, say),
}


EXCHANGES: Mapping[str, Callable[[Exchange, Deadline], Mapping[str, Any]]] = {
    "maximin-core": exchange.core,
    "maximin-value": exchange.value,
    "maximin-value-exists": exchange.value_exists,
}


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
    known: Known = {}
    findings = []
    for check in question.checks:
        say(f"{check}, about {costs[check]:,} comparisons")
        findings.append(_found(question, check, deadline, known, say))
    return ImplementationAnswer(question, tuple(findings), timings={"total": time.perf_counter() - began})


def examine(
    question: Exchange,
    *,
    time_limit: float | Deadline | None = None,
    progress: Callable[[str], None] | None = None,
) -> ImplementationAnswer:
    """Every condition that is asked about an economy."""
    began, deadline, say = time.perf_counter(), Deadline.of(time_limit), progress or (lambda phase: None)
    findings = []
    for check in question.checks:
        say(check)
        try:
            with deadline.enforced():
                witness = EXCHANGES[check](question, deadline) if check in EXCHANGES else {}
                findings.append(finding_of(question, check, witness))
        except BrokenOff:
            findings.append(finding_of(question, check, {"undecided": "the time limit ended the search"}))
        except Undecided as error:
            findings.append(finding_of(question, check, {"undecided": str(error)}))
    return ImplementationAnswer(question, tuple(findings), timings={"total": time.perf_counter() - began})


def _found(question: Implementation, check: str, deadline: Deadline, known: Known, say: Say) -> Finding:
    """What is found about a condition; ``known`` is what was found so far."""
    key = (question.pattern, question.within, len(question.functions), check)
    if key not in known:
        try:
            with deadline.enforced():
                found = finding_of(question, check, _witness(question, check, deadline, known, say))
        except BrokenOff:
            found = finding_of(question, check, {"undecided": "the time limit ended the search"})
        except Undecided as error:
            found = finding_of(question, check, {"undecided": str(error)})
        known[key] = found
    return known[key]


def _witness(
    question: Implementation, check: str, deadline: Deadline, known: Known, say: Say
) -> Mapping[str, Any]:
    if varies(question, check):
        each = at_each(question)
        return {"patterns": [dict(_found(own, check, deadline, known, say).witness) for own in each]}
    if check in THEOREMS:
        question = THEOREMS[check].about(question)
        parts = {
            part: _found(question, part, deadline, known, say).witness for part in THEOREMS[check].parts(question)
        }
        return {"parts": {part: dict(witness) for part, witness in parts.items()}}
    return FOUND[check](question, deadline, lambda done: say(f"{check}: {done}")) if check in FOUND else {}


def cost(question: Implementation, check: str) -> int:
    """About how many payoffs a condition compares."""
    shape = question.environment.shape
    size = lambda own: math.prod(shape[i] for i in own)  # noqa: E731
    every = question.environment.num_profiles

    def lies(coalitions: Iterable[Coalition]) -> int:
        return sum(size(own) * every * len(own) for own in coalitions)

    if varies(question, check):
        return sum(cost(own, check) for own in at_each(question))
    if check in THEOREMS:
        return sum(cost(question, part) for part in THEOREMS[check].parts(question))
    if "equilibrium" in check or "full" in check:
        return _cost_of_play(question, check)
    play = Play.truth(question.environment, question.choice)
    count = len(question.choices)
    if check.startswith("ambiguous") and check.endswith("-ic"):
        coalitions = every_coalition(question) if "strong" in check else question.pattern
        return count_of_deceits(play, coalitions) * count
    if check == "lemma-3.6.2":
        return math.prod(s**s for s in shape) * count * OVERHEAD
    if check == "local-efficiency":
        return count_of_deceits(play, [tuple(range(len(shape)))]) * count**2
    if check.startswith("ambiguous") and "monotonicity" in check:
        return (
            count_of_deceits(play, every_coalition(question) if "strong" in check else question.pattern)
            * count
        )
    if check in READINGS:
        own = every_coalition(question) if "strong" in check else question.pattern
        deceptions = 1 if check == "interim-refutation" else math.prod(s**s for s in shape)
        if check == "interim-monotonicity-printed":  # at each profile
            return deceptions * every * max(sum(size(c) * len(c) for c in own), OVERHEAD // 10)
        return deceptions * max(sum(size(c) ** 2 * len(c) for c in own) * every, OVERHEAD)
    if check == "robust-strong-ic":
        return lies(every_coalition(question))
    if check.endswith("-ic-unpooled"):
        return sum(size(own) ** 2 * every * len(own) for own in question.pattern)
    if check.endswith("-ic"):
        return lies(question.pattern)
    if "monotonicity" in check:
        own = every_coalition(question) if "strong" in check else question.pattern
        return sum(size(c) ** 3 * (every // size(c)) ** 2 * len(c) for c in own)
    return every * every


def _cost_of_play(question: Implementation, check: str) -> int:
    """Comparisons of one profile, or of all; a profile costs as much as :data:`OVERHEAD` comparisons at least."""
    shape, messages = question.environment.shape, [len(own) for own in question.played.messages]
    profiles = count_of_profiles(question) if "full" in check else 1
    if check.startswith("ambiguous"):
        one = sum(
            math.prod(messages[i] ** shape[i] * shape[i] for i in own)
            for own in question.pattern
            if len(own) > 1
        )
        return profiles * max(one, 1) if one else profiles * sum(messages)
    sent = sum(math.prod(messages[i] for i in own) * len(own) for own in question.pattern)
    return profiles * max(sent * question.environment.num_profiles, OVERHEAD)


__all__ = ["MOST_COMPARISONS", "cost", "implement"]
