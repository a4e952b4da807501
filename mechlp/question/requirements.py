"""Requirements that are given row by row: linear forms in lotteries and transfers, each at least, or equal to, a number.

IC, IR and budget balance are notions, evaluated by their own definition.  Everything else that is asked of a mechanism and is
linear in it is a family of rows: obedience to recommended actions, quotas, equal treatment, floors.  Compiler, audit and proofs
read rows from here, and know nothing else about them.  Where several rules may be announced each has to satisfy every row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, added

#: Most entries of all rows of a family.
MAX_ENTRIES = 60_000_000
Cell = tuple[int, ...]
#: For each further variable of rows one of them, by the name of the variables.
Tight = Mapping[str, npt.NDArray[np.intp]]


@dataclass(frozen=True)
class Part:
    """What rows take from one block: ``sum over the last axis of coefficients * block[cells]``.

    Parameters
    ----------
    block : ``q``, ``t i``, or the name of a family's further variables.
    cells : positions in the block laid flat (``q`` as ``(|A|, *Theta)``, ``t i`` as ``Theta``), shape ``(*rows, width)`` or
        broadcasting to it.
    coefficients : likewise.
    """

    block: str
    cells: npt.NDArray[np.intp]
    coefficients: Rationals

    def at(self, rows: tuple[int, ...]) -> tuple[npt.NDArray[np.intp], Rationals]:
        """Cells and coefficients, both of shape ``(*rows, width)``."""
        width = max(self.cells.shape[-1], self.coefficients.shape[-1])
        return np.broadcast_to(self.cells, (*rows, width)), self.coefficients.broadcast_to((*rows, width))

    def value(self, rows: tuple[int, ...], block: Rationals) -> Rationals:
        """What the rows take from a block, laid flat."""
        total: Rationals = (self.coefficients * block[self.cells]).sum(axis=-1)
        return total.broadcast_to(rows)

    def pulled(self, y: Rationals, size: int) -> Rationals:
        """``sum over rows of y * coefficients`` on each cell of a block of a size."""
        some = np.nonzero(y.numerator)
        cells, coefficients = self.at(y.shape)
        share = coefficients[some] * y[some].reshape(-1, 1)
        return added(share, (cells[some],), (size,))


@dataclass(frozen=True, eq=False)
class Rows:
    """A family of named requirements ``parts . mechanism >= rhs`` (or ``= rhs``).

    Parameters
    ----------
    name : of the family, unique in a question.
    shape : of its rows.
    label : the name of a row, from its cell.
    variables : further variables that the family introduces, each a name with its shape, and their least values that satisfy
        the rows, given the values of the blocks laid flat: what an audit uses.  Each row has one of them, with coefficient one.
    unit : each row is stored multiplied by this (> 0, broadcasting to ``shape``); multipliers and slacks are about the row that
        the label names.
    relaxes : whether the rows give way where IC does.
    """

    name: str
    shape: tuple[int, ...]
    parts: tuple[Part, ...]
    sense: Literal[">=", "="]
    rhs: Rationals
    label: Callable[[Cell], str]
    variables: tuple[Variables, ...] = ()
    unit: Rationals = field(default_factory=lambda: Rationals.of(1))
    relaxes: bool = False

    def named(self, cell: Cell, rule: int | None = None) -> str:
        """The name of a row, with the rule of which it is asked where several may be announced."""
        name = self.label(cell)
        return name if rule is None else f"{name[:-1]} | rule {rule + 1}]"

    @property
    def kind(self) -> str:
        """What labels begin with: the family's name without the agent."""
        return self.label((0,) * len(self.shape)).partition("[")[0] if math.prod(self.shape) else self.name

    def slack(self, blocks: Mapping[str, Rationals]) -> Rationals:
        """``parts . mechanism - rhs`` of the named rows, shape ``shape``."""
        total = self.stored_slack(blocks)
        return total if self.unit.size == 1 and self.unit.item() == 1 else total / self.unit

    def stored_slack(self, blocks: Mapping[str, Rationals]) -> Rationals:
        """The same of the rows as they are stored."""
        total = -self.rhs.broadcast_to(self.shape)
        for part in self.parts:
            total = total + part.value(self.shape, blocks[part.block])
        return total

    def stored(self, y: Rationals) -> Rationals:
        """Multipliers of the named rows as those of the stored ones."""
        return y if self.unit.size == 1 and self.unit.item() == 1 else y / self.unit


@dataclass(frozen=True, eq=False)
class Variables:
    """Further variables of rows: free in a program, and the best that there are in an audit."""

    name: str
    shape: tuple[int, ...]
    least: Callable[[Mapping[str, Rationals]], Rationals] = field(repr=False)


def laid_flat(
    allocation: Rationals, transfers: Iterable[Rationals], families: Sequence[Rows], tight: Tight | None = None
) -> dict[str, Rationals]:
    """A mechanism as the blocks that rows speak of, their further variables at their best (or where the rows of ``tight`` hold
    them: then linear in the mechanism)."""
    blocks = {"q": allocation.ravel(), **{f"t {i}": t.ravel() for i, t in enumerate(transfers)}}
    for family in families:
        for v in family.variables:
            if tight is None:
                blocks[v.name] = v.least(blocks).ravel()
                continue
            nothing = {**blocks, v.name: Rationals.zeros((math.prod(v.shape),))}
            blocks[v.name] = -family.stored_slack(nothing).ravel()[tight[v.name]]
    return blocks


def tight_rows(
    allocation: Rationals, transfers: Iterable[Rationals], families: Sequence[Rows]
) -> Tight:
    """The first row that holds each further variable at a mechanism, by the name of the variables."""
    blocks, found = laid_flat(allocation, transfers, families), {}
    for family in families:
        for v in family.variables:
            (own,) = (part for part in family.parts if part.block == v.name)
            rows = np.flatnonzero(family.slack(blocks).ravel().numerator == 0)[::-1]
            found[v.name] = np.zeros(math.prod(v.shape), dtype=np.intp)
            found[v.name][own.at(family.shape)[0].ravel()[rows]] = rows
    return found


__all__ = ["MAX_ENTRIES", "Part", "Rows", "Tight", "Variables", "laid_flat", "tight_rows"]
