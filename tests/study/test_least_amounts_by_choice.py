"""What must give way where a mechanism is a choice among finitely many programs: closed forms, thresholds, forgeries."""

import copy
import json
from fractions import Fraction as F

import pytest

import mechlp
from mechlp.checking.verify import verify
from mechlp.exact.saved import checksum
from mechlp.report.thresholds import sentence

#: One of two agents gets what both want, and each is owed r.
EITHER = """
parameters: {r: 0}
agents: {one: [x], two: [y]}
outcomes: [first, second]
payoffs: {first: {one: 1}, second: {two: 1}}
outside: {one: r, two: r}
beliefs: {prior: uniform}
allocation: deterministic
transfers: none
require: {ic: ex-post, ir: ex-post}
"""
#: Costs 0 or c, values 1/4 or 1, traded efficiently by types who doubt a uniform prior by so much.
TRADE = """
parameters: {c: 4/5}
agents: {seller: [low, high], buyer: [1/4, 1]}
beliefs: {prior: uniform, sets: {seller: {contamination: DOUBT}, buyer: {contamination: DOUBT}}}
outcomes: [keep, trade]
payoffs: {trade: {seller: "-c if seller == high else 0", buyer: buyer}}
allocation: efficient
require: {ic: maxmin, ir: interim, bb: ex-post}
"""
EDGE = F(1, 10**6)


def value(text, over, of):
    return mechlp.value_function(mechlp.read_text(text), over, of=of)


def saved(found):
    return json.loads(json.dumps(found.to_json()))


@pytest.fixture(scope="module")
def doubting():
    return value(TRADE.replace("DOUBT", "1/8"), "c=2/3:1", "slack")


@pytest.fixture(scope="module")
def owed():
    return value(EITHER, "r=-1:1", "ir-slack")


def test_without_lotteries_one_of_two_goes_without(owed):
    # she who gets nothing is owed r
    assert all(owed(r=r) == max(r, 0) for r in (F(-1), F(0), EDGE, F(1, 2), F(1))) and not owed.undecided
    assert verify(saved(owed)).accepted and any(
        arc.cases is not None and arc.cases.leaves() > 1 for arc in owed.arcs
    )
    assert value(EITHER.replace("r: 0", "r: 1/3"), (), "ir-slack")() == F(1, 3)


@pytest.mark.slow
def test_without_doubt_maxmin_types_miss_what_bayesian_ones_do():
    # as test_least_amounts derives it: (c/2 - 3/8) between 3/4 and 1, where all but the pair (c, 1/4) trade
    for of, share in (("slack", 1), ("ir-slack", F(1, 2))):
        found = value(TRADE.replace("DOUBT", "0"), "c=2/3:1", of)
        for c in (F(2, 3), F(3, 4), F(3, 4) + EDGE, F(9, 10), F(1)):
            assert found(c=c) == (share * max(c / 2 - F(3, 8), 0) if c < 1 else 0)


@pytest.mark.slow
def test_nothing_is_missed_exactly_where_a_mechanism_exists(doubting):
    line = mechlp.threshold(mechlp.read_text(TRADE.replace("DOUBT", "1/8")), over="c=2/3:1").lines[0]
    assert sentence(line) == "possible iff c <= 13/16, or c = 1"
    assert all(
        (doubting(c=c) == 0) == (c <= F(13, 16) or c == 1)
        for c in (F(2, 3), F(13, 16), F(13, 16) + EDGE, F(1))
    )
    assert verify(saved(doubting)).accepted and doubting(c=F(7, 8)) < F(1, 2) * F(7, 8) - F(3, 8)


def less(d):
    arc = next(a for a in d["arcs"] if a.get("cases") is not None)
    arc["value"][0][0] = "-1/2"


def nothing(d):
    arc = next(a for a in d["arcs"] if a.get("cases") is not None)
    arc["value"] = [["0"], ["1"]]


def one_side(d):
    cases = next(a for a in d["arcs"] if a.get("cases") is not None)["cases"]
    cases["yes"] = cases["no"]


def another_spot(d):
    next(s for s in d["spots"] if s["proof"] is not None)["value"] = "1/100"


def helpless(d):
    next(a for a in d["arcs"] if a.get("cases") is not None)["cases"]["yes"]["refutes"] = True


@pytest.mark.parametrize("forge", [less, nothing, one_side, helpless, another_spot])
def test_forged_amounts_are_refused(owed, forge):
    refused(owed, forge)


def refused(found, forge):
    data = copy.deepcopy(saved(found))
    forge(data)
    data["sha256"] = checksum({k: v for k, v in data.items() if k != "sha256"})
    assert not verify(data).accepted
