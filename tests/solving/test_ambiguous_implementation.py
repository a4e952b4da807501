"""Full implementation with maxmin agents (Guo 2018, chapter 3)."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from small import put, refused
from test_implementation import CASES, checked, grid, holds, joined, pay, random_question

import mechlp
from mechlp import Agent, Environment, Rationals
from mechlp.environment.belief_sets import BeliefSet
from mechlp.environment.coalitions import pattern
from mechlp.files.coalitions import implementation
from mechlp.question.implementation import Choice, Feasible, Implementation

NONE = Feasible((F(0),) * 2, (F(0),) * 2)
KNOWN = ("ambiguous-ic", "ambiguous-monotonicity", "bad-outcome", "ambiguous-pareto")


def case(name, checks, coalitions=()):
    """One of the published instances: two agents with two types each."""
    data = CASES[name]["data"]
    cells = list(itertools.product(range(2), repeat=2))
    utility = [[[[F(o[f"{a},{b}"]) for b in range(2)] for a in range(2)] for o in own] for own in data["u"]]
    pick = np.array([data["f"][f"{a},{b}"] for a, b in cells]).reshape(2, 2)
    sets = []
    for i, own in enumerate(data["beliefs"]):
        held = []
        for points in own:
            rows = [[F(p.get(key(i, k, o), 0)) for o in range(2)] for p in points for k in [whose(p, i)]]
            held.append(BeliefSet.finite(rows))
        sets.append(tuple(held))
    outcomes = data["outcomes"]
    environment = Environment(
        [Agent.of("a", [0, 1]), Agent.of("b", [0, 1])],
        [f"x{k}" for k in range(outcomes)],
        utility,
        belief_sets=tuple(sets),
    )
    allocation = Rationals((np.arange(outcomes)[:, None, None] == pick[None]).astype(int))
    choice = Choice(allocation, Rationals.zeros((2, 2, 2)))
    return Implementation(environment, choice, NONE, pattern(2, coalitions), checks)


def whose(point, i):
    """The own type of agent i in a belief over profiles."""
    return int(next(iter(point)).split(",")[i])


def key(i, k, other):
    return f"{k},{other}" if i == 0 else f"{other},{k}"


@pytest.mark.parametrize("name", ["ch3_mono_wald_True_False", "ch3_mono_seg_False_False"])
def test_published_instances(name):
    expected = CASES[name]["expected"]
    answer = checked(case(name, (*KNOWN, "ambiguous-implementation")))
    assert holds(answer, "ambiguous-monotonicity") is expected["ambiguous_monotonicity_singletons"]
    assert holds(answer, "ambiguous-pareto") is expected["ape"]
    assert answer.finding("bad-outcome").witness["delta"] == expected["bad_outcome_delta"]
    assert holds(answer, "ambiguous-implementation") is False  # monotonicity is necessary
    together = checked(
        case(name, ("ambiguous-ic", "ambiguous-strong-monotonicity", "ambiguous-monotonicity"), [(0, 1)])
    )
    assert holds(together, "ambiguous-ic") is expected["acic_all"]
    assert holds(together, "ambiguous-strong-monotonicity") is False  # fewer rewards than for single agents
    assert holds(together, "ambiguous-monotonicity") is False  # nor do both together refute the deception


def test_the_failing_deception_is_that_of_the_instance():
    found = checked(case("ch3_mono_wald_True_False", ("ambiguous-monotonicity",))).findings[0]
    assert found.witness["maps"] == [[1, 0], [0, 1]]


# -- T*, common knowledge, Assumption 3.4.1 -----------------------------------------------------------------
PRINTED = """
agents: {one: [t1, t2], two: [t1, t2]}
outcomes: [x, y]
payoffs: {x: {one: 1}, y: {two: 1}}
beliefs:
  sets: {one: [everything, {list: [[1, 0]]}], two: [everything, {list: [[1, 0]]}]}
given: {allocation: {lottery: {x: 1}}}
coalitions: {checks: [agreement, assumption-3.4.1, closure]}
"""


def test_the_printed_example_has_three_possible_profiles():
    answer = checked(implementation(mechlp.read_text(PRINTED)))
    found = answer.finding("agreement")
    assert found.holds and found.witness["possible"] == [[0, 0], [0, 1], [1, 0]]
    assert len(found.witness["cells"]) == 1  # nothing is common knowledge but T*
    first, second = found.witness["known"]  # F_1 and F_2
    assert first == {"coalition": ["one"], "cells": [[[0, 0], [0, 1]], [[1, 0]]]}
    assert second == {"coalition": ["two"], "cells": [[[0, 0], [1, 0]], [[0, 1]]]}
    assert holds(answer, "assumption-3.4.1")


def test_agents_may_disagree_on_what_is_possible():
    answer = checked(
        implementation(mechlp.read_text(PRINTED.replace("two: [everything, ", "two: [{list: [[0, 1]]}, ")))
    )
    assert holds(answer, "agreement") is False


def test_assumption_3_4_1_may_fail():
    unsure = "{list: [[1/2, 1/2, 0], [0, 1/2, 1/2]]}"
    text = PRINTED.replace("[t1, t2]", "[t1, t2, t3]")
    sets = "sets: {one: SET, two: SET}".replace("SET", unsure)
    text = text.replace(next(line for line in text.splitlines() if "sets:" in line).strip(), sets)
    assert holds(checked(implementation(mechlp.read_text(text))), "assumption-3.4.1") is False


TWO_CELLS = """
agents: {one: [s, t], two: [s, t]}
outcomes: [x, y]
beliefs: {prior: {table: [[1/2, 0], [0, 1/2]]}}
given: {allocation: {lottery: {x: 1}}}
coalitions:
  functions:
    y: {allocation: {lottery: {y: 1}}}
    MORE
  checks: [closure, agreement, local-efficiency]
"""


def test_closure_pieces_functions_together_where_that_is_common_knowledge():
    answer = checked(implementation(mechlp.read_text(TWO_CELLS.replace("MORE", ""))))
    assert len(answer.finding("agreement").witness["cells"]) == 2
    assert holds(answer, "closure") is False
    pieced = (
        'z: {allocation: {rule: {x: "one == s", y: 1}}}\n    w: {allocation: {rule: {y: "one == s", x: 1}}}'
    )
    answer = checked(implementation(mechlp.read_text(TWO_CELLS.replace("MORE", pieced))))
    assert holds(answer, "closure") and holds(answer, "local-efficiency")  # nobody cares here


# -- local efficiency and monotonicity by their definitions -------------------------------------------------
@pytest.mark.parametrize("seed", range(4))
def test_local_efficiency_is_its_definition(seed):
    question = random_question(seed, "local-efficiency", shape=(2, 2), sets=True)
    other = random_question(seed + 50, shape=(2, 2)).choice
    question = question.asking(functions=(("g", other),))
    sets = question.environment.belief_sets

    def worst(choice, i, k, maps):
        asked = question.asking(choice=choice, functions=())
        values = []
        for belief in sets[i][k].vertices:
            total = F(0)
            for cell in grid((2, 2), [1 - i]):
                here = joined((2, 2), (i,), (k,), cell)
                total += belief[cell] * pay(
                    asked, i, tuple(m[t] for m, t in zip(maps, here, strict=True)), here
                )
            values.append(total)
        return min(values)

    every = list(itertools.product(itertools.product(range(2), repeat=2), repeat=2))
    truth = ((0, 1), (0, 1))
    dominated = False
    for a, b in itertools.product(question.choices, repeat=2):
        now = {(i, k): worst(a, i, k, truth) for i in range(2) for k in range(2)}
        for maps in every:
            for types in np.ndindex(2, 2):
                gains = [worst(b, i, k, maps) - now[i, k] for i, k in enumerate(types)]
                dominated |= min(gains) >= 0 and max(gains) > 0
    assert holds(checked(question), "local-efficiency") is not dominated


def test_monotonicity_of_random_functions_is_decided_for_single_agents():
    """Every verdict carries rewards or cases that are checked; both verdicts occur."""
    seen = set()
    for seed in range(4):
        question = random_question(seed, "ambiguous-monotonicity", shape=(2, 2), sets=True)
        seen.add(holds(checked(question.asking(pattern=pattern(2, []))), "ambiguous-monotonicity"))
    assert seen == {True, False}


# -- Wald: efficiency without a linear program --------------------------------------------------------------
def wald_question(seed):
    rng = np.random.default_rng(seed)
    utility = []
    for i in range(2):
        own = rng.integers(0, 3, size=(3, 2))
        utility.append(np.broadcast_to(own[:, :, None] if i == 0 else own[:, None, :], (3, 2, 2)).copy())
    pick = rng.integers(0, 3, size=(2, 2)) if seed % 2 else np.full((2, 2), rng.integers(0, 3))
    environment = Environment(
        [Agent.of("a", [0, 1]), Agent.of("b", [0, 1])], ["x", "y", "z"], [Rationals(u) for u in utility]
    )
    allocation = Rationals((np.arange(3)[:, None, None] == pick[None]).astype(int))
    choice = Choice(allocation, Rationals.zeros((2, 2, 2)))
    return Implementation(
        environment, choice, NONE, pattern(2, [(0, 1)]), ("ambiguous-pareto", "ambiguous-strong-ic")
    )


def ex_post_efficient(question):
    """Whether no mixture of two outcomes dominates at any profile: with two agents two are enough."""
    environment = question.environment
    for cell in np.ndindex(2, 2):
        own = [[F(u[(a, *cell)]) for u in environment.utility] for a in range(3)]
        here = int(np.argmax(question.choice.allocation[(slice(None), *cell)].numerator))
        for a, b in itertools.combinations_with_replacement(range(3), 2):
            low, high = F(0), F(1)
            for i in range(2):
                slope, rest = own[a][i] - own[b][i], own[here][i] - own[b][i]  # mix * slope >= rest
                if slope == 0:
                    low, high = (low, high) if rest <= 0 else (F(1), F(0))
                elif slope > 0:
                    low = max(low, rest / slope)
                else:
                    high = min(high, rest / slope)
            if low <= high and any(
                sum(m * x + (1 - m) * y for x, y in zip(own[a], own[b], strict=True)) > sum(own[here])
                for m in (low, high)
            ):
                return False
    return True


def steady(question):
    """Whether what a type has does not depend on the other's type."""
    for i in range(2):
        for k in range(2):
            cells = [joined((2, 2), (i,), (k,), (o,)) for o in range(2)]
            if len({pay(question, i, cell, cell) for cell in cells}) > 1:
                return False
    return True


def agree_on(seeds, verified):
    counts = {True: 0, False: 0}
    for seed in seeds:
        question = wald_question(seed)
        answer = checked(question) if seed < verified else question.solve()
        found = holds(answer, "ambiguous-pareto")
        assert found is (ex_post_efficient(question) and steady(question))
        if found:
            assert holds(answer, "ambiguous-strong-ic")  # Lemma 3.6.1
        counts[found] += 1
    return counts


def test_wald_efficiency_is_ex_post_efficiency_and_steady_payoffs():
    assert min(agree_on(range(24), 4).values()) >= 3


@pytest.mark.slow
def test_wald_efficiency_of_a_thousand_functions():
    assert min(agree_on(range(1000), 0).values()) >= 100


def test_the_cheap_test_of_lemma_3_6_2_is_its_definition_and_shows_strong_monotonicity():
    every = list(itertools.product(itertools.product(range(2), repeat=2), repeat=2))
    seen = set()
    for seed in range(1, 16, 2):
        question = wald_question(seed)

        def worst(i, k, maps, question=question):
            cells = [joined((2, 2), (i,), (k,), (o,)) for o in range(2)]
            return min(pay(question, i, (maps[0][c[0]], maps[1][c[1]]), c) for c in cells)

        alike = question.choice.alike()
        cells = list(np.ndindex(2, 2))
        told = lambda maps, alike=alike, cells=cells: [alike[2 * maps[0][a] + maps[1][b]] for a, b in cells]  # noqa: E731
        wrong = [maps for maps in every if told(maps) != alike]
        types = list(itertools.product(range(2), range(2)))
        truth = ((0, 1), (0, 1))
        passes = all(any(worst(i, k, maps) < worst(i, k, truth) for i, k in types) for maps in wrong)
        answer = question.asking(
            checks=("lemma-3.6.2", "ambiguous-pareto", "ambiguous-strong-monotonicity")
        ).solve()
        assert holds(answer, "lemma-3.6.2") is passes
        if passes and holds(answer, "ambiguous-pareto"):
            assert holds(answer, "ambiguous-strong-monotonicity")
        seen.add(passes)
    assert seen == {True, False}


def test_deceptions_are_decided_where_both_agents_can_form_a_coalition():
    """No function of the grid refutes a deception that nobody is said to refute; rewards are checked where there are any."""
    for seed, expected in ((0, False), (1, True)):
        question = random_question(seed, "ambiguous-monotonicity", shape=(2, 2), sets=True)
        answer = checked(question)
        assert holds(answer, "ambiguous-monotonicity") is expected
        if expected:
            assert answer.findings[0].witness["rewards"]
            continue
        assert not any(refuted_by(question, answer.findings[0].witness["maps"], h) for h in tables())


def tables():
    """Functions from type profiles to one of three outcomes each: all 81."""
    return itertools.product(range(3), repeat=4)


def refuted_by(question, maps, h):
    """Whether h refutes a deception by the definition: a coalition gains by it, and is given nothing where truth is told."""
    sets, shape = question.environment.belief_sets, (2, 2)
    every = list(itertools.product(itertools.product(range(2), repeat=2), repeat=2))
    truth = ((0, 1), (0, 1))

    def worst(i, k, worth):
        return min(
            sum(b[o] * worth(joined(shape, (i,), (k,), (o,))) for o in range(2)) for b in sets[i][k].vertices
        )

    def gives(i, said):
        return lambda c: F(question.environment.utility[i][(h[2 * said[0][c[0]] + said[1][c[1]]], *c)])

    def function(i, said):
        return lambda c: pay(question, i, (said[0][c[0]], said[1][c[1]]), c)

    def gains(own, said, now, types):
        change = [
            worst(i, k, gives(i, said)) - worst(i, k, function(i, now))
            for i, k in zip(own, types, strict=True)
        ]
        return min(change) >= 0 and max(change) > 0

    for own in ((0,), (1,), (0, 1)):
        larger = [s for s in ((0,), (1,), (0, 1)) if set(own) <= set(s)]
        rewarded = not any(
            gains(s, tuple(m if j in s else truth[j] for j, m in enumerate(beta)), truth, types)
            for s in larger
            for beta in every
            for types in grid(shape, s)
        )
        if not rewarded:
            continue
        said = tuple(truth[j] if j in own else maps[j] for j in range(2))
        if any(gains(own, said, maps, types) for types in grid(shape, own)):
            return True
    return False


# -- nothing that is claimed is believed --------------------------------------------------------------------
def test_forgeries_are_refused():
    data = case("ch3_mono_wald_True_False", ("ambiguous-monotonicity", "ambiguous-pareto")).solve().to_json()
    refused(data, put(("findings", 0, "witness", "maps"), [[0, 1], [0, 1]]), "acceptable")
    refused(data, put(("findings", 0, "witness", "trees", 0), {"multipliers": {}}))
    refused(data, put(("findings", 0, "witness"), {"rewards": []}), "not refuted")
    refused(data, put(("findings", 1, "witness", "profile"), [1, 1]))
    refused(data, put(("findings", 1, "witness"), {"multipliers": [[{}] * 4]}))
    efficient = case("ch3_mono_seg_False_False", ("ambiguous-pareto",)).solve().to_json()
    refused(efficient, put(("findings", 0, "witness", "multipliers", 0, 0), {"0": "1"}))
