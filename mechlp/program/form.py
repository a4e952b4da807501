"""The exact program in one canonical form, and exact integer linear algebra over it.

``min costs . x`` subject to ``matrix x >= / = / <= rhs`` and ``lower <= x <= upper``: integer matrix, rational
everything else.  A program with labels (:class:`~mechlp.program.model.Program`), its Farkas alternative, its
recession cone and its refinements all take this form, so one solver decides them all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from .model import Program

IntArray = npt.NDArray[Any]  # int64, or Python integers in an object array
_SAFE = 2**62
#: Entries of a matrix that is multiplied without scipy, which takes longer to load than to solve a small program.
FEW = 50_000


def largest(array: IntArray) -> int:
    """The largest absolute value (0 when empty)."""
    return max(abs(int(array.max())), abs(int(array.min()))) if array.size else 0


def compact(array: IntArray) -> IntArray:
    """int64 where the numbers fit."""
    return array.astype(np.int64) if array.dtype == object and largest(array) < _SAFE else array


def scaled(array: IntArray, factor: int) -> IntArray:
    """``array * factor`` without overflow."""
    if factor == 1:
        return array
    if array.dtype != object and max(largest(array), 1) * abs(factor) >= _SAFE:
        array = array.astype(object)
    if array.dtype == object and factor > 0 and factor & (factor - 1) == 0:
        return np.asarray(array << (factor.bit_length() - 1))  # twice as fast for large integers
    return np.asarray(array * factor)


def difference(a: IntArray, b: IntArray) -> IntArray:
    """``a - b`` without overflow."""
    if a.dtype != object and b.dtype != object and largest(a) + largest(b) >= _SAFE:
        a = a.astype(object)
    return np.asarray(a - b)


def floats(numerator: IntArray, denominator: IntArray | int) -> npt.NDArray[np.float64]:
    """Nearest floats of quotients of integers of any size (infinite beyond the range of floats)."""
    wide = object in (numerator.dtype, getattr(denominator, "dtype", None))
    if not wide and not (isinstance(denominator, int) and denominator >= _SAFE):
        return np.asarray(numerator / denominator, dtype=np.float64)
    tops, bottoms = np.broadcast_arrays(numerator, np.asarray(denominator, dtype=object))
    try:
        return np.asarray(tops / bottoms, dtype=np.float64)
    except OverflowError:
        pass
    out = [_quotient(int(n), int(d)) for n, d in zip(tops.ravel(), bottoms.ravel(), strict=True)]
    return np.array(out, dtype=np.float64).reshape(tops.shape)


def _quotient(n: int, d: int) -> float:
    try:
        return n / d
    except OverflowError:
        return math.inf if n > 0 else -math.inf


def frexp(values: IntArray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Mantissas and binary exponents of integers of any size."""
    if values.dtype != object:
        heads, powers = np.frexp(values.astype(np.float64))
        return heads, powers.astype(np.int64)
    flat = values.ravel()
    excess = np.array([max(abs(int(v)).bit_length() - 60, 0) for v in flat], dtype=np.int64)
    cut = np.array([int(v) >> int(e) for v, e in zip(flat, excess, strict=True)], dtype=np.float64)
    heads, powers = np.frexp(cut)
    return heads.reshape(values.shape), (powers.astype(np.int64) + excess).reshape(values.shape)


@dataclass(frozen=True)
class IntegerMatrix:
    """A sparse integer matrix in CSR form: no repeated entry in a row, no stored zero."""

    indptr: npt.NDArray[Any]
    indices: npt.NDArray[np.int32]
    data: IntArray
    width: int

    @classmethod
    def merged(cls, indptr: npt.NDArray[Any], indices: npt.NDArray[Any], data: IntArray, width: int) -> Any:
        """From CSR arrays in which a row may name a column twice (the entries add) or store zeros."""
        follows = np.ones(len(indices), dtype=bool)  # an entry before it, in the same row
        follows[indptr[:-1][indptr[:-1] < len(indices)]] = False
        if np.any((indices[1:] <= indices[:-1]) & follows[1:]):
            rows = np.repeat(np.arange(len(indptr) - 1, dtype=np.int64), np.diff(indptr))
            order = np.argsort(rows * width + indices, kind="stable")
            indices, data = indices[order], data[order]
            again = np.flatnonzero((indices[1:] == indices[:-1]) & follows[1:]) + 1
            if len(again):
                if data.dtype != object and largest(data) * len(data) >= _SAFE:
                    data = data.astype(object)
                first = np.delete(np.arange(len(data)), again)
                indices, data = indices[first], np.add.reduceat(data, first)
                indptr = indptr - np.searchsorted(again, indptr)
        kept = data != 0
        zeros = np.flatnonzero(~kept)
        if len(zeros):
            indices, data = indices[kept], data[kept]
            indptr = indptr - np.searchsorted(zeros, indptr)
        starts, columns = (a.astype(np.int32, copy=False) for a in (indptr, indices))
        return cls(starts, columns, compact(data), width)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.indptr) - 1, self.width

    @cached_property
    def rows(self) -> npt.NDArray[Any]:
        """The row of every entry."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))

    @cached_property
    def transposed(self) -> IntegerMatrix:
        order = _stable(self.indices)
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.indices, minlength=self.width))])
        rows = self.rows[order].astype(np.int32)
        return IntegerMatrix(starts.astype(np.int32), rows, self.data[order], self.shape[0])

    def part(self, rows: npt.NDArray[Any], columns: npt.NDArray[Any]) -> IntegerMatrix:
        """The submatrix of some rows and columns, in the order given."""
        place = np.full(self.width, -1, dtype=np.int32)
        place[columns] = np.arange(len(columns), dtype=np.int32)
        counts = np.diff(self.indptr)[rows]
        ends = np.cumsum(counts)
        entries = np.arange(int(counts.sum())) + np.repeat(self.indptr[:-1][rows] - (ends - counts), counts)
        found = place[self.indices[entries]]
        kept = found >= 0
        starts = np.concatenate([[0], np.cumsum(kept)])[np.concatenate([[0], ends])]
        picked = IntegerMatrix(starts.astype(np.int32), found[kept], self.data[entries[kept]], len(columns))
        return (
            picked if bool(np.all(columns[1:] > columns[:-1])) else picked.transposed.transposed
        )  # sorted rows

    @cached_property
    def _bound(self) -> int:
        """At least the largest 1-norm of a row."""
        return largest(self.data) * int(np.diff(self.indptr).max(initial=0))

    @cached_property
    def _csr(self) -> Any:
        import scipy.sparse as sp

        return sp.csr_array((self.data, self.indices, self.indptr), shape=self.shape)

    @cached_property
    def _objects(self) -> IntArray:
        return self.data.astype(object)

    def dot(self, x: IntArray) -> IntArray:
        """The exact product with an integer vector."""
        x = compact(x)
        if self.data.dtype != object and x.dtype != object and self._bound * largest(x) < _SAFE:
            return np.asarray(self._csr @ x) if len(self.data) > FEW else self._product(x)
        out = np.zeros(self.shape[0], dtype=object)
        kept = np.flatnonzero((x != 0)[self.indices])
        if len(kept):
            rows = self.rows[kept]
            first = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
            products = self._objects[kept] * x[self.indices[kept]].astype(object)
            out[rows[first]] = np.add.reduceat(products, first)
        return compact(out)

    def _product(self, x: IntArray) -> IntArray:
        """The product where it overflows nothing; for few entries, without loading scipy."""
        out = np.zeros(self.shape[0], dtype=np.int64)
        filled = np.flatnonzero(np.diff(self.indptr))
        if len(filled):
            out[filled] = np.add.reduceat(self.data * x[self.indices], self.indptr[:-1][filled])
        return out


def _stable(keys: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """A stable order, by halves of 16 bits: those are counted, not compared."""
    order = np.argsort((keys & 0xFFFF).astype(np.uint16), kind="stable")
    if len(keys) and int(keys.max()) > 0xFFFF:
        order = order[np.argsort((keys >> 16).astype(np.uint16)[order], kind="stable")]
    return order


@dataclass(frozen=True)
class Form:
    """``min costs . x``, rows ``senses`` (1: ``>=``, 0: ``=``, -1: ``<=``), bounds where the masks say so.

    ``row_scale`` and ``column_scale`` (positive integers) only describe the float image: row i is divided by
    ``row_scale[i]``, and the float variable is ``column_scale[j] * x[j]``.
    """

    matrix: IntegerMatrix
    senses: npt.NDArray[np.int8]
    rhs: Rationals
    lower: Rationals
    upper: Rationals
    has_lower: npt.NDArray[np.bool_]
    has_upper: npt.NDArray[np.bool_]
    costs: Rationals
    row_scale: IntArray
    column_scale: IntArray

    @property
    def num_rows(self) -> int:
        return self.matrix.shape[0]

    @property
    def num_columns(self) -> int:
        return self.matrix.shape[1]

    def with_costs(self, costs: Rationals) -> Form:
        return replace(self, costs=costs)

    def of_rows(self, rows: npt.NDArray[np.intp]) -> Form:
        """The same with some of the rows."""
        return replace(
            self,
            matrix=self.matrix.part(rows, np.arange(self.num_columns)),
            senses=self.senses[rows],
            rhs=self.rhs[rows],
            row_scale=self.row_scale[rows],
        )

    def alone(self, rows: npt.NDArray[np.intp]) -> Form:
        """Some of the rows, and the columns that they name."""
        part = self.of_rows(rows)
        columns = np.unique(part.matrix.indices)
        return replace(
            part,
            matrix=part.matrix.part(np.arange(len(rows)), columns),
            lower=self.lower[columns],
            upper=self.upper[columns],
            has_lower=self.has_lower[columns],
            has_upper=self.has_upper[columns],
            costs=self.costs[columns],
            column_scale=self.column_scale[columns],
        )

    def objective(self, x: Rationals) -> Any:
        """``costs . x`` as a Fraction."""
        return (self.costs * x).sum()

    def activity(self, x: Rationals) -> Rationals:
        """``matrix x``."""
        return Rationals(self.matrix.dot(x.numerator), x.denominator)

    def pull(self, y: Rationals) -> Rationals:
        """``matrix' y``."""
        return Rationals(self.matrix.transposed.dot(y.numerator), y.denominator)

    # -- exact checks ---------------------------------------------------------------------------
    def feasible(self, x: Rationals) -> bool:
        """Whether a point satisfies every row and every bound."""
        slack = self.activity(x) - self.rhs
        rows = (np.sign(slack.numerator) * self.senses >= 0) & ((self.senses != 0) | (slack.numerator == 0))
        below, above = (x - self.lower).numerator, (self.upper - x).numerator
        return bool(
            np.all(rows) and np.all((below >= 0) | ~self.has_lower) and np.all((above >= 0) | ~self.has_upper)
        )

    def optimal(self, x: Rationals, y: Rationals) -> bool:
        """Whether multipliers prove a feasible point optimal: signs and complementary slackness."""
        slack = (self.activity(x) - self.rhs).numerator
        reduced = (self.costs - self.pull(y)).numerator
        signs = (np.sign(y.numerator) * self.senses >= 0) | (self.senses == 0)
        rows = signs & ((y.numerator == 0) | (slack == 0))
        at_lower = self.has_lower & ((x - self.lower).numerator == 0)
        at_upper = self.has_upper & ((self.upper - x).numerator == 0)
        columns = (reduced == 0) | ((reduced > 0) & at_lower) | ((reduced < 0) & at_upper)
        return bool(np.all(rows) and np.all(columns))

    def shortfall(self, y: Rationals) -> Any:
        """``rhs . y`` less the most that ``(matrix' y) . x`` reaches within the column bounds.

        A positive Fraction refutes the program (Farkas' lemma); None when signs are wrong or the reach is
        unlimited.
        """
        signs = (np.sign(y.numerator) * self.senses >= 0) | (self.senses == 0)
        pulled = self.pull(y)
        up, down = pulled.numerator > 0, pulled.numerator < 0
        if not np.all(signs) or np.any(up & ~self.has_upper) or np.any(down & ~self.has_lower):
            return None
        reach = (pulled[up] * self.upper[up]).sum() + (pulled[down] * self.lower[down]).sum()
        return (self.rhs * y).sum() - reach

    # -- float image ----------------------------------------------------------------------------
    def float_matrix(self) -> npt.NDArray[np.float64]:
        """CSR data of the float image."""
        scale, counts = self.row_scale, np.diff(self.matrix.indptr)
        if largest(self.column_scale) > 1:
            other = self.column_scale[self.matrix.indices].astype(object)
            return floats(self.matrix.data, np.repeat(scale.astype(object), counts) * other)
        if object in (self.matrix.data.dtype, scale.dtype):
            return floats(self.matrix.data, np.repeat(scale, counts))
        out = np.repeat(scale.astype(np.float64), counts)
        return np.divide(self.matrix.data, out, out=out)

    def float_rows(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Row bounds ``(lower, upper)`` of the float image, infinities where absent."""
        flat = floats(self.rhs.numerator, scaled(self.row_scale, self.rhs.denominator))
        return np.where(self.senses >= 0, flat, -np.inf), np.where(self.senses <= 0, flat, np.inf)

    def float_columns(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Column bounds ``(lower, upper)`` of the float image, infinities where absent."""
        lower, upper = (self._column_floats(b) for b in (self.lower, self.upper))
        return np.where(self.has_lower, lower, -np.inf), np.where(self.has_upper, upper, np.inf)

    def _column_floats(self, values: Rationals) -> npt.NDArray[np.float64]:
        numerator = np.ascontiguousarray(values.numerator)
        if largest(self.column_scale) > 1:
            numerator = numerator.astype(object) * self.column_scale.astype(object)
        return floats(numerator, values.denominator)

    def float_costs(self) -> npt.NDArray[np.float64]:
        numerator = np.ascontiguousarray(self.costs.numerator)
        return floats(numerator, scaled(self.column_scale, self.costs.denominator))


#: The last small program whose form was asked for, and its form: what is said beside an optimum asks for it again.
_latest: tuple[Program, Form] | None = None


def form(program: Program) -> Form:
    """The canonical form of a program: integer rows, costs negated under maximisation.

    A multiplier ``y`` on an integer row is ``y * program.row_scales`` on the stored row.
    """
    global _latest
    known = _latest
    if known is not None and known[0] is program:
        return known[1]
    made = _form(program)
    _latest = (program, made) if len(made.matrix.data) <= FEW else None
    return made


def _form(program: Program) -> Form:
    arrays = program.integers()
    matrix = IntegerMatrix.merged(arrays.indptr, arrays.indices, arrays.data, program.num_columns)
    lower, upper = program.exact_bounds()
    has_lower, has_upper = np.zeros((2, program.num_columns), dtype=bool)
    for block in program.blocks:
        start = program.column_start[block.name]
        has_lower[start : start + block.size] = block.lower is not None
        has_upper[start : start + block.size] = block.upper is not None
    return Form(
        matrix,
        program.senses,
        Rationals(program.integer_right_hand_side()),
        lower,
        upper,
        has_lower,
        has_upper,
        -program.costs if program.maximize else program.costs,
        program.row_scales.numerator,
        np.ones(program.num_columns, dtype=np.int64),
    )
