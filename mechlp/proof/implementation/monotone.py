"""Robust coalitional monotonicity (Guo 2018, Definition 2.4.4) in two readings, from refutations and conjectures.

As printed: whatever pair (types, report) makes the full deception unacceptable, some coalition refutes it there.  That is not
necessary for implementation (Proposition 2.4.2 fails).  Corrected: every unacceptable deception contains some lie that its
coalition refutes.  Single agents: delete what is refuted until nothing is; what is left must be acceptable.  A coalition of
several that refutes a lie leaves a choice, which member does not tell it, so deletions branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from ...environment.coalitions import Coalition
from ...exact.numbers import rational
from ...mechanism.deviations import Play, robust_deviations
from ...question.implementation import Implementation
from ..invalid import InvalidCertificate
from .findings import Finding, agent_named, labels, types_named, types_text
from .incentives import every_coalition
from .margins import Cells, Either, Point, System, met, refuted
from .rewards import Deception, Lie, Rewards

Witness = Mapping[str, Any]
ONE = Fraction(1)


def rewards_of(question: Implementation, strong: bool) -> Rewards:
    """The reward sets of the pattern, or of the strong version: all coalitions, refutations by single agents."""
    return Rewards(question, every_coalition(question) if strong else question.pattern, alone=strong)


def incentive_compatible(rewards: Rewards) -> bool:
    """Robust coalitional incentive compatibility under the pattern of the rewards."""
    play = Play.truth(rewards.question.environment, rewards.question.choice)
    return next(robust_deviations(play, rewards.pattern), None) is None


# -- names --------------------------------------------------------------------------------------------------
def lie_json(rewards: Rewards, lie: Lie) -> dict[str, Any]:
    """A lie by name."""
    question, own = rewards.question, lie.coalition
    fixed = {} if lie.others is None else {"others": labels(question, rewards.outsiders(own), lie.others)}
    return {
        "coalition": question.members(own),
        "types": labels(question, own, lie.types),
        "report": labels(question, own, lie.report),
        **fixed,
    }


def lie_from_json(rewards: Rewards, data: Any) -> Lie:
    """Raises InvalidCertificate."""
    question = rewards.question
    own: Coalition = tuple(sorted(agent_named(question, name) for name in data["coalition"]))
    if own not in rewards.refuting:
        raise InvalidCertificate("a lie is of a coalition that may refute it")
    types, report = (_cells(question, own, data[key]) for key in ("types", "report"))
    others = _cells(question, rewards.outsiders(own), data["others"]) if "others" in data else None
    return Lie(own, types, report, others)


def _cells(question: Implementation, agents: Iterable[int], named: Any) -> Cells:
    found = types_named(question, named)
    agents = tuple(agents)
    if set(found) != set(agents):
        raise InvalidCertificate("types of other agents than the coalition's")
    return tuple(found[i] for i in agents)


def lie_text(rewards: Rewards, lie: Lie) -> str:
    """``{citizen1}: citizen1=0 reports citizen1=1``"""
    question, own = rewards.question, lie.coalition
    return f"({types_text(question, own, lie.types)}) reporting ({types_text(question, own, lie.report)})"


def deception_json(question: Implementation, deception: Deception) -> dict[str, Any]:
    """Agent -> type -> the reports that it may make."""
    return {
        agent.name: {
            t: [agent.types[int(r)] for r in np.flatnonzero(row)]
            for t, row in zip(agent.types, own, strict=True)
        }
        for agent, own in zip(question.environment.agents, deception, strict=True)
    }


# -- single refutations -------------------------------------------------------------------------------------
def check_refutation(rewards: Rewards, lie: Lie, deception: Deception, data: Any, given_ic: bool) -> bool:
    """Check that a coalition refutes a lie of a deception; returns whether one reward serves all beliefs of its members.

    Raises
    ------
    InvalidCertificate
    """
    question = rewards.question
    outcomes, n = len(question.environment.outcomes), question.environment.n
    behind = rewards.behind(deception, lie.coalition)
    if "like" in data:
        if not given_ic:
            raise InvalidCertificate(
                "what the function gives is a reward only under robust coalitional incentive compatibility"
            )
        _check_like(rewards, lie, deception, tuple(data["like"]))
        return True
    if "rewards" in data:
        if not rewards.separate:
            raise InvalidCertificate("rewards report by report are for patterns of single agents")
        for r in map(int, np.flatnonzero(behind.any(axis=1))):
            if str(r) not in data["rewards"]:
                raise InvalidCertificate("a report of the others without a reward")
            system, _ = rewards.system(lie, rewards.each(lie, deception, r), r)
            _positive(system.check(Point.from_json(data["rewards"][str(r)], 1, outcomes, n)))
        return True
    if "reward" in data:
        system, choices = rewards.system(lie, rewards.each(lie, deception))
        point = Point.from_json(data["reward"], system.places, outcomes, n)
        _positive(system.check(point))
        _met(system, choices, point)
        return True
    (i,) = lie.coalition
    for r in map(int, np.flatnonzero(behind.any(axis=1))):
        if str(r) not in data["mixtures"]:
            raise InvalidCertificate("a report of the others without a mixture of rewards")
        mixed = [(rational(m), p) for m, p in data["mixtures"][str(r)]]
        if any(m < 0 for m, _ in mixed) or sum(m for m, _ in mixed) != 1:
            raise InvalidCertificate("a mixture has weights that add up to one")
        gains = {int(o): Fraction(0) for o in np.flatnonzero(behind[r])}
        for m, saved in mixed:
            system, choices = rewards.system(lie, [])
            point = Point.from_json(saved, system.places, outcomes, n)
            system.check(point)
            _met(system, choices, point)
            for o in gains:
                row = rewards.wanted(lie, {i: [(r, o, ONE)]})[0]
                gains[o] += m * (system.payoff(row, point) - row.than)
        _positive(list(gains.values()))
    return False


def _check_like(rewards: Rewards, lie: Lie, deception: Deception, told: Cells) -> None:
    own = lie.coalition
    others = rewards.profiles(rewards.outsiders(own))
    if told not in rewards.profiles(own):
        raise InvalidCertificate("a reward like a report that is none")
    for r, o in np.argwhere(rewards.behind(deception, own)):
        here = rewards.joined(own, lie.types, others[o])
        for i in own:
            now = rewards.payoff(i, rewards.joined(own, lie.report, others[r]), here)
            if rewards.payoff(i, rewards.joined(own, told, others[r]), here) <= now:
                raise InvalidCertificate("the reward does not make a member better off")


def _positive(gains: Iterable[Fraction]) -> None:
    if min(gains) <= 0:
        raise InvalidCertificate("a reward that makes a member no better off")


def _met(system: System, choices: Iterable[Either], point: Point) -> None:
    if not met(system, choices, point):
        raise InvalidCertificate("a larger coalition would want the reward where all tell the truth")


def check_conjecture(rewards: Rewards, lie: Lie, deception: Deception, data: Any) -> None:
    """Check that under some beliefs of its members nothing rewards a coalition.

    Raises
    ------
    InvalidCertificate
    """
    behind = rewards.behind(deception, lie.coalition)
    beliefs = {int(i): [(int(r), int(o), rational(w)) for r, o, w in parts] for i, parts in data["beliefs"]}
    if tuple(beliefs) != lie.coalition:
        raise InvalidCertificate("a conjecture has beliefs of every member")
    for parts in beliefs.values():
        known = all(
            0 <= r < behind.shape[0] and 0 <= o < behind.shape[1] and behind[r, o] for r, o, _ in parts
        )
        if not known or len({r for r, _, _ in parts}) != 1:
            raise InvalidCertificate(
                "a conjecture is one report of the others, and types that may be behind it"
            )
        if any(w < 0 for *_, w in parts) or sum(w for *_, w in parts) != 1:
            raise InvalidCertificate("a belief has weights that add up to one")
    place = next(iter(beliefs.values()))[0][0] if rewards.separate else None
    system, choices = rewards.system(lie, rewards.wanted(lie, beliefs, place), place)
    refuted(system, choices, data["tree"])


def truth_is_safe(rewards: Rewards, deception: Deception, lie: Lie) -> bool:
    """Whether nothing can reward the truth: the members may think that the others tell the truth, and are known by it."""
    return lie.true and bool(np.any(np.diagonal(rewards.behind(deception, lie.coalition))))


# -- as printed ---------------------------------------------------------------------------------------------
def printed(question: Implementation, check: str, witness: Witness, strong: bool) -> Finding:
    """Every pair at which the full deception is unacceptable, or one at which no coalition refutes it."""
    rewards = rewards_of(question, strong)
    full = rewards.everything()
    if "pair" in witness:
        types, report = (_cells(question, range(question.environment.n), named) for named in witness["pair"])
        if rewards.alike[rewards.flat(types)] == rewards.alike[rewards.flat(report)]:
            raise InvalidCertificate("the function gives the same at both")
        kept = {
            tuple(agent_named(question, name) for name in item["coalition"]): item for item in witness["kept"]
        }
        for own in rewards.refuting:
            lie = lie_at(rewards, own, types, report)
            if truth_is_safe(rewards, full, lie):
                continue
            if own not in kept:
                raise InvalidCertificate("a coalition is left out")
            check_conjecture(rewards, lie, full, kept[own])
        every = tuple(range(question.environment.n))
        words = (
            f"at the types ({types_text(question, every, types)}) and the report ({types_text(question, every, report)}) no "
            "coalition refutes the deception in which every type may report every type",
            *_reading(False),
        )
        return Finding(check, False, words, dict(witness))
    given_ic = incentive_compatible(rewards)
    done: dict[Lie, bool] = {}
    for item in witness["refuted"]:
        lie = lie_from_json(rewards, item)
        check_refutation(rewards, lie, full, item["refutation"], given_ic)
        done[lie] = True
    count = 0
    for types, report in unacceptable_pairs(rewards):
        count += 1
        own_lies = [lie_at(rewards, own, types, report) for own in rewards.refuting]
        if not any(lie in done or Lie(lie.coalition, lie.types, lie.report) in done for lie in own_lies):
            raise InvalidCertificate(
                f"nothing refutes the deception at ({types_text(question, range(len(types)), types)})"
            )
    words = (
        f"each of the {count:,} pairs of types and a report that are unacceptable is refuted by a coalition",
        *_reading(True),
    )
    return Finding(check, True, words, dict(witness))


def _reading(holds: bool) -> Iterator[str]:
    if holds:
        yield "this reading, for every pair, implies the corrected one"
    else:
        yield (
            "this reading is not necessary for implementation: the corrected one asks that every unacceptable deception "
            "contain some refutable lie"
        )


def lie_at(rewards: Rewards, own: Coalition, types: Cells, report: Cells) -> Lie:
    """The lie of a coalition at a pair, with what the outsiders report there."""
    others = tuple(report[j] for j in rewards.outsiders(own))
    fixed = None if rewards.separate or not others else others
    return Lie(own, tuple(types[i] for i in own), tuple(report[i] for i in own), fixed)


def unacceptable_pairs(rewards: Rewards) -> Iterator[tuple[Cells, Cells]]:
    """Types and a report at which the function gives different outcomes."""
    profiles = list(np.ndindex(*rewards.question.environment.shape))
    for k, types in enumerate(profiles):
        for r, report in enumerate(profiles):
            if rewards.alike[k] != rewards.alike[r]:
                yield types, report


# -- corrected ----------------------------------------------------------------------------------------------
def corrected(question: Implementation, check: str, witness: Witness, strong: bool) -> Finding:
    """Every unacceptable deception contains a refutable lie, or one contains none."""
    rewards = rewards_of(question, strong)
    if "deception" in witness:
        return _irrefutable(rewards, check, witness)
    if "printed" in witness:
        found = printed(question, check, witness["printed"], strong)
        if not found.holds:
            raise InvalidCertificate("the printed reading fails, and shows nothing about the corrected one")
        said = (found.words[0], "the full deception is refuted at every such pair, so every smaller one is")
        return Finding(check, True, said, dict(witness))
    given_ic = incentive_compatible(rewards)
    leaves: list[bool] = []
    deletions = _closed(rewards, rewards.everything(), witness["trace"], given_ic, leaves)
    rounds = len(witness["trace"]["rounds"])
    words = (
        f"{deletions:,} report{'s' * (deletions != 1)} of single agents deleted in {rounds} round{'s' * (rounds != 1)}"
        + (f", and {len(leaves):,} cases" if len(leaves) > 1 else "")
        + ": what is left is acceptable, so every unacceptable deception contains a refutable lie",
    )
    return Finding(check, True, words, dict(witness))


def _closed(rewards: Rewards, deception: Deception, node: Any, given_ic: bool, leaves: list[bool]) -> int:
    """Replay a trace of deletions; returns how many reports were deleted before the first branching."""
    deception = tuple(own.copy() for own in deception)
    count = 0
    for round_ in node["rounds"]:
        gone = []
        for item in round_:
            lie = lie_from_json(rewards, item)
            if len(lie.coalition) != 1:
                raise InvalidCertificate("a deletion is of a single agent")
            check_refutation(rewards, lie, deception, item["refutation"], given_ic)
            gone.append(lie)
        for lie in gone:
            deception[lie.coalition[0]][lie.types[0], lie.report[0]] = False
        count += len(gone)
    if any(not own.any(axis=1).all() for own in deception) or rewards.unacceptable(deception) is None:
        leaves.append(True)
        return count
    if "refuted" not in node:
        raise InvalidCertificate("what is left after the deletions is not acceptable")
    lie = lie_from_json(rewards, node["refuted"])
    if not all(deception[i][t, r] for i, t, r in zip(lie.coalition, lie.types, lie.report, strict=True)):
        raise InvalidCertificate("a lie that the deception does not contain")
    check_refutation(rewards, lie, deception, node["refuted"]["refutation"], given_ic)
    if len(node["cases"]) != len(lie.coalition):
        raise InvalidCertificate("a refuted lie has a case for each member")
    for i, t, r, case in zip(lie.coalition, lie.types, lie.report, node["cases"], strict=True):
        smaller = tuple(own.copy() for own in deception)
        smaller[i][t, r] = False
        _closed(rewards, smaller, case, given_ic, leaves)
    return count


def _irrefutable(rewards: Rewards, check: str, witness: Witness) -> Finding:
    """A deception without a refutable lie that is not acceptable."""
    question = rewards.question
    deception = deception_from_json(question, witness["deception"])
    pair = rewards.unacceptable(deception)
    if pair is None or any(not own.any(axis=1).all() for own in deception):
        raise InvalidCertificate("the deception is acceptable, or leaves a type without a report")
    kept = {}
    for item in witness["kept"]:
        kept[lie_from_json(rewards, item)] = item
    count = 0
    for lie in with_truth(rewards, deception):
        if truth_is_safe(rewards, deception, lie):
            continue
        count += 1
        if lie not in kept:
            raise InvalidCertificate(f"a lie without a conjecture: {lie_text(rewards, lie)}")
        check_conjecture(rewards, lie, deception, kept[lie])
    every = tuple(range(question.environment.n))
    where = [types_text(question, every, cell) for cell in pair]
    words = (
        f"a deception of which no coalition refutes any of {count:,} lies is not acceptable: at ({where[0]}) it allows the "
        f"report ({where[1]})",
    )
    return Finding(check, False, words, dict(witness))


def with_truth(rewards: Rewards, deception: Deception) -> Iterator[Lie]:
    """Every lie that a deception allows, and the truth where it allows that."""
    yield from rewards.lies(deception)
    for own in rewards.refuting:
        for types in rewards.profiles(own):
            if all(deception[i][t, t] for i, t in zip(own, types, strict=True)):
                yield Lie(own, types, types)


def deception_from_json(question: Implementation, data: Any) -> Deception:
    """Raises InvalidCertificate."""
    out = []
    for agent in question.environment.agents:
        own = np.zeros((agent.size, agent.size), dtype=bool)
        for t, label in enumerate(agent.types):
            for report in data[agent.name][label]:
                if report not in agent.types:
                    raise InvalidCertificate(f"{report!r} is no type of {agent.name}")
                own[t, agent.types.index(report)] = True
        out.append(own)
    return tuple(out)


__all__ = [
    "check_conjecture",
    "check_refutation",
    "corrected",
    "deception_json",
    "incentive_compatible",
    "lie_at",
    "lie_json",
    "printed",
    "rewards_of",
    "truth_is_safe",
    "unacceptable_pairs",
    "with_truth",
]
