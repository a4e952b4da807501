"""Axes of sweeps: what changes from cell to cell, and the values that it takes.

An axis is a parameter of the problem file, one of the keys that change what a file asks (``ic``, or ``notion``, ``ir``,
``bb``, ``alpha``, ``allocation``, ``objective``, ``secondary``), ``check``, a condition of full implementation that is asked
instead, or ``prior``, which is drawn.  Parameters go first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from ..exact.numbers import rational, text
from ..files.mistakes import near
from ..question.design import ALLOCATIONS, BB, IC, IR, OBJECTIVES, SECONDARY, InvalidDesign
from ..question.economy import ECONOMY_CHECKS
from ..question.implementation import CHECKS
from ..question.premises import SYNONYMS

MAX_POINTS = 100_000
#: A number drawn from a range is one of so many equally spaced ones, and the first.
FINENESS = 10_000
PRIOR = "prior"
#: The condition of full implementation that is asked about the function that a file gives.
CHECK = "check"
#: The keys that change what a file asks, and their words (None: a number).
ASKED: dict[str, tuple[str, ...] | None] = {
    "ic": IC,
    "ir": IR,
    "bb": BB,
    "alpha": None,
    "allocation": ALLOCATIONS,
    "objective": (*OBJECTIVES[:4], "undominated"),
    "secondary": SECONDARY,
    CHECK: (*CHECKS, *ECONOMY_CHECKS),
}
ALSO = {"notion": "ic"}
FORMS = "NAME=FROM:TO:COUNT, NAME=VALUE,VALUE,... or, drawn at random, NAME=FROM:TO"


class InvalidMap(InvalidDesign):
    """A map or a sweep that makes no sense; the message says why."""


@dataclass(frozen=True)
class Axis:
    """A name and the values that it takes: Fractions of a parameter, words of a key.

    ``spread``: a ``list``, a ``grid`` (equally spaced numbers), ``ends`` (of a range to be drawn from), or ``drawn``.
    """

    name: str
    values: tuple[Any, ...]
    spread: str = "grid"

    @classmethod
    def range(cls, name: str, start: Any, to: Any, count: Any) -> Axis:
        """``count`` equally spaced values, ends included.  Raises InvalidMap."""
        try:
            low, high, number = rational(start), rational(to), rational(count)
        except ValueError as error:
            raise InvalidMap(f"{name}: {error}") from None
        if number.denominator != 1 or not 2 <= number <= MAX_POINTS:
            raise InvalidMap(
                f"{name}: a whole number of values, from 2 to {MAX_POINTS:,}, is needed, not {text(number)}"
            )
        _check_range(name, low, high)
        steps = int(number) - 1
        return cls(name, tuple(low + (high - low) * k / steps for k in range(steps + 1)))

    @classmethod
    def parse(cls, given: str) -> Axis:
        """``c_star=0:1:17``, from, to and how many.  Raises InvalidMap."""
        name, _, spread = given.partition("=")
        parts = spread.split(":")
        if not name.strip() or len(parts) != 3:
            raise InvalidMap(f"--over {given}: write NAME=FROM:TO:COUNT, as in --over c_star=0:1:17")
        return cls.range(name.strip(), *(p.strip() for p in parts))

    @property
    def numbers(self) -> bool:
        """Whether the values are numbers."""
        return all(isinstance(v, Fraction) for v in self.values)

    @property
    def random(self) -> bool:
        """Whether `--random` draws it; what is listed is gone through."""
        return self.spread != "list"

    def drawn(self, random: Random) -> Any:
        """One value.  A prior's is the number of its draw."""
        if self.spread == "ends":
            low, high = self.values
            return low + (high - low) * Fraction(random.randrange(FINENESS + 1), FINENESS)
        return random.getrandbits(64) if self.name == PRIOR else random.choice(self.values)


def axes(given: Any, document: Mapping[str, Any], *, draws: int = 0) -> tuple[Axis, ...]:
    """The axes of a sweep over a problem file.

    Parameters
    ----------
    given : texts such as ``"B=1/2:2:61"`` and ``"notion=bayesian,ex-post"``, or a mapping from names to the part after ``=``
        or to lists of values.
    draws : how many are drawn at random, if any; then a range needs no count.

    Raises
    ------
    InvalidMap
        No such name, values that it does not take, a name twice, or none at all.
    """
    if not 0 <= draws <= MAX_POINTS:
        raise InvalidMap(f"--random {draws:,}: a number of draws, at most {MAX_POINTS:,}, is expected")
    found = tuple(_axis(name, spread, document, draws > 0) for name, spread in _split(given))
    if not found:
        raise InvalidMap(f"a sweep takes at least one axis: --over {FORMS}")
    names = [axis.name for axis in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidMap(f"--over names {name} twice")
    if draws and not any(axis.random for axis in found):
        raise InvalidMap("--random draws from ranges and priors: --over NAME=FROM:TO or --over prior=random")
    return found


def _split(given: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(given, Mapping):
        return [(str(name), spread) for name, spread in given.items()]
    parts = []
    for one in [given] if isinstance(given, str) else given:
        name, sign, spread = str(one).partition("=")
        if not sign or not name.strip() or not spread.strip():
            raise InvalidMap(f"--over {one}: write {FORMS}")
        parts.append((name.strip(), spread.strip()))
    return parts


def _axis(name: str, spread: Any, document: Mapping[str, Any], draws: bool) -> Axis:
    parameters = document.get("parameters") or {}
    name = name if name in parameters else ALSO.get(name, name)
    if name not in parameters and name == PRIOR:
        return _prior(spread, document, draws)
    if name not in parameters and name not in ASKED:
        known = [*parameters, *ASKED, *ALSO, PRIOR]
        raise InvalidMap(f"--over {name}: neither a parameter nor a part of the question{near(name, known)}")
    words = None if name in parameters else ASKED[name]
    if isinstance(spread, str) and ":" in spread and words is None:
        return _range(name, spread, draws)
    listed = spread.split(",") if isinstance(spread, str) else spread
    try:
        values = tuple(_value(name, value, words) for value in listed)
    except TypeError:
        raise InvalidMap(f"--over {name}: expected a text or a list of values, found {spread!r}") from None
    if not values:
        raise InvalidMap(f"--over {name}: no value is given")
    if len(set(values)) < len(values):
        twice = next(v for v in values if values.count(v) > 1)
        raise InvalidMap(f"--over {name}: {shown(twice)} is given twice")
    return Axis(name, values, "list")


def _range(name: str, spread: str, draws: bool) -> Axis:
    parts = [part.strip() for part in spread.split(":")]
    if len(parts) == 3:
        return Axis.range(name, *parts)
    if len(parts) != 2 or not draws:
        hint = "; a range without a count is for --random" if len(parts) == 2 else ""
        raise InvalidMap(f"--over {name}={spread}: write {FORMS}{hint}")
    try:
        low, high = map(rational, parts)
    except ValueError as error:
        raise InvalidMap(f"--over {name}: {error}") from None
    _check_range(name, low, high)
    return Axis(name, (low, high), "ends")


def _check_range(name: str, low: Fraction, high: Fraction) -> None:
    if low >= high:
        said = f"from {text(low)} to {text(high)} is no range"
        raise InvalidMap(f"{name}: {said}: the first end has to be the smaller one")


def _value(name: str, given: Any, words: tuple[str, ...] | None) -> Any:
    if words is None:
        try:
            return rational(given.strip() if isinstance(given, str) else given)
        except ValueError as error:
            raise InvalidMap(f"--over {name}: {error}") from None
    also, word = SYNONYMS.get(name, {}), str(given).strip()
    found = also.get(word.lower(), word)
    if found not in words:
        raise InvalidMap(
            f"--over {name}: {word!r} is none of {', '.join(words)}{near(word, words, known=False)}"
        )
    return found


def _prior(spread: Any, document: Mapping[str, Any], draws: bool) -> Axis:
    if spread != "random":
        raise InvalidMap(
            "--over prior: a prior is drawn, --over prior=random; name a parameter to go through some"
        )
    if not draws:
        raise InvalidMap("--over prior=random: say how many with --random")
    beliefs = document.get("beliefs")
    if isinstance(beliefs, dict) and PRIOR not in beliefs:
        raise InvalidMap("--over prior=random: the file gives no prior, but " + ", ".join(beliefs))
    return Axis(PRIOR, ("random",), "drawn")


def check_size(along: Sequence[Axis], draws: int = 0, what: str = "cells") -> None:
    """Before any is made.  Raises InvalidMap when there are too many."""
    size = max(draws, 1) * math.prod(len(axis.values) for axis in along if not (draws and axis.random))
    if size > MAX_POINTS:
        raise InvalidMap(f"{size:,} {what}; at most {MAX_POINTS:,} are accepted")


def cells(along: Sequence[Axis], draws: int = 0, seed: int = 0) -> list[tuple[Any, ...]]:
    """Every combination of values, or with ``draws`` every combination of lists with so many draws of the others.

    Raises
    ------
    InvalidMap
        Too many, before any is made.
    """
    check_size(along, draws)
    out: list[tuple[Any, ...]] = []
    for draw in range(max(draws, 1)):
        random, made = (
            Random(f"{seed}:{draw}"),
            list[tuple[Any, ...]]([()]),
        )  # a draw does not depend on how many there are
        for axis in along:
            values = (axis.drawn(random),) if draws and axis.random else axis.values
            made = [(*at, value) for at in made for value in values]
        out += made
    return out


def shown(value: Any) -> str:
    """A value in words."""
    return text(value) if isinstance(value, Fraction) else str(value)


__all__ = ["ASKED", "CHECK", "MAX_POINTS", "PRIOR", "Axis", "InvalidMap", "axes", "cells", "check_size", "shown"]
