"""Interim coalitional monotonicity (Guo 2018, Definition 2.4.3), in two readings, and of one deception.

As printed: at whatever types a deception is unacceptable, some coalition of these types refutes it.  That is not necessary for
implementation: a bad equilibrium may be left at other types.  Corrected: some coalition of some types refutes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product

import numpy as np

from ...environment.coalitions import Coalition, up_to
from ...mechanism.deviations import Play, interim_deviation, interim_deviations, pooled_belief
from ...question.implementation import Implementation
from ..invalid import InvalidCertificate
from .deceptions import Case, Claim, Maps, Witness, awry, judged, maps_text
from .findings import Finding
from .margins import Cells, Either, Row, System


@dataclass(frozen=True, eq=False)
class InterimDeceptions:
    """The deceptions of the function, and the rewards for revealing them.

    ``printed``: at each profile at which they are unacceptable.  ``alone``: only single agents may claim.  ``given``: the one
    deception that is asked about.  ``trusted``: what the function gives to other reports is in its reward sets.
    """

    question: Implementation
    pattern: tuple[Coalition, ...]
    printed: bool = False
    alone: bool = False
    given: Maps | None = None
    trusted: bool = False
    _sets: dict[tuple[Coalition, Cells | None], tuple[list[Row], list[Either]]] = field(
        default_factory=dict, repr=False
    )
    _beliefs: dict[tuple[int, Coalition, Cells], list[tuple[Cells, Fraction]]] = field(
        default_factory=dict, repr=False
    )

    @property
    def shape(self) -> Cells:
        """How many types each agent has."""
        return self.question.environment.shape

    @cached_property
    def truth(self) -> Play:
        """The direct mechanism."""
        return Play.truth(self.question.environment, self.question.choice)

    @cached_property
    def names(self) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """Numbers of outcomes, by profile."""
        return np.array(self.question.choice.alike())

    @property
    def claiming(self) -> tuple[Coalition, ...]:
        """The coalitions that may claim a reward."""
        return tuple(own for own in self.pattern if len(own) == 1) if self.alone else self.pattern

    def outsiders(self, own: Coalition) -> list[int]:
        """Everybody else, in order."""
        return [j for j in range(len(self.shape)) if j not in own]

    def profiles(self, agents: Sequence[int]) -> Iterator[Cells]:
        """Every type profile of some agents, row-major."""
        return product(*(range(self.shape[j]) for j in agents))

    def worth(self, i: int, reports: Cells, types: Cells) -> Fraction:
        """``u_i(f(reports), types)``."""
        at = [int(np.ravel_multi_index(cell, self.shape)) for cell in (reports, types)]
        found: Fraction = self.truth.payoffs[i][at[0], at[1]]
        return found

    def beliefs(self, i: int, own: Coalition, types: Cells) -> list[tuple[Cells, Fraction]]:
        """The profiles that a member holds possible once the coalition has pooled its types, with their chances."""
        key = (i, own, types)
        if key not in self._beliefs:
            update = self.question.update
            belief = pooled_belief(self.question.environment, i, own, types, update).fractions()
            rest = self.outsiders(own)
            self._beliefs[key] = [
                (_joined(own, types, rest, others), weight)
                for others, weight in zip(self.profiles(rest), belief, strict=True)
                if weight
            ]
        return self._beliefs[key]

    # -- deceptions -----------------------------------------------------------------------------
    def told(self, maps: Maps) -> Play:
        """The direct mechanism when types report by such maps."""
        own = tuple(np.array(sent, dtype=np.intp) for sent in maps)
        found = Play(self.truth.environment, self.truth.does, own)
        found.__dict__["payoffs"] = self.truth.payoffs
        return found

    def unacceptable(self, case: Case) -> bool:
        """Whether the function gives something else (at the profile of the case, where it has one)."""
        there = np.ones(self.shape, dtype=bool)
        if case.profile is not None:
            there[:] = False
            there[case.profile] = True
        said, should = awry(self.names, case.maps, self.shape, there)
        wrong = bool(np.any(said != should))
        return wrong and (case.profile is not None or not self.printed) and self.given in (None, case.maps)

    def open(self) -> Iterator[Case]:
        """Unacceptable deceptions that the function does not itself refute."""
        every = (
            product(*(product(range(s), repeat=s) for s in self.shape))
            if self.given is None
            else [self.given]
        )
        for maps in every:
            for case in filter(self.unacceptable, self._cases(maps)):
                if not (self.trusted and self._left(case)):
                    yield case

    def _cases(self, maps: Maps) -> Iterator[Case]:
        if self.printed:
            return (Case(maps, types) for types in self.profiles(range(len(self.shape))))
        return iter((Case(maps),))

    def _left(self, case: Case) -> bool:
        """Whether some coalition would rather make another report: what the function then gives is its reward."""
        told, update = self.told(case.maps), self.question.update
        if case.profile is None:
            return any(interim_deviations(told, self.claiming, update))
        at = ((own, tuple(case.profile[i] for i in own)) for own in self.claiming)
        return any(interim_deviation(told, own, types, update) for own, types in at)

    # -- claims ---------------------------------------------------------------------------------
    def claims(self, case: Case) -> Iterator[Claim]:
        """Each coalition of types, or of those of the profile."""
        for own in self.claiming:
            rest = self.outsiders(own)
            if case.profile is None:
                for types in self.profiles(own):
                    yield self._claim(own, types, case.maps, None)
            else:
                told = tuple(case.maps[j][case.profile[j]] for j in rest)
                yield self._claim(own, tuple(case.profile[i] for i in own), case.maps, told)

    def _claim(self, own: Coalition, types: Cells, maps: Maps, told: Cells | None) -> Claim:
        """What the coalition may be given, by the others' reports, when these deceive."""
        rows = []
        for i in own:
            than, parts = Fraction(0), []
            for cell, weight in self.beliefs(i, own, types):
                said = tuple(m[t] for m, t in zip(maps, cell, strict=True))
                than += weight * self.worth(i, said, cell)
                parts.append((self.place(own, said), cell, weight))
            rows.append(Row(i, tuple(parts), than, gain=0))
        asked, choices = self.rewards(own, told)
        places = math.prod(self.shape[j] for j in self.outsiders(own))
        said = tuple(maps[i][k] for i, k in zip(own, types, strict=True))
        memo = (own, types, said, tuple(maps[j] for j in self.outsiders(own)), told)
        return Claim(own, types, System(self.question, places, (*rows, *asked)), choices, memo, (own, told))

    def place(self, own: Coalition, reports: Cells) -> int:
        """The row-major position of what the outsiders report."""
        rest = self.outsiders(own)
        if not rest:
            return 0
        return int(np.ravel_multi_index([reports[j] for j in rest], [self.shape[j] for j in rest]))

    def rewards(self, own: Coalition, told: Cells | None) -> tuple[list[Row], list[Either]]:
        """What makes y a reward: where all tell the truth no larger coalition gains by it, whatever its added members report
        (or if they report what they do in ``told``)."""
        key = (own, told)
        if key not in self._sets:
            rows: list[Row] = []
            choices: dict[Either, None] = {}
            fixed = None if told is None else dict(zip(self.outsiders(own), told, strict=True))
            for larger in self.pattern:
                if not set(own) <= set(larger):
                    continue
                added = [j for j in larger if j not in own]
                reports = self.profiles(added) if fixed is None else [tuple(fixed[j] for j in added)]
                for said in reports:
                    for types in self.profiles(larger):
                        none = [
                            self._no_gain(own, j, larger, types, dict(zip(added, said, strict=True)))
                            for j in larger
                        ]
                        if len(none) == 1:
                            rows.append(none[0])
                        else:
                            choices[Either(tuple((row,) for row in none))] = None
            self._sets[key] = rows, list(choices)
        return self._sets[key]

    def _no_gain(self, own: Coalition, j: int, larger: Coalition, types: Cells, said: dict[int, int]) -> Row:
        """That a member of a larger coalition of some types expects no more from y than from the function."""
        than, parts = Fraction(0), []
        for cell, weight in self.beliefs(j, larger, types):
            than += weight * self.worth(j, cell, cell)
            reports = tuple(said.get(o, t) for o, t in enumerate(cell))
            parts.append((self.place(own, reports), cell, weight))
        return Row(j, tuple(parts), than, most=True)


def _joined(own: Coalition, types: Cells, rest: Sequence[int], others: Cells) -> Cells:
    found = {**dict(zip(own, types, strict=True)), **dict(zip(rest, others, strict=True))}
    return tuple(found[j] for j in sorted(found))


#: The readings: whether as printed, whether only single agents claim (all coalitions forming), whether of one deception.
READINGS = {
    "interim-monotonicity": (False, False, False),
    "interim-monotonicity-printed": (True, False, False),
    "interim-strong-monotonicity": (False, True, False),
    "interim-refutation": (False, False, True),
}


def interim_deceptions(question: Implementation, check: str) -> InterimDeceptions:
    """The deceptions of a reading."""
    printed, alone, one = READINGS[check]
    n = question.environment.n
    pattern = tuple(up_to(range(n), n)) if alone else question.pattern
    play = Play.truth(question.environment, question.choice)
    trusted = not one and not any(interim_deviations(play, pattern, question.update))
    given = question.deception if one else None
    return InterimDeceptions(question, pattern, printed, alone, given, trusted)


def interim_monotonicity(question: Implementation, check: str, witness: Witness) -> Finding:
    """A reward for each open deception, or one that nobody refutes."""
    own = interim_deceptions(question, check)
    if own.given is not None and not own.unacceptable(Case(own.given)):
        raise InvalidCertificate(f"{check}: the deception is acceptable")
    found = judged(question, check, witness, [own])
    if own.given is None or not found.holds:
        return found
    item = witness["rewards"][0]
    who = ", ".join(f"{name} of type {t}" for name, t in item["types"].items())
    words = f"the deception {maps_text(question, own.given)} is refuted by {who}, with a reward; this says nothing of others"
    return Finding(check, True, (words,), dict(witness))


__all__ = ["READINGS", "InterimDeceptions", "interim_deceptions", "interim_monotonicity"]
