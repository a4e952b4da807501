"""Formulas against Python's own arithmetic on Fractions."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechlp.environment.families import marginal, mixture
from mechlp.environment.formulas import InvalidFormula, Labels, evaluate
from mechlp.exact.numbers import Rationals

TYPES = [F(-1, 2), F(0), F(3, 4)]
NAMES = {
    "x": Rationals.of(TYPES).reshape(3, 1),
    "k": Rationals.of(F(5, 3)),
    "y": Labels("y", np.array([["low", "high"]], dtype=object)),
}
leaves = st.sampled_from(["x", "k", "2", "0.1", "7"])
binary = st.sampled_from(
    ["({} + {})", "({} - {})", "({} * {})", "min({}, {})", "max({}, {})", "(1 if {} < {} else 3)"]
)
formulas = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda f, a, b: f.format(a, b), binary, inner, inner)
        | inner.map("(-{})".format)
        | inner.map("abs({})".format)
        | inner.map("({} ** 2)".format)
    ),
    max_leaves=8,
)


@given(formulas)
def test_agrees_with_python(formula):
    exact = formula.replace("0.1", "F(1, 10)")
    want = [eval(exact, {"F": F, "x": x, "k": F(5, 3), "min": min, "max": max, "abs": abs}) for x in TYPES]
    got = np.broadcast_to(
        evaluate(formula, NAMES).tolist(), (3, 1) if "x" in formula.replace("max", "") else ()
    )
    assert [v for v in np.ravel(got)] in (want, want[:1])


def test_labels_and_axes():
    assert evaluate("1 if y == low else x", NAMES).tolist() == [[1, x] for x in TYPES]
    assert evaluate("y != 'low' and x >= 0", NAMES).tolist() == [[0, int(x >= 0)] for x in TYPES]
    assert evaluate("x + k", NAMES).shape == (
        3,
        1,
    )  # nothing is spread over axes that a formula does not name


@pytest.mark.parametrize(
    "text", ["y", "y + 1", "y < 'low'", "x == y", "x.real", "print(x)", "x[0]", "x if", "f'{x}'", "x := 2"]
)
def test_refused(text):
    with pytest.raises(InvalidFormula):
        evaluate(text, NAMES)


def test_families():
    assert marginal("power", 4, exponent=F(2)).tolist() == [F(1, 16), F(3, 16), F(5, 16), F(7, 16)]
    assert marginal("triangular", 3).tolist() == [F(1, 4), F(1, 2), F(1, 4)]
    assert marginal("geometric", 3, ratio=F(1, 2)).tolist() == [F(4, 7), F(2, 7), F(1, 7)]
    joint = mixture(F(1, 4), (2, 2))
    assert joint.tolist() == [[F(5, 16), F(3, 16)], [F(3, 16), F(5, 16)]]
