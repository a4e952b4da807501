"""The optimal value as a function of a parameter: closed forms, ties, fresh solves, and proofs that are refused."""

import copy
import json
import random
from dataclasses import replace
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
title: Selling to one buyer
parameters: {h: 3, x: 1/3}
agents: {buyer: {types: [1, h]}}
outcomes: single-good
beliefs: {prior: {table: [1 - x, x]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
TRADE = """
title: Trade of two types
parameters: {c: 1/2}
agents: {seller: {types: [0, c]}, buyer: {types: [1/2, 1]}}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
allocation: efficient
require: {ic: bayesian, ir: interim, bb: none}
objective: {minimize: {transfers: {seller: 1, buyer: 1}}}
"""
STAKES = """
parameters: {B: 1}
agents: {one: [l, h]}
outcomes: [keep, sell]
payoffs: {sell: {one: "1 if one == l else 2"}}
outside: {one: B}
beliefs: {prior: {table: [1/2, 1/2]}}
allocation: efficient
require: {ic: bayesian, ir: interim, bb: ex-ante-weak}
objective: revenue
"""


#: Without transfers s has -y and t has y, or -1 each: both take part only if y = 0.
ONE_POINT = """
parameters: {y: 0}
agents: {a: [s, t]}
outcomes: [stay, go]
beliefs: {prior: uniform}
payoffs: {go: {a: "-y if a == s else y"}, stay: {a: "-1"}}
transfers: none
allocation: RULE
require: {ic: bayesian, ir: interim}
objective: surplus
"""


def rows(function):
    return [(interval(stage), formula(function, stage)) for stage in function.stages]


@pytest.fixture(scope="module")
def selling():
    return mechlp.value_function(mechlp.read_text(SELLING), over={"h": (F(3, 2), 6)})


def test_one_buyer_pays_the_larger_of_one_and_h_x(selling):
    assert rows(selling) == [("[3/2, 3]", "1"), ("[3, 6]", "1/3 h")]  # Pr(h) = 1/3: the kink is at h x = 1
    for h in (F(3, 2), F(3), F(3) + F(1, 10**6), F(5)):
        assert selling(h=h) == max(1, h / 3)
    other = mechlp.value_function(mechlp.read_text(SELLING.replace("x: 1/3", "x: 2/5")), over="h=3/2:6")
    assert rows(other) == [("[3/2, 5/2]", "1"), ("[5/2, 6]", "2/5 h")]


def test_a_tie_takes_the_better_side():
    function = mechlp.value_function(mechlp.read_text(TRADE), over="c=1/10:9/10")
    # At c = 1/2 whether c is traded for 1/2 is a matter of choice, so the least subsidy is that without it.
    assert rows(function) == [("[1/10, 1/2)", "c - 1/2"), ("[1/2, 9/10]", "1/2 c - 1/2")]
    assert function(c=F(1, 2)) == F(-1, 4) == mechlp.read_text(TRADE).design.solve().value
    assert r"c - \frac{1}{2} & \text{if } \frac{1}{10} \le c < \frac{1}{2}" in value_latex(function)


def test_where_nothing_is_possible_there_is_no_value():
    # Both types get the good; the low one, to whom it is worth 1, must be left B, and no money comes from outside.
    function = mechlp.value_function(mechlp.read_text(STAKES), over="B=0:2")
    assert rows(function) == [("[0, 1]", "-B + 1"), ("(1, 2]", "no mechanism")]
    assert function(B=1) == 0 and function(B=F(3, 2)) is None and function.status == "optimal"


@pytest.mark.parametrize("seed", range(3))
def test_random_values_agree_with_fresh_solves(seed):
    rng = random.Random(seed)
    affine = lambda: f"{rng.randint(-2, 3)} + {rng.randint(-2, 2)}*p"  # noqa: E731
    low, high = affine(), affine()
    reading = mechlp.read_document(
        {
            "parameters": {"p": "1"},
            "agents": {"one": ["l", "h"], "two": ["x", "y"]},
            "outcomes": ["nothing", "something"],
            "payoffs": {"something": {"one": [[low, low], [high, high]], "two": [[affine(), affine()]] * 2}},
            "beliefs": {"prior": {"weights": [[str(rng.randint(1, 4)) for _ in range(2)] for _ in range(2)]}},
            "allocation": rng.choice(["efficient", "chosen"]),
            "transfers": {"limit": "5"},
            "require": {"ic": "bayesian", "ir": "interim", "bb": "ex-post-weak"},
            "objective": rng.choice(["revenue", "surplus"]),
        }
    )
    function = mechlp.value_function(reading, over="p=-1:1", pieces=8)
    ends = [p.corners[0][0] + F(k, 10**6) for p in function.pieces() for k in (-1, 0, 1)]
    points = [F(rng.randint(-30, 30), 30) for _ in range(3)] + rng.sample(ends, 3)
    decided = 0
    for p in (min(max(x, F(-1)), F(1)) for x in points):
        if function.piece((p, F(0))).status == "undecided":
            continue
        decided += 1
        assert function(p=p) == reading.rebuilt({"p": p}).solve(relax=False).value
    assert decided and verify(json.loads(json.dumps(function.to_json()))).accepted


def test_what_does_not_follow_is_refused(selling):
    data = json.loads(json.dumps(selling.to_json()))
    pieces = lambda d: d["parts"][0]  # noqa: E731

    def higher(d):
        pieces(d)[0]["values"] = ["2", "2"]

    def stretched(d):
        pieces(d)[0]["ends"], pieces(d)[1]["ends"] = ["3/2", "4"], ["4", "6"]

    def unpaid(d):
        pieces(d)[0]["mechanisms"][0]["transfers"]["buyer"] = ["-1/2", "-1"]

    def unproved(d):
        pieces(d)[1]["proof"]["multipliers"].pop()

    def gap(d):
        pieces(d).pop()

    def said(d):
        d["value"][0]["values"] = ["1", "2"]

    for change in (higher, stretched, unpaid, unproved, gap, said):
        out = copy.deepcopy(data)
        change(out)
        out.pop("sha256")
        assert not verify({**out, "sha256": checksum(out)}).accepted, change.__name__
    assert verify(data).accepted


def test_what_is_not_covered_is_refused_in_words():
    reading = mechlp.read_text(SELLING)
    for over, error, said in (
        (["h=2:3", "x=1/4:1/2"], InvalidFamily, "over one parameter"),
        ("h=3:2", InvalidFamily, "is no range"),
    ):
        with pytest.raises(error, match=said):
            mechlp.value_function(reading, over=over)
    with pytest.raises(InvalidFamily, match="takes an objective"):
        mechlp.value_function(mechlp.read_text(SELLING.replace("revenue", "feasibility")), over="h=2:3")
    with pytest.raises(InvalidFamily, match="objective is unbounded"):
        mechlp.value_function(mechlp.read_text(SELLING.replace("ir: interim", "ir: none")), over="h=2:3")


def test_the_command_prints_saves_and_draws(tmp_path, selling):
    path, out, picture = tmp_path / "selling.yaml", tmp_path / "v.json", tmp_path / "v.svg"
    path.write_text(SELLING)
    asked = ["value", str(path), "--over", "h=3/2:6", "--out", str(out), "--plot", str(picture)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0 and "1/3 h" in result.output and "[3, 6]" in result.output
    assert json.loads(out.read_text())["value"] == json.loads(json.dumps(selling.to_json()["value"]))
    assert "<svg" in picture.read_text()[:1000]
    checked = CliRunner().invoke(main, ["verify", str(out), "--environment", str(path)])
    assert checked.exit_code == 0 and "accepted: optimal" in checked.output
    twice = CliRunner().invoke(main, [*asked, "--over", "h=1:2"])
    assert twice.exit_code == 2 and "a function of one parameter" in " ".join(twice.output.split())


@pytest.mark.parametrize("rule", ["chosen", "efficient", "{lottery: {go: 1, stay: 0}}", "deterministic"])
@pytest.mark.parametrize("ends", [(-1, 1), (0, 1), (-1, 0)])
def test_a_mechanism_at_one_point_beside_what_is_refuted_is_not_lost(rule, ends):
    found = mechlp.value_function(mechlp.read_text(ONE_POINT.replace("RULE", rule)), over={"y": ends})
    assert (found.status, found(y=0)) == ("optimal", 0)
    assert all(found(y=at) is None for at in (*ends, F(1, 10**6), F(-1, 10**6)) if ends[0] <= at <= ends[1] and at)
    assert verify(json.loads(json.dumps(found.to_json()))).accepted


def test_a_refutation_that_is_zero_at_a_border_says_nothing_of_it():
    """Both halves are refuted inside only: without the point between them a saved function claims too much."""
    found = mechlp.value_function(mechlp.read_text(ONE_POINT.replace("RULE", "chosen")), over={"y": (-1, 1)})
    parts = [replace(part, pieces=tuple(p for p in part.pieces if p.status == "impossible")) for part in found.parts]
    forged = replace(found, parts=tuple(parts))
    assert rows(forged) == [("[-1, 1]", "no mechanism")]
    verdict = verify(json.loads(json.dumps(forged.to_json())))
    assert not verdict.accepted and "nothing is said of y = 0" in str(verdict.problems)
