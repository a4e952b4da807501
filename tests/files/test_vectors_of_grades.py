"""Priors over a bidder's values of several grades: forms that mean the same, a correlated one by hand, what is wrong, the way back."""

from dataclasses import replace
from fractions import Fraction as F

import pytest

import mechlp
from mechlp.files import InvalidFile, document_of, read_document
from mechlp.files.representative import read_symmetric
from mechlp.question.design import Design

GRADED = """
parameters: {w: 1/2}
agents: {bidder: {copies: 2, types: {from: 0, to: 1, count: COUNT, dimensions: 2}}}
outcomes: graded-good
beliefs: {prior: {product: {bidder: PRIOR}}}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""


def read(prior, count=2, copies=2):
    return mechlp.read_text(GRADED.replace("PRIOR", prior).replace("COUNT", str(count)).replace("copies: 2", f"copies: {copies}"))


def chances(prior, count=2):
    environment = read(prior, count).design.environment
    return dict(zip(environment.agent.types, environment.prior.fractions(), strict=True))


@pytest.mark.parametrize(
    "prior",
    [
        "{mixture: w}",
        "[[3/8, 1/8], [1/8, w - 1/8]]",
        "{weights: [[3, 1], [1, 3]]}",
        "{marginals: uniform, copula: [[3/8, 1/8], [1/8, 3/8]]}",
        "{marginals: {0: [1/2, 1/2], 1: {weights: [2, 2]}}, copula: [[3/8, 1/8], [1/8, 3/8]]}",
    ],
)
def test_one_distribution_in_several_words(prior):
    assert chances(prior) == {"(0, 0)": F(3, 8), "(0, 1)": F(1, 8), "(1, 0)": F(1, 8), "(1, 1)": F(3, 8)}


def test_grades_may_have_distributions_of_their_own_and_the_last_runs_fastest():
    expected = {"(0, 0)": F(1, 6), "(0, 1)": F(1, 3), "(1, 0)": F(1, 6), "(1, 1)": F(1, 3)}
    assert chances("{0: uniform, 1: [1/3, 2/3]}") == chances("[[1/6, 1/3], [1/6, 1/3]]") == expected


def test_a_vector_without_a_chance_is_no_type():
    """Grades that are worth the same are one good: two bidders worth 0, 1/2 or 1, whose virtual values are -1, 0 and 1."""
    reading = read("{mixture: 1}", count=3)
    assert reading.design.environment.agent.types == ("(0, 0)", "(1/2, 1/2)", "(1, 1)")
    assert reading.design.solve().value == 1 - F(2, 3) ** 2


def test_correlated_grades_are_what_the_whole_grid_says():
    design = read("[[1/8, 1/4], [3/8, 1/4]]", copies=1).design
    whole = Design(design.environment.full(), ic="bayesian", ir="interim", bb="none", objective="revenue").solve()
    assert design.solve().value == whole.value


def test_a_prior_of_vectors_is_written_and_read_back():
    design = read("[[0, 1/4], [1/4, w]]").design
    for own in (read_document(document_of(design)).design, read_symmetric(document_of(replace(design, document=None)))):
        assert own.environment.prior.same(design.environment.prior) and own.environment.agent.types == design.environment.agent.types
        assert own.environment.values.same(design.environment.values)


@pytest.mark.parametrize(
    ("prior", "said"),
    [
        ("[[1/4, 1/4], [1/4, 1/2]]", "bidder: the distribution of bidder's values sums to 5/4, expected 1"),
        ("[[1/2, 1/2]]", "bidder: expected 2 entries, found 1"),
        ("{weights: [[1, -1], [1, 1]]}", r"bidder.weights\[0\]\[1\]: .* negative probability -1"),
        ("{mixture: 2}", "bidder.mixture: weight must lie in"),
        ("{mixture: [1]}", "bidder.mixture: expected the chance"),
        ("{0: uniform}", "a distribution for each grade is needed, 0, 1; found 0"),
        ("{0: uniform, 1: [1, 1]}", "bidder.1: the marginal of grade 1 sums to 2"),
        ("{copula: [[1]]}", "found copula; expected a distribution of every grade"),
        ("{marginals: uniform, copula: [[1/2, 0], [0, 1/3]]}", "bidder.copula: the marginals of a copula are uniform"),
    ],
)
def test_what_is_wrong_is_said(prior, said):
    with pytest.raises(InvalidFile, match=said):
        read(prior)
