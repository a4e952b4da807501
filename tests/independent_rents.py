"""The bound by least rents for two agents whose beliefs are taken as independent: Theorem 1 of Wolitzky (2015) as it is printed.

What the bound over joint distributions (:mod:`mechlp.solving.outer`) is compared with: every pair of vertices is gone through.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechlp import Rationals
from mechlp.proof.rents import longest_paths, needed, surplus_of
from mechlp.question.design import Design


@dataclass(frozen=True)
class Rents:
    """The bound.

    * ``rents``: per agent the least worst-case payoff of each type, or None where lies that gain go round in a circle;
    * ``shortfall``: the most, over pairs of vertices, by which the expected rents exceed the expected surplus: with weak budget
      balance no mechanism exists if it is positive;
    * ``excess``: transfers that add up to at most ``D`` times the surplus, profile by profile, take a D of at least this much;
      None when rents are owed where no surplus is expected, or none is expected anywhere;
    * ``critical``: the vertices (of agent 1's beliefs, of agent 2's) that decide ``shortfall``.
    """

    rents: tuple[Rationals, Rationals] | None
    shortfall: Fraction | None
    excess: Fraction | None
    critical: tuple[int, int] | None

    @property
    def impossible(self) -> bool:
        """Whether no mechanism exists, with worst-case IC and IR and no deficit at any profile."""
        return self.rents is None or (self.shortfall is not None and self.shortfall > 0)


def least_rents(design: Design) -> Rents:
    """The bound for a maxmin design of two agents, each of whose types hold the same beliefs possible."""
    needed(design)
    sets = design.environment.belief_sets
    assert sets is not None and design.environment.n == 2
    beliefs = sets[0][0], sets[1][0]
    found = [longest_paths(design, i) for i in range(2)]
    if found[0] is None or found[1] is None:
        return Rents(None, None, None, None)
    return _against_surplus(design, (found[0], found[1]), (beliefs[0].vertices, beliefs[1].vertices))


def _against_surplus(
    design: Design, rents: tuple[Rationals, Rationals], beliefs: tuple[Rationals, Rationals]
) -> Rents:
    """Every pair of vertices: what one agent believes is how the other's types are distributed."""
    surplus = surplus_of(design)
    first, second = beliefs[1], beliefs[0]  # distributions of agent 1's and of agent 2's types
    half = (first.reshape(-1, first.shape[1], 1) * surplus.reshape(1, *surplus.shape)).sum(axis=1)
    expected = (half.reshape(len(first), 1, -1) * second.reshape(1, len(second), -1)).sum(axis=2)
    owed = (first * rents[0]).sum(axis=1).reshape(-1, 1) + (second * rents[1]).sum(axis=1).reshape(1, -1)
    gap = owed - expected
    worst = gap.max()
    row, column = map(int, np.argwhere(gap == worst)[0])
    ratios = list(zip(owed.ravel().fractions(), expected.ravel().fractions(), strict=True))
    payable = all(s > 0 or o <= 0 for o, s in ratios)
    excess = max((o / s - 1 for o, s in ratios if s > 0), default=None) if payable else None
    return Rents(rents, worst, excess, (column, row))
