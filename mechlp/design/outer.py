"""What no mechanism can do for two maxmin agents: the finite form of Theorem 1 of Wolitzky (2015), exact.

Each type evaluates a report by its worst belief in a set that all types of its agent share.  If ``r`` is what a type gets in the
worst case under truth, another type that mimics it gets at least that plus the least it gains, over all beliefs, from its own
utility: so the worst-case payoffs are at least the longest paths of these gains from the outside options (for one-dimensional
private values ``R(k) = max_l R(l) + (th_k - th_l) * least expected allocation of l``).  Under any beliefs that the agents hold
possible, taken as independent, the expected surplus must pay for these rents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..environment.belief_sets import BeliefSet
from ..environment.model import Environment
from ..numbers import Rationals, maximum, stack


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


def least_rents(
    environment: Environment,
    beliefs: Sequence[BeliefSet],
    allowed: npt.NDArray[np.bool_] | None = None,
) -> Rents:
    """The bound for the rules that choose, at each profile, among the ``allowed`` outcomes of equal surplus.

    Parameters
    ----------
    environment : two agents with private values.
    beliefs : per agent, the set of beliefs over the other's types.
    allowed : shape ``(|A|, |Theta_1|, |Theta_2|)``, by default the efficient outcomes; the bound holds for every choice.

    Raises
    ------
    ValueError
        Not two agents, values that are not private, or belief sets over other grids, or empty ones.
    """
    if environment.n != 2 or not all(environment.private_values(i) for i in range(2)):
        raise ValueError("the bound by least rents is for two agents with private values")
    if any(b.shape != (environment.shape[1 - i],) or not len(b.vertices) for i, b in enumerate(beliefs)):
        raise ValueError("belief sets over the types of the other agent are needed, none of them empty")
    allowed = environment.efficient if allowed is None else allowed
    found = [_longest_paths(environment, i, beliefs[i], allowed) for i in range(2)]
    if found[0] is None or found[1] is None:
        return Rents(None, None, None, None)
    vertices = beliefs[0].vertices, beliefs[1].vertices
    return _against_surplus(environment, (found[0], found[1]), vertices, allowed)


def _longest_paths(
    environment: Environment, i: int, beliefs: BeliefSet, allowed: npt.NDArray[np.bool_]
) -> Rationals | None:
    """Bellman and Ford over all lies at once; None when some cycle of lies gains."""
    utility = environment.utility[i].moveaxis(i + 1, 1)[:, :, 0]  # (|A|, own types): private values
    choices = np.moveaxis(allowed, i + 1, 1)  # (|A|, report, the other's types)
    size = environment.agents[i].size
    gains = []
    for own in range(size):
        extra = utility[:, [own]] - utility  # what a type gains over each type it mimics, outcome by outcome
        least = _least(extra.reshape(*extra.shape, 1).broadcast_to(choices.shape), choices)
        gains.append(beliefs.least(least))
    gain = stack(gains)  # (type, report)
    rents = beliefs.least(environment.outside[i].moveaxis(i, 0))
    for _ in range(size + 1):
        raised = maximum(rents, (gain + rents.reshape(1, -1)).max(axis=1))
        if raised.same(rents):
            return rents
        rents = raised
    return None


def _least(values: Rationals, choices: npt.NDArray[np.bool_]) -> Rationals:
    """The least over the allowed outcomes (axis 0)."""
    top = values.max()
    blocked = Rationals((~choices).astype(np.int64)) * (top - values.min())
    return (values + blocked).min(axis=0)


def _against_surplus(
    environment: Environment,
    rents: tuple[Rationals, Rationals],
    beliefs: Sequence[Rationals],
    allowed: npt.NDArray[np.bool_],
) -> Rents:
    """Every pair of vertices: what one agent believes is how the other's types are distributed."""
    surplus = -_least(-environment.surplus, allowed)
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
