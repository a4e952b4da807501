"""The maximin value of three agents against a program with integers that is written from the definition (Guo 2018, 3.6.2)."""

import itertools
import math
import random
from fractions import Fraction as F

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from test_economy import economy, spread
from test_implementation import checked, holds

AGENTS, LARGE, LEAST = range(3), 100.0, 1e-6


def weights_exist(rates, owned, secured):
    """Whether weights above zero make each agent's weighted utility her Shapley value.

    ``rates[i][g]``: what agent i has of a unit of good g; ``owned[i][g]``; ``secured[i]``: her utility.  A coalition's worth is
    its endowment of each good times the largest weighted rate among its members, who is chosen by an integer.
    """
    goods = range(len(owned[0]))
    coalitions = [s for r in (1, 2, 3) for s in itertools.combinations(AGENTS, r)]
    names = [("weight", i) for i in AGENTS] + [("least",)]
    names += [("rate", s, g) for s in coalitions for g in goods]
    names += [("best", s, g, i) for s in coalitions for g in goods for i in s]
    at = {name: k for k, name in enumerate(names)}
    rows, low, high = [], [], []

    def row(terms, least=0.0, most=np.inf):
        found = np.zeros(len(names))
        for name, value in terms.items():
            found[at[name]] += value
        rows.append(found)
        low.append(least)
        high.append(most)

    row({("weight", i): 1.0 for i in AGENTS}, 1, 1)
    for i in AGENTS:
        row({("weight", i): 1.0, ("least",): -1.0})
    for s, g in itertools.product(coalitions, goods):
        row({("best", s, g, i): 1.0 for i in s}, 1, 1)
        for i in s:
            row({("rate", s, g): 1.0, ("weight", i): -rates[i][g]})
            row({("weight", i): rates[i][g], ("rate", s, g): -1.0, ("best", s, g, i): -LARGE}, -LARGE)
    for i in AGENTS:
        terms = {("weight", i): -float(secured[i])}
        for s in coalitions:
            if i not in s:
                continue
            share = math.factorial(len(s) - 1) * math.factorial(3 - len(s)) / 6
            for other, sign in ((s, share), (tuple(j for j in s if j != i), -share)):
                for g in goods if other else ():
                    name = ("rate", other, g)
                    terms[name] = terms.get(name, 0.0) + sign * sum(float(owned[j][g]) for j in other)
        row(terms, 0, 0)
    cost = np.zeros(len(names))
    cost[at["least",]] = -1
    whole = np.array([float(name[0] == "best") for name in names])
    found = milp(
        cost,
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=whole,
        bounds=Bounds(0, np.where(whole > 0, 1, np.inf)),
        options={"mip_rel_gap": 0},
    )
    assert found.status in (0, 2)
    return found.status == 0 and bool(found.x[at["least",]] > LEAST)


def instance(rng):
    """Three agents of one type and two goods: often of the same taste, and then each keeps what she owns or swaps for it."""
    owned = [[rng.randint(0, 2), rng.randint(1, 2)] for _ in AGENTS]
    taste = [rng.randint(1, 3), rng.randint(1, 3)]
    if rng.random() < 0.6:
        rates = [[k * t for t in taste] for k in (rng.randint(1, 3) for _ in AGENTS)]
    else:
        rates = [[rng.randint(1, 3) for _ in taste] for _ in AGENTS]
    consumed = [list(map(F, own)) for own in owned]
    if rng.random() < 0.5:  # the first gives bread for wine, at the common rate or another
        step = min(F(owned[0][0]), F(1, 2))
        back = min(F(owned[1][1]), step * F(rng.choice([taste[0], 1]), taste[1]))
        consumed[0][0] -= step
        consumed[1][0] += step
        consumed[0][1] += back
        consumed[1][1] -= back
    return rates, owned, consumed


def agree(seeds):
    counts = {True: 0, False: 0}
    for seed in seeds:
        rates, owned, consumed = instance(random.Random(seed))
        asked = economy([[own] for own in rates], owned, "maximin-value", consumption=[[[[[0]]]] * 2] * 3)
        found = holds(checked(spread(asked, consumed)), "maximin-value")
        secured = [sum(r * x for r, x in zip(rates[i], consumed[i], strict=True)) for i in AGENTS]
        assert found is weights_exist(rates, owned, secured), seed
        counts[found] += 1
    return counts


def test_a_few_functions_of_three_are_values_exactly_by_the_definition():
    assert min(agree(range(4)).values()) > 0


@pytest.mark.slow
def test_functions_of_three_are_values_exactly_by_the_definition():
    assert min(agree(range(100)).values()) >= 20
