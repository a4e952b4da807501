"""Small environments, mechanisms over them, and forgeries of saved answers."""

import copy
import re
from dataclasses import replace
from fractions import Fraction as F

import numpy as np

import mechlp
from mechlp import Agent, Design, Environment, Rationals
from mechlp.environment.belief_sets import BeliefSet
from mechlp.exact.saved import checksum
from mechlp.mechanism import audit
from mechlp.mechanism.mechanism import Mechanism

NUMBER = re.compile(r"-?\d+(/\d+)?")
#: The file of one buyer with two values.
SELLING = """
title: Selling to one buyer
parameters: {low: 1, high: 3}
agents: {buyer: [a, b]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: [low, high]}}
beliefs: {prior: {table: [1/2, 1/2]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
#: Trade of two agents with two types: the seller's cost is her type, the buyer's value his.
NEVER = [[[1, 1], [1, 1]], [[0, 0], [0, 0]]]
WHEN_HIGH = [[[1, 0], [1, 0]], [[0, 1], [0, 1]]]


def trade(**more):
    """Costs 0, 1 and values 0, 1, every pair with chance 1/4; outcomes "no" and "yes"."""
    return Environment(
        **{
            "agents": [Agent.of("s", [0, 1]), Agent.of("b", [0, 1])],
            "outcomes": ["no", "yes"],
            "utility": [[[[0, 0], [0, 0]], [[0, 0], [-1, -1]]], [[[0, 0], [0, 0]], [[0, 1], [0, 1]]]],
            "beliefs": [["1/4", "1/4"], ["1/4", "1/4"]],
            **more,
        }
    )


def buyer(prior=("1/3", "1/3", "1/3"), **more):
    """One buyer with values 1, 2, 3; outcomes "keep" and "sell"."""
    return Environment(
        [Agent.of("buyer", [1, 2, 3])], ["keep", "sell"], [[[0, 0, 0], [1, 2, 3]]], list(prior), **more
    )


def with_sets(first, second, **more):
    """Trade where each type of an agent holds the listed beliefs about the other possible."""
    sets = tuple((BeliefSet.finite(own),) * 2 for own in (first, second))
    return replace(trade(**more), belief_sets=sets)


def with_priors(point="1/4", sense="="):
    """Trade, the designer knows the chance that both types are high."""
    possible = BeliefSet.moment(Rationals.of([[0, 0], [0, 1]]), sense, point)
    return replace(trade(), beliefs=None, designer=None, designer_set=possible)


def mechanism(e, q=NEVER, t=None):
    return Mechanism(e, Rationals.of(q), Rationals.of([[[0, 0], [0, 0]]] * 2 if t is None else t))


def asked(e, **more):
    """A design that asks nothing but what is said."""
    return Design(e, **{"ic": "none", "ir": "none", "bb": "none", **more})


def broken(rules, design):
    """{kind: amount} of the worst violations that the audit finds."""
    return {v.kind: v.amount for v in audit(rules, design).worst}


def forged(data, change):
    """A copy with something changed and a checksum that fits."""
    out = copy.deepcopy(data)
    change(out)
    assert out != data, "nothing was changed"
    out["sha256"] = checksum(out)
    return out


def refused(data, change, said=""):
    """That a forgery is refused, for the reason named."""
    verdict = mechlp.checking.verify.verify(forged(data, change))
    assert not verdict.accepted, "a forgery was accepted"
    assert verdict.problems and said in " ".join(verdict.problems), verdict.problems


def moved(array, cell, by):
    """An array of Rationals with one cell changed."""
    out = np.array(array.tolist(), dtype=object)
    out[cell] += F(by)
    return Rationals.of(out)


def at(node, *path):
    for key in path:
        node = node[key]
    return node


def put(path, value):
    """A change that sets one place."""

    def change(data):
        at(data, *path[:-1])[path[-1]] = value

    return change


def add(path, by):
    """A change that adds to one exact number."""

    def change(data):
        node = at(data, *path[:-1])
        node[path[-1]] = str(F(node[path[-1]]) + F(by))

    return change
