"""How a type evaluates a report: one idea, one small class a notion.

A type ``theta_i`` that reports ``r`` faces *states*.  In each state w its payoff is a linear form in the
mechanism: with ``pay(r; theta) = sum_a u_i(a, theta) q(a | r, theta_-i) + t_i(r, theta_-i)``,

* a state may be a belief over ``Theta_-i``: ``L_w(r; theta_i)`` is the expectation of ``pay`` (``summed``);
* or a single profile ``theta_-i``: ``L_w(r; theta_i) = pay(r; theta_i, theta_-i)`` (not summed: the profiles
  of the others are themselves the states).

IC then says ``L_w(theta_i) >= L_w(r)`` in every state, IR says ``L_w(theta_i) >= outside option``.  Two notions compare worst
cases instead, on both sides: with ``worst_state`` the worst state, ``min_w L_w(theta_i) >= min_w L_w(r)``; with ``ambiguous``
the mechanism is a set of rules, and the worst of them counts.

The compiler, the audit and the certificate checker each read this description and nothing else about a notion, so a new one
is one class here and its tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from .model import Environment


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
    """

    weights: Rationals
    mass: Rationals
    types: npt.NDArray[np.intp]
    summed: bool
    common: Rationals | None = None
    counts: tuple[int, ...] | None = None

    def count(self, own: int) -> int:
        """The number of different states of a type."""
        return self.weights.shape[0] if self.counts is None else self.counts[own]


class Notion(Protocol):
    """What a notion of evaluation must say about itself."""

    name: str
    needs_beliefs: bool = False
    needs_sets: bool = False
    ambiguous: bool = False
    worst_state: bool = False
    lies: bool = True

    def states(self, environment: Environment, agent: int) -> States: ...


class Expectation(Notion):
    """Bayesian: one state, the type's own belief."""

    name = "bayesian"
    needs_beliefs = True

    def states(self, environment: Environment, agent: int) -> States:
        assert environment.beliefs is not None
        weights = environment.beliefs.weights[agent].moveaxis(agent, 0)
        mass = environment.beliefs.mass(agent)
        return States(
            Rationals(weights.numerator[None], weights.denominator),
            Rationals(mass.numerator[None], mass.denominator),
            np.flatnonzero(mass > 0),
            summed=True,
            common=environment.beliefs.shared[agent],
        )


class Obedience(Expectation):
    """The designer knows the types: nobody can lie, and only obedience to recommended actions is asked.

    Bergemann and Morris (2016), "Bayes correlated equilibrium and the comparison of information structures in games".
    """

    name = "obedience"
    lies = False


class WorstRule(Expectation):
    """Ambiguous transfers: the type's own belief, and the worst of the rules that the designer announces.

    Di Tillio, Kos and Messner (2017), "The design of ambiguous mechanisms"; Guo (2018), chapter 1.
    """

    name = "ambiguous-transfers"
    ambiguous = True


class EveryState(Notion):
    """Ex post: every profile of the others, at every profile, whatever the prior."""

    name = "ex-post"

    def states(self, environment: Environment, agent: int) -> States:
        one = Rationals(np.ones((1,) * (environment.n + 1), dtype=np.int64))
        return States(one, Rationals.of([[1]]), np.arange(environment.agents[agent].size), summed=False)


class EveryBelief(Notion):
    """Bewley: truth is best under every belief that the type holds possible.

    Bewley (1986), "Knightian decision theory".  The states are the vertices of the type's belief set.
    """

    name = "bewley"
    needs_sets = True

    def states(self, environment: Environment, agent: int) -> States:
        weights, counts = environment.belief_vertices[agent]
        one = Rationals(np.ones((1, len(counts)), dtype=np.int64))
        return States(weights, one, np.arange(len(counts)), summed=True, counts=counts)


class WorstBelief(EveryBelief):
    """Maxmin: a report is worth its worst expectation over the beliefs that the type holds possible.

    Gilboa and Schmeidler (1989); Wolitzky (2015), "Mechanism design with maxmin agents".
    """

    name = "maxmin"
    worst_state = True


_ALL: tuple[Notion, ...] = (
    Expectation(),
    Obedience(),
    WorstRule(),
    EveryBelief(),
    WorstBelief(),
    EveryState(),
)
NOTIONS: dict[str, Notion] = {notion.name: notion for notion in _ALL}
