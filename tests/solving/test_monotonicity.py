"""Robust coalitional monotonicity: both readings, hulls, double implementation (Guo 2018, sections 2.4 to 2.7)."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from small import at, put, refused
from test_implementation import CASES, checked, guo, holds, random_question

from mechlp import Agent, Environment, Rationals
from mechlp.deadline import Deadline
from mechlp.environment.coalitions import pattern
from mechlp.proof.implementation.monotone import check_refutation, incentive_compatible
from mechlp.proof.implementation.rewards import Lie, Rewards
from mechlp.question.implementation import Choice, Feasible, Implementation
from mechlp.solving.implementation.margins import search
from mechlp.solving.implementation.rewards import Refuter

BOTH = ["robust-monotonicity", "robust-monotonicity-printed"]


@pytest.fixture(scope="module")
def counterexample():
    """Proposition 2.4.2 fails: implementable by the corrected reading, though the printed condition does not hold."""
    data = CASES["prop242_refuted"]["data"]
    numbers = {"n": data["n"], "gamma": data["gamma"], "grid": len(data["grid"])}
    return guo("2.7.1", [*BOTH, "robust-implementation"], "singletons", **numbers)


def test_the_printed_condition_is_not_necessary(counterexample):
    expected = CASES["prop242_refuted"]["expected"]
    assert holds(counterexample, BOTH[0]) is expected["corrected_robust_mono"]
    assert holds(counterexample, BOTH[1]) is expected["def244_as_printed"]
    pair = counterexample.finding(BOTH[1]).witness["pair"]
    assert [[*cell.values()] for cell in pair] == expected["def244_witness_pair"]
    whole = counterexample.finding("robust-implementation")
    assert whole.holds  # ex-post IC, the corrected condition, and a bad outcome: Theorem 2.5.1
    assert whole.witness["parts"]["bad-outcome"]["delta"] == expected["bad_outcome_delta"]
    trace = counterexample.finding(BOTH[0]).witness["trace"]
    assert sum(map(len, trace["rounds"])) == 2 * 5 * 4  # only the truth is left


@pytest.mark.parametrize("name", ["guo271_n2_g1_grid3", "guo271_n2_g5/4_grid3", "guo271_n3_g3/8_grid2"])
def test_single_agents_in_2_7_1(name):
    data, expected = CASES[name]["data"], CASES[name]["expected"]
    answer = guo("2.7.1", BOTH, "singletons", n=data["n"], gamma=data["gamma"], grid=len(data["grid"]))
    assert holds(answer, BOTH[0]) is expected["robust_mono_singletons_corrected"]
    assert holds(answer, BOTH[1]) is expected["robust_mono_singletons_as_printed"]
    if holds(answer, BOTH[0]):
        rounds = answer.finding(BOTH[0]).witness["trace"]["rounds"]
        assert len(rounds) == expected["elimination_rounds"]


def test_single_agents_of_2_7_1_need_little_interdependence():
    for n, gammas in ((2, (F(-9, 10), F(99, 100), 1)), (3, (F(2, 5), F(1, 2)))):
        for gamma in gammas:
            found = guo("2.7.1", BOTH[:1], "singletons", n=n, gamma=gamma, grid=2)
            assert holds(found, BOTH[0]) is (abs(gamma) < F(1, n - 1))


def test_a_common_value_is_implemented_whatever_coalitions_form():
    answer = guo("2.7.1", [*BOTH, "robust-implementation"], "all")
    assert all(f.holds for f in answer.findings)
    rewards = answer.finding(BOTH[1]).witness["refuted"]
    assert all(
        "like" in item["refutation"] for item in rewards
    )  # rewards that the function gives to other reports
    assert holds(guo("2.7.1", ["robust-implementation"], "singletons"), "robust-implementation") is False


def test_islands_are_implemented_and_double_implementation():
    assert holds(guo("2.7.2", ["robust-implementation"]), "robust-implementation")
    checks = ["robust-strong-monotonicity", "robust-strong-monotonicity-printed", "double-implementation"]
    answer = guo("2.7.3", checks)
    assert CASES["guo273_n3_grid2"]["expected"]["rsm_reward_f_of_misreport"]
    assert all(f.holds for f in answer.findings)
    assert holds(guo("2.7.3", ["double-implementation"], grid=3, n=2), "double-implementation") is False


# -- reward sets that are no convex sets --------------------------------------------------------------------
@pytest.fixture(scope="module")
def union():
    """A question whose reward set is a union of polytopes, its rewards, and the lie that only a mixture refutes."""
    data = CASES["reward_set_nonconvex"]["data"]
    cells = list(itertools.product(range(2), repeat=2))
    utility = [[[[F(o[f"{a},{b}"]) for b in range(2)] for a in range(2)] for o in own] for own in data["u"]]
    pick = np.array([data["f"][f"{a},{b}"] for a, b in cells]).reshape(2, 2)
    environment = Environment([Agent.of("a", [0, 1]), Agent.of("b", [0, 1])], list("wxyz"), utility)
    allocation = Rationals((np.arange(4)[:, None, None] == pick[None]).astype(int))
    none = Feasible((F(0),) * 2, (F(0),) * 2)
    choice = Choice(allocation, Rationals.zeros((2, 2, 2)))
    question = Implementation(environment, choice, none, pattern(2, [(0, 1)]), ("robust-monotonicity",))
    rewards = Rewards(question, question.pattern)
    lie = Lie((data["i"],), (data["theta_star"],), (data["theta_prime"],), (data["report_other"],))
    told = np.array([[True, False], [True, False]])  # both types of the other agent report 0
    return rewards, lie, (np.ones((2, 2), dtype=bool), told)


def test_only_a_mixture_of_rewards_refutes(union):
    rewards, lie, deception = union
    system, choices = rewards.system(lie, rewards.each(lie, deception))
    assert search(system, choices)[0] is None  # no one reward
    known = Refuter(rewards, incentive_compatible(rewards), Deadline(), lambda done: None)
    refutes, witness = known.found(lie, deception)
    assert refutes and "mixtures" in witness
    assert check_refutation(rewards, lie, deception, witness, False) is False  # depends on the belief
    row = {}
    for weight, point in witness["mixtures"]["0"]:
        for k, cell in enumerate(itertools.product([0], range(2))):
            worth = sum(
                F(c) * rewards.question.environment.utility[0][(a, *cell)]
                for a, c in enumerate(point["lotteries"][0])
            )
            row[k] = row.get(k, 0) + F(weight) * worth
    now = [rewards.payoff(0, (1, 0), cell) for cell in itertools.product([0], range(2))]
    least = min(row[k] - u for k, u in enumerate(now))
    assert 0 < least <= F(CASES["reward_set_nonconvex"]["expected"]["conv_max_min_gain"])


# -- deletions against the definition -----------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(4))
def test_deletions_find_what_going_through_all_deceptions_finds(seed):
    coalitions = [] if seed % 2 else [(0, 1)]
    question = random_question(seed, *BOTH, shape=(2, 2)).asking(pattern=pattern(2, coalitions))
    answer = checked(question)
    rewards = Rewards(question, question.pattern)
    known = Refuter(rewards, incentive_compatible(rewards), Deadline(), lambda done: None)
    rows = [np.array(r, dtype=bool) for r in ((1, 0), (0, 1), (1, 1))]
    every = [np.stack(own) for own in itertools.product(rows, repeat=2)]

    def fails(deception):
        if rewards.unacceptable(deception) is None:
            return False
        return not any(known.found(lie, deception)[0] for lie in rewards.lies(deception))

    assert holds(answer, BOTH[0]) is not any(fails(pair) for pair in itertools.product(every, repeat=2))
    if holds(answer, BOTH[1]):
        assert holds(answer, BOTH[0])  # the printed reading is the stronger one


# -- nothing that is claimed is believed --------------------------------------------------------------------
def test_forged_traces_and_conjectures_are_refused(counterexample):
    data = counterexample.to_json()
    first = ("findings", 0, "witness", "trace", "rounds", 0, 0)
    refused(data, lambda d: at(d, *first[:-2]).pop())
    refused(data, lambda d: at(d, *first[:-1]).pop())
    refused(data, put((*first, "report"), {"citizen1": "0"}))
    refused(data, put((*first, "refutation"), {"like": [0]}))
    refused(data, put((*first, "refutation"), {"rewards": {}}), "without a reward")
    kept = ("findings", 1, "witness", "kept", 0)
    refused(data, lambda d: at(d, *kept[:-1]).pop())
    refused(data, put((*kept, "tree"), {"multipliers": {"0": "1"}}))
    refused(data, put((*kept, "beliefs"), [[1, [[0, 0, "1/2"]]]]), "add up to one")
    refused(data, put(("findings", 2, "witness", "parts", "robust-monotonicity"), {"undecided": "tired"}))


def test_forged_deceptions_are_refused():
    data = guo("2.7.1", BOTH[:1], "singletons").to_json()
    kept = ("findings", 0, "witness", "kept")
    refused(data, lambda d: at(d, *kept).pop(), "without a conjecture")
    refused(data, put(("findings", 0, "witness", "deception", "citizen1", "0"), ["0"]))
    truth = {name: {t: [t] for t in ("0", "1/2", "1")} for name in ("citizen1", "citizen2")}
    refused(data, put(("findings", 0, "witness", "deception"), truth), "acceptable")
