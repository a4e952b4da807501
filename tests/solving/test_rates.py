"""What an optimum gains per unit by which a requirement gives way, and loses per unit by which more is asked."""

import io
import json
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import plain
import pytest
from click.testing import CliRunner
from rich.console import Console
from small import add, forged, put

import mechlp
from mechlp import Rationals
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.deadline import NEVER
from mechlp.mechanism.relaxed import Relaxed
from mechlp.proof.invalid import InvalidCertificate
from mechlp.proof.rates import OneSided, Proven, name_of, on
from mechlp.question.misreports import Misreports
from mechlp.report.pages import page
from mechlp.solving.rates import Examined, rates, whole

AUCTION = """
title: two bidders
agents: {bidder: {copies: 2, types: [1, 2, 3]}}
outcomes: single-good
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""
BUDGET = """
title: a buyer with a budget
parameters: {B: 3/2}
agents: {buyer: [1, 2, 3]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: buyer}}
transfers: {buyer: {lower: -B}}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""
TRADE = """
title: trade
agents: {seller: [0, 1], buyer: [1/2, 2]}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
require: {ic: IC, ir: interim, bb: BB}
objective: surplus
"""


def solved(text, **changes):
    """The answer with its rates, by name: (relaxing, tightening); None where tightening leaves nothing."""
    question = mechlp.read_text(text).design
    answer = (question.asking(**changes) if changes else question).solve()
    assert answer.status == "optimal"
    answer = replace(answer, rates=rates(answer, None, NEVER))
    return answer, by_name(answer)


def by_name(answer):
    return {
        name_of(answer.design, one.relaxed): (one.relaxing.rate, one.tightening.rate)
        for one in answer.rates.examined
        if one.relaxing is not None and one.tightening is not None
    }


@pytest.fixture(scope="module")
def auction():
    return solved(AUCTION)


@pytest.fixture(scope="module")
def budget():
    return solved(BUDGET)[0]


@pytest.fixture(scope="module")
def saved(budget):
    return budget.to_json()


def with_outside(design, agent, own, by):
    """The question with another outside option of one type."""
    outside = [
        np.array(a.broadcast_to(design.environment.shape).tolist(), dtype=object)
        for a in design.environment.outside
    ]
    np.moveaxis(outside[agent], agent, 0)[own] += by
    return design.asking(
        environment=replace(design.environment, outside=tuple(Rationals.of(a.tolist()) for a in outside))
    )


def test_participation_of_the_middle_type_gains_nothing_by_giving_way(auction):
    """Two bidders, types 1, 2, 3: a multiplier of 1/3 is optimal, and lowering the outside option gains nothing."""
    answer, found = auction
    assert found["IR[bidder1: 2]"] == found["IR[bidder2: 2]"] == (0, F(1, 3))
    assert with_outside(answer.design, 0, 1, F(-1, 10)).solve().value == answer.value == 2
    assert with_outside(answer.design, 0, 1, F(1, 10)).solve().value == 2 - F(1, 30)
    gain, cost = found["IR[bidder1: 1]"]
    assert with_outside(answer.design, 0, 0, F(-1, 10)).solve().value == 2 + gain / 10
    assert with_outside(answer.design, 0, 0, F(1, 10)).solve().value == 2 - cost / 10


@pytest.mark.parametrize(
    ("limit", "worth"),
    [("3/2", (F(1, 3), F(1, 3))), ("2", (F(0), F(1, 3))), ("1", (F(1, 3), F(1))), ("1/2", (F(1), F(1)))],
)
def test_what_a_budget_is_worth(limit, worth):
    """With a budget B in [1, 2] types 2 and 3 pay B for the good and type 1 pays 2 - B for it with chance 2 - B: (B + 2)/3 in all.
    Below 1 everybody pays B, above 2 revenue is 4/3."""
    answer, found = solved(BUDGET.replace("3/2", limit))
    B = F(limit)
    assert answer.value == (B if B < 1 else (B + 2) / 3)
    assert found["limit[transfers of buyer]"] == worth
    assert "limit[transfers of buyer]" in said(answer)


def said(answer):
    console = Console(width=200, file=io.StringIO(), markup=False)
    console.print(page(answer))
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("ic", "bb", "changes"),
    [
        ("bayesian", "ex-post", {}),
        ("ex-post", "ex-post-weak", {}),
        ("ambiguous-transfers", "ex-ante-weak", {"allocation": "chosen"}),
        ("bayesian", "ex-ante", {"objective": "revenue"}),
    ],
)
def test_rates_lie_around_the_multipliers_and_are_verified(ic, bb, changes):
    answer, _ = solved(TRADE.replace("IC", ic).replace("BB", bb), **changes)
    sides = 0
    for one in answer.rates.examined:
        for way, _, _, found in one.sides():
            sides += 1
            assert found.rate is None or (one.multiplier - found.rate) * way >= 0
    verdict = verify(json.loads(json.dumps(answer.to_json())))
    assert verdict.accepted, verdict
    assert sides
    assert f"{sides} one-sided rates" in str(verdict)


def test_multipliers_of_requirements_that_move_together_add_up():
    arrays = {"IC 0": mechlp.Rationals.of([1, "1/2"]), "IC 1": mechlp.Rationals.of([["1/3"]])}
    assert on(arrays, Relaxed(("IC 0", "IC 1"))) == F(11, 6)
    assert on(arrays, Relaxed(("IC 0",), (1,))) == F(1, 2)


def test_minimised_objectives_fall_by_what_relaxing_gains():
    """A seller of cost 1 who must sell is paid as little as her participation allows: 1 less by what it gives way."""
    answer, found = solved("""
agents: {seller: [1]}
outcomes: [trade]
payoffs: {trade: {seller: -seller}}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: {minimize: {transfers: {seller: 1}}}
""")
    assert answer.value == 1
    assert found["IR[seller: 1]"] == (1, 1)


def nothing_refutes(data):
    data["rates"]["proofs"].append({"multipliers": []})
    side = data["rates"]["examined"][0]["tightening"]
    side.update(costs=None, multipliers=len(data["rates"]["proofs"]) - 1)


ALTERED = [
    ("rates of relaxing", lambda d: change(d, "relaxing", "gains")),
    ("rates of tightening", lambda d: change(d, "tightening", "costs")),
    ("moves", lambda d: change(d, "relaxing", "up_to")),
    ("multipliers of the proof", add(("rates", "examined", 0, "multiplier"), 1)),
    ("smaller multipliers of the proof", add(("rates", "examined", 0, "multiplier"), F(-1, 9))),
    ("impossible moves by nothing", nothing_refutes),
    ("no mechanism", lambda d: d["rates"]["examined"][0]["relaxing"].update(changes=[])),
    ("names", put(("rates", "examined", 0, "requirement"), "IR[buyer: 3]")),
    ("cells", put(("rates", "examined", -1, "cell"), [0, 0, 7])),
    ("impossible moves", lambda d: d["rates"]["examined"][0]["tightening"].update(costs=None)),
    ("mechanisms", lambda d: d["rates"]["examined"][0]["relaxing"]["changes"][0].update(transfers=[])),
    ("proofs", lambda d: d["rates"]["proofs"][0]["multipliers"].pop()),
]


def rate_of(answer, name):
    return next(one for one in answer.rates.examined if name_of(answer.design, one.relaxed) == name)


def test_a_rate_needs_both_proofs(auction):
    """The multiplier of another proof bounds more than the rate; the mechanism of a move too far breaks what stands still."""
    answer, _ = auction
    design, value, one = answer.design, answer.value, rate_of(answer, "IR[bidder1: 2]")
    one.relaxing.check(value, one.relaxed, 1, Proven(design))
    loose = replace(one.relaxing, multipliers=answer.proof.multipliers)
    with pytest.raises(InvalidCertificate, match="prove the rate 1/3, not 0"):
        loose.check(value, one.relaxed, 1, Proven(design))
    nowhere = replace(one.relaxing, up_to=F(0), rules=answer.rules)
    with pytest.raises(InvalidCertificate, match="no move"):
        nowhere.check(value, one.relaxed, 1, Proven(design))
    one = rate_of(answer, "IC[bidder1: 3 -> 2]")
    side, base = one.tightening, answer.mechanism
    assert side.up_to < 1
    kept, _ = plain.incentives(design, side.rules)
    assert kept["IC", 0, 2, 1, 0, (), 0] == side.up_to
    rule = side.rules[0]
    parts = ("allocation", "transfers")
    moved = {p: getattr(base, p) + (getattr(rule, p) - getattr(base, p)) * 8 for p in parts}
    far = replace(side, up_to=side.up_to * 8, rules=(replace(base, **moved),))
    with pytest.raises(InvalidCertificate, match="its mechanism breaks a requirement"):
        far.check(value, one.relaxed, -1, Proven(design))


def test_rates_do_not_depend_on_reductions(auction):
    """Other multipliers, of a program with fewer rows and columns; the rates are of the whole question."""
    answer = auction[0].design.solve(reduce=True)
    assert answer.reductions
    found = by_name(replace(answer, rates=rates(answer, None, NEVER)))
    same = found.keys() & auction[1].keys()
    assert len(same) >= 10
    assert {name: found[name] for name in same} == {name: auction[1][name] for name in same}


def test_multipliers_of_a_rate_must_prove_the_optimum(budget):
    """No multipliers at all bound revenue by the budget, and would say that nothing gains anything."""
    one = rate_of(budget, "IR[buyer: 1]")
    nothing = OneSided(F(0), budget.proof.multipliers.scaled(F(0)), F(1, 9), budget.rules)
    with pytest.raises(InvalidCertificate, match="prove 3/2 about the problem as it is"):
        nothing.check(budget.value, one.relaxed, 1, Proven(budget.design))


def test_a_move_is_refuted_only_by_weight_on_it(budget):
    """Multipliers that add up to nothing, and put nothing on what is moved, refute nothing."""
    relaxed, nothing = rate_of(budget, "IR[buyer: 1]").relaxed, budget.proof.multipliers.scaled(F(0))
    with pytest.raises(InvalidCertificate, match="do not refute the moved problem"):
        OneSided(None, nothing).check(budget.value, relaxed, -1, Proven(budget.design))


def test_possible_lies_have_rates():
    """With lies to the next lower type alone each report has requirements of its own; a lie that may pay is stated by its slack."""
    told = [[True, False, False], [True, True, False], [False, True, True]]
    question = mechlp.read_text(AUCTION).design
    answer = question.asking(misreports=(Misreports.of(3, told),) * 2).solve()
    one = Examined(answer, *whole(answer, NEVER)).one(Relaxed(("IC 0",), (0, 2, 1)), 1, NEVER)
    assert one.rate == F(1, 3)
    more = [[0, 0, 0], [0, 0, 0], [0, one.up_to, 0]]
    eased = question.asking(misreports=(Misreports.of(3, told, more), Misreports.of(3, told)))
    assert eased.solve().value == answer.value + one.rate * one.up_to


def test_rates_of_what_is_no_optimum_are_refused(saved):
    verdict = verify(
        forged(saved, lambda d: d.update(status="feasible", value=None, bound=None, certificate=None))
    )
    assert not verdict.accepted
    claimed = mechlp.read_text(BUDGET).design.asking(objective="feasibility").solve().to_json()
    verdict = verify(forged(claimed, put(("rates",), saved["rates"])))
    assert "rates of an answer that is not an optimum" in str(verdict)


def change(data, side, what):
    found = data["rates"]["examined"][0][side]
    found[what] = str(F(found[what]) + F(1, 7))


@pytest.mark.parametrize("alter", [a for _, a in ALTERED], ids=[name for name, _ in ALTERED])
def test_altered_rates_are_refused(saved, alter):
    assert verify(saved).accepted
    verdict = verify(forged(saved, alter))
    assert not verdict.accepted
    assert "rate" in str(verdict) or "multipliers" in str(verdict)


def test_a_page_shows_rates_and_calls_no_multiplier_a_price(auction):
    shown = said(auction[0])
    assert "relaxing gains" in shown
    assert "tightening costs" in shown
    assert "price" not in shown
    assert "IR[bidder1: 2]" in shown
    without = said(replace(auction[0], rates=None))
    assert "Multipliers of the proof" in without
    assert "at most its multiplier" in without
    assert "price" not in without


def test_nothing_binds_only_where_nothing_holds_with_equality():
    """A good that nobody wants at outside options of -1 leaves slack everywhere; at 0 participation holds with equality."""
    free = """
agents: {buyer: [1]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: buyer}, keep: {buyer: 0}}
outside: {buyer: OUT}
transfers: none
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: surplus
"""
    assert "No requirement binds." in said(solved(free.replace("OUT", "-1"))[0])
    shown = said(solved(free.replace("OUT", "1"))[0])
    assert "No requirement binds." not in shown
    assert "1 requirement holds with equality" in shown


def test_trade_at_prices_has_rates():
    """Three types each, uniform, and prices 0, 1/2, 1: the multiplier of the seller's lie is positive, and relaxing it gains nothing."""
    question = mechlp.read_text("""
agents: {seller: [0, 1/2, 1], buyer: [0, 1/2, 1]}
outcomes: prices
prices: {grid: [0, 1/2, 1]}
objective: surplus
""").design
    answer = question.solve(rates=True)
    assert answer.value == F(2, 9)
    assert verify(answer.to_json()).accepted
    assert answer.rates.examined
    assert all(one.relaxing.rate <= one.multiplier for one in answer.rates.examined if one.relaxing)
    irrational = mechlp.read_text("""
agents: {seller: [0, 1/2, 1], buyer: [0, 1/2, 1]}
outcomes: prices
prices: {grid: [0, 1/2, 1], power: 1/2}
objective: surplus
""").design.solve(rates=True)
    assert irrational.status == "bracket"
    assert "One-sided rates: payoffs are irrational" in said(irrational)
    assert verify(irrational.to_json()).accepted


def test_where_there_are_no_rates_a_sentence_says_why():
    certain = mechlp.read_text(AUCTION).design.asking(allocation="deterministic").solve(rates=True)
    assert certain.status == "optimal"
    assert not certain.rates.examined
    assert "One-sided rates: the allocation is deterministic" in said(certain)
    assert verify(certain.to_json()).accepted


def test_solve_prints_and_saves_rates(tmp_path):
    file, out, csv = tmp_path / "b.yaml", tmp_path / "b.json", tmp_path / "b.csv"
    file.write_text(BUDGET)
    result = CliRunner().invoke(main, ["solve", str(file), "--out", str(out)])
    assert result.exit_code == 0
    assert "limit[buyer at least" in result.output
    data = json.loads(out.read_text())
    assert data["rates"]["examined"][0]["relaxing"]["gains"]
    assert (
        CliRunner().invoke(main, ["export", str(out), "--table", "rates", "--out", str(csv)]).exit_code == 0
    )
    assert "limit[transfers of buyer],1/3," in csv.read_text()
    latex = CliRunner().invoke(main, ["solve", str(file), "--no-save", "--latex"]).output
    assert r"\text{relaxing gains }\tfrac{1}{3}" in latex
    plain = CliRunner().invoke(main, ["solve", str(file), "--no-save", "--no-rates", "--json"]).output
    assert json.loads(plain)["rates"] is None
