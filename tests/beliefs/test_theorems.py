"""The theorems about ambiguous transfers: verdicts on the published examples, and assumptions that fail."""

from fractions import Fraction as F
from pathlib import Path

import pytest

import mechlp
from mechlp import Agent, Beliefs, Environment, Rationals
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
