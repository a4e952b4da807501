"""Exact solution of a square integer system.

The sparse road: factor the float image once, then correct with exact integer residuals until rational
reconstruction gives a vector that satisfies the system exactly (Wan 2006, "An algorithm to solve integer linear
systems exactly using numerical methods"; Cook and Steffy 2011, "Solving very sparse rational systems of
equations").  The dense road: python-flint, for small or ill-conditioned systems.

Long because the roads of one system, and what they have in common, are read together.
"""

from __future__ import annotations

import itertools
import math
import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from .form import IntArray, IntegerMatrix, compact, difference, frexp, largest, scaled
from .pattern import matched

SHORT, LONG = 30, 46  # bits kept of a float correction: the first two fit 64 bits together
# What a float may be off an integer, and denominators that are too long to be read off floats.
NEAR, LONGEST = 1e-6, 2**34
# Largest dimension of a float factor without scipy, which takes longer to load than some such factors; once it is there, or
# many were made, it has those beyond the second: they cost less, and no threads of a library of dense algebra.
SMALL, TINIEST, SOME = 400, 64, 8
# Largest dimension, and determinant, of a matrix that is tried by Cramer's rule in floats.
TINY, PLAIN = 60, 2.0**50
DENSE = 600  # largest dimension given to dense exact elimination
# Largest one given to it before all else; it takes longer to load than several such systems to solve.
DENSE_FIRST = 48
FIRST_ATTEMPT = 24  # bits of accuracy before the first reconstruction
MARGIN = 12  # bits of accuracy beyond what tells two fractions of the same size apart
LARGEST = 2**33  # bits that a solution may take
PROBES = 16  # entries that are tried before all others
SPREAD = 40  # bits by which rows of one system may differ in size as they stand
# Entries on which a denominator is tried at once, at least: Python's integers, and machine integers.
LEAST_WINDOW, PLAIN_WINDOW = 32, 16_384


class Singular(ArithmeticError):
    """The matrix is singular, exactly."""


class Unsolved(ArithmeticError):
    """Neither road gave an exact solution (ill-conditioned and large, or the time ran out)."""


class Kernel:
    """A square integer matrix, solved exactly for right-hand sides on either side.

    Raises
    ------
    Singular
        When no choice of its entries is a matching of rows and columns.
    """

    def __init__(self, matrix: IntegerMatrix, deadline: Deadline = NEVER) -> None:
        self._levels = _levels(matrix)
        self.matrix = matrix if self._levels is None else _times(matrix, self._levels)
        self.deadline = deadline
        self.roads: set[str] = set()
        self._tiny = _Tiny.of(matrix)
        if self._tiny is None and not self._whole:
            self._prepared  # noqa: B018

    @cached_property
    def _whole(self) -> bool:
        """Whether dense elimination comes before refinement."""
        return 0 < self.matrix.shape[0] <= DENSE_FIRST and _pays("flint")

    @cached_property
    def _prepared(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Any]:
        """Binary exponents of rows and columns, and factors of the float image between them."""
        rows, columns, image = _equilibrated(self.matrix)
        size = self.matrix.shape[0]
        if size > SMALL or (size > TINIEST and _pays("scipy.sparse.linalg")):
            return rows, columns, _factored(self.matrix, image)
        return rows, columns, _Inverse.of(self.matrix, image) if size else None

    @property
    def _factor(self) -> Any:
        return self._prepared[2]

    def solve(self, rhs: IntArray, *, transposed: bool = False) -> tuple[IntArray, int]:
        """``(n, d)`` with ``matrix n = d rhs`` (``matrix' n = d rhs`` when ``transposed``), d > 0, exactly.

        Raises
        ------
        Singular, Unsolved
        """
        if self._levels is None:
            return self._solved(rhs, transposed)
        if not transposed:
            return self._solved(rhs * self._levels, False)
        top = max(self._levels)
        numerator, denominator = self._solved(scaled(rhs, top), True)
        return _lowest(numerator * self._levels, denominator * top)

    def _solved(self, rhs: IntArray, transposed: bool) -> tuple[IntArray, int]:
        if not rhs.any():
            regular = self._tiny is not None and self._tiny.determinant
            if not regular and len(rhs) and (self._whole or self._factor is None):
                self._dense(rhs, transposed)  # a singular matrix must not pass for a basis
            return np.zeros(len(rhs), np.int64), 1
        if self._tiny is not None and (quick := self._tiny.solve(rhs, transposed)) is not None:
            self.roads.add("sparse refinement")
            return quick
        found = None if self._whole or self._factor is None else self._sparse(rhs, transposed)
        if found is not None:
            self.roads.add("sparse refinement")
            return found
        # What is recorded of a small system does not depend on what was loaded before it.
        self.roads.add("sparse refinement" if self._whole else "dense elimination")
        return self._dense(rhs, transposed)

    # -- sparse ---------------------------------------------------------------------------------
    def _sparse(self, rhs: IntArray, transposed: bool) -> tuple[IntArray, int] | None:
        matrix = self.matrix.transposed if transposed else self.matrix
        residual, bits, attempt, accuracy_before, hardest = rhs, 0, FIRST_ATTEMPT, -math.inf, 0
        total: IntArray = np.zeros(len(rhs), np.int64)
        moved = np.zeros(len(rhs), dtype=bool)
        limit = 2 * _hadamard_bits(self.matrix, rhs) + 64
        while not self.deadline.passed:
            if not np.any(residual != 0):
                return _lowest(total, 1 << bits)
            correction, exponent = self._float_solve(residual, transposed)
            if not np.all(np.isfinite(correction)):
                return None
            accuracy = bits - exponent  # the solution is known to within 2**-accuracy
            if accuracy < accuracy_before + 2:
                return None  # the float factors no longer gain digits
            accuracy_before = accuracy
            if bits and accuracy >= attempt:
                try:
                    found = reconstruct(total, bits, 1 << max(exponent + 1, 0), hardest)
                    if _solves(matrix, found, rhs):
                        return found
                except _TooShort as short:
                    hardest = short.place
                attempt = accuracy + accuracy // 2
                if accuracy > limit:
                    return None
            # The correction is below 2**exponent: keep some digits of it.
            digits = SHORT if bits < 2 * SHORT else LONG
            shift = max(digits - exponent, 0)
            step: IntArray = np.rint(np.ldexp(correction, digits)).astype(np.int64)
            if exponent > digits:
                step = scaled(step, 1 << (exponent - digits))
            residual = compact(difference(scaled(residual, 1 << shift), matrix.dot(step)))
            moved |= step != 0
            part = compact(difference(scaled(total[moved], 1 << shift), -step[moved]))
            total = np.zeros(len(rhs), part.dtype)
            total[moved] = part
            bits += shift
        raise Unsolved("the time ran out in an exact linear solve")

    def _float_solve(self, rhs: IntArray, transposed: bool) -> tuple[npt.NDArray[np.float64], int]:
        """An approximate solution as ``(mantissas below one, common binary exponent)``."""
        before, after, _ = self._prepared
        if transposed:
            before, after = after, before
        head, exponent = _mantissas(rhs, before)
        solution = self._factor.solve(head, trans="T" if transposed else "N")
        mantissa, powers = np.frexp(solution)
        powers = powers.astype(np.int64) - after
        filled = mantissa != 0
        if not np.any(filled):
            return solution, exponent
        top = int(powers[filled].max())
        with np.errstate(under="ignore"):
            out = np.ldexp(mantissa, np.maximum(powers - top, -1100).astype(np.int32))
        return out, exponent + top

    # -- dense ----------------------------------------------------------------------------------
    def _dense(self, rhs: IntArray, transposed: bool) -> tuple[IntArray, int]:
        size = len(rhs)
        if size > DENSE:
            raise Unsolved(
                f"an ill-conditioned system of {size} equations is too large for dense elimination"
            )
        import flint

        matrix = self._flint.transpose() if transposed else self._flint
        try:
            out = matrix.solve(flint.fmpz_mat(size, 1, rhs.tolist()))
        except ZeroDivisionError:
            raise Singular("the basis matrix is singular") from None
        numerator, denominator = out.numer_denom()
        cells = np.empty(size, dtype=object)
        cells[:] = [int(v) for v in numerator.entries()]
        return _lowest(cells, int(denominator))

    @cached_property
    def _flint(self) -> Any:
        import flint

        out, matrix = flint.fmpz_mat(*self.matrix.shape), self.matrix
        cells = zip(matrix.rows.tolist(), matrix.indices.tolist(), matrix.data.tolist(), strict=True)
        for row, column, value in cells:
            out[row, column] = value
        return out


@dataclass(frozen=True)
class _Tiny:
    """A tiny matrix whose float inverse tells numerators and denominator of a solution, which are checked: over its determinant
    where floats know that to the last digit (Cramer's rule), else over denominators that are read off the solution."""

    matrix: npt.NDArray[np.int64]
    inverse: npt.NDArray[np.float64]
    determinant: int  # zero: not known
    bound: int  # of the 1-norm of a row or a column

    @classmethod
    def of(cls, matrix: IntegerMatrix) -> _Tiny | None:
        """None when the matrix is large, or singular as far as floats tell."""
        size = matrix.shape[0]
        if not 0 < size <= TINY or matrix.data.dtype == object:
            return None
        cells = np.zeros(matrix.shape, np.int64)
        cells[matrix.rows, matrix.indices] = matrix.data
        image = cells.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            found = float(np.linalg.det(image))
        if not 0.5 < abs(found) < math.inf:
            return None
        return cls(
            cells,
            np.asarray(np.linalg.inv(image), dtype=np.float64),
            round(found) if abs(found) < PLAIN else 0,
            size * largest(matrix.data),
        )

    def solve(self, rhs: IntArray, transposed: bool) -> tuple[IntArray, int] | None:
        """None where the rounded numerators are no solution."""
        if rhs.dtype == object:
            return None
        matrix, inverse = (self.matrix.T, self.inverse.T) if transposed else (self.matrix, self.inverse)
        point: npt.NDArray[Any] = inverse @ rhs
        denominator = abs(self.determinant)
        if not denominator:
            wide = point.astype(np.longdouble)
            point = wide + inverse @ np.asarray(rhs - matrix @ wide, dtype=np.float64)
            denominator = _common_denominator(point)
        if not denominator or largest(rhs) * denominator >= 2**62:
            return None
        numerator = np.rint(point * denominator)
        if not np.abs(numerator).max() * self.bound < 2.0**62:
            return None
        whole = numerator.astype(np.int64)
        if not np.array_equal(matrix @ whole, rhs * denominator):
            return None
        return _lowest(whole, denominator)


def _common_denominator(point: npt.NDArray[Any]) -> int:
    """A number that makes nearly all of a float point integer; zero where none is found that is not long."""
    common = 1
    while common < LONGEST:
        off = point * common
        off = np.abs(off - np.rint(off))
        most = float(off.max())  # as it is compared below: what is near in doubles alone would be multiplied by one, for ever
        if not most > NEAR:
            return common
        common *= _short_denominator(most)
    return 0


def _short_denominator(value: float) -> int:
    """The denominator of the first convergent of a number between zero and one that is near it; ``LONGEST`` for none."""
    before, own, rest = 0, 1, value
    while own < LONGEST and abs(value * own - round(value * own)) > NEAR and rest > 0:
        whole, rest = divmod(1 / rest, 1)
        before, own = own, int(whole) * own + before
    return own if abs(value * own - round(value * own)) <= NEAR else LONGEST


@dataclass(frozen=True)
class _Inverse:
    """Float factors of a small matrix: as good a start of the refinement as SuperLU's, without loading scipy."""

    inverse: npt.NDArray[np.float64]

    @classmethod
    def of(cls, matrix: IntegerMatrix, image: npt.NDArray[np.float64]) -> _Inverse | None:
        """None when the matrix is singular in floats."""
        cells = np.zeros(matrix.shape)
        cells[matrix.rows, matrix.indices] = image
        try:
            return cls(np.asarray(np.linalg.inv(cells), dtype=np.float64))
        except np.linalg.LinAlgError:
            return None

    def solve(self, rhs: npt.NDArray[np.float64], trans: str) -> npt.NDArray[np.float64]:
        return np.asarray((self.inverse.T if trans == "T" else self.inverse) @ rhs)


_made = itertools.count()


def _pays(library: str) -> bool:
    """Whether a library is there, or so much is asked that loading it pays."""
    return library in sys.modules or next(_made) >= SOME


def _factored(matrix: IntegerMatrix, image: npt.NDArray[np.float64]) -> Any:
    """SuperLU's factors; None when the matrix is singular in floats.  Raises Singular."""
    import scipy.sparse as sp
    from scipy.sparse.linalg import splu

    by_column = sp.csr_array((image, matrix.indices, matrix.indptr), shape=matrix.shape).tocsc()
    # SuperLU may read beyond its arrays where no entries could be pivots.
    if not matched(by_column):
        raise Singular("the basis matrix is singular, whatever its entries")
    try:
        # Bases are very sparse: neighbouring columns gain nothing from being treated as dense blocks.
        return splu(by_column, relax=1, panel_size=4) if len(matrix.data) else None
    except RuntimeError:
        return None


def _equilibrated(
    matrix: IntegerMatrix,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Binary exponents of rows and columns, and the entries ``2**-row a 2**-column`` near one as floats."""
    heads, powers = frexp(matrix.data)
    row_bits = _group_max(powers, matrix.rows, matrix.shape[0])
    powers = powers - row_bits[matrix.rows]
    column_bits = _group_max(powers, matrix.indices, matrix.shape[1])
    powers = np.maximum(powers - column_bits[matrix.indices], -1000)
    return row_bits, column_bits, np.ldexp(heads, powers.astype(np.int32))


def _group_max(values: npt.NDArray[np.int64], groups: npt.NDArray[Any], size: int) -> npt.NDArray[np.int64]:
    out = np.full(size, np.iinfo(np.int64).min)
    np.maximum.at(out, groups, values)
    return np.where(out == np.iinfo(np.int64).min, 0, out)


def _mantissas(values: IntArray, bits: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], int]:
    """``values * 2**-bits`` as floats of size at most one and a common binary exponent."""
    heads, powers = frexp(values)
    powers = powers - bits
    top = int(powers[heads != 0].max(initial=-(2**40)))
    return np.ldexp(heads, np.maximum(powers - top, -1100).astype(np.int32)), top


def _levels(matrix: IntegerMatrix) -> IntArray | None:
    """Powers of two that make rows of very different sizes equally large; None where they are of similar size.

    The solution of the transposed system has an entry a row, and is known to so many bits after the point: where the entry of a
    long row is tiny, it would be rounded away, though what it is multiplied by is as large as all else.
    """
    if matrix.data.dtype != object:
        return None
    bits = _group_max(frexp(matrix.data)[1], matrix.rows, matrix.shape[0])
    if bits.max(initial=0) - bits.min(initial=0) <= SPREAD:
        return None
    levels = np.empty(len(bits), dtype=object)
    levels[:] = [1 << k for k in (bits.max() - bits).tolist()]
    return levels


def _times(matrix: IntegerMatrix, factors: IntArray) -> IntegerMatrix:
    """Each row times its factor."""
    return IntegerMatrix(matrix.indptr, matrix.indices, matrix.data * factors[matrix.rows], matrix.width)


def _hadamard_bits(matrix: IntegerMatrix, rhs: IntArray) -> int:
    """Bits of a bound on the determinants in Cramer's rule (product of row 1-norms)."""
    _, powers = frexp(matrix.data)
    rows = _group_max(powers, matrix.rows, matrix.shape[0])
    counts = np.diff(matrix.indptr)
    return (
        int(np.maximum(rows, 1).sum() + np.ceil(np.log2(np.maximum(counts, 1))).sum())
        + largest(rhs).bit_length()
    )


def _solves(matrix: IntegerMatrix, found: tuple[IntArray, int], rhs: IntArray) -> bool:
    numerator, denominator = found
    return bool(np.all(matrix.dot(numerator) == scaled(rhs, denominator)))


def _lowest(numerator: IntArray, denominator: int) -> tuple[IntArray, int]:
    common = math.gcd(denominator, int(np.gcd.reduce(numerator))) if len(numerator) else denominator
    if common > 1:
        numerator, denominator = numerator // common, denominator // common
    return compact(numerator), denominator


class _TooShort(ArithmeticError):
    """The accuracy does not single out the fraction at ``place``."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def reconstruct(values: IntArray, bits: int, error: int, first: int = 0) -> tuple[IntArray, int]:
    """Rationals over one denominator, each within ``error / 2**bits`` of ``values / 2**bits``.

    The accuracy need only be that of the largest denominator of an entry, which may be far below the common one: the
    simplest fraction is found for one entry by continued fractions, and its denominator, joined to the last ones while
    the accuracy allows, is tried on the entries that follow.  ``first`` and a few others are tried before, since one that
    fails says that the accuracy is too low.

    Raises
    ------
    _TooShort
        When the accuracy does not single out the fraction of an entry.
    Unsolved
        When the fractions over their common denominator would not fit the memory.
    """
    todo, scale = np.flatnonzero(values), 1
    every, alike = todo, None
    if values.dtype == object:  # equal entries, of which there may be many, are taken for one
        _, first_of, copies = np.unique(values[todo], return_index=True, return_inverse=True)
        todo, alike = todo[np.sort(first_of)], todo[first_of[copies]]
    window, least = len(todo), LEAST_WINDOW if values.dtype == object else PLAIN_WINDOW
    found: list[tuple[npt.NDArray[np.intp], int]] = []
    for place in [first, *todo[:: max(len(todo) // PROBES, 1)].tolist()]:
        _denominator(values, bits, error, place)
    begin = 0  # entries of todo before it are done
    while begin < len(todo):
        end = min(begin + window, len(todo))
        head = todo[begin:end]
        near = _off_integer(values[head], scale, bits) <= scale * error
        if hits := np.count_nonzero(near):
            found.append((head[near], scale))
            rest = head[~near]
            begin = end - len(rest)
            todo[begin:end] = rest
        if begin == len(todo):
            break
        window = max(window // 2, least) if 8 * hits < end - begin + hits else 2 * window
        own = _denominator(values, bits, error, int(todo[begin]))
        joined = math.lcm(scale, own)
        scale = joined if joined * error << MARGIN <= 1 << bits else own
    common = math.lcm(*(d for _, d in found))
    if common.bit_length() * np.count_nonzero(values) > LARGEST:
        raise Unsolved(f"a solution with denominators of {common.bit_length():,} bits is too large")
    parts = [scaled(_nearest(values[places], d, bits), common // d) for places, d in found]
    out = np.zeros(len(values), np.result_type(np.int64, *parts))
    for (places, _), part in zip(found, parts, strict=True):
        out[places] = part
    if alike is not None:
        out[every] = out[alike]
    return _lowest(out, common)


def _denominator(values: IntArray, bits: int, error: int, place: int) -> int:
    """The denominator of the simplest fraction near an entry, where the accuracy leaves no other of its size."""
    unit, value = 1 << bits, int(values[place])
    simple = _simplest((value - error, unit), (value + error, unit))
    if simple.denominator**2 * error << MARGIN > unit:
        raise _TooShort(place)
    return simple.denominator


def _off_integer(values: IntArray, factor: int, bits: int) -> IntArray:
    """Distance of ``values * factor / 2**bits`` from the nearest integer, in units of ``2**-bits``."""
    unit = 1 << bits
    if values.dtype != object and bits < 63:  # only the last bits matter: products may wrap
        low = (values.view(np.uint64) * np.uint64(factor % 2**64)) & np.uint64(unit - 1)
        return np.minimum(low, np.uint64(unit) - low)
    rest = (values.astype(object) * factor) & (unit - 1)
    return np.minimum(rest, unit - rest)


def _nearest(values: IntArray, factor: int, bits: int) -> IntArray:
    """``values * factor / 2**bits``, which are near integers, rounded."""
    unit = 1 << bits
    if values.dtype != object and largest(values) * factor < 1 << min(bits + 50, 1000):
        return np.rint(values * (factor / unit)).astype(np.int64)
    return np.asarray((values.astype(object) * factor + (unit >> 1)) >> bits)


def _simplest(low: tuple[int, int], high: tuple[int, int]) -> Fraction:
    """The fraction of smallest denominator between two ``(numerator, denominator)`` (Stern-Brocot, by continued fractions)."""
    (a, b), (c, d) = low, high
    terms = []
    while True:
        floor, rest = divmod(a, b)
        if not rest or (floor + 1) * d <= c:
            terms.append(floor if not rest else floor + 1)
            break
        terms.append(floor)
        a, b, c, d = d, c - floor * d, b, rest
    top, bottom = terms.pop(), 1
    while terms:
        top, bottom = terms.pop() * top + bottom, top
    return Fraction(top, bottom)
