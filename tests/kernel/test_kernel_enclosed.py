"""Payoffs between two ends: the theorem is about all of them, irrational ones too."""

import random
import re
from dataclasses import replace
from fractions import Fraction as F

import pytest
from coq_runs import accepted, changed, needs_coq, solved
from random_designs import _numbers, random_constrained, random_design

import mechlp
from mechlp import Rationals
from mechlp.kernel.export import exported

pytestmark = needs_coq
#: Seeds of drawn questions, by what comes out.
DRAWN = {
    "none": (111, "infeasible"),
    "none_ex_post": (50, "infeasible"),
    "some": (112, "feasible"),
    "some_ex_post": (94, "feasible"),
    "about": (106, "bracket"),
    "about_ex_post": (208, "bracket"),
    "surplus": (176, "bracket"),
    "payoffs": (41, "bracket"),
}
#: Two agents whose payoffs are square roots: trade pays for nobody else, so that no revenue is left.
ROOTS = """
agents:
  seller: {types: [2, 3]}
  buyer: {types: [5, 6]}
outcomes: [none, trade]
payoffs:
  trade: {seller: "-seller ** (1/2)", buyer: "buyer ** (1/2)"}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: ex-post}
allocation: efficient
"""


def drawn(seed):
    """A random question, with payoffs up to some width above those of the draw."""
    dice = random.Random(seed)
    design = random_design(dice) if dice.random() < 0.7 else random_constrained(dice)
    environment = design.environment
    full = (len(environment.outcomes), *environment.shape)
    width = dice.choice([F(1, 1000), F(1, 10), F(1, 2)])
    low = tuple(u.broadcast_to(full) for u in environment.utility)
    high = tuple(u + Rationals.of(_numbers(dice, full, 0, 1, (1,))) * width for u in low)
    return design.asking(environment=replace(environment, utility=low, utility_above=high))


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Answers of every kind, and of an example with square roots."""
    file = tmp_path_factory.mktemp("roots") / "roots.yaml"
    file.write_text(ROOTS)
    found = {"roots": solved(mechlp.read(file).design)}
    for name, (seed, status) in DRAWN.items():
        found[name] = solved(drawn(seed))
        assert found[name].status == status and not found[name].design.environment.exact
    return found


def forged(name, answer, one):
    """Wider ends, a multiplier, its sign, a value, a bound, transfers."""
    if answer.rules:
        first = r"Definition ends([^;]*?)\(([^()]*|\([^()]*\)), ([^()]*|\([^()]*\))\)"
        yield f"{name}_ends", changed(one, first, r"Definition ends\1((-1000), 1000)")
    if "multipliers" in one.text:
        for kind in sorted(
            {"ic_row", "ir_row", "ICat", "IRat", "Own"} & set(re.findall(r", (\w+) \d", one.text))
        ):
            yield f"{name}_{kind}", changed(one, rf"\((ratio )?\(?-?[^,]*, {kind} ", f"((-123#7), {kind} ")
    if answer.value is not None:
        yield f"{name}_value", exported(replace(answer, value=answer.value + F(1, 1000)))
        width = 1 if answer.design.wants.maximize else -1
        yield f"{name}_bound", exported(replace(answer, bound=answer.value - F(width, 1000)))
    for rule in answer.rules:
        yield (
            f"{name}_transfers",
            exported(replace(answer, rules=(replace(rule, transfers=rule.transfers - 7),))),
        )


def test_payoffs_between_ends_are_theorems_and_no_others(library, standalone, answers):
    true = {name: exported(answer) for name, answer in answers.items()}
    assert all(map(standalone, true.values()))
    assert "exists M : mechanism, forall x, between_ends ends x -> asks x M." in true["roots"].statement
    assert "forall x, between_ends ends x -> ~ exists M : mechanism, asks x M." in true["none"].statement
    assert "expected_surplus_at env (numbered x numbers) M <= " in true["surplus"].statement
    assert "<= weighted_interim_at env (numbered x numbers) M welfare_weights" in true["payoffs"].statement
    false = {k: v for name, answer in answers.items() for k, v in forged(name, answer, true[name])}
    assert len(false) >= 20
    assert not any(map(standalone, false.values()))
    weaker = changed(true["none"], r"  bayesian_IC_at env \(numbered x numbers\) M /\\\n", "")
    few = {
        name: false[name]
        for name in ("roots_ends", "none_ic_row", "about_bound", "surplus_value", "payoffs_bound")
    }
    assert accepted({**true, **few, "weaker": weaker}, library) == set(true)


def test_the_square_roots_lie_between_their_ends(answers):
    """The statement is about the roots: each square of an end lies on its side of what the root is taken of."""
    text = exported(answers["roots"]).text
    ends = re.search(r"Definition ends.*?\.\n", text, flags=re.S).group()
    for under in (2, 3, 5, 6):
        assert any(
            min(abs(low), abs(high)) ** 2 < under < max(abs(low), abs(high)) ** 2
            and abs(high - low) < F(1, 2**40)
            for low, high in pairs(ends)
        )


def pairs(ends):
    """The pairs of rationals in a list."""
    number = r"\(?(-?\d+)(?:#(\d+)\))?"
    for a, b, c, d in re.findall(rf"\({number}, {number}\)", ends):
        yield F(int(a), int(b or 1)), F(int(c), int(d or 1))
