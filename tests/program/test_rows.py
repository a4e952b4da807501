"""Rows written by broadcasting are the rows of the terms, entry by entry."""

from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechlp import Rationals
from mechlp.program import Block, Columns, Family, Program, Term, TooLarge


def varied(dice, shape, draw):
    """An array that varies over some axes of a shape: the others have length one or are repeated without memory."""
    kept = tuple(s if dice.random() < 0.6 else 1 for s in shape)
    array = draw(kept)
    return np.broadcast_to(array, shape) if dice.random() < 0.5 else array


def random_program(seed, largest):
    """Families of random shapes whose terms vary over random axes, over one block of 50 columns."""
    dice = np.random.default_rng(seed)
    families = []
    for n in range(dice.integers(1, 4)):
        rows = tuple(int(s) for s in dice.integers(0 if dice.random() < 0.1 else 1, 9, dice.integers(0, 4)))
        terms = []
        for _ in range(dice.integers(1, 5)):
            axes = tuple(int(s) for s in dice.integers(1, 7, dice.integers(0, 3)))
            columns = varied(dice, rows + axes, lambda s: dice.integers(0, 50, s).astype(np.int32))
            numbers = varied(dice, rows + axes, lambda s: dice.integers(-largest, largest, s))
            denominator = int(dice.integers(1, 12)) * (7**30 if dice.random() < 0.1 else 1)
            terms.append(Term(columns, Rationals(numbers, denominator), axes))
        families.append(Family(f"family {n}", rows, tuple(terms), ">=", Rationals.of(F(1, 5))))
    return Program((Block("x", (50,)),), tuple(families))


def expected(program):
    """The rows, one at a time: lists of columns and of exact coefficients."""
    for family in program.families:
        for row in product(*map(range, family.shape)):
            columns, numbers = [], []
            for term in family.terms:
                full = family.shape + term.axes
                columns += np.broadcast_to(term.columns, full)[row].ravel().tolist()
                cells = np.broadcast_to(term.coefficients.numerator, full)[row].ravel()
                numbers += [F(int(n), term.coefficients.denominator) for n in cells]
            yield columns, numbers


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([5, 10**6, 2**61]))
def test_arrays_and_integers_are_the_terms(seed, largest):
    program = random_program(seed, largest)
    floats, exact = program.arrays(), program.integers()
    rows = list(expected(program))
    assert np.diff(floats.indptr).tolist() == [len(columns) for columns, _ in rows]
    assert floats.indices.tolist() == exact.indices.tolist() == [c for columns, _ in rows for c in columns]
    assert floats.indptr.tolist() == exact.indptr.tolist()
    numbers = [c for _, row in rows for c in row]
    assert floats.data == pytest.approx([float(c) for c in numbers], rel=4e-16, abs=0)
    scales = np.repeat(program.row_scales.numerator.astype(object), np.diff(exact.indptr))
    assert [F(int(d), int(s)) for d, s in zip(exact.data, scales, strict=True)] == numbers


def test_a_pattern_over_few_rows_is_overwritten_where_parts_vary():
    """Ex-post rows: one entry varies over (type, others), the rest over (report, others)."""
    m = 12
    x = np.arange(3 * m * m, dtype=np.int32).reshape(3, m, m)
    terms = (
        Term(x[0][:, None], Rationals.of(1)),
        Term(x[1][None], Rationals(np.arange(m).reshape(m, 1, 1), m)),
        Term(x[2][None], Rationals.of(-1)),
    )
    family = Family("IC", (m, m, m), terms, ">=", Rationals.of(0))
    program = Program((Block("x", (3, m, m)),), (family,))
    arrays = program.arrays()
    own, report, other = np.indices((m, m, m))
    assert np.array_equal(arrays.indices.reshape(m, m, m, 3)[..., 0], own * m + other)
    assert np.array_equal(arrays.indices.reshape(m, m, m, 3)[..., 1], m * m + report * m + other)
    assert np.array_equal(arrays.indices.reshape(m, m, m, 3)[..., 2], 2 * m * m + report * m + other)
    assert np.array_equal(arrays.data.reshape(m, m, m, 3)[..., 1], own / m)
    assert set(arrays.data.reshape(-1, 3)[:, 0]) == {1.0} and set(arrays.data.reshape(-1, 3)[:, 2]) == {-1.0}


def test_sizes_beyond_32_bits_are_refused_before_they_are_allocated():
    side = 50_000
    with pytest.raises(TooLarge, match="2,500,000,000 columns"):
        Columns([Block("x", (side, side))])
    wide = Term(np.zeros((), np.int32), Rationals.of(1), (side,))
    family = Family("r", (side,), (wide,), ">=", Rationals.of(0))
    with pytest.raises(TooLarge, match="50,000 rows, 1 columns and 2,500,000,000 entries"):
        Program((Block("x", ()),), (family,))
