"""Answers in forms that others read: games for Gambit, read back with pygambit, and tables."""

import csv
import json
import os
import re
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from readers import missing

import mechlp
from mechlp.checking.saved import Saved
from mechlp.cli import main
from mechlp.exact.numbers import Rationals
from mechlp.mechanism.mechanism import Mechanism
from mechlp.program.model import TooLarge
from mechlp.question.premises import InvalidDesign
from mechlp.report.exported import interim_rows, mechanism_rows, price_rows
from mechlp.report.gambit import nfg, of_actions, of_mechanism, write_game

DATA = Path(__file__).parent.parent / "data/problems"
CONFIGS = Path(__file__).parent.parent.parent / "configs"
TRADE = """
title: Trade "at" thirds
agents: {seller: [1/3, 2/3], buyer: [1/2, 1]}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: {table: [[1/3, 1/6], [0, 1/2]]}}
require: {ic: bayesian, ir: interim, bb: ex-ante-weak}
objective: revenue
"""


@pytest.fixture(scope="module")
def gambit():
    try:
        import pygambit
    except ImportError:
        missing("pygambit is missing: pip install pygambit")
    return pygambit


@pytest.fixture(scope="module")
def saved():
    answer = mechlp.read_text(TRADE).design.solve()
    assert answer.status == "optimal"
    return Saved(answer.design, answer.rules, answer.proof)


def read_back(gambit, game, folder):
    """The exact payoffs of all strategies, in both forms."""
    write_game(game, folder / "g.efg")
    write_game(game, folder / "g.nfg")
    tree, table = gambit.read_efg(str(folder / "g.efg")), gambit.read_nfg(str(folder / "g.nfg"))
    return tree, table, *(g.to_arrays(dtype=gambit.Rational) for g in (tree, table))


def expected(mechanism, plans):
    """Payoffs of the agents when each reports by a plan (type -> report), summed over profiles one by one."""
    environment = mechanism.environment
    out = [F(0)] * environment.n
    for cell in product(*(range(a.size) for a in environment.agents)):
        told = tuple(plan[own] for plan, own in zip(plans, cell, strict=True))
        for i in range(environment.n):
            worth = sum(
                mechanism.allocation[(a, *told)] * environment.utility[i][(a, *cell)]
                for a in range(len(environment.outcomes))
            )
            out[i] += environment.beliefs.prior[cell] * (worth + mechanism.transfers[(i, *told)])
    return out


def test_both_forms_have_the_payoffs_of_every_plan_exactly(gambit, saved, tmp_path):
    mechanism = saved.rules[0]
    tree, table, *arrays = read_back(gambit, of_mechanism(mechanism), tmp_path)
    assert list(table.players) == ["seller", "buyer"]
    assert tree.title == "Trade 'at' thirds"
    plans = list(product(range(2), repeat=2))
    for s, b in product(range(4), repeat=2):
        exact = expected(mechanism, (plans[s], plans[b]))
        for payoffs in arrays:
            assert [F(str(own[s, b])) for own in payoffs] == exact


def test_truth_is_an_equilibrium_of_the_game_and_of_no_worse_one(gambit, saved, tmp_path):
    mechanism = saved.rules[0]
    truth = {"seller": "1/3: 1/3; 2/3: 2/3", "buyer": "1/2: 1/2; 1: 1"}

    def regret(rule):
        table = read_back(gambit, of_mechanism(rule), tmp_path)[1]
        profile = table.mixed_strategy_profile(rational=True)
        for player, strategy in truth.items():
            profile[player] = {s: int(s == strategy) for s in table.get_strategies(player)}
        return F(str(profile.max_regret()))

    assert regret(mechanism) == 0
    bribed = mechanism.transfers + Rationals.of([[[0, 0], [F(5, 7), F(5, 7)]], [[0, 0], [0, 0]]])
    assert regret(Mechanism(mechanism.environment, mechanism.allocation, bribed)) > 0


def test_numbers_are_fractions_without_sign_or_exponent(saved, tmp_path):
    write_game(of_mechanism(saved.rules[0]), tmp_path / "g.nfg")
    body = (tmp_path / "g.nfg").read_text().splitlines()[3:]
    assert len(body) == 16
    assert all(re.fullmatch(r"-?\d+(/\d+)? -?\d+(/\d+)?", line) for line in body)
    write_game(of_mechanism(saved.rules[0]), tmp_path / "g.efg")
    text = (tmp_path / "g.efg").read_text()
    assert '"seller=2/3, buyer=1/2"' not in text  # has no chance
    assert text.count("\nt ") == 3 * 4
    assert text.count("\np ") == 3 * 3


def test_a_game_of_actions_has_its_known_equilibria(gambit, tmp_path):
    game = of_actions(mechlp.read(DATA / "chicken.yaml").design.environment)
    _, table, *arrays = read_back(gambit, game, tmp_path)
    assert [[str(v) for v in own.ravel()] for own in arrays[0]] == [
        ["0", "7", "2", "6"],
        ["0", "2", "7", "6"],
    ]
    found = gambit.nash.enummixed_solve(table, rational=True).equilibria
    dares = {tuple(F(str(e[p][f"{t}: dare"])) for p, t in names(table)) for e in found}
    # Two pure ones; and daring with probability p where 7 (1 - p) = 2 p + 6 (1 - p).
    assert dares == {(1, 0), (0, 1), (F(1, 3), F(1, 3))}


def names(table):
    return [(p, table.get_strategies(p)[0].partition(":")[0]) for p in table.players]


def test_types_and_actions_together(gambit, tmp_path):
    environment = mechlp.read(DATA / "first-price.yaml").design.environment
    tree, _, one, other = read_back(gambit, of_actions(environment), tmp_path)
    assert tree.is_perfect_recall
    assert all(bool((a == b).all()) for a, b in zip(one, other, strict=True))


def test_what_is_no_game_is_refused(saved):
    with pytest.raises(InvalidDesign, match="a mechanism makes one"):
        of_actions(saved.design.environment)
    text = TRADE.replace("[1/3, 2/3]", "{types: {from: 0, to: 1, count: 40}}").replace(
        "[1/2, 1]", "{types: {from: 0, to: 1, count: 40}}"
    )
    text = text.replace("{table: [[1/3, 1/6], [0, 1/2]]}", "uniform")
    environment = mechlp.read_text(text).design.environment
    nothing = Mechanism(environment, Rationals.zeros((2, 40, 40)), Rationals.zeros((2, 40, 40)))
    with pytest.raises(TooLarge, match=r"1,600 type profiles x 1,600 profiles of moves = 2,560,000 ends"):
        of_mechanism(nothing)
    small = text.replace("count: 40", "count: 6")
    environment = mechlp.read_text(small).design.environment
    nothing = Mechanism(environment, Rationals.zeros((2, 6, 6)), Rationals.zeros((2, 6, 6)))
    with pytest.raises(TooLarge, match="46,656 x 46,656 strategies"):
        next(nfg(of_mechanism(nothing)))


# -- tables ------------------------------------------------------------------------------------------
def test_the_table_of_a_mechanism_is_the_mechanism(saved):
    head, *rows = mechanism_rows(saved)
    outcomes = saved.design.environment.outcomes
    assert head == ["seller", "buyer", *(f"q {a}" for a in outcomes), "t seller", "t buyer"]
    rule, at = saved.rules[0], list(product(range(2), repeat=2))
    for cell, row in zip(at, rows, strict=True):
        assert list(map(F, row[2:])) == [rule.allocation[(a, *cell)] for a in range(len(outcomes))] + [
            rule.transfers[(i, *cell)] for i in range(2)
        ]


def test_interim_figures_add_up_to_what_is_expected(saved):
    head, *rows = interim_rows(saved)
    prior = saved.design.environment.beliefs.prior
    revenue = F(0)
    for row in rows:
        line = dict(zip(head, row, strict=True))
        agent = [a.name for a in saved.design.environment.agents].index(line["agent"])
        own = saved.design.environment.agents[agent].types.index(line["type"])
        chance = prior.moveaxis(agent, 0)[own].sum()
        revenue -= chance * F(line["transfer"])
        assert sum(F(v) for k, v in line.items() if k.startswith("q ")) == 1
        assert F(line["payoff"]) == saved.rules[0].interim_payoff(agent)[own]
    assert revenue == saved.rules[0].expected_revenue()


def test_sums_over_a_frame_are_exact(saved):
    rule = saved.rules[0]
    frame = rule.frame()
    prior = [F(1, 3), F(1, 6), F(0), F(1, 2)]
    for i, name in enumerate(["seller", "buyer"]):
        total = (frame["t", name] * prior).sum()
        assert isinstance(total, F)
        assert total == (saved.design.environment.beliefs.prior * rule.transfers[i]).sum()


def test_prices_are_the_multipliers_of_the_proof(saved):
    head, *rows = price_rows(saved)
    assert head == ["requirement", "multiplier"]
    assert len(rows) == saved.proof.multipliers.size > 0
    named = {entry.name(saved.design): entry.value for entry in saved.proof.multipliers.rows(saved.design)}
    assert {name: F(value) for name, value in rows} == named


# -- the command -------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("trade.yaml").write_text(TRADE)
    run("solve", "trade.yaml", "--out", "trade.answer.json")
    run("solve", str(CONFIGS / "guo-2018-example-1.4.1.yaml"), "--out", "impossible.answer.json")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("ending", ["efg", "nfg", "csv", "lp", "mps"])
def test_an_answer_is_exported_by_the_end_of_the_name(folder, ending):
    found = run("export", "trade.answer.json", "--out", f"t.{ending}")
    assert found.exit_code == 0, found.output
    assert found.output.startswith(f"Wrote t.{ending}: ")
    assert os.path.getsize(f"t.{ending}") > 100
    if ending == "csv":
        with open("t.csv", newline="") as file:
            assert len(list(csv.reader(file))) == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trade.yaml", "--out", "t.efg"], "a mechanism makes one"),
        (["trade.yaml", "--out", "t.csv"], "tables are of answers"),
        (["trade.yaml", "--out", "t.txt"], "expected a name that ends in .mps, .lp, .efg, .nfg or .csv"),
        (["trade.answer.json", "--set", "a=1", "--out", "t.csv"], "an answer is written as it is"),
        (["broken.json", "--out", "t.csv"], "not JSON"),
        (["other.json", "--out", "t.csv"], "expected an answer that `mechlp solve` saved"),
        (["box.json", "--out", "t.csv"], "answers of the form 'mechlp box 1' are not exported"),
        (["misfit.json", "--out", "t.csv"], "does not fit its own problem"),
        (["none.json", "--out", "t.csv"], "none.json: cannot be read: No such file or directory\n"),
        (["impossible.answer.json", "--out", "t.nfg"], "the answer has no mechanism"),
        (["impossible.answer.json", "--out", "t.csv"], "--table prices"),
    ],
)
def test_mistakes_have_one_message(folder, arguments, said):
    Path("broken.json").write_text("{")
    Path("other.json").write_text('{"format": "another"}')
    Path("box.json").write_text('{"format": "mechlp box 1"}')
    data = json.loads(Path("trade.answer.json").read_text())
    Path("misfit.json").write_text(json.dumps({**data, "rules": [{"allocation": {}}]}))
    found = run("export", *arguments)
    assert found.exit_code == 2
    assert said in found.output
    assert "Traceback" not in found.output
    assert not Path(arguments[-1]).exists()


def test_a_refutation_is_a_table_of_prices(folder):
    found = run("export", "impossible.answer.json", "--table", "prices", "--out", "t.csv")
    assert found.exit_code == 0, found.output
    assert "requirement,multiplier" in Path("t.csv").read_text()
