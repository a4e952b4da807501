"""The linear program of a question as it is written to a file, and what a reader of the file must know about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..program import Program
from ..program.export import refuse_large_file
from ..program.solution import Solution
from ..program.symmetry import fold
from ..question.design import Design, InvalidDesign
from ..question.rules import choices, lies
from . import reductions
from .compile import compile
from .interchange import symmetries
from .kinds import program as program_of
from .marginals import applies
from .optima import smallest_transfers
from .reductions.catalogue import REDUCTIONS

#: Reductions that say how a program is solved, and leave no smaller program to write.
WAYS = ("row-generation", "decomposition", "first-best", "worst-prior", "grid-continuation")


def written(
    question: Any, *, reduce: Sequence[str] = (), time_limit: float | None = None
) -> tuple[Program, tuple[str, ...]]:
    """The program, and notes.

    Parameters
    ----------
    reduce : names of reductions that the program is compiled under (a design on the whole type grid).
    time_limit : seconds for the optimum among whose mechanisms ``secondary`` chooses.

    Raises
    ------
    InvalidDesign, TooLarge
        When there is no program to write, or a reduction does not apply; when the file would be too large.
    """
    if not isinstance(question, Design):
        if reduce:
            raise InvalidDesign("--reduce is about programs on the whole type grid: leave it out")
        return program_of(question), ()
    if reduce:
        question.check("reduce")
        return _reduced(question, reduce)
    if not question.simple and not applies(question):
        refuse_large_file(reductions.full_size(question).entries)
    program, left_out = program_of(question), _open(question)
    notes = [*left_out]
    if not question.environment.exact:
        notes.append(
            "Payoffs are irrational: their lower ends stand here, so the optimum is one of nearby numbers."
        )
    if question.norm is not None:
        program, note = _smallest_transfers(question, program, bool(left_out), time_limit)
        notes.append(note)
    return program, tuple(notes)


def _reduced(design: Design, names: Sequence[str]) -> tuple[Program, tuple[str, ...]]:
    if way := next((name for name in names if name in WAYS), None):
        raise InvalidDesign(
            f"--reduce {way} is a way of solving, and leaves no smaller program to write; there are "
            + ", ".join(name for name in REDUCTIONS if name not in WAYS)
        )
    plan = reductions.reduce(design, names).plan
    program = compile(plan.design, plan=plan)
    if plan.swaps:
        program = fold(program, symmetries(plan, program)).program
    return program, (f"Reduced by {', '.join(names)}: the same optimal value, in fewer rows and columns.",)


def _open(design: Design) -> list[str]:
    """What no linear program says, and this one leaves out."""
    if not design.worst_state:
        return []
    free = sum(len(choices(design, lie)) > 1 for lie in lies(design))
    if not free:
        return []
    return [
        f"A relaxation: {free} lies may each be seen under one of several beliefs, a choice that no linear program makes;",
        "of these lies only what they gain under every belief has a row. What is infeasible here is impossible.",
    ]


def _smallest_transfers(
    design: Design, program: Program, relaxed: bool, time_limit: float | None
) -> tuple[Program, str]:
    """The mechanisms of the optimal value, with the size of their transfers as the objective."""
    if relaxed:
        raise InvalidDesign(
            "secondary: the optima of a maxmin problem are not those of one linear program: leave it out"
        )
    value = None
    if program.objective:
        answer = design.asking(secondary="none").solve(time_limit=time_limit, relax=False, fewest=False)
        if answer.status != "optimal":
            raise InvalidDesign(
                f"secondary: {design.secondary} chooses among optima, and the answer is {answer.status}: leave it out"
                + (", or give more time (--time-limit)" if answer.status == "undecided" else "")
            )
        value = answer.value
    chosen = "every feasible mechanism" if value is None else f"the mechanisms of value {value}"
    kind = "largest transfer" if design.secondary == "max-norm" else "sum of absolute transfers"
    narrowed = smallest_transfers(program, Solution("optimal", value), design.secondary)
    return narrowed, f"The {kind} is minimised over {chosen}."


__all__ = ["WAYS", "written"]
