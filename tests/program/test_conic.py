"""The second road: another solver's proposals lead to the same exact verdicts."""

import sys
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp.cli import main
from mechlp.exact.numbers import Rationals
from mechlp.program import Block, Family, Program, Term
from mechlp.program.backend import propose, using
from mechlp.program.form import form
from mechlp.program.model import TooLarge
from mechlp.program.solve import solve

pytest.importorskip("cvxpy")
CONFIGS = Path(__file__).parents[2] / "configs"


PRICES = """
agents: {seller: [0, 1/3, 2/3], buyer: [1/3, 2/3, 1]}
outcomes: prices
prices: {grid: {from: 0, to: 1, count: 7}, power: 1/2}
"""


def random_program(rng, maximize):
    rows, columns = rng.integers(1, 6, 2)
    matrix = rng.integers(-3, 4, (rows, columns))
    upper = Rationals.of(rng.integers(0, 4, columns)) if rng.random() < 0.7 else None
    lower = Rationals.of(rng.integers(-2, 1, columns)) if rng.random() < 0.7 else None
    x = Block("x", (int(columns),), lower, upper)
    terms = (Term(np.arange(columns, dtype=np.int32)[None], Rationals.of(matrix), (int(columns),)),)
    sense = [">=", "<=", "="][rng.integers(3)]
    family = Family("r", (int(rows),), terms, sense, Rationals.of(rng.integers(-3, 4, rows)))
    return Program((x,), (family,), {"x": Rationals.of(rng.integers(-3, 4, columns))}, maximize)


def test_random_programs_have_one_verdict_on_both_roads():
    rng, seen = np.random.default_rng(3), set()
    for k in range(60):
        program = random_program(rng, maximize=bool(k % 2))
        one = solve(program)
        with using("cvxpy"):
            other = solve(program)
        assert (one.status, one.value) == (other.status, other.value)
        seen.add(one.status)
    assert seen == {"optimal", "infeasible", "unbounded"}


def test_multipliers_have_the_sign_that_highs_gives_them():
    rng = np.random.default_rng(11)
    compared = 0
    for k in range(30):
        canonical = form(random_program(rng, maximize=bool(k % 2)))
        one = propose(canonical, tight=True)
        with using("cvxpy"):
            other = propose(canonical, tight=True)
        assert other.outcome == one.outcome or {other.outcome, one.outcome} <= {
            "infeasible",
            "unbounded",
            "unclear",
        }
        if one.outcome == "optimal" and len(other.dual):
            costs, rhs = canonical.float_costs(), canonical.rhs.float / canonical.row_scale
            assert costs @ one.primal == pytest.approx(costs @ other.primal, abs=1e-6)
            signs = other.dual * canonical.senses
            assert signs.min() > -1e-6
            slack = canonical.matrix._csr @ other.primal / canonical.row_scale - rhs
            assert np.abs(slack * other.dual).max() < 1e-5
            compared += 1
    assert compared > 8


@pytest.mark.parametrize(
    "name",
    [
        "guo-2018-example-1.4.2",
        "myerson-auction",
        "public-good",
        "expost-vs-bayes",
        "prices",
    ],
)
def test_shipped_environments_have_the_same_answer(name):
    design = (
        mechlp.read_text(PRICES).design if name == "prices" else mechlp.read(CONFIGS / f"{name}.yaml").design
    )
    one = design.solve(**design.bare)
    with using("cvxpy"):
        other = design.solve(**design.bare)
    assert other.certified
    assert one.status == other.status
    if one.bound is not None:
        assert abs(one.value - other.value) < F(1, 10**6)
        assert abs(one.bound - other.bound) < F(1, 10**6)


def test_the_command_line_says_who_proposed_and_what_is_missing(monkeypatch):
    file = str(CONFIGS / "guo-2018-example-1.4.1.yaml")
    run = CliRunner().invoke(main, ["solve", file, "--no-save", "--backend", "cvxpy"])
    assert run.exit_code == 1
    assert "cvxpy, Clarabel" in run.output
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    run = CliRunner().invoke(main, ["solve", file, "--no-save", "--backend", "cvxpy"])
    assert run.exit_code == 2
    assert "pip install 'mechlp[cvxpy]'" in run.output


def test_what_is_too_large_is_refused():
    rows = 5001
    x = Block("x", (rows,), Rationals.of(0))
    terms = (Term(np.arange(rows, dtype=np.int32), Rationals.of(1)),)
    program = Program(
        (x,), (Family("r", (rows,), terms, ">=", Rationals.of(1)),), {"x": Rationals.of(1)}, maximize=False
    )
    with using("cvxpy"), pytest.raises(TooLarge, match="--backend highs"):
        solve(program)
