"""Menus: the lines of a mechanism for one buyer, and of each agent given what the others report, against plain loops."""

import json
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.cli import main
from mechlp.mechanism.menu import expected_menu, menu

PROBLEMS = Path(__file__).parents[1] / "data" / "problems"
GRID = """title: Two goods, one buyer, values on a 10 x 10 grid
agents:
  buyer: {types: {A: {from: 0, to: 1, count: 10}, B: {from: 0, to: 1, count: 10}}}
outcomes: goods
beliefs: {prior: uniform}
objective: revenue
"""


@pytest.fixture(scope="module")
def two_goods():
    return mechlp.read(PROBLEMS / "two-goods.yaml").design.solve()


def test_two_goods_are_sold_apart_for_2_and_together_for_3(two_goods):
    """Hart and Nisan (2017): values 0, 1, 2 for each good, equally likely."""
    lines = two_goods.to_json()["menu"]
    assert [(line["lottery"], line["price"], line["chance"]) for line in lines] == [
        ({"nothing": "1"}, "0", "4/9"),
        ({"B": "1"}, "2", "1/9"),
        ({"A": "1"}, "2", "1/9"),
        ({"A+B": "1"}, "3", "1/3"),
    ]
    assert lines[3]["types"] == ["A=1, B=2", "A=2, B=1", "A=2, B=2"]


def test_every_type_takes_what_is_best_for_her(two_goods):
    rule, utility = two_goods.rules[0], two_goods.design.environment.utility[0]
    outcomes = two_goods.design.environment.outcomes
    lines = menu(rule, 0)
    assert sorted(k for line in lines for k in line.types) == list(range(9))
    for k in range(9):
        worth = [
            sum(chance * utility[outcomes.index(a), k] for a, chance in line.lottery.items()) - line.price
            for line in lines
        ]
        taken = next(n for n, line in enumerate(lines) if k in line.types)
        assert worth[taken] == max(worth)


def test_a_grid_of_a_hundred_types_has_a_menu_of_four_lines(tmp_path):
    """The best prices for A, B and both by enumeration; that no lottery is better is proved by the multipliers."""
    answer = mechlp.read_text(GRID).design.solve()
    steps, best = [F(k, 9) for k in range(10)], F(0)
    for p, both in product(steps, [F(k, 9) for k in range(19)]):
        revenue = F(0)
        for a, b in product(steps, steps):
            revenue += max((F(0), F(0)), (a - p, p), (b - p, p), (a + b - both, both))[1]
        best = max(best, revenue / 100)
    assert answer.certified and answer.value == best == F(59, 100)
    assert [(line["price"], line["chance"]) for line in answer.to_json()["menu"]] == [
        ("0", "33/100"), ("2/3", "3/25"), ("2/3", "3/25"), ("1", "43/100"),
    ]  # fmt: skip


def test_menus_in_expectation_and_given_the_other():
    text = (PROBLEMS / "two-goods.yaml").read_text()
    assert "buyer" in text
    design = mechlp.read_text(
        "agents: {one: [0, 1, 2], two: [0, 1]}\noutcomes: single-good\nbeliefs: {prior: {product: {one: [1/2, 1/4, 1/4], "
        "two: [1/3, 2/3]}}}\nrequire: {ic: ex-post, ir: ex-post, bb: none}\nobjective: revenue\n"
    ).design
    rule, outcomes = design.solve().rules[0], design.environment.outcomes
    for agent, size, chances in ((0, 2, (F(1, 3), F(2, 3))), (1, 3, (F(1, 2), F(1, 4), F(1, 4)))):
        expected = {k: line for line in expected_menu(rule, agent) for k in line.types}
        for own in range(design.environment.shape[agent]):
            lottery, paid = dict.fromkeys(outcomes, F(0)), F(0)
            for other in range(size):
                at = (own, other) if agent == 0 else (other, own)
                (line,) = [m for m in menu(rule, agent, (other,)) if own in m.types]
                assert line.price == -rule.transfers[(agent, *at)]
                assert line.lottery == {
                    a: c for k, a in enumerate(outcomes) if (c := rule.allocation[(k, *at)])
                }
                paid += chances[other] * line.price
                for a, chance in line.lottery.items():
                    lottery[a] += chances[other] * chance
            assert expected[own].price == paid and expected[own].lottery == {
                a: c for a, c in lottery.items() if c
            }


def test_types_who_differ_in_beliefs_have_no_one_menu():
    design = mechlp.read_text(
        "agents: {one: [0, 1], two: [0, 1]}\noutcomes: single-good\nbeliefs: {prior: {table: [[1/3, 1/6], [1/6, 1/3]]}}\n"
        "objective: surplus\n"
    ).design
    answer = design.solve()
    assert expected_menu(answer.rules[0], 0) is None and answer.to_json()["menu"] is None


def test_the_command_prints_menus(tmp_path):
    run = lambda *args: CliRunner().invoke(main, [*map(str, args), "--no-save"])  # noqa: E731
    shown = run("solve", PROBLEMS / "two-goods.yaml").output
    assert "Menu of buyer" in shown and shown.index("Menu of buyer") < shown.index("Mechanism (t:")
    path = tmp_path / "auction.yaml"
    path.write_text(
        "agents: {b: {copies: 2, types: [1, 2]}}\noutcomes: single-good\nbeliefs: {prior: uniform}\nobjective: revenue\n"
    )
    assert "Menu of" not in run("solve", path).output
    shown = run("solve", path, "--menus").output
    assert "Menu of b1, in expectation" in shown and "b2=1" in shown
    assert json.loads(run("solve", path, "--json").output)["menu"] is None
    assert "No menus" in run("solve", path, "--menus", "--ic", "ambiguous-transfers").output
