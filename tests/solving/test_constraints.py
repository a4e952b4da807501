"""Requirements of one's own: against plain loops, in files, in proofs, and refused where they are broken."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction as F
from functools import cache
from pathlib import Path

import pytest
from oracle import decide
from plain import own_requirements
from random_designs import blocks, first, random_constrained, random_constrained_sets

import mechlp
from mechlp import Design, InvalidDesign, Rationals
from mechlp.checking.verify import verify
from mechlp.exact.saved import checksum
from mechlp.mechanism.audit import audit
from mechlp.mechanism.mechanism import Mechanism
from mechlp.question.constraints import Constraint

PROBLEMS = Path(__file__).parents[1] / "data" / "problems"
EX_POST = Path(__file__).parents[2] / "configs" / "guo-2018-example-1.4.1-ex-post.yaml"


@pytest.mark.parametrize("block", blocks(4, 2))
def test_random_designs_with_constraints_agree_with_brute_force(block):
    seen = Counter()
    for seed in range(30 * block, 30 * block + 30):
        design = first(random_constrained, seed)
        answer = design.solve()
        assert answer.certified, (seed, answer.notes)
        assert (answer.status, answer.value) == decide(design), seed
        assert verify(answer.to_json()).accepted, seed
        seen[answer.status] += 1
        again = mechlp.files.read_document(mechlp.files.document_of(replace(design, document=None))).design
        assert design.same(again), seed
    assert len(seen) >= 2


@pytest.mark.parametrize("seeds", [range(31, 39), pytest.param(range(31, 85), marks=pytest.mark.slow)])
def test_what_is_asked_of_each_announced_rule_agrees_with_brute_force(seeds):
    used, several = 0, 0
    for seed in seeds:
        design = first(random_constrained_sets, seed)
        answer = design.solve()
        assert answer.certified, (seed, answer.notes)
        assert (answer.status, answer.value) == decide(design), seed
        assert verify(answer.to_json()).accepted, seed
        if answer.status in ("feasible", "optimal"):
            several += len(answer.rules) > 1
            assert all(slack >= 0 for rule in answer.rules for slack in own_requirements(design, rule).values()), seed
        elif answer.status == "infeasible":
            used += any(row.family is not None for row in answer.proof.multipliers.rows(design))
    assert used and several


def ex_post(**parameters):
    return mechlp.read(EX_POST, overrides={k: str(v) for k, v in parameters.items()}).design


@cache
def refuted():
    return ex_post(most=5).solve(relax=False).to_json()


@pytest.mark.parametrize("free", [True, False])
def test_the_surplus_is_taken_at_every_profile_under_each_announced_rule(free):
    design = ex_post()
    design = design.asking(constraints=design.constraints[:1]) if free else design
    answer = design.solve()
    assert answer.certified and answer.status == "feasible"
    assert (answer.fewest.lower, answer.fewest.upper) == (2, 2)
    e = design.environment
    worth = (e.surplus * answer.rules[0].allocation).sum(axis=0)  # what the efficient outcome is worth at each profile
    for rule in answer.rules:
        assert (worth + rule.transfers.sum(axis=0)).same(Rationals.zeros(e.shape))
    if free:  # the construction of Theorem 1.4.1, its side bet between the agents
        pair = answer.fewest.pair
        assert pair.psi.sum(axis=0).same(Rationals.zeros(e.shape))
        assert (answer.rules[0].transfers - answer.rules[1].transfers).same(pair.psi * (2 * pair.c))
    assert verify(answer.to_json()).accepted


@pytest.mark.parametrize("change", [None, "drop", "rule", "negative"])
def test_no_rules_take_it_where_agent_1_may_receive_less_than_6(change):
    """IC[3 -> 1], truth worth nothing to types 3 and 1, and the two requirements at (1/4, 1), of one rule: 0 >= 3 (v1 - v3) - most."""
    saved = refuted()
    rows = [dict(r) for r in saved["certificate"]["multipliers"]]
    at = [k for k, r in enumerate(rows) if r.get("family")]
    assert saved["status"] == "infeasible" and len({rows[k]["rule"] for k in at}) == 1
    if change == "drop":
        del rows[at[0]]
    elif change == "rule":
        rows[at[0]]["rule"] = 0
    elif change == "negative":
        rows[at[-1]]["multiplier"] = "-1"
    forged = {**saved, "certificate": {**saved["certificate"], "multipliers": rows}}
    forged["sha256"] = checksum(forged)
    assert verify(forged).accepted is (change is None)
    assert ex_post(most="599/100").solve(relax=False).status == "infeasible"


def test_a_broken_requirement_of_a_rule_is_named_with_the_rule():
    design = ex_post()
    first_rule, other = design.solve(fewest=False).rules[:2]
    more = replace(other, transfers=other.transfers + Rationals.of(1))
    found = {v.kind: v.where for v in audit((first_rule, more), design).worst}
    assert found["surplus"].endswith("| rule 2]")


def test_a_quota_binds_and_its_multiplier_is_part_of_the_proof():
    reading = mechlp.read(PROBLEMS / "quota.yaml", overrides={"quota": "1/4"})
    answer = reading.design.solve()
    # Virtual values of {0, 1, 2} uniform are -2, 0, 2: built at (2, 2) for 4, at (1, 2) and (2, 1) for 2 each; a quarter of nine
    # profiles is 1/9 for 4 and 5/36 for 2.
    assert answer.value == F(1, 9) * 4 + F(5, 36) * 2
    rows = [r for r in answer.to_json()["certificate"]["multipliers"] if r.get("family")]
    assert [(r["name"], r["multiplier"]) for r in rows] == [("quota[expected]", "2")]
    assert verify(answer.to_json()).accepted


def test_a_broken_constraint_is_named_with_its_amount():
    design = mechlp.read(PROBLEMS / "quota.yaml").design
    e = design.environment
    built = Mechanism(e, Rationals([[[0] * 3] * 3, [[1] * 3] * 3]), Rationals.zeros((2, 3, 3)))
    found = audit(built, design)
    assert [(v.kind, v.where, v.amount) for v in found.worst] == [("quota", "[expected]", F(1, 2))]


@pytest.mark.parametrize("change", ["drop", "more", "negative", "other family", "other name"])
def test_forged_proofs_with_constraints_are_refused(change):
    saved = mechlp.read(PROBLEMS / "quota.yaml", overrides={"quota": "1/4"}).design.solve().to_json()
    rows = [dict(r) for r in saved["certificate"]["multipliers"]]
    at = next(k for k, r in enumerate(rows) if r.get("family"))
    if change == "drop":
        del rows[at]
    elif change == "more":
        rows[at]["multiplier"] = "3"
    elif change == "negative":
        rows[at]["multiplier"] = "-2"
    elif change == "other family":
        rows[at]["family"] = "constraint other"
    else:
        rows[at]["name"] = "quota[elsewhere]"
    forged = {**saved, "certificate": {**saved["certificate"], "multipliers": rows}}
    forged["sha256"] = checksum(forged)
    assert not verify(forged).accepted


def test_an_answer_without_the_constraint_is_about_another_problem(tmp_path):
    from mechlp.checking.verify import verify_file

    text = (PROBLEMS / "quota.yaml").read_text()
    file, answer = tmp_path / "quota.yaml", tmp_path / "answer.json"
    file.write_text(text)
    import json

    free = text.replace("quota: {allocation: {built: 1}, at-most: quota, each: expected}", "").replace(
        "constraints:", ""
    )
    answer.write_text(json.dumps(mechlp.read_text(free).design.solve().to_json()))
    assert not verify_file(answer, file).accepted


def test_floors_on_payoffs_and_conditions_on_profiles():
    text = """
agents: {one: [1, 2], two: [1, 2]}
outcomes: single-good
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
constraints:
  floor: {payoffs: {one: 1}, at-least: one/2, each: one}
  fair: {allocation: {one: 1, two: -1}, equals: 0, where: one == two}
objective: revenue
"""
    design = mechlp.read_text(text).design
    answer = design.solve()
    assert (answer.status, answer.value) == decide(design)
    mechanism = answer.mechanism
    assert mechanism.interim_payoff(0) >= (F(1, 2), F(1))
    for k in range(2):
        assert mechanism.allocation[(1, k, k)] == mechanism.allocation[(2, k, k)]


def test_least_revenue_under_every_prior_that_is_held_possible():
    text = """
agents: {buyer: [1, 2]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: buyer}}
beliefs: {designer: {list: [[1, 0], [0, 1]]}}
require: {ic: ex-post, ir: ex-post, bb: none}
constraints:
  revenue: {transfers: {buyer: -1}, at-least: FLOOR, each: expected}
objective: feasibility
"""
    assert mechlp.read_text(text.replace("FLOOR", "1")).design.solve().status == "feasible"
    assert mechlp.read_text(text.replace("FLOOR", "1001/1000")).design.solve().status == "infeasible"


WRONG = [
    ("at-most: quota", "", "exactly one of at-least"),
    ("at-most: quota", "at-most: quota, at-least: 0", "exactly one of at-least"),
    ("each: expected", "each: everywhere", "not one of profile, expected, one, two"),
    ("allocation: {built: 1}, ", "", "needs coefficients"),
    ("{built: 1}", "{bilt: 1}", "did you mean 'built'"),
    ("each: expected", "each: expected, where: one == two", "goes with each: profile"),
    ("  quota: {all", "  IC: {all", "the name of a notion"),
    (
        "beliefs: {prior: uniform}\nrequire: {ic: bayesian, ir: interim, bb: none}",
        "require: {ic: ex-post, ir: ex-post}",
        "there is none",
    ),
]


@pytest.mark.parametrize(("old", "new", "words"), WRONG)
def test_mistakes_are_one_sentence(old, new, words):
    text = (PROBLEMS / "quota.yaml").read_text()
    assert old in text
    with pytest.raises(mechlp.InvalidFile, match=words):
        mechlp.read_text(text.replace(old, new).replace(", ,", ","))


def test_shapes_are_checked_in_python():
    environment = mechlp.read(PROBLEMS / "quota.yaml").design.environment
    for options in ({"allocation": [1, 2]}, {"transfers": [1]}, {"allocation": [[1]], "each": "nobody"}):
        with pytest.raises(InvalidDesign):
            Design(environment, constraints=(Constraint.of("x", ">=", 0, **options),))
