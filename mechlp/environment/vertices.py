"""The vertices of a belief set, exactly, by the double description method of the Parma Polyhedra Library.

Bagnara, Hill and Zaffanella (2008), "The Parma Polyhedra Library".
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exact.numbers import Rationals
from .distributions import MAX_VERTICES, InvalidBeliefSet

if TYPE_CHECKING:
    from .belief_sets import BeliefSet

#: Vertices are not enumerated where there may be more than this many.
MAX_CANDIDATES = 2_000_000


def enumerate_vertices(beliefs: BeliefSet) -> Rationals:
    """All vertices of a set, shape ``(K, *shape)``.

    Raises
    ------
    InvalidBeliefSet
        When there may be too many to enumerate, or the library is missing.
    """
    columns = beliefs.cells + beliefs.lifts
    equations = sum(r.count for r in beliefs.all_rows if r.sense == "=")
    facets = columns + sum(r.count for r in beliefs.all_rows) - equations
    # A vertex of a polytope of dimension d lies on d of its facets.
    dimension = max(columns - equations, 0)
    most = math.comb(facets, min(dimension, facets))
    if most > MAX_CANDIDATES:
        shown = f"{most:,}" if most < 10**18 else "an astronomical number of"
        raise InvalidBeliefSet(
            f"the belief set ({beliefs.kind}) may have up to {shown} vertices, too many to enumerate (at most "
            f"{MAX_CANDIDATES:,} are tried): use fewer types, or a set of another kind"
        )
    polyhedron = _polyhedron(beliefs, columns)
    points = [p for p in polyhedron.minimized_generators() if p.is_point()]
    if len(points) > MAX_VERTICES:
        raise InvalidBeliefSet(
            f"the belief set ({beliefs.kind}) has {len(points):,} vertices; at most {MAX_VERTICES:,}"
        )
    cells = [Fraction(int(c), int(p.divisor())) for p in points for c in p.coefficients()]
    return Rationals.from_fractions(cells, (len(points), *beliefs.shape))


def _polyhedron(beliefs: BeliefSet, columns: int) -> Any:
    ppl = _library()
    system = ppl.Constraint_System()
    for k in range(columns):
        system.insert(ppl.Variable(k) >= 0)
    for rows in beliefs.all_rows:
        integers = rows.value.integers(math.lcm(rows.value.denominator, rows.rhs.denominator))
        sides = rows.rhs.integers(math.lcm(rows.value.denominator, rows.rhs.denominator))
        for k in range(rows.count):
            at = np.flatnonzero(rows.row == k)
            side = ppl.Linear_Expression(-int(sides[k]))
            for entry in at:
                side += int(integers[entry]) * ppl.Variable(int(rows.column[entry]))
            system.insert(side == 0 if rows.sense == "=" else side >= 0 if rows.sense == ">=" else side <= 0)
    polyhedron = ppl.C_Polyhedron(system)
    if beliefs.lifts:
        polyhedron.remove_higher_space_dimensions(beliefs.cells)
    return polyhedron


def _library() -> Any:
    try:
        import ppl
    except ImportError:
        raise InvalidBeliefSet(
            "the vertices of this belief set are found with a further library: pip install 'mechlp[vertices]'"
        ) from None
    return ppl
