"""Random small environments: every verdict is certified, verified, and equal to the brute-force oracle's."""

import random
from fractions import Fraction

import pytest
from oracle import decide

from mechlp import Agent, Beliefs, Design, Environment, InvalidDesign, Objective, Rationals
from mechlp.design.design import BB, IR
from mechlp.mechanism.verify import verify

CLASSICAL = ("bayesian", "ex-post", "none")


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


def examine(seed):
    """One random instance."""
    rng = random.Random(seed)
    while True:
        try:
            design = random_design(rng)
            answer = design.solve()
            break
        except InvalidDesign:
            continue
    assert answer.certified, (seed, answer.notes)
    assert (answer.status, answer.value) == decide(design), seed
    verdict = verify(answer.to_json())
    assert verdict.accepted, (seed, verdict.problems)


@pytest.mark.parametrize("block", range(10))
def test_agrees_with_brute_force(block):
    for seed in range(20 * block, 20 * block + 20):
        examine(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_agrees_with_brute_force_on_two_thousand(block):
    for seed in range(1000 + 100 * block, 1100 + 100 * block):
        examine(seed)
