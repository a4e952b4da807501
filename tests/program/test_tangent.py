"""One-sided derivatives of optimal values: against exact re-solves of the moved program."""

import random
from dataclasses import replace
from fractions import Fraction as F

import pytest

from mechlp.deadline import NEVER
from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Columns, Family, Program, Term
from mechlp.program.solve import solve
from mechlp.program.tangent import Move, Tangent


def program(rows, rhs, senses, costs, upper, maximize=True):
    """``costs . x``, ``0 <= x <= upper``, one family a row."""
    block = Block("x", (len(costs),), Rationals.of(0), Rationals.of(upper))
    columns = Columns([block])["x"]
    families = [
        Family(f"row {k}", (), (Term(columns, Rationals.of(row), (len(costs),)),), sense, Rationals.of(b))
        for k, (row, b, sense) in enumerate(zip(rows, rhs, senses, strict=True))
    ]
    return Program((block,), tuple(families), {"x": Rationals.of(costs)}, maximize=maximize)


def moved(p, move, by):
    """The program after a move, stated anew."""
    families = tuple(replace(f, rhs=f.rhs + move.rows.get(k, F(0)) * by) for k, f in enumerate(p.families))
    block = p.blocks[0]
    shift = lambda moves: Rationals.of([moves.get(j, F(0)) * by for j in range(block.size)])  # noqa: E731
    block = replace(block, lower=block.lower + shift(move.lower), upper=block.upper + shift(move.upper))
    return replace(p, blocks=(block,), families=families)


def random_program(rng):
    """Small integers, so that most optima are degenerate."""
    n, m = rng.randint(1, 4), rng.randint(1, 5)
    x = [rng.randint(0, 2) for _ in range(n)]
    rows = [[rng.randint(-2, 2) for _ in range(n)] for _ in range(m)]
    senses = [rng.choice([">=", "<=", "<=", "="]) for _ in range(m)]
    more = {">=": -1, "<=": 1, "=": 0}
    at = [sum(a * v for a, v in zip(row, x, strict=True)) for row in rows]
    rhs = [b + more[s] * rng.choice([0, 0, 1]) for b, s in zip(at, senses, strict=True)]
    costs = [rng.randint(-2, 2) for _ in range(n)]
    return program(rows, rhs, senses, costs, [2] * n, rng.random() < 0.7)


def test_slopes_predict_moved_programs_exactly():
    rng, kinked, impossible = random.Random(5), 0, 0
    for _ in range(25):
        p = random_program(rng)
        found = solve(p)
        tangent, sign = Tangent(p, found.primal), 1 if p.maximize else -1
        k, j = rng.randrange(len(p.families)), rng.randrange(p.num_columns)
        rates, kind = [], rng.choice([0, 0, 1, 2])
        for way in (1, -1):
            move = (Move({k: F(way)}), Move(lower={j: F(-way)}), Move(upper={j: F(way)}))[kind]
            slope = tangent.slope(move, NEVER)
            after = moved(p, move, slope.step or F(1, 10**6))
            if slope.rate is None:
                assert solve(after).status == "infeasible"
                impossible += 1
                continue
            assert slope.step > 0
            for part in (F(1), F(1, 3)):
                there = solve(moved(p, move, slope.step * part))
                assert there.value == found.value + sign * slope.rate * slope.step * part
            point = [c * v for c, v in zip(p.costs.fractions(), slope.point.fractions(), strict=True)]
            assert sum(point) == solve(after).value
            rates.append(slope.rate)
        kinked += len(rates) == 2 and rates[0] != -rates[1]
    assert kinked >= 2
    assert impossible >= 2


@pytest.mark.parametrize(("way", "rate"), [(1, F(0)), (-1, F(-2))])
def test_a_kink_has_two_slopes(way, rate):
    """max x + y, x <= 1, y <= 1, x + y <= 2 and 2 x <= 2: only the last row is not implied by the others where it is tightened."""
    p = program([[1, 1], [2, 0]], [2, 2], ["<=", "<="], [1, 1], [1, 1])
    slope = Tangent(p, solve(p).primal).slope(Move({0: F(2 * way)}), NEVER)
    assert slope.rate == rate
