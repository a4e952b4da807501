"""Theorems over parameters claim no more than what holds at every point: degrees, worst cases, ends of intervals, and multipliers
that need cases."""

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.deadline import Deadline
from mechlp.exact.algebraic import Algebraic
from mechlp.proof.family import Range
from mechlp.proof.intervals import Cut, Interval
from mechlp.proof.invalid import InvalidCertificate
from mechlp.proof.polynomial import Refuting
from mechlp.proof.relaxation import Relaxation
from mechlp.proof.stretch import Stretch
from mechlp.proof.threshold import Line, Threshold, along
from mechlp.question.rules import lies, only
from mechlp.solving.functions import Choice, Moved

CONFIGS = Path(__file__).parents[2] / "configs"
ONE = """
parameters: {{m: 1/2}}
agents: {{one: [t], two: {types}}}
outcomes: [nothing, done]
payoffs: {{done: {{one: {payoff}}}}}
beliefs: {beliefs}
allocation: {{table: [[{done}]]}}
transfers: none
require: {{ic: {ic}, ir: interim}}
"""
PAIR = {"types": "[a, b]", "payoff": "[[1, -1]]", "done": "done, done", "ic": "bewley"}
GRID = {
    "types": "{types: {values: [0, 1], dimensions: 2}}",
    "payoff": "'two[0]*two[1] - 1/2'",
    "done": "done, done, done, done",
}
#: A number of a marginal whose chances are quotients of it, or polynomials of a higher degree: weights are divided by their sum
#: (one is served up to m = 1), a vector has the product of its coordinates' chances (up to the root of 1/2).
DIVIDED = {
    "weights": PAIR | {"beliefs": "{sets: {one: {marginals: {two: {weights: [1, m]}}}, two: everything}}"},
    "a family": PAIR
    | {"beliefs": "{sets: {one: {marginals: {two: {family: geometric, ratio: m}}}, two: everything}}"},
    "a prior of vectors": GRID
    | {"beliefs": "{prior: {product: {one: [1], two: [1-m, m]}}}", "ic": "bayesian"},
    "a set of vectors": GRID
    | {"beliefs": "{sets: {one: {marginals: {two: [1-m, m]}}, two: everything}}", "ic": "bewley"},
}


@pytest.mark.parametrize("name", DIVIDED)
def test_chances_that_are_no_such_polynomials_are_refused(name):
    file = mechlp.read_text(ONE.format(**DIVIDED[name]))
    with pytest.raises(mechlp.InvalidInput, match="depends on the parameters"):
        mechlp.threshold(file, over="m=1/2:3/4")


def test_a_marginal_that_is_affine_is_followed():
    file = mechlp.read_text(
        ONE.format(**PAIR, beliefs="{sets: {one: {marginals: {two: [1-m, m]}}, two: everything}}")
    )
    found = mechlp.threshold(file, over="m=1/4:3/4")
    assert found.holds(m="1/2") is True
    assert found.holds(m="51/100") is False


OUTSIDE = """
parameters: {s: 1/4}
agents: {one: [t], two: [x, y]}
outcomes: [done]
payoffs: {done: {one: 1/2}}
outside: {one: [[1, 91 - 100*s]]}
beliefs: {sets: {one: everything, two: everything}}
allocation: {table: [[done, done]]}
require: {ic: maxmin, ir: interim, bb: ex-post-weak}
transfers: none
"""


def test_the_worst_case_of_an_outside_option_is_no_polynomial():
    """The least of 1 and 91 - 100 s is below 1/2 from s = 181/200 on."""
    file = mechlp.read_text(OUTSIDE)
    assert file.rebuilt({"s": "19/20"}).solve().status == "feasible"
    assert mechlp.region(file, over="s=0:1", pieces=4).holds(s="19/20") is not False


ROOT = """
parameters: {x: 1}
agents: {one: [t], two: [u]}
outcomes: [done]
payoffs: {done: {one: x**2 - 2}}
beliefs: {prior: uniform}
allocation: {table: [[done]]}
transfers: none
objective: surplus
require: {ic: ex-post, ir: ex-post}
"""


def test_a_bound_that_refutes_inside_may_be_zero_at_the_end():
    """At the root of 2 taking part pays 0, and is possible."""
    found = mechlp.value_function(mechlp.read_text(ROOT), over="x=0:2")
    impossible = next(stage for stage in found.stages if stage.value is None)
    assert impossible.closed == (True, False)
    assert verify(found.to_json()).accepted


MAXMIN = """
parameters: {{s: 0}}
agents: {{one: [a, b], two: [x, y]}}
outcomes: [left, right]
payoffs:
  left: {{one: [[1, 1], [1, 1]]}}
  right: {{one: [[{low}, 5 + s], [{high}, 5 + s]]}}
beliefs: {{sets: {{one: everything, two: everything}}}}
allocation: {{table: [[left, left], [right, right]]}}
transfers: none
require: {{ic: maxmin, ir: none, bb: none}}
"""


def seen_under_one_belief(file):
    """The family along s, and multipliers that refute mechanisms if a lie is seen under belief 2 alone."""
    family = along(file.document, Range("s", F(-1), F(1)), ())
    stretch = Stretch.of(family, Algebraic.of(F(-1)), Algebraic.of(F(1)))
    labels = tuple(
        1 if lie[:3] == (0, 0, 1) else max(only(stretch.middle, lie), 0) for lie in lies(stretch.middle)
    )
    moved = Moved.of(stretch, F(1, 7), Deadline.of(60), Choice(None, stretch.allowed[None], None, labels))
    return family, moved.multipliers()


@pytest.fixture(scope="module")
def maxmin():
    file = mechlp.read_text(MAXMIN.format(low=0, high=2))
    assert file.design.solve().status == "feasible"
    return file, *seen_under_one_belief(file)


def test_multipliers_that_see_a_lie_under_one_belief_refute_no_threshold(maxmin):
    file, family, y = maxmin
    honest = mechlp.threshold(file, over="s=-1:1")
    assert honest.holds(s="0") is True
    ends = [Algebraic.of(F(-1)), Algebraic.of(F(1))]
    line = Line(family, (), tuple(map(Cut, ends)), (Interval(*ends, multipliers=y),))
    forged = Threshold(honest.document, honest.over, honest.title, (line,))
    assert not verify(forged.to_json()).accepted


def test_nor_a_region(maxmin):
    file, _, y = maxmin
    honest = mechlp.region(file, over="s=-1:1")
    parts = tuple(
        replace(part, pieces=tuple(replace(p, claim=Refuting((y.at(F(1, 7)),))) for p in part.pieces))
        for part in honest.parts
    )
    with pytest.raises(InvalidCertificate, match="belief of its case"):
        verify(replace(honest, parts=parts).to_json())


def test_nor_say_that_less_slack_is_not_enough():
    """Truth pays 1, the lie 3 at worst: two is enough; under belief 2 alone the lie pays 5."""
    file = mechlp.read_text(MAXMIN.format(low=3, high=3))
    answer = file.design.solve()
    assert answer.status == "infeasible"
    _, y = seen_under_one_belief(file)
    more = Relaxation("ic", F(4), file.design.asking(ic="none").solve().rules, y.at(F(0)))
    verdict = verify(replace(answer, relaxations=(more,)).to_json())
    assert not verdict.accepted and "belief of its case" in str(verdict.problems)


def test_another_parameter_than_a_belief_cannot_be_revised(tmp_path):
    """x is a share of the property: what changes payoffs is another problem, not another belief."""
    asked = ["efficient", str(CONFIGS / "peski-2023-a1.yaml"), "--revise", "player2:x=1"]
    found = CliRunner().invoke(main, [*asked, "--out", str(tmp_path / "a.json")])
    assert found.exit_code == 2 and "more than beliefs changes" in found.output
