"""Critical values where a mechanism is a choice among finitely many programs: several rules, maxmin types, no lotteries."""

import copy
import json
from fractions import Fraction as F
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import mechlp
from mechlp.checking.verify import verify
from mechlp.exact.saved import checksum
from mechlp.proof.family import InvalidFamily
from mechlp.report.thresholds import sentence, threshold_latex, threshold_page

GUO = Path(__file__).parents[2] / "configs" / "guo-2018-example-1.4.2-correlation.yaml"
#: One of two agents gets what both want, and each is owed r.
EITHER = """
parameters: {r: 0}
agents: {one: [x], two: [y]}
outcomes: [first, second]
payoffs: {first: {one: 1}, second: {two: 1}}
outside: {one: r, two: r}
beliefs: {prior: uniform}
allocation: deterministic
transfers: none
require: {ic: ex-post, ir: ex-post}
"""
#: The buyer knows the mean of costs 0, 1/2 and 1 alone, the seller nothing; a subsidy s goes with trade.
MEAN = """
parameters: {s: 0}
agents: {seller: {types: [0, 1/2, 1]}, buyer: {types: [1/4, 1]}}
beliefs: {sets: {seller: everything, buyer: {mean: 1/4}}}
outcomes: [keep, trade]
payoffs: {trade: {seller: -seller, buyer: buyer + s}}
allocation: efficient
require: {ic: maxmin, ir: interim, bb: ex-post-weak}
"""
#: Both know a mean alone.
MEANS = MEAN.replace("[1/4, 1]", "[0, 1/2, 1]").replace("everything", "{mean: 3/4}")
EDGE = F(1, 10**6)


def saved(found):
    return json.loads(json.dumps(found.to_json()))


@pytest.fixture(scope="module")
def either():
    return mechlp.threshold(mechlp.read_text(EITHER), over="r=-1:1")


@pytest.fixture(scope="module")
def rules():
    asked = {"ask": {"ic": "ambiguous-transfers"}, "overrides": {"B": "3/2"}}
    return mechlp.threshold(mechlp.read(GUO, **asked), over="w=1/8:1/5")


@pytest.fixture(scope="module")
def mean():
    return mechlp.threshold(mechlp.read_text(MEAN), over="s=-1/8:1/8")


def test_several_rules_do_what_beliefs_that_differ_allow(rules):
    # Guo (2018), chapter 1: with B > a one rule never does; several do unless two types of an agent believe the same (w = 3/20).
    assert sentence(rules.lines[0]) == "possible iff w != 3/20"
    for w in (F(3, 20), F(3, 20) + EDGE):
        asked = {"ask": {"ic": "ambiguous-transfers"}, "overrides": {"B": "3/2", "w": str(w)}}
        found = mechlp.read(GUO, **asked).design.solve(relax=False, fewest=False)
        assert rules.holds(w=w) == found.exists == (w != F(3, 20))
    assert verify(saved(rules)).accepted


def test_a_single_point_without_a_mechanism_is_proved_on_the_page(rules):
    """At w = 3/20 both lies of types with one belief are added up, which no rules can undo (Guo 2018, Theorem 1.4.2)."""
    console = Console(width=200, record=True, file=StringIO())
    console.print(threshold_page(rules))
    page = console.export_text()
    at = page.index("  w = 3/20: none.")
    assert page.index("w < 3/20: a mechanism") < at < page.index("3/20 < w < 1/5: a mechanism")
    assert all(f"1 x IC[agent2: {lie}]" in page[at:] for lie in ("s1 -> s2", "s2 -> s1"))
    assert r"For $w = \frac{3}{20}$ the requirements contradict each other" in threshold_latex(rules)


def test_without_lotteries_each_side_is_a_proof_by_cases(either):
    assert sentence(either.lines[0]) == "possible iff r <= 0"  # with lotteries up to 1/2
    assert sentence(mechlp.threshold(mechlp.read_text(EITHER.replace("deterministic", "chosen")), "r=-1:1").lines[0]) == (
        "possible iff r <= 1/2"
    )
    for r in (F(-1), F(0), EDGE, F(1, 2), F(1)):
        found = mechlp.read_text(EITHER, overrides={"r": str(r)}).design.solve(relax=False)
        assert either.holds(r=r) == found.exists == (r <= 0)
    assert verify(saved(either)).accepted
    assert any(i.cases is not None and i.cases.leaves() > 1 for i in either.lines[0].intervals)
    assert "2 cases, each refuted by multipliers" in threshold_latex(either)
    assert "2 cases" in either._repr_html_()


def test_maxmin_types_are_served_under_a_belief_for_each_lie(mean):
    assert sentence(mean.lines[0]) == "possible everywhere" and verify(saved(mean)).accepted
    for s in (-F(1, 8), F(0), F(1, 8)):
        assert mechlp.read_text(MEAN, overrides={"s": str(s)}).design.solve(relax=False).exists


@pytest.fixture(scope="module")
def means():
    return mechlp.threshold(mechlp.read_text(MEANS), over="s=-1/32:1/32")


@pytest.mark.slow
def test_maxmin_types_have_thresholds_that_separate_solves_confirm(means):
    assert sentence(means.lines[0]) == "possible iff s <= 0"
    for s in (-F(1, 32), -EDGE, F(0), EDGE, F(1, 32)):
        found = mechlp.read_text(MEANS, overrides={"s": str(s)}).design.solve(relax=False)
        assert means.holds(s=s) == found.exists == (s <= 0)
    assert verify(saved(means)).accepted
    refused(means, fewer_beliefs)


def parts(data, name):
    return [i for i in data["lines"][0]["intervals"] if i.get(name) is not None]


def no_belief(d):
    parts(d, "mechanism")[0]["mechanism"].pop("seen")


def another_belief(d):
    parts(d, "mechanism")[0]["mechanism"]["seen"][0] = 7


def fewer_beliefs(d):
    found = parts(d, "cases")[0]["cases"]
    assert "lie" in found
    found["beliefs"] = found["beliefs"][:1]


@pytest.mark.parametrize("forge", [no_belief, another_belief])
def test_forged_beliefs_are_refused(mean, forge):
    refused(mean, forge)


def one_side(d):
    found = parts(d, "cases")[0]["cases"]
    found["yes"] = found["no"]


def not_refuted(d):
    parts(d, "cases")[0]["cases"]["yes"]["refutes"] = False


def no_multipliers(d):
    leaf = parts(d, "cases")[0]["cases"]["yes"]
    leaf["powers"] = [{**power, "multipliers": []} for power in leaf["powers"]]


@pytest.mark.parametrize("forge", [one_side, not_refuted, no_multipliers])
def test_forged_cases_are_refused(either, forge):
    refused(either, forge)


def one_rule(d):
    found = parts(d, "mechanism")[0]["mechanism"]
    found["powers"] = [power[:1] for power in found["powers"]]


def rules_alike(d):
    found = parts(d, "mechanism")[0]["mechanism"]
    found["powers"] = [[power[0]] * len(power) for power in found["powers"]]


@pytest.mark.parametrize("forge", [one_rule, rules_alike])
def test_forged_rules_are_refused(rules, forge):
    refused(rules, forge)


def refused(found, forge):
    data = copy.deepcopy(saved(found))
    forge(data)
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    assert not verify(data).accepted


def test_what_is_out_of_reach_is_refused_in_one_sentence():
    several = EITHER.replace("ic: ex-post, ir: ex-post", "ic: ambiguous-transfers, ir: interim").replace("none", "free")
    with pytest.raises(InvalidFamily, match="several rules, each with a deterministic allocation"):
        mechlp.threshold(mechlp.read_text(several), over="r=-1:1")
