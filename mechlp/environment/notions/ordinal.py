"""Rankings instead of payoffs: truth is best for EVERY utility with the type's ranking of outcomes.

A lottery is better than another for all of these if and only if, for each k, it gives the k best outcomes at least the chance
that the other does (first-order stochastic dominance; outcomes of equal payoff are one class).  So the states are upper contour
sets, and what a state makes of an outcome is whether it belongs to the set.  Transfers do not enter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...exact.numbers import Rationals
from ..model import Environment
from .bayesian import Expectation
from .ex_post import EveryState
from .states import Notion, Places, States

#: Outcomes of an upper contour set that its name lists.
LISTED = 3


class Ordinal(Notion):
    """Strategy-proofness of random rules: dominance at every profile of the others.

    Gibbard (1977), "Manipulation of schemes that mix voting with chance"; Bogomolnaia and Moulin (2001), "A new solution to the
    random assignment problem".  The ranking may depend on the others' types.
    """

    name = "ordinal"
    spelled = "ordinal (stochastic dominance at every profile)"
    paid = False

    def states(self, environment: Environment, agent: int) -> States:
        return _ranked(EveryState().states(environment, agent), environment, agent)

    def named(
        self, environment: Environment, agent: int, states: States, cell: tuple[int, int, tuple[int, ...]]
    ) -> str:
        """``top 2 {x, y}``"""
        assert states.worth is not None
        own = states.worth.broadcast_to((*states.worth.shape[:3], *np.delete(environment.shape, agent)))
        others = cell[2] or (0,) * (environment.n - 1)  # in expectation no ranking depends on them
        best = np.flatnonzero(own[(cell[0], slice(None), cell[1], *others)].numerator)
        names = [environment.outcomes[a] for a in best[:LISTED]] + ["..."] * (len(best) > LISTED)
        return f"top {len(best)} {{{', '.join(names)}}}"


class OrdinalBayesian(Ordinal):
    """The same in expectation over the others, under the type's own belief.

    D'Aspremont and Peleg (1988), "Ordinal Bayesian incentive compatible representations of committees".
    """

    name = "ordinal-bayesian"
    spelled = "ordinal Bayesian (stochastic dominance under the type's belief)"
    needs_beliefs = True

    def states(self, environment: Environment, agent: int) -> States:
        return replace(_ranked(Expectation().states(environment, agent), environment, agent), common=None)

    def refuses(self, environment: Environment) -> str | None:
        for i, agent in enumerate(environment.agents):
            ranks = _ranks(environment, i)
            ranks = ranks.reshape(*ranks.shape[:2], -1)
            if bool(np.any(ranks != ranks[..., :1])):
                return (
                    f"how {agent.name!r} ranks outcomes depends on others' types, so no one ranking orders lotteries in "
                    "expectation: take ic: ordinal"
                )
        return None


def _ranked(states: States, environment: Environment, agent: int) -> States:
    """States with the upper contour sets below the whole set; the last one of a ranking of fewer classes is repeated."""
    ranks = _ranks(environment, agent)
    last = np.maximum(ranks.max(axis=0) - 1, 0)
    sets = np.arange(max(int(ranks.max()), 1)).reshape(-1, *(1,) * ranks.ndim)
    inside = ranks <= np.minimum(sets, last)
    return replace(states, worth=Rationals(inside.astype(np.int64)), paid=False)


def _ranks(environment: Environment, agent: int) -> Places:
    """How many classes of outcomes are better, ``(|A|, |Theta_i|, *Theta_-i)``, others' axes of length one without effect."""
    payoff = environment.utility[agent].moveaxis(agent + 1, 1).unrepeated().numerator
    payoff = np.broadcast_to(payoff, (len(environment.outcomes), environment.shape[agent], *payoff.shape[2:]))
    order = np.argsort(-payoff, axis=0, kind="stable")
    falling = np.take_along_axis(payoff, order, axis=0)
    steps = np.concatenate([falling[:1] != falling[:1], falling[1:] != falling[:-1]]).astype(np.intp)
    ranks = np.empty_like(steps)
    np.put_along_axis(ranks, order, steps.cumsum(axis=0), axis=0)
    return ranks


__all__ = ["Ordinal", "OrdinalBayesian"]
