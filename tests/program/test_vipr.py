"""Certificates of linear programs, checked by rules that know nothing of this package."""

import random
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner
from random_designs import random_ambiguous, random_constrained, random_design
from vipr_checker import Refused, check

import mechlp
from mechlp.cli import main
from mechlp.solving.proved import proved_program

CONFIGS = Path(__file__).parents[2] / "configs"


def proved(design, tmp_path):
    path = tmp_path / "program.vipr"
    proved_program(design, path)
    return path.read_text()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("guo-2018-example-1.4.2", "infeasible"),  # Guo (2018), B > a
        ("myerson-auction", (F(71, 125), F(71, 125))),  # the expected positive virtual value
        ("cremer-mclean-auction", (F(0), F(0))),  # full extraction: nothing is wanted beside it
    ],
)
def test_shipped_programs_are_proved(name, found, tmp_path):
    text = proved(mechlp.read(CONFIGS / f"{name}.yaml").design, tmp_path)
    assert check(text) == found


def test_rows_have_our_names(tmp_path):
    text = proved(mechlp.read(CONFIGS / "guo-2018-example-1.4.2.yaml").design, tmp_path)
    assert "IC[agent1:_t1_->_t2] G " in text
    assert "BB[agent1=t1,_agent2=s1] E " in text


def test_random_questions_are_proved(tmp_path):
    rng, seen = random.Random(5), set()
    for k in range(100):
        maker = (random_design, random_constrained, random_ambiguous)[k % 3]
        try:
            design = maker(rng)
            answer = design.solve(examine=False, relax=False)
            text = proved(design, tmp_path)
        except mechlp.InvalidDesign:
            continue
        said = check(text)
        seen.add((answer.status, design.wants.maximize))
        if answer.status == "infeasible":
            assert said == "infeasible"
        elif answer.status == "optimal":
            assert said[0] == said[1]
            if "leaves out the constant" not in text:
                assert said[0] == answer.value
    assert {("infeasible", True), ("optimal", True), ("optimal", False)} <= seen


def test_tampered_certificates_are_refused(tmp_path):
    text = proved(mechlp.read(CONFIGS / "myerson-auction.yaml").design, tmp_path)
    for true, false in (
        ("RTP range 71/125 71/125", "RTP range 71/125 70/125"),
        ("RTP range 71/125 71/125", "RTP range 72/125 72/125"),
        ("none_better L 71/125", "none_better L 70/125"),
        ("OBJ max", "OBJ min"),
    ):
        assert text.count(true) == 1
        with pytest.raises(Refused):
            check(text.replace(true, false))
    derivation = text.rpartition("{ lin ")[2].split()
    for place in range(2, 24, 2):
        changed = derivation.copy()
        changed[place] = str(F(changed[place]) + F(1, 7))
        with pytest.raises(Refused):
            check(text.replace(" ".join(derivation), " ".join(changed)))


def test_what_is_no_linear_program_is_refused(tmp_path):
    out = tmp_path / "x.vipr"
    words = ["export", str(CONFIGS / "zhang-2021-deterministic.yaml"), "--proof", "vipr", "--out", str(out)]
    run = CliRunner().invoke(main, words)
    assert run.exit_code == 2 and "linear programs" in run.output
    assert not out.exists()
