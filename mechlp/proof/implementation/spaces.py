"""Type spaces in which what fails robustly fails for given beliefs (Guo 2018, appendix B.1).

From a coalition that gains against some outsiders (each member her own): the payoff type space in which each member is sure of
these (Proposition B.1.1).  From a deception of single agents that nobody refutes: a type for each lie, and types that are sure
of everything (Lemma B.1.1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from ...environment.beliefs import Beliefs
from ...environment.coalitions import pattern
from ...environment.model import Agent, Environment
from ...exact.numbers import Rationals, rational, stack
from ...question.implementation import Choice, Implementation
from ...question.premises import InvalidDesign
from .findings import Finding, types_named
from .margins import Cells
from .monotone import deception_from_json, rewards_of, truth_is_safe
from .rewards import Deception, Lie, Rewards

#: Conditions whose failures have a type space.
WITNESSED = ("robust-ic", "robust-strong-ic", "robust-monotonicity", "robust-strong-monotonicity")
#: Most type profiles of a type space.
MAX_PROFILES = 20_000


def type_space(question: Implementation, finding: Finding) -> Implementation:
    """The question that fails, with beliefs, where a robust condition does.

    Raises
    ------
    InvalidDesign
        Where no type space is known: the condition does not fail, or refutations are by several agents; or it is too large.
    """
    if finding.check not in WITNESSED:
        raise InvalidDesign(
            f"a type space is made of a failure of {', '.join(WITNESSED)}, not of {finding.check}"
        )
    if finding.holds is not False:
        raise InvalidDesign(f"{finding.check} does not fail, so there is no type space in which it does")
    witness = finding.witness["patterns"][-1] if "patterns" in finding.witness else finding.witness
    if finding.check.endswith("-ic"):
        return sure_of_others(question, witness["deviations"][0])
    strong = "strong" in finding.check
    rewards = rewards_of(question, strong)
    if not rewards.separate:
        raise InvalidDesign(
            f"{finding.check}: a type space is made where only single agents form coalitions: what a coalition thinks about a "
            "lie is else no belief of one type"
        )
    return pretenders(question, rewards, witness)


def sure_of_others(question: Implementation, deviation: Mapping[str, Any]) -> Implementation:
    """The payoff type space in which each member of a coalition is sure of her fellow members' types and of the outsiders against
    whom she gains.  Other types believe everything equally likely, as members do of what they are sure is not so."""
    environment = question.environment
    shape = environment.shape
    types = types_named(question, deviation["types"])
    weights = [np.ones(shape, dtype=np.int64) for _ in shape]
    for (i, k), member in zip(types.items(), deviation["members"], strict=True):
        others = types_named(question, member.get("others", {}))
        cell = {**types, **others}
        own: list[Any] = [slice(None)] * len(shape)
        own[i] = k
        weights[i][tuple(own)] = 0
        weights[i][tuple(cell[j] for j in range(len(shape)))] = 1
    beliefs = Beliefs(tuple(Rationals(w) for w in weights))
    title = f"{environment.title or 'untitled'}, where {' and '.join(deviation['coalition'])} are sure of the others' types"
    space = Environment(
        environment.agents,
        environment.outcomes,
        environment.utility,
        beliefs,
        environment.outside,
        title=title,
    )
    update = Rationals(np.ones(shape, dtype=np.int64)) / math.prod(shape)
    return question.asking(
        environment=space,
        pattern=pattern(len(shape), [tuple(types)]),
        checks=("interim-ic",),
        update=update,
        functions=(),
        game=None,
        within=False,
        deception=None,
    )


# -- monotonicity -------------------------------------------------------------------------------------------
def pretenders(question: Implementation, rewards: Rewards, witness: Mapping[str, Any]) -> Implementation:
    """A type for each payoff type with a report that the deception allows, who believes what leaves her without a reward; and for
    each payoff type profile a type that is sure of it.  The deception: each of the first reports as a type of the second kind."""
    environment = question.environment
    shape, n = environment.shape, environment.n
    deception = deception_from_json(question, witness["deception"])
    lying = [[(int(t), int(r)) for t, r in np.argwhere(own)] for own in deception]
    rests = [list(product(*(range(s) for j, s in enumerate(shape) if j != i))) for i in range(n)]
    knowing = [[(k, rest) for k in range(shape[i]) for rest in rests[i]] for i in range(n)]
    size = math.prod(len(a) + len(b) for a, b in zip(lying, knowing, strict=True))
    if size > MAX_PROFILES:
        raise InvalidDesign(
            f"the type space has {size:,} type profiles; at most {MAX_PROFILES:,} are written: use fewer types"
        )
    payoff = [
        np.array([*(t for t, _ in own), *(k for k, _ in sure)])
        for own, sure in zip(lying, knowing, strict=True)
    ]
    told = [
        (*(_base(own, sure, r) for _, r in own), *range(len(own), len(own) + len(sure)))
        for own, sure in zip(lying, knowing, strict=True)
    ]
    agents = tuple(
        Agent.of(agent.name, _names(environment, i, lying[i], knowing[i]))
        for i, agent in enumerate(environment.agents)
    )
    at = np.ix_(*payoff)
    sizes = tuple(len(own) for own in payoff)
    weights = []
    for i in range(n):
        others = [j for j in range(n) if j != i]
        own = np.full(sizes, Fraction(0), dtype=object)
        for m, (t, r) in enumerate(lying[i]):
            for cell, weight in _conjecture(rewards, deception, witness, Lie((i,), (t,), (r,)), lying):
                own[(*cell[:i], m, *cell[i:])] += weight
        for m, (_, rest) in enumerate(knowing[i]):
            sure = tuple(_base(lying[j], knowing[j], k) for j, k in zip(others, rest, strict=True))
            own[(*sure[:i], len(lying[i]) + m, *sure[i:])] = Fraction(1)
        weights.append(Rationals.from_fractions(list(own.ravel()), sizes))
    space = Environment(
        agents,
        environment.outcomes,
        tuple(_over(u, at) for u in environment.utility),
        Beliefs(tuple(weights)),
        title=f"{environment.title or 'untitled'}: a type space in which nobody refutes a deception",
    )
    choice = Choice(_over(question.choice.allocation, at), _over(question.choice.transfers, at))
    return question.asking(
        environment=space,
        choice=choice,
        pattern=pattern(n, []),
        checks=("interim-refutation",),
        update=None,
        functions=(),
        game=None,
        within=False,
        deception=tuple(told),
    )


def _base(lying: Sequence[Any], knowing: Sequence[tuple[int, Cells]], k: int) -> int:
    """The type who is of payoff type k and tells it: the first of those who are sure of something."""
    return len(lying) + next(m for m, (own, _) in enumerate(knowing) if own == k)


def _names(
    environment: Environment, i: int, lying: Sequence[tuple[int, int]], knowing: Sequence[tuple[int, Cells]]
) -> list[str]:
    label = environment.type_label
    others = [j for j in range(environment.n) if j != i]
    return [
        *(f"{label(i, t)} as {label(i, r)}" for t, r in lying),
        *(
            f"{label(i, k)} sure of {' '.join(label(j, o) for j, o in zip(others, rest, strict=True))}"
            for k, rest in knowing
        ),
    ]


def _over(table: Rationals, at: Any) -> Rationals:
    """A table over payoff types as one over types."""
    return stack([part[at] for part in table])


def _conjecture(
    rewards: Rewards,
    deception: Deception,
    witness: Mapping[str, Any],
    lie: Lie,
    lying: Sequence[Sequence[tuple[int, int]]],
) -> list[tuple[Cells, Fraction]]:
    """What a pretender believes about the others: pretenders, by position."""
    question = rewards.question
    (i,) = lie.coalition
    others = rewards.outsiders(lie.coalition)
    profiles = rewards.profiles(others)
    if truth_is_safe(rewards, deception, lie):
        honest = int(np.argmax(np.diagonal(rewards.behind(deception, lie.coalition))))
        parts = [(honest, honest, Fraction(1))]
    else:
        item = next(
            kept
            for kept in witness["kept"]
            if types_named(question, kept["types"]) == {i: lie.types[0]}
            and types_named(question, kept["report"]) == {i: lie.report[0]}
        )
        parts = [(int(r), int(o), rational(w)) for r, o, w in item["beliefs"][0][1]]
    return [
        (
            tuple(
                lying[j].index((t, r)) for j, t, r in zip(others, profiles[o], profiles[told], strict=True)
            ),
            weight,
        )
        for told, o, weight in parts
    ]


__all__ = ["WITNESSED", "pretenders", "sure_of_others", "type_space"]
