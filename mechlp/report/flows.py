"""Proofs about identical bidders written out: each requirement with its number, what it says, and what it adds to the bound."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from rich.console import RenderableType
from rich.table import Table

from ..answer.interim import InterimAnswer
from ..exact.numbers import text
from ..mechanism.interim import capacities
from ..proof.reduced_form import Flow
from ..question.symmetric import SymmetricDesign
from .symmetric import short
from .tables import plain, table

#: Proofs of more requirements, and inequalities of more terms, are named and not written out.
MOST_ROWS, MOST_TERMS = 60, 40
SYMBOLS = (
    "Here U(s) is the interim payoff of a bidder of type s, x(s) her chance of winning (of grade k: x_k(s)), N the number of "
    "bidders."
)
BOXED = (
    "The multipliers are named above and not written out: each stands for a mean over the types of a cell. Between neighbouring "
    "cells payoffs rise by the mean chance of winning on the way, up to a bend that the rise of chances bounds; between others "
    "types at the same place of their cells do not gain by reporting each other's; and chances meet Border's condition."
)


def flow_parts(answer: InterimAnswer) -> Iterator[RenderableType]:
    """The inequalities in a table, and what they add up to; or why they are only named."""
    design, flow = answer.design, answer.proof
    count = len(flow.rows(design))
    if count > MOST_ROWS:
        yield plain(
            f"The requirements of the proof are named above: there are {count:,}, and more than {MOST_ROWS} are not written out."
        )
        return
    shown, total = _written(design, flow)
    yield plain(SYMBOLS)
    yield shown
    yield plain(
        "Added to the objective, payoffs cancel, and every chance is left with a weight that is zero or negative. So the "
        f"objective is at most the sum of the last column, {text(total)}."
    )


def _written(design: SymmetricDesign, flow: Flow) -> tuple[Table, Fraction]:
    """Each requirement, and the sum of what they allow."""
    environment = design.environment
    types, n = environment.agent.types, environment.copies
    shown = table("requirement", "times", "says", "allows", title="The proof written out")
    total = Fraction(0)
    moves = zip(flow.types.tolist(), flow.reports.tolist(), flow.amounts.fractions(), strict=True)
    names = iter(flow.rows(design))
    for s, r, amount in moves:
        rises = [row[s] - row[r] for row in environment.values]
        gains = [(rise, f"x{_grade(design, k)}({types[r]})") for k, rise in enumerate(rises)]
        shown.add_row(next(names)[0], text(amount), f"U({types[s]}) - U({types[r]}) >= {_sum(gains)}", "0")
    for s, amount in enumerate(flow.ir(design).fractions()):
        if amount:
            shown.add_row(next(names)[0], text(amount), f"U({types[s]}) >= 0", "0")
    order, falls = flow.levels(design)
    for j, (amount, most) in enumerate(
        zip(falls.fractions(), capacities(environment, order).fractions(), strict=True)
    ):
        if amount:
            won = [
                (n * environment.prior[s], f"x{_grade(design, k)}({types[s]})")
                for s in order[: j + 1].tolist()
                for k in range(len(environment.values))
            ]
            shown.add_row(next(names)[0], text(amount), f"{_sum(won)} <= {text(most)}", short(amount * most))
            total += amount * most
    return shown, total


def _grade(design: SymmetricDesign, k: int) -> str:
    return f"_{k + 1}" if len(design.environment.values) > 1 else ""


def _sum(terms: list[tuple[Fraction, str]]) -> str:
    """``1/2 x(1) + x(2)``; the first terms of many."""
    said = ""
    kept = [(weight, name) for weight, name in terms if weight]
    for weight, name in kept[:MOST_TERMS]:
        sign = ("-" if weight < 0 else "") if not said else (" - " if weight < 0 else " + ")
        said += f"{sign}{'' if abs(weight) == 1 else text(abs(weight)) + ' '}{name}"
    more = f" + {len(kept) - MOST_TERMS} more" if len(kept) > MOST_TERMS else ""
    return (said or "0") + more


__all__ = ["BOXED", "flow_parts"]
