"""Requirements that are given row by row (:mod:`mechlp.question.requirements`), as rows of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...exact.numbers import stack
from ...program import Block, Columns, Family, Term
from .allocation import CHANCE

if TYPE_CHECKING:
    from ...question.requirements import Part, Rows
    from .setting import Setting


def further_blocks(setting: Setting) -> list[Block]:
    """The free variables that the rows introduce."""
    return [Block(v.name, v.shape) for rows in setting.design.requirements for v in rows.variables]


def given_rows(setting: Setting, columns: Columns) -> list[Family]:
    """A family of rows for each family of requirements; they give way where IC does and they are about incentives."""
    return [_family(setting, rows, columns) for rows in setting.design.requirements]


def _family(setting: Setting, rows: Rows, columns: Columns) -> Family:
    """Asked of the only rule, or of each by itself: then rules are the first axis."""
    several = setting.design.ambiguous
    shape = (setting.rules.count, *rows.shape) if several else rows.shape
    terms, rhs = [], rows.rhs
    for part in rows.parts:
        if part.block == CHANCE and setting.lottery is not None:
            taken = [part.value(rows.shape, one.ravel()) for one in setting.lottery]
            rhs = rhs - (stack(taken) if several else taken[0])
        elif part.block in columns:
            where, coefficients = part.at(rows.shape)
            cells = np.broadcast_to(_positions(part, columns)[:, where], (setting.rules.count, *where.shape))
            width = where.shape[-1:]
            terms.append(Term(cells.reshape(*shape, *width), coefficients.broadcast_to((*shape, *width)), width))
    if rows.relaxes:
        terms += setting.given(columns, "ic", rows.unit)
    label = (lambda cell: rows.named(cell[1:], cell[0])) if several else rows.label
    return Family(rows.name, shape, tuple(terms), rows.sense, rhs.broadcast_to(shape), None, rows.unit, label)


def _positions(part: Part, columns: Columns) -> npt.NDArray[np.int32]:
    """The columns of a block, for each rule (once where all have one) in the order in which rows count its cells: outcomes
    first."""
    cells = columns[part.block]
    if part.block == CHANCE:
        cells = np.moveaxis(cells, -1, 1)
    elif not part.block.startswith("t "):
        cells = cells[None]
    return np.ascontiguousarray(cells).reshape(len(cells), -1)


__all__ = ["further_blocks", "given_rows"]
