"""Which way a question is answered: exactly, or between rational ends; by the ordinary program, or a smaller one beside it; and
its risk-neutral control."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..answer.answer import Answer, verdict
from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..program.solve import solve as solve_program
from ..program.versions import versions
from ..proof.cases import Case
from ..proof.guarantee import reached
from ..proof.rates import Rates, undefined
from ..question.design import Design, InvalidDesign
from ..question.prices import best_posted_price
from ..question.undominated import given_mechanism
from . import enclosed, marginals, simple
from .rates import rates
from .solve import BESIDE, MULTIPLE, solve

Progress = Callable[[str], None]


def ask(
    design: Design,
    *,
    control: bool = True,
    time_limit: float | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Answer:
    """Answer a design, with a certificate; the other options are those of :func:`mechlp.solving.solve.solve`.

    ``control``: beside agents who are averse to risk, also answer the same question about risk-neutral ones, so that what a
    finite grid does is not read as an effect of risk aversion.
    """
    say, started = progress or (lambda phase: None), time.perf_counter()
    limit = Deadline.of(time_limit)
    if design.wants.kind == "undominated":
        _check_given(design)
    found = _answer(design, time_limit, say, options)
    if options.get("rates") and found.rates is None and found.proof is not None and not design.simple:
        say("rates")
        beside = limit.within(BESIDE + MULTIPLE * (time.perf_counter() - started))
        reason = undefined(design, found.proof.multipliers)
        if found.status == "bracket" and reason:
            found = replace(found, rates=Rates((), reason))
        elif found.status == "optimal" and design.wants.kind != "undominated":
            found = replace(found, rates=rates(found, None, beside))
    if design.environment.prices is not None and design.wants.kind == "surplus":
        found = replace(found, posted=best_posted_price(design))
    neutral = design.environment.neutral
    if control and neutral is not None and design.wants.kind != "feasibility":
        say("the risk-neutral control")
        calm = replace(design, environment=neutral, document=None)
        found = replace(
            found,
            control=ask(
                calm, control=False, time_limit=time_limit, progress=progress, **{**options, "rates": False}
            ),
        )
    return replace(found, timings={**found.timings, "total": time.perf_counter() - started})


def _answer(design: Design, time_limit: Any, say: Progress, options: dict[str, Any]) -> Answer:
    if design.simple:
        return simple.solve(design, say)
    if design.environment.prices is not None and isinstance(design.allocation, Rationals):
        nothing = Rationals.zeros((design.environment.n, *design.environment.shape))
        rules = (Mechanism(design.environment, design.allocation, nothing),)
        if (report := audit(rules, design)).passed and design.wants.kind == "feasibility":
            return Answer(design, "feasible", True, rules=rules, audit=report, versions=versions())
    if marginals.applies(design):
        if design.environment.exact:
            return _exact(design, time_limit, say)
        return enclosed.solve(design, marginals.Marginals, time_limit, say)
    if not design.environment.exact:
        return enclosed.solve(design, enclosed.Whole, time_limit, say)
    found = solve(design, time_limit=time_limit, progress=say, **options)
    if found.certified and found.status == "optimal":
        found = replace(found, status=verdict(design, found.value, found.bound))
    return found


def _check_given(design: Design) -> None:
    """That what an objective is counted from is a mechanism of the kind asked.  Raises InvalidDesign."""
    allocation, paid = given_mechanism(design)
    report = audit(Mechanism(design.environment, allocation, paid), design)
    if not report.passed:
        raise InvalidDesign(
            f"objective: undominated: the given mechanism is none of those compared: {report.worst[0]}"
        )


def _exact(design: Design, time_limit: Any, say: Progress) -> Answer:
    """Rational payoffs, by the program of the marginals: exact arithmetic decides."""
    image = marginals.Marginals(design)
    say("solve")
    solution = solve_program(image.program, time_limit=time_limit, progress=say)
    if solution.status != "optimal":
        return Answer(design, "undecided", False, method=solution.method, versions=versions())
    rules, proof = (image.exact(solution),), Case(image.multipliers(solution))
    report, value, bound = audit(rules, design), reached(design, rules[0], None), proof.bound(design)
    status = verdict(design, value, bound) if report.passed else "undecided"
    sure = status != "undecided"
    return Answer(
        design,
        status,
        sure,
        value,
        bound,
        rules,
        proof=proof,
        audit=report,
        method=solution.method,
        versions=versions(),
    )
