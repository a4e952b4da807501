"""Tables, completion, citations, what is installed, pickling: what people do with answers besides reading them."""

import csv
import json
import os
import pickle
import subprocess
import sys
from fractions import Fraction as F

import answers
import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from mechlp import InvalidDesign
from mechlp.checking.opened import opened
from mechlp.cli import main
from mechlp.cli.doctor import CORE, EXTRAS


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def answer():
    """Values 1, 2, 3, equally likely: the posted price 2."""
    return opened(answers.answer("optimal revenue"))


def test_frames_hold_exact_numbers(answer):
    mechanism, interim = answer.frame(), answer.frame("interim")
    assert list(mechanism["t buyer"]) == [0, F(-2), F(-2)] and list(mechanism["buyer"]) == ["1", "2", "3"]
    assert list(interim["payoff"]) == [0, 0, 1] and all(type(v) is F for v in interim["payoff"])
    prices = answer.frame("prices")
    total = dict(zip(prices["requirement"], prices["multiplier"]))
    assert total == {e.name(answer.design): e.value for e in answer.proof.multipliers.rows(answer.design)}
    with pytest.raises(InvalidDesign, match="mechanism, interim, binding, prices, rates"):
        answer.frame("everything")


def test_binding_requirements_are_those_of_the_definition(answer):
    worth = [[v * got - paid for got, paid in ((0, 0), (1, 2), (1, 2))] for v in (1, 2, 3)]
    lies = {
        f"IC[buyer: {k + 1} -> {r + 1}]"
        for k in range(3)
        for r in range(3)
        if k != r and worth[k][r] == worth[k][k]
    }
    assert set(answer.frame("binding")["requirement"]) == lies | {"IR[buyer: 1]", "IR[buyer: 2]"}


def test_tables_from_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.yaml").write_text(answers.SELLER)
    assert run("solve", "p.yaml", "--no-save", "--table", "m.csv").exit_code == 0
    assert [row["t buyer"] for row in csv.DictReader((tmp_path / "m.csv").open())] == ["0", "-2", "-2"]
    assert run("solve", "p.yaml", "--no-save", "--table", "m.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book.sheetnames[:4] == ["mechanism", "interim", "binding", "prices"]
    assert [cell.value for cell in book["mechanism"]["D"]] == ["t buyer", "0", "-2", "-2"]
    wrong = run("solve", "p.yaml", "--no-save", "--table", "m.ods")
    assert wrong.exit_code == 2 and ".xlsx" in wrong.output


def test_answers_of_every_kind_survive_pickling():
    for name in (
        "bewley",
        "a quota",
        "persuasion",
        "optimal revenue",
        "two rules",
        "a region",
        "reduced form",
    ):
        made = opened(answers.answer(name))
        assert pickle.loads(pickle.dumps(made)).to_json() == made.to_json(), name


def test_shells_complete_commands():
    env = {**os.environ, "_MECHLP_COMPLETE": "bash_complete", "COMP_WORDS": "mechlp so", "COMP_CWORD": "1"}
    told = subprocess.run([sys.executable, "-c", "import sys; sys.argv[0] = 'mechlp'; from mechlp.__main__ import main; main()"],
                          env=env, capture_output=True, text=True)  # fmt: skip
    assert told.stdout == "plain,solve\n"
    for shell in ("bash", "zsh", "fish"):
        assert "_MECHLP_COMPLETE" in run("completion", shell).output


def test_doctor_says_what_is_there():
    told = json.loads(run("doctor", "--json").output)
    assert (
        set(told["core"]) == set(CORE) and all(told["core"].values()) and set(told["extras"]) == set(EXTRAS)
    )
    assert "matplotlib" in run("doctor").output


def test_cite_names_the_source():
    file = answers.CONFIGS / "guo-2018-example-1.4.2.yaml"
    source = yaml.safe_load(file.read_text())["source"]
    assert " ".join(source.split()) in run("cite", file).output
    entries = run("cite", file, "--bibtex").output
    assert entries.count("@") == 2 and entries.count("{") == entries.count("}") and "Guo" in entries


def test_templates_name_their_schema(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("new", "auction").exit_code == 0
    first = (tmp_path / "auction.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=mechlp.schema.json"
    assert json.loads((tmp_path / "mechlp.schema.json").read_text()) == json.loads(run("schema").output)
    assert run("solve", "auction.yaml", "--no-save", "--set", "m=2").exit_code == 0
