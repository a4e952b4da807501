"""Arrays stored by their nonzero cells against the same arrays stored whole."""

import pickle
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechlp.exact.numbers import Rationals
from mechlp.exact.sparse import Sparse

SHAPE = (2, 3, 2)
values = st.sampled_from([F(0), F(0), F(1), F(-2, 3), F(2**70, 7), F(5, 2**40)])
arrays = st.lists(values, min_size=12, max_size=12).map(lambda v: Rationals.of(v).reshape(SHAPE))


def sparse(whole, order=1):
    cells, kept = whole.nonzero()
    return Sparse.at(whole.shape, tuple(c[::order] for c in cells), kept[::order])


@given(arrays, arrays, st.sampled_from([1, -1]))
def test_every_operation_says_the_same(whole, other, order):
    few = sparse(whole, order)
    assert few.same(whole) and (few.shape, few.ndim, few.size, len(few)) == (SHAPE, 3, 12, 2)
    assert few.tolist() == whole.tolist() and few.sum() == whole.sum() and few.most() >= abs(whole).max() * few.denominator
    for axis in (0, 2, -1, (0, 2), (0, 1, 2)):
        assert Rationals.of(few.sum(axis=axis)).same(Rationals.of(whole.sum(axis=axis)))
    assert [few[cell] for cell in np.ndindex(SHAPE)] == [whole[cell] for cell in np.ndindex(SHAPE)]
    assert few[1].same(whole[1]) and few[-1, 0, 1] == whole[-1, 0, 1]
    for a, b in ((few * F(-3, 7), whole * F(-3, 7)), (2 * few, 2 * whole), (-few, -whole), (few * other, whole * other)):
        assert a.same(b)
    assert (few + other).same(whole + other) and (other - few).same(other - whole)
    assert np.array_equal(few < 0, whole < 0) and np.array_equal(few < other, whole < other)
    assert np.array_equal(few >= 0, whole >= 0)
    again = pickle.loads(pickle.dumps(few))
    assert isinstance(again, Sparse) and again.same(whole)


@given(arrays)
def test_nonzero_cells(whole):
    (where, kept), (same, too) = whole.nonzero(), sparse(whole).nonzero()
    assert [tuple(map(int, c)) for c in zip(*where)] == [c for c in np.ndindex(SHAPE) if whole[c]]
    assert kept.fractions() == [v for v in whole.fractions() if v] == too.fractions()
    assert all(np.array_equal(a, b) for a, b in zip(where, same))


def test_zeros_given_as_values_are_not_stored():
    cells = (np.array([1, 0]), np.array([0, 2]), np.array([1, 1]))
    assert Sparse.at(SHAPE, cells, Rationals.of([0, 3])).nonzero()[1].fractions() == [3]


def test_a_large_array_takes_no_room():
    """A cell in a grid of 10**15: sums, signs and single cells are known without the others."""
    shape = (10**5,) * 3
    one = Sparse.at(shape, (np.array([7]), np.array([8]), np.array([9])), Rationals.of(["1/3"]))
    assert one.sum() == F(1, 3) and (one * 3)[7, 8, 9] == 1 and one[0, 0, 0] == 0
    assert one.sum(axis=(1, 2))[7] == F(1, 3)


@pytest.mark.parametrize("axis", [3, -4, (0, 3), (0, 0)])
def test_a_sum_over_an_axis_that_is_not_there_or_twice_is_refused_as_elsewhere(axis):
    whole = Rationals.of([F(1, 3)] * 12).reshape(SHAPE)
    for array in (whole, sparse(whole)):
        with pytest.raises(ValueError, match=r"axis|duplicate"):  # numpy's AxisError is one
            array.sum(axis=axis)
