"""Bilateral trade with known means: the formulas of Wolitzky (2015) against published values and plain independent checks."""

import json
import math
import random
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from independent_rents import least_rents

from mechlp import Design
from mechlp.closed_forms.known_means import (
    GridAuction,
    InvalidMarket,
    Market,
    ReferenceRule,
    boundary,
    trade,
    unit_grid,
    with_known_means,
)
from mechlp.environment.belief_sets import BeliefSet
from mechlp.exact.numbers import Rationals, rational
from mechlp.mechanism.audit import audit
from mechlp.proof.worst_case import best_lie, dominated_pairs

CASES = json.loads(
    (Path(__file__).parent.parent / "data" / "maxmin-and-interim.json").read_text(encoding="utf-8")
)["cases"]


def cases(kind):
    found = [c for c in CASES if c["kind"] == kind]
    assert found
    return pytest.mark.parametrize("case", found, ids=[c["id"] for c in found])


def worst(points, mean, payoffs):
    """The least expectation over distributions with a mean, in floats' place Fractions: all supports of at most two points."""
    out = [f for x, f in zip(points, payoffs, strict=True) if x == mean]
    out += [
        (f * (b - mean) + g * (mean - a)) / (b - a)
        for a, f in zip(points, payoffs, strict=True)
        if a < mean
        for b, g in zip(points, payoffs, strict=True)
        if b > mean
    ]
    return min(out)


def most_gained(mechanism, agent, mean):
    """max over types and lies of the gain in the worst case, from the mechanism's table alone."""
    sellers, buyers = (a.values.fractions() for a in mechanism.environment.agents)
    own, others = (sellers, buyers) if agent == 0 else (buyers, sellers)
    sign = -1 if agent == 0 else 1
    chance = np.moveaxis(np.array(mechanism.allocation[1].tolist(), dtype=object), agent, 0)
    paid = np.moveaxis(np.array(mechanism.transfers[agent].tolist(), dtype=object), agent, 0)
    worth = [[worst(others, mean, sign * t * chance[r] + paid[r]) for r in range(len(own))] for t in own]
    return max(max(row) - row[k] for k, row in enumerate(worth))


def between(mechanism, c_star, v_star):
    """The mechanism among agents who know these means."""
    return replace(mechanism, environment=with_known_means(mechanism.environment, c_star, v_star))


def asked(environment, **changes):
    return Design(
        environment,
        **{"ic": "maxmin", "ir": "interim", "bb": "ex-post-weak", "allocation": "efficient", **changes},
    )


def best_gain(mechanism, agent):
    return best_lie(mechanism, agent).gain


@pytest.mark.parametrize(
    ("c_star", "v_star", "n", "excess", "continuum"),
    [
        ("1/2", "1/2", 5, "-2/3", -0.38629),
        ("1/4", "3/4", 5, "-2/9", 0.07580),
        ("1/3", "5/6", 7, "-59/600", 0.09234),
        ("1/6", "5/6", 7, "13/150", 0.28330),
        ("1/4", "3/4", 17, "5443/540540", 0.07580),
    ],
)
def test_grid_and_continuum_differ_as_in_the_table(c_star, v_star, n, excess, continuum):
    assert GridAuction(n, F(c_star), F(v_star)).excess == F(excess)
    market = Market(F(c_star), F(v_star))
    assert math.isclose(float(1 - market.condition()), continuum, abs_tol=6e-6)
    assert market.implementable == (continuum < 0)


def test_boundary_of_figure_1_to_six_digits():
    published = [
        0.431367, 0.614888, 0.730241, 0.810320, 0.868709, 0.912412, 0.945478, 0.970379, 0.988555
    ]  # fmt: skip
    for k, v_star in enumerate(published, 1):
        low, high = boundary(F(k, 10), 8)
        assert high - low == F(1, 10**8) and Market(F(k, 10), low).implementable
        assert not Market(F(k, 10), high).implementable
        assert round(float(low), 6) == v_star


@cases("W.boundary")
def test_published_boundary(case):
    low, high = boundary(F(case["input"]["c_star"]), 12)
    assert float(low) - 1e-8 <= case["expected"]["v_star"] <= float(high) + 1e-8


@cases("W.grid_efficient_trade")
def test_published_grids_are_reached_and_cannot_be_beaten(case):
    given, expected = case["input"], case["expected"]
    c_star, v_star = F(given["c_star"]), F(given["v_star"])
    auction = GridAuction(given["n"], c_star, v_star)
    assert auction.excess == F(expected["D_grid"])
    assert (auction.excess <= 0) == expected["feasible_grid"]
    bound = least_rents(asked(with_known_means(auction.mechanism.environment, c_star, v_star)))
    assert bound.excess == auction.excess and bound.impossible == (not expected["feasible_grid"])
    if "D_continuum" in expected:
        market = Market(c_star, v_star)
        assert math.isclose(float(1 - market.condition()), expected["D_continuum"], abs_tol=1e-9)
        assert market.implementable == expected["feasible_continuum"]


def passes_as_its_excess_says(auction):
    """No lie gains, nobody loses, and the budget holds if and only if D_n <= 0."""
    mechanism = between(auction.mechanism, auction.c_star, auction.v_star)
    for ir in ("interim", "ex-post"):
        found = audit(mechanism, asked(mechanism.environment, ir=ir))
        assert {v.kind for v in found.worst} == ({"BB"} if auction.excess > 0 else set())
    return auction.excess <= 0


def test_the_alpha_auction_on_small_grids():
    verdicts = set()
    for n in range(3, 10):
        for c in range(1, n - 1):
            for v in range(1, n - 1):
                verdicts.add(passes_as_its_excess_says(GridAuction(n, F(c, n - 1), F(v, n - 1))))
    assert verdicts == {True, False}


@pytest.mark.slow
def test_the_alpha_auction_on_every_grid_up_to_33_points():
    """Each side depends on one mean alone, so pairing every mean with a few of the other's visits all sides of all auctions."""
    for n in range(3, 34):
        h = F(1, n - 1)
        for c in range(1, n - 1):
            for v in {c, n - 1 - c}:
                passes_as_its_excess_says(GridAuction(n, c * h, v * h))
        # The budget is the pair's own: the largest deficit is (D_n)^+ times the gains, at c = 0 and v = 1, for every pair.
        for c in range(1, n - 1):
            for v in range(1, n - 1):
                auction = GridAuction(n, c * h, v * h)
                deficit = max(
                    (auction.alpha_b[y] + auction.alpha_s[x] - 1) * (y - x)
                    for x in auction.grid for y in auction.grid if y > x
                )  # fmt: skip
                assert (deficit > 0) == (auction.excess > 0)


def test_lies_of_the_alpha_auction_by_plain_enumeration():
    for n, c_star, v_star in [(5, "1/4", "3/4"), (6, "3/7", "1/2"), (9, "3/8", "7/8")]:
        auction = GridAuction(n, F(c_star), F(v_star))
        assert most_gained(auction.mechanism, 0, F(v_star)) == 0
        assert most_gained(auction.mechanism, 1, F(c_star)) == 0


def test_a_larger_share_for_the_top_type_is_a_lie_that_gains():
    """The audit of worst cases can fail: the top buyer's share, given to the type below, draws the top buyer."""
    auction = GridAuction(5, F(1, 4), F(3, 4))
    mechanism = between(auction.mechanism, auction.c_star, auction.v_star)
    raised = mechanism.transfers.numerator.astype(object).copy()
    raised[1, :3, 3] += mechanism.transfers.denominator  # a gift of one to value 3/4 where it trades
    spoiled = type(mechanism)(
        mechanism.environment, mechanism.allocation, Rationals(raised, mechanism.transfers.denominator)
    )
    found = best_lie(spoiled, 1)
    assert found.gain == most_gained(spoiled, 1, auction.c_star) > 0
    assert spoiled.environment.agents[1].types[found.report] == "3/4"
    worst_ic = next(v for v in audit(spoiled, asked(spoiled.environment)).worst if v.kind == "IC")
    assert worst_ic.amount == found.gain


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_no_mechanism_does_better_at_any_pair_of_means(n):
    """The finite Theorem 1, which knows nothing of the auction, gives the same D_n; also at means off the grid."""
    means = [F(k, n - 1) for k in range(1, n - 1)] + [F(2, 5), F(7, 9)]
    environment = trade(unit_grid(n), unit_grid(n))
    for c_star in means:
        for v_star in means:
            bound = least_rents(asked(with_known_means(environment, c_star, v_star)))
            assert bound.excess == GridAuction(n, c_star, v_star).excess


@cases("W.finite_priors_efficient_trade")
def test_published_bounds_for_lists_of_beliefs(case):
    given = case["input"]
    lists = [given["buyer_value_beliefs"], given["seller_cost_beliefs"]]
    sets = tuple((BeliefSet.finite(rows),) * given["n"] for rows in lists)
    environment = replace(trade(unit_grid(given["n"]), unit_grid(given["n"])), belief_sets=sets)
    bound = least_rents(asked(environment))
    assert math.isclose(float(bound.excess), case["expected"]["product_measure_bound"], abs_tol=1e-12)


@cases("W.theorem3_intervals")
def test_published_intervals(case):
    given, expected = case["input"], case["expected"]
    costs, values = (tuple(map(F, given[k])) for k in ("c_interval", "v_interval"))
    market = Market(F(given["c_star"]), F(given["v_star"]), costs, values)
    assert math.isclose(float(market.condition()), expected["lhs"], abs_tol=1e-12)
    assert market.implementable == expected["implementable"]
    assert math.isclose(float(market.alpha_b(values[1])), expected["alpha_b_top"], abs_tol=1e-12)
    assert math.isclose(float(market.alpha_s(costs[0])), expected["alpha_s_top"], abs_tol=1e-12)
    mechanism = market.auction(*(list(map(F, range(int(a), int(b) + 1))) for a, b in (costs, values)))
    assert float(mechanism.transfers.sum(axis=0).max()) == expected["max_budget_deficit_on_integer_grid"]


def random_market(rng):
    """Integer intervals and means to which Theorem 3 applies."""
    while True:
        c_low, v_low = rng.randint(0, 3), rng.randint(0, 3)
        costs, values = (c_low, c_low + rng.randint(2, 7)), (v_low, v_low + rng.randint(2, 7))
        try:
            return Market(
                F(rng.randint(*costs)), F(rng.randint(*values)), tuple(map(F, costs)), tuple(map(F, values))
            )
        except InvalidMarket:
            continue


def test_theorem_3_on_random_intervals_against_a_grid():
    """Condition (**), by ball arithmetic, if and only if the continuum's auction has no deficit at any grid profile; no lie gains."""
    rng, verdicts = random.Random(2015), []
    for _ in range(60):
        market = random_market(rng)
        costs, values = ([F(x) for x in range(int(a), int(b) + 1)] for a, b in (market.costs, market.values))
        mechanism = market.auction(costs, values)
        deficit = mechanism.transfers.sum(axis=0).max()
        assert (deficit <= 0) == market.implementable
        assert all(mechanism.payoff(i).min() >= 0 for i in range(2))
        mechanism = between(mechanism, market.c_star, market.v_star)
        # Shares are rounded to 15 digits, and no lie gains more than the rounding.
        assert all(best_gain(mechanism, i) <= F(10, 10**15) for i in range(2))
        verdicts.append(market.implementable)
    assert set(verdicts) == {True, False}


@cases("W.reference_rule")
def test_published_reference_rules(case):
    given, expected = case["input"], case["expected"]
    rule = ReferenceRule(F(given["p_star"]), F(given["eps"]))
    c_star, v_star = F(given["c_star"]), F(given["v_star"])
    mechanism = between(rule.mechanism(unit_grid(given["n"])), c_star, v_star)
    assert audit(mechanism, asked(mechanism.environment, bb="ex-post")).passed == expected["mmic"]
    gains = [best_gain(mechanism, i) for i in range(2)]
    assert max(0, gains[0]) == F(expected["seller_gain"]) and max(0, gains[1]) == F(expected["buyer_gain"])
    assert most_gained(mechanism, 0, v_star) == F(expected["seller_gain"])
    assert most_gained(mechanism, 1, c_star) == F(expected["buyer_gain"])
    assert bool(np.all(mechanism.transfers.sum(axis=0) == 0)) == expected["sbb"]
    assert min(mechanism.payoff(i).min() for i in range(2)) == F(expected["ex_post_ir_min"])
    assert len(dominated_pairs(mechanism)) == expected["n_weakly_dominated_pairs"]


def test_reference_rules_work_exactly_when_average_types_have_no_gains():
    """Proposition 1 on a grid, its own tie rule: some p* works if and only if c* >= v*, and those p* are [v*, c*]."""
    grid = unit_grid(7)
    for c in range(1, 6):
        for v in range(1, 6):
            working = []
            for p_star in grid:
                mechanism = between(ReferenceRule(p_star).mechanism(grid), grid[c], grid[v])
                if audit(mechanism, asked(mechanism.environment, bb="ex-post")).passed:
                    working.append(p_star)
            assert bool(working) == (c >= v)
            assert set(grid[v : c + 1]) <= set(working) if c >= v else not working


def test_proposition_3_as_printed_is_wrong():
    """p* = 3/4, eps = 3/8 < p*: a seller gains 3/64 on the grid, and gains in the continuum; eps = 1/4 = 1 - p* is the limit."""
    grid, v_star, c_star = unit_grid(9), F(5, 8), F(7, 8)
    for eps, gain in ((F(1, 4), 0), (F(3, 8), F(3, 64))):
        rule = ReferenceRule(F(3, 4), eps)
        assert eps < rule.p_star and rule.within_bound == (gain == 0)
        mechanism = between(rule.mechanism(grid), c_star, v_star)
        found = best_lie(mechanism, 0)
        assert max(found.gain, 0) == gain == most_gained(mechanism, 0, v_star)
    assert found.truth.worth == F(25, 64) and found.lie.worth == F(7, 16)
    own, report = (grid[k] for k in (found.own, found.report))
    truth, lie = (rule.seller_worst(own, r, v_star) for r in (own, report))
    assert lie - truth == F(7, 320)
    # A line below the lie's payoff at every v in [0, 1] proves its value; the belief in v* alone holds truth down.
    for k in range(1001):
        v = F(k, 1000)
        payoff = rule.price(report, v) - own if v >= report else 0
        assert payoff >= F(33, 40) * (v - F(1, 8))
    assert F(33, 40) * (v_star - F(1, 8)) == lie
    assert rule.price(own, v_star) - own == truth


def test_the_corrected_bound_is_tight_in_the_continuum():
    """Within it the worst case of no lie exceeds truth's; just beyond it, for some p*, one does."""
    rng = random.Random(3)
    for _ in range(40):
        v_star, p_star, c_star = sorted(F(k, 40) for k in rng.sample(range(1, 40), 3))
        rule = ReferenceRule(p_star, min(p_star, 1 - p_star) * F(rng.randint(0, 8), 8))
        own, report = F(rng.randint(0, 40), 40), F(rng.randint(0, 40), 40)
        assert rule.seller_worst(own, report, v_star) <= rule.seller_worst(own, own, v_star)
        assert rule.buyer_worst(own, report, c_star) <= rule.buyer_worst(own, own, c_star)


def test_what_makes_no_market_is_refused():
    for bad in (
        lambda: Market(F(0), F(1, 2)),
        lambda: Market(F(1, 2), F(2)),
        lambda: Market(F(1), F(3), (F(0), F(2)), (F(2), F(5))),
        lambda: GridAuction(1, F(1, 2), F(1, 2)),
        lambda: ReferenceRule(F(2)),
        lambda: ReferenceRule(F(1, 2), rational("-1/4")),
    ):
        with pytest.raises(InvalidMarket):
            bad()


def test_the_bound_agrees_with_the_search_where_the_search_is_certified():
    for c_star, v_star, n in [(F(1, 4), F(3, 4), 5), (F(1, 6), F(5, 6), 7), (F(2, 5), F(7, 9), 4)]:
        design = asked(with_known_means(trade(unit_grid(n), unit_grid(n)), c_star, v_star))
        answer = design.solve()
        assert answer.certified
        assert (answer.status == "infeasible") == least_rents(design).impossible
