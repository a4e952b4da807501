"""Where exact arithmetic gives up, an answer still has a bound with a proof that `verify` rechecks."""

import json
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Objective, Rationals
from mechlp.answer.answer import RELAXED, ROUNDED
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.exact.numbers import rational, text
from mechlp.exact.saved import checksum
from mechlp.program.kernel import Unsolved
from mechlp.solving.solve import _Run

CONFIGS = Path(__file__).parent.parent.parent / "configs"
TRADE = """
agents: {s: {types: {from: 0, to: 1, count: 6}}, b: {types: {from: 0, to: 1, count: 6}}}
outcomes: trade
trade: {seller: s, buyer: b}
beliefs: {prior: uniform}
objective: surplus
"""


def trade(**asked):
    return mechlp.read_text(TRADE, ask=asked).design


def random_types(objective, **asked):
    rng = np.random.default_rng(1)
    agents = tuple(Agent.of(f"agent{i}", ["a", "b", "c"]) for i in range(2))
    prior = rng.integers(1, 10, (3, 3))
    utility = tuple(Rationals(rng.integers(-5, 10, (3, 3, 3))) for _ in range(2))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    return Design(Environment(agents, ("x", "y", "z"), utility, beliefs), objective=objective, **asked)


def least_paid():
    """A minimum, with bounded transfers: what the agents are paid in expectation."""
    ones = [np.ones((3, 3), dtype=np.int64)] * 2
    paid = Objective.linear(transfers=ones, maximize=False)
    return random_types(paid, transfers=((-20, 20), (-20, 20)))


QUESTIONS = {
    "decomposed": lambda: mechlp.read(CONFIGS / "myerson-auction.yaml", overrides={"m": "8"}).design,
    "interim": lambda: random_types("revenue", bb="ex-post-weak"),
    "ex post": lambda: trade(ic="ex-post", ir="ex-post", bb="ex-post-weak"),
    "worst prior": lambda: mechlp.read(CONFIGS / "zhang-2021-symmetric.yaml").design,
    "ambiguous": lambda: random_types("surplus", ic="ambiguous-transfers", bb="ex-post-weak"),
    "minimum": least_paid,
}


def gives_up(*args, **options):
    raise Unsolved("too large")


@pytest.fixture
def no_exact_verdict(monkeypatch):
    """Of all that is exact, only the correction of rounded multipliers is left."""
    return lambda: monkeypatch.setattr(sys.modules["mechlp.program.decide"], "evaluate", gives_up)


@pytest.mark.parametrize("reduce", ["auto", False])
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_bound_is_close_proved_and_rechecked(question, reduce, no_exact_verdict):
    design = QUESTIONS[question]()
    best = design.solve(reduce=reduce, fewest=False)
    assert best.status == "optimal"
    no_exact_verdict()
    answer = design.solve(reduce=reduce, fewest=False)
    assert (answer.status, answer.certified, answer.exit_status) == ("undecided", False, 3)
    assert answer.bound_from == ROUNDED and answer.notes[0] == "not certified: too large"
    off = (answer.bound - best.value) * (-1 if question == "minimum" else 1)
    assert 0 <= off < Fraction(1, 10**4)
    verdict = verify(json.loads(json.dumps(answer.to_json())))
    assert verdict.accepted and any("rigorous" in claim for claim in verdict.checked)


def test_an_answer_whose_guarantee_in_the_continuum_is_open_is_accepted(monkeypatch):
    inner = _Run.with_least_rents

    def open_ended(run):
        with monkeypatch.context() as patch:
            patch.setattr(sys.modules["mechlp.program.decide"], "evaluate", gives_up)
            return inner(run)

    monkeypatch.setattr(_Run, "with_least_rents", open_ended)
    answer = QUESTIONS["worst prior"]().solve()
    assert answer.status == "optimal" and answer.continuum.status == "undecided"
    data = json.loads(json.dumps(answer.to_json()))
    assert verify(data).accepted
    assert answer.continuum.bound is not None
    data["continuum"]["bound"] = text(answer.continuum.bound / 2)
    data["continuum"] = sealed(data["continuum"])
    assert "in the continuum" in verify(sealed(data)).problems[0]


def test_a_search_that_stops_early_is_bounded_by_its_first_relaxation(monkeypatch):
    design = random_types(
        "surplus", ic="ex-post", ir="ex-post", bb="ex-ante-weak", allocation="deterministic"
    )
    every, relaxed = design.solve(), design.asking(allocation="chosen").solve()
    assert every.status == "optimal" and every.value < relaxed.value
    monkeypatch.setattr("mechlp.solving.branching.MAX_NODES", 1)
    answer = design.solve()
    assert (answer.status, answer.bound_from) == ("undecided", RELAXED)
    assert answer.bound == relaxed.value
    assert verify(json.loads(json.dumps(answer.to_json()))).accepted


def sealed(data):
    return {**data, "sha256": checksum(data)}


def test_a_bound_that_was_tampered_with_is_refused(no_exact_verdict):
    no_exact_verdict()
    answer = trade(bb="ex-post-weak").solve()
    assert answer.value == 0 and answer.rules  # nothing happens: a mechanism beside the bound
    claimed = sealed({**answer.to_json(), "value": answer.to_json()["bound"]})
    assert "the mechanism attains 0" in verify(claimed).problems[0]
    data = replace(answer, rules=(), value=None, audit=None).to_json()
    assert data["bound_from"] == ROUNDED
    closer = {**data, "bound": text(rational(data["bound"]) - Fraction(1, 10**9))}
    assert "the bound claimed" in verify(sealed(closer)).problems[0]
    assert "checksum" in verify(closer).problems[0]
    assert "nothing" in verify(sealed({**data, "certificate": None})).problems[0]
    assert "says of itself" in verify(sealed({**data, "certified": True})).problems[0]
    assert "no mechanism" in verify(sealed({**data, "value": data["bound"]})).problems[0]
    assert "nothing to check" in verify(sealed({**data, "bound": None})).problems[0]
    spoiled = json.loads(json.dumps(data))
    entry = next(e for e in spoiled["certificate"]["multipliers"] if e["kind"] == "IC")
    entry["multiplier"] = text(rational(entry["multiplier"]) / 2)
    assert "does not cancel" in verify(sealed(spoiled)).problems[0]


def test_the_page_names_the_bound_and_a_saved_one_is_verified(no_exact_verdict, tmp_path):
    no_exact_verdict()
    file, saved = tmp_path / "trade.yaml", tmp_path / "answer.json"
    file.write_text(TRADE + "require: {ic: ex-post, ir: ex-post, bb: ex-post-weak}\n", encoding="utf-8")
    solved = CliRunner().invoke(main, ["solve", str(file), "--out", str(saved)])
    page = " ".join(solved.output.split())
    assert solved.exit_code == 3 and "NOT CERTIFIED" in page and f"(rigorous: {ROUNDED})" in page
    checked = CliRunner().invoke(main, ["verify", str(saved)])
    assert checked.exit_code == 0 and "prove the bound" in checked.output
