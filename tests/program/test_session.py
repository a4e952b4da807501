"""A warm float session gives what a cold solve of the same rows gives."""

import numpy as np
import pytest

from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Columns, Family, Program, Term
from mechlp.program.form import form
from mechlp.program.highs import Session, propose
from mechlp.program.solve import solve

BLOCKS = (Block("x", (6,), Rationals.of(0), Rationals.of(3)),)
WORTH = {"x": Rationals.of([5, 4, 3, 2, 1, 1])}


def rows(seed, count):
    """Random knapsacks; a zero coefficient on a column that is also named by another term."""
    rng = np.random.default_rng(seed)
    x = Columns(BLOCKS)["x"]
    terms = (
        Term(x[None], Rationals(rng.integers(0, 5, (count, 6))), (6,)),
        Term(x[0], Rationals(np.zeros(count, dtype=np.int64))),
    )
    return Family(f"cut {seed}", (count,), terms, "<=", Rationals(rng.integers(3, 9, count)))


@pytest.mark.parametrize("seed", range(5))
def test_rows_come_and_go(seed):
    first, more = rows(seed, 3), rows(seed + 100, 4)
    session = Session(Program(BLOCKS, (first,), WORTH))
    session.solve()
    session.add([more])
    program = Program(BLOCKS, (first, more), WORTH)
    warm, cold = session.solve(), propose(form(program))
    worth = WORTH["x"].float
    assert warm.outcome == cold.outcome == "optimal"
    assert worth @ warm.primal == pytest.approx(worth @ cold.primal)
    # The basis is one of the exact program, and is taken before any other.
    exact = solve(program, start=warm.basis)
    assert exact.method.startswith("given basis") and float(exact.value) == pytest.approx(worth @ warm.primal)
    session.drop(np.array([0, 1, 2]))
    warm, cold = session.solve(), propose(form(Program(BLOCKS, (more,), WORTH)))
    assert worth @ warm.primal == pytest.approx(worth @ cold.primal)


@pytest.mark.parametrize("sense", ["=", "<=", ">="])
def test_added_rows_hold_as_they_are_written(sense):
    """The sum of six columns between 0 and 3, bound to 4: worths are 5, 4, 3, 2, 1, 1."""
    x = Columns(BLOCKS)["x"]
    total = Family("total", (1,), (Term(x[None], Rationals.of(1), (6,)),), sense, Rationals.of([4]))
    session = Session(Program(BLOCKS, (rows(1, 0),), WORTH, maximize=True))
    session.add([total])
    best = {"=": 3 * 5 + 4, "<=": 3 * 5 + 4, ">=": 3 * (5 + 4 + 3 + 2 + 1 + 1)}[sense]
    assert WORTH["x"].float @ session.solve().primal == pytest.approx(best)
    least = Session(Program(BLOCKS, (rows(1, 0), total), WORTH, maximize=False))
    assert WORTH["x"].float @ least.solve().primal == pytest.approx({"=": 4, "<=": 0, ">=": 4}[sense])


def test_a_wrong_start_is_not_believed():
    program = Program(BLOCKS, (rows(1, 3),), WORTH)
    right = solve(program)
    basis = propose(form(program)).basis
    wrong = type(basis)(np.zeros_like(basis.columns), np.ones_like(basis.rows))
    found = solve(program, start=wrong)
    assert found.status == "optimal" and found.value == right.value and not found.method.startswith("given")
