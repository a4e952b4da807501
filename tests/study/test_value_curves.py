"""The optimal value as rational functions of a parameter: closed forms, fresh solves beside every kink, proofs that are refused."""

import copy
import json
import random
from fractions import Fraction as F

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.exact.saved import checksum
from mechlp.proof.family import InvalidFamily
from mechlp.report.values import formula, interval, value_latex

SELLING = """
title: One buyer
parameters: {h: 2, x: 1/3}
agents: {buyer: {types: [1, h]}}
outcomes: single-good
beliefs: {prior: {table: [1 - x, x]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
SQUARED = SELLING.replace("[1, h]", "[1, h**2]")
DIVIDED = SELLING.replace("table: [1 - x, x]", "weights: [1, x]")


def said(curve):
    return [(interval(stage), formula(curve, stage)) for stage in curve.stages]


def value(content, over):
    return mechlp.value_function(mechlp.read_text(content), over=over)


@pytest.fixture(scope="module")
def selling():
    return value(SELLING, "x=0:1")


def test_the_revenue_of_one_buyer_is_the_larger_of_one_and_h_x(selling):
    assert said(selling) == [("[0, 1/2]", "1"), ("(1/2, 1]", "2 x")]  # max(1, h x) at h = 2: the kink is at h x = 1
    for x in (F(0), F(1, 3), F(1, 2), F(1, 2) + F(1, 10**6), F(1)):
        assert selling(x=x) == max(F(1), 2 * x)
    assert selling.status == "optimal" and not selling.undecided
    assert verify(json.loads(json.dumps(selling.to_json()))).accepted


def test_along_the_value_the_kink_is_where_h_x_is_one():
    straight = value(SELLING, "h=3/2:6")  # x = 1/3
    assert all(straight(h=h) == max(F(1), h / 3) for h in (F(3, 2), F(3), F(7, 2), F(6)))


def test_weights_that_are_divided_give_a_rational_function():
    curve = value(DIVIDED, "x=0:4")  # Pr(h) = x/(1 + x), h = 2
    assert said(curve) == [("[0, 1]", "1"), ("(1, 4]", "(2 x) / (x + 1)")]
    assert r"\frac{2\,x}{x + 1} & \text{if } 1 < x \le 4" in value_latex(curve)
    assert verify(json.loads(json.dumps(curve.to_json()))).accepted


def test_probabilities_may_be_quotients():
    curve = value(SELLING.replace("[1 - x, x]", "[1 - 1/(1 + x), 1/(1 + x)]"), "x=0:4")
    assert said(curve) == [("[0, 1]", "(2) / (x + 1)"), ("(1, 4]", "1")]  # max(1, h Pr(h)) with h = 2


def test_a_kink_may_be_irrational():
    curve = value(SQUARED, "h=11/10:3")  # max(1, h^2/3)
    assert said(curve) == [("[11/10, sqrt(3)]", "1"), ("(sqrt(3), 3]", "1/3 h^2")]


def test_where_nothing_exists_there_is_no_value():
    """The high type must be given r - 2 + 2 x's worth: with ex-ante balance only while x (r - 1) <= 1 (r = 3: x <= 1/2)."""
    content = """
parameters: {x: 1/4}
agents: {buyer: [low, high]}
outcomes: [nothing, plain, other]
payoffs: {plain: {buyer: "1 if buyer == low else 0"}, other: {buyer: "-5 if buyer == low else 2"}}
outside: {buyer: "0 if buyer == low else 3"}
beliefs: {prior: {table: [1 - x, x]}}
require: {ic: bayesian, ir: interim, bb: ex-ante-weak}
objective: revenue
"""
    curve = value(content, "x=1/10:9/10")
    assert said(curve) == [("[1/10, 1/2]", "-2 x + 1"), ("(1/2, 9/10]", "no mechanism")]
    assert curve(x=F(1, 2)) == 0 and curve(x=F(1, 2) + F(1, 10**6)) is None


def test_the_least_subsidy_is_a_value_too():
    """Trade of costs 0 or c and values v or 1, each with probability 1/2 but for the value 1, which has x: rents less surplus."""
    content = """
parameters: {x: 1/2}
agents: {seller: {types: [0, 3/4]}, buyer: {types: [1/4, 1]}}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: {product: {seller: [1/2, 1/2], buyer: [1 - x, x]}}}
allocation: efficient
require: {ic: bayesian, ir: interim}
objective: {minimize: {transfers: {seller: 1, buyer: 1}}}
"""
    curve = value(content, "x=0:1")
    # Surplus (1-x)/8 + x/2 + x/8; rents: the seller of cost 0 is taken for 3/4 with x, the buyer of value 1 for 1/4 with 1/2.
    for x in (F(1, 4), F(1, 2), F(7, 8)):
        least = F(1, 2) * F(3, 4) * x + x * F(3, 4) * F(1, 2) - ((1 - x) / 8 + x / 2 + x / 8)
        assert curve(x=x) == least


def test_what_is_not_covered_is_refused_in_words():
    with pytest.raises(InvalidFamily, match="objective is unbounded"):
        value(SELLING.replace("ir: interim", "ir: none"), "x=1/10:1/2")


# -- the certificate ----------------------------------------------------------------------------
def forged(data, change):
    out = copy.deepcopy(data)
    change(out)
    out.pop("sha256")
    return verify({**out, "sha256": checksum(out)})


def test_what_does_not_follow_is_refused(selling):
    data = json.loads(json.dumps(selling.to_json()))

    def another_prior(d):
        d["problem"]["beliefs"]["prior"]["table"] = ["1 - x/2", "x/2"]

    def a_square(d):
        d["problem"]["beliefs"]["prior"]["table"] = ["1 - 2*x*x", "2*x*x"]

    def enlarged(d):
        d["spots"][1]["at"] = "3/5"
        d["spots"][1] |= {"status": "undecided", "value": None, "mechanism": None, "proof": None}

    def no_proof(d):
        d["arcs"][1]["multipliers"] = None

    def paid(d):
        d["arcs"][1]["mechanism"]["powers"][0]["transfers"]["buyer"][1] = "-3"

    def pole(d):  # a denominator that changes its sign inside
        d["arcs"][1]["mechanism"]["denominator"] = ["-3/4", "1"]

    def another_value(d):
        d["arcs"][1]["value"] = [["0", "3"], ["1"]]

    def at_the_kink(d):
        d["spots"][1]["value"] = "2"

    def wider(d):
        d["over"]["x"] = ["0", "2"]

    for change in (another_prior, a_square, enlarged, no_proof, paid, pole, another_value, at_the_kink, wider):
        assert not forged(data, change).accepted, change.__name__
    assert verify(data).accepted


def test_the_command_prints_saves_and_draws(tmp_path):
    path, out, picture = tmp_path / "s.yaml", tmp_path / "s.json", tmp_path / "s.svg"
    path.write_text(DIVIDED)
    result = CliRunner().invoke(main, ["value", str(path), "--over", "x=0:4", "--out", str(out), "--plot", str(picture)])
    assert result.exit_code == 0, result.output
    assert "(2 x) / (x + 1)" in result.output and "the largest revenue" in result.output
    assert "<svg" in picture.read_text()[:1000]
    assert CliRunner().invoke(main, ["verify", str(out), "--environment", str(path)]).exit_code == 0


# -- by generation ------------------------------------------------------------------------------
def environment(rng):
    """Two agents with two types: payoffs and weights of the prior affine in p, at random; the largest revenue or surplus."""
    payoff = lambda: f"{rng.randint(-3, 3)} + {rng.randint(-2, 2)}*p"  # noqa: E731
    weight = lambda: f"{rng.randint(3, 6)} + {rng.randint(-1, 1)}*p"  # noqa: E731
    cells = lambda make: [[make() for _ in range(2)] for _ in range(2)]  # noqa: E731
    post = rng.random() < 0.4
    return {
        "parameters": {"p": "1"},
        "agents": {"one": ["l", "h"], "two": ["x", "y"]},
        "outcomes": ["nothing", "left", "right"],
        "payoffs": {o: {k: cells(payoff) for k in ("one", "two")} for o in ("left", "right")},
        "beliefs": {"prior": {"weights": cells(weight)}},
        "allocation": rng.choice(["efficient", "chosen"]),
        "require": {"ic": "ex-post" if post else "bayesian", "ir": "ex-post" if post else "interim",
                    "bb": rng.choice(["none", "ex-post-weak", "ex-ante-weak"])},
        "objective": rng.choice(["revenue", "surplus"]),
    }  # fmt: skip


def disagreements(seed, points, pieces=40):
    """(points examined, those where the function and a fresh solve differ, those left open)."""
    rng = random.Random(seed)
    document = environment(rng)
    if document["objective"] == "surplus" and document["require"]["bb"] == "none":
        document["require"]["bb"] = "ex-post-weak"
    reading = mechlp.read_document(document)
    curve = mechlp.value_function(reading, over="p=-1:1", pieces=pieces)
    places = [F(rng.randint(-60, 60), 60) for _ in range(points)]
    for end in curve.breakpoints[:6]:
        low, high = end.within()
        places += [low - F(1, 10**6), high + F(1, 10**6)] + [low] * (low == high)
    wrong = asked = left = 0
    for p in places:
        p = min(max(p, F(-1)), F(1))
        found = reading.rebuilt({"p": p}).solve(relax=False, fewest=False, nice=False)
        stage = next(s for s in curve.stages if float(s.low) <= p <= float(s.high))
        asked, left = asked + 1, left + (stage.status == "undecided")
        wrong += stage.status != "undecided" and curve(p=p) != (found.value if found.status == "optimal" else None)
    assert verify(json.loads(json.dumps(curve.to_json()))).accepted
    return asked, wrong, left


@pytest.mark.parametrize("seed", [7])
def test_random_values_agree_with_fresh_solves(seed):
    asked, wrong, _ = disagreements(seed, 3, pieces=12)
    assert asked >= 3 and wrong == 0


@pytest.mark.slow
@pytest.mark.parametrize("tenth", range(10))
def test_sixty_random_values_agree_with_fresh_solves_at_twenty_points_and_at_their_kinks(tenth):
    counts = [disagreements(seed, 20) for seed in range(tenth, 60, 10)]
    assert sum(c[1] for c in counts) == 0
    assert sum(c[2] for c in counts) < sum(c[0] for c in counts) / 10
