"""A grid mechanism that runs on the continuum: reports between the grid's points are rounded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..exact.numbers import rational
from ..question.continuum import ways
from .mechanism import Mechanism


@dataclass(frozen=True)
class RoundedMechanism:
    """A function of types in the continuum, ex-post incentive compatible and individually rational there.

    Each report is rounded to the grid of ``mechanism`` towards the type with the smaller rent
    (:func:`mechlp.question.continuum.ways`), and the grid's lottery and transfers apply.
    """

    mechanism: Mechanism

    def profile(self, reports: Sequence[Any]) -> tuple[int, ...]:
        """The grid cell of a report profile.  Raises ValueError for a report outside the grid."""
        environment = self.mechanism.environment
        if len(reports) != environment.n:
            raise ValueError(f"{len(reports)} reports; expected {environment.n}")
        cell = []
        for agent, way, report in zip(environment.agents, ways(environment), reports, strict=True):
            assert agent.values is not None
            grid, said = agent.values.fractions(), rational(report)
            if not grid[0] <= said <= grid[-1]:
                raise ValueError(f"{agent.name} reports {said}, outside [{grid[0]}, {grid[-1]}]")
            cell.append(bisect_right(grid, said) - 1 if way < 0 else bisect_left(grid, said))
        return tuple(cell)

    def outcome(self, reports: Sequence[Any]) -> dict[str, Fraction]:
        """The lottery over outcomes."""
        return self.mechanism.outcome(self.profile(reports))

    def transfers(self, reports: Sequence[Any]) -> tuple[Fraction, ...]:
        """What each agent receives."""
        cell = self.profile(reports)
        return tuple(self.mechanism.transfers[(i, *cell)] for i in range(self.mechanism.environment.n))
