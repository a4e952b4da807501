"""Ambiguous transfers: the published examples, the closed form, and the fewest rules."""

import random
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from oracle import broken

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.checking.verify import verify
from mechlp.mechanism.audit import audit
from mechlp.proof.equal_beliefs import equal_beliefs

CONFIGS = Path(__file__).parents[2] / "configs"
AMBIGUOUS = {"ic": "ambiguous-transfers"}


def solved(name, **parameters):
    overrides = {k: str(v) for k, v in parameters.items()}
    return checked(
        mechlp.read(CONFIGS / f"guo-2018-example-{name}.yaml", overrides=overrides, ask=AMBIGUOUS).design
    )


def checked(design):
    answer = design.solve()
    assert answer.certified, answer.notes
    assert not answer.rules or audit(answer.rules, design).passed
    verdict = verify(answer.to_json())
    assert verdict.accepted, verdict.problems
    return answer


@pytest.mark.parametrize("name", ["1.4.1", "1.4.2", "1.5.1", "1.5.2"])
def test_guo_examples_take_two_rules(name):
    answer = solved(name)
    assert answer.status == "feasible"
    assert (answer.fewest.lower, answer.fewest.upper) == (2, 2)
    if name == "1.5.2":  # no common prior: a search, and no side bet
        return
    pair = answer.fewest.pair
    first, second = (rule.transfers for rule in answer.rules)
    assert (first - second).same(pair.psi * (2 * pair.c))


@pytest.mark.parametrize("ratio", [F(1), F(1001, 1000), F(7)])
def test_guo_1_4_2_depends_on_equal_beliefs_alone(ratio):
    assert solved("1.4.2", a=1, B=ratio).status == "feasible"
    equal = solved("1.4.2-equal-beliefs", a=1, B=ratio)
    assert equal.status == ("feasible" if ratio == 1 else "infeasible")


def test_guo_a_1_1_is_a_cycle_that_gains():
    answer = solved("a.1.1")
    assert answer.status == "infeasible"
    assert "2 + 2 = 4 > 0" in answer.notes[0]


@pytest.mark.parametrize(
    ("values", "bayesian", "ambiguous"),
    [((1, 2, 3), F(4, 3), F(3, 2)), ((2, 3, 4), F(2), F(20, 9)), ((1, 2), F(1), F(1))],
)
def test_revenue_from_one_buyer_of_a_single_good(values, bayesian, ambiguous):
    utility = Rationals.of([list(values), [0] * len(values)])
    beliefs = Beliefs.common(Rationals.of([F(1, len(values))] * len(values)))
    environment = Environment(
        (Agent.of("buyer", list(map(str, values))),), ("sold", "kept"), (utility,), beliefs
    )
    assert checked(Design(environment, objective="revenue")).value == bayesian
    assert checked(Design(environment, ic="ambiguous-transfers", objective="revenue")).value == ambiguous


def test_bdp_with_impossible_pairs_is_not_enough():
    """p = (1/3, 0; 1/3, 1/3): beliefs determine types, and yet for some utilities no set of rules exists."""
    prior = Rationals.of([[F(1, 3), 0], [F(1, 3), F(1, 3)]])
    agents = (Agent.of("a", ["1", "2"]), Agent.of("b", ["1", "2"]))
    found = set()
    for seed in range(40):
        dice = random.Random(seed)
        utility = [
            Rationals.of([[[dice.randint(-3, 3) for _ in range(2)] for _ in range(2)] for _ in range(2)])
            for _ in (0, 1)
        ]
        environment = Environment(agents, ("x", "y"), tuple(utility), Beliefs.common(prior))
        design = Design(environment, ic="ambiguous-transfers", bb="ex-post", allocation="efficient-first")
        assert equal_beliefs(design) is None
        found.add(checked(design).status)
    assert found == {"feasible", "infeasible"}


def correlated(dice):
    """Two or three agents, a common prior, mostly positive, often with two equal beliefs."""
    shape = dice.choice([(2, 2), (2, 3), (3, 2), (3, 3), (2, 2, 2)])
    weights = np.array([dice.randint(1, 4) for _ in range(int(np.prod(shape)))]).reshape(shape)
    if dice.random() < 0.6:
        rows = np.moveaxis(weights, dice.randrange(len(shape)), 0)
        rows[0] = rows[1] * dice.choice([1, 2])
    if dice.random() < 0.2:
        weights.ravel()[dice.randrange(weights.size)] = 0
    prior = Rationals(weights, int(weights.sum()))
    outcomes = dice.randint(2, 3)
    utility = [
        Rationals(
            np.array([dice.randint(-4, 4) for _ in range(outcomes * weights.size)]).reshape(outcomes, *shape)
        )
        for _ in shape
    ]
    agents = tuple(Agent.of(f"a{i}", [f"x{k}" for k in range(s)]) for i, s in enumerate(shape))
    return Environment(agents, tuple(f"o{a}" for a in range(outcomes)), tuple(utility), Beliefs.common(prior))


def agree(seeds):
    """The general program, the closed form where it applies, and the definitions agree; how often it applied."""
    applied = 0
    for seed in seeds:
        dice = random.Random(seed)
        environment = correlated(dice)
        asked = dice.choice([{"bb": "ex-post"}, {"objective": "full-surplus-extraction"}])
        design = Design(environment, ic="ambiguous-transfers", allocation="efficient-first", **asked)
        closed = equal_beliefs(design)
        answer = checked(design)
        assert answer.status in ("feasible", "infeasible"), seed
        assert (answer.status == "feasible") == bool(answer.rules), seed
        assert not answer.rules or not broken(design, answer.rules), seed
        assert answer.status == "infeasible" or answer.fewest.upper <= 2, seed
        if closed is not None:
            applied += 1
            assert (answer.status == "feasible") == closed.possible, seed
    return applied


def test_the_plain_audit_finds_every_broken_requirement():
    """A cent moved anywhere breaks BB; to lower every rule's payment to a type breaks its IR or BB; one rule alone, IC."""
    answer = solved("1.4.2")
    design, rules = answer.design, list(answer.rules)
    assert not broken(design, rules)
    assert {kind for kind, *_ in broken(design, rules[:1])} == {"IC"}
    for i, *profile in np.ndindex(rules[0].transfers.shape):
        moved = np.array(rules[0].transfers.tolist(), dtype=object)
        moved[(i, *profile)] -= F(1, 100)
        spoiled = replace(rules[0], transfers=Rationals.of(moved))
        assert ("BB", 0, tuple(profile)) in broken(design, [spoiled, rules[1]])
        assert {kind for kind, *_ in broken(design, [spoiled, rules[1]])} <= {"BB", "IR", "IC"}
    poorer = [replace(rule, transfers=rule.transfers - 100) for rule in rules]
    assert {"IR", "BB"} == {kind for kind, *_ in broken(design, poorer)}


def test_general_program_and_closed_form_agree():
    assert agree(range(30)) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_general_program_and_closed_form_agree_on_a_thousand(block):
    assert agree(range(1000 + 100 * block, 1100 + 100 * block)) >= 70
