"""Monotonicity for maxmin agents (Guo 2018, Definitions 3.3.2 and 3.5.2)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ...environment.coalitions import Coalition
from ...exact.numbers import Rationals
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
from .ambiguous import beliefs_at, local_efficiency, wald
from .deceptions import Case, Claim, Maps, Witness, awry, judged, maps_text
from .findings import Finding
from .incentives import ambiguous_ic, every_coalition
from .knowledge import labelled
from .margins import Cells, Either, Row, System

#: Most conditions of a reward set: lies of a larger coalition, at its types.
MOST_CONDITIONS = 20_000


@dataclass(frozen=True, eq=False)
class MaxminDeceptions:
    """The deceptions of one function of the set, and the rewards for revealing them.

    ``alone``: only single agents may claim (the strong version).  ``trusted``: what the functions give to other reports is in
    their reward sets.
    """

    question: Implementation
    which: int
    pattern: tuple[Coalition, ...]
    alone: bool
    trusted: bool
    _sets: dict[Coalition, list[Either]] = field(default_factory=dict, repr=False)

    @property
    def choice(self) -> Choice:
        """The function."""
        return self.question.choices[self.which]

    @cached_property
    def truth(self) -> Play:
        """The direct mechanism."""
        return Play.truth(self.question.environment, self.choice)

    @cached_property
    def possible(self) -> npt.NDArray[np.bool_]:
        """T*."""
        return possible_profiles(self.question.environment)

    @cached_property
    def beliefs(self) -> list[list[Rationals]]:
        """For each agent and type, the vertices of what it holds possible."""
        return [worst_beliefs(self.question.environment, i) for i in range(self.question.environment.n)]

    @cached_property
    def names(self) -> npt.NDArray[Any]:
        """Numbers of outcomes, by function and profile."""
        return labelled(self.question)

    @cached_property
    def accepted(self) -> set[tuple[int, ...]]:
        """The functions of the set on T*."""
        return {tuple(map(int, row[self.possible.ravel()])) for row in self.names}

    def told(self, maps: Maps) -> Play:
        """The direct mechanism when types report by such maps."""
        found = Play(self.truth.environment, self.choice, tuple(np.array(own, dtype=np.intp) for own in maps))
        found.__dict__["payoffs"] = self.truth.payoffs
        return found

    def unacceptable(self, case: Case) -> bool:
        """Whether what is told is no function of the set, on T*."""
        said, _ = awry(self.names[self.which], case.maps, self.question.environment.shape, self.possible)
        return tuple(map(int, said)) not in self.accepted

    def open(self) -> Iterator[Case]:
        """Unacceptable deceptions; where what the function gives is ``trusted``, those that it does not itself refute.

        Where a coalition would rather make another report, what the function then gives is its reward: where the conditions of
        :func:`rewarding` hold, it is in every reward set.
        """
        every = [list(product(range(s), repeat=s)) for s in self.question.environment.shape]
        larger = [own for own in self.pattern if len(own) > 1 and not self.alone]
        left = ~unstable(self.truth) if self.trusted else np.ones([len(own) for own in every], dtype=bool)
        for places in np.argwhere(left):
            case = Case(tuple(own[int(p)] for own, p in zip(every, places, strict=True)))
            if not self.unacceptable(case):
                continue
            seen = self.trusted and any(ambiguous_deviations(self.told(case.maps), larger))
            if not seen:
                yield case

    def claims(self, case: Case) -> Iterator[Claim]:
        """Each coalition of types that occurs in T*, and each member who may be the one that gains strictly."""
        told = self.told(case.maps)
        now = [worths(told, i) for i in range(self.question.environment.n)]
        for own in self.pattern:
            if len(own) > 1 and self.alone:
                continue
            rest = tuple(j for j in range(self.question.environment.n) if j not in own)
            for cell in np.argwhere(self.possible.any(axis=rest)):
                types = tuple(map(int, cell))
                for strict in own:
                    yield self._claim(own, types, strict, case.maps, now)

    def _claim(
        self, own: Coalition, types: Cells, strict: int, maps: Maps, now: list[list[Fraction]]
    ) -> Claim:
        """What the coalition may be given, by reports: its own are true, the others' are those of the deception."""
        shape = self.question.environment.shape
        rows = []
        for i, k in zip(own, types, strict=True):
            for belief in self.beliefs[i][k]:
                parts = []
                for cell, weight in beliefs_at(shape, i, k, belief):
                    said = tuple(t if j in own else maps[j][t] for j, t in enumerate(cell))
                    parts.append((self.place(own, said), cell, weight))
                rows.append(Row(i, tuple(parts), now[i][k], gain=0 if i == strict else None))
        outside = tuple(None if j in own else m for j, m in enumerate(maps))
        values = tuple(now[i][k] for i, k in zip(own, types, strict=True))
        system = System(self.question, math.prod(shape[j] for j in self.seen(own)), tuple(rows))
        memo = (own, types, strict, outside, values)
        return Claim(own, types, system, self.rewards(own), memo, own, strict)

    # -- reward sets ----------------------------------------------------------------------------
    def seen(self, own: Coalition) -> list[int]:
        """The agents on whose reports a reward depends: all; of a single agent, the others.

        What one agent is given for all her reports may as well be what she is given for one.
        """
        return [j for j in range(self.question.environment.n) if own != (j,)]

    def place(self, own: Coalition, reports: Cells) -> int:
        """The row-major position of reports."""
        seen, shape = self.seen(own), self.question.environment.shape
        if not seen:
            return 0
        return int(np.ravel_multi_index([reports[j] for j in seen], [shape[j] for j in seen]))

    def rewards(self, own: Coalition) -> list[Either]:
        """What makes a function a reward: no larger coalition gains by it, whatever its members would report.

        Raises
        ------
        InvalidCertificate
            More than :data:`MOST_CONDITIONS` conditions.
        """
        if own not in self._sets:
            n, shape = self.question.environment.n, self.question.environment.shape
            larger = [c for c in self.pattern if set(own) <= set(c)]
            against = {c: self.question.choices if len(c) == n else (self.choice,) for c in larger}
            count = sum(
                len(against[c])
                * math.prod(shape[j] * (1 if own == (j,) else shape[j] ** shape[j]) for j in c)
                for c in larger
            )
            if count > MOST_CONDITIONS:
                raise InvalidCertificate(
                    f"a reward set has {count:,} conditions (deceptions of larger coalitions, at each of their types); at most "
                    f"{MOST_CONDITIONS:,} are gone through"
                )
            found = (k for c in larger for choice in against[c] for k in self._no_gain(own, c, choice))
            self._sets[own] = list(dict.fromkeys(found))
        return self._sets[own]

    def _no_gain(self, own: Coalition, larger: Coalition, choice: Choice) -> Iterator[Either]:
        """At each profile of T* and for each of its deceptions: some member loses, or nobody gains.

        Of several, either implies that somebody does not gain, which has fewer alternatives to go through and comes first.
        """
        environment = self.question.environment
        shape, truth = environment.shape, Play.truth(environment, choice)
        now = {i: worths(truth, i) for i in larger}
        rest = tuple(j for j in range(environment.n) if j not in larger)
        there = [tuple(map(int, cell)) for cell in np.argwhere(self.possible.any(axis=rest))]
        moving = [j for j in larger if own != (j,)]
        for chosen in product(*(product(range(shape[j]), repeat=shape[j]) for j in moving)):
            maps = dict(zip(moving, chosen, strict=True))
            rows = {
                (i, k): self._expectations(own, i, k, maps, now[i][k])
                for i in larger
                for k in range(shape[i])
            }
            for types in there:
                members = [rows[i, k] for i, k in zip(larger, types, strict=True)]
                none_gains = [tuple(parts) for parts in product(*members)]
                if len(larger) == 1:
                    yield Either(tuple(none_gains))
                    continue
                every = [row for part in members for row in part]
                yield Either(tuple((row,) for row in every))
                yield Either((*((_less(row),) for row in every), *none_gains))

    def _expectations(
        self, own: Coalition, i: int, k: int, maps: Mapping[int, Cells], than: Fraction
    ) -> list[Row]:
        """That a type expects no more than it has, one row for each of its beliefs."""
        rows = []
        for belief in self.beliefs[i][k]:
            parts = []
            for cell, weight in beliefs_at(self.question.environment.shape, i, k, belief):
                said = tuple(maps[j][t] if j in maps else t for j, t in enumerate(cell))
                parts.append((self.place(own, said), cell, weight))
            rows.append(Row(i, tuple(parts), than, most=True))
        return rows


def _less(row: Row) -> Row:
    """The same, strictly: less by the gain."""
    return Row(row.agent, tuple((p, types, -w) for p, types, w in row.parts), -row.than, gain=0)


def maxmin_deceptions(question: Implementation, strong: bool) -> list[MaxminDeceptions]:
    """Those of each function of the set."""
    coalitions = every_coalition(question) if strong else question.pattern
    trusted = rewarding(question, strong)
    return [
        MaxminDeceptions(question, which, coalitions, strong, trusted)
        for which in range(len(question.choices))
    ]


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
    return judged(question, check, witness, maxmin_deceptions(question, strong))


def cheap_test(question: Implementation) -> Finding:
    """Lemma 3.6.2: where all functions are ambiguous Pareto efficient, this shows ambiguous strong monotonicity."""
    check = "lemma-3.6.2"
    if not wald(question):
        words = "Assumption 3.6.1 does not hold: values are not private, or some type excludes a belief"
        return Finding(check, False, (words,), {})
    shape, count = question.environment.shape, 0
    for own in (MaxminDeceptions(question, k, (), False, False) for k in range(len(question.choices))):
        truth = [worths(own.truth, i) for i in range(len(shape))]
        for case in own.open():
            count += 1
            told = own.told(case.maps)
            if not any(
                a < b for i, now in enumerate(truth) for a, b in zip(worths(told, i), now, strict=True)
            ):
                what = maps_text(question, case.maps)
                words = f"by the deception {what}, unacceptable for {question.name(own.which)}, no type loses"
                return Finding(check, False, (words,), {"function": own.which, **case.to_json()})
    said = (
        f"by each of {count:,} unacceptable deceptions some type loses in her worst case",
        "so the set is ambiguous strongly monotonic if all its functions are ambiguous Pareto efficient",
    )
    return Finding(check, True, said, {"deceptions": count})


__all__ = [
    "MOST_CONDITIONS",
    "MaxminDeceptions",
    "ambiguous_monotonicity",
    "cheap_test",
    "maxmin_deceptions",
    "rewarding",
]
