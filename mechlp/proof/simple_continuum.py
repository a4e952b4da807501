"""Simple mechanisms on the continuum: a rational bound on what any of them is worth, and what one of them is.

Types are uniform on [0, 1], both traders' utility is ``surplus ** power``; a simple mechanism is a distribution over posted
prices (Proposition 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.balls import below, number, precise
from ..mechanism.simple import tangent_points
from .invalid import InvalidCertificate

#: Times that a polynomial's control polygon is halved; squares a side; the largest denominator of a power.
REFINED, MAX_SQUARES, MAX_DENOMINATOR = 3, 1000, 1000


def simple_averages(
    masses: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Means of ``int (t - s) dF(t)`` and ``int (b - t) dF(t)`` over ``[s, b]``, for (s, b) in each of n x n squares with s < b.

    ``masses``, shape ``(n, parts)``: of F at ``(k + l / parts) / n``.

    Raises
    ------
    InvalidCertificate
        When the masses are no numbers in [0, 1], or so many that the squares outgrow memory.
    """
    if masses.ndim != 2 or not 2 <= len(masses) <= MAX_SQUARES or masses.shape[1] < 1:
        raise InvalidCertificate(
            f"masses of shape {masses.shape}: 2 to {MAX_SQUARES} cells, each with parts, are expected"
        )
    if not bool(np.all((masses >= 0) & (masses <= 1))):  # NaN is neither
        raise InvalidCertificate("a mass that is not between 0 and 1")
    n, parts = masses.shape
    h, into = 1 / n, np.arange(parts) / parts
    at = (np.arange(n)[:, None] + into) * h
    total = lambda weight: (masses * weight).sum(axis=1)  # noqa: E731
    mass, moment = (np.concatenate([[0], np.cumsum(total(weight))]) for weight in (1, at))
    k, l = np.arange(n)[:, None], np.arange(n)[None, :]  # noqa: E741
    low, high, between = (k + 0.5) * h, (l + 0.5) * h, l > k
    inner = np.where(between, mass[l] - mass[k + 1], 0), np.where(between, moment[l] - moment[k + 1], 0)
    seller = inner[1] - low * inner[0] + total((1 - into) * at)[None, :] - low * total(1 - into)[None, :]
    buyer = high * inner[0] - inner[1] + high * total(into)[:, None] - total(into * at)[:, None]
    seller += total(into**2)[:, None] * h / 2
    buyer += total((1 - into) ** 2)[None, :] * h / 2
    own = np.eye(n, dtype=bool)
    within = [(total(weight) * h)[:, None] for weight in (into**2 * (1 - into), into * (1 - into) ** 2)]
    return np.where(own, within[0], seller), np.where(own, within[1], buyer)


def simple_bound(power: Fraction, masses: npt.NDArray[np.float64]) -> Fraction:
    """No simple mechanism (Proposition 13) has more expected welfare on the continuum: a rational bound, whatever the masses.

    For any positive c(s, b), ``A ** g <= (1 - g) c ** g + g c ** (g - 1) A``.  With c constant on squares the right-hand side,
    integrated over s < b, is linear in F with a density K(t) that is a cubic on each cell; the bound is its constant part plus
    g times the largest K.  c is taken from ``masses`` (see :func:`simple_averages`), a distribution near the best one.
    """
    n = len(masses)
    above, diagonal = np.triu(np.ones((n, n), dtype=bool)), np.eye(n, dtype=bool)
    constant, polygons = Fraction(0), []
    for side, average in enumerate(simple_averages(masses)):
        powers, tangents = tangent_points(np.where(above, average, 1.0), power)
        twice = np.where(above, powers.numerator.astype(object), 0) * np.where(diagonal, 1, 2)
        constant += Fraction(int(twice.sum()), powers.denominator * 2 * n * n)
        weights = np.where(above, tangents.numerator.astype(object), 0)
        polygon = _polygons(weights if side == 0 else weights[::-1, ::-1].T)
        polygons.append(polygon if side == 0 else polygon[::-1, ::-1])
    control, scale = polygons[0] + polygons[1], tangents.denominator * 6 * n**3
    for _ in range(REFINED):
        b0, b1, b2, b3 = control.T
        ends = (b0 + 3 * b1 + 3 * b2 + b3,)
        left = (8 * b0, 4 * (b0 + b1), 2 * (b0 + 2 * b1 + b2), *ends)
        right = (*ends, 2 * (b1 + 2 * b2 + b3), 4 * (b2 + b3), 8 * b3)
        control, scale = np.concatenate([np.stack(left, 1), np.stack(right, 1)]), scale * 8
    return (1 - power) * constant + power * Fraction(int(control.max()), scale)


def _polygons(weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Bernstein coefficients, times ``6 n ** 3``, of the seller's part of K on each cell: shape ``(n, 4)``."""
    n = len(weights)
    places = np.arange(n)
    odd = 2 * places + 1
    beyond = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1] - weights  # sum over l > m
    below = places[:, None] < places[None, :]
    sums = lambda array: (np.where(below, array, 0)).sum(axis=0)  # noqa: E731
    p0, p1 = sums(beyond), sums(beyond * odd[:, None])
    q0, q1 = sums(weights), sums(weights * odd[:, None])
    d, r = np.diagonal(weights), np.diagonal(beyond)
    constant = 2 * places * p0 - p1 + 2 * places * q0 - q1
    linear = 2 * p0 + 2 * q0 - (2 * places * q0 - q1)
    square, cube = r + d - 2 * q0, -d
    coefficients = (
        3 * constant,
        3 * constant + linear,
        3 * constant + 2 * linear + square,
        3 * (constant + linear + square + cube),
    )
    return np.stack(coefficients, axis=1)


@precise
def simple_welfare(power: Fraction, partition: Sequence[Fraction], masses: Sequence[Fraction]) -> Fraction:
    """A rational lower end of the expected welfare of the simple mechanism of atoms at the points of a partition of [0, 1].

    Raises
    ------
    InvalidCertificate
        When the masses are no distribution.
    """
    from flint import arb

    if len(masses) != len(partition) or any(m < 0 for m in masses) or sum(masses) != 1:
        raise InvalidCertificate("the masses are no distribution over the partition")
    total, exponent = arb(0), power + 1
    pow_ = lambda x: (number(x) ** exponent.numerator).root(exponent.denominator) if x else arb(0)  # noqa: E731
    for k in range(len(partition) - 1):
        mass = moment = Fraction(0)
        for last in range(k + 1, len(partition) - 1):
            mass, moment = mass + masses[last], moment + masses[last] * partition[last]
            if mass == 0:
                continue
            sides = [moment - partition[s] * mass for s in (k, k + 1)]
            other = [partition[b] * mass - moment for b in (last + 1, last)]
            for (high, low), width in (
                (sides, partition[last + 1] - partition[last]),
                (other, partition[k + 1] - partition[k]),
            ):
                total += (pow_(high) - pow_(low)) * number(width / (mass * exponent))
    return below(total)


@precise
def first_best(power: Fraction) -> Fraction:
    """A rational upper end of ``2 ** (1 - g) / ((g + 1) (g + 2))``: trade whenever there is a surplus, split in halves."""
    from flint import arb

    best = (arb(2) ** (power.denominator - power.numerator)).root(power.denominator)
    return -below(-best / number((power + 1) * (power + 2)))
