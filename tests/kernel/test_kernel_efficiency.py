"""Whether payoffs can be reached, and whether they are interim efficient, as theorems."""

import random
from dataclasses import replace
from fractions import Fraction as F

import pytest
from coq_runs import REPRO, accepted, needs_coq, solved
from random_designs import _numbers, random_design

import mechlp
from mechlp.kernel.export import exported, saved_answer
from mechlp.study.interim import efficiency

pytestmark = needs_coq


@pytest.fixture(scope="module")
def verdicts():
    """Payoffs of mechanisms and of nobody's, until every verdict is there."""
    dice, found = random.Random(1), {}
    while len(found) < 5:
        try:
            design = random_design(dice).asking(objective="feasibility")
            answer = solved(design) if dice.random() < 0.5 else None
            if answer is not None and not answer.rules:
                continue
            payoffs = answer.rules[0] if answer else [_numbers(dice, (s,)) for s in design.environment.shape]
            one = efficiency(design, payoffs)
        except mechlp.InvalidDesign:
            continue
        if one.comparisons[0].status == "optimal":
            kinds = (
                one.reachable,
                one.weak,
                one.strong,
                any(c.status == "unbounded" for c in one.comparisons),
            )
            found.setdefault(kinds, one)
    return {f"payoffs_{k}": one for k, one in enumerate(found.values())}


def test_interim_efficiency_is_a_theorem(library, standalone, verdicts):
    true = {name: exported(one) for name, one in verdicts.items()}
    assert all(map(standalone, true.values()))
    said = " ".join(one.statement for one in true.values())
    for claim in ("gives", "better_for_all", "dominates"):
        assert f"(exists M : mechanism, asks M /\\ {claim} " in said
        assert f"(~ exists M : mechanism, asks M /\\ {claim} " in said
    false = {}
    for name, one in verdicts.items():
        if one.reachable:
            false[f"{name}_more"] = exported(replace(one, payoffs=tuple(u + F(1, 1000) for u in one.payoffs)))
        for k, c in enumerate(one.comparisons):
            if c.status == "optimal" and c.proof is not None and any(w.numerator.any() for w in c.weights):
                turned = replace(c, weights=tuple(w * -1 for w in c.weights))
                rest = [turned if j == k else other for j, other in enumerate(one.comparisons)]
                forged = exported(replace(one, comparisons=tuple(rest)))
                if forged.text != true[name].text:
                    false[f"{name}_{c.kind}_weights"] = forged
    assert len(false) >= 5
    assert not any(map(standalone, false.values()))
    name = next(
        name for name, one in true.items() if "~ exists M : mechanism, asks M /\\ dominates" in one.statement
    )
    assert accepted({"true": true[name], "false": next(iter(false.values()))}, library) == {"true"}


def test_forged_efficiency_is_refused(standalone):
    """The page said that no mechanism dominates, by weights that are zero."""
    forged = exported(saved_answer(REPRO / "ws-forged.json"))
    assert "(~ exists M : mechanism, asks M /\\ dominates env payoffs M)" in forged.statement
    assert not standalone(forged)
