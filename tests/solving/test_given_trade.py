"""Mechanisms for trade at prices that are given profile by profile, their welfare, and trade that is asked for sure."""

import copy
import json
from fractions import Fraction as F

import numpy as np
import pytest

from mechlp.checking.verify import verify
from mechlp.exact.saved import checksum
from mechlp.files import InvalidFile, read_text
from mechlp.question.design import InvalidDesign
from mechlp.question.prices import kind_of, price_design
from mechlp.study.midpoint import UniformLottery


def read(mechanism, m=5, power="1", objective="undominated", grid=None, more=""):
    return read_text(f"""
agents:
  seller: {{types: {{from: 0, to: 1, count: {m}}}}}
  buyer: {{types: {{from: 0, to: 1, count: {m}}}}}
outcomes: prices
prices:
  grid: {grid or f"{{from: 0, to: 1, count: {m}}}"}
  power: {power}
  mechanism: {mechanism}
  {more}
objective: {objective}
""").design


MIDPOINT = '{price: (seller + buyer)/2, chance: "max(0, buyer - seller)"}'
HALVES = "[1/8, 3/8, 5/8, 7/8]"  # between the types 0, 1/4, ..., 1


# -- a mechanism given by (pi, phi) -----------------------------------------------------------------
def test_the_midpoint_mechanism_is_the_simple_one_of_a_uniform_distribution():
    """Example 4 with linear utility, by formulas, as a table, and by Proposition 13: one mechanism."""
    by_formula = read(MIDPOINT, grid="[0]")
    steps = [F(k, 4) for k in range(5)]
    price = [[str((s + b) / 2) for b in steps] for s in steps]
    chance = [[str(max(F(0), b - s)) for b in steps] for s in steps]
    by_table = read(json.dumps({"price": price, "chance": chance}), grid="[0]")
    by_distribution = read("{simple-from: uniform}", grid=HALVES)
    assert kind_of(by_formula) == "table"
    used = {
        p
        for p, on in zip(by_formula.environment.prices.grid.fractions(), _used(by_formula), strict=True)
        if on
    }
    assert used == {(s + b) / 2 for s in steps for b in steps if s < b}
    for other in (by_table, by_distribution):
        assert _by_price(other) == _by_price(by_formula)
    assert by_formula.solve(rates=False).welfare == (
        F(1, 8),
        F(1, 8),
    )  # sum of (b - s)^2 over 25 profiles, in quarters: 50/16


def _used(design):
    return design.environment.prices.marginals(design.wants.allocation)[1].sum(axis=(0, 1)).numerator != 0


def _by_price(design):
    prices = design.environment.prices
    chances = prices.marginals(design.wants.allocation)[1]
    return {
        (i, j, prices.grid[k]): chances[i, j, k]
        for i, j, k in map(tuple, np.argwhere(chances.numerator != 0).tolist())
    }


def test_a_mechanism_that_is_not_incentive_compatible_is_not_compared():
    with pytest.raises(InvalidDesign, match="none of those compared: IC"):
        read(MIDPOINT, power="1/2", grid="[0]").solve()
    assert read(MIDPOINT, power="1/2", grid="[0]", objective="feasibility").solve().status == "infeasible"
    assert read(MIDPOINT, grid="[0]", objective="feasibility").solve().status == "feasible"


def test_example_4_under_risk_aversion_where_its_chances_are_rational():
    """With types 0, 9/25 and 9/25, 1 the roots of the gains are 0, 3/5, 4/5 and 1."""
    text = """
agents: {seller: [0, 9/25], buyer: [9/25, 1]}
outcomes: prices
prices:
  grid: [0]
  power: 1/2
  mechanism: {price: (seller + buyer)/2, chance: "max(0, buyer - seller)**(1/2)"}
objective: feasibility
"""
    found = read_text(text).design.solve()
    assert found.status == "feasible"  # the audit is exact, the utilities are irrational
    assert float(found.welfare[0]) == pytest.approx(
        sum((0.36, 1, 0.64)) * 2**0.5 / 4
    )  # each gets (b - s) / sqrt(2)
    worse = read_text(text.replace("**(1/2)", "**2")).design.solve()
    assert worse.status == "infeasible"


# -- is a simple mechanism undominated? ------------------------------------------------------------
def test_probability_distributions_are_undominated_under_risk_neutrality():
    """Corollary 12, on a common lattice, and its other half: mass that is missing can be added."""
    for chances in ("uniform", "{1/4: 1/2, 3/4: 1/2}"):
        simple, lottery = (
            read(f"{{{kind}: {chances}}}").solve(rates=False) for kind in ("simple-from", "lottery")
        )
        assert simple.status == lottery.status == "undominated" and simple.welfare == lottery.welfare
    half = read('{price: 1/2, chance: "1/2 if seller <= 1/2 and buyer >= 1/2 else 0"}').solve(rates=False)
    assert (
        half.status == "dominated" and half.value == half.welfare[0] > 0
    )  # trade for sure at 1/2 doubles it


IRRATIONAL = """
agents: {{seller: [0, 1/3], buyer: [1/2, 1]}}
outcomes: prices
prices: {{grid: {{from: 0, to: 1, count: 5}}, power: {power}, mechanism: {{simple-from: uniform}}}}
objective: undominated
"""


def test_a_simple_mechanism_with_irrational_chances_is_compared_between_their_ends():
    """The dominating mechanism against the formula of Proposition 13, worked out anew."""
    found = read_text(IRRATIONAL.format(power="1/2")).design.solve(rates=False)
    assert found.status == "dominated" and found.certified and found.bound - found.value < F(1, 10**6)
    assert verify(found.to_json()).accepted
    grid, gain = [k / 4 for k in range(5)], 0.0
    received, paid = found.design.environment.prices.marginals(found.mechanism.allocation)
    own = found.design.environment.prices.grid.float
    for i, s in enumerate((0, 1 / 3)):
        for j, b in enumerate((1 / 2, 1)):
            inside = [p for p in grid if s <= p <= b]
            before = [
                (sum(x) / 5) ** 0.5 for x in ([p - s for p in inside], [b - p for p in inside])
            ]  # (A (mean - s)) ** g
            after = (
                received.float[i, j] @ np.maximum(own - s, 0) ** 0.5,
                paid.float[i, j] @ np.maximum(b - own, 0) ** 0.5,
            )
            assert all(x > y - 1e-12 for x, y in zip(after, before, strict=True))
            gain += (sum(after) - sum(before)) / 4
    assert float(found.value) == pytest.approx(gain, abs=1e-9)
    worse = found.to_json()
    worse["value"] = str(F(worse["value"]) + F(1, 10**18))
    worse["sha256"] = checksum({k: v for k, v in worse.items() if k != "sha256"})
    assert not verify(worse).accepted
    with pytest.raises(InvalidDesign, match="none of those compared"):
        read_text(IRRATIONAL.format(power="{seller: 1/2, buyer: 1}")).design.solve(rates=False)


def test_where_nothing_surely_dominates_irrational_chances_a_bound_is_left():
    found = read("{simple-from: uniform}", power="1/2").solve(rates=False)
    assert found.status == "undecided" and found.value is None and 0 <= found.bound < F(1, 10**9)
    assert verify(found.to_json()).accepted


# -- welfare of what is given ------------------------------------------------------------------------
def test_welfare_of_a_posted_price():
    found = read("{posted: 1/2}", objective="feasibility").solve()
    gains = [F(b - s, 4) for s in range(3) for b in range(2, 5)]
    assert found.welfare == (sum(gains) / 25,) * 2
    low, high = read("{posted: 1/2}", power="1/2", objective="feasibility").solve().welfare
    value = sum((0.5 - s / 4) ** 0.5 + (b / 4 - 0.5) ** 0.5 for s in range(3) for b in range(2, 5)) / 25
    assert low < high < low + F(1, 10**9) and float(low) == pytest.approx(value)


@pytest.mark.parametrize("mechanism", ["{posted: 1/2}", "{simple-from: uniform}", MIDPOINT])
def test_welfare_is_rechecked(mechanism):
    data = json.loads(
        json.dumps(read(mechanism, objective="feasibility", grid="[0, 1/2, 1]").solve().to_json())
    )
    assert verify(data).accepted and F(data["welfare"][0]) > 0
    spoiled = copy.deepcopy(data)
    spoiled["welfare"][1] = "99"
    spoiled["sha256"] = checksum({k: v for k, v in spoiled.items() if k != "sha256"})
    assert not verify(spoiled).accepted


def test_a_tabulated_mechanism_is_written_and_read_again():
    design = read(MIDPOINT, grid="[0]")
    prices = design.environment.prices
    chances = prices.marginals(design.wants.allocation)[1]
    made = price_design(design.environment, "undominated", "table", chances)
    data = made.solve(rates=False).to_json()
    assert "price" in data["problem"]["prices"]["mechanism"] and verify(json.loads(json.dumps(data))).accepted


# -- trade for sure ------------------------------------------------------------------------------------
@pytest.mark.parametrize("power", ["1", pytest.param("1/2", marks=pytest.mark.slow)])
def test_efficient_trade_is_impossible_from_four_types_on(power):
    """Proposition 5, also under risk aversion; it fails on three types."""
    grid, more = "{from: 0, to: 1, count: 7}", "always-trade: true"
    few = read("chosen", 3, power, "surplus", "{from: 0, to: 1, count: 5}", more).solve(
        rates=False, control=False
    )
    assert few.status in ("optimal", "bracket")
    chances = few.mechanism.allocation[0]
    assert all(chances[i, j] == 0 for i in range(3) for j in range(3) if i < j)
    many = read("chosen", 4, power, "surplus", grid, more).solve(rates=False, control=False)
    assert many.status == "infeasible" and many.certified
    assert verify(json.loads(json.dumps(many.to_json()))).accepted
    free = read("chosen", 4, power, "surplus", grid).solve(rates=False, control=False)
    assert free.value is not None


@pytest.mark.parametrize(
    ("mechanism", "said"),
    [
        ("{price: 1/2}", "exactly one of"),
        ("{price: 1/2, chance: 2}", "between 0 and 1"),
        ("{price: 1/2, chance: sqrt(buyer)}", "irrational"),
        ("{price: 1/2, chance: 1, posted: 1}", "exactly one of"),
    ],
)
def test_what_is_no_mechanism(mechanism, said):
    with pytest.raises(InvalidFile, match=said):
        read(mechanism)


@pytest.mark.parametrize("mechanism", ["{posted: 1/2}", "simple"])
def test_always_trade_is_about_a_mechanism_to_be_chosen(mechanism):
    with pytest.raises(InvalidFile, match="goes with `mechanism: chosen`"):
        read(mechanism, objective="feasibility", more="always-trade: true")


# -- Example 8 ---------------------------------------------------------------------------------------
def test_the_ratio_of_example_8():
    """At gains d the lottery is worth d^(1+g)/(1+g), the midpoint mechanism d^(2g)/2^g, to each trader in the continuum."""
    for g in (F(1, 2), F(1, 4), F(1)):
        low, high = UniformLottery(5, g).continuum
        expected = float(1 + g) / 2 ** float(g)
        assert low <= high < low + F(1, 10**12) and float(low) == pytest.approx(expected)
        form = UniformLottery(9, g)
        least = form.least_ratio()[0]
        lottery, simple = form.mechanism(), form.simple()
        # an independent computation at one profile: types 1/8 and 7/8
        ps = [p for p in form.prices if F(1, 8) < p < F(7, 8)]
        drawn = sum((float(p) - 0.125) ** float(g) for p in ps) / 8
        mean = 0.75 ** float(g) * 0.375 ** float(g)
        assert float(simple.utilities(0)[0][1, 7]) == pytest.approx(mean)
        worth = (lottery.allocation * lottery.environment.utility[0]).sum(axis=0)
        assert float(worth[1, 7]) == pytest.approx(drawn)
        assert float(least) <= mean / drawn + 1e-12
