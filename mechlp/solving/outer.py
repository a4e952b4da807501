"""What no mechanism can do for two maxmin agents: the finite form of Theorem 1 of Wolitzky (2015), exact.

In every maxmin mechanism the worst case of a type is at least that of another type plus what it gains from being taken for it,
whatever the transfers (:mod:`mechlp.question.gains`).  So worst cases are at least the longest paths of these gains from the
outside options: ``R(k) = max_l R(l) + (th_k - th_l) * least expected allocation of l`` for one-dimensional private values.  Under
any beliefs that the agents hold possible, taken as independent, the expected surplus must pay for these rents.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..environment.belief_sets import BeliefSet
from ..exact.numbers import Rationals, maximum
from ..question.design import Design, InvalidDesign


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
    """The bound for a maxmin design of two agents, each of whose types hold the same beliefs possible.

    Raises
    ------
    InvalidDesign
        Not such a design, or one without IR, ex-post budget balance and a rule that is efficient or given.
    """
    beliefs = _beliefs(design)
    found = [_longest_paths(design, i, beliefs[i]) for i in range(2)]
    if found[0] is None or found[1] is None:
        return Rents(None, None, None, None)
    return _against_surplus(design, (found[0], found[1]), (beliefs[0].vertices, beliefs[1].vertices))


def _beliefs(design: Design) -> tuple[BeliefSet, BeliefSet]:
    sets = design.environment.belief_sets
    if (
        not design.worst_state
        or sets is None
        or design.environment.n != 2
        or design.environment.money is not None
    ):
        raise InvalidDesign("the bound by least rents is for two agents and ic: maxmin")
    sizes = design.environment.shape
    if any(int(e.applies.sum()) != s * (s - 1) for e, s in zip(design.gains, sizes, strict=True)):
        raise InvalidDesign(
            "the bound by least rents needs types of an agent that hold the same beliefs possible"
        )
    fixed = design.lottery is not None or design.allocation == "efficient"
    if not fixed or design.ir == "none" or not design.bb.startswith("ex-post"):
        raise InvalidDesign(
            "the bound by least rents needs an efficient or given allocation, IR, and bb: ex-post or ex-post-weak"
        )
    return sets[0][0], sets[1][0]


def _longest_paths(design: Design, i: int, beliefs: BeliefSet) -> Rationals | None:
    """Bellman and Ford over all lies at once; None when some cycle of lies gains."""
    gain = design.gains[i].gain
    rents = beliefs.least(design.environment.outside[i].moveaxis(i, 0))
    for _ in range(len(gain) + 1):
        raised = maximum(rents, (gain + rents.reshape(1, -1)).max(axis=1))
        if raised.same(rents):
            return rents
        rents = raised
    return None


def _against_surplus(
    design: Design, rents: tuple[Rationals, Rationals], beliefs: tuple[Rationals, Rationals]
) -> Rents:
    """Every pair of vertices: what one agent believes is how the other's types are distributed."""
    every, lottery = design.environment.surplus, design.lottery
    surplus = every.max(axis=0) if lottery is None else (every * lottery).sum(axis=0)
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
