"""What the designer holds possible, in problem files: every kind, and every mistake with its place."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.environment.belief_sets import BeliefSet
from mechlp.exact.numbers import Rationals
from mechlp.files import InvalidFile
from mechlp.files.reader import read_text

HEAD = """parameters: {eps: 1/10}
agents:
  buyer: [0, 1/2, 1]
  seller: [0, 1/2, 1]
outcomes: trade
trade: {seller: seller, buyer: buyer}
require: {ic: ex-post, ir: ex-post}
objective: revenue
beliefs:
"""
B = Rationals.of([0, F(1, 2), 1]).reshape(3, 1).broadcast_to((3, 3))
S = Rationals.of([0, F(1, 2), 1]).reshape(1, 3).broadcast_to((3, 3))
UNIFORM = Rationals.of([[F(1, 9)] * 3] * 3)
POINTS = [[1, 0], [1, 0], [1, F(1, 2)], [F(1, 2), 0]]


def wasserstein(radius):
    cost = [(abs(B - p) + abs(S - q)).tolist() for p, q in ((1, 0), (1, F(1, 2)), (F(1, 2), 0))]
    return BeliefSet.wasserstein([F(1, 2), F(1, 4), F(1, 4)], cost, radius)


EMPIRICAL = Rationals.of([[0, 0, 0], [F(1, 4), 0, 0], [F(1, 2), F(1, 4), 0]])
KINDS = {
    "everything": BeliefSet.everything((3, 3)),
    "{mean: {buyer: 0.8, seller: eps}}": BeliefSet.moment(B, "=", F(4, 5))
    & BeliefSet.moment(S, "=", F(1, 10)),
    "{mean: {buyer: 0.8}, variance: {buyer: 0.1}}": BeliefSet.moment(B, "=", F(4, 5))
    & BeliefSet.moment((B - F(4, 5)) * (B - F(4, 5)), "=", F(1, 10)),
    "{moments: [{of: buyer*seller, equals: 0.2}, {of: buyer, at-least: 0.7}, {of: seller, at-most: 1/4}]}": BeliefSet.moment(
        B * S, "=", F(1, 5)
    )
    & BeliefSet.moment(B, ">=", F(7, 10))
    & BeliefSet.moment(S, "<=", F(1, 4)),
    "{marginals: {buyer: uniform, seller: [1/2, 1/2, 0]}}": BeliefSet.marginal(0, [F(1, 3)] * 3, (3, 3))
    & BeliefSet.marginal(1, [F(1, 2), F(1, 2), 0], (3, 3)),
    "{support: buyer > seller}": BeliefSet.support(np.asarray(B > S)),
    "{mean: {buyer: 0.6}, range: {buyer: [1/2, 1]}}": BeliefSet.moment(B, "=", F(3, 5))
    & BeliefSet.support(np.asarray(F(1, 2) <= B)),
    "{around: [[1/9, 1/9, 1/9], [1/9, 1/9, 1/9], [1/9, 1/9, 1/9]], contamination: eps}": BeliefSet.contamination(
        UNIFORM, F(1, 10)
    ),
    "{around: [[1/9, 1/9, 1/9], [1/9, 1/9, 1/9], [1/9, 1/9, 1/9]], variation: eps}": BeliefSet.variation(
        UNIFORM, F(1, 10)
    ),
    "[[[1/9, 1/9, 1/9], [1/9, 1/9, 1/9], [1/9, 1/9, 1/9]], [[0, 0, 0], [1/4, 0, 0], [1/2, 1/4, 0]]]": BeliefSet.finite(
        [UNIFORM.tolist(), EMPIRICAL.tolist()]
    ),
    "{data: [[1, 0], [1, 0], [1, 1/2], [1/2, 0]], distance: eps}": wasserstein(F(1, 10)),
    "{data: [[1, 0], [1, 0], [1, 1/2], [1/2, 0]]}": BeliefSet.finite(EMPIRICAL.reshape(1, 3, 3)),
    "{data: [[1, 0], [1, 0], [1, 1/2], [1/2, 0]], distance: 1/4, mean: {buyer: 0.8}}": wasserstein(F(1, 4))
    & BeliefSet.moment(B, "=", F(4, 5)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_value_of_its_set(kind):
    design = read_text(HEAD + f"  designer: {kind}\n").design
    answer = design.solve()
    assert answer.status == "optimal" and answer.certified
    environment = mechlp.Environment(
        design.environment.agents,
        design.environment.outcomes,
        design.environment.utility,
        designer_set=KINDS[kind],
    )
    direct = mechlp.Design(environment, ic="ex-post", ir="ex-post", objective="revenue").solve()
    assert direct.value == answer.value
    for found in (answer, direct):
        assert verify(json.loads(json.dumps(found.to_json()))).accepted


def test_single_priors_are_as_before():
    for spec in ("uniform", "{table: [[1/9, 1/9, 1/9], [1/9, 1/9, 1/9], [1/9, 1/9, 1/9]]}"):
        environment = read_text(HEAD + f"  designer: {spec}\n").design.environment
        assert environment.designer_set is None and environment.designer.same(UNIFORM)


def test_both_ends_of_the_continuum_in_one_file():
    text = HEAD + "  designer: {mean: {buyer: 0.9, seller: 0.1}, continuum: CHOICE}\n"
    answer = read_text(text.replace("CHOICE", "true")).design.solve()
    alone = read_text(text.replace("CHOICE", "rounded")).design.solve()
    assert answer.continuum.value == alone.value < answer.value
    saved = json.loads(json.dumps(answer.to_json()))
    assert saved["continuum"]["problem"]["beliefs"]["designer"]["continuum"] == "rounded"
    assert verify(saved).accepted and verify(saved["continuum"]).accepted


def test_what_is_said_of_a_group_is_said_of_every_copy():
    text = """agents: {bidder: {types: [0, 1, 2], copies: 2}}
outcomes: single-good
beliefs: {designer: {mean: {bidder: 1}}}
require: {ic: ex-post, ir: ex-post}
objective: revenue
"""
    each = text.replace("{bidder: 1}", "{bidder1: 1, bidder2: 1}")
    sets = [read_text(t).design.environment.designer_set for t in (text, each)]
    assert sets[0].same(sets[1]) and len(sets[0].rows) == 2


# (description, words of the message)
WRONG = [
    ("{}", "empty description"),
    ("{mean: 1/2}", "say for whom"),
    ("{mean: {buyer: 2}}", "outside her types"),
    ("{mean: {broker: 1/2}}", "say for whom"),
    ("{meen: {buyer: 1/2}}", "did you mean 'mean'"),
    ("{moments: [{of: buyer, equals: 1/2, at-most: 1}]}", "exactly one of equals"),
    ("{moments: [{of: broker, equals: 1/2}]}", "unknown name 'broker'"),
    ("{mean: {buyer: 1/2}, moments: [{of: buyer, at-least: 3/4}]}", "no distribution satisfies it"),
    ("{marginals: {buyer: [1/2, 1/2, 1/2]}}", "sums to 3/2"),
    ("{support: buyer > 2}", "no cell is possible"),
    ("{distance: 1/10}", "goes with data"),
    ("{table: [[1, 0, 0], [0, 0, 0], [0, 0, 0]], mean: {buyer: 0}}", "single prior"),
    ("{data: values.csv}", "beside the problem file"),
    ("{data: [[1, 0], [1, 2/5]]}", "observation 2: seller: 2/5 is not on her grid; the nearest type is 1/2"),
    ("{data: [[1, 0], [1]]}", "observation 2: expected 2 types"),
    ("{data: []}", "expected a CSV file"),
    ("{data: [[1, 0]], distance: -1}", "not be negative"),
    ("{around: [[1, 0, 0], [0, 0, 0], [0, 0, 0]], contamination: 2}", "must lie in [0, 1]"),
    ("{contamination: 1/2}", "no prior to take the center from"),
    ("{marginals: {buyer: uniform}, continuum: true}", "between the points of the grid"),
    ("{variance: {buyer: 1}}", "needs the mean"),
    ("{range: {buyer: 1}}", "expected two numbers, the least and the largest"),
    ("{range: {buyer: [0, 1/2, 1]}}", "expected two numbers, the least and the largest"),
    ("{rows: [{name: x, equals: [1], entries: [[0, 99, 1]]}]}", "outside"),
]


@pytest.mark.parametrize(("spec", "words"), WRONG, ids=[w[0] for w in WRONG])
def test_mistakes_are_one_message_with_a_line(spec, words):
    with pytest.raises(InvalidFile) as caught:
        read_text(HEAD + f"  designer: {spec}\n")
    message = str(caught.value)
    assert words in message and ":10: " in message, message


CSV = [
    ("buyer,seller\n1,0\n1/2,0\n", None),
    ("seller,buyer\n0,1\n\n0,0.5\n", None),
    ("buyer,seller\n1,0\n,0\n", "values.csv:3: buyer: a missing cell"),
    ("buyer,seller\n1,0\n1\n", "values.csv:3: 1 cells, expected 2"),
    ("buyer,seller\n1,0\n1,high\n", "values.csv:3: seller: 'high' is not a number"),
    ("buyer,seller\n1,0\n\n0.7,0\n", "values.csv:4: buyer: 7/10 is not on her grid"),
    ("buyer,cost\n1,0\n", "values.csv:1: the columns are buyer, cost; expected buyer, seller"),
    ("buyer,seller\n", "no observations"),
    ("", "values.csv:1: the columns are missing"),
    ('buyer,seller\n"1,0\n', "not a CSV file"),
]


@pytest.mark.parametrize(("content", "words"), CSV, ids=[repr(c[0]) for c in CSV])
def test_data_from_a_file(content, words, tmp_path):
    (tmp_path / "values.csv").write_text(content)
    problem = tmp_path / "problem.yaml"
    problem.write_text(HEAD + "  designer: {data: values.csv}\n")
    run = CliRunner().invoke(main, ["solve", str(problem), "--out", str(tmp_path / "a.json")])
    if words is not None:
        assert (
            run.exit_code == 2 and words in " ".join(run.output.split()) and "problem.yaml:10" in run.output
        )
        return
    assert run.exit_code == 0, run.output
    saved = json.loads((tmp_path / "a.json").read_text())
    assert saved["problem"]["beliefs"]["designer"]["data"] == [
        ["1", "0"],
        ["1/2" if "1/2" in content else "0.5", "0"],
    ]
    (tmp_path / "values.csv").unlink()
    assert verify(saved).accepted


def test_a_missing_file_is_said_plainly(tmp_path):
    problem = tmp_path / "problem.yaml"
    problem.write_text(HEAD + "  designer: {data: values.csv}\n")
    run = CliRunner().invoke(main, ["solve", str(problem), "--no-save"])
    assert run.exit_code == 2 and "values.csv: cannot be read" in run.output


def test_many_mistakes_in_data_are_listed_with_their_lines(tmp_path):
    (tmp_path / "values.csv").write_text("buyer,seller\n" + "0.3,0\n" * 9)
    problem = tmp_path / "problem.yaml"
    problem.write_text(HEAD + "  designer: {data: values.csv}\n")
    run = CliRunner().invoke(main, ["solve", str(problem), "--no-save"])
    said = " ".join(run.output.split())
    assert run.exit_code == 2 and "values.csv:6" in said and "(and 4 more)" in said


def test_picture_of_the_worst_case(tmp_path):
    problem = tmp_path / "problem.yaml"
    problem.write_text(HEAD + "  designer: {mean: {buyer: 0.9, seller: 0.1}}\n")
    target = tmp_path / "worst.png"
    run = CliRunner().invoke(main, ["solve", str(problem), "--no-save", "--plot", str(target)])
    assert run.exit_code == 0 and target.read_bytes().startswith(b"\x89PNG")
    assert "Worst-case prior" in run.output and "guaranteed revenue" in run.output
    bad = CliRunner().invoke(
        main, ["solve", str(problem), "--no-save", "--plot", str(tmp_path / "worst.bmp")]
    )
    assert bad.exit_code == 2 and ".png" in bad.output
    problem.write_text(HEAD + "  designer: uniform\n")
    none = CliRunner().invoke(main, ["solve", str(problem), "--no-save", "--plot", str(target), "--kind", "worst-case"])
    assert none.exit_code == 2 and "set of priors" in none.output


def test_pages_tell_what_the_designer_holds_possible(tmp_path):
    problem = tmp_path / "problem.yaml"
    problem.write_text(HEAD + "  designer: {mean: {buyer: 0.9, seller: 0.1}, continuum: true}\n")
    shown = " ".join(CliRunner().invoke(main, ["show", str(problem)]).output.split())
    assert "mean of buyer = 9/10; mean of seller = 1/10" in shown
    proof = CliRunner().invoke(main, ["solve", str(problem), "--no-save", "--latex"]).output
    answer = mechlp.read(problem).design.solve()
    prior = answer.worst_case.distribution(answer.design)
    assert proof.count(r"\mathrm{Pr[") == int((prior != 0).sum()) > 0
    table = CliRunner().invoke(main, ["compare", str(problem)])
    assert table.exit_code == 0 and "continuum: a guarantee" not in table.output


REPRO = Path(__file__).parents[1] / "data" / "repro"


@pytest.mark.parametrize("name", ["robamb.yaml", "ambiguous-with-designer-set.yaml"])
def test_ambiguous_rules_with_a_set_of_priors_are_refused_in_one_sentence(name):
    result = CliRunner().invoke(main, ["solve", str(REPRO / name), "--no-save"])
    assert result.exit_code == 2
    assert "does not go with ic: ambiguous-transfers; give one prior" in result.output
