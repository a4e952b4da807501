"""A reduction that takes many solves is not used where one solve of the whole program is quick.

Two published auctions of two goods (settings of "deep-opt-auctions") that were not answered in minutes when reduced; the best
revenues are those of independent programs.
"""

import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.solving import reductions
from mechlp.solving.compile import compile
from mechlp.solving.generation import many_solves
from mechlp.solving.plan import Plan
from mechlp.solving.reductions import reduce

DATA = Path(__file__).resolve().parent.parent / "data"


def combinatorial() -> Design:
    """Two bidders; each good is worth 1, 3/2 or 2 to a bidder, both together one more or one less than the sum."""
    types = [(a, b, a + b + c) for a, b, c in itertools.product((2, 3, 4), (2, 3, 4), (-2, 2))]
    own = np.array([(0, *t) for t in types]).T  # nothing, the first good, the second, both; in halves
    bundles = [(first, second) for first in range(4) for second in range(4) if not first & second]
    shape = (len(bundles), 18, 18)
    one = np.broadcast_to(own[[b for b, _ in bundles]][:, :, None], shape)
    two = np.broadcast_to(own[[b for _, b in bundles]][:, None, :], shape)
    agents = tuple(Agent.of(name, list(range(18))) for name in ("one", "two"))
    uniform = Beliefs.common(Rationals(np.ones((18, 18), dtype=np.int64), 324))
    worth = tuple(Rationals(np.ascontiguousarray(u), 2) for u in (one, two))
    environment = Environment(agents, tuple(f"{a}{b}" for a, b in bundles), worth, uniform)
    return Design(environment, objective="revenue")


def test_an_auction_of_two_goods():
    answer = mechlp.read(DATA / "two-goods-two-additive-bidders.yaml").design.solve(time_limit=600)
    assert (answer.status, answer.value, answer.certified) == ("optimal", Fraction(105, 32), True)
    assert "decomposition" not in answer.method and "interim-transfers" in answer.method


def test_a_combinatorial_auction():
    answer = combinatorial().solve(time_limit=600)
    assert (answer.status, answer.value, answer.certified) == ("optimal", Fraction(16099, 4860), True)


def test_many_solves_are_for_large_programs_and_for_pinned_transfers():
    """What is asked for by name is used all the same."""
    design = combinatorial()
    assert {"decomposition"} <= reduce(design).refused.keys()
    assert "decomposition" in reduce(design, ["interim-transfers", "private-values", "decomposition"]).names
    auction = mechlp.read(
        DATA.parent.parent / "configs" / "myerson-auction.yaml", overrides={"m": "40"}
    ).design
    assert {"envelope", "decomposition"} <= set(reduce(auction).names)


def test_a_plan_takes_one_solve_where_a_theorem_says_which_rows_and_columns_matter():
    whole = Plan.whole(combinatorial())
    few = replace(whole, pairs=(np.eye(18, dtype=bool), None))
    mixed = Rationals(np.ones((1, 1, 1, 1), dtype=np.int64))
    assert not many_solves(whole)
    assert many_solves(few)
    assert not many_solves(replace(few, orders=((0, 1), (0, 1))))
    assert many_solves(replace(whole, mixture=mixed))
    auction = mechlp.read(DATA.parent.parent / "configs" / "myerson-auction.yaml", overrides={"m": "40"})
    pinned = reduce(auction.design).plan
    assert pinned.envelope is not None and pinned.mixture is not None and not many_solves(pinned)


def test_interim_allocations_are_for_beliefs_that_see_little():
    """Three agents of 6 types: under a dense prior a report is seen by more numbers than there are types that may make it."""

    def private(product: bool) -> Design:
        dice, shape = np.random.default_rng(0), (6, 6, 6)
        weights = dice.integers(1, 20, shape)
        if product:
            weights = np.einsum("i,j,k->ijk", *(dice.integers(1, 20, 6) for _ in range(3)))
        worth = (
            Rationals(np.broadcast_to(np.moveaxis(own[..., None, None], 1, i + 1), (3, *shape)).copy())
            for i, own in enumerate(dice.integers(-10, 21, (3, 3, 6)))
        )
        agents = tuple(Agent.of(f"agent{i}", list(range(6))) for i in range(3))
        beliefs = Beliefs.common(Rationals(weights, int(weights.sum())))
        environment = Environment(agents, ("x", "y", "z"), tuple(worth), beliefs)
        return Design(environment, ic="bayesian", ir="interim", bb="ex-ante-weak", objective="revenue")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reductions, "AUTOMATIC", 0)
        assert "private-values" in reduce(private(product=True)).names
        assert "private-values" in reduce(private(product=False)).refused
    assert "private-values" in reduce(private(product=False), True).names
    sizes = {
        name: compile(plan.design, plan=plan).nonzeros
        for name, plan in (
            ("without", reduce(private(product=False), ["interim-transfers"]).plan),
            ("with", reduce(private(product=False), ["interim-transfers", "private-values"]).plan),
        )
    }
    assert sizes["with"] > sizes["without"]
