"""Regions and value functions of parameters are theorems about every value of these."""

import json
import random
from dataclasses import replace
from fractions import Fraction as F

import pytest
from coq_runs import accepted, needs_coq

import mechlp
from mechlp.kernel.covered import NotCovered
from mechlp.kernel.export import exported, from_document
from mechlp.kernel.polygons import beyond, sides, written
from mechlp.kernel.syntax import Numerals
from mechlp.proof.value import Optimum

pytestmark = needs_coq
VALUE = """
agents: {a: [l, h], b: [l, h]}
outcomes: [none, do]
parameters: {w: 1}
payoffs:
  none: {a: 0, b: 0}
  do: {a: [[w, w], [3, 3]], b: [[1, 2], [1, 2]]}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""
#: Where w < 2 nothing is done at two profiles; at w = 2 both outcomes are efficient there.
JUMP = VALUE.replace("objective", "allocation: efficient\nobjective").replace("[1, 2]", "[-2, 1]")
#: What is done is worth 2 in all: a mechanism exists iff the options outside are worth no more.
OUTSIDE = """
agents: {a: [l, h], b: [l]}
outcomes: [none, do]
parameters: {M: 1, z: 1}
payoffs:
  none: {a: 0, b: 0}
  do: {a: 1, b: 1}
outside: {a: M, b: z}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: ex-post}
objective: feasibility
"""
#: Where z < 0 nothing is to be done, and M > 0 outside is too much; elsewhere what is done has to be worth M / 4.
TWO_RULES = (
    OUTSIDE.replace("{a: 1, b: 1}", "{a: 1, b: z - 1}")
    .replace("{a: M, b: z}", "{a: M/4, b: 0}")
    .replace("require", "allocation: efficient\nrequire")
)


@pytest.fixture(scope="module")
def answers(root):
    """Regions and values, each as it is read back."""
    guo = mechlp.read(root / "configs" / "guo-2018-example-1.4.2.yaml")
    found = {
        "border": mechlp.region(guo, "B=0:2"),
        "plane": mechlp.region(guo, ["a=1:2", "B=-1:2"]),
        "value": mechlp.value_function(mechlp.read_text(VALUE), "w=0:4"),
        "jump": mechlp.value_function(mechlp.read_text(JUMP), "w=0:4"),
        "two_rules": mechlp.region(mechlp.read_text(TWO_RULES), ["M=0:2", "z=-2:2"]),
        "outside": mechlp.region(mechlp.read_text(OUTSIDE), ["M=0:2", "z=0:2"], pieces=4),
    }
    return {name: from_document(json.loads(json.dumps(one.to_json()))) for name, one in found.items()}


def moved_values(answers, name):
    """Files that claim a little more, or less, on one piece."""
    (first, *rest) = answers[name].parts
    for k, piece in enumerate(first.pieces):
        assert isinstance(piece, Optimum)
        for by in (F(-1, 1000), F(1, 1000)):
            moved = replace(piece, values=tuple(v + by for v in piece.values))
            pieces = tuple(moved if j == k else p for j, p in enumerate(first.pieces))
            parts = (replace(first, pieces=pieces), *rest)
            yield f"{name}_{k}_{by > 0}", exported(replace(answers[name], parts=parts))


def instead(one, old, new):
    """The same file with something else in the place of what is there."""
    assert old in one.text and old != new
    return replace(one, text=one.text.replace(old, new))


def test_parameters_between_corners(library, standalone, answers):
    true = {name: exported(one) for name, one in answers.items()}
    border, plane = true["border"], true["plane"]
    some = "exists M : mechanism, asks"
    assert f"(forall B : Q, (0 <= B)%Q -> (B <= 2)%Q -> ((B <= 1)%Q <-> {some} B M))" in border.statement
    box = "(1 <= a)%Q -> (a <= 2)%Q -> ((-1) <= B)%Q -> (B <= 2)%Q"
    assert f"(forall a B : Q, {box} -> ((B <= a)%Q <-> {some} a B M))" in plane.statement
    two, ranges = true["two_rules"].statement, "(0 <= parameter_1)%Q -> (parameter_1 <= 2)%Q"
    assert f"{ranges} -> (0 < z)%Q -> (z <= 2)%Q -> ((parameter_1 <= 4 * z)%Q <-> {some}" in two
    assert f"(0 < parameter_1)%Q -> (parameter_1 <= 2)%Q -> (z == 0)%Q -> ~ {some}" in two
    assert "expected_revenue (env w) M <= (7#4)%Q + (1#2)%Q * w" in true["value"].statement
    at_the_jump = (
        "(forall w : Q, (w == 2)%Q -> exists M : mechanism, asks w M /\\ expected_revenue (env w) M ="
    )
    assert at_the_jump in true["jump"].statement
    assert "parameter_1 z : Q" in true["outside"].statement and "~ exists M" in true["outside"].statement
    assert all(map(standalone, true.values()))
    false = {
        "further": instead(plane, "[0; 1; (-1)]%Q", "[(-1#9); 1; (-1)]%Q"),
        "served_further": instead(plane, "[2; 2], ", "[2; 3], "),
        "other_slopes": instead(plane, "Val (-2)", "Val (-1)"),
        "multiplier": instead(plane, "(ratio 10 3), ic_row 0 0 1", "(ratio 11 3), ic_row 0 0 1"),
        "sign": instead(plane, "(ratio 10 3), ic_row 0 0 1", "(ratio (-10) 3), ic_row 0 0 1"),
        "clockwise": instead(plane, "[1; 0]; [2; 0]", "[2; 0]; [1; 0]"),
        **dict(moved_values(answers, "value")),
        **dict(moved_values(answers, "jump")),
    }
    assert [name for name, one in false.items() if standalone(one)] == []
    stated = {
        "half": instead(plane, "((B <= a)%Q <->", "((B <= 2 * a)%Q <->"),
        "on_the_tie": instead(true["two_rules"], "(0 < parameter_1)%Q", "(0 <= parameter_1)%Q"),
        "other_side": instead(true["two_rules"], "(0 < z)%Q", "((-1) < z)%Q"),
        "open": instead(border, "((B <= 1)%Q <->", "((B < 1)%Q <->"),
        "jumps_elsewhere": instead(true["jump"], "(w == 2)%Q", "(w == 1)%Q"),
    }
    few = dict(random.Random(3).sample(sorted(false.items()), 4))
    assert accepted({**true, **stated, **few}, library) == set(true)


def test_sides_of_polygons_are_inequalities():
    """The triangle (0, 0), (2, 0), (0, 1): x, y and 2 - x - 2 y are not negative in it."""
    corners = [(F(0), F(0)), (F(2), F(0)), (F(0), F(1))]
    found = [written(s.line, "<=", ("x", "y"), Numerals()) for s in sides(corners, 2)]
    assert found == ["(0 <= y)%Q", "(x + 2 * y <= 2)%Q", "(0 <= x)%Q"]
    every, strict = sides(corners, 2), []
    line = beyond(corners, [F(0), F(0), F(-1)], every, strict)
    assert [line[0] + line[1][0] * x + line[1][1] * y for x, y in corners] == [0, 0, -1]
    assert strict == [every[0]]


def test_what_depends_on_more_is_not_covered(root):
    document = OUTSIDE.replace("prior: uniform", "prior: {table: [[M/4], [1 - M/4]]}")
    curved = mechlp.region(mechlp.read_text(document), "M=1:2", pieces=3)
    with pytest.raises(NotCovered, match="more than payoffs"):
        exported(curved)
