"""Straight lines on which what refutes is zero: where a region's border may run.

What multipliers imply on a simplex of parameters is a polynomial there, given by its Bernstein coefficients
(:mod:`mechlp.proof.polynomial`).  Its factors of degree one, over the rationals, are lines (of one parameter: rational points).
A line proposes where to cut, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from ..exact.bernstein import count, lattice
from ..exact.planar import Vector, affine
from ..proof.polynomial import degree_of
from ..proof.region import Line


def straight_factors(corners: Sequence[Vector], values: Sequence[Fraction]) -> Iterator[Line]:
    """The factors of degree one of the polynomial with these Bernstein coefficients on a simplex."""
    from flint import Ordering, fmpq, fmpq_mpoly_ctx  # slow to load, and needed for curved families only

    size, degree = len(corners), degree_of(len(values), len(corners))
    context = fmpq_mpoly_ctx.get(("x", "y"), Ordering.lex)
    x, y = context.gens()

    def number(value: Fraction) -> Any:
        return fmpq(value.numerator, value.denominator)

    shares = []
    for k in range(size):
        constant, normal = affine(corners, [Fraction(j == k) for j in range(size)])
        shares.append(x * number(normal[0]) + y * number(normal[1]) + number(constant))
    whole = context.constant(0)
    for alpha, value in zip(lattice(size, degree), values, strict=True):
        if value:
            terms = (share**k for share, k in zip(shares, alpha, strict=True) if k)
            whole += prod(terms, start=context.constant(number(value * count(alpha))))
    for factor, _ in whole.factor()[1]:
        if factor.total_degree() == 1:
            found = {place: Fraction(int(c.p), int(c.q)) for place, c in factor.to_dict().items()}
            constant, a, b = (found.get(place, Fraction(0)) for place in ((0, 0), (1, 0), (0, 1)))
            yield constant, (a, b)


__all__ = ["straight_factors"]
