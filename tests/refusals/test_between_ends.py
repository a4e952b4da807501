"""Payoffs known between ends: a requirement is broken by as much as at the worst corner of all of them, by plain loops."""

import random
from dataclasses import replace
from fractions import Fraction as F
from itertools import product

import numpy as np
import plain
import pytest
from random_designs import first, random_design
from small import broken, moved
from test_requirements import some_mechanism

from mechlp import Rationals
from mechlp.mechanism.ends import attained
from mechlp.question.objective import goal


def enclosed(rng, e):
    """An environment with up to three payoffs that are unknown, and every environment at a corner of them."""
    cells = [(i, a, *t) for i in range(e.n) for a in range(len(e.outcomes)) for t in plain.profiles(e)]
    unknown = rng.sample(cells, min(len(cells), rng.randint(1, 3)))
    rises = [F(rng.randint(1, 3), 2) for _ in unknown]
    # each payoff differs from every other, so that each is a number of its own
    tell = np.array([F(k, 10**6) for k in range(len(cells))], dtype=object)
    tell = tell.reshape(e.n, len(e.outcomes), *e.shape)
    low = [
        Rationals.of((np.array(u.tolist(), dtype=object) + tell[i]).tolist()) for i, u in enumerate(e.utility)
    ]

    def raised(chosen):
        out = list(low)
        for (i, *cell), rise in chosen:
            out[i] = moved(out[i], tuple(cell), rise)
        return tuple(out)

    pairs = list(zip(unknown, rises))
    corners = [
        replace(e, utility=raised([p for p, on in zip(pairs, choice) if on]))
        for choice in product((False, True), repeat=len(pairs))
    ]
    return replace(e, utility=tuple(low), utility_above=raised(pairs)), corners


def cases(count):
    """Random questions with enclosed payoffs, a mechanism, and the same at every corner."""
    seed = 0
    while count:
        seed += 1
        rng = random.Random(seed)
        design = first(random_design, seed)
        if not isinstance(design.allocation, Rationals) and design.allocation.startswith("efficient"):
            continue
        if design.wants.kind == "full-surplus-extraction" or design.environment.num_profiles > 6:
            continue
        count -= 1
        whole, corners = enclosed(rng, design.environment)
        rule = some_mechanism(rng, design.environment, design)
        yield seed, design, replace(rule, environment=whole), [replace(rule, environment=c) for c in corners]


def test_the_audit_finds_the_worst_corner():
    seen = set()
    for seed, design, rule, corners in cases(60):
        found = broken(rule, design.asking(environment=rule.environment))
        worst = {}
        for corner in corners:
            for kind, amount in plain.broken(design.asking(environment=corner.environment), [corner]).items():
                worst[kind] = max(worst.get(kind, 0), amount)
        assert found == worst, seed
        seen |= set(found)
    assert {"IC", "IR"} <= seen


def test_an_objective_is_surely_attained_at_the_worst_corner():
    checked = 0
    for seed, design, rule, corners in cases(60):
        aim = goal(design.asking(environment=rule.environment))
        if aim is None:
            continue
        values = [plain.objective(design.asking(environment=c.environment), c) for c in corners]
        assert attained(aim, rule) == (min(values) if aim.maximize else max(values)), seed
        checked += len(set(values)) > 1
    assert checked >= 5


@pytest.mark.parametrize("same", [True, False])
def test_one_number_that_stands_twice_is_one(same):
    """Two outcomes worth the same unknown number: exchanging them loses nothing, unless they are two numbers."""
    from small import asked, buyer, mechanism

    e = buyer()
    e = replace(
        e,
        utility=(Rationals.of([[1, 1, 1], [1, 1, 1]]),),
        utility_above=(Rationals.of([[2, 2, 2], [2, 2, 2]]),),
        alike=((0, 0) if same else (0, 1),),
    )
    rule = mechanism(e, [[1, 0, 1], [0, 1, 0]], [[0, 0, 0]])
    assert broken(rule, asked(e, ic="bayesian")) == ({} if same else {"IC": 1})


def test_types_of_probability_zero_have_no_requirement_between_ends_either():
    from small import asked, buyer, mechanism

    for prior in (("1/2", 0, "1/2"), (0, "1/2", "1/2"), ("1/2", "1/2", 0)):
        e = buyer(prior)
        e = replace(e, utility_above=(Rationals.of([["1/7", "1/5", "1/3"], [2, 4, 6]]),))
        rule = mechanism(e, [[1, 0, 1], [0, 1, 0]], [[0, -3, 0]])
        worst = {}
        for corner in product((0, 1), repeat=6):
            low, high = (
                np.array(u.tolist(), dtype=object).ravel() for u in (e.utility[0], e.utility_above[0])
            )
            cells = [high[k] if on else low[k] for k, on in enumerate(corner)]
            at = replace(e, utility=(Rationals.from_fractions(cells, (2, 3)),), utility_above=None)
            design = asked(at, ic="bayesian", ir="interim")
            for kind, amount in plain.broken(design, [replace(rule, environment=at)]).items():
                worst[kind] = max(worst.get(kind, 0), amount)
        assert broken(rule, asked(e, ic="bayesian", ir="interim")) == worst
