"""Recommended actions: that nobody gains by a lie, by disobeying, or by both is what the theorem says, of every plan."""

import re
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from action_games import game
from coq_runs import accepted, needs_coq, solved

import mechlp
from mechlp.kernel.export import exported
from mechlp.kernel.syntax import profile

pytestmark = needs_coq
PROBLEMS = Path(__file__).parents[1] / "data" / "problems"
#: Games of these seeds, with what is asked; a proof of `liars` takes a lie and what is played after it.
DRAWN = {
    "nobody": (0, (2, 2), (2, 2), "obedience", "interim", "feasibility"),
    "ex_post": (5, (2, 1), (3, 2), "ex-post", "none", "surplus"),
    "some": (9, (2, 1), (3, 2), "bayesian", "interim", "feasibility"),
    "liars": (8, (2, 2), (2, 2), "bayesian", "none", "surplus"),
}


@pytest.fixture(scope="module")
def answers():
    """Known games, and drawn ones."""
    designs = {
        name: mechlp.read(PROBLEMS / f"{name}.yaml").design for name in ("chicken", "entry", "prosecutor")
    }
    designs["first_price"] = mechlp.read(PROBLEMS / "first-price.yaml").design
    for name, (seed, shape, counts, ic, ir, wants) in DRAWN.items():
        drawn = game(np.random.default_rng(seed), shape, counts, -9, 5)
        designs[name] = mechlp.Design(drawn, ic, ir, "none", transfers="none", objective=wants)
    return {name: (answer := solved(design), exported(answer)) for name, design in designs.items()}


DEVIATION = r"(Interim \d+ \d+ \d+|AtProfile \d+ \[[^]]*\]%nat \d+) \[([^]]*)\]%nat"


def obeyed(deviation):
    """The same deviation without any disobedience."""
    return f"{deviation[1]} {profile(range(deviation[2].count(';') + 1))}"


def forged(name, answer, one):
    """No deviation disobeys; a better bound; a better mechanism."""
    if re.search(DEVIATION, one.text):
        yield f"{name}_obeyed", replace(one, text=re.sub(DEVIATION, obeyed, one.text))
    if answer.value is not None:
        more = F(1 if answer.design.wants.maximize else -1, 1000)
        yield f"{name}_bound", exported(replace(answer, bound=answer.bound - more))
        yield f"{name}_value", exported(replace(answer, value=answer.value + more))


def test_obedience_is_a_theorem(library, standalone, answers):
    true = {name: one for name, (_, one) in answers.items()}
    assert {answer.status for answer, _ in answers.values()} == {"optimal", "feasible", "infeasible"}
    lies = re.findall(r"Interim (\d) (\d) (\d) \[", true["liars"].text)
    assert any(own != report for _, own, report in lies)
    assert all(map(standalone, true.values()))
    false = {k: v for name, (answer, one) in answers.items() for k, v in forged(name, answer, one)}
    assert len(false) >= 16
    assert not any(map(standalone, false.values()))
    honest = true["liars"].text.replace("  honesty_and_obedience env acts M", "  bayesian_IC env M", 1)
    false = {"bound": false["liars_bound"], "honest": replace(true["liars"], text=honest)}
    some = {"nobody", "ex_post", "some", "liars"}
    assert accepted({**{name: true[name] for name in some}, **false}, library) == some
