"""Interim coalitional monotonicity, and type spaces in which what fails robustly fails (Guo 2018, 2.4.3 and B.1)."""

import itertools
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest
from click.testing import CliRunner
from small import put, refused
from test_implementation import checked, failing, found_coalitions, grid, holds, joined, pay, random_question

import mechlp
from mechlp.cli import main
from mechlp.environment.coalitions import pattern
from mechlp.files.coalitions import implementation
from mechlp.files.reader import read_document
from mechlp.files.writer import document_of
from mechlp.proof.implementation.patterns import at_each
from mechlp.proof.implementation.spaces import type_space
from mechlp.question.premises import InvalidDesign

SHAPE = (2, 2)
READINGS = ("interim-monotonicity", "interim-monotonicity-printed")


# -- the definition, with reward functions that give one outcome for each report ----------------------------
def belief(question, i, k, other):
    prior = question.environment.beliefs.prior
    cells = [prior[joined(SHAPE, (i,), (k,), (o,))] for o in range(2)]
    return cells[other] / sum(cells)


def expected(question, i, k, of):
    """What a type expects of a payoff that depends on the profile of types."""
    here = [joined(SHAPE, (i,), (k,), (o,)) for o in range(2)]
    return sum(belief(question, i, k, o) * of(cell) for o, cell in enumerate(here))


def worth(question, i, outcome, types):
    return F(question.environment.utility[i][(outcome, *types)])


def rewards(question, i):
    """Which of two outcomes, one for each report of the other, are rewards of agent i: no type would want them."""
    for y in itertools.product(range(3), repeat=2):
        at = [
            expected(question, i, k, lambda c, y=y: worth(question, i, y[c[1 - i]], c))
            <= expected(question, i, k, lambda c: pay(question, i, c, c))
            for k in range(2)
        ]
        if all(at):
            yield y


def refutes(question, i, k, maps):
    told = lambda cell: tuple(m[t] for m, t in zip(maps, cell, strict=True))  # noqa: E731
    now = expected(question, i, k, lambda c: pay(question, i, told(c), c))
    return any(
        expected(question, i, k, lambda c, y=y: worth(question, i, y[told(c)[1 - i]], c)) > now
        for y in rewards(question, i)
    )


def unacceptable(question, maps):
    pick = question.choice.allocation
    return [
        cell
        for cell in grid(SHAPE, range(2))
        if any(
            pick[(a, *cell)] != pick[(a, *(m[t] for m, t in zip(maps, cell, strict=True)))] for a in range(3)
        )
    ]


@pytest.fixture(scope="module")
def answers():
    found = []
    for seed in range(5):
        question = random_question(seed, *READINGS, shape=SHAPE).asking(pattern=pattern(2, []))
        found.append(checked(question))
    return found


def test_both_readings_come_out_both_ways_and_the_printed_one_asks_more(answers):
    verdicts = [tuple(f.holds for f in answer.findings) for answer in answers]
    assert {corrected for corrected, _ in verdicts} == {True, False}
    assert {printed for _, printed in verdicts} == {True, False}
    assert not any(printed and not corrected for corrected, printed in verdicts)


def test_no_deterministic_reward_refutes_a_deception_that_nobody_refutes(answers):
    for answer in answers:
        question = answer.design
        for finding in answer.findings:
            if finding.holds:
                continue
            maps, at = finding.witness["maps"], finding.witness.get("profile")
            wrong = unacceptable(question, maps)
            assert wrong if at is None else tuple(at) in wrong
            claims = [(i, k) for i in range(2) for k in range(2) if at is None or at[i] == k]
            assert not any(refutes(question, i, k, maps) for i, k in claims)


def test_every_unacceptable_deception_has_a_reward_that_is_one(answers):
    """Rewards of the witness by the definition, and what is left out by what the function gives to another report."""
    every = list(itertools.product(itertools.product(range(2), repeat=2), repeat=2))
    for answer in answers:
        finding = answer.finding("interim-monotonicity")
        if not finding.holds:
            continue
        question = answer.design
        saved = {tuple(map(tuple, item["maps"])): item for item in finding.witness["rewards"]}
        for maps in every:
            if not unacceptable(question, maps):
                continue
            if maps not in saved:
                assert refutes(question, 0, 0, maps) or any(
                    refutes(question, i, k, maps) for i in range(2) for k in range(2)
                )
                continue
            item = saved[maps]
            (name, k) = next(iter(item["types"].items()))
            i, k = int(name[1]), int(k)
            y = [[F(c) for c in row] for row in item["reward"]["lotteries"]]
            value = lambda c, r, y=y, i=i, q=question: sum(y[r][a] * worth(q, i, a, c) for a in range(3))  # noqa: E731
            for own in range(2):
                truth = expected(question, i, own, lambda c, i=i, q=question: pay(q, i, c, c))
                assert expected(question, i, own, lambda c, i=i, v=value: v(c, c[1 - i])) <= truth
            told = lambda c, m=maps: (m[0][c[0]], m[1][c[1]])  # noqa: E731
            now = expected(question, i, k, lambda c, i=i, q=question, t=told: pay(q, i, t(c), c))
            assert expected(question, i, k, lambda c, i=i, v=value, t=told: v(c, t(c)[1 - i])) > now


# -- without pooled information -----------------------------------------------------------------------------
def test_what_no_beliefs_without_pooling_allow_is_its_definition():
    """Each member may think all others, her fellow members among them, to be of any types."""
    seen = set()
    for seed in range(4):
        question = random_question(seed, "robust-ic-unpooled")
        shape = question.environment.shape

        def against_some(i, own, types, lie, question=question, shape=shape):
            mine = types[own.index(i)]
            best = None
            for cell in np.ndindex(*shape):
                if cell[i] == mine:
                    rest = [cell[j] for j in range(3) if j not in own]
                    change = pay(question, i, joined(shape, own, lie, rest), cell) - pay(
                        question, i, cell, cell
                    )
                    best = change if best is None else max(best, change)
            return best

        answer = checked(question)
        expected_ones = failing(question, against_some)
        assert found_coalitions(answer, "robust-ic-unpooled") == expected_ones
        seen |= {bool(expected_ones)}
    assert True in seen


def test_equilibria_without_pooling_are_those_of_incentive_compatibility():
    for seed in range(3):
        question = random_question(seed, "interim-ic-unpooled", "interim-equilibrium-unpooled", shape=(2, 2))
        answer = checked(question)
        assert holds(answer, "interim-equilibrium-unpooled") is holds(answer, "interim-ic-unpooled")


# -- type spaces --------------------------------------------------------------------------------------------
def again(question):
    """The question, written and read."""
    return implementation(read_document(document_of(question)))


def test_a_robust_failure_has_a_payoff_type_space_in_which_the_interim_condition_fails():
    for seed in range(3):
        answer = checked(random_question(seed, "robust-ic"))
        finding = answer.finding("robust-ic")
        space = type_space(answer.design, finding)
        assert holds(checked(again(space)), "interim-ic") is False
        # each member is sure: one other type profile has all the weight
        deviation = finding.witness["deviations"][0]
        for name, label in deviation["types"].items():
            i = int(name[1])
            row = space.environment.beliefs.conditional(i)[int(label)].fractions()
            assert sorted(set(row)) == [0, 1]


@pytest.fixture(scope="module")
def deceived():
    """A function whose robust monotonicity fails for single agents, and its type space."""
    for seed in range(10):
        question = random_question(seed, "robust-monotonicity", shape=SHAPE).asking(pattern=pattern(2, []))
        answer = question.solve()
        if holds(answer, "robust-monotonicity") is False:
            return answer, type_space(question, answer.findings[0])
    raise AssertionError


def test_a_deception_that_nobody_refutes_robustly_is_one_in_a_type_space(deceived):
    _, space = deceived
    found = checked(again(space))
    assert holds(found, "interim-refutation") is False
    assert all(w.sum() > 0 for w in (space.environment.beliefs.mass(i) for i in range(2)))
    # types are those of the payoff environment, several of each
    assert all(size > 2 for size in space.environment.shape)


def test_type_spaces_are_made_of_failures(deceived):
    answer, _ = deceived
    finding = answer.findings[0]
    with pytest.raises(InvalidDesign, match="does not fail"):
        type_space(answer.design, replace(finding, holds=True))
    with pytest.raises(InvalidDesign, match="not of bad-outcome"):
        type_space(answer.design, replace(finding, check="bad-outcome"))
    together = answer.design.asking(pattern=pattern(2, [(0, 1)]))
    with pytest.raises(InvalidDesign, match="only single agents"):
        type_space(together, finding)


def test_the_command_writes_a_type_space_or_says_why_not(tmp_path, root):
    config = str(root / "configs" / "guo-2018-2.7.1.yaml")
    space = tmp_path / "space.yaml"
    run = lambda *asked: CliRunner().invoke(main, ["implement", *asked, "--no-save"])  # noqa: E731
    failing = run(config, "--set", "gamma=5/4", "--check", "robust-ic", "--type-space", str(space))
    assert failing.exit_code == 1 and "is sure of (citizen2=1/2)" in failing.output
    found = run(str(space))
    assert found.exit_code == 1 and "interim-ic: FAILS" in found.output
    fine = run(config, "--check", "robust-ic", "--type-space", str(tmp_path / "none.yaml"))
    assert fine.exit_code == 0 and "robust-ic: HOLDS" in fine.output
    assert "was not written: none of robust-ic" in fine.output and not (tmp_path / "none.yaml").exists()


def test_too_many_deceptions_and_patterns_are_refused_with_their_number():
    question = random_question(0, "interim-monotonicity-printed", shape=(3, 3, 3))
    with pytest.raises(InvalidDesign, match="531,441,000 comparisons"):
        question.solve()
    many = random_question(0, "robust-ic", shape=(2, 2, 2, 2)).asking(
        pattern=pattern(4, [c for k in (2, 3, 4) for c in itertools.combinations(range(4), k)]), within=True
    )
    assert len(at_each(many)) == 2**11
    five = replace(many, pattern=(*many.pattern, (0, 1), (0, 2)))
    with pytest.raises(InvalidDesign, match="8,192 patterns"):
        at_each(five)


# -- files, and what is not believed ------------------------------------------------------------------------
TEXT = """
agents: {one: [s, t], two: [s, t]}
outcomes: [x, y]
payoffs: {x: {one: "1 if one == s else 0", two: 1}, y: {one: "0 if one == s else 1", two: 1}}
beliefs: {prior: uniform}
given: {allocation: {rule: {x: "one == s", y: 1}}}
coalitions: {named: singletons, deception: {one: DECEPTION}, checks: [interim-refutation]}
"""


def test_a_deception_of_a_file_is_refuted():
    answer = checked(implementation(mechlp.read_text(TEXT.replace("DECEPTION", "[t, s]"))))
    finding = answer.findings[0]
    assert finding.holds and "refuted by one of type" in finding.words[0]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("[s, t]", "nobody has to refute it"),
        ("[s]", "expected 2 messages"),
        ("[s, u]", "'u' is no type of one"),
    ],
)
def test_mistakes_are_told(told, said):
    with pytest.raises(ValueError, match=said):
        implementation(mechlp.read_text(TEXT.replace("DECEPTION", told)))


def test_a_deception_is_needed():
    with pytest.raises(InvalidDesign, match="add deception"):
        implementation(mechlp.read_text(TEXT.replace("deception: {one: DECEPTION}, ", "")))


def test_forgeries_are_refused(answers, deceived):
    failed = next(a for a in answers if a.findings[0].holds is False).to_json()
    refused(failed, put(("findings", 0, "witness", "maps"), [[0, 1], [0, 1]]), "acceptable")
    refused(failed, put(("findings", 0, "witness", "trees"), []), "a case for each claim")
    refused(failed, put(("findings", 0, "witness", "trees", 0), {"multipliers": {}}))
    refused(failed, put(("findings", 0, "witness"), {"rewards": []}), "not refuted")
    fine = next(a for a in answers if a.findings[0].holds and a.findings[0].witness["rewards"]).to_json()
    refused(fine, put(("findings", 0, "witness", "rewards", 0, "reward", "lotteries", 0), ["0", "0", "0"]))
    refused(fine, put(("findings", 0, "witness", "rewards", 0, "maps"), [[0, 1], [0, 1]]))
    refused(fine, put(("findings", 0, "witness", "rewards", 0, "types"), {"a0": "7"}), "nobody")
    space = again(deceived[1]).solve().to_json()
    refused(space, put(("findings", 0, "witness", "trees", 0), {"multipliers": {}}))
