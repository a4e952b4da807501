"""A prior as a table: its probabilities, what types believe of each other, and what outcomes are worth to the designer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..beliefs.conditions import Finding
from ..beliefs.correlation import positive_correlation
from ..environment.model import Environment, InvalidEnvironment
from ..exact.numbers import Rationals, text
from ..mechanism.virtual import virtual_values


@dataclass(frozen=True)
class PriorTable:
    """A distribution over type profiles, exact, shape ``Theta``; :attr:`rows` has one row a profile."""

    environment: Environment
    prior: Rationals

    @cached_property
    def virtual(self) -> Rationals | None:
        """Weighted virtual values, ``(|A|, *Theta)``; None where the types are not ordered or payoffs not exact."""
        try:
            return virtual_values(self.environment, self.prior)
        except InvalidEnvironment:
            return None

    def conditional(self, agent: int) -> tuple[Rationals, Rationals]:
        """``Pr(own type <= theta_i, others theta_-i)`` and ``Pr(others theta_-i)``, each of shape ``Theta``."""
        axis = self.prior.moveaxis(agent, 0)
        below = Rationals(np.cumsum(axis.numerator, axis=0), axis.denominator)
        whole = axis.sum(axis=0).reshape(1, *axis.shape[1:]).broadcast_to(axis.shape)
        return below.moveaxis(0, agent), whole.moveaxis(0, agent)

    def correlation(self, *among: slice) -> tuple[Finding, ...]:
        """For two agents, whether their types are positively correlated (among some of them), agent by agent."""
        first, *rest = self.environment.agents
        if len(rest) != 1:
            return ()
        return positive_correlation(self.prior, (first, rest[0]), among or (slice(None), slice(None)))  # type: ignore[arg-type]

    @property
    def head(self) -> list[str]:
        names = [agent.name for agent in self.environment.agents]
        given = [f"Pr({name} <= own given the rest)" for name in names] if len(names) > 1 else []
        worth = [] if self.virtual is None else [f"virtual value {a}" for a in self.environment.outcomes]
        return [*names, "probability", *given, *worth]

    @property
    def rows(self) -> Iterator[tuple[Sequence[int], list[Fraction | None]]]:
        """Each profile of types, as positions, with its numbers; None where a conditional probability is not defined."""
        n = len(self.environment.agents)
        given = [self.conditional(i) for i in range(n)] if n > 1 else []
        for cell in np.ndindex(*self.environment.shape):
            conditional = [below[cell] / whole[cell] if whole[cell] else None for below, whole in given]
            worth = [] if self.virtual is None else self.virtual[(slice(None), *cell)].fractions()
            yield cell, [self.prior[cell], *conditional, *worth]

    def texts(self) -> Iterator[list[str]]:
        """The head and the rows, exact; an empty cell where nothing is defined."""
        yield self.head
        for cell, numbers in self.rows:
            types = [a.types[k] for a, k in zip(self.environment.agents, cell, strict=True)]
            yield [*types, *("" if x is None else text(x) for x in numbers)]

    def to_json(self) -> list[dict[str, Any]]:
        """One object a row, exact strings."""
        head, *rows = self.texts()
        return [{name: cell or None for name, cell in zip(head, row, strict=True)} for row in rows]


__all__ = ["PriorTable"]
