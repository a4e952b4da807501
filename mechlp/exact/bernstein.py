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
#: How far inner points are drawn in, in steps of the lattice.
INSET = Fraction(1, 3)


@lru_cache(maxsize=64)
def lattice(corners: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """Whole numbers, one a corner, that add up to the degree: the corners first where the degree is positive."""
    found = []
    for bars in combinations(range(degree + corners - 1), corners - 1):
        ends = (-1, *bars, degree + corners - 1)
        found.append(tuple(b - a - 1 for a, b in pairwise(ends)))
    return tuple(sorted(found, key=lambda k: (-max(k), [-x for x in k])))


def count(alpha: Sequence[int]) -> int:
    """The multinomial coefficient of whole numbers: in how many orders so many of each can be drawn."""
    found = math.factorial(sum(alpha))
    for k in alpha:
        found //= math.factorial(k)
    return found


def weights(at: Point, degree: int) -> tuple[Fraction, ...]:
    """The Bernstein polynomials at a point given by its barycentric coordinates: with which weight each coefficient counts."""
    found = []
    for alpha in lattice(len(at), degree):
        product = Fraction(count(alpha))
        for x, k in zip(at, alpha, strict=True):
            product *= x**k
        found.append(product)
    return tuple(found)


@lru_cache(maxsize=64)
def inner(corners: int, degree: int) -> tuple[Point, ...]:
    """Barycentric coordinates of as many points inside a simplex as determine a polynomial of a degree: the lattice, drawn in."""
    total = degree + corners * INSET
    return tuple(tuple((k + INSET) / total for k in alpha) for alpha in lattice(corners, degree))


@lru_cache(maxsize=64)
def coefficients(corners: int, degree: int, inside: bool = False) -> tuple[tuple[Fraction, ...], ...]:
    """Row alpha: the weights with which values at the lattice points (or those ``inside``, :func:`inner`) add up to the Bernstein
    coefficient alpha."""
    import flint  # slow to load, and needed for curved payoffs only

    at = [tuple(Fraction(k, max(degree, 1)) for k in alpha) for alpha in lattice(corners, degree)]
    points = inner(corners, degree) if inside else at
    size = len(points)
    values = flint.fmpq_mat(size, size)
    for row, place in enumerate(points):
        for column, weight in enumerate(weights(place, degree)):
            values[row, column] = flint.fmpq(weight.numerator, weight.denominator)
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


__all__ = ["Point", "coefficients", "count", "inner", "lattice", "nodes", "weights"]
