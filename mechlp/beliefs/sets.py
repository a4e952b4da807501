"""What a belief set says, decided exactly by linear programs: worst expectation, membership, emptiness with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..deadline import Deadline
from ..environment.belief_sets import BeliefSet, Rows
from ..exact.numbers import Rationals, text
from ..program import Block, Columns, Family, Program, Solution, Term, solve


@dataclass(frozen=True)
class Worst:
    """The worst expectation of a payoff over a set: its value and the distribution that attains it.

    ``further`` are the set's further variables there, and ``prices`` the multipliers, one a row of ``all_rows``, that prove that
    no distribution gives less (:meth:`~mechlp.environment.belief_sets.BeliefSet.floor`).
    """

    value: Fraction
    belief: Rationals
    further: Rationals
    prices: Rationals


def worst(beliefs: BeliefSet, payoff: Rationals) -> Worst:
    """``min E_phi payoff`` over the set; the payoff has the shape of the grid.

    Raises
    ------
    ValueError
        When the set is empty, or exact arithmetic did not decide.
    """
    columns = _columns(beliefs)
    solution = _solved(beliefs, columns, {"phi": payoff.reshape(-1)})
    if (
        solution.status != "optimal"
        or solution.value is None
        or solution.primal is None
        or solution.dual is None
    ):
        raise ValueError(empty_in_words(beliefs) or "the worst expectation was not decided")
    return Worst(solution.value, _belief(beliefs, solution), solution.primal[beliefs.cells :], solution.dual)


def contains(beliefs: BeliefSet, point: Rationals) -> bool:
    """Whether a distribution belongs to the set."""
    columns = _columns(beliefs)
    fixed = Family(
        "point", (beliefs.cells,), (Term(columns["phi"], Rationals.of(1)),), "=", point.reshape(-1)
    )
    return _solved(beliefs, columns, {}, (fixed,)).status == "optimal"


def some_belief(beliefs: BeliefSet) -> Rationals | None:
    """A distribution of the set; None when there is none."""
    solution = _solved(beliefs, _columns(beliefs), {})
    return _belief(beliefs, solution) if solution.status == "optimal" else None


def empty_in_words(beliefs: BeliefSet, time_limit: float | Deadline | None = None) -> str | None:
    """Why no distribution belongs to the set: multipliers on its rows that contradict each other; None when one does, or the
    time does not suffice.

    Raises
    ------
    TooLarge
        When the distributions are too many for memory.
    """
    columns = _columns(beliefs)
    families = _families(beliefs, columns)
    solution = _solved(beliefs, columns, {}, time_limit=time_limit)
    if solution.status != "infeasible" or solution.dual is None:
        return None
    program = Program(columns.blocks, families, {}, maximize=False)
    parts, total = [], Fraction(0)
    for family in families:
        weights = program.multipliers(family.name, solution.dual)
        for k in map(int, np.flatnonzero(weights != 0)):
            place = f" {k + 1}" if family.size > 1 else ""
            title = family.name.partition(": ")[2]
            parts.append(f"{text(weights[k])} x ({title}{place} {family.sense} {text(family.rhs[k])})")
            total += weights[k] * family.rhs[k]
    return (
        f"no distribution satisfies it: {' + '.join(parts)} gives a left side of at most 0 for every distribution, and must "
        f"be at least {text(total)}"
    )


def _columns(beliefs: BeliefSet) -> Columns:
    blocks = [Block("phi", (beliefs.cells,), Rationals.of(0))]
    if beliefs.lifts:
        blocks.append(Block("lift", (beliefs.lifts,), Rationals.of(0)))
    return Columns(blocks, sum(len(rows.column) for rows in beliefs.all_rows))


def _families(beliefs: BeliefSet, columns: Columns) -> tuple[Family, ...]:
    flat = np.concatenate([columns[b.name] for b in columns.blocks])
    return tuple(_family(f"{k}: {rows.name}", rows, flat) for k, rows in enumerate(beliefs.all_rows))


def _family(name: str, rows: Rows, flat: np.ndarray) -> Family:
    """Rows as a family of one width: short rows are filled up with zeros."""
    columns, values = padded(rows.row, rows.count, flat[rows.column], rows.value)
    term = Term(columns, values, (columns.shape[1],))
    return Family(name, (rows.count,), (term,), rows.sense, rows.rhs)  # type: ignore[arg-type]


def padded(group: np.ndarray, count: int, places: np.ndarray, values: Rationals):  # type: ignore[no-untyped-def]
    """Entries by group as arrays ``(count, width)`` of places and values, zeros where a group has fewer."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=count)
    width = max(int(sizes.max(initial=0)), 1)
    slot = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = np.zeros((count, width), dtype=np.int32)
    worth = np.zeros((count, width), dtype=values.numerator.dtype)
    at[group[order], slot] = places[order]
    worth[group[order], slot] = values.numerator[order]
    return at, Rationals(worth, values.denominator)


def _solved(
    beliefs: BeliefSet,
    columns: Columns,
    objective: dict[str, Rationals],
    more: tuple[Family, ...] = (),
    time_limit: float | Deadline | None = None,
) -> Solution:
    families = (*_families(beliefs, columns), *more)
    program = Program(columns.blocks, families, objective, maximize=False, name="belief set")
    return solve(program, time_limit=time_limit)


def _belief(beliefs: BeliefSet, solution: Solution) -> Rationals:
    assert solution.primal is not None
    return solution.primal[: beliefs.cells].reshape(beliefs.shape)


__all__ = ["Worst", "contains", "empty_in_words", "padded", "some_belief", "worst"]
