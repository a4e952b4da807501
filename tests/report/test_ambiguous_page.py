"""The page of an answer with several rules, as a theorist reads it."""

import io
from pathlib import Path

from rich.console import Console

import mechlp
from mechlp.exact.numbers import rational, text
from mechlp.report.page import answer_page

CONFIGS = Path(__file__).parents[2] / "configs"


def page(name):
    design = mechlp.read(CONFIGS / f"{name}.yaml", ask={"ic": "ambiguous-transfers"}).design
    answer = design.solve()
    out = io.StringIO()
    Console(file=out, width=140, markup=False, highlight=False).print(answer_page(answer))
    return answer, [line.split() for line in out.getvalue().splitlines()]


def test_the_side_bet_is_laid_out_by_types():
    answer, lines = page("guo-2018-example-1.4.2")
    psi = answer.fewest.pair.psi[0].texts()
    at = lines.index(["agent1", "\\", "agent2", "s1", "s2", "s3"])
    assert lines[at + 2 : at + 4] == [["t1", *psi[0]], ["t2", *psi[1]]]


def test_every_lie_is_shown_under_every_rule_and_the_worst_counts():
    _, lines = page("guo-2018-example-1.5.1")
    shown = [line for line in lines if line and line[0].startswith("IC[")]
    assert len(shown) == 2 + 6  # one lie for each of two types, two for each of three
    for *_, truth, worst, one, two, _, rule in shown:
        values = [rational(one), rational(two)]
        assert worst == text(min(values))
        assert values[int(rule) - 1] == min(values) <= rational(truth)
