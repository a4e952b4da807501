"""Random questions about random small environments: every notion, requirement, allocation and objective."""

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from mechlp import Agent, Beliefs, Design, Environment, InvalidDesign, Objective, Rationals
from mechlp.environment.actions import Actions
from mechlp.question.constraints import Constraint
from mechlp.question.design import BB, IR
from mechlp.question.misreports import Misreports

CLASSICAL = ("bayesian", "ex-post", "none")


def blocks(count, ordinary):
    """Blocks of seeds for a test: so many in every run, the others with ``-m slow``."""
    return [*range(ordinary), *(pytest.param(k, marks=pytest.mark.slow) for k in range(ordinary, count))]


def _numbers(rng, shape, low=-4, high=4, denominators=(1, 1, 2, 3)):
    if not shape:
        return Fraction(rng.randint(low, high), rng.choice(denominators))
    return [_numbers(rng, shape[1:], low, high, denominators) for _ in range(shape[0])]


def _distribution(rng, shape):
    weights = Rationals.of(_numbers(rng, shape, 0, 4, (1,)))
    total = weights.sum()
    return weights * (1 / total) if total else _distribution(rng, shape)


def random_design(rng):
    """A random question about a random environment."""
    n = rng.choice([1, 2, 2, 2, 3])
    shape = tuple(rng.randint(1, 3 if n < 3 else 2) for _ in range(n))
    outcomes = rng.randint(1, 3)
    utility = [_numbers(rng, (outcomes, *shape)) for _ in range(n)]
    designer = None
    if rng.random() < 0.25:
        rows = []
        for i in range(n):
            rest = shape[:i] + shape[i + 1 :]
            beliefs = [_distribution(rng, rest) if rest else Rationals.of(1) for _ in range(shape[i])]
            rows.append(Rationals.of([b.tolist() for b in beliefs]).moveaxis(0, i))
        beliefs, designer = Beliefs(tuple(rows)), _distribution(rng, shape)
    else:
        beliefs = Beliefs.common(_distribution(rng, shape))
    outside = tuple(Rationals.of(_numbers(rng, shape, -1, 1)) for _ in range(n)) if rng.random() < 0.3 else ()
    agents = tuple(Agent.of(f"a{i}", [f"x{k}" for k in range(s)]) for i, s in enumerate(shape))
    environment = Environment(
        agents, tuple(f"o{a}" for a in range(outcomes)), tuple(utility), beliefs, outside, designer
    )
    objective = rng.choice(
        [
            Objective.feasibility(),
            Objective.feasibility(),
            Objective.revenue(),
            Objective.surplus(),
            Objective.full_surplus_extraction(),
            Objective.weighted_interim([_numbers(rng, (s,), 0, 2) for s in shape]),
            Objective.linear(
                _numbers(rng, (outcomes, *shape)),
                [_numbers(rng, shape, -1, 1) for _ in range(n)],
                maximize=rng.random() < 0.5,
                expected=rng.random() < 0.5,
            ),
        ]
    )
    allocation = rng.choice(["chosen", "chosen", "efficient", "efficient-first", "table"])
    if allocation == "table":
        lottery = Rationals.of(_numbers(rng, (outcomes, *shape), 1, 3, (1,)))
        allocation = lottery / lottery.sum(axis=0)
    bounds = tuple((rng.choice([None, Fraction(-2)]), rng.choice([None, Fraction(3, 2)])) for _ in range(n))
    transfers = rng.choice(["free", "free", "free", "none", bounds])
    full = objective.kind == "full-surplus-extraction"
    ic = rng.choice(CLASSICAL)
    return Design(
        environment,
        ic,
        rng.choice(IR),
        "none" if full else rng.choice(BB),
        allocation,
        transfers,
        objective,
    )


def random_ambiguous(rng):
    """The same with ambiguous transfers, in 40 % with some optimism; small, since every lie has its rule."""
    while True:
        design = random_design(rng)
        if design.environment.num_profiles * sum(design.environment.shape) <= 12:
            break
    alpha = rng.choice([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(4, 5)])
    return design.asking(ic="ambiguous-transfers", alpha=alpha if rng.random() < 0.4 else 1)


def random_ordinal(rng):
    """The same without transfers, about rankings with ties; private ones where beliefs weigh the others."""
    design = random_design(rng)
    e, ic = design.environment, rng.choice(["ordinal", "ordinal-bayesian"])
    utility = []
    for i in range(e.n):
        own = ic == "ordinal-bayesian" or rng.random() < 0.5
        shape = [s if not own or k == i else 1 for k, s in enumerate(e.shape)]
        ranks = Rationals.of(_numbers(rng, (len(e.outcomes), *shape), 0, 2, (1,)))
        utility.append(ranks.broadcast_to((len(e.outcomes), *e.shape)))
    return design.asking(environment=replace(e, utility=tuple(utility)), ic=ic, transfers="none")


def random_misreports(rng):
    """The same where some lies are impossible or may pay, and limits on transfers depend on the reports."""
    design = random_ordinal(rng) if rng.random() < 0.2 else random_design(rng)
    told = []
    for size in design.environment.shape:
        possible = np.array([[a == b or rng.random() < 0.6 for b in range(size)] for a in range(size)])
        slack = _numbers(rng, (size, size), 0, 2) if rng.random() < 0.5 else 0
        told.append(Misreports.of(size, possible if rng.random() < 0.7 else None, slack))
    changes = {"misreports": tuple(told)} if design.ic != "none" else {}
    if design.transfers != "none" and rng.random() < 0.6:
        low, high = (
            [rng.choice([None, _numbers(rng, design.environment.shape, *ends)]) for _ in told]
            for ends in ((-3, -1), (0, 2))
        )
        changes["transfers"] = tuple(zip(low, high, strict=True))
    return design.asking(**changes)


def random_money(rng):
    """The same where money is worth more to some types."""
    design = random_misreports(rng) if rng.random() < 0.4 else random_design(rng)
    worth = [
        [Fraction(rng.randint(1, 3), rng.randint(1, 2)) for _ in range(s)] for s in design.environment.shape
    ]
    return design.asking(environment=design.environment.with_money(worth))


def _constraint(rng, environment, k):
    """A constraint with small numbers, of every kind."""
    shape, n = environment.shape, environment.n
    kinds = ["profile", "expected"] if environment.designer is not None else ["profile"]
    kinds += [a.name for a in environment.agents] if environment.beliefs is not None else []
    each = kinds[rng.randrange(len(kinds))]
    numbers = np.random.default_rng(rng.randrange(2**32))
    rows = {"profile": shape, "expected": ()}.get(each)
    if rows is None:
        rows = (environment.agents[[a.name for a in environment.agents].index(each)].size,)
    sense = rng.choice([">=", "<=", "<=", "="])
    return Constraint(
        f"own {k}",
        sense,
        Rationals(np.asarray(numbers.integers(-2, 5, rows)), 2),
        Rationals(numbers.integers(-2, 4, (len(environment.outcomes), *shape))),
        tuple(Rationals(numbers.integers(-1, 2, shape) * int(rng.random() < 0.5)) for _ in range(n)),
        each,
        numbers.random(shape) < 0.7 if each == "profile" and rng.random() < 0.5 else None,
    )


def random_constrained(rng):
    """The same with one or two requirements of one's own."""
    design = random_design(rng)
    count = rng.choice([1, 1, 2])
    return design.asking(constraints=tuple(_constraint(rng, design.environment, k) for k in range(count)))


def random_constrained_sets(rng):
    """Small designs with ambiguous transfers, of every one of whose rules something is asked."""
    design = random_ambiguous(rng)
    return design.asking(constraints=(_constraint(rng, design.environment, 0),))


def random_games(rng):
    """Small games whose outcomes are profiles of recommended actions, with or without types to be reported and transfers."""
    shape, counts = rng.choice(
        [((2, 2), (2, 2)), ((2, 1), (1, 2)), ((3, 2), (2, 1)), ((1, 2), (3, 2)), ((1, 1), (2, 3))]
    )
    acts = Actions.profiles([tuple(f"a{k}" for k in range(c)) if c > 1 else () for c in counts])
    agents = tuple(Agent.of(f"p{i}", [f"t{k}" for k in range(m)]) for i, m in enumerate(shape))
    utility = tuple(Rationals.of(_numbers(rng, (len(acts.labels), *shape))) for _ in shape)
    environment = Environment(
        agents, acts.labels, utility, Beliefs.common(_distribution(rng, shape)), actions=acts
    )
    ic, ir, transfers, objective = rng.choice(
        [
            ("obedience", "none", "none", "surplus"),
            ("bayesian", "none", "none", "surplus"),
            ("bayesian", "interim", "free", "revenue"),
            ("ex-post", "none", "none", "surplus"),
        ]
    )
    return Design(environment, ic, ir, "none", transfers=transfers, objective=objective)


def first(make, seed):
    """The first random design of a seed that makes sense."""
    rng = random.Random(seed)
    while True:
        try:
            return make(rng)
        except InvalidDesign:
            continue
