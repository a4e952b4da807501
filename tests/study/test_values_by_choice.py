"""Values where a mechanism is a choice among finitely many programs: no lotteries, maxmin types, several rules."""

import copy
import json
from fractions import Fraction as F

import pytest

import mechlp
from mechlp.checking.verify import verify
from mechlp.exact.saved import checksum
from mechlp.proof.curve import ValueCurve

EDGE = F(1, 10**6)
#: One buyer with values 1 and 2, or 1 and h^2; the second has chance x.
SELLING = """
parameters: {x: 1/3, h: 2}
agents: {buyer: [low, high]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: "1 if buyer == low else HIGH"}}
beliefs: {prior: {table: [1 - x, x]}}
allocation: deterministic
require: {ic: bayesian, ir: interim}
objective: revenue
"""
PROBABLE, CURVED = SELLING.replace("HIGH", "2"), SELLING.replace("HIGH", "h**2")
#: Room for one of two, worth 3 and x^2; lotteries would fill it better.
ROOM = """
parameters: {x: 1}
agents: {one: [first, second]}
outcomes: ["no", "yes"]
payoffs: {"yes": {one: "3 if one == first else x**2"}}
beliefs: {prior: uniform}
allocation: deterministic
transfers: none
require: {ic: none, ir: none}
constraints: {room: {allocation: {"yes": 1}, at-most: 3/4, each: expected}}
objective: surplus
"""
#: Costs 0 and 1/2, values 1/4 and h^2, of which each knows nothing: the surplus, budgets kept.
MAXMIN = """
parameters: {h: 1}
agents: {seller: [low, high], buyer: [low, high]}
outcomes: [keep, trade]
payoffs: {trade: {seller: "0 if seller == low else -1/2", buyer: "1/4 if buyer == low else h**2"}}
beliefs: {prior: uniform, sets: {seller: everything, buyer: everything}}
require: {ic: maxmin, ir: interim, bb: ex-post-weak}
objective: surplus
"""


def value(text, over):
    return mechlp.value_function(mechlp.read_text(text), over)


def solved(text, **at):
    return (
        mechlp.read_text(text, overrides={k: str(v) for k, v in at.items()})
        .design.solve(relax=False, fewest=False)
        .value
    )


def saved(answer):
    return json.loads(json.dumps(answer.to_json()))


@pytest.fixture(scope="module")
def priced():
    return value(PROBABLE, "x=1/10:9/10")


@pytest.fixture(scope="module")
def room():
    return value(ROOM, "x=1:2")


@pytest.fixture(scope="module")
def known():
    return value(MAXMIN, "h=1/2:1")


def test_a_price_is_the_best_of_few_at_every_point(priced):
    assert isinstance(priced, ValueCurve) and priced.status == "optimal" and not priced.undecided
    for x in (F(1, 10), F(1, 2) - EDGE, F(1, 2), F(1, 2) + EDGE, F(9, 10)):
        assert priced(x=x) == max(1, 2 * x)
    assert [b.rational for b in priced.breakpoints] == [F(1, 2)] and verify(saved(priced)).accepted
    curved = value(CURVED, "h=3/2:5/2")
    assert all(curved(h=h) == max(1, h * h / 3) for h in (F(3, 2), F(17, 10), F(7, 4), F(5, 2)))


def test_cases_bound_what_lotteries_would_do_better(room):
    (kink,) = room.breakpoints
    assert kink.polynomial == (-3, 0, 1) and not room.undecided and verify(saved(room)).accepted
    assert all(room(x=x) == max(F(3), x * x) / 2 for x in (F(1), F(17, 10), F(7, 4), F(2)))
    assert solved(ROOM.replace("deterministic", "chosen"), x=1) > room(x=1)
    assert all(arc.cases is not None and arc.cases.leaves() > 1 for arc in room.arcs)
    assert "cases at every point" in room._repr_html_()


@pytest.mark.slow
def test_types_that_know_nothing_gain_what_separate_solves_say(known):
    assert known.status == "optimal" and verify(saved(known)).accepted
    for h in (F(1, 2), F(3, 5), F(7, 10), F(71, 100), F(1)):
        assert known(h=h) == solved(MAXMIN, h=h)


@pytest.mark.slow
def test_several_rules_and_regret_have_values_too():
    several = PROBABLE.replace("bayesian", "ambiguous-transfers").replace("allocation: deterministic\n", "")
    found, regret = value(several, "x=1/10:9/10"), MAXMIN.replace("maxmin", "minmax-regret")
    assert all(
        found(x=x) == solved(several, x=x) for x in (F(1, 10), F(1, 2) - EDGE, F(1, 2) + EDGE, F(9, 10))
    )
    own = value(regret, "h=1/2:1")
    assert all(own(h=h) == solved(regret, h=h) for h in (F(1, 2), F(3, 5), F(1)))
    assert verify(saved(found)).accepted and verify(saved(own)).accepted


def no_cases(d):
    d["arcs"][0]["cases"] = None


def one_side(d):
    found = d["arcs"][0]["cases"]
    found["yes"] = found["no"]


def other_side(d):
    d["arcs"][0]["cases"] = d["arcs"][-1]["cases"]
    d["arcs"][0]["mechanism"] = d["arcs"][-1]["mechanism"]


def refuting(d):
    d["arcs"][0]["cases"]["yes"]["refutes"] = d["arcs"][0]["cases"]["no"]["refutes"] = True


@pytest.mark.parametrize("forge", [no_cases, one_side, other_side, refuting])
def test_forged_cases_are_refused(room, forge):
    data = copy.deepcopy(saved(room))
    forge(data)
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    assert not verify(data).accepted
