"""Saved answers that claim what is not so, each with a checksum that fits: verify refuses every one, and says why."""

from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest
from answers import KINDS, answer, correlated
from small import NEVER, add, asked, at, buyer, forged, mechanism, moved, put, refused, trade

import mechlp
from mechlp import Design, Rationals
from mechlp.answer.answer import Answer
from mechlp.checking.verify import verify
from mechlp.mechanism.payoffs import payoffs_json, punishments_json


@pytest.mark.parametrize("name", KINDS)
def test_honest_answers_are_accepted(name):
    verdict = verify(answer(name))
    assert verdict.accepted, verdict.problems
    assert verdict.checked and str(verdict).startswith("accepted: ")


@pytest.mark.parametrize("name", KINDS)
def test_without_the_right_checksum_nothing_is_accepted(name):
    data = answer(name)
    for sha in ("0" * 64, None, 7):
        verdict = verify({**data, "sha256": sha})
        assert not verdict.accepted
        assert str(verdict).startswith("refused")
    del data["sha256"]
    assert not verify(data).accepted


def show(data, design, rules):
    """Put rules into an answer with everything that is shown beside them."""
    data["rules"] = [rule.to_json() for rule in rules]
    data["mechanism"] = data["rules"][0] if len(rules) == 1 else None
    data["interim_payoffs"], data["lies"] = payoffs_json(design, rules), punishments_json(design, rules)


# -- a mechanism that breaks what is asked --------------------------------------------------------------
LOSS = [[[-1, -1], [-1, -1]], [[0, 0], [0, 0]]]
GIFT = [[[1, 1], [1, 1]], [[0, 0], [0, 0]]]
BET = [[[0, 0], [0, 0]], [[0, 1], [0, 1]]]
VIOLATORS = {
    "bayesian IC": ({"ic": "bayesian"}, NEVER, BET, "IC"),
    "ex-post IC": ({"ic": "ex-post"}, NEVER, BET, "IC"),
    "interim IR": ({"ir": "interim"}, NEVER, LOSS, "IR"),
    "ex-post IR": ({"ir": "ex-post"}, NEVER, LOSS, "IR"),
    "a deficit": ({"bb": "ex-post"}, NEVER, GIFT, "BB"),
    "burnt money": ({"bb": "ex-post"}, NEVER, LOSS, "BB"),
    "a deficit, weak": ({"bb": "ex-post-weak"}, NEVER, GIFT, "BB"),
    "an expected deficit": ({"bb": "ex-ante"}, NEVER, GIFT, "BB"),
    "burnt money in expectation": ({"bb": "ex-ante"}, NEVER, LOSS, "BB"),
    "an expected deficit, weak": ({"bb": "ex-ante-weak"}, NEVER, GIFT, "BB"),
    "a negative chance": ({}, [[[2, 1], [1, 1]], [[-1, 0], [0, 0]]], None, "lottery"),
    "chances below one": ({}, [[[0, 1], [1, 1]], [[0, 0], [0, 0]]], None, "lottery"),
    "chances above one": ({}, [[[1, 1], [1, 1]], [[1, 0], [0, 0]]], None, "lottery"),
    "another allocation than given": (
        {"allocation": Rationals.of([[[1, 1], [1, 0]], [[0, 0], [0, 1]]])},
        NEVER,
        None,
        "allocation rule",
    ),
    "an inefficient outcome": ({"allocation": "efficient"}, NEVER, None, "allocation rule"),
    "not the first efficient outcome": (
        {"allocation": "efficient-first"},
        [[[0, 0], [1, 1]], [[1, 1], [0, 0]]],
        None,
        "allocation rule",
    ),
    "a lottery, deterministic asked": (
        {"allocation": "deterministic"},
        [[["1/2", 1], [1, 1]], [["1/2", 0], [0, 0]]],
        None,
        "deterministic allocation",
    ),
    "a transfer, none allowed": ({"transfers": "none"}, NEVER, LOSS, "transfer bound"),
    "a transfer below its bound": ({"transfers": ((0, 2), (0, 2))}, NEVER, LOSS, "transfer bound"),
    "a transfer above its bound": (
        {"transfers": (("-2", "1/2"), (None, None))},
        NEVER,
        GIFT,
        "transfer bound",
    ),
}


@pytest.mark.parametrize("name", VIOLATORS)
def test_a_mechanism_that_breaks_a_requirement(name):
    more, q, t, kind = VIOLATORS[name]
    design = asked(trade(), **more)
    found = design.solve()
    assert found.status == "feasible" and verify(found.to_json()).accepted
    bad = mechanism(design.environment, q, t)
    refused(found.to_json(), lambda data: show(data, design, [bad]), f"breaks a requirement: failed: {kind} ")
    # the same mechanism is accepted where that is not asked
    free = asked(trade())
    if kind != "lottery":
        assert verify(forged(free.solve().to_json(), lambda data: show(data, free, [bad]))).accepted


def test_a_second_rule_where_one_is_asked():
    data, design = answer("feasible"), KINDS["feasible"]()
    rule = mechlp.mechanism.mechanism.Mechanism.from_json(design.environment, data["rules"][0])
    refused(data, lambda d: show(d, design, [rule, rule]), "single rule")


# -- status and value -----------------------------------------------------------------------------------
def test_a_status_is_not_another():
    every = ("feasible", "infeasible", "optimal", "unbounded", "undecided")
    for name in ("feasible", "infeasible ex post", "optimal revenue", "unbounded", "two rules", "no rules"):
        data = answer(name)
        for status in {*every, "perfect", None} - {data["status"]}:
            refused(data, put(("status",), status))
    for name in ("undecided", "optimal revenue"):
        refused(answer(name), lambda d: d.update(certified=not d["certified"]), "certified")


def test_a_better_value_than_is_attained_or_proved():
    for name in (
        "optimal revenue",
        "optimal surplus",
        "optimal, correlated types",
        "least",
        "several priors",
    ):
        data = answer(name)
        for by in ("1/1000003", "-1/1000003"):
            refused(data, add(("value",), by), "attains")
            refused(data, lambda d, by=by: (add(("value",), by)(d), add(("bound",), by)(d)))
        refused(data, put(("value",), None))


def revenue():
    return Design(buyer(), objective="revenue")


def test_a_worse_mechanism_under_the_right_proof():
    """The posted price 1 under the proof for the posted price 2, as optimal at either price's revenue."""
    design, data = revenue(), answer("optimal revenue")
    cheap = mechanism(design.environment, [[0, 0, 0], [1, 1, 1]], [[-1, -1, -1]])
    for value in ("4/3", "1"):

        def change(d, value=value):
            show(d, design, [cheap])
            d.update(value=value, value_float=float(F(value)))

        refused(data, change, "attains" if value == "4/3" else "bound")
        refused(data, lambda d: (change(d), d.update(bound=value)))  # noqa: B023


def test_a_right_mechanism_under_a_worse_proof():
    """Multipliers that sell to the third type alone prove 3 * 1/3 only of him, and more of all."""
    data = answer("optimal revenue")
    rows = data["certificate"]["multipliers"]
    assert rows
    for k in range(len(rows)):
        refused(data, lambda d, k=k: d["certificate"]["multipliers"].pop(k))
        refused(data, add(("certificate", "multipliers", k, "multiplier"), "1/7"))
        refused(data, put(("certificate", "multipliers", k, "multiplier"), "-1/3"))
    refused(data, put(("certificate",), None), "missing")
    refused(data, put(("certificate", "refutes"), True))


def test_a_proof_for_another_question_is_none():
    for name in ("optimal revenue", "infeasible, published", "infeasible ex post"):
        data = answer(name)
        other = answer("optimal, correlated types")["certificate"]
        refused(data, put(("certificate",), other))


def test_another_problem_than_was_solved():
    data = answer("infeasible, published")
    refused(data, put(("problem", "parameters", "B"), "1"))
    refused(data, lambda d: d["problem"]["require"].update(bb="none"))
    refused(data, lambda d: d["problem"]["require"].update(ic="none"))
    data = answer("infeasible ex post")
    refused(data, lambda d: d["problem"]["require"].update(ir="none"))
    refused(data, lambda d: d["problem"]["transfers"]["b"].update(upper="0"))


def test_undecided_claims_no_more_than_a_mechanism_and_a_bound():
    data = answer("undecided")
    refused(data, add(("value",), "1/9"), "attains")
    refused(data, add(("bound",), "-1/9"), "bound")
    refused(data, add(("bound",), "1/9"), "bound")
    refused(data, put(("certificate",), None), "bound")
    refused(
        data, lambda d: d.update(rules=[], mechanism=None, interim_payoffs=None, lies=None), "no mechanism"
    )

    def nothing(d):
        d.update(rules=[], mechanism=None, interim_payoffs=None, lies=None, value=None, bound=None)
        d.update(value_float=None, certificate=None)

    refused(data, nothing, "nothing to check")


def test_what_is_shown_beside_the_rules_is_theirs():
    for name in ("optimal revenue", "two rules", "known means, feasible"):
        data = answer(name)
        refused(data, lambda d: d.update(mechanism=None if d["mechanism"] else d["rules"][0]), "mechanism")
        first = next(iter(data["interim_payoffs"] or {}), None)
        if first is not None:
            shown = data["interim_payoffs"][first]
            if isinstance(shown, dict):
                refused(data, add(("interim_payoffs", first, next(iter(shown))), 1), "interim payoffs")
            refused(data, lambda d, k=first: d["interim_payoffs"].pop(k), "interim payoffs")
        if data["lies"]:
            refused(data, lambda d: d["lies"].pop(), "lies")


# -- unbounded ------------------------------------------------------------------------------------------
def test_a_direction_that_does_not_improve_or_breaks_a_requirement():
    data, design = answer("unbounded"), KINDS["unbounded"]()
    e, nothing = design.environment, [[[0, 0], [0, 0]]] * 2
    zero = Rationals.zeros((2, 2, 2))

    def way(t, q=None):
        return replace(mechanism(e, NEVER, t), allocation=zero if q is None else Rationals.of(q)).to_json()

    for t, said in (
        (nothing, "does not improve"),
        (GIFT, "does not improve"),
        ([[[-9, -9], [-9, -9]], [[0, -1], [0, -1]]], "IC"),
    ):
        refused(data, put(("direction",), [way(t)]), said)
    refused(data, put(("direction",), [way(LOSS, [[[1, 0], [0, 0]], [[-1, 0], [0, 0]]])]), "lotter")
    refused(data, put(("direction",), []), "direction")
    refused(data, put(("direction",), [way(LOSS), way(LOSS)]), "every rule")
    assert verify(forged(data, put(("direction",), [way(LOSS)]))).accepted  # improves, and keeps IC
    bounded = design.asking(ir="interim").solve().to_json()
    empty = dict(value=None, value_float=None, bound=None, certificate=None)
    refused(bounded, lambda d: d.update(status="unbounded", direction=[way(LOSS)]), "claims a")
    refused(bounded, lambda d: d.update(status="unbounded", direction=[way(LOSS)], **empty), "IR")


def test_a_direction_keeps_the_rule_that_punishes_each_lie():
    """With several rules the direction may not move punishment from one rule to another."""
    data = answer("unbounded rules")
    assert len(data["direction"]) == len(data["rules"])
    refused(data, lambda d: d["direction"].pop(), "every rule")
    if len(data["rules"]) > 1:
        refused(data, lambda d: d.update(direction=[d["direction"][0]]), "every rule")
    e = trade()
    design = Design(e, "ambiguous-transfers", "none", allocation=Rationals.of(NEVER), objective="revenue")
    tempt = [[[0, 0], [0, 0]], [[0, 1], [0, 1]]]
    calm = [[[0, 0], [0, 0]], [[0, 0], [0, 0]]]
    even = [[[0, 0], [0, 0]], [["1/2", "1/2"], ["1/2", "1/2"]]]  # the same revenue as the tempting rule
    rules = [mechanism(e, NEVER, t) for t in (tempt, even)]
    assert {v.kind for v in mechlp.mechanism.audit(rules, design).worst} <= {"IC"}
    found = design.solve()
    zero = Rationals.zeros((2, 2, 2))
    down = lambda t: replace(mechanism(e, NEVER, t), allocation=zero)  # noqa: E731
    assert found.status == "unbounded" and calm is not None

    def change(d):
        # rule 1 punishes b: 0 -> 1 in the mechanism, rule 2 in the direction: no sum of both deters it
        fine, poor = [[[0, 0], [0, 0]], [[0, -9], [0, -9]]], [[[0, 0], [0, 0]], [[-9, 0], [-9, 0]]]
        show(d, design, [mechanism(e, NEVER, fine), mechanism(e, NEVER, poor)])
        less = lambda t: [[[-10, -10], [-10, -10]], t[1]]  # noqa: E731
        d["direction"] = [down(less(poor)).to_json(), down(less(fine)).to_json()]

    refused(found.to_json(), change)


# -- several priors -------------------------------------------------------------------------------------
def test_a_guarantee_has_a_worst_case():
    data = answer("several priors")
    refused(data, put(("worst_case",), None), "worst case")
    for path in (("worst_case", "distribution"), ("certificate", "nature", "distribution")):
        refused(data, lambda d, p=path: at(d, *p).pop())
        refused(data, put((*path, 0, "name"), "s=0, b=0"))
        refused(data, put((*path, 0, "profile"), [0, 0]))
        refused(data, put((*path, 0, "probability"), "1"))
    refused(data, put(("worst_case", "rows"), 3))
    refused(data, put(("worst_case", "multipliers"), [{"row": 1, "multiplier": "1"}]))
    refused(data, lambda d: d["certificate"].pop("nature"), "without a prior")
    one = answer("optimal revenue")
    refused(one, put(("certificate", "nature"), data["certificate"]["nature"]), "single prior")


def test_an_unbounded_guarantee_grows_under_every_prior():
    data = answer("several priors, unbounded")
    refused(data, put(("worst_case",), None), "worst case")


# -- ambiguous transfers --------------------------------------------------------------------------------
def test_rules_share_allocation_and_value_and_each_is_checked():
    data, design = answer("two rules"), KINDS["two rules"]()
    rules = [
        mechlp.mechanism.mechanism.Mechanism.from_json(design.environment, rule) for rule in data["rules"]
    ]
    one, other = rules
    refused(data, lambda d: show(d, design, [one]))
    refused(data, lambda d: show(d, design, [one, one]))
    cell = (0, *(0,) * design.environment.n)
    bumped = replace(other, transfers=moved(other.transfers, cell, 1))
    refused(data, lambda d: show(d, design, [one, bumped]), "breaks a requirement")


def test_the_number_of_rules_is_proved_at_both_ends():
    data = answer("two rules")
    fewest = data["fewest_rules"]
    assert (fewest["at_least"], fewest["at_most"]) == (2, 2)
    refused(data, put(("fewest_rules", "at_least"), 1), "without a claim")
    refused(data, put(("fewest_rules", "at_least"), 3))
    refused(data, put(("fewest_rules", "at_most"), 3), "rules are given")
    refused(data, put(("fewest_rules", "one_is_not_enough"), None), "without a proof")
    if fewest["pair"] is not None:
        refused(data, lambda d: d["fewest_rules"]["pair"].update(c=str(F(fewest["pair"]["c"]) / 2)))


# -- the question ---------------------------------------------------------------------------------------
def test_full_extraction_leaves_no_budget_to_balance_and_ties_are_counted():
    with pytest.raises(mechlp.InvalidDesign, match="takes bb: none"):
        Design(trade(), bb="ex-post", objective="full-surplus-extraction")
    # costs 0, 1 and values 0, 1: nobody cares who holds the good where cost and value are equal
    assert Design(trade(), allocation="efficient").ties == 2
    assert Design(trade()).ties == 0


def test_questions_differ_in_everything_that_is_asked():
    same_question = Design.same
    from mechlp.environment.belief_sets import BeliefSet

    base = Design(trade())
    assert same_question(base, Design(trade()))
    e = base.environment
    others = [
        trade(outside=(Rationals.of(1), Rationals.of(0))),
        trade(outside=(Rationals.of(0), Rationals.of(1))),
        trade(beliefs=[["1/2", "1/4"], ["1/8", "1/8"]]),
        trade(outcomes=["no", "maybe"]),
        trade(agents=[mechlp.Agent.of("s", [0, 2]), mechlp.Agent.of("b", [0, 1])]),
        trade(agents=[mechlp.Agent.of("s", [0, 1]), mechlp.Agent.of("c", [0, 1])]),
        trade(utility=[e.utility[0], (e.utility[1] * 2).tolist()]),
        trade(utility=[(e.utility[0] * 2).tolist(), e.utility[1]]),
        replace(e, designer=Rationals.of([["1/2", 0], [0, "1/2"]])),
        replace(e, designer=None, designer_set=BeliefSet.everything((2, 2))),
        replace(e, belief_sets=((BeliefSet.everything((2,)),) * 2,) * 2),
    ]
    for other in others:
        assert not same_question(base, Design(other)), other
        assert not same_question(Design(other), base)
    sets = Design(others[-1], "maxmin")
    halves = ((BeliefSet.finite([["1/2", "1/2"]]),) * 2,) * 2
    assert not same_question(sets, sets.asking(environment=replace(e, belief_sets=halves)))
    for change in (
        {"ic": "ex-post"},
        {"ir": "ex-post"},
        {"bb": "ex-ante"},
        {"bb": "ex-post-weak"},
        {"allocation": "efficient"},
        {"allocation": Rationals.of(NEVER)},
        {"transfers": "none"},
        {"transfers": ((0, 1), (None, None))},
        {"objective": "revenue"},
        {"objective": mechlp.Objective.weighted_interim([[1, 2], [1, 1]])},
    ):
        assert not same_question(base, base.asking(**change)), change
    first = base.asking(objective=mechlp.Objective.weighted_interim([[1, 2], [1, 1]]))
    second = base.asking(objective=mechlp.Objective.weighted_interim([[1, 2], [1, "10001/10000"]]))
    assert not same_question(first, second)
    ambiguous = base.asking(ic="ambiguous-transfers")
    assert not same_question(ambiguous, ambiguous.asking(alpha="9/10"))
    given = base.asking(allocation=Rationals.of(NEVER))
    other = [[["1/2", 1], [1, 1]], [["1/2", 0], [0, 0]]]
    assert not same_question(given, given.asking(allocation=Rationals.of(other)))
    assert same_question(given, given.asking())


def test_long_objectives_are_compared_to_the_last_number():
    same_question = Design.same

    many = [[1] * 40, [1] * 40]
    agents = [mechlp.Agent.of("s", range(40)), mechlp.Agent.of("b", range(40))]
    e = mechlp.Environment(agents, ["x"], [np.zeros((1, 40, 40), int)] * 2, np.full((40, 40), F(1, 1600)))
    one = Design(e, objective=mechlp.Objective.weighted_interim(many))
    many[1][20] = 2
    assert not same_question(one, Design(e, objective=mechlp.Objective.weighted_interim(many)))


def test_rules_of_another_answer_are_read_and_nothing_else(tmp_path):
    import json

    from mechlp.checking.saved import saved_rules
    from mechlp.proof.invalid import InvalidCertificate

    design, path = revenue(), tmp_path / "a.json"
    path.write_text(json.dumps(answer("optimal revenue")))
    (rule,) = saved_rules(path, design.environment)
    assert rule.expected_revenue() == F(4, 3)
    for bad, said in (
        (json.dumps({"rules": []}), "no rules"),
        ("{", "not JSON"),
        (json.dumps(answer("optimal surplus")), "holds no rules"),
        (json.dumps([1]), "holds no rules"),
    ):
        path.write_text(bad)
        with pytest.raises(InvalidCertificate, match=said):
            saved_rules(path, design.environment)
    with pytest.raises(InvalidCertificate, match="cannot be read"):
        saved_rules(tmp_path / "none.json", design.environment)


def test_a_type_that_lies_is_not_optimal_although_the_sums_fit():
    design = correlated(objective="revenue")
    found = design.solve()
    t = found.mechanism.transfers
    shifted = replace(found.mechanism, transfers=moved(moved(t, (1, 0, 2), -1), (1, 0, 0), 1))
    assert not mechlp.mechanism.audit(shifted, design).passed
    refused(found.to_json(), lambda d: show(d, design, [shifted]), "breaks a requirement")
    assert isinstance(found, Answer)
