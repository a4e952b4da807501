"""Mechanisms by name: their theorems, known numbers, and the environments in which they are not defined."""

from fractions import Fraction as F

import numpy as np
import pytest

import mechlp
from mechlp import Agent, Design, Environment, Rationals
from mechlp.mechanism.audit import audit
from mechlp.mechanism.mechanism import Mechanism
from mechlp.question.named import NAMED, NotDefined, named_mechanism

AUCTION = """
agents: {one: [0, 1, 2, 3], two: [0, 1, 2, 3]}
outcomes: single-good
beliefs: {prior: uniform}
require: {ic: ex-post, ir: ex-post, bb: none}
"""
TRADE = """
agents: {seller: [0, 1/4, 1/2, 3/4, 1], buyer: [0, 1/4, 1/2, 3/4, 1]}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
require: {ic: ex-post, ir: ex-post, bb: ex-post}
"""


def mechanism(environment, *named):
    return Mechanism(environment, *named_mechanism(environment, *named))


def design(text):
    return mechlp.read_text(text).design


def private(seed, n=3, sizes=(2, 3), outcomes=3):
    """Private values with small numbers, independent priors."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(rng.integers(*sizes) + 1) for _ in range(n))
    utility = [
        Rationals(rng.integers(-3, 6, (outcomes, *(s if k == i else 1 for k, s in enumerate(shape)))))
        for i in range(n)
    ]
    marginals = [rng.integers(1, 5, s) for s in shape]
    prior = mechlp.environment.outer([Rationals(m, int(m.sum())) for m in marginals])
    agents = tuple(Agent.of(f"a{i}", [f"t{k}" for k in range(s)]) for i, s in enumerate(shape))
    return Environment(agents, tuple(f"o{a}" for a in range(outcomes)), tuple(utility), prior)


@pytest.mark.parametrize("seed", range(10))
def test_pivots_are_incentive_compatible_ex_post_and_never_subsidise(seed):
    environment = private(seed)
    rule = mechanism(environment, "pivot")
    asked = Design(environment, "ex-post", "none", "ex-post-weak", "efficient")
    assert audit(rule, asked).passed


@pytest.mark.parametrize("seed", range(10))
def test_expected_externalities_are_bayesian_incentive_compatible_and_balance(seed):
    environment = private(seed)
    rule = mechanism(environment, "agv")
    assert audit(rule, Design(environment, "bayesian", "none", "ex-post", "efficient")).passed


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["serial-dictatorship", "random-serial-dictatorship", "random-dictatorship"])
def test_dictatorships_leave_nothing_to_lies(name, seed):
    environment = private(seed)
    rule = mechanism(environment, name)
    assert audit(rule, Design(environment, "ex-post", "none", "ex-post", transfers="none")).passed


def test_auctions_of_one_object():
    asked = design(AUCTION)
    second = mechanism(asked.environment, "second-price")
    assert audit(second, asked).passed
    # The expected second highest of two values of {0, 1, 2, 3}: (0 * 7 + 1 * 5 + 2 * 3 + 3 * 1) / 16.
    assert second.expected_revenue() == F(14, 16)
    # With reserve 2: three types pairs pay 3, 3 at (3, 3); 2 in the other pairs with a value of at least 2.
    reserved = mechanism(asked.environment, "second-price", {"reserve": F(2)})
    assert audit(reserved, asked).passed and reserved.expected_revenue() == F(3 * 1 + 2 * 11, 16)
    first = mechanism(asked.environment, "first-price")
    assert first.expected_revenue() == F(0 * 1 + 1 * 3 + 2 * 5 + 3 * 7, 16)
    worst = audit(first, asked).worst
    assert [(v.kind, v.where, v.amount) for v in worst] == [("IC", "[one: 3 -> 1 | two=0]", 2)]
    paid = mechanism(asked.environment, "all-pay")
    assert paid.expected_revenue() == 3 and {v.kind for v in audit(paid, asked).worst} == {"IC", "IR"}


def test_trade_at_a_posted_price_and_in_a_double_auction():
    asked = design(TRADE)
    posted = mechanism(asked.environment, "posted-price", {"price": F(1, 2)})
    assert audit(posted, asked).passed
    assert posted.expected_surplus() == F(1, 25) * sum(F(b - s, 4) for b in (2, 3, 4) for s in (0, 1, 2))
    split = mechanism(asked.environment, "double-auction")
    found = audit(split, asked)
    # A buyer of value 1 who meets a seller of 0 pays 1/2, and by reporting 0 nothing.
    assert [(v.kind, v.amount) for v in found.worst] == [("IC", F(1, 2))]


def test_revenue_falls_from_eight_to_four_when_a_bidder_enters():
    """Two items, complements for one bidder: the textbook failure of monotonicity (Ausubel and Milgrom 2006)."""
    text = """
agents: {both: [10], onlyA: [8], onlyB: [8]}
outcomes: [none, both-AB, A-to-A, B-to-B, split]
payoffs:
  both-AB: {both: both}
  A-to-A: {onlyA: onlyA}
  B-to-B: {onlyB: onlyB}
  split: {onlyA: onlyA, onlyB: onlyB}
beliefs: {prior: uniform}
"""
    assert mechanism(design(text).environment, "pivot").expected_revenue() == 4
    without = (
        text.replace(", onlyB: [8]", "")
        .replace("  B-to-B: {onlyB: onlyB}\n", "")
        .replace(", onlyB: onlyB", "")
    )
    assert mechanism(design(without).environment, "pivot").expected_revenue() == 8


@pytest.mark.parametrize(
    ("name", "numbers", "text", "words"),
    [
        ("vcg", {}, AUCTION, "no mechanism is named 'vcg': here this is 'pivot'"),
        ("first", {}, AUCTION, "no mechanism is named 'first': pivot, agv, first-price"),
        ("pivot", {"price": F(1)}, AUCTION, "takes no number"),
        ("posted-price", {}, TRADE, "needs a number: price"),
        ("double-auction", {"k": F(2)}, TRADE, "between 0 and 1"),
        ("second-price", {}, TRADE, "single-good"),
        ("posted-price", {"price": F(1)}, AUCTION, "is about trade"),
        ("agv", {}, AUCTION.replace("uniform", "{mixture: {weight: 1/2}}"), "independent types"),
        (
            "pivot",
            {},
            AUCTION.replace("single-good", "[n, x]") + "payoffs: {x: {one: two}}",
            "private values",
        ),
    ],
)
def test_where_a_mechanism_is_not_defined(name, numbers, text, words):
    with pytest.raises(NotDefined, match=words):
        mechanism(design(text).environment, name, numbers)


def test_every_name_is_said_in_words():
    assert all(named.about for named in NAMED.values())
