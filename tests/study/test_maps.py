"""Maps over two parameters: every cell is the answer there, the store is resumable, the picture is Figure 1."""

import csv
import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner
from small import SELLING

import mechlp
from mechlp.cli import main
from mechlp.closed_forms.known_means import GridAuction, Market
from mechlp.study.cells import lines, stored
from mechlp.study.maps import Axis, InvalidMap, Point, axes_of, point_map
from mechlp.study.neighbours import Row

CONFIGS = Path(__file__).parents[2] / "configs"
FIGURE = CONFIGS / "wolitzky-2015-figure-1.yaml"


def run(*arguments):
    return CliRunner().invoke(main, ["map", *map(str, arguments)])


def guo(over=("a=1:2:3", "B=1:2:3"), **options):
    reading = mechlp.read(CONFIGS / "guo-2018-example-1.4.2.yaml")
    return point_map(reading, axes_of(reading, over), jobs=1, **options)


def test_cells_are_the_answers_there():
    found = guo()
    assert [a.name for a in found.axes] == ["a", "B"]
    for point in found:
        a, b = point.at
        assert point.possible == (b <= a) and point.certified and point.by == "solve"


def test_a_map_goes_on_where_it_was_interrupted(tmp_path, monkeypatch):
    store = tmp_path / "points.jsonl"
    solve, asked = Row._solved, []

    def counted(row, k):
        asked.append(row.at[k])
        if len(asked) == 5 and not store.read_text().count("torn"):
            raise KeyboardInterrupt
        return solve(row, k)

    monkeypatch.setattr(Row, "_solved", counted)
    with pytest.raises(KeyboardInterrupt):
        guo(store=store)
    known = {point.at for _, _, point in lines(store)}
    assert len(known) >= 4 and known >= set(asked[:4])
    store.write_text(store.read_text() + '{"key": "torn')
    asked.clear()
    found = guo(store=store)
    assert asked and not known & set(asked)  # what is known is not asked again
    assert found == guo()
    known = {point.at for point in found}
    asked.clear()
    finer = guo(("a=1:2:5", "B=1:2:3"), store=store)
    assert finer.points[::2] == found.points  # a finer map keeps what is known
    assert asked and not known & set(asked)


def test_another_question_does_not_take_the_stored_answers(tmp_path):
    store = tmp_path / "points.jsonl"
    guo(store=store)
    weak = mechlp.read(CONFIGS / "guo-2018-example-1.4.2.yaml", ask={"bb": "ex-post-weak"})
    found = point_map(weak, axes_of(weak, ("a=1:2:3", "B=1:2:3")), jobs=1, store=store)
    assert all(point.possible for point in found)  # burning money is enough there
    assert len(store.read_text().splitlines()) == 18


def test_undecided_points_are_asked_again(tmp_path):
    store = tmp_path / "points.jsonl"
    point = Point((F(1), F(1)), "undecided")
    store.write_text(json.dumps({"key": "x", "point": point.to_json()}) + "\n")
    assert stored(store) == {}


def test_parallel_processes_give_the_same_map():
    reading = mechlp.read(CONFIGS / "guo-2018-example-1.4.2.yaml")
    axes = axes_of(reading, ("a=1:2:2", "B=1:2:2"))
    assert point_map(reading, axes, jobs=2) == point_map(reading, axes, jobs=1)


def test_values_of_an_objective(tmp_path):
    path, picture = tmp_path / "revenue.yaml", tmp_path / "revenue.pdf"
    path.write_text(SELLING)
    table = tmp_path / "revenue.csv"
    printed = run(
        path, "--over", "low=1:2:3", "--over", "high=2:4:3", "--csv", table, "--plot", picture, "--jobs", 1
    )
    assert printed.exit_code == 0 and picture.read_bytes()[:4] == b"%PDF"
    assert "values from 1 to 2" in printed.output
    assert path.with_name("revenue.map.jsonl").exists()
    header, *rows = csv.reader(table.open(newline=""))
    assert header == ["low", "high", "status", "value", "by"]
    assert len(rows) == 9
    for low, high, status, value, _ in rows:
        assert status == "optimal" and F(value) == max(F(low), F(high) / 2)  # the better of the two prices


def test_figure_1_by_one_command(tmp_path):
    picture, table = tmp_path / "figure-1.svg", tmp_path / "figure-1.csv"
    printed = run(FIGURE, "--plot", picture, "--csv", table)
    assert printed.exit_code == 0
    assert not list(CONFIGS.glob("*.jsonl"))  # a formula needs no store
    drawn = picture.read_text()
    assert drawn.startswith("<?xml") and "possible on the grid of 9 points" in drawn
    header, *rows = csv.reader(table.open(newline=""))
    assert header[:5] == ["c_star", "v_star", "status", "value", "by"]
    assert len(rows) == 63 * 63
    only_grid = 0
    for c, v, status, value, by, star, reference in rows[::7]:
        c_star, v_star = F(c), F(v)
        assert by == "known-means"
        assert F(value) == GridAuction(9, c_star, v_star).excess
        assert (status == "feasible") == (F(value) <= 0)
        assert (star == "yes") == Market(c_star, v_star).implementable
        assert (reference == "yes") == (c_star >= v_star)
        # 45-degree line below the curve, the curve inside the grid's region.
        assert reference == "no" or star == "yes"
        assert star == "no" or status == "feasible"
        only_grid += status == "feasible" and star == "no"
    assert only_grid > 0


def test_the_grid_region_shrinks_to_the_curve(tmp_path):
    over = [a for name in ("c_star", "v_star") for a in ("--over", f"{name}=1/32:31/32:31")]
    data = {n: json.loads(run(FIGURE, "--set", f"n={n}", "--json", *over).output) for n in (5, 13, 33)}
    counts = {n: sum(p["status"] == "feasible" for p in d["points"]) for n, d in data.items()}
    star = sum(p["holds"]["(*), in the continuum"] for p in data[5]["points"])
    assert counts[5] > counts[13] > counts[33] >= star
    assert counts[33] - star < (counts[5] - star) / 4
    curve = next(c for c in data[5]["curves"] if "(*)" in c["name"])
    below = [Market(F(x), F(y)).implementable for x, y in curve["points"]]
    above = [not Market(F(x), F(y) + F(2, 10**6)).implementable for x, y in curve["points"]]
    assert all(below) and all(above)


def test_ends_are_no_problem_and_say_so():
    printed = run(FIGURE, "--over", "c_star=0:1:3", "--over", "v_star=0:1:3")
    assert printed.exit_code == 0 and "no such problem: 8 points" in printed.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "a map takes two parameters"),
        (["--over", "a=0:2"], "write NAME=FROM:TO:COUNT"),
        (["--over", "a=0:2:3", "--over", "a=0:2:3"], "a map takes two parameters"),
        (["--over", "a=0:2:3", "--over", "C=0:2:3"], "no parameter is named 'C'; known: a, B"),
        (["--over", "a=2:0:3", "--over", "B=0:2:3"], "is no range"),
        (["--over", "a=0:2:1.5", "--over", "B=0:2:3"], "a whole number of values"),
        (["--over", "a=0:2:9999", "--over", "B=0:2:9999"], "99,980,001 points; at most 100,000"),
        (["--over", "a=0:2:3", "--over", "B=0:2:3", "--plot", "x.bmp"], "a name that ends in .png"),
        (["--over", "a=0:2:3", "--over", "B=0:2:3", "--plot", "no/x.png"], "there is no folder no"),
    ],
)
def test_wrong_maps_are_refused_in_one_line(arguments, said):
    printed = run(CONFIGS / "guo-2018-example-1.4.2.yaml", "--no-save", *arguments)
    assert printed.exit_code == 2 and said in printed.output and "Traceback" not in printed.output


def test_a_closed_form_that_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "other.yaml"
    text = FIGURE.read_text()
    for change, said in (
        (("count: n}", "count: 5}"), "on a grid of n = 9 points"),
        (("allocation: efficient", "allocation: chosen"), "it is about efficient trade"),
        (("seller: {mean: v_star}", "seller: {mean: 3/4}"), "know the mean of the other's type"),
        (("buyer: {mean: c_star}", "buyer: everything"), "know the mean of the other's type"),
        (("ic: maxmin", "ic: bewley"), "it is about ic: maxmin"),
    ):
        path.write_text(text.replace(*change))
        printed = run(path)
        assert printed.exit_code == 2 and said in printed.output
    path.write_text(text.replace("known-means", "unknown-means"))
    assert "expected 'known-means'" in run(path).output


def test_axes():
    assert Axis.parse("x=0:1:5").values == (0, F(1, 4), F(1, 2), F(3, 4), 1)
    with pytest.raises(InvalidMap):
        Axis.parse("x=one:2:3")


def test_the_search_and_the_formula_draw_the_same_map():
    """Two roads: an exact search over beliefs at each point, and D_n; means off the grid included."""
    over = ("c_star=1/10:9/10:5", "v_star=1/10:9/10:5")
    maps = []
    for name in ("wolitzky-2015-bilateral-trade", "wolitzky-2015-figure-1"):
        reading = mechlp.read(CONFIGS / f"{name}.yaml", overrides={"n": "5"})
        maps.append(point_map(reading, axes_of(reading, over), jobs=1))
    searched, by_formula = ([point.possible for point in found] for found in maps)
    assert {point.by for point in maps[0]} == {"solve"}
    assert searched == by_formula and set(searched) == {True, False}
