"""One-sided rates of identical bidders: against the whole type grid, their proofs, and what a small change really does."""

import copy
from fractions import Fraction as F

import numpy as np
import pytest

import mechlp
from mechlp import Agent, Rationals
from mechlp.checking.verify import verify
from mechlp.deadline import Deadline
from mechlp.environment.symmetric import Symmetric
from mechlp.exact.saved import checksum
from mechlp.mechanism.relaxed import Relaxed
from mechlp.program import solve as solve_program
from mechlp.proof.identical_rates import Identical
from mechlp.question.symmetric import SymmetricDesign, reduced
from mechlp.solving.compile import compile
from mechlp.solving.rates import Examined
from mechlp.solving.representative import Reduced

NEVER = Deadline.of(None)
FILE = """
agents: {{bidder: {{copies: {n}, types: {types}}}}}
outcomes: {outcomes}
beliefs: {{prior: {{product: {{bidder: {prior}}}}}}}
require: {{ic: bayesian, ir: interim}}
objective: {objective}
"""


def ordinary(n, types, prior, objective="revenue"):
    text = FILE.format(n=n, types=types, prior=prior, objective=objective, outcomes="single-good")
    return mechlp.read_text(text).design


def by_name(answer):
    judge = Identical(answer.design)
    return {judge.name(one.relaxed): one for one in answer.rates.examined}


def test_three_values_by_hand():
    """Values 1, 2, 3: virtual values -1, 1, 3, so that type 1 never wins and what it is promised is paid to types 2 and 3 as
    well.  Revenue 2; each unit of everybody's participation is worth one unit of each bidder."""
    answer = reduced(ordinary(2, "[1, 2, 3]", "uniform")).solve(rates=True)
    found = by_name(answer)
    assert answer.value == 2
    assert found["IR[every type of bidder]"].relaxing.rate == 2 == found["IR[every type of bidder]"].tightening.rate
    assert verify(answer.to_json()).accepted


@pytest.fixture(scope="module")
def both():
    """An auction in terms of its representative, and its tangent on the whole type grid."""
    design = ordinary(2, "[1, 2, 4]", "[1/2, 1/4, 1/4]")
    whole = design.solve(reduce=False)
    program = compile(design)
    return reduced(design).solve(rates=True), Examined(whole, program, solve_program(program))


def test_rates_are_those_of_all_bidders_on_the_whole_grid(both):
    answer, whole = both
    assert len(answer.rates.examined) >= 5
    for one in answer.rates.examined:
        kind = one.relaxed.keys[0][:2]
        cell = None if one.relaxed.cell is None else (0, *one.relaxed.cell)
        everybody = Relaxed((f"{kind} 0", f"{kind} 1"), cell)
        for way, side in ((1, one.relaxing), (-1, one.tightening)):
            slope = whole.tangent.slope(whole.move(everybody, way), NEVER)
            assert side.rate == (None if slope.rate is None else slope.rate * way), (one.relaxed, way)


def graded(grades):
    text = FILE.format(
        n=2,
        types=f"{{from: 0, to: 1, count: 3, dimensions: {grades}}}",
        prior="trapezoid",
        objective="revenue",
        outcomes="graded-good",
    )
    return mechlp.read_text(text).design


def test_interchanged_grades_move_together():
    """Every rate of both bidders' types and their mirror images, predicted exactly for a move within its range."""
    answer = graded(2).solve(rates=True)
    assert answer.design.orbits.orders.shape == (2, 2)
    assert any("interchanged" in name for name in by_name(answer))
    assert verify(answer.to_json()).accepted
    assert by_name(answer)["IR[every type of bidder]"].relaxing.rate == 2


def test_a_type_that_is_there_twice_cannot_be_kept_from_the_other():
    """With a unit to spare against its double no mechanism is left; both lies together refute it."""
    values = Rationals.of([["1", "1", "2"]])
    environment = Symmetric(Agent("bidder", ("a", "b", "c")), 2, values, Rationals.of(["1/4", "1/4", "1/2"]))
    answer = SymmetricDesign(environment, "revenue").solve(rates=True)
    found = by_name(answer)
    every = found["IC[every lie of bidder]"]
    assert every.relaxing.rate > 0 and every.tightening.rate is None
    assert verify(answer.to_json()).accepted


def test_rows_are_brought_to_representatives():
    """With three grades a type's payoff from another's contract is that of the row of their representatives."""
    rng = np.random.default_rng(3)
    design = graded(3)
    program = Reduced(design)
    assert len(program.orbits.orders) == 6
    chances = Rationals(rng.integers(0, 50, (len(program.own), 3)), 1)
    values, rule = design.environment.values, program.rule(chances, Rationals.zeros((len(program.own),)))
    for s, r in rng.integers(0, values.shape[1], (40, 2)).tolist():
        own, report, g = program.row(s, r)
        told = program.values[program.orbits.orders[g], own]
        assert (told * chances[report]).sum() == (values[:, s] * rule.chances[:, r]).sum()


def lie(d):
    d["rates"]["examined"][0]["relaxing"]["gains"] = "0"


def too_far(d):
    d["rates"]["examined"][0]["relaxing"]["up_to"] = "1000"


def no_rule(d):
    d["rates"]["examined"][0]["relaxing"]["changes"] = []


def another(d):
    d["rates"]["examined"][-1]["cell"] = [2, 2]


def no_such(d):
    d["rates"]["examined"][-1]["cell"] = [0, -1]


def unknown(d):
    d["rates"]["examined"][-1]["keys"] = ["IC 1"]


def multiplier(d):
    d["rates"]["examined"][-1]["multiplier"] = "77"


def impossible(d):
    d["rates"]["examined"][0]["tightening"] |= {"costs": None, "up_to": None}


def worst_case(d):
    d["rates"]["examined"][0]["relaxing"]["worst_case"] = {}


@pytest.mark.parametrize(
    "forge", [lie, too_far, no_rule, another, no_such, unknown, multiplier, impossible, worst_case]
)
def test_a_forged_rate_is_refused(both, forge):
    data = copy.deepcopy(both[0].to_json())
    forge(data)
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    verdict = verify(data)
    assert not verdict.accepted and verdict.problems


def test_tables_of_identical_bidders(both):
    answer = both[0]
    rates = answer.frame("rates")
    assert len(rates) == len(answer.rates.examined)
    rule = answer.frame()
    assert list(rule.columns) == ["bidder", "q", "t", "payoff"]
    assert list(rule["t"]) == answer.rule.transfers.fractions()
    assert rule["payoff"].iloc[0] == F(0)
    with pytest.raises(mechlp.InvalidInput, match="mechanism, prices, rates"):
        answer.frame("interim")
