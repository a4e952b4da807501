"""The linear program of a question, decided again and written with its proof."""

from __future__ import annotations

from pathlib import Path

from ..deadline import Deadline
from ..program import solve
from ..program.vipr import NoProof, write_vipr
from ..question.design import Design, InvalidDesign
from .written import written


def proved_program(
    design: Design, path: Path, *, time_limit: float | Deadline | None = None
) -> tuple[int, str]:
    """Write the whole program with an exact proof of its verdict; how many constraints the proof combines, and the verdict.

    Raises
    ------
    InvalidDesign
        When the question is no linear program, or its program has no verdict that the format can say.
    TooLarge, OSError
    """
    if design.deterministic:
        raise InvalidDesign(
            "--proof vipr is about linear programs; a deterministic allocation is a choice among several"
        )
    if not design.environment.exact:
        raise InvalidDesign("--proof vipr is about programs with exact numbers; these payoffs are irrational")
    program, notes = written(design.asking(secondary="none"))
    solution = solve(program, time_limit=time_limit)
    if notes and solution.status != "infeasible":  # what a relaxation allows, the question may not
        raise InvalidDesign(f"--proof vipr: the question is no linear program. {' '.join(notes)}")
    constant = f"; the objective leaves out the constant {program.constant}" if program.constant else ""
    try:
        count = write_vipr(
            program, solution, path, [f"{design.environment.title or 'untitled'}{constant}", *notes]
        )
    except NoProof as error:
        raise InvalidDesign(f"--proof vipr: {error}") from None
    return count, solution.status
