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
from ..mechanism.given import check_given, given_audit
from ..mechanism.mechanism import Mechanism
from ..program.solve import solve as solve_program
from ..program.versions import versions
from ..proof.cases import Case
from ..proof.guarantee import reached
from ..proof.rates import Rates, undefined
from ..question.design import Design
from . import marginals
from .nothing import at_last
from .solve import solve

Progress = Callable[[str], None]
OVER = "not certified: the time was over in the middle of a step: give more time, or fewer types, outcomes or prices"
NO_PRICE = "the best posted price was not examined: no time was left"
NO_CONTROL = "the risk-neutral control was not examined: no time was left"
CALM_ELSEWHERE = "its risk-neutral control, the same distribution without risk aversion, is the file with power: 1"
NOT_CALM = "there is no risk-neutral control: risk-neutral traders would lie in the given mechanism"


def ask(
    design: Design,
    *,
    control: bool = True,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Answer:
    """Answer a design, with a certificate; the other options are those of :func:`mechlp.solving.solve.solve`.

    ``control``: beside agents who are averse to risk, also answer the same question about risk-neutral ones, so that what a
    finite grid does is not read as an effect of risk aversion.
    """
    say, started, deadline = progress or (lambda phase: None), time.perf_counter(), Deadline.of(time_limit)
    check_given(design)
    found = _answer(design, deadline, say, options)
    if options.get("rates") and found.rates is None and found.proof is not None and not design.simple:
        say("rates")
        beside = deadline.beside(time.perf_counter() - started)
        reason = undefined(design, found.proof.multipliers)
        if found.status == "bracket" and reason:
            found = replace(found, rates=Rates((), reason))
        elif found.status == "optimal" and design.wants.kind != "undominated":
            from .rates import rates

            found = replace(found, rates=rates(found, None, beside))
    if design.environment.prices is not None and design.wants.kind == "surplus":
        from ..question.prices import best_posted_price

        posted = lambda: replace(found, posted=best_posted_price(design))  # noqa: E731
        unknown = lambda: replace(found, notes=(*found.notes, NO_PRICE))  # noqa: E731
        found = deadline.latest.broken_off(posted, unknown)
    neutral = design.environment.neutral
    if control and neutral is not None and design.wants.kind != "feasibility":
        if deadline.passed:
            found = replace(found, notes=(*found.notes, NO_CONTROL))
            return replace(found, timings={**found.timings, "total": time.perf_counter() - started})
        say("the risk-neutral control")
        calm = replace(design, environment=neutral, document=None)
        if design.wants.above is not None:
            found = replace(found, notes=(*found.notes, CALM_ELSEWHERE))
        elif design.wants.kind == "undominated" and not given_audit(calm).passed:
            found = replace(found, notes=(*found.notes, NOT_CALM))
        else:
            again = {**options, "rates": False}
            calmly = ask(calm, control=False, time_limit=deadline, progress=progress, **again)
            found = replace(found, control=calmly)
    return replace(found, timings={**found.timings, "total": time.perf_counter() - started})


def _answer(design: Design, deadline: Deadline, say: Progress, options: dict[str, Any]) -> Answer:
    other = _other_road(design, deadline, say)
    if other is not None:
        late = Answer(design, "undecided", False, notes=(OVER,), method=OVER, versions=versions())
        latest = deadline.latest
        found = latest.broken_off(other, lambda: late)
        return found if design.simple else at_last(found, deadline, latest)
    found = solve(design, time_limit=deadline, progress=say, **options)
    if found.certified and found.status == "optimal":
        found = replace(found, status=verdict(design, found.value, found.bound))
    return found


def _other_road(design: Design, deadline: Deadline, say: Progress) -> Callable[[], Answer] | None:
    """What answers a question that is not the ordinary program's; None where it is."""
    if design.simple:
        from . import simple

        return lambda: simple.solve(design, say)
    if design.environment.prices is not None and isinstance(design.allocation, Rationals):
        nothing = Rationals.zeros((design.environment.n, *design.environment.shape))
        rules = (Mechanism(design.environment, design.allocation, nothing),)
        if (report := audit(rules, design)).passed and design.wants.kind == "feasibility":
            return lambda: Answer(design, "feasible", True, rules=rules, audit=report, versions=versions())
    small = marginals.applies(design)
    if not design.environment.exact:
        from . import enclosed

        return lambda: enclosed.solve(design, marginals.Marginals if small else enclosed.Whole, deadline, say)
    return (lambda: _exact(design, deadline, say)) if small else None


def _exact(design: Design, deadline: Deadline, say: Progress) -> Answer:
    """Rational payoffs, by the program of the marginals: exact arithmetic decides."""
    image = marginals.Marginals(design)
    say("solve")
    solution = solve_program(image.program, time_limit=deadline, progress=say)
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
