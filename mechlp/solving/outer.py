"""What no mechanism can do for maxmin agents: the finite form of Theorem 1 of Wolitzky (2015), exact.

In every maxmin mechanism the worst case of a type is at least that of another type plus what it gains from being taken for it,
whatever the transfers (:mod:`mechlp.question.gains`).  So worst cases are at least the longest paths of these gains from the
outside options: ``R(k) = max_l R(l) + (th_k - th_l) * least expected allocation of l`` for one-dimensional private values.  Under
any beliefs that the agents hold possible, taken as independent, the expected surplus must pay for these rents
(:func:`least_rents`, two agents).  The same holds under every joint distribution of types whose conditionals they hold possible,
for any number of agents: the products are among them, and the worst is found by one linear program (:func:`joint_bound`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..deadline import Deadline
from ..environment.belief_sets import BeliefSet
from ..exact.numbers import Rationals, maximum, stack, text, where
from ..program import Block, Columns, Family, Program, Solution, Term, solve
from ..question.design import Design, InvalidDesign

#: Most columns of the program over joint distributions: cells, and a weight for each vertex of what a type believes.
MOST_COLUMNS = 200_000


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


@dataclass(frozen=True)
class JointBound:
    """The bound over joint distributions.

    * ``rents``: per agent the least worst-case payoff of each type, or None where lies that gain go round in a circle;
    * ``shortfall``: the most by which expected rents exceed the expected surplus; None where no joint distribution
      has conditionals that the types hold possible;
    * ``critical``: the distribution that decides it, shape ``Theta``;
    * ``excess``: transfers of at most ``D`` times the surplus at every profile take a D of at least this much (None as above, and
      where rents are owed though no surplus is expected).
    """

    rents: tuple[Rationals, ...] | None
    shortfall: Fraction | None
    critical: Rationals | None
    excess: Fraction | None

    @property
    def impossible(self) -> bool:
        """Whether no mechanism exists, with worst-case IC and IR and no deficit at any profile."""
        return self.rents is None or (self.shortfall is not None and self.shortfall > 0)

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {
            "impossible": self.impossible,
            "rents": None if self.rents is None else [own.texts() for own in self.rents],
            "shortfall": None if self.shortfall is None else text(self.shortfall),
            "critical": None if self.critical is None else self.critical.texts(),
            "excess": None if self.excess is None else text(self.excess),
        }


def joint_bound(design: Design, *, time_limit: float | Deadline | None = None) -> JointBound | None:
    """The bound for a maxmin design of any number of agents; None where ``time_limit`` (seconds, or a deadline) ends it.

    Raises
    ------
    InvalidDesign
        Not such a design, one without IR, ex-post budget balance and a rule that is efficient or given, or one too large.
    """
    _needed(design)
    deadline = Deadline.of(time_limit)
    return deadline.broken_off(lambda: _joint_bound(design, deadline), lambda: None)


def _joint_bound(design: Design, deadline: Deadline) -> JointBound | None:
    sets = design.environment.belief_sets
    assert sets is not None
    found = [_longest_paths(design, i) for i in range(design.environment.n)]
    rents = tuple(r for r in found if r is not None)
    if len(rents) < len(found):
        return JointBound(None, None, None, None)
    shape = design.environment.shape
    corners = [[own.vertices.reshape(len(own.vertices), -1) for own in agent] for agent in sets]
    size = int(np.prod(shape)) + sum(len(c) for own in corners for c in own)
    if size > MOST_COLUMNS:
        raise InvalidDesign(
            f"the bound takes a program of {size:,} columns; at most {MOST_COLUMNS:,} are solved"
        )
    surplus = _surplus(design)
    owed = Rationals.zeros(shape)
    for i, own in enumerate(rents):
        owed = owed + own.reshape(*(-1 if j == i else 1 for j in range(len(shape)))).broadcast_to(shape)
    whole = _over_joints(corners, shape, owed - surplus, Rationals.of(1).broadcast_to(shape), deadline)
    if whole.status == "undecided":
        return None
    if whole.status != "optimal" or whole.primal is None or whole.value is None:
        return JointBound(rents, None, None, None)
    share = _over_joints(corners, shape, owed, surplus, deadline)
    critical = whole.primal[: surplus.size].reshape(shape)
    excess = None if share.status != "optimal" or share.value is None else share.value - 1
    return JointBound(rents, whole.value, critical, excess)


def _over_joints(
    corners: list[list[Rationals]],
    shape: tuple[int, ...],
    value: Rationals,
    scale: Rationals,
    deadline: Deadline,
) -> Solution:
    """The most expected value over measures with mixtures of the corners for conditionals, under which ``scale`` adds up to 1."""
    blocks = [Block("phi", shape, Rationals.of(0))]
    blocks += [
        Block(f"w {i} {k}", (len(c),), Rationals.of(0))
        for i, own in enumerate(corners)
        for k, c in enumerate(own)
    ]
    columns = Columns(blocks)
    one, families = Rationals.of(1), []
    for i, own in enumerate(corners):
        joint = np.moveaxis(columns["phi"], i, 0).reshape(shape[i], -1)
        for k, c in enumerate(own):
            mixed = Term(columns[f"w {i} {k}"][None, :], Rationals(-c.numerator.T, c.denominator), (len(c),))
            families.append(
                Family(f"belief {i} {k}", joint[k].shape, (Term(joint[k], one), mixed), "=", Rationals.of(0))
            )
    families.append(Family("scale", (), (Term(columns["phi"], scale, shape),), "=", one))
    return solve(Program(tuple(blocks), tuple(families), {"phi": value}), time_limit=deadline)


def least_rents(design: Design) -> Rents:
    """The bound for a maxmin design of two agents, each of whose types hold the same beliefs possible.

    Raises
    ------
    InvalidDesign
        Not such a design, or one without IR, ex-post budget balance and a rule that is efficient or given.
    """
    beliefs = _beliefs(design)
    found = [_longest_paths(design, i) for i in range(2)]
    if found[0] is None or found[1] is None:
        return Rents(None, None, None, None)
    return _against_surplus(design, (found[0], found[1]), (beliefs[0].vertices, beliefs[1].vertices))


def _beliefs(design: Design) -> tuple[BeliefSet, BeliefSet]:
    sets = design.environment.belief_sets
    if design.environment.n != 2 or sets is None:
        raise InvalidDesign("the bound by least rents is for two agents and ic: maxmin")
    _needed(design)
    sizes = design.environment.shape
    if any(int(e.applies.sum()) != s * (s - 1) for e, s in zip(design.gains, sizes, strict=True)):
        raise InvalidDesign(
            "the bound by least rents needs types of an agent that hold the same beliefs possible"
        )
    return sets[0][0], sets[1][0]


def _needed(design: Design) -> None:
    """What the bound is about.  Raises InvalidDesign."""
    if (
        not design.worst_state
        or design.environment.belief_sets is None
        or design.environment.money is not None
    ):
        raise InvalidDesign("the bound by least rents is for ic: maxmin")
    fixed = design.lottery is not None or design.allocation == "efficient"
    if not fixed or design.ir == "none" or not design.bb.startswith("ex-post"):
        raise InvalidDesign(
            "the bound by least rents needs an efficient or given allocation, IR, and bb: ex-post or ex-post-weak"
        )


def _longest_paths(design: Design, i: int) -> Rationals | None:
    """Bellman and Ford over all lies that compare worst cases; None when some cycle of lies gains."""
    assert design.environment.belief_sets is not None
    gain, applies = design.gains[i].gain, design.gains[i].applies
    outside = design.environment.outside[i].moveaxis(i, 0)
    rents = stack([own.least(outside[k]) for k, own in enumerate(design.environment.belief_sets[i])])
    for _ in range(len(gain) + 1):
        reached = where(applies, gain + rents.reshape(1, -1), rents.reshape(-1, 1).broadcast_to(gain.shape))
        raised = maximum(rents, reached.max(axis=1))
        if raised.same(rents):
            return rents
        rents = raised
    return None


def _surplus(design: Design) -> Rationals:
    """The surplus at each profile, shape ``Theta``."""
    every, lottery = design.environment.surplus, design.lottery
    found: Rationals = every.max(axis=0) if lottery is None else (every * lottery).sum(axis=0)
    return found


def _against_surplus(
    design: Design, rents: tuple[Rationals, Rationals], beliefs: tuple[Rationals, Rationals]
) -> Rents:
    """Every pair of vertices: what one agent believes is how the other's types are distributed."""
    surplus = _surplus(design)
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
