"""Truth against mixtures of reports (Wolitzky 2015, footnotes 7, 8, 12, 22): by hand, from the definitions, and by a textbook simplex."""

import random
from fractions import Fraction as F

import pytest
from oracle import simplex

from mechlp.study.closed_forms import closed_form
from mechlp.study.hedging import _hedging


def test_by_hand_a_seller_hedges_against_a_reference_rule():
    """c* = v* = p* = 1/2, costs and values 0, 1/4, ..., 1.  Truth pays the seller 0 the lesser of v and 1/2, at worst 1/4 (v = 0 or 1).
    12/19 of truth, 4/19 of 3/4 and 3/19 of 1 pay 12 v/19 at every v, and so 6/19 whatever the distribution: footnote 22 is wrong
    for types that expect to trade.  Turning the order around does no harm, as it says."""
    found = closed_form("reference-rule", {"c_star": "1/2", "v_star": "1/2", "p_star": "1/2", "n": 5})
    said = " ".join(found.on_grid)
    assert found.holds
    assert found.numbers["hedging_gain"] == F(6, 19) - F(1, 4)
    assert (
        "gains 5/76 by mixing 12/19 x 0 + 4/19 x 3/4 + 3/19 x 1: worst case 6/19, where truth has 1/4" in said
    )
    assert "minmax IC holds" in said
    for v in (F(k, 4) for k in range(5)):
        paid = F(12, 19) * min(v, F(1, 2)) + F(4, 19) * F(3, 4) * (v >= F(3, 4)) + F(3, 19) * (v == 1)
        assert paid == F(12, 19) * v


def test_values_are_caught_between_a_mixture_and_a_belief():
    hedged, minmax = 0, set()
    for seed in range(24):
        dice = random.Random(seed)
        reports, vertices = dice.randint(2, 4), dice.randint(1, 4)
        told = [[F(dice.randint(-3, 3)) for _ in range(vertices)] for _ in range(reports)]
        own = dice.randrange(reports)
        h = _hedging(0, own, told)
        mixed = [sum(m * row[k] for m, row in zip(h.mixture, told)) for k in range(vertices)]
        under = [sum(w * x for w, x in zip(h.belief, row)) for row in told]
        assert min(*h.mixture, *h.belief) >= 0
        assert sum(h.mixture) == sum(h.belief) == 1
        assert min(mixed) >= h.value >= max(under)
        assert h.truth == min(told[own]) <= h.value
        # Truth is worth most under beliefs that leave all reports at most the value.
        rows = [({k: x for k, x in enumerate(row)}, "<=", h.value) for row in told]
        rows += [({k: 1}, ">=", 0) for k in range(vertices)] + [({k: 1 for k in range(vertices)}, "=", 1)]
        assert h.minmax == (simplex(rows, told[own])[1] == h.value)
        hedged += h.gain > 0
        minmax.add((h.gain > 0, h.minmax))
    assert hedged
    assert minmax == {(False, True), (True, True), (True, False)}


@pytest.mark.parametrize("name", ["alpha-auction", "reference-rule"])
def test_large_grids_are_not_examined(name):
    assert not any("hedging" in line for line in closed_form(name, {"n": 18}).on_grid)
