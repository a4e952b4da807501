"""Recommended actions: known values, plain loops over plans of action, and answers that must be refused."""

from dataclasses import replace
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from action_games import game
from click.testing import CliRunner
from oracle import simplex

import mechlp
from mechlp import Agent, Design, Environment, Objective, Rationals
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.environment.actions import Actions, InvalidActions
from mechlp.exact.saved import checksum
from mechlp.mechanism.audit import audit
from mechlp.mechanism.mechanism import Mechanism
from mechlp.mechanism.recommendations import recommendations

PROBLEMS = Path(__file__).parents[1] / "data" / "problems"

# Exact values by a rational linear program over joint distributions, made elsewhere; 21/2 and 3/5 are textbook values
# (Aumann 1974; Kamenica and Gentzkow 2011).
KNOWN = [("chicken", "21/2"), ("prosecutor", "3/5"), ("first-price", "27/328"), ("entry", "11/8")]


@pytest.mark.parametrize(("name", "value"), KNOWN)
def test_known_values(name, value):
    reading = mechlp.read(PROBLEMS / f"{name}.yaml")
    answer = reading.design.solve()
    assert (answer.status, answer.value) == ("optimal", F(value))
    assert verify(answer.to_json()).accepted


def test_the_largest_revenue_of_a_first_price_auction_is_the_whole_surplus():
    text = (PROBLEMS / "first-price.yaml").read_text().replace("minimize", "maximize")
    assert mechlp.read_text(text).design.solve().value == F(1, 2)


def plans(count):
    return product(range(count), repeat=count)


def by_plans(design):
    """The best objective, with a row for every report and every plan of action: from the definition, by plain loops."""
    e, acts = design.environment, design.environment.actions
    cells = [(a, *p) for a in range(len(e.outcomes)) for p in np.ndindex(*e.shape)]
    q = {c: k for k, c in enumerate(cells)}
    t, columns = {}, len(cells)
    if design.transfers != "none":
        for i in range(e.n):
            for p in np.ndindex(*e.shape):
                t[(i, *p)] = columns
                columns += 1
    prior, rows = e.beliefs.prior.tolist(), []
    utility = [u.tolist() for u in e.utility]

    def at(array, place):
        for k in place:
            array = array[k]
        return array

    for p in np.ndindex(*e.shape):
        rows.append(({q[(a, *p)]: 1 for a in range(len(e.outcomes))}, "=", 1))
    rows += [({k: 1}, ">=", 0) for k in range(len(cells))]
    for i in range(e.n):
        others = [p for p in np.ndindex(*(s for k, s in enumerate(e.shape) if k != i))]
        for own in range(e.shape[i]):
            reports = [own] if design.ic == "obedience" else range(e.shape[i])
            states = [[o] for o in others] if design.ic == "ex-post" else [others]
            for state, report, plan in product(states, reports, list(plans(acts.count(i)))):
                row = {}
                for o in state:
                    true, said = ((*o[:i], x, *o[i:]) for x in (own, report))
                    weight = F(1) if design.ic == "ex-post" else at(prior, true)
                    for a in range(len(e.outcomes)):
                        row[q[(a, *true)]] = row.get(q[(a, *true)], 0) + weight * at(utility[i][a], true)
                        played = int(acts.instead[i][a, plan[acts.own[i][a]]])
                        row[q[(a, *said)]] = row.get(q[(a, *said)], 0) - weight * at(utility[i][played], true)
                    if t:
                        row[t[(i, *true)]] = row.get(t[(i, *true)], 0) + weight
                        row[t[(i, *said)]] = row.get(t[(i, *said)], 0) - weight
                rows.append((row, ">=", 0))
            if design.ir == "interim":
                row = {}
                for o in others:
                    true = (*o[:i], own, *o[i:])
                    for a in range(len(e.outcomes)):
                        row[q[(a, *true)]] = at(prior, true) * at(utility[i][a], true)
                    if t:
                        row[t[(i, *true)]] = at(prior, true)
                rows.append((row, ">=", 0))
    costs = [F(0)] * columns
    if design.objective.kind == "revenue":
        for (_, *p), k in t.items():
            costs[k] -= at(prior, p)
    else:
        for (a, *p), k in q.items():
            costs[k] += at(prior, p) * sum(at(utility[i][a], p) for i in range(e.n))
    return simplex(rows, costs)


DRAWN = [
    ("obedience", "none", "none", "surplus"),
    ("bayesian", "none", "none", "surplus"),
    ("bayesian", "interim", "free", "revenue"),
    ("ex-post", "none", "none", "surplus"),
]


@pytest.mark.parametrize("seed", range(24))
def test_values_are_those_of_every_plan_of_action(seed):
    rng = np.random.default_rng(seed)
    shape, counts = [((2, 2), (2, 2)), ((2, 1), (1, 2)), ((3, 2), (2, 1)), ((1, 2), (3, 2))][seed % 4]
    ic, ir, transfers, objective = DRAWN[(seed // 4) % 4]
    design = Design(game(rng, shape, counts), ic, ir, "none", transfers=transfers, objective=objective)
    answer, (status, value) = design.solve(), by_plans(design)
    assert (answer.status, answer.value) == (status, value)
    if answer.status != "unbounded":
        assert verify(answer.to_json()).accepted


def test_a_lie_with_disobedience_is_found_though_neither_pays_alone():
    """A type who lies and then plays the other action gains; lying alone and disobeying alone do not."""
    acts = Actions.profiles([("stay", "go")])
    # Each type wants the action with its own number; the report decides what is recommended.
    utility = Rationals([[[0, 4]], [[4, 0]]]).reshape(2, 2)
    environment = Environment(
        (Agent.of("a", ["one", "two"]),), acts.labels, (utility,), Rationals([1, 1], 2), actions=acts
    )
    design = Design(environment, "bayesian", "none", "none", transfers="free", objective="feasibility")
    # Both types are told what they like; the report of `two` brings money, so `one` lies, and then disobeys.
    rule = Mechanism(environment, Rationals([[0, 1], [1, 0]]), Rationals([[0, 1]]))
    found = audit(rule, design)
    assert not found.passed and found.worst[0].kind == "IC" and found.worst[0].amount == 1
    assert "one -> two" in found.worst[0].where
    assert audit(rule, design.asking(ic="obedience")).passed


@pytest.mark.parametrize("name", ["chicken", "entry"])
def test_altered_multipliers_and_chances_are_refused(name):
    saved = mechlp.read(PROBLEMS / f"{name}.yaml").design.solve().to_json()
    rows = saved["certificate"]["multipliers"]
    assert rows and all(row["family"].startswith("obedience") for row in rows)
    for k in range(len(rows)):
        for change in (lambda v: v / 2, lambda v: -v, lambda v: v * 2):
            forged = {
                **saved,
                "certificate": {**saved["certificate"], "multipliers": [dict(r) for r in rows]},
            }
            row = forged["certificate"]["multipliers"][k]
            row["multiplier"] = str(change(F(row["multiplier"])))
            forged["sha256"] = checksum(forged)
            assert not verify(forged).accepted
    forged = {**saved, "problem": {**saved["problem"], "require": {"ic": "none"}}}
    forged["sha256"] = checksum(forged)
    assert not verify(forged).accepted


def test_a_document_of_tables_reads_back_to_the_same_game():
    design = mechlp.read(PROBLEMS / "entry.yaml").design
    again = mechlp.files.read_document(mechlp.files.document_of(replace(design, document=None))).design
    assert again.environment.actions.same(design.environment.actions)
    assert again.solve().value == design.solve().value == F(11, 8)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("objective: surplus", "require: {ic: maxmin}\nobjective: surplus"), "recommended actions"),
        (("  row: [dare, yield]", "  row: [dare, dare]"), "twice|one name"),
        (("actions: {row: [[0, 7], [2, 6]]", "actions: {row: [[0, 7], [2]]"), "expected 2 entries"),
        (("actions: {row: [[0, 7], [2, 6]]", "actions: {row: row.act"), "unknown name 'row.act'"),
        (("objective: surplus", "outcomes: [a, b]\nobjective: surplus"), "leave this key out"),
    ],
)
def test_mistakes_are_said_in_one_sentence(change, words):
    text = (PROBLEMS / "chicken.yaml").read_text()
    assert change[0] in text
    with pytest.raises(mechlp.InvalidFile, match=words):
        mechlp.read_text(text.replace(*change))


def test_obedience_needs_actions_and_actions_are_bounded():
    with pytest.raises(mechlp.InvalidFile, match="add actions"):
        mechlp.read_text(
            "agents: {a: [x]}\noutcomes: [o]\nbeliefs: {prior: uniform}\nrequire: {ic: obedience}\n"
        )
    with pytest.raises(InvalidActions, match=r"1,000,000,000"):
        Actions.profiles([[str(k) for k in range(1000)]] * 3)


def test_objectives_in_python_take_arrays_over_outcomes():
    environment = mechlp.read(PROBLEMS / "prosecutor.yaml").design.environment
    wanted = Objective.linear(Rationals([1, 0]).reshape(2, 1, 1).broadcast_to((2, 2, 1)))
    design = Design(environment, "bayesian", "none", "none", transfers="none", objective=wanted)
    assert design.solve().value == F(3, 5)  # the state tells the truth, for nothing


def test_a_recommendation_to_convict_leaves_the_judge_in_doubt():
    """The posterior after `convict` is one half (Kamenica and Gentzkow 2011), and `acquit` reveals innocence."""
    mechanism = mechlp.read(PROBLEMS / "prosecutor.yaml").design.solve().mechanism
    heard = {h.action: h for h in recommendations(mechanism)}
    assert [(heard[k].chance, heard[k].types[0]) for k in (0, 1)] == [
        (F(3, 5), (F(1, 2), F(1, 2))),
        (F(2, 5), (0, 1)),
    ]


def test_who_can_do_one_thing_only_is_told_nothing():
    """The clerk files whatever the judge hears, and the judge's posterior has no word of it."""
    design = mechlp.read_text(
        """
agents: {state: [guilty, innocent], clerk: [here]}
actions: {judge: [convict, acquit], clerk: [file]}
payoffs: {"file, convict": {judge: 1 if state == guilty else 0}, "file, acquit": {judge: 0 if state == guilty else 1}}
beliefs: {prior: {table: [[3/10], [7/10]]}}
require: {ic: obedience}
objective: {maximize: {allocation: {"file, convict": 1}}}
"""
    ).design
    answer = design.solve()
    assert answer.value == F(3, 5)
    heard = list(recommendations(answer.mechanism))
    assert [h.action for h in heard] == [0, 1] and all(h.actions == {} for h in heard)


def test_recommendations_are_those_of_the_joint_distribution():
    reading = mechlp.read(PROBLEMS / "chicken.yaml")
    found = [
        (h.agent, h.action, h.chance, h.actions) for h in recommendations(reading.design.solve().mechanism)
    ]
    # dare-yield and yield-dare with 1/4 each, yield-yield with 1/2
    assert found == [
        (0, 0, F(1, 4), {1: (0, 1)}),
        (0, 1, F(3, 4), {1: (F(1, 3), F(2, 3))}),
        (1, 0, F(1, 4), {0: (0, 1)}),
        (1, 1, F(3, 4), {0: (F(1, 3), F(2, 3))}),
    ]


def test_the_set_of_correlated_equilibrium_payoffs_of_chicken():
    """Its corners: the two pure equilibria, 1/5 dare-dare with 2/5 on each of them, and the best sum."""
    from mechlp.proof.projection import Payoff
    from mechlp.study.interim import projection

    design = mechlp.read(PROBLEMS / "chicken.yaml").design
    axes = tuple(Payoff.named(design.environment, name) for name in ("row", "column"))
    found = projection(design, axes)
    assert set(found.vertices) == {(2, 7), (7, 2), (F(18, 5), F(18, 5)), (F(21, 4), F(21, 4))}


def test_pages_show_what_is_recommended_and_believed():
    result = CliRunner().invoke(main, ["solve", str(PROBLEMS / "prosecutor.yaml"), "--no-save"])
    assert result.exit_code == 0 and "state: guilty 1/2, innocent 1/2" in result.output
    assert "obedience[judge: convict -> acquit]" in result.output
