"""Recommended actions: that nobody gains by a lie, by disobeying, or by both is what the theorem says, of every plan."""

import re
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from action_games import game
from coq_runs import accepted, needs_coq, solved
from maxmin_environments import checked

import mechlp
from mechlp.environment.belief_sets import BeliefSet
from mechlp.kernel.export import exported
from mechlp.kernel.syntax import profile

pytestmark = needs_coq
PROBLEMS = Path(__file__).parents[1] / "data" / "problems"
#: Games of these seeds, with what is asked; a proof of `liars` takes a lie and what is played after it.
DRAWN = {
    "nobody": (0, (2, 2), (2, 2), "obedience", "interim", "feasibility"),
    "ex_post": (5, (2, 1), (3, 2), "ex-post", "none", "surplus"),
    "some": (9, (2, 1), (3, 2), "bayesian", "interim", "feasibility"),
    "liars": (8, (2, 2), (2, 2), "bayesian", "none", "surplus"),
}
#: Games of these seeds, whose types hold several beliefs possible: taking part, transfers, and what is wanted.
SEVERAL = {
    "beliefs_none": (3, "interim", "none", "feasibility"),
    "beliefs_some": (0, "interim", "free", "feasibility"),
    "beliefs_best": (3, "none", "none", "surplus"),
}


@pytest.fixture(scope="module")
def answers():
    """Known games, and drawn ones."""
    designs = {
        name: mechlp.read(PROBLEMS / f"{name}.yaml").design for name in ("chicken", "entry", "prosecutor")
    }
    designs["first_price"] = mechlp.read(PROBLEMS / "first-price.yaml").design
    for name, (seed, shape, counts, ic, ir, wants) in DRAWN.items():
        drawn = game(np.random.default_rng(seed), shape, counts, -9, 5)
        designs[name] = mechlp.Design(drawn, ic, ir, "none", transfers="none", objective=wants)
    drawn = game(np.random.default_rng(3), (2, 1), (2, 2), -9, 5)
    points = [[[F(1, 4)], [F(3, 4)]], [[F(2, 3)], [F(1, 3)]]]
    several = replace(drawn, designer=None, designer_set=BeliefSet.finite(points))
    designs["priors"] = mechlp.Design(
        several, "bayesian", "none", "none", transfers="none", objective="surplus"
    )
    for name, (seed, ir, transfers, wants) in SEVERAL.items():
        designs[name] = several_beliefs(seed, ir, transfers, wants)
    return {name: (answer := solved(design), exported(answer)) for name, design in designs.items()}


def several_beliefs(seed, ir, transfers, wants):
    """A drawn game whose types hold one or two beliefs possible."""
    dice = np.random.default_rng(seed)
    drawn = game(dice, (2, 2), (2, 2), -9, 5)

    def belief():
        weights = dice.integers(0, 4, 2)
        weights[0] += 1
        return [F(int(w), int(weights.sum())) for w in weights]

    sets = tuple(
        tuple(BeliefSet.finite([belief() for _ in range(dice.integers(1, 3))]) for _ in range(2))
        for _ in (0, 1)
    )
    beliefs = replace(drawn, beliefs=None, belief_sets=sets)
    return mechlp.Design(beliefs, "bewley", ir, "none", transfers=transfers, objective=wants)


def test_a_plan_is_compared_under_each_belief():
    """Types who hold different numbers of beliefs possible: what is found passes the audit, and what is proved is checked."""
    for seed, ir, transfers, wants in SEVERAL.values():
        checked(several_beliefs(seed, ir, transfers, wants))


DEVIATION = (
    r"(Interim \d+ \d+ \d+|UnderBelief \d+ \d+ \d+ \d+|AtProfile \d+ \[[^]]*\]%nat \d+) \[([^]]*)\]%nat"
)


def obeyed(deviation):
    """The same deviation without any disobedience."""
    return f"{deviation[1]} {profile(range(deviation[2].count(';') + 1))}"


def forged(name, answer, one):
    """No deviation disobeys; a better bound; a better mechanism."""
    if re.search(DEVIATION, one.text):
        yield f"{name}_obeyed", replace(one, text=re.sub(DEVIATION, obeyed, one.text))
    if answer.value is not None:
        more = F(1 if answer.design.wants.maximize else -1, 1000)
        yield f"{name}_bound", exported(replace(answer, bound=answer.bound - more))
        yield f"{name}_value", exported(replace(answer, value=answer.value + more))


def test_obedience_is_a_theorem(library, standalone, answers):
    true = {name: one for name, (_, one) in answers.items()}
    assert {answer.status for answer, _ in answers.values()} == {"optimal", "feasible", "infeasible"}
    lies = re.findall(r"Interim (\d) (\d) (\d) \[", true["liars"].text)
    assert any(own != report for _, own, report in lies)
    assert all(map(standalone, true.values()))
    false = {k: v for name, (answer, one) in answers.items() for k, v in forged(name, answer, one)}
    assert len(false) >= 16
    assert not any(map(standalone, false.values()))
    honest = true["liars"].text.replace("  honesty_and_obedience env acts M", "  bayesian_IC env M", 1)
    false = {"bound": false["liars_bound"], "honest": replace(true["liars"], text=honest)}
    said = true["priors"].statement
    assert "exists M, asks M /\\ forall p, possible_prior env priors p -> " in said
    assert "forall M, asks M -> exists p, possible_prior env priors p /\\ " in said
    some = {"nobody", "ex_post", "some", "liars", "priors", *SEVERAL}
    assert accepted({**{name: true[name] for name in some}, **false}, library) == some
