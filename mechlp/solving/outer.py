"""What no mechanism can do for maxmin agents: the finite form of Theorem 1 of Wolitzky (2015), exact.

In every maxmin mechanism the worst case of a type is at least that of another type plus what it gains from being taken for it,
whatever the transfers (:mod:`mechlp.question.gains`).  So worst cases are at least the longest paths of these gains from the
outside options: ``R(k) = max_l R(l) + (th_k - th_l) * least expected allocation of l`` for one-dimensional private values.  Under
every joint distribution of types whose conditionals the agents hold possible the expected surplus must pay for these rents, for
any number of agents; the worst distribution is found by one linear program (:func:`joint_bound`).
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals, stack
from ..program import Block, Columns, Family, Program, Term, solve
from ..proof.rents import Joint, JointBound, corners_of, needed, surplus_of
from ..question.design import Design, InvalidDesign

#: Most columns of the program over joint distributions: cells, and a weight for each vertex of what a type believes.
MOST_COLUMNS = 200_000


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
