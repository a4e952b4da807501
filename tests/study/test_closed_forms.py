"""`mechlp closed-form`: what a person reads about a mechanism from a formula."""

import json

import pytest
from click.testing import CliRunner

from mechlp.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["closed-form", *arguments])


def test_proposition_3_is_refuted_in_words_and_numbers():
    printed = run("reference-rule", "--set", "p_star=3/4", "--set", "eps=3/8")
    assert printed.exit_code == 1
    for line in (
        "IC fails: seller 0 gains 3/64 by reporting 1/8",
        "truth is worth 1 x 25/64 [buyer=5/8] = 25/64",
        "Proposition 3 asks eps < p*, which holds; it needs eps <= min(p*, 1 - p*) = 1/4, which does not",
        "gains 7/320 here too",
    ):
        assert line in printed.output
    holds = run("reference-rule", "--set", "eps=1/4")
    assert holds.exit_code == 0 and "here too" not in holds.output  # the lie that loses least gains nothing


def test_json_holds_the_deviation_exactly():
    data = json.loads(run("reference-rule", "--set", "eps=3/8", "--json").output)
    lie = data["best_lies"][0]
    assert not data["holds_on_this_grid"]
    assert (lie["agent"], lie["type"], lie["report"], lie["gain"]) == ("seller", "0", "1/8", "3/64")
    assert [(v["kind"], v["amount"]) for v in data["violations"]] == [("IC", "3/64")]


def test_grid_and_continuum_are_told_apart():
    coarse, fine = run("alpha-auction", "--set", "n=5"), run("alpha-auction", "--set", "n=17")
    assert (coarse.exit_code, fine.exit_code) == (0, 1)
    assert "= -2/9" in coarse.output and "BB [seller=0, buyer=1]: violated by 5443/540540" in fine.output
    for page in (coarse.output, fine.output):
        assert "efficient trade is NOT implementable" in page.split("In the continuum:")[1]


def test_intervals_of_theorem_3():
    numbers = {"c_star": 2, "v_star": 3, "c_high": 4, "v_low": 1, "v_high": 6, "step": "1/2"}
    printed = run("continuum-auction", *(a for k, v in numbers.items() for a in ("--set", f"{k}={v}")))
    assert printed.exit_code == 0 and "1.100630150 > 1" in printed.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "no closed form is named 'nothing': alpha-auction"),
        (["reference-rule", "--set", "epss=1"], "did you mean 'eps'?"),
        (["reference-rule", "--set", "eps=x"], "eps: 'x' is not a number"),
        (["alpha-auction", "--set", "n=5.5"], "a whole number of grid points"),
        (["alpha-auction", "--set", "n=1000000"], "a whole number of grid points from 2 to 65"),
        (["alpha-auction", "--set", "c_star=0"], "at an end the type is known"),
        (["continuum-auction", "--set", "step=1/3", "--set", "v_low=1/4"], "whole steps apart"),
        (["continuum-auction", "--set", "step=1/1000"], "1001 types; at most 65"),
    ],
)
def test_wrong_numbers_are_refused_in_one_line(arguments, said):
    printed = run(*arguments)
    assert printed.exit_code == 2 and said in printed.output and "Traceback" not in printed.output


def test_without_a_name_all_are_listed():
    assert "reference-rule" in run().output and "eps=0" in run().output


def test_robust_trade_says_what_holds_on_the_grid_and_in_the_continuum():
    page = run("robust-trade")
    said = " ".join(page.output.split())
    assert page.exit_code == 0
    for words in (
        "V = r1 (1 - r2) = 0.0508066615",
        "residual",
        "is guaranteed, proved by ball arithmetic",
        "2,662 IC",
    ):
        assert words in said
    page = run("deterministic-trade", "--set", "n=21")
    said = " ".join(page.output.split())
    assert page.exit_code == 0 and "6/35" in said and "0.1350889359" in said
    none = run("deterministic-trade", "--set", "M_B=0.6", "--set", "M_S=0.4")
    assert "no trade is optimal" in none.output
    nothing = run("robust-trade", "--set", "M_B=0.2", "--set", "n=4")
    assert nothing.exit_code == 0 and "nothing can be guaranteed: M_B <= M_S" in nothing.output
    for wrong, words in (
        ("M_B=3/2", "not inside [0, 1]"),
        ("n=1", "from 2 to"),
    ):
        page = run("robust-trade", "--set", wrong)
        assert page.exit_code == 2 and words in page.output
