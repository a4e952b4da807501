"""What the time allows: a limit holds, doing nothing is a mechanism, and what is said beside an answer does not dominate it."""

import gc
import json
import signal
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals, deadline
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.deadline import Deadline
from mechlp.program import Block, Family, Program, Term
from mechlp.program.form import form
from mechlp.program.solve import solve as solve_program
from mechlp.program.uniqueness import _determined, unique
from mechlp.proof.cases import Case
from mechlp.solving.compile import compile
from mechlp.solving.solve import _Run


def drawn(sizes, seed=0, **asked) -> Design:
    """Three outcomes, payoffs in -10..20 of which the first outcome's are nothing, a prior in proportion to 1..19."""
    dice = np.random.default_rng(seed)
    prior = dice.integers(1, 20, sizes)
    utility = [dice.integers(-10, 21, (3, *sizes)) for _ in sizes]
    for own in utility:
        own[0] = 0
    agents = tuple(Agent.of(f"agent{i}", list(range(m))) for i, m in enumerate(sizes))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    environment = Environment(agents, ("nothing", "x", "y"), tuple(map(Rationals, utility)), beliefs)
    return Design(environment, **asked)


LARGE = [
    ((45, 45), {"bb": "ex-ante-weak", "objective": "revenue"}),
    ((9, 9, 9), {"ic": "ex-post", "ir": "ex-post", "bb": "ex-post", "objective": "surplus"}),
    ((9, 9), {"ic": "ex-post", "ir": "ex-post", "allocation": "deterministic", "objective": "revenue"}),
]


@pytest.mark.parametrize(("sizes", "asked"), LARGE)
def test_undecided_is_never_without_the_mechanism_in_which_nothing_happens(sizes, asked):
    design = drawn(sizes, **asked)
    began = time.process_time()  # other programs may run beside
    answer = design.solve(time_limit=0.2)
    assert time.process_time() - began < 60
    assert answer.status == "undecided" and answer.exit_status == 3
    assert answer.rules and answer.audit.passed and answer.value >= 0
    pays = any(rule.transfers.numerator.any() for rule in answer.rules)
    assert answer.value > 0 or not pays
    assert any(note.startswith("not ") for note in answer.notes)


def test_nothing_happens_where_only_existence_is_asked():
    """A mechanism that exists is an answer, whatever the solver did not finish."""
    design = drawn((9, 9, 9), ic="ex-post", ir="ex-post", bb="ex-post", objective="feasibility")
    answer = design.solve(time_limit=0.01)
    assert (answer.status, answer.certified) == ("feasible", True)
    assert answer.audit.passed


def test_a_deadline_is_handed_down():
    """One object: seconds become a deadline once, and what is left shrinks."""
    deadline = Deadline.of(0.5)
    assert Deadline.of(deadline) is deadline and Deadline.of(None).left == float("inf")
    assert 0 < deadline.within(0.1).left <= 0.1 and deadline.beyond(1).left > deadline.left
    assert Deadline.of(-1).passed and Deadline.of(-1).left == 0
    answer = drawn((45, 45), bb="ex-ante-weak", objective="revenue").solve(time_limit=Deadline.of(-1))
    assert answer.status == "undecided"


#: Questions that take long in different phases, and what they ask: (sizes, asked, options of solve).
LONG = {
    "the float solve": ((45, 45), {"bb": "ex-ante-weak", "objective": "revenue"}, {}),
    "compilation": ((90, 90), {"bb": "ex-ante-weak", "objective": "revenue"}, {"reduce": False}),
    "branch and bound": (
        (9, 9),
        {"ic": "ex-post", "ir": "ex-post", "allocation": "deterministic", "objective": "revenue"},
        {},
    ),
    "rules for every lie": (
        (10, 10),
        {"ic": "ambiguous-transfers", "bb": "ex-post", "objective": "surplus"},
        {},
    ),
    "profiles of three": (
        (11, 11, 11),
        {"ic": "ex-post", "ir": "ex-post", "bb": "ex-post", "objective": "surplus"},
        {},
    ),
}


@pytest.mark.parametrize("phase", LONG)
def test_a_time_limit_holds(phase):
    """Work beyond the limit is at most a fifth and a second, counted in this process's time: other programs may run beside."""
    sizes, asked, options = LONG[phase]
    design, limit = drawn(sizes, **asked), 0.3
    began = time.process_time()
    answer = design.solve(time_limit=limit, **options)
    # Two float roads may run at once.
    assert time.process_time() - began < 2 * (1.2 * limit + 1)
    assert answer.status == "undecided" and answer.notes
    assert "total" in answer.timings


BIDDERS = """
agents: {{bidder: {{copies: 2, types: {{from: 1, to: {m}, count: {m}}}}}}}
outcomes: graded-good
beliefs: {{prior: uniform}}
require: {{ic: bayesian, ir: interim, bb: none}}
objective: revenue
"""


def test_a_time_limit_holds_for_identical_bidders():
    design, limit = mechlp.read_text(BIDDERS.format(m=1500)).design, 0.3
    began = time.process_time()
    answer = design.solve(time_limit=limit)
    assert time.process_time() - began < 2 * (1.2 * limit + 1)
    assert answer.status == "undecided" and 0 <= answer.value <= answer.bound


def test_a_time_limit_holds_between_rational_ends():
    """Irrational payoffs: not to trade is a mechanism, and what was left out is named."""
    path = Path(__file__).parents[2] / "configs" / "copic-ponsati-2006-ex-ante-optimum.yaml"
    design, limit = mechlp.read(path, overrides={"m": "60"}).design, 0.3
    began = time.process_time()
    answer = design.solve(time_limit=limit)
    assert time.process_time() - began < 2 * (1.2 * limit + 1)
    assert answer.status == "undecided" and answer.control is None
    assert any("control was not examined" in note for note in answer.notes)


def test_a_signal_is_lent_and_given_back():
    """Whatever the moment at which the time is over: no deadline stays behind, and the caller's handler is there again."""
    calls = []
    mine = lambda *_: calls.append("mine")  # noqa: E731
    before = signal.signal(signal.SIGUSR1, mine)
    try:
        for microseconds in range(0, 3000, 10):
            Deadline.of(microseconds / 1e6).broken_off(lambda: sum(range(20_000)), lambda: "otherwise")
        assert signal.getsignal(signal.SIGUSR1) is mine and not deadline._enforced
        signal.raise_signal(signal.SIGUSR1)
        assert calls == ["mine"]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_break_that_the_collector_swallows_is_repeated(monkeypatch):
    """Python drops what is raised in a callback of the garbage collector."""
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # pytest's own takes long

    def hook(phase, _):
        if phase == "start" and not told:
            told.append(phase)
            time.sleep(0.3)  # the time is over while the collector runs

    def rubbish():
        gc.callbacks.append(hook)
        gc.collect()
        gc.callbacks.remove(hook)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pass

    assert Deadline.of(0.2).broken_off(rubbish, lambda: "otherwise") == "otherwise"
    assert told


def test_what_does_not_ask_for_the_time_is_broken_off():
    def endless():
        while True:
            sum(range(1000))

    assert Deadline.of(0.05).broken_off(endless, lambda: "otherwise") == "otherwise"
    assert Deadline.of(60).broken_off(lambda: "work", lambda: "otherwise") == "work"
    assert Deadline().broken_off(lambda: "work", lambda: "otherwise") == "work"
    assert Deadline.of(-1).broken_off(endless, lambda: "otherwise") == "otherwise"
    # The outer one is over first: what the inner one says does not hold it up.
    outer, inner = Deadline.of(0.05), Deadline.of(60)
    assert outer.broken_off(lambda: inner.broken_off(endless, lambda: "inner"), lambda: "outer") == "outer"
    inner, said = Deadline.of(0.05), []
    assert (
        outer.within(1)
        .beyond(60)
        .broken_off(
            lambda: said.append(inner.broken_off(endless, lambda: "inner")) or "went on", lambda: "outer"
        )
        == "went on"
    )
    assert said == ["inner"]


def test_a_check_that_takes_too_long_is_neither_accepted_nor_refused():
    """`verify` with a limit says what it came to: exit status 3; without time it refuses nothing and accepts nothing."""
    data = drawn((6, 6), bb="ex-ante-weak", objective="revenue").solve().to_json()
    whole = verify(data)
    assert (whole.accepted, whole.ended, whole.exit_status) == (True, True, 0)
    assert verify(data, time_limit=600) == whole
    cut = verify(data, time_limit=0)
    assert (cut.accepted, cut.ended, cut.exit_status, cut.problems) == (False, False, 3, ())
    assert len(cut.checked) < len(whole.checked) and "not checked to the end" in str(cut)
    forged = {**data, "value": "1000"}
    assert verify(forged, time_limit=600).exit_status == 1


def test_verify_takes_a_time_limit(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(drawn((6, 6), bb="ex-ante-weak", objective="revenue").solve().to_json()))
    run = CliRunner().invoke(main, ["verify", str(path), "--time-limit", "60"])
    assert run.exit_code == 0 and run.output.startswith("accepted")


def test_rules_that_fail_their_audit_are_no_mechanism():
    """A verdict whose mechanism breaks a requirement is withdrawn with it: nothing exists until something passes."""
    design = drawn((3, 3), bb="ex-ante-weak", objective="revenue")
    sound = design.solve()
    run = _Run(design, None, lambda phase: None)
    greedy = replace(sound.rules[0], transfers=sound.rules[0].transfers - 1000)
    found = run.checked(replace(sound, rules=(greedy,)))
    assert (found.status, found.certified, found.exists, found.rules, found.value) == (
        "undecided",
        False,
        None,
        (),
        None,
    )
    assert found.bound == sound.value and found.proof is not None and "the audit" in found.notes[0]
    dear = replace(sound, value=sound.value + 1)
    kept = run.checked(dear)
    assert (kept.status, kept.exists, kept.value, kept.bound) == ("undecided", True, sound.value, sound.value)
    weak = run.checked(replace(sound, proof=Case()))
    assert (weak.status, weak.exists, weak.value, weak.bound) == ("undecided", True, sound.value, None)


def test_uniqueness_that_takes_too_long_is_not_examined():
    program = compile(drawn((4, 4), objective="revenue"))
    solution = solve_program(program)
    assert unique(program, solution) in (True, False)
    assert unique(program, solution, time_limit=Deadline.of(-1)) in (None, True, False)
    design = drawn((4, 4), objective="revenue")
    assert design.solve().value == solution.value


@pytest.mark.parametrize("seed", range(6))
def test_columns_that_rows_determine_one_after_the_other(seed):
    """Peeling keeps full column rank: against elimination in fractions."""
    dice = np.random.default_rng(seed)
    cells = dice.integers(-3, 4, (7, 5)) * (dice.random((7, 5)) < 0.35)
    block = Block("x", (5,))
    term = Term(np.arange(5, dtype=np.int32)[None], Rationals(cells), (5,))
    family = Family("row", (7,), (term,), "=", Rationals(np.zeros(7, dtype=np.int64)))
    directions = form(Program((block,), (family,)))
    assert _determined(directions, np.arange(5)) == (rank(cells) == 5)


def test_uniqueness_is_said_not_to_be_examined(monkeypatch):
    """A page that says nothing would read as if nothing were open."""
    monkeypatch.setattr("mechlp.solving.optima.unique", lambda *_, **__: None)
    design = drawn((3, 3), bb="ex-ante-weak", objective="revenue", secondary="none")
    answer = design.solve()
    assert answer.status == "optimal" and answer.unique is None
    assert any("the only optimal mechanism was not examined" in note for note in answer.notes)
    assert not design.solve(examine=False).notes


def rank(cells) -> int:
    rows, found = [[Fraction(int(v)) for v in row] for row in cells], 0
    for column in range(len(rows[0])):
        pivot = next((r for r in range(found, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(found + 1, len(rows)):
            factor = rows[r][column] / rows[found][column]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


def test_the_verdict_alone_is_the_same_verdict():
    """Without what is said beside it: no word on uniqueness, and another refutation, but checked like any."""
    asked = {"ic": "ex-post", "ir": "ex-post", "objective": "surplus"}
    possible, impossible = (drawn((5, 5), bb=bb, **asked) for bb in ("ex-ante-weak", "ex-post"))
    alone, whole = possible.solve(examine=False), possible.solve()
    assert (alone.value, alone.unique, alone.certified) == (whole.value, None, True)
    assert whole.unique is not None
    refuted = impossible.solve(examine=False, relax=False)
    assert (refuted.status, refuted.certified) == (impossible.solve(relax=False).status, True)
