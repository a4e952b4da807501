"""What an environment is made of, checked as it is given: every mistake in one clear message."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, text
from .errors import InvalidEnvironment


def distinct(what: str, names: Sequence[str]) -> None:
    """Raises InvalidEnvironment where two names are the same."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidEnvironment(f"two {what}s are named {name!r}")
        seen.add(name)


def numbers(value: Any, what: str) -> Rationals:
    """An exact array.  Raises InvalidEnvironment."""
    try:
        return Rationals.of(value)
    except ValueError as error:
        raise InvalidEnvironment(f"{what}: {error}") from None


def fitted(value: Any, shape: tuple[int, ...], what: str) -> Rationals:
    """An exact array that broadcasts to a shape.  Raises InvalidEnvironment."""
    array = numbers(value, what)
    try:
        return array.broadcast_to(shape)
    except ValueError:
        raise InvalidEnvironment(f"{what}: shape {array.shape}, expected {shape}") from None


def exactly(value: Any, shape: tuple[int, ...], what: str) -> Rationals:
    """An exact array of a shape.  Raises InvalidEnvironment."""
    array = numbers(value, what)
    if array.shape != shape:
        raise InvalidEnvironment(f"{what}: shape {array.shape}, expected {shape}")
    return array


def distribution(prior: Rationals, what: str, normalise: bool = False) -> Rationals:
    """Probabilities that add up to one; with ``normalise`` divided by their sum.  Raises InvalidEnvironment."""
    if bool(np.any(prior < 0)):
        cell = tuple(int(k) for k in np.argwhere(prior < 0)[0])
        raise InvalidEnvironment(f"{what} has a negative probability {text(prior[cell])} at {list(cell)}")
    total = prior.sum()
    if normalise and total > 0:
        return prior / total
    if total != 1:
        mend = ""
        if abs(total - 1) < Fraction(1, 100):
            mend = ": if it misses 1 by rounding, as floats do, normalise=True divides by the sum, exactly"
        raise InvalidEnvironment(f"{what} sums to {text(total)}, expected 1{mend}")
    return prior
