"""Lies that are impossible, or may pay: IC as the first of the library's linear rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..question.design import Design
from .syntax import Numerals

#: By IC: the requirement in words, the rows that say the same, and the lemma that they do.
AMONG = {
    "bayesian": ("bayesian_IC_among", "among", "among_spec"),
    "ex-post": ("ex_post_IC_among", "ex_post_among", "ex_post_among_spec"),
}


def tables(design: Design, write: Numerals) -> Iterator[str]:
    """Which lies each type can tell, and by how much each may pay: agent by agent, type by type."""
    assert design.misreports is not None
    can = ";\n  ".join(
        _rows([["true" if one.possible[k, r] else "false" for r in own] for k in own])
        for one in design.misreports
        for own in [range(len(one.possible))]
    )
    pay = ";\n  ".join(
        _rows([[write.number(one.slack[k, r]) for r in own] for k in own])
        for one in design.misreports
        for own in [range(len(one.possible))]
    )
    yield "(** Which type can report which, and by how much a lie may be worth more than truth. *)"
    yield f"Definition can_report := flags [\n  {can}]."
    yield f"Definition may_gain := gains [\n  {pay}]."


def _rows(rows: list[list[str]]) -> str:
    return "[" + "; ".join("[" + "; ".join(row) + "]" for row in rows) + "]"


def count(design: Design) -> int:
    """How many rows come before those of one's own."""
    return place(design, design.environment.n, 0, (), 0) if design.misreports is not None else 0


def place(design: Design, agent: int, own: int, others: tuple[int, ...], report: int) -> int:
    """The place of a lie's row: agents in order, then types (or profiles), then reports."""
    shape = design.environment.shape
    if design.ic == "bayesian":
        before = sum(m * m for m in shape[:agent])
        return before + (own * shape[agent] + report if agent < len(shape) else 0)
    every = design.environment.num_profiles
    before = sum(every * m for m in shape[:agent])
    if agent == len(shape):
        return before
    at = int(np.ravel_multi_index((*others[:agent], own, *others[agent:]), shape))
    return before + at * shape[agent] + report
