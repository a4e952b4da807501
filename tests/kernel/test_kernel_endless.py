"""That an objective has no end is a theorem: a mechanism, and what can be added to its transfers any number of times."""

import random
from dataclasses import replace

import pytest
from coq_runs import REPRO, accepted, needs_coq, solved
from maxmin_environments import environment
from random_designs import _distribution, _numbers

import mechlp
from mechlp import Beliefs, Objective
from mechlp.kernel.export import exported, saved_answer

pytestmark = needs_coq


def question(dice, ic):
    """A random question about a random environment that may have no best answer."""
    found = environment(dice)
    if ic in ("bayesian", "ex-post"):
        prior = _distribution(dice, found.shape)
        found = replace(found, belief_sets=None, beliefs=Beliefs.common(prior), designer=prior)
    full = (len(found.outcomes), *found.shape)
    transfers = [_numbers(dice, found.shape, -1, 1) for _ in (0, 1)]
    wants = Objective.linear(_numbers(dice, full), transfers, maximize=dice.random() < 0.5)
    bb, allocation = dice.choice(["ex-ante-weak", "none"]), "efficient"
    if ic in ("bayesian", "ex-post"):
        allocation = dice.choice(["chosen", "deterministic"])
    return mechlp.Design(
        found, ic, "interim" if ic == "bayesian" else "ex-post", bb, allocation, "free", wants
    )


@pytest.fixture(scope="module")
def answers():
    dice, found = random.Random(2), {}
    for ic in ("bayesian", "ex-post", "maxmin", "bewley"):
        some = (solved(question(dice, ic)) for _ in range(200))
        endless = (answer for answer in some if answer.status == "unbounded")
        found |= {f"{ic.replace('-', '_')}_{k}": next(endless) for k in range(3)}
    return found


def test_no_best_mechanism_is_a_theorem(library, standalone, answers):
    true = {name: exported(answer) for name, answer in answers.items()}
    assert all(map(standalone, true.values()))
    assert any("~" not in one.statement and "<= x" in one.statement for one in true.values())
    assert any("certain_" in one.text for one in true.values())
    false = {}
    for name, answer in answers.items():
        (change,) = answer.direction
        back = replace(change, transfers=change.transfers * -1)
        none = replace(change, transfers=change.transfers * 0)
        false[f"{name}_back"] = exported(replace(answer, direction=(back,)))
        false[f"{name}_nothing"] = exported(replace(answer, direction=(none,)))
        false[f"{name}_start"] = exported(replace(answer, rules=(none,)))
    assert not any(map(standalone, false.values()))
    few = {name: true[name] for name in ("bayesian_0", "maxmin_0", "bewley_0")}
    assert accepted({**few, "maxmin_back": false["maxmin_0_back"]}, library) == set(few)


def test_a_forged_answer_without_end_is_refused(standalone):
    """Its direction does not keep the belief that deters a lie."""
    forged = exported(saved_answer(REPRO / "wald-forged.json"))
    assert "forall x : R, exists M" in forged.statement
    assert not standalone(forged)
