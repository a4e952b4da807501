"""Equilibria of finite mechanisms, and full implementation decided by enumeration (Guo 2018, sections 2.3 and 3.2)."""

import itertools
import json
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import put, refused
from test_implementation import checked, grid, guo, holds, joined, random_question

import mechlp
from mechlp import Rationals
from mechlp.cli import main
from mechlp.environment.coalitions import pattern
from mechlp.files.coalitions import implementation
from mechlp.question.implementation import Choice, Game
from mechlp.question.premises import InvalidDesign

BOTH = ("interim-full-implementation", "ambiguous-full-implementation")
#: Two agents who both prefer x where they meet at l, and who are known; f is x.
MEETING = """
agents: {a: [t], b: [t]}
outcomes: [x, y, z]
payoffs: {x: {a: 2, b: 2}, y: {a: 1, b: 1}}
transfers: none
beliefs: {prior: uniform}
given: {allocation: {lottery: {x: 1}}}
coalitions:
  named: PATTERN
  game:
    messages: {a: [l, r], b: [l, r]}
    allocation: {table: [[x, z], [z, y]]}
    strategies: {a: [SENT], b: [SENT]}
  checks: [interim-equilibrium, interim-full-implementation, ambiguous-equilibrium, ambiguous-full-implementation]
"""


def meeting(coalitions, sent, **changes):
    text = MEETING.replace("PATTERN", coalitions).replace("SENT", sent)
    for old, new in changes.values():
        text = text.replace(old, new)
    return implementation(mechlp.read_text(text))


@pytest.mark.parametrize("kind", ["interim", "ambiguous"])
def test_a_bad_equilibrium_goes_where_agents_can_leave_it_together(kind):
    alone = checked(meeting("singletons", "r"))
    assert holds(alone, f"{kind}-equilibrium")  # each alone would get z
    found = alone.finding(f"{kind}-full-implementation")
    assert found.holds is False and found.witness["equilibria"] == 2
    assert found.witness["wrong"] == {"a": {"t": "r"}, "b": {"t": "r"}}
    together = checked(meeting("all", "r"))
    assert holds(together, f"{kind}-equilibrium") is False
    assert holds(together, f"{kind}-full-implementation")


def test_without_an_equilibrium_nothing_is_implemented():
    pennies = {
        "table": ("[[x, z], [z, y]]", "[[x, y], [y, x]]"),
        "payoffs": ("y: {a: 1, b: 1}", "y: {a: 3, b: 1}"),
    }
    answer = checked(meeting("singletons", "l", **pennies))
    for check in BOTH:
        found = answer.finding(check)
        assert (
            found.holds is False and found.witness["equilibria"] == 0 and "no equilibrium" in found.words[0]
        )


def test_the_direct_mechanism_is_examined_where_no_game_is_given():
    answer = guo("2.7.1", ["ambiguous-equilibrium", "ambiguous-full-implementation"], n=2, grid=2)
    assert answer.status == "holds"  # a common value: nobody lies, and no other profile is stable


@pytest.mark.parametrize("seed", range(4))
def test_all_equilibria_are_those_of_the_definitions(seed):
    question = random_question(seed, shape=(2, 2), sets=True).asking(
        pattern=pattern(2, [(0, 1)] if seed % 2 else [])
    )
    environment = question.environment
    prior, sets = environment.beliefs.prior, environment.belief_sets
    rng = np.random.default_rng(seed)
    does = Rationals((np.arange(3)[:, None, None] == rng.integers(0, 3, (2, 2))[None]).astype(int))
    choice = Choice(does, Rationals.zeros((2, 2, 2)))
    game = Game((("l", "r"),) * 2, choice)
    maps = list(itertools.product(range(2), repeat=2))

    def pay(i, sent, types):
        lottery = does[(slice(None), *sent)]
        return (environment.utility[i][(slice(None), *types)] * lottery).sum()

    def sends(strategies, types):
        return tuple(s[t] for s, t in zip(strategies, types, strict=True))

    def interim(strategies):
        for own in question.pattern:
            rest = [j for j in range(2) if j not in own]
            for types in grid((2, 2), own):
                for sent in grid((2, 2), own):
                    gains = dict.fromkeys(own, F(0))
                    for others in grid((2, 2), rest):
                        here = joined((2, 2), own, types, others)
                        now = sends(strategies, here)
                        then = joined((2, 2), own, sent, [now[j] for j in rest])
                        for i in own:
                            gains[i] += prior[here] * (pay(i, then, here) - pay(i, now, here))
                    if min(gains.values()) > 0:
                        return False
        return True

    def worst(i, k, strategies):
        values = []
        for belief in sets[i][k].vertices:
            cells = [(o, joined((2, 2), (i,), (k,), o)) for o in grid((2, 2), [1 - i])]
            values.append(sum(belief[o] * pay(i, sends(strategies, here), here) for o, here in cells))
        return min(values)

    def ambiguous(strategies):
        for own in question.pattern:
            for chosen in itertools.product(maps, repeat=len(own)):
                other = tuple(chosen[own.index(j)] if j in own else strategies[j] for j in range(2))
                for types in grid((2, 2), own):
                    gains = [
                        worst(i, k, other) - worst(i, k, strategies) for i, k in zip(own, types, strict=True)
                    ]
                    if min(gains) >= 0 and max(gains) > 0:
                        return False
        return True

    answer = checked(question.asking(game=game, checks=BOTH))
    for check, stable in zip(BOTH, (interim, ambiguous), strict=True):
        expected = [s for s in itertools.product(maps, repeat=2) if stable(s)]
        listed = answer.finding(check).witness["listed"]
        told = [tuple(tuple("lr".index(m) for m in own.values()) for own in s.values()) for s in listed]
        assert sorted(told) == sorted(expected)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{a: [SENT], b", "{a: [m], b", "'m' is no message of a"),
        ("{a: [SENT], b", "{a: [l, r], b", "expected 1 messages, one a type"),
        ("messages: {a: [l, r], b: [l, r]}", "messages: {a: [l, r]}", "messages of b are missing"),
        ("    strategies: {a: [SENT], b: [SENT]}\n", "", "strategies are missing"),
        ("[[x, z], [z, y]]", "[[x, z, z], [z, y, y]]", "expected 2 entries"),
        ("{table: [[x, z], [z, y]]}", '{rule: {x: "a == l", y: "b == l"}}', "no condition of the rule holds"),
    ],
)
def test_mistakes_are_told(old, new, said):
    with pytest.raises(ValueError, match=said):
        meeting("all", "l", change=(old, new)) if "SENT" not in old else implementation(
            mechlp.read_text(MEETING.replace(old, new).replace("PATTERN", "all").replace("SENT", "l"))
        )


def test_too_many_profiles_are_refused_with_their_number():
    question = random_question(0, "interim-full-implementation", shape=(4, 4, 4))
    with pytest.raises(InvalidDesign, match=r"about [\d,]{15,} comparisons"):
        question.solve()


def test_forgeries_are_refused():
    data = meeting("singletons", "r").solve().to_json()
    refused(data, put(("findings", 1, "witness", "equilibria"), 1))
    refused(data, put(("findings", 1, "witness", "wrong", "a", "t"), "l"))
    refused(data, put(("findings", 1, "verdict"), "holds"))
    refused(data, put(("problem", "coalitions", "game", "strategies", "a"), ["l"]))


def test_all_conditions_are_those_that_make_sense(tmp_path):
    """Without beliefs nothing is asked in expectation; of an economy what is about economies."""
    root = Path(__file__).parents[2] / "configs"
    for name, options, there, missing in (
        ("guo-2018-2.7.3", ["--set", "n=2"], "ambiguous-double-implementation", "interim-ic"),
        ("guo-2018-maximin-value", [], "maximin-value-exists", "maximin-core"),
    ):
        out = tmp_path / f"{name}.json"
        path = str(root / f"{name}.yaml")
        result = CliRunner().invoke(main, ["implement", path, "--check", "all", "--out", str(out), *options])
        assert result.exit_code in (1, 3), result.output
        checks = [f["check"] for f in json.loads(out.read_text())["findings"]]
        assert there in checks and missing not in checks
        assert CliRunner().invoke(main, ["verify", str(out)]).exit_code == 0
