"""What coalitions of maxmin agents gain when they deviate, without telling one another their types (Guo 2018, chapter 3)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ..environment.coalitions import Coalition
from ..environment.model import Environment
from ..environment.notions import NOTIONS
from ..exact.numbers import Rationals
from ..question.premises import InvalidDesign
from .deviations import Cells, Places, Play


def worst_beliefs(environment: Environment, i: int) -> list[Rationals]:
    """For each type of an agent the beliefs that it holds possible, shape ``(W, others' profiles)``: the vertices of its set;
    its one belief where there are no sets; every point where nothing is said (Wald)."""
    name = (
        "maxmin" if environment.belief_sets is not None else "bayesian" if environment.beliefs else "ex-post"
    )
    states = NOTIONS[name].states(environment, i)
    rest = environment.shape[:i] + environment.shape[i + 1 :]
    count = math.prod(rest)
    if not states.summed:
        return [Rationals(np.eye(count, dtype=np.int64))] * environment.shape[i]
    out = []
    for k in range(environment.shape[i]):
        if k not in states.types:
            raise InvalidDesign(
                f"coalitions: the belief of type {environment.type_label(i, k)} of {environment.agents[i].name} is undefined "
                "(probability zero)"
            )
        weights = states.weights.broadcast_to((len(states.weights), environment.shape[i], *rest))[:, k]
        mass = states.mass.broadcast_to((len(states.mass), environment.shape[i]))[:, k].reshape(-1, 1)
        out.append((weights.reshape(-1, count) / mass)[np.arange(states.count(k))])
    return out


def possible_profiles(environment: Environment) -> npt.NDArray[np.bool_]:
    """T*: the type profiles that every agent holds possible under some belief (Guo 2018, section 3.2), over the grid."""
    held = [held_possible(environment, i) for i in range(environment.n)]
    return np.asarray(np.all(held, axis=0))


def held_possible(environment: Environment, i: int) -> npt.NDArray[np.bool_]:
    """The profiles to which an agent's type gives a positive probability under some belief, over the grid."""
    rest = environment.shape[:i] + environment.shape[i + 1 :]
    own = [np.any(np.asarray(b > 0), axis=0).reshape(rest) for b in worst_beliefs(environment, i)]
    return np.moveaxis(np.stack(own), 0, i)


def worths(play: Play, i: int) -> list[Fraction]:
    """What the play is worth to each type of an agent: its worst expectation."""
    environment = play.environment
    beliefs = worst_beliefs(environment, i)
    out = []
    for k in range(environment.shape[i]):
        types = _profiles(environment, i, k)
        sent = np.ravel_multi_index(
            tuple(play.strategies[j][types[j]] for j in range(environment.n)), play.messages
        )
        payoffs = play.payoffs[i][sent, np.ravel_multi_index(tuple(types), environment.shape)]
        out.append((payoffs * beliefs[k]).sum(axis=-1).min())
    return out


def _profiles(environment: Environment, i: int, k: int) -> Places:
    """The type profiles in which agent i has type k, one column each, the others row-major."""
    rest = [j for j in range(environment.n) if j != i]
    count = math.prod(environment.shape[j] for j in rest)
    types = np.full((environment.n, count), k, dtype=np.intp)
    types[rest] = np.indices([environment.shape[j] for j in rest]).reshape(len(rest), count)
    return types


@dataclass(frozen=True)
class Deceit:
    """A coalition's maps from types to messages, a type profile at which they pay, and what they are worth to its members:
    (agent, worth of the play, worth of the deviation)."""

    coalition: Coalition
    types: Cells
    maps: tuple[Cells, ...]
    members: tuple[tuple[int, Fraction, Fraction], ...]


def count_of_deceits(play: Play, coalitions: Sequence[Coalition]) -> int:
    """How many maps of coalitions times type profiles there are to compare."""
    shape, messages = play.environment.shape, play.messages
    return sum(math.prod(shape[i] * messages[i] ** shape[i] for i in own) for own in coalitions)


def ambiguous_deviations(
    play: Play, coalitions: Sequence[Coalition], reference: Sequence[Sequence[Fraction]] | None = None
) -> Iterator[Deceit]:
    """For each coalition its first deviation, at a profile of T*, that makes nobody worse off and somebody better off.

    Deviations are products of whole maps from types to messages (Guo 2018, Definition 3.2.1).  ``reference`` is what types are
    worth now, where that is not what the play gives them.
    """
    environment = play.environment
    possible = possible_profiles(environment)
    now = reference or [worths(play, i) for i in range(environment.n)]
    for own in coalitions:
        rest = tuple(j for j in range(environment.n) if j not in own)
        there = np.asarray(possible.any(axis=rest))
        table = _Table(play, own, now)
        for first in range(len(table.maps[own[0]])):
            signs = table.signs(first)
            for types in zip(*np.nonzero(there), strict=True):
                rows = [signs[i][k] for i, k in zip(own, types, strict=True)]
                better = np.all([r >= 0 for r in rows], axis=0) & np.any([r > 0 for r in rows], axis=0)
                if better.any():
                    at = np.unravel_index(int(np.argmax(better)), better.shape)
                    chosen = [first, *(int(k) for k in at[1:])]
                    maps = tuple(tuple(map(int, table.maps[i][c])) for i, c in zip(own, chosen, strict=True))
                    yield deceit(play, own, tuple(map(int, types)), maps, now)
                    break
            else:
                continue
            break


def deceit(
    play: Play, own: Coalition, types: Cells, maps: Sequence[Cells], now: Sequence[Sequence[Fraction]]
) -> Deceit:
    """A deviation with what it is worth, from the definition."""
    sent = list(play.strategies)
    for i, chosen in zip(own, maps, strict=True):
        sent[i] = np.array(chosen, dtype=np.intp)
    told = Play(play.environment, play.does, tuple(sent))
    told.__dict__["payoffs"] = play.payoffs  # the same mechanism
    members = tuple((i, now[i][k], worths(told, i)[k]) for i, k in zip(own, types, strict=True))
    return Deceit(own, types, tuple(maps), members)


class _Table:
    """Whether each member's type gains, loses or neither, by the maps of a coalition."""

    def __init__(self, play: Play, own: Coalition, now: Sequence[Sequence[Fraction]]) -> None:
        self.play, self.own, self.now = play, own, now
        shape, messages = play.environment.shape, play.messages
        self.maps = {
            i: np.array(list(product(range(messages[i]), repeat=shape[i])), dtype=np.intp) for i in own
        }
        self.strides = np.array([math.prod(messages[i + 1 :]) for i in range(play.environment.n)])
        self.beliefs = {i: worst_beliefs(play.environment, i) for i in own}

    def signs(self, first: int) -> dict[int, npt.NDArray[np.int8]]:
        """For each member an array (own types, 1, maps of the second member, ...): 1 where a type gains, -1 where it loses; the
        first member's map is fixed."""
        maps = {**self.maps, self.own[0]: self.maps[self.own[0]][first : first + 1]}
        return {
            i: np.stack([self._of(i, k, maps) for k in range(self.play.environment.shape[i])])
            for i in self.own
        }

    def expected(self, i: int, k: int, maps: dict[int, Places]) -> npt.NDArray[np.int64]:
        """The worst expectation of each message of a type, in units of the denominators: (own messages, maps of the members), of
        length one at the member's own place."""
        play, own = self.play, self.own
        types = _profiles(play.environment, i, k)
        base = sum(
            (
                self.strides[j] * play.strategies[j][types[j]]
                for j in range(play.environment.n)
                if j not in own
            ),
            np.zeros(types.shape[1], dtype=np.intp),
        )
        sent = base.reshape(*(1,) * len(own), -1)
        for place, j in enumerate(own):
            if j == i:
                continue
            along = [1] * len(own)
            along[place] = len(maps[j])
            sent = sent + (self.strides[j] * maps[j][:, types[j]]).reshape(*along, -1)
        at = np.ravel_multi_index(tuple(types), play.environment.shape)
        belief = self.beliefs[i][k].numerator.T
        table = play.payoffs[i].numerator
        messages = range(play.messages[i])
        return np.stack(
            [_product(table[sent + self.strides[i] * m, at], belief).min(axis=-1) for m in messages]
        )

    def _of(self, i: int, k: int, maps: dict[int, Places]) -> npt.NDArray[np.int8]:
        expected = self.expected(i, k, maps)
        target = self.now[i][k] * self.play.payoffs[i].denominator * self.beliefs[i][k].denominator
        gains = np.asarray(expected > math.floor(target)).astype(np.int8)
        losses = np.asarray(expected < math.ceil(target)).astype(np.int8)
        return self.chosen(i, k, gains - losses, maps)

    def chosen(
        self, i: int, k: int, every: npt.NDArray[Any], maps: dict[int, Places]
    ) -> npt.NDArray[Any]:
        """What each map of the member makes her type send, of an array over her messages."""
        place = self.own.index(i)
        return np.moveaxis(np.take(every, maps[i][:, k], axis=0).squeeze(place + 1), 0, place)


def unstable(play: Play) -> npt.NDArray[np.bool_]:
    """Which strategy profiles of a finite mechanism some single type would leave: (maps of agent 1, maps of agent 2, ...).

    Maps from types to messages are in the order of ``product(messages, repeat=types)``.
    """
    environment = play.environment
    every = tuple(range(environment.n))
    table = _Table(play, every, [])
    possible = possible_profiles(environment)
    out = np.zeros([len(table.maps[i]) for i in every], dtype=bool)
    for i in every:
        there = possible.any(axis=tuple(j for j in every if j != i))
        for k in np.flatnonzero(there):
            expected = table.expected(i, int(k), table.maps)
            out |= expected.max(axis=0) > table.chosen(i, int(k), expected, table.maps)
    return out


def _product(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A product of integer matrices, in Python's integers where 64 bits might not do."""
    size = lambda a: max(abs(int(a.max())), abs(int(a.min())))  # noqa: E731
    if left.shape[-1] * size(left) * size(right) >= 2**62:
        left, right = left.astype(object), right.astype(object)
    found: npt.NDArray[np.int64] = left @ right
    return found


__all__ = [
    "Deceit",
    "ambiguous_deviations",
    "count_of_deceits",
    "deceit",
    "held_possible",
    "possible_profiles",
    "unstable",
    "worst_beliefs",
    "worths",
]
