"""Robust reward sets, and what it takes to refute a deception by one (Guo 2018, section 2.4.2).

A deception says which payoff types each type may report.  A coalition S of types ``theta_S`` that report ``report_S`` refutes it
when, whatever its members think of the outsiders' reports and of the types behind these, some reward function y makes all of them
better off, though no larger coalition of any types would want y where all tell the truth (y is in ``Y_S``).

``Y_S`` is taken for every report of the outsiders; the text's ``Y_S^{f, theta'}`` for one, ``others``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from ...environment.coalitions import Coalition
from ...exact.numbers import Rationals
from ...mechanism.deviations import Play
from ...question.implementation import Implementation
from .margins import Cells, Either, Row, System

ONE = Fraction(1)
Mask = npt.NDArray[np.bool_]
#: For each agent which reports each type may make, ``(|Theta_i|, |Theta_i|)``.
Deception = tuple[Mask, ...]


@dataclass(frozen=True)
class Lie:
    """A coalition of some types makes a report; ``others``: what the outsiders report, where the text fixes it."""

    coalition: Coalition
    types: Cells
    report: Cells
    others: Cells | None = None

    @property
    def true(self) -> bool:
        """Whether it is the truth."""
        return self.types == self.report


@dataclass(frozen=True, eq=False)
class Rewards:
    """The reward sets of a question under a pattern; ``alone``: only single agents may refute (the strong versions)."""

    question: Implementation
    pattern: tuple[Coalition, ...]
    alone: bool = False
    _systems: dict[tuple[Coalition, Cells, Cells | None, int | None], tuple[list[Row], list[Either]]] = field(
        default_factory=dict, repr=False
    )

    @property
    def refuting(self) -> tuple[Coalition, ...]:
        """The coalitions that may refute."""
        return tuple(own for own in self.pattern if len(own) == 1) if self.alone else self.pattern

    @cached_property
    def payoffs(self) -> tuple[Rationals, ...]:
        """``u_i(f(report), types)``, both row-major."""
        return Play.truth(self.question.environment, self.question.choice).payoffs

    @cached_property
    def alike(self) -> list[int]:
        """Profiles at which the function gives the same have one number."""
        return self.question.choice.alike()

    def outsiders(self, coalition: Coalition) -> list[int]:
        """Everybody else, in order."""
        return [j for j in range(self.question.environment.n) if j not in coalition]

    def profiles(self, agents: Sequence[int]) -> list[Cells]:
        """Every type profile of some agents, row-major."""
        return list(product(*(range(self.question.environment.shape[j]) for j in agents)))

    def joined(self, coalition: Sequence[int], own: Cells, others: Cells) -> Cells:
        """A profile of all from those of a coalition and of the outsiders."""
        found = [0] * self.question.environment.n
        for j, k in (
            *zip(coalition, own, strict=True),
            *zip(self.outsiders(tuple(coalition)), others, strict=True),
        ):
            found[j] = k
        return tuple(found)

    def flat(self, profile: Cells) -> int:
        """The row-major position of a profile."""
        return int(np.ravel_multi_index(profile, self.question.environment.shape))

    def payoff(self, i: int, report: Cells, types: Cells) -> Fraction:
        """``u_i(f(report), types)``."""
        found: Fraction = self.payoffs[i][self.flat(report), self.flat(types)]
        return found

    # -- deceptions -----------------------------------------------------------------------------
    def everything(self) -> Deception:
        """Every type may report every type."""
        return tuple(np.ones((s, s), dtype=bool) for s in self.question.environment.shape)

    def behind(self, deception: Deception, coalition: Coalition) -> Mask:
        """Which types of the outsiders may be behind which of their reports, ``(reports, types)``."""
        out = np.ones((1, 1), dtype=bool)
        for j in self.outsiders(coalition):
            own = deception[j].T
            out = (out[:, None, :, None] & own[None, :, None, :]).reshape(
                out.shape[0] * len(own), out.shape[1] * len(own)
            )
        return out

    def unacceptable(self, deception: Deception) -> tuple[Cells, Cells] | None:
        """The first pair of types and a report that the deception allows and at which the function differs; None."""
        shape = self.question.environment.shape
        for k, types in enumerate(np.ndindex(*shape)):
            allowed = [np.flatnonzero(own[t]) for own, t in zip(deception, types, strict=True)]
            for report in product(*(map(int, own) for own in allowed)):
                if self.alike[self.flat(report)] != self.alike[k]:
                    return tuple(types), tuple(report)
        return None

    def lies(self, deception: Deception) -> Iterator[Lie]:
        """Every lie of a coalition that may refute which the deception allows, the truth left out."""
        for own in self.refuting:
            for types in self.profiles(own):
                allowed = [map(int, np.flatnonzero(deception[i][t])) for i, t in zip(own, types, strict=True)]
                yield from (Lie(own, types, r) for r in product(*allowed) if r != types)

    # -- reward functions -----------------------------------------------------------------------
    def from_the_function(self, lie: Lie, deception: Deception) -> Cells | None:
        """A report of the coalition whose outcomes, ``y = f(that report, .)``, reward every member whatever she thinks; None.

        Where robust coalitional incentive compatibility holds, y is in every reward set: it is what a larger coalition could
        have by lying.
        """
        own = lie.coalition
        tried, others = self.profiles(own), self.profiles(self.outsiders(own))
        if len(tried) * len(others) ** 2 > 4_000_000:
            return None
        behind = self.behind(deception, own)
        types = np.array([self.flat(self.joined(own, lie.types, o)) for o in others])
        told = np.array([[self.flat(self.joined(own, t, r)) for r in others] for t in tried])
        now = np.array([self.flat(self.joined(own, lie.report, r)) for r in others])
        good = np.ones(len(tried), dtype=bool)
        for i in own:
            table = self.payoffs[i].numerator
            gains = table[told[:, :, None], types] > table[now[:, None], types][None]
            good &= np.all(gains | ~behind[None], axis=(1, 2))
        return tried[int(np.argmax(good))] if good.any() else None

    @property
    def separate(self) -> bool:
        """Whether only single agents can form: then what rewards give at one report says nothing of others."""
        return all(len(own) == 1 for own in self.pattern)

    def asked(self, lie: Lie, place: int | None = None) -> tuple[list[Row], list[Either]]:
        """What makes y a reward: rows on its payoffs at each report of the outsiders, or at one ``place`` alone.

        Everything here is a payoff under truth that nobody in a larger coalition, or somebody in it, may exceed.
        """
        own, report = lie.coalition, lie.report
        key = (own, report, lie.others, place)
        if key in self._systems:
            return self._systems[key]
        outside = self.outsiders(own)
        places = {r: k for k, r in enumerate(self.profiles(outside))}
        rows: list[Row] = []
        choices: list[Either] = []
        for larger in self.pattern:
            if not set(own) <= set(larger):
                continue
            added = [j for j in larger if j not in own]
            rest = self.outsiders(larger)
            fixed = None if lie.others is None else dict(zip(outside, lie.others, strict=True))
            for told in self.profiles(added):
                if fixed is not None and told != tuple(fixed[j] for j in added):
                    continue
                for types in self.profiles(larger):
                    alternatives = []
                    for j in larger:
                        part = []
                        for others in self.profiles(rest):
                            reported = {
                                **dict(zip(added, told, strict=True)),
                                **dict(zip(rest, others, strict=True)),
                            }
                            at = places[tuple(reported[o] for o in outside)]
                            if place is not None and at != place:
                                continue
                            here = self.joined(larger, types, others)
                            part.append(
                                Row(
                                    j,
                                    ((0 if place is not None else at, here, ONE),),
                                    self.payoff(j, here, here),
                                    most=True,
                                )
                            )
                        alternatives.append(tuple(part))
                    if len(alternatives) == 1:
                        rows += alternatives[0]
                    elif all(alternatives):
                        choices.append(Either(tuple(alternatives)))
        self._systems[key] = rows, choices
        return rows, choices

    def wanted(
        self, lie: Lie, beliefs: Mapping[int, Sequence[tuple[int, int, Fraction]]], place: int | None = None
    ) -> list[Row]:
        """For each member a gain: what y pays over what the function does, under (report, types, weight) of the outsiders."""
        own = lie.coalition
        others = self.profiles(self.outsiders(own))
        rows = []
        for i, parts in beliefs.items():
            than = Fraction(0)
            shown = []
            for r, o, weight in parts:
                here = self.joined(own, lie.types, others[o])
                than += weight * self.payoff(i, self.joined(own, lie.report, others[r]), here)
                shown.append((0 if place is not None else r, here, weight))
            rows.append(Row(i, tuple(shown), than, gain=0))
        return rows

    def each(self, lie: Lie, deception: Deception, only: int | None = None) -> list[Row]:
        """A gain of every member for every report of the outsiders and every type profile behind it (or for one report)."""
        pairs = [
            (int(r), int(o))
            for r, o in np.argwhere(self.behind(deception, lie.coalition))
            if only is None or r == only
        ]
        rows = []
        for i in lie.coalition:
            for r, o in pairs:
                rows += self.wanted(lie, {i: [(r, o, ONE)]}, only)
        return rows

    def system(
        self, lie: Lie, wanted: Sequence[Row], place: int | None = None
    ) -> tuple[System, list[Either]]:
        """Reward functions with gains; ``wanted`` come first."""
        rows, choices = self.asked(lie, place)
        size = math.prod(self.question.environment.shape[j] for j in self.outsiders(lie.coalition))
        places = 1 if place is not None else size
        return System(self.question, places, (*wanted, *rows)), choices


__all__ = ["Deception", "Lie", "Mask", "Rewards"]
