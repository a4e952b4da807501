"""Trade at prices: instances with known answers, published mechanisms, and answers that are spoiled."""

import copy
import json
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

import mechlp
from mechlp.checking.verify import verify
from mechlp.environment.model import Agent, InvalidEnvironment, outer
from mechlp.environment.trade import trade_at_prices
from mechlp.exact.numbers import Rationals, power
from mechlp.exact.saved import checksum
from mechlp.files import InvalidFile, read_text
from mechlp.mechanism.audit import audit
from mechlp.mechanism.ends import attained
from mechlp.mechanism.mechanism import Mechanism
from mechlp.mechanism.simple import SimpleMechanism, best_simple_bound
from mechlp.program.model import TooLarge
from mechlp.question.objective import goal
from mechlp.question.prices import price_design
from mechlp.solving.simple import conic, iterate, welfare

ROOT = Path(__file__).parents[2]
CASES = {
    c["id"]: c
    for c in json.loads((ROOT / "tests/data/robust-and-expost-trade.json").read_text())["cases"]
    if c["part"] == "C"
}


def trade(seller, buyer, prices, gamma, prior=None):
    """u = max(surplus, 0) ** gamma with surpluses price - seller and buyer - price; a uniform prior by default."""
    s, b, p = (Rationals.of(x) for x in (seller, buyer, prices))
    uniform = outer([Rationals.of([F(1, len(x))] * len(x)) for x in (s, b)])
    return trade_at_prices(
        (Agent.of("seller", s.fractions()), Agent.of("buyer", b.fractions())),
        p,
        (p - s.reshape(-1, 1, 1), b.reshape(1, -1, 1) - p),
        (F(gamma), F(gamma)),
        uniform if prior is None else Rationals.of(prior),
    )


def test_what_is_no_trade_at_prices_is_refused():
    """Prices increase, and a prior has no negative chances; some pairs of types may be impossible."""
    assert trade([0, 1], [0, 1], [0, 1], 1, [["1/2", 0], [0, "1/2"]]).num_profiles == 4
    for prices in ([0, "1/2", "1/2"], [0, "1/2", "1/4"], [1, 0]):
        with pytest.raises(InvalidEnvironment, match="prices must increase"):
            trade([0, 1], [0, 1], prices, 1)
    for prior in ([["3/2", 0], [0, "-1/2"]], [["1/2", 0], [0, "1/4"]]):
        with pytest.raises(InvalidEnvironment, match="prior must be probabilities"):
            trade([0, 1], [0, 1], [0, 1], 1, prior)


def at_prices(environment, received, paid):
    """The mechanism with given marginals."""
    allocation = environment.prices.lottery(received, paid)
    return Mechanism(environment, allocation, Rationals.zeros((2, *environment.shape)))


def lottery_over_prices(environment, chances):
    allocation = environment.prices.drawn(chances)
    return Mechanism(environment, allocation, Rationals.zeros((2, *environment.shape)))


def welfare_of(mechanism):
    """What the expected sum of utilities surely is at least, and at most."""
    ends = []
    for sign in (1, -1):
        aim = goal(price_design(mechanism.environment))
        turned = replace(
            aim, allocation=aim.allocation * sign, stakes=None if aim.stakes is None else aim.stakes * sign
        )
        ends.append(sign * attained(turned, mechanism))
    return tuple(ends)


def steps(count, parts, start=F(0)):
    return [start + F(k, parts) for k in range(count)]


def close(value, case, name):
    return abs(float(value) - case["expected"][name]) <= case["tol"][name]


def solved(environment, **asked):
    answer = price_design(environment, **asked).solve(control=False)
    assert answer.certified
    return answer


def test_powers_enclose_and_are_exact_where_rational():
    low, high = power(Rationals.of([0, F(1, 9), 2, F(1, 3)]), F(3, 2))
    assert low[0] == high[0] == 0
    assert low[1] == high[1] == F(1, 27)
    for k, x in ((2, F(2)), (3, F(1, 3))):
        assert low[k] ** 2 < x**3 < high[k] ** 2
        assert high[k] - low[k] == F(1, 2**60)


def test_risk_neutral_optimum_is_a_posted_price_on_a_common_lattice():
    case = CASES["C-rn-4"]
    m = case["params"]["m"]
    answer = solved(trade(steps(m, m - 1), steps(m, m - 1), steps(2 * m - 1, 2 * (m - 1)), 1))
    assert answer.status == "optimal"
    assert answer.value == answer.posted[1] == F(3, 16)
    assert close(answer.value, case, "value")


@pytest.mark.parametrize("m", [2, 4, 8])
def test_offset_grids_leave_exactly_a_sixteenth_of_a_step(m):
    environment = trade(steps(m, m), steps(m, m, F(1, 2 * m)), steps(4 * m + 1, 4 * m), 1)
    answer = solved(environment)
    assert answer.value - answer.posted[1] == F(1, 16 * m)
    if m == 8:
        assert close(answer.value, CASES["C-rn-offset-8"], "lp")
        assert close(answer.posted[1], CASES["C-rn-offset-8"], "posted")


def test_uneven_weights_beat_posted_prices_on_a_grid_without_risk_aversion():
    # Weight 1 on (0, 1/3) and 2 on (2/3, 1): Corollary 12 is about intervals.
    prior = np.full((4, 4), F(0), dtype=object)
    prior[0, 1], prior[2, 3] = F(1, 3), F(2, 3)
    answer = solved(trade(steps(4, 3), steps(4, 3), steps(13, 12), 1, prior))
    assert answer.value * 3 == F(5, 6)
    assert answer.posted[1] * 3 == F(2, 3)


@pytest.mark.parametrize(("name", "k"), [("C-xpce-6-1-4", 4), ("C-xpce-11-0.5-11", 11)])
def test_posted_price_is_undominated_iff_it_is_a_type(name, k):
    case = CASES[name]
    m = case["params"]["m"]
    environment = trade(
        steps(m, m - 1), steps(m, m - 1), steps(2 * m - 1, 2 * (m - 1)), F(str(case["params"]["gamma"]))
    )
    at = Rationals((np.arange(2 * m - 1) == k).astype(int))
    answer = solved(environment, objective="undominated", kind="posted", distribution=at)
    scale = m * m  # "equal weights" sum over profiles; ours are probabilities
    assert case["params"]["price"] == pytest.approx(float(environment.prices.grid[k]))
    if case["expected"]["gain"] < 1e-9:
        assert (answer.status, answer.bound) == ("undominated", 0)
    else:
        assert answer.status == "dominated"
        gains = [float(answer.value), float(answer.value) * scale]
        assert min(abs(g - case["expected"]["gain"]) for g in gains) < 1e-6
        given = lottery_over_prices(environment, at)
        assert audit(answer.mechanism, answer.design).passed
        for k in range(2):  # nobody is worse off at any profile, in floats and by the definition
            assert np.all(answer.mechanism.payoff(k).float >= given.payoff(k).float - 1e-15)
        assert answer.bound - answer.value < F(1, 10**6)


def test_simple_mechanism_dominates_the_lottery_it_comes_from():
    case = CASES["C-ex8-grid"]
    m = case["params"]["m"]
    environment = trade(steps(m, m - 1), steps(m, m - 1), steps(m, m - 1), F(1, 2))
    chances = Rationals.of([F(1, m)] * m)
    lottery, simple = lottery_over_prices(environment, chances), SimpleMechanism(environment, chances)
    assert close(welfare_of(lottery)[0], case, "lottery")
    assert close(simple.welfare()[0], case, "simple")
    assert audit(lottery, price_design(environment)).passed
    assert simple.audit().passed
    for k in range(2):
        assert not np.any(simple.utilities(k)[1] < lottery.payoff(k))


@pytest.mark.parametrize("gamma", [F(1), F(1, 2), F(2, 3)])
def test_example_4_ratio_is_at_least_its_closed_form(gamma):
    # The midpoint mechanism of a fine uniform F against the uniform lottery, from u(x) = x ** g: ratio >= (1 + g) / 2 ** g.
    n = 60
    environment = trade([0], [1], steps(n, n, F(1, 2 * n)), gamma)
    chances = Rationals.of([F(1, n)] * n)
    ratio = (
        SimpleMechanism(environment, chances).welfare()[0]
        / welfare_of(lottery_over_prices(environment, chances))[1]
    )
    assert float(ratio) == pytest.approx(float(1 + gamma) / 2 ** float(gamma), rel=2e-3)


def test_proposition_13_holds_for_equal_powers_only():
    rng = np.random.default_rng(13)
    for gamma in (F(1), F(3, 10), F(2, 3)):
        weights = rng.integers(0, 9, 9)
        environment = trade(steps(7, 6), steps(5, 4), steps(9, 8), gamma)
        mechanism = SimpleMechanism(environment, Rationals(weights, int(weights.sum())))
        assert mechanism.audit().passed
    path = ROOT / "configs/copic-ponsati-2006-proposition-13.yaml"
    broken = mechlp.read(path, overrides={"gamma_b": "1"}).design.solve()
    assert broken.status == "infeasible"
    assert float(broken.audit.worst[0].amount) > 0.05
    # The same violation from the definition, in floats.
    x = np.arange(11) / 10
    inside = (x[None, None] >= x[:, None, None]) & (x[None, None] <= x[None, :, None])
    mass = inside.sum(axis=2) / 11
    price = (inside * x).sum(axis=2) / np.maximum(inside.sum(axis=2), 1)
    told = mass[None] ** 0.5 * np.maximum(x[:, None, None] - price[None], 0)  # (true buyer, seller, report)
    truth = told[np.arange(11), :, np.arange(11)][:, :, None]
    assert float(broken.audit.worst[0].amount) == pytest.approx((told - truth).max())


TABLE = {
    "1": (0.125, 0.125, 0.125),
    "7/10": (0.188103, 0.188252, 0.188276),
    "1/2": (0.266993, 0.267692, 0.267857),
    "3/10": (0.407971, 0.412161, 0.413536),
}


@pytest.mark.parametrize(("column", "m"), list(enumerate((10, 20, 40))))
@pytest.mark.parametrize("gamma", TABLE)
def test_table_of_ex_ante_optimal_simple_mechanisms(gamma, column, m):
    path = ROOT / "configs/copic-ponsati-2006-ex-ante-optimum.yaml"
    answer = mechlp.read(path, overrides={"gamma": gamma, "m": str(m)}).design.solve(control=False)
    assert round(float(answer.value), 6) == TABLE[gamma][column]
    assert 0 <= answer.bound - answer.value < F(1, 10**7)
    if gamma == "1":
        assert (answer.status, answer.value) == ("optimal", F(1, 8))
    else:
        spread = answer.simple.distribution.float
        assert np.allclose(spread, spread[::-1], atol=1e-5)
        assert spread.argmax() == m // 2


@pytest.mark.parametrize("name", [k for k in CASES if k.startswith("C-simple-mid")])
def test_best_simple_mechanism_brackets_the_known_value(name):
    case = CASES[name]
    gamma, m = F(str(case["params"]["gamma"])), case["params"]["m"]
    types = steps(m, m, F(1, 2 * m))
    answer = solved(trade(types, types, steps(m + 1, m), gamma), kind="simple")
    assert close(answer.value, case, "value")
    assert case["expected"]["value"] - 1e-9 <= float(answer.bound)
    assert float(answer.value) <= case["expected"]["upper"] + 1e-9


@pytest.mark.parametrize("gamma", [F(7, 10), F(1, 2), F(3, 10)])
def test_power_cones_and_the_monotone_iteration_agree(gamma):
    pytest.importorskip("cvxpy")
    environment = trade(steps(8, 8, F(1, 16)), steps(8, 8, F(1, 16)), steps(9, 8), gamma)
    traders = SimpleMechanism(environment, Rationals(np.eye(9, dtype=int)[0]))
    value = welfare(traders)
    by_cones, by_steps = conic(traders), iterate(value, np.ones(9), float(gamma))
    assert value(by_cones / by_cones.sum())[0] == pytest.approx(value(by_steps)[0], abs=1e-7)


def test_tangents_bound_every_distribution():
    rng = np.random.default_rng(7)
    environment = trade(steps(5, 4), steps(5, 4), steps(9, 8), F(2, 5))
    tops = []
    for _ in range(12):
        weights = rng.integers(0, 6, 9) + np.eye(9, dtype=int)[rng.integers(9)]
        mechanism = SimpleMechanism(environment, Rationals(weights, int(weights.sum())))
        tops.append((mechanism.welfare()[0], best_simple_bound(mechanism)))
    assert max(value for value, _ in tops) <= min(bound for _, bound in tops)


@pytest.mark.parametrize("name", ["C-lp-1-6", "C-lp-0.5-4"])
def test_best_mechanism_of_all_against_the_best_simple_one(name):
    case = CASES[name]
    gamma, m = F(str(case["params"]["gamma"])), case["params"]["m"]
    types = steps(m, m - 1)
    best = solved(trade(types, types, steps(4 * m - 3, 4 * (m - 1)), gamma))
    assert close(best.value, case, "lp") and close(best.bound, case, "lp")
    simple = solved(trade(types, types, types, gamma), kind="simple")
    assert close(simple.value, case, "simple")
    assert audit(best.mechanism, best.design).passed


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs").glob("copic-ponsati-*.yaml")), ids=lambda p: p.stem
)
def test_every_answer_is_certified_and_verifies_and_a_spoiled_one_does_not(path, shipped):
    saved = shipped(path.stem)
    assert saved["certified"]
    assert verify(saved).accepted
    spoiled = copy.deepcopy(saved)
    if saved["bound"] is not None:
        spoiled["bound"] = str(F(saved["bound"]) - F(1, 1000))
    else:
        spoiled["status"] = "infeasible" if saved["status"] != "infeasible" else "feasible"
    assert not verify(spoiled).accepted
    spoiled["sha256"] = checksum(spoiled)
    assert not verify(spoiled).accepted


def test_a_spoiled_mechanism_or_multiplier_is_refused():
    types = steps(4, 3)
    document = {
        "agents": {
            "seller": {"types": {"from": "0", "to": "1", "count": "4"}},
            "buyer": {"types": list(map(str, types))},
        },
        "outcomes": "prices",
        "prices": {"grid": list(map(str, steps(7, 6))), "power": "1/2"},
        "objective": "surplus",
    }
    saved = mechlp.files.read_document(document).design.solve().to_json()
    assert verify(saved).accepted
    for change in ("mechanism", "multipliers", "value"):
        spoiled = copy.deepcopy(saved)
        if change == "mechanism":
            cell = next(iter(spoiled["rules"][0]["lotteries"].values()))
            side = next(iter(cell.values()))
            price = next(iter(side))
            side[price] = str(F(side[price]) * 2)
        elif change == "multipliers":
            rows = spoiled["certificate"]["multipliers"]
            rows.remove(max(rows, key=lambda row: F(row["multiplier"])))
        else:
            spoiled["value"] = str(F(spoiled["value"]) + F(1, 10**6))
        spoiled["sha256"] = checksum(spoiled)
        assert not verify(spoiled).accepted, change


def test_audit_finds_what_a_mechanism_breaks():
    environment = trade(steps(3, 2), steps(3, 2), steps(3, 2), 1)
    nothing = np.full((3, 3, 3), F(0), dtype=object)
    for kind, cell, chance in (
        ("IR", (1, 1, 2), F(1)),  # the buyer of value 1/2 pays 1
        ("lottery", (0, 2, 1), F(2)),
        ("IC", (1, 2, 2), F(1)),  # the seller of cost 0 would say 1/2
    ):
        side = nothing.copy()
        side[cell] = chance
        marginal = Rationals.of(side)
        broken = {
            v.kind for v in audit(at_prices(environment, marginal, marginal), price_design(environment)).worst
        }
        assert kind in broken
    side = nothing.copy()
    side[0, 2, 2] = 1
    with pytest.raises(
        ValueError, match="prices: the seller would get more"
    ):  # she gets 1, the buyer pays nothing
        at_prices(environment, Rationals.of(side), Rationals.of(nothing))


def test_money_is_never_burnt_to_advantage_but_may_be():
    # The buyer pays 1, the seller gets 0: worthless to both, and a lottery all the same.
    environment = trade([0], [1], [0, 1], 1)
    mechanism = at_prices(environment, Rationals.of([[[1, 0]]]), Rationals.of([[[0, 1]]]))
    assert audit(mechanism, price_design(environment)).passed
    assert welfare_of(mechanism) == (0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("power: 2", "is not in \\(0, 1\\]"),
        ("power: {seler: 1}", "no agent is named 'seler'"),
        ("mechanism: {posted: 1/3}", "the price 1/3 is not in prices.grid"),
        ("mechanism: {lottery: {0: 1/2}}", "sum to 1"),
        ("mechanism: {lottery: uniform, posted: 0}", "exactly one"),
        (
            'mechanism: {price: (seller + buyer)/2, chance: "max(0, buyer - seller)**(1/2)"}',
            "irrational at some of these types: .*mechlp continuum.*simple-from",
        ),
        ("grids: 3", "unknown key 'prices.grids'|unknown key"),
        ("weights: {seller: -1}", "negative"),
    ],
)
def test_mistakes_in_the_prices_section_are_told_with_the_line(change, said):
    text = f"""agents: {{seller: [0, 1/2], buyer: [1/2, 1]}}
outcomes: prices
prices:
  grid: [0, 1/2, 1]
  {change}
"""
    with pytest.raises(InvalidFile, match=said):
        read_text(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agents: {seller: [0], buyer: [1]}\noutcomes: prices\n", "needs `prices"),
        ("agents: {a: [0], buyer: [1]}\noutcomes: prices\nprices: {grid: [0, 1]}\n", "takes two agents"),
        (
            "agents: {seller: [0], buyer: [1]}\noutcomes: [x]\nprices: {grid: [0, 1]}\n",
            "goes with `outcomes: prices`",
        ),
        (
            "agents: {seller: [0], buyer: [1]}\noutcomes: [x]\nobjective: undominated\n",
            "goes with `outcomes: prices`",
        ),
        (
            "agents: {seller: [0], buyer: [1]}\noutcomes: prices\nprices: {grid: [0, 1]}\nrequire: {ic: bayesian}\n",
            "this is ex-post",
        ),
        (
            "agents: {seller: [0], buyer: [1]}\noutcomes: prices\nprices: {grid: [0, 1]}\ntransfers: free\n",
            "there are no transfers",
        ),
        *(
            (f"agents: {{seller: [0], buyer: [1]}}\noutcomes: prices\nprices: {{grid: [0, 1]}}\n{extra}\n", said)
            for extra, said in (
                ("constraints: {few: {allocation: {trade: 1}, at-most: 1/4, each: expected}}", "has no use for constraints"),
                ("money: {buyer: 2}\nmay-report: {buyer: 1}", "has no use for money, may-report .*: leave them out"),
                ("beliefs: {sets: {buyer: everything, seller: everything}}", "only a prior counts"),
                ("require: {ic: {notion: ex-post, slack: 1/2}}", "without slack"),
            )
        ),
        (
            "agents: {seller: [0], buyer: [1]}\noutcomes: prices\nprices: {grid: [0, 1], mechanism: simple}\n"
            "payoffs: {trade: {seller: 2*price - seller}}\n",
            "needs payoffs price - seller",
        ),
        ("agents: {seller: [0], buyer: [1]}\noutcomes: prices\nprices: {grid: [1, 0]}\n", "must increase"),
    ],
)
def test_mistakes_around_prices_are_told(text, said):
    with pytest.raises(InvalidFile, match=said):
        read_text(text)


def test_too_large_a_program_is_refused_with_its_size():
    types = steps(60, 59)
    design = price_design(trade(types, types, steps(101, 100), 1))
    with pytest.raises(TooLarge, match=r"87,264,000 entries .* GiB"):
        design.solve()


def test_more_pairs_of_prices_than_can_be_laid_out_are_refused_with_their_number():
    types = steps(80, 79)
    with pytest.raises(InvalidEnvironment, match=r"20,301 pairs of prices = 129,926,400 cells; at most"):
        trade(types, types, steps(201, 200), 1)
