"""Parameters in belief sets: thresholds that are derived by hand, agreement with fresh solves, ranges that are refused."""

import json
import random
from fractions import Fraction as F
from pathlib import Path

import pytest

import mechlp
from mechlp.checking.verify import verify
from mechlp.proof.family import InvalidFamily
from mechlp.proof.invalid import InvalidCertificate
from mechlp.report.regions import sentence

CONFIGS = Path(__file__).parents[2] / "configs"
#: One gets 1 where two's type is a, and loses 1 where it is b; nothing is paid.
TAKES_PART = """
parameters: {eps: 1/10}
agents: {one: [t], two: [a, b]}
outcomes: [nothing, done]
payoffs: {done: {one: [[1, -1]]}}
beliefs:
  sets:
    one: {around: [3/4, 1/4], contamination: eps}
    two: everything
allocation: {table: [[done, done]]}
transfers: none
require: {ic: bewley, ir: interim}
"""
#: One gets the square of two's number, of which she knows the mean, less 1/2.
KNOWN_MEAN = """
parameters: {m: 1/2}
agents: {one: [t], two: [0, 1/2, 1]}
outcomes: [nothing, done]
payoffs: {done: {one: two**2 - 1/2}}
beliefs:
  sets:
    one: {mean: m}
    two: everything
allocation: {table: [[done, done, done]]}
transfers: none
require: {ic: bewley, ir: interim}
"""
#: Of whatever the designer holds possible, a quarter is to be paid.
GUARANTEED = """
parameters: {m: 1/2}
agents: {buyer: {types: [0, 1/2, 1]}}
outcomes: single-good
beliefs: {designer: {mean: m}}
constraints: {paid: {transfers: {buyer: -1}, each: expected, at-least: 1/4}}
require: {ic: ex-post, ir: ex-post}
objective: feasibility
"""


def test_who_takes_part_under_contamination():
    """The worst belief puts 3/4 (1 - eps) on a: at least 1/2 iff eps <= 1/3, and the vertices meet at no contamination."""
    found = mechlp.threshold(mechlp.read_text(TAKES_PART), over="eps=0:1")
    assert [t.rational for t in found.thresholds] == [F(1, 3)] and found.exact
    assert [found.holds(eps=e) for e in ("0", "1/3", F(1, 3) + F(1, 10**6), "1")] == [True, True, False, False]
    assert verify(json.loads(json.dumps(found.to_json()))).accepted
    maxmin = mechlp.region(mechlp.read_text(TAKES_PART.replace("bewley", "maxmin")), over="eps=0:2/3")
    assert sentence(maxmin) == "possible iff eps <= 1/3" and maxmin.exact


def test_who_takes_part_with_a_known_mean():
    """The square is convex, so that its least expectation is the line between neighbours: 1/4 + 3/2 (m - 1/2) beyond 1/2."""
    reading = mechlp.read_text(KNOWN_MEAN)
    assert mechlp.threshold(reading, over="m=0:1/2").status == "infeasible"
    for p in mechlp.sweep(reading, "m=0:1:13", jobs=1):  # across 1/2, where the vertices change
        assert p.certified and p.possible == (p.at[0] >= F(2, 3))


def test_a_range_is_cut_where_vertices_change():
    """At 1/2; of m^2, at the root of 1/2.  The pieces cover the range, and what goes over a cut is no proof."""
    found = mechlp.threshold(mechlp.read_text(KNOWN_MEAN), over="m=0:1")
    assert [t.rational for t in found.thresholds] == [F(2, 3)] and found.exact
    data = json.loads(json.dumps(found.to_json()))
    assert verify(data).accepted and [c["at"] for c in data["lines"][0]["cuts"]] == ["0", "1/2", "2/3", "1"]
    data["lines"][0]["cuts"].pop(1)
    data["lines"][0]["intervals"].pop(0)
    with pytest.raises(InvalidCertificate, match="vertices of belief sets change inside"):
        list(type(found).from_json(data).check())


@pytest.mark.slow
def test_cuts_may_be_irrational():
    reading = mechlp.read_text(KNOWN_MEAN.replace("{mean: m}", "{mean: m**2}"))
    found = mechlp.threshold(reading, over="m=0:1")
    assert [t.polynomial for t in found.thresholds] == [(-2, 0, 3)] and found.exact
    assert (-1, 0, 2) in [cut.at.polynomial for cut in found.lines[0].cuts]
    assert verify(json.loads(json.dumps(found.to_json()))).accepted
    with pytest.raises(InvalidFamily, match=r"change at m = 0.707107, which is irrational: `mechlp threshold`"):
        mechlp.region(reading, over="m=0:1")


@pytest.mark.parametrize(
    ("old", "new", "roots"),
    [
        ("contamination: eps", "contamination: eps**2", (-1, 0, 3)),  # 3/4 (1 - eps^2) = 1/2
        ("[3/4, 1/4], contamination: eps", "[3/4 - eps/4, 1/4 + eps/4], contamination: eps", (1, -4, 1)),
    ],
)
def test_numbers_of_sets_may_be_polynomials(old, new, roots):
    """(3 - eps) (1 - eps) / 4 = 1/2 where the center moves too."""
    found = mechlp.threshold(mechlp.read_text(TAKES_PART.replace(old, new)), over="eps=0:1")
    assert [t.polynomial for t in found.thresholds] == [roots] and found.exact


def test_what_every_prior_of_the_designer_guarantees():
    """With a known mean m on 0, 1/2, 1 the most that is guaranteed is 2/3 m up to m = 3/4 (Carrasco et al. 2018, on a grid)."""
    found = mechlp.threshold(mechlp.read_text(GUARANTEED), over="m=1/4:1")
    assert [t.rational for t in found.thresholds] == [F(3, 8)] and found.exact
    assert verify(json.loads(json.dumps(found.to_json()))).accepted


@pytest.mark.slow
def test_two_parameters_are_cut_along_lines():
    """The least expectation of the square of two's number is m/2, and 3/2 m - 1/2 beyond 1/2."""
    text = KNOWN_MEAN.replace("{m: 1/2}", "{m: 1/2, x: 0}").replace("- 1/2", "- 1/2 + x")
    found = mechlp.region(mechlp.read_text(text), over=["m=0:1", "x=-1/2:1/2"])
    assert len(found.parts) == 2 and sentence(found) == "possible iff m + 2 x >= 1, or 3 m + 2 x >= 2"
    for m, x in [(F(i, 7), F(j, 14)) for i in range(8) for j in range(-7, 8)]:
        assert found.holds(m=m, x=x) in (None, max(m / 2, F(3, 2) * m - F(1, 2)) >= F(1, 2) - x)
    assert verify(json.loads(json.dumps(found.to_json()))).accepted


def test_bounds_on_a_mean_and_known_marginals_move_too():
    """A mean of at least m: the worst belief has mean m, or more; and a marginal that puts m/2 on 1/2 and on 1."""
    least = KNOWN_MEAN.replace("{mean: m}", "{moments: [{of: two, at-least: m}]}")
    marginal = KNOWN_MEAN.replace("{mean: m}", "{marginals: {two: [1 - m, m/2, m/2]}}")
    assert [t.rational for t in mechlp.threshold(mechlp.read_text(least), over="m=1/2:1").thresholds] == [F(2, 3)]
    assert [t.rational for t in mechlp.threshold(mechlp.read_text(marginal), over="m=1/3:1").thresholds] == [F(4, 5)]


def test_trade_with_known_means_is_possible_on_a_whole_range():
    """Wolitzky (2015) on the grid of three types: D_3 <= 0 for means of 1/4 and of 1/2 to 1."""
    reading = mechlp.read(CONFIGS / "wolitzky-2015-bilateral-trade.yaml")
    small = mechlp.read_document({**reading.document, "parameters": {"n": "3", "c_star": "1/4", "v_star": "3/4"}})
    region = mechlp.region(small, over="v_star=1/2:1")
    assert sentence(region) == "possible everywhere" and verify(json.loads(json.dumps(region.to_json()))).accepted


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("contamination: eps", "variation: eps", "variation depends on the parameters"),
        ("around: [3/4, 1/4], contamination: eps", "support: [eps + 1, 1]", "support depends on the parameters"),
    ],
)
def test_what_is_not_covered_is_refused_in_words(old, new, said):
    with pytest.raises(mechlp.InvalidDesign, match=said):
        mechlp.threshold(mechlp.read_text(TAKES_PART.replace(old, new)), over="eps=0:1/2")
    curved = TAKES_PART.replace("1/10}", "1/10, d: 0}").replace("contamination: eps", "contamination: eps*d")
    with pytest.raises(mechlp.InvalidDesign, match="over two of them a number of a belief set may be affine"):
        mechlp.region(mechlp.read_text(curved), over=["eps=0:1/2", "d=0:1"])


def test_a_set_around_a_prior_that_moves_is_refused():
    text = TAKES_PART.replace("{around: [3/4, 1/4], contamination: eps}", "{around: prior, contamination: 1/10}")
    text = text.replace("  sets:", "  prior: {table: [[1 - eps, eps]]}\n  sets:")
    with pytest.raises(mechlp.InvalidDesign, match="contamination around beliefs that depend on the parameters"):
        mechlp.region(mechlp.read_text(text), over="eps=0:1/2")


# -- by generation ------------------------------------------------------------------------------
def environment(rng):
    """Two agents with two types and sets of a contaminated belief, or with a bound on a chance; payoffs at random."""
    cells = lambda: [[rng.randint(-3, 3) for _ in range(2)] for _ in range(2)]  # noqa: E731
    own = lambda: f"{rng.randint(1, 4)}/5"  # noqa: E731

    def beliefs():
        chance = own()
        if rng.random() < 0.5:
            return {"around": [chance, f"1 - {chance}"], "contamination": "p"}
        return {"quantiles": {"0": "1/2 - p/3"}}

    return {
        "parameters": {"p": "1/2"},
        "agents": {"one": ["0", "1"], "two": ["0", "1"]},
        "outcomes": ["nothing", "left", "right"],
        "payoffs": {o: {k: [list(map(str, row)) for row in cells()] for k in ("one", "two")} for o in ("left", "right")},
        "beliefs": {"sets": {"one": beliefs(), "two": beliefs()}},
        "allocation": rng.choice(["efficient", "chosen", {"table": [["left", "right"], ["nothing", "left"]]}]),
        "outside": {"one": rng.choice(["0", "1/2"])},
        "require": {"ic": "bewley", "ir": "interim", "bb": rng.choice(["ex-post", "ex-post-weak"])},
    }  # fmt: skip


def three_types(rng):
    """The same, one knowing the mean of two's three types, or a bound on it: the range is cut at the second of them."""
    document = environment(rng)
    table = lambda: [[str(rng.randint(-3, 3)) for _ in range(3)] for _ in range(2)]  # noqa: E731
    known = rng.choice([{"mean": "2*p"}, {"moments": [{"of": "two", "at-least": "2*p"}]}, {"mean": "1 + p**2"}])
    return {
        **document,
        "agents": {"one": ["0", "1"], "two": ["0", "1", "2"]},
        "payoffs": {o: {k: table() for k in ("one", "two")} for o in ("left", "right")},
        "beliefs": {"sets": {"one": known, "two": "everything"}},
        "allocation": rng.choice(["efficient", {"table": [["left", "right", "left"], ["nothing", "left", "right"]]}]),
    }


def disagreements(seed, points, make=environment):
    """(thresholds, points at which the theorem and a fresh solve differ)."""
    reading = mechlp.read_document(make(random.Random(seed)))
    found = mechlp.threshold(reading, over="p=0:1")
    assert verify(json.loads(json.dumps(found.to_json()))).accepted
    near = [e + s * F(1, 10**6) for t in found.thresholds for e in t.enclosure() for s in (-1, 0, 1)]
    places = [F(k, points) for k in range(points + 1)] + [p for p in near if 0 <= p <= 1]
    wrong = sum(found.holds(p=p) not in (None, reading.rebuilt({"p": p}).solve(relax=False, fewest=False).exists) for p in places)
    return len(found.thresholds), wrong


def test_random_sets_agree_with_fresh_solves():
    assert disagreements(2, 3)[1] == 0


@pytest.mark.slow
@pytest.mark.parametrize("fifth", range(5))
def test_sixty_random_sets_agree_with_fresh_solves(fifth):
    found = [disagreements(seed, 20) for seed in range(fifth, 60, 5)]
    assert sum(wrong for _, wrong in found) == 0 and any(count for count, _ in found)


@pytest.mark.slow
def test_twenty_random_sets_that_are_cut_agree_with_fresh_solves():
    assert sum(disagreements(seed, 10, three_types)[1] for seed in range(20)) == 0
