"""Instances with known answers (tests/data/correlated-beliefs.json): every Bayesian and belief verdict, exactly."""

import json
from pathlib import Path

import numpy as np
import pytest

from mechlp import Agent, Beliefs, Design, Environment, InvalidDesign, Rationals
from mechlp.beliefs import (
    bdp,
    common_prior,
    convex_independence,
    identifiability,
    ncp_star,
    ncp_star_star,
    positive_pairs,
)
from mechlp.exact.numbers import rational

CASES = json.loads((Path(__file__).parent / "data" / "correlated-beliefs.json").read_text())["cases"]


def grid(cells, shape):
    out = np.empty(shape, dtype=object)
    for key, value in cells.items():
        out[tuple(map(int, key.split(",")))] = rational(value)
    return Rationals.of(out)


@pytest.fixture(params=CASES, ids=[c["name"] for c in CASES])
def case(request):
    c = request.param
    shape = tuple(c["type_counts"])
    prior = grid(c["prior"], shape)
    utility = tuple(Rationals.of([grid(a, shape).tolist() for a in agent]) for agent in c["utilities"])
    agents = tuple(Agent(f"a{i}", tuple(f"t{k}" for k in range(s))) for i, s in enumerate(shape))
    outcomes = tuple(f"x{a}" for a in range(len(c["utilities"][0])))
    picked = np.zeros((len(outcomes), *shape), dtype=np.int64)
    for key, a in c["allocation"].items():
        picked[(a, *map(int, key.split(",")))] = 1
    return Environment(agents, outcomes, utility, prior), Rationals(picked), c["expected"]


def test_beliefs(case):
    environment, _, expected = case
    assert [f.holds for f in bdp(environment)] == expected["bdp"]
    assert [f.holds for f in convex_independence(environment)] == expected["convex_independence"]
    assert identifiability(environment).holds == expected["identifiable"]
    assert positive_pairs(environment).holds == expected["assumption_all_pairs_positive"]
    assert common_prior(Beliefs(environment.beliefs.weights)).holds == expected["has_common_prior"]
    star = [f.holds for f in ncp_star(environment)]
    assert star == expected["ncp_star"] or (expected["ncp_star"] is None and set(star) == {None})
    assert ncp_star_star(environment).holds == expected["ncp_star_star"]


def test_mechanisms(case):
    environment, q, expected = case
    design = Design(environment, bb="ex-post", allocation=q)
    assert (design.solve().status == "feasible") == expected["bayes_impl_ir_bb"]
    assert (design.asking(ir="none").solve().status == "feasible") == expected["bayes_impl_bb_no_ir"]
    efficient = Rationals(environment.efficient.astype(np.int64))
    assert bool(np.all((q == 0) | (efficient == 1))) == expected["q_ex_post_efficient"]
    try:
        extraction = Design(environment, allocation=q, objective="full-surplus-extraction").solve()
        assert (extraction.status == "feasible") == expected["bayes_fse_given_q"]
    except InvalidDesign:  # an inefficient rule leaves surplus on the table, whatever the transfers
        assert not expected["q_ex_post_efficient"]
        assert not expected["bayes_fse_given_q"]
    surplus = Design(environment, ic="none", ir="none", allocation=q, objective="surplus").solve()
    assert surplus.value == rational(expected["expected_surplus_of_q"])
    full = Design(environment, ic="none", ir="none", objective="surplus").solve()
    assert full.value == rational(expected["full_surplus"])
    if "max_revenue_bayes_lotteries" in expected:
        best = Design(environment, objective="revenue").solve()
        assert best.certified
        assert best.value == rational(expected["max_revenue_bayes_lotteries"])


def test_ambiguous_transfers(case):
    environment, q, expected = case
    design = Design(environment, ic="ambiguous-transfers", bb="ex-post", allocation=q)
    answer = design.solve()
    assert answer.certified
    assert (answer.status == "feasible") == expected["amb_impl"]
    wanted = expected["min_rules"]
    assert (None if answer.fewest is None else (answer.fewest.lower, answer.fewest.upper)) == (
        None if wanted is None else (wanted, wanted)
    )
    for key in (k for k in expected if k.startswith("alpha_meu_impl_")):
        asked = design.asking(alpha=rational(key.removeprefix("alpha_meu_impl_")))
        found = asked.solve(relax=False, fewest=False)
        assert found.certified
        assert (found.status == "feasible") == expected[key], key
    try:
        extraction = design.asking(bb="none", objective="full-surplus-extraction").solve()
        assert (extraction.status == "feasible") == expected["amb_fse_given_q"]
    except InvalidDesign:
        assert not expected["amb_fse_given_q"]
    if "max_revenue_amb_lotteries" in expected:
        best = Design(environment, ic="ambiguous-transfers", objective="revenue").solve()
        assert best.certified
        assert best.value == rational(expected["max_revenue_amb_lotteries"])
