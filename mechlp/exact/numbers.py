"""Exact rationals: scalars read from text, and arrays with one common denominator.

Every datum of an environment is a rational number.  :class:`Rationals` stores an array of them as
integer numerators over one positive denominator, so that exact arithmetic over a type grid runs at
the speed of numpy's 64-bit integers while the numbers are small, and with Python's unbounded
integers when they are not.  The float view is always derived from the exact one, never the reverse.

Long because one type has all its arithmetic here.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Index: TypeAlias = Any
Number: TypeAlias = "int | str | float | Decimal | Fraction"

#: Longest text and largest decimal exponent read as a number: inputs are bounded, and exact answers can be long.
MAX_TEXT, MAX_EXPONENT = 100_000, 400
#: Digits that Python itself converts between integers and text.
_CONVERTED = 4_000
_SAFE = 2**62  # products and sums of numerators below this stay inside int64
#: Divisors that are put over one denominator in numpy, and bits of that denominator.
FEW, SHORT = 1_000, 61
_NUMBER = re.compile(
    r"\s*(?P<sign>[-+]?)\s*(?:(?P<num>\d+)\s*/\s*(?P<den>\d+)"
    r"|(?P<dec>(?:\d+\.?\d*|\.\d+)(?:[eE](?P<exp>[-+]?\d+))?))\s*"
)


def rational(value: Any) -> Fraction:
    """The exact value of a number: ``"1/3"``, ``"0.1"`` (one tenth), ``2``, a Fraction, a Decimal.

    A float is read as the shortest decimal that prints it, so ``0.1`` is one tenth; write thirds as
    ``Fraction(1, 3)`` or ``"1/3"``.

    Raises
    ------
    ValueError
        When the value is not a finite number, or is longer than :data:`MAX_TEXT` characters.
    """
    if isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{value} is not a number")
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, (float, np.floating, Decimal)):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        value = repr(float(value)) if not isinstance(value, Decimal) else str(value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a number")
    if len(value) > MAX_TEXT:
        raise ValueError(f"a number of {len(value)} characters is too long (at most {MAX_TEXT})")
    match = _NUMBER.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is not a number: write 2, 0.1 or 1/3")
    if abs(int(match["exp"] or 0)) > MAX_EXPONENT:
        raise ValueError(f"{value!r} has an exponent beyond {MAX_EXPONENT}")
    if match["den"] is not None:
        if _integer(match["den"]) == 0:
            raise ValueError(f"{value!r} divides by zero")
        magnitude = Fraction(_integer(match["num"]), _integer(match["den"]))
    elif match["dec"].isdigit():
        magnitude = Fraction(_integer(match["dec"]))
    elif len(value) > _CONVERTED:
        raise ValueError(f"a decimal of {len(value)} characters is too long: write a fraction")
    else:
        magnitude = Fraction(match["dec"])
    return -magnitude if match["sign"] == "-" else magnitude


def text(value: Fraction | int) -> str:
    """``3/10``, ``-2``: the form in which :func:`rational` reads a number back."""
    exact = Fraction(value)
    if max(abs(exact.numerator), exact.denominator).bit_length() < 3 * _CONVERTED:
        return str(exact)
    from flint import fmpz

    return str(fmpz(exact.numerator)) + (f"/{fmpz(exact.denominator)}" if exact.denominator > 1 else "")


def _integer(digits: str) -> int:
    if len(digits) <= _CONVERTED:
        return int(digits)
    from flint import fmpz

    return int(fmpz(digits))


def _largest(array: npt.NDArray[Any]) -> int:
    """The largest absolute value in an integer array (0 when empty)."""
    if array.size == 0:
        return 0
    if array.dtype == object or array.size < 100:  # on few cells Python is done before numpy begins
        cells = array.ravel().tolist()
        return int(max(max(cells), -min(cells)))
    return max(abs(int(array.max())), abs(int(array.min())))


def _compact(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Numerators as int64 where they fit, else as Python integers."""
    if array.dtype == object and _largest(array) < _SAFE:
        return array.astype(np.int64)
    return array


def _unrepeated(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array with broadcast axes (stride 0) shrunk to length one."""
    if 0 not in array.strides:
        return array
    return array[tuple(slice(0, 1) if s == 0 else slice(None) for s in array.strides)]


def _spread(array: npt.NDArray[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """The array broadcast to a shape; numpy takes longer to find that there is nothing to do than to add small arrays."""
    return array if array.shape == shape else np.broadcast_to(array, shape)


class Rationals:
    """An immutable array of exact rationals: integer numerators over one positive denominator.

    Supports broadcasting, indexing and elementwise arithmetic like a numpy array.  ``.float`` is the
    float64 view, ``.tolist()`` gives nested lists of :class:`fractions.Fraction`, ``[...]`` with
    integers down to a single cell gives a Fraction.
    """

    __slots__ = ("_most", "denominator", "numerator")
    __array_priority__ = 1000
    numerator: npt.NDArray[Any]
    denominator: int
    _most: int  # no numerator is larger in absolute value; -1: not known yet

    def __init__(self, numerator: npt.ArrayLike, denominator: int = 1) -> None:
        array = np.asarray(numerator)
        if array.dtype == np.int64:
            pass
        elif array.dtype.kind == "u":  # numpy reads a Python integer of 64 bits as unsigned
            array = _compact(array.astype(object))
        elif array.dtype.kind != "O":
            array = array.astype(np.int64, casting="same_kind", copy=False)
        if denominator <= 0:
            raise ValueError("the common denominator must be positive")
        array = array.view()
        array.flags.writeable = False
        self.numerator = array
        self.denominator = int(denominator)
        self._most = -1

    @classmethod
    def _made(cls, numerator: npt.NDArray[Any], denominator: int, most: int = -1) -> Rationals:
        """What arithmetic made: int64 or Python integers that nobody else writes to."""
        out = cls.__new__(cls)
        numerator.setflags(write=False)
        out.numerator, out.denominator, out._most = numerator, denominator, most
        return out

    def most(self) -> int:
        """At least the absolute value of every numerator."""
        if self._most < 0:
            self._most = _largest(_unrepeated(self.numerator))
        return self._most

    def _most_exactly(self) -> int:
        """The largest absolute value of a numerator: what arithmetic carried along may be more."""
        self._most = _largest(_unrepeated(self.numerator))
        return self._most

    # -- making ---------------------------------------------------------------------------------
    @classmethod
    def of(cls, values: Any) -> Rationals:
        """Read numbers, nested sequences or arrays of them (see :func:`rational`)."""
        if isinstance(values, Rationals):
            return values
        if type(values) is int and abs(values) < _SAFE:
            return cls._made(np.array(values, np.int64), 1, abs(values))
        if type(values) is Fraction and abs(values.numerator) < _SAFE:
            return cls._made(np.array(values.numerator, np.int64), values.denominator, abs(values.numerator))
        if isinstance(values, np.ndarray) and values.dtype.kind in "iub":
            if values.dtype.kind == "u" and values.size and int(values.max()) >= _SAFE:
                return cls(_compact(values.astype(object)))
            return cls(values.astype(np.int64))
        array = np.array(values, dtype=object)
        if array.size == 0:
            return cls(np.zeros(array.shape, dtype=np.int64))
        flat = array.ravel().tolist()
        if not all(type(v) is str for v in flat):
            return cls.from_fractions([rational(v) for v in flat], array.shape)
        words: dict[str, int] = {}  # large tables repeat few numbers: each text is read once
        places = np.fromiter((words.setdefault(v, len(words)) for v in flat), np.intp, len(flat))
        distinct = cls.from_fractions([rational(v) for v in words], (len(words),))
        return cls(distinct.numerator[places].reshape(array.shape), distinct.denominator)

    @classmethod
    def from_fractions(cls, cells: Sequence[Fraction], shape: tuple[int, ...]) -> Rationals:
        """Fractions in row-major order, put over their least common denominator."""
        ratios = [c.as_integer_ratio() for c in cells]
        denominator = math.lcm(1, *{d for _, d in ratios})
        whole = [n * (denominator // d) for n, d in ratios]
        most = max(max(whole), -min(whole)) if whole else 0
        numerators = np.array(whole, np.int64 if most < _SAFE else object)
        return cls._made(numerators.reshape(shape), denominator, most)

    @classmethod
    def zeros(cls, shape: tuple[int, ...]) -> Rationals:
        """Zeros of a shape, stored as one broadcast cell."""
        return _zeros(tuple(shape))

    # -- shape ----------------------------------------------------------------------------------
    @property
    def shape(self) -> tuple[int, ...]:
        return self.numerator.shape

    @property
    def ndim(self) -> int:
        return self.numerator.ndim

    @property
    def size(self) -> int:
        return self.numerator.size

    def __len__(self) -> int:
        return len(self.numerator)

    def __getitem__(self, index: Index) -> Any:
        cell = self.numerator[index]
        if not isinstance(cell, np.ndarray):
            return Fraction(int(cell), self.denominator)
        return self._like(cell)

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def reshape(self, *shape: Any) -> Rationals:
        return self._like(self.numerator.reshape(*shape))

    def ravel(self) -> Rationals:
        return self.reshape(-1)

    def moveaxis(self, source: int, target: int) -> Rationals:
        order = list(range(self.ndim))
        moved = order.pop(source)
        order.insert(target if target >= 0 else target + self.ndim, moved)
        return self._like(self.numerator.transpose(order))

    def broadcast_to(self, shape: tuple[int, ...]) -> Rationals:
        shape = tuple(shape)
        return self if shape == self.numerator.shape else self._like(np.broadcast_to(self.numerator, shape))

    def _like(self, view: npt.NDArray[Any]) -> Rationals:
        """Some of the same numbers."""
        return Rationals._made(view, self.denominator, self._most)

    def unrepeated(self) -> Rationals:
        """Broadcast axes shrunk to length one: the axes on which the array really varies remain."""
        return self if 0 not in self.numerator.strides else self._like(_unrepeated(self.numerator))

    # -- views ----------------------------------------------------------------------------------
    @property
    def float(self) -> npt.NDArray[np.float64]:
        """The float64 array (read-only, repeated axes kept as views); the nearest up to the last bit."""
        base = self.unrepeated()
        out = np.empty(base.shape)
        base.write_float(out)
        return np.broadcast_to(out, self.shape)

    def write_float(self, out: npt.NDArray[np.float64]) -> None:
        """Write the float64 values into an array to which this one broadcasts."""
        if self.numerator.dtype == object or self.denominator >= _SAFE:
            base = _unrepeated(self.numerator).astype(object)
            ratios = [_ratio(int(n), self.denominator) for n in base.ravel()]
            np.copyto(out, np.array(ratios, dtype=np.float64).reshape(base.shape))
        else:
            np.divide(self.numerator, np.float64(self.denominator), out=out)

    def item(self) -> Fraction:
        """The only cell."""
        return Fraction(int(self.numerator.item()), self.denominator)

    def fractions(self) -> list[Fraction]:
        """Every cell in row-major order."""
        return [Fraction(int(n), self.denominator) for n in self.numerator.ravel()]

    def tolist(self) -> Any:
        """Nested lists of Fractions (a Fraction for a 0-dimensional array)."""
        if self.ndim == 0:
            return self.item()
        return [Rationals(n, self.denominator).tolist() for n in map(np.asarray, self.numerator)]

    def texts(self) -> Any:
        """Nested lists of strings such as ``"3/10"``: exact, and JSON."""
        distinct, places = np.unique(self.numerator, return_inverse=True)
        words = np.empty(len(distinct), dtype=object)
        words[:] = [text(Fraction(int(n), self.denominator)) for n in distinct]
        return words[places.ravel()].reshape(self.shape).tolist()

    def integers(self, denominator: int) -> npt.NDArray[Any]:
        """Numerators over a given multiple of the denominator (repeated axes kept as views)."""
        if denominator == self.denominator:
            return self.numerator
        factor, rest = divmod(denominator, self.denominator)
        if rest:
            raise ValueError(f"{denominator} is not a multiple of {self.denominator}")
        base = _unrepeated(self.numerator)
        if (
            base.dtype.kind != "O"
            and max(self.most(), 1) * factor >= _SAFE
            and max(self._most_exactly(), 1) * factor >= _SAFE
        ):
            base = base.astype(object)
        base = np.asarray(base * factor, dtype=base.dtype)  # numpy makes a scalar of a single object
        return _spread(base, self.shape)

    def reduced(self) -> Rationals:
        """The same numbers over the least common denominator."""
        base = _unrepeated(self.numerator)
        if base.size == 0 or self.denominator == 1:
            return self
        common = math.gcd(self.denominator, int(np.gcd.reduce(base.ravel())))
        if common == 1:
            return self
        if common >= _SAFE and base.dtype != object:  # then every numerator is zero
            return Rationals.zeros(self.shape)
        return Rationals(_spread(_compact(base // common), self.shape), self.denominator // common)

    # -- arithmetic -----------------------------------------------------------------------------
    def _aligned(self, other: Rationals) -> tuple[npt.NDArray[Any], npt.NDArray[Any], int]:
        if self.denominator == other.denominator:
            return self.numerator, other.numerator, self.denominator
        common = math.lcm(self.denominator, other.denominator)
        return self.integers(common), other.integers(common), common

    def __add__(self, other: Any) -> Rationals:
        b = other if type(other) is Rationals else Rationals.of(other)
        return self._combined(b, np.add)

    __radd__ = __add__

    def _combined(self, other: Rationals, operation: np.ufunc) -> Rationals:
        """The sum or the difference."""
        x, y, common = self._aligned(other)
        most = -1
        if x.dtype.kind != "O" and y.dtype.kind != "O":
            if common == self.denominator == other.denominator:
                most = self.most() + other.most()
            if (
                not 0 <= most < _SAFE
                and (most := _largest(_unrepeated(x)) + _largest(_unrepeated(y))) >= _SAFE
            ):
                x, most = x.astype(object), -1
        return Rationals._made(np.asarray(operation(x, y)), common, most)

    def __neg__(self) -> Rationals:
        base = _unrepeated(self.numerator)
        return self._like(_spread(np.asarray(-base), self.shape))

    def __sub__(self, other: Any) -> Rationals:
        b = other if type(other) is Rationals else Rationals.of(other)
        return self._combined(b, np.subtract)

    def __rsub__(self, other: Any) -> Rationals:
        return (-self) + other

    def __mul__(self, other: Any) -> Rationals:
        b = other if type(other) is Rationals else Rationals.of(other)
        x, y, most = self.numerator, b.numerator, -1
        if x.dtype.kind != "O" and y.dtype.kind != "O":
            most = self.most() * b.most()
            if most >= _SAFE and (most := self._most_exactly() * b._most_exactly()) >= _SAFE:
                x, most = x.astype(object), -1
        if 0 in x.strides and 0 in y.strides and x.shape == y.shape:
            out = np.broadcast_to(_unrepeated(x) * _unrepeated(y), x.shape)
        else:
            out = np.asarray(x * y)
        return Rationals._made(out, self.denominator * b.denominator, most)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Rationals:
        """Elementwise exact quotient; ZeroDivisionError when a divisor is zero."""
        divisor = Rationals.of(other)
        if divisor.size == 1:
            return self * (1 / Fraction(divisor.ravel()[0]))
        if divisor.numerator.dtype.kind != "O" and divisor.size <= FEW:
            parts = divisor.numerator.ravel().tolist()
            common = math.lcm(*parts)
            if common and common.bit_length() <= SHORT:
                inverses = np.array([common // part for part in parts], np.int64).reshape(divisor.shape)
                return (self * Rationals(inverses, common) * divisor.denominator).reduced()
        a, b = np.broadcast_arrays(self.numerator, divisor.numerator)
        ratio = Fraction(divisor.denominator, self.denominator)
        cells = [Fraction(int(x), int(y)) * ratio for x, y in zip(a.ravel(), b.ravel(), strict=True)]
        return Rationals.from_fractions(cells, a.shape)

    def __rtruediv__(self, other: Any) -> Rationals:
        return Rationals.of(other) / self

    def __pow__(self, exponent: int) -> Rationals:
        """Integer powers, negative ones included (ZeroDivisionError at zero)."""
        out = Rationals.of(1)
        for _ in range(abs(exponent)):
            out = out * self
        return 1 / out if exponent < 0 else out

    def __abs__(self) -> Rationals:
        return Rationals(np.abs(self.numerator), self.denominator)

    def sum(self, axis: int | tuple[int, ...] | None = None) -> Any:
        """Exact sum over axes (a Fraction when nothing remains)."""
        a, count = self.numerator, max(self.numerator.size, 1)
        if a.dtype.kind != "O" and self.most() * count >= _SAFE and self._most_exactly() * count >= _SAFE:
            a = a.astype(object)
        out = a.sum(axis=axis)
        if axis is None:
            return Fraction(int(out), self.denominator)
        return Rationals._made(_compact(np.asarray(out)), self.denominator)

    def nonzero(self) -> tuple[tuple[npt.NDArray[np.intp], ...], Rationals]:
        """The places of the cells that are not zero, one array of indices an axis, and these cells, in row-major order."""
        cells = np.nonzero(self.numerator)
        return cells, self[cells]

    def min(self, axis: int | tuple[int, ...] | None = None) -> Any:
        out = self.numerator.min(axis=axis)
        if axis is None:
            return Fraction(int(out), self.denominator)
        return self._like(np.asarray(out))

    def max(self, axis: int | tuple[int, ...] | None = None) -> Any:
        out = self.numerator.max(axis=axis)
        if axis is None:
            return Fraction(int(out), self.denominator)
        return self._like(np.asarray(out))

    # -- comparison -----------------------------------------------------------------------------
    def __eq__(self, other: object) -> Any:
        if type(other) is int and other == 0:  # the commonest of all
            return np.asarray(self.numerator == 0, dtype=bool)
        a, b, _ = self._aligned(Rationals.of(other))
        return np.asarray(a == b, dtype=bool)

    def __ne__(self, other: object) -> Any:
        return ~(self == other)

    def __lt__(self, other: Any) -> npt.NDArray[np.bool_]:
        if type(other) is int and other == 0:
            return np.asarray(self.numerator < 0, dtype=bool)
        a, b, _ = self._aligned(Rationals.of(other))
        return np.asarray(a < b, dtype=bool)

    def __le__(self, other: Any) -> npt.NDArray[np.bool_]:
        if type(other) is int and other == 0:
            return np.asarray(self.numerator <= 0, dtype=bool)
        a, b, _ = self._aligned(Rationals.of(other))
        return np.asarray(a <= b, dtype=bool)

    def __gt__(self, other: Any) -> npt.NDArray[np.bool_]:
        return ~(self <= other)

    def __ge__(self, other: Any) -> npt.NDArray[np.bool_]:
        return ~(self < other)

    def __hash__(self) -> int:
        value = self.reduced()
        return hash((self.shape, value.denominator, tuple(map(int, value.numerator.ravel()))))

    def same(self, other: Rationals) -> bool:
        """Equal shape and equal in every cell."""
        return self.shape == other.shape and bool(np.all(self == other))

    def __repr__(self) -> str:
        cells = np.array([text(c) for c in self.fractions()], dtype=object).reshape(self.shape)
        body = np.array2string(cells, formatter={"all": str}, threshold=50)
        return f"Rationals({body})"


@lru_cache(maxsize=256)
def _zeros(shape: tuple[int, ...]) -> Rationals:
    return Rationals._made(np.broadcast_to(np.zeros((), dtype=np.int64), shape), 1, 0)


def _ratio(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def where(condition: npt.ArrayLike, yes: Any, no: Any) -> Rationals:
    """Exact elementwise choice."""
    a, b, common = Rationals.of(yes)._aligned(Rationals.of(no))
    return Rationals(np.where(condition, a, b), common)


def matmul(a: Rationals, b: Rationals) -> Rationals:
    """The exact product of two matrices, ``(r, k)`` by ``(k, c)``.

    While every partial sum stays below 2**53 the integers are exact as floats, and the product runs at the speed of
    BLAS; Python's integers take over where they do not fit 64 bits.
    """
    x, y, denominator = a.numerator, b.numerator, a.denominator * b.denominator
    if x.dtype != object and y.dtype != object:
        top = max(a.most(), 1) * max(b.most(), 1) * max(x.shape[1], 1)
        if top >= 2**53:
            widest = int(np.count_nonzero(x, axis=1).max(initial=1))
            top = max(a._most_exactly(), 1) * max(b._most_exactly(), 1) * widest
        if top < 2**53:
            return Rationals((x.astype(np.float64) @ y.astype(np.float64)).astype(np.int64), denominator)
        if top < _SAFE:
            return Rationals(np.asarray(x @ y), denominator)
    return Rationals(_compact(np.asarray(x.astype(object) @ y.astype(object))), denominator)


def minimum(a: Any, b: Any) -> Rationals:
    """Exact elementwise minimum."""
    a, b = Rationals.of(a), Rationals.of(b)
    return where(a <= b, a, b)


def maximum(a: Any, b: Any) -> Rationals:
    """Exact elementwise maximum."""
    return -minimum(-Rationals.of(a), -Rationals.of(b))


def added(values: Rationals, places: tuple[npt.NDArray[Any], ...], shape: tuple[int, ...]) -> Rationals:
    """An array of a shape in which each value is added up at its place; ``places`` has one array of indices an axis."""
    wide = values.numerator.dtype == object or _largest(values.numerator) * values.size >= _SAFE
    out = np.zeros(shape, dtype=object if wide else np.int64)
    np.add.at(out, places, values.numerator.astype(out.dtype))
    return Rationals(_compact(out), values.denominator)


def summed_by(array: Rationals, groups: npt.NDArray[np.intp], count: int) -> Rationals:
    """The first axis summed by group: shape ``(count, ...)``."""
    cells = array.numerator
    if cells.dtype != object and _largest(_unrepeated(cells)) * len(cells) >= _SAFE:
        cells = cells.astype(object)
    out = np.zeros((count, *cells.shape[1:]), dtype=cells.dtype)
    np.add.at(out, groups, cells)
    return Rationals(_compact(out), array.denominator)


def stack(arrays: Sequence[Rationals]) -> Rationals:
    """Arrays of one shape along a new first axis."""
    common = math.lcm(1, *(a.denominator for a in arrays))
    return Rationals(np.stack([a.integers(common) for a in arrays]), common)


def concatenate(arrays: Sequence[Rationals]) -> Rationals:
    """Flat arrays end to end."""
    common = math.lcm(1, *(a.denominator for a in arrays))
    parts = [a.integers(common) for a in arrays]
    return Rationals(np.concatenate(parts) if parts else np.zeros(0, np.int64), common)


def power(base: Rationals, exponent: Fraction, bits: int = 60) -> tuple[Rationals, Rationals]:
    """Rational ends ``(low, high)`` of ``base ** exponent``, ``base >= 0`` and ``exponent > 0``, cell by cell.

    The two ends coincide where the power is rational, and differ by ``2 ** -bits`` elsewhere.
    """
    if exponent == 1:
        return base, base
    cells: dict[int, tuple[Fraction, Fraction]] = {
        n: _power(Fraction(n, base.denominator), exponent, bits)
        for n in {int(n) for n in base.numerator.ravel()}
    }
    ends = [cells[int(n)] for n in base.numerator.ravel()]
    low, high = (Rationals.from_fractions([e[k] for e in ends], base.shape) for k in (0, 1))
    return low, high


def _power(base: Fraction, exponent: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    from flint import fmpz

    raised = base**exponent.numerator
    roots = [int(fmpz(part).root(exponent.denominator)) for part in (raised.numerator, raised.denominator)]
    if all(r**exponent.denominator == part for r, part in zip(roots, raised.as_integer_ratio(), strict=True)):
        exact = Fraction(*roots)
        return exact, exact
    root = int(
        fmpz((raised.numerator << bits * exponent.denominator) // raised.denominator).root(
            exponent.denominator
        )
    )
    return Fraction(root, 2**bits), Fraction(root + 1, 2**bits)


def signed_sum(weights: Rationals, low: Rationals, high: Rationals, axis: int) -> tuple[Rationals, Rationals]:
    """Ends of ``sum(weights * x)`` along an axis for ``low <= x <= high``; exact where the ends of x coincide."""
    up, down = maximum(weights, 0), maximum(-weights, 0)
    return (up * low - down * high).sum(axis=axis), (up * high - down * low).sum(axis=axis)
