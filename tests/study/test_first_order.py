"""Simple mechanisms by formulas, in the continuum: against lies tried one by one in floats, and distributions integrated."""

import json
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import put, refused

from mechlp.checking.opened import open_answer
from mechlp.cli import main
from mechlp.environment.formulas import InvalidFormula
from mechlp.proof.first_order import first_order

CONFIGS = Path(__file__).parents[2] / "configs"
TRADERS = ("seller", "buyer")
MIDDLE = "(seller + buyer)/2"
SQUARE = "2*(buyer**3 - seller**3)/(3*(buyer**2 - seller**2)) if seller < buyer else 0"  # the mean of F(x) = x^2


def gains(price, chance, powers):
    """The most that a lie gains on a fine grid, in floats: only rounding, if truth is best everywhere."""
    types, best = np.linspace(0.02, 0.98, 25), -1.0
    at, likely = (np.array([[f(s, b) if s < b else 0.0 for b in types] for s in types]) for f in (price, chance))
    for side, power in enumerate(powers):
        p, q = (a if side == 0 else a.T for a in (at, likely))
        for k, own in enumerate(types):
            surplus = np.maximum(p - own if side == 0 else own - p, 0) ** float(power)
            told = np.where(q > 0, q * surplus, 0)
            best = max(best, float((told - told[k]).max()))
    return best


HALF, LINEAR = F(1, 2), F(1)
CASES = [
    (MIDDLE, "max(0, buyer - seller)**g", (HALF, HALF), "efficient"),
    (MIDDLE, "sqrt(buyer - seller) if seller < buyer else 0", (HALF, HALF), "efficient"),
    (SQUARE, "max(0, buyer**2 - seller**2)**g", (F(2, 3), F(2, 3)), "efficient"),
    (SQUARE, "max(0, buyer**2 - seller**2)**g/1", (LINEAR, LINEAR), "efficient"),
    (MIDDLE, "(max(0, buyer - seller)/3)**g", (HALF, HALF), "dominated"),
    (MIDDLE, "max(0, buyer - seller)", (HALF, HALF), "not-incentive-compatible"),
    (MIDDLE, "max(0, buyer**2 - seller**2)**g", (HALF, HALF), "not-incentive-compatible"),
    ("(seller + 2*buyer)/3", "max(0, buyer - seller)**g", (HALF, HALF), "not-incentive-compatible"),
    (MIDDLE, "max(0, buyer - seller)**g", (HALF, F(3, 4)), "not-incentive-compatible"),
]


@pytest.mark.parametrize(("price", "chance", "powers", "status"), CASES)
def test_the_identity_agrees_with_lies_one_by_one(price, chance, powers, status):
    found = first_order(price, chance, TRADERS, powers, {"g": powers[0]})
    assert found.status == status
    code = [
        eval(f"lambda seller, buyer: {f}", {"g": float(powers[0]), "max": max, "sqrt": np.sqrt})
        for f in (price, chance)
    ]
    most = gains(*code, powers)
    assert (most < 1e-12) == (status != "not-incentive-compatible")
    if status == "not-incentive-compatible":
        trader, s, b = found.fails_at()
        x, p, q = (float(s), float(b)), *code
        truth, lies = [], []
        for step in (0, -1e-4, 1e-4):
            report = (x[0] + step, x[1]) if trader == "seller" else (x[0], x[1] + step)
            surplus = p(*report) - x[0] if trader == "seller" else x[1] - p(*report)
            (lies if step else truth).append(q(*report) * surplus ** float(powers[trader == "buyer"]))
        assert max(lies) > truth[0]
    elif found.distribution is not None:
        assert found.total == (1 if status == "efficient" else F(1, 3))
        for s, b in ((0.1, 0.6), (0.3, 0.9)):
            x = np.linspace(s, b, 2001)
            mass = np.array([float(found.distribution(F(v).limit_denominator(10**6))) for v in x])
            steps = np.diff(mass)
            mean = float((steps * (x[1:] + x[:-1]) / 2).sum() / steps.sum())
            assert mean == pytest.approx(code[0](s, b), abs=1e-6)


@pytest.mark.parametrize(
    ("price", "chance"),
    [
        (MIDDLE, "max(0, seller - buyer)"),  # no pair trades
        ("(seller + buyer)/2 + 0*seller", "max(0, buyer - seller)*2"),  # a chance above 1
    ],
)
def test_what_is_no_mechanism_or_trades_nowhere_is_left_open(price, chance):
    assert first_order(price, chance, TRADERS, (LINEAR, LINEAR), {}).status == "undecided"


@pytest.mark.parametrize(
    ("price", "chance", "said"),
    [
        (MIDDLE, "buyer - seller", "has to be zero where nobody gains"),
        (MIDDLE, "max(0, exp(buyer) - seller)", "no quotient of polynomials"),
        (MIDDLE, "1 if buyer > 1/2 else 0", "cuts the types in parts"),
        (MIDDLE, "max(0, buyer - seller)**seller", "depends on a type"),
        (MIDDLE, "1 + sqrt(max(0, buyer - seller))", "a root stands inside"),
        ("max(0, seller)", "max(0, buyer - seller)", "max stands in the price"),
        (MIDDLE, "max(0, buyer - seler)", "seler"),
        ("seller/(buyer - buyer)", "max(0, buyer - seller)", "divides by zero"),
        (MIDDLE, "max(0, (buyer - seller)**12)**12", "degree above"),
    ],
)
def test_other_formulas_are_refused_in_words(price, chance, said):
    with pytest.raises(InvalidFormula, match=said):
        first_order(price, chance, TRADERS, (LINEAR, LINEAR), {})


def test_the_command_refuses_tables_and_options_of_other_files(tmp_path):
    file = tmp_path / "a.yaml"
    body = "agents: {seller: [0, 1], buyer: [0, 1]}\noutcomes: prices\nobjective: feasibility\nprices: {grid: [0, 1], mechanism: %s}\n"
    file.write_text(body % "{price: 1/2, chance: [[0, 1], [0, 0]]}", encoding="utf-8")
    printed = CliRunner().invoke(main, ["continuum", str(file)])
    assert printed.exit_code == 2 and "a table says nothing about the types between" in printed.output
    file.write_text(body % '{price: (seller + buyer)/2, chance: "max(0, buyer - seller)"}', encoding="utf-8")
    assert CliRunner().invoke(main, ["continuum", str(file), "--powers", "1/2"]).exit_code == 2
    assert CliRunner().invoke(main, ["continuum", str(file), "--no-save"]).exit_code == 0


@pytest.mark.parametrize(("power", "exit_status"), [("1/2", 0), ("3/4", 1)])
def test_verdicts_are_saved_checked_and_shown_again(power, exit_status, tmp_path):
    kept, config = tmp_path / "kept.json", str(CONFIGS / "copic-ponsati-2006-example-4.yaml")
    run = lambda *words: CliRunner().invoke(main, [*map(str, words)])  # noqa: E731
    printed = run("continuum", config, "--set", f"gamma={power}", "--out", kept)
    assert printed.exit_code == exit_status and "Saved to" in printed.output
    assert run("verify", kept, "--environment", config, "--set", f"gamma={power}").exit_code == 0
    assert "about another problem" in run("verify", kept, "--environment", config, "--set", "gamma=1").output
    shown = run("report", kept)
    assert shown.exit_code == 0, shown.output
    data = json.loads(kept.read_text())
    assert open_answer(kept).to_json() == data
    refused(data, put(("status",), "dominated"), "not what the rest")
    refused(data, put(("distribution",), "x**2"))
    refused(data, put(("problem", "prices", "mechanism", "price"), "seller"))
    refused(data, lambda d: d["problem"]["prices"].pop("mechanism"), "no mechanism by formulas")
