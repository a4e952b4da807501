"""A given mechanism against the question of a file: what the audit finds, what it is worth, how far it is from the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..answer.answer import Answer
from ..deadline import Deadline
from ..environment.belief_sets import InvalidBeliefSet
from ..exact.numbers import text
from ..mechanism.ends import attained
from ..mechanism.findings import Findings, findings
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.objective import goal
from .interim import Undecided


@dataclass(frozen=True)
class Audited:
    """``value`` is the objective at the mechanism (None where only existence is asked), ``best`` the answer to the question
    itself (None: not asked for)."""

    findings: Findings
    value: Fraction | None
    best: Answer | None = None

    @property
    def distance(self) -> Fraction | None:
        """How far the value is from the best one, at least 0 where the requirements hold; None where it is unknown."""
        if (
            self.value is None
            or self.best is None
            or self.best.value is None
            or self.best.status != "optimal"
        ):
            return None
        sign = 1 if self.findings.design.wants.maximize else -1
        return sign * (self.best.value - self.value)

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        exact = lambda v: None if v is None else text(v)  # noqa: E731
        best = None if self.best is None else {"status": self.best.status, "value": exact(self.best.value)}
        return {
            **self.findings.to_json(),
            "value": exact(self.value),
            "best": best,
            "distance": exact(self.distance),
        }


def audited(
    design: Design,
    rules: Sequence[Mechanism],
    *,
    best: bool = True,
    time_limit: float | Deadline | None = None,
    progress: Callable[[str], None] | None = None,
) -> Audited:
    """Audit the rules of a mechanism (one, unless transfers are ambiguous), and compare with the best one.

    Raises
    ------
    InvalidDesign
        Where the question itself has no answer.
    Undecided
        Where the audit does not end in time (seconds, or a deadline, for both).
    """
    say, deadline = progress or (lambda phase: None), Deadline.of(time_limit)
    say("audit")
    found = deadline.latest.broken_off(lambda: findings(rules, design), lambda: None)
    if found is None:
        raise Undecided("the audit did not end in time: give more, or fewer types")
    value = _value(design, rules[0])
    answer = None
    if best and value is not None:
        say("the best mechanism")
        options: dict[str, Any] = {"time_limit": deadline, "progress": progress}
        answer = design.solve(**options)
    return Audited(found, value, answer)


def _value(design: Design, rule: Mechanism) -> Fraction | None:
    """The objective, or its worst expectation over the designer's set where vertices are known."""
    aim = goal(design)
    if aim is None:
        return None
    if not design.robust:
        return attained(aim, rule)
    possible = design.environment.designer_set
    assert possible is not None
    by_profile = aim.by_profile(rule.allocation, rule.transfers)
    try:
        worst = possible.least(by_profile if aim.maximize else -by_profile).item()
    except InvalidBeliefSet:
        return None
    return worst if aim.maximize else -worst


__all__ = ["Audited", "audited"]
