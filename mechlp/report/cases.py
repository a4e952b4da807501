"""Proofs by cases, written out: what each case assumes, what its requirements add up to, and what follows from all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np
import numpy.typing as npt

from ..answer.answer import Answer
from ..exact.numbers import text
from ..proof.bound import bound
from ..proof.cases import Case, branch, by_dominance, every_outcome
from ..proof.multipliers import Multipliers
from ..question.design import Design
from ..question.objective import goal
from ..question.rules import choices, lie_name
from .proof import Combination, chances, named, refuted_in_words, shares, smallest, whatever
from .written_out import WrittenOut, written_out

#: Cases that are written out; the rest is counted.
MOST_CASES, MOST_CASES_IN_FULL = 12, 200
HINT = " (--full and `mechlp report` write them out)."
NOTHING_LEFT = "No outcome is left at some profile: there is no such mechanism."
CASES = "Every mechanism belongs to one of the cases below. Each has a proof of its own, about the mechanisms that it assumes."
SYMBOLS = "Here t is what an agent receives, and q the chance of an outcome, when the types in brackets are reported."
DOMINANCE = (
    "Without lotteries, money and slack, ex-post IC says that a lie never leads to a better outcome: where it leads to one of "
    "the best outcomes of a type, down to any rank, truth does too. So IC by dominance asks the same, and the proof takes it."
)


@dataclass(frozen=True)
class Leaf:
    """One case: the question whose requirements it adds up, what it assumes, the outcomes that are left, and its multipliers,
    None where no outcome is left at some profile."""

    design: Design
    assumed: tuple[str, ...]
    allowed: npt.NDArray[np.bool_] | None
    multipliers: Multipliers | None
    refutes: bool

    def written(self) -> WrittenOut | str:
        """Its inequalities, or why they are only named."""
        if self.multipliers is None:
            return "no outcome is left at some profile"
        y = smallest(self.design, self.multipliers) if self.refutes else self.multipliers
        return written_out(self.design, y, wanted=not self.refutes, allowed=self.allowed)

    def proved(self) -> Fraction | None:
        """What it bounds the objective by; None where it is refuted."""
        if self.multipliers is None or self.refutes:
            return None
        return bound(self.design, self.multipliers, self.allowed)


def leaves(
    design: Design,
    case: Case,
    assumed: tuple[str, ...] = (),
    allowed: npt.NDArray[np.bool_] | None = None,
) -> Iterator[Leaf]:
    """Every case in order, as :meth:`mechlp.proof.cases.Case.bound` walks through them."""
    if case.dominance is not None:
        ordinal = by_dominance(design)
        assert ordinal is not None
        yield from leaves(ordinal, case.dominance, assumed, allowed)
    elif case.lie is not None:
        (agent, own, _), notion, environment = case.lie, design.ic_notion, design.environment
        assert notion is not None
        vertices = environment.belief_vertices[agent][0]
        most = "leaves most regret" if design.regrets else "is worth least"
        for k, seen in zip(choices(design, case.lie), case.beliefs, strict=True):
            held = chances(design, agent, vertices[notion.belief(environment, agent, k), own])
            under = f"under {notion.seen(environment, agent, k)} ({held})"
            said = f"{lie_name(design, case.lie)}: the lie {most} {under}"
            yield from leaves(design, seen, (*assumed, said), allowed)
    elif case.yes is not None and case.no is not None:
        every = every_outcome(design) if allowed is None else allowed
        for part, used in ((case.yes, True), (case.no, False)):
            left = branch(every, case.outcome, (case.rule, *case.profile), used)
            yield from leaves(design, part, (*assumed, _used(design, case, used, len(every) > 1)), left)
    else:
        empty = allowed is not None and not bool(np.all(allowed.any(axis=1)))
        yield Leaf(design, assumed, allowed, None if empty else case.multipliers, case.refutes or empty)


def _used(design: Design, case: Case, used: bool, several: bool) -> str:
    """``sell is used at seller=1, buyer=2``"""
    environment = design.environment
    under = f" under rule {case.rule + 1}" if several else ""
    at = environment.profile_label(case.profile)
    return f"{environment.outcomes[case.outcome]} is {'' if used else 'not '}used at {at}{under}"


def first_leaves(design: Design, case: Case, full: bool) -> tuple[list[Leaf], int]:
    """The cases that are written out, and how many are left."""
    shown = list(islice(leaves(design, case), MOST_CASES_IN_FULL if full else MOST_CASES))
    return shown, case.leaves() - len(shown)


def heading(case: Case, number: int) -> str:
    """``Case 2 of 5``"""
    return f"Case {number} of {case.leaves():,}"


def assumption(leaf: Leaf) -> list[str]:
    """What a case assumes, a line each."""
    return [
        f"Suppose that {said}{'.' if k == len(leaf.assumed) - 1 else ','}"
        for k, said in enumerate(leaf.assumed)
    ]


def conclusion(design: Design, case: Case, left: int) -> list[str]:
    """What follows from all cases."""
    lines = []
    if left:
        lines.append(
            f"{left:,} more case{'s are' if left > 1 else ' is'} in the saved answer, each with multipliers of its own; "
            "`mechlp verify` adds up all of them."
        )
    if case.leaves() == 1:
        return lines
    weakest = case.bound(design)
    if weakest is None:
        return [
            *lines,
            "Every mechanism would belong to one of these cases, and each contradicts the requirements: there is none.",
        ]
    aim = goal(design)
    side = "at most" if aim is None or aim.maximize else "at least"
    return [
        *lines,
        f"Every mechanism belongs to one of these cases: the objective is {side} {text(weakest)}.",
    ]


def in_words(answer: Answer, *, full: bool = False) -> list[str]:
    """The proof of an infeasible answer, line by line; a proof by cases where ``full`` asks for it."""
    proof = answer.proof
    if answer.status != "infeasible" or proof is None:
        return []
    if proof.multipliers is not None:
        return ["Suppose a mechanism exists. Add up:", *refuted_in_words(answer.design, proof.multipliers)]
    by = f"{proof.leaves():,} cases, each refuted by multipliers of its own"
    if proof.dominance is not None and proof.dominance.multipliers is not None:
        by = "multipliers on dominance, which is IC here, refute them"
    said = f"{whatever(answer.design)}, the requirements contradict each other: {by}"
    return [f"{said}{'.' if full else HINT}", *(cases_in_words(answer.design, proof, full) if full else [])]


def cases_in_words(design: Design, case: Case, full: bool) -> list[str]:
    """A proof by cases for a terminal."""
    shown, left = first_leaves(design, case, full)
    lines = [DOMINANCE] if case.dominance is not None else []
    for number, leaf in enumerate(shown, 1):
        lines += [
            "",
            *([heading(case, number)] if case.leaves() > 1 else []),
            *assumption(leaf),
            *_added(leaf),
        ]
    return [*lines, "", *conclusion(design, case, left)]


def _added(leaf: Leaf) -> list[str]:
    """What a case adds up."""
    design, y = leaf.design, leaf.multipliers
    if y is None:
        return [NOTHING_LEFT]
    if leaf.refutes:
        return ["Add up:", *refuted_in_words(design, y, leaf.allowed)]
    proved = leaf.proved()
    assert proved is not None
    made = Combination(tuple(y.rows(design)), (), proved, None, tuple(shares(y)))
    aim = goal(design)
    side = "at most" if aim is None or aim.maximize else "at least"
    return [
        "Add to the objective:",
        *named(design, y, made),
        f"In this case the objective is {side} {text(proved)}.",
    ]
