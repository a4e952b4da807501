"""Environments side by side: published values, saved answers, and notions that appear by themselves."""

from fractions import Fraction as F
from pathlib import Path

import pytest

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.checking.verify import verify
from mechlp.environment import notions
from mechlp.report.compared import comparison_page
from mechlp.study.compare import compare, questions

CONFIGS = Path(__file__).parents[2] / "configs"


def compared(name):
    found = compare(mechlp.read(CONFIGS / f"{name}.yaml").design)
    assert found.decided
    for cell in found.cells:
        verdict = verify(cell.answer.to_json())
        assert verdict.accepted, (cell.question, cell.ic, verdict.problems)
    return {(c.question.split(" (")[0], c.ic): c.answer for c in found.cells}


def test_guo_1_4_1_the_full_surplus_takes_ambiguous_transfers():
    cells = compared("guo-2018-example-1.4.1")
    full = [cells["full surplus extraction", ic].status for ic in ("bayesian", "ambiguous-transfers")]
    assert full == ["infeasible", "feasible"]
    revenue = {ic: cells["best revenue", ic].value for ic in ("bayesian", "ambiguous-transfers", "ex-post")}
    assert revenue["ambiguous-transfers"] == F(19, 10)  # all of the surplus
    assert revenue["ex-post"] < revenue["bayesian"] < revenue["ambiguous-transfers"]


def test_guo_1_4_2_the_efficient_rule_takes_ambiguous_transfers():
    cells = compared("guo-2018-example-1.4.2")
    status = {
        ic: cells["efficient allocation", ic].status for ic in ("bayesian", "ambiguous-transfers", "ex-post")
    }
    assert status == {"bayesian": "infeasible", "ambiguous-transfers": "feasible", "ex-post": "infeasible"}
    assert cells["efficient allocation", "ambiguous-transfers"].fewest.upper == 2
    assert cells["best surplus", "ambiguous-transfers"].value == 2  # a + a at every profile, a = 1
    assert cells["best surplus", "bayesian"].value < 2


def buyer(*values):
    """One buyer, values equally likely."""
    utility = Rationals.of([list(values), [0] * len(values)])
    beliefs = Beliefs.common(Rationals.of([F(1, len(values))] * len(values)))
    agents = (Agent.of("buyer", list(map(str, values))),)
    return Environment(agents, ("sold", "kept"), (utility,), beliefs)


@pytest.mark.parametrize(
    ("values", "bayesian", "ambiguous"),
    [((1, 2, 3), F(4, 3), F(3, 2)), ((2, 3, 4), F(2), F(20, 9)), ((1, 2), F(1), F(1))],
)
def test_revenue_from_one_buyer(values, bayesian, ambiguous):
    found = compare(Design(buyer(*values), bb="none", objective="revenue"))
    row = next(q for q in found.asked if q.startswith("best revenue"))
    assert found.cell(row, "bayesian").answer.value == bayesian
    assert found.cell(row, "ambiguous-transfers").answer.value == ambiguous
    assert len(found.asked) == 4  # the file's question is the best revenue


def test_a_notion_added_to_the_table_appears(monkeypatch):
    class Twin(notions.Expectation):
        name = "twin"

    monkeypatch.setitem(notions.NOTIONS, "twin", Twin())
    monkeypatch.setattr("mechlp.question.design.IC", (*notions.NOTIONS, "none"))
    found = compare(Design(buyer(1, 2), objective="revenue"))
    assert "twin" in found.notions
    for question in found.asked:
        mine, twin = (found.cell(question, ic).answer for ic in ("bayesian", "twin"))
        assert (mine.status, mine.value) == (twin.status, twin.value)


def test_what_makes_no_sense_is_left_out_with_the_reason():
    found = compare(mechlp.read(CONFIGS / "guo-2018-example-1.5.2.yaml").design)  # no common prior
    assert {c.question for c in found.cells} < set(found.asked)
    assert all(reason.startswith(("best revenue:", "best surplus:")) for reason in found.left_out)
    assert len(found.left_out) == 2
    design = Design(
        Environment((Agent.of("a", ["x", "y"]),), ("o",), ([[1, 2]],)), ic="ex-post", ir="ex-post"
    )
    found = compare(design)
    assert found.notions == ("ex-post",)
    assert any("needs beliefs" in reason for reason in found.left_out)


def test_time_running_out_is_undecided():
    found = compare(mechlp.read(CONFIGS / "myerson-auction.yaml").design, time_limit=1e-9)
    assert any(c.answer.status == "undecided" for c in found.cells)
    assert not found.decided
    assert comparison_page(found)


def test_questions_keep_what_the_file_asks_of_ir_and_bb():
    design = mechlp.read(CONFIGS / "public-good.yaml").design
    asked = questions(design)
    assert asked["efficient allocation"]["bb"] == design.bb == "ex-post-weak"
    assert asked["best surplus"]["ir"] == design.ir == "ex-post"
