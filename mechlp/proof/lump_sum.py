"""Payments that do not depend on types: why a weighted sum of interim payoffs may grow without end.

A constant payment between two agents keeps IC (nobody's report changes it) and budget balance, and where there is no
IR only requirements of one's own may stop it: else the set of interim payoffs contains the line along which one agent's
payoffs all rise by one and another's all fall by one.  A weighted sum of them is bounded only if the weights of every agent add
up to the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from .direction import broken_rows


@dataclass(frozen=True)
class LumpSum:
    """One unit of money from ``payer`` (None: from outside) to ``receiver``; ``sums`` are each agent's weights added up."""

    payer: int | None
    receiver: int
    sums: tuple[Fraction, ...]

    @property
    def gain(self) -> Fraction:
        """What the objective gains for each unit paid."""
        return self.sums[self.receiver] - (0 if self.payer is None else self.sums[self.payer])

    def direction(self, environment: Environment) -> Mechanism:
        """The payment as a change of transfers."""
        transfers = np.zeros((environment.n, *environment.shape), dtype=np.int64)
        transfers[self.receiver] = 1
        if self.payer is not None:
            transfers[self.payer] = -1
        nothing = Rationals.zeros((len(environment.outcomes), *environment.shape))
        return Mechanism(environment, nothing, Rationals(transfers))

    def in_words(self, environment: Environment) -> str:
        """A sentence without its full stop."""
        to = environment.agents[self.receiver].name
        gain = text(self.gain)
        if self.payer is None:
            return (
                f"nobody's budget is asked to balance, so {to} can be paid any amount that does not depend on types, and each "
                f"unit adds {gain} to the weighted sum; ask for budget balance (bb)"
            )
        name = environment.agents[self.payer].name
        most, least = text(self.sums[self.receiver]), text(self.sums[self.payer])
        return (
            f"the weights of {to} add up to {most}, those of {name} to {least}: a payment from {name} to {to} that does not "
            "depend on types keeps IC and budget balance, and without IR nothing limits it; each unit adds "
            f"{gain} to the weighted sum, so give every agent weights with the same sum, or ask for IR"
        )


def lump_sum(design: Design) -> LumpSum | None:
    """The payment that makes a weighted sum of interim payoffs grow without end, where one does."""
    weights = design.wants.interim
    if weights is None or design.transfers != "free":
        return None
    money = design.environment.money
    sums = tuple((w if money is None else w * money[i]).sum() for i, w in enumerate(weights))
    most, least = max(sums), min(sums)
    between, outside = (LumpSum(payer, sums.index(most), sums) for payer in (sums.index(least), None))
    possible = [between] if design.ir == "none" and most > least else []
    possible += [outside] if design.bb == "none" and most > 0 else []
    free = (p for p in possible if not any(broken_rows(design, p.direction(design.environment))))
    return next(free, None)
