"""Beliefs: a common prior, or one belief a type."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..exact.numbers import Rationals


@dataclass(frozen=True)
class Beliefs:
    """What each type believes about the others' types.

    ``weights[i]`` has the shape of the type grid (axes of length one where it does not vary are allowed):
    type ``k`` of agent i believes ``theta_-i`` with probability proportional to
    ``weights[i][theta_i = k, theta_-i]``.  Under a common prior every ``weights[i]`` is the prior itself.  A
    type whose weights are all zero has probability zero: its belief is undefined.  ``total`` is the sum by which the weights that
    were given have been divided to make up the prior.
    """

    weights: tuple[Rationals, ...]
    prior: Rationals | None = None
    total: Fraction = Fraction(1)

    @classmethod
    def common(cls, prior: Rationals, total: Fraction = Fraction(1)) -> Beliefs:
        """Beliefs derived from one prior by Bayes' rule."""
        return cls((prior,) * prior.ndim, prior, total)

    @property
    def undivided(self) -> Beliefs:
        """The same beliefs by the weights that were given."""
        return (
            self
            if self.total == 1
            else Beliefs(tuple(w * self.total for w in self.weights), self.prior, self.total)
        )

    def mass(self, agent: int) -> Rationals:
        """Total weight of each type of an agent, shape ``(|Theta_i|,)``: 0 where the belief is undefined."""
        return self._masses[agent]

    @cached_property
    def _masses(self) -> tuple[Rationals, ...]:
        return tuple(
            weights.sum(axis=tuple(k for k in range(weights.ndim) if k != agent))
            for agent, weights in enumerate(self.weights)
        )

    @cached_property
    def shared(self) -> tuple[Rationals | None, ...]:
        """For each agent the belief over ``Theta_-i`` that all its types have, shape ``(*Theta_-i,)``; None where they differ."""
        return tuple(self._shared(i) for i in range(len(self.weights)))

    def _shared(self, agent: int) -> Rationals | None:
        weights = self.weights[agent].moveaxis(agent, 0)
        flat, mass = weights.reshape(weights.shape[0], -1), self.mass(agent)
        if not bool(np.any(mass > 0)):
            return None
        first = int(np.argmax(mass > 0))
        common = flat[first] / mass[first]
        if not bool(np.all(mass.reshape(-1, 1) * common == flat)):
            return None
        return common.reshape(weights.shape[1:])

    def conditional(self, agent: int) -> Rationals:
        """Beliefs as rows: shape ``(|Theta_i|, |Theta_-i|)``, zero rows where undefined."""
        weights = self.weights[agent].moveaxis(agent, 0)
        rows = weights.reshape(weights.shape[0], -1)
        mass = [m or Fraction(1) for m in self.mass(agent).fractions()]
        return rows / Rationals.from_fractions(mass, (len(mass), 1))
