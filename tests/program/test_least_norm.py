"""The point of least 1-norm among the optima, beside a program that says the same with a row for each absolute value."""

import random
from fractions import Fraction

import numpy as np
import pytest

from mechlp.deadline import NEVER
from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Columns, Family, Program, Term
from mechlp.program.form import form
from mechlp.program.highs import propose
from mechlp.program.least_norm import least_norm
from mechlp.program.solve import solve


def program(rng, bounded):
    """Columns x >= 0 and t (free, or between ends of any sign), whose sums are limited; t counts little or nothing."""
    n, rows = rng.randint(2, 4), rng.randint(2, 4)
    ends = sorted((Fraction(rng.randint(-6, 6), 2), Fraction(rng.randint(-6, 6), 2)))
    low, high = (Rationals.of(e) if bounded else None for e in ends)
    blocks = [Block("x", (n,), Rationals.of(0), Rationals.of(9)), Block("t", (n,), low, high)]
    columns = Columns(blocks)
    terms = [
        Term(columns[name], Rationals.of([[rng.randint(-3, 3) for _ in range(n)] for _ in range(rows)]), (n,))
        for name in ("x", "t")
    ]
    limit = Rationals.of([Fraction(rng.randint(0, 9), 3) for _ in range(rows)])
    objective = {"x": Rationals.of([rng.randint(-2, 2) for _ in range(n)])}
    return Program(tuple(blocks), (Family("r", (rows,), tuple(terms), "<=", limit),), objective)


def with_sizes(given, value):
    """The optimal points with the least sum of s >= |t|."""
    n = given.block("t").size
    blocks = (*given.blocks, Block("s", (n,), Rationals.of(0)))
    columns = Columns(blocks)
    one = Rationals.of(1)
    sizes = [
        Family(
            f"s{sign}",
            (n,),
            (Term(columns["s"], one), Term(columns["t"], Rationals.of(sign))),
            ">=",
            Rationals.of(0),
        )
        for sign in (1, -1)
    ]
    worth = Term(columns["x"], given.objective["x"], (n,))
    optimal = Family("optimal", (), (worth,), "=", Rationals.of(value))
    return Program(blocks, (*given.families, *sizes, optimal), {"s": one.broadcast_to((n,))}, maximize=False)


@pytest.mark.parametrize("bounded", [False, True])
def test_the_sum_of_absolute_values_is_the_least(bounded):
    tried = moved = 0
    for seed in range(25):
        given = program(random.Random(seed), bounded)
        found = solve(given)
        if found.status != "optimal":
            continue
        start = given.column_start["t"]
        sized = np.arange(start, start + given.block("t").size)
        point, canonical = least_norm(given, found, sized, NEVER), form(given)
        assert canonical.feasible(point), seed
        assert canonical.objective(point) == canonical.objective(found.primal), seed
        assert abs(point[sized]).sum() == solve(with_sizes(given, found.value)).value, seed
        tried += 1
        moved += bool((point != found.primal).any())
    assert tried > 8 and moved > 3


def test_one_solver_serves_one_solve_after_another():
    """What was asked of it before is forgotten: options, the program, and the time that it took."""
    one, other = (form(program(random.Random(seed), True)) for seed in (1, 2))
    first = propose(one)
    propose(other, tight=True, steps=0, primal=True)
    again = propose(one, time_limit=1e9)
    assert (again.outcome, again.primal.tolist()) == (first.outcome, first.primal.tolist())
