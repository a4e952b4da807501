"""The allocation of the largest surplus, tried alone: with beliefs that differ enough, transfers implement it.

What it is worth bounds every mechanism: surplus is no larger, and revenue is surplus less what types get.  So a program
without chances is left, in which any transfers that qualify are as good as others: the primal simplex method ends there in few
steps.  It proposes a basis; that is made exact, and the multipliers say that no other allocation is better.  Where no such
transfers exist, or they are not found soon, nothing was lost but a moment, and the allocation is chosen with them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import stack
from ..program.form import form
from ..program.highs import propose
from ..program.solve import solve as solve_program
from ..program.units import Units
from .compile import compile
from .generation import Carry, Generated, better_rule
from .plan import Plan
from .reductions import full_size

#: Steps of the simplex method, at least and for each row; seconds, and more for each entry of the whole program.
LEAST_STEPS, STEPS_PER_ROW, SECONDS, SECONDS_PER_ENTRY = 2_000, 0.25, 1.0, 30e-6


def with_first_best(plan: Plan, carry: Carry, deadline: Deadline) -> Generated | None:
    """The solution with the allocation of the largest surplus; None where it is not optimal, or not soon found to be."""
    assert plan.first_best is not None
    alone = replace(Plan.whole(plan.design), mixture=stack([plan.first_best]))
    deadline = deadline.within(SECONDS + SECONDS_PER_ENTRY * full_size(plan.design).entries)
    program = compile(plan.design, plan=alone)
    written = form(program)
    units = Units.of(written)
    steps = max(LEAST_STEPS, int(STEPS_PER_ROW * written.num_rows))
    found = propose(written if units is None else units.form, primal=True, steps=steps, time_limit=deadline)
    if found.outcome != "optimal" or found.basis is None or not np.all(np.isfinite(found.primal)):
        return None
    solution = solve_program(program, time_limit=deadline, start=found.basis, alone=True)
    if solution.status != "optimal" or better_rule(alone, program, solution, carry) is not None:
        return None
    return Generated(alone, program, solution, 1, (program, solution))


__all__ = ["with_first_best"]
