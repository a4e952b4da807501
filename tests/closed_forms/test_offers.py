"""Rules without lotteries that a search begins at: an environment is recognised by its payoffs and its set, not by its names."""

from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from mechlp.closed_forms.offers import TradeAtMeans, offered
from mechlp.closed_forms.robust_trade import best_posted_thresholds, known_means_trade, posted
from mechlp.environment.belief_sets import BeliefSet


@pytest.mark.parametrize(("m", "mean_b", "mean_s"), [(6, F(4, 5), F(1, 5)), (9, F(9, 10), F(1, 10))])
def test_thresholds_of_known_means_are_the_best_posted_ones(m, mean_b, mean_s):
    _, at = best_posted_thresholds(m, mean_b, mean_s)
    rule = posted(m, mean_b, mean_s, at)
    (found,) = [trade for trade in TradeAtMeans.within(rule.environment) if trade.trade == 1]
    assert found.means == (mean_b, mean_s) and (found.buyer, found.trade) == (0, 1)
    assert np.array_equal(found.thresholds(), rule.allocation.numerator.argmax(axis=0))
    allowed = np.ones((2, m, m), dtype=bool)
    assert any(np.array_equal(r, found.thresholds()) for r in offered(rule.environment, allowed))


def test_what_is_not_such_a_trade_is_not_recognised():
    trade = known_means_trade([F(k, 5) for k in range(6)], F(4, 5), F(1, 5))
    assert list(TradeAtMeans.within(trade))
    loose = replace(trade, designer_set=BeliefSet.everything((6, 6)))
    assert not list(TradeAtMeans.within(loose))
    assert not list(TradeAtMeans.within(replace(trade, designer_set=None)))
