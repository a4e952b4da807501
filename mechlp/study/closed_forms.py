"""Closed forms of mechanisms by name: built from numbers, audited on a grid, with what is known of the continuum beside it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from ..closed_forms.extreme_means import robust_trade
from ..closed_forms.known_means import (
    GridAuction,
    Interval,
    InvalidMarket,
    Market,
    ReferenceRule,
    unit_grid,
    with_known_means,
)
from ..closed_forms.robust_trade import DeterministicTrade, best_posted_thresholds, posted
from ..closed_forms.trade_boundary import TradeBoundary
from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import rational, text
from ..mechanism.audit import Audit, audit
from ..mechanism.mechanism import Mechanism
from ..proof.worst_case import Deviation, best_lie, dominated_pairs
from ..question.design import Design
from .hedging import hedging
from .midpoint import UniformLottery
from .priors import PriorTable
from .robust_trade import (
    INSIDE,
    about_boundary,
    about_deterministic,
    about_robust_trade,
    about_the_continuum,
    numbers_of,
    saddle,
    worst_revenue,
)

Numbers = Mapping[str, Fraction]
#: Most grid points of an audit: it looks at the cube of this many payoffs under each of its square of beliefs.
MOST_AUDITED = 65
#: Most types of an agent whose mixtures of reports are examined: two programs a type.
MOST_HEDGED = 17


@dataclass(frozen=True)
class Finding:
    """A mechanism on a grid and what became of it.

    * ``audit``: worst-case IC, ex-post IR, budget balance and the efficient allocation, from the definitions;
    * ``lies``: per agent, the lie that gains most (or loses least) in the worst case, where worst cases are compared;
    * ``on_grid`` and ``continuum``: sentences without their full stops;
    * ``numbers``: what they say, as numbers (a float where the number is irrational);
    * ``prior``: the worst-case distribution on the grid.
    """

    title: str
    mechanism: Mechanism
    audit: Audit
    lies: tuple[Deviation, ...]
    on_grid: tuple[str, ...]
    continuum: tuple[str, ...]
    numbers: Mapping[str, Fraction | float] = field(default_factory=dict)
    prior: PriorTable | None = None

    @property
    def holds(self) -> bool:
        """Whether worst-case IC, ex-post IR and budget balance hold on this grid."""
        return self.audit.passed

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        environment = self.mechanism.environment
        return {
            "title": self.title,
            "holds_on_this_grid": self.holds,
            "violations": [
                {"kind": v.kind, "where": v.where, "amount": text(v.amount)} for v in self.audit.worst
            ],
            "best_lies": [lie.to_json(environment) for lie in self.lies],
            "on_this_grid": list(self.on_grid),
            "in_the_continuum": list(self.continuum),
            "numbers": {k: text(x) if isinstance(x, Fraction) else x for k, x in self.numbers.items()},
            **self._prior_json(),
            "mechanism": {
                "types": {a.name: list(a.types) for a in environment.agents},
                **self.mechanism.to_json(),
            },
        }

    def _prior_json(self) -> dict[str, Any]:
        if self.prior is None:
            return {}
        everywhere, inside = self.prior.correlation(), self.prior.correlation(*INSIDE)
        findings = [
            {"among": a, **f.to_json()} for a, fs in (("all", everywhere), ("inside", inside)) for f in fs
        ]
        return {"worst_case_prior": self.prior.to_json(), "correlation": findings}


def _audited(
    title: str, mechanism: Mechanism, numbers: Numbers, bb: str, on_grid: list[str], continuum: list[str]
) -> Finding:
    environment = with_known_means(mechanism.environment, numbers["c_star"], numbers["v_star"])
    design = Design(environment, ic="maxmin", ir="ex-post", bb=bb, allocation="efficient")
    mechanism = replace(mechanism, environment=environment)
    lies = tuple(d for i in range(2) if (d := best_lie(mechanism, i)) is not None)
    return Finding(title, mechanism, audit(mechanism, design), lies, tuple(on_grid), tuple(continuum))


def _with_hedging(found: Finding) -> Finding:
    """What becomes of truth where types may mix reports, and where the order of fear and report is turned around."""
    if max(found.mechanism.environment.shape) > MOST_HEDGED:
        return found
    design = Design(found.mechanism.environment, ic="maxmin", ir="none", allocation="efficient")
    every = hedging(design, found.mechanism)
    best, pessimists = max(every, key=lambda h: h.gain), [h for h in every if not h.minmax]
    if best.gain == 0:
        said = ["hedging: no type gains by mixing reports: one belief makes every report worth no more than truth, for each type"]
    else:
        said = [f"hedging: {best.in_words(design)}"]
    if pessimists:
        agent = design.environment.agents[pessimists[0].agent]
        said.append(
            f"minmax IC fails: under no belief at which her best report is worth least is truth best for {agent.name} "
            f"{agent.types[pessimists[0].own]}"
        )
    else:
        said.append("minmax IC holds: for each type, truth is best under a belief at which the best report is worth least")
    return replace(found, on_grid=(*found.on_grid, *said), numbers={**found.numbers, "hedging_gain": best.gain})


def _verdict(market: Market, name: str) -> str:
    sign, verdict = (">", "is") if market.implementable else ("<", "is NOT")
    left = market.condition().str(10, radius=False)
    return f"the left side of {name} is {left} {sign} 1, by ball arithmetic: efficient trade {verdict} implementable"


def _alpha_auction(numbers: Numbers) -> Finding:
    auction = GridAuction(int(numbers["n"]), numbers["c_star"], numbers["v_star"])
    market = Market(numbers["c_star"], numbers["v_star"])
    excess = auction.excess
    shares = f"alpha_b(1) = {text(auction.alpha_b[Fraction(1)])}, alpha_s(0) = {text(auction.alpha_s[Fraction(0)])}"
    fits = "no more than all gains: no deficit" if excess <= 0 else "more than all gains: a deficit"
    found = _audited(
        f"alpha double auction on the grid of {auction.n} points",
        auction.mechanism,
        numbers,
        "ex-post-weak",
        [f"{shares}: D = alpha_b(1) + alpha_s(0) - 1 = {text(excess)}, {fits}"],
        [_verdict(market, "condition (*)"), "the grid leaves out lies, so more is possible on it"],
    )
    return _with_hedging(found)


def _continuum_auction(numbers: Numbers) -> Finding:
    costs, values = (
        (numbers["c_low"], numbers["c_high"]),
        (numbers["v_low"], numbers["v_high"]),
    )
    market = Market(numbers["c_star"], numbers["v_star"], costs, values)
    step = numbers["step"]
    grids = [_lattice(ends, step, costs[0]) for ends in (costs, values)]
    return _audited(
        f"alpha double auction of the continuum, on {len(grids[0])} x {len(grids[1])} types",
        market.auction(*grids),
        numbers,
        "ex-post-weak",
        ["its shares hold logarithms; here they are rounded down to 15 digits"],
        [_verdict(market, "condition (**)")],
    )


def _lattice(ends: Interval, step: Fraction, origin: Fraction) -> list[Fraction]:
    """Costs and values on one lattice, so that each type's worst belief lives on it."""
    if step <= 0 or any(((end - origin) / step).denominator != 1 for end in ends):
        raise InvalidMarket(f"step = {text(step)}: the ends of both intervals must be whole steps apart")
    count = (ends[1] - ends[0]) / step
    if count >= MOST_AUDITED:
        raise InvalidMarket(
            f"step = {text(step)}: {int(count) + 1} types; at most {MOST_AUDITED} are audited"
        )
    return [ends[0] + k * step for k in range(int(count) + 1)]


def _reference_rule(numbers: Numbers) -> Finding:
    rule = ReferenceRule(numbers["p_star"], numbers["eps"])
    market = Market(numbers["c_star"], numbers["v_star"])
    mechanism = rule.mechanism(unit_grid(int(numbers["n"])))
    pairs = len(dominated_pairs(mechanism))
    found = _audited(
        f"reference rule with p* = {text(rule.p_star)}, eps = {text(rule.eps)}",
        mechanism,
        numbers,
        "ex-post",
        [
            f"{pairs} lies weakly dominate truth: on a grid, shading to the next type only loses a tie that is worth nothing, so "
            '"not weakly dominated" (Propositions 2 and 3) cannot hold on it'
        ],
        [],
    )
    said = tuple(_about_reference_rule(rule, market, found))
    known = {name: numbers[name] for name in ("c_star", "v_star", "p_star", "eps")}
    return _with_hedging(replace(found, continuum=said, numbers=known))


def _about_reference_rule(rule: ReferenceRule, market: Market, found: Finding) -> Iterator[str]:
    bound = text(min(rule.p_star, 1 - rule.p_star))
    if market.v_star <= rule.p_star <= market.c_star:
        if rule.within_bound:
            yield f"incentive compatible: p* lies in [v*, c*] and eps <= min(p*, 1 - p*) = {bound} (Propositions 1 and 3)"
        elif rule.eps < rule.p_star:
            yield f"Proposition 3 asks eps < p*, which holds; it needs eps <= min(p*, 1 - p*) = {bound}, which does not"
        else:
            yield f"Proposition 3 does not apply: it needs eps <= min(p*, 1 - p*) = {bound}"
    for lie in found.lies:
        agent = found.mechanism.environment.agents[lie.agent]
        worst, mean = (
            (rule.seller_worst, market.v_star) if lie.agent == 0 else (rule.buyer_worst, market.c_star)
        )
        own, report = rational(agent.types[lie.own]), rational(agent.types[lie.report])
        truth, told = worst(own, own, mean), worst(own, report, mean)
        if told > truth:
            lie_name = (
                f"the {agent.name} {text(own)} who reports {text(report)} gains {text(told - truth)} here too"
            )
            over = f"over all distributions on [0, 1] with mean {text(mean)}"
            yield f"{lie_name}: {over} the worst expectation of truth is {text(truth)}, of the lie {text(told)}"


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
        _alpha_auction,
    ),
    "continuum-auction": ClosedForm(
        "the same in the continuum, for any intervals (Theorem 3)",
        _numbers("1/2", "1/2", c_low=0, c_high=1, v_low=0, v_high=1, step="1/8"),
        _continuum_auction,
    ),
    "reference-rule": ClosedForm(
        "trade at a reference price p*, or at a reservation price (Propositions 1 and 3)",
        _numbers("7/8", "5/8", p_star="3/4", eps=0, n=9),
        _reference_rule,
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
