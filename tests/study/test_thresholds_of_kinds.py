"""Critical values for recommended actions, dominance and regret: what follows each of them along a parameter."""

import copy
import json
import random
from fractions import Fraction as F

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.deadline import Deadline
from mechlp.exact.saved import checksum
from mechlp.report.thresholds import sentence

EDGE = F(1, 10**6)
#: A judge convicts where guilt is at least as likely as not (Kamenica and Gentzkow 2011).
JUDGE = """
parameters: {x: 3/10}
agents: {state: [guilty, innocent]}
actions: {judge: [convict, acquit]}
payoffs:
  convict: {judge: 1 if state == guilty else 0}
  acquit: {judge: 1 if state == innocent else 0}
beliefs: {prior: {table: [[x], [1 - x]]}}
require: {ic: obedience}
constraints: {enough: {allocation: {convict: 1}, at-least: 1/2, each: expected}}
"""
#: The low type is told A, the high one B. Who lies about being low plays what pays her more: A, and from x = 3/2 on B.
GAME = """
parameters: {x: 1}
agents: {one: [low, high], two: [s]}
actions: {one: [A, B], two: [C, D]}
payoffs:
  A, C: {one: "x**2 / 2 if one == low else 0"}
  A, D: {one: "1 if one == low else 0"}
  B, C: {}
  B, D: {one: "x - 1/2 if one == low else 1"}
beliefs: {prior: uniform}
allocation: {table: [["A, C"], ["B, D"]]}
transfers: none
require: {ic: bayesian, ir: none}
"""
#: Who is worth m more than l gets m: the first type must not prefer it.
RANKED = """
parameters: {x: 1}
agents: {a: [one, two]}
outcomes: [l, m]
payoffs: {l: {a: "2 if a == one else 0"}, m: {a: "x**2 if a == one else 1"}}
beliefs: {prior: uniform}
allocation: {table: [l, m]}
transfers: none
require: {ic: ordinal, ir: none}
"""
#: Costs 0 or c^2, values 1/4 or 1, each believed to be equally likely: then the greatest regret is the loss in expectation.
TRADE = """
parameters: {c: 1/2}
agents: {seller: [low, high], buyer: [1/4, 1]}
beliefs: {prior: uniform, sets: {seller: {contamination: 0}, buyer: {contamination: 0}}}
outcomes: [keep, trade]
payoffs: {trade: {seller: "-c**2 if seller == high else 0", buyer: buyer}}
allocation: efficient
require: {ic: bayesian, ir: interim, bb: ex-post}
"""
#: Sets that matter: costs 0, 1/2, 1 against values 1/4, 1 of which the seller knows nothing; a subsidy s goes with trade.
REGRET = """
parameters: {s: 0}
agents: {seller: {types: [0, 1/2, 1]}, buyer: {types: [1/4, 1]}}
beliefs: {sets: {seller: everything, buyer: {mean: 1/4}}}
outcomes: [keep, trade]
payoffs: {trade: {seller: -seller, buyer: buyer + s}}
allocation: efficient
require: {ic: minmax-regret, ir: interim, bb: ex-post-weak}
"""


def found(text, over):
    return mechlp.threshold(mechlp.read_text(text), over=over)


def saved(answer):
    return json.loads(json.dumps(answer.to_json()))


def exists(text, **at):
    return (
        mechlp.read_text(text, overrides={k: str(v) for k, v in at.items()}).design.solve(relax=False).exists
    )


def refused(answer, forge):
    data = copy.deepcopy(saved(answer))
    forge(data)
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    return not verify(data).accepted


def parts(data, name):
    return [i for i in data["lines"][0]["intervals"] if i[name] is not None]


@pytest.fixture(scope="module")
def judge():
    return found(JUDGE, "x=1/10:9/10")


@pytest.fixture(scope="module")
def game():
    return found(GAME, "x=0:3")


def test_a_judge_convicts_half_the_time_from_a_prior_of_a_quarter_on(judge):
    # the most convictions are min(1, 2 x): guilt must be as likely as not where she convicts
    assert sentence(judge.lines[0]) == "possible iff x >= 1/4" and verify(saved(judge)).accepted
    value = mechlp.value_function(
        mechlp.read_text(JUDGE + "objective: {maximize: {allocation: {convict: 1}}}"), over="x=1/10:9/10"
    )
    assert [value(x=x) for x in (F(1, 5), F(1, 4), F(2, 5), F(3, 4))] == [None, F(1, 2), F(4, 5), 1]


def test_lies_before_disobedience_count(game):
    # she gains nothing by it iff x^2 / 2 >= max(1, x - 1/2); obedience alone asks nothing of x
    assert sentence(game.lines[0]) == "possible iff x >= sqrt(2)" and verify(saved(game)).accepted
    assert [game.holds(x=x) for x in (F(7, 5), F(71, 50), F(3, 2), F(5, 2))] == [
        exists(GAME, x=x) for x in ("7/5", "71/50", "3/2", "5/2")
    ]
    assert sentence(found(GAME.replace("bayesian", "obedience"), "x=0:3").lines[0]) == "possible everywhere"


def served_everywhere(d):
    mechanism = parts(d, "mechanism")[0]["mechanism"]
    for own in parts(d, "multipliers"):
        own.update(mechanism=mechanism, multipliers=None)


def nothing(d):
    for own in parts(d, "multipliers"):
        own["multipliers"]["powers"] = [{**y, "multipliers": []} for y in own["multipliers"]["powers"]]


@pytest.mark.parametrize("forge", [served_everywhere, nothing])
def test_forged_recommendations_are_refused(game, forge):
    assert refused(game, forge)


def test_a_ranking_that_has_a_tie_asks_for_less():
    ranked = found(RANKED, "x=0:3")
    # from x^2 = 2 on the first type prefers m; where both are equal she is asked for nothing
    assert sentence(ranked.lines[0]) == "possible iff x <= sqrt(2)" and verify(saved(ranked)).accepted
    assert (
        sentence(found(RANKED.replace("2 if a == one", "1 if a == one"), "x=0:3").lines[0])
        == "possible iff x <= 1"
    )

    def longer(d):
        d["lines"][0]["intervals"][0]["multipliers"] = d["lines"][0]["intervals"][1]["multipliers"]
        d["lines"][0]["intervals"][0]["mechanism"] = None

    assert refused(ranked, longer)


def test_a_ranking_that_turns_at_an_irrational_point_between_two_refusals():
    # the second type wants l whatever x is; at the turn of the first, the refusals of neither side are proofs
    never = found(RANKED.replace("else 0", "else 5"), "x=0:3")
    assert [stage.status for stage in never.lines[0].stages] == ["impossible", "undecided", "impossible"]
    assert never.lines[0].stages[1].low.polynomial == (-2, 0, 1) and verify(saved(never)).accepted


@pytest.mark.slow
def test_regret_about_one_belief_is_a_loss_in_expectation():
    regret = found(TRADE.replace("bayesian", "minmax-regret"), "c=1/10:2")
    # the threshold of docs/parameters.md for Bayesian types
    assert sentence(regret.lines[0]) == "possible iff c <= sqrt(3)/2, or c >= 1"
    assert verify(saved(regret)).accepted


@pytest.mark.slow
def test_regret_has_thresholds_that_separate_solves_confirm():
    regret = found(REGRET, "s=-1/8:1/8")
    assert sentence(regret.lines[0]) == "possible iff -1/12 <= s <= 0"
    points = [
        F(random.Random(5).randint(-60, 60), 480),
        *(t.rational + e for t in regret.thresholds for e in (-EDGE, 0, EDGE)),
    ]
    for s in points:
        assert regret.holds(s=s) == exists(REGRET, s=s)
    assert verify(saved(regret)).accepted


def test_time_that_ended_a_search_is_named(tmp_path):
    file = tmp_path / "trade.yaml"
    file.write_text(TRADE)

    def run(*words):
        return CliRunner().invoke(main, ["threshold", str(file), "--over", "c=1/10:2", "--no-save", *words])

    ended = run("--time-limit", "0.01")
    assert (
        ended.exit_code == 3
        and "the time limit ended the search" in ended.stderr
        and "--time-limit" in ended.stderr
    )
    assert "time limit" not in run("--intervals", "1").stderr
    told, other = (json.loads(run(*words, "--json").stdout) for words in (("--time-limit", "0.01"), ("--intervals", "1")))
    assert ["the time limit ended the search" in note for note in told["notes"]] == [True] and "notes" not in other


SELLING = """
parameters: {h: 2}
agents: {buyer: [1, h]}
beliefs: {prior: {table: [2/3, 1/3]}}
outcomes: [keep, sell]
payoffs: {sell: {buyer: buyer}}
objective: revenue
"""


def test_time_that_ended_a_search_stays_with_the_answer():
    reading, over, out = mechlp.read_text(SELLING), "h=3/2:6", Deadline(0.0)
    values = [mechlp.value_function(reading, over, of=of, time_limit=out) for of in ("objective", "slack", "rents")]
    for found in (mechlp.region(reading, over, time_limit=out), mechlp.threshold(reading, over, time_limit=out), *values):
        assert found.status == "undecided" and len(found.notes) == 1 and "the time limit ended the search" in found.notes[0]
        data, own = saved(found), type(found).from_json(saved(found))
        verdict = verify(data)
        assert verdict.accepted and "notes" in verdict.reported and own.notes == found.notes == tuple(data["notes"])


def test_along_lines_of_a_second_parameter():
    ranked = RANKED.replace("{x: 1}", "{x: 1, y: 1}").replace('"2 if', '"y if')
    judge = JUDGE.replace("{x: 3/10}", "{x: 3/10, y: 1}").replace(
        "1 if state == guilty", "y if state == guilty"
    )
    # m tempts from x^2 = y on; the most convictions are x (1 + y)
    for text, over, said in (
        (ranked, ("y=1:2", "x=0:3"), ["possible iff x <= 1", "possible iff x <= sqrt(2)"]),
        (judge, ("y=1:3/2", "x=1/10:9/10"), ["possible iff x >= 1/4", "possible iff x >= 1/5"]),
    ):
        lines = mechlp.threshold(mechlp.read_text(text), over, lines=2)
        assert [sentence(line) for line in lines.lines] == said and verify(saved(lines)).accepted
