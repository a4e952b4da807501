"""The best simple mechanism: a concave program in the distribution over prices (Čopič and Ponsatí 2006, section 3.3).

Floats propose the distribution; :func:`mechlp.mechanism.simple.best_simple_bound` says how far it can be from the best.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..answer.answer import Answer, verdict
from ..exact.numbers import Rationals
from ..mechanism.simple import SimpleMechanism, best_simple_bound
from ..question.design import Design

Floats = npt.NDArray[np.float64]
MAX_STEPS, TOLERANCE = 20_000, 1e-10
#: value and gradient in the weights.
Value = Callable[[Floats], tuple[float, Floats]]


def _utilities(traders: SimpleMechanism) -> tuple[Floats, Floats]:
    """Rows: what each price is worth to a trader at a profile, before risk aversion; and the weight of that utility."""
    prices = traders.prices
    assert prices.surplus is not None
    worths, stakes = [], []
    for agent, surplus in enumerate(prices.surplus):
        worth = np.where(prices.support, np.maximum(surplus.float, 0), 0).reshape(-1, len(prices.grid))
        weight = traders.stakes(agent).float.ravel()
        used = (weight > 0) & (worth.max(axis=1) > 0)
        worths.append(worth[used])
        stakes.append(weight[used])
    return np.concatenate(worths), np.concatenate(stakes)


def welfare(traders: SimpleMechanism) -> Value:
    """Expected welfare of the simple mechanism of a distribution over the prices, and its gradient."""
    g = float(traders.prices.powers[0])
    rows, weights = _utilities(traders)

    def value(f: Floats) -> tuple[float, Floats]:
        a = np.maximum(rows @ f, 1e-300)
        return float(weights @ a**g), (weights * g * a ** (g - 1)) @ rows

    return value


def iterate(
    value: Value, start: Floats, g: float, steps: int = MAX_STEPS, tolerance: float = TOLERANCE
) -> Floats:
    """``f <- f * gradient ** (1 / (1 - g))``, normalised: the welfare never falls.

    Two such steps are extrapolated where that is no worse (SQUAREM: Varadhan and Roland 2008).  Ends when
    ``max gradient - gradient . f``, by how much the best can be better, is below ``tolerance``.
    """
    open_, f = start > 0, start / start.sum()

    def normal(weights: Floats) -> Floats:
        floored = np.where(open_, np.maximum(weights / weights.sum(), 1e-14), 0)
        return np.asarray(floored / floored.sum())

    def step(f: Floats) -> tuple[Floats, float, float]:
        reached, gradient = value(f)
        return (
            normal(f * (gradient / gradient.max()) ** (1 / (1 - g))),
            reached,
            gradient.max() - gradient @ f,
        )

    for _ in range(steps // 2):
        one, _, gap = step(f)
        if gap < tolerance:
            break
        two, reached, _ = step(one)
        first, second, third = (np.log(np.maximum(x, 1e-300)) for x in (f, one, two))
        bend = third - 2 * second + first
        move, turn = float(np.linalg.norm(second - first)), float(np.linalg.norm(bend))
        stride = min(max(move / max(turn, 1e-300), 1.0), 50.0)
        far = normal(np.exp(np.clip(first + 2 * stride * (second - first) + stride**2 * bend, -700, 2)))
        f = far if value(far)[0] >= reached else two
    return f


def conic(traders: SimpleMechanism) -> Floats:
    """The same by cvxpy's power cones (Clarabel): for small sizes, and as an independent check.

    Raises
    ------
    ImportError
        When cvxpy is missing, with how to install it.
    """
    from ..program.conic import cvxpy

    cp = cvxpy()
    rows, weights = _utilities(traders)
    f, powers = cp.Variable(len(traders.prices.grid), nonneg=True), cp.Variable(len(weights))
    cones = cp.PowCone3D(rows @ f, np.ones(len(weights)), powers, float(traders.prices.powers[0]))
    cp.Problem(cp.Maximize(weights @ powers), [cp.sum(f) == 1, cones]).solve(solver=cp.CLARABEL)
    return np.maximum(np.asarray(f.value, dtype=np.float64), 0)


def best_distribution(traders: SimpleMechanism) -> tuple[Floats, str]:
    """Probabilities of the prices, and how they were found."""
    value, size, powers = welfare(traders), len(traders.prices.grid), traders.prices.powers
    if all(power == 1 for power in powers):
        f = np.zeros(size)
        f[int(np.argmax(value(np.ones(size) / size)[1]))] = 1
        return f, "linear in the distribution: the best posted price"
    return iterate(value, np.ones(size), float(powers[0])), "monotone iteration on the gradient"


def solve(design: Design, say: Callable[[str], None]) -> Answer:
    """Proposition 13's family: a given one is audited; the best is concave in the distribution: any distribution gives a lower
    end, its tangents an upper one."""
    weights = tuple(design.wants.weights or (Rationals.of(1),) * 2)
    if design.distribution is not None:
        say("audit")
        given = SimpleMechanism(design.environment, design.distribution, weights)
        report = given.audit()
        status = "feasible" if report.passed else "infeasible"
        return Answer(design, status, True, simple=given, audit=report)
    say("the best distribution")
    uniform = Rationals(np.ones(len(design.environment.prices.grid), dtype=np.int64))  # type: ignore[union-attr]
    found, method = best_distribution(SimpleMechanism(design.environment, uniform, weights))
    best = SimpleMechanism(design.environment, _rounded(found), weights)
    value, bound = best.welfare()[0], best_simple_bound(best)
    status = verdict(design, value, bound)
    return Answer(design, status, True, value, bound, simple=best, audit=best.audit(), method=method)


def _rounded(weights: Floats, parts: int = 10**9) -> Rationals:
    """Probabilities with a small common denominator; the largest takes up the rounding."""
    cells = np.rint(weights / weights.sum() * parts).astype(np.int64)
    cells[int(np.argmax(cells))] += parts - int(cells.sum())
    return Rationals(cells, parts)
