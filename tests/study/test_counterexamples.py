"""Payoffs that refute a verdict "for every profile of utilities": certified, and with the beliefs that were given."""

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp import Agent, Beliefs, Environment, Rationals
from mechlp.beliefs import examine
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.exact.errors import InvalidInput
from mechlp.study.counterexamples import counterexample

CONFIGS = Path(__file__).parents[2] / "configs"


def shipped(name):
    return mechlp.read(CONFIGS / f"{name}.yaml").design.environment


def of(beliefs, shape):
    agents = tuple(Agent.of(f"a{i}", [f"{'xyz'[i]}{k}" for k in range(size)]) for i, size in enumerate(shape))
    return Environment(agents, ("o",), tuple(Rationals.zeros((1, *shape)) for _ in shape), beliefs)


def joint(table):
    weights = np.array(table, dtype=np.int64)
    return of(Beliefs.common(Rationals(weights, int(weights.sum()))), weights.shape)


def apart(first, second):
    """Two agents without a common prior."""
    columns = [[row[k] for row in second] for k in range(len(first))]
    return of(Beliefs((Rationals.of(first), Rationals.of(columns))), (len(first), len(second)))


#: Types x0 and x1 of the first share a belief, and the second's are tied together by 3/2 of the measure with the columns (2, 2, 1)/4
#: and (2, 2, 3)/4: the first is 15/8 times y0's belief (2, 2, 1)/5, and this plus 3/2 of the second 29/8 times y1's.
TIED = apart(
    [[F(1, 2), F(1, 2)], [F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]],
    [[F(2, 5), F(2, 5), F(1, 5)], [F(46, 145), F(46, 145), F(53, 145)]],
)
THREE = joint(np.ones((2, 2, 2), dtype=int))
CASES = {
    "cremer-mclean": shipped("guo-2018-example-1.4.1"),
    "kosenok-severinov": joint(
        [[2, 1], [1, 1]]
    ),  # not identifiable, though convex independence holds for both
    "1.4.1": shipped("guo-2018-example-1.4.2-equal-beliefs"),
    "1.4.2": THREE,
    "1.5.1": THREE,
    "socially-rational": shipped("guo-2018-example-1.4.2-equal-beliefs"),
    "a.1.1": shipped("guo-2018-example-a.1.1"),
    "bayesian-private-values": joint([[2, 1], [1, 1]]),  # footnote 9: convex independence holds for both
    "footnote-10": TIED,
    "1.5.2-necessary": shipped("guo-2018-example-1.5.2"),
    "1.5.3-necessary": TIED,
}


@pytest.mark.parametrize("name", CASES)
def test_what_fails_is_refuted_by_a_certified_question(name):
    environment = CASES[name]
    examined = examine(environment)
    found = counterexample(environment, examined, name)
    design = found.answer.design
    assert found.theorem.holds is False and found.answer.status == "infeasible"
    assert verify(found.answer.to_json()).accepted
    made = design.environment
    assert made.agents == environment.agents
    for given, kept in zip(environment.beliefs.weights, made.beliefs.weights):
        assert given.same(kept)
    private = "private values" in found.theorem.statement
    for i in range(len(made.agents)) if private else ():
        own = np.moveaxis(made.utility[i].numerator, i + 1, -1).reshape(-1, made.shape[i])
        others = own.reshape(len(made.outcomes), -1, made.shape[i])
        assert (others == others[:, :1]).all()
    assert design.ic == ("bayesian" if "Bayesian" in found.theorem.statement else "ambiguous-transfers")
    # The rule is what the theorem promises: efficient, or of no negative expected surplus.
    if name == "a.1.1":
        assert made.designer is not None and design.allocation.shape == made.utility[0].shape
    else:
        assert design.allocation == "efficient"


def test_the_rule_of_example_a_1_1_is_refuted_for_any_two_types_with_one_belief():
    """The published example's own payoffs come out, up to which of the two types is first."""
    environment = CASES["a.1.1"]
    made = counterexample(environment, examine(environment), "a.1.1").answer.design
    assert (made.environment.surplus * made.allocation).sum() >= 0
    own = made.environment.utility[0]
    assert own[1].texts() == [["0", "0"], ["2", "2"], ["0", "0"]]
    assert own[2].texts() == [["2", "2"], ["0", "0"], ["0", "0"]]


@pytest.mark.parametrize(
    ("name", "words"),
    [("1.5.1", "it holds"), ("1.5.2", "there is a common prior"), ("nobody", "no theorem has this name")],
)
def test_what_does_not_fail_is_said(name, words):
    environment = CASES["1.4.1"]
    with pytest.raises(InvalidInput, match=words):
        counterexample(environment, examine(environment), name)


def test_hope_leaves_some_verdicts_and_takes_others():
    """Guo (2018), section 1.5.3: above one half Theorem 1.4.2 stands, of 1.4.1 and 1.5.1 what is sufficient; below nothing."""

    def held(environment, alpha):
        found = {t.name: t for t in examine(environment, alpha=F(alpha)).theorems}
        return [found[name].missing or found[name].holds for name in ("1.4.1", "1.4.2", "1.5.1")]

    unequal, equal = shipped("guo-2018-example-1.4.2"), CASES["1.4.1"]
    low = "alpha must exceed 1/2"
    assert held(unequal, 1) == held(unequal, "3/4") == [True, True, True]
    assert held(equal, 1) == [False, False, True] and held(equal, "3/4") == [None, False, True]
    assert held(unequal, "1/2") == held(equal, "1/4") == [low, low, low]
    found = counterexample(equal, examine(equal, alpha=F(3, 4)), "1.4.2", F(3, 4)).answer
    assert found.design.alpha == F(3, 4) and found.certified


def test_the_file_that_is_written_is_proved_impossible(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = str(CONFIGS / "guo-2018-example-1.4.2-equal-beliefs.yaml")
    words = ["check", source, "--counterexample", "1.4.2", "--out", "refuted.yaml"]
    first = CliRunner().invoke(main, words)
    assert first.exit_code == 1 and "prove it with: mechlp solve refuted.yaml" in first.output
    solved = CliRunner().invoke(main, ["solve", "refuted.yaml"])
    assert solved.exit_code == 1 and "IMPOSSIBLE" in solved.output and "[certified]" in solved.output
    assert CliRunner().invoke(main, ["verify", "refuted.answer.json"]).exit_code == 0
    again = CliRunner().invoke(main, words)
    assert again.exit_code == 2 and "exists already" in again.output
    assert CliRunner().invoke(main, ["check", source, "--out", "x.yaml"]).exit_code == 2
