"""Folding: a program and its orbits have one value, and what comes back is a solution of the whole program."""

import numpy as np
import pytest

from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Columns, Family, Program, Term
from mechlp.program.form import form
from mechlp.program.solve import solve
from mechlp.program.symmetry import Orbits, fold


def cyclic(rng, count=4, kinds=2):
    """Rows and columns ``(kind, place)``; coefficients depend on the difference of places, so turning all places changes nothing."""
    blocks = (
        Block("x", (kinds, count), Rationals.of(0), Rationals.of([[int(rng.integers(1, 5))]] * kinds)),
        Block("y", ()),
    )
    columns = Columns(blocks)
    wheel = (np.arange(count)[None, :] + np.arange(count)[:, None]) % count  # place of the row, difference
    x = columns["x"][:, wheel].transpose(1, 0, 2)  # (row place, kind, difference)
    entries = rng.integers(-3, 4, (3, 1, kinds, count))
    turning = Family(
        "turning",
        (3, count),
        (
            Term(x, Rationals(entries), (kinds, count)),
            Term(columns["y"], Rationals(rng.integers(0, 2, (3, 1)))),
        ),
        "<=",
        Rationals(rng.integers(-2, 6, (3, 1)), 2).broadcast_to((3, count)),
        rng.random((3, 1)) < 0.2,
        Rationals(rng.integers(1, 3, (3, 1))),
    )
    total = Family("total", (), (Term(columns["y"], Rationals.of(1)),), "<=", Rationals.of(3))
    costs = {"x": Rationals(rng.integers(-2, 4, (kinds, 1))), "y": Rationals.of(1)}
    return Program(blocks, (turning, total), costs, maximize=bool(rng.random() < 0.7))


def turned(program, count=4):
    """The symmetry that moves every place on by one: of columns, and of rows."""
    kinds = program.block("x").shape[0]
    place = lambda rows: np.roll(np.arange(rows * count).reshape(rows, count), -1, axis=1).ravel()  # noqa: E731
    return np.append(place(kinds), kinds * count), np.append(place(3), 3 * count)


@pytest.mark.parametrize("seed", range(40))
def test_a_folded_program_has_the_same_value(seed):
    program = cyclic(np.random.default_rng(seed))
    folded = fold(program, [turned(program)])
    assert (folded.program.num_columns, folded.program.num_rows) == (3, 4)
    whole, small = solve(program), solve(folded.program)
    assert (small.status, small.value) == (whole.status, whole.value)
    back, canonical = folded.unfolded(small), form(program)
    signs = Rationals(np.ones(program.num_rows, dtype=np.int64)) / program.row_scales
    if back.status == "optimal":
        assert canonical.feasible(back.primal)
        y = back.dual * signs * (-1 if program.maximize else 1)
        assert canonical.optimal(back.primal, y)
    elif back.status == "infeasible":
        assert canonical.shortfall(back.dual * signs) > 0
    else:
        assert back.status == "unbounded" and canonical.feasible(back.primal + back.ray * 5)


def test_orbits_count_their_members_from_the_first():
    found = Orbits.under([np.array([0, 3, 2, 1, 4]), np.array([0, 1, 2, 4, 3])], 5)
    assert found.first.tolist() == [0, 1, 2] and found.of.tolist() == [0, 1, 2, 1, 1]
    assert found.sizes.tolist() == [1, 3, 1]
    assert (
        found.shared(Rationals.of([1, 1, "1/2"])).tolist()
        == Rationals.of([1, "1/3", "1/2", "1/3", "1/3"]).tolist()
    )


def test_names_survive_folding():
    program = cyclic(np.random.default_rng(0))
    folded = fold(program, [turned(program)]).program
    assert [folded.column_label(k) for k in range(3)] == ["x[0,0]", "x[1,0]", "y"]
    assert [folded.row_label(k) for k in range(4)] == [
        "turning[0,0]",
        "turning[1,0]",
        "turning[2,0]",
        "total",
    ]
