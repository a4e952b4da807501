"""Ambiguous rules as theorems: agents who also look at the best rule, requirements of one's own, objectives without end."""

import re
from dataclasses import replace
from fractions import Fraction as F

import pytest
from coq_runs import accepted, changed, needs_coq, solved
from random_designs import first, random_ambiguous, random_constrained_sets

import mechlp
from mechlp.kernel.export import exported

pytestmark = needs_coq
#: Drawn questions to types who also look at the best rule, by what comes out, and whether something of one's own is asked.
DRAWN = {
    "none": (random_ambiguous, 80, "infeasible"),
    "best": (random_ambiguous, 14, "optimal"),
    "endless": (random_ambiguous, 73, "unbounded"),
    "own_none": (random_constrained_sets, 109, "infeasible"),
    "own_best": (random_constrained_sets, 14, "optimal"),
}


@pytest.fixture(scope="module")
def answers(root):
    """Answers of every kind: those drawn, and Guo's Example 1.4.2 where half of the weight is on the best rule."""
    guo = mechlp.read(root / "configs/guo-2018-example-1.4.2.yaml").design
    found = {"some": solved(guo.asking(ic="ambiguous-transfers", alpha=F(1, 2)))}
    for name, (maker, seed, status) in DRAWN.items():
        found[name] = solved(first(maker, seed))
        assert found[name].status == status and found[name].design.alpha < 1
        assert bool(found[name].design.constraints) == name.startswith("own")
    return found


def forged(name, answer, one):
    """A multiplier, its sign, labels, a value, a bound, transfers, a change that is none."""
    if "multipliers" in one.text:
        for kind in sorted({"Truth", "Lie", "Part", "Under"} & set(re.findall(r", (\w+) \d", one.text))):
            yield f"{name}_{kind}", changed(one, rf"\((ratio )?\(?-?[^,]*, {kind} ", f"((123#7), {kind} ")
            yield f"{name}_{kind}_sign", changed(one, rf"\((ratio )?\(?-?[^,]*, {kind} ", f"((-1#7), {kind} ")
        if "Lie" in one.text:
            place = int(re.search(r"Lie (\d+) ", one.text)[1])
            yield (
                f"{name}_label",
                changed(one, rf"(label := \[\n(?:[^\n]*\n){{{place}}}  \(\d, \d), \d\)", r"\1, 9)"),
            )
    if answer.value is not None:
        for by in (F(1, 1000), F(-1, 1000)):
            yield f"{name}_value_{by}", exported(replace(answer, value=answer.value + by))
        better = F(-1 if answer.design.wants.maximize else 1, 1000)
        yield f"{name}_bound", exported(replace(answer, bound=answer.bound + better))
    for part in ("rules", "direction"):
        if mechanisms := getattr(answer, part):
            turned = tuple(replace(m, transfers=m.transfers * -1) for m in mechanisms)
            yield f"{name}_{part}", exported(replace(answer, **{part: turned}))


def test_rules_are_theorems_and_no_others(library, standalone, answers):
    true = {name: exported(answer) for name, answer in answers.items()}
    assert all(map(standalone, true.values()))
    assert "alpha_IC env (1#2)%Q rules /\\ alpha_IR env (1#2)%Q rules" in true["some"].text
    assert "linear_rows M own_rows" in true["own_best"].text
    false = {k: v for name, answer in answers.items() for k, v in forged(name, answer, true[name])}
    assert len(false) >= 20
    assert not any(map(standalone, false.values()))
    best = true["best"]
    false = {
        "label": false["best_label"],
        "direction": false["endless_direction"],
        "value": false["own_best_value_1/1000"],
        "pessimists": changed(best, r"alpha_IC env \S+ rules", "ambiguous_IC env rules"),
        "another_weight": changed(best, r"alpha_IC env \S+ rules", "alpha_IC env (1#3)%Q rules"),
        "no_participation": changed(best, r" /\\ alpha_IR env \S+ rules", ""),
    }
    assert accepted({**true, **false}, library) == set(true)


def test_another_weight_on_the_best_rule_needs_another_proof(standalone, answers):
    """What the multipliers imply depends on the weight; so does whether rules exist (more than half on the best pays anything)."""
    for name in ("best", "own_none"):
        one = exported(answers[name])
        weight = re.search(r"_IC env (\S+%Q) rules", one.text)[1]
        assert not standalone(replace(one, text=one.text.replace(weight, "(5#9)%Q")))
