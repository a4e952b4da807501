"""Finds traces of deletions, and deceptions without a refutable lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...deadline import Deadline
from ...proof.implementation.monotone import (
    deception_json,
    incentive_compatible,
    lie_at,
    lie_json,
    rewards_of,
    truth_is_safe,
    unacceptable_pairs,
    with_truth,
)
from ...proof.implementation.rewards import Deception, Lie
from ...question.implementation import Implementation
from .margins import Undecided
from .rewards import Refuter

#: Deceptions that are looked at where refutations by several agents make cases.
MOST_CASES = 500


def refuter(
    question: Implementation, strong: bool, deadline: Deadline, say: Callable[[str], None]
) -> Refuter:
    """What remembers refutations of a reading; ``say`` is told how many lies were examined."""
    rewards = rewards_of(question, strong)
    return Refuter(rewards, incentive_compatible(rewards), deadline, say)


def printed(
    question: Implementation, strong: bool, deadline: Deadline, say: Callable[[str], None]
) -> dict[str, Any]:
    """A refutation for each unacceptable pair, or a pair without one."""
    return _printed(refuter(question, strong, deadline, say))


def _printed(known: Refuter) -> dict[str, Any]:
    rewards = known.rewards
    full = rewards.everything()
    refuted: dict[Lie, dict[str, Any]] = {}
    cheap: dict[Lie, dict[str, Any] | None] = {}
    for count, (types, report) in enumerate(unacceptable_pairs(rewards)):
        known.say(f"{count:,} pairs of types and reports looked at")
        at = [lie_at(rewards, own, types, report) for own in rewards.refuting]
        general = [Lie(lie.coalition, lie.types, lie.report) for lie in at]
        if any(lie in refuted for lie in (*general, *at)):
            continue
        for lie in general:
            if lie not in cheap:
                cheap[lie] = None if lie.true else known.cheap(lie, full)
        found: tuple[Lie, dict[str, Any]] | None = next(
            ((lie, w) for lie in general if (w := cheap[lie]) is not None), None
        )
        kept = []
        for lie in at if found is None else ():
            if truth_is_safe(rewards, full, lie):
                continue
            holds, witness = known.found(lie, full)
            if holds:
                found = lie, witness
                break
            kept.append({**lie_json(rewards, lie), **witness})
        if found is None:
            question, every = rewards.question, range(len(types))
            names = [question.environment.agents[i].name for i in every]
            pair = [
                {
                    name: question.environment.type_label(i, k)
                    for i, (name, k) in enumerate(zip(names, cell, strict=True))
                }
                for cell in (types, report)
            ]
            return {"pair": pair, "kept": kept}
        refuted[found[0]] = found[1]
    return {"refuted": [{**lie_json(rewards, lie), "refutation": w} for lie, w in refuted.items()]}


def corrected(
    question: Implementation, strong: bool, deadline: Deadline, say: Callable[[str], None]
) -> dict[str, Any]:
    """A trace that closes on an acceptable deception, or a deception without a refutable lie that is not."""
    known = refuter(question, strong, deadline, say)
    several = any(len(own) > 1 for own in known.rewards.refuting)
    if several:
        try:
            found = _printed(known)
        except Undecided:
            found = {}
        if "refuted" in found:
            return {"printed": found}
    left = [MOST_CASES]
    failed, node = _node(known, known.rewards.everything(), left)
    return failed or {"trace": node}


def _node(
    known: Refuter, deception: Deception, left: list[int]
) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The witness of failure where one is found, and the node of the trace."""
    rewards = known.rewards
    left[0] -= 1
    if left[0] < 0:
        raise Undecided(f"more than {MOST_CASES:,} cases of who does not tell a refuted lie")
    deception = tuple(own.copy() for own in deception)
    rounds = []
    while True:
        gone = []
        for lie in rewards.lies(deception):
            if len(lie.coalition) == 1:
                holds, witness = known.found(lie, deception)
                if holds:
                    gone.append((lie, {**lie_json(rewards, lie), "refutation": witness}))
        if not gone:
            break
        rounds.append([item for _, item in gone])
        for lie, _ in gone:
            deception[lie.coalition[0]][lie.types[0], lie.report[0]] = False
    node: dict[str, Any] = {"rounds": rounds}
    if any(not own.any(axis=1).all() for own in deception) or rewards.unacceptable(deception) is None:
        return None, node
    kept = []
    unsure: Undecided | None = None
    for lie in with_truth(rewards, deception):
        if truth_is_safe(rewards, deception, lie):
            continue
        try:
            holds, witness = known.found(lie, deception)
        except Undecided as error:
            unsure = error
            continue
        if not holds:
            kept.append({**lie_json(rewards, lie), **witness})
            continue
        node["refuted"] = {**lie_json(rewards, lie), "refutation": witness}
        node["cases"] = []
        for i, t, r in zip(lie.coalition, lie.types, lie.report, strict=True):
            smaller = tuple(own.copy() for own in deception)
            smaller[i][t, r] = False
            failed, case = _node(known, smaller, left)
            if failed is not None:
                return failed, {}
            node["cases"].append(case)
        return None, node
    if unsure is not None:
        raise unsure
    return {"deception": deception_json(rewards.question, deception), "kept": kept}, {}


__all__ = ["corrected", "printed", "refuter"]
