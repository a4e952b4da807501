"""The command line as a person and a program use it."""

import json

import pytest
from click.testing import CliRunner

from mechlp.cli import main
from mechlp.cli.group import SUMMARIES
from mechlp.exact.saved import json_text
from mechlp.files import template, templates


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def auction(tmp_path):
    path = tmp_path / "auction.yaml"
    path.write_text(template("auction"))
    return path


def test_solve_saves_and_verify_accepts(auction):
    result = run("solve", auction)
    assert result.exit_code == 0
    assert "OPTIMAL: revenue 19/32" in result.output
    assert "IC[bidder1: 3/4 -> 1/2]" in result.output
    saved = auction.with_name("auction.answer.json")
    assert run("verify", saved).exit_code == 0
    saved.write_text(saved.read_text().replace('"value": "19/32"', '"value": "20/32"'))
    refused = run("verify", saved)
    assert refused.exit_code == 1
    assert "altered" in refused.output


def test_json_has_the_promised_fields(auction):
    result = run("solve", auction, "--json", "--no-save", "--set", "m=2")
    data = json.loads(result.output)
    for key in (
        "status",
        "value",
        "value_float",
        "certified",
        "mechanism",
        "certificate",
        "timings",
        "versions",
    ):
        assert key in data
    assert data["status"] == "optimal"
    assert not auction.with_name("auction.answer.json").exists()


def test_details_of_simple_mechanisms_name_no_program(tmp_path):
    path = tmp_path / "simple.yaml"
    path.write_text(
        "agents: {seller: [0, 1], buyer: [1, 2]}\noutcomes: prices\nobjective: surplus\n"
        "beliefs: {prior: uniform}\nprices: {grid: [0, 1, 2], mechanism: simple}\n"
    )
    result = run("solve", path, "--no-save", "-v")
    assert result.exit_code == 0, result.output
    assert "total 0." in result.output
    assert "<Program" not in result.output


def test_a_reduction_by_name(auction):
    result = run("solve", auction, "--reduce", "symmetric-agents", "-v")
    assert result.exit_code == 0
    assert "OPTIMAL: revenue 19/32" in result.output
    assert "interchangeable: bidder1, bidder2" in result.output
    assert "compiled: " in result.output
    assert run("verify", auction.with_name("auction.answer.json")).exit_code == 0
    refused = run("solve", "configs/myerson-satterthwaite.yaml", "--reduce", "symmetric-agents", "--no-save")
    assert refused.exit_code == 2
    assert "seller and buyer differ in payoffs" in refused.output
    ignored = run("solve", auction, "--set", "m=400", "--reduce", "symmetric-agents", "--no-save")
    assert ignored.exit_code == 2
    assert "solved without one: leave it out" in ignored.output


def test_exit_status_of_an_impossibility(auction):
    result = run("solve", auction, "--no-save", "--bb", "ex-post", "--objective", "full-surplus-extraction")
    assert result.exit_code == 2  # full extraction and budget balance contradict each other by name
    result = run("solve", auction, "--no-save", "--objective", "full-surplus-extraction")
    assert result.exit_code == 1
    assert "IMPOSSIBLE" in result.output
    assert "a contradiction" in result.output


def test_check_show_compare_and_schema(auction):
    checked = run("check", auction)
    assert checked.exit_code == 1  # independent types: all beliefs are equal
    assert "same belief" in checked.output
    assert json.loads(run("check", auction, "--json").output)["conditions"]["BDP"] is False
    assert run("check", auction, "--condition", "identifiability").exit_code == 0
    assert "bidder2" in run("show", auction).output
    assert "properties" in json.loads(run("schema").output)


def test_compare_saves_answers_that_verify(auction, tmp_path):
    out = tmp_path / "answers"
    result = run("compare", auction, "--set", "m=2", "--out", out)
    assert result.exit_code == 0
    assert all(len(line.rstrip()) <= 100 for line in result.output.splitlines() if "certified" in line)
    saved = sorted(out.glob("*.answer.json"))
    cells = json.loads(run("compare", auction, "--set", "m=2", "--json").output)["cells"]
    assert len(saved) == len(cells) >= 12
    assert all(run("verify", path).exit_code == 0 for path in saved)
    grid = json.loads(run("compare", auction, "--set", "m=2", "--grid", "--json").output)["cells"]
    assert len(grid) == 60
    assert run("compare", auction, "--out", auction).exit_code == 2  # a file is no directory


def test_new_writes_files_that_solve(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in templates():
        assert run("new", name).exit_code == 0
        assert run("solve", f"{name}.yaml", "--no-save").exit_code in (0, 1)
    assert run("new", "auction").exit_code == 2  # never overwrites


def test_json_errors(tmp_path):
    result = CliRunner().invoke(main, ["solve", str(tmp_path / "no.yaml"), "--json"])
    assert result.exit_code == 2
    assert "no such file" in result.output


def test_latex(auction):
    assert r"\begin{align*}" in run("solve", auction, "--latex", "--no-save").output


def test_configs_and_templates_fit_the_schema(root):
    import jsonschema
    import yaml

    from mechlp.files import schema

    texts = [p.read_text() for p in (root / "configs").glob("*.yaml")] + [template(n) for n in templates()]
    kind = jsonschema.validators.validator_for(schema())
    kind.check_schema(schema())
    fits = kind(schema())
    for text in texts:
        fits.validate(yaml.safe_load(text))
    with pytest.raises(jsonschema.ValidationError):
        fits.validate({"agents": {"a": ["x"]}, "outcomes": ["o"], "require": {"ic": "nash"}})


def test_json_text_is_json_with_a_row_a_line():
    value = {"a": [[1, "x"], [None, True]], "b": {"c": []}, "d": [{"e": 0.5}, {}], "f": {}, "g": ["1/2", "3"]}
    shown = json_text(value)
    assert json.loads(shown) == value
    assert '  [1, "x"],\n  [null, true]\n' in shown


def test_the_list_of_commands_says_what_each_says_of_itself():
    context = main.make_context("mechlp", ["schema"])
    for name, summary in SUMMARIES.items():
        command = main.get_command(context, name)
        assert command.name == name
        assert command.help.split("\n\n")[0].split() == summary.split()
    assert list(SUMMARIES) == sorted(SUMMARIES)


def test_mistakes_on_the_command_line_are_json_too(auction):
    for wrong in (["--ic", "nash"], ["--no-such-option"], ["--reduce", "all", "--no-reduce"]):
        result = run("solve", auction, "--json", *wrong)
        assert result.exit_code == 2
        assert json.loads(result.stdout)["status"] == "error"
        assert json.loads(result.stdout)["errors"]
