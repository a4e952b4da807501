"""Finds whether a coalition refutes a deception: a reward function, or a conjecture under which there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np

from ...deadline import Deadline
from ...exact.numbers import Rationals, text
from ...program import Block, Columns, Family, Program, Term
from ...program.solve import solve
from ...proof.implementation.margins import Point, Row, written
from ...proof.implementation.rewards import Deception, Lie, Rewards
from .margins import Undecided, best, search

#: Reports of the outsiders, one for each member, that are tried for a coalition of several.
MOST_CONJECTURES = 200
#: Beliefs of its members that are tried at each.
MOST_BELIEFS = 30


@dataclass
class Refuter:
    """Remembers what was found; ``given_ic``: robust coalitional incentive compatibility holds, so that what the function gives
    to other reports is a reward."""

    rewards: Rewards
    given_ic: bool
    deadline: Deadline
    say: Callable[[str], None]
    known: dict[Any, tuple[bool, dict[str, Any]]] = field(default_factory=dict)

    def cheap(self, lie: Lie, deception: Deception) -> dict[str, Any] | None:
        """A reward that the function itself gives; None where there is none."""
        found = self.rewards.from_the_function(lie, deception) if self.given_ic else None
        return None if found is None else {"like": list(found)}

    def found(self, lie: Lie, deception: Deception) -> tuple[bool, dict[str, Any]]:
        """Whether a lie refutes a deception, and the witness.

        Raises
        ------
        Undecided
            Where neither a reward nor a conjecture without one was found.
        """
        behind = self.rewards.behind(deception, lie.coalition)
        key = (lie, behind.tobytes())
        if key not in self.known:
            self.say(f"{len(self.known):,} lies examined")
            cheap = self.cheap(lie, deception)
            self.known[key] = (True, cheap) if cheap is not None else self._sought(lie, deception)
        return self.known[key]

    def _sought(self, lie: Lie, deception: Deception) -> tuple[bool, dict[str, Any]]:
        if self.rewards.separate:
            return self._report_by_report(lie, deception)
        system, choices = self.rewards.system(lie, self.rewards.each(lie, deception))
        point, tree = search(system, choices, self.deadline)
        if point is not None:
            return True, {"reward": point.to_json()}
        if len(lie.coalition) == self.rewards.question.environment.n:
            return False, {"beliefs": _json(_grand(lie)), "tree": tree}
        return self._hulls(lie, deception) if len(lie.coalition) == 1 else self._between(lie, deception)

    def _report_by_report(self, lie: Lie, deception: Deception) -> tuple[bool, dict[str, Any]]:
        """Single agents: one linear program for each report of the others."""
        points = {}
        (i,) = lie.coalition
        for r in np.flatnonzero(self.rewards.behind(deception, lie.coalition).any(axis=1)):
            wanted = self.rewards.each(lie, deception, int(r))
            system, _ = self.rewards.system(lie, wanted, int(r))
            found = best(system, deadline=self.deadline)
            if found.point is None or (found.value is not None and found.value <= 0):
                rest = found.multipliers[len(wanted) :]
                behind = np.flatnonzero(self.rewards.behind(deception, lie.coalition)[r])
                belief = [(int(r), int(o), m) for o, m in zip(behind, found.multipliers, strict=False) if m]
                one = Fraction(1) if belief else Fraction(0)  # zero: no outcome is a reward at all
                return False, {
                    "beliefs": _json({i: belief or [(int(r), int(behind[0]), Fraction(1))]}),
                    "tree": {"multipliers": written([one, *rest])},
                }
            points[str(int(r))] = found.point.to_json()
        return True, {"rewards": points}

    def _hulls(self, lie: Lie, deception: Deception) -> tuple[bool, dict[str, Any]]:
        """One agent among larger coalitions: reward sets are unions, and what counts is their convex hull."""
        (i,) = lie.coalition
        mixtures = {}
        behind = self.rewards.behind(deception, lie.coalition)
        for r in map(int, np.flatnonzero(behind.any(axis=1))):
            types = [int(o) for o in np.flatnonzero(behind[r])]
            each = [self.rewards.wanted(lie, {i: [(r, o, Fraction(1))]})[0] for o in types]
            weights = [Fraction(1, len(types))] * len(types)
            points: list[Point] = []
            while True:
                belief = {i: [(r, o, w) for o, w in zip(types, weights, strict=True) if w]}
                system, choices = self.rewards.system(lie, self.rewards.wanted(lie, belief))
                point, tree = search(system, choices, self.deadline)
                if point is None:
                    return False, {"beliefs": _json(belief), "tree": tree}
                points.append(point)
                gains = [[system.payoff(row, p) - row.than for row in each] for p in points]
                worst, weights, mix = game(gains, self.deadline)
                if worst > 0:
                    break
            mixtures[str(r)] = [[text(m), p.to_json()] for m, p in zip(mix, points, strict=True) if m]
        return True, {"mixtures": mixtures}

    def _between(self, lie: Lie, deception: Deception) -> tuple[bool, dict[str, Any]]:
        """Several agents, not all: one reward for all beliefs suffices, one for each is necessary."""
        behind = self.rewards.behind(deception, lie.coalition)
        possible = [int(r) for r in np.flatnonzero(behind.any(axis=1))]
        if len(possible) ** len(lie.coalition) > MOST_CONJECTURES:
            raise Undecided(self._unsure(lie))
        for told in product(possible, repeat=len(lie.coalition)):
            wanted: list[Row] = []
            places = []
            for i, r in zip(lie.coalition, told, strict=True):
                for o in map(int, np.flatnonzero(behind[r])):
                    wanted += self.rewards.wanted(lie, {i: [(r, o, Fraction(1))]})
                    places.append((i, r, o))
            system, choices = self.rewards.system(lie, wanted)
            point, _ = search(system, choices, self.deadline)
            if point is not None:
                continue
            multipliers = best(system, deadline=self.deadline).multipliers
            reports = dict(zip(lie.coalition, told, strict=True))
            for beliefs in islice(_tried(lie, places, multipliers, reports, behind), MOST_BELIEFS):
                system, choices = self.rewards.system(lie, self.rewards.wanted(lie, beliefs))
                point, tree = search(system, choices, self.deadline)
                if point is None:
                    return False, {"beliefs": _json(beliefs), "tree": tree}
        raise Undecided(self._unsure(lie))

    def _unsure(self, lie: Lie) -> str:
        names = ", ".join(self.rewards.question.members(lie.coalition))
        return (
            f"whether {{{names}}} refutes a deception: no one reward serves all beliefs of its members, and no beliefs "
            "were found that none serves"
        )


Belief = Mapping[int, Sequence[tuple[int, int, Fraction]]]


def _grand(lie: Lie) -> Belief:
    return {i: [(0, 0, Fraction(1))] for i in lie.coalition}


def _json(beliefs: Belief) -> list[Any]:
    return [[i, [[r, o, text(w)] for r, o, w in parts]] for i, parts in beliefs.items()]


def _tried(
    lie: Lie,
    places: Sequence[tuple[int, int, int]],
    multipliers: Sequence[Fraction],
    told: Mapping[int, int],
    behind: Any,
) -> Iterator[dict[int, list[tuple[int, int, Fraction]]]]:
    """Beliefs that may leave a coalition without a reward: those of multipliers, then sure ones."""
    yield _normalised(lie, places, multipliers, told, behind)
    sure = [
        [[(told[i], int(o), Fraction(1))] for o in np.flatnonzero(behind[told[i]])] for i in lie.coalition
    ]
    for chosen in product(*sure):
        yield dict(zip(lie.coalition, chosen, strict=True))


def _normalised(
    lie: Lie,
    places: Sequence[tuple[int, int, int]],
    multipliers: Sequence[Fraction],
    told: Mapping[int, int],
    behind: Any,
) -> dict[int, list[tuple[int, int, Fraction]]]:
    """Beliefs proportional to multipliers; uniform where a member has none."""
    out = {}
    for i in lie.coalition:
        own = [(r, o, m) for (j, r, o), m in zip(places, multipliers, strict=False) if j == i and m > 0]
        if not own:
            types = np.flatnonzero(behind[told[i]])
            own = [(told[i], int(o), Fraction(1)) for o in types]
        total = sum((m for _, _, m in own), Fraction(0))
        out[i] = [(r, o, m / total) for r, o, m in own]
    return out


def game(
    gains: Sequence[Sequence[Fraction]], deadline: Deadline
) -> tuple[Fraction, list[Fraction], list[Fraction]]:
    """The most that a mixture of rewards (rows) gains at every type profile, the belief that keeps it there, the mixture."""
    table = Rationals.from_fractions([g for row in gains for g in row], (len(gains), len(gains[0])))
    blocks = [Block("mix", (len(gains),), Rationals.of(0)), Block("gain", (1,))]
    columns = Columns(blocks)
    count = len(gains)
    each = Family(
        "each",
        (len(gains[0]),),
        (
            Term(columns["mix"][None, :], table.moveaxis(0, 1), (count,)),
            Term(columns["gain"][None, :], Rationals.of(-1), (1,)),
        ),
        ">=",
        Rationals.of(0),
    )
    every = Family("all", (), (Term(columns["mix"], Rationals.of(1), (count,)),), "=", Rationals.of(1))
    found = solve(Program(tuple(blocks), (each, every), {"gain": Rationals.of(1)}), time_limit=deadline)
    if found.status != "optimal" or found.primal is None or found.dual is None or found.value is None:
        raise Undecided("the time limit ended a linear program")
    weights = [-m for m in found.dual[: len(gains[0])].fractions()]
    return found.value, weights, found.primal[:count].fractions()


__all__ = ["Refuter", "game"]
