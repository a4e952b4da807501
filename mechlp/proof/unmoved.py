"""That no mechanism dominates a given one because nothing else leaves all as well off: by strict comparisons of payoffs alone.

Where payoffs are irrational, multipliers prove a bound on any gain that is nearly zero, and never zero.  But two agents' payoffs
from the one outcome that the given mechanism chooses at a profile stand on both sides of what a mechanism has to keep to
there, so they cancel, and strict inequalities between rational ends decide the rest:

* **kept**: with lottery x, ``sum_a x_a (u_i(a) - u_i(a*)) >= 0`` for both agents; where weights ``(w_1, w_2) >= 0`` make
  ``sum_i w_i (u_i(a) - u_i(a*))`` negative for every other outcome that may still be used, none of them is;
* **not imitated**: type k of agent i, against others' types at which only outcomes as good as a* are left to her, does not gain
  by a report; where ``u_i(a) - u_i(a*) >= 0``, at her own type, for all outcomes that may still be used after the report, those
  of which it is positive are not.

When only outcomes that are alike to both are left at every profile, no mechanism gains anything.  This is how posted prices are
constrained efficient for every strictly concave utility (Čopič and Ponsatí 2006, Proposition 6), on a grid of types too.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from ..question.design import Design
from ..question.undominated import given_mechanism

#: Most comparisons of payoffs in a round over all lies.
MOST = 2_000_000
Cells = tuple[int, ...]
ZERO = Fraction(0)


def unmoved(design: Design) -> bool:
    """Whether the outcomes that the given mechanism chooses are the only ones left; False where that is not shown so."""
    wants, environment = design.wants, design.environment
    if wants.kind != "undominated" or wants.above is not None or environment.n != 2 or design.misreports is not None:
        return False
    if (design.transfers, design.ic, design.ir) != ("none", "ex-post", "ex-post"):
        return False
    given, paid = given_mechanism(design)
    lies = sum(environment.shape) * int(np.prod(environment.shape)) * len(environment.outcomes)
    if lies > MOST or bool(np.any(paid != 0)) or bool(np.any((given != 0) & (given != 1))):
        return False
    return _Left(design, given).alike_only()


class _Left:
    """The outcomes that may still be used at each profile, ``left[cell]``; ``kept[cell]`` is the one that is given."""

    def __init__(self, design: Design, given: Rationals) -> None:
        environment = design.environment
        self.shape: Cells = environment.shape
        self.cells: list[Cells] = list(np.ndindex(*self.shape))
        chosen = np.argmax(np.asarray(given == 1), axis=0)
        self.kept = {cell: int(chosen[cell]) for cell in self.cells}
        allowed = np.moveaxis(design.allowed, 0, -1)
        self.left = {cell: set(np.flatnonzero(allowed[cell]).tolist()) for cell in self.cells}
        self.classes = [worth.classes for worth in environment.worths]
        self.low, self.high = [], []
        for worth in environment.worths:
            above = worth.low if worth.spread is None else worth.low + worth.spread
            self.low.append(_fractions(worth.low))
            self.high.append(_fractions(above.broadcast_to(worth.low.shape)))

    def alike_only(self) -> bool:
        """Whether outcomes that are alike to both are all that is left, after as many rounds as exclude something."""
        while True:
            before = sum(map(len, self.left.values()))
            for cell in self.cells:
                self.left[cell] -= self._worse(cell)
            for i in range(2):
                self._imitated(i)
            if all(self._settled(cell) for cell in self.cells):
                return True
            if sum(map(len, self.left.values())) == before:
                return False

    def _ends(self, i: int, cell: Cells, a: int) -> tuple[Fraction, Fraction]:
        """Ends of ``u_i(a) - u_i(a*)``; zero where both are the same number."""
        own, kept = (int(self.classes[i][one]) for one in (a, self.kept[cell]))
        if own == kept:
            return ZERO, ZERO
        low, high = self.low[i], self.high[i]
        return low[(own, *cell)] - high[(kept, *cell)], high[(own, *cell)] - low[(kept, *cell)]

    def _alike(self, i: int, cell: Cells, a: int) -> bool:
        return self._ends(i, cell, a) == (ZERO, ZERO)

    def _settled(self, cell: Cells) -> bool:
        return all(self._alike(i, cell, a) for i in range(2) for a in self.left[cell])

    def _worse(self, cell: Cells) -> set[int]:
        """The outcomes that are not used because what both have is kept."""
        others = {a for a in self.left[cell] if not all(self._alike(i, cell, a) for i in range(2))}
        return others if _separated([tuple(self._ends(i, cell, a)[1] for i in range(2)) for a in others]) else set()

    def _imitated(self, i: int) -> None:
        """Exclude what a type would gain from, where it has no more than what is given."""
        for cell in self.cells:
            if not all(self._alike(i, cell, a) for a in self.left[cell]):
                continue
            for report in range(self.shape[i]):
                told = tuple(report if j == i else k for j, k in enumerate(cell))
                low = {a: self._low(i, cell, a) for a in self.left[told]}
                if min(low.values(), default=ZERO) >= 0:
                    self.left[told] -= {a for a, least in low.items() if least > 0}

    def _low(self, i: int, cell: Cells, a: int) -> Fraction:
        return self._ends(i, cell, a)[0]


def _separated(most: Iterable[tuple[Fraction, ...]]) -> bool:
    """Whether weights (1, r), r >= 0, or (0, 1) make all of these pairs negative."""
    pairs = list(most)
    if all(second < 0 for _, second in pairs):
        return True
    if any(first >= 0 for first, second in pairs if second >= 0):
        return False
    above = max([ZERO, *(first / -second for first, second in pairs if second < 0)])
    below = [-first / second for first, second in pairs if second > 0]
    return not below or above < min(below)


def _fractions(values: Rationals) -> npt.NDArray[Any]:
    out = np.empty(values.shape, dtype=object)
    out.ravel()[:] = values.ravel().fractions()
    return out


__all__ = ["unmoved"]
