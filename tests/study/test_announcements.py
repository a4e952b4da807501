"""Payoffs after announcements, menus and lotteries over mechanisms (Pęski 2023, section 2.4)."""

import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.closed_forms.bargaining import Bargaining
from mechlp.exact.saved import checksum
from mechlp.proof.revised import examined
from mechlp.question.design import InvalidDesign
from mechlp.study.interim import announced, contours

CONFIGS = Path(__file__).parents[2] / "configs"
A1, A2 = CONFIGS / "peski-2023-a1.yaml", CONFIGS / "peski-2023-a2.yaml"


def given(p2, name="a1"):
    """Payoffs of both players by the closed form, at p1 = 2/5 and x = 1/2."""
    return Bargaining(1, 2, 4, 6, "2/5", p2).payoffs(name, "1/2")


def averaged(first, second, chance):
    return [
        [a * chance + b * (1 - chance) for a, b in zip(u.fractions(), v.fractions())]
        for u, v in zip(first, second)
    ]


def test_within_a_zone_an_announcement_changes_nothing_but_what_player_1_learns():
    """3/10 with chance 2/3 and 9/10 with 1/3 average to 1/2; player 2 gets the same, and L1, H1 are linear in p2."""
    reading = mechlp.read(A1)
    found = announced(reading, examined(reading), ["player2:p2=3/10", "player2:p2=9/10", "player2:p2=1/10"])
    assert found.member and found.chances.fractions() == [F(2, 3), F(1, 3), 0]
    assert averaged(given("3/10"), given("9/10"), F(2, 3)) == [u.fractions() for u in given("1/2")]
    list(found.check())


def test_across_zones_h2_would_not_announce_that_she_is_likely():
    """In zone B h2 has the low price, and l2 has more in zone A: no announcement mixes both, whatever else is claimed."""
    reading = mechlp.read(A1)
    mixed = averaged(given("1/10"), given("9/10"), F(1, 2))
    found = announced(reading, mixed, ["player2:p2=1/10", "player2:p2=9/10"])
    assert not found.revealed and not any(map(found.usable, found.said))
    list(found.check())
    other = averaged(given("3/10"), given("9/10"), F(1, 3))  # these beliefs average to 7/10, not to 1/2
    found = announced(reading, other, ["player2:p2=3/10", "player2:p2=9/10"])
    assert not found.revealed and all(map(found.usable, found.said))
    list(found.check())


def test_a_type_of_probability_zero_has_a_payoff_too():
    """Where player 2 is surely l2 the low price is asked, and h2 would gain from being taken for l2."""
    reading = mechlp.read(CONFIGS / "peski-2023-property-rights.yaml")
    found = announced(reading, examined(reading), ["player2:p2=0", "player2:p2=1"])
    assert [u.texts() for u in (one.payoffs[1] for one in found.said)] == [["7/5", "21/5"], ["7/5", "3"]]
    assert [found.usable(one) for one in found.said] == [False, True] and not found.revealed
    own = contours(reading, examined(reading), ["player2:p2=0"])
    assert own.others[0].payoffs.texts() == ["7/5", "21/5"] and own.member("U") == (False, False)


def test_the_menu_of_two_mechanisms_has_what_each_leaves_at_least():
    """Of a1 and a2 at one belief player 2 takes a1, which gives l2 more; what a2 gives is below the contour of a1."""
    reading, other = mechlp.read(A1), mechlp.read(A2)
    best = announced(reading, examined(reading), ["player2:p2=1/2"], menu=[other])
    assert best.member and best.chances.fractions() == [1, 0]
    worse = announced(reading, examined(other), ["player2:p2=1/2"], menu=[other])
    assert worse.revealed and not worse.above(0) and worse.above(1) and not worse.member
    for found in (best, worse):
        list(found.check())


def test_on_the_command_line(tmp_path):
    out, other = tmp_path / "a.json", tmp_path / "other.yaml"
    other.write_text(A2.read_text().replace("\npayoffs:", "\noutside: {player1: -1}\npayoffs:"))

    def run(*arguments):
        return CliRunner().invoke(main, ["efficient", *map(str, arguments)])

    done = run(A1, "--announce", "player2:p2=3/10", "--announce", "player2:p2=9/10", "--out", out)
    assert done.exit_code == 0 and "I: yes (proved)" in done.output
    data = json.loads(out.read_text())
    assert verify(data).accepted
    data["chances"] = ["1/3", "2/3"]
    assert "average" in verify({**data, "sha256": checksum(data)}).problems[0]
    half = run(A1, "--mix", f"{A2}=1/2", "--no-save", "--json")
    assert json.loads(half.output)["examined"]["player2"] == ["36/25", "3"]  # between 37/25 and 7/5
    for wrong, said in (
        (["--mix", f"{A2}=3/2"], "add up to at most 1"),
        (["--mix", f"{CONFIGS / 'public-good.yaml'}=1/2"], "gives no mechanism"),
        (["--announce", "player2:p2=1/2", "--menu", other], "payoffs are not those of the file"),
        (["--menu", A2], "--menu goes with --announce"),
        (["--announce", "player2:p2=1/2", "--revise", "player2:p2=1/2"], "nothing else"),
        (["--announce", "player2:p1=1/2"], "the beliefs about other agents change too"),
        (["--announce", "player2:p2=1/2", "--announce", "player1:p1=1/2"], "one agent's"),
    ):
        refused = run(A1, *wrong)
        assert refused.exit_code == 2 and said in refused.output, refused.output


def test_dependent_types_are_refused():
    text = A1.read_text().replace(
        "{prior: {product: {player1: [1 - p1, p1], player2: [1 - p2, p2]}}}",
        "{prior: {table: [[1/2, 0], [0, 1/2]]}}",
    )
    reading = mechlp.read_text(text)
    with pytest.raises(InvalidDesign, match="independent"):
        announced(reading, examined(reading), ["player2:p2=1/2"])
