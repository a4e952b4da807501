"""Random small environments: every verdict is certified, verified, and equal to the brute-force oracle's."""

from collections import Counter

import pytest
from oracle import decide, fewest
from random_designs import (
    blocks,
    first,
    random_ambiguous,
    random_design,
    random_misreports,
    random_money,
    random_ordinal,
)

from mechlp.checking.verify import verify


def examine(seed, make=random_design):
    """One random instance."""
    design = first(make, seed)
    answer = design.solve()
    assert answer.certified, (seed, answer.notes)
    assert (answer.status, answer.value) == decide(design), seed
    verdict = verify(answer.to_json())
    assert verdict.accepted, (seed, verdict.problems)


@pytest.mark.parametrize("block", blocks(10, 5))
def test_agrees_with_brute_force(block):
    for seed in range(20 * block, 20 * block + 20):
        examine(seed)


@pytest.mark.parametrize("block", blocks(5, 3))
def test_ambiguous_designs_agree_with_brute_force(block):
    for seed in range(8 * block, 8 * block + 8):
        examine(seed, random_ambiguous)


@pytest.mark.parametrize("block", blocks(4, 2))
def test_ordinal_designs_agree_with_brute_force(block):
    for seed in range(15 * block, 15 * block + 15):
        examine(seed, random_ordinal)


@pytest.mark.parametrize("block", blocks(5, 3))
def test_impossible_lies_slack_and_limits_by_type_agree_with_brute_force(block):
    for seed in range(15 * block, 15 * block + 15):
        examine(seed, random_misreports)


@pytest.mark.parametrize("block", blocks(4, 2))
def test_values_of_money_by_type_agree_with_brute_force(block):
    for seed in range(15 * block, 15 * block + 15):
        examine(seed, random_money)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("make", [random_misreports, random_money])
def test_lies_and_money_agree_with_brute_force_on_a_thousand(make, block):
    for seed in range(5000 + 100 * block, 5100 + 100 * block):
        examine(seed, make)


def needy(rng):
    """Two agents with two types each, the efficient rule and ex-post BB, where a set of rules exists, mostly of several."""
    while True:
        design = random_design(rng)
        if design.environment.shape != (2, 2) or design.transfers == "none":
            continue
        ir = rng.choice(["interim", "interim", "ex-post"])
        design = design.asking(ir=ir, bb="ex-post", allocation="efficient-first", objective="feasibility")
        if rng.random() < 0.1 or design.asking(ic="bayesian").solve(relax=False).status == "infeasible":
            design = design.asking(ic="ambiguous-transfers")
            if decide(design)[0] == "feasible":
                return design


def count_rules(seeds):
    """The fewest rules, by trying every assignment of lies to rules, lie in the bracket; how often which number."""
    seen = Counter()
    for seed in seeds:
        design = first(needy, seed)
        answer = design.solve()
        needed = fewest(design)
        assert needed is not None or answer.fewest.upper == 4, seed  # four lies
        assert answer.fewest.lower <= (needed or 4) <= answer.fewest.upper, (seed, needed, answer.fewest)
        seen[needed if answer.fewest.lower == answer.fewest.upper else "bracket"] += 1
    return seen


def test_the_fewest_rules_agree_with_every_assignment():
    seen = count_rules(range(8))
    assert seen[1] >= 1 and seen[2] >= 4 and not seen["bracket"]


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_ambiguous_designs_agree_with_brute_force_on_a_thousand(block):
    for seed in range(5000 + 100 * block, 5100 + 100 * block):
        examine(seed, random_ambiguous)
    count_rules(range(7000 + 20 * block, 7020 + 20 * block))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_ordinal_designs_agree_with_brute_force_on_a_thousand(block):
    for seed in range(5000 + 100 * block, 5100 + 100 * block):
        examine(seed, random_ordinal)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_agrees_with_brute_force_on_two_thousand(block):
    for seed in range(1000 + 100 * block, 1100 + 100 * block):
        examine(seed)
