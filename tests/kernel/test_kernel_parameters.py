"""Regions and value functions of one parameter are theorems about every value of it."""

from dataclasses import replace
from fractions import Fraction as F

import pytest
from coq_runs import accepted, needs_coq

import mechlp
from mechlp.kernel.covered import NotCovered
from mechlp.kernel.export import exported, from_document
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


@pytest.fixture(scope="module")
def answers(root):
    border = mechlp.region(mechlp.read(root / "configs" / "guo-2018-example-1.4.2.yaml"), "B=0:2")
    return {"border": border, "value": mechlp.value_function(mechlp.read_text(VALUE), "w=0:4")}


def test_a_parameter_between_two_ends(library, standalone, answers):
    true = {name: exported(from_document(one.to_json())) for name, one in answers.items()}
    border = true["border"].statement
    assert "(forall x : Q, (0 <= x)%Q -> (x <= 1)%Q -> exists M : mechanism, asks x M)" in border
    assert "(forall x : Q, (1 < x)%Q -> (x < 2)%Q -> ~ exists M : mechanism, asks x M)" in border
    assert "expected_revenue (env x) M <= (7#4)%Q + (1#2)%Q * x" in true["value"].statement
    assert all(map(standalone, true.values()))
    text = true["border"].text
    false = {
        "further": replace(true["border"], text=text.replace("(1)%Q (2)%Q", "(1#2)%Q (2)%Q")),
        "served_further": replace(true["border"], text=text.replace("(0)%Q (1)%Q", "(0)%Q (5#4)%Q")),
        "other_slopes": replace(true["border"], text=text.replace("Val (-2)", "Val (-1)")),
    }
    for k, piece in enumerate(answers["value"].parts[0].pieces):
        assert isinstance(piece, Optimum)
        for by in (F(-1, 1000), F(1, 1000)):
            moved = replace(piece, values=tuple(v + by for v in piece.values))
            pieces = tuple(moved if j == k else p for j, p in enumerate(answers["value"].parts[0].pieces))
            part = replace(answers["value"].parts[0], pieces=pieces)
            false[f"value_{k}_{by > 0}"] = exported(replace(answers["value"], parts=(part,)))
    assert all(one.text not in (text, true["value"].text) for one in false.values())
    assert not any(map(standalone, false.values()))
    stated = replace(true["border"], text=text.replace("(x <= 1)%Q", "(x <= 2)%Q"))
    assert accepted({**true, "stated": stated, "further": false["further"]}, library) == set(true)


def test_two_parameters_are_not_covered(root):
    both = mechlp.region(mechlp.read(root / "configs" / "guo-2018-example-1.4.2.yaml"), ["a=1:2", "B=0:2"])
    with pytest.raises(NotCovered, match="regions of 2 parameters"):
        exported(both)
