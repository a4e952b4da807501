"""A start that is far from the best basis is given up, and the solver starts from nothing."""

import numpy as np
import pytest

from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Columns, Family, Program, Term, highs
from mechlp.program.continuation import _nearest, prolonged
from mechlp.program.form import form
from mechlp.program.highs import propose


def transport(m, seed=1):
    """Least cost of shipping from m places to m others, supplies and demands of one."""
    rng = np.random.default_rng(seed)
    block = Block("x", (m, m), Rationals.of(0))
    columns, one = Columns((block,))["x"], Rationals.of(1)
    whole = one.broadcast_to((m,))
    families = (
        Family("supply", (m,), (Term(columns, one, (m,)),), "=", whole),
        Family("demand", (m,), (Term(columns.T, one, (m,)),), ">=", whole),
    )
    return Program((block,), families, {"x": Rationals(rng.integers(1, 99, (m, m)))}, maximize=False)


@pytest.mark.parametrize("steps", [0, 5])
def test_a_start_that_is_far_off_is_given_up(monkeypatch, steps):
    coarse, fine = transport(8), transport(40, seed=2)
    found = propose(form(coarse))
    start = prolonged(coarse, form(coarse), found, fine)
    canonical = form(fine)
    alone = propose(canonical)
    monkeypatch.setattr(highs, "LEAST_STEPS", steps)
    monkeypatch.setattr(highs, "STEPS_PER_ROW", 0)
    given_up = propose(canonical, start=start)
    assert alone.outcome == given_up.outcome == "optimal"
    costs = canonical.float_costs()
    assert costs @ given_up.primal == pytest.approx(costs @ alone.primal, abs=1e-9)


def test_marks_go_to_the_nearest_cells_and_ends_to_ends():
    assert _nearest(5, 5).tolist() == [0, 1, 2, 3, 4]
    places = _nearest(11, 21)
    assert places[:2].tolist() == [0, 1] and places[-2:].tolist() == [9, 10]
    assert np.all(np.diff(places) >= 0) and set(places) == set(range(11))
    assert np.all(np.abs(places[2:-2] - np.arange(2, 19) / 2) <= 1)
