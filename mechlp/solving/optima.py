"""Which optimum: whether there is only one, and the one with the smallest transfers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..program import Block, Family, Program, Solution, Term
from ..program.uniqueness import unique as unique_point
from .plan import Plan
from .rows.keys import Kind

#: Entries of a program whose uniqueness is examined.
LARGEST_UNIQUE = 3_000_000


def unique(
    plan: Plan,
    program: Program,
    solution: Solution,
    solved: tuple[Program, Solution],
    *,
    generated: bool,
    time_limit: float | Deadline | None = None,
) -> bool | None:
    """Whether the optimum of the design is the only one; None where the program does not tell in time.

    ``solved`` is what was handed to the solver and what came back; ``generated`` says that rows were left out by no theorem.
    """
    if plan.design.bb != plan.wanted.bb:
        return None
    if any(f is not None and f.rank < f.flat.shape[1] for f in plan.interim):
        return False  # transfers that are worth nothing to any belief can be added
    several = plan.mixture is not None and len(plan.mixture) > 1
    if several or program.nonzeros > LARGEST_UNIQUE:
        return None
    found = unique_point(*solved, time_limit=time_limit)
    if plan.mixture is not None:  # another one with the same allocation is one more; others were not looked for
        return False if found is False else None
    if found and plan.swaps:  # the only symmetric one
        found = unique_point(program, solution, time_limit=time_limit)
    if found and plan.rents is not None and not plan.rents.pins:
        return None
    return found if found or not generated or all(mask is None for mask in plan.pairs) else None


def transfers(program: Program) -> npt.NDArray[np.intp]:
    """The columns that are transfers."""
    parts = [
        np.arange(program.column_start[b.name], program.column_start[b.name] + b.size)
        for b in program.blocks
        if b.name.rpartition(" ")[0] == Kind.TRANSFER
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.intp)


def smallest_transfers(program: Program, solution: Solution, norm: str) -> Program:
    """The optimal face of a program, with the size of the transfers as its objective: ``max-norm`` or ``1-norm``."""
    blocks, families = list(program.blocks), list(program.families)
    transfers = [b for b in blocks if b.name.rpartition(" ")[0] == Kind.TRANSFER]
    by_cell = norm == "1-norm"
    columns = {
        b.name: program.column_start[b.name] + np.arange(b.size, dtype=np.int32).reshape(b.shape)
        for b in blocks
    }
    at = program.num_columns
    sizes: dict[str, Rationals] = {}
    if not by_cell:
        blocks.append(Block("size", (), Rationals.of(0)))
        sizes["size"] = Rationals.of(1)
    for b in transfers:
        cell = np.array(at, dtype=np.int32)
        if by_cell:
            blocks.append(Block(f"size {b.name}", b.shape, Rationals.of(0)))
            cell = at + np.arange(b.size, dtype=np.int32).reshape(b.shape)
            at += b.size
            sizes[f"size {b.name}"] = Rationals.of(1)
        for sign in (1, -1):
            terms = (Term(cell, Rationals.of(1)), Term(columns[b.name], Rationals.of(sign)))
            families.append(Family(f"size {b.name} {sign:+d}", b.shape, terms, ">=", Rationals.of(0)))
    if program.objective and solution.value is not None:
        worth = tuple(
            Term(columns[name], c.broadcast_to(program.block(name).shape), program.block(name).shape)
            for name, c in program.objective.items()
        )
        rhs = Rationals.of(solution.value - program.constant)
        families.append(Family("optimal value", (), worth, "=", rhs))
    return Program(tuple(blocks), tuple(families), sizes, maximize=False, name=program.name)


__all__ = ["smallest_transfers", "unique"]
