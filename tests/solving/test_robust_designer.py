"""A designer who holds a set of priors possible: values, saddle points, certificates."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from mechlp import Agent, Design, Environment
from mechlp.beliefs.sets import worst
from mechlp.checking.verify import verify
from mechlp.environment.belief_sets import BeliefSet
from mechlp.environment.model import InvalidEnvironment
from mechlp.exact.numbers import Rationals, rational
from mechlp.question.design import InvalidDesign
from mechlp.question.objective import goal


def trade(grid_b, grid_s, possible=None, prior=None, **asked):
    """A buyer and a seller; ``possible(b, s)`` makes the designer's set."""
    b = Rationals.of(grid_b).reshape(-1, 1).broadcast_to((len(grid_b), len(grid_s)))
    s = Rationals.of(grid_s).reshape(1, -1).broadcast_to(b.shape)
    zero = Rationals.zeros(b.shape).tolist()
    environment = Environment(
        [Agent.of("buyer", grid_b), Agent.of("seller", grid_s)],
        ["keep", "trade"],
        [[zero, b.tolist()], [zero, (-s).tolist()]],
        designer=prior,
        designer_set=None if possible is None else possible(b, s),
    )
    return Design(environment, **{"ic": "ex-post", "ir": "ex-post", "objective": "revenue", **asked})


def known_means(mean_b, mean_s):
    return lambda b, s: (
        BeliefSet.moment(b, "=", mean_b, "mean of buyer") & BeliefSet.moment(s, "=", mean_s, "mean of seller")
    )


def grid(m):
    return [F(k, m - 1) for k in range(m)]


def explicit(m, mean_b, mean_s):
    """The value of the sparse program of running sums, in floats: rents that exclude the own cell."""
    from scipy.optimize import linprog

    h, cells = 1 / (m - 1), m * m
    at = lambda i, j: i * m + j  # noqa: E731
    b = s = np.linspace(0, 1, m)
    rows, rhs = [], []
    for i in range(m):
        for j in range(m):
            row = np.zeros(cells + 3)
            row[cells:] = b[i], s[j], 1
            row[at(i, j)] -= b[i] - s[j]
            for k in range(i):
                row[at(k, j)] += h
            for k in range(j + 1, m):
                row[at(i, k)] += h
            rows.append(row)
            rhs.append(0)
            for more, less in (((i + 1, j), (i, j)), ((i, j), (i, j + 1))):
                if max(*more, *less) < m:
                    row = np.zeros(cells + 3)
                    row[at(*less)], row[at(*more)] = 1, -1
                    rows.append(row)
                    rhs.append(0)
    cost = np.zeros(cells + 3)
    cost[cells:] = -mean_b, -mean_s, -1
    found = linprog(cost, np.array(rows), rhs, bounds=[(0, 1)] * cells + [(None, None)] * 3)
    return -found.fun


@pytest.mark.parametrize(
    ("m", "mean_b", "mean_s", "value"),
    [
        (11, "0.7", "0.3", 0.075),
        (11, "0.6", "0.4", 0.0222222),
        (11, "0.8", "0.5", 0.0468085),
        (6, "0.8", "0.5", 0.0666667),
    ],
)
def test_known_means_on_a_grid(m, mean_b, mean_s, value):
    answer = trade(grid(m), grid(m), known_means(mean_b, mean_s)).solve()
    assert answer.status == "optimal" and answer.certified
    assert float(answer.value) == pytest.approx(value, abs=1e-7)
    assert float(answer.value) == pytest.approx(explicit(m, float(mean_b), float(mean_s)), abs=1e-7)
    prior = answer.worst_case.distribution(answer.design)
    b = Rationals.of(grid(m))
    assert prior.sum() == 1
    assert (prior.sum(axis=1) * b).sum() == rational(mean_b)
    assert (prior.sum(axis=0) * b).sum() == rational(mean_s)


def test_answer_is_saved_and_checked_again():
    answer = trade(grid(5), grid(4), known_means("0.8", "0.3")).solve()
    data = json.loads(json.dumps(answer.to_json()))
    verdict = verify(data)
    assert verdict.accepted, verdict
    assert any("guarantees" in claim for claim in verdict.checked)


def resigned(data):
    from mechlp.exact.saved import checksum

    body = {k: v for k, v in data.items() if k != "sha256"}
    return {**body, "sha256": checksum(body)}


def spoil_probability(data):
    entry = data["certificate"]["nature"]["distribution"][0]
    entry["probability"] = "1/7"


def spoil_worst_case(data):
    data["worst_case"]["multipliers"][0]["multiplier"] = "1/7"


def spoil_missing(data):
    del data["certificate"]["nature"]


def spoil_set(data):
    data["problem"]["beliefs"]["designer"]["rows"][0]["equals"] = ["9/10"]


@pytest.mark.parametrize("spoil", [spoil_probability, spoil_worst_case, spoil_missing, spoil_set])
def test_spoiled_answers_are_refused(spoil):
    data = json.loads(json.dumps(trade(grid(4), grid(4), known_means("0.8", "0.3")).solve().to_json()))
    assert verify(data).accepted
    spoil(data)
    assert not verify(resigned(data)).accepted


# -- every kind of partial information ----------------------------------------------------------
def some_distribution(rng, shape, zeros=0.3):
    weights = [0 if rng.random() < zeros else rng.randint(1, 6) for _ in range(int(np.prod(shape)))]
    weights[rng.randrange(len(weights))] += 1
    return Rationals.of([F(w, sum(weights)) for w in weights]).reshape(*shape)


def random_set(kind, rng, b, s):
    """A set that surely contains ``inside``, so that it is not empty."""
    shape, inside = b.shape, some_distribution(rng, b.shape)
    mean = lambda f: (f * inside).sum()  # noqa: E731
    if kind == "single":
        return BeliefSet.finite(inside.reshape(1, *shape))
    if kind == "list":
        return BeliefSet.finite([some_distribution(rng, shape).tolist() for _ in range(3)])
    if kind == "means":
        return BeliefSet.moment(b, "=", mean(b)) & BeliefSet.moment(s, "=", mean(s))
    if kind == "moments":
        out = BeliefSet.moment(b * s, "=", mean(b * s))
        out = out & BeliefSet.moment(b, ">=", mean(b) - F(1, 10))
        return out & BeliefSet.moment(s * s, "<=", mean(s * s) + F(1, 10))
    if kind == "marginals":
        return BeliefSet.marginal(0, inside.sum(axis=1), shape) & BeliefSet.marginal(
            1, inside.sum(axis=0), shape
        )
    if kind == "support":
        return BeliefSet.support(inside > 0)
    if kind == "wasserstein":
        points = [(rng.randrange(shape[0]), rng.randrange(shape[1])) for _ in range(3)]
        cost = [(abs(b - b[p]) + abs(s - s[p])).tolist() for p in points]
        return BeliefSet.wasserstein([F(1, 2), F(1, 3), F(1, 6)], cost, F(rng.randint(0, 4), 10))
    if kind == "mean and range":
        known = (b >= b[1, 0]) & (mean(b) >= b)
        known[np.unravel_index(0, shape)] = False
        if not known.any():
            known = np.ones(shape, dtype=bool)
        inside = Rationals.of([F(int(k), int(known.sum())) for k in known.ravel()]).reshape(*shape)
        return BeliefSet.support(known) & BeliefSet.moment(s, "=", (s * inside).sum())
    if kind == "contamination":
        return BeliefSet.contamination(inside, F(rng.randint(0, 9), 10))
    return BeliefSet.variation(inside, F(rng.randint(0, 9), 10))


KINDS = (
    "single",
    "list",
    "means",
    "moments",
    "marginals",
    "support",
    "wasserstein",
    "mean and range",
    "contamination",
    "variation",
)


def check_saddle(kind, seed):
    """The best response to the worst prior has the value; neither it nor any other prior of the set gives less."""
    rng = random.Random(f"{kind} {seed}")
    types = lambda k: sorted(rng.sample(range(12), k))  # noqa: E731
    buyer, seller = types(rng.choice([2, 3])), types(rng.choice([2, 3]))
    design = trade(buyer, seller, lambda b, s: random_set(kind, rng, b, s))
    answer = design.solve()
    assert answer.status == "optimal" and answer.certified, answer
    prior = answer.worst_case.distribution(design)
    assert trade(buyer, seller, prior=prior).solve().value == answer.value
    possible = design.environment.designer_set
    gives = goal(design).by_profile(answer.mechanism.allocation, answer.mechanism.transfers)
    assert worst(possible, gives).value == answer.value == (gives * prior).sum()
    if possible.lifts == 0 or possible.known is not None:
        assert bool(np.all(possible.expectations(gives) >= answer.value))
    if kind == "list":
        bayes = [trade(buyer, seller, prior=p).solve().value for p in possible.known]
        assert answer.value <= min(bayes)


@pytest.mark.parametrize("kind", KINDS)
def test_saddle_point(kind):
    for seed in range(4):
        check_saddle(kind, seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_saddle_point_of_two_hundred(kind):
    for seed in range(200):
        check_saddle(kind, seed)


def test_one_prior_is_the_bayesian_designer():
    prior = some_distribution(random.Random(1), (3, 3), zeros=0)
    one = trade([1, 2, 3], [0, 1, 2], lambda b, s: BeliefSet.finite(prior.reshape(1, 3, 3))).solve()
    assert one.value == trade([1, 2, 3], [0, 1, 2], prior=prior).solve().value


# -- other questions on the same road -----------------------------------------------------------
def test_two_bidders_and_beliefs_of_their_own():
    """Bayesian IC under a common prior of the bidders, a designer who only knows the means."""
    values = [1, 2, 3]
    v = Rationals.of(values)
    rows = [v.reshape(-1, 1).broadcast_to((3, 3)), v.reshape(1, -1).broadcast_to((3, 3))]
    zero = Rationals.zeros((3, 3)).tolist()
    possible = BeliefSet.moment(rows[0], "=", 2) & BeliefSet.moment(rows[1], "=", 2)
    environment = Environment(
        [Agent.of("one", values), Agent.of("two", values)],
        ["nobody", "one", "two"],
        [[zero, rows[0].tolist(), zero], [zero, zero, rows[1].tolist()]],
        beliefs=[[F(1, 9)] * 3] * 3,
        designer_set=possible,
    )
    bayesian = Design(environment, ic="bayesian", ir="interim", objective="revenue").solve()
    expost = Design(environment, ic="ex-post", ir="ex-post", objective="revenue").solve()
    assert bayesian.certified and expost.certified
    known = replace(environment, designer=[[F(1, 9)] * 3] * 3, designer_set=None)
    assert expost.value <= bayesian.value
    assert expost.value <= Design(known, ic="ex-post", ir="ex-post", objective="revenue").solve().value
    assert verify(json.loads(json.dumps(bayesian.to_json()))).accepted


def test_deterministic_mechanisms():
    """``max (b_k - s_l) max(0, 1 - (1-M_B)/(1-b_{k-1}) - M_S/s_{l+1})``, terms dropped at the ends."""
    m, mean_b, mean_s = 6, F(9, 10), F(1, 10)
    g = grid(m)
    best = max(
        (g[k] - g[j])
        * max(
            0,
            1 - ((1 - mean_b) / (1 - g[k - 1]) if k else 0) - (mean_s / g[j + 1] if j + 1 < m else 0),
        )
        for k in range(m)
        for j in range(m)
    )
    answer = trade(g, g, known_means(mean_b, mean_s), allocation="deterministic").solve()
    assert answer.status == "optimal" and answer.certified and answer.value == best
    assert verify(json.loads(json.dumps(answer.to_json()))).accepted


def test_costs_are_minimised_in_the_worst_case():
    """The least worst expected subsidy of efficient trade: both signs of the objective are one problem."""
    from mechlp import Objective

    shape, g = (4, 4), grid(4)
    ones = [np.ones(shape, dtype=int)] * 2
    least = Objective.linear(transfers=ones, maximize=False)
    most = Objective.linear(transfers=[-o for o in ones])
    low = trade(g, g, known_means("0.6", "0.4"), objective=least, allocation="efficient").solve()
    high = trade(g, g, known_means("0.6", "0.4"), objective=most, allocation="efficient").solve()
    assert low.status == high.status == "optimal" and low.value == -high.value
    assert verify(json.loads(json.dumps(low.to_json()))).accepted


def test_what_no_choice_moves_is_worth_its_worst_expectation():
    """Efficient trade is worth at least the difference of the means (Jensen), and no more when both rise together: 2 - 1."""
    found = trade([1, 3], [0, 2], known_means(2, 1), objective="surplus", allocation="efficient").solve()
    assert not found.design.ties and found.status == "optimal" and found.certified and found.value == 1


def test_without_participation_revenue_has_no_end():
    answer = trade(grid(3), grid(3), known_means("0.6", "0.4"), ir="none").solve()
    assert answer.status == "unbounded" and answer.certified
    assert verify(json.loads(json.dumps(answer.to_json()))).accepted


def test_impossible_requirements_need_no_prior():
    design = trade(grid(4), grid(4), known_means("0.6", "0.4"), allocation="efficient", bb="ex-post")
    answer = design.solve()
    assert answer.status == "infeasible" and answer.certified
    assert verify(json.loads(json.dumps(answer.to_json()))).accepted


def test_more_knowledge_is_worth_more():
    g = grid(5)
    nothing = trade(g, g, lambda b, s: BeliefSet.everything(b.shape)).solve()
    means = trade(g, g, known_means("0.9", "0.1")).solve()
    more = trade(
        g, g, lambda b, s: known_means("0.9", "0.1")(b, s) & BeliefSet.moment(b * s, "=", F(9, 100))
    ).solve()
    assert 0 == nothing.value <= means.value <= more.value
    assert means.value > 0


def test_wrong_questions_are_refused():
    g = grid(3)
    with pytest.raises(InvalidDesign, match="empty"):
        trade(g, g, lambda b, s: BeliefSet.moment(b, "=", 2)).solve()
    with pytest.raises(InvalidDesign, match="under one prior"):
        trade(g, g, known_means("0.6", "0.4"), bb="ex-ante")
    with pytest.raises(InvalidEnvironment, match="either"):
        trade(g, g, known_means("0.6", "0.4"), prior=[[F(1, 9)] * 3] * 3)
    with pytest.raises(InvalidEnvironment, match="shape"):
        trade(g, g, lambda b, s: BeliefSet.everything((2, 2)))
