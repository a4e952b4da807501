"""An upper bound on the revenue of every mechanism for bidders whose types fill a box.

The density is constant on each cell of a grid.  Let a bidder's type be a cell ``g`` and a place ``s`` in it, uniform over the
cell whatever g is; and let ``Q(g)`` and ``U(g)`` be the means over the cell of her interim chances and payoff in any
mechanism that is IC and IR on the box (made symmetric among identical bidders).  Along each axis k the payoff is convex, and
its slope ``Q_k``, between 0 and 1, does not fall.  With ``h`` the width of a cell along the axis, ``c_k(g) = E[(s_k - h/2)
Q_k]``, and g+, g- the next cells up and down:

1. ``U(g+) - U(g) = h/2 (Q_k(g) + Q_k(g+)) + c_k(g) - c_k(g+)``.  It is the mean, over the places s in g, of the integral of
   ``Q_k`` from s to the same place in g+; a point at the place u counts there with weight ``u/h`` in g, and ``(h - u)/h`` in
   g+.
2. ``0 <= c_k(g) <= h/8 (Q_k(g+) - Q_k(g-))``, with 1 above the last cell and 0 below the first.  Within the cell ``Q_k``
   along a line is its least value plus a mixture of steps; a step at t adds ``t (h - t) / 2h``, at most ``h/8``, times its
   height, and the heights add up to no more than the rise from any place in g- to the same place in g+.
3. ``U(g) - U(r) >= (g - r) Q(r)`` for all cells: types at the same place of their cells may pretend to be each other.
4. Border's condition holds for ``Q`` and the masses of the cells: a bidder in g may draw a place herself.  Goods: ``Q_k <=
   1``.
5. The revenue is ``N sum_g f(g) [sum_k (middle_k(g) Q_k(g) + c_k(g)) - U(g)]``, and ``U >= 0``.

So no mechanism earns more than the linear program with these rows, and multipliers on the rows bound that.  Its value
approaches the best revenue at second order in h, as rents are counted by the trapezoid rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.box import Box, step
from ..exact.numbers import Rationals, maximum
from ..question.symmetric import SymmetricDesign
from .reduced_form import Flow, InvalidFlow

FORMAT = "mechlp box 1"


@dataclass(frozen=True)
class BoxFlow(Flow):
    """Multipliers on rows 1 where a type's cell and the report are neighbours (each way a half of the equation), else on rows 3.

    Those of rows 2 are the coefficients of ``c`` that the others leave, where these are positive; IR and Border's condition are
    as in :class:`~mechlp.proof.reduced_form.Flow`.
    """

    box: Box

    def bends(self, design: SymmetricDesign) -> Rationals:
        """What each ``c_k(g)`` is worth at most, over ``Q_k(g+) - Q_k(g-)``: shape ``(K, m)``."""
        axis, _ = step(self.box, self.types, self.reports)
        near = axis >= 0
        moved = np.zeros(design.environment.values.shape, dtype=object)
        amounts = self.amounts.numerator.astype(object)[near]
        np.add.at(moved, (axis[near], self.types[near]), amounts)
        np.subtract.at(moved, (axis[near], self.reports[near]), amounts)
        own = design.environment.prior * self.box.copies
        left = maximum(own + Rationals(moved, self.amounts.denominator), Rationals.of(0))
        eighths = Rationals.from_fractions([a.width / 8 for a in self.box.axes], (len(self.box.axes), 1))
        return left * eighths

    def virtual(self, design: SymmetricDesign) -> Rationals:
        """What a chance of each grade is worth in each cell, ``(K, m)``."""
        axis, _ = step(self.box, self.types, self.reports)
        v = design.environment.values
        moved = (v[:, self.types] - v[:, self.reports]) * self.amounts
        near, twice = axis >= 0, moved.numerator.astype(object)
        sums = np.zeros(v.shape, dtype=object)
        for k in range(len(v)):
            np.add.at(sums[k], self.reports, np.where(near, 1, 2) * twice[k])
            np.add.at(sums[k], self.types[near], twice[k][near])
        bends, up = self.bends(design), self.box.neighbours
        rises = np.zeros(v.shape, dtype=object)
        for k in range(len(v)):
            below = np.flatnonzero(up[k] >= 0)
            above, worth = up[k][below], bends.numerator[k].astype(object)
            rises[k][above] += worth[below]
            rises[k][below] -= worth[above]
        return (
            design.on_chances - Rationals(sums, moved.denominator * 2) + Rationals(rises, bends.denominator)
        )

    def bound(self, design: SymmetricDesign) -> Fraction:
        """No mechanism that is IC and IR on the whole box earns more.

        Raises
        ------
        InvalidFlow
            When a multiplier is negative.
        """
        self.check(design)
        last = self.box.neighbours < 0
        bends = self.bends(design)
        above = Fraction(int(bends.numerator.astype(object)[last].sum()), bends.denominator)
        if self.box.goods:
            earned: Fraction = maximum(self.virtual(design), Rationals.of(0)).sum()
        else:
            earned = self.won(design)
        return earned + above

    @classmethod
    def of(cls, flow: Flow, box: Box) -> BoxFlow:
        """The same multipliers, on the rows between cells of a box."""
        return cls(flow.types, flow.reports, flow.amounts, box)

    @classmethod
    def read(cls, box: Box, data: Mapping[str, Any]) -> BoxFlow:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError when it does not fit."""
        return cls.of(Flow.from_json(box.cells, data), box)


__all__ = ["FORMAT", "BoxFlow", "InvalidFlow"]
