"""Polynomials on simplices by their Bernstein coefficients: exact, from values at the points of a lattice.

A polynomial of degree d on a simplex is a convex combination of its coefficients there, with weights that are all positive
inside (Lorentz 1953, Bernstein Polynomials; Farouki 2012, "The Bernstein polynomial basis: a centennial retrospective").  So
what is convex and holds for every coefficient holds for the polynomial on the whole simplex.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise

Point = tuple[Fraction, ...]


@lru_cache(maxsize=64)
def lattice(corners: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """Whole numbers, one a corner, that add up to the degree: the corners first where the degree is positive."""
    found = []
    for bars in combinations(range(degree + corners - 1), corners - 1):
        ends = (-1, *bars, degree + corners - 1)
        found.append(tuple(b - a - 1 for a, b in pairwise(ends)))
    return tuple(sorted(found, key=lambda k: (-max(k), [-x for x in k])))


@lru_cache(maxsize=64)
def coefficients(corners: int, degree: int) -> tuple[tuple[Fraction, ...], ...]:
    """Row alpha: the weights with which values at the lattice points add up to the Bernstein coefficient alpha."""
    import flint  # slow to load, and needed for curved payoffs only

    points = lattice(corners, degree)
    size = len(points)
    values = flint.fmpq_mat(size, size)
    for row, at in enumerate(points):
        for column, alpha in enumerate(points):
            count = math.factorial(degree)
            for k in alpha:
                count //= math.factorial(k)
            product = Fraction(count)
            for x, k in zip(at, alpha, strict=True):
                product *= Fraction(x, max(degree, 1)) ** k
            values[row, column] = flint.fmpq(product.numerator, product.denominator)
    inverse = values.inv()
    return tuple(
        tuple(Fraction(int(inverse[r, c].p), int(inverse[r, c].q)) for c in range(size)) for r in range(size)
    )


def nodes(corners: Sequence[Point], degree: int) -> list[Point]:
    """The lattice points of a simplex."""
    return [
        tuple(
            sum(
                (Fraction(k, max(degree, 1)) * c[axis] for k, c in zip(at, corners, strict=True)), Fraction(0)
            )
            for axis in range(len(corners[0]))
        )
        if degree
        else corners[0]
        for at in lattice(len(corners), degree)
    ]


__all__ = ["Point", "coefficients", "lattice", "nodes"]
