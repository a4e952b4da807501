"""Sets of distributions: what an agent, or the designer, holds possible.

A :class:`BeliefSet` is a polytope of distributions over the cells of a grid, described by linear rows on the
probabilities and, where that is shorter, on further variables.  Every set is made of rows, so sets intersect
(``one & other``) and dualise by one rule; vertices come in closed form where there is one, else by exact enumeration
(:mod:`mechlp.environment.vertices`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import product as combinations_of
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, concatenate, rational, stack, text
from .distributions import (
    MAX_VERTICES,
    SENSES,
    InvalidBeliefSet,
    Rows,
    ball,
    check_distribution,
    distinct,
    read_center,
    read_share,
    straddling,
)
from .vertices import enumerate_vertices


@dataclass(frozen=True, eq=False, repr=False)
class BeliefSet:
    """A polytope of distributions over a grid: ``phi >= 0``, ``sum phi = 1``, and rows on phi and ``lifts`` further
    variables ``>= 0``.

    ``kind`` is a short name for pages; ``known`` holds the vertices (possibly with points that are none), shape
    ``(K, *shape)``, where they are known in closed form; ``corners`` computes them where that takes time.  ``lift_grid`` is the
    shape of the array that the further variables make up, where they do; ``rounds`` is the set, and the ways, of which this one
    is :meth:`rounded`.
    """

    kind: str
    shape: tuple[int, ...]
    rows: tuple[Rows, ...] = ()
    lifts: int = 0
    known: Rationals | None = None
    corners: Callable[[], Rationals | None] | None = None
    lift_grid: tuple[int, ...] | None = None
    rounds: tuple[BeliefSet, tuple[int, ...]] | None = None

    # -- kinds ----------------------------------------------------------------------------------
    @classmethod
    def everything(cls, shape: Sequence[int]) -> BeliefSet:
        """Every distribution (Wald 1950)."""
        cells = math.prod(shape)
        units = Rationals(np.eye(cells, dtype=np.int64).reshape(cells, *shape))
        return cls("every distribution", tuple(shape), (), 0, units if cells <= MAX_VERTICES else None)

    @classmethod
    def finite(cls, points: Any) -> BeliefSet:
        """The convex hull of distributions, shape ``(K, *shape)``.

        Raises
        ------
        InvalidBeliefSet
            No point, or one that is no distribution.
        """
        points = Rationals.of(points)
        if points.size == 0:
            raise InvalidBeliefSet("a list of beliefs needs at least one")
        for k, point in enumerate(points):
            check_distribution(point, f"belief {k + 1}")
        count, shape = len(points), points.shape[1:]
        flat = points.reshape(count, -1)
        cells = flat.shape[1]
        values = concatenate([Rationals(np.ones(cells, np.int64)), (-flat).ravel()])
        column = np.concatenate([np.arange(cells), np.repeat(cells + np.arange(count), cells)])
        row = np.concatenate([np.arange(cells), np.tile(np.arange(cells), count)])
        mix = Rows("mixture of the list", row, column, values, "=", Rationals.zeros((cells,)))
        known = distinct(points)
        return cls(f"{len(known)} listed", tuple(shape), (mix,), count, known)

    @classmethod
    def contamination(cls, center: Any, eps: Any) -> BeliefSet:
        """``(1 - eps) center + eps * anything``."""
        center, eps = read_center(center), read_share(eps, "eps")
        cells = np.arange(center.size)
        rest = center * (1 - eps)
        floor = Rows("floor", cells, cells, Rationals(np.ones(center.size, np.int64)), ">=", rest.ravel())
        units = cls.everything(center.shape).known
        known = None if units is None else distinct(rest + units * eps)
        return cls(f"contaminated by {text(eps)}", center.shape, (floor,), 0, known)

    @classmethod
    def variation(cls, center: Any, radius: Any) -> BeliefSet:
        """Total-variation ball: ``1/2 |phi - center|_1 <= radius``."""
        center, radius = read_center(center), read_share(radius, "radius")
        cells = center.size
        at, one = np.arange(cells), Rationals(np.ones(cells, np.int64))
        # phi - up + down = center, sum of down <= radius (and so of up).
        move = Rows(
            "moved mass",
            np.tile(at, 3),
            np.concatenate([at, cells + at, 2 * cells + at]),
            concatenate([one, -one, one]),
            "=",
            center.ravel(),
        )
        most = Rows("distance", np.zeros(cells, np.intp), 2 * cells + at, one, "<=", Rationals.of([radius]))
        return cls(
            f"within {text(radius)} of a belief", center.shape, (move, most), 2 * cells, ball(center, radius)
        )

    @classmethod
    def moment(cls, function: Any, sense: str, value: Any, name: str = "moment") -> BeliefSet:
        """``E[function] (=, >=, <=) value``; the function has the shape of the grid."""
        function = Rationals.of(function)
        if sense not in SENSES:
            raise InvalidBeliefSet(f"{sense!r} is not one of =, >=, <=")
        flat = function.ravel()
        used = np.flatnonzero(flat != 0)
        rhs = Rationals.of([rational(value)])
        row = Rows(name, np.zeros(len(used), np.intp), used, flat[used], sense, rhs)
        corners = partial(straddling, function, rhs[0]) if sense == "=" else None
        return cls(name, function.shape, (row,), 0, None, corners)

    @classmethod
    def support(cls, possible: npt.ArrayLike) -> BeliefSet:
        """Every distribution on the cells marked possible.  Raises InvalidBeliefSet when none is."""
        mask = np.asarray(possible, dtype=bool)
        if not mask.any():
            raise InvalidBeliefSet("no cell is possible")
        off = np.flatnonzero(~mask.ravel())
        none = Rows(
            "support",
            np.zeros(len(off), np.intp),
            off,
            Rationals(np.ones(len(off), np.int64)),
            "=",
            Rationals.of([0]),
        )
        units = cls.everything(mask.shape).known
        known = None if units is None else units[np.flatnonzero(mask.ravel())]
        return cls("known support", mask.shape, (none,), 0, known)

    @classmethod
    def marginal(
        cls, axis: int, distribution: Any, shape: Sequence[int], name: str = "marginal"
    ) -> BeliefSet:
        """A known marginal along one axis; ``&`` several for known marginals of unknown correlation."""
        distribution, shape = Rationals.of(distribution), tuple(shape)
        check_distribution(distribution, f"the {name}")
        if distribution.shape != (shape[axis],):
            raise InvalidBeliefSet(f"the {name} has {distribution.size} entries, expected {shape[axis]}")
        row = np.broadcast_to(
            np.arange(shape[axis]).reshape([-1 if k == axis else 1 for k in range(len(shape))]), shape
        ).ravel()
        one = Rationals(np.ones(row.size, np.int64))
        return cls(name, shape, (Rows(name, row, np.arange(row.size), one, "=", distribution),))

    @classmethod
    def contractions(cls, prior: Any, values: Any) -> BeliefSet:
        """Mean-preserving contractions of a prior over numbers (information acquisition, Wolitzky 2015 section 5.2)."""
        prior, values = read_center(prior), Rationals.of(values)
        if prior.ndim != 1 or values.shape != prior.shape:
            raise InvalidBeliefSet("contractions need one opponent with numeric types")
        out = cls.moment(values, "=", (prior * values).sum(), "mean")
        for k in range(len(values)):
            gap = values - values[k]
            call = gap * Rationals((gap > 0).astype(np.int64))
            out = out & cls.moment(call, "<=", (prior * call).sum(), f"spread above {text(values[k])}")
        return replace(out, kind="contractions of a prior", known=None)

    @classmethod
    def wasserstein(cls, weights: Any, costs: Any, radius: Any) -> BeliefSet:
        """Distributions to which ``weights`` (over K data points) can be moved at an expected cost of at most ``radius``.

        ``costs`` has shape ``(K, *shape)``.
        """
        weights, costs, radius = Rationals.of(weights), Rationals.of(costs), rational(radius)
        check_distribution(weights, "the weights of the data")
        if radius < 0:
            raise InvalidBeliefSet(f"a radius must not be negative, found {text(radius)}")
        count, shape = costs.shape[0], costs.shape[1:]
        cells = math.prod(shape)
        plan = cells + np.arange(count * cells)
        one, every = Rationals(np.ones(count * cells, np.int64)), np.tile(np.arange(cells), count)
        to = Rows(
            "arrived",
            np.concatenate([np.arange(cells), every]),
            np.concatenate([np.arange(cells), plan]),
            concatenate([Rationals(np.ones(cells, np.int64)), -one]),
            "=",
            Rationals.zeros((cells,)),
        )
        leave = Rows("data point", np.repeat(np.arange(count), cells), plan, one, "=", weights)
        cost = Rows(
            "distance", np.zeros(count * cells, np.intp), plan, costs.ravel(), "<=", Rationals.of([radius])
        )
        return cls(f"within {text(radius)} of data", tuple(shape), (to, leave, cost), count * cells)

    def __and__(self, other: BeliefSet) -> BeliefSet:
        """The distributions in both sets."""
        if self.shape != other.shape:
            raise InvalidBeliefSet(f"sets over different grids: {self.shape} and {other.shape}")
        cells = math.prod(self.shape)
        rows = (*self.rows, *(r.shifted(cells, self.lifts) for r in other.rows))
        kind = " and ".join(dict.fromkeys((self.kind, other.kind)))
        return BeliefSet(kind, self.shape, rows, self.lifts + other.lifts)

    def rounded(self, ways: Sequence[int]) -> BeliefSet:
        """Distributions of rounded types, where true types lie on the box between a cell and its neighbours.

        ``ways`` says for each axis whether types are rounded down (-1) or up (1).  A plan moves the mass of each cell to the
        corners of its box; the rows of this set hold of what arrives there.  With rows that are affine in each
        type this is exactly what distributions on the continuum leave on the grid.
        """
        cells, grid = self.cells, np.arange(self.cells).reshape(self.shape)
        moves = list(combinations_of((0, 1), repeat=len(self.shape)))
        corners = []
        for move in moves:
            # Rounded down: the true type may be the next higher one, where there is one.
            steps = [np.arange(n) - way * m for n, way, m in zip(self.shape, ways, move, strict=True)]
            corners.append(
                grid[np.ix_(*(np.clip(s, 0, n - 1) for s, n in zip(steps, self.shape, strict=True)))]
            )
        corner = np.stack(corners)
        cell = np.broadcast_to(grid, corner.shape).ravel()
        plan = cells + self.lifts + np.arange(corner.size)
        one = Rationals(np.ones(corner.size, np.int64))
        left = Rows(
            "rounded",
            np.concatenate([np.arange(cells), cell]),
            np.concatenate([np.arange(cells), plan]),
            concatenate([Rationals(np.ones(cells, np.int64)), -one]),
            "=",
            Rationals.zeros((cells,)),
            splits=True,
        )
        rows = tuple(r.arriving(cells, corner.ravel(), plan) for r in self.rows)
        lifts = self.lifts + corner.size
        return BeliefSet(
            f"{self.kind}, rounded",
            self.shape,
            (left, *rows),
            lifts,
            lift_grid=corner.shape if not self.lifts else None,
            rounds=(self, tuple(ways)),
        )

    # -- use ------------------------------------------------------------------------------------
    @property
    def cells(self) -> int:
        """Cells of the grid."""
        return math.prod(self.shape)

    @property
    def all_rows(self) -> tuple[Rows, ...]:
        """The rows, that probabilities sum to one first."""
        at = np.arange(self.cells)
        total = Rows(
            "total", np.zeros_like(at), at, Rationals(np.ones(self.cells, np.int64)), "=", Rationals.of([1])
        )
        return (total, *self.rows)

    @cached_property
    def vertices(self) -> Rationals:
        """All vertices (perhaps with points of the set that are none), shape ``(K, *shape)``; none when the set is empty.

        Raises
        ------
        InvalidBeliefSet
            When there are more than :data:`MAX_VERTICES`; the message says how many, or how many there may be.
        """
        found = self.corners() if self.known is None and self.corners is not None else self.known
        if found is None:
            found = enumerate_vertices(self)
        if len(found) > MAX_VERTICES:
            raise InvalidBeliefSet(
                f"the belief set ({self.kind}) has {len(found):,} vertices; at most {MAX_VERTICES:,}"
            )
        return found

    def admits(self, point: Rationals) -> bool:
        """Whether a point satisfies every row: probabilities of the cells in row-major order, then the further variables."""
        if point.shape != (self.cells + self.lifts,):
            return False
        gaps, zero = self.gaps(point)
        return not (bool(np.any(gaps < 0)) or bool(np.any(zero != 0)))

    def gaps(self, point: Rationals) -> tuple[Rationals, Rationals]:
        """What must not be negative for a point to be in the set, its own cells first, and what must be zero."""
        found: dict[bool, list[Rationals]] = {False: [point], True: [Rationals.zeros((0,))]}
        for rows in self.all_rows:
            gap = rows.activity(point) - rows.rhs
            found[rows.sense == "="].append(gap if rows.sense == "=" else gap * SENSES[rows.sense])
        return concatenate(found[False]), concatenate(found[True])

    def floor(self, payoff: Rationals, prices: Rationals) -> Fraction:
        """What the expectation of a payoff cannot fall below, by one multiplier a row of ``all_rows``.

        The payoff must be at least the combination of the rows, and the further variables cost at least nothing in it;
        then every distribution of the set gives at least the combination of the right-hand sides (weak duality).

        Raises
        ------
        InvalidBeliefSet
            Multipliers of the wrong sign or number, or a combination that exceeds the payoff somewhere.
        """
        total, left, signs = self.priced(payoff, prices)
        for name, own in signs.items():
            if bool(np.any(own < 0)):
                raise InvalidBeliefSet(f"a multiplier of the wrong sign on {name}")
        if bool(np.any(left < 0)):
            raise InvalidBeliefSet("the multipliers promise more than the payoff gives")
        return total

    def priced(
        self, payoff: Rationals, prices: Rationals
    ) -> tuple[Fraction, Rationals, dict[str, Rationals]]:
        """The combination of right-hand sides, and what must not be negative for it to be a floor: what a payoff leaves of the
        combination of rows, and the multipliers of inequalities, by the names of their rows.

        Raises
        ------
        InvalidBeliefSet
            Another number of multipliers.
        """
        if prices.shape != (sum(rows.count for rows in self.all_rows),):
            raise InvalidBeliefSet("the multipliers do not match the rows of the set")
        total, start = Fraction(0), 0
        combined = Rationals.zeros((self.cells + self.lifts,))
        signs: dict[str, Rationals] = {}
        for rows in self.all_rows:
            own = prices[start : start + rows.count]
            start += rows.count
            if rows.sense != "=":
                turned = own * SENSES[rows.sense]
                signs[rows.name] = (
                    turned if rows.name not in signs else concatenate([signs[rows.name], turned])
                )
            combined = combined + rows.pulled(own, self.cells + self.lifts)
            total += (own * rows.rhs).sum()
        left = concatenate([payoff.reshape(-1), Rationals.zeros((self.lifts,))]) - combined
        return total, left, signs

    def same(self, other: BeliefSet) -> bool:
        """Whether two sets are described by the same rows."""
        if self.shape != other.shape or self.lifts != other.lifts or len(self.rows) != len(other.rows):
            return False
        return all(
            a.sense == b.sense
            and a.rhs.shape == b.rhs.shape
            and np.array_equal(a.row, b.row)
            and np.array_equal(a.column, b.column)
            and a.value.same(b.value)
            and a.rhs.same(b.rhs)
            for a, b in zip(self.rows, other.rows, strict=True)
        )

    def least(self, payoffs: Rationals) -> Rationals:
        """The worst expectation of payoffs ``(..., *shape)``, over the vertices: shape ``(...)``."""
        return self.expectations(payoffs).min(axis=0)

    def expectations(self, payoffs: Rationals) -> Rationals:
        """Expectations under every vertex: shape ``(K, ...)``."""
        count, axes = len(self.vertices), len(self.shape)
        lead = payoffs.ndim - axes
        weights = self.vertices.reshape(count, *(1,) * lead, *self.shape)
        return (weights * payoffs).sum(axis=tuple(range(1 + lead, 1 + lead + axes)))

    def __repr__(self) -> str:
        return f"<BeliefSet {self.kind}, over {' x '.join(map(str, self.shape)) or 'nothing'}>"


def independent(sets: Sequence[BeliefSet]) -> BeliefSet:
    """Products of beliefs about several opponents, one from each set (their convex hull, by vertices).

    Raises
    ------
    InvalidBeliefSet
        When there would be too many vertices.
    """
    count = math.prod(len(s.vertices) for s in sets)
    if count > MAX_VERTICES:
        raise InvalidBeliefSet(f"the product of belief sets has {count:,} vertices; at most {MAX_VERTICES:,}")
    points = []
    for parts in combinations_of(*(s.vertices for s in sets)):
        point = Rationals.of(1)
        for part in parts:
            point = point.reshape(*point.shape, *(1,) * part.ndim) * part
        points.append(point)
    return replace(BeliefSet.finite(stack(points)), kind="products of beliefs")


__all__ = ["MAX_VERTICES", "SENSES", "BeliefSet", "InvalidBeliefSet", "Rows", "independent"]
