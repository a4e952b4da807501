"""Named distributions on finite type sets, exact."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..exact.numbers import Rationals
from .model import outer


class InvalidFamily(ValueError):
    """Parameters that give no distribution; the message says why."""


def marginal(
    family: str, size: int, *, ratio: Fraction | None = None, exponent: Fraction | None = None
) -> Rationals:
    """A distribution over ``size`` types in their order.

    ``uniform``; ``trapezoid`` (uniform, half as much at both ends);
    ``triangular`` (weights 1, 2, ..., 2, 1); ``geometric`` (each type ``ratio`` times as likely as the
    one before); ``power`` (``F(k/size) = (k/size)**exponent``).

    Raises
    ------
    InvalidFamily
    """
    if (ratio is not None) != (family == "geometric") or (exponent is not None) != (family == "power"):
        raise InvalidFamily("ratio goes with family geometric, exponent with family power")
    if family == "uniform":
        weights = [Fraction(1)] * size
    elif family == "trapezoid":
        weights = [Fraction(1 if k in (0, size - 1) and size > 1 else 2) for k in range(size)]
    elif family == "triangular":
        weights = [Fraction(min(k + 1, size - k)) for k in range(size)]
    elif family == "geometric":
        assert ratio is not None
        if ratio <= 0:
            raise InvalidFamily("ratio must be positive")
        if size > 2000:
            raise InvalidFamily("family geometric takes at most 2,000 types")
        weights = [ratio**k for k in range(size)]
    elif family == "power":
        assert exponent is not None
        if exponent.denominator != 1 or not 1 <= exponent <= 64:
            raise InvalidFamily("exponent must be a whole number from 1 to 64")
        power = int(exponent)
        weights = [Fraction((k + 1) ** power - k**power) for k in range(size)]
    else:
        raise InvalidFamily(
            f"no family is named {family!r}: uniform, trapezoid, triangular, geometric, power"
        )
    total = sum(weights)
    return Rationals.from_fractions([w / total for w in weights], (size,))


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
