"""What members of a coalition gain when it deviates: in a finite mechanism, from given strategies, from the definitions.

A direct mechanism in which all tell the truth is the case of incentive compatibility.  Everything is exact; a gain is compared
with zero only, so one positive scale an agent is enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ..environment.coalitions import Coalition
from ..environment.model import Environment
from ..exact.numbers import Rationals
from ..question.implementation import Choice
from ..question.premises import InvalidDesign

Places = npt.NDArray[np.intp]
Cells = tuple[int, ...]
Signs = npt.NDArray[np.int8]
#: Most cells of a table of payoffs (message profiles x type profiles x outcomes).
MAX_PAYOFFS = 50_000_000


@dataclass(frozen=True)
class Play:
    """A finite mechanism and a strategy profile.

    ``does`` is what the mechanism does with messages, over the message grid; ``strategies[i]`` are the messages of agent i's
    types, shape ``(|T_i|,)``.
    """

    environment: Environment
    does: Choice
    strategies: tuple[Places, ...]

    @classmethod
    def truth(cls, environment: Environment, choice: Choice) -> Play:
        """The direct mechanism of a social choice function, and the truth."""
        return cls(environment, choice, tuple(np.arange(size) for size in environment.shape))

    @property
    def messages(self) -> Cells:
        """How many messages each agent has."""
        return self.does.allocation.shape[1:]

    @cached_property
    def payoffs(self) -> tuple[Rationals, ...]:
        """For each agent ``u_i(g(m), t) + t_i(m)``, shape ``(message profiles, type profiles)``, both row-major.

        Raises
        ------
        InvalidDesign
            When the tables would be too large.
        """
        environment, sent = self.environment, math.prod(self.messages)
        cells = sent * environment.num_profiles * len(environment.outcomes)
        if cells > MAX_PAYOFFS:
            raise InvalidDesign(
                f"coalitions: {sent:,} message profiles x {environment.num_profiles:,} type profiles x "
                f"{len(environment.outcomes)} outcomes = {cells:,} payoffs an agent; at most {MAX_PAYOFFS:,} are tabulated: "
                "use fewer types"
            )
        chances = self.does.allocation.reshape(len(environment.outcomes), sent, 1)
        paid = self.does.transfers.reshape(environment.n, sent, 1)
        return tuple(
            (chances * u.reshape(len(environment.outcomes), 1, -1)).sum(axis=0) + paid[i]
            for i, u in enumerate(environment.utility)
        )

    def gains(self, i: int, coalition: Coalition, own: Cells) -> Rationals:
        """What agent i gains at each profile of the outsiders when a coalition of types ``own`` sends something else.

        Shape ``(messages of the coalition, types of the outsiders)``, both row-major.
        """
        n, sizes = self.environment.n, self.environment.shape
        rest = [j for j in range(n) if j not in coalition]
        others = np.indices([sizes[j] for j in rest]).reshape(len(rest), math.prod(sizes[j] for j in rest))
        types = np.zeros((n, others.shape[1]), dtype=np.intp)
        types[rest] = others
        types[list(coalition)] = np.array(own, dtype=np.intp).reshape(-1, 1)
        played = np.stack([self.strategies[j][types[j]] for j in range(n)])
        at = np.asarray(np.ravel_multi_index(tuple(types), sizes))
        sent = np.indices([self.messages[j] for j in coalition]).reshape(len(coalition), -1)
        told = [sent[coalition.index(j)][:, None] if j in coalition else played[j][None, :] for j in range(n)]
        to = np.ravel_multi_index(tuple(np.broadcast_arrays(*told)), self.messages)
        found: Rationals = self.payoffs[i][to, at[None, :]]
        return found - self.payoffs[i][np.ravel_multi_index(tuple(played), self.messages), at]

    def types_of(self, coalition: Coalition) -> Iterator[Cells]:
        """Every type profile of a coalition."""
        return product(*(range(self.environment.shape[i]) for i in coalition))

    def messages_of(self, coalition: Coalition, position: int) -> Cells:
        """The messages of a coalition at a position."""
        found = np.unravel_index(position, [self.messages[i] for i in coalition])
        return tuple(int(k) for k in found)


@dataclass(frozen=True)
class Deviation:
    """A coalition of such types sends other messages; ``members`` say why each is better off, in exact numbers."""

    coalition: Coalition
    types: Cells
    messages: Cells
    members: tuple[dict[str, Any], ...]


def robust_deviations(
    play: Play, coalitions: Sequence[Coalition], *, pooled: bool = True
) -> Iterator[Deviation]:
    """For each coalition its first deviation by which every member gains against some others (each her own).

    None is robust coalitional incentive compatibility (Guo 2018, Definition 2.4.2): the others are the outsiders.  Where types
    are not ``pooled``, and the coalition commits to messages, they are all others.
    """
    for own in coalitions:
        found = (
            _tempted(play, own, types) if pooled else _tempted_alone(play, own, types)
            for types in play.types_of(own)
        )
        if (first := next(filter(None, found), None)) is not None:
            yield first


def _tempted(play: Play, own: Coalition, types: Cells) -> Deviation | None:
    gains = [play.gains(i, own, types) for i in own]
    tempted = np.all([np.any(g > 0, axis=1) for g in gains], axis=0)
    if not tempted.any():
        return None
    at = int(np.argmax(tempted))
    found = []
    for i, gain in zip(own, gains, strict=True):
        place = int(np.argmax(np.asarray(gain[at] > 0)))
        found.append({"agent": i, "others": _others(play, own, place), "gain": gain[at][place]})
    return Deviation(own, types, play.messages_of(own, at), tuple(found))


def _tempted_alone(play: Play, own: Coalition, types: Cells) -> Deviation | None:
    """The same where a member may think the others of the coalition to be of any types."""
    alike = [[o for o in play.types_of(own) if o[m] == types[m]] for m in range(len(own))]
    gains = [[play.gains(i, own, o) for o in same] for i, same in zip(own, alike, strict=True)]
    tempted = np.all([np.any([np.any(g > 0, axis=1) for g in each], axis=0) for each in gains], axis=0)
    if not tempted.any():
        return None
    at = int(np.argmax(tempted))
    found = []
    for i, each, same in zip(own, gains, alike, strict=True):
        gain, o = next((g, o) for g, o in zip(each, same, strict=True) if np.any(g[at] > 0))
        place = int(np.argmax(np.asarray(gain[at] > 0)))
        members = {j: k for j, k in zip(own, o, strict=True) if j != i}
        others = dict(sorted({**members, **_others(play, own, place)}.items()))
        found.append({"agent": i, "others": others, "gain": gain[at][place]})
    return Deviation(own, types, play.messages_of(own, at), tuple(found))


def _others(play: Play, coalition: Coalition, place: int) -> dict[int, int]:
    rest = [j for j in range(play.environment.n) if j not in coalition]
    cell = np.unravel_index(place, [play.environment.shape[j] for j in rest]) if rest else ()
    return {j: int(k) for j, k in zip(rest, cell, strict=True)}


class Silent(InvalidDesign):
    """Bayes' rule does not say what a member believes, and nothing else does."""


def pooled_belief(
    environment: Environment, i: int, coalition: Coalition, types: Cells, update: Rationals | None
) -> Rationals:
    """What a member believes about the outsiders' types, once the members know one another's types: a distribution.

    By Bayes' rule where it speaks, else the conditional of ``update``: either way the members' types are certain.

    Raises
    ------
    Silent
        Neither says anything.
    """
    assert environment.beliefs is not None
    where: list[Any] = [slice(None)] * environment.n
    for j, k in zip(coalition, types, strict=True):
        where[j] = k
    weights = [environment.beliefs.weights[i].broadcast_to(environment.shape)]
    for known in [*weights, *([] if update is None else [update])]:
        cut = known[tuple(where)]
        cut = Rationals.of(cut) if isinstance(cut, Fraction) else cut
        if (mass := cut.sum()) > 0:
            return cut.reshape(-1) / mass
    names = ", ".join(
        f"{environment.agents[j].name}={environment.type_label(j, k)}"
        for j, k in zip(coalition, types, strict=True)
    )
    how = "give coalitions: update, weights over the type grid (as in {update: uniform})"
    if update is not None:
        how = "coalitions: update gives these types no weight either"
    raise Silent(
        f"coalitions: Bayes' rule does not say what {environment.agents[i].name} believes once a coalition knows ({names}), "
        f"which she held impossible: {how}"
    )


def interim_deviations(
    play: Play, coalitions: Sequence[Coalition], update: Rationals | None, *, pooled: bool = True
) -> Iterator[Deviation]:
    """For each coalition its first deviation at a type profile by which every member expects to gain.

    ``pooled``: members know one another's types (Guo 2018, Definition 2.3.2); else each keeps her own belief, and all commit to
    messages (Definition 2.8.1).

    Raises
    ------
    Silent
        Where a belief is needed and nothing says what it is.
    """
    for own in coalitions:
        at = (interim_deviation(play, own, types, update, pooled=pooled) for types in play.types_of(own))
        if (found := next(filter(None, at), None)) is not None:
            yield found


def interim_deviation(
    play: Play, own: Coalition, types: Cells, update: Rationals | None, *, pooled: bool = True
) -> Deviation | None:
    """The first messages by which every member of a coalition of some types expects to gain; None.  Raises Silent."""
    of = _pooled if pooled else _alone
    expected = [of(play, i, own, types, update) for i in own]
    tempted = np.all([np.asarray(e > 0) for e in expected], axis=0)
    if not tempted.any():
        return None
    at = int(np.argmax(tempted))
    members = tuple({"agent": i, "gain": e[at]} for i, e in zip(own, expected, strict=True))
    return Deviation(own, types, play.messages_of(own, at), members)


def _pooled(play: Play, i: int, own: Coalition, types: Cells, update: Rationals | None) -> Rationals:
    belief = pooled_belief(play.environment, i, own, types, update)
    found: Rationals = (play.gains(i, own, types) * belief).sum(axis=1)
    return found


def _alone(play: Play, i: int, own: Coalition, types: Cells, update: Rationals | None) -> Rationals:
    """What i of her type expects to gain from messages, whatever the types of the other members."""
    environment, position = play.environment, own.index(i)
    belief = pooled_belief(environment, i, (i,), (types[position],), update)
    belief = belief.reshape(*environment.shape[:i], 1, *environment.shape[i + 1 :])
    total: Rationals | None = None
    for others in play.types_of(tuple(j for j in own if j != i)):
        where: list[Any] = [slice(None)] * environment.n
        for j, k in zip((j for j in own if j != i), others, strict=True):
            where[j] = slice(k, k + 1)
        every = (*others[:position], types[position], *others[position:])
        part = (play.gains(i, own, every) * belief[tuple(where)].reshape(-1)).sum(axis=1)
        total = part if total is None else total + part
    assert total is not None
    return total


__all__ = [
    "Deviation",
    "Play",
    "Silent",
    "interim_deviation",
    "interim_deviations",
    "pooled_belief",
    "robust_deviations",
]
