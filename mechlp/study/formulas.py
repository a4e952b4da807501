"""Closed forms that answer a problem's question at every value of its parameters, for maps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from ..closed_forms.known_means import GridAuction, Market, boundary, trade, unit_grid, with_known_means
from ..environment.belief_sets import BeliefSet
from ..exact.numbers import text
from ..question.design import Design

Numbers = Mapping[str, Fraction]
Sets = tuple[tuple[BeliefSet, ...], ...] | None
#: A parameter on a map, from its least to its largest value.
Range = tuple[str, Fraction, Fraction]


@dataclass(frozen=True)
class Curve:
    """A line on a map, through points within ``10**-6`` of it; with ``fill``, what lies below it is shaded."""

    name: str
    points: tuple[tuple[Fraction, Fraction], ...]
    fill: bool = False

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {"name": self.name, "points": [[text(x), text(y)] for x, y in self.points]}


class Formula(Protocol):
    """What a map needs of a closed form."""

    name: str
    notes: tuple[str, ...]

    def misfit(self, design: Design) -> str | None:
        """Why the formula is not about a problem; None when it is."""

    def possible(self, numbers: Numbers) -> str:
        """What a possible point is."""

    def at(self, numbers: Numbers) -> tuple[Fraction, dict[str, bool]]:
        """A number that is at most 0 where a mechanism exists, and further regions; raises InvalidEnvironment."""

    def curves(self, numbers: Numbers, ranges: Sequence[Range]) -> Iterator[Curve]:
        """Lines to draw over the map."""


class KnownMeans:
    """Efficient bilateral trade with known means c_star, v_star on a grid of n points (Wolitzky 2015, Figure 1).

    The number is ``D_n``: at D_n <= 0 the alpha double auction is a mechanism; at D_n > 0 the beliefs in {0, 1} alone owe
    more rents than there is surplus.
    """

    name: str = "known-means"
    notes: tuple[str, ...] = (
        "the grid has fewer lies than the continuum: its region contains the region of (*) and shrinks to it as n grows",
        "where c* >= v* a reference rule is enough (Proposition 1)",
    )

    def misfit(self, design: Design) -> str | None:
        """It takes efficient trade on the grid of n points by agents who know the means c_star and v_star, its parameters."""
        environment, numbers = design.environment, design.environment.parameters
        missing = [k for k in ("n", "c_star", "v_star") if k not in numbers]
        if missing:
            return f"there is no parameter {', '.join(missing)}"
        grid = unit_grid(_points(numbers))
        wanted = trade(grid, grid)
        same = environment.shape == wanted.shape and len(environment.outcomes) == 2
        if not same or not all(a.same(b) for a, b in zip(environment.utility, wanted.utility, strict=True)):
            return f"agents must be a seller and a buyer with types 0, ..., 1 on a grid of n = {len(grid)} points"
        efficient = isinstance(design.allocation, str) and design.allocation == "efficient"
        if (
            not efficient
            or design.bb != "ex-post-weak"
            or any(bool(np.any(o != 0)) for o in environment.outside)
        ):
            return "it is about efficient trade with ex-post weak budget balance and nothing outside"
        known = with_known_means(wanted, numbers["c_star"], numbers["v_star"]).belief_sets
        if design.ic != "maxmin" or design.ir == "none" or not _same(environment.belief_sets, known):
            return (
                "it is about ic: maxmin with IR, where agents know the mean of the other's type and no more"
            )
        return None

    def possible(self, numbers: Numbers) -> str:
        return f"possible on the grid of {_points(numbers)} points"

    def at(self, numbers: Numbers) -> tuple[Fraction, dict[str, bool]]:
        market = Market(numbers["c_star"], numbers["v_star"])
        auction = GridAuction(_points(numbers), market.c_star, market.v_star)
        regions = {
            "(*), in the continuum": market.implementable,
            "reference rules, in the continuum": market.by_reference_rules,
        }
        return auction.excess, regions

    def curves(self, numbers: Numbers, ranges: Sequence[Range]) -> Iterator[Curve]:
        """The curve (*) and the 45-degree line, where the map is about the two means."""
        names = [name for name, _, _ in ranges]
        if sorted(names) != ["c_star", "v_star"]:
            return
        _, low, high = ranges[names.index("c_star")]
        means = [low + (high - low) * Fraction(k, 96) for k in range(97)]
        inside = [c for c in means if 0 < c < 1]
        star = [(c, boundary(c)[0]) for c in inside]
        equal = [(c, c) for c in means]
        turned = names[0] == "v_star"
        for name, points, fill in (
            ("condition (*), in the continuum: possible below the curve", star, False),
            ("the line c* = v*: reference rules work below it", equal, True),
        ):
            yield Curve(name, tuple((y, x) if turned else (x, y) for x, y in points), fill and not turned)


def _same(sets: Sets, others: Sets) -> bool:
    """Whether types hold the same beliefs possible, by the rows that describe them."""
    if sets is None or others is None:
        return False
    described = [[[_rows(b) for b in own] for own in both] for both in (sets, others)]
    return described[0] == described[1]


def _rows(beliefs: BeliefSet) -> list[Any]:
    return [
        (r.sense, r.row.tolist(), r.column.tolist(), r.value.fractions(), r.rhs.fractions())
        for r in beliefs.rows
    ]


def _points(numbers: Numbers) -> int:
    n = numbers["n"]
    return int(n) if n.denominator == 1 else 0  # no grid has 0 points: refused there


FORMULAS: dict[str, Formula] = {KnownMeans.name: KnownMeans()}
