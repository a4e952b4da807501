"""Reductions: the full and the reduced program agree exactly, and a premise that fails is seen."""

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from random_designs import blocks

import mechlp
from mechlp import Agent, Design, Environment, InvalidDesign, Objective, Rationals
from mechlp.checking.verify import verify
from mechlp.deadline import NEVER
from mechlp.environment.model import outer
from mechlp.program.exact import evaluate
from mechlp.program.form import form
from mechlp.program.highs import NOTHING
from mechlp.solving import generation
from mechlp.solving.compile import compile
from mechlp.solving.foreseen import foreseen
from mechlp.solving.plan import Factors, Values
from mechlp.solving.reductions import full_size, reduce
from mechlp.solving.reductions.catalogue import REDUCTIONS
from mechlp.solving.solve import SECONDS_PER_ENTRY


def _number(rng, low=-3, high=3):
    return Fraction(rng.randint(low, high), rng.choice((1, 1, 2, 3)))


def _marginal(rng, size, least=1):
    weights = [Fraction(rng.randint(least, 4)) for _ in range(size)]
    return Rationals.of([w / sum(weights) for w in weights])


def _prior(rng, shape):
    """Independent, a mixture of two independent ones, or any."""
    kind = rng.choice(["independent", "independent", "independent", "mixture", "any"])
    one = outer([_marginal(rng, m) for m in shape])
    if kind == "independent":
        return one
    if kind == "mixture":
        return one * Fraction(1, 3) + outer([_marginal(rng, m) for m in shape]) * Fraction(2, 3)
    cells = Rationals.of([rng.randint(0, 4) for _ in range(int(np.prod(shape)))] + [1])[:-1]
    return one if cells.sum() == 0 else (cells * (1 / cells.sum())).reshape(shape)


def _utility(rng, shape, agent, outcomes, kind):
    """Types on a line, private values, or interdependent values; shape ``(|A|, *Theta)``."""
    along = [1] * len(shape)
    along[agent] = shape[agent]
    if kind == "line":
        position = list(range(shape[agent]))
        rng.shuffle(position)
        types = Rationals.of(position).reshape(along)
        worth = Rationals.of([_number(rng, 0) for _ in range(outcomes)])
        base = Rationals.of([_number(rng) for _ in range(outcomes)])
        size = (outcomes, *(1,) * len(shape))
        return worth.reshape(size) * types + base.reshape(size)
    if kind == "private":
        return Rationals.of([_number(rng) for _ in range(outcomes * shape[agent])]).reshape(outcomes, *along)
    cells = [_number(rng) for _ in range(outcomes * int(np.prod(shape)))]
    return Rationals.of(cells).reshape(outcomes, *shape)


def random_design(rng):
    """A question about an environment that reductions may fit."""
    n = rng.choice([1, 2, 2, 2, 3])
    shape = tuple(rng.randint(1, 4 if n < 3 else 2) for _ in range(n))
    outcomes = rng.randint(1, 3)
    outside = tuple(Rationals.of(_number(rng, -1, 1)) for _ in range(n)) if rng.random() < 0.4 else ()
    kinds = rng.choice([["line"], ["line"], ["line", "private"], ["line", "private", "interdependent"]])
    environment = Environment(
        tuple(Agent.of(f"a{i}", [f"x{k}" for k in range(s)]) for i, s in enumerate(shape)),
        tuple(f"o{a}" for a in range(outcomes)),
        tuple(_utility(rng, shape, i, outcomes, rng.choice(kinds)) for i in range(n)),
        _prior(rng, shape),
        outside,
    )
    objective = rng.choice(["feasibility", "revenue", "surplus", "full-surplus-extraction"])
    if rng.random() < 0.2:
        objective = Objective.weighted_interim([[rng.randint(0, 2) for _ in range(m)] for m in shape])
    full = objective == "full-surplus-extraction"
    interim = rng.random() < 0.7
    return Design(
        environment,
        "bayesian" if interim else rng.choice(["bayesian", "ex-post", "none"]),
        "interim" if interim else rng.choice(["interim", "ex-post", "none"]),
        "none"
        if full
        else rng.choice(["none", "ex-post", "ex-post-weak", "ex-ante", "ex-ante-weak", "ex-ante-weak"]),
        rng.choice(["chosen", "chosen", "efficient", "efficient-first"]),
        "free" if interim else rng.choice(["free", "none"]),
        objective,
        "none" if interim else rng.choice(["none", "max-norm"]),
    )


def agree(seed, used):
    """Full and reduced answers of one instance, for every initial part of the reductions that apply."""
    rng = random.Random(seed)
    while True:
        try:
            design = random_design(rng)
            break
        except InvalidDesign:
            continue
    full = design.solve(reduce=False)
    assert full.certified, (seed, full.notes)
    whole = compile(design)
    size = full_size(design)
    assert (size.rows, size.columns) == (whole.num_rows, whole.num_columns), seed
    assert size.entries >= whole.nonzeros, seed
    names = reduce(design, True).names
    for count in range(1, len(names) + 1):
        answer = design.solve(reduce=names[:count])
        place = (seed, names[:count])
        assert answer.certified, (*place, answer.notes)
        assert (answer.status, answer.value) == (full.status, full.value), place
        tried = names[0] == "first-best"  # which holds or not: tests/solving/test_first_best.py
        assert tried or answer.status == "unbounded" or f"reduced by {names[0]}" in answer.method, place
        assert [r.amount for r in answer.relaxations] == [r.amount for r in full.relaxations], place
        assert answer.unique in (None, full.unique), place
        verdict = verify(answer.to_json())
        assert verdict.accepted, (*place, verdict.problems)
        used.update(names[:count])
    return names


@pytest.mark.parametrize("block", blocks(3, 2))
def test_reduced_programs_have_the_same_value(block):
    used = set()
    for seed in range(20 * block, 20 * block + 20):
        agree(seed, used)
    assert used >= {"interim-transfers", "private-values", "adjacent", "envelope", "decomposition"}


def trade(prior, seller=(1, 2, 3), buyer=(1, 2, 3), **asked):
    """Bilateral trade: the seller's cost, the buyer's value."""
    s, b = np.array(seller)[:, None], np.array(buyer)[None, :]
    zero = np.zeros((len(seller), len(buyer)), dtype=np.int64)
    environment = Environment(
        (Agent.of("seller", list(seller)), Agent.of("buyer", list(buyer))),
        ("keep", "trade"),
        (np.array([zero, -s + zero]), np.array([zero, b + zero])),
        prior,
    )
    return Design(environment, **{"bb": "ex-post", "objective": "surplus", **asked})


UNIFORM = [["1/9"] * 3] * 3
#: Moves a little weight along one diagonal: no longer independent, and of full rank.
CORRELATED = [["10/81", "1/9", "8/81"], ["1/9", "1/9", "1/9"], ["8/81", "1/9", "10/81"]]
RANK_THREE = [["10/81", "1/9", "1/9"], ["1/9", "9/81", "1/9"], ["1/9", "1/9", "8/81"]]


def refusal(design, name):
    """Why a reduction does not apply."""
    return reduce(design, True).refused.get(name)


def test_every_reduction_applies_to_independent_trade():
    found = reduce(trade(UNIFORM, bb="ex-post-weak"), True)
    others = ("first-best", "row-generation", "symmetric-agents", "running-rents", "worst-prior")
    others += ("grid-continuation",)
    assert found.names == tuple(n for n in REDUCTIONS if n not in others)
    assert "seller and buyer differ in payoffs" in found.refused["symmetric-agents"]


def test_correlation_refuses_what_rests_on_independence():
    design = trade(CORRELATED)
    assert "correlated" in refusal(design, "ex-ante-balance")
    assert "depend on the type" in refusal(design, "adjacent")
    with pytest.raises(InvalidDesign, match="ex-ante-balance does not apply: types are correlated"):
        design.solve(reduce=["ex-ante-balance"])


def test_low_rank_is_used_and_full_rank_refused():
    assert "interim-transfers" in reduce(trade(CORRELATED, bb="ex-ante"), True).names
    assert "full rank" in refusal(trade(RANK_THREE, bb="ex-ante"), "interim-transfers")


def test_a_second_dimension_refuses_adjacent_ic():
    design = trade(UNIFORM, bb="none", objective="revenue")
    utility = [u.numerator.copy() for u in design.environment.utility]
    assert "adjacent" in reduce(design, True).names
    off = [np.concatenate([u, u[:1]]) for u in utility]
    off[1][2, :, 1] += 1  # a third outcome that only the middle buyer likes
    environment = Environment(design.environment.agents, ("keep", "trade", "gift"), off, UNIFORM)
    design = Design(environment, objective="revenue")
    assert "more than one dimension" in refusal(design, "adjacent")
    assert refusal(design, "envelope") == "it rests on adjacent and private-values"


def test_two_types_of_one_payoff_refuse_adjacent_ic():
    design = trade(UNIFORM, bb="none", buyer=(1, 2, 3))
    utility = [u.numerator.copy() for u in design.environment.utility]
    utility[1][1, :, 1] = utility[1][1, :, 0]
    environment = Environment(design.environment.agents, ("keep", "trade"), utility, UNIFORM)
    assert "same payoffs" in refusal(Design(environment, objective="surplus"), "adjacent")


def test_transfers_that_are_wanted_refuse_the_envelope():
    weights = [[1, 1, 1], [0, 0, 0]]
    design = trade(UNIFORM, bb="ex-ante-weak", objective=Objective.weighted_interim(weights))
    assert "rewards transfers" in refusal(design, "envelope")
    assert "balance exactly" in refusal(trade(UNIFORM, bb="ex-ante"), "envelope")
    assert refusal(trade(UNIFORM, bb="ex-ante-weak"), "envelope") is None


def test_what_is_least_is_what_is_most_with_the_other_sign():
    """Myerson's auction as the least that bidders receive, its transfers pinned by the envelope."""
    design = mechlp.read("configs/myerson-auction.yaml", overrides={"m": "4"}).design
    received = Objective.linear(transfers=[np.ones((4, 4), dtype=np.int64)] * 2, maximize=False)
    least, most = design.asking(objective=received).solve(reduce=True), design.solve(reduce=False)
    assert "envelope" in least.method and least.certified and least.value == -most.value


def test_an_outside_option_that_rises_faster_refuses_the_envelope():
    design = trade(UNIFORM, bb="ex-ante-weak")
    outside = (Rationals.of(0), Rationals.of([[0, "1/2", 1]]))
    environment = Environment(
        design.environment.agents, ("keep", "trade"), design.environment.utility, UNIFORM, outside
    )
    assert "lowest type" in refusal(Design(environment, bb="ex-ante-weak", objective="surplus"), "envelope")


def test_interdependent_values_refuse_interim_allocations():
    design = trade(UNIFORM, bb="none")
    utility = [u.numerator.copy() for u in design.environment.utility]
    utility[1][1, 0, 0] += 1
    environment = Environment(design.environment.agents, ("keep", "trade"), utility, UNIFORM)
    assert "depends on others' types" in refusal(Design(environment, objective="revenue"), "private-values")


def test_unknown_names_are_refused():
    with pytest.raises(InvalidDesign, match="reduce: 'magic' is not one of"):
        trade(UNIFORM).solve(reduce=["magic"])


def test_factors_multiply_back():
    rng = random.Random(3)
    for _ in range(20):
        weights = _prior(rng, (3, 2, 3))
        factors = Factors.of(weights)
        rows = factors.types.reshape(3, factors.rank, 1)
        assert bool(np.all((rows * factors.flat).sum(axis=1) == weights.reshape(3, 6)))
        worth = Rationals.of([[rng.randint(-3, 3) for _ in range(factors.rank)] for _ in range(3)])
        paid = factors.transfers(worth).reshape(3, 1, 6)
        assert bool(np.all((paid * factors.flat).sum(axis=2) == worth))
        utility = Rationals.of([[_number(rng) for _ in range(4)] for _ in range(3)])
        values = Values.of(utility)
        again = (
            values.types.reshape(4, 1, -1)
            * Rationals(values.outcomes.numerator.T, values.outcomes.denominator)
        ).sum(axis=2)
        assert bool(np.all(again == Rationals(utility.numerator.T, utility.denominator)))


def _unordered(seed, m):
    """A buyer of ``m`` types with values of three goods in no order, and somebody who only knows something."""
    rng = random.Random(seed)
    goods = [[rng.randint(0, 30) for _ in range(m)] for _ in range(3)]
    buyer = np.array([[0] * m, *goods])[:, :, None] + np.zeros((4, m, 2), dtype=np.int64)
    return Environment(
        (Agent.of("buyer", [f"t{k}" for k in range(m)]), Agent.of("other", ["x", "y"])),
        ("nothing", "a", "b", "c"),
        (buyer, np.zeros((4, m, 2), dtype=np.int64)),
        outer([_marginal(rng, m), _marginal(rng, 2)]),
    )


def test_rows_are_generated_where_types_have_several_dimensions():
    """Values of three goods without any order: near neighbours do not suffice, and the whole program has the same value."""
    environment = _unordered(5, 14)
    for design in (
        Design(environment, objective="revenue"),
        Design(environment, "ex-post", objective="revenue"),
    ):
        full = design.solve(reduce=False)
        answer = design.solve(reduce=["row-generation"])
        assert (answer.status, answer.value, answer.certified) == ("optimal", full.value, True)
        assert "row-generation" in answer.method and "rounds" in answer.method
        assert verify(answer.to_json()).accepted


def test_large_grids_have_the_closed_form():
    """Myerson and Satterthwaite (1983) on a grid: the least subsidy is (m - 5)/(6 m)."""
    problem = mechlp.read("configs/myerson-satterthwaite.yaml", overrides={"m": "60"})
    answer = problem.design.solve()
    assert answer.status == "infeasible" and answer.certified
    assert answer.relaxations[0].amount == Fraction(55, 360)
    assert "envelope" in " ".join(answer.reductions)


def test_a_large_auction_earns_the_expected_virtual_value():
    """Myerson (1981): with k/m uniform the virtual value of k is 2k - m, and the best of two positive ones is earned."""
    m = 150
    answer = mechlp.read("configs/myerson-auction.yaml", overrides={"m": str(m)}).design.solve()
    virtual = np.maximum(2 * np.arange(1, m + 1) - m, 0)
    expected = Fraction(int(np.maximum(virtual[:, None], virtual[None, :]).sum()), m**3)
    assert (answer.status, answer.value, answer.certified) == ("optimal", expected, True)
    assert answer.audit.checked["IC"] == 2 * m * m


def test_ironing_and_second_best_trade():
    """A marginal with a gap needs ironing; trade with a balanced budget has one multiplier: both against the full program."""
    irregular = Rationals.of(["1/20", "8/20", "1/20", "1/20", "1/20", "8/20"])
    values = np.arange(1, 7)
    zero = np.zeros((6, 6), dtype=np.int64)
    utility = (
        np.array([zero, values[:, None] + zero, zero]),
        np.array([zero, zero, values[None, :] + zero]),
    )
    agents = tuple(Agent.of(f"bidder{i}", list(range(1, 7))) for i in (1, 2))
    environment = Environment(agents, ("keep", "first", "second"), utility, outer([irregular, irregular]))
    auction = Design(environment, objective="revenue")
    second_best = trade([["1/25"] * 5] * 5, range(5), range(5), bb="ex-post-weak")
    for design in (auction, second_best):
        full, answer = design.solve(reduce=False), design.solve(reduce=True)
        assert {"envelope", "decomposition"} <= set(answer.method.replace(",", "").replace(":", "").split())
        assert (answer.status, answer.value, answer.certified) == ("optimal", full.value, True)
        assert verify(answer.to_json()).accepted


def test_second_best_trade_of_many_types_is_verified():
    """40 x 40 types with balance ex post: rebuilt transfers, and a proof with a multiplier at every profile."""
    types = range(40)
    design = trade(Rationals(np.ones((40, 40), dtype=np.int64), 1600), types, types, bb="ex-post")
    answer = design.solve()
    assert answer.status == "optimal" and answer.certified and "ex-ante-balance" in answer.method
    assert bool(np.all(answer.mechanism.transfers.sum(axis=0) == 0))
    assert answer.proof.multipliers.bb.shape == (1, 40, 40)
    assert verify(answer.to_json()).accepted


def test_reports_of_types_of_probability_zero_keep_what_they_are_paid():
    """Found by chance: a type without a belief, whose report another type would make if it were paid nothing."""
    assert "ex-ante-balance" in agree(1231, set())


@pytest.mark.parametrize("ic", ["bayesian", "ex-post"])
def test_floats_foresee_the_rows_and_leave_their_basis(ic):
    """Three goods without order: the basis at which floats stop is, row for row, the optimum of the program with these lies."""
    design = Design(_unordered(11, 20), ic, "interim" if ic == "bayesian" else "ex-post", objective="revenue")
    plan = reduce(design, ["row-generation"]).plan
    seen = foreseen(plan, generation._undeterred_by, NEVER)
    assert seen.basis is not None and seen.rounds
    assert any(
        bool(np.any(after & ~before)) for before, after in zip(plan.pairs, seen.plan.pairs, strict=True)
    )
    program = compile(design, plan=seen.plan)
    exact = evaluate(form(program), seen.basis, NEVER)
    assert exact is not None and exact.optimal
    assert (program.costs * exact.x).sum() == design.solve(reduce=False).value


def test_first_rows_that_take_floats_long_are_given_up_for_the_whole_program(monkeypatch):
    design = Design(_unordered(11, 20), objective="revenue")
    full = design.solve(reduce=False)
    limits = []

    def late(_, deadline):
        limits.append(deadline.left)
        return replace(NOTHING, outcome="time limit")

    monkeypatch.setattr("mechlp.solving.foreseen.Session.solve", late)
    answer = design.solve(reduce=["row-generation"], time_limit=100)
    assert (answer.status, answer.value, answer.certified) == ("optimal", full.value, True)
    assert "reduced by" not in answer.method
    assert len(limits) == 1 and limits[0] <= SECONDS_PER_ENTRY * full_size(design).entries
