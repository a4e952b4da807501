"""Algebraic numbers against squares and floats, rational functions against the functions that they were made from."""

import random
from fractions import Fraction as F
from itertools import islice

import flint
import pytest

from mechlp.exact.algebraic import Algebraic, between, nested, roots, simplest
from mechlp.exact.numbers import Rationals
from mechlp.exact.quotients import coefficients, distinct, fitted, through
from mechlp.report.algebraic import explained, polynomial, written
from mechlp.report.inequalities import LATEX


def root(*given, index=-1):
    return roots([F(c) for c in given])[index]


def test_roots_are_isolated_told_apart_and_ordered():
    found = roots([F(c) for c in (4, 0, -4, 0, 1)])  # (x^2 - 2)^2: each root once
    assert [r.polynomial for r in found] == [(-2, 0, 1)] * 2 and found[0] < found[1]
    assert roots([F(4), F(0), F(-4), F(0), F(1)], odd=True) == []  # it touches zero
    low, high = found[1].enclosure(20)
    assert low**2 < 2 < high**2 and high - low == F(1, 10**20)
    near = root(-2 * 10**60 + 1, 0, 10**60)  # smaller than sqrt 2 by less than 10^-60
    assert near < found[1] and not found[1] < near
    assert sorted([Algebraic.of(2), found[1], Algebraic.of(F(7, 5))]) == [
        Algebraic.of(F(7, 5)),
        found[1],
        Algebraic.of(2),
    ]
    assert roots([F(1), F(0), F(1)]) == []  # no real one
    assert root(-6, 4).rational == F(3, 2)


def test_signs_of_polynomials_at_roots():
    one = root(-1, -1, 0, 1)  # the plastic number
    assert one.sign(flint.fmpq_poly([-1, -1, 0, 1]) * flint.fmpq_poly([5, 1])) == 0
    for shift in (F(1, 10**40), F(-1, 10**40)):
        ends = one.within(400)
        moved = flint.fmpq_poly([flint.fmpq(-(ends[0] + shift).numerator, (ends[0] + shift).denominator), 1])
        assert one.sign(moved) == (1 if shift < 0 else -1)


def test_fractions_between_numbers_are_short():
    assert [simplest(F(1, 3), F(1, 2)), simplest(F(0), F(1, 9)), simplest(F(1), F(2)), simplest(F(-3, 2), F(-1))] == [
        F(2, 5), F(1, 10), F(3, 2), F(-4, 3),
    ]  # fmt: skip
    draw = random.Random(4)
    for _ in range(50):
        low, high = sorted(
            (F(draw.randint(-99, 99), draw.randint(1, 99)), F(draw.randint(-99, 99), draw.randint(1, 99)))
        )
        if low < high:
            found = simplest(low, high)
            smaller = [F(n, d) for d in range(1, found.denominator) for n in range(-99 * d, 99 * d + 1)]
            assert low < found < high and not any(low < f < high for f in smaller[:2000])
    assert between(root(-2, 0, 1), root(-3, 0, 1)) == F(11, 7)


def test_numbers_are_written_and_read_back():
    assert written(root(-2, 0, 1)) == "sqrt(2)" and written(root(-2, 0, 1), LATEX) == r"\sqrt{2}"
    assert written(root(-2, 0, 1, index=0)) == "-sqrt(2)"
    assert written(root(-1, -1, 1)) == "(1 + sqrt(5))/2" and written(root(-3, 0, 4)) == "sqrt(3)/2"
    assert written(root(-1, -1, 0, 1)) == "1.324717957..."
    assert explained(root(-2, 0, 1, index=0), "B") == "-sqrt(2) = -1.414213562373..., a root of B^2 - 2"
    assert polynomial([F(1), F(-3), F(1, 2)], "x") == "1/2 x^2 - 3 x + 1"
    for number in (root(-2, 0, 1), Algebraic.of(F(3, 7)), root(-1, -1, 0, 1)):
        assert Algebraic.from_json(number.to_json()) == number
    given = root(-2, 0, 1).to_json()
    for wrong in (
        {**given, "between": ["1.4", "1.5"]},
        {**given, "root": 2},
        {**given, "minimal_polynomial": [-4, 0, 2]},
        {**given, "minimal_polynomial": [4, 0, -4, 0, 1]},
        {**given, "minimal_polynomial": [2, 0, -1]},
    ):
        with pytest.raises((ValueError, KeyError, TypeError)):
            Algebraic.from_json(wrong)


POINTS = tuple(F(k, 3) for k in range(1, 12))


def f(p):
    return (p**3 - 2 * p) / (p**2 + 3)


def test_rational_functions_follow_from_their_values():
    found = through(POINTS, [f(p) for p in POINTS], 4, 4)
    assert [coefficients(part) for part in (found.top, found.bottom)] == [[0, -2, 0, 1], [3, 0, 1]]
    assert found(F(9)) == f(F(9))
    assert through(POINTS, [f(p) for p in POINTS], 2, 4) is None  # of a higher degree
    assert found.ends(strict=True) == roots([F(0), F(-2), F(0), F(1)])
    low, high = root(-2, 0, 1), Algebraic.of(5)
    assert found.positive(low, high, strict=True) and not found.positive(Algebraic.of(1), high, strict=False)
    assert found.sign(low) == 0 and found.sign(high) == 1


def test_vectors_are_fitted_over_one_denominator():
    rows = [Rationals.of([f(p), 1 / (p**2 + 3), F(5)]) for p in POINTS]
    powers, below = fitted(POINTS, rows)
    assert below == [3, 0, 1] and powers[3].fractions() == [1, 0, 0] and powers[0].fractions() == [0, 1, 15]
    # Two denominators, which cancel in every sum of both.
    rows = [Rationals.of([f(p), -f(p), 1 / (p + 1)]) for p in POINTS]
    powers, below = fitted(POINTS, rows)
    assert below == [3, 3, 1, 1] and powers[0].fractions() == [0, 0, 3]
    assert fitted(POINTS[:6], rows[:6]) is None  # nothing left over to confirm it
    assert list(distinct([Rationals.of([1, 1, 2]), Rationals.of([3, 3, 4])])) == [(1, 3), (2, 4)]


def test_grids_of_points_are_part_of_finer_ones_and_of_those_of_wider_ranges():
    first = list(islice(nested(F(1, 3), F(2)), 40))
    assert len(set(first)) == 40 and all(F(1, 3) < p < 2 for p in first)
    wider = set(islice(nested(F(0), F(3)), 200))
    assert set(first) <= wider
    with pytest.raises(ValueError, match="nothing is between"):
        next(nested(F(1), F(1)))
