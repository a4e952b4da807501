"""Transfers pinned ex post, and grids that begin from coarser ones: full and reduced programs agree exactly."""

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from random_designs import blocks

from mechlp import Agent, Design, Environment, InvalidDesign, Objective, Rationals
from mechlp.checking.verify import verify
from mechlp.environment.belief_sets import BeliefSet
from mechlp.exact.sparse import Sparse
from mechlp.program.backend import propose
from mechlp.program.continuation import prolonged
from mechlp.program.exact import evaluate
from mechlp.program.form import form
from mechlp.proof.bound import bound
from mechlp.proof.written import multipliers_from_json, multipliers_to_json
from mechlp.question.continuum import least_rents
from mechlp.solving import solve as solving
from mechlp.solving.compile import compile
from mechlp.solving.continuation import coarser
from mechlp.solving.plan import Plan
from mechlp.solving.reductions import reduce

NAMES = ["adjacent", "running-rents"]


def on_a_line(rng, shape, agent, outcomes):
    """Utilities ``k worth(outcome) scale(others) + base(outcome, others)``, worth of one sign: types on a line, rising or falling."""
    along = [1] * (len(shape) + 1)
    along[agent + 1] = shape[agent]
    position = list(range(1, shape[agent] + 1))
    rng.shuffle(position)
    types = Rationals.of(position).reshape(along)
    sign = rng.choice((1, -1))
    worth = Rationals.of([Fraction(sign * rng.randint(0, 3), rng.choice((1, 2))) for _ in range(outcomes)])
    others = [1 if k == agent else s for k, s in enumerate(shape)]
    cells = int(np.prod(others))
    scale = Rationals.of([rng.randint(1, 3) for _ in range(cells)]).reshape(1, *others)
    base = Rationals.of([rng.randint(-2, 3) for _ in range(outcomes * cells)]).reshape(outcomes, *others)
    if rng.random() < 0.5:  # private values
        scale, base = (
            Rationals.of(1),
            base.max(axis=tuple(range(1, base.ndim))).reshape(outcomes, *[1] * len(shape)),
        )
    return worth.reshape(outcomes, *[1] * len(shape)) * types * scale + base


def ex_post_design(rng):
    """A question ex post whose cheapest transfers are pinned; the designer has a prior, or knows a mean."""
    n = rng.choice([1, 2, 2, 2, 3])
    shape = tuple(rng.randint(1, 4 if n < 3 else 2) for _ in range(n))
    outcomes = rng.randint(2, 3)
    weights = [rng.randint(0, 3) for _ in range(int(np.prod(shape)))]
    weights[0] += 1
    prior = Rationals.of([Fraction(w, sum(weights)) for w in weights]).reshape(shape)
    outside = (
        tuple(Rationals.of(Fraction(rng.randint(-2, 2), 2)) for _ in range(n)) if rng.random() < 0.5 else ()
    )
    environment = Environment(
        tuple(Agent.of(f"a{i}", [f"x{k}" for k in range(s)]) for i, s in enumerate(shape)),
        tuple(f"o{a}" for a in range(outcomes)),
        tuple(on_a_line(rng, shape, i, outcomes) for i in range(n)),
        prior,
        outside,
    )
    if rng.random() < 0.3:
        means = BeliefSet.moment(
            np.arange(len(weights)).reshape(shape),
            rng.choice(["=", ">="]),
            Fraction(rng.randint(0, len(weights) - 1)),
        )
        environment = replace(environment, beliefs=None, designer=None, designer_set=means)
    bb = rng.choice(
        ["none", "none", "ex-post-weak", "ex-ante-weak" if environment.designer_set is None else "none"]
    )
    return Design(
        environment,
        "ex-post",
        "ex-post",
        bb,
        "chosen",
        "free",
        rng.choice(["revenue", "revenue", "surplus", "feasibility"]),
    )


@pytest.mark.parametrize("block", blocks(4, 2))
def test_pinned_rents_give_the_same_answers(block):
    applied = 0
    for seed in range(25 * block, 25 * block + 25):
        design = ex_post_design(random.Random(seed))
        full = design.solve(reduce=False)
        assert full.certified, seed
        if (why := refusal(design, "running-rents")) is not None:
            assert "lowest type" in why, (seed, why)
            continue
        answer = design.solve(reduce=NAMES)
        applied += 1
        assert answer.certified, (seed, answer.notes)
        assert (answer.status, answer.value) == (full.status, full.value), seed
        assert full.status == "unbounded" or "running-rents" in answer.method, (seed, answer.method)
        assert [r.amount for r in answer.relaxations] == [r.amount for r in full.relaxations], seed
        assert answer.unique in (None, full.unique), seed
        verdict = verify(answer.to_json())
        assert verdict.accepted, (seed, verdict.problems)
    assert applied >= 15


def trade(m=4, prior=None, worth=(0, 1), **asked):
    """Bilateral trade on a grid of m values and costs, revenue ex post; the designer's prior is uniform."""
    grid = [Fraction(k, m - 1) for k in range(m)]
    one = Rationals.of(grid)
    worth = Rationals.of(list(worth))
    environment = Environment(
        (Agent.of("buyer", grid), Agent.of("seller", grid)),
        ("keep", "trade"),
        (worth.reshape(2, 1, 1) * one.reshape(1, m, 1), -(worth.reshape(2, 1, 1) * one.reshape(1, 1, m))),
        Rationals.of(1).broadcast_to((m, m)) / (m * m) if prior is None else prior,
    )
    return Design(environment, **{"ic": "ex-post", "ir": "ex-post", "objective": "revenue", **asked})


def refusal(design, name):
    return reduce(design, True).refused.get(name)


def test_the_rents_of_trade_are_pinned():
    found = reduce(trade(), True)
    assert found.names == tuple(NAMES)
    program = compile(found.plan.design, plan=found.plan)
    assert {b.name for b in program.blocks} == {"q", "rent 0", "rent 1"}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"bb": "ex-post"}, "balance exactly"),
        ({"transfers": ((None, 2), (None, None))}, "bounded"),
        ({"secondary": "max-norm"}, "size matters"),
        ({"allocation": "efficient-first"}, "allocation is given"),
        ({"ir": "none"}, "not asked ex post"),
        (
            {
                "objective": Objective.linear(
                    transfers=[[[0] * 4] * 4, [[0] * 4, [0] * 4, [0] * 4, [0, 0, 0, "1/9"]]]
                )
            },
            "rewards transfers",
        ),
    ],
)
def test_just_outside_the_premise(asked, why):
    assert why in refusal(trade(**asked), "running-rents")
    with pytest.raises(InvalidDesign, match="running-rents does not apply"):
        trade(**asked).solve(reduce=NAMES)


def test_outcomes_of_both_signs_have_no_lowest_type():
    assert "lowest type" in refusal(trade(worth=(-1, 1)), "running-rents")
    assert refusal(trade(worth=(0, 1)), "running-rents") is None


# -- coarser grids ---------------------------------------------------------------------------------
def known_means(m, buyer="7/10", seller="3/10"):
    design = trade(m)
    grid = Rationals.of([Fraction(k, m - 1) for k in range(m)])
    means = BeliefSet.moment(
        grid.reshape(m, 1).broadcast_to((m, m)), "=", Fraction(buyer)
    ) & BeliefSet.moment(grid.reshape(1, m).broadcast_to((m, m)), "=", Fraction(seller))
    environment = replace(design.environment, beliefs=None, designer=None, designer_set=means)
    return design.asking(environment=environment, continuum=True)


EVERY = [*NAMES, "grid-continuation"]


@pytest.mark.parametrize("m", [24, 25])
def test_a_grid_that_begins_from_a_coarser_one_has_the_same_value(m):
    phases = []
    design = known_means(m, "4/5", "1/2")
    answer = design.solve(reduce=EVERY, progress=phases.append)
    whole = design.solve(reduce=["adjacent"])
    assert sum(p.startswith("grid of") for p in phases) == 2
    assert answer.certified and answer.continuum.certified
    assert (answer.value, answer.continuum.value) == (whole.value, whole.continuum.value)
    assert verify(answer.to_json()).accepted


@pytest.mark.parametrize(("means", "m"), [(("7/10", "3/10"), 8), (("4/5", "1/2"), 11)])
def test_the_worst_prior_says_which_rows_bind(means, m):
    """No float solve of the designer's program: the basis of the worst prior is exact and optimal as it is, at both ends."""
    phases, names = [], [*NAMES, "worst-prior"]
    design = known_means(m, *means)
    answer, whole = design.solve(reduce=names, progress=phases.append), design.solve(reduce=NAMES)
    assert answer.method.startswith("given basis") and answer.continuum.method.startswith("given basis")
    assert (answer.value, answer.continuum.value) == (whole.value, whole.continuum.value)
    assert not any(p.startswith("grid of") for p in phases)
    assert verify(answer.to_json()).accepted


def test_multipliers_are_stored_by_their_nonzero_cells():
    """Stored whole they prove the same, in the same words."""
    design = known_means(7)
    proof = design.solve(reduce=[*NAMES, "worst-prior"]).proof
    y = proof.multipliers
    assert all(isinstance(part, Sparse) for part in y.ic)
    whole = replace(y, ic=tuple(Rationals(part.numerator, part.denominator) for part in y.ic))
    assert bound(design, y) == bound(design, whole)
    assert multipliers_to_json(design, y) == multipliers_to_json(design, whole)
    again = multipliers_from_json(design, multipliers_to_json(design, y))
    assert all(isinstance(read, Sparse) and read.same(part) for read, part in zip(again.ic, y.ic))
    assert list(y.rows(design, 3)) == list(whole.rows(design, 3)) and y.size == whole.size


@pytest.mark.slow
def test_a_fine_grid_of_known_means():
    """161 points a side: the ends are certified, and the value of Zhang (2021, Theorem 1) lies between them, half way or so."""
    answer = known_means(161).solve()
    low, high, value = answer.continuum.value, answer.value, 0.0508066615
    assert answer.certified and answer.continuum.certified and answer.method.startswith("given basis")
    assert low < value < high and abs((low + high) / 2 - value) < (high - low) / 100


def test_where_the_worst_prior_does_not_say():
    assert "one prior" in refusal(trade(5), "worst-prior")
    design = known_means(6)
    assert refusal(design, "worst-prior") is None
    assert "more than means" in refusal(second_moment(6, "1/5"), "worst-prior")
    assert "running-rents" in refusal(design.asking(bb="ex-post", continuum=False), "worst-prior")


def second_moment(m, most):
    """The mean of the buyer's type and at most a second moment are known."""
    design = known_means(m)
    squares = Rationals.of([Fraction(k, m - 1) ** 2 for k in range(m)]).reshape(m, 1).broadcast_to((m, m))
    known = design.environment.designer_set & BeliefSet.moment(squares, "<=", Fraction(most))
    return design.asking(environment=replace(design.environment, designer_set=known), continuum=False)


@pytest.mark.parametrize("seed", range(4))
def test_random_priors_on_a_fine_grid(seed):
    """Ex-post trade under a prior, a weak budget in some: the coarse grid changes where the solver begins, not where it ends."""
    rng = random.Random(seed)
    m = rng.randint(24, 28)
    weights = np.array([[rng.randint(0, 5) for _ in range(m)] for _ in range(m)])
    prior = Rationals(weights, int(weights.sum()))
    design = trade(
        m, prior, bb=rng.choice(["none", "ex-post-weak"]), objective=rng.choice(["revenue", "surplus"])
    )
    answer, whole = design.solve(reduce=EVERY), design.solve(reduce=["adjacent"])
    assert answer.certified and whole.certified and answer.value == whole.value
    assert "grid-continuation" in answer.method


def test_a_coarser_grid_keeps_the_ends_and_the_weight():
    rng = random.Random(5)
    weights = np.array([[rng.randint(0, 5) for _ in range(9)] for _ in range(9)])
    half = coarser(trade(9, Rationals(weights, int(weights.sum()))))
    grid = [Fraction(k, 4) for k in range(5)]
    assert [a.values.fractions() for a in half.environment.agents] == [grid, grid]
    assert half.environment.designer.sum() == 1
    again = coarser(known_means(9)).environment.designer_set
    assert again.shape == (5, 5) and again.admits(
        Rationals.of(
            [
                Fraction(7, 10) * Fraction(7, 10)
                if k == 20
                else Fraction(21, 100)
                if k in (0, 24)
                else Fraction(9, 100)
                if k == 4
                else 0
                for k in range(25)
            ]
        )
    )


def test_the_solution_of_a_program_carried_to_itself_is_its_basis():
    """Where the optimum is not degenerate, nothing is lost on the way."""
    design = trade(6, Rationals(np.arange(1, 37).reshape(6, 6), 666))
    plan = reduce(design, NAMES).plan
    program = compile(plan.design, plan=plan)
    canonical = form(program)
    point = evaluate(canonical, prolonged(program, canonical, propose(canonical), program))
    assert point is not None and point.optimal
    assert design.solve(reduce=False).value == -canonical.objective(point.x)


@pytest.mark.parametrize("allocation", ["chosen", "deterministic"])
def test_guarantees_come_with_the_least_rents(allocation, monkeypatch):
    """A type's rent is what it gains by passing for the next lower one, whatever the road to the allocation.

    The solver may leave types of no weight more, so that they are asked for is checked too.
    """
    asked = []
    monkeypatch.setattr(solving, "least_rents", lambda *given: asked.append(given) or least_rents(*given))
    design = known_means(5, "9/10", "1/10").asking(allocation=allocation, continuum=True)
    found = design.solve().continuum
    assert found.certified and found.value > 0 and len(asked) == 1
    trades = found.mechanism.allocation[1]
    step = Fraction(1, 4)
    for i, j in np.ndindex(5, 5):
        buyer = Fraction(i, 4) * trades[i, j] + found.mechanism.transfers[0][i, j]
        seller = -Fraction(j, 4) * trades[i, j] + found.mechanism.transfers[1][i, j]
        assert buyer == sum((step * trades[k, j] for k in range(i)), Fraction(0))
        assert seller == sum((step * trades[i, k] for k in range(j + 1, 5)), Fraction(0))


def test_where_no_coarser_grid_is_used():
    assert "few types" in refusal(known_means(23), "grid-continuation")
    design = known_means(24)
    assert refusal(design, "grid-continuation") is None
    assert "one prior" in refusal(trade(24), "grid-continuation")
    assert "grid-continuation" in reduce(trade(24), EVERY).names
    environment = design.environment
    buyer, seller = environment.utility
    mixed = replace(environment, utility=(buyer[:, [1, 0, *range(2, 24)]], seller))
    asked = design.asking(continuum=False)
    assert "not listed in their order" in refusal(asked.asking(environment=mixed), "grid-continuation")
    table = Objective.linear(allocation=np.zeros((2, 24, 24), dtype=int))
    assert "table" in refusal(asked.asking(objective=table), "grid-continuation")
    known = BeliefSet.marginal(0, [Fraction(1, 24)] * 24, (24, 24))
    marginal = replace(environment, designer_set=known)
    assert "another grid" in refusal(asked.asking(environment=marginal), "grid-continuation")
    assert Plan.whole(design).coarse is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("m", "value", "guarantee"), [(161, "259/4960", "49/992"), (321, "511/9920", "99/1976")]
)
def test_robust_trade_of_many_types(m, value, guarantee):
    """The bracket around r**2, r = 1 - sqrt(1 - 2/5) (Zhang 2021, Theorem 1); both ends were also found in floats elsewhere."""
    answer = known_means(m).solve()
    assert answer.certified and answer.continuum.certified
    assert (answer.value, answer.continuum.value) == (Fraction(value), Fraction(guarantee))
    r = 1 - (1 - 0.4) ** 0.5
    assert answer.continuum.value < r * r < answer.value
