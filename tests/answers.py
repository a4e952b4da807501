"""Saved answers of every kind, small enough to be checked thousands of times: (name, what makes it)."""

import json
import random
from dataclasses import replace
from fractions import Fraction as F
from functools import cache, partial
from pathlib import Path

import maxmin_environments
from random_designs import (
    first,
    random_ambiguous,
    random_constrained,
    random_design,
    random_misreports,
    random_money,
    random_ordinal,
)
from small import buyer, mechanism, trade, with_priors

import mechlp
from mechlp import Agent, Design, Environment, Objective, Rationals
from mechlp.answer.bargaining import Zones
from mechlp.answer.by_formulas import ByFormulas
from mechlp.closed_forms.bargaining import Bargaining
from mechlp.deadline import NEVER
from mechlp.environment.symmetric import Symmetric
from mechlp.files.coalitions import implementation
from mechlp.proof.interim import saved
from mechlp.proof.projection import Payoff
from mechlp.proof.revised import examined as proof_examined
from mechlp.question.symmetric import SymmetricDesign
from mechlp.solving.outer import joint_bound
from mechlp.solving.rates import rates
from mechlp.study.bargaining import examined_at
from mechlp.study.continuum import compare_simple
from mechlp.study.interim import announced, contours, efficiency, projection, revised

PROBLEMS = Path(__file__).parent / "data" / "problems"
CONFIGS = Path(__file__).parents[1] / "configs"
PRICES = """
agents: {seller: {types: [0, 1/2, 1]}, buyer: {types: [0, 1/2, 1]}}
outcomes: prices
prices: {grid: [0, 1/2, 1], power: POWER WITH}
objective: WANTED
"""
PRICED = """
parameters: {h: 3}
agents: {buyer: {types: [1, h]}}
outcomes: single-good
beliefs: {prior: {table: [2/3, 1/3]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
SELLING = """
parameters: {h: 2, r: 1}
agents: {buyer: [low, high]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: "1 if buyer == low else h**2"}}
outside: {buyer: "0 if buyer == low else r"}
beliefs: {prior: {table: [1/2, 1/2]}}
require: {ic: bayesian, ir: interim, bb: ex-post-weak}
"""
#: One buyer with values 1, 2, 3, and what is added to each question about her.
SELLER = """
agents: {buyer: [1, 2, 3]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: buyer}}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
ADDED = {
    "money of unequal value": "money: {buyer: 1 + buyer / 2}\n",
    "requirements of one's own": "constraints: {quota: {allocation: {sell: 1}, at-most: 1/2, each: expected}}\n",
    "lies that are impossible": "may-report: {buyer: report <= buyer}\n",
    "lies that may pay": "{ic: {notion: bayesian, slack: 1/4}, ir: interim}",
    "limits on transfers": "transfers: {buyer: {lower: -3/2, upper: 1}}\n",
    "irrational payoffs": "sqrt(buyer)",
}
GAME = """
agents: {state: [guilty, innocent]}
actions: {judge: [convict, acquit]}
payoffs:
  convict: {judge: 1 if state == guilty else 0}
  acquit: {judge: 1 if state == innocent else 0}
beliefs: {prior: {table: [[3/10], [7/10]]}}
require: {ic: obedience}
objective: {maximize: {allocation: {convict: 1}}}
"""


def sold(about):
    """The question about one buyer with something added."""
    more = ADDED[about]
    if more.startswith("{"):
        return mechlp.read_text(SELLER.replace("{ic: bayesian, ir: interim}", more)).design
    if more.startswith("sqrt"):
        return mechlp.read_text(SELLER.replace("buyer: buyer}", f"buyer: {more}}}")).design
    return mechlp.read_text(SELLER + more).design


def read(name, ask=None, **overrides):
    overrides = {k: str(v) for k, v in overrides.items()}
    return mechlp.read(CONFIGS / f"{name}.yaml", overrides=overrides, ask=ask or {}).design


def problem(name, **overrides):
    return mechlp.read(PROBLEMS / f"{name}.yaml", overrides=overrides).design


def prices(wanted="surplus", power="1", given=""):
    with_ = f", mechanism: {given}" if given else ""
    text = PRICES.replace("POWER", power).replace(" WITH", with_).replace("WANTED", wanted)
    return mechlp.read_text(text).design


def coin(wanted="feasibility"):
    """Two agents, each wants another outcome and at least 1/3: only a lottery gives that."""
    agents = [Agent.of("a", ["x"]), Agent.of("b", ["x"])]
    third = (Rationals.of([["1/3"]]),) * 2
    e = Environment(agents, ["left", "right"], [[[[1]], [[0]]], [[[0]], [[1]]]], [[1]], third)
    return Design(e, "none", "interim", transfers="none", allocation="deterministic", objective=wanted)


def maxmin(status, objective="feasibility", seeds=range(200)):
    for seed in seeds:
        e = maxmin_environments.environment(random.Random(seed))
        allocation = "efficient-first" if objective == "feasibility" else "chosen"
        design = Design(e, "maxmin", "interim", "ex-post", allocation, objective=objective)
        answer = design.solve(relax=False)
        if answer.status == status and (status != "infeasible" or answer.proof.lie is not None):
            return design
    raise AssertionError(f"no maxmin design that is {status}")


def undecided():
    """An honest answer without a verdict: selling never is worth nothing, and nothing is worth more than 4/3."""
    design = Design(buyer(), objective="revenue")
    found = design.solve()
    idle = mechanism(design.environment, [[1, 1, 1], [0, 0, 0]], [[0, 0, 0]])
    return replace(
        found,
        status="undecided",
        certified=False,
        value=F(0),
        bound=found.value,
        rules=(idle,),
        unique=None,
        bound_from="rounded multipliers, corrected exactly",
    )


def minimum():
    """The least that the agents are paid."""
    ones = [[[1, 1], [1, 1]]] * 2
    return Design(
        trade(), bb="none", allocation="efficient", objective=Objective.linear(None, ones, maximize=False)
    )


def seen_from(first, second, **asked):
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(**asked)
    axes = tuple(Payoff.named(design.environment, name) for name in (first, second))
    return saved(projection(design, axes))


def correlated(**asked):
    text = """
agents: {seller: [0, 1/3, 2/3], buyer: [1/3, 2/3, 1]}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: {table: [[2/12, 1/12, 1/12], [1/12, 2/12, 1/12], [1/12, 1/12, 2/12]]}}
"""
    return mechlp.read_text(text, ask=asked).design


def examined(payoffs, **asked):
    return saved(efficiency(Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim", **asked), payoffs))


def revisable():
    return mechlp.read(CONFIGS / "peski-2023-a1.yaml")


def examined_mechanism():
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim", objective="surplus")
    return saved(efficiency(design, design.solve().mechanism))


def bidders(copies=2, values=(1, 2), **asked):
    agent = Agent("bidder", tuple(f"s{k}" for k in range(len(values))))
    chances = Rationals.of([F(1, len(values))] * len(values))
    return SymmetricDesign(Symmetric(agent, copies, Rationals.of([list(values)]), chances), **asked)


def grades():
    return read("multidimensional-auction", N=2, K=2, T=2)


def cells():
    partition = [F(0), *(F(3, 10) + F(k, 10) for k in range(5)), F(1)]
    return compare_simple(F(4, 5), partition, squares=6).to_json()


def with_rates(design=None):
    """An answer with every rate, however long that takes."""
    found = (design or Design(buyer(), objective="revenue", transfers=(("-1/2", 1),))).solve()
    return replace(found, rates=rates(found, None, NEVER))


AMBIGUOUS = {"ic": "ambiguous-transfers"}
BALANCED = {"bb": "ex-post", "objective": "surplus"}
KINDS = {
    "feasible": lambda: Design(trade(), bb="ex-ante", allocation="efficient"),
    "infeasible, with what must give way": lambda: Design(
        trade(outside=(Rationals.of("1/2"),) * 2), bb="ex-post", allocation="efficient"
    ),
    "infeasible ex post": lambda: Design(
        trade(), "ex-post", "ex-post", "ex-post", "efficient", transfers=((-1, 1), (-1, "-1/2"))
    ),
    "infeasible, published": lambda: read("guo-2018-example-1.4.2"),
    "optimal revenue": lambda: Design(buyer(), objective="revenue"),
    "optimal surplus": lambda: Design(trade(), **BALANCED),
    "optimal, correlated types": lambda: correlated(objective="revenue"),
    "optimal ex post, no deficit": lambda: correlated(
        ic="ex-post", ir="ex-post", bb="ex-post-weak", objective="surplus"
    ),
    "optimal ex post": lambda: Design(trade(), "ex-post", "ex-post", **BALANCED),
    "optimal interim": lambda: Design(
        trade(), bb="ex-post", objective=Objective.weighted_interim([[1, 2], [2, 1]])
    ),
    "optimal, with rates": with_rates,
    "least": minimum,
    "unbounded": lambda: Design(trade(), ir="none", objective="revenue"),
    "undecided": undecided,
    "full extraction": lambda: read("cremer-mclean-auction"),
    "deterministic, infeasible": coin,
    "deterministic, optimal": lambda: Design(
        trade(), "ex-post", "ex-post", allocation="deterministic", objective="revenue"
    ),
    "several priors": lambda: Design(with_priors(), "ex-post", "ex-post", objective="revenue"),
    "several priors, unbounded": lambda: Design(with_priors(), "ex-post", "none", objective="revenue"),
    "continuum": lambda: read("zhang-2021-symmetric", m=3),
    "known means, feasible": lambda: read("wolitzky-2015-bilateral-trade", n=3, c_star="1/2", v_star="1/2"),
    "maxmin, infeasible": lambda: maxmin("infeasible"),
    "maxmin, optimal": lambda: maxmin("optimal", "revenue"),
    "bewley": lambda: read(
        "wolitzky-2015-bilateral-trade", {"ic": "bewley"}, n=3, c_star="1/4", v_star="3/4"
    ),
    "two rules": lambda: read("guo-2018-example-1.4.2", AMBIGUOUS),
    "two rules, no common prior": lambda: read("guo-2018-example-1.5.2", AMBIGUOUS),
    "no rules": lambda: read("guo-2018-example-a.1.1", AMBIGUOUS),
    "optimal rules": lambda: Design(trade(), "ambiguous-transfers", **BALANCED),
    "unbounded rules": lambda: Design(trade(), "ambiguous-transfers", "none", objective="revenue"),
    "a quota": lambda: problem("quota", quota="1/4"),
    "possible lies": lambda: problem("evidence"),
    "slack": lambda: problem("regret"),
    "budgets": lambda: problem("budgets"),
    "unequal money": lambda: Design(trade(), **BALANCED).asking(
        environment=trade().with_money([[1, 2], [3, 1]])
    ),
    "rankings": lambda: Design(trade(), "ordinal", "ex-post", transfers="none", objective="surplus"),
    "a correlated equilibrium": lambda: problem("chicken"),
    "persuasion": lambda: problem("prosecutor"),
    "frontier": lambda: seen_from("player1:1", "player2", ir="interim"),
    "frontier without end": lambda: seen_from("player1:1", "player2:6"),
    "efficient payoffs": examined_mechanism,
    "payoffs out of reach": lambda: examined([["7/4", "5/2"], ["7/5", 3]]),
    "dominated payoffs": lambda: examined([[0, 3], [2, 6]]),
    "contours": lambda: saved(
        contours(revisable(), proof_examined(revisable()), ["player2:p2=1/10", "player2:p2=9/10"])
    ),
    "robustness": lambda: saved(
        revised(revisable(), ["player1:p1=1/100", "player2:p2=9/10"], {"player2": F(9, 10)})
    ),
    "an announcement": lambda: saved(
        announced(revisable(), proof_examined(revisable()), ["player2:p2=3/10", "player2:p2=9/10"])
    ),
    "prices": prices,
    "prices, irrational": lambda: prices(power="1/2"),
    "a posted price": lambda: prices("feasibility", given="{posted: 1/2}"),
    "an undominated price": lambda: prices("undominated", given="{posted: 1/2}"),
    "a dominated lottery": lambda: prices("undominated", "1/2", "{lottery: {0: 1/3, 1/2: 1/3, 1: 1/3}}"),
    "simple mechanisms": lambda: prices("surplus", "1/2", "simple"),
    "reduced form": bidders,
    "types in a box": lambda: read("multidimensional-auction-continuum", T=3),
    "reduced form, with rates": lambda: bidders().solve(rates=True).to_json(),
    "reduced form, grades": grades,
    "a game": lambda: mechlp.read_text(GAME).design,
    **{about: partial(sold, about) for about in ADDED},
    "a continuum of types": cells,
    "a value over a parameter": lambda: mechlp.value_function(
        mechlp.read_text(PRICED), over="h=3/2:6"
    ).to_json(),
    "a value over a probability": lambda: mechlp.value_function(
        mechlp.read_text(
            PRICED.replace("1/3", "x").replace("2/3", "1 - x").replace("{h: 3}", "{h: 3, x: 1/3}")
        ),
        over="x=1/4:3/4",
    ).to_json(),
    "a pair of values": lambda: mechlp.value_function(
        mechlp.read_text(PRICED), over="h=3/2:6", of="rents"
    ).to_json(),
    "a threshold": lambda: mechlp.threshold(mechlp.read_text(SELLING), over="h=3/2:2").to_json(),
    "least rents": lambda: joint_bound(
        read("wolitzky-2015-bilateral-trade", n=3, c_star="1/4", v_star="3/4")
    ),
    "a mechanism by formulas": lambda: ByFormulas.of(
        mechlp.read(CONFIGS / "copic-ponsati-2006-example-4.yaml").document
    ),
    "zones": lambda: Zones(
        found := Bargaining(1, 2, 4, 6, "2/5", "1/2"), "a1", F(1, 2), examined_at(found, "a1", F(1, 2))
    ),
    "full implementation": lambda: (
        implementation(
            mechlp.read(
                CONFIGS / "guo-2018-2.7.1.yaml",
                overrides={"gamma": "1/2"},
                ask={"coalitions": {"checks": ["robust-ic", "bad-outcome"]}},
            )
        )
        .solve()
        .to_json()
    ),
    "a region": lambda: mechlp.region(mechlp.read_text(SELLING), over="h=0:2", pieces=4).to_json(),
}


def as_json(made):
    """What is read from disk: an answer, or what a question's answer is."""
    if not isinstance(made, dict):
        answer = made if hasattr(made, "to_json") and not hasattr(made, "solve") else made.solve()
        made = answer.to_json()
    return json.loads(json.dumps(made))


@cache
def _text(name):
    return json.dumps(as_json(KINDS[name]()))


def answer(name):
    """A fresh copy of one kind of answer."""
    return json.loads(_text(name))


#: What random answers are about, in turn.
RANDOM = (
    random_design,
    random_ambiguous,
    random_ordinal,
    random_misreports,
    random_money,
    random_constrained,
)


def random_answers(count, start=0):
    """Answers to random questions, of each kind in turn."""
    for seed in range(start, start + count):
        yield f"random {seed}", as_json(first(RANDOM[seed % len(RANDOM)], seed).solve())
