"""Known expectations in closed form: values, mechanisms, worst-case distributions, and what a grid says of the continuum."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import dblquad, quad

from mechlp import Design
from mechlp.beliefs.sets import worst
from mechlp.checking.verify import verify
from mechlp.closed_forms.robust_trade import (
    DeterministicTrade,
    InvalidMeans,
    RobustTrade,
    best_posted_thresholds,
    free_seller,
    guarantee,
    guarantee_at,
    known_means_trade,
    logarithmic_mean,
    posted,
)
from mechlp.environment.belief_sets import BeliefSet
from mechlp.exact.numbers import Rationals, rational
from mechlp.mechanism.audit import audit
from mechlp.question.continuum import least_rents
from mechlp.question.design import InvalidDesign
from mechlp.question.objective import goal
from mechlp.study.robust_trade import saddle

CASES = json.loads((Path(__file__).parents[1] / "data" / "robust-and-expost-trade.json").read_text())["cases"]
MEANS = [("0.7", "0.3"), ("0.6", "0.4"), ("0.8", "0.5"), ("0.7", "0.1"), ("0.52", "0.5"), ("0.9", "0.05")]


def cases(kind):
    found = [c for c in CASES if c["id"].startswith(f"Z-{kind}")]
    assert found
    return [pytest.param(c, id=c["id"]) for c in found]


def agrees(case, found):
    for key, tol in case["tol"].items():
        if not isinstance(tol, str):
            assert float(found[key]) == pytest.approx(case["expected"][key], abs=tol), (case["id"], key)


def grid(m):
    return [F(k, m - 1) for k in range(m)]


def means(case):
    return rational(str(case["params"]["MB"])), rational(str(case["params"]["MS"]))


def question(m, mean_b, mean_s, **asked):
    return Design(
        known_means_trade(grid(m), rational(mean_b), rational(mean_s)),
        **{"ic": "ex-post", "ir": "ex-post", "objective": "revenue", **asked},
    )


def worst_of(design, mechanism):
    gives = goal(design).by_profile(mechanism.allocation, mechanism.transfers)
    return worst(design.environment.designer_set, gives).value


# -- closed forms -------------------------------------------------------------------------------
@pytest.mark.parametrize("case", cases("closed"))
def test_published_closed_forms(case):
    trade = RobustTrade(*means(case))
    r1, r2 = trade.thresholds
    agrees(
        case, dict(zip(("lamB", "lamS", "mu"), trade.prices, strict=True), value=trade.value, r1=r1, r2=r2)
    )


@pytest.mark.parametrize(
    ("mean_b", "mean_s", "value", "r1", "r2"),
    [
        ("0.7", "0.3", 0.0508066615, 0.22540333, 0.77459667),
        ("0.6", "0.4", 0.0111456180, 0.10557281, 0.89442719),
        ("0.8", "0.5", 0.0292895435, 0.25933359, 0.88705843),
    ],
)
def test_values_to_eight_digits(mean_b, mean_s, value, r1, r2):
    trade = RobustTrade(F(mean_b), F(mean_s))
    assert trade.value == pytest.approx(value, abs=5e-11)
    assert trade.thresholds == pytest.approx((r1, r2), abs=5e-9)


def test_free_seller_is_the_limit():
    (case,) = [c for c in CASES if c["id"] == "Z-limit-MS0"]
    agrees(case, {"value": free_seller(F(1, 2))})
    assert RobustTrade(F(1, 2), F(1, 10**6)).value == pytest.approx(free_seller(F(1, 2)), abs=2e-3)


@pytest.mark.parametrize(("mean_b", "mean_s"), MEANS)
def test_the_value_is_the_most_that_thresholds_guarantee(mean_b, mean_s):
    mean_b, mean_s = F(mean_b), F(mean_s)
    trade = RobustTrade(mean_b, mean_s)
    r1, r2 = trade.thresholds
    assert guarantee(r1, r2, float(mean_b), float(mean_s)) == pytest.approx(trade.value, abs=1e-12)
    rng = np.random.default_rng(1)
    for a, b in rng.uniform(0.001, 0.999, (300, 2)):
        assert guarantee(a, b, float(mean_b), float(mean_s)) <= trade.value + 1e-12
    assert RobustTrade(1 - mean_s, 1 - mean_b).value == pytest.approx(trade.value, abs=1e-10)
    assert (
        trade.value - 1e-15 <= float(trade.proved()) + 1e-12 and float(trade.proved()) <= trade.value + 1e-12
    )


def test_thresholds_of_any_kind_guarantee_what_the_ball_says():
    ball = guarantee_at(F(1, 4), F(3, 4), F(7, 10), F(3, 10))
    assert float(ball.mid()) == pytest.approx(0.25 * (0.45 / 0.75 - 0.4), abs=1e-15)
    ball = guarantee_at(F(1, 4), F(4, 5), F(8, 10), F(5, 10))
    assert float(ball.mid()) == pytest.approx(logarithmic_mean(0.25, 0.2) * (0.55 / 0.75 - 0.625), abs=1e-15)
    with pytest.raises(InvalidMeans, match="between 0 and 1"):
        guarantee_at(F(0), F(1, 2), F(7, 10), F(3, 10))


def test_logarithmic_mean_where_its_ends_meet():
    assert logarithmic_mean(0.3, 0.3) == 0.3
    for x in (1e-3, 1e-6, 1e-9):
        exact = quad(lambda t, x=x: 0.3 ** (1 - t) * (0.3 + x) ** t, 0, 1, epsabs=1e-16)[0]
        assert logarithmic_mean(0.3, 0.3 + x) == pytest.approx(exact, abs=1e-14)


@pytest.mark.parametrize(("mean_b", "mean_s"), MEANS)
def test_mechanism_in_the_continuum(mean_b, mean_s):
    """DSIC and EPIR by the envelope: the rent is the integral of the chance; revenue is at least the plane, equal inside."""
    trade = RobustTrade(F(mean_b), F(mean_s))
    (r1, r2), (price_b, price_s, mu) = trade.thresholds, trade.prices
    points = np.linspace(0, 1, 61)
    b, s = np.meshgrid(points, points, indexing="ij")
    chance, (pays, gets) = trade.chance(b, s), trade.payments(b, s)
    assert np.all(np.diff(chance, axis=0) >= -1e-12) and np.all(np.diff(chance, axis=1) <= 1e-12)
    slack = pays - gets - (price_b * b + price_s * s + mu)
    assert slack.min() >= -1e-13
    assert abs(slack[r2 * b - (1 - r1) * s > r1 * r2 + 1e-9]).max() < 1e-13
    for i, j in ((60, 0), (45, 3), (60, 20), (30, 0)):
        start = max(r1 + (1 - r1) * s[i, j] / r2, 0)
        rent = quad(lambda x, j=j: float(trade.chance(x, s[0, j])), min(start, b[i, j]), b[i, j])[0]
        assert b[i, j] * chance[i, j] - pays[i, j] == pytest.approx(rent, abs=1e-10)
        stop = min(max((b[i, j] - r1) * r2 / (1 - r1), s[i, j]), 1)
        rent = quad(lambda x, i=i: float(trade.chance(b[i, 0], x)), s[i, j], stop)[0]
        assert gets[i, j] - s[i, j] * chance[i, j] == pytest.approx(rent, abs=1e-10)


@pytest.mark.parametrize(("mean_b", "mean_s"), MEANS[:4])
def test_worst_distribution_in_the_continuum(mean_b, mean_s):
    """Marginals, means and conditionals against the printed joint density, by quadrature."""
    trade = RobustTrade(F(mean_b), F(mean_s))
    (r1, r2), v = trade.thresholds, trade.value
    assert quad(trade.buyer_tail, 0, 1, points=[r1])[0] == pytest.approx(float(F(mean_b)), abs=1e-8)
    assert quad(lambda s: 1 - trade.seller_below(s), 0, 1, points=[r2])[0] == pytest.approx(
        float(F(mean_s)), abs=1e-8
    )
    assert float(trade.buyer_tail(1.0)) == pytest.approx(r1) and float(
        trade.seller_below(0.0)
    ) == pytest.approx(1 - r2)
    line = lambda s: r1 + (1 - r1) * s / r2  # noqa: E731
    inner = dblquad(lambda b, s: 2 * v / (b - s) ** 3, 0, r2, line, 1)[0]
    right = quad(lambda s: v / (1 - s) ** 2, 0, r2)[0]
    below = quad(lambda b: v / b**2, r1, 1)[0]
    assert inner + right + below + v == pytest.approx(1, abs=1e-8)
    s, b = r2 / 3, 0.5 * (line(r2 / 3) + 1)
    marginal = quad(lambda x: 2 * v / (x - s) ** 3, line(s), 1)[0] + v / (1 - s) ** 2
    tail = quad(lambda x: 2 * v / (x - s) ** 3, b, 1)[0] + v / (1 - s) ** 2
    assert float(trade.tail_given(b, s)) == pytest.approx(tail / marginal, abs=1e-10)


@pytest.mark.parametrize(("mean_b", "mean_s"), MEANS[:4:2])
def test_saddle_point_on_a_grid(mean_b, mean_s):
    """On a grid: the mechanism passes the audit, the prior has the means, and what separates the two is of order h."""
    trade = RobustTrade(F(mean_b), F(mean_s))
    residuals = []
    for m in (5, 9, 15):
        design = question(m, mean_b, mean_s)
        mechanism = trade.mechanism(grid(m))
        assert audit(mechanism, design).passed
        found = saddle(design, mechanism, trade.prior(m))
        least, best = found.guarantee, found.best
        value = design.solve().value
        assert least <= value <= best
        residuals.append(float(found.residual))
    assert residuals[0] > residuals[1] > residuals[2] > 0 and residuals[2] < 0.06


def test_printed_payments_are_the_least_rents_up_to_the_step():
    trade, m = RobustTrade(F(7, 10), F(3, 10)), 41
    mechanism = trade.mechanism(grid(m))
    points = np.linspace(0, 1, m)
    pays, gets = trade.payments(points[:, None], points[None, :])
    assert abs(-mechanism.transfers[0].float - pays).max() < 2 / (m - 1)
    assert abs(mechanism.transfers[1].float - gets).max() < 2 / (m - 1)


def test_the_saddle_point_of_the_program_has_no_residual():
    design = question(6, "0.8", "0.4")
    answer = design.solve()
    found = saddle(design, answer.mechanism, answer.worst_case.distribution(design))
    assert found.residual == 0 and found.guarantee == answer.value
    with pytest.raises(ValueError, match="does not belong"):
        saddle(design, answer.mechanism, Rationals.of([[F(1, 36)] * 6] * 6))


@pytest.mark.parametrize("m", [6, 11, 21])
def test_posted_thresholds_guarantee_their_formula(m):
    """The mechanism behind the formula passes the audit, and its worst expectation is the value."""
    mean_b, mean_s = F(9, 10), F(1, 10)
    value, at = best_posted_thresholds(m, mean_b, mean_s)
    mechanism, design = posted(m, mean_b, mean_s, at), question(m, mean_b, mean_s, allocation="deterministic")
    assert audit(mechanism, design).passed
    assert worst_of(design, mechanism) == value


# -- deterministic ------------------------------------------------------------------------------
@pytest.mark.parametrize("case", cases("det"))
def test_published_deterministic_values(case):
    mean_b, mean_s = means(case)
    value, _ = best_posted_thresholds(case["params"]["m"], mean_b, mean_s)
    agrees(case, {"value": value})
    continuum = float(case["note"].removeprefix("continuum "))
    assert DeterministicTrade(mean_b, mean_s).value == pytest.approx(continuum, abs=1e-10)


@pytest.mark.parametrize(
    ("m", "mean_b", "mean_s"),
    [
        (6, "0.8", "0.2"),
        (6, "0.9", "0.3"),
        pytest.param(11, "0.8", "0.2", marks=pytest.mark.slow),
        (11, "0.9", "0.3"),
        pytest.param(21, "0.9", "0.1", marks=pytest.mark.slow),
        pytest.param(21, "0.9", "0.3", marks=pytest.mark.slow),
    ],
)
def test_deterministic_formula_agrees_with_branch_and_bound(m, mean_b, mean_s):
    value, at = best_posted_thresholds(m, F(mean_b), F(mean_s))
    answer = question(m, mean_b, mean_s, allocation="deterministic").solve()
    assert answer.status == "optimal" and answer.certified and answer.value == value
    assert (at is None) == (value == 0)


def test_deterministic_values_converge_from_above():
    trade = DeterministicTrade(F(9, 10), F(1, 10))
    values = [float(best_posted_thresholds(m, F(9, 10), F(1, 10))[0]) for m in (11, 41, 161)]
    assert values[0] > values[1] > values[2] > trade.value > values[2] - 0.02
    assert DeterministicTrade(F(6, 10), F(4, 10)).value == 0
    b, s = trade.thresholds
    gain = {p: (b - s) * (p[0] > b and p[1] < s) for p in trade.worst_prior}
    assert sum(trade.worst_prior.values()) == pytest.approx(1)
    assert sum(p * trade.worst_prior[v] for v, p in gain.items()) == pytest.approx(trade.value)
    assert trade.linear(1, 0) and not trade.linear(b - 1e-9, 0) and not trade.linear(1, s + 1e-9)
    assert trade.linear(b + 1e-9, 0) and trade.linear(1, s - 1e-9)
    assert trade.threshold(1, 0) and not trade.threshold(b, 0) and not trade.threshold(1, s)


# -- grid and continuum -------------------------------------------------------------------------
@pytest.mark.parametrize("case", [c for c in cases("grid") if c.id != "Z-grid81"])
def test_published_brackets(case):
    answer = question(case["params"]["m"], *means(case), continuum=True).solve()
    assert answer.certified and answer.continuum.certified
    agrees(case, {"U": answer.value, "L": answer.continuum.value})
    value = RobustTrade(*means(case)).value
    assert answer.continuum.value <= value <= answer.value
    price = sum(abs(x) for x in answer.worst_case.prices.fractions()[1:3])
    m = case["params"]["m"]
    assert answer.value - price / (m - 1) <= answer.continuum.value


@pytest.mark.parametrize(
    ("mean_b", "mean_s", "upper", "lower"),
    [
        ("0.7", "0.3", 0.0564516, 0.0451613),
        ("0.6", "0.4", 0.0138889, 0.0085714),
        ("0.8", "0.5", 0.0337088, 0.0248903),
    ],
)
def test_brackets_at_41_points(mean_b, mean_s, upper, lower):
    answer = question(41, mean_b, mean_s, continuum=True).solve()
    assert float(answer.value) == pytest.approx(upper, abs=1e-7)
    assert float(answer.continuum.value) == pytest.approx(lower, abs=1e-7)


@pytest.mark.slow
def test_published_bracket_at_81_points():
    (case,) = [c for c in CASES if c["id"] == "Z-grid81"]
    answer = question(81, "0.7", "0.3", continuum=True).solve()
    agrees(case, {"U": answer.value, "L": answer.continuum.value})
    assert (answer.value, answer.continuum.value) == (F(133, 2480), F(119, 2480))


def test_the_mechanism_runs_on_the_continuum():
    """Rounded reports: no lie gains for types in between, nobody loses, and no distribution with the means gives less."""
    m, mean_b, mean_s = 11, F(8, 10), F(2, 10)
    answer = question(m, mean_b, mean_s, continuum=True).solve()
    assert answer.continuum.value > 0
    run = answer.continuum_mechanism
    rng = np.random.default_rng(3)
    draw = lambda: F(int(rng.integers(0, 1001)), 1000)  # noqa: E731

    def chance(b, s):
        return run.outcome((b, s)).get("trade", F(0))

    for _ in range(300):
        b, s, lie = draw(), draw(), draw()
        truth = chance(b, s), run.transfers((b, s))
        assert b * truth[0] + truth[1][0] >= max(0, b * chance(lie, s) + run.transfers((lie, s))[0])
        assert truth[1][1] - s * truth[0] >= max(0, run.transfers((b, lie))[1] - s * chance(b, lie))
    # The plane below revenue that proves the guarantee holds between the points of the grid too.
    data = answer.continuum.worst_case.prices
    b, s = [draw() for _ in range(200)], [draw() for _ in range(200)]
    rows = answer.continuum.design.environment.designer_set.all_rows
    named = {r.name: data[sum(q.count for q in rows[:k])] for k, r in enumerate(rows)}
    total = answer.continuum.value - named["mean of buyer"] * mean_b - named["mean of seller"] * mean_s
    for x, y in zip(b, s, strict=True):
        plane = total + named["mean of buyer"] * x + named["mean of seller"] * y
        assert -sum(run.transfers((x, y))) >= plane


def test_least_rents_exclude_the_own_cell():
    """One step up from no trade to sure trade at b = 1/2, s <= 1/2: the buyer pays 1/2 and the seller receives 1/2."""
    environment = known_means_trade(grid(3), F(7, 10), F(3, 10))
    b, s = np.indices((3, 3))
    trade = ((b >= 1) & (s <= 1)).astype(np.int64)
    paid = least_rents(environment, Rationals(np.stack([1 - trade, trade])))
    assert bool(np.all(paid[0] == Rationals(-trade, 2))) and bool(np.all(paid[1] == Rationals(trade, 2)))


def test_bracket_is_saved_and_checked_again():
    answer = question(6, "0.8", "0.3", continuum=True).solve()
    data = json.loads(json.dumps(answer.to_json()))
    verdict = verify(data)
    assert verdict.accepted and any("continuum" in c for c in verdict.checked)
    data["continuum"] = json.loads(json.dumps(question(6, "0.8", "0.3").solve().to_json()))
    from mechlp.exact.saved import checksum

    data["sha256"] = checksum(data)
    assert not verify(data).accepted


def test_auctions_have_a_guarantee_too():
    from mechlp import Agent, Environment

    g = grid(6)
    v = [
        Rationals.of(g).reshape(-1, 1).broadcast_to((6, 6)),
        Rationals.of(g).reshape(1, -1).broadcast_to((6, 6)),
    ]
    zero = Rationals.zeros((6, 6)).tolist()
    half = BeliefSet.moment(v[0], "=", F(3, 5), "mean of one") & BeliefSet.moment(
        v[1], "=", F(3, 5), "mean of two"
    )
    environment = Environment(
        [Agent.of("one", g), Agent.of("two", g)],
        ["nobody", "one", "two"],
        [[zero, v[0].tolist(), zero], [zero, zero, v[1].tolist()]],
        designer_set=half,
    )
    answer = Design(environment, ic="ex-post", ir="ex-post", objective="revenue", continuum=True).solve()
    assert answer.certified and answer.continuum.certified
    assert 0 < answer.continuum.value <= answer.value


def test_brackets_that_mean_nothing_are_refused():
    with pytest.raises(InvalidDesign, match="ic: ex-post"):
        question(3, "0.7", "0.3", ic="none", continuum=True)
    environment = known_means_trade(grid(4), F(7, 10), F(3, 10))
    b = environment.agents[0].values.reshape(-1, 1).broadcast_to((4, 4))
    for possible, why in (
        (BeliefSet.moment(b * b, "=", F(1, 2), "E[b*b]"), "affine"),
        (BeliefSet.everything((4, 4)) & BeliefSet.marginal(0, [F(1, 4)] * 4, (4, 4)), "between the points"),
        (BeliefSet.contamination([[F(1, 16)] * 4] * 4, F(1, 2)), "between the points"),
    ):
        with pytest.raises(InvalidDesign, match=why):
            Design(
                replace(environment, designer_set=possible),
                ic="ex-post",
                ir="ex-post",
                objective="revenue",
                continuum=True,
            )
    for mean_b, mean_s in (("0.3", "0.7"), ("1", "0.5"), ("0.5", "0.5")):
        with pytest.raises(InvalidMeans):
            RobustTrade(F(mean_b), F(mean_s))


# -- other knowledge ----------------------------------------------------------------------------
def test_published_values_of_other_knowledge():
    by_id = {c["id"]: c for c in CASES}
    environment = known_means_trade(grid(11), F(7, 10), F(3, 10))
    b = environment.agents[0].values.reshape(-1, 1).broadcast_to((11, 11))
    s = environment.agents[1].values.reshape(1, -1).broadcast_to((11, 11))

    def value(possible):
        asked = replace(environment, designer_set=possible)
        return Design(asked, ic="ex-post", ir="ex-post", objective="revenue").solve().value

    agrees(
        by_id["Z-mom-bs"],
        {"value": value(environment.designer_set & BeliefSet.moment(b * s, "=", F(21, 100)))},
    )
    uniform = [F(1, 11)] * 11
    marginals = BeliefSet.marginal(0, uniform, (11, 11)) & BeliefSet.marginal(1, uniform, (11, 11))
    agrees(by_id["Z-marg-unif"], {"value": value(marginals)})
    case = by_id["Z-wass-0"]
    points = [tuple(rational(str(x)) for x in p) for p in case["params"]["points"]]
    cost = [(abs(b - p) + abs(s - q)).tolist() for p, q in points]
    agrees(case, {"value": value(BeliefSet.wasserstein([F(1, 4)] * 4, cost, case["params"]["eps"]))})
