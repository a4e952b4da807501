"""Recommended actions: outcomes that the agents themselves carry out, and may carry out differently.

An outcome is then a profile of recommended actions (and perhaps more, which nobody can change).  Who is recommended an action
hears it, and may play another one: what comes of that is again an outcome.

Source: Myerson (1982), "Optimal coordination mechanisms in generalized principal-agent problems"; Bergemann and Morris
(2016), "Bayes correlated equilibrium and the comparison of information structures in games".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

#: Most profiles of actions.
MAX_PROFILES = 1_000_000


class InvalidActions(ValueError):
    """Actions that do not fit the outcomes; the message says where."""


@dataclass(frozen=True, eq=False)
class Actions:
    """Which action each outcome recommends to each agent, and what comes of playing another.

    Parameters
    ----------
    names : the actions of each agent; empty for an agent who does nothing.
    own : for each agent the action that each outcome recommends, shape ``(|A|,)``.
    instead : for each agent the outcome when she plays action k in place of the recommended one, shape ``(|A|, |A_i|)``.
    """

    names: tuple[tuple[str, ...], ...]
    own: tuple[npt.NDArray[np.intp], ...]
    instead: tuple[npt.NDArray[np.intp], ...]

    @classmethod
    def profiles(cls, names: Sequence[Sequence[str]]) -> Actions:
        """Every profile of actions is an outcome, the last agent's action changing first.

        Raises
        ------
        InvalidActions
            When two actions of an agent have one name, or there are more than :data:`MAX_PROFILES` profiles.
        """
        listed = tuple(map(tuple, names))
        for acts in listed:
            if len(set(acts)) != len(acts):
                raise InvalidActions(f"two actions have one name: {', '.join(acts)}")
        shape = tuple(max(len(acts), 1) for acts in listed)
        if math.prod(shape) > MAX_PROFILES:
            sizes = " x ".join(map(str, shape))
            raise InvalidActions(
                f"{sizes} = {math.prod(shape):,} profiles of actions; at most {MAX_PROFILES:,} are accepted"
            )
        outcomes = np.arange(math.prod(shape)).reshape(shape)
        own, instead = [], []
        for i, size in enumerate(shape):
            along = np.arange(size).reshape([-1 if k == i else 1 for k in range(len(shape))])
            own.append(np.broadcast_to(along, shape).ravel())
            others = np.broadcast_to(
                np.moveaxis(outcomes, i, -1)[..., None, :], (*np.delete(shape, i), size, size)
            )
            instead.append(np.moveaxis(others, -2, i).reshape(-1, size))
        return cls(listed, tuple(own), tuple(instead))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the outcomes of :meth:`profiles`: the recommended actions, joined by a comma."""
        listed = [own for own in self.names if own]
        cells = np.ndindex(*(len(own) for own in listed))
        return tuple(", ".join(own[k] for own, k in zip(listed, cell, strict=True)) for cell in cells)

    def count(self, agent: int) -> int:
        """The number of actions of an agent: at least one."""
        return self.instead[agent].shape[1]

    def groups(self, agent: int) -> npt.NDArray[np.intp]:
        """The outcomes that recommend each action to an agent: shape ``(|A_i|, outcomes of each)``."""
        return np.argsort(self.own[agent], kind="stable").reshape(self.count(agent), -1)

    def check(self, outcomes: int) -> None:
        """Raises InvalidActions when the tables do not fit the number of outcomes, or contradict each other."""
        for own, instead in zip(self.own, self.instead, strict=True):
            fits = own.shape == (outcomes,) and instead.ndim == 2 and len(instead) == outcomes
            if not fits or not instead.shape[1]:
                raise InvalidActions(f"actions are given for {len(own)} outcomes, expected {outcomes}")
            if (
                own.min() < 0
                or own.max() >= instead.shape[1]
                or instead.min() < 0
                or instead.max() >= outcomes
            ):
                raise InvalidActions("an action, or what comes of it, is no outcome of the environment")
            if len(set(np.bincount(own, minlength=instead.shape[1]).tolist())) != 1:
                raise InvalidActions("every action must be recommended by equally many outcomes")
            if not np.array_equal(instead[np.arange(outcomes), own], np.arange(outcomes)):
                raise InvalidActions("playing the recommended action must lead to the recommended outcome")

    def same(self, other: Actions | None) -> bool:
        """Whether both say the same."""
        if other is None or self.names != other.names:
            return False
        pairs = [*zip(self.own, other.own, strict=True), *zip(self.instead, other.instead, strict=True)]
        return all(np.array_equal(a, b) for a, b in pairs)


__all__ = ["Actions", "InvalidActions"]
