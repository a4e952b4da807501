"""The theorems about ambiguous transfers: verdicts on the published examples, and assumptions that fail."""

import random
from fractions import Fraction as F
from pathlib import Path

import pytest

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.beliefs import bdp, examine, ncp_star

CONFIGS = Path(__file__).parents[2] / "configs"
GUO = ("1.4.1", "1.4.2", "1.5.1", "1.5.2", "1.5.3")
PRIOR, NO_PRIOR = "there is a common prior", "there is no common prior"


def verdicts(source):
    """Each of Guo's theorems: its verdict, or the assumption that fails."""
    found = {t.name: t for t in examine(source).theorems if t.source == f"Guo (2018), Theorem {t.name}"}
    assert set(found) == set(GUO)
    return tuple(found[name].missing or found[name].holds for name in GUO)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1.4.1", (True, True, True, PRIOR, PRIOR)),  # BDP for both
        ("1.4.2", (True, True, True, PRIOR, PRIOR)),
        ("1.4.2-equal-beliefs", (False, False, True, PRIOR, PRIOR)),  # BDP for agent 1 alone
        ("a.1.1", (False, False, True, PRIOR, PRIOR)),  # BDP for agent 2 alone
        ("1.5.1", (NO_PRIOR, NO_PRIOR, NO_PRIOR, True, True)),  # BDP and NCP* for both
        ("1.5.2", (NO_PRIOR, NO_PRIOR, NO_PRIOR, None, True)),  # NCP* = (true, false), BDP for both
    ],
)
def test_published_examples(name, expected):
    assert verdicts(mechlp.read(CONFIGS / f"guo-2018-example-{name}.yaml").design.environment) == expected


def beliefs(first, second):
    agents = (
        Agent.of("a", [f"x{k}" for k in range(len(first))]),
        Agent.of("b", [f"y{k}" for k in range(len(second))]),
    )
    columns = [[row[k] for row in second] for k in range(len(first))]
    weights = (Rationals.of(first), Rationals.of(columns))
    utility = Rationals.zeros((1, len(first), len(second)))
    return Environment(agents, ("o",), (utility, utility), Beliefs(weights))


def test_independent_types_decide_against_all():
    environment = mechlp.read(CONFIGS / "myerson-satterthwaite.yaml", overrides={"m": "2"}).design.environment
    assert verdicts(environment) == (False, False, False, PRIOR, PRIOR)


def test_the_sufficient_conditions_decide_nothing_where_they_fail():
    """Types x0 and x1 of a share a belief; the types of b are tied together by a's beliefs, so NCP* fails for b.

    The measure with rows p, p, p' has the columns b0 = (2, 2, 1)/4 and b1 = (2, 2, 3)/4. Let b's first belief be b0 / (5/4) and
    her second proportional to b0 / (5/4) + b1 = (18, 18, 19)/20, so that C = 55/20 > 1: Definition 1.5.1 read off. A common
    prior would need the second proportional to (2, 2, 3).
    """
    first = [[F(1, 2), F(1, 2)], [F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]]
    tied = beliefs(first, [[F(2, 5), F(2, 5), F(1, 5)], [F(18, 55), F(18, 55), F(19, 55)]])
    assert [f.holds for f in bdp(tied)] == [False, True]
    assert ncp_star(tied)[1].holds is False
    assert verdicts(tied) == (NO_PRIOR, NO_PRIOR, NO_PRIOR, None, None)
    loose = beliefs(first, [[F(2, 5), F(2, 5), F(1, 5)], [F(2, 5), F(1, 5), F(2, 5)]])
    assert [f.holds for f in bdp(loose)] == [False, True]
    assert ncp_star(loose)[1].holds is True
    assert verdicts(loose) == (NO_PRIOR, NO_PRIOR, NO_PRIOR, None, True)


def test_impossible_pairs_and_single_agents_are_named():
    missing = "some pair of types is impossible"
    environment = beliefs([[F(1, 2), F(1, 2)], [F(0), F(1)]], [[F(1, 3), F(2, 3)], [F(1, 2), F(1, 2)]])
    assert verdicts(environment) == (missing,) * 5
    alone = Environment(
        (Agent.of("a", ["x", "y"]),), ("o",), ([[0, 0]],), Beliefs.common(Rationals.of([F(1, 2)] * 2))
    )
    assert verdicts(alone) == ("there is only one agent",) * 5


def one_informed(table):
    """Private values of two types of one agent, and of one type of the other."""
    agents = (Agent.of("a", ["x", "y"]), Agent.of("p", ["only"]))
    values = [Rationals.of([[[row[0]], [row[1]]] for row in own]) for own in table]
    prior = Beliefs.common(Rationals.of([[F(1, 3)], [F(2, 3)]]))
    return Environment(agents, ("o", "u", "v"), values, prior)


@pytest.mark.parametrize("seed", range(4))
def test_one_who_alone_has_several_types_is_paid_the_payoffs_of_the_others(seed):
    """Then truth is best whatever the beliefs, though convex independence fails for her, and the theorem asks for two of her kind."""
    rng = random.Random(seed)
    mine = [[0, 0]] + [[rng.randint(-3, 3) for _ in range(2)] for _ in range(2)]
    yours = [[0, 0]] + [[x, x] for x in (rng.randint(-3, 3) for _ in range(2))]
    environment = one_informed((mine, yours))
    found = next(t for t in examine(environment).theorems if t.name == "bayesian-private-values")
    design = Design(
        environment,
        allocation="efficient",
        ic="bayesian",
        ir="interim",
        bb="ex-post",
        objective="feasibility",
    )
    assert found.holds is True and design.solve().status == "feasible"


def test_agents_without_private_information_change_no_theorem():
    """Appendix A.2: Guo's verdicts on two agents are those with a third of one type, who pays or is paid."""
    for first in ([F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]):
        table = [
            [x * w for x in row]
            for w, row in zip((F(2, 5), F(3, 5)), (first, [F(1, 2), F(1, 2)]), strict=True)
        ]
        agents = [Agent.of("a", ["x", "y"]), Agent.of("b", ["x", "y"])]
        two = Environment(
            agents, ("o",), (Rationals.zeros((1, 2, 2)),) * 2, Beliefs.common(Rationals.of(table))
        )
        prior = Beliefs.common(Rationals.of([[[p] for p in row] for row in table]))
        third = Agent.of("p", ["only"])
        three = Environment([*agents, third], ("o",), (Rationals.zeros((1, 2, 2, 1)),) * 3, prior)
        assert verdicts(three) == verdicts(two)


@pytest.mark.parametrize("seed", range(8))
def test_without_a_common_prior_at_most_one_agent_is_tied_to_the_others(seed):
    """Lemma A.1.5: where BDP holds for all and there is no common prior, NCP* holds for all agents but one."""
    rng = random.Random(seed)
    row = lambda: (lambda w: [F(x, sum(w)) for x in w])([rng.randint(1, 4) for _ in range(2)])  # noqa: E731
    found = examine(beliefs([row(), row()], [row(), row()]))
    if found.holds("BDP") and found.holds("common prior") is False:
        assert sum(f.holds is True for f in found.findings if f.condition == "NCP*") >= 1
