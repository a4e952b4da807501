"""Belief conditions against their definitions, published verdicts, and each other."""

from fractions import Fraction as F
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mechlp
from mechlp.beliefs import bdp, common_prior, convex_independence, examine, identifiability, ncp_star
from mechlp.environment import outer
from mechlp.exact.numbers import Rationals, rational

CONFIGS = Path(__file__).parents[2] / "configs"


def holds(findings):
    return [f.holds for f in findings]


def environment(name):
    return mechlp.read(CONFIGS / f"{name}.yaml").design.environment


@st.composite
def priors(draw, agents=(2, 3), top=4):
    n = draw(st.sampled_from(agents))
    shape = tuple(draw(st.lists(st.integers(1, 3 if n == 2 else 2), min_size=n, max_size=n)))
    cells = draw(st.lists(st.integers(0, top), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    if not any(cells):
        cells[0] = 1
    return Rationals.of([F(c, sum(cells)) for c in cells]).reshape(shape)


def test_published_verdicts():
    e = environment("guo-2018-example-1.4.1")
    assert holds(bdp(e)) == [True, True]
    assert holds(convex_independence(e)) == [True, False]
    assert identifiability(e).holds is False
    assert holds(bdp(environment("guo-2018-example-1.4.2-equal-beliefs"))) == [True, False]
    assert holds(bdp(environment("guo-2018-example-a.1.1"))) == [False, True]
    five = environment("guo-2018-example-1.5.1")
    assert holds(bdp(five)) == [True, True]
    assert holds(ncp_star(five)) == [True, True]
    assert common_prior(five).holds is False
    assert holds(ncp_star(environment("guo-2018-example-1.5.2"))) == [True, False]
    kosenok = environment("kosenok-severinov")
    assert holds(convex_independence(kosenok)) == [True] * 3
    assert identifiability(kosenok).holds is True


@settings(max_examples=60, deadline=None)
@given(priors())
def test_witnesses_prove_what_they_say(prior):
    source = mechlp.Beliefs.common(prior)
    for i, finding in enumerate(convex_independence(prior)):
        rows = source.conditional(i)
        types = [k for k in range(len(rows)) if source.mass(i)[k] > 0]
        if finding.holds:
            for name, bet in finding.witness.get("side bets", {}).items():
                k = int(name[1:]) - 1
                values = [sum(p * rational(b) for p, b in zip(rows[h].fractions(), bet)) for h in types]
                assert values[types.index(k)] == 0
                assert all(v < 0 for h, v in zip(types, values) if h != k)
        else:
            k, parts = finding.witness["type"], finding.witness["combination"]
            total = [
                sum(rational(w) * rows[int(h)].fractions()[c] for h, w in parts.items())
                for c in range(rows.shape[1])
            ]
            assert total == rows[k].fractions()
            assert str(k) not in parts
    for i, finding in enumerate(bdp(prior)):
        rows, mass = source.conditional(i), source.mass(i)
        same = [
            (x, y)
            for x, y in combinations(range(len(rows)), 2)
            if mass[x] and mass[y] and rows[x].same(rows[y])
        ]
        assert finding.holds == (not same)


@settings(max_examples=40, deadline=None)
@given(priors())
def test_convex_independence_implies_distinct_beliefs(prior):
    for ci, distinct in zip(convex_independence(prior), bdp(prior)):
        assert distinct.holds or not ci.holds


@settings(max_examples=25, deadline=None)
@given(priors(agents=(2,)))
def test_two_agents_are_identifiable_iff_independent(prior):
    # Kosenok and Severinov (2008); the product test is written here from the definition of independence.
    rows, columns = prior.sum(axis=1).fractions(), prior.sum(axis=0).fractions()
    product = all(prior[x, y] == rows[x] * columns[y] for x in range(len(rows)) for y in range(len(columns)))
    finding = identifiability(prior)
    assert finding.holds == product
    if not product:
        other = Rationals.of(finding.witness["other prior"])
        assert other.sum() == 1
        assert not other.same(prior)


@settings(max_examples=25, deadline=None)
@given(priors())
def test_beliefs_of_a_prior_have_a_common_prior_and_perturbed_ones_differ(prior):
    assert common_prior(mechlp.Beliefs(mechlp.Beliefs.common(prior).weights)).holds


def test_a_support_in_two_pieces_is_not_identifiable():
    prior = np.zeros((2, 2, 2), dtype=int)
    prior[0, 0, 0], prior[1, 1, 1] = 1, 2  # any weights of the two profiles have the same conditionals
    finding = identifiability(Rationals(prior, 3))
    assert finding.holds is False
    other = Rationals.of(finding.witness["other prior"])
    assert other[0, 0, 0] + other[1, 1, 1] == 1 and not other.same(Rationals(prior, 3))


def test_beliefs_that_no_prior_mixes_take_one_program_and_beliefs_alike_none():
    said = []
    weights = np.random.default_rng(1).integers(1, 20, (3, 3, 3))
    assert identifiability(Rationals(weights, int(weights.sum())), progress=said.append).holds
    assert len(said) == 1
    assert identifiability(Rationals(np.ones((9, 9, 9), dtype=int), 9**3), progress=said.append).holds
    assert len(said) == 1


def test_equality_is_exact():
    tiny = F(1, 10**30)
    prior = [[F(1, 4) + tiny, F(1, 4) - tiny], [F(1, 4), F(1, 4)]]
    assert holds(bdp(prior)) == [True, True]
    assert holds(bdp([[F(1, 4), F(1, 4)], [F(1, 4), F(1, 4)]])) == [False, False]


def test_independent_types_satisfy_nothing_but_identifiability():
    prior = outer([Rationals.of([F(1, 3), F(2, 3)]), Rationals.of([F(1, 2), F(1, 2)])])
    assert holds(bdp(prior)) == holds(convex_independence(prior)) == [False, False]
    assert identifiability(prior).holds


def test_zero_pairs_withhold_the_theorems():
    text = (
        "agents: {a: [x, y], b: [z, w]}\noutcomes: [o]\nbeliefs: {prior: {table: [[1/3, 0], [1/3, 1/3]]}}\n"
    )
    found = examine(mechlp.read_text(text).design.environment)
    assert found.holds("BDP") is True
    assert all(t.holds is None and t.missing for t in found.theorems)


def test_beliefs_are_needed():
    with pytest.raises(mechlp.InvalidEnvironment, match="no beliefs"):
        examine(mechlp.read_text("agents: {a: [x]}\noutcomes: [o]\n").design.environment)
