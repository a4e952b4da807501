"""What is printed as attained, or as never exceeded, is proved by what is known: rounded down, or up."""

import io
import re
from dataclasses import replace
from fractions import Fraction as F

import pytest
from answers import bidders, cells, minimum, prices
from rich.console import Console
from small import buyer

from mechlp import Design
from mechlp.answer.answer import Answer
from mechlp.checking.verify import verify
from mechlp.exact.decimals import rounded_down, rounded_up
from mechlp.proof.continuum import Comparison
from mechlp.report.compared import _compared
from mechlp.report.page import answer_page
from mechlp.report.prices import comparison_table, price_page
from mechlp.report.symmetric import interim_page
from mechlp.report.tables import gap
from mechlp.study.robust_trade import Saddle, about_robust_trade

#: To the nearest, the first is too much for "at least", and the second too little for "at most", with any number of figures.
LOW, HIGH = F(2, 3), F(4, 3)
DECIMAL = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def shown(page):
    console = Console(width=250, file=io.StringIO())
    console.print(page)
    return console.file.getvalue()


def decimals(line):
    return [F(d) for d in DECIMAL.findall(line)]


def verdict_line(page, status):
    words = {"bracket": "OPTIMAL UP TO", "undecided": "UNDECIDED", "dominated": "DOMINATED"}
    return next(line for line in shown(page).splitlines() if words[status] in line)


def answered(design, status, value, bound):
    rules = design.solve().rules
    return Answer(design, status, status != "undecided", value, bound, rules)


@pytest.mark.parametrize("status", ["bracket", "undecided", "dominated"])
def test_pages_of_ordinary_answers_and_of_prices(status):
    for design, page in ((Design(buyer(), objective="revenue"), answer_page), (prices(), price_page)):
        found = decimals(verdict_line(page(answered(design, status, LOW, HIGH)), status))
        low, high = found[-2:]
        assert LOW - F(1, 10**5) < low < LOW and HIGH < high < HIGH + F(1, 10**5)
        assert len(found) == (3 if status == "bracket" and "." in gap(LOW, HIGH) else 2)


@pytest.mark.parametrize("status", ["bracket", "undecided"])
def test_a_minimum_is_attained_from_above(status):
    found = answered(minimum(), status, HIGH, LOW)
    high, low = decimals(verdict_line(answer_page(found), status))[-2:]
    assert low < LOW and high > HIGH


def test_identical_bidders():
    found = replace(bidders().solve(), status="undecided", value=LOW, bound=HIGH)
    low, high = decimals(verdict_line(interim_page(found), "undecided"))
    assert low < LOW and high > HIGH


def test_cells_of_a_comparison():
    long = F(1, 10**30 + 1)  # so long that only a decimal is shown
    for status in ("bracket", "undecided"):
        cell = _compared(
            answered(Design(buyer(), objective="revenue"), status, LOW - long, HIGH + long)
        ).plain
        low, high = decimals(cell)
        assert low < LOW - long and HIGH + long < high


def test_the_continuum():
    found = Comparison(F(1, 2), (F(2, 3), F(4, 3)), (F(8, 3), F(14, 3)), (), (), None)
    row = next(
        line for line in shown(comparison_table([found])).splitlines() if line.strip().startswith("1/2")
    )
    simple, most, general, best, beaten = decimals(row)
    assert (
        simple < F(2, 3) and most > F(4, 3) and general < F(8, 3) and best > F(14, 3) and beaten <= found.gap
    )
    simple, most, general = decimals(found.in_words())[:3]
    assert simple < F(2, 3) and most > F(4, 3) and general < F(8, 3)
    said = verify(cells()).checked[-1]
    assert len(decimals(said)) >= 3


def test_a_saddle_point():
    guaranteed, most = (decimals(line)[0] for line in about_robust_trade(Saddle(LOW, HIGH)))
    assert guaranteed < LOW and most > HIGH


def test_verify_prints_no_more_than_was_proved():
    found = prices("surplus", "1/2", "simple").solve().to_json()
    words = " ".join(verify(found).checked)
    low = F(re.search(r"attains at least ([\d.]+)", words)[1])
    high = F(re.search(r"nothing is better than ([\d.]+)", words)[1])
    assert low <= F(found["value"]) and F(found["bound"]) <= high


def test_how_far_from_the_best_is_rounded_up():
    assert F(gap(LOW, HIGH)) > HIGH - LOW and F(gap(HIGH, LOW)) > HIGH - LOW and gap(None, HIGH) == "-"


@pytest.mark.parametrize("value", [LOW, -LOW, HIGH, F(1), F(0), F(10) ** 400 / 3, -F(1, 3 * 10**400)])
@pytest.mark.parametrize("more", [{}, {"figures": 3}, {"places": 8}])
def test_both_sides(value, more):
    low, high = F(rounded_down(value, **more)), F(rounded_up(value, **more))
    assert low <= value <= high and (low == high) == (value in (0, 1))
