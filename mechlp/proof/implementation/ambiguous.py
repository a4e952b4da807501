"""Efficiency and monotonicity for maxmin agents (Guo 2018, sections 3.3 and 3.6), from points, multipliers and cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from ...environment.coalitions import Coalition
from ...exact.numbers import Rationals, text
from ...mechanism.deviations import Play
from ...mechanism.maxmin_deviations import (
    ambiguous_deviations,
    possible_profiles,
    worst_beliefs,
    worths,
)
from ...question.implementation import Choice, Implementation
from ..invalid import InvalidCertificate
from .findings import Finding
from .incentives import deceit_words
from .margins import Cells, Point, Row, System, refutes, sparse

Witness = Mapping[str, Any]
Maps = tuple[Cells, ...]


# -- ambiguous Pareto efficiency ----------------------------------------------------------------------------
def pareto_system(question: Implementation, choice: Choice, types: Cells) -> tuple[System, list[Cells]]:
    """Other outcomes wherever somebody's type is as in a profile, and what each agent gains in her worst case; the places."""
    environment = question.environment
    places = [
        p
        for p in product(*map(range, environment.shape))
        if any(a == b for a, b in zip(p, types, strict=True))
    ]
    at = {p: k for k, p in enumerate(places)}
    play = Play.truth(environment, choice)
    rows = []
    for i, k in enumerate(types):
        now = worths(play, i)[k]
        for belief in worst_beliefs(environment, i)[k]:
            parts = beliefs_at(environment.shape, i, k, belief)
            rows.append(Row(i, tuple((at[p], p, w) for p, w in parts), now, gain=i))
    return System(question, len(places), tuple(rows), environment.n, free=False), places


def beliefs_at(shape: Cells, i: int, k: int, belief: Rationals) -> Iterator[tuple[Cells, Fraction]]:
    """The profiles that a belief of a type holds possible, with their chances."""
    others = product(*(range(s) for j, s in enumerate(shape) if j != i))
    for rest, weight in zip(others, belief.fractions(), strict=True):
        if weight:
            yield (*rest[:i], k, *rest[i:]), weight


def ambiguous_pareto(question: Implementation, witness: Witness) -> Finding:
    """Definition 3.3.3: a function that dominates at some profile, or welfare weights and beliefs at each profile of T*."""
    environment = question.environment
    if "point" in witness:
        types = tuple(int(k) for k in witness["profile"])
        if not possible_profiles(environment)[types]:
            raise InvalidCertificate("ambiguous Pareto: the profile is impossible")
        k = int(witness["function"])
        system, places = pareto_system(question, question.choices[k], types)
        point = Point.from_json(witness["point"], len(places), len(environment.outcomes), environment.n)
        gains = system.check(point)
        if sum(gains) <= 0:
            raise InvalidCertificate("ambiguous Pareto: nobody is better off")
        who = ", ".join(
            f"{a.name} gains {text(g)}" for a, g in zip(environment.agents, gains, strict=True) if g
        )
        words = f"at ({environment.profile_label(types)}) another function dominates {question.name(k)}: in the worst case {who}"
        return Finding("ambiguous-pareto", False, (words, *_wald_reason(question, k)), dict(witness))
    profiles = [tuple(map(int, cell)) for cell in np.argwhere(possible_profiles(environment))]
    for choice, own in zip(question.choices, witness["multipliers"], strict=True):
        for types, saved in zip(profiles, own, strict=True):
            system, _ = pareto_system(question, choice, types)
            if not refutes(system, sparse(saved, len(system.rows))):
                raise InvalidCertificate(
                    "ambiguous Pareto: the multipliers do not exclude that somebody gains"
                )
    words = f"at each of {len(profiles):,} profiles welfare weights and beliefs exist under which nothing is better"
    return Finding("ambiguous-pareto", True, (words, *_wald_reason(question, None)), dict(witness))


def wald(question: Implementation) -> bool:
    """Assumption 3.6.1: private values, and every belief held possible."""
    environment = question.environment
    if not all(map(environment.private_values, range(environment.n))):
        return False
    for i, size in enumerate(environment.shape):
        count = environment.num_profiles // size
        for own in worst_beliefs(environment, i):
            if not bool(np.all(np.any(np.asarray(own == 1), axis=0))) or own.shape[1] != count:
                return False
    return True


def varying(question: Implementation, choice: Choice) -> tuple[int, int] | None:
    """The first agent and type whose payoff from a function depends on the others' types; None."""
    environment = question.environment
    for i, u in enumerate(environment.utility):
        payoff = ((u * choice.allocation).sum(axis=0) + choice.transfers[i]).moveaxis(i, 0)
        flat = payoff.reshape(environment.shape[i], -1)
        for k, row in enumerate(flat):
            if bool(np.any(row != row[0])):
                return i, k
    return None


def _wald_reason(question: Implementation, k: int | None) -> Iterator[str]:
    if not wald(question):
        return
    yield (
        "with every belief held possible and private values it holds exactly where the function is ex-post efficient and no "
        "type's payoff depends on the others' types"
    )
    if k is None:
        yield "so truth is also ambiguous strong incentive compatible (Lemma 3.6.1)"
    elif (found := varying(question, question.choices[k])) is not None:
        i, own = found
        environment = question.environment
        yield f"here the payoff of {environment.agents[i].name} of type {environment.type_label(i, own)} depends on the others'"


# -- local efficiency ---------------------------------------------------------------------------------------
def local_efficiency(question: Implementation) -> Finding:
    """Definition 3.3.4, by going through all pairs of functions and deceptions."""
    environment = question.environment
    everybody: Coalition = tuple(range(environment.n))
    plays = [Play.truth(environment, choice) for choice in question.choices]
    for a, first in enumerate(plays):
        now = [worths(first, i) for i in range(environment.n)]
        for b, second in enumerate(plays):
            found = next(ambiguous_deviations(second, [everybody], now), None)
            if found is not None:
                words = f"{question.name(b)} under a deception dominates {question.name(a)}"
                saved = {
                    "functions": [a, b],
                    "maps": [list(m) for m in found.maps],
                    "types": list(found.types),
                }
                return Finding("local-efficiency", False, (words, *deceit_words(question, found)), saved)
    count = len(plays)
    words = (
        f"none of {count} function{'s' * (count != 1)} is dominated: every pair and deception was compared"
    )
    return Finding("local-efficiency", True, (words,), {"functions": count})


__all__ = [
    "ambiguous_pareto",
    "beliefs_at",
    "local_efficiency",
    "pareto_system",
    "varying",
    "wald",
]
