"""A linear program as named variable blocks and named row families.  No word of economics here.

A :class:`Block` is an n-dimensional array of variables, a :class:`Family` an n-dimensional array of
rows of one shape.  A row family is a sum of :class:`Term` s, each a pair of arrays (which column, which
coefficient) that broadcast over the axes of the rows and over axes of their own; nothing is expanded
until :meth:`Program.arrays` writes straight into the final CSR arrays.  The same terms give the float
program (``arrays()``) and the exact one (``integers()``: integer rows, each a positive multiple of
the row it stands for).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..exact.errors import InvalidInput
from ..exact.numbers import Rationals, concatenate
from .rows import fill, varying

Label = Callable[[tuple[int, ...]], str]
MAX_NONZEROS = 2**31 - 1
#: Bytes that the exact and the float program and two solvers take for an entry, and for a column or row (measured: 100 to 160,
#: and 700), and what is taken at most.
BYTES, LINE_BYTES, MAX_BYTES = 100, 700, 8_000_000_000


class TooLarge(InvalidInput):
    """The program would not fit the solver's 32-bit indices, or the memory; the message gives its size."""


def refuse_if_too_large(columns: int, entries: int, rows: int | None = None) -> None:
    """Raises :class:`TooLarge` for what 32 bits do not number, or what takes too much memory; without ``rows``, ``entries`` are
    some of them."""
    if max(columns, entries) > MAX_NONZEROS:
        size = (
            f"{columns:,} columns and at least" if rows is None else f"{rows:,} rows, {columns:,} columns and"
        )
        raise TooLarge(
            f"the program would have {size} {entries:,} entries; "
            f"the solver takes at most {MAX_NONZEROS:,}: use fewer types or outcomes"
        )
    if (needed := BYTES * entries + LINE_BYTES * (columns + (rows or 0))) > MAX_BYTES:
        raise TooLarge(
            f"the program would take {needed / 1e9:.1f} GB of memory or more ({columns:,} columns and {entries:,} entries); "
            f"at most {MAX_BYTES / 1e9:.0f} GB are taken: "
            "use fewer types or outcomes, or let reductions leave out what they can"
        )


def plain_label(name: str) -> Label:
    """The default label: ``name[0,2]`` (just ``name`` for a single variable or row)."""
    return lambda cell: f"{name}[{','.join(map(str, cell))}]" if cell else name


@dataclass(frozen=True)
class Block:
    """Variables of one kind.

    ``lower`` and ``upper`` broadcast to ``shape``; ``None`` means no bound.  ``label`` formats one
    cell of the block, and is called only when someone reads it.
    """

    name: str
    shape: tuple[int, ...]
    lower: Rationals | None = None
    upper: Rationals | None = None
    integer: bool = False
    label: Label | None = None

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def describe(self, cell: tuple[int, ...]) -> str:
        return (self.label or plain_label(self.name))(cell)


@dataclass(frozen=True)
class Term:
    """Part of every row of a family: ``coefficients * x[columns]``.

    Both arrays broadcast to ``rows.shape + axes``, where ``axes`` are this term's own axes, summed
    over within a row.
    """

    columns: npt.NDArray[np.int32]
    coefficients: Rationals
    axes: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        return math.prod(self.axes)


@dataclass(frozen=True)
class Family:
    """Rows of one kind: ``sum of terms >= rhs`` (or ``<=``, ``=``), an array of ``shape`` rows.

    ``equal`` marks cells of an inequality family that hold with equality.  ``unit`` broadcasts to
    ``shape``: the stored row is ``unit`` (> 0) times the row that its label names, so a multiplier ``y``
    on the stored row is ``y * unit`` on the named one.
    """

    name: str
    shape: tuple[int, ...]
    terms: tuple[Term, ...]
    sense: Literal[">=", "<=", "="]
    rhs: Rationals
    equal: npt.NDArray[np.bool_] | None = None
    unit: Rationals | None = None
    label: Label | None = None

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def width(self) -> int:
        return sum(term.width for term in self.terms)

    @cached_property
    def senses(self) -> npt.NDArray[np.int8]:
        """One entry a row: 1 for ``>=``, -1 for ``<=``, 0 for ``=``."""
        out = np.full(self.shape, {">=": 1, "<=": -1, "=": 0}[self.sense], dtype=np.int8)
        if self.equal is not None:
            out[np.broadcast_to(self.equal, self.shape)] = 0
        return out.ravel()

    def describe(self, cell: tuple[int, ...]) -> str:
        return (self.label or plain_label(self.name))(cell)


@dataclass(frozen=True)
class Arrays:
    """A program in CSR form; ``inf`` marks absent bounds.  Float, or integer (see Program.integers)."""

    indptr: npt.NDArray[Any]
    indices: npt.NDArray[Any]
    data: npt.NDArray[Any]


@dataclass(frozen=True)
class Program:
    """``max`` or ``min`` of a linear objective over blocks, subject to row families.

    ``objective`` maps a block's name to coefficients that broadcast to the block's shape.
    """

    blocks: tuple[Block, ...]
    families: tuple[Family, ...]
    objective: Mapping[str, Rationals] = field(default_factory=dict)
    maximize: bool = True
    constant: Fraction = Fraction(0)
    name: str = "program"

    def __post_init__(self) -> None:
        refuse_if_too_large(self.num_columns, self.nonzeros, self.num_rows)

    # -- sizes and positions --------------------------------------------------------------------
    @property
    def num_columns(self) -> int:
        return sum(b.size for b in self.blocks)

    @property
    def num_rows(self) -> int:
        return sum(f.size for f in self.families)

    @property
    def nonzeros(self) -> int:
        return sum(f.size * f.width for f in self.families)

    @cached_property
    def column_start(self) -> dict[str, int]:
        """The first column of each block."""
        return _starts(self.blocks)

    @cached_property
    def row_start(self) -> dict[str, int]:
        """The first row of each family."""
        return _starts(self.families)

    def block(self, name: str) -> Block:
        return next(b for b in self.blocks if b.name == name)

    def family(self, name: str) -> Family:
        return next(f for f in self.families if f.name == name)

    def values(self, name: str, flat: Rationals) -> Rationals:
        """The part of a vector over columns that belongs to a block, in the block's shape."""
        block, start = self.block(name), self.column_start[name]
        return flat[start : start + block.size].reshape(block.shape)

    def multipliers(self, name: str, flat: Rationals) -> Rationals:
        """The part of a vector over stored rows that belongs to a family, per named row."""
        family, start = self.family(name), self.row_start[name]
        part: Rationals = flat[start : start + family.size].reshape(family.shape)
        return part if family.unit is None else part * family.unit

    # -- labels, on demand ----------------------------------------------------------------------
    def column_label(self, column: int) -> str:
        return _describe(self.blocks, column)

    def row_label(self, row: int) -> str:
        return _describe(self.families, row)

    # -- arrays ---------------------------------------------------------------------------------
    def arrays(self) -> Arrays:
        """The float matrix in CSR form, written in one pass (one entry a term cell, zeros included)."""
        return self._write(np.float64, lambda part, _, out: part.write_float(out), [1] * len(self.families))

    @cached_property
    def row_denominators(self) -> tuple[int, ...]:
        """For each family, the positive integer that makes all its rows integer."""
        return tuple(
            math.lcm(f.rhs.denominator, *(t.coefficients.denominator for t in f.terms)) for f in self.families
        )

    def integers(self) -> Arrays:
        """The exact matrix: each family times its ``row_denominators``; int64 or Python integers."""
        wide = any(
            t.coefficients.integers(scale).dtype == object
            for f, scale in zip(self.families, self.row_denominators, strict=True)
            for t in f.terms
        )
        write = lambda part, scale, out: np.copyto(out, part.integers(scale))  # noqa: E731
        return self._write(object if wide else np.int64, write, self.row_denominators)

    def _write(
        self, dtype: Any, write: Callable[[Rationals, int, npt.NDArray[Any]], None], scales: Sequence[int]
    ) -> Arrays:
        indptr = np.empty(self.num_rows + 1, dtype=np.int32)
        indices = np.empty(self.nonzeros, dtype=np.int32)
        data = np.empty(self.nonzeros, dtype=dtype)
        row = start = 0
        for family, scale in zip(self.families, scales, strict=True):
            stop, terms = start + family.size * family.width, family.terms
            steps = indptr[row : row + family.size]
            np.multiply(np.arange(family.size, dtype=np.int32), family.width, out=steps)
            steps += start

            def number(k: int, cells: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
                write(Rationals(cells, terms[k].coefficients.denominator), scale, out)  # noqa: B023

            shape = (*family.shape, family.width)
            columns = [varying(t.columns, family.shape, t.axes) for t in terms]
            numerators = [varying(t.coefficients.numerator, family.shape, t.axes) for t in terms]
            fill(indices[start:stop].reshape(shape), columns, lambda _, cells, out: np.copyto(out, cells))
            fill(data[start:stop].reshape(shape), numerators, number)
            row, start = row + family.size, stop
        indptr[row] = start
        return Arrays(indptr, indices, data)

    def right_hand_side(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Float row bounds ``(lower, upper)`` with infinities."""
        rhs = [np.broadcast_to(f.rhs.float, f.shape).ravel() for f in self.families]
        flat = np.concatenate(rhs) if rhs else np.zeros(0)
        senses = self.senses
        return np.where(senses >= 0, flat, -np.inf), np.where(senses <= 0, flat, np.inf)

    def integer_right_hand_side(self) -> npt.NDArray[Any]:
        """Right-hand sides of the integer rows (same scale as :meth:`integers`)."""
        parts = [
            np.broadcast_to(f.rhs.integers(s), f.shape).ravel()
            for f, s in zip(self.families, self.row_denominators, strict=True)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    @cached_property
    def senses(self) -> npt.NDArray[np.int8]:
        """One entry a row: 1 for ``>=``, -1 for ``<=``, 0 for ``=``."""
        parts = [f.senses for f in self.families]
        return np.concatenate(parts) if parts else np.zeros(0, np.int8)

    @cached_property
    def row_scales(self) -> Rationals:
        """``integer row = row_scales * stored row``, one entry a row."""
        parts = [
            np.full(f.size, s, dtype=object if s >= 2**62 else np.int64)
            for f, s in zip(self.families, self.row_denominators, strict=True)
        ]
        return Rationals(np.concatenate(parts) if parts else np.zeros(0, np.int64))

    def bounds(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Float column bounds ``(lower, upper)`` with infinities."""
        lower, upper = (np.full(self.num_columns, s * np.inf) for s in (-1, 1))
        for block in self.blocks:
            part = slice(self.column_start[block.name], self.column_start[block.name] + block.size)
            if block.lower is not None:
                lower[part] = block.lower.broadcast_to(block.shape).float.ravel()
            if block.upper is not None:
                upper[part] = block.upper.broadcast_to(block.shape).float.ravel()
        return lower, upper

    def exact_bounds(self) -> tuple[Rationals, Rationals]:
        """Exact column bounds; meaningful only where :meth:`bounds` is finite (0 elsewhere)."""
        return self._over_columns(lambda b: b.lower), self._over_columns(lambda b: b.upper)

    @cached_property
    def costs(self) -> Rationals:
        """The objective's exact coefficient of every column, in the stated sense (max or min)."""
        return self._over_columns(lambda b: self.objective.get(b.name))

    def _over_columns(self, pick: Callable[[Block], Rationals | None]) -> Rationals:
        zero, values = Rationals.zeros(()), [pick(block) for block in self.blocks]
        if all(value is None or not value.unrepeated().numerator.any() for value in values):
            return Rationals.zeros((self.num_columns,))
        parts = zip(self.blocks, values, strict=True)
        return concatenate([(zero if v is None else v).broadcast_to(b.shape).ravel() for b, v in parts])

    @cached_property
    def integrality(self) -> npt.NDArray[np.bool_]:
        """Which columns must be integers."""
        parts = [np.full(b.size, b.integer) for b in self.blocks]
        return np.concatenate(parts) if parts else np.zeros(0, bool)

    def __repr__(self) -> str:
        kind = "max" if self.maximize else "min"
        blocks = ", ".join(f"{b.name}{list(b.shape)}" for b in self.blocks)
        families = ", ".join(f"{f.name}{list(f.shape)}" for f in self.families)
        return (
            f"<Program {self.name!r}: {kind}, {self.num_rows:,} rows x {self.num_columns:,} columns, "
            f"{self.nonzeros:,} entries; columns {blocks or '-'}; rows {families or '-'}>"
        )


def _starts(parts: Sequence[Block | Family]) -> dict[str, int]:
    starts, total = {}, 0
    for part in parts:
        if part.name in starts:
            raise ValueError(f"two parts of the program are named {part.name!r}")
        starts[part.name] = total
        total += part.size
    return starts


def _describe(parts: Sequence[Block | Family], position: int) -> str:
    for part in parts:
        if position < part.size:
            return part.describe(tuple(int(k) for k in np.unravel_index(position, part.shape)))
        position -= part.size
    raise IndexError(position)


class Columns:
    """Hands out column numbers: ``columns[name]`` is an integer array of the block's shape.

    Raises
    ------
    TooLarge
        When 32 bits do not number them, or the ``entries`` that the rows are known to have, before anything is allocated.
    """

    def __init__(self, blocks: Sequence[Block], entries: int = 0) -> None:
        self.blocks = tuple(blocks)
        refuse_if_too_large(sum(b.size for b in blocks), entries)
        starts = _starts(blocks)
        self._index = {
            b.name: np.arange(starts[b.name], starts[b.name] + b.size, dtype=np.int32).reshape(b.shape)
            for b in blocks
        }

    def __getitem__(self, name: str) -> npt.NDArray[np.int32]:
        return self._index[name]

    def __contains__(self, name: str) -> bool:
        return name in self._index
