"""Closed forms of mechanisms by name: built from numbers, audited on a grid, with what is known of the continuum beside it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..closed_forms.extreme_means import robust_trade
from ..closed_forms.known_means import InvalidMarket, unit_grid
from ..closed_forms.robust_trade import DeterministicTrade, best_posted_thresholds, posted
from ..closed_forms.trade_boundary import TradeBoundary
from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import rational, text
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from .finding import Finding
from .known_means import MOST_AUDITED, Numbers, alpha_auction, continuum_auction, reference_rule
from .midpoint import UniformLottery
from .priors import PriorTable
from .robust_trade import (
    about_boundary,
    about_deterministic,
    about_robust_trade,
    about_the_continuum,
    numbers_of,
    saddle,
    worst_revenue,
)


def _question(mechanism: Mechanism) -> Design:
    """The most revenue guaranteed, dominant strategies."""
    return Design(mechanism.environment, ic="ex-post", ir="ex-post", objective="revenue")


def _robust_trade(numbers: Numbers) -> Finding:
    form, m = robust_trade(numbers["M_B"], numbers["M_S"]), int(numbers["n"])
    mechanism = form.mechanism(unit_grid(m))
    design, prior = _question(mechanism), form.prior(m)
    found = saddle(design, mechanism, prior)
    sides = {"guarantee_on_grid": found.guarantee, "bound_on_grid": found.best, "residual": found.residual}
    return Finding(
        f"robust trade with known means, on {m} x {m} types",
        mechanism,
        audit(mechanism, design.asking(bb="ex-post-weak")),
        (),
        tuple(about_robust_trade(found)),
        tuple(about_the_continuum(form)),
        {**numbers_of(form), **sides},
        PriorTable(mechanism.environment, prior),
    )


def _deterministic_trade(numbers: Numbers) -> Finding:
    form, m = DeterministicTrade(numbers["M_B"], numbers["M_S"]), int(numbers["n"])
    best, at = best_posted_thresholds(m, form.mean_b, form.mean_s)
    mechanism = posted(m, form.mean_b, form.mean_s, at)
    on_grid, continuum = about_deterministic(form, m)
    b, s = form.thresholds
    return Finding(
        f"robust trade with known means, deterministic, on {m} x {m} types",
        mechanism,
        audit(mechanism, _question(mechanism).asking(bb="ex-post-weak")),
        (),
        tuple(on_grid),
        tuple(continuum),
        {"value": form.value, "b": b, "s": s, "best_on_grid": best},
    )


def _trade_boundary(numbers: Numbers) -> Finding:
    means = numbers["M_B"], numbers["M_S"]
    zero, one = Fraction(0), Fraction(1)
    corners = (numbers["b"], zero), (numbers["corner_b"], numbers["corner_s"]), (one, numbers["s"])
    boundary, best, m = TradeBoundary(corners), DeterministicTrade(*means), int(numbers["n"])
    mechanism, found = boundary.mechanism(unit_grid(m), *means), boundary.guarantee(*means)
    on_grid = worst_revenue(_question(mechanism), mechanism)
    return Finding(
        f"a deterministic trade rule with known means, on {m} x {m} types",
        mechanism,
        audit(mechanism, _question(mechanism).asking(bb="ex-post-weak")),
        (),
        (f"it guarantees {text(on_grid)} ({float(on_grid):.8f}) on this grid, with the least rents on it",),
        tuple(about_boundary(boundary, found, best)),
        {"guarantee": found.value, "best_deterministic": best.value, "guarantee_on_grid": on_grid},
    )


def _uniform_lottery(numbers: Numbers) -> Finding:
    g = numbers["g"]
    if not 0 < g <= 1:
        raise InvalidMarket(f"g = {text(g)} is not in (0, 1]")
    form = UniformLottery(int(numbers["n"]), g)
    mechanism, (low, high), least = form.mechanism(), form.continuum, form.least_ratio()
    between = f"{rounded_down(low, places=10)} to {rounded_up(high, places=10)}"
    return Finding(
        f"a uniform lottery over posted prices, and the simple mechanism of the same distribution, on {form.n} x {form.n} types",
        mechanism,
        audit(mechanism, Design(mechanism.environment, ic="ex-post", ir="ex-post", transfers="none")),
        (),
        (
            f"the simple mechanism gives every trader at least {rounded_down(least[0], places=8)} times what the lottery gives "
            "her, at every profile that trades",
        ),
        (
            f"the ratio is (1 + g)/2^g d^(g - 1) where the gains from trade are d: at least (1 + g)/2^g = {between} (Example 8)",
        ),
        {"ratio_at_least": low, "ratio_at_most": high, "least_ratio_on_grid": least[0]},
    )


@dataclass(frozen=True)
class ClosedForm:
    """A builder, what it builds, and its numbers with their defaults."""

    about: str
    numbers: Numbers
    build: Callable[[Numbers], Finding]


def _numbers(c_star: str, v_star: str, **more: int | str) -> dict[str, Fraction]:
    given = {"c_star": c_star, "v_star": v_star, **more}
    return {name: rational(value) for name, value in given.items()}


CLOSED_FORMS: dict[str, ClosedForm] = {
    "alpha-auction": ClosedForm(
        "bilateral trade with known means, exact on a grid of [0, 1] (Wolitzky 2015, Theorem 2)",
        _numbers("1/4", "3/4", n=9),
        alpha_auction,
    ),
    "continuum-auction": ClosedForm(
        "the same in the continuum, for any intervals (Theorem 3)",
        _numbers("1/2", "1/2", c_low=0, c_high=1, v_low=0, v_high=1, modified=0, step="1/8"),
        continuum_auction,
    ),
    "reference-rule": ClosedForm(
        "trade at a reference price p*, or at a reservation price (Propositions 1 and 3)",
        _numbers("7/8", "5/8", p_star="3/4", eps=0, n=9),
        reference_rule,
    ),
    "robust-trade": ClosedForm(
        "the most revenue guaranteed from two means, with its saddle point (Zhang 2021, Theorems 1 and 2)",
        {"M_B": Fraction(7, 10), "M_S": Fraction(3, 10), "n": Fraction(11)},
        _robust_trade,
    ),
    "deterministic-trade": ClosedForm(
        "the same without lotteries (Theorem 3)",
        {"M_B": Fraction(9, 10), "M_S": Fraction(1, 10), "n": Fraction(11)},
        _deterministic_trade,
    ),
    "uniform-lottery": ClosedForm(
        "how much better a simple mechanism is than a lottery over posted prices (Čopič and Ponsatí 2006, Example 8)",
        {"g": Fraction(1, 2), "n": Fraction(5)},
        _uniform_lottery,
    ),
    "trade-boundary": ClosedForm(
        "what one rule without lotteries guarantees: trade below the boundary (b, 0), (corner_b, corner_s), (1, s)",
        {
            name: rational(value)
            for name, value in {
                "M_B": "8/9",
                "M_S": "1/9",
                "b": "2/3",
                "s": "1/3",
                "corner_b": "2/3",
                "corner_s": "1/3",
                "n": 10,
            }.items()
        },
        _trade_boundary,
    ),
}


def closed_form(name: str, given: Mapping[str, Any]) -> Finding:
    """Build a closed form and audit it on its grid.

    Raises
    ------
    InvalidMarket
        An unknown name, or numbers for which it is not defined.
    """
    form = CLOSED_FORMS.get(name)
    if form is None:
        raise InvalidMarket(f"no closed form is named {name!r}: {', '.join(CLOSED_FORMS)}")
    numbers = dict(form.numbers)
    for key, value in given.items():
        if key not in numbers:
            near = difflib.get_close_matches(key, list(numbers), 1)
            raise InvalidMarket(
                f"{name} has no number {key!r}; "
                + (f"did you mean {near[0]!r}?" if near else f"known: {', '.join(numbers)}")
            )
        try:
            numbers[key] = rational(value)
        except ValueError as error:
            raise InvalidMarket(f"{key}: {error}") from None
    n = numbers.get("n", Fraction(2))
    if n.denominator != 1 or not 2 <= n <= MOST_AUDITED:
        raise InvalidMarket(
            f"n = {text(n)}: a whole number of grid points from 2 to {MOST_AUDITED} is needed"
        )
    return form.build(numbers)
