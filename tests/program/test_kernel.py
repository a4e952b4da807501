"""Exact solutions of square integer systems, and the reconstruction of their fractions."""

import math
from fractions import Fraction

import flint
import numpy as np
import pytest

from mechlp.deadline import Deadline
from mechlp.exact.numbers import Rationals
from mechlp.program import kernel
from mechlp.program.form import IntegerMatrix, compact
from mechlp.program.kernel import Kernel, Singular, Unsolved, _Inverse, reconstruct


def integer_matrix(cells):
    rows, columns = np.nonzero(cells)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(cells)))])
    return IntegerMatrix.merged(starts, columns, cells[rows, columns], cells.shape[1])


def rounded(fractions, bits):
    """Numerators over 2**bits, rounded down: each is off by less than one unit."""
    return compact(np.array([math.floor(f * 2**bits) for f in fractions], dtype=object))


def blocks(rng, count, size, top):
    """A block diagonal integer matrix, each block with a determinant of its own."""
    cells = np.zeros((count * size, count * size), dtype=np.int64)
    for k in range(count):
        part = slice(k * size, (k + 1) * size)
        cells[part, part] = rng.integers(-top, top, (size, size)) + np.diag([3 * top] * size)
    return cells


@pytest.mark.parametrize("bits", [40, 60, 90])
def test_fractions_are_found_at_the_accuracy_of_the_largest_denominator(bits):
    """A thousand fractions whose common denominator is far beyond the accuracy, but no single one is."""
    rng = np.random.default_rng(1)
    wanted = [Fraction(int(n), int(d)) for n, d in rng.integers((-5000, 1), (5000, 2000), (1000, 2))]
    assert math.lcm(*(f.denominator for f in wanted)).bit_length() > 2 * bits
    numerator, denominator = reconstruct(rounded(wanted, bits), bits, 1)
    assert Rationals(numerator, denominator).fractions() == wanted


def test_equal_entries_are_reconstructed_once(monkeypatch):
    """Python's integers, few of them different, zeros between them."""
    wanted = [Fraction(k % 5, 10**9 + k % 7) for k in range(2_000)]
    asked = []
    inner = kernel._denominator
    monkeypatch.setattr(kernel, "_denominator", lambda *args: asked.append(args[-1]) or inner(*args))
    numerator, denominator = reconstruct(rounded(wanted, 90), 90, 1)
    assert Rationals(numerator, denominator).fractions() == wanted
    assert len(asked) < 2 * 4 * 7


def test_an_accuracy_that_leaves_other_fractions_is_refused_at_the_entry_that_needs_more():
    wanted = [Fraction(1, 3), Fraction(0), Fraction(5, 7), Fraction(22_222, 99_991)]
    for first in (0, 3):
        with pytest.raises(kernel._TooShort) as short:
            reconstruct(rounded(wanted, 30), 30, 1, first)
        assert short.value.place == 3
    numerator, denominator = reconstruct(rounded(wanted, 60), 60, 1)
    assert Rationals(numerator, denominator).fractions() == wanted


def test_a_solution_that_would_not_fit_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(kernel, "LARGEST", 1000)
    with pytest.raises(Unsolved, match="too large"):
        reconstruct(rounded([Fraction(k, k + 1) for k in range(100)], 60), 60, 1)


@pytest.mark.parametrize(("count", "size", "top"), [(1, 4, 9), (30, 5, 50), (4, 30, 1000)])
@pytest.mark.parametrize("transposed", [False, True])
def test_block_systems_are_solved_exactly_without_the_accuracy_of_all_blocks(
    count, size, top, transposed, monkeypatch
):
    rng = np.random.default_rng(count)
    cells = blocks(rng, count, size, top)
    rhs = rng.integers(-9, 10, count * size)
    attempts = []
    inner = kernel.reconstruct
    monkeypatch.setattr(
        kernel, "reconstruct", lambda v, bits, *rest: attempts.append(bits) or inner(v, bits, *rest)
    )
    system = Kernel(integer_matrix(cells))
    numerator, denominator = system.solve(rhs, transposed=transposed)
    image = cells.T if transposed else cells
    assert np.all(image.astype(object) @ numerator.astype(object) == denominator * rhs.astype(object))
    assert system.roads == {"sparse refinement"}
    if count > 1:  # the common denominator is the product of the blocks', and was never resolved
        assert denominator.bit_length() > attempts[-1] / 2


@pytest.mark.parametrize("dependent", [False, True])
def test_singular_matrices_are_recognised(dependent):
    """Many small ones: by their pattern alone, or with a row that repeats another."""
    rng = np.random.default_rng(9)
    for _ in range(300):
        size = int(rng.integers(3, 40))
        cells = rng.integers(-5, 6, (size, size)) * (rng.random((size, size)) < 0.15)
        rhs = rng.integers(-9, 10, size)
        if dependent:
            cells += np.diag(rng.integers(6, 9, size))
            cells[0], rhs[0] = cells[1] + cells[2], rhs[1] + rhs[2] + 1
        else:
            cells[:2], cells[:2, 0] = 0, 1  # two rows that have one column between them
        with pytest.raises(Singular):
            Kernel(integer_matrix(cells)).solve(rhs)


@pytest.mark.parametrize("top", [2, 10, 1000, 10**6, 10**9, 2**61])
@pytest.mark.parametrize("transposed", [False, True])
def test_tiny_systems_are_solved_exactly_whatever_their_determinants(top, transposed):
    rng = np.random.default_rng(top % 1000)
    for _ in range(20):
        size = int(rng.integers(1, 20))
        cells = rng.integers(-top, top, (size, size)) * (rng.random((size, size)) < 0.5) + np.eye(
            size, dtype=int
        )
        rhs = rng.integers(-top, top, size)
        image = flint.fmpz_mat((cells.T if transposed else cells).tolist())
        if image.det() == 0:
            continue
        numerator, denominator = Kernel(integer_matrix(cells)).solve(rhs, transposed=transposed)
        wanted = image.solve(flint.fmpz_mat([[int(v)] for v in rhs])).entries()
        found = [Fraction(int(n), denominator) for n in numerator]
        assert found == [Fraction(int(v.p), int(v.q)) for v in wanted]


def test_products_with_vectors_of_large_and_vanishing_integers_are_exact():
    rng = np.random.default_rng(3)
    cells = rng.integers(-9, 10, (40, 30)) * (rng.random((40, 30)) < 0.2)
    x = np.array([int(v) * 3**80 for v in rng.integers(-2, 3, 30)], dtype=object)
    found = integer_matrix(cells).dot(x)
    assert np.all(found == cells.astype(object) @ x)
    assert not np.any(integer_matrix(cells).dot(np.zeros(30, dtype=object)))


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (7, 12), (300, 70_000)])
def test_parts_and_transposes_of_a_matrix_are_those_of_its_cells(rows, columns):
    rng = np.random.default_rng(rows)
    places = np.unique(rng.integers(0, rows * columns, min(rows * columns, 5_000)))
    where = np.stack([places // columns, places % columns])
    values = rng.integers(1, 10**6, len(places)) * 2 ** int(rng.integers(0, 30))
    starts = np.concatenate([[0], np.cumsum(np.bincount(where[0], minlength=rows))])
    matrix = IntegerMatrix.merged(starts, where[1], values, columns)
    cells = dict(zip(map(tuple, where.T.tolist()), values.tolist(), strict=True))

    def entries(found):
        assert found.indices.dtype == np.int32 and len(found.indptr) == found.shape[0] + 1
        assert all(
            np.all(np.diff(found.indices[a:b]) > 0) for a, b in zip(found.indptr[:-1], found.indptr[1:])
        )
        return dict(zip(zip(found.rows.tolist(), found.indices.tolist()), found.data.tolist(), strict=True))

    assert entries(matrix) == cells
    assert entries(matrix.transposed) == {(j, i): v for (i, j), v in cells.items()}
    some_rows = rng.permutation(rows)[: max(rows // 2, 1)]
    for some_columns in (np.sort(rng.permutation(columns)[: max(columns // 2, 1)]), rng.permutation(columns)):
        part = matrix.part(some_rows, some_columns)
        row, column = ({int(k): n for n, k in enumerate(some)} for some in (some_rows, some_columns))
        assert part.shape == (len(some_rows), len(some_columns))
        assert entries(part) == {
            (row[i], column[j]): v for (i, j), v in cells.items() if i in row and j in column
        }
    x = rng.integers(-9, 10, columns)
    products = np.zeros(rows, dtype=object)
    for (i, j), v in cells.items():
        products[i] += v * int(x[j])
    assert matrix.dot(x).tolist() == products.tolist() == np.asarray(matrix._csr @ x).tolist()


def test_a_float_factor_needs_no_scipy_unless_it_is_there(monkeypatch):
    """Both factors of one matrix give the same exact solution; which is made depends on what is loaded."""
    size = 100
    data = np.arange(3 * size, dtype=np.int64) % 7 + 1
    places = (np.arange(size)[:, None] + np.array([0, 1, 5])) % size
    order = np.argsort(places, axis=1)
    indices = np.take_along_axis(places, order, axis=1).ravel().astype(np.int32)
    data = np.take_along_axis(data.reshape(size, 3), order, axis=1).ravel()
    matrix = IntegerMatrix(np.arange(0, 3 * size + 1, 3, dtype=np.int32), indices, data, size)
    found = []
    for pays in (False, True):
        monkeypatch.setattr("mechlp.program.kernel._pays", lambda library, pays=pays: pays)
        solver = Kernel(matrix)
        assert isinstance(solver._factor, _Inverse) is not pays
        found.append(solver.solve(np.ones(size, dtype=np.int64)))
    assert found[0][1] == found[1][1] and np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(matrix.dot(found[0][0]), np.full(size, found[0][1]))


@pytest.mark.parametrize("transposed", [False, True])
def test_rows_of_very_different_sizes_need_no_dense_elimination(transposed):
    rng = np.random.default_rng(1)
    cells = (rng.integers(-9, 10, (60, 60)) * (rng.random((60, 60)) < 0.1)).astype(object)
    cells += np.diag(rng.integers(20, 30, 60)).astype(object)
    cells[::7] *= 10**40 + 9
    rhs = rng.integers(-(10**6), 10**6, 60).astype(object)
    solver = Kernel(integer_matrix(cells))
    numerator, denominator = solver.solve(rhs, transposed=transposed)
    assert np.all((cells.T if transposed else cells) @ numerator == rhs * denominator)
    assert solver.roads == {"sparse refinement"}


def short(rng, size, transposed):
    """A system with a determinant beyond 2**60 whose solution has denominators of few digits."""
    while True:
        cells = rng.integers(-40, 41, (size, size)) + np.diag([200] * size)
        wanted = rng.integers(-60, 61, size) * 30 // rng.choice([1, 2, 3, 5, 6], size)
        own = cells.T if transposed else cells
        if flint.fmpz_mat(cells.tolist()).det() > 2**60:
            return cells, own @ wanted, wanted


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("size", [12, 33, 60])
def test_short_denominators_are_read_off_floats(monkeypatch, size, transposed):
    """No elimination, no refinement: numerators over 77 come out of the inverse, as exact fractions."""
    for road in ("_dense", "_sparse"):
        monkeypatch.setattr(Kernel, road, lambda *a: pytest.fail("a longer road"))
    cells, rhs, wanted = short(np.random.default_rng(size), size, transposed)
    common = 7 * 11
    numerator, denominator = Kernel(integer_matrix(cells * common)).solve(rhs, transposed=transposed)
    found = [Fraction(int(n), denominator) for n in numerator]
    assert found == [Fraction(int(n), common) for n in wanted]


def test_long_denominators_are_left_to_other_roads():
    """The solution over a determinant of 100 bits and more, beside that of flint."""
    rng = np.random.default_rng(3)
    cells, rhs = rng.integers(-900, 901, (20, 20)), rng.integers(-900, 901, 20)
    assert kernel._Tiny.of(integer_matrix(cells)).solve(rhs, False) is None
    numerator, denominator = Kernel(integer_matrix(cells)).solve(rhs)
    exact = flint.fmpq_mat(flint.fmpz_mat(cells.tolist())).solve(flint.fmpq_mat(20, 1, rhs.tolist()))
    assert [Fraction(int(n), denominator) for n in numerator] == [
        Fraction(int(exact[k, 0].p), int(exact[k, 0].q)) for k in range(20)
    ]


def test_a_number_just_as_near_to_whole_ones_as_is_asked_ends_the_search_of_a_denominator():
    """1/10^6 is more in long floats than in doubles: the denominator was multiplied by one without end, and solves never ended."""
    point = np.array([np.longdouble(1) / 10**6, np.longdouble(1) / (3 * 10**6)])
    found = Deadline.of(5).broken_off(lambda: kernel._common_denominator(point), lambda: None)
    assert found == 1  # as near as is asked; what follows from it is checked
