"""Robust trade in closed form on a grid: is the mechanism best against the prior, and the prior worst for the mechanism?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ..beliefs.sets import worst
from ..closed_forms.robust_trade import DeterministicTrade, RobustTrade, best_posted_thresholds
from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.objective import goal


@dataclass(frozen=True)
class Saddle:
    """How far a mechanism and a prior of the designer's set are from a saddle point, exactly.

    ``guarantee`` is the worst expectation of the mechanism over the set, ``best`` the best one of any mechanism under the
    prior: the value lies between the two, and their difference, ``residual``, is zero at a saddle point.
    """

    guarantee: Fraction
    best: Fraction

    @property
    def residual(self) -> Fraction:
        return self.best - self.guarantee


def saddle(design: Design, mechanism: Mechanism, prior: Rationals) -> Saddle:
    """Both sides of a maximisation over a set of priors.

    Raises
    ------
    ValueError
        When the objective is not such a maximisation, the prior is not in the set, or a side is not decided.
    """
    environment, aim = design.environment, goal(design)
    possible = environment.designer_set
    if possible is None or aim is None or not design.robust or not aim.maximize:
        raise ValueError("a saddle point is about a maximum of the worst expectation over a set of priors")
    if possible.lifts == 0 and not possible.admits(prior.reshape(-1)):
        raise ValueError("the prior does not belong to the designer's set")
    bayesian = replace(environment, designer_set=None, designer=prior)
    answer = design.asking(environment=bayesian, continuum=False).solve(relax=False)
    if answer.value is None or not answer.certified:
        raise ValueError("the best response to the prior was not decided")
    gives = aim.by_profile(mechanism.allocation, mechanism.transfers)
    return Saddle(worst(possible, gives).value, answer.value)


def about_robust_trade(found: Saddle) -> Iterator[str]:
    """What holds on the grid."""
    yield (
        f"the closed-form chance of trade, rounded to 12 digits, with the least rents, guarantees "
        f"{rounded_down(found.guarantee, places=8)}"
    )
    yield (
        f"no mechanism has more than {rounded_up(found.best, places=8)} under the closed-form distribution, split between the "
        f"points of the grid: residual {rounded_up(found.residual, places=8)}, of the order of the step"
    )


def about_the_continuum(form: RobustTrade) -> Iterator[str]:
    """The closed form, and what is proved of it."""
    r1, r2 = form.thresholds
    price_b, price_s, mu = form.prices
    yield f"V = r1 (1 - r2) = {form.value:.10f} with r1 = {r1:.8f}, r2 = {r2:.8f}, the largest W(r1, r2)"
    yield (
        f"revenue is at least {price_b:.8f} b {price_s:+.8f} s {mu:+.8f} at every pair of types, with equality where trade has "
        "a chance"
    )
    proved = rounded_down(form.proved(), places=10)
    yield f"{proved} is guaranteed, proved by ball arithmetic at these thresholds rounded to 12 digits"


def about_deterministic(form: DeterministicTrade, m: int) -> tuple[list[str], list[str]]:
    """Sentences about the grid, and about the continuum."""
    value, at = best_posted_thresholds(m, form.mean_b, form.mean_s)
    where = (
        "no trade"
        if at is None
        else f"trade where b >= {text(at[0])} and s <= {text(at[1])}, at these prices"
    )
    grid = [
        f"the most that a deterministic mechanism guarantees is {text(value)} ({float(value):.8f}): {where}"
    ]
    b, s = form.thresholds
    if not form.worst_prior:
        return grid, ["sqrt(M_S) + sqrt(1 - M_B) >= 1: no trade is optimal (Theorem 3)"]
    masses = ", ".join(f"{p:.6f} on ({v[0]:.6f}, {v[1]:.6f})" for v, p in form.worst_prior.items())
    return grid, [
        f"(1 - sqrt(M_S) - sqrt(1 - M_B))^2 = {form.value:.10f}, by trade where b > {b:.8f} and s < {s:.8f} (Theorem 3)",
        f"the worst-case distribution puts {masses}",
    ]


__all__ = ["Saddle", "about_deterministic", "about_robust_trade", "about_the_continuum", "saddle"]
