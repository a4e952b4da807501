"""Exact pivoting from a basis that floats take for regular."""

import numpy as np
import pytest
from scipy.optimize import linprog

from mechlp import Rationals
from mechlp.program import Block, Family, Program, Term
from mechlp.program.form import form
from mechlp.program.highs import BASIC, LOWER, Basis
from mechlp.program.pivot import OutOfTime, pivot


def test_a_singular_basis_gives_way_to_the_slack_basis():
    """The third row is the sum of the others, but the last pivot of its float factors is not zero."""
    square = np.array([[7, -2, 6], [-5, 0, -3], [2, -2, 3]])
    columns = np.arange(3, dtype=np.int32)[None]
    rows = Family("r", (3,), (Term(columns, Rationals(square), (3,)),), ">=", Rationals.of([0, 0, 0]))
    x = Block("x", (3,), Rationals.of(-1), Rationals.of(1))
    program = Program((x,), (rows,), {"x": Rationals.of([1, 2, 3])}, maximize=False)
    start = Basis(np.full(3, BASIC, np.int8), np.full(3, LOWER, np.int8))
    end = pivot(form(program), start)
    assert end.outcome == "optimal"
    assert form(program).feasible(end.x) and form(program).optimal(end.x, end.y)
    other = linprog([1, 2, 3], -square, [0, 0, 0], bounds=[(-1, 1)] * 3)
    assert float(form(program).objective(end.x)) == pytest.approx(other.fun)


def test_pivots_are_counted(monkeypatch):
    """From x = -1 to the best x = 1 takes a step, which a limit of none does not allow."""
    row = Family(
        "r", (1,), (Term(np.zeros((1, 1), np.int32), Rationals.of([[1]]), (1,)),), "<=", Rationals.of([7])
    )
    block = Block("x", (1,), Rationals.of(-1), Rationals.of(1))
    stored = form(Program((block,), (row,), {"x": Rationals.of([1])}))
    start = Basis(np.full(1, LOWER, np.int8), np.full(1, BASIC, np.int8))
    assert pivot(stored, start).x.tolist() == [1]
    monkeypatch.setattr("mechlp.program.pivot.MAX_PIVOTS", 0)
    with pytest.raises(OutOfTime, match="within 0 pivots"):
        pivot(stored, start)
