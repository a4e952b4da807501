"""Bargaining over one good with transfers, two types a side: the closed forms of Pęski (2023, draft), corrected.

Two players with independent types ``l_i < h_i``, ``l1 < l2 < h1 < h2``; ``p_i`` is the probability of ``h_i``; the outcome
says who gets the good, and a player's payoff is her value if she gets it, plus what she receives. With ``D_i = h_i -
l_i`` and ``R = l2 - l1``:

* ``property-rights``: player 1 owns a share x of the good, player 2 the rest; each names a price for her share, and
  the other takes it when indifferent.  Type l1 asks l2 when ``p2 <= p2* = (l2 - l1)/(h2 - l1)``, else h2; h1 asks h2,
  l2 asks h1, h2 never sells.
* ``a1``: for ``p2 >= p2*`` and ``p1 <= p1*`` (zone A) property rights, but l1 also sells gamma of her share to l2 at
  price l1, with gamma such that h2 just does not pretend to be l2; for ``p2 <= p2*`` (zone B) property rights.
* ``a2``: in zone A (``p1 <= p1**``) the same at price l2.

The figures of the draft that say more are missing. So zone C (``p2 > p2*`` and p1 beyond ``p1*`` or ``p1**``), zone B
of a2, and which limit is taken at ``p2 = p2*`` are not determined, and :class:`NotDetermined` is raised for the first
two; at ``p2 = p2*`` both limits can be had (``low_price``).  Nor does the draft complete the conditions of its Theorem
1; nothing is offered for it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

from ..environment.model import Agent, Beliefs, Environment, outer
from ..exact.numbers import Rationals, rational, stack, text
from ..mechanism.mechanism import Mechanism
from ..question.design import Design

MECHANISMS = ("property-rights", "a1", "a2")
ZONES = ("A", "B", "C")
#: A rectangle of beliefs: ``(p1 from, p1 to, p2 from, p2 to)``.
Rectangle = tuple[Fraction, Fraction, Fraction, Fraction]


class NotDetermined(ValueError):
    """The draft does not say what the mechanism is here; the message says where it does."""


@dataclass(frozen=True)
class Bargaining:
    """One good, two players, two types each.  Numbers as for :func:`mechlp.exact.numbers.rational`.

    Raises
    ------
    ValueError
        Unless ``l1 < l2 < h1 < h2`` and the probabilities are between 0 and 1.
    """

    l1: Fraction
    l2: Fraction
    h1: Fraction
    h2: Fraction
    p1: Fraction
    p2: Fraction

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, rational(getattr(self, f.name)))
        if not self.l1 < self.l2 < self.h1 < self.h2:
            raise ValueError("the types must satisfy l1 < l2 < h1 < h2")
        if not (0 <= self.p1 <= 1 and 0 <= self.p2 <= 1):
            raise ValueError("p1 and p2 are probabilities: between 0 and 1")

    # -- the environment ------------------------------------------------------------------------
    @property
    def environment(self) -> Environment:
        """Players ``player1`` and ``player2``; outcome k: player k gets the good; independent types."""
        zero = Rationals.zeros((2, 2))
        one, two = Rationals.of([[self.l1], [self.h1]]) + zero, Rationals.of([self.l2, self.h2]) + zero
        return Environment(
            (Agent.of("player1", [self.l1, self.h1]), Agent.of("player2", [self.l2, self.h2])),
            ("player1", "player2"),
            (stack([one, zero]), stack([zero, two])),
            Beliefs.common(
                outer([Rationals.of([1 - self.p1, self.p1]), Rationals.of([1 - self.p2, self.p2])])
            ),
            title="Bargaining",
        )

    def design(self, **asked: Any) -> Design:
        """Bayesian IC and ex-ante budget balance without IR, the requirements of the draft; ``asked`` changes them."""
        return Design(self.environment, **{"ic": "bayesian", "ir": "none", "bb": "ex-ante", **asked})

    # -- thresholds -----------------------------------------------------------------------------
    @property
    def p2_star(self) -> Fraction:
        """Up to here l1 asks the low price."""
        return (self.l2 - self.l1) / (self.h2 - self.l1)

    def p1_star(self, x: Any, mechanism: str = "a1") -> Fraction:
        """``p1*`` of a1 or ``p1**`` of a2: from here l1 would sell more than her share (1 where she never would)."""
        x, k = rational(x), self._rate(mechanism)
        return x / (x + (1 - x) * k)

    def _rate(self, mechanism: str) -> Fraction:
        low = {"a1": self.l1, "a2": self.l2}[mechanism]
        return (self.h2 - self.h1) / (self.h2 - low)

    def gamma(self, x: Any, mechanism: str = "a1") -> Fraction:
        """What l1 sells to l2 in zone A."""
        x = rational(x)
        return (1 - x) * self.p1 / (1 - self.p1) * self._rate(mechanism)

    def zones(self, x: Any, mechanism: str) -> dict[str, Rectangle]:
        """The zones of beliefs ``(p1, p2)`` for a share x, whatever this instance's own beliefs.

        Property rights have two: l1 asks the high price (A) or the low one (B).  Zone C is where the draft is silent.
        """
        zero, one, level, x = Fraction(0), Fraction(1), self.p2_star, rational(x)
        if not 0 <= x <= 1:
            raise ValueError(f"x is a share: between 0 and 1, found {text(x)}")
        border = one if mechanism == "property-rights" else self.p1_star(x, mechanism)
        out = {"A": (zero, border, level, one), "B": (zero, one, zero, level), "C": (border, one, level, one)}
        return {name: r for name, r in out.items() if r[0] < r[1] and r[2] < r[3]}

    def zone(self, x: Any, mechanism: str) -> str:
        """The zone of this instance's beliefs; on a border the first that the draft determines."""
        for name, (left, right, low, high) in self.zones(x, mechanism).items():
            if left <= self.p1 <= right and low <= self.p2 <= high:
                return name
        raise AssertionError("the zones cover the square")

    # -- mechanisms -----------------------------------------------------------------------------
    def mechanism(self, name: str, x: Any, *, low_price: bool | None = None) -> Mechanism:
        """Property rights, a1 or a2 for a share x.

        ``low_price`` says whether l1 asks l2 or h2 where ``p2 = p2*`` (default: l2, and h2 for a2); elsewhere it
        must be left out.

        Raises
        ------
        NotDetermined
            Where the draft does not say what the mechanism is.
        """
        x = rational(x)
        if name not in MECHANISMS:
            raise ValueError(f"{name!r} is not one of {', '.join(MECHANISMS)}")
        if not 0 <= x <= 1:
            raise ValueError(f"x is a share: between 0 and 1, found {text(x)}")
        low = self._asks_low_price(name, low_price)
        gamma = Fraction(0)
        if name != "property-rights" and not (name == "a1" and low):
            self._determined(name, x, low)
            gamma = self.gamma(x, name)
        return self._traded(x, low, gamma, self.l1 if name == "a1" else self.l2)

    def _asks_low_price(self, name: str, given: bool | None) -> bool:
        if given is not None and self.p2 != self.p2_star:
            raise ValueError("low_price is a choice at p2 = p2* only")
        if given is not None:
            return given
        return self.p2 < self.p2_star or (self.p2 == self.p2_star and name != "a2")

    def _determined(self, name: str, x: Fraction, low: bool) -> None:
        border, said = self.p1_star(x, name), "p1*" if name == "a1" else "p1**"
        where = f"p2 {'<' if low else '>'}= p2* = {text(self.p2_star)}"
        if low:
            raise NotDetermined(
                f"{name} is determined by the draft for p2 >= p2* = {text(self.p2_star)} only; here p2 = {text(self.p2)}"
            )
        if self.p1 > border or self.p1 == 1:
            raise NotDetermined(
                f"for {where} the draft determines {name} up to {said} = {text(border)} only; here p1 = {text(self.p1)}"
            )

    def _traded(self, x: Fraction, low: bool, gamma: Fraction, price: Fraction) -> Mechanism:
        """Who gets the good, and what player 2 pays player 1, at (l1, l2), (l1, h2), (h1, l2) and (h1, h2)."""
        first = [[0 if low else x - gamma, 0], [1, 0]]
        asked = x * self.l2 if low else gamma * price
        paid = [[asked, x * (self.l2 if low else self.h2)], [-(1 - x) * self.h1, x * self.h2]]
        one, received = Rationals.of(first), Rationals.of(paid)
        return Mechanism(self.environment, stack([one, 1 - one]), stack([received, -received]))

    def payoffs(self, name: str, x: Any, *, low_price: bool | None = None) -> tuple[Rationals, Rationals]:
        """Interim payoffs ``(L1, H1), (L2, H2)`` from the draft's formulas, corrected; see :meth:`mechanism`.

        Raises
        ------
        NotDetermined
        """
        self.mechanism(name, x, low_price=low_price)  # raises where there is none
        x, low = rational(x), self._asks_low_price(name, low_price)
        l1, l2, h1, h2, p1, p2 = self.l1, self.l2, self.h1, self.h2, self.p1, self.p2
        first = x * l2 if low else x * (l1 + p2 * (h2 - l1))
        second = (1 - x) * (l2 + p1 * (h1 - l2))
        if name == "a1" and not low:
            second += self.gamma(x) * (1 - p1) * (l2 - l1)
        if name == "a2":
            first += self.gamma(x, "a2") * (1 - p2) * (l2 - l1)
        bonus = x * (1 - p1) * (h2 - l2) if low else Fraction(0)
        return (
            Rationals.of([first, x * (h1 + p2 * (h2 - h1))]),
            Rationals.of([second, (1 - x) * h2 + bonus]),
        )

    def pieces(self, name: str, x: Any, agent: int) -> tuple[list[Rationals], bool]:
        """The payoffs of one player over all beliefs q_i about her, the other's probability being as it is.

        On each piece they lie in the convex hull of the corners returned, shape ``(K, 2)``, and reach the corners:
        what robust efficiency and the upper contour mechanism range over.  Also whether the draft determines them for
        every q_i.
        """
        at = lambda p, low=None: self.at(agent, p).payoffs(name, x, low_price=low)[agent]  # noqa: E731
        if agent == 0 and name == "a2":
            # gamma grows with q_1, from 0 to all of x at p1**; so do her payoffs, along a segment.
            border, here = self.p1_star(x, name), self.p2 >= self.p2_star
            return ([stack([at(Fraction(0)), at(border)])] if here and border < 1 else []), False
        if agent == 0:  # also a1 pays player 1 what property rights do, in every zone
            return [self.at(0, 0).payoffs("property-rights", x)[0].reshape(1, 2)], True
        found = []
        for low in (True, False):
            try:
                found.append(at(self.p2_star, low).reshape(1, 2))
            except NotDetermined:
                continue
        return found, len(found) == 2

    def every_piece(self, name: str, x: Any) -> tuple[tuple[tuple[Rationals, ...], ...], bool]:
        """:meth:`pieces` of both players, and whether the draft determines both for every belief."""
        (one, first), (two, second) = (self.pieces(name, x, agent) for agent in (0, 1))
        return (tuple(one), tuple(two)), first and second

    def at(self, agent: int, probability: Any) -> Bargaining:
        """The same with another probability of the high type of one player."""
        changed = {f.name: getattr(self, f.name) for f in fields(self)}
        changed[f"p{agent + 1}"] = rational(probability)
        return Bargaining(**changed)

    # -- Theorem 2 ------------------------------------------------------------------------------
    def support(self, first: Any, second: Any, *, literal: bool = False) -> Fraction:
        """The largest ``sum_i (1 - Lambda_i) L_i + Lambda_i H_i`` for weights ``first`` and ``second`` on the high types.

        Theorem 2, corrected: player 2 gets the good at (l1, h2) and player 1 at (h1, l2); at (l1, l2) and (h1, h2) a
        rule in the weights decides.  The draft leaves the term in Lambda_1 out of the rule for (l1, l2); so does
        ``literal``, whose value can be too small.  Probabilities must be strictly between 0 and 1 (ValueError).
        """
        one, two = rational(first), rational(second)
        p1, p2, d1, d2 = self.p1, self.p2, self.h1 - self.l1, self.h2 - self.l2
        if not (0 < p1 < 1 and 0 < p2 < 1):
            raise ValueError("Theorem 2 needs probabilities strictly between 0 and 1")
        missing = 0 if literal else max(p1 - one, Fraction(0)) * d1 / (1 - p1)
        low = two > p2 - (1 - p2) / d2 * (self.l2 - self.l1 + missing)
        high = self.l2 - self.l1 + max(two / p2, Fraction(1)) * d2 > one / p1 * d1
        return self._value(one, two, int(low), int(high))

    def _value(self, one: Fraction, two: Fraction, low: int, high: int) -> Fraction:
        """The weighted payoffs when player 2 gets the good with probability ``low`` at (l1, l2), ``high`` at (h1, h2).

        Budget balance turns them into welfare plus ``(Lambda_i - p_i)(H_i - L_i)``, and IC lets ``H_i - L_i`` range
        from ``D_i`` times the low type's probability of the good to ``D_i`` times the high type's.
        """
        p1, p2 = self.p1, self.p2
        getting = [((1 - p2) * (1 - low), 1 - p2 + p2 * (1 - high)), ((1 - p1) * low, 1 - p1 + p1 * high)]
        sides = ((self.l1, self.h1, p1, one), (self.l2, self.h2, p2, two))
        total = Fraction(0)
        for (least, most), (worth, more, chance, weight) in zip(getting, sides, strict=True):
            total += (1 - chance) * least * worth + chance * most * more
            total += (weight - chance) * (more - worth) * (most if weight > chance else least)
        return total
