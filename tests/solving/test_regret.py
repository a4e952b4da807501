"""Minmax regret: every verdict against a search by naive rows, and where regret must agree with other notions."""

import io
import random
from fractions import Fraction as F

import numpy as np
import pytest
from maxmin_environments import checked, environment
from oracle import simplex
from rich.console import Console

import mechlp
from mechlp import Agent, Design, Environment, InvalidDesign, Rationals
from mechlp.environment.belief_sets import BeliefSet
from mechlp.mechanism.audit import audit
from mechlp.mechanism.mechanism import Mechanism
from mechlp.mechanism.payoffs import punishments
from mechlp.report.cases import in_words
from mechlp.report.page import answer_page
from mechlp.solving.outer import joint_bound


def by_hand(design):
    """Whether a mechanism exists: depth first over (belief, report) under which each lie leaves no less regret, naive rows."""
    e, number = design.environment, {}
    var = lambda *key: number.setdefault(key, len(number))  # noqa: E731
    fixed = design.lottery

    def payoff(i, belief, own, report):
        coefficients, constant = {}, F(0)
        for other, weight in enumerate(belief):
            here, said = ((k, other) if i == 0 else (other, k) for k in (own, report))
            for a in range(len(e.outcomes)):
                worth = weight * e.utility[i][(a, *here)]
                if fixed is None:
                    coefficients[var("q", a, said)] = coefficients.get(var("q", a, said), 0) + worth
                else:
                    constant += worth * fixed[(a, *said)]
            coefficients[var("t", i, said)] = coefficients.get(var("t", i, said), 0) + weight
        return coefficients, constant

    def row(i, own, sign, belief, better, worse):
        """``sign * (regret variable - what one report pays more than another under a belief) >= 0``"""
        (a, c), (b, d) = (payoff(i, belief, own, r) for r in (better, worse))
        total = {var("R", i, own): F(sign)}
        for k in a | b:
            total[k] = total.get(k, 0) - sign * (a.get(k, 0) - b.get(k, 0))
        return total, ">=", sign * (c - d)

    rows, told = [], []
    for i in (0, 1):
        reports = range(e.shape[i])
        for own in reports:
            beliefs = [v.fractions() for v in e.belief_sets[i][own].vertices]
            rows += [row(i, own, 1, b, s, own) for b in beliefs for s in reports]
            if design.ir == "interim":
                rows += [(x, ">=", -c) for x, c in (payoff(i, b, own, own) for b in beliefs)]
            told += [
                [row(i, own, -1, b, s, r) for b in beliefs for s in reports if s != r]
                for r in reports
                if r != own
            ]
    for t in np.ndindex(*e.shape):
        rows.append(({var("t", i, t): 1 for i in (0, 1)}, "<=" if design.bb.endswith("weak") else "=", 0))
        if fixed is None:
            rows.append(({var("q", a, t): 1 for a in range(len(e.outcomes))}, "=", 1))
            rows += [({var("q", a, t): 1}, ">=", 0) for a in range(len(e.outcomes))]

    def exists(chosen, left):
        if simplex([*rows, *chosen], [F(0)] * len(number))[0] == "infeasible":
            return False
        return not left or any(exists([*chosen, one], left[1:]) for one in left[0])

    return exists([], told)


def asked(dice):
    e = environment(dice)
    free = dice.random() < 0.25 and e.shape == (2, 2)
    bb = dice.choice(["ex-post", "ex-post", "ex-post-weak"])
    return Design(
        e, "minmax-regret", "interim", bb, "chosen" if free else "efficient-first", objective="feasibility"
    )


def agree(seeds):
    seen = []
    for seed in seeds:
        design = asked(random.Random(seed))
        answer = checked(design)
        assert (answer.status == "feasible") == by_hand(design), seed
        seen.append(answer.status)
    return seen


def test_agrees_with_a_search_by_naive_rows():
    assert set(agree((1, 3, 4, 9, 21, 22))) == {"feasible", "infeasible"}


@pytest.mark.slow
def test_agrees_with_a_search_by_naive_rows_on_two_hundred():
    agree(range(1000, 1200))


def regrets(m, i, own, report):
    """The greatest regret of a report, from the definition."""
    e = m.environment

    def expected(belief, r):
        total = F(0)
        for other, weight in enumerate(belief):
            here, said = ((k, other) if i == 0 else (other, k) for k in (own, r))
            paid = sum(e.utility[i][(a, *here)] * m.allocation[(a, *said)] for a in range(len(e.outcomes)))
            total += weight * (paid + m.transfers[(i, *said)])
        return total

    beliefs = [v.fractions() for v in e.belief_sets[i][own].vertices]
    return max(max(expected(b, s) for s in range(e.shape[i])) - expected(b, report) for b in beliefs)


def test_the_audit_and_the_table_of_lies_are_the_definition():
    """Regret of truth and of each lie, for mechanisms that pass and that fail."""
    passed = []
    for seed in range(6):
        dice = random.Random(seed)
        e = environment(dice)
        design = Design(e, "minmax-regret", "none", "none", "efficient-first", objective="feasibility")
        paid = Rationals.of(
            [[[dice.randint(-2, 2) for _ in range(e.shape[1])] for _ in range(e.shape[0])] for _ in (0, 1)]
        )
        m = Mechanism(e, design.lottery, paid)
        found = audit(m, design)
        gaps = []
        for p in punishments(design, [m]):
            i, own, report = p.lie
            assert (-p.truth, -p.payoff) == (regrets(m, i, own, own), regrets(m, i, own, report))
            gaps.append(regrets(m, i, own, report) - regrets(m, i, own, own))
        assert found.passed == (min(gaps) >= 0)
        assert found.passed or found.worst[0].amount == -min(gaps)
        passed.append(found.passed)
    assert {True, False} <= set(passed)


def test_one_belief_is_bayesian_and_under_every_belief_best_leaves_no_regret():
    prior = Rationals.of([["1/8", "3/8"], ["3/8", "1/8"]])
    sets = tuple(
        tuple(BeliefSet.finite([row]) for row in ([F(1, 4), F(3, 4)], [F(3, 4), F(1, 4)])) for _ in (0, 1)
    )
    agents = (Agent.of("a", [0, 1]), Agent.of("b", [0, 2]))
    utility = ([[[0, 0], [0, 0]], [[0, 0], [1, 1]]], [[[0, 0], [0, 0]], [[-1, 1], [-1, 1]]])
    e = Environment(agents, ("no", "yes"), utility, prior, belief_sets=sets)
    values = {ic: checked(Design(e, ic, objective="revenue")).value for ic in ("bayesian", "minmax-regret")}
    assert values["bayesian"] == values["minmax-regret"]
    more = 0
    for seed in (9,):
        design = Design(
            environment(random.Random(seed)), "bewley", "interim", "none", "chosen", objective="revenue"
        )
        bewley, regret = design.solve(), checked(design.asking(ic="minmax-regret"))
        assert audit(bewley.rules, regret.design).passed
        assert regret.status == "unbounded" or regret.value >= bewley.value
        more += regret.status == "optimal" and regret.value > bewley.value
    assert more


FILE = """
title: One who may sell or keep
agents:
  seller: {types: [low, high]}
  nature: {types: [bad, good]}
outcomes: [keep, sell]
payoffs: {keep: {seller: 0}, sell: {seller: "3 * (nature == good) - 1 - (seller == high)"}}
beliefs: {sets: {seller: everything, nature: everything}}
allocation: {rule: {sell: seller == low, keep: seller == high}}
transfers: none
require: {ic: minmax-regret, ir: none, bb: none}
"""


def test_by_hand_a_type_that_regrets_where_it_would_fear():
    """Selling pays low 2 or -1, high 1 or -2; regrets of selling are 1 and 2, of keeping 2 and 1: low sells, high keeps.
    The fearful keep both."""
    design = mechlp.read_text(FILE).design
    answer = checked(design)
    assert answer.status == "feasible"
    rows = {row["lie"]: row for row in answer.to_json()["lies"]}
    low = rows["IC[seller: low -> high]"]
    assert (low["regret_of_truth"], low["regret"], low["against"]) == ("1", "2", "low")
    high = rows["IC[seller: high -> low]"]
    assert (high["regret_of_truth"], high["regret"]) == ("1", "2")
    assert checked(design.asking(ic="maxmin")).status == "infeasible"
    out = io.StringIO()
    Console(file=out, width=140, markup=False).print(answer_page(answer))
    assert "regret of truth" in out.getvalue()
    assert "against low" in out.getvalue()


def test_a_refutation_names_beliefs_and_reports():
    """With two types and one belief each nothing is left to choose, so the proof is one list of multipliers."""
    e = mechlp.read_text(FILE.replace("everything", "{list: [[1/2, 1/2]]}", 1)).design.environment
    design = Design(
        e, "minmax-regret", allocation=Rationals.of([[[1, 1], [0, 0]], [[0, 0], [1, 1]]]), transfers="none"
    )
    answer = checked(design.asking(objective="feasibility"))
    assert answer.status == "infeasible"
    said = "\n".join(in_words(answer))
    assert (
        "truth[seller: low | belief 1, against high]" in said
        or "lie[seller: low -> high | belief 1, against low]" in said
    )
    assert "no less than its regret" in said


def test_what_is_not_offered_with_regret_says_so():
    e = environment(random.Random(0))
    with pytest.raises(InvalidDesign, match="ic: minmax-regret"):
        Design(e, "minmax-regret", "interim", objective="full-surplus-extraction")
    with pytest.raises(InvalidDesign, match="is for ic: maxmin"):
        joint_bound(
            Design(e, "minmax-regret", "interim", "ex-post", "efficient-first", objective="feasibility")
        )
