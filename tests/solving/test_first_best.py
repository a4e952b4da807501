"""The allocation of the largest surplus, tried alone: where it is implemented, and where it is not."""

from fractions import Fraction

import numpy as np
import pytest

from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.checking.verify import verify
from mechlp.solving.reductions import reduce


def drawn(seed, shape, prior=None, **asked):
    """Three outcomes worth whole numbers, the first one nothing; a correlated prior unless one is given."""
    dice = np.random.default_rng(seed)
    weights = dice.integers(1, 20, shape) if prior is None else np.asarray(prior)
    worth = [dice.integers(-10, 21, (3, *shape)) for _ in shape]
    for own in worth:
        own[0] = 0
    agents = tuple(Agent.of(f"a{i}", list(range(m))) for i, m in enumerate(shape))
    beliefs = Beliefs.common(Rationals(weights, int(weights.sum())))
    environment = Environment(agents, ("nothing", "one", "two"), tuple(map(Rationals, worth)), beliefs)
    return Design(environment, **asked), weights, sum(worth)


@pytest.mark.parametrize("seed", range(3))
def test_full_rank_beliefs_leave_no_rents(seed):
    """Crémer and McLean (1988): the best revenue is the whole surplus, where no type's belief is a mixture of others'."""
    design, weights, surplus = drawn(seed, (4, 4), objective="revenue")
    assert np.linalg.matrix_rank(weights) == 4
    answer = design.solve(reduce=["first-best"])
    whole = Fraction(int((weights * surplus.max(axis=0)).sum()), int(weights.sum()))
    assert (answer.status, answer.value, answer.certified) == ("optimal", whole, True)
    assert "reduced by first-best" in answer.method
    assert verify(answer.to_json()).accepted
    assert design.solve(reduce=False).value == whole


def test_three_agents_share_the_largest_surplus_with_a_balanced_budget():
    """Kosenok and Severinov (2008): possible for generic priors of three agents."""
    design, weights, surplus = drawn(5, (3, 3, 3), objective="surplus", bb="ex-post")
    answer = design.solve(reduce=["first-best"])
    whole = Fraction(int((weights * surplus.max(axis=0)).sum()), int(weights.sum()))
    assert (answer.value, answer.certified) == (whole, True)
    assert "reduced by first-best" in answer.method
    assert (answer.rules[0].transfers.sum(axis=0) == 0).all()
    assert answer.unique is not True  # other allocations were not looked at


@pytest.mark.parametrize("bb", ["none", "ex-post-weak"])
def test_independent_types_keep_rents(bb):
    """What was tried is withdrawn, and the answer is that of the whole program."""
    design, weights, surplus = drawn(1, (3, 4), np.outer([1, 2, 1], [1, 1, 3, 1]), objective="revenue", bb=bb)
    answer, full = design.solve(reduce=["first-best"]), design.solve(reduce=False)
    assert (answer.status, answer.value, answer.certified) == (full.status, full.value, True)
    assert answer.value < Fraction(int((weights * surplus.max(axis=0)).sum()), int(weights.sum()))
    assert "first-best" not in answer.method


def test_the_rest_of_the_reductions_goes_on_without_it():
    """Rows are generated where the largest surplus is not attained, and the infeasible stays so."""
    prior = np.outer(np.arange(1, 11), np.arange(3, 13))
    design, *_ = drawn(3, (10, 10), prior, objective="revenue")
    answer = design.solve(reduce=["first-best", "row-generation"])
    assert "reduced by row-generation" in answer.method
    assert answer.value == design.solve(reduce=False).value
    # A subsidy of one at every profile, with balance asked: nobody can be given it.
    poor, *_ = drawn(2, (3, 3), objective="surplus", bb="ex-post")
    outside = tuple(Rationals(np.full(3, 100)) for _ in range(2))
    environment = Environment(
        poor.environment.agents,
        poor.environment.outcomes,
        poor.environment.utility,
        poor.environment.beliefs,
        outside,
    )
    none = Design(environment, objective="surplus", bb="ex-post").solve(reduce=["first-best"])
    assert (none.status, none.certified) == ("infeasible", True)


def test_it_is_tried_in_large_programs_of_correlated_types_alone():
    assert reduce(drawn(0, (30, 30), objective="revenue")[0]).names == ("first-best",)
    assert (
        "first-best" in reduce(drawn(0, (30, 30), objective="revenue", ic="ex-post", ir="ex-post")[0]).refused
    )
    assert "first-best" in reduce(drawn(0, (30, 30), np.ones((30, 30), int), objective="revenue")[0]).refused
