"""A map of verdicts on the efficiency of a given mechanism over two parameters of its problem file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..exact.numbers import text
from ..files import InvalidFile, Reading, read_document
from ..proof.efficiency import Efficiency
from ..proof.revised import examined
from ..shown import Drawn
from .interim import efficiency
from .maps import Axis, InvalidMap

#: What a map can say at a place.  ``outside the assumptions``: the file's own assumptions do not hold there.
VERDICTS = (
    "efficient",
    "weakly efficient",
    "inefficient",
    "out of reach",
    "outside the assumptions",
    "undecided",
)
MAX_PLACES = 40_000


@dataclass(frozen=True)
class Map(Drawn):
    """``verdicts[a][b]`` is the verdict where the first parameter is ``values[0][a]`` and the second ``values[1][b]``."""

    names: tuple[str, str]
    values: tuple[tuple[Fraction, ...], tuple[Fraction, ...]]
    verdicts: tuple[tuple[str, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Exact strings, columns by the first parameter."""
        named = zip(self.names, self.values, strict=True)
        return {
            "parameters": {name: [text(v) for v in values] for name, values in named},
            "verdicts": [list(column) for column in self.verdicts],
        }


def verdict(found: Efficiency) -> str:
    """One of :data:`VERDICTS`."""
    if not found.decided:
        return "undecided"
    if not found.reachable:
        return "out of reach"
    if found.strong:
        return "efficient"
    return "weakly efficient" if found.weak else "inefficient"


def efficiency_map(
    reading: Reading,
    axes: tuple[Axis, Axis],
    progress: Callable[[str], None] | None = None,
    *,
    time_limit: float | None = None,
) -> Map:
    """Examine the mechanism that a file gives at every pair of values of two of its parameters, each exactly.

    ``time_limit`` is seconds for each place.

    Raises
    ------
    InvalidMap
        Too many pairs, a parameter that the file does not have.
    InvalidDesign
        A file that gives no mechanism.
    InvalidFile
        Values at which the file makes no sense, other than by its assumptions.
    """
    first, second = axes
    count = len(first.values) * len(second.values)
    if count > MAX_PLACES:
        raise InvalidMap(f"{count:,} places; at most {MAX_PLACES:,} are examined")
    known = reading.document.get("parameters", {})
    for axis in axes:
        if axis.name not in known:
            raise InvalidMap(
                f"no parameter is named {axis.name!r}; the file has {', '.join(known) or 'none'}"
            )
    if first.name == second.name:
        raise InvalidMap(f"--over names {first.name} twice; name two parameters")
    rows = []
    for done, value in enumerate(first.values):
        if progress is not None:
            progress(f"{done * len(second.values):,} of {count:,} places")
        rows.append(
            tuple(_at(reading, {first.name: value, second.name: v}, time_limit) for v in second.values)
        )
    return Map((first.name, second.name), (first.values, second.values), tuple(rows))


def _at(reading: Reading, parameters: dict[str, Fraction], time_limit: float | None) -> str:
    changed = {k: text(v) for k, v in parameters.items()}
    document = {**reading.document, "parameters": {**reading.document["parameters"], **changed}}
    try:
        there = read_document(document)
    except InvalidFile as error:
        if error.problems and all(p.path[:1] == ("assume",) for p in error.problems):
            return "outside the assumptions"
        raise
    return verdict(efficiency(there.design, examined(there), time_limit=time_limit))
