"""Known means at the ends of [0, 1] or the wrong way round, and what a given rule without lotteries guarantees."""

import csv
import json
import math
from fractions import Fraction as F
from itertools import pairwise

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.optimize import linprog

from mechlp import Design
from mechlp.beliefs.correlation import positive_correlation
from mechlp.cli import main
from mechlp.closed_forms.extreme_means import NoTrade, OneTypeKnown, robust_trade
from mechlp.closed_forms.known_means import unit_grid
from mechlp.closed_forms.robust_trade import DeterministicTrade, InvalidMeans, RobustTrade, posted
from mechlp.closed_forms.trade_boundary import TradeBoundary
from mechlp.environment.model import Environment, InvalidEnvironment
from mechlp.exact.numbers import Rationals
from mechlp.mechanism.virtual import virtual_values
from mechlp.study.robust_trade import saddle


def run(*arguments):
    return CliRunner().invoke(main, ["closed-form", *arguments])


def saddle_of(form, n):
    mechanism = form.mechanism(unit_grid(n))
    question = Design(mechanism.environment, ic="ex-post", ir="ex-post", objective="revenue")
    return saddle(question, mechanism, form.prior(n))


# -- means at the ends --------------------------------------------------------------------------
def test_a_known_type_leaves_one_buyer_or_one_seller():
    buyer, seller = robust_trade(F(1, 2), F(0)), robust_trade(F(1), F(1, 2))
    assert isinstance(buyer, OneTypeKnown) and isinstance(seller, OneTypeKnown)
    r = buyer.value
    assert r - r * math.log(r) == pytest.approx(0.5, abs=1e-12) and seller.value == r
    # the limits of the general form
    assert RobustTrade(F(1, 2), F(1, 10**8)).value == pytest.approx(r, abs=3e-4)
    assert RobustTrade(1 - F(1, 10**8), F(1, 2)).value == pytest.approx(r, abs=3e-4)
    found, mirrored = saddle_of(buyer, 7), saddle_of(seller, 7)
    assert found == mirrored and r < found.guarantee <= found.best < r + F(1, 6)
    assert saddle_of(buyer, 2).residual == 0


def test_the_chance_of_a_known_seller_is_best_against_its_prior():
    """An independent program: one buyer on a grid, revenue guaranteed over all distributions with the mean."""
    m, mean = 11, 0.5
    h = 1 / (m - 1)
    rows, rhs = [], []
    for i in range(m):  # l b_i + mu <= b_i q_i - h sum_{k<i} q_k
        row = np.zeros(m + 2)
        row[m], row[m + 1], row[i] = i * h, 1, -i * h
        row[:i] += h
        rows.append(row), rhs.append(0)
    for i in range(m - 1):
        row = np.zeros(m + 2)
        row[i], row[i + 1] = 1, -1
        rows.append(row), rhs.append(0)
    bounds = [(0, 1)] * m + [(None, None)] * 2
    best = -linprog([0] * m + [-mean, -1], rows, rhs, bounds=bounds).fun
    found = saddle_of(robust_trade(F(1, 2), F(0)), m)
    assert float(found.guarantee) <= best + 1e-9 and best <= float(found.best) + 1e-9


@pytest.mark.parametrize(
    "means", [(F(2, 5), F(3, 5)), (F(1, 2), F(1, 2)), (F(0), F(1)), (F(0), F(0)), (F(1), F(1))]
)
def test_nothing_is_guaranteed_where_the_cost_may_exceed_the_value(means):
    form = robust_trade(*means)
    assert isinstance(form, NoTrade) and form.value == 0
    for n in (2, 4):
        found = saddle_of(form, n)
        assert (found.guarantee, found.best) == (0, 0)


@pytest.mark.parametrize("means", [(F(1), F(0)), (F(3, 2), F(0)), (F(1), F(-1, 2))])
def test_means_for_which_nothing_is_asked(means):
    with pytest.raises(InvalidMeans):
        robust_trade(*means)


# -- a given rule without lotteries -----------------------------------------------------------------
M = F(8, 9), F(1, 9)  # square roots of 1 - M_B and of M_S are 1/3


@pytest.mark.parametrize(
    "corner", [(F(2, 3), F(1, 3)), (F(5, 6), F(1, 6)), (F(3, 4), F(1, 4)), (F(7, 10), F(1, 10))]
)
def test_every_rule_of_theorem_3_guarantees_the_best_value(corner):
    boundary = TradeBoundary(((F(2, 3), F(0)), corner, (F(1), F(1, 3))))
    assert boundary.guarantee(*M).value == F(1, 9)
    assert DeterministicTrade(*M).value == pytest.approx(1 / 9)


def test_below_the_line_or_through_other_points_less_is_guaranteed():
    below = TradeBoundary(((F(2, 3), F(0)), (F(9, 10), F(1, 10)), (F(1), F(1, 3))))
    assert below.guarantee(*M).value < F(1, 9)
    for b in range(1, 6):
        for s in range(1, 6):
            corners = ((F(b, 6), F(0)), (F(b, 6), F(s, 6)), (F(1), F(s, 6)))
            if (b, s) != (4, 2):
                assert TradeBoundary(corners).guarantee(*M).value < F(1, 9)


def test_posted_thresholds_have_their_closed_form():
    for b, s in ((F(1, 2), F(1, 4)), (F(3, 5), F(2, 5)), (F(1, 3), F(1, 2))):
        found = TradeBoundary(((b, F(0)), (b, s), (F(1), s))).guarantee(F(4, 5), F(1, 5)).value
        chance = max(F(0), 1 - F(1, 5) / (1 - b) - F(1, 5) / s)
        # where trade loses money Nature makes it as likely as she can
        assert found == (b - s) * chance if b >= s else found < 0


def revenue(boundary, b, s):
    """What the buyer pays less what the seller gets, by bisection along the two sides."""
    if not boundary.trades(F(b), F(s)):
        return 0.0
    ends = []
    for start, stop, trades in (
        (b, 0.0, lambda x: boundary.trades(F(x), F(s))),
        (s, 1.0, lambda x: boundary.trades(F(b), F(x))),
    ):
        for _ in range(30):
            middle = (start + stop) / 2
            start, stop = (middle, stop) if trades(middle) else (start, middle)
        ends.append(start)
    return ends[0] - ends[1]


@pytest.mark.parametrize(
    ("corners", "means"),
    [
        (((2, 0), (2, 1), (6, 4), (6, 7), (10, 8)), (8, 3)),
        (((5, 0), (8, 1), (9, 2), (10, 4)), (9, 1)),
        (((6, 0), (6, 2), (8, 2), (10, 4)), (9, 1)),
    ],
)
def test_the_guarantee_is_that_of_fine_samples(corners, means):
    boundary = TradeBoundary(tuple((F(b, 10), F(s, 10)) for b, s in corners))
    eps = 1e-4
    points = sorted({min(1.0, max(0.0, k / 10 + d)) for k in range(11) for d in (-eps, 0, eps)})
    cells = [(b, s) for b in points for s in points]
    rows = [[1] * len(cells), [b for b, _ in cells], [s for _, s in cells]]
    sampled = linprog(
        [revenue(boundary, *c) for c in cells], A_eq=rows, b_eq=[1, means[0] / 10, means[1] / 10]
    )
    found = boundary.guarantee(F(means[0], 10), F(means[1], 10)).value
    assert sampled.fun == pytest.approx(float(found), abs=2e-3) and sampled.fun >= float(found) - 1e-7


@pytest.mark.parametrize(
    ("corners", "said"),
    [
        (((F(1, 2), F(0)),), "2 to 100 corners"),
        (((F(1, 2), F(0)), (F(1), F(2))), "is not in"),
        (((F(1, 2), F(0)), (F(1, 3), F(1, 3)), (F(1), F(1, 2))), "rises"),
        (((F(1, 2), F(1, 3)), (F(1), F(1, 2))), "from cost 0 to value 1"),
    ],
)
def test_what_is_no_boundary(corners, said):
    with pytest.raises(InvalidMeans, match=said):
        TradeBoundary(corners)


def test_the_command_says_what_a_rule_guarantees():
    printed = run("trade-boundary")
    assert "guarantees exactly 1/9 (0.11111111)" in printed.output
    data = json.loads(run("trade-boundary", "--json").output)
    assert data["numbers"]["guarantee"] == "1/9" and F(data["numbers"]["guarantee_on_grid"]) >= F(1, 9)


# -- virtual values and correlation ------------------------------------------------------------------
@pytest.mark.parametrize("means", [(F(7, 10), F(3, 10)), (F(4, 5), F(1, 2)), (F(2, 3), F(0))])
def test_virtual_values_add_up_to_revenue(means):
    form = robust_trade(*means)
    prior = form.prior(6)
    for mechanism in (form.mechanism(unit_grid(6)), posted(6, *means, (F(3, 5), F(1, 5)))):
        values = virtual_values(mechanism.environment, prior)
        assert (values * mechanism.allocation).sum() == -(mechanism.transfers.sum(axis=0) * prior).sum()


def test_virtual_values_of_an_auction_are_myersons():
    """Independent uniform values 1, 2, 3: v - (1 - F)/f on the grid is 2v - 3."""
    types = [1, 2, 3]
    own = [[[v] * 3 for v in types], [types] * 3]
    nothing = [[0] * 3] * 3
    from mechlp.environment.model import Agent

    environment = Environment(
        (Agent.of("one", types), Agent.of("two", types)),
        ("to one", "to two"),
        (Rationals.of([own[0], nothing]), Rationals.of([nothing, own[1]])),
    )
    values = virtual_values(environment, Rationals.of([[F(1, 9)] * 3] * 3))
    assert values[0].tolist() == [[F(2 * v - 3, 9)] * 3 for v in types]
    assert values[1].tolist() == [[F(2 * v - 3, 9) for v in types]] * 3
    with pytest.raises(InvalidEnvironment, match="shape"):
        virtual_values(environment, Rationals.of([F(1)]))
    mixed = Environment(
        (Agent.of("one", types), Agent.of("two", types)),
        ("a", "b"),
        (Rationals.of([own[0], (-Rationals.of(own[0])).tolist()]), Rationals.of([nothing, nothing])),
    )
    with pytest.raises(InvalidEnvironment, match="one are not ordered"):
        virtual_values(mixed, Rationals.of([[F(1, 9)] * 3] * 3))


@pytest.mark.parametrize("means", [(F(7, 10), F(3, 10)), (F(4, 5), F(1, 2))])
def test_the_worst_case_is_positively_correlated_inside_only(means):
    """Remarks 2 and 4, on a grid."""
    form = robust_trade(*means)
    agents = form.mechanism(unit_grid(6)).environment.agents
    inside = positive_correlation(form.prior(6), agents, (slice(0, -1), slice(1, None)))
    assert [f.holds for f in inside] == [True, True]
    everywhere = positive_correlation(form.prior(6), agents)
    assert [f.holds for f in everywhere] == [False, False] and "buyer 1 believes" in everywhere[0].words


def test_the_command_writes_the_table(tmp_path):
    target = tmp_path / "prior.csv"
    data = json.loads(run("robust-trade", "--set", "n=6", "--table", str(target), "--json").stdout)
    with target.open() as file:
        rows = list(csv.DictReader(file))
    assert (
        rows == [{k: v or "" for k, v in row.items()} for row in data["worst_case_prior"]] and len(rows) == 36
    )
    assert sum(F(row["probability"]) for row in rows) == 1
    assert sum(F(row["probability"]) * F(row["buyer"]) for row in rows) == F(7, 10)
    at = [F(row["Pr(seller <= own given the rest)"]) for row in rows if row["buyer"] == "1"]
    assert all(x <= y for x, y in pairwise(at)) and at[-1] == 1
    assert float(data["numbers"]["proved"].split("/")[0]) > 0 and data["numbers"]["value"] == pytest.approx(
        0.0508066615
    )
    assert [c["holds"] for c in data["correlation"]] == [False, False, True, True]
    refused = run("trade-boundary", "--table", str(target))
    assert refused.exit_code == 2 and "no worst-case prior" in refused.output


def test_every_answer_about_a_prior_has_the_table(tmp_path):
    answer = Design(
        robust_trade(F(4, 5), F(1, 5)).mechanism(unit_grid(4)).environment,
        ic="ex-post",
        ir="ex-post",
        objective="revenue",
    ).solve()
    frame = answer.frame("prior")
    assert sum(frame["probability"]) == 1
    # the designer's best response to the worst case is the value
    worth = answer.rules[0].allocation[1].ravel().fractions()
    assert sum(q * v for q, v in zip(worth, frame["virtual value trade"], strict=True)) == answer.value
