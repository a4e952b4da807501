"""Multipliers and cases as the library's certificates."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from ..proof.cases import Case
from ..proof.multipliers import Entry, Multipliers
from ..question.design import Design
from . import lies
from .covered import NotCovered
from .statement import own_index
from .syntax import Numerals, fractions, profile

#: Outcomes that are used no more, each with its profile.
Gone = frozenset[tuple[int, tuple[int, ...]]]


def requirement(design: Design, entry: Entry) -> tuple[Fraction, str]:
    """A requirement, with its multiplier: slacks under a belief are multiplied by the type's total weight."""
    if entry.family is not None:
        place, rows = own_index(design, entry.family, entry.others)
        unit = rows.unit.broadcast_to(rows.shape)[entry.others]
        return entry.value / unit, f"Own {lies.count(design) + place}"
    if entry.kind == "BB":
        return entry.value, f"BBat {profile(entry.others)}" if entry.others else "BB"
    assert entry.agent is not None and entry.type is not None
    i, k = entry.agent, entry.type
    at = [*entry.others[:i], k, *entry.others[i:]]
    notion = design.ic_notion if entry.kind == "IC" else design.ir_notion
    value = entry.value
    if notion is not None and notion.needs_beliefs:
        value /= mass(design, i, k)
    if entry.kind == "IC" and design.misreports is not None:
        return value, f"Own {lies.place(design, i, k, entry.others, entry.report or 0)}"
    if entry.kind == "IC":
        at_profile = design.ic == "ex-post"
        return (
            value,
            f"ICat {i} {profile(at)} {entry.report}" if at_profile else f"ic_row {i} {k} {entry.report}",
        )
    return value, f"IRat {i} {profile(at)}" if design.ir == "ex-post" else f"ir_row {i} {k}"


def mass(design: Design, agent: int, own: int) -> Fraction:
    """The total weight of a type."""
    beliefs = design.environment.beliefs
    assert beliefs is not None
    return beliefs.mass(agent).fractions()[own] or Fraction(1)


def certificate(design: Design, y: Multipliers, write: Numerals) -> list[str]:
    """The rows of a certificate."""
    return write.weighed([requirement(design, entry) for entry in y.rows(design)])


def inline(rows: list[str]) -> str:
    """A certificate inside a term."""
    return "[" + ";\n     ".join(rows) + "]"


def cases(
    design: Design,
    proof: Case,
    write: Numerals,
    impossible: bool,
    gone: Gone = frozenset(),
) -> str:
    """A tree of cases of the outcome that is used; leaves are certificates where a mechanism is ``impossible``, else ``Refutes``,
    ``Bounds`` or, with several priors, ``Worst``."""
    if proof.dominance is not None:
        raise NotCovered("a proof by dominance")
    if proof.multipliers is not None:
        rows = inline(certificate(design, proof.multipliers, write))
        return f"Leaf ({rows if impossible else leaf(design, proof.multipliers, proof.refutes, write)})"
    if proof.lie is not None or proof.yes is None or proof.no is None:
        raise NotCovered("a case of this kind")
    at = profile(proof.profile)
    yes, no = (
        f"Impossible {at}" if left is None else cases(design, case, write, impossible, left)
        for case, left in zip((proof.yes, proof.no), narrowed(design, proof, gone), strict=True)
    )
    return f"Split {proof.outcome} {at}\n   ({yes})\n   ({no})"


def narrowed(design: Design, proof: Case, gone: Gone) -> tuple[Gone | None, Gone | None]:
    """What is gone where the outcome of a case is used, and where it is not; None where nothing is left at the profile."""
    every = range(len(design.environment.outcomes))
    left = {(a, proof.profile) for a in every} - gone
    own = (proof.outcome, proof.profile)
    others = left - {own}
    return gone | others if own in left else None, gone | {own} if others else None


def leaf(design: Design, y: Multipliers, refutes: bool, write: Numerals) -> str:
    """What a leaf holds, where an objective is bounded."""
    rows = inline(certificate(design, y, write))
    if design.robust:
        if refutes:
            return f"Refuted {rows}"
        table, others = nature(design, y, write)
        return f"Worst ({table}) {others} {rows}"
    return f"{'Refutes' if refutes else 'Bounds'} {rows}"


def nature(design: Design, y: Multipliers, write: Numerals) -> tuple[str, str]:
    """The prior of the designer's set that a bound is under: a table, and the set's further numbers."""
    assert y.nature is not None
    point = y.nature.fractions()
    count = design.environment.num_profiles
    over = lcm(*(x.denominator for x in point))
    shape = design.environment.shape
    table = write.table(fractions(y.nature[:count].reshape(shape), shape), over)
    return table, "[" + "; ".join(write.number(x, over) for x in point[count:]) + "]"
