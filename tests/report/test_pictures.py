"""Pictures show the numbers of the answer, are told apart in print, and are named where a wrong one is asked for."""

from fractions import Fraction as F

import answers
import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.colors import to_rgb

import mechlp
from mechlp.checking.opened import opened
from mechlp.cli import main
from mechlp.report import plot
from mechlp.report.plot import InvalidPlot, Look, drawn

#: An answer of each kind, and the picture that is drawn unless another is named.
DEFAULT = {
    "several priors": "worst-case",
    "persuasion": "recommendations",
    "budgets": "menu",
    "prices": "trade",
    "optimal surplus": "allocation",
    "infeasible, published": "binding",
    "reduced form": "interim-rule",
    "frontier": "frontier",
    "dominated payoffs": "payoffs",
    "a region": "region",
    "a value over a parameter": "value",
    "a pair of values": "value-curve",
    "a continuum of types": "ends",
}


@pytest.mark.parametrize("name", DEFAULT)
def test_every_kind_of_answer_has_a_picture_of_its_own(name, tmp_path):
    answer = opened(answers.answer(name))
    assert plot.chosen(answer).kind == DEFAULT[name]
    plot.write(answer, tmp_path / "a.svg", Look(title="My title", size=(5, 4)))
    drawn_again = tmp_path / "b.svg"
    plot.write(answer, drawn_again, Look(title="My title", size=(5, 4)))
    text = drawn_again.read_text()
    assert text == (tmp_path / "a.svg").read_text() and 'width="360pt" height="288pt"' in text


def meshes(canvas):
    return [c for axes in canvas.axes for c in axes.collections if type(c).__name__ == "QuadMesh"]


def test_maps_of_allocation_and_transfers_show_the_mechanism():
    answer = opened(answers.answer("optimal surplus"))
    rule, environment = answer.mechanism, answer.design.environment
    used = [a for a in range(len(environment.outcomes)) if rule.allocation[a].max()]
    shown = [np.asarray(m.get_array()).T for m in meshes(drawn(answer, Look("allocation")))[: len(used)]]
    for a, grid in zip(used, shown):
        assert np.array_equal(grid, rule.allocation[a].float)
    shown = [np.asarray(m.get_array()).T for m in meshes(drawn(answer, Look("transfers")))[: environment.n]]
    for i, grid in enumerate(shown):
        assert np.allclose(grid, rule.transfers[i].float)


def test_a_menu_is_a_staircase():
    """Values 1, 2, 3, equally likely: the posted price 2."""
    answer = opened(answers.answer("optimal revenue"))
    lines = drawn(answer, Look("menu")).axes[0].lines
    points = {(x, y) for line in lines[1:] for x, y in zip(line.get_xdata(), line.get_ydata())}
    assert points == {(1.0, 0.0), (2.0, 2.0), (3.0, 2.0)}


def test_the_graph_of_binding_lies_follows_the_definition():
    """The posted price 2: type 1 pays 0 and gets nothing, 2 and 3 pay 2, so 2 is indifferent to everything, and 1 and 3 to lies
    that leave them what they have."""
    answer = opened(answers.answer("optimal revenue"))
    axes = drawn(answer, Look("binding")).axes[0]
    arrows = {(round(t.xyann[0]), round(t.xy[0])) for t in axes.texts if t.arrow_patch is not None}
    values, price, got = (1, 2, 3), (0, 2, 2), (0, 1, 1)
    worth = [[v * g - p for g, p in zip(got, price)] for v in values]
    assert arrows == {(k, r) for k in range(3) for r in range(3) if k != r and worth[k][r] == worth[k][k]}


def test_rents_are_payoffs_above_the_outside_option():
    answer = opened(answers.answer("optimal revenue"))
    named = [line for line in drawn(answer, Look("payoffs")).axes[0].lines if line.get_label()]
    lines = {line.get_label(): list(line.get_ydata()) for line in named}
    assert lines == {"payoff": [0.0, 0.0, 1.0], "outside option": [0.0, 0.0, 0.0]}


def grey(colour):
    red, green, blue = to_rgb(colour)
    return 255 * (0.299 * red + 0.587 * green + 0.114 * blue)


def test_regions_are_told_apart_in_print():
    fills = [(grey(colour), hatch) for colour, hatch in plot.VERDICTS.values()]
    for k, (light, hatch) in enumerate(fills):
        assert all(abs(light - other) > 30 or hatch != another for other, another in fills[:k])
    assert abs(grey(plot.VERDICTS["possible"][0]) - grey(plot.VERDICTS["impossible"][0])) > 90


def test_a_wrong_kind_is_answered_with_those_that_there_are(tmp_path):
    answer = opened(answers.answer("optimal surplus"))
    with pytest.raises(
        InvalidPlot, match=r"'menu'.*one agent.*allocation, transfers, interim, payoffs, binding"
    ):
        drawn(answer, Look("menu"))
    with pytest.raises(InvalidPlot, match=r"a file is named by path='p.png'"):
        answer.plot("p.png")
    problem = tmp_path / "p.yaml"
    problem.write_text(answers.SELLER)
    asked = ["solve", str(problem), "--no-save", "--plot", str(tmp_path / "p.png")]
    wrong = CliRunner().invoke(main, [*asked, "--kind", "pie"])
    assert wrong.exit_code == 2 and "menu" in wrong.output and "OPTIMAL" not in wrong.output
    assert CliRunner().invoke(main, [*asked, "--kind", "menu", "--size", "4x3"]).exit_code == 0
    assert (tmp_path / "p.png").read_bytes()[16:24] == bytes(
        [0, 0, 640 // 256, 640 % 256, 0, 0, 480 // 256, 480 % 256]
    )
    for size in ("4", "0x3", "axb", "400x3"):
        assert CliRunner().invoke(main, [*asked, "--size", size]).exit_code == 2
    lone = CliRunner().invoke(main, ["solve", str(problem), "--no-save", "--title", "x"])
    assert lone.exit_code == 2 and "--plot" in lone.output


def test_numbers_written_in_cells_are_exact():
    answer = mechlp.read(answers.CONFIGS / "guo-2018-example-1.4.2.yaml", overrides={"B": "1"}).design.solve(
        relax=False
    )
    written = {t.get_text() for axes in drawn(answer, Look("transfers")).axes for t in axes.texts}
    assert {F(w) for w in written if "." not in w} <= set(answer.mechanism.transfers.fractions())


def test_the_optimal_distribution_over_prices_is_a_picture_of_its_own():
    """At power 1 the best simple mechanism posts 1/2 (Čopič and Ponsatí 2006): all of F is there."""
    reading = mechlp.read(
        answers.CONFIGS / "copic-ponsati-2006-ex-ante-optimum.yaml", overrides={"gamma": "1", "m": "4"}
    )
    answer = reading.design.solve()
    assert plot.chosen(answer).kind == "distribution"
    below = drawn(answer).axes[1].lines[0]
    steps = dict(zip(below.get_xdata(), below.get_ydata()))
    assert {p: f for p, f in steps.items()} == {p: float(p >= 0.5) for p in steps} and 0.5 in steps


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (["region", "configs/guo-2018-example-1.4.2.yaml", "--over", "B=0:2"], "value"),
        (["zones", "a1"], "map"),
        (["threshold", "configs/guo-2018-example-1.4.2.yaml", "--over", "B=0:2"], "menu"),
    ],
)
def test_every_command_that_draws_takes_a_kind(command, wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(answers.CONFIGS.parent)
    drawn_there = ["--plot", str(tmp_path / "p.svg"), "--kind"]
    saved = [] if command[0] == "zones" else ["--no-save"]
    own = {"region": "region", "zones": "zones", "threshold": "thresholds"}[command[0]]
    assert CliRunner().invoke(main, [*command, *saved, *drawn_there, own]).exit_code == 0
    assert (tmp_path / "p.svg").exists()
    unfit = CliRunner().invoke(main, [*command, *saved, *drawn_there, wrong])
    assert unfit.exit_code == 2 and f"there are: {own}" in unfit.output
    unknown = CliRunner().invoke(main, [*command, *saved, *drawn_there, "pie"])
    assert unknown.exit_code == 2 and "pictures are called" in unknown.output


def test_no_border_is_drawn_between_pieces_of_one_region():
    from mechlp.report.sets import draw_regions

    canvas = plot._matplotlib("figure").Figure()
    halves = [[(F(0), F(0)), (F(1), F(0)), (F(0), F(1))], [(F(1), F(0)), (F(1), F(1)), (F(0), F(1))]]
    draw_regions(canvas.subplots(), {"possible": halves}, ("c", "v"), colours={"possible": "#4a90c2"})
    for patch in canvas.axes[0].patches:
        assert patch.get_facecolor() == patch.get_edgecolor()


def test_parameters_are_labelled_as_papers_write_them():
    assert plot.spoken("c_star") == "c*"


def test_one_number_has_one_shade_and_long_names_stand_aslant():
    """Without transfers between them both agents get 0 everywhere; four types with two coordinates have no room side by side."""
    constant = [m for m in meshes(drawn(opened(answers.answer("optimal surplus")), Look("transfers")))[:2]]
    shades = {m.to_rgba(m.get_array()).reshape(-1, 4)[0].tobytes() for m in constant}
    assert len(shades) == 1
    axes = drawn(opened(answers.answer("budgets")), Look("payoffs")).axes[0]
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {30}
    flat = drawn(opened(answers.answer("persuasion")), Look("interim")).axes[0]
    assert "transfer" not in {line.get_label() for line in flat.lines}
