"""Where exact arithmetic gives up, float multipliers become a rigorous bound."""

import random
from fractions import Fraction

import numpy as np
import pytest

import mechlp
from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Columns, Family, Program, Term
from mechlp.program.bound import reach, shifted
from mechlp.program.form import form
from mechlp.program.highs import propose
from mechlp.program.solve import solve
from mechlp.solving.compile import compile


def auction(m, prior="uniform", bb="none", notion="bayesian"):
    ir = "interim" if notion == "bayesian" else notion
    return mechlp.read_text(
        f"agents: {{s: {{types: {{from: 0, to: 1, count: {m}}}}}, b: {{types: {{from: 0, to: 1, count: {m}}}}}}}\n"
        f"outcomes: trade\ntrade: {{seller: s, buyer: b}}\nbeliefs: {{prior: {prior}}}\n"
        f"require: {{ic: {notion}, ir: {ir}, bb: {bb}}}\nobjective: surplus\n"
    ).design


def correlated(rng, m):
    weights = [[rng.randint(1, 99) for _ in range(m)] for _ in range(m)]
    total = sum(map(sum, weights))
    return f"{{table: {[[f'{w}/{total}' for w in row] for row in weights]}}}"


def bounded(canonical, dual):
    y = shifted(canonical, dual)
    return None if y is None else reach(canonical, y)


@pytest.mark.parametrize("bb", ["none", "ex-post-weak", "ex-ante"])
def test_the_bound_is_rigorous_and_close(bb):
    rng = random.Random(4)
    for prior in ("uniform", correlated(rng, 5)):
        program = compile(auction(5, prior, bb))
        canonical = form(program)
        best = -solve(program).value
        bound = bounded(canonical, propose(canonical).dual)
        assert bound is not None
        assert best - Fraction(1, 10**6) < bound <= best


def test_spoiled_multipliers_bound_all_the_same():
    program = compile(auction(4))
    canonical, rng = form(program), random.Random(7)
    dual, best = propose(canonical).dual, -solve(program).value
    found = [bounded(canonical, dual * [1 + rng.gauss(0, 1e-3) for _ in dual]) for _ in range(10)]
    assert all(bound <= best for bound in found if bound is not None)
    assert any(bound is not None for bound in found)


def test_more_free_columns_than_dense_arithmetic_takes():
    program = compile(auction(21, bb="ex-post-weak", notion="ex-post"))
    canonical = form(program)
    assert np.count_nonzero(~canonical.has_lower & ~canonical.has_upper) > 1500
    best, bound = -solve(program).value, bounded(canonical, propose(canonical).dual)
    assert bound is not None and best - Fraction(1, 10**6) < bound <= best


def test_no_multipliers_where_nothing_bounds_the_program():
    """max x + y with x free and y >= 0, no rows but x <= 1: the price of y is wrong whatever the multiplier."""
    one, cells = Rationals.of(1), Columns([Block("x", ()), Block("y", (), Rationals.of(0))])
    row = Family("row", (), (Term(cells["x"], one),), "<=", one)
    program = Program(cells.blocks, (row,), {"x": one, "y": one})
    assert shifted(form(program), np.array([-1.0])) is None
    alone = Program(cells.blocks, (row,), {"x": one})
    assert bounded(form(alone), np.array([-0.7])) == -1
