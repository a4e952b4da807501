"""What formulas are about and what they give: numbers, exact or between ends, and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.enclosed import Enclosed, largest
from ..exact.numbers import Rationals, maximum, minimum


class InvalidFormula(ValueError):
    """A formula that cannot be read or evaluated; the message says why."""


class Undecided(InvalidFormula):
    """A comparison of irrational numbers that their ends do not decide: more bits may."""


@dataclass(frozen=True)
class Labels:
    """An agent's types as labels, laid along the agent's axis of the type grid."""

    agent: str
    names: npt.NDArray[Any]


@dataclass(frozen=True)
class Definition:
    """A formula with a name; ``arguments`` stand for the numbers or agents that it is called with."""

    arguments: tuple[str, ...]
    body: str


Number = Rationals | Enclosed
Names = Mapping[str, Rationals | Labels | Definition]
Value = Number | Labels | str


def one_number(value: Number, what: str) -> Any:
    """The only cell.  Raises InvalidFormula."""
    if isinstance(value, Enclosed) or value.size != 1:
        raise InvalidFormula(f"{what} must be one rational number")
    return value.ravel()[0]


def extreme(name: str, a: Number, b: Number) -> Number:
    """The elementwise minimum or maximum."""
    if isinstance(a, Rationals) and isinstance(b, Rationals):
        return minimum(a, b) if name == "min" else maximum(a, b)
    if name == "max":
        return largest(a, b).known()
    return (-largest(-Enclosed.of(a), -Enclosed.of(b))).known()


def truth(mask: npt.NDArray[np.bool_]) -> Rationals:
    """1 where it holds, else 0."""
    return Rationals(np.asarray(mask).astype(np.int64))


def length(value: Number) -> int:
    """Bits of the longest number."""
    if isinstance(value, Enclosed):
        return max(length(value.low), length(value.high))
    if value.size == 0:
        return 0
    return max(
        int(value.numerator.max()).bit_length(),
        int(value.numerator.min()).bit_length(),
        value.denominator.bit_length(),
    )
