"""The mechanism that comes back: an allocation and transfers, exact, with what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..environment.model import Environment
from ..environment.notions import States
from ..exact.numbers import Rationals
from ..shown import Shown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Mechanism(Shown):
    """A direct mechanism.

    Parameters
    ----------
    allocation : ``q(a|theta)``, shape ``(|A|, *Theta)``, a lottery at every profile.
    transfers : what each agent receives, shape ``(n, *Theta)``.
    """

    environment: Environment
    allocation: Rationals
    transfers: Rationals

    def seen(self, agent: int) -> Rationals:
        """The chances of what an agent tells apart: outcomes that are alike to her added up, shape ``(C, *Theta)``."""
        return self.environment.worths[agent].gathered(self.allocation)

    def told_apart(self, states: States, agent: int) -> Rationals:
        """The chances of the classes of outcomes that states tell apart, ``(C, *Theta)``."""
        return self.seen(agent) if states.worth is None else self.allocation

    def worths(self, states: States, agent: int, report: int | None = None) -> Rationals:
        """What truth, or one report, is worth to all types in every state: ``(W or 1, |Theta_i|, *Theta_-i)``."""
        worth = states.worths(self.environment, agent)[1]
        chances = self.told_apart(states, agent).moveaxis(agent + 1, 1)
        paid = self.transfers[agent].moveaxis(agent, 0)
        if report is not None:
            chances, paid = chances[:, report : report + 1], paid[report : report + 1]
        total: Rationals = (worth * chances).sum(axis=1)
        return total + paid if states.paid else total

    def misreport(self, agent: int, report: int) -> Rationals:
        """Payoffs of all types of an agent from one report, shape ``(|Theta_i|, *Theta_-i)``."""
        total = Rationals.zeros(())
        for worth, seen in zip(self.environment.worths[agent].low, self.seen(agent), strict=True):
            total = total + worth.moveaxis(agent, 0) * seen.moveaxis(agent, 0)[report]
        return total + self.transfers[agent].moveaxis(agent, 0)[report]

    def payoff(self, agent: int) -> Rationals:
        """Truthful payoff of an agent at every profile (at the lower ends of what outcomes are worth), shape ``Theta``."""
        return (self.environment.worths[agent].low * self.seen(agent)).sum(axis=0) + self.transfers[agent]

    def interim_payoff(self, agent: int) -> tuple[Fraction | None, ...]:
        """Truthful payoff of each type under its belief; None where the belief is undefined."""
        beliefs = self.environment.beliefs
        if beliefs is None:
            return (None,) * self.environment.agents[agent].size
        others = tuple(k for k in range(self.environment.n) if k != agent)
        totals = (beliefs.weights[agent] * self.payoff(agent)).sum(axis=others).fractions()
        masses = beliefs.mass(agent).fractions()
        return tuple(t / m if m else None for t, m in zip(totals, masses, strict=True))

    def expected_revenue(self) -> Fraction | None:
        """``-sum_i t_i`` under the designer's prior; None without one."""
        prior = self.environment.designer
        return None if prior is None else -(prior * self.transfers).sum()

    def expected_surplus(self) -> Fraction | None:
        """``sum_i u_i`` under the designer's prior; None without one."""
        prior = self.environment.designer
        return None if prior is None else (prior * self.environment.surplus * self.allocation).sum()

    def outcome(self, profile: tuple[int, ...]) -> dict[str, Fraction]:
        """The lottery at a profile: the outcomes of positive probability."""
        chances = self.allocation[(slice(None), *profile)].fractions()
        return {a: c for a, c in zip(self.environment.outcomes, chances, strict=True) if c}

    def table(self) -> list[dict[str, Any]]:
        """One row a profile: types, lottery, transfers (exact)."""
        environment = self.environment
        rows = []
        for profile in np.ndindex(*environment.shape):
            types = {a.name: a.types[k] for a, k in zip(environment.agents, profile, strict=True)}
            transfers = {a.name: self.transfers[(i, *profile)] for i, a in enumerate(environment.agents)}
            rows.append({"types": types, "outcome": self.outcome(profile), "transfers": transfers})
        return rows

    def frame(self) -> pd.DataFrame:
        """The mechanism as a DataFrame of Fractions indexed by type profile (needs pandas: ``mechlp[frames]``).

        Sums over it are exact; pandas makes means and medians floats.
        """
        pandas = _pandas()
        environment = self.environment
        names = [a.name for a in environment.agents]
        index = pandas.MultiIndex.from_product([a.types for a in environment.agents], names=names)
        columns: dict[tuple[str, str], list[Fraction]] = {}
        for a, outcome in enumerate(environment.outcomes):
            columns["q", outcome] = self.allocation[a].fractions()
        for i, name in enumerate(names):
            columns["t", name] = self.transfers[i].fractions()
        return pandas.DataFrame(columns, index=index, dtype=object)

    def to_json(self) -> dict[str, Any]:
        """Exact strings: ``allocation[a]...`` and ``transfers[i]...`` as nested lists over the type grid.

        With trade at prices ``lotteries`` has, for each profile that trades, the chances of each price: ``at`` it, or what is
        ``received`` and ``paid`` where they differ.
        """
        environment = self.environment
        if environment.prices is not None and not bool(np.any(self.transfers != 0)):
            return {"lotteries": environment.prices.to_json(self.allocation)}
        return {
            "allocation": {a: self.allocation[k].texts() for k, a in enumerate(environment.outcomes)},
            "transfers": {a.name: self.transfers[i].texts() for i, a in enumerate(environment.agents)},
        }

    @classmethod
    def from_json(cls, environment: Environment, data: Mapping[str, Any]) -> Mechanism:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError when it does not fit."""
        shape = environment.shape
        if environment.prices is not None and "lotteries" in data:
            at_prices = environment.prices.from_json(data["lotteries"])
            return cls(environment, at_prices, Rationals.zeros((environment.n, *shape)))
        allocation = Rationals.of([data["allocation"][a] for a in environment.outcomes])
        transfers = Rationals.of([data["transfers"][a.name] for a in environment.agents])
        if allocation.shape != (len(environment.outcomes), *shape):
            raise ValueError(f"allocation: shape {allocation.shape} does not fit the environment")
        if transfers.shape != (environment.n, *shape):
            raise ValueError(f"transfers: shape {transfers.shape} does not fit the environment")
        return cls(environment, allocation, transfers)

    def __repr__(self) -> str:
        return f"<Mechanism for {self.environment.title or 'untitled'!r}, {self.environment.num_profiles} profiles>"


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError("data frames need pandas: pip install 'mechlp[frames]'") from None
    return pandas
