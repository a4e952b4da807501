"""Several float roads at once: which one ends first does not matter, none is left running, and an error comes out."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.deadline import NEVER
from mechlp.program import Block, Columns, Family, Program, Term, decide, roads
from mechlp.program.alternatives import eased
from mechlp.program.exact import evaluate
from mechlp.program.form import IntegerMatrix, form
from mechlp.program.highs import SolverError, propose
from mechlp.program.refuting import contradiction, local
from mechlp.program.solve import solve
from mechlp.solving.compile import compile


def correlated(m: int, seed: int = 0) -> Design:
    """Two agents of m types, three outcomes, payoffs in -10..20 and a prior in proportion to 1..19, all drawn."""
    dice = np.random.default_rng(seed)
    prior = dice.integers(1, 20, (m, m))
    utility = tuple(Rationals(dice.integers(-10, 21, (3, m, m))) for _ in range(2))
    agents = tuple(Agent.of(name, list(range(m))) for name in ("one", "two"))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    environment = Environment(agents, ("x", "y", "z"), utility, beliefs)
    return Design(environment, ic="bayesian", ir="interim", bb="ex-ante-weak", objective="revenue")


@pytest.fixture
def alive() -> Callable[[], int]:
    """Threads that were not there before the test, given time to end: other tests may have left some."""
    before = threading.active_count()

    def count() -> int:
        until = time.monotonic() + 20
        while threading.active_count() > before and time.monotonic() < until:
            time.sleep(0.01)
        return max(threading.active_count() - before, 0)

    return count


def test_a_program_on_which_the_simplex_method_is_lost_is_certified():
    """2,761 rows and 4,560 columns: more than a minute by the simplex method, with or without presolve."""
    answer = correlated(30).solve(time_limit=600)
    assert (answer.status, answer.certified) == ("optimal", True)
    assert answer.audit.passed


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bb", ["none", "ex-ante-weak", "ex-post"])
def test_the_roads_lead_to_one_optimum(monkeypatch, seed, bb, alive):
    """Whoever ends first proposes a basis of the whole program whose exact value is that of the simplex method's."""
    monkeypatch.setattr(roads, "SMALL", 0)
    canonical = form(compile(correlated(5, seed).asking(bb=bb, objective="surplus")))
    found = [evaluate(canonical, p.basis) for p in (roads.best_road(canonical), propose(canonical))]
    assert all(point is not None and point.optimal for point in found)
    assert canonical.objective(found[0].x) == canonical.objective(found[1].x)
    assert alive() == 0


def test_a_race_is_over_when_the_time_is(alive):
    """What is known by then is multipliers; no road goes on."""
    canonical = form(compile(correlated(40)))
    before = time.process_time()  # other programs may run beside
    found = roads.best_road(canonical, 0.3)
    assert time.process_time() - before < 10
    assert found.outcome == "time limit"
    assert alive() == 0


def test_an_error_on_a_road_comes_out(monkeypatch, alive):
    def refuse(*_):
        raise SolverError("no such option")

    monkeypatch.setattr(roads, "SMALL", 0)
    monkeypatch.setattr(roads, "hand_over", refuse)
    with pytest.raises(SolverError, match="no such option"):
        roads.best_road(form(compile(correlated(3))))
    assert alive() == 0


def test_a_refutation_from_the_rows_of_a_float_one(monkeypatch):
    """Where rows are many, multipliers are sought among those that the dual ray of the simplex method combines."""
    monkeypatch.setattr(decide, "READABLE", 0)
    program = compile(correlated(6).asking(ic="ex-post", ir="ex-post", bb="ex-post", objective="feasibility"))
    canonical, found = form(program), solve(program)
    assert found.status == "infeasible"
    assert canonical.shortfall(found.dual / program.row_scales) > 0
    used = np.flatnonzero(found.dual.numerator != 0)
    assert set(used) <= set(contradiction(canonical).rows)


def impossible():
    return form(
        compile(correlated(6).asking(ic="ex-post", ir="ex-post", bb="ex-post", objective="feasibility"))
    )


def test_a_contradiction_has_exact_multipliers():
    """The rows join until few of them contradict each other; the ray of that basis refutes exactly."""
    canonical = impossible()
    found = contradiction(canonical)
    y = found.multipliers()
    assert canonical.shortfall(y) > 0
    assert set(np.flatnonzero(y.numerator)) <= set(found.rows)
    assert contradiction(form(compile(correlated(6)))) is None


def test_a_part_that_contradicts_itself_is_found_among_many():
    """Pairs of columns with a fixed sum, each below the next pair's and at least 0; the first of one pair is at least 5."""
    columns = Columns([Block("x", (50, 2), lower=Rationals.of(0))])
    one, x = Rationals.of(1), columns["x"]
    sums = Family("sum", (50,), (Term(x, one, (2,)),), "=", Rationals.of(4))
    order = Family("order", (49,), (Term(x[1:, 0], one), Term(x[:-1, 0], -one)), ">=", Rationals.of(0))
    least = [5 if k == 37 else 1 for k in range(50)]
    floor = Family("floor", (50,), (Term(x[:, 0], one),), ">=", Rationals.of(least))
    canonical = form(Program(columns.blocks, (order, sums, floor), {}))
    assert local(canonical).tolist() == [49 + 37, 49 + 50 + 37]
    found = decide.decide(canonical, NEVER, lambda _: None, None)
    assert canonical.shortfall(found.y) > 0
    calm = Family("floor", (50,), (Term(x[:, 0], one),), ">=", Rationals.of(1))
    assert local(form(Program(columns.blocks, (order, sums, calm), {}))) is None
    tied = Family("tie", (), (Term(x[:, 0], one, (50,)),), "=", Rationals.of(100))
    assert local(form(Program(columns.blocks, (order, sums, floor, tied), {}))) is None


def test_a_profile_at_which_every_outcome_is_a_loss_refutes_all(monkeypatch):
    """Ex-post participation and balance: rows about one such profile refute whatever lies may pay."""
    monkeypatch.setattr(decide, "contradiction", lambda *_: None)
    asked = correlated(12).asking(ic="ex-post", ir="ex-post", bb="ex-post", objective="feasibility")
    losses = np.argwhere(asked.environment.surplus.max(axis=0) < 0)
    assert len(losses)
    canonical = form(compile(asked))
    found = decide.decide_from(
        decide.proposed(canonical, NEVER), canonical, NEVER, lambda _: None, None, readable=False
    )
    assert canonical.shortfall(found.y) > 0
    assert np.count_nonzero(found.y.numerator) <= 6  # two payoffs, participation twice, balance, the lottery


def test_the_interior_point_method_leaves_a_ray_that_refutes(monkeypatch):
    """Ex-post requirements with balance in expectation hang together: no few rows contradict each other."""
    for name in ("contradiction", "local", "eased"):
        monkeypatch.setattr(decide, name, lambda *_: None)
    monkeypatch.setattr(roads, "SMALL", 0)
    monkeypatch.setattr(roads._Race, "whole", lambda *_: roads.NOTHING)
    inner = roads._Race.on
    monkeypatch.setattr(roads._Race, "on", lambda self, small, back, method: inner(self, small, back, "ipx"))
    asked = correlated(12).asking(ic="ex-post", ir="ex-post", bb="ex-ante", objective="surplus")
    canonical = form(compile(asked))
    found = decide.decide_from(
        decide.proposed(canonical, NEVER), canonical, NEVER, lambda _: None, None, readable=False
    )
    assert found.method == "multipliers near a ray of the interior point method"
    assert canonical.shortfall(found.y) > 0


def test_what_must_give_way_refutes_where_no_contradiction_is_found(monkeypatch):
    for name in ("contradiction", "local"):
        monkeypatch.setattr(decide, name, lambda *_: None)
    canonical = impossible()
    found = decide.decide_from(
        decide.proposed(canonical, NEVER), canonical, NEVER, lambda _: None, None, readable=False
    )
    assert found.outcome == "infeasible"
    assert found.method.startswith("multipliers of what must give way")
    assert canonical.shortfall(found.y) > 0


def test_the_amount_that_gives_way_is_the_least():
    """x >= 3 and x <= 1 give way by 1 each, whatever their units in the float image."""
    two = replace(
        form(compile(correlated(2))),
        matrix=IntegerMatrix(np.array([0, 1, 2], np.int32), np.zeros(2, np.int32), np.array([1, 1]), 1),
        senses=np.array([1, -1], np.int8),
        rhs=Rationals.of([3, 1]),
        lower=Rationals.of([0]),
        upper=Rationals.of([0]),
        has_lower=np.array([False]),
        has_upper=np.array([False]),
        costs=Rationals.of([0]),
        row_scale=np.ones(2, np.int64),
        column_scale=np.ones(1, np.int64),
    )
    found = decide.decide(eased(two), NEVER, lambda _: None, None)
    assert found.x.fractions() == [2, 1]
    assert two.shortfall(found.y) == 1
