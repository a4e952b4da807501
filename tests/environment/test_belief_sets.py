"""Belief sets: worst expectations, vertices and membership, each by two independent roads."""

import random
import re
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from mechlp import Rationals
from mechlp.beliefs.sets import contains, empty_in_words, some_belief, worst
from mechlp.environment.belief_sets import BeliefSet, InvalidBeliefSet, independent
from mechlp.environment.distributions import ball

GRID = Rationals.of([0, F(1, 4), F(1, 2), F(3, 4), 1])
PAYOFF = Rationals.of([3, 1, 4, "1.5", "0.5"])
PRIOR = Rationals.of(["0.1", "0.2", "0.3", "0.25", "0.15"])
SETS = {
    "mean": (BeliefSet.moment(GRID, "=", "1/2"), F(5, 6)),
    "everything": (BeliefSet.everything((5,)), F(1, 2)),
    "contamination": (BeliefSet.contamination(PRIOR, "0.3"), F("1.655")),
    "variation": (BeliefSet.variation(PRIOR, "0.2"), F("1.45")),
    "contractions": (BeliefSet.contractions(PRIOR, GRID), F("1.425")),
    "finite": (BeliefSet.finite([PRIOR.tolist(), ["0.2"] * 5]), F(2)),
}


@pytest.mark.parametrize("name", SETS)
def test_published_worst_case_expectations(name):
    beliefs, value = SETS[name]
    assert beliefs.least(PAYOFF).item() == value  # over the vertices
    found = worst(beliefs, PAYOFF)  # by a linear program over the rows
    assert found.value == value == (found.belief * PAYOFF).sum()
    assert contains(beliefs, found.belief)


@pytest.mark.parametrize("name", SETS)
def test_closed_vertices_are_those_of_the_rows(name):
    beliefs = SETS[name][0]
    enumerated = {tuple(v.fractions()) for v in replace(beliefs, known=None, corners=None).vertices}
    closed = {tuple(v.fractions()) for v in beliefs.vertices}
    assert enumerated <= closed  # a closed form may list points that are no vertices
    assert all(contains(beliefs, Rationals.of(list(point))) for point in closed)


def test_random_sets_and_their_intersections():
    dice = random.Random(5)
    for _ in range(30):
        size = dice.randint(2, 5)
        numbers = lambda low, high, size=size: Rationals.of([dice.randint(low, high) for _ in range(size)])  # noqa: E731
        prior = numbers(0, 3) + Rationals.of([1] + [0] * (size - 1))
        prior = prior * (1 / prior.sum())
        one = dice.choice(
            [
                BeliefSet.contamination(prior, F(dice.randint(0, 4), 4)),
                BeliefSet.variation(prior, F(dice.randint(0, 4), 4)),
                BeliefSet.support([True] + [dice.random() < 0.5 for _ in range(size - 1)]),
            ]
        )
        function = numbers(-3, 3)
        both = one & BeliefSet.moment(function, dice.choice(["=", "<=", ">="]), (function * prior).sum())
        payoff = numbers(-5, 5)
        for beliefs in (one, both):
            if some_belief(beliefs) is None:
                assert len(beliefs.vertices) == 0
                continue
            assert beliefs.least(payoff).item() == worst(beliefs, payoff).value
            assert bool(np.all(beliefs.vertices.sum(axis=1) == 1))


def test_unknown_correlation_and_transport():
    half = Rationals.of([F(1, 2), F(1, 2)])
    free = BeliefSet.marginal(0, half, (2, 2)) & BeliefSet.marginal(1, half, (2, 2))
    same = Rationals.of([[1, 0], [0, 1]])
    assert worst(free, same).value == 0  # anti-correlated
    assert free.least(same).item() == 0
    # One data point at the first of three cells, one unit of cost a step: mass 1/2 can move one step.
    near = BeliefSet.wasserstein(Rationals.of([1]), Rationals.of([[0, 1, 2]]), F(1, 2))
    assert worst(near, Rationals.of([0, -1, -3])).value == F(-3, 4)
    pair = independent([BeliefSet.finite([half.tolist()]), BeliefSet.everything((2,))])
    assert pair.least(same).item() == F(1, 2)


def test_an_empty_set_proves_itself_empty():
    beliefs = BeliefSet.moment(GRID, "=", 2, "mean")
    assert len(beliefs.vertices) == 0
    assert some_belief(beliefs) is None
    said = empty_in_words(beliefs)  # a multiple of: the mean is at most 1, so mean - total is at most 0, and must be 2 - 1
    weights = dict(zip(("total", "mean"), map(F, re.findall(r"(-?[0-9/]+) x \(", said)), strict=True))
    assert "(total = 1)" in said and "(mean = 2)" in said and weights["mean"] + weights["total"] <= 0
    assert said.endswith(f"at least {weights['total'] + 2 * weights['mean']}")
    assert empty_in_words(SETS["mean"][0]) is None


def test_what_is_no_set_is_refused():
    for make in (
        lambda: BeliefSet.finite([[F(1, 2), F(1, 3)]]),
        lambda: BeliefSet.contamination([F(1, 2), F(1, 2)], 2),
        lambda: BeliefSet.support([False, False]),
        lambda: BeliefSet.everything((2,)) & BeliefSet.everything((3,)),
        lambda: BeliefSet.moment([1, 2], "<", 1),
        lambda: BeliefSet.marginal(0, [1], (2, 2)),
    ):
        with pytest.raises(InvalidBeliefSet):
            make()
    huge = replace(BeliefSet.variation(Rationals.of([F(1, 40)] * 40), F(1, 2)), known=None)
    with pytest.raises(InvalidBeliefSet, match="too many to enumerate"):
        _ = huge.vertices


def test_multipliers_of_the_rows_of_a_set_bound_an_expectation():
    """With a mean of at least 1/2 over 0, 1/2, 1 the payoff 1 + 2 x is worth at least 2: one from the total, two from the mean."""
    points, payoff = Rationals.of([0, "1/2", 1]), Rationals.of([1, 2, 3])
    beliefs = BeliefSet.moment(points, ">=", "1/2")
    assert beliefs.floor(payoff, Rationals.of([1, 2])) == 2
    assert beliefs.floor(payoff, Rationals.of([0, 1])) == F(1, 2)
    for prices, said in (
        ([2, 2], "more than the payoff gives"),
        ([3, -2], "wrong sign"),
        ([1], "do not match"),
    ):
        with pytest.raises(InvalidBeliefSet, match=said):
            beliefs.floor(payoff, Rationals.of(prices))


def test_a_ball_has_no_more_corners_than_are_accepted(monkeypatch):
    """Around (1/2, 1/2) mass 1/4 is taken from either cell and given to either."""
    center = Rationals.of(["1/2", "1/2"])
    monkeypatch.setattr("mechlp.environment.distributions.MAX_VERTICES", 4)
    assert sorted(ball(center, F(1, 4)).tolist()) == [[F(k, 4), 1 - F(k, 4)] for k in (1, 2, 3)]
    monkeypatch.setattr("mechlp.environment.distributions.MAX_VERTICES", 3)
    assert ball(center, F(1, 4)) is None
