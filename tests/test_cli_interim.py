"""The commands about interim payoffs as a person and a program use them; what files may give and assume."""

import doctest
import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.cli import main
from mechlp.closed_forms.bargaining import Bargaining
from mechlp.files import InvalidFile
from mechlp.proof.revised import examined

CONFIGS = Path(__file__).parent.parent / "configs"
PROPERTY, A1, A2 = (CONFIGS / f"peski-2023-{name}.yaml" for name in ("property-rights", "a1", "a2"))


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.mark.parametrize(("path", "name"), [(PROPERTY, "property-rights"), (A1, "a1"), (A2, "a2")])
@pytest.mark.parametrize("beliefs", [("2/5", "1/2"), ("1/3", "1/5"), ("1/20", "1/10"), ("1/10", "19/20")])
@pytest.mark.parametrize("x", ["1/3", "1/2"])
def test_files_give_the_closed_forms(path, name, beliefs, x):
    p1, p2 = beliefs
    bargaining = Bargaining(1, 2, 4, 6, p1, p2)
    options = {"overrides": {"p1": p1, "p2": p2, "x": x}}
    if name == "a2" and bargaining.p2 < bargaining.p2_star:
        with pytest.raises(InvalidFile, match="what the draft determines"):
            mechlp.read(path, **options)
        return
    reading = mechlp.read(path, **options)
    given, closed = examined(reading), bargaining.mechanism(name, x)
    assert given.allocation.same(closed.allocation) and given.transfers.same(closed.transfers)
    assert reading.design.environment.utility[1].same(closed.environment.utility[1])
    # The file's objective is the weighted sum that certifies the verdict.
    weights = reading.design.wants.interim
    reached = sum(
        (w * mechlp.Rationals.of(list(given.interim_payoff(i)))).sum() for i, w in enumerate(weights)
    )
    best = reading.design.solve().value
    assert (reached == best) == (name != "property-rights" or bargaining.p2 <= bargaining.p2_star)


def test_efficient_on_the_command_line(tmp_path):
    for path, code, said in ((PROPERTY, 1, "INEFFICIENT"), (A1, 0, "EFFICIENT"), (A2, 0, "EFFICIENT")):
        out = tmp_path / f"{path.stem}.json"
        result = run("efficient", path, "--out", out)
        assert result.exit_code == code and said in result.output
        checked = run("verify", out, "--environment", path)
        assert checked.exit_code == 0 and "the weak comparison" in checked.output
        assert run("verify", out, "--environment", CONFIGS / "myerson-auction.yaml").exit_code == 1
        data = json.loads(out.read_text())
        out.write_text(json.dumps({**data, "weakly_efficient": not data["weakly_efficient"]}))
        assert run("verify", out).exit_code == 1
    assert run("efficient", PROPERTY, "--set", "p2=1/10", "--no-save").exit_code == 0


def test_efficient_examines_answers_and_payoffs(tmp_path):
    answer = tmp_path / "answer.json"
    assert run("solve", A1, "--out", answer).exit_code == 0
    assert run("efficient", A1, "--answer", answer, "--no-save").exit_code == 0
    payoffs = {"player1:1": "7/4", "player1:4": "5/2", "player2:2": "1.4", "player2:6": "3"}
    given = [part for name, value in payoffs.items() for part in ("--payoff", f"{name}={value}")]
    result = run("efficient", A1, *given, "--json", "--no-save")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert [c["value"] for c in found["comparisons"]] == ["0", "1/20", "2/15"]
    missing = run("efficient", A1, "--payoff", "player1:1=0")
    assert missing.exit_code == 2 and "player2:6" in missing.output


def test_revised_beliefs_are_evidence_or_refute():
    result = run("efficient", A1, "--revise", "player1:p1=1/100", "--revise", "player2:p2=1/10", "--no-save")
    assert result.exit_code == 0 and "-9/20" in result.output and "not a proof" in result.output
    refuted = run("efficient", PROPERTY, "--set", "p2=1/10", "--revise", "player2:p2=21/100", "--json", "--no-save")
    assert refuted.exit_code == 1
    assert json.loads(refuted.output)["gap"] == "1/25"
    assert run("efficient", A1, "--revise", "p1=1/100").exit_code == 2


def test_map_over_two_parameters(tmp_path):
    picture = tmp_path / "map.png"
    result = run(
        "efficient", A1, "--over", "p1=1/5:4/5:3", "--over", "p2=1/10:9/10:3", "--plot", picture, "--json"
    )
    assert result.exit_code == 0 and picture.stat().st_size > 5000
    # p1* = 5/7 and p2* = 1/5: only p1 = 4/5 with p2 above p2* is left open.
    assert json.loads(result.output)["verdicts"] == [
        ["efficient"] * 3,
        ["efficient"] * 3,
        ["efficient", "outside the assumptions", "outside the assumptions"],
    ]
    rights = run("efficient", PROPERTY, "--over", "p1=1/5:4/5:2", "--over", "p2=1/10:9/10:2", "--json")
    assert json.loads(rights.output)["verdicts"] == [["efficient", "inefficient"]] * 2
    for wrong in (["p1=0:1", "p2=0:1:3"], ["q=0:1:2", "p2=0:1:2"], ["p1=0:1:300", "p2=0:1:300"]):
        assert run("efficient", A1, "--over", wrong[0], "--over", wrong[1]).exit_code == 2
    assert run("efficient", A1, "--over", "p1=0:1:3").exit_code == 2


def test_frontier_on_the_command_line(tmp_path):
    picture, out = tmp_path / "frontier.png", tmp_path / "frontier.json"
    payoffs = ("--payoffs", "player1:1", "player1:4")
    result = run("frontier", A1, "--ir", "interim", *payoffs, "--plot", picture, "--out", out)
    assert result.exit_code == 0 and "player1:1 + 2 player1:4 <= 27/2" in result.output
    assert picture.stat().st_size > 5000
    checked = run("verify", out)
    assert checked.exit_code == 0 and "the projection is exactly" in checked.output
    data = json.loads(run("frontier", A1, *payoffs, "--json", "--no-save").output)
    assert data["vertices"] == [] and len(data["rays"]) == 2
    impossible = run("frontier", CONFIGS / "myerson-satterthwaite.yaml", "--payoffs", "seller", "buyer")
    assert impossible.exit_code == 1 and "IMPOSSIBLE" in impossible.output
    for wrong in (
        ("--payoffs", "seller", "player1"),
        (*payoffs, "--plot", tmp_path / "x.txt"),
        (*payoffs, "--allocation", "deterministic"),
    ):
        result = run("frontier", A1, *wrong)
        assert result.exit_code == 2 and "rror" in result.output


def test_zones(tmp_path):
    picture = tmp_path / "zones.svg"
    result = run("zones", "a1", "--set", "x=1/3", "--plot", picture)
    assert result.exit_code == 0 and "not determined by the draft" in result.output
    assert "p1*" in picture.read_text()
    kept = tmp_path / "zones.json"
    data = json.loads(run("zones", "a2", "--json", "--out", kept).output)
    assert run("verify", kept).exit_code == 0 and json.loads(kept.read_text()) == data
    assert data["zones"]["A"] == {"p1_from": "0", "p1_to": "2/3", "p2_from": "1/5", "p2_to": "1"}
    for wrong in ("x=2", "l1=9", "q=1"):
        assert run("zones", "a1", "--set", wrong).exit_code == 2
    unsaid = run("zones", "a1", "--plot", tmp_path / "zones.doc", "--set", "x=2")
    assert unsaid.exit_code == 2 and "--plot" in unsaid.output  # said first


def test_zones_agree_with_the_mechanisms():
    """In the interior of a zone the mechanism exists exactly where the zone is determined."""
    at = Bargaining(1, 2, 4, 6, "1/2", "1/2")
    for name, open_zones in (("property-rights", ""), ("a1", "C"), ("a2", "BC")):
        for zone, (left, right, low, high) in at.zones("1/3", name).items():
            inside = at.at(0, (left + right) / 2).at(1, (low + high) / 2)
            assert inside.zone("1/3", name) == zone
            try:
                inside.mechanism(name, "1/3")
                exists = True
            except ValueError:
                exists = False
            assert exists == (zone not in open_zones)


TRADE = """
agents: {seller: [0, 1], buyer: [0, 1]}
parameters: {a: 1}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
"""


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("assume: {a is small: a < 1}", "a = 1"),
        ("assume: {a is small: b < 1}", "unknown name"),
        ("given: {allocation: {named: efficient}}", "the rule is one"),
        ("given: {allocation: efficient}", "the rule is one"),
        ("given: {allocation: {lottery: {trade: 1/2}}}", "not a lottery"),
        ("given: {allocation: {rule: {no-trade: 1}}, transfers: {nobody: 1}}", "nobody"),
        ("given: {transfers: {seller: 1}}", "allocation"),
    ],
)
def test_mistakes_in_what_a_file_gives_or_assumes(added, said):
    with pytest.raises(InvalidFile, match=said):
        mechlp.read_text(TRADE + added)


def test_a_given_mechanism_is_read_exactly():
    reading = mechlp.read_text(
        TRADE
        + "given: {allocation: {rule: {trade: buyer > seller, no-trade: 1}}, transfers: {seller: buyer/2, buyer: [[0, -1/2], [0, -1/2]]}}"
    )
    mechanism = examined(reading)
    assert mechanism.outcome((0, 1)) == {"trade": 1}
    assert mechanism.interim_payoff(0) == (F(1, 4), F(1, 4))
    assert mechanism.interim_payoff(1) == (0, 0)


def test_the_page_on_bargaining_is_real(root):
    failed, tried = doctest.testfile(str(root / "docs" / "bargaining.md"), module_relative=False)
    assert tried > 10 and failed == 0
