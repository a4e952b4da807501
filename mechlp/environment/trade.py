"""Environments of trade at prices (:mod:`mechlp.environment.prices`) from surpluses and powers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..exact.enclosed import BITS, Enclosed, largest, raised
from ..exact.numbers import Rationals, maximum, text
from .model import Agent, Beliefs, Environment, InvalidEnvironment
from .prices import Prices, concatenate_first

#: Most cells of one table (types x types x prices), of all outcomes (pairs x types x types), and the largest root of a power.
MAX_CELLS, MAX_PAIRED, MAX_ROOT = 2_000_000, 20_000_000, 100
Surplus = tuple[Rationals | Enclosed, Rationals | Enclosed]


def trade_at_prices(
    agents: tuple[Agent, Agent],
    prices: Rationals,
    surplus: Surplus,
    powers: tuple[Fraction, Fraction],
    prior: Rationals,
    title: str = "",
    parameters: Mapping[str, Fraction] | None = None,
    *,
    bits: int = BITS,
    always: bool = False,
) -> Environment:
    """A seller and a buyer who trade at prices from a finite list.

    Parameters
    ----------
    agents : the seller and the buyer.
    prices : increasing, shape ``(P,)``.
    surplus : of the seller, shape ``(m, 1, P)``, and of the buyer, shape ``(1, n, P)``.
    powers : of the surplus, each in (0, 1]; a payoff is ``max(surplus, 0) ** power``.
    prior : the common prior, shape ``(m, n)``.
    bits : to which irrational payoffs are known.
    always : they trade for sure wherever some price leaves neither a loss and one a gain (ex-post efficiency).

    Raises
    ------
    InvalidEnvironment
        Prices that do not increase, powers outside (0, 1], a prior that is none, too large.
    """
    shape, size = (agents[0].size, agents[1].size), len(prices)
    for name, cells, most in (
        (f"{size:,} prices", shape[0] * shape[1] * size, MAX_CELLS),
        (
            f"{size * (size + 1) // 2:,} pairs of prices",
            shape[0] * shape[1] * size * (size + 1) // 2,
            MAX_PAIRED,
        ),
    ):
        if cells > most:
            raise InvalidEnvironment(
                f"{shape[0]:,} x {shape[1]:,} type profiles x {name} = {cells:,} cells; at most {most:,} are accepted: "
                "use fewer types or prices"
            )
    if bool(np.any(prices[1:] <= prices[:-1])):
        raise InvalidEnvironment("the prices must increase")
    for agent, exponent in zip(agents, powers, strict=True):
        if not 0 < exponent <= 1 or exponent.denominator > MAX_ROOT:
            raise InvalidEnvironment(
                f"power of {agent.name!r}: {text(exponent)} is not in (0, 1] with a denominator of at most {MAX_ROOT}"
            )
    gains = [_no_loss(agent, s) for agent, s in zip(agents, surplus, strict=True)]
    support = np.broadcast_to(gains[0] & gains[1], (*shape, size))
    received, paid = np.triu_indices(size)
    first, second = surplus
    exact = (first, second) if isinstance(first, Rationals) and isinstance(second, Rationals) else None
    neutral = _risk_neutral(prices, surplus, powers)
    made = _environment(
        agents,
        Prices(prices, received, paid, support, powers, exact, neutral),
        surplus,
        prior,
        title,
        parameters,
        bits,
    )
    if always:
        assert made.possible is not None
        gaining = support & np.any(np.broadcast_arrays(*(Enclosed.of(s).low > 0 for s in surplus)), axis=0)
        idle = np.where(gaining.any(axis=2), False, made.possible[0])
        made = replace(made, possible=np.concatenate([idle[None], made.possible[1:]]))
    calm = None if neutral else _money(agents, prices, gains)
    if calm is None:
        return made
    known = Prices(prices, received, paid, support, (Fraction(1), Fraction(1)), calm)
    calmer = _environment(agents, known, calm, prior, title, parameters, bits)
    return replace(made, neutral=replace(calmer, possible=made.possible))


def _environment(
    agents: tuple[Agent, Agent],
    prices: Prices,
    surplus: Surplus,
    prior: Rationals,
    title: str,
    parameters: Mapping[str, Fraction] | None,
    bits: int,
) -> Environment:
    labels, both = prices.grid.texts(), list(zip(prices.received, prices.paid, strict=True))
    names = [labels[r] if r == p else f"{labels[r]} to {labels[p]}" for r, p in both]
    shape = (len(names) + 1, *prices.support.shape[:2])
    low: list[Rationals] = []
    high: list[Rationals] = []
    alike: list[tuple[int, ...]] = []
    for own, s, power in zip((prices.received, prices.paid), surplus, prices.powers, strict=True):
        gain = largest(s, Rationals.of(0)).known() if isinstance(s, Enclosed) else maximum(s, 0)
        worth = Enclosed.of(gain if power == 1 else raised(gain, Rationals.of(power), bits))
        for ends, end in ((low, worth.low), (high, worth.high)):
            by_outcome = end.moveaxis(-1, 0)[own]
            nothing = Rationals.zeros((1, *by_outcome.shape[1:]))
            ends.append(concatenate_first(nothing, by_outcome).broadcast_to(shape))
        alike.append((0, *(own + 1).tolist()))
    agreed = np.moveaxis(prices.support, -1, 0)
    possible = np.concatenate(
        [np.ones((1, *shape[1:]), dtype=bool), agreed[prices.received] & agreed[prices.paid]]
    )
    return Environment(
        agents,
        ("no trade", *names),
        (low[0], low[1]),
        Beliefs.common(_checked(prior, shape[1:])),
        title=title,
        parameters=dict(parameters or {}),
        utility_above=(high[0], high[1]),
        alike=(alike[0], alike[1]),
        possible=possible,
        prices=prices,
    )


def _checked(prior: Rationals, shape: tuple[int, ...]) -> Rationals:
    if prior.shape != shape or bool(np.any(prior < 0)) or prior.sum() != 1:
        raise InvalidEnvironment(f"the prior must be probabilities of shape {shape} that sum to 1")
    return prior


def _no_loss(agent: Agent, surplus: Rationals | Enclosed) -> npt.NDArray[np.bool_]:
    """Where a trade is no loss."""
    ends = Enclosed.of(surplus)
    if bool(np.any((ends.low < 0) & (ends.high >= 0))):
        raise InvalidEnvironment(
            f"whether some trade is a loss to {agent.name!r} is not decided by the ends of the payoff; raise `precision`"
        )
    return np.asarray(ends.low >= 0)


def _risk_neutral(prices: Rationals, surplus: Surplus, powers: tuple[Fraction, Fraction]) -> bool:
    """Whether both payoffs are linear in the price."""
    if any(power != 1 for power in powers):
        return False
    steps = prices[1:] - prices[:-1]
    for s in surplus:
        if isinstance(s, Enclosed):
            return False
        rises = s[..., 1:] - s[..., :-1]
        if bool(np.any(rises[..., 1:] * steps[:-1] != rises[..., :-1] * steps[1:])):
            return False
    return True


def _money(
    agents: tuple[Agent, Agent], prices: Rationals, gains: Sequence[npt.NDArray[np.bool_]]
) -> tuple[Rationals, Rationals] | None:
    """``price - seller`` and ``buyer - price``, where types are numbers and these are losses where the payoffs are."""
    found = []
    for agent, sign, along, gain in zip(agents, (1, -1), ((-1, 1, 1), (1, -1, 1)), gains, strict=True):
        if agent.values is None:
            return None
        money = (prices - agent.values.reshape(along)) * sign
        if bool(np.any((money >= 0) != gain)):
            return None
        found.append(money)
    return found[0], found[1]


def money_surplus(environment: Environment) -> bool:
    """Whether the surpluses are price - seller and buyer - price."""
    prices = environment.prices
    if prices is None or prices.surplus is None:
        return False
    first, second = environment.agents
    wanted = _money((first, second), prices.grid, [np.asarray(s >= 0) for s in prices.surplus])
    return wanted is not None and all(a.same(b) for a, b in zip(wanted, prices.surplus, strict=True))
