"""The question about a representative on a coarser grid of values, whose chances of winning say which Border sets matter.

Every second value of each grade is left out, the first and the last kept; the probability of a type left out goes to the
nearest one.  Where that question ends, chances between its types are interpolated, and the sets of types that win most are those
that bind, or nearly.  It only proposes rows: nothing about it needs to be exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..environment.model import Agent
from ..environment.symmetric import Symmetric
from ..exact.numbers import Rationals
from ..question.symmetric import SymmetricDesign
from .continuation import every_second, gathered

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
#: Representatives from which a coarser grid pays.
LEAST = 200
#: Objectives that are defined on any grid.
ON_ANY_GRID = ("revenue", "surplus")


def ranks(environment: Symmetric) -> tuple[Places, tuple[int, ...]] | None:
    """The place of each type on the grid of its grades' values, and the shape of that grid; None where types do not fill one."""
    found = np.stack([np.unique(row, return_inverse=True)[1].ravel() for row in environment.values.numerator])
    shape = tuple(int(row.max()) + 1 for row in found)
    place = np.ravel_multi_index(tuple(found), shape)
    filled = int(np.prod(shape)) == environment.size == len(np.unique(place))
    return (place, shape) if filled else None


def coarser(design: SymmetricDesign) -> SymmetricDesign | None:
    """The question on half as many values of each grade; None where types are few, or no grid."""
    environment = design.environment
    if design.objective not in ON_ANY_GRID or len(environment.values) == 1:
        return None
    if len(design.orbits.representatives) < LEAST or (grid := ranks(environment)) is None:
        return None
    place, shape = grid
    kept = [every_second(size) for size in shape]
    types = np.argsort(place).reshape(shape)
    own = types[np.ix_(*kept)].ravel()
    agent = Agent(environment.agent.name, tuple(environment.agent.types[k] for k in own))
    prior = gathered(environment.prior[types], kept).ravel()
    smaller = Symmetric(agent, environment.copies, environment.values[:, own], prior, environment.grades)
    return SymmetricDesign(smaller, design.objective)


def interpolated(coarse: SymmetricDesign, wins: Floats, fine: SymmetricDesign) -> Floats:
    """Chances of the coarse types, by type, as chances of the fine ones."""
    (place, shape), (small, smaller) = _grid(fine), _grid(coarse)
    out = np.empty(smaller)
    out.ravel()[small] = wins
    for axis in range(len(shape)):
        at, known = (_levels(d.environment.values[axis]) for d in (fine, coarse))
        shares = np.stack([np.interp(at, known, one) for one in np.eye(len(known))], axis=1)
        out = np.moveaxis(np.tensordot(shares, out, (1, axis)), 0, axis)
    return np.asarray(out).ravel()[place]


def _grid(design: SymmetricDesign) -> tuple[Places, tuple[int, ...]]:
    found = ranks(design.environment)
    assert found is not None
    return found


def _levels(values: Rationals) -> Floats:
    return Rationals(np.unique(values.numerator), values.denominator).float


__all__ = ["coarser", "interpolated", "ranks"]
