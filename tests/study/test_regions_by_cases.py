"""Regions whose refutations go by cases: over the belief under which a maxmin type sees a lie, and over outcomes."""

import copy
import json
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_thresholds_by_choice import EDGE, EITHER, MEANS, saved

import mechlp
from mechlp.checking.verify import verify
from mechlp.exact.planar import area, cut, dimension, middle
from mechlp.exact.saved import checksum
from mechlp.proof.faces import inside
from mechlp.proof.polynomial import Points, at
from mechlp.report.regions import sentence, widened
from mechlp.study.borders import straight_factors

#: Buyers with values 0 and 1: nothing is possible for s between 0 and 3/7.
TWO = MEANS.replace("[0, 1/2, 1]", "[0, 1]", 1)
CURVED = EITHER.replace("one: r,", "one: r**2,")


@pytest.fixture(scope="module")
def beliefs():
    return mechlp.region(mechlp.read_text(TWO), over="s=1/16:1/4", pieces=4)


@pytest.fixture(scope="module")
def outcomes():
    return mechlp.region(mechlp.read_text(CURVED), over="r=-1:1", pieces=4)


def test_maxmin_types_are_refuted_by_cases_over_beliefs(beliefs):
    assert beliefs.exact and beliefs.status == "infeasible"
    assert [p.claim.leaves() for part in beliefs.parts for p in part.pieces] == [2]
    assert not mechlp.read_text(TWO, overrides={"s": "1/8"}).design.solve(relax=False).exists
    assert verify(saved(beliefs)).accepted


def test_rules_without_lotteries_are_refuted_by_cases_over_outcomes(outcomes):
    # With r > 0 one of the two gets nothing; with lotteries r = 1/2 would do.
    assert outcomes.exact and sentence(outcomes) == "possible iff r <= 0"
    assert outcomes.holds(r=0) is True and outcomes.holds(r=EDGE) is False
    assert verify(saved(outcomes)).accepted


def test_a_polygon_is_cut_by_what_its_corners_say_and_each_case_refutes_up_to_its_border():
    text = EITHER.replace("{r: 0}", "{r: 0, x: 1}").replace("{one: 1}", "{one: x}")
    region = mechlp.region(mechlp.read_text(text), over=["r=-1:2", "x=1/2:2"], pieces=12)
    assert region.undecided < 1 and verify(saved(region)).accepted
    assert region.holds(r=0, x=1) is True and region.holds(r=F(3, 2), x=1) is False


def cases_of(data):
    return next(p["cases"] for part in data["parts"] for p in part["pieces"] if "cases" in p)


def fewer(cases):
    if "lie" in cases:
        cases["beliefs"] = cases["beliefs"][:1]
    else:
        cases["no"] = cases["yes"]


def not_refuting(cases):
    leaf = cases["beliefs"][0] if "lie" in cases else cases["yes"]
    leaf["refutes"] = False


def another_sign(cases):
    leaf = cases["beliefs"][0] if "lie" in cases else cases["yes"]
    leaf["multipliers"][0]["multipliers"][0]["multiplier"] = "-7"


@pytest.mark.parametrize("forge", [fewer, not_refuting, another_sign])
@pytest.mark.parametrize("which", ["beliefs", "outcomes"])
def test_forged_cases_are_refused(which, forge, request):
    data = copy.deepcopy(saved(request.getfixturevalue(which)))
    forge(cases_of(data))
    data.pop("sha256")
    assert not verify({**data, "sha256": checksum(data)}).accepted


@pytest.mark.slow
def test_known_means_of_two_parameters_are_decided_everywhere():
    """Trade needs a subsidy below s = 0 whatever the mean that the buyer knows, by fresh solves at points beside the border."""
    text = MEANS.replace("{s: 0}", "{s: 0, m: 0}").replace("mean: 3/4}", "mean: 3/4 + m}")
    region = mechlp.region(mechlp.read_text(text), over=["s=-1/32:1/32", "m=-1/32:1/32"], pieces=8)
    assert region.exact and sentence(region) == "possible iff s <= 0"
    for s, m in ((F(0), F(1, 50)), (EDGE, F(1, 50)), (EDGE, F(-1, 32)), (F(1, 32), F(0))):
        fresh = mechlp.read_text(text, overrides={"s": str(s), "m": str(m)}).design.solve(relax=False)
        assert region.holds(s=s, m=m) is fresh.exists is (s <= 0)
    assert verify(json.loads(json.dumps(region.to_json()))).accepted


RANKED = """
parameters: {x: 1}
agents: {a: [one, two]}
outcomes: [l, m]
payoffs: {l: {a: "2 if a == one else 0"}, m: {a: "x if a == one else 1"}}
beliefs: {prior: uniform}
allocation: {table: [l, m]}
transfers: none
require: {ic: ordinal, ir: none}
"""
#: Costs 0, 1 against values 1/4, 1 of which nobody knows anything; a subsidy s goes with trade.
REGRET = """
parameters: {s: 0}
agents: {seller: {types: [0, 1]}, buyer: {types: [1/4, 1]}}
beliefs: {sets: {seller: everything, buyer: everything}}
outcomes: [keep, trade]
payoffs: {trade: {seller: -seller, buyer: buyer + s}}
allocation: efficient
require: {ic: minmax-regret, ir: interim, bb: ex-post-weak}
"""


@pytest.mark.parametrize(("text", "over"), [(RANKED, "x=0:3"), (REGRET, "s=-1/8:1/7")])
def test_a_border_at_a_rational_point_is_found_exactly(text, over):
    """Halves never end at it: a region is cut where a ranking turns, or where multipliers refute no more, as thresholds say."""
    reading = mechlp.read_text(text)
    found, along = mechlp.region(reading, over=over), mechlp.threshold(reading, over=over)
    assert found.exact and sum(len(part.pieces) for part in found.parts) < 12
    name = found.family.names[0]
    assert along.thresholds and verify(json.loads(json.dumps(found.to_json()))).accepted
    for end in along.thresholds:
        for p in (end.rational - EDGE, end.rational, end.rational + EDGE):
            assert found.holds(**{name: p}) is along.holds(**{name: p})


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_straight_factors_of_what_multipliers_imply(degree):
    """(2 x - y - 1/3) (x + 1)^(degree - 1) on a triangle, by its Bernstein coefficients."""
    corners = [(F(0), F(0)), (F(1), F(1, 7)), (F(1, 3), F(2))]
    points = Points(None, tuple(corners), degree)  # what is evaluated there is the polynomial itself
    values = [(2 * x - y - F(1, 3)) * (x + 1) ** (degree - 1) for x, y in (at(corners, place) for place in points.places)]
    controls = points.controls([mechlp.Rationals.of(v) for v in values])
    lines = set(straight_factors(corners, controls.fractions()))
    assert lines == {(F(-1), (F(6), F(-3)))} | ({(F(1), (F(1), F(0)))} if degree > 1 else set())


def test_curved_ties_between_outcomes_are_cut_where_they_are():
    """Costs 0 or c^2, values 1/4 or 1: who trades efficiently changes at c = 1/2 and c = 1, by themselves in few pieces."""
    text = """
parameters: {c: 1/2}
agents: {seller: [0, c**2], buyer: [1/4, 1]}
beliefs: {prior: uniform}
outcomes: trade
trade: {seller: seller, buyer: buyer}
allocation: efficient
require: {ic: bayesian, ir: interim, bb: ex-post}
"""
    straight = mechlp.region(mechlp.read_text(text.replace("c**2", "u").replace("{c: 1/2}", "{u: 1/4}")), over="u=1/100:4")
    assert straight.exact and sentence(straight) == "possible iff u <= 3/4, or u >= 1"
    found = mechlp.region(mechlp.read_text(text), over="c=1/10:2", pieces=10)
    ends = {end for part in found.parts for piece in part.pieces for end, _ in piece.corners}
    assert {F(1, 2), F(1)} <= ends and verify(json.loads(json.dumps(found.to_json()))).accepted
    points = (F(1, 2) - EDGE, F(1, 2), F(1, 2) + EDGE, F(1), F(1) + EDGE)
    assert [found.holds(c=p) for p in points] == [True] * 5  # the threshold is sqrt(3)/2, and everything from 1 on
    assert all(mechlp.read_text(text, overrides={"c": str(p)}).design.solve(relax=False).exists for p in points)


SQUARE = [(F(0), F(0)), (F(2), F(0)), (F(2), F(2)), (F(0), F(2))]


@given(st.lists(st.tuples(*(st.integers(-3, 3),) * 2, st.integers(-4, 4)).filter(lambda n: any(n[:2])), min_size=1, max_size=4), st.data())
def test_fewer_sets_have_the_same_union(lines, data):
    """A square, cut along lines, some of the pieces: what is said of them holds at the same points."""
    pieces = [tuple(SQUARE)]
    for a, b, c in lines:
        sides = [(cut(p, (F(a), F(b)), F(c)), cut(p, (F(-a), F(-b)), F(-c))) for p in pieces]
        pieces = [tuple(s) for both in sides for s in both if dimension(s) == 2]
    some = data.draw(st.lists(st.sampled_from(pieces), min_size=1, unique=True))
    found = widened(some, SQUARE)
    assert len(found) <= len(some) and all(set(p) and dimension(p) == 2 for p in found)
    corners = {c for p in (*pieces, *found) for c in p} | {middle(p) for p in pieces}
    for point in corners:
        assert any(inside(point, p) for p in some) is any(inside(point, p) for p in found)
    assert sum(area(p) for p in found) >= sum(area(p) for p in some)


def test_an_angle_is_two_strips():
    angle = [(SQUARE[0], (F(1), F(0)), (F(1), F(2)), SQUARE[3]), ((F(1), F(0)), (F(2), F(0)), (F(2), F(1)), (F(1), F(1)))]
    assert {frozenset(p) for p in widened(angle, SQUARE)} == {
        frozenset([(F(0), F(0)), (F(1), F(0)), (F(1), F(2)), (F(0), F(2))]),
        frozenset([(F(0), F(0)), (F(2), F(0)), (F(2), F(1)), (F(0), F(1))]),
    }


def test_a_border_on_which_rankings_are_tied_has_a_verdict():
    """Multipliers on upper sets of a strict ranking have another shape than those where o and q are tied, at y = 1: a report of
    a1 gives a0 what it likes best, by fresh solves on both sides of the tie and at it."""
    text = """
parameters: {y: 1/2}
agents: {a: [a0, a1], b: [b0, b1]}
outcomes: [o, p, q]
payoffs: {o: {a: "3 if a == a0 else -2"}, p: {a: "-2 if a == a0 else 2"}, q: {a: "y + 2 if a == a0 else 2"}}
beliefs: {prior: uniform}
require: {ic: ordinal-bayesian, ir: none}
transfers: none
allocation: {table: [[p, o], [q, o]]}
"""
    found = mechlp.region(mechlp.read_text(text), over="y=0:1")
    for y in (F(0), F(1, 2), 1 - EDGE, F(1)):
        fresh = mechlp.read_text(text, overrides={"y": str(y)}).design.solve(relax=False)
        assert found.holds(y=y) is fresh.exists is False
