"""A designer who fears the worst: Nature's linear program, dualised into the program of the mechanism.

Nature picks the prior of the designer's set (:class:`mechlp.environment.belief_sets.BeliefSet`) that makes the
expectation worst: ``min f . phi`` over rows ``A phi (sense) b``, where ``f`` is what the mechanism gives at each
profile.  Her dual is ``max b . y`` over multipliers y, one a row, such that ``A' y <= f``: one row a profile (the
epigraph), and one a further variable of the set.  Designer and Nature so become one program, and the multipliers of
the epigraph rows are Nature's prior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..beliefs.sets import padded
from ..environment.belief_sets import BeliefSet
from ..environment.model import Environment
from ..numbers import Rationals, concatenate
from ..program import Block, Columns, Family, Term
from .design import Design
from .objective import goal

EPIGRAPH, FURTHER = "worst case", "worst case of further variables"


@dataclass(frozen=True)
class Nature:
    """``possible``: the designer's set; ``sign``: 1 when the objective is maximised, -1 when it is minimised."""

    environment: Environment
    possible: BeliefSet
    sign: int

    def blocks(self) -> list[Block]:
        """One multiplier a row of the set, row family by row family."""
        zero = Rationals.of(0)
        return [
            Block(
                _name(k),
                (rows.count,),
                zero if rows.sense == ">=" else None,
                zero if rows.sense == "<=" else None,
                label=_label(f"multiplier of {rows.name}"),
            )
            for k, rows in enumerate(self.possible.all_rows)
        ]

    def objective(self) -> dict[str, Rationals]:
        """``b . y``, in the sense of the design's objective."""
        return {_name(k): rows.rhs * self.sign for k, rows in enumerate(self.possible.all_rows)}

    def families(self, columns: Columns, payoff: list[Term], constant: Rationals) -> list[Family]:
        """``f - A' y >= 0``; ``payoff`` are the terms of f over the type grid, ``constant`` what no choice moves."""
        shape, cells = self.environment.shape, self.possible.cells
        places, values = self._combined(columns)
        width = places.shape[1]
        terms = [Term(t.columns, t.coefficients * self.sign, t.axes) for t in payoff]
        on_cells = Term(
            places[:cells].reshape(*shape, width), -values[:cells].reshape(*shape, width), (width,)
        )
        out = [
            Family(
                EPIGRAPH,
                shape,
                (*terms, on_cells),
                ">=",
                -(constant * self.sign).broadcast_to(shape),
                label=lambda cell: f"{EPIGRAPH}[{self.environment.profile_label(cell)}]",
            )
        ]
        if self.possible.lifts:
            further = Term(places[cells:], -values[cells:], (width,))
            rhs = Rationals.zeros((self.possible.lifts,))
            out.append(Family(FURTHER, (self.possible.lifts,), (further,), ">=", rhs))
        return out

    def _combined(self, columns: Columns) -> tuple[npt.NDArray[np.int32], Rationals]:
        """``A' y``, a row for each cell and further variable: places of multipliers, and coefficients."""
        every = self.possible.all_rows
        places = np.concatenate([columns[_name(k)][rows.row] for k, rows in enumerate(every)])
        group = np.concatenate([rows.column for rows in every])
        found = padded(group, self.possible.cells + self.possible.lifts, places, self._values)
        return found

    @cached_property
    def _values(self) -> Rationals:
        return concatenate([rows.value for rows in self.possible.all_rows])

    def prices(self, values: Callable[[str], Rationals]) -> Rationals:
        """The multipliers in a solution, in the order of the set's rows."""
        return concatenate([values(_name(k)) for k in range(len(self.possible.all_rows))])


def nature(design: Design) -> Nature | None:
    """Nature's part in a design; None unless the objective is the worst expectation over a set of priors."""
    aim, possible = goal(design), design.environment.designer_set
    if aim is None or possible is None or not design.robust:
        return None
    return Nature(design.environment, possible, 1 if aim.maximize else -1)


def _name(k: int) -> str:
    return f"nature {k}"


def _label(title: str) -> Callable[[tuple[int, ...]], str]:
    return lambda cell: f"{title} {cell[0] + 1}"
