"""Symmetric programs folded: one column and one row an orbit.

Permutations of columns and rows that leave a program as it is generate a group, and the average of an optimum over the
group is an optimum that is constant on orbits (Gatermann and Parrilo 2004; Bodi, Herr and Joswig 2013).  So one column
stands for an orbit of columns, one row for an orbit of rows; a solution of the folded program is spread back over the
orbits, multipliers in equal shares, so that the proof is one for the whole program.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from .model import Block, Family, Label, Program, Term
from .solution import Solution

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Orbits:
    """``first`` holds the first member of every orbit, increasing; ``of`` the orbit of every member."""

    first: Places
    of: Places

    @property
    def sizes(self) -> Places:
        return np.bincount(self.of, minlength=len(self.first))

    @classmethod
    def under(cls, permutations: Sequence[Places], size: int) -> Orbits:
        """Under the group that permutations of ``range(size)`` generate."""
        least, before = np.arange(size), None
        while before is None or not np.array_equal(least, before):
            before = least
            for permutation in permutations:
                least = np.minimum(least, least[permutation])
            least = least[least]
        first = np.flatnonzero(least == np.arange(size))
        return cls(first, np.searchsorted(first, least))

    def spread(self, values: Rationals) -> Rationals:
        """One value an orbit, for every member."""
        return Rationals(values.numerator[self.of], values.denominator)

    def shared(self, values: Rationals) -> Rationals:
        """One value an orbit, in equal parts to its members."""
        sizes = self.sizes
        common = math.lcm(1, *np.unique(sizes).tolist())
        return self.spread(values * Rationals(common // sizes, common)).reduced()


@dataclass(frozen=True)
class Folded:
    """``program`` has one column and one row an orbit of ``full``."""

    full: Program
    program: Program
    columns: Orbits
    rows: Orbits

    def unfolded(self, found: Solution) -> Solution:
        """A solution of the folded program as one of the full program."""
        spread = lambda x: None if x is None else self.columns.spread(x)  # noqa: E731
        return replace(
            found,
            primal=spread(found.primal),
            ray=spread(found.ray),
            dual=None if found.dual is None else self.rows.shared(found.dual),
            reduced=None if found.reduced is None else self.columns.shared(found.reduced),
        )


def fold(program: Program, symmetries: Sequence[tuple[Places, Places]]) -> Folded:
    """A program folded under symmetries, each a permutation of its columns and one of its rows.

    That they leave the program as it is, is not examined.
    """
    columns = Orbits.under([c for c, _ in symmetries], program.num_columns)
    rows = Orbits.under([r for _, r in symmetries], program.num_rows)
    kept = {b.name: _within(columns.first, program.column_start[b.name], b.size) for b in program.blocks}
    families = [
        _family(f, _within(rows.first, program.row_start[f.name], f.size), columns.of.astype(np.int32))
        for f in program.families
    ]
    folded = replace(
        program,
        blocks=tuple(_block(b, kept[b.name]) for b in program.blocks if len(kept[b.name])),
        families=tuple(f for f in families if f.size),
        objective=_objective(program, kept, columns),
    )
    return Folded(program, folded, columns, rows)


def _within(places: Places, start: int, size: int) -> Places:
    """The places in a stretch, counted from its start."""
    low, high = np.searchsorted(places, (start, start + size))
    return places[low:high] - start


def _objective(program: Program, kept: Mapping[str, Places], columns: Orbits) -> dict[str, Rationals]:
    """What every orbit adds: as often as it has members."""
    out = {}
    for name, coefficients in program.objective.items():
        if not len(kept[name]):
            continue
        sizes = columns.sizes[columns.of[kept[name] + program.column_start[name]]]
        own = coefficients.broadcast_to(program.block(name).shape)
        out[name] = _at(own, program.block(name).shape, kept[name]) * Rationals(sizes)
    return out


def _block(block: Block, kept: Places) -> Block:
    """Some columns of a block, as one list."""
    ends = [None if b is None else _at(b, block.shape, kept) for b in (block.lower, block.upper)]
    label = _label(block, kept)
    return replace(block, shape=(len(kept),), lower=ends[0], upper=ends[1], label=label)


def _family(family: Family, kept: Places, orbit: npt.NDArray[np.int32]) -> Family:
    """Some rows of a family in the columns of the orbits: as one list unless they are all."""
    if len(kept) == family.size:
        return replace(family, terms=tuple(replace(t, columns=orbit[t.columns]) for t in family.terms))
    shape = family.shape
    terms = [
        Term(
            orbit[_rows(t.columns, shape, t.axes, kept)],
            Rationals(_rows(t.coefficients.numerator, shape, t.axes, kept), t.coefficients.denominator),
            t.axes,
        )
        for t in family.terms
    ]
    return replace(
        family,
        shape=(len(kept),),
        terms=tuple(terms),
        rhs=_at(family.rhs, shape, kept),
        equal=None if family.equal is None else _rows(family.equal, shape, (), kept),
        unit=None if family.unit is None else _at(family.unit, shape, kept),
        label=_label(family, kept),
    )


def _label(part: Block | Family, kept: Places) -> Label:
    return lambda cell: part.describe(tuple(int(k) for k in np.unravel_index(kept[cell[0]], part.shape)))


def _at(array: Rationals, shape: tuple[int, ...], kept: Places) -> Rationals:
    return Rationals(_rows(array.numerator, shape, (), kept), array.denominator)


def _rows(
    array: npt.NDArray[Any], shape: tuple[int, ...], axes: tuple[int, ...], kept: Places
) -> npt.NDArray[Any]:
    """Some rows of what broadcasts to ``shape + axes``, along one axis; repeated axes keep length one."""
    full = np.broadcast_to(array, shape + axes)
    small = full[tuple(slice(0, 1) if s == 0 else slice(None) for s in full.strides)]
    cell = np.unravel_index(kept, shape) if shape else ()
    varies = small.shape[: len(shape)]
    picked = tuple(np.zeros(1, np.intp) if n == 1 else c for c, n in zip(cell, varies, strict=True))
    return small[picked] if picked else small.reshape(1, *small.shape)


__all__ = ["Folded", "Orbits", "fold"]
