"""Exact arrays against Python's Fractions, at every size of number."""

import operator
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechlp.exact.numbers import MAX_TEXT, Rationals, matmul, maximum, minimum, rational, stack, text, where

sizes = st.sampled_from([3, 10**6, 2**40, 2**70])
fractions = sizes.flatmap(lambda s: st.builds(F, st.integers(-s, s), st.integers(1, s)))
vectors = st.lists(fractions, min_size=1, max_size=5)


@given(vectors, vectors)
def test_arithmetic(a, b):
    n = min(len(a), len(b))
    a, b = a[:n], b[:n]
    x, y = Rationals.of(a), Rationals.of(b)
    for op in (operator.add, operator.sub, operator.mul):
        assert op(x, y).tolist() == [op(p, q) for p, q in zip(a, b)]
        # An outer operation broadcasts.
        assert op(x.reshape(-1, 1), y).tolist() == [[op(p, q) for q in b] for p in a]
    for op in (operator.eq, operator.lt, operator.le, operator.gt, operator.ge, operator.ne):
        assert op(x, y).tolist() == [op(p, q) for p, q in zip(a, b)]
    assert minimum(x, y).tolist() == list(map(min, a, b))
    assert maximum(x, y).tolist() == list(map(max, a, b))
    assert (x.sum(), x.min(), x.max()) == (sum(a), min(a), max(a))
    assert stack([x, y]).tolist() == [a, b]
    assert where(np.array(a) > 0, x, y).tolist() == [p if p > 0 else q for p, q in zip(a, b)]
    assert x.reduced().tolist() == a
    if all(b):
        assert (x / y).tolist() == [p / q for p, q in zip(a, b)]


@given(vectors)
def test_float_and_text(a):
    x = Rationals.of(a)
    assert x.float.tolist() == pytest.approx([float(v) for v in a])
    assert [rational(t) for t in x.texts()] == a


@given(fractions)
def test_text_reads_back(value):
    assert rational(text(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**6), max_value=10**6))
def test_decimals_are_exact(value):
    assert rational(str(value)) == F(str(value))


def test_what_a_person_means():
    assert rational("0.1") == rational(0.1) == F(1, 10)
    assert rational(" -1/3 ") == F(-1, 3)
    assert rational("2e-3") == F(1, 500)
    for wrong in (
        "",
        "1/0",
        "nan",
        "inf",
        "0x10",
        "1_0",
        "1e9999",
        "one",
        "1/2/3",
        "9" * (MAX_TEXT + 1),
        None,
        True,
        float("nan"),
    ):
        with pytest.raises(ValueError, match=r"number|zero|long|exponent"):
            rational(wrong)


def test_broadcast_axes_stay_views():
    wide = Rationals.of([[1], ["1/2"]]).broadcast_to((2, 10**6))
    assert (-wide).numerator.strides[1] == 0
    assert (wide * wide).numerator.strides[1] == 0
    assert (-wide).unrepeated().shape == (2, 1)
    assert wide.sum(axis=0).shape == (10**6,)


def test_zeros_over_a_huge_denominator_reduce():
    assert Rationals(np.zeros(3, dtype=np.int64), 10**30).reduced().denominator == 1


def test_matrix_products_are_exact_at_every_size():
    rng = np.random.default_rng(1)
    for size in (2**10, 2**24, 2**29, 2**40, 2**61):
        a, b = rng.integers(-size, size, (5, 7)), rng.integers(-size, size, (7, 4))
        found = matmul(Rationals(a, 3), Rationals(b, 5))
        expected = a.astype(object) @ b.astype(object)
        assert bool(np.all(found == Rationals(expected, 15)))


@given(st.lists(st.fractions(), max_size=6), st.integers(1, 3))
def test_texts_of_repeated_axes_read_back(numbers, times):
    x = Rationals.of(numbers).reshape(-1, 1).broadcast_to((len(numbers), times))
    assert x.texts() == [[text(n)] * times for n in numbers]
    assert Rationals.of(x.texts()).tolist() == x.tolist()


def test_texts_of_one_number():
    assert Rationals.of("3/10").texts() == "3/10"


def test_floats_over_a_large_denominator():
    x = Rationals(np.array([1, -(2**61), 3]), 2**61)
    assert x.float.tolist() == [2.0**-61, -1.0, 3 * 2.0**-61]
    assert Rationals(np.array([2**80, 1], dtype=object), 3).float.tolist() == [2**80 / 3, 1 / 3]


def test_a_single_number_over_a_large_denominator_stays_an_object():
    assert Rationals.of(1).integers(2**62).dtype == object


@given(vectors, st.integers(1, 2**61))
def test_long_chains_of_arithmetic_do_not_overflow(a, size):
    """What numbers may be grows with every step; what they are comes back to nothing, or does not."""
    x, big = Rationals.of(a), Rationals(np.array([size]))
    nothing, whole = x - x, (x * big - x * (size - 1)) * big
    for _ in range(3):
        nothing = (nothing + nothing) * big
    assert nothing.tolist() == [0] * len(a)
    assert whole.tolist() == [p * size for p in a]
    assert (whole.sum(), (whole + big).max()) == (sum(a) * size, max(a) * size + size)


def test_numbers_that_came_back_from_far_stay_machine_integers():
    x = Rationals(np.array([2**40, -(2**40)]))
    for _ in range(20):
        x = (x + x) - x
    assert (x * 2**20).numerator.dtype == np.int64
    assert (x * 2**20).tolist() == [2**60, -(2**60)]
