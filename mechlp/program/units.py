"""A form in units in which its numbers are near one, exactly.

Float solvers work with absolute tolerances, drop entries up to 1e-9 in silence and refuse them from 1e15 on; exact arithmetic
slows down where all numbers share a long factor.  In what units payoffs are written must decide neither whether an answer is
found nor how fast.  So where some number is far from one, columns are multiplied by powers of small primes, first by those of 5,
3 and 7 that numbers share, then by powers of two that bring sizes near one, and rows lose the factors that their entries share.
Exponents are midpoints, a row and a column at a time, right-hand sides, bounds and costs among them (Fulkerson and Wolfe 1962,
"An algorithm for scaling matrices").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from .form import Form, IntArray, IntegerMatrix, compact, floats, frexp, largest, scaled

#: Sizes of numbers that float solvers take as they are.
LEAST, MOST = 1e-7, 1e7
#: Times that rows and columns take the midpoint of their exponents.
PASSES = 8
#: Factors that units have in common, beside two.
PRIMES = (5, 3, 7)
Exponents = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """``form`` stands for another one: its rows are that one's times ``rows``, its columns times ``columns`` are that one's, and
    its costs are ``costs`` times that one's."""

    form: Form
    rows: Rationals
    columns: Rationals
    costs: Fraction

    @classmethod
    def of(cls, form: Form) -> Units | None:
        """None where the numbers are near one as they stand.  For forms without a column scale of their own."""
        if _near_one(form):
            return None
        one = lambda k: Rationals.of(1).broadcast_to((k,))  # noqa: E731
        units = cls(form, one(form.num_rows), one(form.num_columns), Fraction(1))
        for prime in PRIMES:
            other = units.balanced(prime, lambda cells, p=prime: _valuations(cells, p))  # type: ignore[misc]
            if largest(other.form.matrix.data) < largest(units.form.matrix.data):
                units = other
        units = units.balanced(2, lambda cells: frexp(cells)[1])
        return replace(units, form=replace(units.form, row_scale=_sizes(units.form)))

    def balanced(self, base: int, exponents: Callable[[IntArray], Exponents]) -> Units:
        """Columns and costs times powers of a base that bring exponents of all numbers near zero."""
        form = self.form
        columns, costs = _balance(form, exponents)
        least = min(int(columns.min(initial=0)), 0)
        factors = Rationals(np.array([base ** int(k - least) for k in columns], dtype=object), base**-least)
        matrix, cost = form.matrix, Fraction(base) ** costs
        cells = matrix.data.astype(object) * factors.numerator[matrix.indices].astype(object)
        first = matrix.indptr[:-1]
        shared = np.ones(form.num_rows, dtype=object)
        filled = np.diff(matrix.indptr) > 0
        if len(cells):
            shared[filled] = np.gcd.reduceat(cells, first[filled])
        rows = Rationals.of(factors.denominator) / Rationals(shared)
        rewritten = replace(
            form,
            matrix=IntegerMatrix(
                matrix.indptr, matrix.indices, compact(cells // shared[matrix.rows]), matrix.width
            ),
            rhs=(form.rhs * rows).reduced(),
            lower=(form.lower / factors).reduced(),
            upper=(form.upper / factors).reduced(),
            costs=(form.costs * factors * cost).reduced(),
        )
        return Units(rewritten, self.rows * rows, self.columns * factors, self.costs * cost)

    def point(self, x: Rationals) -> Rationals:
        """A point or direction of the form, of the one that it stands for."""
        return (x * self.columns).reduced()

    def multipliers(self, y: Rationals, *, refuting: bool = False) -> Rationals:
        """Multipliers of the form, of the one that it stands for."""
        return (y * self.rows * (1 if refuting else Fraction(1) / self.costs)).reduced()


def _near_one(form: Form) -> bool:
    rhs = floats(form.rhs.numerator, scaled(form.row_scale, form.rhs.denominator))
    lower, upper = form.float_columns()
    return all(
        sizes.max(initial=0) <= MOST and sizes.min(initial=1, where=sizes > 0) >= LEAST
        for sizes in map(
            np.abs,
            (form.float_matrix(), form.float_costs(), rhs, lower[form.has_lower], upper[form.has_upper]),
        )
    )


def _sizes(form: Form) -> IntArray:
    """For each row the power of two nearest to the middle size of its entries."""
    powers = frexp(form.matrix.data)[1].astype(np.float64)
    middle = np.rint(_midpoints(powers, form.matrix.rows, form.num_rows)).astype(np.int64)
    return compact(np.array([1 << max(int(k), 0) for k in middle], dtype=object))


def _balance(form: Form, exponents: Callable[[IntArray], Exponents]) -> tuple[Exponents, int]:
    """Exponents by which columns and costs are to be multiplied."""
    m, n = form.matrix.shape
    rows, columns, powers = (np.concatenate(part) for part in zip(*_bordered(form, exponents), strict=True))
    by_row, by_column = np.zeros(m + 1 + 2 * n), np.zeros(n + 1)
    for _ in range(PASSES):
        by_row = _midpoints(powers - by_column[columns], rows, len(by_row))
        by_column = _midpoints(powers - by_row[rows], columns, len(by_column))
    unit = np.rint(by_column[n])
    return (unit - np.rint(by_column[:n])).astype(np.int64), -int(np.rint(by_row[m]) + unit)


def _bordered(form: Form, exponents: Callable[[IntArray], Exponents]) -> Iterator[tuple[Any, Any, Exponents]]:
    """Rows, columns and exponents of all numbers: the matrix; costs as its last row, right-hand sides as its last column; a row
    for each bound of a column."""
    m, n = form.matrix.shape

    def of(numbers: Rationals, rows: Any, columns: Any, has: Any = True) -> tuple[Any, Any, Exponents]:
        own = np.flatnonzero((numbers.numerator != 0) & has)
        powers = exponents(numbers.numerator[own]) - exponents(np.array([numbers.denominator], dtype=object))
        return rows[own], columns[own], powers

    yield of(Rationals(form.matrix.data), form.matrix.rows, form.matrix.indices)
    yield of(form.costs, np.full(n, m), np.arange(n))
    yield of(form.rhs, np.arange(m), np.full(m, n))
    bounds = ((form.lower, form.has_lower), (form.upper, form.has_upper))
    for first, (bound, has) in zip((m + 1, m + 1 + n), bounds, strict=True):
        rows, _, powers = of(bound, first + np.arange(n), np.full(n, n), has)
        yield rows, np.full(len(rows), n), powers
        yield rows, rows - first, np.zeros(len(rows), np.int64)


def _midpoints(powers: npt.NDArray[np.float64], groups: Any, count: int) -> npt.NDArray[np.float64]:
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, groups, powers)
    np.maximum.at(high, groups, powers)
    return np.where(high >= low, (np.where(high >= low, low, 0) + np.where(high >= low, high, 0)) / 2, 0.0)


def _valuations(cells: IntArray, prime: int) -> Exponents:
    """How often a prime divides integers other than zero."""
    out = np.zeros(len(cells), np.int64)
    left, places = cells.astype(object), np.arange(len(cells))
    while len(places := places[left[places] % prime == 0]):
        left[places] //= prime
        out[places] += 1
    return out


__all__ = ["Units"]
