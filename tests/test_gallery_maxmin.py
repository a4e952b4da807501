"""The shipped environments of maxmin agents give what their papers say, certified and verified."""

from fractions import Fraction as F

import pytest
from test_gallery import solved

from mechlp.closed_forms.known_means import GridAuction


@pytest.mark.parametrize(
    ("n", "c_star", "v_star"),
    [(5, F(1, 4), F(3, 4)), (7, F(1, 6), F(5, 6)), (7, F(1, 3), F(5, 6)), (6, F(1, 7), F(4, 5))],
)
def test_known_means(n, c_star, v_star):
    possible = GridAuction(n, c_star, v_star).excess <= 0
    answer = solved("wolitzky-2015-bilateral-trade", n=n, c_star=c_star, v_star=v_star)
    assert answer.status == ("feasible" if possible else "infeasible")


@pytest.mark.parametrize("n", [3, 6, 9])
def test_wald_beliefs_always_allow_efficient_trade(n):
    assert solved("de-castro-yannelis-2010-wald", n=n).status == "feasible"


def test_bayesian_agents_fail_from_six_types_on():
    """Myerson and Satterthwaite on the same grid: the least subsidy is (n-5)/(6n)."""
    ask = {"ic": "bayesian", "bb": "ex-ante-weak"}
    assert solved("de-castro-yannelis-2010-wald", ask, n=5).status == "feasible"
    assert solved("de-castro-yannelis-2010-wald", ask, n=6).status == "infeasible"


def test_information_acquisition():
    assert solved("wolitzky-2015-information-acquisition", n=5).status == "feasible"
