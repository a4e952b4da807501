"""All reductions: loaded once a program is so large, or a question so particular, that one may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...program import Program
from ...question.design import Design
from ..plan import Plan
from .interim import Decomposition, ExAnteBalance, FirstBest, InterimTransfers, PrivateValues
from .line import AdjacentIC, EnvelopeTransfers, GridContinuation, RunningRents, WorstPrior
from .many import NearNeighbours, SymmetricAgents
from .premise import Reduction
from .size import Size, full_size

if TYPE_CHECKING:
    from . import Applied

#: In the order in which they are tried: each may rest on those before it.
REDUCTIONS: dict[str, Reduction] = {
    r.name: r
    for r in (
        ExAnteBalance(),
        InterimTransfers(),
        PrivateValues(),
        AdjacentIC(),
        EnvelopeTransfers(),
        RunningRents(),
        FirstBest(),
        NearNeighbours(),
        Decomposition(),
        SymmetricAgents(),
        WorstPrior(),
        GridContinuation(),
    )
}


def saved(applied: Applied, design: Design, plan: Plan, program: Program) -> tuple[str, ...]:
    """Which reductions applied, and what they saved together; ``plan`` and ``program`` are the last ones."""
    size = Size(program.num_rows, program.num_columns, program.nonzeros)
    lines = [f"{name}: {REDUCTIONS[name].source}" for name in applied.names]
    lines += [f"interchangeable: {names}" for names in plan.interchangeable]
    lines += [f"{name} not used: {why}" for name, why in applied.refused.items()]
    return (*lines, f"full program: {full_size(design)}", f"compiled: {size}")
