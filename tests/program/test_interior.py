"""Points of few digits where nothing is to be optimised."""

import sys

import numpy as np

from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.checking.verify import verify
from mechlp.program import Block, Columns, Family, Program, Term
from mechlp.program.form import form
from mechlp.program.interior import simple_point


def random_types(seed, shape=(8, 8)):
    rng = np.random.default_rng(seed)
    agents = tuple(Agent.of(f"agent{i}", list(range(s))) for i, s in enumerate(shape))
    prior = rng.integers(1, 1000, shape)
    utility = tuple(Rationals(rng.integers(-20, 100, (3, *shape))) for _ in shape)
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    return Environment(agents, ("x", "y", "z"), utility, beliefs)


def test_a_feasible_mechanism_of_random_types_is_readable(monkeypatch):
    design = Design(random_types(0), allocation="efficient-first", bb="ex-post", objective="feasibility")
    answer = design.solve()
    assert answer.status == "feasible" and answer.certified and "interior point" in answer.method
    assert verify(answer.to_json()).accepted
    monkeypatch.setattr(sys.modules["mechlp.program.solve"], "MAX_BITS", 10**6)
    vertex = design.asking(secondary="none").solve()
    digits = [len(str(a.rules[0].transfers.denominator)) for a in (answer, vertex)]
    assert digits[0] <= 3 and digits[1] > 100


def rows(*families, lower=None):
    """A feasibility program in x and y: rows of coefficients, sense and right-hand side."""
    cells = Columns([Block("z", (2,), lower)])
    made = [
        Family(f"row {k}", (), (Term(cells["z"], Rationals.of(c), (2,)),), sense, Rationals.of(rhs))
        for k, (c, sense, rhs) in enumerate(families)
    ]
    return form(Program(cells.blocks, tuple(made), {}))


def test_equalities_hold_exactly_after_rounding():
    point = simple_point(rows(([3, 7], "=", 1), ([1, 0], ">=", "1/9"), ([1, 0], "<=", "1/7")))
    x, y = point.fractions()
    assert 3 * x + 7 * y == 1 and 7 * x <= 1 <= 9 * x


def test_the_only_point_is_found_and_rows_without_room_hold():
    only = simple_point(rows(([1, 1], "=", 1), ([1, -1], "=", "1/3")))
    assert only.texts() == ["2/3", "1/3"]
    squeezed = simple_point(rows(([1, 1], ">=", "1/3"), ([1, 1], "<=", "1/3"), lower=Rationals.of(0)))
    assert squeezed.sum() == Rationals.of("1/3").item() and squeezed.min() >= 0


def test_nothing_is_found_where_nothing_is_feasible():
    assert simple_point(rows(([1, 1], ">=", 1), ([1, 1], "<=", "1/2"))) is None
