"""What must give way as a function of a parameter, and values of a file as it stands: closed forms, fresh solves, forgeries."""

import copy
import json
from fractions import Fraction as F

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.opened import opened
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.exact.saved import checksum
from mechlp.proof.family import InvalidFamily
from mechlp.report.plot import Look, drawn

TRADE = """
title: Trade of two types
parameters: {c: 1/2}
agents: {seller: {types: [0, c]}, buyer: {types: [1/4, 1]}}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
allocation: efficient
require: {ic: bayesian, ir: interim, bb: ex-post}
objective: feasibility
"""
SELLING = """
parameters: {h: 3}
agents: {buyer: {types: [1, h]}}
outcomes: single-good
beliefs: {prior: {table: [2/3, 1/3]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
WAYS = {"slack": "ic", "ir-slack": "ir", "subsidy": "bb"}


def value(content, over=(), of="objective"):
    return mechlp.value_function(mechlp.read_text(content), over, of=of)


def saved(found):
    return json.loads(json.dumps(found.to_json()))


@pytest.fixture(scope="module")
def least():
    return {of: value(TRADE, "c=2/3:1", of) for of in WAYS}


def test_the_least_amounts_of_trade_are_its_missing_rents(least):
    # Between 3/4 and 1 all but the pair (c, 1/4) trade: of the surplus (1/4 + 1 + 1 - c)/4 rents take c/2 + 3/8, so that
    # c/2 - 3/8 is missing in expectation; slack of IC pays each of two binding lies half, slack of IR each of two types all.
    for c in (F(2, 3), F(7, 10), F(3, 4), F(3, 4) + F(1, 10**6), 1 - F(1, 10**6), F(1)):
        missing = max(c / 2 - F(3, 8), 0) if F(3, 4) < c < 1 else 0
        assert least["subsidy"](c=c) == missing
        assert least["ir-slack"](c=c) == missing / 2
    found = mechlp.read_text(TRADE, overrides={"c": "7/8"}).design.solve()
    ways = {one.what: one.amount for one in found.relaxations}
    assert {of: f(c=F(7, 8)) for of, f in least.items()} == {of: ways[way] for of, way in WAYS.items()}


def test_least_amounts_are_verified_shown_and_about_their_file(least, tmp_path):
    for of in ("slack", "subsidy"):
        found = least[of]
        data = saved(found)
        assert verify(data).accepted, of
        assert opened(data).stages == found.stages and found.status == "optimal" and not found.undecided
        assert r"\begin{cases}" in found.latex()
    pytest.importorskip("matplotlib")
    assert least["slack"].plot().axes[0].get_ylabel() == "least slack of IC"
    file, answer = tmp_path / "trade.yaml", tmp_path / "answer.json"
    file.write_text(TRADE)
    answer.write_text(json.dumps(least["subsidy"].to_json()))
    done = CliRunner().invoke(main, ["verify", str(answer), "--environment", str(file)])
    assert done.exit_code == 0 and f"is about the least subsidy at every profile in {file}" in done.stdout


def test_a_jump_is_drawn_as_a_ring_where_it_is_not_attained(least):
    axes = drawn(opened(saved(least["slack"])), Look("value-curve")).axes[0]
    rings = [line.get_xydata().tolist() for line in axes.lines if line.get_markerfacecolor() == "white"]
    dots = [line.get_xydata().tolist() for line in axes.lines if line.get_zorder() == 4]
    assert [ring for ring in rings if ring not in dots] == [[[1.0, 0.125]]] and [[1.0, 0.0]] in dots


def test_an_end_at_which_the_file_is_no_problem_is_why_a_range_is_open(tmp_path):
    path = tmp_path / "sell.yaml"
    path.write_text(SELLING.replace("{h: 3}", "{h: 2, x: 1/3}").replace("2/3, 1/3", "1 - x, x"))
    for command in ("value", "region"):
        result = CliRunner().invoke(main, [command, str(path), "--over", "x=0:2", "--no-save"])
        said = " ".join(result.output.split())
        assert result.exit_code == 3 and "at x = 2 the file is no problem: beliefs.prior.table[0]" in said
        assert "--pieces" not in said


def no_slack(d):
    d["gives"] = None


def other_slack(d):
    d["gives"] = "ir"


def nothing_needed(d):
    d["arcs"][1] |= {"multipliers": None, "value": d["arcs"][0]["value"]}


def doubled(d):
    d["arcs"][1]["multipliers"]["denominator"] = ["1/2"]


def another_spot(d):
    d["spots"][1]["value"] = "1/8"


@pytest.mark.parametrize("forge", [no_slack, other_slack, nothing_needed, doubled, another_spot])
def test_forged_amounts_are_refused(least, forge):
    data = copy.deepcopy(saved(least["slack"]))
    forge(data)
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    assert not verify(data).accepted


def test_where_giving_way_does_not_help_there_is_no_amount():
    # The only type would be left with x, whatever lies are allowed, and is owed 1.
    content = """
parameters: {x: 1}
agents: {one: [l, h]}
outcomes: [only]
payoffs: {only: {one: x}}
outside: {one: 1}
beliefs: {prior: uniform}
transfers: none
require: {ic: bayesian, ir: interim}
objective: feasibility
"""
    found = value(content, "x=0:2", "slack")
    assert found(x=F(1, 2)) is None and found(x=1) == 0
    assert [s.status for s in found.stages] == ["impossible", "optimal"] and verify(saved(found)).accepted
    owed = value(content, "x=0:2", "ir-slack")
    assert all(owed(x=x) == max(1 - x, 0) for x in (F(0), F(1, 3), F(1), F(2)))


def test_a_file_as_it_stands_has_numbers():
    known = {"objective": 1, "rents": F(5, 3) - 1, "robustness": 1, "least-subsidy": -1, "slack": 0}
    for of, number in known.items():  # Pr(h) = 1/3 at h = 3: revenue 1 of the surplus 2/3 + 1
        found = value(SELLING, of=of)
        assert found() == number and found.status == "optimal"
        data = saved(found)
        assert verify(data).accepted and opened(data)() == number
        assert "V = " in found.latex() and "<" in found._repr_html_()
        with pytest.raises(ValueError, match="depends on no h"):
            found(h=3)


def test_numbers_where_there_is_no_function():
    """Several rules, sets of priors, and cases: at a point each is proved in its own way."""
    ambiguous = TRADE.replace("bayesian", "ambiguous-transfers").replace("c: 1/2", "c: 4/5")
    found = value(ambiguous, of="subsidy")
    assert found() == F(1, 40) and verify(saved(found)).accepted  # with equal beliefs several rules do no more
    deterministic = SELLING.replace("objective", "allocation: deterministic\nobjective")
    assert value(deterministic)() == 1
    assert value(deterministic, of="slack")() == 0
    with pytest.raises(InvalidFamily, match="ic: none: what is not required cannot give way"):
        value(SELLING.replace("ic: bayesian", "ic: none"), of="slack")


def test_numbers_at_the_command_line(tmp_path):
    file = tmp_path / "trade.yaml"
    file.write_text(TRADE)
    run = lambda *words: CliRunner().invoke(main, ["value", str(file), *words])  # noqa: E731
    done = run("--of", "slack", "--set", "c=4/5", "--out", str(tmp_path / "a.json"))
    assert done.exit_code == 0 and "1/40 (0.025)" in done.stdout
    assert CliRunner().invoke(main, ["verify", str(tmp_path / "a.json")]).exit_code == 0
    refused = run("--of", "slack", "--plot", str(tmp_path / "a.png"))
    assert refused.exit_code == 2 and "a single number has no picture" in refused.output
    assert run("--of", "ir-slack", "--no-save", "--set", "c=1/2").stdout.count(": 0") == 1
