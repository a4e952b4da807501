"""Lemma 2 of Zhang (2021): thresholds are unique, and located by ball arithmetic."""

from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechlp.closed_forms.located_thresholds import half_side
from mechlp.closed_forms.robust_trade import RobustTrade

UNIT = st.fractions(F(1, 30), F(29, 30), max_denominator=30)


@settings(max_examples=20)
@given(UNIT, UNIT, st.fractions(F(1, 10), 10, max_denominator=50))
def test_the_printed_equations_are_the_first_order_conditions_of_the_guarantee(r1, r2, log):
    """With the logarithm as a letter, (27) and (28) name the means at which both derivatives of W vanish; there W = r1 (1 - r2)."""
    low, high = r1, 1 - r2
    gap = high - low
    if gap == 0:
        return
    mean_s = r1 * high * r2**2 / gap**2 * log - r1 * r2**2 / gap  # (42)
    mean_b = mean_s * (1 - r1) ** 2 / r2**2 + r1 * (2 - r1)  # the relation of H1 and H2 after (73)
    mean = gap / log
    gains = (mean_b - r1) / (1 - r1) - mean_s / r2
    in_low, in_high = (mean / low - 1) / log, (1 - mean / high) / log
    assert in_low * gains == mean * (1 - mean_b) / (1 - r1) ** 2
    assert in_high * gains == mean * mean_s / r2**2
    assert mean * gains == r1 * (1 - r2)


@pytest.mark.parametrize(
    "means", [("0.7", "0.3"), ("0.8", "0.5"), ("0.52", "0.5"), ("0.9", "0.05"), ("0.999", "0.9")]
)
def test_thresholds_are_located(means):
    means = tuple(map(F, means))
    assert half_side(means, RobustTrade(*means).thresholds) == F(1, 10**9)


def test_a_square_without_the_thresholds_is_not_proved():
    """On the diagonal they are known, ``r1 = 1 - r2`` (Theorem 1): squares about other points grow until they hold them."""
    means = F(7, 10), F(3, 10)
    r1, r2 = RobustTrade(*means).thresholds
    assert half_side(means, (r1 + 3e-5, r2)) >= F(3, 10**5)
    assert half_side(means, (r1, r2 - 0.02)) is None
    with pytest.raises(ValueError, match="M_S < M_B"):
        half_side((F(1, 2), F(1, 2)), (0.5, 0.5))
