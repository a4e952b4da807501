"""What rows about one agent's payoffs are about: which types, reports, rules and states, and with which weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...exact.numbers import Rationals

if TYPE_CHECKING:
    from ...environment.model import Environment
    from ...environment.notions import Notion, States

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Reports:
    """Which type reports what under which rule: index arrays that broadcast to the axes of the rows.

    ``state`` picks the state in which each is evaluated; without it there is a row for every state.
    """

    type: Places
    report: Places
    rule: Places
    state: Places | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        picked = () if self.state is None else self.state.shape
        return np.broadcast_shapes(self.type.shape, self.report.shape, self.rule.shape, picked)

    @property
    def ndim(self) -> int:
        return len(self.shape)


@dataclass(frozen=True)
class Evaluation:
    """One agent's rows under one notion: axes ``(state, *reports)``, then the others' types if not summed."""

    states: States
    agent: int
    environment: Environment
    notion: Notion

    @classmethod
    def of(cls, notion: Notion | None, environment: Environment, agent: int) -> Evaluation | None:
        """How a notion evaluates; None without one."""
        if notion is None:
            return None
        return cls(notion.states(environment, agent), agent, environment, notion)

    @property
    def worst(self) -> bool:
        """Whether only the worst state counts."""
        return self.notion.worst_state

    @property
    def summed(self) -> bool:
        return self.states.summed

    @property
    def types(self) -> Places:
        return self.states.types

    @cached_property
    def rest(self) -> tuple[int, ...]:
        """The others' type counts."""
        shape = self.environment.shape
        return shape[: self.agent] + shape[self.agent + 1 :]

    def rows(self, at: Reports) -> tuple[int, ...]:
        """The shape of rows, one a report and state."""
        own = (self.states.size if at.state is None else 1, *at.shape)
        return own if self.summed else (*own, *self.rest)

    def payoffs(self) -> tuple[int, ...]:
        """The shape of truthful payoffs: one a state and type, or one a type where only the worst state counts."""
        shape = self.rows(Reports(self.types, self.types, self.types))
        return (1, *shape[1:]) if self.worst else shape

    # -- which reports --------------------------------------------------------------------------
    def grid(self) -> Reports:
        """Every report of every type, truth included, under the first rule: axes (type, report)."""
        reports = np.arange(self.environment.agents[self.agent].size)
        return Reports(self.types[:, None], reports[None, :], np.zeros((1, 1), dtype=np.intp))

    def truth(self, rules: int) -> Reports:
        """Truth under every rule: axes (rule, type)."""
        own = self.types[None, :]
        return Reports(own, own, np.arange(rules)[:, None])

    def truth_by_state(self) -> Reports:
        """Truth in every state, picked one by one, under the only rule: axes (state, type)."""
        own, state = self.types[None, :], np.arange(self.states.size)[:, None]
        return Reports(own, own, np.zeros((1, 1), dtype=np.intp), state)

    def compared(self, at: Reports) -> Reports | None:
        """The reports with which picked states compare; None where they compare with none."""
        if self.states.against is None or at.state is None:
            return None
        return replace(at, report=self.states.against[at.state])

    def truth_once(self) -> Reports:
        """Truth under the first rule: axes (type,)."""
        return Reports(self.types, self.types, np.zeros(1, dtype=np.intp))

    # -- numbers --------------------------------------------------------------------------------
    def unit(self, at: Reports) -> Rationals:
        """What a stored row is multiplied by; broadcasts to the rows."""
        mass = self.states.mass
        if not self.summed:
            return Rationals.of(1)
        return mass[:, at.type]

    def weights(self, at: Reports) -> Rationals:
        """Weights of the others' types in every row: ``(W, *reports, *rest)``, axes of length one kept."""
        weights = self.states.weights
        if at.state is not None:
            return weights[at.state, at.type][None]
        if weights.shape[1] == 1:
            return weights.reshape(weights.shape[0], *(1,) * at.ndim, *weights.shape[2:])
        # In the order in which programs write them, which indexing does not keep.
        return Rationals(weights.numerator.take(at.type, axis=1), weights.denominator)

    @cached_property
    def worth(self) -> Rationals:
        """What each state makes of outcomes: ``(W or 1, |A|, |Theta_i|, *rest)``, others' axes of length one where it may be."""
        if self.states.worth is not None:
            return self.states.worth
        return self.environment.utility[self.agent].moveaxis(self.agent + 1, 1)[None]

    @cached_property
    def some(self) -> Places:
        """The outcomes that are worth something (the first when none is)."""
        return _nonzero(self.worth.moveaxis(1, 0))

    def own_first(self, array: Rationals) -> Rationals:
        """An array over the type grid with the agent's axis moved to the front."""
        return array.moveaxis(self.agent, 0)

    def integrate(self, payoff: Rationals, at: Reports) -> Rationals:
        """``weights * payoff`` over rows, summed over the others' types if the notion sums them.

        ``payoff`` has shape ``(*reports, *rest)``, behind an axis of states where it differs between them.
        """
        out = self.weights(at) * payoff
        if not self.summed:
            return out
        others: Rationals = out.sum(axis=tuple(range(out.ndim - len(self.rest), out.ndim)))
        return others


def of_worth(environment: Environment, agent: int) -> Places:
    """The outcomes that are worth something to an agent (the first when none is)."""
    return _nonzero(environment.utility[agent])


def _nonzero(worth: Rationals) -> Places:
    some = np.flatnonzero([bool(np.any(u.unrepeated() != 0)) for u in worth])
    return some if len(some) else np.zeros(1, dtype=np.intp)


def outcomes_last(array: Rationals) -> Rationals:
    """The first axis (outcomes) moved to the end."""
    return array.moveaxis(0, -1)


__all__ = ["Evaluation", "Places", "Reports", "of_worth", "outcomes_last"]
