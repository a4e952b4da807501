"""Where a robust designer's program ends when rents are pinned: Nature's side of it is a knapsack, which is solved instead.

Two outcomes, types on a line, transfers pinned ex post, Nature bound by a few moments.  Take it that the allocation is monotone
by itself.  Then complementary slackness says all: where the outcome that pays has a chance, raising it there must gain nothing,
what it is worth at the profile being lost as rents of higher types.  From the highest profile down this gives the worst prior
up to a factor, the *weights*: the prior is a common multiple of them where the outcome has an inner chance, nothing where it
has none, and between the two at as many profiles as moments ask for.  So Nature solves ``max v`` over ``0 <= z <= weights`` with
moments ``A z = v b``, one row a moment; which z are at zero, at their weights or between says which rows and columns of the
designer's program hold with equality.  Zhang (2021, Theorems 1 and 2) has the same in the continuum.

It only proposes a basis, which is made exact and checked.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals
from ..program import Block, Program
from ..program.backend import propose
from ..program.form import Form, IntegerMatrix
from ..program.highs import BASIC, LOWER, UPPER, ZERO, Basis, Proposal
from ..question.objective import goal
from .plan import Plan
from .rents import Rents
from .rows.keys import Kind, key, kind_of

Floats = npt.NDArray[np.float64]
States = npt.NDArray[np.int8]
#: Bits of a number of the knapsack.
BITS = 50
COLUMNS = {Kind.CHANCE, Kind.RENT, Kind.NATURE}
ROWS = {Kind.PASSED, Kind.IR, Kind.MONOTONE, Kind.LOTTERY, Kind.EPIGRAPH}


def worst_prior_basis(plan: Plan, program: Program, deadline: Deadline = NEVER) -> Basis | None:
    """The basis that the worst prior says, if the allocation is monotone by itself; None where the program is another one."""
    own = {kind_of(b.name)[0] for b in program.blocks}, {kind_of(f.name)[0] for f in program.families}
    pays = None if own != (COLUMNS, ROWS) else paying(plan)
    if pays is None:
        return None
    most = _weights(plan, pays)
    found = propose(_knapsack(program, most), tight=True, time_limit=deadline)
    if found.outcome != "optimal" or found.basis is None:
        return None
    states = _from_the_top(plan, program, most, found)
    return _of_program(plan, program, pays, states, found.basis.rows)


def paying(plan: Plan) -> int | None:
    """Of two outcomes the one for which rents are paid: higher types gain more by it than by the other; None for neither."""
    if plan.rents is None:
        return None
    steps = [plan.rents.steps(i) for i in range(plan.design.environment.n)]
    for one in (0, 1):
        if all(bool(np.all(s[one] - s[1 - one] > 0)) for s in steps):
            return one
    return None


def _weights(plan: Plan, pays: int) -> Floats:
    """Weights over the type grid, one at the highest profile; infinite where the outcome is worth nothing."""
    aim, rents = goal(plan.design), plan.rents
    assert aim is not None and rents is not None
    sign, wanted, shape = (1 if aim.maximize else -1), rents.of_rents(aim), plan.design.environment.shape
    rising = np.ix_(*map(list, rents.orders))
    worth = sign * (wanted.allocation[pays] - wanted.allocation[1 - pays]).float[rising]
    lost = [-sign * share.broadcast_to(shape).float[rising] for share in wanted.transfers]
    gains = [_gains(rents, i, pays) for i in range(len(shape))]
    levels = np.indices(shape).sum(axis=0).ravel()
    by_level = np.split(np.argsort(levels, kind="stable"), np.cumsum(np.bincount(levels))[:-1])
    out, above = (
        np.ones(shape),
        [np.zeros(shape) for _ in shape],
    )  # above: what the rents of higher types cost
    for level in by_level[-2::-1]:
        cells = np.unravel_index(level, shape)
        cost = np.zeros(len(level))
        for i, size in enumerate(shape):
            inner = cells[i] < size - 1
            here = tuple(c[inner] for c in cells)
            near = tuple(c + (k == i) for k, c in enumerate(here))
            above[i][here] = above[i][near] + lost[i][near] * out[near]
            cost[inner] += gains[i][here] * above[i][here]
        value = worth[cells]
        out[cells] = np.where(value > 0, cost / np.where(value > 0, value, 1), np.inf)
    back = np.empty(shape)
    back[rising] = out
    return back


def _gains(rents: Rents, i: int, pays: int) -> Floats:
    """What the outcome is worth more to the next higher type, over the type grid in the order of the types."""
    step = rents.steps(i)
    others = [np.array(order) for k, order in enumerate(rents.orders) if k != i]
    gain = (step[pays] - step[1 - pays]).float[np.ix_(np.arange(step.shape[1]), *others)]
    return np.moveaxis(np.concatenate([gain, np.zeros((1, *gain.shape[1:]))]), 0, i)


def _prices(program: Program) -> tuple[npt.NDArray[np.int64], Rationals]:
    """For each profile its row ``A`` of Nature's multipliers: places among the columns, and coefficients.  Where types are
    rounded, true types lie where they harm most: at the far corner of the box."""
    term = program.family(key(Kind.EPIGRAPH)).terms[-1]
    grid = program.block(key(Kind.RENT, 0)).shape
    places = np.broadcast_to(term.columns, term.coefficients.shape)
    width = term.axes
    parts = places.reshape(-1, int(np.prod(grid)), *width)[-1]
    values = (-term.coefficients).reshape(-1, int(np.prod(grid)), *width)[-1]
    return parts.reshape(len(parts), -1).astype(np.int64), values.reshape(len(parts), -1)


def _knapsack(program: Program, most: Floats) -> Form:
    """Nature's program over z, one column a profile, and v, the last one; one row for each of her multipliers."""
    places, values = _prices(program)
    prices = np.concatenate(
        [
            np.arange(program.column_start[b.name], program.column_start[b.name] + b.size)
            for b in _natures(program)
        ]
    )
    rank = np.zeros(program.num_columns, dtype=np.int64)
    rank[prices] = np.arange(len(prices))
    sign = 1 if program.maximize else -1
    sides: Rationals = program.costs[prices] * sign
    scale = np.lcm(values.denominator, sides.denominator)
    cells = np.repeat(np.arange(len(places)), places.shape[1])
    row, data = rank[places].ravel(), values.integers(int(scale)).ravel()
    kept = data != 0
    row = np.concatenate([row[kept], np.arange(len(prices))])
    column = np.concatenate([cells[kept], np.full(len(prices), len(places))])
    data = np.concatenate([data[kept], -sides.integers(int(scale))])
    order = np.lexsort((column, row))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(prices)))])
    matrix: IntegerMatrix = IntegerMatrix.merged(indptr, column[order], data[order], len(places) + 1)
    low, high = program.bounds()
    senses = np.where(np.isfinite(low[prices]), 1, np.where(np.isfinite(high[prices]), -1, 0)).astype(np.int8)
    finite = np.append(np.isfinite(most.ravel()), False)
    upper = np.rint(np.ldexp(np.where(finite, np.append(most.ravel(), 0), 0), BITS)).astype(np.int64)
    size = len(places) + 1
    zeros = Rationals.zeros((size,))
    costs = np.zeros(size, np.int64)
    costs[-1] = -1
    return Form(
        matrix,
        senses,
        Rationals.zeros((len(prices),)),
        zeros,
        Rationals(upper, 1 << BITS),
        np.ones(size, dtype=bool),
        finite,
        Rationals(costs),
        np.full(len(prices), int(scale)),
        np.ones(size, np.int64),
    )


def _from_the_top(plan: Plan, program: Program, most: Floats, found: Proposal) -> States:
    """The states of z, where profiles that Nature takes for the same are filled from the highest one down."""
    assert found.basis is not None and plan.rents is not None
    states, (_, values) = found.basis.columns[:-1].copy(), _prices(program)
    places = [np.argsort(order) for order in plan.rents.orders]
    levels = np.add.reduce(np.meshgrid(*places, indexing="ij")).ravel()
    for cell in np.flatnonzero(states == BASIC).tolist():
        same = np.flatnonzero((values.numerator == values.numerator[cell]).all(axis=1))
        same = same[np.argsort(-levels[same], kind="stable")]
        room = np.cumsum(most.ravel()[same])
        last = min(int(np.searchsorted(room, found.primal[same].sum())), len(same) - 1)
        states[same] = np.where(np.arange(len(same)) < last, UPPER, LOWER)
        states[same[last]] = BASIC
    return states


def _natures(program: Program) -> list[Block]:
    return [b for b in program.blocks if kind_of(b.name)[0] == Kind.NATURE]


def _of_program(plan: Plan, program: Program, pays: int, states: States, moments: States) -> Basis:
    """The basis of the designer's program that the states of the knapsack's columns and rows say."""
    shape = plan.design.environment.shape
    state = states.reshape(shape)
    inner = state == UPPER  # with an inner chance; at the highest profile the outcome is certain
    assert plan.rents is not None
    top = tuple(order[-1] for order in plan.rents.orders)
    chance = np.full((1, *shape, 2), LOWER, dtype=np.int8)
    chance[0, ..., pays] = np.where(inner, BASIC, LOWER)
    chance[0, ..., 1 - pays] = BASIC
    chance[(0, *top, pays)], chance[(0, *top, 1 - pays)] = BASIC, LOWER
    multipliers = iter(np.where(moments == BASIC, ZERO, BASIC))
    columns = []
    for block in program.blocks:
        kind = kind_of(block.name)[0]
        if kind == Kind.CHANCE:
            columns.append(chance.ravel())
        elif kind == Kind.RENT:
            columns.append(np.full(block.size, BASIC, np.int8))
        else:
            columns.append(np.array([next(multipliers) for _ in range(block.size)], dtype=np.int8))
    rows = []
    for family in program.families:
        kind = kind_of(family.name)[0]
        out = np.full(family.size, BASIC if kind == Kind.MONOTONE else LOWER, np.int8)
        if kind == Kind.EPIGRAPH:
            out[:] = BASIC
            out[-state.size :] = np.where(inner | (state == BASIC), LOWER, BASIC).ravel()
        rows.append(out)
    return Basis(np.concatenate(columns), np.concatenate(rows))


__all__ = ["paying", "worst_prior_basis"]
