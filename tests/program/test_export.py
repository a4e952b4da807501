"""Exported files, read back by another reader, have the program's optimal value."""

import highspy
import pytest

import mechlp
from mechlp.program import solve
from mechlp.program.export import number, write_lp, write_mps
from mechlp.solving.compile import compile

ENVIRONMENT = """
agents:
  seller: [1/3, 2/3]
  buyer: [1/2, 1]
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: {table: [[1/3, 1/6], [1/6, 1/3]]}}
require: {ic: bayesian, ir: interim, bb: ex-ante-weak}
objective: %s
allocation: %s
"""


def _read_back(path):
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    solver.run()
    return solver


@pytest.mark.parametrize(("ending", "write"), [("mps", write_mps), ("lp", write_lp)])
@pytest.mark.parametrize(
    "objective", ["surplus", "{minimize: {allocation: {trade: 1 - buyer}, expected: false}}"]
)
@pytest.mark.parametrize("allocation", ["chosen", "deterministic"])
def test_same_optimum_after_reading_back(tmp_path, ending, write, objective, allocation):
    program = compile(mechlp.read_text(ENVIRONMENT % (objective, allocation)).design)
    write(program, tmp_path / f"out.{ending}")
    solver = _read_back(tmp_path / f"out.{ending}")
    exact = solve(compile(mechlp.read_text(ENVIRONMENT % (objective, "chosen")).design)).value
    assert solver.getInfo().objective_function_value == pytest.approx(float(exact), abs=1e-7)
    assert solver.getNumCol() == program.num_columns
    assert solver.getNumRow() == program.num_rows


def test_names_say_what_rows_and_columns_mean(tmp_path):
    program = compile(mechlp.read_text(ENVIRONMENT % ("surplus", "chosen")).design)
    write_lp(program, tmp_path / "out.lp")
    written = (tmp_path / "out.lp").read_text()
    assert "IC_seller_1/3_to_2/3:" in written
    assert "q_trade_seller_1/3_buyer_1:" not in written
    assert "q_trade_seller_1/3_buyer_1" in written


def test_finite_decimals_are_written_exactly():
    from fractions import Fraction

    assert number(Fraction(1, 8)) == "0.125"
    assert number(Fraction(-7, 20)) == "-0.35"
    assert number(Fraction(3)) == "3"
    assert float(number(Fraction(1, 3))) == 1 / 3
