"""Information rents, the price of robustness and the least subsidy over a parameter: closed forms, fresh solves, what is refused."""

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

SELLING = """
title: One buyer
parameters: {h: 3, x: 1/3}
agents: {buyer: {types: [1, h]}}
outcomes: single-good
beliefs: {prior: {table: [1 - x, x]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
BIDDERS = """
title: Two bidders
parameters: {r: 1/8}
agents: {one: {types: [1, 2]}, two: {types: [1, 2]}}
outcomes: single-good
beliefs: {prior: {table: [[1/4 + r, 1/4 - r], [1/4 - r, 1/4 + r]]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""


def value(content, over, of):
    return mechlp.value_function(mechlp.read_text(content), over=over, of=of)


@pytest.fixture(scope="module")
def robustness():
    return value(BIDDERS, "r=0:1/4", "robustness")


def test_rents_of_one_buyer_are_what_she_keeps():
    # Revenue max(1, h x) of the surplus 1 - x + h x: at h = 3 the rents are 2 x, and 1 - x beyond the kink at 1/3.
    rents = value(SELLING, "x=0:1", "rents")
    for x in (F(0), F(1, 4), F(1, 3), F(1, 3) + F(1, 10**6), F(3, 4), F(1)):
        assert rents(x=x) == 1 - x + 3 * x - max(F(1), 3 * x)
    assert [b.rational for b in rents.breakpoints] == [F(1, 3)]
    straight = value(SELLING, "h=3/2:6", "rents")  # payoffs alone depend on h
    assert all(straight(h=h) == F(2, 3) + h / 3 - max(F(1), h / 3) for h in (F(3, 2), F(3), F(4), F(6)))


def test_the_price_of_robustness_is_the_quotient_of_two_certified_solves(robustness):
    # Correlated types leave nothing to bidders who know their beliefs (Crémer and McLean 1988); independent ones as much as ex post.
    assert robustness(r=0) == 1
    for r in (F(1, 10**6), F(1, 10), F(1, 4)):
        problem = BIDDERS.replace("r: 1/8", f"r: {r}")
        best = mechlp.read_text(problem).design.solve().value
        ex_post = mechlp.read_text(problem, ask={"ic": "ex-post", "ir": "ex-post"}).design.solve().value
        assert robustness(r=r) == best / ex_post > (1 if r < F(1, 4) else F(99, 100))
    assert robustness.status == "optimal" and not robustness.undecided


def test_a_pair_is_verified_shown_and_read_back(robustness):
    data = json.loads(json.dumps(robustness.to_json()))
    assert verify(data).accepted
    assert opened(data).stages == robustness.stages
    assert r"\begin{cases}" in robustness.latex() and "<table" in robustness._repr_html_()


@pytest.mark.parametrize(
    "forge",
    [
        lambda d: d["stages"][0]["value"][0].__setitem__(0, "2"),
        lambda d: d["values"].reverse(),
        lambda d: d.__setitem__("of", "rents"),
        lambda d: d["problem"].__setitem__("objective", "surplus"),
        lambda d: d["problem"].__setitem__("parameters", {"r": "none"}),
        lambda d: d["values"][1]["arcs"][0]["mechanism"].__setitem__("denominator", ["2"]),
        lambda d: d.pop("values"),
    ],
)
def test_forged_pairs_are_refused(robustness, forge):
    data = copy.deepcopy(json.loads(json.dumps(robustness.to_json())))
    forge(data)
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    assert not verify(data).accepted


def test_no_quotient_where_the_best_ex_post_value_is_not_positive():
    forced = """
parameters: {x: 1}
agents: {buyer: {types: [1, 2]}}
outcomes: [sell]
payoffs: {sell: {buyer: x - 1/2}}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: none}
transfers: none
objective: surplus
"""
    found = value(forced, "x=1/4:3/4", "robustness")
    assert [s.status for s in found.stages] == ["no quotient", "optimal"]
    assert found(x=F(1, 2)) is None and found(x=F(1, 2) + F(1, 10**6)) == 1


def test_the_least_subsidy_is_revenue_with_the_other_sign():
    subsidy = value(SELLING, "x=0:1", "least-subsidy")
    assert all(subsidy(x=x) == -max(F(1), 3 * x) for x in (F(0), F(1, 3), F(1, 2), F(1)))
    assert verify(json.loads(json.dumps(subsidy.to_json()))).accepted


def test_formulas_that_divide_by_a_parameter():
    found = value(
        SELLING.replace("h: 3", "h: 3, y: 1").replace("[1, h]", "[1, 1 + 2 / y]"), "y=1:9", "objective"
    )
    assert all(found(y=y) == max(F(1), F(1, 3) * (1 + 2 / y)) for y in (F(1), F(2), F(9)))
    assert verify(json.loads(json.dumps(found.to_json()))).accepted


def test_what_is_no_value_is_said_in_words(tmp_path):
    with pytest.raises(InvalidFamily, match="no value is named 'rent'"):
        value(SELLING, "x=0:1", "rent")
    lowest = SELLING.replace("revenue", "{minimize: {transfers: {buyer: 1}}}")
    with pytest.raises(InvalidFamily, match="as large as possible"):
        value(lowest, "x=0:1", "robustness")
    file = tmp_path / "selling.yaml"
    file.write_text(SELLING)
    done = CliRunner().invoke(main, ["value", str(file), "--over", "x=0:1", "--of", "rents"])
    assert done.exit_code == 0 and "information rents" in done.stdout and "-x + 1" in done.stdout
    assert (tmp_path / "selling.x=0_1.rents.value.json").exists() or list(tmp_path.glob("*rents*.value.json"))


def test_a_least_subsidy_is_about_the_file_that_it_was_asked_of(tmp_path):
    """Also where that file wants something else; of no other, and the words are not those of the file's own value."""
    file, answer = tmp_path / "selling.yaml", tmp_path / "subsidy.json"
    file.write_text(SELLING)
    asked = ["value", str(file), "--over", "x=0:1", "--of", "least-subsidy", "--out", str(answer)]
    assert "the least expected subsidy (budgets not asked for)" in CliRunner().invoke(main, asked).stdout
    done = CliRunner().invoke(main, ["verify", str(answer), "--environment", str(file)])
    assert done.exit_code == 0 and f"is about the least expected subsidy in {file}" in done.stdout
    file.write_text(SELLING.replace("[1, h]", "[2, h]"))
    assert CliRunner().invoke(main, ["verify", str(answer), "--environment", str(file)]).exit_code == 1
    for command in ("show", "solve"):
        done = CliRunner().invoke(main, [command, str(answer)])
        assert done.exit_code == 2 and "a saved answer, not a problem file" in done.stderr


@pytest.mark.parametrize(
    ("of", "changed", "said"),
    [
        ("robustness", {"objective": "feasibility"}, "the objective here is feasibility"),
        ("rents", {"transfers": "none"}, "asked of problems with transfers"),
        (
            "least-subsidy",
            {"beliefs": {"sets": {"one": "everything", "two": "everything"}}},
            "transfers are expected under",
        ),
        (
            "robustness",
            {"beliefs": {"sets": {"one": "everything", "two": "everything"}}},
            "needs one belief of each type",
        ),
    ],
)
def test_other_values_say_what_they_need(of, changed, said):
    document = {**mechlp.read_text(BIDDERS).document, **changed}
    if "beliefs" in changed:
        document |= {"require": {"ic": "maxmin", "ir": "interim"}, "objective": "feasibility"}
        document |= {"outcomes": ["nobody", "one"], "payoffs": {"one": {"one": "one - r"}}}
    with pytest.raises(InvalidFamily, match=said):
        mechlp.value_function(mechlp.files.read_document(document), over="r=0:1/4", of=of)


def test_rents_of_what_is_no_problem_are_refused():
    """Rents leave the file's objective aside; it is read all the same."""
    data = json.loads(json.dumps(value(SELLING, "h=3/2:6", "rents").to_json()))
    assert verify(data).accepted
    data["problem"]["objective"] = "most"
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    assert not verify(data).accepted
