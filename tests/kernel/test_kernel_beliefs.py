"""Types that hold several beliefs possible: that there is no mechanism, and that none is worth more, are theorems too."""

import random
import re
from dataclasses import replace
from fractions import Fraction as F

import pytest
from coq_runs import accepted, changed, needs_coq, solved
from maxmin_environments import environment
from random_designs import _numbers

import mechlp
from mechlp import Objective
from mechlp.kernel.covered import NotCovered
from mechlp.kernel.export import exported

pytestmark = needs_coq


def question(dice):
    """A random question about a random environment."""
    found = environment(dice)
    full = (len(found.outcomes), *found.shape)
    linear = Objective.linear(
        _numbers(dice, full), [_numbers(dice, found.shape, -1, 1) for _ in (0, 1)], maximize=False
    )
    wants = dice.choice([Objective.feasibility(), Objective.revenue(), Objective.surplus(), linear])
    limits = dice.choice(["free", "free", ((F(-3), F(3)), (F(-2), F(3)))])
    return mechlp.Design(
        found,
        dice.choice(["maxmin", "maxmin", "bewley"]),
        dice.choice(["interim", "ex-post"]),
        dice.choice(["ex-post", "ex-post-weak", "ex-ante-weak"]),
        dice.choice(["chosen", "efficient"]),
        limits,
        wants,
    )


@pytest.fixture(scope="module")
def answers():
    """Answers of every kind, by what they are and what their proofs take."""
    dice, found = random.Random(4), {}
    while len(found) < 32:
        try:
            answer = solved(question(dice))
            if answer.status == "unbounded":
                continue  # in test_kernel_endless
            one = exported(answer)
        except (NotCovered, mechlp.InvalidDesign):
            continue
        found[f"{answer.design.ic}_{answer.status}_{len(found)}"] = answer, one
    return found


KINDS = {f"{ic}_{s}" for ic in ("maxmin", "bewley") for s in ("infeasible", "optimal", "feasible")}
#: A row of each kind, and cases of a belief with and without an objective.
PARTS = (
    "AtLie",
    "AtOpenLie",
    "AtPart",
    "TruthUnder",
    "PartUnder",
    r"Seen[^.]*Contradiction",
    r"Seen[^.]*Limit",
)


def forged(name, answer, one):
    """A multiplier, the lie that cases are about, and a bound that is too good."""
    for kind in re.findall(r"(At\w+|TruthUnder|PartUnder) [\d ]+\)", one.text)[:3]:
        yield f"{name}_{kind}", changed(one, rf"\(([^,()]+|\([^()]*\)), {kind} ", rf"((1234567#89), {kind} ")
    if "Seen" in one.text:
        yield f"{name}_lie", changed(one, r"Seen (\d) (\d) \d", r"Seen \1 \2 \2")
    if answer.status == "optimal":
        better = answer.bound - F(1 if answer.design.wants.maximize else -1, 1000)
        yield f"{name}_value", exported(replace(answer, bound=better))


def test_many_beliefs_are_theorems_and_no_others(library, standalone, answers):
    true = {name: one for name, (_, one) in answers.items()}
    assert {name.rpartition("_")[0] for name in true} == KINDS
    assert all(map(standalone, true.values()))
    false = {k: v for name, (answer, one) in answers.items() for k, v in forged(name, answer, one)}
    assert len(false) >= 40
    assert not any(map(standalone, false.values()))
    some = {next(n for n, one in true.items() if re.search(part, one.text)) for part in PARTS}
    few = dict(random.Random(1).sample(sorted(false.items()), 5))
    assert accepted({**{name: true[name] for name in some}, **few}, library) == some


def test_deterministic_rules_are_theorems_and_no_others(library, standalone):
    """Cases of outcomes and of beliefs in one tree; without `deterministic` a bound is of another question."""
    dice, true, false = random.Random(9), {}, {}
    while len(true) < 16:
        asked = replace(question(dice), allocation="deterministic", transfers=((F(-3), F(3)), (F(-2), F(3))))
        try:
            answer = solved(asked)
            one = exported(answer)
        except mechlp.InvalidDesign:
            continue
        name = f"{answer.design.ic}_{answer.status}_{len(true)}"
        true[name] = one
        if "Used" in one.text:
            false[f"{name}_other_case"] = changed(one, r"Used (\d) (\S+ \S+)", r"Used 7 \2")
            false[f"{name}_multiplier"] = changed(
                one, r"(Limit|Contradiction) \[\([^,]*,", r"\1 [((1234567#89),"
            )
            better = answer.bound - F(1 if answer.design.wants.maximize else -1, 1000)
            false[f"{name}_value"] = exported(replace(answer, bound=better))
            weaker = r" /\\\n  deterministic env M"
            false[f"{name}_lotteries"] = changed(one, weaker, "")
        if "SeenAs" in one.text:
            false[f"{name}_lie"] = changed(one, r"SeenAs (\d) (\d) \d", r"SeenAs \1 \2 \2")
    assert all(map(standalone, true.values()))
    assert {name.rpartition("_")[0] for name in true} >= KINDS - {"bewley_feasible"}
    assert any("SeenAs" in one.text and "Used" in one.text for one in true.values())
    unlike = {name: one for name, one in false.items() if "lotteries" not in name}
    assert [name for name, one in unlike.items() if standalone(one)] == []  # it does not read `asks`
    some = {name: true[name] for name in true if re.search("SeenAs|Used", true[name].text)}
    few = dict(random.Random(2).sample(sorted(unlike.items()), 3))
    stated = {name: one for name, one in false.items() if "lotteries" in name}
    assert len(stated) >= 4
    assert accepted({**some, **few, **stated}, library) == set(some)
