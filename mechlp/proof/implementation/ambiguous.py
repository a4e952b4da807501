"""Efficiency and monotonicity for maxmin agents (Guo 2018, sections 3.3 and 3.6), from points, multipliers and cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from ...environment.coalitions import Coalition
from ...exact.numbers import Rationals, text
from ...mechanism.deviations import Play
from ...mechanism.maxmin_deviations import (
    ambiguous_deviations,
    possible_profiles,
    unstable,
    worst_beliefs,
    worths,
)
from ...question.implementation import Choice, Implementation
from ..invalid import InvalidCertificate
from .findings import Finding
from .incentives import ambiguous_ic, deceit_words, every_coalition
from .knowledge import labelled
from .margins import Cells, Either, Point, Row, System, refuted, refutes, sparse

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
            parts = _parts(environment.shape, i, k, belief)
            rows.append(Row(i, tuple((at[p], p, w) for p, w in parts), now, gain=i))
    return System(question, len(places), tuple(rows), environment.n, free=False), places


def _parts(shape: Cells, i: int, k: int, belief: Rationals) -> Iterator[tuple[Cells, Fraction]]:
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


# -- ambiguous monotonicity ---------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Deceptions:
    """The deceptions of one function of the set that have to be refuted."""

    question: Implementation
    choice: Choice
    pattern: tuple[Coalition, ...]
    alone: bool
    trusted: bool

    @cached_property
    def truth(self) -> Play:
        """The direct mechanism."""
        return Play.truth(self.question.environment, self.choice)

    def told(self, maps: Maps) -> Play:
        """The direct mechanism when types report by such maps."""
        found = Play(self.truth.environment, self.choice, tuple(np.array(m, dtype=np.intp) for m in maps))
        found.__dict__["payoffs"] = self.truth.payoffs
        return found

    def open(self) -> Iterator[Maps]:
        """Unacceptable deceptions; where what the function gives is ``trusted``, those that it does not itself refute.

        Where a coalition would rather make another report, what the function then gives is its reward: where the conditions of
        :func:`rewarding` hold, it is in every reward set.
        """
        environment = self.question.environment
        names = labelled(self.question)
        which = next(k for k, choice in enumerate(self.question.choices) if choice is self.choice)
        there = np.flatnonzero(possible_profiles(environment).ravel())
        profiles = np.indices(environment.shape).reshape(environment.n, -1)[:, there]
        accepted = {tuple(row[there]) for row in names}
        every = [list(product(range(s), repeat=s)) for s in environment.shape]
        larger = [own for own in self.pattern if len(own) > 1 and not self.alone]
        left = ~unstable(self.truth) if self.trusted else np.ones([len(own) for own in every], dtype=bool)
        for places in np.argwhere(left):
            maps = tuple(own[int(p)] for own, p in zip(every, places, strict=True))
            reports = [np.array(m)[t] for m, t in zip(maps, profiles, strict=True)]
            if tuple(names[which][np.ravel_multi_index(tuple(reports), environment.shape)]) in accepted:
                continue
            if (
                larger
                and self.trusted
                and next(ambiguous_deviations(self.told(maps), larger), None) is not None
            ):
                continue
            yield maps

    def rewards(self, i: int, k: int, maps: Maps) -> tuple[System, list[Either]]:
        """What agent i of type k may be given, by the others' reports, and what she gains when these deceive.

        In the reward set of single agents some belief of each of her types makes it no better than truth; where larger
        coalitions can form, reward sets are smaller.
        """
        environment = self.question.environment
        shape = environment.shape
        rest = [j for j in range(environment.n) if j != i]
        places = {o: p for p, o in enumerate(product(*(range(shape[j]) for j in rest)))}
        without = lambda cell: (*cell[:i], *cell[i + 1 :])  # noqa: E731
        now = worths(self.told(maps), i)[k]
        beliefs = worst_beliefs(environment, i)
        wanted = []
        for belief in beliefs[k]:
            parts = []
            for cell, weight in _parts(shape, i, k, belief):
                lied = tuple(maps[j][cell[j]] for j in rest)
                parts.append((places[lied], cell, weight))
            wanted.append(Row(i, tuple(parts), now, gain=0))
        choices = []
        compared = self.question.choices if environment.n == 1 else (self.choice,)
        for choice in compared:
            value = worths(Play.truth(environment, choice), i)
            for own in [t for j, t in single_types(self.question) if j == i]:
                alternatives = []
                for belief in beliefs[own]:
                    parts = [(places[without(cell)], cell, w) for cell, w in _parts(shape, i, own, belief)]
                    alternatives.append((Row(i, tuple(parts), value[own], most=True),))
                choices.append(Either(tuple(alternatives)))
        return System(self.question, len(places), tuple(wanted)), choices

    @property
    def separate(self) -> bool:
        """Whether only single agents can form."""
        return all(len(own) == 1 for own in self.pattern)


def deceptions(question: Implementation, strong: bool) -> list[Deceptions]:
    """Those of each function of the set."""
    coalitions = every_coalition(question) if strong else question.pattern
    trusted = rewarding(question, strong)
    return [Deceptions(question, choice, coalitions, strong, trusted) for choice in question.choices]


def rewarding(question: Implementation, strong: bool) -> bool:
    """Whether what functions give to other reports is in their reward sets: nobody gains by lying, and, where all agents
    together may form, no function of the set dominates another."""
    coalitions = every_coalition(question) if strong else question.pattern
    if not ambiguous_ic(question, strong=strong).holds:
        return False
    everybody = tuple(range(question.environment.n))
    return everybody not in coalitions or bool(local_efficiency(question).holds)


def ambiguous_monotonicity(question: Implementation, check: str, witness: Witness, strong: bool) -> Finding:
    """Definition 3.3.2, or 3.5.2: rewards for what the functions do not refute themselves, or a deception without."""
    environment = question.environment
    every = deceptions(question, strong)
    if "maps" in witness:
        which = int(witness["function"])
        own = every[which]
        if not own.separate and not strong:
            raise InvalidCertificate("ambiguous monotonicity: a failure is proved for single agents only")
        maps = _maps(question, witness["maps"])
        _check_unacceptable(own, maps, which)
        trees = iter(witness["trees"])
        for i, k in single_types(question):
            system, choices = own.rewards(i, k, maps)
            refuted(system, choices, next(trees))
        shown = "; ".join(
            f"{a.name}: {', '.join(f'{t} -> {a.types[r]}' for t, r in zip(a.types, m, strict=True))}"
            for a, m in zip(environment.agents, maps, strict=True)
        )
        words = f"the deception {shown} is unacceptable for {question.name(which)}, and nothing rewards any type for telling"
        return Finding(check, False, (words,), dict(witness))
    saved = {(int(r["function"]), _maps(question, r["maps"])): r for r in witness["rewards"]}
    count = 0
    for which, own in enumerate(every):
        for maps in own.open():
            if (which, maps) not in saved or not own.separate:
                raise InvalidCertificate("ambiguous monotonicity: a deception is not refuted")
            item = saved[which, maps]
            system, choices = own.rewards(int(item["agent"]), int(item["type"]), maps)
            point = Point.from_json(item["reward"], system.places, len(environment.outcomes), environment.n)
            if system.check(point)[0] <= 0 or not all(_met(system, choice, point) for choice in choices):
                raise InvalidCertificate("ambiguous monotonicity: a reward that is none")
            count += 1
    words = "every unacceptable deception is refuted: " + (
        f"{count:,} by rewards of their own, the others by what the function gives to another report"
        if count
        else "some coalition would rather make another report"
    )
    return Finding(check, True, (words,), dict(witness))


def single_types(question: Implementation) -> list[tuple[int, int]]:
    """Every agent with each of her types that occurs in T*."""
    possible = possible_profiles(question.environment)
    out = []
    for i in range(question.environment.n):
        there = possible.any(axis=tuple(j for j in range(question.environment.n) if j != i))
        out += [(i, int(k)) for k in np.flatnonzero(there)]
    return out


def _met(system: System, choice: Either, point: Point) -> bool:
    return any(all(system.payoff(row, point) <= row.than for row in rows) for rows in choice.alternatives)


def _maps(question: Implementation, data: Sequence[Sequence[Any]]) -> Maps:
    shape = question.environment.shape
    maps = tuple(tuple(int(r) for r in own) for own in data)
    if len(maps) != len(shape) or any(
        len(own) != s or not all(0 <= r < s for r in own) for own, s in zip(maps, shape, strict=True)
    ):
        raise InvalidCertificate("a deception has a report for each type of each agent")
    return maps


def _check_unacceptable(own: Deceptions, maps: Maps, which: int) -> None:
    environment = own.question.environment
    names = labelled(own.question)
    there = np.flatnonzero(possible_profiles(environment).ravel())
    profiles = np.indices(environment.shape).reshape(environment.n, -1)[:, there]
    reports = [np.array(m)[t] for m, t in zip(maps, profiles, strict=True)]
    told = names[which][np.ravel_multi_index(tuple(reports), environment.shape)]
    if any(np.array_equal(told, row[there]) for row in names):
        raise InvalidCertificate("ambiguous monotonicity: the deception is acceptable")


__all__ = [
    "Deceptions",
    "ambiguous_monotonicity",
    "ambiguous_pareto",
    "deceptions",
    "local_efficiency",
    "pareto_system",
    "rewarding",
    "single_types",
    "varying",
    "wald",
]
