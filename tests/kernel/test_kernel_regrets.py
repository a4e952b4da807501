"""Types that compare greatest regrets, and guarantees under a set of priors where types hold several beliefs possible, as theorems."""

import random
from dataclasses import replace
from fractions import Fraction as F

import pytest
from coq_runs import accepted, changed, needs_coq, solved
from test_kernel_beliefs import question

from mechlp.environment.belief_sets import BeliefSet
from mechlp.kernel.export import exported

pytestmark = needs_coq
#: Drawn questions: seed, notion, whether the designer holds two priors possible, and what comes out.
DRAWN = {
    "regret_none": (15, "minmax-regret", False, "infeasible"),
    "regret_some": (12, "minmax-regret", False, "feasible"),
    "regret_best": (16, "minmax-regret", False, "optimal"),
    "regret_priors": (0, "minmax-regret", True, "optimal"),
    "maxmin_priors": (0, "maxmin", True, "optimal"),
    "bewley_priors": (0, "bewley", True, "optimal"),
}


def drawn(seed, ic, several):
    """A question of a seed, with one of two priors possible where ``several``."""
    dice = random.Random(seed)
    design = question(dice).asking(ic=ic)
    if several:
        shape = design.environment.shape
        points = [[[F(dice.randint(1, 3)) for _ in range(shape[1])] for _ in range(shape[0])] for _ in (0, 1)]
        points = [[[x / sum(map(sum, p)) for x in row] for row in p] for p in points]
        changed = replace(design.environment, designer=None, designer_set=BeliefSet.finite(points))
        design = design.asking(environment=changed, bb=design.bb.replace("ex-ante", "ex-post"))
    return design


@pytest.fixture(scope="module")
def answers():
    found = {}
    for name, (seed, ic, several, status) in DRAWN.items():
        found[name] = solved(drawn(seed, ic, several))
        assert found[name].status == status
    return found


def forged(name, answer, one):
    """Rows, cases, the prior that is worst, a bound that is too good, a value, transfers."""
    for kind in ("AtTruth", "AtLie", "PartUnder"):
        if f", {kind} " in one.text:
            yield f"{name}_{kind}", changed(one, rf"\(([^,()]+|\([^()]*\)), {kind} ", rf"((-1#7), {kind} ")
    if "Seen" in one.text:
        yield f"{name}_lie", changed(one, r"Seen (\d) (\d) \d", r"Seen \1 \2 \2")
        yield f"{name}_case", changed(one, r"Seen (\d \d \d) \[\n", r"Seen \1 [Limit [];\n")
    if "WorstPrior" in one.text:
        yield f"{name}_prior", changed(one, r"WorstPrior \(.*?\) \[", "WorstPrior (Val 1) [")
    if answer.value is not None:
        more = F(1 if answer.design.wants.maximize else -1, 1000)
        yield f"{name}_bound", exported(replace(answer, bound=answer.bound - more))
        yield f"{name}_value", exported(replace(answer, value=answer.value + more))
    for rule in answer.rules:
        turned = replace(rule, transfers=rule.transfers * -1 + 1)
        yield f"{name}_transfers", exported(replace(answer, rules=(turned,)))


def test_regrets_and_guarantees_are_theorems_and_no_others(library, standalone, answers):
    true = {name: exported(answer) for name, answer in answers.items()}
    assert all(map(standalone, true.values()))
    assert "regret_IC env beliefs M" in true["regret_priors"].text
    for name in ("regret_priors", "maxmin_priors", "bewley_priors"):
        assert "forall p, possible_prior env priors p ->" in true[name].statement
        assert "exists p, possible_prior env priors p /\\" in true[name].statement
    false = {k: v for name, answer in answers.items() for k, v in forged(name, answer, true[name])}
    assert len(false) >= 25
    assert not any(map(standalone, false.values()))
    weaker = changed(true["regret_best"], "regret_IC env beliefs M", "maxmin_IC env beliefs M")
    few = {name: false[name] for name in ("regret_best_bound", "maxmin_priors_prior", "regret_priors_case")}
    assert accepted({**true, **few, "weaker": weaker}, library) == set(true)
