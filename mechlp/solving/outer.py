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
from functools import partial
from typing import Literal

import numpy as np

from ..deadline import Deadline
from ..environment.belief_sets import BeliefSet
from ..exact.numbers import Rationals, stack
from ..program import Block, Columns, Family, Program, Term, solve
from ..proof.rents import Joint, JointBound, corners_of, longest_paths, needed, surplus_of
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


def joint_bound(design: Design, *, time_limit: float | Deadline | None = None) -> JointBound | None:
    """The bound for a maxmin design of any number of agents; None where ``time_limit`` (seconds, or a deadline) ends it.

    Raises
    ------
    InvalidDesign
        Not such a design, one without IR, ex-post budget balance and a rule that is efficient or given, or one too large.
    """
    deadline = Deadline.of(time_limit)
    return deadline.broken_off(lambda: _joint_bound(design, deadline), lambda: None)


def _joint_bound(design: Design, deadline: Deadline) -> JointBound | None:
    needed(design)
    blank = JointBound(design)
    if blank.rents is None:
        return blank
    shape, corners = design.environment.shape, corners_of(design)
    size = int(np.prod(shape)) + sum(len(c) for own in corners for c in own)
    if size > MOST_COLUMNS:
        raise InvalidDesign(
            f"the bound takes a program of {size:,} columns; at most {MOST_COLUMNS:,} are solved"
        )
    surplus, one = surplus_of(design), Rationals.of(1).broadcast_to(shape)
    whole = _OverJoints(corners, shape, blank.owed - surplus, one, "=", deadline)
    if whole.solution.status == "undecided":
        return None
    if whole.solution.status != "optimal":
        none = _OverJoints(corners, shape, one, one, "<=", deadline)
        return JointBound(design, bets=none.bets) if none.solution.status == "optimal" else None
    share = _OverJoints(corners, shape, blank.owed, surplus, "=", deadline)
    costly = share.joint if share.solution.status == "optimal" else None
    return JointBound(design, whole.joint, whole.bets, costly)


class _OverJoints:
    """The most expected value over weights with mixtures of the corners for conditionals, under which ``scale`` adds up to 1 (or,
    ``<=``, to at most 1)."""

    def __init__(
        self,
        corners: list[list[Rationals]],
        shape: tuple[int, ...],
        value: Rationals,
        scale: Rationals,
        sense: Literal["=", "<="],
        deadline: Deadline,
    ) -> None:
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
                mixed = Term(
                    columns[f"w {i} {k}"][None, :], Rationals(-c.numerator.T, c.denominator), (len(c),)
                )
                terms = (Term(joint[k], one), mixed)
                families.append(Family(f"belief {i} {k}", joint[k].shape, terms, "=", Rationals.of(0)))
        families.append(Family("scale", (), (Term(columns["phi"], scale, shape),), sense, one))
        self.sizes, self.shape = [len(own) for own in corners], shape
        self.program = Program(tuple(blocks), tuple(families), {"phi": value})
        self.solution = solve(self.program, time_limit=deadline)

    @property
    def joint(self) -> Joint:
        """The weights that attain it."""
        assert self.solution.primal is not None
        part = partial(self.program.values, flat=self.solution.primal)
        mixtures = (tuple(part(f"w {i} {k}") for k in range(size)) for i, size in enumerate(self.sizes))
        return Joint(part("phi"), tuple(mixtures))

    @property
    def bets(self) -> tuple[Rationals, ...]:
        """The multipliers of the rows of beliefs: what each type is paid by the others' types."""
        assert self.solution.dual is not None
        found = []
        for i, size in enumerate(self.sizes):
            rows = [self.program.multipliers(f"belief {i} {k}", self.solution.dual) for k in range(size)]
            others = self.shape[:i] + self.shape[i + 1 :]
            found.append(stack(rows).reshape(size, *others).moveaxis(0, i))
        return tuple(found)


def least_rents(design: Design) -> Rents:
    """The bound for a maxmin design of two agents, each of whose types hold the same beliefs possible.

    Raises
    ------
    InvalidDesign
        Not such a design, or one without IR, ex-post budget balance and a rule that is efficient or given.
    """
    beliefs = _beliefs(design)
    found = [longest_paths(design, i) for i in range(2)]
    if found[0] is None or found[1] is None:
        return Rents(None, None, None, None)
    return _against_surplus(design, (found[0], found[1]), (beliefs[0].vertices, beliefs[1].vertices))


def _beliefs(design: Design) -> tuple[BeliefSet, BeliefSet]:
    sets = design.environment.belief_sets
    if design.environment.n != 2 or sets is None:
        raise InvalidDesign("the bound by least rents is for two agents and ic: maxmin")
    needed(design)
    sizes = design.environment.shape
    if any(int(e.applies.sum()) != s * (s - 1) for e, s in zip(design.gains, sizes, strict=True)):
        raise InvalidDesign(
            "the bound by least rents needs types of an agent that hold the same beliefs possible"
        )
    return sets[0][0], sets[1][0]


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
