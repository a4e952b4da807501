"""Guarantees as functions of a parameter of the designer's set: closed forms, fresh solves, proofs that are tampered with."""

import json
from fractions import Fraction as F

import pytest

import mechlp
from mechlp.checking.verify import verify
from mechlp.proof.invalid import InvalidCertificate
from mechlp.study.neighbours import Row
from mechlp.study.sweep import sweep

#: A buyer worth 1 or 3, of whose chances one is sure up to eps.
CONTAMINATED = """
parameters: {eps: 1/10}
agents: {buyer: {types: [1, 3]}}
outcomes: single-good
beliefs: {designer: {around: [1/2, 1/2], contamination: eps}}
require: {ic: ex-post, ir: ex-post}
objective: revenue
"""
#: A buyer of whom the mean is known.
KNOWN_MEAN = """
parameters: {mean: 1/2}
agents: {buyer: {types: [0, 1/3, 2/3, 1]}}
outcomes: single-good
beliefs: {designer: {mean: mean}}
require: {ic: ex-post, ir: ex-post}
objective: revenue
"""


@pytest.fixture(scope="module")
def contaminated():
    return mechlp.value_function(mechlp.read_text(CONTAMINATED), "eps=0:1")


def test_a_contaminated_belief(contaminated):
    """The price 3 is sure of 3/2 (1 - eps), the price 1 of 1."""
    assert all(contaminated(eps=e) == max(F(3, 2) * (1 - e), 1) for e in (F(0), F(1, 3), F(2, 7), F(5, 7), F(1)))
    assert [s.high.rational for s in contaminated.stages] == [F(1, 3), 1]
    assert verify(json.loads(json.dumps(contaminated.to_json()))).accepted


@pytest.mark.slow
def test_a_known_mean():
    """Revenue rises in a line from 0 at the type below some v_k: its slope is 1 / (h (1/v_k + ... + 1/v_n)) (Carrasco et al. 2018)."""
    found = mechlp.value_function(mechlp.read_text(KNOWN_MEAN), "mean=0:1")
    grid, h = [F(k, 3) for k in range(4)], F(1, 3)

    def most(mean):
        return max((mean - grid[k - 1]) / (h * sum(1 / v for v in grid[k:])) for k in range(1, 4))

    assert all(found(mean=F(k, 17)) == most(F(k, 17)) for k in range(18))


@pytest.mark.slow
def test_a_set_whose_rows_are_curved():
    """Two listed priors with a chance of p^2 and of 1/2 of the high value: the price 3 is sure of the lesser of both."""
    text = CONTAMINATED.replace("{around: [1/2, 1/2], contamination: eps}", '{list: [["1 - eps**2", "eps**2"], [1/2, 1/2]]}')
    found = mechlp.value_function(mechlp.read_text(text), "eps=1/10:9/10")
    for e in (F(1, 10), F(1, 2), F(3, 5), F(7, 10), F(4, 5)):
        assert found(eps=e) == max(1, 3 * min(e * e, F(1, 2)))
    assert [s.low.rational for s in found.stages[1:]] == [None, None]  # the roots of 1/3 and of 1/2


def test_cells_between_neighbours_of_a_guarantee(monkeypatch):
    """Most cells of a row are read off a function."""
    solve, asked = Row._solved, []
    monkeypatch.setattr(Row, "_solved", lambda row, k: (asked.append(k), solve(row, k))[1])
    found = sweep(mechlp.read_text(CONTAMINATED), "eps=0:1:301", jobs=1)
    assert all(p.certified and p.value == max(F(3, 2) * (1 - p.at[0]), 1) for p in found) and len(asked) < 30


@pytest.mark.parametrize("field", ["prices", "nature"])
def test_a_guarantee_is_not_believed(contaminated, field):
    data = json.loads(json.dumps(contaminated.to_json()))
    arc = next(a for a in data["arcs"] if a["status"] == "optimal")
    if field == "prices":
        arc["mechanism"]["prices"][0][0] = "1/7"
    else:
        arc["multipliers"]["powers"][0]["nature"]["distribution"][0]["probability"] = "1/7"
    with pytest.raises(InvalidCertificate):
        list(type(contaminated).from_json(data).check())
