"""Problems that several benchmarks time: texts for a grid size m, shipped environments, random ones."""

from pathlib import Path

import numpy as np

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
TRADE = """
parameters: {{m: {m}}}
agents:
  seller: {{types: {{from: 0, to: 1, count: m}}}}
  buyer: {{types: {{from: 0, to: 1, count: m}}}}
outcomes: trade
trade: {{seller: seller, buyer: buyer}}
beliefs: {beliefs}
require: {{ic: {ic}, ir: {ir}, bb: {bb}}}
objective: {objective}
"""
AUCTION = """
parameters: {{m: {m}}}
agents:
  bidder: {{copies: {n}, types: {{from: 1/m, to: 1, count: m}}}}
outcomes: single-good
beliefs: {{prior: uniform}}
require: {{ic: {ic}, ir: {ir}}}
objective: revenue
"""
THREE = """
parameters: {{m: {m}}}
agents:
  first: {{types: {{from: 0, to: 1, count: m}}}}
  second: {{types: {{from: 0, to: 1, count: m}}}}
  third: {{types: {{from: 0, to: 1, count: m}}}}
outcomes: [nothing, one, two]
payoffs:
  one: {{first: first, second: second - third, third: third}}
  two: {{first: 2*first, second: second, third: third*first}}
require: {{ic: ex-post, ir: ex-post, bb: ex-post}}
objective: feasibility
"""


def trade(m, ic="bayesian", ir="interim", bb="none", objective="revenue", beliefs="{prior: uniform}"):
    """Two agents with types on a grid of [0, 1], uniform unless ``beliefs`` says otherwise."""
    text = TRADE.format(m=m, ic=ic, ir=ir, bb=bb, objective=objective, beliefs=beliefs)
    return mechlp.read_text(text).design


def auction(n, m, ic="ex-post", ir="ex-post"):
    """Bidders with uniform values, listed one by one."""
    return mechlp.read_text(AUCTION.format(n=n, m=m, ic=ic, ir=ir)).design


def maxmin(m):
    """Trade with known means on both sides."""
    means = "{sets: {seller: {mean: 1/2}, buyer: {mean: 1/2}}}"
    return trade(m, ic="maxmin", bb="ex-post", objective="feasibility", beliefs=means)


def three(m):
    """Three agents, three outcomes, ex-post everything."""
    return mechlp.read_text(THREE.format(m=m)).design


def config(name, m):
    """A shipped environment on a grid of m."""
    return mechlp.read(CONFIGS / f"{name}.yaml", overrides={"m": str(m)}).design


def random_types(seed, shape=(8, 8), outcomes=3, largest=1000):
    """A correlated prior in small whole weights and whole payoffs."""
    dice = np.random.default_rng(seed)
    prior = dice.integers(1, largest, shape)
    utility = tuple(Rationals(dice.integers(-20, 100, (outcomes, *shape))) for _ in shape)
    agents = tuple(Agent.of(f"agent{i}", list(range(size))) for i, size in enumerate(shape))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    return Environment(agents, tuple(f"outcome{a}" for a in range(outcomes)), utility, beliefs)


#: What is asked of random priors, by name.
ASKED = {
    "revenue": {"objective": "revenue"},
    "revenue, no deficit": {"objective": "revenue", "bb": "ex-post-weak"},
    "revenue, bounded": {"objective": "revenue", "transfers": ((-50, 50), (-50, 50))},
    "surplus, balanced": {"objective": "surplus", "bb": "ex-post"},
}


def random_designs(name, count, shape=(8, 8), **more):
    """Designs about ``count`` random environments."""
    return [Design(random_types(seed, shape, **more), **ASKED[name]) for seed in range(count)]
