"""The six settings that Kushnir and Michelson (2022) and Michelson's thesis print revenues for: two bidders, one object in two
grades, T + 1 values of each, the density at the types as their weight, half of it at both ends of a grade.

The figures are those that their public code stores (docs/baselines.json of optimal-auction-multidim), which it takes for
equal within 1e-4; the thesis prints two of them otherwise (2.58287 for [2,3]^2 at T = 15, 5.893113 for costs at T = 20).
"""

import math
from fractions import Fraction as F

import pytest

from mechlp import Agent, Rationals
from mechlp.environment.symmetric import Symmetric
from mechlp.question.symmetric import SymmetricDesign

TOLERANCE = F(1, 10**4)


def flat(x, y):
    return F(1)


def beta(x, y):
    return (1 - x) * (1 - y)


def correlated(x, y):
    return x + y


def bells(x, y):
    """Normal densities of mean 2.3 and deviation 1, and of mean 2.8 and deviation 1/5."""
    height = math.exp(-((float(x) - 2.3) ** 2) / 2 - ((float(y) - 2.8) ** 2) / 2 / 0.04)
    return F(round(height * 10**9), 10**9)


#: Where the values of each grade begin and end, what it costs, the density, and the revenue at T = 5, 10, 15, 20.
SETTINGS = {
    "uniform on [0,1]^2": ([(0, 1), (0, 1)], [0, 0], flat, "0.66094 0.62592875 0.612876790 0.606032578"),
    "uniform on [2,3]^2": ([(2, 3), (2, 3)], [0, 0], flat, "2.622408810 2.582869791 2.569334317 2.562313758"),
    "Beta(1,2)": ([(0, 1), (0, 1)], [0, 0], beta, "0.448709 0.418815 0.406948 0.400615"),
    "density x + y": ([(0, 1), (0, 1)], [0, 0], correlated, "0.75159 0.718683 0.705905 0.698962"),
    "costs": ([(6, 8), (9, 11)], [F(9, 10), 5], flat, "6.02496 5.941549 5.91222 5.896792"),
    "truncated normal": ([(2, 3), (2, 3)], [0, 0], bells, "2.779996 2.749451 2.736171 2.729342"),
}


def auction(ranges, costs, density, T):
    """What a grade is worth beyond its cost; types without weight change nothing, as they take the best of what others get."""
    steps = [[low + F(k * (high - low), T) for k in range(T + 1)] for low, high in ranges]
    ends = [F(1, 2) if k in (0, T) else F(1) for k in range(T + 1)]
    types = [(i, j) for i in range(T + 1) for j in range(T + 1)]
    weights = [density(steps[0][i], steps[1][j]) * ends[i] * ends[j] for i, j in types]
    kept = [(t, w) for t, w in zip(types, weights, strict=True) if w > 0]
    total = sum(w for _, w in kept)
    worth = [[str(steps[k][t[k]] - costs[k]) for t, _ in kept] for k in range(2)]
    labels = tuple(f"{steps[0][i]}, {steps[1][j]}" for (i, j), _ in kept)
    prior = Rationals.of([str(w / total) for _, w in kept])
    return Symmetric(Agent("bidder", labels), 2, Rationals.of(worth), prior)


@pytest.mark.parametrize("T", [5, *(pytest.param(T, marks=pytest.mark.slow) for T in (10, 15, 20))])
@pytest.mark.parametrize("name", SETTINGS)
def test_the_published_revenue(name, T):
    ranges, costs, density, published = SETTINGS[name]
    answer = SymmetricDesign(auction(ranges, costs, density, T), "revenue").solve()
    assert (answer.status, answer.certified) == ("optimal", True)
    assert abs(answer.value - F(published.split()[T // 5 - 1])) <= TOLERANCE
