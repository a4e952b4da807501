"""Exact regions of parameters: known theorems, every border, fresh solves at points near it, and proofs that are refused."""

import copy
import json
import random
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.environment.degrees import NotPolynomial, degree
from mechlp.environment.formulas import Definition
from mechlp.exact.bernstein import coefficients, lattice, nodes
from mechlp.exact.saved import checksum
from mechlp.files.dependence import NoFamily
from mechlp.proof.cases import Case
from mechlp.proof.family import InvalidFamily
from mechlp.proof.invalid import InvalidCertificate
from mechlp.proof.pieces import refuted, serves
from mechlp.proof.region import Region, covered, lottery
from mechlp.report.inequalities import inequalities
from mechlp.report.regions import region_latex, sentence

CONFIGS = Path(__file__).parents[2] / "configs"
GUO = CONFIGS / "guo-2018-example-1.4.2.yaml"
SELLING = """
title: One buyer
parameters: {h: 2, r: 1}
agents: {buyer: [low, high]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: "1 if buyer == low else h**2"}}
outside: {buyer: "0 if buyer == low else r"}
beliefs: {prior: {table: [1/2, 1/2]}}
require: {ic: bayesian, ir: interim, bb: ex-post-weak}
"""


TRADE = """
parameters: {c: 1/2, v: 1/2}
agents: {seller: {types: [0, c]}, buyer: {types: [v, 1]}}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
allocation: efficient
require: {ic: bayesian, ir: interim, bb: ex-post}
"""


def found(name, *over, **options):
    return mechlp.region(mechlp.read(CONFIGS / f"{name}.yaml"), over=over, **options)


@pytest.fixture(scope="module")
def guo():
    return found("guo-2018-example-1.4.2", "a=0:2", "B=0:2")


def run(*arguments):
    return CliRunner().invoke(main, ["region", *map(str, arguments)])


# -- known answers ------------------------------------------------------------------------------
def test_guo_1_4_2_is_possible_iff_B_is_at_most_a_or_nothing_is_at_stake(guo):
    assert sentence(guo) == "possible iff B <= a, or a = 0"
    assert guo.exact and guo.undecided == 0 and guo.status == "feasible"
    edge = F(1, 10**6)
    for a, b, holds in ((1, 1, True), (1, 1 + edge, False), (1, 1 - edge, True), (0, 2, True), (edge, 2, False),
                        (0, 0, True), (2, 0, True), (2, 2, True), (edge, edge, True)):  # fmt: skip
        assert guo.holds(a=a, B=b) is holds


def test_guo_1_4_1_is_impossible_iff_v1_and_v2_exceed_twice_v3():
    region = found("guo-2018-example-1.4.1", "v1=3:6", "v3=9/4:19/4")  # v2 = 2
    assert sentence(region) == "possible iff v1 + 2 <= 2 v3"
    assert region.parts[0].lines == ((F(-2), (F(-1), F(2))),)


def test_a_rule_that_changes_is_decided_cell_by_cell_and_at_every_tie():
    region = found("public-good", "cost=0:7")
    # Where the project is never or always built nothing is needed; at cost 5 only three high values build it.
    assert sentence(region) == "possible iff cost = 0, or cost >= 5"
    reading = mechlp.read(CONFIGS / "public-good.yaml")
    for cost in (F(0), F(1, 2), F(4), F(9, 2), F(5)):
        assert region.holds(cost=cost) is reading.rebuilt({"cost": cost}).solve(relax=False).exists


def test_an_interval_is_written_as_one():
    names, box = ["cost"], [(F(0), F(0)), (F(7), F(0))]
    assert inequalities([(F(4), F(0)), (F(9, 2), F(0))], names, box) == "4 <= cost <= 9/2"
    assert inequalities([(F(5), F(0)), (F(7), F(0))], names, box) == "cost >= 5"
    assert inequalities([(F(3), F(0))], names, box) == "cost = 3" and not inequalities(box, names, box)


def test_trade_of_two_types_is_possible_where_the_surplus_pays_the_rents():
    # With c > v all but (c, v) trade: the surplus is (2 + v - c)/4, the rents of 0 and 1 are c/4 + (1 - v)/4.
    region = mechlp.region(mechlp.read_text(TRADE), over=["c=1/10:9/10", "v=1/10:9/10"])
    assert sentence(region) == "possible iff c <= v + 1/2"  # of two rules, on either side of c = v
    edge = F(1, 10**6)
    for c, v, holds in (
        (F(7, 10), F(1, 5), True),
        (F(7, 10) + edge, F(1, 5), False),
        (F(1, 2), F(1, 2), True),
    ):
        assert region.holds(c=c, v=v) is holds
    assert "types are named as at c = 19/30, v = 11/30" in region_latex(region)


def test_time_that_runs_out_leaves_the_rest_undecided():
    region = mechlp.region(mechlp.read_text(TRADE), over="c=1/10:9/10", time_limit=1e-9)
    assert region.status == "undecided" and region.undecided == F(4, 5) and region.holds(c=F(1, 5)) is None
    assert verify(json.loads(json.dumps(region.to_json()))).accepted


def test_a_chosen_allocation_is_decided_in_pieces():
    reading = mechlp.read_text(SELLING.replace("h**2", "h"))
    region = mechlp.region(reading, over={"h": (0, 4), "r": (0, 4)})
    assert (
        sentence(region) == "possible iff r <= h"
    )  # she cannot be paid, so trade at price 0 must be worth r


def test_curved_borders_leave_an_area_that_shrinks_and_is_never_claimed():
    reading = mechlp.read_text(SELLING)
    areas = []
    for pieces in (2, 6):
        region = mechlp.region(reading, over=["h=1:2", "r=1:4"], pieces=pieces)
        areas.append(region.undecided)
        assert region.status == "undecided" and verify(region.to_json()).accepted
        for h in (F(1), F(5, 4), F(7, 4), F(2)):
            for r in (F(1), F(7, 2)):
                assert region.holds(h=h, r=r) in (r <= h**2, None)
    assert 0 < areas[1] < areas[0] < 3


def environment(rng):
    """Two agents with two types, payoffs affine in p and q, at random."""
    affine = lambda: f"{rng.randint(-3, 3)} + {rng.randint(-2, 2)}*p + {rng.randint(-2, 2)}*q"  # noqa: E731
    cells = lambda: [[affine() for _ in range(2)] for _ in range(2)]  # noqa: E731
    weights = [[rng.randint(1, 5) for _ in range(2)] for _ in range(2)]
    bb = rng.choice(["none", "ex-post", "ex-post-weak", "ex-ante-weak"])
    bayesian = rng.random() < 0.6
    return {
        "parameters": {"p": "1", "q": "1"},
        "agents": {"one": ["l", "h"], "two": ["x", "y"]},
        "outcomes": ["nothing", "left", "right"],
        "payoffs": {o: {k: cells() for k in ("one", "two")} for o in ("left", "right")},
        "beliefs": {"prior": {"weights": [[str(w) for w in row] for row in weights]}},
        "allocation": rng.choice(["efficient", "efficient", "efficient-first", {"table": [["left", "right"], ["nothing", "left"]]}]),
        "require": {"ic": "bayesian" if bayesian else "ex-post", "ir": "interim" if bayesian else "ex-post", "bb": bb},
    }  # fmt: skip


def disagreements(seed, points, most=2):
    """(points examined, points where region and a fresh solve differ, points left open)."""
    rng = random.Random(seed)
    reading = mechlp.read_document(environment(rng))
    region = mechlp.region(reading, over=["p=-2:2", "q=-1:2"][: min(rng.choice([1, 2]), most)], pieces=12)
    names, number = region.family.names, lambda: F(rng.randint(-60, 60), 30)
    places = [[number() for _ in names] for _ in range(points)]
    for polygon in region.possible[:3]:
        for corner in polygon[:3]:
            places.append([c + F(rng.choice([-1, 0, 1]), 10**6) for c in corner[: len(names)]])
    wrong = asked = open_ = 0
    for place in places:
        at = {n: min(max(x, r.low), r.high) for n, x, r in zip(names, place, region.family.over)}
        said = region.holds(**at)
        asked, open_ = asked + 1, open_ + (said is None)
        fresh = reading.rebuilt({**reading.design.environment.parameters, **at}).solve(
            relax=False, fewest=False
        )
        wrong += said is not None and said is not fresh.exists
    assert verify(json.loads(json.dumps(region.to_json()))).accepted
    return asked, wrong, open_


@pytest.mark.parametrize("seed", [0, 12])
def test_random_intervals_agree_with_fresh_solves(seed):
    asked, wrong, _ = disagreements(seed, 4, most=1)
    assert asked >= 4 and wrong == 0


@pytest.mark.slow
@pytest.mark.parametrize("tenth", range(10))
def test_two_hundred_random_regions_agree_with_fresh_solves_at_twenty_points_and_at_their_edges(tenth):
    counts = [disagreements(seed, 20) for seed in range(tenth, 200, 10)]
    assert sum(c[1] for c in counts) == 0
    assert sum(c[2] for c in counts) < sum(c[0] for c in counts) / 20


# -- the certificate ----------------------------------------------------------------------------
def test_a_saved_region_is_rechecked_as_a_whole(guo, tmp_path):
    path = tmp_path / "guo.json"
    path.write_text(json.dumps(guo.to_json()))
    verdict = mechlp.verify_file(path, GUO)
    assert verdict.accepted and any("the area" in c for c in verdict.checked)


def forged(data, change):
    out = copy.deepcopy(data)
    change(out)
    out.pop("sha256")
    return verify({**out, "sha256": checksum(out)})


def test_what_does_not_follow_is_refused(guo):
    data = json.loads(json.dumps(guo.to_json()))
    area = lambda d: d["parts"][0]  # noqa: E731

    def more(d):
        area(d)["corners"][1] = ["2", "1"]

    def another_line(d):
        area(d)["cuts"][0]["at_least_zero"] = ["0", "2", "-1"]

    def less_cut(d):
        area(d)["cuts"] = []

    def no_multiplier(d):
        area(d)["cuts"][0]["multipliers"].pop()

    def paid(d):
        area(d)["mechanisms"][2]["transfers"]["agent1"][0][0] = "7"

    def wider(d):
        d["over"]["B"] = ["0", "3"]

    def another_problem(d):
        d["problem"]["payoffs"]["x1"]["agent1"] = "2*a"

    def no_edge(d):
        d["parts"].pop()

    def edge_unsaid(d):
        d["parts"][1]["pieces"] = []

    for change in (
        more,
        another_line,
        less_cut,
        no_multiplier,
        paid,
        wider,
        another_problem,
        no_edge,
        edge_unsaid,
    ):
        assert not forged(data, change).accepted, change.__name__
    assert verify(data).accepted


def test_pieces_that_overlap_or_leave_gaps_are_refused():
    region = mechlp.region(mechlp.read_text(SELLING), over="h=0:2", pieces=4)
    data = json.loads(json.dumps(region.to_json()))

    def twice(d):
        pieces = d["parts"][0]["pieces"]
        pieces[0] = copy.deepcopy(pieces[-1])

    def swapped(d):
        pieces = d["parts"][0]["pieces"]
        served = next(p for p in pieces if p["status"] == "possible")
        other = next(p for p in pieces if p["status"] == "impossible")
        served["corners"], other["corners"] = other["corners"], served["corners"]

    assert verify(data).accepted
    assert not forged(data, twice).accepted
    assert not forged(data, swapped).accepted


def test_each_check_of_a_region_refuses_by_itself(guo):
    part, family = guo.parts[0], guo.family
    rule, designs = lottery(family, part.face), [family.at(p) for p in part.corners]
    serves(designs, rule, part.mechanisms)
    (one,) = part.mechanisms[1]
    other = (replace(one, allocation=1 - one.allocation),)
    with pytest.raises(InvalidCertificate, match="do not share"):
        serves(designs, rule, [part.mechanisms[0], other, *part.mechanisms[2:]])
    proof, beyond, within = Case(part.cuts[0]), family.at((F(1), F(2))), family.at((F(2), F(1)))
    assert refuted(proof, [beyond], part.face.allowed)
    assert not refuted(proof, [beyond, within], part.face.allowed)
    for changed in ({"undecided": "1/7"}, {"status": "infeasible"}):
        with pytest.raises(InvalidCertificate, match="not that of the parts"):
            Region.from_json({**guo.to_json(), **changed})


def test_a_rule_is_efficient_on_all_of_its_piece():
    """Keeping the good is efficient for the high type at h = 0 alone."""
    region = mechlp.region(mechlp.read_text(SELLING + "allocation: efficient\n", overrides={"r": "0"}), over="h=0:2", pieces=4)
    (part,) = region.parts
    piece = next(p for p in part.pieces if p.status == "possible" and (F(0), F(0)) in p.corners)
    piece.check(region.family, part.face)
    keep = mechlp.Rationals.of([[0, 1], [1, 0]])
    kept = tuple(tuple(replace(m, allocation=keep) for m in own) for own in piece.claim.rules)
    with pytest.raises(InvalidCertificate, match="may not be used"):
        replace(piece, claim=replace(piece.claim, rules=kept)).check(region.family, part.face)


def test_a_tie_that_is_settled_is_a_face_of_its_own():
    """Where the first of two equals is taken, one side of the tie is another rule than the tie."""
    text = SELLING.replace("h**2", "h - 1") + "allocation: efficient-first\n"
    region = mechlp.region(mechlp.read_text(text, overrides={"r": "0"}), over="h=0:2")
    assert sorted(tuple(sorted(part.face.corners)) for part in region.parts) == [
        ((F(0), F(0)), (F(1), F(0))), ((F(1), F(0)),), ((F(1), F(0)), (F(2), F(0)))
    ]  # fmt: skip
    (tie,) = [part for part in region.parts if part.face.dimension == 0]
    areas = [part for part in region.parts if part.face.dimension]
    assert areas[0].polygons("possible") and not covered(region.family, tie.face, areas)


# -- what it is made of -------------------------------------------------------------------------
def test_degrees_are_read_off_formulas():
    names = {
        "a": 1,
        "B": 1,
        "c": 0,
        "agent": None,
        "sq": Definition(("x",), "x*x"),
        "half": Definition((), "a/2"),
    }
    for formula, known in (("a - 2*B if agent == s2 else a", 1), ("a*B + c**7", 2), ("a**3*B", 4), ("sq(a + B)", 2),
                           ("half*half", 2), ("max(c, 1)", 0), ("-(a)/c", 1), ("s2", None)):  # fmt: skip
        assert degree(formula, names) == known
    for formula in (
        "1/a",
        "max(a, B)",
        "a if B > 1 else 0",
        "c**a",
        "sqrt(a)",
        "abs(half)",
        "a**(1/2)",
        "not a",
    ):
        with pytest.raises(NotPolynomial, match="no polynomial"):
            degree(formula, names)


def test_bernstein_coefficients_of_a_polynomial_on_a_triangle():
    corners = ((F(0), F(0)), (F(2), F(0)), (F(0), F(3)))
    # x y has coefficients 0 but for the edge between (2, 0) and (0, 3), where the blossom gives (2*3 + 0*0)/2 = 3.
    values = [x * y for x, y in nodes(corners, 2)]
    got = {k: sum(w * v for w, v in zip(row, values)) for k, row in zip(lattice(3, 2), coefficients(3, 2))}
    assert got.pop((0, 1, 1)) == 3 and set(got.values()) == {0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("a - 2*B if agent2 == s2 else a", "max(a, B)"), "no polynomial"),
        (
            ("[[0.1, 0.2, 0.2], [0.2, 0.1, 0.2]]", "[[1/(9 + a), 0.2, 0.2], [0.2, 0.1, 1/5 + 1/10 - 1/(9 + a)]]"),
            "beliefs.prior.table.*no polynomial",
        ),
        (("agent1: [t1, t2]", "agent1: {types: {from: 0, to: 1, count: 1 + a}}"), "agents.agent1 depends"),
        (
            (
                "outcomes: [x0, x1, x2]",
                "let: {f(x): x*B}\nconstraints: {c: {transfers: {agent1: 1}, where: f(2), at-most: 1}}\noutcomes: [x0, x1, x2]",
            ),
            "constraints.c.where depends",
        ),
    ],
)
def test_what_is_not_covered_is_refused_in_words(change, said):
    content = GUO.read_text()
    assert change[0] in content
    with pytest.raises((InvalidFamily, NoFamily), match=said):
        mechlp.region(mechlp.read_text(content.replace(*change)), over=["a=1:2", "B=0:2"])


def test_types_that_coincide_are_named():
    with pytest.raises(InvalidFamily, match=r"at v1 = 1 .* appears twice; take a range"):
        found("guo-2018-example-1.4.1", "v1=1:3")


# -- the command --------------------------------------------------------------------------------
def test_the_command_prints_saves_and_draws(tmp_path, guo):
    out, picture = tmp_path / "guo.json", tmp_path / "guo.svg"
    result = run(GUO, "--over", "a=0:2", "--over", "B=0:2", "--out", out, "--plot", picture)
    assert result.exit_code == 0, result.output
    assert "possible iff B <= a, or a = 0" in result.output and "none where a - B < 0" in result.output
    assert json.loads(out.read_text()) == json.loads(json.dumps(guo.to_json()))
    assert "<svg" in picture.read_text()[:1000]
    checked = CliRunner().invoke(main, ["verify", str(out), "--environment", str(GUO)])
    assert checked.exit_code == 0 and "accepted: feasible" in checked.output


def test_exit_status_says_nowhere_and_undecided(tmp_path):
    assert run(GUO, "--over", "B=3/2:2", "--no-save").exit_code == 1
    path = tmp_path / "selling.yaml"
    path.write_text(SELLING)
    assert run(path, "--over", "h=1:2", "--over", "r=1:4", "--pieces", "2", "--no-save").exit_code == 3
    for wrong, said in ((("--over", "B"), "write NAME=FROM:TO"), (("--over", "z=0:1"), "no parameter is named 'z'"),
                        (("--over", "B=2:1"), "is no range"), (("--over", "B=0:1", "--over", "B=0:2"), "B is named twice")):  # fmt: skip
        result = run(GUO, *wrong, "--no-save")
        assert result.exit_code == 2 and said in result.output


def test_latex_and_json(guo):
    tex = region_latex(guo)
    assert r"if and only if $B \le a$, or $a = 0$" in tex and r"\[ a - B \ge 0. \]" in tex
    data = json.loads(run(GUO, "--over", "B=0:2", "--json", "--no-save").output)
    assert data["format"] == "mechlp region 1" and data["parts"][0]["possible"] == [[["1", "0"], ["0", "0"]]]


def test_what_is_no_problem_between_its_points_is_saved_as_open():
    """Chances add up to one where p = q alone: nothing is said of an area, and the answer is saved all the same."""
    text = """
parameters: {p: 1/2, q: 1/2}
agents: {one: [a, b]}
outcomes: [n, l]
payoffs: {l: {one: [2, q - 3]}}
beliefs: {prior: {table: ["1/4 + p/2", "3/4 - q/2"]}}
require: {ic: bayesian, ir: interim}
"""
    found = mechlp.region(mechlp.read_text(text), over=["p=0:1", "q=0:1"], pieces=2)
    assert found.undecided == 1 and verify(json.loads(json.dumps(found.to_json()))).accepted


def test_a_mechanism_on_the_border_of_what_is_impossible_is_found():
    """Without transfers a0 has -y from o and -1 - y from p: it takes part only if y = 0, and then o for all is a mechanism."""
    text = """
parameters: {x: 1/2, y: 1/2}
agents: {a: [a0, a1, a2]}
outcomes: [o, p]
payoffs: {o: {a: "x + 1 if a == a2 else -y"}, p: {a: "-1 - y if a == a0 else -x"}}
beliefs: {prior: uniform}
transfers: none
allocation: deterministic
require: {ic: bayesian, ir: interim}
"""
    region = mechlp.region(mechlp.read_text(text), over=["x=0:1", "y=0:1"])
    assert region.exact and sentence(region) == "possible iff y = 0"
    for x, y in ((F(0), F(0)), (F(1, 3), F(0)), (F(1), F(0)), (F(1, 3), F(1, 10**6)), (F(0), F(1))):
        assert region.holds(x=x, y=y) is (y == 0)
    alone = replace(region, parts=tuple(replace(p, pieces=p.pieces[:1]) for p in region.parts))
    assert alone.status == "undecided"  # multipliers that are zero on the border say nothing of it
