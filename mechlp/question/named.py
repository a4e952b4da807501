"""Mechanisms by name, for whatever environment they are defined in: as direct mechanisms, reports being types, each a lottery of
shape ``(|A|, *Theta)`` and transfers of shape ``(n, *Theta)``.

A name says what is done with the reports, not that they are true: ``first-price`` takes each type's own value for its bid.  The
audit says what a type gains by another report.

Sources: Clarke (1971); d'Aspremont and Gérard-Varet (1979), Arrow (1979); Vickrey (1961); Chatterjee and Samuelson (1983);
Gibbard (1977); Abdulkadiroğlu and Sönmez (1998).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations

import numpy as np

from ..environment.model import Environment, outer
from ..exact.errors import InvalidInput
from ..exact.numbers import Rationals, stack, text, where

#: Orders of agents that random serial dictatorship goes through.
MAX_ORDERS = 40_320
Numbers = Mapping[str, Fraction]
Tables = tuple[Rationals, Rationals]
#: What else mechanisms are called.
ALSO = {"vcg": "pivot", "clarke": "pivot", "vickrey": "second-price", "expected-externality": "agv"}


class NotDefined(InvalidInput):
    """A mechanism that is not defined in this environment; the message says what is missing."""


@dataclass(frozen=True)
class Named:
    """How a mechanism is made, in words, and the numbers that it takes with their defaults (None: must be given)."""

    make: Callable[[Environment, Numbers], Tables]
    about: str
    numbers: Mapping[str, Fraction | None] = field(default_factory=dict)


def named_mechanism(
    environment: Environment, name: str, numbers: Mapping[str, Fraction] | None = None
) -> Tables:
    """The lottery and the transfers of a mechanism by its name in :data:`NAMED`.

    Raises
    ------
    NotDefined
        An unknown name or number, or an environment in which the mechanism is not defined.
    """
    if name not in NAMED:
        ours = ALSO.get(name.lower())
        raise NotDefined(
            f"no mechanism is named {name!r}: {f'here this is {ours!r}' if ours else ', '.join(NAMED)}"
        )
    if not environment.exact:
        raise NotDefined(
            f"{name}: payoffs are irrational here, and the rule compares them: use rational numbers near them"
        )
    known, given = NAMED[name].numbers, dict(numbers or {})
    if wrong := sorted(set(given) - set(known)):
        raise NotDefined(f"{name} takes no number {wrong[0]!r}; it takes {', '.join(known) or 'none'}")
    missing = [k for k, v in known.items() if v is None and k not in given]
    if missing:
        raise NotDefined(f"{name} needs a number: {missing[0]}")
    return NAMED[name].make(environment, {**{k: v for k, v in known.items() if v is not None}, **given})


# -- efficient allocation, paid for by externalities ----------------------------------------------
def _pivot(environment: Environment, numbers: Numbers) -> Tables:
    """Each agent pays what her presence costs the others (Clarke)."""
    _private(environment, "pivot")
    rule = first_efficient(environment)
    paid = []
    for i in range(environment.n):
        others = environment.surplus - environment.utility[i]
        paid.append((others * rule).sum(axis=0) - others.max(axis=0))
    return rule, stack(paid)


def _expected_externality(environment: Environment, numbers: Numbers) -> Tables:
    """Each agent receives what her report is expected to be worth to the others, paid by them in equal parts (AGV)."""
    _private(environment, "agv")
    prior, n = environment.designer, environment.n
    if prior is None or n < 2:
        raise NotDefined("agv needs a common prior and two agents or more")
    marginals = [prior.sum(axis=tuple(k for k in range(n) if k != i)) for i in range(n)]
    if not bool(np.all(outer(marginals) == prior)):
        raise NotDefined(
            "agv needs independent types: with correlated ones it does not balance the incentives"
        )
    rule, owed = first_efficient(environment), []
    for i in range(n):
        others = ((environment.surplus - environment.utility[i]) * rule).sum(axis=0)
        rest = outer(
            [Rationals.of([1] * environment.shape[k]) if k == i else m for k, m in enumerate(marginals)]
        )
        own = (others * rest).sum(axis=tuple(k for k in range(n) if k != i))
        owed.append(own.reshape([-1 if k == i else 1 for k in range(n)]).broadcast_to(environment.shape))
    every = stack(owed)
    total: Rationals = every.sum(axis=0)
    share = Fraction(1, n - 1)
    return rule, stack([e - (total - e) * share for e in owed])


# -- one object -----------------------------------------------------------------------------------
def _auction(price: str) -> Callable[[Environment, Numbers], Tables]:
    def make(environment: Environment, numbers: Numbers) -> Tables:
        """The highest value wins, ties by equal chances, at or above the reserve."""
        nobody, winners = _single_good(environment, price)
        reserve, shape = numbers["reserve"], environment.shape
        bids = stack([environment.utility[i][a] for i, a in enumerate(winners)])
        eligible = bids >= reserve
        low = bids.min() - 1
        valid = where(eligible, bids, low)
        top: Rationals = valid.max(axis=0)
        wins = np.asarray(valid == top) & eligible
        count = wins.sum(axis=0)
        share = Rationals.from_fractions([Fraction(1, max(int(c), 1)) for c in count.ravel()], shape)
        chances = [Rationals.zeros(shape)] * len(environment.outcomes)
        for i, a in enumerate(winners):
            chances[a] = Rationals(wins[i].astype(np.int64)) * share
        chances[nobody] = Rationals((count == 0).astype(np.int64))
        paid = []
        for i, a in enumerate(winners):
            if price == "all-pay":
                paid.append(-bids[i] * Rationals(eligible[i].astype(np.int64)))
                continue
            others = [valid[k] for k in range(environment.n) if k != i]
            second = stack([*others, Rationals.of(reserve).broadcast_to(shape)]).max(axis=0)
            paid.append(-chances[a] * (bids[i] if price == "first-price" else second))
        return stack(chances), stack(paid)

    return make


# -- trade ----------------------------------------------------------------------------------------
def _posted(environment: Environment, numbers: Numbers) -> Tables:
    """Trade at the price wherever both sides agree to it."""
    trade = _trade(environment, "posted-price")
    price = Rationals.of(numbers["price"])
    return trade.at(price, (trade.value >= price) & (trade.cost <= price))


def _double_auction(environment: Environment, numbers: Numbers) -> Tables:
    """Trade where the buyer's report is at least the seller's, at ``k`` times the one and ``1 - k`` times the other."""
    trade, k = _trade(environment, "double-auction"), numbers["k"]
    if not 0 <= k <= 1:
        raise NotDefined(f"double-auction: k lies between 0 and 1, found {text(k)}")
    return trade.at(trade.value * k + trade.cost * (1 - k), trade.value >= trade.cost)


@dataclass(frozen=True)
class _Trade:
    environment: Environment
    kept: int
    traded: int
    seller: int | None
    buyer: int
    value: Rationals
    cost: Rationals

    def at(self, price: Rationals, happens: np.ndarray) -> Tables:
        """Trade at a price where it happens."""
        environment = self.environment
        trade = Rationals(np.broadcast_to(happens, environment.shape).astype(np.int64))
        chances = [Rationals.zeros(environment.shape)] * len(environment.outcomes)
        chances[self.traded], chances[self.kept] = trade, 1 - trade
        paid = (trade * price).broadcast_to(environment.shape)
        transfers = [Rationals.zeros(environment.shape)] * environment.n
        transfers[self.buyer] = -paid
        if self.seller is not None:
            transfers[self.seller] = paid
        return stack(chances), stack(transfers)


# -- without money --------------------------------------------------------------------------------
def _serial(environment: Environment, numbers: Numbers) -> Tables:
    """The agents choose in their order, each among what the earlier ones left to her; ties by equal chances."""
    return _unpaid(environment, [range(environment.n)])


def _random_serial(environment: Environment, numbers: Numbers) -> Tables:
    """Serial dictatorship in every order with equal chances."""
    orders = list(permutations(range(environment.n))) if environment.n <= 8 else []
    if not 0 < len(orders) <= MAX_ORDERS:
        raise NotDefined(
            f"random-serial-dictatorship: {environment.n} agents have too many orders; at most 8 agents"
        )
    return _unpaid(environment, orders)


def _random_dictator(environment: Environment, numbers: Numbers) -> Tables:
    """One agent, each with equal chances, chooses alone."""
    return _unpaid(environment, [[i] for i in range(environment.n)])


def _unpaid(environment: Environment, orders: Sequence[Sequence[int]]) -> Tables:
    shape, total = environment.shape, Rationals.zeros((len(environment.outcomes), *environment.shape))
    lowest = min(u.min() for u in environment.utility) - 1
    for order in orders:
        left = np.ones(total.shape, dtype=bool)
        for i in order:
            worth = where(left, environment.utility[i], lowest)
            left &= np.asarray(worth == worth.max(axis=0))
        count = left.sum(axis=0)
        share = Rationals.from_fractions([Fraction(1, int(c)) for c in count.ravel()], shape)
        total = total + Rationals(left.astype(np.int64)) * share
    return total * Fraction(1, len(orders)), Rationals.zeros((environment.n, *shape))


# -- what an environment must be --------------------------------------------------------------------
def _private(environment: Environment, name: str) -> None:
    for i, agent in enumerate(environment.agents):
        if not environment.private_values(i):
            raise NotDefined(
                f"{name} needs private values, and {agent.name}'s payoff depends on other agents' types"
            )


def first_efficient(environment: Environment) -> Rationals:
    """The first efficient outcome of each profile, for certain."""
    best = environment.efficient
    return Rationals((best & (np.cumsum(best, axis=0) == 1)).astype(np.int64))


def _single_good(environment: Environment, name: str) -> tuple[int, list[int]]:
    """The outcome that gives the object to nobody, and the one that gives it to each agent."""
    _private(environment, name)
    some = np.array(
        [[bool(np.any(u[a] != 0)) for a in range(len(environment.outcomes))] for u in environment.utility]
    )
    nothing = np.flatnonzero(~some.any(axis=0))
    winners = [np.flatnonzero(some[i] & (some.sum(axis=0) == 1)) for i in range(environment.n)]
    if (
        len(nothing) != 1
        or any(len(w) != 1 for w in winners)
        or len(environment.outcomes) != environment.n + 1
    ):
        raise NotDefined(
            f"{name} sells one object: it takes `outcomes: single-good` (an outcome for each agent, and one for nobody)"
        )
    return int(nothing[0]), [int(w[0]) for w in winners]


def _trade(environment: Environment, name: str) -> _Trade:
    """A buyer, perhaps a seller, and an outcome that is worth something to them beside one that is worth nothing."""
    _private(environment, name)
    some = [
        any(bool(np.any(u[a] != 0)) for u in environment.utility) for a in range(len(environment.outcomes))
    ]
    expected = (
        f"{name} is about trade: a buyer, perhaps a seller, an outcome that is worth nothing, and trade"
    )
    if sorted(some) != [False, True] or environment.n > 2:
        raise NotDefined(expected)
    kept, traded = some.index(False), some.index(True)
    worth = [u[traded] for u in environment.utility]
    buyers = [i for i, w in enumerate(worth) if bool(np.all(w >= 0))]
    sellers = [i for i, w in enumerate(worth) if i not in buyers[:1] and bool(np.all(w <= 0))]
    if not buyers or len(sellers) != environment.n - 1:
        raise NotDefined(expected)
    seller = sellers[0] if sellers else None
    cost = Rationals.zeros(environment.shape) if seller is None else -worth[seller]
    return _Trade(environment, kept, traded, seller, buyers[0], worth[buyers[0]], cost)


NAMED: dict[str, Named] = {
    "pivot": Named(
        _pivot, "efficient; each pays what her presence costs the others (Clarke, Vickrey, Groves)"
    ),
    "agv": Named(
        _expected_externality, "efficient; each receives the expected externality of her report, balanced"
    ),
    "first-price": Named(
        _auction("first-price"), "the highest value wins and pays it", {"reserve": Fraction(0)}
    ),
    "second-price": Named(
        _auction("second-price"), "the highest value wins and pays the second", {"reserve": Fraction(0)}
    ),
    "all-pay": Named(
        _auction("all-pay"), "the highest value wins, everybody pays her own", {"reserve": Fraction(0)}
    ),
    "posted-price": Named(_posted, "trade at a price to which both agree", {"price": None}),
    "double-auction": Named(_double_auction, "trade at k value + (1 - k) cost", {"k": Fraction(1, 2)}),
    "serial-dictatorship": Named(_serial, "the agents choose in their order"),
    "random-serial-dictatorship": Named(_random_serial, "the same in every order with equal chances"),
    "random-dictatorship": Named(_random_dictator, "one agent, drawn at random, chooses"),
}

__all__ = ["ALSO", "NAMED", "Named", "NotDefined", "first_efficient", "named_mechanism"]
