"""`mechlp audit`: mechanisms by name, by table, by answer and by file; exact regret beside sampled regret."""

import json
from fractions import Fraction as F

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp import Mechanism, Rationals
from mechlp.cli import main
from mechlp.mechanism.findings import findings

AUCTION = """title: Two bidders
agents: {one: [0, 1, 2, 3], two: [0, 1, 2, 3]}
outcomes: single-good
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""


def run(*words):
    return CliRunner().invoke(main, list(map(str, words)))


@pytest.fixture
def auction(tmp_path):
    path = tmp_path / "auction.yaml"
    path.write_text(AUCTION)
    return path


def test_the_first_price_rule_is_no_equilibrium_at_true_values(auction):
    result = run("audit", auction, "--mechanism", "first-price", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    # Bidding b against a uniform value of {0, 1, 2, 3}: chances 1/8, 3/8, 5/8, 7/8 of winning.
    chance, gains = [F(1, 8), F(3, 8), F(5, 8), F(7, 8)], {}
    for value in range(4):
        gains[str(value)] = max((value - b) * chance[b] for b in range(4) if b != value)
    assert {r["type"]: F(r["amount"]) for r in found["gains_from_lying"] if r["agent"] == "one"} == gains
    assert found["value"] == "17/8" and F(found["distance"]) == F(13, 8) - F(17, 8)
    assert found["budget"][0][3][1] == "3"


def test_the_optimum_is_no_distance_from_itself_as_answer_and_as_table(auction, tmp_path):
    answer, table = tmp_path / "a.json", tmp_path / "a.csv"
    assert run("solve", auction, "--out", answer).exit_code == 0
    assert run("export", answer, "--out", table).exit_code == 0
    for words in (("--answer", answer), ("--mechanism", table)):
        result = run("audit", auction, *words, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["distance"] == "0"
    shown = run("audit", auction, "--answer", answer, "--table", tmp_path / "worst.csv")
    assert "ALL REQUIREMENTS HOLD" in shown.output and "(100% of it)" in shown.output
    assert (tmp_path / "worst.csv").read_text().startswith("kind,agent,type,amount,requirement\nIC,one,0,")


def learned(path, noise=0.0, seed=0):
    """The second-price rule as a network leaves it: single precision, chances that do not quite add up."""
    rng = np.random.default_rng(seed)
    values = np.arange(4.0)
    one, two = np.meshgrid(values, values, indexing="ij")
    wins = (one > two) + 0.5 * (one == two)
    allocation = np.stack([0 * wins, wins, 1 - wins]) + noise * rng.random((3, 4, 4))
    transfers = np.stack([-wins * two, -(1 - wins) * one])
    np.savez(path, allocation=allocation.astype(np.float32), transfers=transfers.astype(np.float32))


def test_a_learned_table_is_read_exactly_and_normalised_when_asked(auction, tmp_path):
    learned(tmp_path / "exact.npz")
    assert run("audit", auction, "--mechanism", tmp_path / "exact.npz", "--no-best").exit_code == 0
    learned(tmp_path / "noisy.npz", 1e-4)
    plain = json.loads(
        run("audit", auction, "--mechanism", tmp_path / "noisy.npz", "--json", "--no-best").stdout
    )
    assert "lottery" in {v["kind"] for v in plain["violations"]}
    words = ("audit", auction, "--mechanism", tmp_path / "noisy.npz", "--normalise", "--json", "--no-best")
    normal = json.loads(run(*words).stdout)
    assert "lottery" not in {v["kind"] for v in normal["violations"]}


def test_sampled_regret_understates_exact_regret():
    """One report out of two hundred pays well; searching a few random reports, as is done for learned auctions, misses it."""
    m = 200
    text = f"""
agents: {{buyer: {{types: {{from: 1, to: 2, count: {m}}}}}}}
outcomes: [keep, sell]
payoffs: {{sell: {{buyer: buyer}}}}
beliefs: {{prior: uniform}}
require: {{ic: bayesian, ir: interim, bb: none}}
"""
    design = mechlp.read_text(text).design
    price = [F(1)] * m
    price[137] = F(1, 2)  # a flaw of the rule
    rule = Mechanism(design.environment, Rationals([[0] * m, [1] * m]), Rationals.of([[-p for p in price]]))
    exact = findings(rule, design).regret
    assert exact == F(1, 2)
    rng = np.random.default_rng(1)
    sampled = (
        sum(
            max(float(price[k]) - float(price[r]) for r in rng.integers(0, m, 5))
            for k in range(m)
            if k != 137
        )
        / m
    )
    assert 0 <= sampled < float(exact) / 10


def test_types_without_lies_and_games_are_audited():
    design = mechlp.read_text("agents: {a: [x]}\noutcomes: [o, p]\nbeliefs: {prior: uniform}\n").design
    found = findings(Mechanism(design.environment, Rationals([[1], [0]]), Rationals([[0]])), design)
    assert found.gains == () and found.regret == 0 and found.audit.passed


WRONG = [
    (("--mechanism", "third-price"), "no mechanism is named 'third-price'"),
    (("--mechanism", "posted-price", "--number", "price=1"), "is about trade"),
    (("--mechanism", "second-price", "--number", "reserve=x"), "not a number"),
    (("--number", "reserve=1"), "goes with --mechanism"),
    ((), "gives no mechanism to examine"),
    (("--mechanism", "none.csv"), "cannot be read"),
    (("--mechanism", "bad.csv"), "no column is named 'two'"),
    (("--mechanism", "short.csv"), "is missing"),
    (("--mechanism", "odd.csv"), "is no agent"),
    (("--mechanism", "bad.npz"), "no array is named 'transfers'"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[str(w[0]) for w in WRONG])
def test_mistakes_are_one_message(auction, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.csv").write_text("one,q one\n0,1\n")
    (tmp_path / "short.csv").write_text("one,two,q one\n0,0,1\n")
    (tmp_path / "odd.csv").write_text("one,two,q on\n0,0,1\n")
    np.savez(tmp_path / "bad.npz", allocation=np.zeros((3, 4, 4)))
    result = run("audit", auction, *words)
    assert result.exit_code == 2, result.output
    assert said in result.output and "Traceback" not in result.output
