"""Exported files, read back by other people's solvers, are the exact program."""

import re
from fractions import Fraction as F
from functools import cache
from pathlib import Path

import highspy
import numpy as np
import pytest
from readers import INFEASIBLE, OPTIMAL, READERS, highs

import mechlp
from mechlp.exact.numbers import Rationals
from mechlp.files import Reading
from mechlp.program import Block, Columns, Family, Program, Term, solve
from mechlp.program.export import number, plain, write_lp, write_mps
from mechlp.program.model import TooLarge
from mechlp.program.names import MAX_NAME, names
from mechlp.question.design import Design, InvalidDesign
from mechlp.solving.compile import compile
from mechlp.solving.written import written

ROOT = Path(__file__).parent.parent.parent
WRITERS = {"mps": write_mps, "lp": write_lp}
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
#: Sizes at which every reader takes a second at most.
SMALLER = {"zhang-2021-deterministic": "4", "zhang-2021-asymmetric": "11", "zhang-2021-symmetric": "11"}
#: What is not one linear program: given mechanisms and functions are examined, the best simple one is sought, Border's rows are
#: generated, types fill a box.
WITHOUT = {
    "copic-ponsati-2006-ex-ante-optimum",
    "copic-ponsati-2006-proposition-13",
    "copic-ponsati-2006-simple-is-beaten",
    "copic-ponsati-2006-simple-is-beaten-more-averse",
    "guo-2018-maximin-core",
    "guo-2018-maximin-value",
    "multidimensional-auction",
    "multidimensional-auction-continuum",
    "two-goods-continuum",
}


def read_by(reader, program, folder, notes=()):
    """What a reader finds in both formats: status and value of the program as it is meant."""
    found = []
    for ending, write in WRITERS.items():
        path = folder / f"out.{ending}"
        write(program, path, notes)
        status, value = READERS[reader](path)
        turned = ending == "mps" and program.maximize and program.objective
        found.append((status, None if status != OPTIMAL else -value if turned else value))
    return found


def size(rule, secondary):
    """How large transfers are, in the norm that a secondary objective names."""
    sizes = [abs(t) for t in rule.transfers.ravel().fractions()]
    return max(sizes) if secondary == "max-norm" else sum(sizes)


# -- the shipped environments -----------------------------------------------------------------------
@cache
def shipped(path):
    """Program, status and exact value: the certified answer's, or, of a relaxation, those of the program itself."""
    overrides = {"m": SMALLER[path.stem]} if path.stem in SMALLER else {}
    design = mechlp.read(path, overrides=overrides).design
    try:
        program, notes = written(design)
    except InvalidDesign:
        return None
    dominates = (
        isinstance(design, Design) and design.wants.kind == "undominated"
    )  # whose answer is no optimum
    if isinstance(design, Design) and not dominates and not any("relaxation" in line for line in notes):
        answer = design.asking(continuum=False).solve(relax=False, fewest=False)
        assert answer.certified
        if design.secondary in ("1-norm", "max-norm") and answer.rules:
            return program, OPTIMAL, size(answer.rules[0], design.secondary)
    else:
        answer = solve(program)
    return program, OPTIMAL if answer.status == "feasible" else answer.status, answer.value


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_environment_reads_back(path, reader, tmp_path):
    if shipped(path) is None:
        assert path.stem in WITHOUT
        return
    program, status, value = shipped(path)
    for found, got in read_by(reader, program, tmp_path):
        assert found == status
        if status == OPTIMAL:
            assert got == pytest.approx(float(value or 0), rel=1e-6, abs=1e-7)


def test_the_other_shipped_environments_have_a_program():
    paths = sorted((ROOT / "configs").glob("*.yaml"))
    assert {p.stem for p in paths if shipped(p) is None} == WITHOUT


@pytest.mark.parametrize(("ending", "write"), [("mps", write_mps), ("lp", write_lp)])
@pytest.mark.parametrize(
    "objective", ["surplus", "{minimize: {allocation: {trade: 1 - buyer}, expected: false}}"]
)
@pytest.mark.parametrize("allocation", ["chosen", "deterministic"])
def test_same_optimum_after_reading_back(tmp_path, ending, write, objective, allocation):
    program = compile(mechlp.read_text(ENVIRONMENT % (objective, allocation)).design)
    exact = solve(compile(mechlp.read_text(ENVIRONMENT % (objective, "chosen")).design)).value
    for status, value in read_by("highs", program, tmp_path):
        assert status == OPTIMAL
        assert value == pytest.approx(float(exact), abs=1e-7)
    lp = _lp(tmp_path / f"out.{ending}")
    assert (lp.num_col_, lp.num_row_) == (plain(program).num_columns, plain(program).num_rows)


# -- names ----------------------------------------------------------------------------------------
def test_names_say_what_rows_and_columns_mean(tmp_path):
    program = compile(mechlp.read_text(ENVIRONMENT % ("surplus", "chosen")).design)
    write_lp(program, tmp_path / "out.lp")
    text = (tmp_path / "out.lp").read_text()
    assert "IC_seller_1over3_to_2over3:" in text
    assert "q_trade_seller_1over3_buyer_1:" not in text
    assert "q_trade_seller_1over3_buyer_1" in text


NASTY = [
    *(
        "st",
        "ST",
        "s.t.",
        "end",
        "free",
        "inf",
        "INFINITY",
        "nan",
        "bounds",
        "max",
        "general",
        "binary",
        "sos1",
        "subject to",
    ),
    *(
        "objective",
        "minus_objective",
        "RHS",
        "BOUNDS",
        "MARKER",
        "ENDATA",
        "NAME",
        "ROWS",
        "rhs",
        "sin",
        "x + y",
        "3x",
        "e9",
    ),
    *(
        "1/3 x",
        "1",
        "-1",
        ".5",
        "",
        "_",
        "a(b)",
        "a_b_",
        "a b",
        "a\tb\n",
        "é",
        "e",
        "θ",
        "η",
        "2 <= x",
        "x:",
        "\\ x",
        "* x",
    ),
    *(
        "y" * 300,
        "y" * 301,
        "[x]",
        "x^2",
        "'x'",
        '"x"',
        "x;",
        "x__2",
        "x",
        "x_2",
        "infinite",
        "end_of_day",
        "semi-continuous",
    ),
]


def labelled(labels, *, maximize=True):
    """Maximise (or minimise) ``sum (k+1) x_k`` with ``(k+2) x_k <= (k+1)`` in a row of the same label."""
    n = len(labels)
    blocks = (Block("x", (n,), None if maximize else Rationals.of(-1), label=lambda c: labels[c[0]]),)
    sizes = Rationals.of(np.arange(1, n + 1))
    terms = (Term(Columns(blocks)["x"], sizes + 1),)
    rows = Family("r", (n,), terms, "<=", sizes, label=lambda c: labels[c[0]])
    return Program(blocks, (rows,), {"x": sizes}, maximize=maximize)


@pytest.mark.parametrize("reader", READERS)
def test_no_name_is_taken_for_something_else(reader, tmp_path):
    program = labelled(NASTY)
    exact = sum(F(k * k, k + 1) for k in range(1, len(NASTY) + 1))
    for found in read_by(reader, program, tmp_path):
        assert found == (OPTIMAL, pytest.approx(float(exact), rel=1e-7))


def test_names_are_unique_short_and_of_harmless_characters():
    found = names(labelled(NASTY).blocks, "x")
    assert len(set(found)) == len(NASTY)
    assert all(re.fullmatch(r"[A-Za-df-z][A-Za-z0-9_.]*", name) and len(name) <= MAX_NAME for name in found)
    assert found[NASTY.index("end_of_day")] == "x_end_of_day"
    assert found[NASTY.index("infinite")] == "x_infinite"
    assert found[NASTY.index("semi-continuous")] == "x_semi_continuous"


@pytest.mark.parametrize("reader", READERS)
def test_labels_that_come_out_alike_stay_apart(reader, tmp_path):
    reading: Reading = mechlp.read(ROOT / "tests/data/repro/merge.yaml")
    # One buyer type is worth 1, the other 3, alike likely: the price 3 sells to one of two.
    for found in read_by(reader, compile(reading.design), tmp_path):
        assert found == (OPTIMAL, pytest.approx(1.5))


# -- numbers ----------------------------------------------------------------------------------------
def test_finite_decimals_are_written_exactly():
    assert number(F(1, 8)) == "0.125"
    assert number(F(-7, 20)) == "-0.35"
    assert number(F(3)) == "3"
    assert float(number(F(1, 3))) == 1 / 3
    assert F(number(F(-(10**20) - 1, 2**9))) == F(-(10**20) - 1, 2**9)


def _lp(path):
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    return solver.getLp()


def _rows(lp):
    """Each row of the file by name: entries by column, exact values of the doubles read."""
    out = {name: {} for name in lp.row_names_}
    matrix = lp.a_matrix_
    by_row = matrix.format_ == highspy.MatrixFormat.kRowwise
    for k in range(lp.num_row_ if by_row else lp.num_col_):
        for at in range(matrix.start_[k], matrix.start_[k + 1]):
            r, c = (k, matrix.index_[at]) if by_row else (matrix.index_[at], k)
            out[lp.row_names_[r]][lp.col_names_[c]] = F(matrix.value_[at])
    return out


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("objective", ["surplus", "revenue"])
def test_a_reader_holds_the_exact_rows(tmp_path, ending, objective):
    program = compile(mechlp.read_text(ENVIRONMENT % (objective, "chosen")).design)
    WRITERS[ending](program, tmp_path / f"out.{ending}")
    lp = _lp(tmp_path / f"out.{ending}")
    rows, columns = _rows(lp), names(program.blocks, "x")
    arrays, right = program.integers(), program.integer_right_hand_side()
    for r, name in enumerate(names(program.families, "r")):
        part = slice(arrays.indptr[r], arrays.indptr[r + 1])
        exact = {columns[c]: F(int(v)) for c, v in zip(arrays.indices[part], arrays.data[part]) if v}
        assert rows[name].keys() == exact.keys()
        (factor,) = {exact[c] / v for c, v in rows[name].items()} or {F(1)}
        assert factor > 0
        at = list(lp.row_names_).index(name)
        bound = lp.row_lower_[at] if program.senses[r] >= 0 else lp.row_upper_[at]
        assert F(bound) * factor == int(right[r])
    value = rows["objective_value"]
    costs = {columns[c]: cost for c, cost in enumerate(program.costs.fractions()) if cost}
    assert {c: v / -value["objective_value"] for c, v in value.items() if c != "objective_value"} == costs


def one_column(cost, low, high, *, integer=False, maximize=True, constant=F(0), rows=()):
    low, high = (None if b is None else Rationals.of(b) for b in (low, high))
    blocks = (Block("x", (), low, high, integer=integer),)
    terms = lambda a: (Term(Columns(blocks)["x"], Rationals.of(a)),)  # noqa: E731
    families = tuple(Family(f"r{k}", (), terms(a), s, Rationals.of(b)) for k, (a, s, b) in enumerate(rows))
    return Program(blocks, families, {"x": Rationals.of(cost)}, maximize=maximize, constant=constant)


HALF = F(1, 2)
SMALL = {
    "upper bound below zero, nothing below": (one_column(1, None, -1), -1),
    "minimised against a lower bound": (one_column(1, F(-7, 2), None, maximize=False), F(-7, 2)),
    "a constant": (one_column(1, 0, 2, constant=F(7)), 9),
    "a constant that is no decimal, minimised": (
        one_column(HALF, 1, 2, constant=F(-5, 3), maximize=False),
        F(-7, 6),
    ),
    "costs that are no decimals": (one_column(F(2, 3), None, 7), F(14, 3)),
    "bounds that are no decimals": (one_column(3, F(1, 7), F(1, 3)), 1),
    "a lower bound that is no decimal": (one_column(7, F(1, 7), F(1, 3), maximize=False), 1),
    "integers without an upper bound": (one_column(1, 0, None, integer=True, rows=[(2, "<=", 7)]), 3),
    "integers without any bound": (
        one_column(1, None, None, integer=True, maximize=False, rows=[(2, ">=", -7)]),
        -3,
    ),
    "integers between fractions": (one_column(1, F(1, 3), F(10, 3), integer=True), 3),
    "integers from a fraction on": (one_column(1, F(1, 3), F(10, 3), integer=True, maximize=False), 1),
    "a row without entries": (one_column(1, 0, 1, rows=[(0, ">=", -1)]), 1),
    "thirds in a row": (
        one_column(1, None, None, rows=[(F(1, 3), "<=", F(1, 7)), (F(1, 3), ">=", -1)]),
        F(3, 7),
    ),
    "tiny numbers": (one_column(1, 0, None, rows=[(F(1, 10**13), "<=", F(3, 10**13))]), 3),
    "huge numbers": (one_column(1, 0, None, rows=[(10**19 + 1, "<=", 4 * (10**19 + 1))]), 4),
    "more digits than a double has": (
        one_column(1, 0, None, rows=[(F(10**20 + 1, 10**20 + 3), "<=", F(2, 10**30 + 7) + 5)]),
        5,
    ),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", SMALL)
def test_every_reader_finds_the_value(reader, case, tmp_path):
    program, value = SMALL[case]
    for found in read_by(reader, program, tmp_path):
        assert found == (OPTIMAL, pytest.approx(float(value), abs=1e-7))


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_finds_that_nothing_is_feasible(reader, tmp_path):
    program = one_column(1, 0, None, rows=[(F(1, 3), "<=", F(1, 7)), (F(1, 3), ">=", F(1, 6))])
    assert [status for status, _ in read_by(reader, program, tmp_path)] == [INFEASIBLE] * 2


def test_what_is_not_exact_is_said(tmp_path):
    program, _ = SMALL["more digits than a double has"]
    write_lp(program, tmp_path / "out.lp")
    assert "Not so 1 of 1 rows (the first: r0)" in (tmp_path / "out.lp").read_text()
    program, _ = SMALL["thirds in a row"]
    write_lp(program, tmp_path / "out.lp")
    text = (tmp_path / "out.lp").read_text()
    assert "Not so" not in text
    assert "+ 7 x <= 3" in text


def test_no_file_asks_for_a_maximum_and_integers_have_both_ends(tmp_path):
    program, _ = SMALL["integers without an upper bound"]
    write_mps(program, tmp_path / "out.mps")
    lines = (tmp_path / "out.mps").read_text().splitlines()
    body = [line for line in lines if not line.startswith("*")]
    assert "OBJSENSE" not in "".join(body)
    assert any("sign of the objective turned" in line for line in lines)
    assert [line for line in body if " bnd x" in line] == [" LO bnd x 0", " PL bnd x"]


def test_a_program_without_columns_is_a_file(tmp_path):
    program = Program((), (), {}, maximize=False, constant=F(2, 3))
    for found in read_by("highs", program, tmp_path):
        assert found == (OPTIMAL, pytest.approx(2 / 3))


# -- sizes, and files that are not finished ---------------------------------------------------------
def test_a_file_of_gigabytes_is_refused_with_its_size(tmp_path):
    blocks = (Block("x", (100_000,)),)
    terms = (Term(Columns(blocks)["x"], Rationals.of(1), (100_000,)),)
    program = Program(blocks, (Family("r", (400,), terms, ">=", Rationals.zeros((400,))),))
    with pytest.raises(TooLarge, match=r"40,000,000 entries, at least 2\.4 GB"):
        write_lp(program, tmp_path / "out.lp")
    assert list(tmp_path.iterdir()) == []


def test_the_size_of_a_design_is_known_before_it_is_compiled():
    types = "{types: {from: 0, to: 1, count: 400}}"
    text = ENVIRONMENT % ("surplus", "chosen")
    text = re.sub(r"\[1/3, 2/3\]|\[1/2, 1\]", types, text).replace(
        "{table: [[1/3, 1/6], [1/6, 1/3]]}", "uniform"
    )
    with pytest.raises(TooLarge, match=r"the file would have 3\d\d,\d{3},\d{3} entries"):
        written(mechlp.read_text(text).design)


def test_an_older_file_stays_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "out.lp"
    path.write_text("older")
    with pytest.raises(ZeroDivisionError):
        write_lp(SMALL["a constant"][0], path, (str(1 // n) for n in (1, 0)))
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


# -- what is written of a design --------------------------------------------------------------------
@pytest.mark.parametrize("secondary", ["max-norm", "1-norm"])
@pytest.mark.parametrize("objective", ["revenue", "feasibility"])
def test_secondary_is_what_the_file_minimises(secondary, objective, tmp_path):
    design = mechlp.read_text(ENVIRONMENT % (objective, "chosen")).design.asking(secondary=secondary)
    program, notes = written(design)
    least = size(design.solve().rules[0], secondary)
    for found in read_by("highs", program, tmp_path, notes):
        assert found == (OPTIMAL, pytest.approx(float(least), abs=1e-7))
    assert "is minimised over" in (tmp_path / "out.lp").read_text().splitlines()[0]


def test_secondary_without_an_optimum_is_refused():
    text = (
        (ENVIRONMENT % ("revenue", "chosen"))
        .replace("bb: ex-ante-weak", "bb: none")
        .replace("ir: interim", "ir: none")
    )
    with pytest.raises(InvalidDesign, match="chooses among optima, and the answer is unbounded"):
        written(mechlp.read_text(text).design.asking(secondary="max-norm"))


@pytest.mark.parametrize("name", ["adjacent", "interim-transfers", "symmetric-agents"])
def test_a_reduced_program_has_the_same_value(name, tmp_path):
    design = mechlp.read(ROOT / "configs/myerson-auction.yaml").design
    program, notes = written(design, reduce=[name])
    assert program.nonzeros < compile(design).nonzeros
    for found in read_by("highs", program, tmp_path, notes):
        assert found == (OPTIMAL, pytest.approx(71 / 125))


def test_a_way_of_solving_is_no_program():
    design = mechlp.read(ROOT / "configs/myerson-auction.yaml").design
    with pytest.raises(InvalidDesign, match="row-generation is a way of solving"):
        written(design, reduce=["row-generation"])


def test_a_program_of_irrational_payoffs_says_that_it_is_one_of_numbers_nearby():
    text = (ENVIRONMENT % ("feasibility", "chosen")).replace("outcomes: trade", "outcomes: [none, trade]")
    text = text.replace(
        "trade: {seller: seller, buyer: buyer}", "payoffs: {trade: {seller: 0 - seller, buyer: sqrt(buyer)}}"
    )
    design = mechlp.read_text(text).design
    assert not design.environment.exact
    _, notes = written(design)
    assert "lower ends" in notes[0]


def test_a_relaxation_says_that_it_is_one(tmp_path):
    design = mechlp.read(ROOT / "configs/wolitzky-2015-figure-1.yaml").design
    program, notes = written(design)
    write_mps(program, tmp_path / "out.mps", notes)
    assert (tmp_path / "out.mps").read_text().startswith("* A relaxation: 144 lies")
    assert highs(tmp_path / "out.mps")[0] == OPTIMAL
