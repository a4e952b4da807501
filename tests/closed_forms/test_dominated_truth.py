"""Weak dominance of truth in the continuum: formulas of mechanisms against the definition, at random types and lies."""

import random
from fractions import Fraction as F

import pytest

from mechlp.closed_forms.dominated_truth import dominated_by_auction, dominated_by_reference_rule
from mechlp.closed_forms.known_means import Market, ReferenceRule
from mechlp.proof.worst_case import dominated_pairs


def dominates(payoff, own, report, others):
    """Over the others' types where payoffs bend or jump, just beside these, and between."""
    corners = sorted({*others, own, report})
    near = F(1, 10**6)
    points = {x for c in corners for x in (c - near, c, c + near) if corners[0] <= x <= corners[-1]}
    gains = [payoff(report, x, own) - payoff(own, x, own) for x in points]
    return all(g >= 0 for g in gains) and any(g > 0 for g in gains)


def reference_payoff(rule, side):
    def seller(c, v, own):
        return rule.price(c, v) - own if c <= v else F(0)

    def buyer(v, c, own):
        return own - rule.price(c, v) if c <= v else F(0)

    return (seller, buyer)[side]


@pytest.mark.parametrize("p", [F(0), F(1, 3), F(3, 4), F(1)])
@pytest.mark.parametrize("eps", [F(0), F(1, 5), F(1)])
def test_reference_rules(p, eps):
    rule = ReferenceRule(p, eps)
    types = sorted({F(k, 8) for k in range(9)} | {p})
    for side, found in enumerate(dominated_by_reference_rule(rule)):
        payoff = reference_payoff(rule, side)
        for own in types:
            lies = {*types, own / 2, (1 + own) / 2, (p + own) / 2} - {own}
            brute = any(dominates(payoff, own, r, (F(0), p, F(1))) for r in lies)
            assert brute == (own in found), (side, own)


def auction_payoff(market, side):
    """From the definition in the paper, shares rounded to rationals."""
    share = lambda ball: F(str(float(ball)))  # noqa: E731

    def buyer(v, c, own):
        bid = min(v, market.costs[1])
        return own - bid + share(market.alpha_b(v)) * (bid - c) if c < v else F(0)

    def seller(c, v, own):
        ask = max(c, market.values[0])
        return ask - own + share(market.alpha_s(c)) * (v - ask) if c < v else F(0)

    return (seller, buyer)[side]


@pytest.mark.parametrize("modified", [False, True])
def test_auctions_on_random_intervals(modified):
    rng, seen = random.Random(5), 0
    while seen < 8:
        costs, values = (tuple(sorted(F(rng.randint(0, 8)) for _ in range(2))) for _ in range(2))
        try:
            market = Market(F(rng.randint(1, 15), 2), F(rng.randint(1, 15), 2), costs, values, modified)
        except ValueError:
            continue
        seen += 1
        for side, found in enumerate(dominated_by_auction(market)):
            own, other = (costs, values) if side == 0 else (values, costs)
            types = [own[0] + (own[1] - own[0]) * F(k, 8) for k in range(9)]
            payoff = auction_payoff(market, side)
            for t in types:
                lies = {r for r in (*types, t - F(1, 100), t + F(1, 100)) if r != t and own[0] <= r <= own[1]}
                inside = lambda r, x, t, other=other, payoff=payoff: payoff(r, min(max(x, other[0]), other[1]), t)  # noqa: E731
                brute = any(dominates(inside, t, r, other) for r in lies)
                assert brute == (t in found), (market, side, t)


def test_proposition_2_holds_on_grids_too_and_keeps_the_budget():
    means, grid = (F(2, 3), F(1, 3)), [F(k, 6) for k in range(7)]
    printed, modified = (Market(*means, modified=m) for m in (False, True))
    assert dominated_pairs(printed.auction(grid, grid)) and not dominated_pairs(modified.auction(grid, grid))
    assert float(modified.alpha_b(F(1, 6))) == pytest.approx(1 / 4 * (1 - float(printed.alpha_s(F(0)))))
    assert modified.alpha_b(F(5, 6)).overlaps(printed.alpha_b(F(5, 6)))
    paid = modified.auction(grid, grid).transfers.sum(axis=0)
    assert float(paid.max()) <= 0
