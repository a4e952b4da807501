"""Regions whose refutations go by cases: over the belief under which a maxmin type sees a lie, and over outcomes."""

import copy
import json
from fractions import Fraction as F

import pytest
from test_thresholds_by_choice import EDGE, EITHER, MEANS, saved

import mechlp
from mechlp.checking.verify import verify
from mechlp.exact.saved import checksum
from mechlp.report.regions import sentence

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
