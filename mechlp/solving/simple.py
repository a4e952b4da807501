"""The best simple mechanism: a concave program in the distribution over prices (Čopič and Ponsatí 2006, section 3.3).

Floats propose the distribution; :func:`mechlp.mechanism.simple.best_simple_bound` says how far it can be from the best.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..environment.prices import PriceEnvironment

Floats = npt.NDArray[np.float64]
MAX_STEPS, TOLERANCE = 20_000, 1e-10
#: value and gradient in the weights.
Value = Callable[[Floats], tuple[float, Floats]]


def _utilities(environment: PriceEnvironment) -> tuple[Floats, Floats]:
    """Rows: what each price is worth to a trader at a profile, before risk aversion; and the weight of that utility."""
    worths, stakes = [], []
    for agent, surplus in enumerate(environment.surplus):
        worth = np.where(environment.support, np.maximum(surplus.float, 0), 0).reshape(
            -1, len(environment.prices)
        )
        weight = environment.stakes(agent).float.ravel()
        used = (weight > 0) & (worth.max(axis=1) > 0)
        worths.append(worth[used])
        stakes.append(weight[used])
    return np.concatenate(worths), np.concatenate(stakes)


def welfare(environment: PriceEnvironment) -> Value:
    """Expected welfare of the simple mechanism of a distribution over the prices, and its gradient."""
    g = float(environment.powers[0])
    rows, weights = _utilities(environment)

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


def conic(environment: PriceEnvironment) -> Floats:
    """The same by cvxpy's power cones (Clarabel): for small sizes, and as an independent check.

    Raises
    ------
    ImportError
        When cvxpy is missing, with how to install it.
    """
    from ..program.conic import cvxpy

    cp = cvxpy()
    rows, weights = _utilities(environment)
    f, powers = cp.Variable(len(environment.prices), nonneg=True), cp.Variable(len(weights))
    cones = cp.PowCone3D(rows @ f, np.ones(len(weights)), powers, float(environment.powers[0]))
    cp.Problem(cp.Maximize(weights @ powers), [cp.sum(f) == 1, cones]).solve(solver=cp.CLARABEL)
    return np.maximum(np.asarray(f.value, dtype=np.float64), 0)


def best_distribution(environment: PriceEnvironment) -> tuple[Floats, str]:
    """Probabilities of the prices, and how they were found."""
    value, size = welfare(environment), len(environment.prices)
    if environment.risk_neutral:
        f = np.zeros(size)
        f[int(np.argmax(value(np.ones(size) / size)[1]))] = 1
        return f, "linear in the distribution: the best posted price"
    return iterate(value, np.ones(size), float(environment.powers[0])), "monotone iteration on the gradient"
