"""What must give way where nothing is feasible: the least subsidy, eps-IC and eps-IR, each one more program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..answer.answer import Answer
from ..deadline import Deadline
from ..mechanism.mechanism import Mechanism
from ..program import Program, Solution, TooLarge
from ..program.solve import solve as solve_program
from ..proof.invalid import InvalidCertificate
from ..proof.relaxation import Relaxation
from ..question.design import Design
from ..question.rules import Rules
from .columns_back import mechanisms
from .compile import Give, compile
from .plan import Plan
from .rows_back import multipliers

if TYPE_CHECKING:
    from .solve import _Run


def with_relaxations(run: _Run, found: Answer) -> Answer:
    """The answer with those that are proved on both sides, so far as the time goes; the reduced program goes first."""
    least, unknown, why = [], [], _why(run.design)
    for way in _ways(run.design):
        one = _proved(run, way, reduced=True) if run.reduced.names else None
        try:
            one = one or _proved(run, way, reduced=False)
        except TooLarge as error:
            why = f"without reductions {error}"
        if one is None:
            unknown.append(way.upper())
        else:
            least.append(one)
    why = f"by how much {', '.join(unknown)} must give way was not examined: {why}"
    return replace(found, relaxations=tuple(least), notes=(*found.notes, *((why,) if unknown else ())))


def _why(design: Design) -> str:
    if design.deterministic and design.lottery is None:
        return "it is less with lotteries, and a search of its own without"
    return "it takes longer than the answer"


def _ways(design: Design) -> list[Give]:
    money = design.transfers != "none"
    asked: list[tuple[Give, bool]] = [
        ("bb", design.bb != "none" and money),
        ("ic", design.ic != "none"),
        ("ir", design.ir != "none"),
    ]
    return [way for way, can in asked if can]


def _proved(run: _Run, way: Give, *, reduced: bool) -> Relaxation | None:
    if not reduced:
        return least(run.design, way, run.beside())
    made = run.generated(way)
    return _relaxation(run.design, way, run.labels, made.plan, made.program, made.solution)


def least(design: Design, way: Give, deadline: Deadline) -> Relaxation | None:
    """The least that must give way, proved on both sides; None where it is not found in time."""
    program = compile(design, give=way)
    solution = solve_program(program, time_limit=deadline)
    return _relaxation(design, way, Rules.of(design), Plan.whole(design), program, solution)


def _relaxation(
    design: Design, way: Give, labels: Rules, plan: Plan, program: Program, solution: Solution
) -> Relaxation | None:
    if solution.status not in ("optimal", "infeasible"):
        return None
    amount = solution.value if solution.status == "optimal" else None
    rules: tuple[Mechanism, ...] = ()
    if amount is not None:
        assert solution.primal is not None
        rules = mechanisms(plan, program, solution.primal, count=labels.count)
    proof = None if amount == 0 else multipliers(plan, program, solution, labels, sign=1, design=design)
    found = Relaxation(way, amount, rules, proof)
    try:
        found.check(design)
    except InvalidCertificate:
        return None
    return found
