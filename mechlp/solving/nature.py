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
from ..environment.belief_sets import BeliefSet, Rows
from ..environment.model import Environment
from ..exact.numbers import Rationals, concatenate
from ..program import Block, Columns, Family, Term
from ..question.design import Design
from ..question.objective import goal
from .rows.keys import Kind, key


@dataclass(frozen=True)
class Nature:
    """``possible``: the designer's set; ``sign``: 1 when the objective is maximised, -1 when it is minimised."""

    environment: Environment
    possible: BeliefSet
    sign: int

    @cached_property
    def rows(self) -> list[tuple[int, Rows]]:
        """The rows of the set that have multipliers in the program, with their places among all.

        Rows that split each cell into further variables put these in the cell's place: they need none.
        """
        return [(k, rows) for k, rows in enumerate(self.possible.all_rows) if not rows.splits]

    @property
    def split(self) -> bool:
        """Whether each cell is the sum of further variables that make up a grid over the type grid."""
        return self.possible.lift_grid is not None

    def blocks(self) -> list[Block]:
        """One multiplier a row of the set, row family by row family."""
        zero = Rationals.of(0)
        return [
            Block(
                key(Kind.NATURE, k),
                (rows.count,),
                zero if rows.sense == ">=" else None,
                zero if rows.sense == "<=" else None,
                label=_label(f"multiplier of {rows.name}"),
            )
            for k, rows in self.rows
        ]

    def objective(self) -> dict[str, Rationals]:
        """``b . y``, in the sense of the design's objective."""
        return {key(Kind.NATURE, k): rows.rhs * self.sign for k, rows in self.rows}

    def families(self, columns: Columns, payoff: list[Term], constant: Rationals) -> list[Family]:
        """``f - A' y >= 0``; ``payoff`` are the terms of f over the type grid, ``constant`` what no choice moves."""
        shape, cells = self.environment.shape, self.possible.cells
        places, values = self._combined(columns)
        terms = [Term(t.columns, t.coefficients * self.sign, t.axes) for t in payoff]
        rhs = -(constant * self.sign)
        if self.split:
            return [self._epigraph(self.possible.lift_grid or shape, terms, places, values, rhs)]
        out = [self._epigraph(shape, terms, places[:cells], values[:cells], rhs)]
        if self.possible.lifts:
            further = Term(places[cells:], -values[cells:], places.shape[1:])
            zeros = Rationals.zeros((self.possible.lifts,))
            out.append(Family(key(Kind.FURTHER), (self.possible.lifts,), (further,), ">=", zeros))
        return out

    def _epigraph(
        self,
        grid: tuple[int, ...],
        terms: list[Term],
        places: npt.NDArray[np.int32],
        values: Rationals,
        rhs: Rationals,
    ) -> Family:
        width = places.shape[1:]
        prices = Term(places.reshape(*grid, *width), -values.reshape(*grid, *width), width)
        profile = self.environment.profile_label
        return Family(
            key(Kind.EPIGRAPH),
            grid,
            (*terms, prices),
            ">=",
            rhs.broadcast_to(grid),
            label=lambda cell: f"{Kind.EPIGRAPH}[{profile(cell[-self.environment.n :])}]",
        )

    def _combined(self, columns: Columns) -> tuple[npt.NDArray[np.int32], Rationals]:
        """``A' y``, a row for each cell and further variable: places of multipliers, and coefficients.

        Where cells are split, only the further variables have rows: what a row says of a cell it says of its parts.
        """
        cells, lifts = self.possible.cells, self.possible.lifts
        groups, places, values = [], [], []
        for k, rows in self.rows:
            column, row, value = rows.column, rows.row, rows.value
            if self.split:
                parts = np.arange(cells, cells + lifts).reshape(-1, cells)
                inside = column < cells
                column = np.concatenate([parts[:, column[inside]].ravel(), column[~inside]]) - cells
                row = np.concatenate([np.tile(row[inside], len(parts)), row[~inside]])
                value = concatenate([*[value[inside]] * len(parts), value[~inside]])
            groups.append(column)
            places.append(columns[key(Kind.NATURE, k)][row])
            values.append(value)
        size = lifts if self.split else cells + lifts
        return padded(np.concatenate(groups), size, np.concatenate(places), concatenate(values))

    def among(self, moved: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """What becomes of each row that has a multiplier, where ``moved`` says so of all rows of the set."""
        every = self.possible.all_rows
        kept = np.flatnonzero(np.repeat([not r.splits for r in every], [r.count for r in every]))
        return np.searchsorted(kept, moved[kept])

    # -- the way back ---------------------------------------------------------------------------
    def prices(self, values: Callable[[str], Rationals]) -> Rationals:
        """The multipliers in a solution, in the order of all rows of the set.

        Rows that split cells get the most that a part of the cell costs.
        """
        known = {k: values(key(Kind.NATURE, k)) for k, _ in self.rows}
        every = self.possible.all_rows
        if self.split:
            cells, width = self.possible.cells, self.possible.cells + self.possible.lifts
            total = Rationals.zeros((width,))
            for k, rows in self.rows:
                total = total + rows.pulled(known[k], width)
            most = total[cells:].reshape(-1, cells).max(axis=0)
            known |= {k: most for k, rows in enumerate(every) if rows.splits}
        return concatenate([known[k] for k in range(len(every))])

    def point(self, duals: Callable[[Kind], Rationals]) -> Rationals:
        """Nature's prior from the multipliers of the rows, with the set's further variables."""
        on_cells = duals(Kind.EPIGRAPH)
        if self.split:
            return concatenate([on_cells.sum(axis=0).ravel(), on_cells.ravel()]).reduced()
        parts = [on_cells.ravel(), *([duals(Kind.FURTHER).ravel()] if self.possible.lifts else [])]
        return concatenate(parts).reduced()


def nature(design: Design) -> Nature | None:
    """Nature's part in a design; None unless the objective is the worst expectation over a set of priors."""
    aim, possible = goal(design), design.environment.designer_set
    if aim is None or possible is None or not design.robust:
        return None
    return Nature(design.environment, possible, 1 if aim.maximize else -1)


def _label(title: str) -> Callable[[tuple[int, ...]], str]:
    return lambda cell: f"{title} {cell[0] + 1}"
