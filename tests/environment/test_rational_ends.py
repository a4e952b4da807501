"""Irrational numbers between rational ends: digits known from elsewhere, identities, and formulas that use them."""

from fractions import Fraction as F

import numpy as np
import pytest

from mechlp.environment.formulas import InvalidFormula, Undecided, enclose, evaluate
from mechlp.exact.enclosed import Enclosed, exponential_ends, logarithm_ends, power_ends
from mechlp.exact.numbers import Rationals

NAMES = {"x": Rationals.of([0, 1, 2, F(9, 4)])}


# Digits: OEIS A001113 (e), A002162 (log 2), A002193 (square root of 2), A002580 (cube root of 2), A007507 (2 ** sqrt 2).
@pytest.mark.parametrize(
    ("ends", "digits"),
    [
        (exponential_ends(F(1)), "2.71828182845904523536028747135266249775724709369995"),
        (logarithm_ends(F(2)), "0.69314718055994530941723212145817656807550013436026"),
        (power_ends(F(2), F(1, 2)), "1.41421356237309504880168872420969807856967187537695"),
        (power_ends(F(2), F(1, 3)), "1.25992104989487316476721060727822835057025146470151"),
        (power_ends(F(1, 2), F(-1, 2)), "1.41421356237309504880168872420969807856967187537695"),
        (exponential_ends(F(1), 150), "2.71828182845904523536028747135266249775724709369995"),
    ],
)
def test_known_digits_lie_between_ends(ends, digits):
    low, high = ends
    assert low < F(digits) < high or (low <= F(digits) + F(1, 10**49) and high >= F(digits))
    assert high - low <= F(1, 2**58) * high


def test_ends_are_relative_to_the_size_of_the_number():
    low, high = power_ends(F(2, 10**40), F(1, 2))
    assert low**2 < F(2, 10**40) < high**2
    assert high / low - 1 < F(1, 2**58)


@pytest.mark.parametrize(
    ("formula", "exact"),
    [
        ("x ** (1/2) * 2 if x != 2 else 0", [0, 2, 0, 3]),
        ("sqrt(x) if x >= 9/4 else x", [0, 1, 2, F(3, 2)]),
        ("min(exp(x), 1)", [1, 1, 1, 1]),
        ("1 if log(2) < 7/10 and exp(1) > 5/2 else 0", 1),
        ("cara(x, 0)", [0, 1, 2, F(9, 4)]),
        ("1/x if x > 0 else -1", [-1, 1, F(1, 2), F(4, 9)]),
        ("8 ** (-2/3)", F(1, 4)),
    ],
)
def test_rational_values_are_recognised(formula, exact):
    assert evaluate(formula, NAMES).tolist() == exact


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("cara(x, 2)", lambda x: (1 - np.exp(-2 * x)) / 2),
        ("crra(x, 1/2)", lambda x: 2 * np.sqrt(x)),
        ("crra(x + 1, 1)", lambda x: np.log(x + 1)),
        ("crra(x + 1, 2)", lambda x: -1 / (x + 1)),
        (
            "-sqrt(x + 2) * exp(-x) / (1 + log(x + 3))",
            lambda x: -np.sqrt(x + 2) * np.exp(-x) / (1 + np.log(x + 3)),
        ),
        ("(x + 1) ** (x / 3)", lambda x: (x + 1) ** (x / 3)),
        ("sqrt(x) ** sqrt(2) - abs(-exp(x))", lambda x: np.sqrt(x) ** np.sqrt(2) - np.exp(x)),
    ],
)
def test_formulas_against_floats(formula, value):
    found = Enclosed.of(enclose(formula, NAMES))
    wanted = value(NAMES["x"].float)
    assert np.all(found.low <= found.high)
    assert np.allclose(found.low.float, wanted, rtol=1e-13) and np.allclose(
        found.high.float, wanted, rtol=1e-13
    )


def test_more_bits_lie_within_fewer():
    few, many = (Enclosed.of(enclose("exp(-x) * sqrt(x + 3)", NAMES, bits)) for bits in (40, 200))
    assert np.all((few.low <= many.low) & (many.high <= few.high))
    assert np.all(many.high - many.low < F(1, 2**190))


def test_risk_aversion_can_be_left_out():
    assert enclose("cara(x, 2) + crra(2*x, 1/2)", NAMES, neutral=True).tolist() == [0, 3, 6, F(27, 4)]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("sqrt(x - 1)", "negative"),
        ("log(x)", "positive"),
        ("exp(1000)", "beyond"),
        ("2 ** 10 ** 6", "exponent"),
        ("cara(x, x)", "one rational number"),
        ("sqrt(x, 2)", "one value"),
        ("sin(x)", "functions are min, max, abs, sqrt"),
    ],
)
def test_refused(formula, said):
    with pytest.raises(InvalidFormula, match=said):
        enclose(formula, NAMES)


def test_what_must_be_exact_is_not_rounded():
    with pytest.raises(InvalidFormula, match="irrational"):
        evaluate("sqrt(2)", NAMES)


def test_equal_irrational_numbers_stay_undecided():
    with pytest.raises(Undecided):
        enclose("1 if sqrt(8) == 2 * sqrt(2) else 0", NAMES)
