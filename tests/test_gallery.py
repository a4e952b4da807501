"""The shipped environments give their published values, certified, through the public path."""

from fractions import Fraction as F
from pathlib import Path

import pytest

import mechlp
from mechlp.checking.verify import verify
from mechlp.exact.numbers import text
from mechlp.proof.bound import bound
from mechlp.proof.multipliers import Multipliers
from mechlp.proof.written import multipliers_from_json

CONFIGS = Path(__file__).parent.parent / "configs"


def solved(name, ask=None, **parameters):
    overrides = {k: str(v) for k, v in parameters.items()}
    answer = mechlp.read(CONFIGS / f"{name}.yaml", overrides=overrides, ask=ask or {}).design.solve()
    assert answer.certified
    verdict = verify(answer.to_json())
    assert verdict.accepted, verdict.problems
    return answer


def multipliers(answer, kind):
    """Named multipliers of a proof, scaled so that the largest IC or IR one is 1."""
    rows = [r for r in answer.proof.multipliers.rows(answer.design) if r.kind != "BB"]
    top = max(r.value for r in rows)
    return {r.name(answer.design): r.value / top for r in rows if r.kind == kind}


#: Those of trade at prices are solved in solving/test_prices.py.
EVERY = sorted(p.stem for p in CONFIGS.glob("*.yaml") if not p.stem.startswith("copic-ponsati"))


@pytest.mark.parametrize("name", EVERY)
def test_every_config_has_a_certified_answer(name, shipped):
    saved = shipped(name)
    assert saved["certified"] if "certified" in saved else saved["status"] != "undecided"


def test_guo_1_4_1_full_extraction_fails_by_averaging_two_ics():
    answer = solved("guo-2018-example-1.4.1")
    assert answer.status == "infeasible"
    # IC(s1 -> s3) and IC(s2 -> s3) with equal weights.
    assert multipliers(answer, "IC") == {"IC[agent2: 3 -> 1]": F(1, 2), "IC[agent2: 2 -> 1]": F(1, 2)}
    environment = answer.design.environment
    efficient = mechlp.Rationals(environment.efficient.astype(int))
    assert (environment.designer * environment.surplus * efficient).sum() == F(19, 10)


@pytest.mark.parametrize(
    "name", ["guo-2018-example-1.4.2", "guo-2018-example-1.5.1", "guo-2018-example-1.4.2-equal-beliefs"]
)
@pytest.mark.parametrize("a", [1, F(2, 3)])
def test_guo_critical_ratio_is_exactly_one(name, a):
    assert solved(name, a=a, B=a).status == "feasible"
    assert solved(name, a=a, B=a * F(1001, 1000)).status == "infeasible"


def test_guo_1_4_2_multipliers():
    answer = solved("guo-2018-example-1.4.2", a=1, B=2)
    assert multipliers(answer, "IR") == {}
    assert multipliers(answer, "IC") == {
        "IC[agent1: t1 -> t2]": 1,
        "IC[agent1: t2 -> t1]": 1,
        "IC[agent2: s1 -> s2]": F(3, 5),
        "IC[agent2: s2 -> s1]": F(3, 5),
    }


def given(design, ir, ic, bb):
    """A certificate from published multipliers; budget balance is an equality, so its multipliers are free."""
    rows = [{"kind": "IR", "agent": i, "type": k, "multiplier": text(F(v))} for (i, k), v in ir.items()] + [
        {"kind": "IC", "agent": i, "type": k, "report": r, "multiplier": text(F(v))}
        for (i, k, r), v in ic.items()
    ]
    named = multipliers_from_json(design, {"multipliers": [{**r, "name": _name(design, r)} for r in rows]})
    return Multipliers(named.ic, named.ir, bb(named))


def _name(design, row):
    agent = design.environment.agents[row["agent"]]
    lie = f" -> {agent.types[row['report']]}" if "report" in row else ""
    return f"{row['kind']}[{agent.name}: {agent.types[row['type']]}{lie}]"


def _cancelling(design):
    """Budget multipliers that cancel the transfers of the first agent (and, in a valid proof, all others')."""
    from mechlp.proof.lagrangian import lagrangian

    def bb(named):
        zero = mechlp.Rationals.zeros((1, *design.environment.shape))
        return lagrangian(design, Multipliers(named.ic, named.ir, zero), None)[1][0]

    return bb


def test_guo_1_5_1_printed_multipliers_with_the_missing_one_give_34a_less_4B():
    design = mechlp.read(CONFIGS / "guo-2018-example-1.5.1.yaml", overrides={"a": "1", "B": "9"}).design
    ir = {(0, 0): 7, (0, 1): 7, (1, 0): 3, (1, 1): 8, (1, 2): 3}
    ic = {(0, 0, 1): F(7, 2), (0, 1, 0): F(7, 2), (1, 0, 1): 3, (1, 0, 2): 3, (1, 1, 0): 4, (1, 2, 1): 3}
    assert bound(design, given(design, ir, ic, _cancelling(design)), wanted=False) == 34 - 4 * 9


def test_guo_1_5_2_printed_multipliers_give_nine_tenths():
    design = mechlp.read(CONFIGS / "guo-2018-example-1.5.2.yaml").design
    ir, ic = {(0, 1): 10, (1, 0): 10}, {(0, 0, 1): 4, (0, 1, 0): 1, (1, 1, 0): 8}
    assert bound(design, given(design, ir, ic, _cancelling(design)), wanted=False) == F(-9, 10)
    assert solved("guo-2018-example-1.5.2").status == "infeasible"


def test_guo_a_1_1_positive_cycle():
    answer = solved("guo-2018-example-a.1.1")
    assert answer.status == "infeasible"
    assert multipliers(answer, "IC") == {"IC[agent1: t1 -> t2]": 1, "IC[agent1: t2 -> t1]": 1}


@pytest.mark.parametrize("m", [2, 3, 4, 5, 6, 7, 10])
def test_myerson_satterthwaite_least_subsidy(m):
    answer = solved("myerson-satterthwaite", m=m)
    subsidy = F(m - 5, 6 * m)
    assert answer.status == ("feasible" if subsidy <= 0 else "infeasible")
    if subsidy > 0:
        assert {r.what: r.amount for r in answer.relaxations}["bb"] == subsidy
    # The same number as an optimum: the most expected revenue without budget balance.
    assert solved("myerson-satterthwaite", {"bb": "none", "objective": "revenue"}, m=m).value == -subsidy


@pytest.mark.parametrize("m", [1, 2, 3, 5, 8])
def test_myerson_auction_is_the_expected_positive_virtual_value(m):
    virtual = [F(k, m) - F(1, m) * (m - k) for k in range(1, m + 1)]
    expected = sum(max(F(0), x, y) for x in virtual for y in virtual) / m**2
    assert solved("myerson-auction", m=m).value == expected
    assert solved("myerson-auction", {"ic": "ex-post", "ir": "ex-post"}, m=m).value == expected


def test_cremer_mclean_leaves_no_rent():
    answer = solved("cremer-mclean-auction")
    assert answer.mechanism.expected_revenue() == answer.mechanism.expected_surplus()
    assert all(u == 0 for i in range(2) for u in answer.mechanism.interim_payoff(i))
    assert solved("cremer-mclean-auction", w=0).status == "infeasible"


def test_kosenok_severinov_implements_and_public_good_does_not():
    assert solved("kosenok-severinov").status == "feasible"
    answer = solved("public-good")
    assert answer.status == "infeasible"
    assert {r.what: r.amount for r in answer.relaxations}["bb"] > 0


def test_more_requirements_never_raise_the_surplus():
    from mechlp.study.compare import compare, grid

    found = compare(mechlp.read(CONFIGS / "expost-vs-bayes.yaml").design, ask=grid, fewest=False)
    rows = {(c.ic, c.answer.design.ir, c.answer.design.bb): c.answer for c in found.cells}
    assert len(rows) == len(found.cells) == 60
    worth = {k: a.value if a.status == "optimal" else F(-(10**6)) for k, a in rows.items()}
    assert all(a.certified for a in rows.values())
    for ic, ir, bb in worth:
        here = worth[ic, ir, bb]
        assert here <= worth["none", ir, bb]
        assert here <= worth[ic, "none", bb]
        assert here <= worth[ic, ir, "none"]
        assert here <= worth[ic, ir, bb if bb == "none" or bb.endswith("weak") else f"{bb}-weak"]
        assert here <= worth[ic, "interim" if ir == "ex-post" else ir, bb]
        assert here <= worth["bayesian" if ic == "ex-post" else ic, ir, bb]
        assert here <= worth["ambiguous-transfers" if ic == "bayesian" else ic, ir, bb]
    assert worth["ex-post", "ex-post", "ex-post"] < worth["bayesian", "interim", "ex-post"]


@pytest.mark.parametrize(
    ("name", "value", "guarantee"),
    [
        ("zhang-2021-symmetric", F(3, 40), F(1, 35)),
        ("zhang-2021-asymmetric", F(11, 235), F(1, 80)),
        ("zhang-2021-deterministic", F(1, 15), None),
        ("zhang-2021-destroyed", F(1, 10), None),  # as without destruction, on 6 points
    ],
)
def test_zhang_brackets(name, value, guarantee):
    answer = solved(name)
    assert answer.value == value
    assert (None if answer.continuum is None else answer.continuum.value) == guarantee


def test_data_in_a_ball_that_grows():
    """At eps = 0 the sample is the prior; a larger ball guarantees less, and at last nothing."""
    values = [solved("trade-from-data", eps=eps).value for eps in (0, F(1, 20), F(1, 5), 2)]
    assert values[0] > values[1] > values[2] > values[3] == 0
    sample = mechlp.read(
        CONFIGS / "trade-from-data.yaml", overrides={"eps": "0"}
    ).design.environment.designer_set
    (prior,) = sample.known
    assert prior.sum() == 1 and prior[5, 1] == F(1, 12)


def test_robust_auction_with_one_and_two_bidders():
    """One bidder: on a grid the value lies above the continuum's r with r - r ln r = 1/2, and the guarantee below it."""
    two = solved("robust-auction", m=4)
    assert two.continuum.value <= two.value
    text_of = (
        (CONFIGS / "robust-auction.yaml")
        .read_text()
        .replace("copies: 2, ", "")
        .replace("mean: {bidder: mean}", "mean: mean")
    )
    text_of = text_of.replace(
        "outcomes: single-good", "outcomes: [keep, sell]\npayoffs: {sell: {bidder: bidder}}"
    )
    one = mechlp.read_text(text_of, overrides={"m": "41"}).design.solve()
    assert one.certified and one.continuum.value < F("0.1866823088508371") < one.value
    assert one.value - one.continuum.value < F(1, 30)
