"""Requirements that are given row by row (:mod:`mechlp.question.requirements`), as rows of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

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
    terms, rhs = [], rows.rhs
    for part in rows.parts:
        if part.block == CHANCE and setting.lottery is not None:
            rhs = rhs - part.value(rows.shape, setting.lottery[0].ravel())
        elif part.block in columns:
            where, coefficients = part.at(rows.shape)
            terms.append(Term(_positions(part, columns)[where], coefficients, where.shape[-1:]))
    if rows.relaxes:
        terms += setting.given(columns, "ic", rows.unit)
    return Family(
        rows.name,
        rows.shape,
        tuple(terms),
        rows.sense,
        rhs.broadcast_to(rows.shape),
        None,
        rows.unit,
        rows.label,
    )


def _positions(part: Part, columns: Columns) -> npt.NDArray[np.int32]:
    """The columns of a block in the order in which rows count its cells: the only rule's, outcomes first."""
    cells = columns[part.block]
    if part.block == CHANCE:
        cells = np.moveaxis(cells[0], -1, 0)
    elif part.block.startswith("t "):
        cells = cells[0]
    return np.ascontiguousarray(cells).ravel()


__all__ = ["further_blocks", "given_rows"]
