"""Figures 2 and 3 of Wolitzky (2015): the prices of a reference rule, and the types that gain by a lie."""

import pytest

from mechlp.report.plot import InvalidPlot, drawn
from mechlp.study.closed_forms import closed_form


def test_figure_2_has_no_type_that_gains_and_figure_3_has_both():
    quiet = drawn(closed_form("reference-rule", {"n": 5})).axes[0]
    assert "no type of the grid gains by a lie" in [t.get_text() for t in quiet.texts]
    loud = drawn(
        closed_form("reference-rule", {"c_star": "1/4", "v_star": "3/4", "p_star": "1/2", "n": 5})
    ).axes[0]
    marked = {line.get_label(): line.get_xydata() for line in loud.lines if "gain" in str(line.get_label())}
    # Proposition 1's proof: buyers in (c*, p*] have a lie that pays, and so have sellers in [p*, v*).
    assert [0.5, 0] in marked["sellers who gain by a lie"].tolist()
    assert [0, 0.5] in marked["buyers who gain by a lie"].tolist()
    assert [1, 0] not in marked["sellers who gain by a lie"].tolist()
    assert [label.get_text() for label in loud.get_xticklabels()] == ["0", "1", "c*", "v*", "p*"]


def test_other_closed_forms_say_that_they_have_none():
    with pytest.raises(InvalidPlot, match="reference-rule has a picture"):
        drawn(closed_form("alpha-auction", {"n": 3}))
