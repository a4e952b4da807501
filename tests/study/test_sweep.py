"""Sweeps: every cell is the answer there, whatever road it came by; the store is whole after a kill."""

import csv
import json
import logging
import os
import random
import re
import signal
import subprocess
import sys
import time
import warnings
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner
from poison import poisoned
from small import SELLING

import mechlp
from mechlp.cli import main
from mechlp.study import neighbours, workers
from mechlp.study.cells import lines
from mechlp.study.cellwise import changed
from mechlp.study.neighbours import Row, way

ROOT = Path(__file__).parents[2]
GUO = ROOT / "configs" / "guo-2018-example-1.4.2.yaml"
#: The chance of the first value is the parameter.
CURVED = SELLING.replace("low: 1", "low: 1, x: 1/2").replace("[1/2, 1/2]", "[x, 1 - x]")
#: It is no polynomial of the parameter, so that every cell is solved on its own.
CHANCES = CURVED.replace("[x,", "[x if x > 0 else 0,")


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def rows(found):
    return {row[0]: row[1:] for row in found.rows()}


@pytest.fixture
def counted(monkeypatch):
    """The cells that are solved on their own."""
    solve, asked = Row._solved, []
    monkeypatch.setattr(Row, "_solved", lambda row, k: (asked.append(row.at[k]), solve(row, k))[1])
    return asked


def test_notions_and_numbers_are_axes_alike():
    found = mechlp.sweep(GUO, ["B=1/2:2:13", "notion=bayesian,ex-post", "a=1,3/2"], jobs=1)
    assert found.names == ("B", "ic", "a") and len(found) == 13 * 2 * 2
    for point in found:
        b, _, a = point.at
        assert point.possible == (b <= a) and point.certified  # Guo (2018), Example 1.4.2
    assert "52 cells" in repr(found)
    whole = found.answer(0)
    assert whole.status == "feasible" and whole.design.environment.parameters["B"] == F(1, 2)


def test_values_between_neighbours_are_those_of_the_closed_form(counted):
    """The better of the two posted prices, kink and ties included; few cells are solved for many that are proved."""
    found = mechlp.sweep(mechlp.read_text(SELLING), {"high": "1:4:301"}, jobs=1)
    assert all(p.status == "optimal" and p.value == max(F(1), p.at[0] / 2) for p in found)
    assert len(counted) < 30


def test_every_question_of_the_command_line_is_an_axis():
    reading = mechlp.read_text(SELLING)
    over = ["objective=revenue,welfare,feasibility", "ir=interim,none", "secondary=none,nice"]
    found = mechlp.sweep(reading, over, jobs=1)
    wanted = {"revenue": F(3, 2), "surplus": F(2), "feasibility": None}
    for point in found:
        kind, ir, _ = point.at
        unbounded = ir == "none" and kind == "revenue"  # whoever must take part pays any sum
        assert point.status == (
            "unbounded" if unbounded else "feasible" if kind == "feasibility" else "optimal"
        )
        assert unbounded or point.value == wanted[kind]


def affine_file(draw):
    """Two agents with two types, payoffs affine in x, correlated beliefs; what is asked is drawn too."""
    number = lambda: f"{draw.randint(-3, 3)} + {draw.randint(-3, 3)}*x"  # noqa: E731
    table = lambda: "[" + ", ".join("[" + f"{number()}, {number()}" + "]" for _ in range(2)) + "]"  # noqa: E731
    weights = [draw.randint(1, 5) for _ in range(4)]
    return f"""
parameters: {{x: 0}}
agents: {{one: [a, b], two: [c, d]}}
outcomes: [no, yes]
payoffs: {{no: {{one: {table()}, two: {table()}}}, yes: {{one: {table()}, two: {table()}}}}}
beliefs: {{prior: {{weights: [{weights[:2]}, {weights[2:]}]}}}}
require: {{ic: {draw.choice(["bayesian", "ex-post"])}, ir: {draw.choice(["interim", "ex-post"])},
  bb: {draw.choice(["none", "ex-post", "ex-ante-weak"])}}}
allocation: {draw.choice(["chosen", "efficient", "efficient-first"])}
objective: {draw.choice(["feasibility", "surplus", "revenue"])}
"""


@pytest.mark.parametrize("seed", range(8))
def test_cells_between_neighbours_are_what_a_fresh_solve_says(seed):
    reading = mechlp.read_text(affine_file(random.Random(seed)))
    found = mechlp.sweep(reading, "x=-2:2:9", jobs=1)
    for point in found:
        fresh = mechlp.read_document(changed(reading.document, ("x",), point.at)).design.solve()
        assert (point.status, point.value, point.certified) == (fresh.status, fresh.value, fresh.certified)


# -- between cells, in curves -------------------------------------------------------------------
def alone(reading, names, point):
    """Whether a cell says what a solve of its own does."""
    fresh = mechlp.read_document(changed(reading.document, names, point.at)).design.solve(**mechlp.Design.bare, **mechlp.Design.verdict)
    return (point.status, point.value, point.certified) == (fresh.status, fresh.value, fresh.certified)


def test_cells_along_a_chance_are_those_of_the_closed_form_and_few_are_solved(counted):
    found = mechlp.sweep(mechlp.read_text(CURVED), "x=0:1:301", jobs=1)
    assert all(p.certified and p.value == max(F(1), 3 * (1 - p.at[0])) for p in found)  # its kink, 2/3, is a cell
    assert len(counted) < 30 and (F(2, 3),) in counted


def test_cells_at_which_the_file_is_no_problem_are_rows_between_others(counted):
    """Outside of [0, 1] at both ends; and where a formula divides by zero, in the middle."""
    found = mechlp.sweep(mechlp.read_text(CURVED), "x=-1/20:21/20:221", jobs=1)
    assert [p.status for p in found] == ["invalid"] * 10 + ["optimal"] * 201 + ["invalid"] * 10 and len(counted) < 40
    text = CURVED.replace("x: 1/2", "x: 1/3").replace("high]", "1/(x - 1/2)**2]").replace("[x, 1 - x]", "[1/3, 2/3]")
    for p in mechlp.sweep(mechlp.read_text(text), "x=1/10:9/10:97", jobs=1):
        gap = (p.at[0] - F(1, 2)) ** 2
        assert p.status == ("optimal" if gap else "invalid") and (not gap or p.value == 2 / (3 * gap))
    assert len(counted) < 80


def test_rows_go_along_the_axis_on_which_most_is_proved(counted):
    reading = mechlp.read_text(CURVED)
    found = mechlp.sweep(reading, ["x=1/10:2/3:45", "ic=bayesian,ex-post"], jobs=1)
    assert len(counted) < 12 and all(p.value == max(F(1), 3 * (1 - p.at[0])) for p in found)
    payoffs = mechlp.sweep(reading, ["x=1/3,2/3", "high=2:4:50"], jobs=1)
    assert all(p.value == max(F(1), p.at[1] * (1 - p.at[0])) for p in payoffs)


def test_guo_1_4_2_along_its_correlation(counted):
    """The marginals are held and B > a: impossible whatever the correlation; at w = 3/20 types are independent."""
    found = mechlp.sweep(ROOT / "configs" / "guo-2018-example-1.4.2-correlation.yaml", "w=1/20:1/4:81", jobs=1)
    assert all(p.certified and p.status == "infeasible" for p in found) and len(counted) < 10


def curved_file(draw):
    """Two agents with two types; probabilities are affine, curved or divided in x, and the best mechanism or existence is asked."""
    document = dict(mechlp.read_text(affine_file(draw)).document)
    weights = [draw.randint(2, 5) for _ in range(4)]
    kind = draw.choice(["table", "product", "weights", "divided"])
    prior = {
        "table": {"table": [[f"{w}/{sum(weights)} + {s}*x/30" for w, s in zip(weights[k : k + 2], (1, -1))] for k in (0, 2)]},
        "product": {"product": {"one": ["1/2 + x/8", "1/2 - x/8"], "two": ["1/3 + x**2/12", "2/3 - x**2/12"]}},
        "weights": {"weights": [[f"{w} + {k}*x/4" for k, w in enumerate(weights[j : j + 2])] for j in (0, 2)]},
        "divided": {"product": {"one": ["1/(3 + x)", "1 - 1/(3 + x)"], "two": ["1/2", "1/2"]}},
    }[kind]
    require = {"ic": "bayesian", "ir": draw.choice(["interim", "ex-post"]), "bb": draw.choice(["ex-post-weak", "ex-ante-weak"])}
    return {**document, "beliefs": {"prior": prior}, "require": require}


@pytest.mark.parametrize("chances", ["[1/2 + x/8, 1/2 - x/8]", "[1/(3 + x), 1 - 1/(3 + x)]", "[(2 + x)**2/16, 1 - (2 + x)**2/16]"])
def test_cells_on_an_interval_are_what_a_fresh_solve_says(chances, monkeypatch, counted):
    payoffs = "agents: {buyer: [a, b]}\noutcomes: [no, plain, fine]\npayoffs: {plain: {buyer: [1, 2]}, fine: {buyer: [1/2, 2 + x/2]}}"
    text = f"parameters: {{x: 0}}\n{payoffs}\nbeliefs: {{prior: {{table: {chances}}}}}\nobjective: revenue"
    agrees_with_fresh_solves(mechlp.read_text(text), 20, monkeypatch)
    assert len(counted) < 10


@pytest.mark.slow
def test_forty_times_twenty_cells_are_what_fresh_solves_say(monkeypatch, counted):
    for seed in range(100, 140):
        agrees_with_fresh_solves(mechlp.read_document(curved_file(random.Random(seed))), 20, monkeypatch)
    assert len(counted) < 40 * 20 / 2


def agrees_with_fresh_solves(reading, cells, monkeypatch):
    monkeypatch.setattr(neighbours, "FEWEST", 2)
    monkeypatch.setattr(neighbours, "WORTH", 1)
    assert all(alone(reading, ("x",), point) for point in mechlp.sweep(reading, f"x=-2:2:{cells}", jobs=1))


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"outside": {"buyer": "1 - high"}}, True),
        ({"let": {"u(x)": "x*high"}, "payoffs": {"sell": {"buyer": ["u(low)", "3"]}}}, True),
        ({"payoffs": {"sell": {"buyer": ["high*high", "3"]}}}, False),
        ({"payoffs": {"sell": {"buyer": ["1 if high > 2 else 0", "3"]}}}, False),
        ({"assume": ["high != 2"]}, False),
        (
            {
                "parameters": {"low": "1", "high": "3", "p": "high/8"},
                "beliefs": {"prior": {"table": ["p", "1 - p"]}},
            },
            False,
        ),
        ({"agents": {"buyer": {"types": ["1", "high"]}}}, False),
        ({"objective": {"linear": {"transfers": {"buyer": "high"}}}}, False),
    ],
)
def test_between_neighbours_only_where_the_parameter_is_in_payoffs_alone(change, holds):
    document = {**mechlp.read_text(SELLING).document, **change}
    assert (way(document, "high", ["buyer"]) == "mixed") is holds


def test_draws_are_rationals_of_the_ranges_and_the_seed_decides_them():
    reading = mechlp.read_text(SELLING)
    over = ["high=2:4", "low=0:1:3", "prior=random", "ic=bayesian,ex-post"]
    found = mechlp.sweep(reading, over, random=3, seed=7, jobs=1)
    assert len(found) == 6 and found.draws == 3
    for point in found:
        high, low, prior, _ = point.at
        first, second = json.loads(prior)
        assert 2 <= high <= 4 and low in (0, F(1, 2), 1) and first >= 1 <= second
        assert point.value == max(low, high * F(second, first + second))  # each price by its chance
    again = mechlp.sweep(reading, over, random=2, seed=7, jobs=1)
    assert again.points == found.points[:4]  # more draws leave the first as they are
    assert mechlp.sweep(reading, over, random=3, seed=8, jobs=1) != found
    assert [p.at[:3] for p in found.points[::2]] == [p.at[:3] for p in found.points[1::2]]


def test_a_cell_that_is_no_problem_with_a_drawn_prior_is_a_row():
    found = mechlp.sweep(
        mechlp.read_text(
            SELLING.replace("low: 1", "low: 1, m: 2").replace("[a, b]", "{types: {from: 1, to: 2, count: m}}")
        ),
        ["m=2,-1", "prior=random"],
        random=1,
        jobs=1,
    )
    assert [p.status for p in found] == ["optimal", "invalid"]


def test_a_drawn_prior_has_the_shape_of_its_cell():
    text = SELLING.replace("[a, b]", "{types: {from: 1, to: 2, count: m}}").replace("low: 1", "low: 1, m: 2")
    text = text.replace("[low, high]", "low").replace("table: [1/2, 1/2]", "weights: 1")
    found = mechlp.sweep(mechlp.read_text(text), ["m=2,3", "prior=random"], random=2, jobs=1)
    assert [len(json.loads(p.at[1])) for p in found] == [2, 3, 2, 3]
    assert all(p.status == "optimal" for p in found)


def test_what_cannot_be_asked_or_fails_is_a_row_with_its_reason(tmp_path, monkeypatch):
    path = tmp_path / "chances.yaml"
    path.write_text(CHANCES)
    result = run("sweep", path, "--over", "x=0,1/4,2", "--jobs", 1)
    assert result.exit_code == 0 and "no such problem: 1 cells, the first at x=2" in result.output
    solve = mechlp.Design.solve

    def broken(design, **options):
        if design.environment.designer.fractions()[0] == F(1, 3):
            raise RuntimeError("out of luck")
        return solve(design, **options)

    monkeypatch.setattr(mechlp.Design, "solve", broken)
    for _ in range(2):  # what failed is asked again
        result = run("sweep", path, "--over", "x=1/4,1/3", "--jobs", 1)
        assert result.exit_code == 3
        assert (
            "failed: 1 cells, the first at x=1/3: a defect in mechlp, please report it: RuntimeError: out of luck"
            in result.output
        )
    monkeypatch.setattr(mechlp.Design, "solve", solve)
    assert run("sweep", path, "--over", "x=1/4,1/3", "--jobs", 1).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--over", "C=0:1:3"], "--over C: neither a parameter nor a part of the question; known: a, B, ic"),
        (["--over", "notation=bayesian"], "did you mean 'notion'?"),
        (["--over", "B"], "write NAME=FROM:TO:COUNT, NAME=VALUE,VALUE"),
        (["--over", "B=0:1"], "a range without a count is for --random"),
        (["--over", "B=1,x"], "--over B:"),
        (["--over", "B=1,2,1"], "--over B: 1 is given twice"),
        (["--over", "ic=baysian"], "did you mean 'bayesian'?"),
        (["--over", "B=1,2", "--over", "B=3,4"], "--over names B twice"),
        (["--over", "ic=bayesian", "--over", "notion=ex-post"], "--over names ic twice"),
        (["--over", "B=0:1:1000", "--over", "a=0:1:1000"], "1,000,000 cells; at most 100,000 are accepted"),
        (["--over", "B=0:1", "--over", "ic=bayesian,ex-post", "--random", 60_000], "120,000 cells; at most 100,000"),
        (["--over", "ic=bayesian,ex-post", "--random", 5], "--random draws from ranges and priors"),
        (["--over", "prior=random"], "say how many with --random"),
        (["--over", "prior=uniform", "--random", 2], "a prior is drawn, --over prior=random"),
        (["--over", "B=0:1", "--over", "a=0:1", "--random", 9, "--plot", "x.png"], "a picture takes two axes of numbers, or one"),
        (["--over", "B=1,2", "--csv", "no/x.csv"], "there is no folder no"),
    ],
)  # fmt: skip
def test_wrong_sweeps_are_refused_in_one_line_before_anything_starts(arguments, said, counted):
    result = run("sweep", GUO, "--no-save", *arguments)
    assert result.exit_code == 2 and said in result.output and "Traceback" not in result.output
    assert not counted


def test_tables_pictures_and_the_store_say_the_same(tmp_path):
    pandas, parquet = pytest.importorskip("pandas"), pytest.importorskip("pyarrow.parquet")
    path, picture = tmp_path / "sell.yaml", tmp_path / "sell.svg"
    path.write_text(SELLING)
    table, columns = tmp_path / "sell.csv", tmp_path / "sell.parquet"
    over = ["--over", "high=1,3,5/2", "--over", "ic=bayesian,ex-post"]
    printed = run("sweep", path, *over, "--csv", table, "--parquet", columns, "--plot", picture, "--jobs", 1)
    assert printed.exit_code == 0 and "6 cells" in printed.output and "ic ex-post" in picture.read_text()
    header, *written = csv.reader(table.open(newline=""))
    assert header == ["high", "ic", "status", "value", "certified", "by", "message"]
    read = parquet.read_table(columns).to_pylist()
    assert [(r["high"], r["ic"], r["value"]) for r in read] == [(r[0], r[1], r[3]) for r in written]
    assert [r["value_float"] for r in read] == [float(F(r[3])) for r in written]
    found = mechlp.sweep(path, ["high=1,3,5/2", "ic=bayesian,ex-post"], jobs=1)
    frame = found.frame()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["value"]) == [F(r[3]) for r in written] == [max(F(1), h / 2) for h in frame["high"]]
    store = path.with_name("sell.sweep.jsonl")
    assert {point.at: point for _, _, point in lines(store)} == {point.at: point for point in found}
    shown = json.loads(run("show", store, "--json").output)
    assert [part["axes"] for part in shown] == [["high", "ic"]] and len(shown[0]["points"]) == 6
    assert "6 cells: 6 optimal" in run("show", store).output
    refused = run("verify", store)
    assert refused.exit_code == 2 and "keeps verdicts without their proofs" in refused.output
    path.with_name("other.jsonl").write_text("nothing\n")
    assert "expected the store of a sweep or a map" in run("show", path.with_name("other.jsonl")).output


def test_curves_and_maps_are_drawn(tmp_path):
    path = tmp_path / "sell.yaml"
    path.write_text(SELLING)
    for name, over in (
        ("curve", ["--over", "high=1:4:13"]),
        ("drawn", ["--over", "high=1:4", "--random", "5", "--over", "objective=revenue,feasibility"]),
        ("map", ["--over", "high=4,1,2", "--over", "low=0:1:3"]),
    ):
        picture = tmp_path / f"{name}.svg"
        result = run("sweep", path, *over, "--plot", picture, "--no-save", "--jobs", 1)
        assert result.exit_code == 0 and "value of the objective" in picture.read_text()


def test_verdicts_alone_are_a_flat_strip_with_the_points_between_which_they_change(tmp_path):
    path, picture = tmp_path / "sell.yaml", tmp_path / "strip.svg"
    text = SELLING.replace("objective: revenue", "objective: feasibility\noutside: {buyer: [0, 5/2]}")
    path.write_text(text.replace("ir: interim}", "ir: interim, bb: ex-post-weak}"))  # nobody pays her to stay away
    result = run("sweep", path, "--over", "high=1:4:4", "--plot", picture, "--no-save", "--jobs", 1)
    drawing = picture.read_text()
    found = [p.possible for p in mechlp.sweep(path, "high=1:4:4", jobs=1)]
    assert result.exit_code == 0 and "<!-- 2 | 3 -->" in drawing and found == [False, False, True, True]
    wide, high = (float(x) for x in re.search(r'viewBox="0 0 (\S+) (\S+)"', drawing).groups())
    assert wide > 3 * high


def test_labels_of_changes_that_are_near_stand_one_above_the_other_and_no_value_is_spoken_of(tmp_path):
    path, picture = tmp_path / "trade.yaml", tmp_path / "strip.svg"
    path.write_text(  # possible iff c <= 3/4, or c >= 1
        "parameters: {c: 1/2}\nagents: {seller: [0, c], buyer: [1/4, 1]}\nbeliefs: {prior: uniform}\noutcomes: trade\n"
        "trade: {seller: seller, buyer: buyer}\nallocation: efficient\nobjective: feasibility\n"
        "require: {ic: bayesian, ir: interim, bb: ex-post}\n"
    )
    result = run("sweep", path, "--over", "c=1/2:2:19", "--plot", picture, "--no-save", "--jobs", 1)
    places = re.findall(r"<!-- \S+ \| \S+ -->\s*<g[^>]*translate\(\S+ (\S+)\)", picture.read_text())
    assert len(places) == len(set(places)) == 2 and "value" not in result.output


def test_a_map_is_a_sweep_with_two_axes(tmp_path):
    path = tmp_path / "sell.yaml"
    path.write_text(SELLING)
    over = ["--over", "low=1:2:4", "--over", "high=2:4:4"]
    mapped, swept = (
        json.loads(run(what, path, *over, "--json", "--no-save").output) for what in ("map", "sweep")
    )
    assert mapped["points"] == swept["points"] and mapped["axes"] == swept["axes"]


# -- many processes, and their ends ---------------------------------------------------------------
def test_a_task_that_ends_its_process_is_found_and_the_others_are_done():
    with workers.opened(2) as (run_tasks, _):
        done = dict(run_tasks(poisoned, ["a", "poison", "b"]))
    assert done == {"a": ["a"], "poison": None, "b": ["b"]}


def slowly(task):
    time.sleep(0.2)
    yield task


def test_processes_that_end_early_say_nothing():
    with workers.opened(2) as (spread, _), warnings.catch_warnings():
        warnings.simplefilter("error")
        results = spread(slowly, range(12))
        task, found = next(results)
        assert found == [task]
        results.close()


def children(pid):
    """Processes whose parent is ``pid``, with their command lines."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found[int(entry.name)] = (entry / "cmdline").read_text()
        except OSError:
            continue
    return found


def solving(pid):
    return [child for child, line in children(pid).items() if "loky" in line and "popen" in line]


def alive(pids):
    return [
        pid
        for pid in pids
        if Path(f"/proc/{pid}/stat").exists()
        and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    ]


def until(what, seconds=600):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
    return found


def started(path, over, store, *more):
    command = [sys.executable, "-m", "mechlp", "sweep", path, "--over", over, "--store", store, *more]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)


def count(store):
    return store.read_bytes().count(b"\n") if store.exists() else 0


def known(store):
    """The points of a store, which has no broken line but a last one that was cut off, each the better of the two posted prices."""
    kept = store.read_bytes().splitlines(keepends=True)
    found = [point for _, _, point in lines(store)]
    assert len(found) >= sum(line.endswith(b"\n") for line in kept)
    assert all(p.certified and p.value == max(F(1), 3 * (1 - p.at[0])) for p in found)
    return {point.at[0] for point in found}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes under /proc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_sweep_and_the_store_is_whole(tmp_path, ending, counted):
    path, store = tmp_path / "chances.yaml", tmp_path / "cells.jsonl"
    path.write_text(CHANCES)
    process = started(path, "x=1/10:9/10:9000", store, "--jobs", 2)
    until(lambda: count(store) > 5)
    workers_of = solving(process.pid)
    assert len(workers_of) == 2
    process.send_signal(ending)
    _, said = process.communicate(timeout=600)
    if ending == signal.SIGINT:
        assert process.returncode == 130 and said.decode().strip() == "interrupted"
    until(lambda: not alive(workers_of), seconds=120)
    before = known(store)
    over = {"x": [*sorted(before), F(1, 3), F(2, 5)]}
    assert len(mechlp.sweep(path, over, store=store)) == len(before) + 2
    assert counted == [(F(1, 3),), (F(2, 5),)]
    assert known(store) == {*before, F(1, 3), F(2, 5)}


@pytest.mark.slow
def test_a_sweep_of_400_cells_that_was_killed_20_times(tmp_path):
    path, store, draw = tmp_path / "chances.yaml", tmp_path / "cells.jsonl", random.Random(7)
    path.write_text(CHANCES)
    for k in range(21):
        process = started(path, "x=1/10:9/10:400", store, "--jobs", 1 + k % 2)
        if k < 20:
            more = count(store) + draw.randint(1, 18)
            until(lambda more=more: count(store) >= more, seconds=600)
            process.kill()
        process.communicate()
        known(store)
    assert process.returncode == 0
    found = mechlp.sweep(path, "x=1/10:9/10:400", jobs=1)
    assert len(found) == 400 and {p.at: p for p in found} == {p.at: p for _, _, p in lines(store)}


def test_the_workers_of_a_cluster_give_the_same_rows_when_one_is_killed(tmp_path):
    """Two worker processes on the loopback, one of which is killed on the way."""
    distributed = pytest.importorskip("distributed")
    path, store = tmp_path / "chances.yaml", tmp_path / "cells.jsonl"
    path.write_text(CHANCES)
    here = {"host": "127.0.0.1", "dashboard_address": None, "silence_logs": logging.CRITICAL}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **here) as cluster:
        victims = [next(iter(cluster.workers.values())).pid]

        def kill(said):
            if len(known(store)) > 3 and victims:
                os.kill(victims.pop(), signal.SIGKILL)

        over, at = "x=1/10:9/10:40", cluster.scheduler_address
        found = mechlp.sweep(path, over, scheduler=at, store=store, progress=kill)
    assert not victims
    assert found == mechlp.sweep(path, over, jobs=1) and len(known(store)) == 40


def test_a_scheduler_that_is_not_there_is_one_message(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "ANSWER", 0.3)
    result = run("sweep", GUO, "--over", "B=1,2", "--no-save", "--scheduler", "tcp://127.0.0.1:9")
    assert result.exit_code == 2 and "no Dask scheduler answers there" in result.output
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run("sweep", GUO, "--over", "B=1,2", "--no-save", "--scheduler", "tcp://127.0.0.1:9")
    assert result.exit_code == 2 and "pip install 'mechlp[dask]'" in result.output


# -- conditions of full implementation ---------------------------------------------------------------
PUBLIC = Path(__file__).parents[2] / "configs" / "guo-2018-2.7.1.yaml"


def test_a_condition_is_swept_as_the_theorem_says(tmp_path):
    """Guo (2018), section 2.7.1: of two citizens robust coalitional IC holds iff gamma = 1, or gamma = -1, where f is constant."""
    store, over = tmp_path / "cells.jsonl", {"gamma": [-1, F(-1, 2), 0, 1, 2], "check": ["robust-ic"]}
    found = mechlp.sweep(PUBLIC, over, store=store, jobs=1)
    assert [(p.at[0], p.status, p.certified) for p in found] == [
        (gamma, "holds" if gamma in (-1, 1) else "fails", True) for gamma in over["gamma"]
    ]
    assert all(p.message.startswith("robust-ic: ") for p in found if p.status == "fails")
    assert found.answer(0).status == "holds" and found.answer(1).finding("robust-ic").holds is False
    before = store.read_text()
    assert mechlp.sweep(PUBLIC, over, store=store, jobs=1) == found and store.read_text() == before
    # The file's own question is another one, under keys of its own.
    asked = mechlp.sweep(PUBLIC, {"gamma": [0]}, store=store, jobs=1, time_limit=0.01)
    assert [p.status in ("holds", "fails") for p in asked] == [False]


def test_the_command_sweeps_conditions_of_functions_and_economies(tmp_path):
    table, economy = tmp_path / "found.csv", PUBLIC.with_name("guo-2018-maximin-core.yaml")
    said = CliRunner().invoke(
        main, ["sweep", str(PUBLIC), "--over", "gamma=0,1", "--over", "check=robust-ic", "--no-save", "--csv", str(table)]
    )
    assert said.exit_code == 0 and "leaves" not in said.output
    assert [row["status"] for row in csv.DictReader(table.open())] == ["fails", "holds"]
    points = list(mechlp.sweep(economy, {"check": ["maximin-core", "robust-ic"]}, jobs=1))
    assert [p.status for p in points] == ["holds", "invalid"] and "finitely many outcomes" in points[1].message
    wrong = CliRunner().invoke(main, ["sweep", str(PUBLIC), "--over", "check=robust-id", "--no-save"])
    assert wrong.exit_code == 2 and "did you mean" in wrong.output and "robust-ic" in wrong.output
    bare = mechlp.sweep(mechlp.read_text(SELLING), {"check": ["robust-ic"]}, jobs=1)
    assert [(p.status, "given" in p.message) for p in bare] == [("invalid", True)]
