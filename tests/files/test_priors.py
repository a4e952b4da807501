"""Priors as people have them: weights, rounded floats, observations, families, copulas; and what is said when they are wrong."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from scipy import stats

import mechlp
from mechlp import Agent, Environment, InvalidEnvironment, InvalidFile
from mechlp.environment.families import FAMILIES, InvalidFamily, coupled, marginal
from mechlp.exact.numbers import Rationals

AUCTION = """agents:
  bidder: {copies: 2, types: [1, 2, 3, 4]}
outcomes: single-good
beliefs: {prior: PRIOR}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""


def prior_of(prior, text=AUCTION):
    return mechlp.read_text(text.replace("PRIOR", prior)).design.environment.beliefs.prior


def test_weights_are_divided_by_their_sum_exactly():
    counts = [[3, 1, 0, 2], [1, 5, 1, 0], [0, 1, 7, 1], [2, 0, 1, 3]]
    assert prior_of(f"{{weights: {counts}}}").tolist() == [[F(c, 28) for c in row] for row in counts]
    assert prior_of("{product: {bidder: {weights: [1, 2, 3, 4]}}}").tolist() == [
        [F(a * b, 100) for b in range(1, 5)] for a in range(1, 5)
    ]
    assert prior_of("{weights: bidder1 + bidder2}")[0, 3] == F(5, 80)


#: Discretised exponential chances as scipy prints them: they sum to 1.000001.
ROUNDED = "[0.632121, 0.232544, 0.085548, 0.049788]"


def test_a_sum_that_misses_one_by_rounding_says_how_to_mend_it():
    with pytest.raises(InvalidFile) as caught:
        prior_of(f"{{product: {{bidder: {ROUNDED}}}}}")
    said = str(caught.value)
    assert "sums to 1000001/1000000" in said and "normalise: true" in said and "missing" not in said
    own = [F(632121, 1000001), F(232544, 1000001), F(85548, 1000001), F(49788, 1000001)]
    for mended in (
        f"{{product: {{bidder: {ROUNDED}}}, normalise: true}}",
        f"{{product: {{bidder: {ROUNDED}}}}}, normalise: true",
    ):
        assert prior_of(mended).tolist() == [[a * b for b in own] for a in own]
    assert "normalise" not in _said("{product: {bidder: [1/2, 1/3, 1/3, 1/3]}}")


def _said(prior):
    with pytest.raises(InvalidFile) as caught:
        prior_of(prior)
    return str(caught.value)


def test_per_type_beliefs_are_normalised_row_by_row():
    text = (
        AUCTION.replace("prior: PRIOR", "normalise: true, per-type: {bidder: ROWS}")
        .replace("ROWS", str([[0.3, 0.3, 0.3, 0.0999999]] * 4))
        .replace("objective: revenue", "objective: feasibility")
    )
    beliefs = mechlp.read_text(text).design.environment.beliefs
    assert beliefs.conditional(0)[2, 3] == F(999999, 9999999)
    assert beliefs.conditional(1)[0].sum() == 1


def test_floats_from_numpy_are_accepted_on_request():
    made = dict(agents=[Agent.of("b", [1, 2, 3])], outcomes=["k", "s"], utility=[[[0, 0, 0], [1, 2, 3]]])
    with pytest.raises(InvalidEnvironment, match="normalise=True"):
        Environment(**made, beliefs=np.ones(3) / 3)
    assert Environment(**made, beliefs=np.ones(3) / 3, normalise=True).beliefs.prior.tolist() == [F(1, 3)] * 3
    odd = np.exp(-np.arange(3.0))
    prior = Environment(**made, beliefs=odd / odd.sum(), designer=[2, 1, 1], normalise=True)
    assert prior.beliefs.prior.sum() == 1 and prior.designer[0] == F(1, 2)
    with pytest.raises(InvalidEnvironment, match="negative"):
        Environment(**made, beliefs=[2, -1, 0], normalise=True)


def test_a_csv_of_observed_profiles_is_the_common_prior(tmp_path):
    rows = [(1, 1), (2, 3), (2, 3), (4, 4), (1, 2), (3, 1), (1, 1), (4, 2)]
    (tmp_path / "sample.csv").write_text("bidder2,bidder1\n" + "".join(f"{b},{a}\n" for a, b in rows))
    path = tmp_path / "auction.yaml"
    path.write_text(AUCTION.replace("PRIOR", "{data: sample.csv}"))
    design = mechlp.read(path).design
    expected = np.zeros((4, 4), dtype=int)
    for a, b in rows:
        expected[a - 1, b - 1] += 1
    assert design.environment.beliefs.prior.same(Rationals(expected, len(rows)))
    again = mechlp.read_text(AUCTION.replace("PRIOR", f"{{data: {[[*row] for row in rows]}}}"))
    assert again.design.environment.beliefs.prior.same(design.environment.beliefs.prior)
    path.with_name("sample.csv").write_text("bidder1,bidder2\n1,5\n")
    with pytest.raises(
        InvalidFile, match=r"sample\.csv:2: bidder2: 5 is not on her grid; the nearest type is 4"
    ):
        mechlp.read(path)


# -- families -----------------------------------------------------------------------------------
VALUES = [F(k, 2) for k in range(6)]


@pytest.mark.parametrize(
    ("family", "numbers", "chances"),
    [
        ("beta", {"alpha": F(2), "beta": F(3)}, np.diff(stats.beta.cdf(np.arange(7) / 6, 2, 3))),
        ("beta", {"alpha": F(1, 2), "beta": F(3, 2)}, np.diff(stats.beta.cdf(np.arange(7) / 6, 0.5, 1.5))),
        ("exponential", {"rate": F(2, 3)}, np.exp(-2 / 3 * np.arange(6) / 2)),
        ("truncated-normal", {"mean": F(1), "deviation": F(3, 4)}, stats.norm.pdf(np.arange(6) / 2, 1, 0.75)),
    ],
)
def test_families_are_what_scipy_says(family, numbers, chances):
    found = marginal(family, 6, VALUES, **numbers)
    assert found.sum() == 1
    assert np.allclose(found.float, chances / chances.sum(), rtol=1e-11)


def test_beta_with_whole_parameters_is_exact():
    # F(x) = 6 x^2 - 8 x^3 + 3 x^4 is the distribution function of Beta(2, 3).
    below = [6 * x**2 - 8 * x**3 + 3 * x**4 for x in (F(k, 5) for k in range(6))]
    assert marginal("beta", 5, alpha=F(2), beta=F(3)).tolist() == [
        b - a for a, b in itertools.pairwise(below)
    ]
    assert marginal("beta", 5, alpha=F(3), beta=F(1)).same(marginal("power", 5, exponent=F(3)))


def test_rounded_weights_have_the_digits_that_are_stated():
    weights = marginal("exponential", 3, VALUES[:3], rate=F(1)).fractions()
    assert weights[1] / weights[0] == F("0.606530659713")  # exp(-1/2) to 12 digits
    assert weights[2] / weights[0] == F("0.367879441171")  # exp(-1)
    assert "12 significant digits" in FAMILIES["exponential"].about


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            "{family: zipf}",
            "uniform, trapezoid, triangular, geometric, power, beta, exponential, truncated-normal",
        ),
        ("{family: normal}", "truncated-normal is meant"),
        ("beta", "takes alpha and beta, as in {family: beta, alpha: ..., beta: ...}"),
        ("{family: beta, alpha: 2}", "takes alpha and beta"),
        ("{family: exponential, rate: 1, mean: 2}", "mean is not known there"),
        ("{family: exponential, rate: 0}", "rate must be positive"),
        ("{family: exponential, rate: 1000}", "so far in the tail"),
        ("{family: beta, alpha: 0, beta: 1}", "must be positive"),
        ("{family: beta, alpha: 100, beta: 1}", "at most 64"),
        ("{famly: beta}", "the families are {family: uniform}; "),
        ("{family: power, exponent: [1]}", "expected a single value"),
        ("{weights: [1, 2]}", "expected 4 entries"),
        ("{weights: [0, 0, 0, 0]}", "sums to 0"),
    ],
)
def test_wrong_marginals(given, words):
    assert words in _said(f"{{product: {{bidder: {given}}}}}").replace("\n", " ")


def test_labels_have_no_density():
    with pytest.raises(InvalidFamily, match="needs types that are numbers"):
        marginal("exponential", 3, rate=F(1))


# -- copulas ------------------------------------------------------------------------------------
def test_a_copula_keeps_the_marginals_and_couples_them():
    first, second = Rationals.of(["1/3", "2/3"]), Rationals.of(["1/4", "1/4", "1/2"])
    half = Rationals.of([["1/2", 0], [0, "1/2"]])
    prior = coupled([first, second], half)
    assert prior.sum(axis=1).same(first) and prior.sum(axis=0).same(second)
    # The mass 1/2 of the box [0, 1/2]^2 is spread evenly: [0, 1/3] x [0, 1/4] holds (2/3)(1/2) of it.
    assert prior[0, 0] == F(1, 6)
    independent = coupled([first, second], Rationals.of([["1/4", "1/4"], ["1/4", "1/4"]]))
    assert independent.same(first.reshape(2, 1) * second.reshape(1, 3))


def test_a_copula_in_a_file():
    found = prior_of("{product: {bidder: uniform}, copula: [[1/2, 0], [0, 1/2]]}")
    assert found.tolist() == [[F(1, 8)] * 2 + [0] * 2] * 2 + [[0] * 2 + [F(1, 8)] * 2] * 2
    assert "marginals of a copula are uniform" in _said(
        "{product: {bidder: uniform}, copula: [[1/2, 0], [1/2, 0]]}"
    )
    assert "as many dimensions" in _said("{product: {bidder: uniform}, copula: [1/2, 1/2]}")
    assert "goes with product" in _said("{mixture: {weight: 1/2}, copula: [[1]]}")
    assert "expected 2 entries, found 1" in _said("{product: {bidder: uniform}, copula: [[1/2, 0], [1/2]]}")
