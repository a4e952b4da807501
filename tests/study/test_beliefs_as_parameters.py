"""Regions where probabilities depend on parameters, under every notion: theorems, fresh solves beside every border, forgeries."""

import copy
import json
import random
from fractions import Fraction as F
from pathlib import Path

import pytest

import mechlp
from mechlp.checking.verify import verify
from mechlp.exact.bernstein import coefficients, inner, lattice, weights
from mechlp.exact.saved import checksum
from mechlp.files.dependence import NoFamily
from mechlp.proof.family import InvalidFamily
from mechlp.report.plot import drawn, save
from mechlp.report.regions import region_latex, sentence

CONFIGS = Path(__file__).parents[2] / "configs"
#: What the low type pays for the plain good subsidises the high one, who is sold the other, and of whom there are x.
BUYER = """
title: A subsidy from one type to another
parameters: {x: 1/2, r: 1}
agents: {buyer: [low, high]}
outcomes: [nothing, plain, other]
payoffs:
  plain: {buyer: "1 if buyer == low else 0"}
  other: {buyer: "-5 if buyer == low else 2"}
outside: {buyer: "0 if buyer == low else r"}
beliefs: {prior: {table: [1 - x, x]}}
require: {ic: bayesian, ir: interim, bb: ex-ante-weak}
"""


def saved(region):
    return json.loads(json.dumps(region.to_json()))


# -- theorems -----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def guo():
    """Example 1.4.2 with the prior's first cell as a parameter: the marginals stay."""
    content = (CONFIGS / "guo-2018-example-1.4.2.yaml").read_text()
    for old, new in (
        ("{a: 1, B: 2}", "{a: 1, B: 2, w: 1/10}"),
        ("[[0.1, 0.2, 0.2], [0.2, 0.1, 0.2]]", "[[w, 3/10 - w, 0.2], [3/10 - w, w, 0.2]]"),
    ):
        assert old in content
        content = content.replace(old, new)
    return mechlp.region(mechlp.read_text(content), over=["B=0:2", "w=1/20:1/4"], pieces=20)


def test_guo_1_4_2_does_not_depend_on_the_correlation(guo):
    # The refutation uses IC of agent 2 alone, under beliefs that w moves: B <= a whatever they are.
    assert sentence(guo) == "possible iff B <= 1" and guo.exact
    edge = F(1, 10**6)
    for w in (F(1, 20), F(3, 20), F(1, 7), F(1, 4)):
        for b, holds in ((F(1), True), (1 + edge, False), (1 - edge, True), (F(2), False), (F(0), True)):
            assert guo.holds(B=b, w=w) is holds
    assert verify(saved(guo)).accepted


def test_cremer_mclean_extracts_all_iff_values_are_correlated(tmp_path):
    region = mechlp.region(mechlp.read(CONFIGS / "cremer-mclean-auction.yaml"), over="w=0:1")
    assert sentence(region) == "possible iff w != 0" and region.exact
    assert region.holds(w=0) is False and region.holds(w=F(1, 10**9)) is True and region.holds(w=1) is True
    assert r"if and only if $w \ne 0$" in region_latex(region)
    assert verify(saved(region)).accepted
    save(drawn(region), tmp_path / "cm.svg")
    assert "impossible there alone" in (tmp_path / "cm.svg").read_text()


def test_kosenok_severinov_holds_off_an_algebraic_set():
    """The prior of the file with weight w, else independent and uniform: at cost 2 only correlation pays the rents."""
    content = (CONFIGS / "kosenok-severinov.yaml").read_text()
    prior = [[[1, 2], [3, 6]], [[4, 6], [6, 5]]]
    mixed = [[[f"(1 - w)/8 + w*{cell}/33" for cell in row] for row in half] for half in prior]
    for old, new in (
        ("[[[1/33, 2/33], [3/33, 6/33]], [[4/33, 6/33], [6/33, 5/33]]]", json.dumps(mixed)),
        ("{cost: 4}", "{cost: 2, w: 1}"),
    ):
        assert old in content
        content = content.replace(old, new)
    region = mechlp.region(mechlp.read_text(content), over="w=0:1")
    assert sentence(region) == "possible iff w != 0" and region.exact
    assert region.holds(w=0) is False and region.holds(w=F(1, 10**9)) is True
    assert verify(saved(region)).accepted


def test_a_subsidy_is_paid_for_where_the_expected_surplus_suffices():
    """The low type gains nothing by her lie while r - 2 <= 5, so that r - 2 may be paid to x for 1 from 1 - x: iff
    x (r - 1) <= 1."""
    areas = []
    for pieces in (2, 6):
        region = mechlp.region(mechlp.read_text(BUYER), over=["x=1/4:1", "r=2:5"], pieces=pieces)
        areas.append(region.undecided)
        for x in (F(1, 4), F(2, 5), F(1, 2), F(3, 4), F(1)):
            for r in (F(2), F(9, 4), F(3), F(4), F(5)):
                assert region.holds(x=x, r=r) in (None, x * (r - 1) <= 1)
    assert 0 < areas[1] < areas[0]
    assert verify(saved(region)).accepted


def test_weights_that_are_divided_say_the_same_as_probabilities():
    divided = BUYER.replace("table: [1 - x, x]", "weights: [3 - 3*x, 3*x]")
    regions = [mechlp.region(mechlp.read_text(t), over=["x=1/4:3/4", "r=2:3"], pieces=3) for t in (BUYER, divided)]
    for x in (F(1, 4), F(2, 5), F(3, 4)):
        for r in (F(2), F(9, 4), F(3)):
            assert None in (found := {region.holds(x=x, r=r) for region in regions}) or len(found) == 1
    assert all(verify(saved(region)).accepted for region in regions)


# -- every notion -------------------------------------------------------------------------------
ORDINAL = """
parameters: {u: 1}
agents: {agent: [l, h]}
outcomes: [x, y]
payoffs: {x: {agent: "u if agent == l else 0"}, y: {agent: 1}}
allocation: {table: [x, y]}
require: {ic: ordinal, ir: none}
transfers: none
"""
WORST = """
parameters: {p: 0}
agents: {one: [t], two: [low, high]}
outcomes: [y]
payoffs: {y: {one: "p if two == low else 1"}}
beliefs: {prior: uniform, sets: {one: {contamination: 1/2}, two: everything}}
require: {ic: maxmin, ir: interim}
transfers: none
"""
OBEDIENCE = """
parameters: {c: 1/2}
actions: {worker: [work, shirk]}
payoffs: {work: {worker: 1 - c}}
constraints: {done: {allocation: {work: 1}, at-least: 1}}
require: {ic: obedience, ir: none}
"""
FLOOR = """
parameters: {x: 1/4, k: 1}
agents: {buyer: {types: [1, 2]}}
outcomes: single-good
beliefs: {prior: {table: [1 - x, x]}}
constraints: {enough: {transfers: {buyer: -k}, at-least: 3/2, each: expected}}
require: {ic: {notion: bayesian, slack: 0}, ir: interim}
"""


@pytest.mark.parametrize(
    ("content", "over", "known"),
    [
        (ORDINAL, "u=0:2", "possible iff u >= 1"),  # the type l must rank x at least as high
        (WORST, "p=-2/3:0", "possible iff p >= -1/3"),  # 1/2 (p + 1)/2 + 1/2 p >= 0
        (OBEDIENCE, "c=0:2", "possible iff c <= 1"),
        (FLOOR, "x=1/2:1", "possible iff x >= 3/4"),  # the best revenue, max(1, 2 x), is at least 3/2
        (FLOOR, "k=1:2", "possible iff k >= 3/2"),  # revenue 1 at x = 1/4
    ],
)
def test_notions_and_constraints_have_regions(content, over, known):
    region = mechlp.region(mechlp.read_text(content), over=over)
    assert sentence(region) == known and region.exact
    assert verify(saved(region)).accepted


def test_ambiguous_transfers_implement_whatever_the_payoffs():
    reading = mechlp.read(CONFIGS / "guo-2018-example-1.4.2.yaml", ask={"ic": "ambiguous-transfers"})
    region = mechlp.region(reading, over=["a=0:2", "B=0:2"])
    assert sentence(region) == "possible everywhere" and region.exact
    assert verify(saved(region)).accepted


# -- what it is made of -------------------------------------------------------------------------
def test_inner_points_give_the_coefficients_of_a_polynomial():
    places = inner(3, 2)
    assert all(min(p) > 0 and sum(p) == 1 for p in places)
    values = [p[0] * p[1] - 3 * p[2] for p in places]  # of degree 2 in barycentric coordinates
    got = [sum(c * v for c, v in zip(row, values)) for row in coefficients(3, 2, True)]
    expected = {(1, 1, 0): F(1, 2), (0, 0, 2): F(-3), (1, 0, 1): F(-3, 2), (0, 1, 1): F(-3, 2)}
    assert dict(zip(lattice(3, 2), got)) == {k: expected.get(k, 0) for k in lattice(3, 2)}
    assert sum(weights(places[1], 2)) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("table: [1 - x, x]", "table: [1/(1 + x), x/(1 + x)]"), "no polynomial"),
        (("table: [1 - x, x]", "product: {buyer: {weights: [1, x]}}"), "beliefs.prior.product.buyer"),
    ],
)
def test_what_is_not_covered_is_refused_in_words(change, said):
    assert change[0] in BUYER
    with pytest.raises((InvalidFamily, NoFamily), match=said):
        mechlp.region(mechlp.read_text(BUYER.replace(*change), overrides={"x": "0"}), over="x=0:1")


# -- forgeries ----------------------------------------------------------------------------------
def forged(data, change):
    out = copy.deepcopy(data)
    change(out)
    out.pop("sha256")
    return verify({**out, "sha256": checksum(out)})


def test_what_does_not_follow_is_refused(guo):
    data = saved(guo)
    pieces = data["parts"][0]["pieces"]
    served = next(k for k, p in enumerate(pieces) if p["status"] == "possible" and len(p["corners"]) == 3)
    refuted = next(k for k, p in enumerate(pieces) if p["status"] == "impossible" and len(p["corners"]) == 3)
    piece = lambda d, k: d["parts"][0]["pieces"][k]  # noqa: E731

    def another_prior(d):
        d["problem"]["beliefs"]["prior"]["table"][0][0] = "w/2"
        d["problem"]["beliefs"]["prior"]["table"][0][1] = "3/10 - w/2"

    def a_higher_degree(d):  # the same at the ends of the range of w, a square between them
        d["problem"]["beliefs"]["prior"]["table"][0] = ["10/3*w*w", "3/10 - 10/3*w*w", "0.2"]

    def wider(d):
        d["over"]["w"] = ["0", "1/4"]

    def enlarged(d):
        for corner in piece(d, refuted)["corners"]:
            corner[0] = str(F(corner[0]) - F(1, 4))

    def swapped(d):
        a, b = piece(d, served), piece(d, refuted)
        a["corners"], b["corners"] = b["corners"], a["corners"]

    def understated(d):  # a function of degree one as a constant
        piece(d, refuted)["multipliers"] = piece(d, refuted)["multipliers"][:1]

    def two_controls(d):  # which no degree has on a triangle
        piece(d, refuted)["multipliers"] = piece(d, refuted)["multipliers"][:2]

    def denominator(d):
        piece(d, served)["denominator"][0] = "-1"

    def no_denominator(d):
        piece(d, served)["denominator"] = ["0" for _ in piece(d, served)["denominator"]]

    def negative(d):
        piece(d, refuted)["multipliers"][0]["multipliers"][0]["multiplier"] = "-1"

    def paid(d):
        piece(d, served)["rules"][0][0]["transfers"]["agent1"][0][0] = "70"

    def no_piece(d):
        d["parts"][0]["pieces"].pop(served)

    def left_open(d):
        del piece(d, refuted)["multipliers"]
        piece(d, refuted)["status"] = "undecided"

    for change in (another_prior, a_higher_degree, wider, enlarged, swapped, understated, two_controls, denominator,
                   no_denominator, negative, paid, no_piece, left_open):  # fmt: skip
        assert not forged(data, change).accepted, change.__name__
    assert verify(data).accepted


def test_a_denominator_that_vanishes_serves_nothing_there():
    region = mechlp.region(mechlp.read(CONFIGS / "cremer-mclean-auction.yaml"), over="w=0:1")
    data = saved(region)

    def no_point(d):  # what is said of w = 0 left out: it is not served by what is beside it
        d["parts"][0]["pieces"] = [p for p in d["parts"][0]["pieces"] if len(p["corners"]) > 1]
        d["parts"][0]["possible"] = [p["corners"] for p in d["parts"][0]["pieces"]]

    assert verify(data).accepted and not forged(data, no_point).accepted


# -- by generation ------------------------------------------------------------------------------
NOTIONS = ("bayesian", "bayesian", "ex-post", "ambiguous-transfers", "bewley", "maxmin", "ordinal")


def environment(rng):
    """Two agents with two types: payoffs affine or quadratic in p and q, weights of the prior affine, at random."""
    small = lambda: rng.randint(-2, 2)  # noqa: E731
    payoff = lambda: f"{rng.randint(-3, 3)} + {small()}*p + {small()}*q" + rng.choice(["", "", f" + {small()}*p*q"])  # noqa: E731
    weight = lambda: f"{rng.randint(5, 8)} + {rng.randint(-1, 1)}*p + {rng.randint(-1, 1)}*q"  # noqa: E731
    cells = lambda make: [[make() for _ in range(2)] for _ in range(2)]  # noqa: E731
    ic = rng.choice(NOTIONS)
    out = {
        "parameters": {"p": "1", "q": "1"},
        "agents": {"one": ["l", "h"], "two": ["x", "y"]},
        "outcomes": ["nothing", "left", "right"],
        "payoffs": {o: {k: cells(payoff) for k in ("one", "two")} for o in ("left", "right")},
        "outside": {"one": rng.choice(["0", "1/2*p", "q"])},
        "beliefs": {"prior": {"weights": cells(weight)}},
        "allocation": rng.choice(["efficient", "chosen", {"table": [["left", "right"], ["nothing", "left"]]}]),
        "require": {
            "ic": ic,
            "ir": "ex-post" if ic in ("ex-post", "ordinal") else "interim",
            "bb": "none" if ic == "ordinal" else rng.choice(["none", "ex-post", "ex-post-weak", "ex-ante-weak"]),
        },
    }  # fmt: skip
    if ic in ("bewley", "maxmin"):
        out["beliefs"]["sets"] = {k: {"list": [["1/4", "3/4"], ["2/3", "1/3"]]} for k in ("one", "two")}
    if ic == "ordinal":
        out["transfers"] = "none"
    return out


def disagreements(seed, points, pieces):
    """(points examined, those where region and a fresh solve differ, those left open)."""
    rng = random.Random(seed)
    reading = mechlp.read_document(environment(rng))
    over = ["p=-1:1", "q=0:1"][: rng.choice([1, 2])]
    region = mechlp.region(reading, over=over, pieces=pieces)
    names = region.family.names
    places = [[F(rng.randint(-30, 30), 30) for _ in names] for _ in range(points)]
    decided = [piece for part in region.parts for piece in part.pieces if piece.status != "undecided"]
    for piece in decided[:4]:
        for corner in piece.corners[:3]:
            places.append([c + F(rng.choice([-1, 0, 1]), 10**6) for c in corner[: len(names)]])
    wrong = asked = left = 0
    for place in places:
        at = {n: min(max(x, r.low), r.high) for n, x, r in zip(names, place, region.family.over)}
        said = region.holds(**at)
        asked, left = asked + 1, left + (said is None)
        if said is not None:
            numbers = {**reading.design.environment.parameters, **at}
            wrong += said is not reading.rebuilt(numbers).solve(relax=False, fewest=False).exists
    assert verify(saved(region)).accepted
    return asked, wrong, left


@pytest.mark.parametrize("seed", [1])
def test_random_regions_agree_with_fresh_solves(seed):
    asked, wrong, _ = disagreements(seed, 3, pieces=3)
    assert asked >= 3 and wrong == 0


@pytest.mark.slow
@pytest.mark.parametrize("tenth", range(10))
def test_two_hundred_random_regions_agree_with_fresh_solves_at_twenty_points_and_at_their_edges(tenth):
    counts = [disagreements(seed, 20, pieces=8) for seed in range(tenth, 200, 10)]
    assert sum(c[1] for c in counts) == 0
    assert sum(c[2] for c in counts) < sum(c[0] for c in counts)
