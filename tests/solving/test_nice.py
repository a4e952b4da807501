"""Which of several optima is shown: agents alike are treated alike, transfers are small, and the answer says so."""

import random
from fractions import Fraction as F
from itertools import permutations, product

import pytest

import mechlp
from mechlp import Objective, Rationals
from mechlp.checking.verify import verify
from mechlp.question.constraints import Constraint
from mechlp.question.objective import goal
from mechlp.solving import nice

AUCTION = """
agents: {bidder: {copies: COPIES, types: [0, 1, 2]}}
outcomes: single-good
beliefs: {prior: uniform}
require: {ic: NOTION, ir: NOTION2, bb: none}
objective: revenue
"""
TRADE = """
agents: {seller: [0, 1/4, 1/2], buyer: [1/4, 1/2, 1]}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: ex-post}
objective: OBJECTIVE
"""


def auction(copies=2, ic="ex-post", ir="ex-post"):
    return mechlp.read_text(
        AUCTION.replace("COPIES", str(copies)).replace("NOTION2", ir).replace("NOTION", ic)
    ).design


def size(rule):
    return sum(map(abs, rule.transfers.fractions()))


def said(answer):
    return [note for note in answer.notes if note.startswith("of several")]


@pytest.mark.parametrize("copies", [2, 3])
def test_interchangeable_bidders_are_treated_alike(copies):
    answer = auction(copies).solve()
    rule = answer.rules[0]
    for order in permutations(range(copies)):
        for types in product(range(3), repeat=copies):
            turned = tuple(types[k] for k in order)
            for place, k in enumerate(order):  # bidder `place` is in the shoes of bidder k
                assert rule.transfers[(place, *turned)] == rule.transfers[(k, *types)]
                assert rule.allocation[(1 + place, *turned)] == rule.allocation[(1 + k, *types)]
    names = " and ".join(f"bidder{k + 1}" for k in range(copies))
    (note,) = said(answer)
    assert note.startswith(f"of several optimal mechanisms this one treats {names} alike, has the least sum")
    assert answer.audit.passed and answer.certified and verify(answer.to_json()).accepted


def test_values_are_those_of_any_optimum_and_the_choice_can_be_left_out():
    any_other = auction().asking(secondary="none").solve()
    assert any_other.value == auction().solve().value and not said(any_other)
    assert not said(auction().solve(nice=False))


@pytest.mark.parametrize("objective", ["feasibility", "surplus"])
def test_no_optimum_has_smaller_transfers(objective):
    """Other optima are drawn by random second objectives, the first one being a constraint."""
    design = mechlp.read_text(TRADE.replace("OBJECTIVE", objective)).design
    answer, rng = design.solve(), random.Random(7)
    assert "has the least sum of absolute transfers" in said(answer)[0]
    aim, kept = goal(design), ()
    if aim is not None:
        kept = (
            Constraint.of(
                "kept",
                ">=",
                answer.value,
                allocation=aim.allocation / design.environment.designer,
                each="expected",
            ),
        )
    shape = design.environment.shape
    for _ in range(8):
        coefficients = [
            Rationals.from_fractions([F(rng.randint(-3, 3)) for _ in range(9)], shape) for _ in range(2)
        ]
        other = design.asking(
            objective=Objective.linear(None, coefficients, expected=False),
            constraints=kept,
            transfers=((F(-2), F(2)),) * 2,
            secondary="none",
        ).solve()
        assert other.status == "optimal" and size(other.rules[0]) >= size(answer.rules[0])


def test_where_only_expectations_count_transfers_may_depend_on_the_own_report_alone():
    answer = mechlp.read_text(
        AUCTION.replace("COPIES", "2")
        .replace("NOTION2", "interim")
        .replace("NOTION", "bayesian")
        .replace("[0, 1, 2]", "[1, 2, 4]")
    ).design.solve()
    (note,) = said(answer)
    paid = answer.rules[0].transfers
    if "pays by the own report alone" in note:
        assert all(paid[0, k, 0] == paid[0, k, m] for k in range(3) for m in range(3))
    assert nice._by_own_report(answer.design, answer.rules[0]).expected_revenue() == answer.value


def test_different_agents_are_not_said_to_be_treated_alike():
    text = AUCTION.replace("bidder: {copies: COPIES, types: [0, 1, 2]}", "one: [0, 1, 2], two: [0, 1, 3]")
    answer = mechlp.read_text(text.replace("NOTION2", "ex-post").replace("NOTION", "ex-post")).design.solve()
    assert answer.unique is False and "alike" not in said(answer)[0]


def test_what_takes_too_long_is_left_out_and_said(monkeypatch):
    monkeypatch.setattr(nice, "least_norm", lambda *a: None)
    notes = auction().solve().notes
    assert any("were not found in the time that the answer took" in note for note in notes)
    assert any("treats bidder1 and bidder2 alike" in note and "least" not in note for note in notes)


def test_a_verdict_stands_where_time_ends_the_choice(monkeypatch):
    def endless(*_):
        while True:
            sum(range(1000))

    design = auction()
    known = design.solve(nice=False)
    monkeypatch.setattr(nice, "least_norm", endless)
    found = design.solve(time_limit=1)
    assert found.certified and (found.status, found.value) == (known.status, known.value)


def test_large_programs_are_only_averaged(monkeypatch):
    monkeypatch.setattr(nice, "LARGEST", 1)
    (note,) = said(auction().solve())
    assert "alike" in note and "least" not in note


def test_the_page_says_which_one_is_shown(tmp_path):
    from click.testing import CliRunner

    from mechlp.cli import main

    path = tmp_path / "auction.yaml"
    path.write_text(AUCTION.replace("COPIES", "2").replace("NOTION2", "ex-post").replace("NOTION", "ex-post"))
    shown = CliRunner().invoke(main, ["solve", str(path), "--no-save"]).output
    assert "treats bidder1 and bidder2 alike" in shown and "1/2 bidder1 + 1/2 bidder2" in shown
    plain = CliRunner().invoke(main, ["solve", str(path), "--no-save", "--secondary", "none"]).output
    assert "alike" not in plain and "It is not the only optimal mechanism." in plain


@pytest.mark.parametrize("secondary", ["nice", "max-norm", "1-norm"])
def test_games_with_transfers_have_optima_to_choose_from(secondary):
    text = """
agents: {one: [0, 1], two: [0, 1]}
actions: {one: [stay, go], two: [stay, go]}
payoffs: {actions: {one: "1 + one - 2*(two.action == go)", two: "two - (one.action == go)"}}
beliefs: {prior: uniform}
transfers: {limit: 2}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""
    answer = mechlp.read_text(text).design.asking(secondary=secondary).solve()
    assert answer.certified and verify(answer.to_json()).accepted
