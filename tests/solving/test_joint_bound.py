"""Least rents against the surplus under joint beliefs: Theorem 1 of Wolitzky (2015) for any number of agents."""

import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner
from independent_rents import least_rents

import mechlp
from mechlp.checking.opened import open_answer
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.exact.errors import InvalidInput
from mechlp.exact.saved import checksum
from mechlp.proof.rents import surplus_of
from mechlp.solving.outer import joint_bound

CONFIGS = Path(__file__).parents[2] / "configs"


def asked(name, **numbers):
    return mechlp.read(CONFIGS / f"wolitzky-2015-{name}.yaml", overrides=numbers).design


@pytest.mark.parametrize(
    ("numbers", "share"), [({}, F(-2, 9)), ({"n": "7", "c_star": "1/6", "v_star": "5/6"}, F(13, 150))]
)
def test_for_two_agents_it_is_at_least_the_bound_over_independent_beliefs_and_here_the_same(numbers, share):
    design = asked("bilateral-trade", **numbers)
    joint, independent = joint_bound(design), least_rents(design)
    assert joint.shortfall >= independent.shortfall and joint.excess == independent.excess == share
    assert joint.impossible == (share > 0) == (design.solve().status == "infeasible")


@pytest.mark.parametrize(
    ("mean", "cost", "share"), [("1/2", "1", F(-1, 2)), ("3/4", "1", F(1, 20)), ("3/4", "3/2", F(-1, 3))]
)
def test_three_agents_and_a_public_good(mean, cost, share):
    """The verdict is that of the exact search, and the distribution that decides has conditionals of the known means."""
    design = asked("public-good", mean=mean, C=cost)
    found = joint_bound(design)
    assert found.excess == share and found.impossible == (share > 0)
    answer = design.solve(relax=False)
    assert answer.certified and (answer.status == "infeasible") == found.impossible
    phi, values = found.critical, [F(0), F(1, 2), F(1)]
    assert phi.sum() == 1
    for i in range(3):
        for own in phi.moveaxis(i, 0):
            for other in (0, 1):
                marginal = own.sum(axis=1 - other)
                assert sum(v * p for v, p in zip(values, marginal.fractions())) == F(mean) * own.sum()


#: Each type is sure of the other agent's type, and the other agent's types are sure of something else.
ASTRAY = """
agents: {seller: [0, 1], buyer: [0, 1]}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs:
  per-type: {seller: [[1, 0], [0, 1]], buyer: [[0, 1], [1, 0]]}
  sets: {seller: {contamination: 0}, buyer: {contamination: 0}}
require: {ic: maxmin, ir: interim, bb: ex-post-weak}
allocation: efficient
"""


def saved(design, tmp_path):
    """The answer after it was written, read and checked."""
    path = tmp_path / "a.rents.json"
    path.write_text(json.dumps(joint_bound(design).to_json()))
    verdict = verify(json.loads(path.read_text()))
    assert verdict.accepted, verdict.problems
    return open_answer(path), verdict


def test_what_is_saved_is_checked_from_the_definitions(tmp_path):
    found, verdict = saved(asked("bilateral-trade", n="7", c_star="1/6", v_star="5/6"), tmp_path)
    assert found.impossible and verdict.status == "fails" and "THE CONDITION" not in found.html()
    assert "IMPOSSIBLE" in found.latex()
    # the largest shortfall, by the bets alone: no corner of a belief gains from one, and together they pay what is owed
    worst = (found.owed - surplus_of(found.design) - sum(found.bets[1:], found.bets[0])).max()
    assert worst == found.shortfall > 0


def test_where_no_joint_distribution_is_held_possible_nothing_follows(tmp_path):
    found, verdict = saved(mechlp.read_text(ASTRAY).design, tmp_path)
    assert found.joint is None and found.shortfall is None and not found.impossible
    assert "NOTHING FOLLOWS" in found.html() and any(
        "no joint distribution" in said for said in verdict.checked
    )
    data = found.to_json()
    data["bets"] = [[["0"] * 2] * 2] * 2
    data["sha256"] = checksum(data)
    assert "do not show" in verify(data).problems[0]


def test_the_command_says_what_follows():
    file = str(CONFIGS / "wolitzky-2015-public-good.yaml")
    ran = CliRunner().invoke(main, ["rents", file, "--no-save", "--set", "mean=3/4", "--set", "C=1"])
    assert ran.exit_code == 1 and "IMPOSSIBLE" in ran.output
    ran = CliRunner().invoke(main, ["rents", file, "--json", "--no-save"])
    assert ran.exit_code == 0 and json.loads(ran.output)["impossible"] is False
    ran = CliRunner().invoke(main, ["rents", str(CONFIGS / "myerson-satterthwaite.yaml")])
    assert ran.exit_code == 2 and "ic: maxmin" in ran.output
    with pytest.raises(InvalidInput, match="the bound by least rents"):
        joint_bound(mechlp.read(CONFIGS / "myerson-satterthwaite.yaml").design)


def test_several_rules_are_audited_together(tmp_path):
    """Guo (2018), Table 1.4.2 with c = 3: the two rules together extract the surplus at every profile, one of them alone does not."""
    file = str(CONFIGS / "guo-2018-example-1.4.1.yaml")
    rules = [["--mechanism", str(CONFIGS / f"guo-2018-example-1.4.1-rule-{k}.csv")] for k in (1, 2)]
    base = ["audit", file, "--no-best", "--ic", "ambiguous-transfers"]
    assert CliRunner().invoke(main, [*base, *rules[0], *rules[1]]).exit_code == 0
    assert CliRunner().invoke(main, [*base, *rules[0]]).exit_code == 1
    ran = CliRunner().invoke(main, ["audit", file, *rules[0], *rules[1]])
    assert ran.exit_code == 2 and "audit them one by one" in ran.output


@pytest.mark.parametrize(
    "name",
    [
        "two-goods-continuum",
        "multidimensional-auction",
        "guo-2018-maximin-core",
        "copic-ponsati-2006-example-4",
    ],
)
def test_questions_without_least_rents_say_so(name):
    done = CliRunner().invoke(main, ["rents", str(CONFIGS / f"{name}.yaml")])
    assert done.exit_code == 2 and "least rents" in done.stderr


def test_slack_is_said_as_such():
    done = CliRunner().invoke(
        main, ["rents", str(CONFIGS / "wolitzky-2015-bilateral-trade.yaml"), "--no-save"]
    )
    assert "The expected surplus exceeds expected rents by 1/8 (0.125) at least." in done.stdout
    assert "-" not in done.stdout.replace("\n", "").split("at least")[-1]
