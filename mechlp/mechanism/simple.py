"""Simple mechanisms of a distribution over prices (Čopič and Ponsatí 2006, Proposition 13), decided in rational arithmetic.

With ``A`` the mass of F in ``[v_s, v_b]`` trade has probability ``A ** g``, at the mean price of F there.  All
comparisons are between products of rational powers, so both sides are raised to a whole power and compared exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..environment.model import Environment
from ..environment.prices import Prices
from ..exact.numbers import Rationals, maximum, power, text
from .audit import Audit, Violation

Cells = npt.NDArray[Any]  # of Fractions
Ends = tuple[Rationals, Rationals]
_ZERO: Any = Fraction(0)
_ONE = Rationals.of(1)
#: Bits of the tangent points and of their powers in a bound.
_BITS, _FINE = 30, 60


@dataclass(frozen=True)
class SimpleMechanism:
    """One price a profile, and the probability of trading at it, both from ``distribution``, shape ``(P,)``.

    The exponent g is the seller's power; ex-post incentive compatible on any grid when it is the buyer's too.
    """

    environment: Environment
    distribution: Rationals
    weights: tuple[Rationals, ...] = (_ONE, _ONE)

    @property
    def prices(self) -> Prices:
        """What the outcomes of the environment are."""
        assert self.environment.prices is not None
        return self.environment.prices

    def stakes(self, agent: int) -> Rationals:
        """What a trader's utility counts in the welfare at each profile."""
        assert self.environment.designer is not None
        return (self.environment.designer * self.weights[agent]).broadcast_to(self.environment.shape)

    @cached_property
    def mass(self) -> Cells:
        """``F[v_s, v_b]`` at each profile."""
        inside = Rationals(self.prices.support.astype(np.int64))
        return _fractions((inside * self.distribution).sum(axis=2))

    @cached_property
    def price(self) -> Cells:
        """The mean price at each profile; 0 where there is no trade."""
        inside = Rationals(self.prices.support.astype(np.int64))
        moment = _fractions((inside * (self.distribution * self.prices.grid)).sum(axis=2))
        held = self.mass.copy()
        held[held == 0] = Fraction(1)
        return np.asarray(moment / held)

    def chance(self, profile: tuple[int, int]) -> float:
        """The probability of trade, rounded: for pages."""
        return float(self.mass[profile]) ** float(self.prices.powers[0])

    @property
    def _exponents(self) -> tuple[int, tuple[int, int]]:
        """Whole exponents: of the mass, and of each surplus; all powers times their common denominator."""
        powers = self.prices.powers
        root = math.lcm(*(p.denominator for p in powers))
        return root, (int(powers[0] * root), int(powers[1] * root))

    def _raised(self, agent: int, types: Cells, mass: Cells, price: Cells) -> Cells:
        """Utilities raised to the common root: ``mass ** a * surplus ** b``, rational."""
        _, whole = self._exponents
        surplus = (price - types) if agent == 0 else (types - price)
        surplus = np.maximum(surplus, _ZERO)
        if whole[0] == whole[agent]:
            return np.asarray((mass * surplus) ** whole[agent])
        return np.asarray(mass ** whole[0] * surplus ** whole[agent])

    def _types(self, agent: int) -> Cells:
        values = self.environment.agents[agent].values
        assert values is not None
        return _fractions(values)

    def utilities(self, agent: int) -> Ends:
        """Ends of a trader's expected utility under truth, shape ``(m, n)``."""
        types = self._types(agent).reshape((-1, 1) if agent == 0 else (1, -1))
        raised = self._raised(agent, types, self.mass, self.price)
        root, whole = self._exponents
        if whole == (root, root):  # risk neutral
            exact = Rationals.from_fractions(list(raised.ravel()), raised.shape)
            return exact, exact
        ends = [power(Rationals.of(cell), Fraction(1, root)) for cell in raised.ravel()]
        low, high = (Rationals.from_fractions([e[k].item() for e in ends], raised.shape) for k in (0, 1))
        return low, high

    def welfare(self) -> tuple[Fraction, Fraction]:
        """Ends of the expected weighted sum of utilities."""
        parts = [[(self.stakes(k) * end).sum() for end in self.utilities(k)] for k in range(2)]
        return parts[0][0] + parts[1][0], parts[0][1] + parts[1][1]

    def audit(self) -> Audit:
        """Lotteries, ex-post IR and ex-post IC with a veto, each exactly."""
        checked = {"IC": 0, "IR": self.mass.size, "lottery": self.mass.size}
        worst: dict[str, Violation] = {}
        for violation, count in map(self._ic, range(2)):
            checked["IC"] += count
            if violation is not None and ("IC" not in worst or violation.amount > worst["IC"].amount):
                worst["IC"] = violation
        return Audit(checked, tuple(worst.values()))

    def _ic(self, agent: int) -> tuple[Violation | None, int]:
        mass, price = (c if agent == 0 else c.T for c in (self.mass, self.price))
        types = self._types(agent)
        told = self._raised(agent, types[:, None, None], mass[None], price[None])
        own = np.arange(len(types))
        truth = told[own, own][:, None]
        broken = np.argwhere(np.asarray(told > truth, dtype=bool))
        if not len(broken):
            return None, told.size
        root = Fraction(1, self._exponents[0])
        gain = lambda c: float(told[tuple(c)]) ** float(root) - float(truth[c[0], 0, c[2]]) ** float(root)  # noqa: E731
        cell = tuple(map(int, max(broken, key=gain)))
        (low, _), (_, high) = (power(Rationals.of(v), root) for v in (told[cell], truth[cell[0], 0, cell[2]]))
        return Violation("IC", _lie(self.environment, agent, cell), (low - high).item()), told.size

    def to_json(self) -> dict[str, Any]:
        """The distribution, exact."""
        prices = self.prices.grid.texts()
        chances = self.distribution.texts()
        return {"distribution": {p: c for p, c in zip(prices, chances, strict=True) if c != "0"}}

    @classmethod
    def from_json(
        cls, environment: Environment, data: Any, weights: tuple[Rationals, ...] | None = None
    ) -> SimpleMechanism:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError."""
        assert environment.prices is not None
        known = environment.prices.grid.texts()
        given = data["distribution"]
        if not set(given) <= set(known):
            raise ValueError("the distribution is on a price that is not in the file")
        distribution = Rationals.of([given.get(p, 0) for p in known])
        return cls(environment, distribution, weights or (_ONE, _ONE))


def _lie(environment: Environment, agent: int, cell: tuple[int, ...]) -> str:
    """``[seller: 1/4 -> 1/2 | buyer=1]``"""
    own, other = environment.agents[agent], environment.agents[1 - agent]
    return f"[{own.name}: {own.types[cell[0]]} -> {own.types[cell[1]]} | {other.name}={other.types[cell[2]]}]"


def _fractions(values: Rationals) -> Cells:
    out = np.empty(values.size, dtype=object)
    out[:] = values.fractions()
    return out.reshape(values.shape)


def best_simple_bound(mechanism: SimpleMechanism) -> Fraction:
    """No distribution over the prices gives a simple mechanism with more expected welfare.

    A concave power lies below its tangents, ``x ** g <= (1 - g) c ** g + g c ** (g - 1) x`` for every ``c > 0``, and what
    stands on the right, summed over profiles, is linear in the distribution, so largest at one price.  The tangent points
    are powers of rationals near what the given distribution yields; every choice proves a bound.
    """
    shape, g = mechanism.environment.shape, mechanism.prices.powers[0]
    constant, slopes = Fraction(0), Rationals.zeros((len(mechanism.prices.grid),))
    for stakes, worth, powers, slants in tangents(mechanism):
        constant += (stakes * powers).sum()
        slopes = slopes + ((stakes * slants).reshape(*shape, 1) * worth).sum(axis=(0, 1))
    best: Fraction = slopes.max()
    return (1 - g) * constant + g * best


def tangents(mechanism: SimpleMechanism) -> Iterator[tuple[Rationals, Rationals, Rationals, Rationals]]:
    """For each trader the stakes ``(m, n)``, what each price is worth before the power, ``(m, n, P)``, and upper ends of
    ``c ** g`` and ``c ** (g - 1)``, ``(m, n)``, where c is near what she gains."""
    prices = mechanism.prices
    assert prices.surplus is not None
    inside = Rationals(prices.support.astype(np.int64))
    smooth = mechanism.distribution.float * (1 - 1e-7) + 1e-7 / len(prices.grid)
    for agent, surplus in enumerate(prices.surplus):
        worth = (maximum(surplus, 0) * inside).reduced()
        yield mechanism.stakes(agent), worth, *tangent_points(worth.float @ smooth, prices.powers[0])


def tangent_points(near: npt.NDArray[np.float64], g: Fraction) -> tuple[Rationals, Rationals]:
    """Upper ends of ``c ** g`` and ``c ** (g - 1)`` at ``c = r ** q``, r rational and c near the given numbers (g = p/q)."""
    p, q = g.numerator, g.denominator
    roots = np.maximum(np.rint(np.maximum(near, 0) ** (1 / q) * 2**_BITS), 1).astype(np.int64)
    cells = [int(r) for r in roots.ravel()]
    up = lambda numbers: Rationals(np.array(list(numbers), dtype=object).reshape(near.shape), 2**_FINE)  # noqa: E731
    powers = up(-(-(r**p << _FINE) // 2 ** (_BITS * p)) for r in cells)
    tangents = up(-(-(2 ** (_BITS * (q - p) + _FINE)) // r ** (q - p)) for r in cells)
    return powers, tangents


def distribution_in_words(mechanism: SimpleMechanism) -> Iterator[tuple[str, str]]:
    """Prices with their probabilities, for pages."""
    for price, chance in zip(
        mechanism.prices.grid.fractions(), mechanism.distribution.fractions(), strict=True
    ):
        if chance > Fraction(1, 10**6):
            yield text(price), f"{float(chance):.6f}"
