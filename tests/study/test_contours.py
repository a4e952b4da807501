"""Contours of mechanisms over beliefs, bounds between mechanisms, and a bargaining mechanism at given beliefs."""

import json
from fractions import Fraction as F
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.opened import open_answer, opened
from mechlp.checking.verify import verify, verify_file
from mechlp.cli import main
from mechlp.closed_forms import bargaining_bounds
from mechlp.closed_forms.bargaining import Bargaining, NotDetermined
from mechlp.exact.numbers import Rationals
from mechlp.exact.saved import checksum
from mechlp.proof.contours import Revised, lower_bound, upper_bound
from mechlp.proof.revised import examined
from mechlp.question.design import InvalidDesign
from mechlp.study.bargaining import examined_at
from mechlp.study.interim import contours, named_payoffs

A1 = Path(__file__).parents[2] / "configs" / "peski-2023-a1.yaml"


def run(*arguments):
    unsaved = [] if arguments[0] == "zones" or "--out" in arguments else ["--no-save"]
    return CliRunner().invoke(main, [str(a) for a in (*arguments, *unsaved)])


def random_mechanism(rng, beliefs=3, types=2):
    made = []
    for k in range(beliefs):
        possible = np.array([True] * types) if k else np.arange(types) == rng.integers(types)
        made.append(Revised(f"q{k}", Rationals.of(rng.integers(0, 4, types).tolist()), possible))
    return made


# -- the definitions of the draft, spelled out type by type ------------------------------------------
def weakly(u, v, possible):
    return all(a <= b for a, b, p in zip(u, v, possible, strict=True) if p)


def strictly(u, v, possible):
    return weakly(u, v, possible) and any(a < b for a, b, p in zip(u, v, possible, strict=True) if p)


def plain(mechanism):
    return [(one.payoffs.fractions(), one.possible.tolist()) for one in mechanism]


def test_bounds_are_as_defined_and_lemma_3_ties_them_together():
    rng = np.random.default_rng(5)
    seen = set()
    for _ in range(400):
        m, n = random_mechanism(rng), random_mechanism(rng)
        low, high = plain(m), plain(n)
        for strict, compare in ((False, weakly), (True, strictly)):
            contained = all(any(compare(v, u, on) for v, _ in low) for u, on in high)  # n in U m (U0 m)
            assert lower_bound(m, n, strict=strict) == contained
        for strict, compare in ((True, weakly), (False, strictly)):
            # n in W0 m: no payoff of m has u <= u' on the types possible under its belief; W m: none u < u'
            outside = not any(compare(u, v, on) for u, _ in high for v, on in low)
            assert upper_bound(m, n, strict=strict) == outside
            seen.add((strict, outside))
    assert len(seen) == 4


def test_lower_bounds_are_transitive():
    rng = np.random.default_rng(6)
    found = 0
    for _ in range(500):
        a, b, c = (
            [
                Revised("q", Rationals.of(rng.integers(0, 3, 2).tolist()), np.array([True, True]))
                for _ in range(2)
            ]
            for _ in range(3)
        )
        for strict in (False, True):
            if lower_bound(a, b, strict=strict) and lower_bound(b, c, strict=False):
                found += 1
                assert lower_bound(a, c, strict=strict)
    assert found > 20


def family(agent, x, factor, p1, p2):
    """What a1 with share x, times a factor, gives a player for sampled beliefs about her that the draft determines."""
    made = []
    for q in (F(1, 10), F(3, 10), F(1, 2)):
        beliefs = (q, p2) if agent == 0 else (p1, q)
        payoffs = Bargaining(1, 2, 4, 6, *beliefs).payoffs("a1", x)[agent]
        made.append(Revised(str(q), payoffs * factor, np.array([True, True])))
    return made


def test_theorem_1_conditions_4_and_5_at_sampled_beliefs():
    """a(t x) is a strict lower bound for player 1 on t' a(x), a(1 - t'(1 - x)) a strict upper bound for player 2 on t a(x)."""
    x, t, more = F(1, 2), F(3, 5), F(4, 5)
    for p1, p2 in ((F(1, 5), F(1, 2)), (F(3, 10), F(4, 5))):
        assert lower_bound(family(0, t * x, F(1), p1, p2), family(0, x, more, p1, p2), strict=True)
        assert not lower_bound(family(0, more * x, F(1), p1, p2), family(0, x, t, p1, p2), strict=False)
        better = family(1, 1 - more * (1 - x), F(1), p1, p2)
        assert upper_bound(family(1, x, t, p1, p2), better, strict=True)
        assert not upper_bound(better, family(1, x, t, p1, p2), strict=True)


def dense(agent, x, factor, p1, p2):
    """The same for beliefs that go up to being sure of a type, both sides of p2* and its two limits."""
    made, beliefs = [], [(F(0), None), (F(1, 10), None), (F(3, 5), None), (F(1), None)]
    for q, low in beliefs + [(F(1, 5), True), (F(1, 5), False)] * agent:
        at = Bargaining(1, 2, 4, 6, *((0, p2) if agent == 0 else (p1, q)))
        payoffs = at.payoffs("property-rights" if agent == 0 else "a1", x, low_price=low)[agent]
        made.append(Revised(str(q), payoffs * factor, np.array([q < 1, q > 0])))
    return made


@pytest.mark.parametrize("x", [F(0), F(1, 3), F(1)])
def test_theorem_1_conditions_4_and_5_for_all_beliefs(x):
    """They hold for every share in between; at the ends a player has nothing, and no bound on it is strict, as the draft asks."""
    values = Bargaining(1, 2, 4, 6, "1/2", "1/2")
    for t, more in ((F(0), F(1, 100)), (F(99, 100), F(1)), (F(3, 5), F(4, 5))):
        assert bargaining_bounds.lower(values, x, t, more) == (x > 0)
        assert bargaining_bounds.upper(values, x, t, more) == (x < 1)
    assert (x > 0) == all(
        lower_bound(dense(0, t * x, F(1), 0, p2), dense(0, x, more, 0, p2), strict=True)
        for p2 in (0, F(4, 7))
    )
    assert (x < 1) == all(
        upper_bound(dense(1, x, t, p1, 0), dense(1, 1 - more * (1 - x), F(1), p1, 0), strict=True)
        for p1 in (0, values.p1_star(x) * F(6, 7))
    )
    for wrong in ((x, F(1, 2), F(1, 2)), (x, F(1, 2), F(2)), (F(2), F(0), F(1))):
        with pytest.raises(ValueError, match="share"):
            bargaining_bounds.upper(values, *wrong)


@pytest.mark.parametrize("x", [F(1, 3), F(1)])
def test_theorem_1_conditions_2_3_and_6_for_all_beliefs(x):
    """Announcements that lead to two beliefs, by the definition: who would make which, and what both players have on average."""
    values = Bargaining(1, 2, 4, 6, "1/2", "1/2")
    assert bargaining_bounds.closed(values, x) and not bargaining_bounds.closed(values, 0)
    assert bargaining_bounds.contour_closed(values, x) and bargaining_bounds.between(
        values, x, F(1, 5), F(2, 7)
    )

    def payoffs(p1, p2, share=x):
        return [own.fractions() for own in Bargaining(1, 2, 4, 6, p1, p2).payoffs("a1", share)]

    star, beliefs = values.p2_star, [F(k, 20) for k in range(1, 20)]
    for p1 in (F(0), min(values.p1_star(x), F(9, 10))):
        for less, more in combinations([p for p in beliefs if p != star], 2):
            low, high, middle = (payoffs(p1, p) for p in (less, more, (less + more) / 2))
            if less < star < more:
                assert (
                    low[1][1] > high[1][1] and low[1][0] <= high[1][0]
                )  # h2 makes the one, l2 the other: no such beliefs
            else:
                assert low[1] == high[1] == middle[1]
                assert [(a + b) / 2 for a, b in zip(low[0], high[0], strict=True)] == middle[0]
            if (less + more) / 2 != star:
                assert all((a + b) / 2 >= m for a, b, m in zip(low[0], high[0], middle[0], strict=True))
        for p2 in beliefs:
            one, two, mean = (payoffs(0, p2, share)[0] for share in (x, F(1, 5), (x + F(1, 5)) / 2))
            assert [(a + b) / 2 for a, b in zip(one, two, strict=True)] == mean


# -- from files ---------------------------------------------------------------------------------------
def test_contours_of_a_file():
    reading = mechlp.read(A1)
    own = contours(reading, examined(reading), ["player2:p2=1/10", "player2:p2=9/10"])
    assert own.reachable
    # a1 in zone A gives player 2 the same whatever is believed about her, and more to h2 in zone B
    same, zone_b = own.others[1].payoffs, own.others[0].payoffs
    assert same.same(own.payoffs) and zone_b.texts() == ["7/5", "21/5"]
    assert {c: (b, p) for c, b, p in own.verdicts()} == {
        "U": (True, True),
        "U0": (False, False),
        "W": (True, False),
        "W0": (False, True),
    }
    waited = contours(reading, examined(reading), ["player2:p2=9/10"], discount=F(9, 10))
    assert waited.member("U0") == (True, True)  # a share of what is had now is less: (IA) for this mechanism
    out = named_payoffs(
        reading.design, {"player1:1": "9", "player1:4": "9", "player2:2": "9", "player2:6": "9"}
    )
    assert contours(reading, out, ["player2:p2=9/10"]).member("U") == (False, True)  # cannot be reached
    with pytest.raises(InvalidDesign, match="one agent"):
        contours(reading, examined(reading), ["player2:p2=9/10", "player1:p1=1/10"])
    with pytest.raises(InvalidDesign, match="probabilities"):
        contours(reading, examined(reading), ["player2:p2=2"])


def test_contours_on_the_command_line():
    printed = run("efficient", A1, "--contour", "player2:p2=1/10", "--contour", "player2:p2=9/10")
    assert printed.exit_code == 0 and "In W0 of the mechanism for player2: no (proved)" in printed.output
    data = json.loads(run("efficient", A1, "--contour", "player2:p2=1/10", "--json").output)
    assert data["contours"]["U"] == {"belongs": False, "proved": False} and data["reachable"] is True
    assert run("efficient", A1, "--contour", "player2:p2=1/10").exit_code == 1
    for wrong, said in (
        (["--contour", "player2"], "AGENT:NAME=VALUE"),
        (["--contour", "player2:p2=1/2", "--revise", "player2:p2=1/2"], "not with --revise"),
        (["--contour", "player2:p2=1/2", "--discount", "player1=1/2"], "only the payoffs of player2"),
        (["--revise", "player2:p2=1/2", "--discount", "player2=3/2"], "between 0 and 1"),
        (["--discount", "player2=1/2"], "goes with"),
        (["--revise", "player2:p2=1/2", "--discount", "nobody=1/2"], "the agents are"),
    ):
        refused = run("efficient", A1, *wrong)
        assert refused.exit_code == 2 and said in refused.output


def test_a_wait_leaves_room_to_gain():
    """The payoffs (a_1(p), delta a_2(q)): with delta = 1 nothing is better, with delta < 1 something is."""
    now = run("efficient", A1, "--revise", "player1:p1=1/100", "--discount", "player2=1", "--json")
    later = run("efficient", A1, "--revise", "player1:p1=1/100", "--discount", "player2=9/10", "--json")
    assert (json.loads(now.output)["passed"], json.loads(later.output)["passed"]) == (True, False)


def test_what_was_compared_is_saved_and_what_the_mechanism_gives_is_computed_anew(tmp_path):
    out = tmp_path / "a1.json"
    for question, asked in (("contours", ["--contour"]), ("robustness", ["--revise"])):
        run("efficient", A1, *asked, "player2:p2=9/10", "--discount", "player2=9/10", "--out", out)
        data = json.loads(out.read_text())
        assert data["question"] == question and verify(data).accepted
        assert verify_file(out, A1).accepted
        assert not verify_file(out, A1, overrides={"x": "1/3"}).accepted
        assert "player2" in open_answer(out).latex()
        (own,) = data["beliefs"]
        assert own["at"] == {"p2": "9/10"} and own["times"] == "9/10"
        own["at"] = {"p2": "1/10"}  # h2 would have the low price then
        assert not verify({**data, "sha256": checksum(data)}).accepted


# -- at given beliefs ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "efficient", "robust"),
    [("a1", True, True), ("a2", True, False), ("property-rights", False, False)],
)
def test_mechanisms_at_given_beliefs(name, efficient, robust):
    found = examined_at(Bargaining(1, 2, 4, 6, "2/5", "1/2"), name, F(1, 2))
    assert (found.efficient.weak, found.robust.passed, found.robust.proved) == (efficient, robust, True)
    printed = run("zones", name, "--set", "p1=2/5", "--set", "p2=1/2")
    assert f"interim efficient: {'yes' if efficient else 'no'}" in printed.output
    data = json.loads(run("zones", name, "--set", "p1=2/5", "--set", "p2=1/2", "--json").output)
    assert data["at"]["robustly_efficient"]["passed"] is robust and data["at"]["zone"] == "A"


@pytest.mark.parametrize("name", ["a1", "a2", "property-rights"])
def test_zones_are_saved_and_checked(name, tmp_path):
    kept = tmp_path / "zones.json"
    assert run("zones", name, "--set", "p1=2/5", "--set", "p2=1/2", "--out", kept).exit_code == 0
    data = json.loads(kept.read_text())
    assert verify(data).accepted and opened(data).to_json() == data
    robust = data["at"]["robustly_efficient"]

    def altered(change):
        forged = json.loads(kept.read_text())
        change(forged)
        return verify({**forged, "sha256": checksum(forged)})

    turned = not robust["passed"]
    assert not altered(lambda d: d["at"]["robustly_efficient"].update(passed=turned)).accepted
    assert not altered(lambda d: d["zones"]["A"].update(p1_to="1/7")).accepted
    assert not altered(lambda d: d["at"].update(p1="1/3")).accepted
    assert not altered(lambda d: d["at"]["payoffs"][0].reverse()).accepted
    assert not altered(lambda d: d["at"]["robustly_efficient"]["pairs"].pop()).accepted
    if len(robust["pairs"]) > 1:  # one pair twice, the other not at all
        twice = lambda d: d["at"]["robustly_efficient"]["pairs"].__setitem__(  # noqa: E731
            0, {**robust["pairs"][1], "pieces": [0, -1]}
        )
        assert not altered(twice).accepted


def test_beliefs_at_which_nothing_is_determined():
    with pytest.raises(NotDetermined):
        examined_at(Bargaining(1, 2, 4, 6, "9/10", "1/2"), "a1", F(1, 2))
    refused = run("zones", "a1", "--set", "p1=9/10", "--set", "p2=1/2")
    assert refused.exit_code == 2 and "the draft determines a1 up to p1* = 5/7 only" in refused.output
    assert run("zones", "a1", "--set", "p1=1/2").exit_code == 2
