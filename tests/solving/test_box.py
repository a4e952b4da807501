"""Types that fill a box: certified ends against closed forms, and what is refused."""

import itertools
import json
import math
import random
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import forged, put, refused

import mechlp
from mechlp import Rationals
from mechlp.answer.box import BoxAnswer
from mechlp.checking.opened import opened
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.closed_forms.exclusive import exclusive_revenue
from mechlp.environment.box import Axis, Box
from mechlp.environment.errors import InvalidEnvironment
from mechlp.files import InvalidFile
from mechlp.files.writer import document_of
from mechlp.mechanism.offered import InvalidMenu, Menu, taken
from mechlp.proof.box import BoxFlow, InvalidFlow
from mechlp.question.box import BoxDesign

CONFIGS = Path(__file__).parents[2] / "configs"
GOODS, GRADES = CONFIGS / "two-goods-continuum.yaml", CONFIGS / "multidimensional-auction-continuum.yaml"


def uniform(count, cells, low=0, high=1):
    masses = (F(1, cells),) * cells
    return tuple(Axis(f"a{k}", F(low), F(high), masses) for k in range(count))


def box(n, axes, goods=False):
    return BoxDesign(Box("bidder", n, axes, goods))


def solved(path, **overrides):
    return mechlp.read(path, overrides={k: str(v) for k, v in overrides.items()}).design.solve()


@pytest.fixture(scope="module")
def goods():
    return {t: solved(GOODS, T=t) for t in (4, 8, 16)}


@pytest.fixture(scope="module")
def auction():
    return solved(GRADES, T=8)


# -- closed forms ------------------------------------------------------------------------------------------
def test_two_goods_have_their_known_revenue_between_the_ends(goods):
    """(12 + 2 sqrt 2) / 27: Manelli and Vincent (2006), Daskalakis, Deckelbaum and Tzamos (2017)."""
    for found in goods.values():
        low, high = (27 * end - 12 for end in (found.value, found.bound))
        assert low**2 < 8 < high**2 and low > 0
    assert goods[16].width < F(15, 10_000)


def test_the_bracket_shrinks_at_least_at_first_order(goods):
    assert goods[8].width < goods[4].width / 2 and goods[16].width < goods[8].width / 2


def test_the_exclusive_buyer_mechanism_earns_what_its_formula_says(auction):
    """8/15 + 4 / (45 sqrt 3) at the best price 1 / sqrt 3: within the square of the distance of the price."""
    rest = (auction.exclusive_value - F(8, 15)) * 45 / 4
    assert rest**2 < F(1, 3) < (rest + F(1, 10**5)) ** 2
    assert auction.value == auction.exclusive_value > auction.menu_value > F(55, 100)
    assert auction.bound < F(605, 1000)


@pytest.mark.parametrize(("n", "best"), [(1, F(1, 4)), (2, F(5, 12)), (3, F(17, 32))])
def test_one_grade_is_myersons_auction(n, best):
    """Uniform on [0, 1], reserve 1/2: 1/4, 5/12, 17/32 (Myerson 1981)."""
    found = box(n, uniform(1, 20)).solve()
    assert found.value == best == exclusive_revenue(found.design.environment, F(1, 2))
    assert best <= found.bound < best * F(1005, 1000)


def best_price(axis):
    """The largest p (1 - F(p)): on each cell a parabola, so at its ends or its vertex."""
    ends, below, found = axis.ends, F(0), []
    for (low, high), mass in zip(itertools.pairwise(ends), axis.masses):
        slope = mass / (high - low)
        vertex = (1 - below + slope * low) / (2 * slope)
        for price in (low, high, min(max(vertex, low), high)):
            found.append(price * (1 - below - slope * (price - low)))
        below += mass
    return max(found)


def step_density(seed, name, low, high, cells):
    own = random.Random(seed)
    weights = [own.randint(1, 9) for _ in range(cells)]
    return Axis(name, F(low), F(high), tuple(F(w, sum(weights)) for w in weights))


@pytest.mark.parametrize("seed", range(6))
def test_one_good_of_any_step_density_has_the_best_posted_price_between_the_ends(seed):
    axis = step_density(seed, "a", seed % 3, seed % 3 + 2, 3 + 3 * seed)
    best, found = best_price(axis), box(1, (axis,), seed % 2 == 0).solve()
    assert found.value <= best <= found.bound
    assert found.bound - found.value < best * F(4, axis.count)


@pytest.mark.parametrize("seed", range(3))
def test_goods_of_unequal_values_sell_for_no_less_than_apart_or_than_the_bound_allows(seed):
    axes = step_density(seed, "a", 0, 1, 4), step_density(seed + 9, "b", 1, 3, 5)
    found = box(1, axes, goods=True).solve()
    assert found.bound >= sum(map(best_price, axes)) and found.value <= found.bound
    assert verify(found.to_json()).accepted


def test_brackets_of_one_question_overlap():
    """One buyer with unit demand on [2, 3] x [2, 3] (Pavlov 2011): finer cells within what coarser ones proved."""
    coarse, fine = (solved(GRADES, N=1, T=t, low=2) for t in (4, 8))
    assert max(coarse.value, fine.value) <= min(coarse.bound, fine.bound)
    assert fine.width < coarse.width / 2
    assert fine.value > 2.1126 and fine.bound < 2.16  # one price for both grades earns 2.112611...


# -- the menu ----------------------------------------------------------------------------------------------
def test_goods_sold_apart_are_taken_by_whom_they_should():
    """Prices 1/2 and 3/4: who takes what is known, and the prices are ends of cells."""
    b = Box("b", 1, uniform(2, 4), True)
    menu = Menu(Rationals.of([[1, 0], [0, 1], [1, 1]]), Rationals.of(["1/2", "3/4", "5/4"]))
    who = taken(menu, b, 0)
    assert who.least.fractions() == who.most.fractions() == [F(3, 8), F(1, 8), F(1, 8), F(3, 8)]
    assert who.revenue(b) == F(1, 2) / 2 + F(3, 4) / 4


@pytest.mark.parametrize("seed", range(4))
def test_halving_encloses_what_a_menu_earns(seed):
    """Against the same contracts offered to the middles of very small cells, and against coarser halving."""
    own = np.random.default_rng(seed)
    chances, prices = own.integers(0, 17, (7, 2)), own.integers(1, 16, 7)
    menu = Menu(Rationals(chances, 16), Rationals(prices, 16))
    axes = (step_density(seed, "a", 0, 1, 3), step_density(seed + 5, "b", 1, 2, 2))
    b = Box("b", 1, axes, True)
    coarse, fine = (taken(menu, b, k) for k in (2, 7))
    for who in (coarse, fine):
        assert who.least.sum() == who.most.sum() == 1
    assert coarse.revenue(b) <= fine.revenue(b)
    points, weights = [], []
    for axis in axes:
        parts = 120
        at = np.array(
            [float(axis.low) + (k + 0.5) * float(axis.width) / parts for k in range(axis.count * parts)]
        )
        points.append(at)
        weights.append(np.repeat([float(m) / parts for m in axis.masses], parts))
    x, y = np.meshgrid(*points, indexing="ij")
    payoff = np.stack([c[0] / 16 * x + c[1] / 16 * y - p / 16 for c, p in zip(chances, prices)] + [0 * x])
    paid = np.append(prices / 16, 0)[payoff.argmax(axis=0)]
    assert float(fine.revenue(b)) == pytest.approx((np.outer(*weights) * paid).sum(), rel=0.02)
    assert float(fine.revenue(b)) <= (np.outer(*weights) * paid).sum() * 1.002


def test_what_bidders_win_together_is_scaled_to_what_there_is():
    """Two bidders of whom each always wins: each is given 1/2."""
    b = Box("b", 2, uniform(1, 2, 1, 2))
    menu = Menu(Rationals.of([[1]]), Rationals.of([1]))
    assert taken(menu, b, 0).factor(b) == F(1, 2) and taken(menu, b, 0).revenue(b) == 1


def test_menus_are_bounded():
    b = Box("b", 1, uniform(2, 2))
    with pytest.raises(InvalidMenu, match="negative"):
        Menu(Rationals.of([[1, 0]]), Rationals.of([-1]))
    with pytest.raises(InvalidMenu, match="halved"):
        taken(Menu(Rationals.of([[1, 0]]), Rationals.of([1])), b, 99)
    with pytest.raises(InvalidMenu, match="2 chances"):
        taken(Menu(Rationals.of([[1]]), Rationals.of([1])), b, 1)


# -- the bound ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_multipliers_the_bound_holds(seed):
    """Any multipliers at least zero that leave those of IR at least zero bound what known mechanisms earn."""
    own = random.Random(seed)
    design = box(1, uniform(2, 3), True) if seed % 2 else box(2, uniform(2, 3))
    b = design.environment
    flow = {}
    for g in range(b.size):  # mass flows down, a random share of it along each axis
        down = [int(d) for d in b.below[:, g] if d >= 0]
        for d in down:
            flow[g, d] = F(own.randint(0, 4), 8 * len(down)) * b.copies / b.size
    types, reports = (np.array(side) for side in zip(*flow))
    proof = BoxFlow(types, reports, Rationals.from_fractions(list(flow.values()), (len(flow),)), b)
    known = F(5492, 10_000) if b.goods else exclusive_revenue(b, F(577, 1000))
    if bool(np.any(proof.ir(design.cells) < 0)):
        with pytest.raises(InvalidFlow, match="IR"):
            proof.bound(design.cells)
        proof = replace(proof, amounts=proof.amounts * 0)
    assert proof.bound(design.cells) >= known


def test_no_number_of_an_answer_may_be_another(goods):
    first = goods[4]
    data = BoxAnswer.of(first.design, first.menu, 3, first.proof, None).to_json()
    assert verify(data).accepted
    caught = 0
    for field, place in itertools.product(("types", "reports", "multipliers"), range(0, 40, 9)):
        old = data["certificate"][field][place]
        new = (old + 1) % 16 if isinstance(old, int) else str(F(old) + F(1, 100))
        other = forged(data, put(("certificate", field, place), new))
        proof = BoxFlow.read(goods[4].design.environment, other["certificate"])
        short = bool(np.any(proof.ir(goods[4].design.cells) < 0))
        same = (
            not short and proof.bound(goods[4].design.cells) == goods[4].bound
        )  # then it proves what is claimed
        assert verify(other).accepted == same
        caught += not same
    assert caught >= 12
    assert len(data["menu"]) > 3
    for contract, place in enumerate((0, 1, 2, 2)):
        refused(data, put(("menu", contract, place), str(F(data["menu"][contract][place]) + F(1, 10))))
    for field in ("value", "bound", "menu_value", "factor"):
        refused(data, put((field,), str(F(data[field]) + F(1, 10**9))))
    refused(data, put(("halved",), data["halved"] + 1))
    refused(data, put(("exclusive",), {"price": "1/2", "value": "1/2"}), "one object")
    refused(data, put(("problem", "parameters", "T"), "5"))
    assert not verify(forged(data, lambda d: d["certificate"]["multipliers"].__setitem__(0, "-1"))).accepted


def test_the_price_of_the_exclusive_buyer_is_checked(auction):
    data = auction.to_json()
    assert verify(data).accepted
    refused(data, put(("exclusive", "price"), "3/5"))
    refused(data, put(("exclusive", "value"), str(auction.exclusive_value + 1)))


# -- files, pages ------------------------------------------------------------------------------------------
def test_a_box_is_written_and_read_back(auction):
    axes = step_density(1, "A", 0, 1, 3), step_density(2, "B", 1, 3, 4)
    for design in (box(1, axes, True), box(3, axes), auction.design):
        again = mechlp.files.read_document(json.loads(json.dumps(document_of(design)))).design
        assert again.same(design)
    shown = opened(auction.to_json())
    assert (shown.value, shown.bound, shown.notes) == (auction.value, auction.bound, auction.notes)


def test_the_page_says_that_it_is_about_the_continuum(tmp_path):
    path = tmp_path / "a.json"
    run = CliRunner().invoke(main, ["solve", str(GRADES), "--set", "T=3", "--out", str(path)])
    assert run.exit_code == 0 and "in the continuum" in run.output and "exclusive-buyer" in run.output
    assert (
        CliRunner()
        .invoke(main, ["verify", str(path), "--environment", str(GRADES), "--set", "T=3"])
        .exit_code
        == 0
    )
    assert CliRunner().invoke(main, ["verify", str(path), "--environment", str(GRADES)]).exit_code == 1
    shown = CliRunner().invoke(main, ["show", str(GRADES)])
    assert shown.exit_code == 0 and "fill a box" in shown.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("buyer: uniform", "buyer: trapezoid", "uniform"),
        ("buyer: uniform", "buyer: [1/2, 1/2]", "one a cell"),
        ("buyer: uniform", "buyer: {A: uniform}", "each of A, B"),
        ("buyer: uniform", "buyer: [0, 1, 0, 0]", "positive"),
        ("{from: 0, to: 1, count: T + 1, dimensions: 2}", "{A: [0, 1, 3], B: [0, 1]}", "equal steps"),
        ("{from: 0, to: 1, count: T + 1, dimensions: 2}", "{A: [x, y], B: [0, 1]}", "two numbers"),
        ("{types:", "{copies: 2, types:", "one buyer"),
        ("count: T + 1", "count: 200", "cells"),
        ("ic: bayesian", "ic: ex-post", "bayesian"),
        ("objective: revenue", "objective: surplus", "revenue"),
        ("items: [A, B]", "items: [A, B, C]", "3 goods"),
        ("items: [A, B]", "items: [A, B], values: unit-demand", "additive"),
    ],
)
def test_mistakes_are_one_clear_message(old, new, said):
    content = GOODS.read_text().replace("T: 20", "T: 4")
    assert old in content
    with pytest.raises(InvalidFile, match=said):
        mechlp.read_text(content.replace(old, new, 1))


def test_a_box_is_bounded():
    for broken in ({"low": F(-1)}, {"high": F(0)}, {"masses": (F(1, 2),)}, {"masses": ()}):
        with pytest.raises(InvalidEnvironment):
            Axis(**{"name": "a", "low": F(0), "high": F(1), "masses": (F(1),), **broken})
    with pytest.raises(InvalidEnvironment, match="at most"):
        Box("b", 1, uniform(2, 200))


def test_time_that_ends_at_once_still_gives_certified_ends():
    found = box(2, uniform(2, 6)).solve(time_limit=1e-9)
    assert found.value <= found.bound and verify(found.to_json()).accepted and math.isfinite(found.bound)


def test_messages_about_boxes_say_what_the_file_says():
    """One axis has no name in a file about a single good; another command's question is answered by `solve`."""
    text = "agents: {bidder: {types: [0, 1, 3], copies: 2}}\noutcomes: single-good\n"
    more = "beliefs: {prior: {product: {bidder: uniform}}, continuum: true}\nrequire: {ic: bayesian, ir: interim, bb: none}\nobjective: revenue\n"
    with pytest.raises(InvalidFile, match="equal steps") as refused:
        mechlp.read_text(text + more)
    assert "grade" not in str(refused.value)
    run = CliRunner().invoke(main, ["continuum", str(GOODS)])
    assert run.exit_code == 2 and "`mechlp solve` answers this file" in run.output
