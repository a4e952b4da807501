"""How much a simple mechanism gains over the lottery over posted prices that it dominates (Čopič and Ponsatí 2006, Example 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..environment.model import Agent, Environment, outer
from ..environment.trade import trade_at_prices
from ..exact.numbers import Rationals, power
from ..mechanism.mechanism import Mechanism
from ..mechanism.simple import SimpleMechanism

Ends = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class UniformLottery:
    """Types ``0, h, ..., 1``, utility ``surplus ** g``; a price drawn uniformly from the middles between types.

    The simple mechanism of the same distribution trades at the mean of the two types, with chance ``(v_b - v_s) ** g``.
    """

    n: int
    g: Fraction

    @property
    def environment(self) -> Environment:
        types = [Fraction(k, self.n - 1) for k in range(self.n)]
        s, b, p = (Rationals.of(x) for x in (types, types, self.prices))
        surplus = p - s.reshape(-1, 1, 1), b.reshape(1, -1, 1) - p
        agents = Agent.of("seller", types), Agent.of("buyer", types)
        uniform = outer([Rationals.of([Fraction(1, self.n)] * self.n)] * 2)
        return trade_at_prices(
            agents, p, surplus, (self.g, self.g), uniform, "A uniform lottery over posted prices"
        )

    @property
    def prices(self) -> Sequence[Fraction]:
        return [Fraction(2 * k + 1, 2 * (self.n - 1)) for k in range(self.n - 1)]

    @property
    def _even(self) -> Rationals:
        return Rationals.of([Fraction(1, self.n - 1)] * (self.n - 1))

    def mechanism(self) -> Mechanism:
        """The lottery."""
        environment = self.environment
        assert environment.prices is not None
        nothing = Rationals.zeros((2, *environment.shape))
        return Mechanism(environment, environment.prices.drawn(self._even), nothing)

    def simple(self) -> SimpleMechanism:
        """The simple mechanism of the same distribution."""
        return SimpleMechanism(self.environment, self._even)

    @property
    def continuum(self) -> Ends:
        """Ends of ``(1 + g) / 2 ** g``: in the continuum the simple mechanism gives every trader at least so many times what the
        lottery gives her, and ``d ** (g - 1)`` times that where the gains from trade are d."""
        low, high = power(Rationals.of(2), self.g)
        return (1 + self.g) / high.item(), (1 + self.g) / low.item()

    def least_ratio(self) -> Ends:
        """Ends of the least ratio between the two, over traders and profiles that trade, on the grid."""
        rule, simple = self.mechanism(), self.simple()
        ratios = []
        for agent, worth in enumerate(rule.environment.worths):
            chances = worth.gathered(rule.allocation)
            low = (chances * worth.low).sum(axis=0)
            high = low if worth.spread is None else (chances * (worth.low + worth.spread)).sum(axis=0)
            ends = simple.utilities(agent)
            for cell in map(tuple, np.argwhere(np.asarray(low > 0)).tolist()):
                ratios.append((ends[0][cell] / high[cell], ends[1][cell] / low[cell]))
        return min(r for r, _ in ratios), min(r for _, r in ratios)


__all__ = ["UniformLottery"]
