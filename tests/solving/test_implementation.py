"""Full implementation: coalitional incentive compatibility and single outcomes (Guo 2018, chapters 2 and 3)."""

import itertools
import json
import random
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from small import put, refused

import mechlp
from mechlp import Agent, Beliefs, Environment, Rationals
from mechlp.checking.verify import verify
from mechlp.environment.belief_sets import BeliefSet
from mechlp.environment.coalitions import pattern
from mechlp.files.coalitions import implementation
from mechlp.files.reader import read_document
from mechlp.files.writer import document_of
from mechlp.mechanism.deviations import Silent
from mechlp.question.implementation import Choice, Feasible, Implementation
from mechlp.question.premises import InvalidDesign

ROOT = Path(__file__).parents[2]
CASES = {c["name"]: c for c in json.loads((ROOT / "tests/data/coalitions.json").read_text())["cases"]}
EVERY = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]


def guo(section, checks, coalitions=None, **parameters):
    """An application of section 2.7, each answer verified."""
    overrides = {k: str(v) for k, v in parameters.items()}
    section = ROOT / "configs" / f"guo-2018-{section}.yaml"
    changed = {"checks": checks, **({} if coalitions is None else {"named": coalitions})}
    reading = mechlp.read(section, overrides=overrides, ask={"coalitions": changed})
    return checked(implementation(reading))


def checked(question):
    answer = question.solve()
    verdict = verify(answer.to_json())
    assert verdict.accepted, verdict.problems
    return answer


def holds(answer, check):
    return answer.finding(check).holds


# -- the applications of section 2.7 ------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["guo271_n2_g1_grid3", "guo271_n2_g5/4_grid3", "guo271_n3_g3/8_grid2"])
def test_the_public_good_of_2_7_1(name):
    data, expected = CASES[name]["data"], CASES[name]["expected"]
    numbers = {"n": data["n"], "gamma": data["gamma"], "grid": len(data["grid"])}
    answer = guo("2.7.1", ["robust-ic", "bad-outcome"], **numbers)
    assert holds(answer, "robust-ic") is expected["rcic_all"]
    assert answer.finding("bad-outcome").witness["delta"] == expected["bad_outcome_delta"]
    assert holds(guo("2.7.1", ["robust-ic"], "singletons", **numbers), "robust-ic") is expected["epic"]
    if (said := expected["rcic_witness"]) is not None:
        first = answer.finding("robust-ic").witness["deviations"][0]
        assert first["coalition"] == [f"citizen{i + 1}" for i in said[0]]
        assert [*first["types"].values()] == said[1]
        assert [*first["report"].values()] == said[2]


def test_coalitions_of_2_7_1_need_a_common_value_or_a_constant_function():
    for n in (2, 3):
        for gamma in (-F(1, n - 1), 0, F(99, 100), 1, F(101, 100)):
            found = holds(guo("2.7.1", ["robust-ic"], n=n, gamma=gamma), "robust-ic")
            assert found is (gamma in (1, -F(1, n - 1)))
    for gamma in (0, F(1, 2), F(3, 2), 3):  # without a midpoint there is nothing to gain
        assert holds(guo("2.7.1", ["robust-ic"], n=3, gamma=gamma, grid=2), "robust-ic")


def test_ex_post_ic_of_2_7_1_fails_below_its_threshold():
    numbers = {"n": 3, "floor": -200}
    assert holds(guo("2.7.1", ["robust-ic"], "singletons", gamma=F(-1, 2), **numbers), "robust-ic")
    assert not holds(guo("2.7.1", ["robust-ic"], "singletons", gamma=-1, **numbers), "robust-ic")


def test_islands_of_2_7_2():
    expected = CASES["guo272_2_2_grid2"]["expected"]
    assert holds(guo("2.7.2", ["robust-ic"]), "robust-ic") is expected["rcic_pattern"]
    found = guo("2.7.2", ["robust-ic"], "all").finding("robust-ic")
    assert found.holds is expected["rcic_all"]
    members, types, report, others = expected["rcic_all_witness"]
    names = ["east1", "east2", "west1", "west2"]
    first = found.witness["deviations"][0]
    assert first["coalition"] == [names[i] for i in members]
    assert [*first["types"].values()] == types and [*first["report"].values()] == report
    assert [[*m["others"].values()] for m in first["members"]] == others


def test_whichever_coalitions_form_in_2_7_3():
    expected = CASES["guo273_n3_grid2"]["expected"]
    answer = guo("2.7.3", ["robust-strong-ic", "bad-outcome"], "singletons")  # strong: whatever the pattern
    assert holds(answer, "robust-strong-ic") is expected["rsic"]
    assert answer.finding("bad-outcome").witness["delta"] == expected["bad_outcome_delta"]
    first = guo("2.7.3", ["robust-strong-ic"], grid=3).finding("robust-strong-ic").witness["deviations"][0]
    assert [*first["types"].values()] == ["1/2", "1/2"] and [*first["report"].values()] == ["1", "1"]


# -- every definition against an oracle ---------------------------------------------------------------------
def random_question(seed, *checks, shape=(2, 2, 2), sets=False, **more):
    """Random payoffs and a random deterministic function on three outcomes."""
    rng = random.Random(seed)
    n = len(shape)
    utility = [
        np.array([rng.randint(0, 3) for _ in range(3 * np.prod(shape))]).reshape(3, *shape) for _ in shape
    ]
    pick = np.array([rng.randrange(3) for _ in range(np.prod(shape))]).reshape(shape)
    allocation = Rationals((np.arange(3).reshape(-1, *[1] * n) == pick[None]).astype(int))
    prior = Rationals(np.array([rng.randint(1, 4) for _ in range(np.prod(shape))]).reshape(shape))
    beliefs = None
    if sets:
        beliefs = tuple(
            tuple(
                BeliefSet.finite(stacked(rng, [s for j, s in enumerate(shape) if j != i]))
                for _ in range(size)
            )
            for i, size in enumerate(shape)
        )
    environment = Environment(
        [Agent.of(f"a{i}", list(range(size))) for i, size in enumerate(shape)],
        ["x", "y", "z"],
        [Rationals(u) for u in utility],
        Beliefs.common(prior / prior.sum()),
        belief_sets=beliefs,
    )
    free = Feasible((F(0),) * n, (F(0),) * n)
    choice = Choice(allocation, Rationals.zeros((n, *shape)))
    coalitions = pattern(n, EVERY if n == 3 else [(0, 1)])
    return Implementation(environment, choice, free, coalitions, checks, **more)


def stacked(rng, shape):
    """Two distributions over a grid, the first with full support."""
    rows = []
    for least in (1, 0):
        cells = [rng.randint(least, 2) for _ in range(np.prod(shape) - 1)]
        weights = Rationals(np.array([*cells, 1]).reshape(shape))
        rows.append((weights / weights.sum()).tolist())
    return rows


def pay(question, i, report, types):
    """``u_i(f(report), types)``."""
    chances = question.choice.allocation[(slice(None), *report)]
    return (
        question.environment.utility[i][(slice(None), *types)] * chances
    ).sum() + question.choice.transfers[(i, *report)]


def joined(shape, coalition, own, others):
    profile = dict(zip(coalition, own, strict=True))
    rest = [j for j in range(len(shape)) if j not in coalition]
    profile |= dict(zip(rest, others, strict=True))
    return tuple(profile[j] for j in range(len(shape)))


def grid(shape, agents):
    return itertools.product(*(range(shape[j]) for j in agents))


def failing(question, gains):
    """The coalitions for which ``gains(i, coalition, own, lie)`` is positive for all members at some types and lie."""
    shape = question.environment.shape
    return [
        own
        for own in question.pattern
        if any(
            all(gains(i, own, types, lie) > 0 for i in own)
            for types in grid(shape, own)
            for lie in grid(shape, own)
        )
    ]


def found_coalitions(answer, check):
    names = [a.name for a in answer.design.environment.agents]
    deviations = answer.finding(check).witness.get("deviations", [])
    return [tuple(names.index(name) for name in d["coalition"]) for d in deviations]


@pytest.mark.parametrize("seed", range(4))
def test_robust_and_interim_ic_are_their_definitions(seed):
    checks = ("robust-ic", "interim-ic", "interim-ic-unpooled")
    question = random_question(seed, *checks)
    shape, prior = question.environment.shape, question.environment.beliefs.prior
    rest = lambda own: [j for j in range(3) if j not in own]  # noqa: E731

    def change(i, own, types, lie, others):
        here = joined(shape, own, types, others)
        return pay(question, i, joined(shape, own, lie, others), here) - pay(question, i, here, here)

    def against_some(i, own, types, lie):
        return max(change(i, own, types, lie, others) for others in grid(shape, rest(own)))

    def pooled(i, own, types, lie):
        cells = [(joined(shape, own, types, others), others) for others in grid(shape, rest(own))]
        return sum(prior[cell] * change(i, own, types, lie, others) for cell, others in cells)

    def alone(i, own, types, lie):
        mine = types[own.index(i)]
        cells = [cell for cell in np.ndindex(*shape) if cell[i] == mine]
        told = lambda cell: joined(shape, own, lie, [cell[j] for j in rest(own)])  # noqa: E731
        return sum(prior[c] * (pay(question, i, told(c), c) - pay(question, i, c, c)) for c in cells)

    answer = checked(question)
    for check, gains in zip(checks, (against_some, pooled, alone), strict=True):
        expected = failing(question, gains)
        assert found_coalitions(answer, check) == expected
        assert holds(answer, check) is (not expected)


@pytest.mark.parametrize("seed", range(4))
def test_ambiguous_ic_is_its_definition(seed):
    question = random_question(seed, "ambiguous-ic", sets=True)
    environment = question.environment
    shape, sets = environment.shape, environment.belief_sets

    def worst(i, k, maps):
        others = [j for j in range(3) if j != i]
        values = []
        for belief in sets[i][k].vertices:
            total = F(0)
            for cell in grid(shape, others):
                here = joined(shape, (i,), (k,), cell)
                told = tuple(maps[j][t] if j in maps else t for j, t in enumerate(here))
                total += belief[cell] * pay(question, i, told, here)
            values.append(total)
        return min(values)

    def profitable(own):
        every = [list(itertools.product(range(shape[i]), repeat=shape[i])) for i in own]
        for chosen in itertools.product(*every):
            maps = dict(zip(own, chosen, strict=True))
            for types in grid(shape, own):
                gains = [worst(i, k, maps) - worst(i, k, {}) for i, k in zip(own, types, strict=True)]
                if min(gains) >= 0 and max(gains) > 0:
                    return True
        return False

    answer = checked(question)  # one belief of each type has full support: every profile is possible
    assert found_coalitions(answer, "ambiguous-ic") == [own for own in question.pattern if profitable(own)]


def test_a_grand_coalition_of_three_with_three_types_is_audited():
    constant = random_question(1, "ambiguous-ic", shape=(3, 3, 3))
    allocation = Rationals(np.stack([np.ones((3, 3, 3), int), *np.zeros((2, 3, 3, 3), int)]))
    constant = constant.asking(choice=Choice(allocation, constant.choice.transfers))
    assert holds(constant.solve(), "ambiguous-ic")  # nothing to gain: every one of 19,683 maps is compared


def test_where_bayes_rule_is_silent_the_file_has_to_speak():
    question = random_question(3, "interim-ic", shape=(2, 2))
    prior = Rationals.of([["1/2", 0], [0, "1/2"]])
    environment = question.environment
    silent = Environment(environment.agents, environment.outcomes, environment.utility, Beliefs.common(prior))
    # With two agents nobody is left out, so the pooled belief is about nobody; single agents have the prior.
    with pytest.raises(Silent, match="update"):
        question.asking(environment=silent).solve()
    uniform = Rationals.of([["1/4", "1/4"], ["1/4", "1/4"]])
    assert question.asking(environment=silent, update=uniform).solve().status in ("holds", "fails")


def test_ex_post_ic_and_weak_pareto_suffice_for_two():
    """Footnote 6 of chapter 2, over random functions; single coalitions are ex-post IC."""
    seen = {True: 0, False: 0}
    for seed in range(24):
        question = random_question(seed, "robust-ic", "weak-pareto", shape=(2, 2))
        alone = question.asking(pattern=pattern(2, []), checks=("robust-ic",)).solve()
        answer = checked(question) if seed < 3 else question.solve()
        seen[holds(answer, "weak-pareto")] += 1
        if holds(alone, "robust-ic") and holds(answer, "weak-pareto"):
            assert holds(answer, "robust-ic")
    assert min(seen.values()) >= 2


def test_no_bad_outcome_is_proved_by_multipliers():
    question = random_question(5, "bad-outcome", shape=(2, 2))
    found = checked(question).finding("bad-outcome")
    rows = question.environment.utility
    worst = [
        [min(pay(question, i, r, t) for r in np.ndindex(2, 2)) for t in np.ndindex(2, 2)] for i in range(2)
    ]
    sure = max(
        min(worst[i][k] - u[(a, *t)] for i, u in enumerate(rows) for k, t in enumerate(np.ndindex(2, 2)))
        for a in range(3)
    )
    assert F(found.witness["delta"]) >= sure  # a lottery does as well as any outcome


@pytest.mark.parametrize(
    ("check", "sets", "part"),
    [
        ("robust-monotonicity", False, "lies examined"),
        ("interim-monotonicity", False, "deceptions refuted"),
        ("ambiguous-monotonicity", True, "deceptions refuted"),
    ],
)
def test_a_search_says_how_far_it_is(check, sets, part):
    said = []
    random_question(1, check, shape=(2, 2), sets=sets).solve(progress=said.append)
    told = [int(s.split()[1]) for s in said if s.startswith(f"{check}: ") and s.endswith(part)]
    assert said[0].startswith(f"{check}, about") and told == list(range(len(told))) and len(told) > 5


# -- what a user can do wrong -------------------------------------------------------------------------------
BODY = """
agents: {a: [0, 1], b: [0, 1]}
outcomes: [x, y]
payoffs: {x: {a: a}, y: {b: b}}
given: {allocation: {table: [[x, y], [y, x]]}}
"""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("coalitions: {size: 3}", "from 1 to 2"),
        ("coalitions: {list: [[a, c]]}", "no agent is named 'c'"),
        ("coalitions: {islands: [[a]], size: 2}", "give one of"),
        ("coalitions: {checks: [robust]}", "robust-ic"),
        ("coalitions: {checks: [interim-ic]}", "needs beliefs"),
        ("coalitions: all\nrequire: {bb: ex-ante}\nbeliefs: {prior: uniform}", "one by one"),
    ],
)
def test_mistakes_are_told(lines, said):
    with pytest.raises(ValueError, match=said):
        implementation(mechlp.read_text(BODY + lines))


def test_what_is_missing_is_told():
    with pytest.raises(InvalidDesign, match="given"):
        implementation(mechlp.read_text(BODY.replace("given", "#given") + "coalitions: all"))
    with pytest.raises(InvalidDesign, match="coalitions: all"):
        implementation(mechlp.read_text(BODY))
    question = implementation(mechlp.read_text(BODY + "coalitions: all\ntransfers: none"))
    with pytest.raises(InvalidDesign, match="not feasible"):
        question.asking(choice=Choice(question.choice.allocation, Rationals.of([[[1, 0], [0, 0]]] * 2)))


def test_too_much_is_refused_with_its_number():
    text = BODY.replace("[0, 1]", "{types: {from: 0, to: 6, count: 7}}").replace(
        "{table: [[x, y], [y, x]]}", "{lottery: {x: 1}}"
    )
    with pytest.raises(InvalidDesign, match=r"ambiguous-ic would take about [\d,]{9,} comparisons.*--force"):
        implementation(mechlp.read_text(text + "coalitions: {checks: [ambiguous-ic]}")).solve()


# -- nothing that is claimed is believed --------------------------------------------------------------------
def test_forgeries_are_refused():
    data = guo("2.7.1", ["robust-ic", "bad-outcome", "weak-pareto"], gamma=F(5, 4)).to_json()
    for field, value in (("verdict", "holds"), ("words", ["it holds"]), ("check", "robust-strong-ic")):
        refused(data, put(("findings", 0, field), value))
    refused(data, put(("findings", 0, "witness", "deviations"), []))
    refused(data, put(("findings", 1, "witness", "delta"), "1000"))
    refused(data, put(("findings", 1, "witness", "multipliers"), {"3": "1"}))
    refused(data, put(("findings", 1, "witness", "outcome", "transfers"), [["-2000", "-2000"]]))
    refused(data, put(("findings", 2, "witness", "outcome", "lotteries"), [["1/2", "0"]]))
    refused(data, lambda d: d["findings"].pop())


# -- coalition patterns, and budgets in expectation ---------------------------------------------------------
def minimal_ones(question, check, fails):
    """Minimal patterns that fail, from what is said of each."""
    larger = [own for own in question.pattern if len(own) > 1]
    found = []
    for k in range(len(larger) + 1):
        for chosen in itertools.combinations(larger, k):
            if fails(chosen) and not any(set(other) <= set(chosen) for other in found):
                found.append(chosen)
    names = ["{" + ", ".join(f"a{i}" for i in own) + "}" for own in larger]
    shown = [", ".join(names[larger.index(own)] for own in chosen) for chosen in found]
    return "; ".join(f"single agents and {s}" if s else "single agents alone" for s in shown[:8])


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_minimal_patterns_are_those_that_fail_and_contain_no_other(seed):
    question = random_question(seed, "robust-ic", "robust-monotonicity", shape=(2, 2))
    if seed:
        question = random_question(seed, "robust-ic").asking(pattern=pattern(3, [(0, 1), (1, 2), (0, 1, 2)]))
    answer = checked(question.asking(within=True))
    for finding in answer.findings:
        alone = lambda chosen, check=finding.check: question.asking(  # noqa: E731
            pattern=pattern(question.environment.n, chosen), checks=(check,)
        )
        expected = minimal_ones(
            question, finding.check, lambda own, f=alone: f(own).solve().findings[0].holds is False
        )
        said = [w for w in finding.words if w.startswith("minimal patterns at which it fails")]
        assert said == ([f"minimal patterns at which it fails: {expected}"] if expected else [])
        assert finding.holds is question.solve().finding(finding.check).holds
    data = answer.to_json()
    refused(data, put(("findings", 0, "witness", "patterns"), data["findings"][0]["witness"]["patterns"][1:]))


BUDGET = """
agents: {one: [0, 1], two: [0, 1]}
outcomes: [x, y]
payoffs: {x: {one: one, two: 0}, y: {one: 0, two: two}}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: none, bb: BALANCE}
given: {allocation: {rule: {x: "one > two", y: 1}}, transfers: {one: "PAID - one", two: "one - 1/2"}}
coalitions: {named: all, checks: [CHECK]}
"""


@pytest.mark.parametrize("balance", ["ex-ante", "ex-ante-weak"])
def test_a_budget_in_expectation_is_one_of_the_function_alone(balance):
    text = BUDGET.replace("BALANCE", balance)
    fine = implementation(mechlp.read_text(text.replace("PAID", "1/2").replace("CHECK", "interim-ic")))
    assert checked(fine).findings[0].holds in (True, False)
    assert "interim-equilibrium" in fine.applicable and "weak-pareto" not in fine.applicable
    again = implementation(read_document(document_of(fine.asking())))
    assert again.feasible == fine.feasible and again.same(fine)
    with pytest.raises(InvalidDesign, match="one by one"):
        implementation(mechlp.read_text(text.replace("PAID", "1/2").replace("CHECK", "robust-monotonicity")))
    with pytest.raises(InvalidDesign, match=r"add up to 1/2 in expectation"):
        implementation(mechlp.read_text(text.replace("PAID", "1").replace("CHECK", "interim-ic")))
    less = text.replace("PAID", "0").replace("CHECK", "interim-ic")
    if balance == "ex-ante":
        with pytest.raises(InvalidDesign, match=r"add up to -1/2"):
            implementation(mechlp.read_text(less))
    else:
        assert implementation(mechlp.read_text(less)).choice is not None
