"""The exclusive-buyer mechanism: bidders compete for the right to buy; the winner takes the grade that she likes at one price.

A second-price auction of that right: a type is worth ``y = max_k theta_k`` to herself at the price of her best grade, so the
revenue is that of a second-price auction of one good with values y and the price as reserve, ``N`` draws of y:

    ``p (1 - F(p)^N) + int_p (1 - F^N - N F^(N-1) (1 - F)) dy``,  ``F`` the product of the grades' distribution functions.

With F a polynomial between any two ends of cells this is exact.  It is optimal among mechanisms that ask only for y where y is
regular (Myerson 1981); two bidders, two grades uniform on [0, 1]: ``8/15 + 4 / (45 sqrt 3)``.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.box import Axis, Box

#: The degree of the polynomials at most, bidders times grades.
MAX_DEGREE = 60
#: Prices that are tried, equally spaced over the range of values.
TRIED = 4096


def offered(box: Box) -> bool:
    """Whether the mechanism is defined here, and its revenue in reach."""
    return not box.goods and box.copies * len(box.axes) <= MAX_DEGREE


def exclusive_revenue(box: Box, price: Fraction) -> Fraction:
    """The expected revenue at a price, exactly."""
    from flint import fmpq, fmpq_poly

    n, one = box.copies, fmpq_poly([1])
    number = lambda v: fmpq(v.numerator, v.denominator)  # noqa: E731
    ends = sorted({price, *(end for axis in box.axes for end in axis.ends if end > price)})
    if len(ends) == 1:
        return Fraction(0)
    pieces = [math.prod((_line(axis, low) for axis in box.axes), start=one) for low in ends[:-1]]
    total = number(price) * (1 - pieces[0](number(price)) ** n)
    for f, (low, high) in zip(pieces, itertools.pairwise(ends), strict=True):
        second = (one - f**n - n * f ** (n - 1) * (one - f)).integral()
        total += second(number(high)) - second(number(low))
    return Fraction(int(total.p), int(total.q))


def _line(axis: Axis, low: Fraction) -> Any:
    """The distribution function from a point to the next end of a cell, a polynomial."""
    from flint import fmpq, fmpq_poly

    if not axis.low <= low < axis.high:
        return fmpq_poly([int(low >= axis.high)])
    cell = int((low - axis.low) / axis.width)
    slope = axis.masses[cell] / axis.width
    start = sum(axis.masses[:cell], Fraction(0)) - slope * axis.ends[cell]
    return fmpq_poly([fmpq(v.numerator, v.denominator) for v in (start, slope)])


def best_price(box: Box) -> Fraction:
    """A price near the best one."""
    low, high = min(axis.low for axis in box.axes), max(axis.high for axis in box.axes)
    at = np.linspace(float(low), float(high), TRIED + 1)
    f = np.ones_like(at)
    for axis in box.axes:
        below = np.concatenate([[0], np.cumsum([float(m) for m in axis.masses])])
        f *= np.interp(at, [float(end) for end in axis.ends], below)
    n = box.copies
    second = 1 - f**n - n * f ** (n - 1) * (1 - f)
    steps = (second[1:] + second[:-1]) / 2 * np.diff(at)
    above = np.append(np.cumsum(steps[::-1])[::-1], 0)
    return low + (high - low) * int(np.argmax(at * (1 - f**n) + above)) / TRIED


__all__ = ["best_price", "exclusive_revenue", "offered"]
