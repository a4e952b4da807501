"""Whether rows and columns can be matched, beside scipy's matching on random patterns."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.csgraph import structural_rank

from mechlp.program.pattern import matched


@pytest.mark.parametrize("density", [1.2, 2, 3, 5])
def test_random_patterns(density):
    found = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        size = int(rng.integers(1, 30))
        cells = rng.random((size, size)) < density / size
        cells[np.arange(size), rng.permutation(size)] |= rng.random(size) < 0.9
        matrix = sp.csr_matrix(cells.astype(float))
        assert matched(matrix) == (structural_rank(matrix) == size), seed
        found.append(matched(matrix))
    assert any(found) and not all(found)


def test_a_long_chain_is_taken_apart():
    size = 3000
    chain = sp.diags_array([np.ones(size), np.ones(size - 1)], offsets=[0, 1], format="csr")
    order = np.random.default_rng(1).permutation(size)
    assert matched(sp.csr_matrix(chain[order]))
    assert not matched(
        sp.csr_matrix(sp.diags_array([np.ones(size - 1)], offsets=[1], shape=(size, size), format="csr"))
    )
