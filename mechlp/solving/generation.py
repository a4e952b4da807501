"""Solving a plan: rows and columns are added until none is missing, and everything is carried back.

Where nothing but rows may be missing, floats foresee most of them (:mod:`mechlp.solving.foreseen`).  After each solve the
lies of the whole type grid are evaluated exactly, and those that the mechanism does not deter get rows (Dantzig, Fulkerson
and Johnson 1954); where the allocation is a mixture of rules, the rule that is best at the current multipliers, profile by
profile, joins the mixture if it is better than all in it (Dantzig and Wolfe 1960).
When nothing is missing the multipliers, zero on lies without rows, prove the verdict for the full problem.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals, stack, where
from ..mechanism.audit import chunks, report_payoffs, truthful_payoffs
from ..mechanism.mechanism import Mechanism
from ..program import Program, Solution
from ..program.highs import Basis
from ..program.symmetry import fold
from ..proof.lagrangian import lagrangian
from ..proof.multipliers import Multipliers
from ..question.misreports import possible, slack
from ..question.objective import goal
from .columns_back import mechanism
from .compile import Give, compile
from .foreseen import foreseen
from .interchange import symmetries
from .plan import Mask, Plan
from .reductions.interim import equal_chances
from .rows.keys import Kind, key

#: Solves a program: (program, where to begin) -> Solution.
Solve = Callable[[Program, Basis | None], Solution]
#: Where to begin the program of a plan.
Start = Callable[[Plan, Program], Basis | None]
#: Carries the multipliers of a program's rows to the requirements of the plan's design.
Carry = Callable[[Plan, Program, Solution], Multipliers]
#: The most rows an agent gets at once, for each of its types.
ROWS_PER_TYPE = 4


@dataclass(frozen=True)
class Generated:
    """The last program, its solution, the plan that it was compiled from, and how often it was solved, in floats or exactly.

    ``solved`` is what was handed to the solver, and what came back: the program, or the program folded where agents are
    interchangeable.
    """

    plan: Plan
    program: Program
    solution: Solution
    rounds: int
    solved: tuple[Program, Solution]


def many_solves(plan: Plan) -> bool:
    """Whether a plan may take many rounds: by no theorem are the first rows or columns all that matter."""
    theorem = plan.orders or all(mask is None for mask in plan.pairs)
    return not theorem or (plan.mixture is not None and plan.envelope is None)


def generate(
    plan: Plan,
    solve: Solve,
    carry: Carry,
    start: Start,
    deadline: Deadline,
    give: Give | None = None,
    first: float = math.inf,
) -> Generated:
    """Solve a plan, adding what is missing until the verdict holds for the full problem.

    ``deadline`` is that of the rows that floats foresee, of which the first may take ``first`` seconds: raises ``Slow``.
    """
    rounds, near = 0, None
    if give is None and _foreseeable(plan):
        seen = foreseen(plan, _undeterred_by, deadline, first)
        plan, near, rounds = seen.plan, seen.basis, seen.rounds
    while True:
        program = compile(plan.design, give=give, plan=plan)
        folded = fold(program, symmetries(plan, program)) if plan.swaps else None
        handed = program if folded is None else folded.program
        if near is None and give is None:
            near = start(plan, program)
        found, near, rounds = solve(handed, near), None, rounds + 1
        solution = found if folded is None else folded.unfolded(found)
        after = _with_columns(plan, program, solution, carry, give)
        if after is plan and solution.status == "optimal":
            after = _with_rows(plan, program, solution, give)
        if after is plan:
            return Generated(plan, program, solution, rounds, (handed, found))
        plan = after


def _foreseeable(plan: Plan) -> bool:
    """Whether only rows may be missing, by no theorem, and of a program that is solved as it is compiled."""
    pinned = (plan.mixture, plan.envelope, plan.rents, plan.coarse)
    return (
        not (plan.orders or plan.swaps)
        and all(p is None for p in pinned)
        and all(mask is not None for mask in plan.pairs)
    )


# -- rows -----------------------------------------------------------------------------------------
def _with_rows(plan: Plan, program: Program, solution: Solution, give: Give | None) -> Plan:
    """The plan with the lies that its mechanism does not deter; the same plan when there are none."""
    assert solution.primal is not None
    if plan.design.ic_notion is None or all(mask is None for mask in plan.pairs):
        return plan
    eased = Fraction(0)
    if give == "ic":
        eased = program.values(key(Kind.GIVE), solution.primal).item()
    found = _undeterred_by(plan, program, solution.primal, eased)
    if not any(bool(np.any(mask)) for mask in found):
        return plan
    # Where the theorem did not hold after all, its rows are not the ones that matter.
    return plan.unpinned().with_pairs(lambda i: None if (mask := plan.pairs[i]) is None else mask | found[i])


def _undeterred_by(plan: Plan, program: Program, point: Rationals, eased: Fraction) -> list[Mask]:
    """For each agent the lies that pay more than they may under the mechanism of a program's point."""
    rule = mechanism(plan, program, point)
    one = {i: _undeterred(plan, rule, i, eased) for i in set(plan.first)}
    return [one[i] for i in plan.first]


def _undeterred(plan: Plan, rule: Mechanism, i: int, eased: Fraction) -> Mask:
    """The lies that a mechanism makes more attractive than truth, the worst of each type."""
    notion, size = plan.design.ic_notion, plan.design.environment.agents[i].size
    out = np.zeros((size, size), dtype=bool)
    if plan.pairs[i] is None or notion is None:
        return out
    states = notion.states(plan.design.environment, i)
    truth, more = truthful_payoffs([rule], states, i)[0], slack(plan.design, i)
    gains = np.zeros((len(states.types), size))
    for part in chunks(size, truth.size):
        told = report_payoffs(rule, states, i, part)
        gain = told - (truth + eased).reshape(*truth.shape[:2], 1, *truth.shape[2:])
        if more is not None:
            own = more[states.types][:, part]
            gain = gain - own.reshape(1, *own.shape, *(1,) * (gain.ndim - 3))
        if gain.size == 0 or gain.max() <= 0:
            continue
        worst = gain.max(axis=(0, *range(3, gain.ndim)))
        gains[:, part] = np.where(worst > 0, np.maximum(worst.float, 1e-300), 0)
    kept = np.argsort(-gains, axis=1)[:, :ROWS_PER_TYPE]
    rows = np.arange(len(states.types))[:, None]
    out[states.types[rows], kept] = gains[rows, kept] > 0
    np.fill_diagonal(out, False)
    may = possible(plan.design, i)
    return out if may is None else out & may


# -- columns --------------------------------------------------------------------------------------
def _with_columns(plan: Plan, program: Program, solution: Solution, carry: Carry, give: Give | None) -> Plan:
    """The plan with the rule that is best at the multipliers; the same plan when the mixture has none worse."""
    rule = better_rule(plan, program, solution, carry, give)
    if rule is None:
        return plan
    assert plan.mixture is not None
    return replace(plan, mixture=stack([*plan.mixture, rule]))


def better_rule(
    plan: Plan, program: Program, solution: Solution, carry: Carry, give: Give | None = None
) -> Rationals | None:
    """The rule that is best at the multipliers; None when the mixture has none worse, or there is no mixture."""
    if plan.mixture is None or solution.status not in ("optimal", "infeasible"):
        return None
    aim = goal(plan.design) if give is None and solution.status == "optimal" else None
    worth: Rationals = lagrangian(plan.design, carry(plan, program, solution), aim)[0][0]
    allowed = plan.design.allowed
    best = where(allowed, worth, worth.min() - 1)
    top = best.max(axis=0)
    if max((worth * rule).sum() for rule in plan.mixture) >= top.sum():
        return None
    return equal_chances(np.asarray(best == top))


__all__ = ["Generated", "better_rule", "generate"]
