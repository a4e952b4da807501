"""Bargaining over one good: closed forms against the certified programs, on random exact instances."""

import json
import random
from fractions import Fraction as F
from pathlib import Path

import pytest

from mechlp.closed_forms.bargaining import MECHANISMS, Bargaining, NotDetermined
from mechlp.mechanism.audit import audit
from mechlp.study.interim import efficiency, robustness, support, upper_contour

CASES = json.loads((Path(__file__).parents[1] / "data" / "interim-payoffs.json").read_text())["cases"]
NAMES = {"PR": "property-rights", "a1": "a1", "a2": "a2"}


def of(case):
    data = case["input"]
    return Bargaining(*(data[k] for k in ("l1", "l2", "h1", "h2", "p1", "p2")))


def close(a, b):
    return float(a) == pytest.approx(b, abs=1e-7)


def flat(payoffs):
    return [float(u) for own in payoffs for u in own]


def split(u):
    return [u[:2], u[2:]]


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "P.support_function"], ids=lambda c: c["id"]
)
def test_published_support_functions(case):
    bargaining, lam, expected = of(case), case["input"]["Lambda"], case["expected"]
    answer = support(bargaining.design(), [[lam["l1"], lam["h1"]], [lam["l2"], lam["h2"]]])
    assert answer.certified
    if expected["value"] == "inf":
        assert answer.status == "unbounded" and "add up to" in answer.notes[0]
        return
    assert close(answer.value, expected["value"])
    assert bargaining.support(lam["h1"], lam["h2"]) == answer.value
    assert close(bargaining.support(lam["h1"], lam["h2"], literal=True), expected["thm2_literal"])


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == "P.membership"], ids=lambda c: c["id"])
def test_published_membership(case):
    found = efficiency(of(case).design(), split(case["input"]["u"]))
    assert found.reachable == case["expected"]["in_U"]
    assert close(found.comparison("distance").value, case["expected"]["minmax_distance"])


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "P.property_rights"], ids=lambda c: c["id"]
)
def test_published_mechanisms(case):
    bargaining, x, expected = of(case), case["input"]["x"], case["expected"]
    assert close(bargaining.p2_star, expected["p2_star"])
    assert close(bargaining.p1_star(x), expected["p1_star"])
    assert close(bargaining.p1_star(x, "a2"), expected["p1_star_star"])
    for key, name in (("PR", "property-rights"), ("a1", "a1"), ("a2_text", "a2")):
        mechanism = bargaining.mechanism(name, x)
        payoffs = [mechanism.interim_payoff(i) for i in (0, 1)]
        assert flat(payoffs) == pytest.approx(expected[key], abs=1e-7)
        found = efficiency(bargaining.design(), mechanism)
        list(found.check())
        short = key.split("_")[0]
        assert found.reachable
        assert close(found.comparison("weak").value, expected[f"{short}_weak_gap"])
        if f"{short}_strong_gap" in expected:
            assert close(found.comparison("strong").value, expected[f"{short}_strong_gap"])
        if name != "property-rights":
            assert bargaining.zone(x, name) == expected[f"{name}_zone"]
            assert close(bargaining.gamma(x, name), expected[f"{name}_gamma"])


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "P.robust_pair_gap"], ids=lambda c: c["id"]
)
def test_published_robust_gaps(case):
    bargaining, data = of(case), case["input"]
    name, x = NAMES[data["mechanism"]], data["x"]
    first = bargaining.at(0, data["q1"]).payoffs(name, x)[0]
    second = bargaining.at(1, data["q2"]).payoffs(name, x)[1]
    assert flat([first, second]) == pytest.approx(case["expected"]["pair"], abs=1e-7)
    found = robustness(bargaining.design(), [[first], [second]], complete=False)
    found.check()
    assert close(found.gap, case["expected"]["gap"])
    assert found.passed == (case["expected"]["gap"] < 0)
    assert found.proved != found.passed  # one pair of beliefs can refute, not prove


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "P.upper_contour_membership"], ids=lambda c: c["id"]
)
def test_published_upper_contours(case):
    bargaining, data = of(case), case["input"]
    agent = data["player"] - 1
    pieces, complete = bargaining.pieces(NAMES[data["mechanism"]], data["x"], agent)
    found = upper_contour(bargaining.design(), split(data["u"]), agent, pieces, complete=complete)
    found.check()
    assert found.member == case["expected"]["member"]


def instance(rng):
    """Random types, beliefs and weights with small denominators, ties among them."""
    l1 = F(rng.randint(0, 8), rng.randint(1, 3))
    steps = [F(rng.randint(1, 9), rng.randint(1, 4)) for _ in range(3)]
    values = [l1, l1 + steps[0], l1 + steps[0] + steps[1], l1 + sum(steps)]
    p1, p2 = (F(rng.randint(1, 11), 12) for _ in range(2))
    return Bargaining(*values, p1, p2), F(rng.randint(0, 12), 12), F(rng.randint(0, 12), 12)


def value(bargaining, one, two):
    answer = support(bargaining.design(), [[1 - one, one], [1 - two, two]])
    assert answer.status == "optimal" and answer.certified
    return answer.value


def disagreements(count, seed, **options):
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        bargaining, one, two = instance(rng)
        if value(bargaining, one, two) != bargaining.support(one, two, **options):
            found.append((bargaining, one, two))
    return found


def test_theorem_2_corrected_is_the_support_function():
    assert disagreements(60, seed=1) == []


@pytest.mark.slow
def test_theorem_2_corrected_on_a_thousand_instances():
    assert disagreements(1000, seed=2023) == []


def test_theorem_2_as_printed_is_too_small():
    # l1, l2, h1, h2 = 2, 3, 7, 8; p = (4/5, 3/10); Lambda = (1/5, 1/20): the term in Lambda_1 decides at (l1, l2).
    bargaining = Bargaining(2, 3, 7, 8, "4/5", "3/10")
    assert value(bargaining, F(1, 5), F(1, 20)) == F(649, 100)
    assert bargaining.support("1/5", "1/20") == F(649, 100)
    assert bargaining.support("1/5", "1/20", literal=True) == F(9, 2)


def test_mechanisms_are_audited_and_worth_what_the_formulas_say():
    rng, seen = random.Random(7), set()
    for _ in range(150):
        bargaining, x, _ = instance(rng)
        for name in MECHANISMS:
            try:
                mechanism = bargaining.mechanism(name, x)
            except NotDetermined:
                continue
            seen.add((name, bargaining.zone(x, name)))
            assert audit(mechanism, bargaining.design()).passed
            formulas = bargaining.payoffs(name, x)
            assert all(list(mechanism.interim_payoff(i)) == formulas[i].fractions() for i in (0, 1))
    assert seen == {("property-rights", "A"), ("property-rights", "B"), ("a1", "A"), ("a1", "B"), ("a2", "A")}


def test_verdicts_on_efficiency():
    """Property rights are inefficient exactly for p2 > p2*; a1 and a2 are efficient where the draft determines them."""
    rng = random.Random(3)
    for _ in range(12):
        bargaining, x, _ = instance(rng)
        x = min(max(x, F(1, 12)), F(11, 12))
        found = efficiency(bargaining.design(), bargaining.mechanism("property-rights", x))
        assert found.reachable and found.weak == (bargaining.p2 <= bargaining.p2_star)
        for name in ("a1", "a2"):
            try:
                mechanism = bargaining.mechanism(name, x)
            except NotDetermined:
                continue
            assert efficiency(bargaining.design(), mechanism).weak


@pytest.mark.parametrize(("p1", "p2"), [("2/5", "1/2"), ("2/5", "1/10"), ("1/20", "19/20"), ("2/5", "1/5")])
def test_robust_efficiency_for_every_belief(p1, p2):
    bargaining = Bargaining(1, 2, 4, 6, p1, p2)
    for name, passes in (("property-rights", False), ("a1", True), ("a2", False)):
        if name == "a2" and bargaining.p2 < bargaining.p2_star:
            continue
        pieces, complete = zip(*(bargaining.pieces(name, "1/2", i) for i in (0, 1)))
        found = robustness(bargaining.design(), pieces, complete=all(complete))
        found.check()
        assert found.passed == passes and found.proved, (name, found.pairs)


@pytest.mark.parametrize(
    ("name", "p1", "p2", "said"),
    [("a1", "9/10", "1/2", "up to p1*"), ("a2", "1/10", "1/10", "p2 >= p2*"), ("a2", 1, "1/2", "p1**")],
)
def test_what_the_draft_does_not_determine_is_not_offered(name, p1, p2, said):
    with pytest.raises(NotDetermined, match=said.replace("*", r"\*")):
        Bargaining(1, 2, 4, 6, p1, p2).mechanism(name, "1/2")


def test_both_limits_at_the_border():
    at = Bargaining(1, 2, 4, 6, "2/5", "1/5")
    low, high = (at.payoffs("property-rights", "1/2", low_price=b) for b in (True, False))
    assert low[0].same(high[0]) and low[1][1] > high[1][1]
    with pytest.raises(ValueError, match="a choice at p2"):
        Bargaining(1, 2, 4, 6, "2/5", "1/2").mechanism("a1", "1/2", low_price=True)
    with pytest.raises(ValueError, match="l1 < l2"):
        Bargaining(1, 1, 4, 6, "2/5", "1/2")
