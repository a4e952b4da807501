"""What a notion of evaluation says: the states of an agent, and what each makes of outcomes and transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ...exact.numbers import Rationals
from ..model import Environment

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class States:
    """The states of one agent.

    ``weights`` has shape ``(W, |Theta_i|, *Theta_-i)`` (axes of length one where it does not vary): the
    agent's own axis first after the states, the others' in agent order.  When ``summed``, state w of type
    ``theta_i`` is the belief proportional to ``weights[w, theta_i]`` with total ``mass[w, theta_i] > 0``.  When
    not summed, every profile of the others is a state of its own and the weights are one.
    ``common``, where it is given, is the one belief ``(*Theta_-i,)`` that all types have (``weights`` is ``mass`` times it).
    ``types`` lists the types for which the states are defined: a type of probability zero has no
    belief, and no row.  ``counts[k]`` is the number of states of type k where types have different numbers of
    them: the last one is repeated.
    ``worth`` is what each state makes of outcomes, shape ``(W, |A|, |Theta_i|, *Theta_-i)`` (axes of length one where it
    does not vary, but not the types'); None: the agent's payoff.  ``paid`` says whether the transfer is added to it.
    ``against`` has the report with which each state compares, ``(W,)``: what counts is how much more a report pays; None: none.
    """

    weights: Rationals
    mass: Rationals
    types: Places
    summed: bool
    common: Rationals | None = None
    counts: tuple[int, ...] | None = None
    worth: Rationals | None = None
    paid: bool = True
    against: Places | None = None

    @property
    def size(self) -> int:
        """The number of states of every type, repeated ones included."""
        return max(len(self.weights), 1 if self.worth is None else len(self.worth))

    def count(self, own: int) -> int:
        """The number of different states of a type."""
        return self.size if self.counts is None else self.counts[own]

    def worths(self, environment: Environment, agent: int) -> tuple[Places, Rationals]:
        """Which outcomes are alike, ``(|A|,)``, and what each class of them is worth: ``(W or 1, C, |Theta_i|, *Theta_-i)``.

        Payoffs that are known between rational ends are at their lower ends.
        """
        if self.worth is not None:
            return np.arange(len(environment.outcomes)), self.worth
        own = environment.worths[agent]
        return own.classes, own.low.moveaxis(agent + 1, 1)[None]


class Notion(Protocol):
    """What a notion of evaluation must say about itself.

    ``name`` is written in problem files, ``spelled`` on pages.  ``paid`` says whether transfers count in what is compared:
    where they do not there may be none, and payoffs must be known exactly.  With ``regrets`` the worst state is the greatest
    regret (``States.against``).  ``taking_part`` names the notion by which interim IR is evaluated.
    """

    name: str
    spelled: str
    needs_beliefs: bool = False
    needs_sets: bool = False
    ambiguous: bool = False
    worst_state: bool = False
    regrets: bool = False
    lies: bool = True
    paid: bool = True
    taking_part: str = "bayesian"

    def states(self, environment: Environment, agent: int) -> States: ...

    def refuses(self, environment: Environment) -> str | None:
        """Why the notion makes no sense for an environment, in one sentence; None where it does."""
        return None

    def named(
        self, environment: Environment, agent: int, states: States, cell: tuple[int, int, tuple[int, ...]]
    ) -> str:
        """A state in the names of requirements: of a cell ``(state, type, others' types or nothing)``; empty for none."""
        return ""

    def belief(self, environment: Environment, agent: int, state: int) -> int:
        """The vertex of the belief set that a state is about, of types that compare worst cases."""
        return state

    def seen(self, environment: Environment, agent: int, state: int) -> str:
        """The same in the words of proofs and tables."""
        return f"belief {self.belief(environment, agent, state) + 1}"


__all__ = ["Notion", "Places", "States"]
