"""Trade at a price, without side payments: what an outcome is worth depends on a type and a price alone.

An outcome is "no trade" or a pair of prices, what the seller gets and what the buyer pays.  A trader's utility is a power
of her surplus, ``max(surplus, 0) ** power`` (constant relative risk aversion; 1 is risk neutrality): a surplus is a
formula in (type, price), so any piecewise linear utility can be written, and a trade that would be a loss is vetoed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, maximum, power, text
from .model import Agent, InvalidEnvironment

#: Most cells (types x types x prices) of one table, and the largest root that a power may take.
MAX_CELLS, MAX_ROOT = 2_000_000, 100
Ends = tuple[Rationals, Rationals]


@dataclass(frozen=True)
class PriceEnvironment:
    """A seller and a buyer who trade at prices from a finite list.

    Parameters
    ----------
    agents : the seller and the buyer.
    prices : increasing, shape ``(P,)``.
    surplus : of the seller, shape ``(m, 1, P)``, and of the buyer, shape ``(1, n, P)``.
    powers : of the surplus, each in (0, 1]; the utility is ``max(surplus, 0) ** power``.
    prior : the designer's, shape ``(m, n)``.
    weights : welfare weights of the seller and of the buyer, shapes that broadcast to ``(m, n)``.

    Raises
    ------
    InvalidEnvironment
        Prices that do not increase, powers outside (0, 1], a prior that is none, negative weights, too large.
    """

    agents: tuple[Agent, Agent]
    prices: Rationals
    surplus: tuple[Rationals, Rationals]
    powers: tuple[Fraction, Fraction]
    prior: Rationals
    weights: tuple[Rationals, Rationals]
    title: str = ""
    parameters: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cells = self.agents[0].size * self.agents[1].size * len(self.prices)
        if cells > MAX_CELLS:
            raise InvalidEnvironment(
                f"{self.agents[0].size:,} x {self.agents[1].size:,} type profiles x {len(self.prices):,} prices = "
                f"{cells:,} cells; at most {MAX_CELLS:,} are accepted: use fewer types or prices"
            )
        if bool(np.any(self.prices[1:] <= self.prices[:-1])):
            raise InvalidEnvironment("the prices must increase")
        for agent, exponent in zip(self.agents, self.powers, strict=True):
            if not 0 < exponent <= 1 or exponent.denominator > MAX_ROOT:
                raise InvalidEnvironment(
                    f"power of {agent.name!r}: {text(exponent)} is not in (0, 1] with a denominator of at most {MAX_ROOT}"
                )
        if self.prior.shape != self.shape or bool(np.any(self.prior < 0)) or self.prior.sum() != 1:
            raise InvalidEnvironment(f"the prior must be probabilities of shape {self.shape} that sum to 1")
        if any(bool(np.any(w < 0)) for w in self.weights):
            raise InvalidEnvironment("a welfare weight is negative")

    @property
    def shape(self) -> tuple[int, int]:
        """Types of the seller, types of the buyer."""
        return self.agents[0].size, self.agents[1].size

    @property
    def risk_neutral(self) -> bool:
        """Whether both powers are 1."""
        return all(p == 1 for p in self.powers)

    @cached_property
    def support(self) -> npt.NDArray[np.bool_]:
        """Prices that leave neither trader a loss, shape ``(m, n, P)``: ex-post individual rationality."""
        return np.broadcast_to(
            (self.surplus[0] >= 0) & (self.surplus[1] >= 0), (*self.shape, len(self.prices))
        )

    @cached_property
    def utility(self) -> tuple[Ends, Ends]:
        """Rational ends of what each price is worth to the seller ``(m, 1, P)`` and to the buyer ``(1, n, P)``."""
        seller, buyer = (power(maximum(s, 0), p) for s, p in zip(self.surplus, self.powers, strict=True))
        return seller, buyer

    @property
    def exact(self) -> bool:
        """Whether every utility is a rational number."""
        return all(low.same(high) for low, high in self.utility)

    def stakes(self, agent: int) -> Rationals:
        """What the utility of an agent counts in the welfare at each profile, shape ``(m, n)``."""
        return (self.prior * self.weights[agent]).broadcast_to(self.shape)

    def neutral(self) -> PriceEnvironment:
        """The same traders without risk aversion."""
        return replace(self, powers=(Fraction(1), Fraction(1)))

    def profile_label(self, profile: tuple[int, int]) -> str:
        """``seller=1/4, buyer=1/2``"""
        return ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(self.agents, profile, strict=True))
