"""Exact verdicts on linear programs: against a textbook simplex, from spoiled proposals, near degeneracy."""

import sys
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import simplex

from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Columns, Family, Program, Term, solve
from mechlp.program.highs import BASIC, LOWER, Basis, Proposal
from mechlp.program.uniqueness import unique

module = sys.modules["mechlp.program.decide"]


def program(matrix, senses, rhs, costs, lower=None, upper=None, *, maximize=True):
    """A program with one block and one row family a row."""
    n = len(costs)
    blocks = (Block("x", (n,), lower, upper),)
    x = Columns(blocks)["x"]
    families = tuple(
        Family(f"r{k}", (), (Term(x, Rationals.of(row), (n,)),), sense, Rationals.of(b))
        for k, (row, sense, b) in enumerate(zip(matrix, senses, rhs))
    )
    return Program(blocks, families, {"x": Rationals.of(costs)}, maximize=maximize)


def expected(matrix, senses, rhs, costs, low, high, maximize):
    rows = [({k: v for k, v in enumerate(r)}, s, b) for r, s, b in zip(matrix, senses, rhs)]
    for k in range(len(costs)):
        rows += [({k: 1}, ">=", low)] if low is not None else []
        rows += [({k: 1}, "<=", high)] if high is not None else []
    sign = 1 if maximize else -1
    status, value = simplex(rows, [sign * c for c in costs])
    return status, None if value is None else sign * value


@st.composite
def instances(draw):
    number = st.fractions(-5, 5, max_denominator=4)
    n, m = draw(st.integers(1, 4)), draw(st.integers(0, 5))
    matrix = draw(st.lists(st.lists(number, min_size=n, max_size=n), min_size=m, max_size=m))
    senses = draw(st.lists(st.sampled_from([">=", "<=", "="]), min_size=m, max_size=m))
    rhs = draw(st.lists(number, min_size=m, max_size=m))
    costs = draw(st.lists(number, min_size=n, max_size=n))
    low, high = draw(st.sampled_from([(None, None), (0, None), (-1, 2), (None, 3)]))
    return matrix, senses, rhs, costs, low, high, draw(st.booleans())


def build(matrix, senses, rhs, costs, low, high, maximize):
    lower, upper = (None if b is None else Rationals.of(b) for b in (low, high))
    return program(matrix, senses, rhs, costs, lower, upper, maximize=maximize)


def agrees(instance, *, may_give_up=False):
    status, value = expected(*instance)
    made = build(*instance)
    found = solve(made)
    if may_give_up and found.status == "undecided":
        return
    assert found.status == status
    assert found.value == value
    if status == "optimal":
        check_optimal(made, found, instance)
    if status == "infeasible":
        check_refutation(found, instance)


def check_optimal(made, found, instance):
    """Signs as documented, and the dual objective equal to the value, from the definition."""
    matrix, senses, rhs, costs, low, high, maximize = instance
    sign = 1 if maximize else -1
    y, x = found.dual.fractions(), found.primal.fractions()
    total = F(0)
    for v, sense, b in zip(y, senses, rhs):
        assert sense == "=" or (v * sign <= 0 if sense == ">=" else v * sign >= 0)
        total += v * b
    for k in range(len(costs)):
        reduced = costs[k] - sum(v * row[k] for v, row in zip(y, matrix))
        assert reduced == found.reduced[k]
        if reduced:
            end = high if reduced * sign > 0 else low
            assert end is not None
            assert x[k] == end
            total += reduced * end
    assert total == found.value
    assert made.num_rows == len(rhs)


def check_refutation(found, instance):
    matrix, senses, rhs, costs, low, high, _ = instance
    y = found.dual.fractions()
    assert all(s == "=" or (v >= 0 if s == ">=" else v <= 0) for v, s in zip(y, senses))
    reach = F(0)
    for k in range(len(costs)):
        pull = sum(v * row[k] for v, row in zip(y, matrix))
        if pull:
            end = high if pull > 0 else low
            assert end is not None
            reach += pull * end
    assert sum(v * b for v, b in zip(y, rhs)) > reach


@settings(max_examples=150, deadline=None)
@given(instances())
def test_agrees_with_a_textbook_simplex(instance):
    agrees(instance)


@settings(max_examples=60, deadline=None)
@given(instances(), st.randoms(use_true_random=False))
def test_a_spoiled_proposal_never_gives_a_false_verdict(instance, rng):
    """The float solver is replaced by one that lies: an arbitrary basis, said to be optimal."""

    def liar(form, **_):
        columns = np.full(form.num_columns, LOWER, dtype=np.int8)
        rows = np.full(form.num_rows, BASIC, dtype=np.int8)
        for k in range(min(len(rows), len(columns))):
            if rng.random() < 0.5:
                rows[k], columns[rng.randrange(len(columns))] = LOWER, BASIC
        outcome = rng.choice(["optimal", "infeasible", "unbounded", "unclear"])
        return Proposal(outcome, Basis(columns, rows), np.zeros(form.num_columns), np.zeros(form.num_rows))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "propose", liar)
        agrees(instance, may_give_up=True)  # from a lie it may give up, never say what is false


@pytest.mark.parametrize("gap", [F(1, 10**9), F(1, 10**12), F(1, 10**30)])
def test_gaps_below_every_tolerance(gap):
    # x >= gap and x <= 0: a float solver calls it feasible.
    assert solve(program([[1], [1]], [">=", "<="], [gap, 0], [0])).status == "infeasible"
    assert solve(program([[1], [1]], [">=", "<="], [-gap, 0], [1])).value == 0
    # Two nearly parallel rows meet far away.
    found = solve(program([[1, 1], [1, 1 + gap]], ["=", "="], [1, 2], [1, 0]))
    assert found.primal.tolist() == [1 - 1 / gap, 1 / gap]


def test_dual_is_the_derivative_in_the_right_hand_side():
    step = F(1, 1000)
    for maximize, costs in ((True, [3, 2]), (False, [-3, -2])):
        data = ([[1, 1], [2, 1], [1, -1]], ["<=", "<=", "="], [4, 6, F(1, 2)], costs)
        base = solve(program(*data, lower=Rationals.of(0), maximize=maximize))
        for k in range(3):
            moved = [b + step * (j == k) for j, b in enumerate(data[2])]
            after = solve(program(data[0], data[1], moved, costs, lower=Rationals.of(0), maximize=maximize))
            assert after.value - base.value == base.dual[k] * step


@pytest.mark.parametrize(
    ("data", "bounded", "only"),
    [
        (([[1, 1]], ["<="], [1], [2, 1]), True, True),
        (([[1, 1]], ["<="], [1], [1, 1]), True, False),
        (([[1, 1]], ["="], [2], [0, 0]), True, True),
        (([[1, -1]], ["="], [0], [0, 0]), False, False),
        (([[1, -1], [1, 1]], ["=", "="], [0, 2], [0, 0]), False, True),
    ],
)
def test_uniqueness(data, bounded, only):
    box = {"lower": Rationals.of(0), "upper": Rationals.of(1)} if bounded else {}
    made = program(*data, **box)
    assert unique(made, solve(made)) is only


@settings(max_examples=60, deadline=None)
@given(instances())
def test_uniqueness_agrees_with_the_width_of_the_optimal_face(instance):
    matrix, senses, rhs, costs, low, high, _maximize = instance
    made = build(*instance)
    found = solve(made)
    if found.status != "optimal":
        return
    widths = []
    for k in range(len(costs)):
        ends = []
        for sign in (1, -1):
            aim = [sign * int(j == k) for j in range(len(costs))]
            ends.append(expected([*matrix, costs], [*senses, "="], [*rhs, found.value], aim, low, high, True))
        widths.append(all(s == "optimal" for s, _ in ends) and ends[0][1] == -ends[1][1])
    assert unique(made, found) == all(widths)


def test_large_random_denominators():
    rng = np.random.default_rng(7)
    n = 12
    matrix = [
        [F(int(rng.integers(1, 10**9)), int(rng.integers(1, 10**9))) for _ in range(n)] for _ in range(n)
    ]
    found = solve(program(matrix, ["<="] * n, [1] * n, [1] * n, lower=Rationals.of(0)))
    assert found.status == "optimal"
    assert sum(found.dual.fractions()) == found.value


def test_nothing_to_decide():
    assert solve(program([], [], [], [0])).status == "optimal"
    assert solve(Program((), ())).value == 0
