"""Definitions, and outcomes with numbers of their own."""

import itertools
from fractions import Fraction as F

import pytest

import mechlp
from mechlp import InvalidFile
from mechlp.environment.formulas import Definition, InvalidFormula, evaluate
from mechlp.exact.numbers import Rationals

FILE = """parameters: {cost: 3, price: 2}
let:
  share: cost/2
  rent(who): who - share*price
  both(x, y): rent(x) + rent(y)
  total(b): b.v + b.w
agents:
  one: [4, 5]
  two: {copies: 2, types: {v: [0, 1], w: [2]}}
outcomes:
  no: {}
  yes: {quality: [1, 3], size: {from: 0, to: 1, count: 2}}
payoffs:
  no: {one: "both(one, 1)"}
  yes:
    one: one*quality - size*share
    two: total(two) + total(two1)*quality
outside: {one: share}
beliefs: {prior: uniform}
allocation: {lottery: {yes: 1/8 if size == 1 else 3/8}}
objective: {maximize: {allocation: {yes: quality**2 - size, no: share}}}
"""


def test_definitions_are_written_out_where_they_are_used():
    design = mechlp.read_text(FILE).design
    environment = design.environment
    assert environment.outcomes == (
        "no",
        *(f"yes(quality={q}, size={s})" for q, s in itertools.product((1, 3), (0, 1))),
    )
    assert environment.utility[0][0, :, 0, 0].tolist() == [4 - 3 + 1 - 3, 5 - 3 + 1 - 3]
    assert environment.outside[0][0, 0, 0] == F(3, 2)
    for a, (q, s) in enumerate(itertools.product((1, 3), (0, 1)), 1):
        for k, one in enumerate((4, 5)):
            assert environment.utility[0][a, k, 0, 0] == one * q - s * F(3, 2)
        for v1, v2 in itertools.product((0, 1), repeat=2):
            assert environment.utility[2][a, 0, v1, v2] == (v2 + 2) + (v1 + 2) * q
        assert design.wants.allocation[a, 0, 0, 0] == q**2 - s
        assert design.allocation[a, 0, 0, 0] == (F(1, 8) if s else F(3, 8))
    assert design.wants.allocation[0, 0, 0, 0] == F(3, 2)


def test_rules_and_parameters_reach_definitions():
    text = FILE.replace(
        "{lottery: {yes: 1/8 if size == 1 else 3/8}}", "{rule: {yes: one*quality >= 4 + share*size, no: 1}}"
    )
    assert mechlp.read_text(text).design.allocation[1, 0, 0, 0] == 1
    changed = mechlp.read_text(FILE, overrides={"cost": "10"}).design
    assert changed.environment.outside[0][0, 0, 0] == 5
    assumed = FILE.replace("agents:", "assume: {cheap: share < 2}\nagents:")
    assert mechlp.read_text(assumed).design.environment.n == 3
    with pytest.raises(InvalidFile, match="share < 2 is assumed"):
        mechlp.read_text(assumed, overrides={"cost": "10"})


def test_irrational_definitions_and_families():
    text = FILE.replace("one*quality - size*share", "sqrt(one*quality) - size*root").replace(
        "share: cost/2", "share: cost/2\n  root: sqrt(2)"
    )
    text = text.replace("{maximize: {allocation: {yes: quality**2 - size, no: share}}}", "revenue").replace(
        "  two: total", "  two: total"
    )
    environment = mechlp.read_text(text).design.environment
    low, high = environment.utility[0][4, 1, 0, 0], environment.utility_above[0][4, 1, 0, 0]
    assert (
        low < high
        and low <= F(15**0.5 - 2**0.5) + F(1, 10**12)
        and high >= F(15**0.5 - 2**0.5) - F(1, 10**12)
    )


def test_arguments_do_not_leak_and_steps_are_bounded():
    names = {"x": Rationals.of(7), "inner": Definition((), "x"), "outer": Definition(("x",), "inner + x")}
    assert evaluate("outer(2)", names).item() == 9
    doubling = {f"d{k}": Definition((), f"d{k + 1} + d{k + 1}") for k in range(40)} | {
        "d40": Definition((), "1")
    }
    with pytest.raises(InvalidFormula, match="nested too deeply"):
        evaluate("d0", doubling)
    with pytest.raises(InvalidFormula, match="nested too deeply"):
        evaluate("loop", {"loop": Definition((), "loop + 1")})


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("share: cost/2", "share: cots/2", 3, "unknown name 'cots'; did you mean 'cost'"),
        ("share: cost/2", "share: both(1, 2)", 3, "unknown name 'both'"),
        ("share: cost/2", "share: cost +", 3, "is not a formula"),
        ("share: cost/2", "cost: 2", 3, "'cost' means something already"),
        ("share: cost/2", "min: 2", 3, "'min' means something already"),
        ("share: cost/2", "share(: 2", 3, "called by a name"),
        ("share: cost/2", "share(if): 2", 3, "cannot be used in formulas"),
        ("share: cost/2", "share(a,a): 2", 3, "two arguments have the same name"),
        ("both(one, 1)", "both(one)", 14, "both(x, y) takes 2 arguments, found 1"),
        ("both(one, 1)", "share(1)", 14, "takes 0 arguments"),
        ("both(one, 1)", "total(one)", 14, "in `total`: 'b.v' is not allowed"),
        ("both(one, 1)", "quality", 14, "unknown name 'quality'"),
        ("one: [4, 5]", "share: [4, 5]", 8, "both an agent and a definition"),
        ("quality: [1, 3]", "one: [1, 3]", 12, "means something already"),
        ("quality: [1, 3]", "quality: [1, high]", 12, "'high' is not a number"),
        ("quality: [1, 3]", "quality: [1, 1]", 12, "a number appears twice"),
        ("quality: [1, 3]", "quality: 1", 12, "expected a list of types"),
        ("quality: [1, 3]", "quality: {from: 1}", 12, "from, to and count"),
        ("  no: {}", "  no: 5", 11, "expected numbers"),
        ("yes: quality**2", "yse: quality**2", 21, "did you mean 'yes'"),
    ],
)
def test_mistakes(old, new, line, words):
    with pytest.raises(InvalidFile) as caught:
        mechlp.read_text(FILE.replace(old, new, 1))
    assert f"text:{line}: " in str(caught.value) and words in str(caught.value), str(caught.value)
