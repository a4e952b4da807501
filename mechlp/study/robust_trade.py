"""Robust trade in closed form on a grid: is the mechanism best against the prior, and the prior worst for the mechanism?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ..beliefs.sets import Worst, worst
from ..closed_forms.extreme_means import NoTrade, OneTypeKnown
from ..closed_forms.robust_trade import DeterministicTrade, RobustTrade, best_posted_thresholds
from ..closed_forms.trade_boundary import TradeBoundary
from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.objective import goal

#: Types (buyers, sellers) between which worst-case types are positively correlated: all but the value 1, all but the cost 0.
INSIDE = (slice(0, -1), slice(1, None))


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
    return Saddle(worst_revenue(design, mechanism), answer.value)


def worst_revenue(design: Design, mechanism: Mechanism) -> Fraction:
    """The worst expectation of the objective over the designer's set of priors."""
    possible, aim = design.environment.designer_set, goal(design)
    assert possible is not None and aim is not None
    return worst(possible, aim.by_profile(mechanism.allocation, mechanism.transfers)).value


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


def about_the_continuum(form: RobustTrade | OneTypeKnown | NoTrade) -> Iterator[str]:
    """The closed form, and what is proved of it."""
    if isinstance(form, NoTrade):
        yield "nothing can be guaranteed: M_B <= M_S, and the value may never exceed the cost (Observation 1)"
        return
    r1, r2 = form.thresholds
    if isinstance(form, OneTypeKnown):
        known, other = ("cost is 0", "M_B") if form.seller_known else ("value is 1", "1 - M_S")
        yield f"V = r = {form.value:.10f} with r - r ln r = {other}: the {known} for sure (Carrasco et al. 2018)"
        return
    price_b, price_s, mu = form.prices
    yield f"V = r1 (1 - r2) = {form.value:.10f} with r1 = {r1:.8f}, r2 = {r2:.8f}, the largest W(r1, r2)"
    if form.thresholds_within is not None:
        yield (
            f"r1 and r2 are unique (Lemma 2: log W is strictly concave where W is positive), proved within "
            f"{float(form.thresholds_within):.0e} of these by ball arithmetic"
        )
    yield (
        f"revenue is at least {price_b:.8f} b {price_s:+.8f} s {mu:+.8f} at every pair of types, with equality where trade has "
        "a chance"
    )
    proved = rounded_down(form.proved(), places=10)
    yield f"{proved} is guaranteed, proved by ball arithmetic at these thresholds rounded to 12 digits"
    yield (
        "in the worst case types are positively correlated for r1 <= b < 1 and 0 < s <= r2, not at b = 1 nor at s = 0 "
        "(Remarks 2 and 4): with w = r1 + (1 - r1 - r2)(b - r1)/(1 - r1), Pr(S <= s | b) = (w/(b - s))^2 falls in b there, "
        "and is w/(b - s) at b = 1"
    )


def numbers_of(form: RobustTrade | OneTypeKnown | NoTrade) -> dict[str, Fraction | float]:
    """The closed form as numbers; those of the continuum are floats but for what is proved to be guaranteed."""
    found: dict[str, Fraction | float] = {"value": form.value}
    if not isinstance(form, NoTrade):
        found |= dict(zip(("r1", "r2"), form.thresholds, strict=True))
    if isinstance(form, RobustTrade):
        found |= dict(zip(("lambda_B", "lambda_S", "mu"), form.prices, strict=True))
        found["proved"] = form.proved()
        if form.thresholds_within is not None:
            found["thresholds_within"] = form.thresholds_within
    return found


def about_boundary(boundary: TradeBoundary, found: Worst, best: DeterministicTrade) -> Iterator[str]:
    """What a given rule guarantees, exactly, and the most that one without lotteries can."""
    values, costs, _ = boundary.lowest
    belief = found.belief.reshape(len(values), len(costs)).tolist()
    masses = [
        f"{text(p)} at ({text(b)}, {text(s)})"
        for b, row in zip(values, belief, strict=True)
        for s, p in zip(costs, row, strict=True)
        if p
    ]
    worst_case = f"the worst case has masses near {', '.join(masses)}"
    yield f"this rule guarantees exactly {text(found.value)} ({float(found.value):.8f}), and no more: {worst_case}"
    yield f"the most that a rule without lotteries guarantees is {best.value:.10f} (Theorem 3)"


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


__all__ = [
    "INSIDE",
    "Saddle",
    "about_boundary",
    "about_deterministic",
    "about_robust_trade",
    "about_the_continuum",
    "numbers_of",
    "saddle",
    "worst_revenue",
]
