"""Named distributions on finite type sets: exact, or rounded to digits that are stated."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.errors import InvalidInput
from ..exact.numbers import Rationals, rational, text
from .model import outer

#: Significant digits of weights that no fraction gives.
DIGITS = 12
_ROUND = Context(prec=DIGITS)
_WORK = Context(prec=50)


class InvalidFamily(InvalidInput):
    """Parameters that give no distribution; the message says why."""


@dataclass(frozen=True)
class Family:
    """A named distribution: the numbers it takes, its weights over ``(size, values)``, and what they are."""

    takes: tuple[str, ...]
    weights: Callable[..., Sequence[Fraction]]
    about: str

    def spelled(self, name: str) -> str:
        """How a file asks for it."""
        return "{" + ", ".join([f"family: {name}", *(f"{k}: ..." for k in self.takes)]) + "}"


def marginal(
    family: str, size: int, values: Sequence[Fraction] | None = None, **numbers: Fraction
) -> Rationals:
    """A distribution over ``size`` types in their order, shape ``(size,)``.

    ``values`` are the types as numbers, which some families need; ``numbers`` the parameters of the family
    (:data:`FAMILIES` says which).  Weights are divided by their sum exactly.

    Raises
    ------
    InvalidFamily
        No such family, a parameter that is missing, unknown or out of its range, or values that are no numbers.
    """
    if family not in FAMILIES:
        raise InvalidFamily(f"no family is named {family!r}{_meant(family)}: {', '.join(FAMILIES)}")
    known = FAMILIES[family]
    missing, unknown = set(known.takes) - set(numbers), sorted(set(numbers) - set(known.takes))
    if missing or unknown:
        found = f"; {', '.join(unknown)} is not known there" if unknown else ""
        takes = " and ".join(known.takes) or "no number"
        raise InvalidFamily(f"family {family} takes {takes}, as in {known.spelled(family)}{found}")
    weights = known.weights(size, values, **numbers)
    total = sum(weights)
    return Rationals.from_fractions([w / total for w in weights], (size,))


def _meant(word: str) -> str:
    """What other programs call by this name."""
    meant = {
        "normal": "truncated-normal",
        "gaussian": "truncated-normal",
        "exp": "exponential",
        "expon": "exponential",
    }
    return f"; {meant[word]} is meant, or one of" if word in meant else ""


def _uniform(size: int, values: Any) -> list[Fraction]:
    return [Fraction(1)] * size


def _trapezoid(size: int, values: Any) -> list[Fraction]:
    return [Fraction(1 if k in (0, size - 1) and size > 1 else 2) for k in range(size)]


def _triangular(size: int, values: Any) -> list[Fraction]:
    return [Fraction(min(k + 1, size - k)) for k in range(size)]


def _geometric(size: int, values: Any, ratio: Fraction) -> list[Fraction]:
    if ratio <= 0:
        raise InvalidFamily("ratio must be positive")
    if size > 2000:
        raise InvalidFamily("family geometric takes at most 2,000 types")
    return [ratio**k for k in range(size)]


def _power(size: int, values: Any, exponent: Fraction) -> list[Fraction]:
    if exponent.denominator != 1 or not 1 <= exponent <= 64:
        raise InvalidFamily("exponent must be a whole number from 1 to 64")
    power = int(exponent)
    return [Fraction((k + 1) ** power - k**power) for k in range(size)]


def _beta(size: int, values: Any, alpha: Fraction, beta: Fraction) -> list[Fraction]:
    if min(alpha, beta) <= 0 or alpha + beta > 64:
        raise InvalidFamily("alpha and beta must be positive, and at most 64 together")
    if size > 2000:
        raise InvalidFamily("family beta takes at most 2,000 types")
    if alpha.denominator == beta.denominator == 1:
        below = [_beta_polynomial(Fraction(k, size), int(alpha), int(beta)) for k in range(size + 1)]
        return [high - low for low, high in itertools.pairwise(below)]
    return _beta_rounded(size, alpha, beta)


def _beta_polynomial(x: Fraction, a: int, b: int) -> Fraction:
    """The distribution function of Beta(a, b) at x: the chance of at least a successes in a + b - 1 trials."""
    n = a + b - 1
    return sum((math.comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(a, n + 1)), Fraction(0))


def _beta_rounded(size: int, alpha: Fraction, beta: Fraction) -> list[Fraction]:
    import flint

    before, flint.ctx.prec = flint.ctx.prec, 300
    try:
        a, b = (flint.arb(flint.fmpq(n.numerator, n.denominator)) for n in (alpha, beta))
        below = [
            flint.arb(flint.fmpq(k, size)).beta_lower(a, b, 1) if 0 < k < size else flint.arb(k // size)
            for k in range(size + 1)
        ]
        cells = [(high - low).str(DIGITS + 20, radius=False) for low, high in itertools.pairwise(below)]
    finally:
        flint.ctx.prec = before
    return [rational(_ROUND.create_decimal(cell)) for cell in cells]


def _exponential(size: int, values: Sequence[Fraction] | None, rate: Fraction) -> list[Fraction]:
    if rate <= 0:
        raise InvalidFamily("rate must be positive")
    return _densities([-rate * v for v in _numbers("exponential", values)])


def _truncated_normal(
    size: int, values: Sequence[Fraction] | None, mean: Fraction, deviation: Fraction
) -> list[Fraction]:
    if deviation <= 0:
        raise InvalidFamily("deviation must be positive")
    return _densities([-(((v - mean) / deviation) ** 2) / 2 for v in _numbers("truncated-normal", values)])


def _numbers(family: str, values: Sequence[Fraction] | None) -> Sequence[Fraction]:
    if values is None:
        raise InvalidFamily(f"family {family} needs types that are numbers")
    return values


def _densities(logarithms: Sequence[Fraction]) -> list[Fraction]:
    """Exp of the logarithms over the largest one, rounded."""
    top = max(logarithms)
    if top - min(logarithms) > 200:
        far = logarithms.index(min(logarithms)) + 1
        raise InvalidFamily(
            f"type {far} is less than e^-200 times as likely as the likeliest type: leave out types so far in the tail"
        )
    return [rational(_ROUND.plus(_WORK.exp(_decimal(e - top)))) for e in logarithms]


def _decimal(value: Fraction) -> Decimal:
    return _WORK.divide(Decimal(value.numerator), Decimal(value.denominator))


#: The families by name.  Positions 1..m stand for m equal cells of [0, 1] where a distribution function is named.
FAMILIES: dict[str, Family] = {
    "uniform": Family((), _uniform, "equal weights"),
    "trapezoid": Family((), _trapezoid, "equal weights, half as much at both ends"),
    "triangular": Family((), _triangular, "weights 1, 2, ..., 2, 1"),
    "geometric": Family(("ratio",), _geometric, "each type `ratio` times as likely as the one before"),
    "power": Family(("exponent",), _power, "F(k/m) = (k/m)^exponent at the k-th of m types, exponent a positive integer"),
    "beta": Family(
        ("alpha", "beta"),
        _beta,
        "F(k/m) is that of Beta(alpha, beta) on [0, 1] at the k-th of m types: exact where both are whole numbers, else each "
        f"difference rounded to {DIGITS} significant digits",
    ),
    "exponential": Family(
        ("rate",),
        _exponential,
        f"weights exp(-rate type): the density at the types, over the largest, rounded to {DIGITS} significant digits",
    ),
    "truncated-normal": Family(
        ("mean", "deviation"),
        _truncated_normal,
        f"the normal density at the types, over the largest, rounded to {DIGITS} significant digits",
    ),
}  # fmt: skip


def mixture(weight: Fraction, shape: tuple[int, ...]) -> Rationals:
    """With probability ``weight`` all agents have the same position in their type lists; else independent uniform.

    Raises
    ------
    InvalidFamily
        Type sets of different sizes, or a weight outside [0, 1].
    """
    if len(set(shape)) > 1:
        raise InvalidFamily(f"a mixture needs agents with equally many types, found {shape}")
    if not 0 <= weight <= 1:
        raise InvalidFamily("weight must lie in [0, 1]")
    same = np.zeros(shape, dtype=np.int64)
    same[(np.arange(shape[0]),) * len(shape)] = 1
    independent = outer([marginal("uniform", size) for size in shape])
    return Rationals(same) * (weight / shape[0]) + independent * (1 - weight)


def coupled(marginals: Sequence[Rationals], copula: Rationals) -> Rationals:
    """The prior with given marginals whose dependence is a copula.

    ``copula`` holds the masses of a grid of equal boxes of the unit cube (shape ``(K_1, ..., K_n)``, uniform marginals), spread
    evenly within each box.  The chance of a profile is the mass of the box between the distribution functions of its types
    and of the types before them (Sklar's theorem).

    Raises
    ------
    InvalidFamily
        Negative masses, a wrong number of dimensions, or marginals of the copula that are not uniform.
    """
    if copula.ndim != len(marginals):
        raise InvalidFamily(
            f"a copula of {len(marginals)} agents has as many dimensions, found {copula.ndim}"
        )
    if bool(np.any(copula < 0)):
        raise InvalidFamily("a copula has no negative masses")
    for axis, size in enumerate(copula.shape):
        others = tuple(k for k in range(copula.ndim) if k != axis)
        sums = copula.sum(axis=others) if others else copula
        for k, total in enumerate(sums.fractions()):
            if total != Fraction(1, size):
                raise InvalidFamily(
                    f"the marginals of a copula are uniform: slice {k + 1} of dimension {axis + 1} sums to {text(total)}, "
                    f"expected {text(Fraction(1, size))}"
                )
    out = copula
    for axis, own in enumerate(marginals):
        shares = _overlaps(own.fractions(), copula.shape[axis])
        moved = out.moveaxis(axis, 0)
        out = (shares.reshape(*shares.shape, *[1] * (out.ndim - 1)) * moved.reshape(1, *moved.shape)).sum(
            axis=1
        )
        out = out.moveaxis(0, axis)
    return out


def _overlaps(chances: Sequence[Fraction], cells: int) -> Rationals:
    """Row t: the share of each of the equal cells of [0, 1] between F(t - 1) and F(t)."""
    rows, low = [], Fraction(0)
    for chance in chances:
        high = low + chance
        rows.append(
            [
                max(Fraction(0), min(high, Fraction(k + 1, cells)) - max(low, Fraction(k, cells))) * cells
                for k in range(cells)
            ]
        )
        low = high
    return Rationals.of(rows)
