"""Interchangeable agents: the folded program agrees exactly with the full one, and what tells agents apart is named."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
from random_designs import blocks

import mechlp
from mechlp import Agent, Design, Environment, InvalidDesign, Objective, Rationals
from mechlp.checking.verify import verify
from mechlp.environment.belief_sets import BeliefSet
from mechlp.solving.interchange import interchangeable
from mechlp.solving.reductions import reduce

NAME = "symmetric-agents"


class Draw:
    """Random functions of a type, of another's type, and of what is left as a multiset: the same for every agent."""

    def __init__(self, rng, low, high):
        self.rng, self.low, self.high, self.known = rng, low, high, {}

    def __call__(self, *key):
        if key not in self.known:
            self.known[key] = Fraction(self.rng.randint(self.low, self.high), self.rng.choice((1, 1, 2)))
        return self.known[key]


def table(shape, value):
    out = np.empty(shape, dtype=object)
    for cell in itertools.product(*map(range, shape)):
        out[cell] = value(cell)
    return Rationals.of(out)


def without(cell, *agents):
    return tuple(sorted(t for k, t in enumerate(cell) if k not in agents))


def symmetric_prior(rng, n, m):
    """Independent, or correlated, perhaps with types or profiles of probability zero."""
    weight = Draw(rng, rng.choice((0, 1)), 4)
    kind = rng.choice(["independent", "independent", "correlated"])
    of = (
        (lambda c: np.prod([weight(t) for t in c])) if kind == "independent" else lambda c: weight(*sorted(c))
    )
    cells = table((m,) * n, of)
    total = cells.sum()
    return cells * (1 / total) if total else symmetric_prior(rng, n, m)


def symmetric_design(rng):
    """Outcomes that concern all alike, and one about each agent; names in a random order."""
    n = rng.choice([2, 2, 3])
    m = rng.choice([1, 2, 3, 3, 4] if n == 2 else [1, 2, 2])
    shape = (m,) * n
    line = rng.random() < 0.4
    private, draw = rng.random() < 0.6, Draw(rng, -2, 3)
    common = [None] * rng.randint(0, 2)
    outcomes = [(f"all {k}", None) for k in range(len(common))] + [(f"for {i}", i) for i in range(n)]
    rng.shuffle(outcomes)

    def worth(name, about, k, cell):
        if line:
            role = ("all", name) if about is None else (about == k,)
            return cell[k] * abs(draw("slope", *role)) + draw("base", *role)
        if about is None:
            return draw(name, cell[k]) if private else draw(name, cell[k], without(cell, k))
        if about == k:
            return draw("own", cell[k]) if private else draw("own", cell[k], without(cell, k))
        return (
            draw("other", cell[k])
            if private
            else draw("other", cell[k], cell[about], without(cell, k, about))
        )

    utility = [
        Rationals.of([table(shape, lambda c, o=o, k=k: worth(*o, k, c)).tolist() for o in outcomes])
        for k in range(n)
    ]
    reserve = Draw(rng, -1, 1)
    outside = [table(shape, lambda c, k=k: reserve(c[k])) for k in range(n)] if rng.random() < 0.3 else ()
    environment = Environment(
        tuple(Agent.of(f"a{k}", [f"x{t}" for t in range(m)]) for k in range(n)),
        tuple(name for name, _ in outcomes),
        tuple(utility),
        symmetric_prior(rng, n, m),
        tuple(outside),
    )
    objective = rng.choice(["feasibility", "revenue", "revenue", "surplus", "full-surplus-extraction"])
    weights, cost = [draw("weight", t) ** 2 for t in range(m)], Draw(rng, 1, 3)
    if rng.random() < 0.15:
        objective = Objective.weighted_interim([weights] * n)
    elif rng.random() < 0.15:
        paid = [table(shape, lambda c, k=k: cost(c[k], without(c, k))) for k in range(n)]
        objective = Objective.linear(transfers=paid, maximize=False)
    allocation = rng.choice(["chosen", "chosen", "chosen", "efficient", "given"])
    if allocation == "given":
        chance = Fraction(1, n + len(common))
        allocation = table((len(outcomes), *shape), lambda c: chance)
    bounded = rng.choice([None, None, ((Fraction(-2), Fraction(2)),) * n, "none"])
    full = objective == "full-surplus-extraction"
    return Design(
        environment,
        rng.choice(["bayesian", "bayesian", "ex-post", "none"]),
        rng.choice(["interim", "interim", "ex-post", "none"]),
        "none" if full else rng.choice(["none", "ex-post", "ex-post-weak", "ex-ante", "ex-ante-weak"]),
        allocation,
        "free" if bounded is None else bounded,
        objective,
    )


def drawn(seed):
    rng = random.Random(seed)
    while True:
        try:
            return symmetric_design(rng)
        except InvalidDesign:
            continue


def is_symmetric(design, mechanism):
    """Whether every swap leaves a mechanism as it is."""
    n = design.environment.n
    for swap in interchangeable(design)[0]:
        i, j = swap.first, swap.second
        renamed = Rationals(
            np.swapaxes(mechanism.allocation.numerator, i + 1, j + 1)[swap.outcomes],
            mechanism.allocation.denominator,
        )
        paid = [np.swapaxes(mechanism.transfers[swap.agent(k)].numerator, i, j) for k in range(n)]
        if not renamed.same(mechanism.allocation):
            return False
        if not Rationals(np.stack(paid), mechanism.transfers.denominator).same(mechanism.transfers):
            return False
    return True


@pytest.mark.parametrize("block", blocks(3, 1))
def test_folded_programs_have_the_same_value(block):
    statuses = set()
    for seed in range(50 * block, 50 * block + 50):
        design = drawn(seed)
        full = design.solve(reduce=False)
        assert full.certified, (seed, full.notes)
        every = reduce(design, True).names
        assert every[-1] == NAME and len(interchangeable(design)[0]) == design.environment.n - 1, seed
        for names in {(NAME,), every}:
            answer = design.solve(reduce=list(names))
            assert answer.certified, (seed, names, answer.notes)
            assert (answer.status, answer.value) == (full.status, full.value), (seed, names)
            assert [r.amount for r in answer.relaxations] == [r.amount for r in full.relaxations], (
                seed,
                names,
            )
            assert answer.unique in (None, full.unique), (seed, names)
            took = [f"reduced by {', '.join(names)}"]
            if "first-best" in names:  # which has no other beside it where it holds, and is none of them where it does not
                took = ["reduced by first-best:", f"reduced by {', '.join(n for n in names if n != 'first-best')}"]
            assert any(way in answer.method for way in took) or answer.status == "unbounded", seed
            verdict = verify(answer.to_json())
            assert verdict.accepted, (seed, names, verdict.problems)
            statuses.add(answer.status)
            if names == (NAME,) and full.status in ("feasible", "optimal"):
                assert is_symmetric(design, answer.mechanism), seed
    assert statuses >= {"optimal", "feasible", "infeasible"}


# -- one good, and what tells its bidders apart -----------------------------------------------------
def auction(n=2, m=3, change=lambda utility: None, prior=None, **asked):
    """Bidders with values 1..m for one good; ``change`` alters the utilities, one array an agent."""
    shape = (m,) * n
    utility = [np.zeros((n + 1, *shape), dtype=object) for _ in range(n)]
    for k in range(n):
        along = [1] * n
        along[k] = m
        utility[k][k + 1] = np.broadcast_to(np.arange(1, m + 1).reshape(along), shape)
    change(utility)
    agents = tuple(Agent.of(f"bidder{k + 1}", list(range(1, m + 1))) for k in range(n))
    outcomes = ("nobody", *(a.name for a in agents))
    fields = {k: asked.pop(k) for k in ("outside", "designer", "designer_set", "belief_sets") if k in asked}
    if prior is None and "designer_set" not in fields and "belief_sets" not in fields:
        prior = Rationals(np.ones(shape, dtype=np.int64), m**n)
    environment = Environment(agents, outcomes, tuple(map(Rationals.of, utility)), prior, **fields)
    return Design(environment, **{"objective": "revenue", **asked})


def refusal(design):
    """Why the reduction is refused when it is asked for by name."""
    with pytest.raises(InvalidDesign, match=f"reduce: {NAME} does not apply: ") as error:
        design.solve(reduce=[NAME])
    return str(error.value).partition("apply: ")[2]


def test_an_auction_is_folded_and_says_so():
    answer = auction(3).solve(reduce=[NAME])
    assert "interchangeable: bidder1, bidder2, bidder3" in answer.reductions
    assert any(line.startswith(f"{NAME}: ") and "Gatermann" in line for line in answer.reductions)
    # 3 x 3 IC rows and 3 IR rows of one bidder, and lotteries for the ways to draw 3 values without order.
    assert answer.reductions[-1].startswith(f"compiled: {9 + 3 + 10} rows, ")


@pytest.mark.parametrize(("agent", "outcome"), [(0, 1), (1, 0), (1, 1)])
def test_one_entry_of_a_payoff_is_seen(agent, outcome):
    def change(utility):
        utility[agent][outcome, 0, 1] += Fraction(1, 7)

    design = auction(change=change)
    assert refusal(design) == "bidder1 and bidder2 differ in payoffs, however outcomes are renamed"
    assert reduce(design, True).refused[NAME] == refusal(design)


def test_one_weight_of_the_prior_is_seen():
    prior = np.full((3, 3), Fraction(1, 9))
    prior[0, 1] += Fraction(1, 1000)
    prior[1, 0] -= Fraction(1, 1000)
    assert refusal(auction(prior=prior)) == "bidder1 and bidder2 differ in beliefs"
    moved = prior.copy()
    moved[1, 0], moved[2, 2] = prior[0, 1], prior[2, 2] - Fraction(2, 1000)
    assert reduce(auction(prior=moved), [NAME]).names == (NAME,)
    ex_post = auction(prior=prior, ic="ex-post", ir="ex-post")
    assert refusal(ex_post) == "bidder1 and bidder2 differ in the objective"  # the expectation of revenue
    nothing_wanted = auction(prior=prior, ic="ex-post", ir="ex-post", objective="feasibility")
    assert reduce(nothing_wanted, [NAME]).names == (NAME,)


def test_the_designers_prior_is_seen_where_it_balances_the_budget():
    designer = np.full((3, 3), Fraction(1, 9))
    designer[0, 1], designer[1, 0] = Fraction(1, 18), Fraction(3, 18)
    asked = {"prior": np.full((3, 3), Fraction(1, 9)), "designer": designer, "objective": "feasibility"}
    assert refusal(auction(**asked, bb="ex-ante")) == "bidder1 and bidder2 differ in the designer's prior"
    assert reduce(auction(**asked, bb="ex-post"), [NAME]).names == (NAME,)


def test_an_objective_that_prefers_one_is_seen():
    on_transfers = [np.full((3, 3), -1, dtype=object) for _ in range(2)]
    assert reduce(auction(objective=Objective.linear(transfers=on_transfers)), [NAME]).names == (NAME,)
    on_transfers[1][2, 2] = Fraction(-11, 10)
    why = refusal(auction(objective=Objective.linear(transfers=on_transfers)))
    assert why == "bidder1 and bidder2 differ in the objective"
    on_allocation = np.zeros((3, 3, 3), dtype=object)
    on_allocation[1] = 1
    why = refusal(auction(objective=Objective.linear(allocation=on_allocation)))
    assert why == "bidder1 and bidder2 differ in the objective, however outcomes are renamed"
    weights = [[1, 1, 1], [1, 1, 1]]
    assert reduce(auction(objective=Objective.weighted_interim(weights)), [NAME]).names == (NAME,)


def test_an_allocation_that_breaks_ties_is_seen():
    higher = auction(allocation="efficient")
    assert reduce(higher, [NAME]).names == (NAME,)
    first = auction(allocation="efficient-first")
    assert refusal(first) == "bidder1 and bidder2 differ in the allocation, however outcomes are renamed"
    table = higher.allowed.astype(np.int64) * 2
    table[:, range(3), range(3)] = table[:, range(3), range(3)] // 2
    assert reduce(auction(allocation=Rationals(table, 2)), [NAME]).names == (NAME,)
    table[0, 0, 1], table[2, 0, 1] = 1, 1
    assert "the allocation" in refusal(auction(allocation=Rationals(table, 2)))


def test_bounds_outside_options_and_numbers_of_types_are_seen():
    assert (
        refusal(auction(transfers=((-1, 1), (-1, 2))))
        == "bidder1 and bidder2 differ in the bounds on transfers"
    )
    outside = (Rationals.of(0), Rationals.of([[0, 0, "1/5"]]))
    assert refusal(auction(outside=outside)) == "bidder1 and bidder2 differ in outside options"
    problem = mechlp.read("configs/guo-2018-example-1.4.2.yaml")
    assert refusal(problem.design) == "agent1 and agent2 have different numbers of types"
    one = Environment((Agent.of("buyer", [1, 2]),), ("keep", "sell"), ([[0, 0], [1, 2]],), ["1/2", "1/2"])
    assert refusal(Design(one, objective="revenue")) == "there is one agent"


def test_questions_that_are_no_single_program_are_refused():
    assert refusal(auction(secondary="1-norm")) == "the size of transfers matters"
    for asked in ({"allocation": "deterministic"}, {"ic": "ambiguous-transfers"}):
        assert refusal(auction(**asked)) == "rules are ambiguous or deterministic"
    sets = ((BeliefSet.everything((3,)),) * 3,) * 2
    maxmin = auction(belief_sets=sets, ic="maxmin", objective="feasibility")
    assert "which belief" in refusal(maxmin)


def test_two_of_three_are_interchangeable():
    """The third values the good twice as much: the first two stand in for each other, in the way that leaves her alone."""

    def change(utility):
        utility[2][3] *= 2

    design = auction(3, 2, change, ic="ex-post", ir="ex-post")
    full, answer = design.solve(reduce=False), design.solve(reduce=[NAME])
    assert (answer.status, answer.value, answer.certified) == ("optimal", full.value, True)
    assert "interchangeable: bidder1, bidder2" in answer.reductions
    assert verify(answer.to_json()).accepted


def test_outcomes_of_the_same_payoffs_may_be_told_apart_by_the_allocation():
    """A second way to sell to nobody, used at one profile and at its mirror image: any matching of outcomes will do."""
    utility = [u.numerator[[0, 1, 2, 0]] for u in auction().environment.utility]
    names = ("nobody", "bidder1", "bidder2", "burnt")
    prior = np.full((3, 3), Fraction(1, 9))
    environment = Environment(auction().environment.agents, names, tuple(utility), prior)
    table = np.zeros((4, 3, 3), dtype=np.int64)
    table[0] = 1
    table[:, 0, 2] = [0, 0, 0, 1]
    assert "the allocation" in refusal(Design(environment, objective="revenue", allocation=Rationals(table)))
    table[:, 2, 0] = [0, 0, 0, 1]
    design = Design(environment, objective="revenue", allocation=Rationals(table))
    answer = design.solve(reduce=[NAME])
    assert answer.certified and answer.value == design.solve(reduce=False).value


# -- with other parts of the program ----------------------------------------------------------------
def test_rows_are_generated_for_one_bidder():
    """Values of two goods without any order, ex post: rows that are missing are added for all bidders alike."""
    rng, m = random.Random(4), 10
    goods = np.array([[rng.randint(0, 20) for _ in range(m)] for _ in range(2)])
    utility = [np.zeros((5, m, m), dtype=np.int64) for _ in range(2)]
    for k in range(2):
        worth = goods.reshape(2, m, 1) if k == 0 else goods.reshape(2, 1, m)
        utility[k][1 + 2 * k : 3 + 2 * k] = worth
    environment = Environment(
        tuple(Agent.of(f"bidder{k}", [f"t{t}" for t in range(m)]) for k in range(2)),
        ("nothing", "a to 0", "b to 0", "a to 1", "b to 1"),
        tuple(utility),
        Rationals(np.ones((m, m), dtype=np.int64), m * m),
    )
    design = Design(environment, "ex-post", "ex-post", objective="revenue")
    answer = design.solve(reduce=["row-generation", NAME])
    assert (answer.status, answer.value, answer.certified) == (
        "optimal",
        design.solve(reduce=False).value,
        True,
    )
    assert "rounds" in answer.method
    assert verify(answer.to_json()).accepted


CENTER = [["1/6", "1/6", 0], ["1/6", "1/6", 0], [0, 0, "1/3"]]
COSTS = [[[abs(i - a) + abs(j - b) for j in range(3)] for i in range(3)] for a, b in ((0, 2), (2, 0), (1, 1))]
SETS = {
    "means": BeliefSet.moment([[1, 1, 1], [2, 2, 2], [3, 3, 3]], "=", 2)
    & BeliefSet.moment([[1, 2, 3], [1, 2, 3], [1, 2, 3]], "=", 2),
    "variation": BeliefSet.variation(CENTER, "1/4"),
    "mixtures of a list": BeliefSet.finite([CENTER, [["1/9"] * 3] * 3]),
    "data": BeliefSet.wasserstein(["1/4", "1/4", "1/2"], COSTS, "1/3"),
}


@pytest.mark.parametrize("kind", SETS)
def test_a_designer_with_a_set_of_priors(kind):
    design = auction(designer_set=SETS[kind], ic="ex-post", ir="ex-post")
    full, answer = design.solve(reduce=False), design.solve(reduce=["adjacent", NAME])
    assert (answer.status, answer.value, answer.certified) == ("optimal", full.value, True)
    assert NAME in answer.method and is_symmetric(design, answer.mechanism)
    assert verify(answer.to_json()).accepted


@pytest.mark.parametrize(
    "other",
    [
        BeliefSet.moment([[1, 1, 1], [2, 2, 2], [3, 3, 3]], "=", 2)
        & BeliefSet.moment([[1, 2, 3], [1, 2, 3], [1, 2, 3]], "=", "21/10"),
        BeliefSet.variation([["1/6", "1/6", "1/100"], ["1/6", "1/6", 0], [0, 0, "97/300"]], "1/4"),
        BeliefSet.wasserstein(["1/4", "26/100", "49/100"], COSTS, "1/3"),
        BeliefSet.moment([[1, 1, 1], [2, 2, 2], [3, 3, 3]], "<=", 2)
        & BeliefSet.moment([[1, 2, 3], [1, 2, 3], [1, 2, 3]], ">=", 2),
    ],
)
def test_what_the_designer_knows_of_one_alone_is_seen(other):
    design = auction(designer_set=other, ic="ex-post", ir="ex-post")
    assert refusal(design) == "bidder1 and bidder2 differ in what the designer knows of the prior"


@pytest.mark.parametrize("n", [2, 3])
def test_bewley_types_are_folded(n):
    """With three bidders the vertices of what one believes change places when the other two do."""
    m = 5 - n
    shape = (m,) * (n - 1)
    center = Rationals(np.ones(shape, dtype=np.int64), m ** (n - 1))
    own = tuple(BeliefSet.contamination(center, Fraction(k, 5)) for k in range(1, m + 1))
    asked = {"ic": "bewley", "designer": Rationals(np.ones((m,) * n, dtype=np.int64), m**n)}
    design = auction(n, m, belief_sets=(own,) * n, **asked)
    full = design.solve(reduce=False)
    answer = design.solve(reduce=[NAME])
    assert (answer.status, answer.value, answer.certified) == ("optimal", full.value, True)
    assert NAME in answer.method and verify(answer.to_json()).accepted
    other = auction(n, m, belief_sets=(*(own,) * (n - 1), own[::-1]), **asked)
    found, reasons = interchangeable(other)
    assert len(found) == n - 2 and f"bidder1 and bidder{n} differ in sets of beliefs" in reasons[-1]


def test_large_programs_are_folded_by_themselves():
    """Myerson (1981): the expected largest positive virtual value, here of the rules that are also ex-post incentive compatible."""
    m = 10
    design = auction(3, m, ic="ex-post", ir="ex-post")
    answer = design.solve()
    virtual = np.maximum(2 * np.arange(1, m + 1) - m, 0)
    best = np.maximum(np.maximum(virtual[:, None, None], virtual[:, None]), virtual)
    assert (answer.status, answer.value, answer.certified) == (
        "optimal",
        Fraction(int(best.sum()), m**3),
        True,
    )
    assert f"reduced by adjacent, running-rents, {NAME}" in answer.method
    assert answer.audit.checked["IC"] == 3 * m**4
