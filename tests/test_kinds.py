"""Every kind of question answers every command, or says in one sentence why it does not."""

import ast
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from small import SELLING

import mechlp
from mechlp.answer.protocol import EXIT, BaseAnswer
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.cli.group import SUMMARIES
from mechlp.files import document_of, read_document
from mechlp.question.protocol import Question

ROOT = Path(__file__).parent.parent
SYMMETRIC = """
title: Identical bidders
parameters: {top: 60, n: 5}
agents: {bidder: {types: {from: 1, to: top, count: 60}, copies: n}}
outcomes: single-good
beliefs: {prior: {product: {bidder: uniform}}}
objective: revenue
"""
PRICES = """
title: Trade at prices
parameters: {p: 1/2, q: 1}
agents: {seller: {types: {from: 0, to: 1, count: 4}}, buyer: {types: {from: 0, to: q, count: 4}}}
outcomes: prices
prices: {grid: {from: 0, to: 1, count: 5}, power: p}
objective: surplus
"""
KINDS = {"ordinary": SELLING, "identical bidders": SYMMETRIC, "prices": PRICES}
OVER = {
    "ordinary": ("low=1:2:2", "high=3:4:2"),
    "identical bidders": ("top=60:61:2", "n=4:5:2"),
    "prices": ("p=1/2:1:2", "q=1:2:2"),
}
#: The commands that take a problem file, with what they need besides.
COMMANDS = {
    "solve": (),
    "show": (),
    "check": (),
    "compare": (),
    "smooth": ("--rho", "1"),
    "frontier": ("--payoffs", "buyer:a", "buyer:b"),
    "efficient": ("--payoff", "buyer:a=0", "--payoff", "buyer:b=0"),
    "export": ("--out", "program.lp"),
}


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(params=KINDS)
def kind(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "problem.yaml").write_text(KINDS[request.param])
    return request.param


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_or_says_why_not(kind, command):
    question = mechlp.read("problem.yaml").design
    assert isinstance(question, Question)
    result = run(command, "problem.yaml", *COMMANDS[command])
    reason = question.why_not(command)
    if reason is None:
        assert result.exit_code in (0, 1), result.output
    else:
        assert result.exit_code == 2
        assert reason in result.stderr
        assert "\n" not in reason and len(reason) < 250
        if command != "export":  # which prints nothing to read
            told = json.loads(run(command, "problem.yaml", *COMMANDS[command], "--json").stdout)
            assert told == {"status": "error", "errors": [reason]}


def test_reasons_are_about_what_exists():
    known = {*SUMMARIES, "rates", "reduce"}
    for text in KINDS.values():
        assert set(mechlp.read_text(text).design.cannot) <= known


def test_answers_speak_one_protocol(kind):
    question = mechlp.read("problem.yaml").design
    answer = question.solve(time_limit=600, progress=lambda phase: None, **question.bare)
    assert isinstance(answer, BaseAnswer)
    assert answer.certified and answer.exit_status == EXIT[answer.status] == 0 and answer.exists
    assert answer.value <= answer.bound if answer.bound is not None else answer.proof is not None
    assert "total" in answer.timings
    saved = json.loads(json.dumps(answer.to_json()))
    verdict = verify(saved)
    assert verdict.accepted, verdict.problems
    title = question.environment.title
    assert "<table" in answer._repr_html_() and title in answer._repr_html_()
    assert title in run("solve", "problem.yaml", "-v", "--no-save").output


def test_questions_are_the_same_in_their_numbers_only(kind):
    question = mechlp.read("problem.yaml").design
    again = read_document(document_of(question)).design
    assert question.same(again) and question.same(question.asking())
    name, value = OVER[kind][0].split("=")[0], OVER[kind][0].split(":")[-2]
    other = mechlp.read("problem.yaml", overrides={name: value}).design
    assert not question.same(other)
    assert not any(question.same(mechlp.read_text(text).design) for k, text in KINDS.items() if k != kind)


def test_a_coefficient_among_many_makes_another_question():
    """Every number counts, also those that a long array leaves out when it is printed."""
    weights = [str(k) for k in range(60)]
    text = (
        "agents: {a: {types: {from: 1, to: 60, count: 60}}}\noutcomes: [x]\nbeliefs: {prior: uniform}\n"
        "objective: {weighted-interim: {a: [%s]}}\n"
    )
    one = mechlp.read_text(text % ", ".join(weights)).design
    other = mechlp.read_text(text % ", ".join([*weights[:30], "7", *weights[31:]])).design
    assert one.same(one) and not one.same(other)


def test_maps_of_every_kind(kind):
    over = [part for o in OVER[kind] for part in ("--over", o)]
    result = run("map", "problem.yaml", *over, "--jobs", 1, "--json", "--plot", "map.svg")
    assert result.exit_code == 0, result.output
    points = json.loads(result.stdout)["points"]
    assert len(points) == 4 and all(p["certified"] for p in points)
    first = json.loads(
        run("solve", "problem.yaml", "--json", "--no-save", "--set", *[OVER[kind][0].split(":")[0]]).stdout
    )
    assert points[0]["status"] == first["status"]


def test_no_page_and_no_command_asks_for_a_kind():
    kinds = {"Design", "SymmetricDesign", "Answer", "InterimAnswer"}
    for path in [*(ROOT / "mechlp" / "cli").glob("*.py"), *(ROOT / "mechlp" / "report").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                asked = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
                assert not asked & kinds, f"{path}:{node.lineno}"
