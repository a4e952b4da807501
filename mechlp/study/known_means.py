"""Mechanisms for bilateral trade with known means, audited on a grid, with what is known of the continuum (Wolitzky 2015)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from ..closed_forms.dominated_truth import Sides, dominated_by_auction, dominated_by_reference_rule, in_words
from ..closed_forms.known_means import (
    GridAuction,
    Interval,
    InvalidMarket,
    Market,
    ReferenceRule,
    unit_grid,
    with_known_means,
)
from ..exact.numbers import rational, text
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..proof.worst_case import best_lie, dominated_pairs
from ..question.design import Design
from .finding import Finding
from .hedging import hedging

Numbers = Mapping[str, Fraction]
#: Most grid points of an audit: it looks at the cube of this many payoffs under each of its square of beliefs.
MOST_AUDITED = 65
#: Most types of an agent whose mixtures of reports are examined: two programs a type.
MOST_HEDGED = 17


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


def alpha_auction(numbers: Numbers) -> Finding:
    """``c_star, v_star, n``: the auction that is exact on the grid of n points (Theorem 2)."""
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


def continuum_auction(numbers: Numbers) -> Finding:
    """Means, ends of both intervals, ``step`` of the grid and ``modified``: the auction of Theorem 3, or of Proposition 2."""
    costs, values = (
        (numbers["c_low"], numbers["c_high"]),
        (numbers["v_low"], numbers["v_high"]),
    )
    if numbers["modified"] not in (0, 1):
        raise InvalidMarket(f"modified = {text(numbers['modified'])}: 1 is the auction of Proposition 2, 0 that of Theorem 3")
    market = Market(numbers["c_star"], numbers["v_star"], costs, values, modified=numbers["modified"] == 1)
    step = numbers["step"]
    grids = [_lattice(ends, step, costs[0]) for ends in (costs, values)]
    mechanism, name = market.auction(*grids), "modified alpha" if market.modified else "alpha"
    return _audited(
        f"{name} double auction of the continuum, on {len(grids[0])} x {len(grids[1])} types",
        mechanism,
        numbers,
        "ex-post-weak",
        ["its shares hold logarithms; here they are rounded down to 15 digits", _dominated_here(mechanism)],
        [_verdict(market, "condition (**)"), _dominated(dominated_by_auction(market))],
    )


def _dominated_here(mechanism: Mechanism, ties: str = "") -> str:
    return f"{len(dominated_pairs(mechanism))} lies weakly dominate truth on this grid{ties}"


def _dominated(sides: Sides) -> str:
    """Who is better off by a lie against some types of the other, and never worse."""
    if not any(sides):
        return (
            "truth is weakly dominated for no type: all that can trade keep shares strictly between 0 and 1, by ball arithmetic "
            "(Proposition 2)"
        )
    return (
        f"truth is weakly dominated for {in_words(sides)}, to whom the trades that shading loses are worth nothing, and for no "
        "other type"
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


def reference_rule(numbers: Numbers) -> Finding:
    """``c_star, v_star, p_star, eps, n``: the rule of Propositions 1 and 3."""
    rule = ReferenceRule(numbers["p_star"], numbers["eps"])
    market = Market(numbers["c_star"], numbers["v_star"])
    mechanism = rule.mechanism(unit_grid(int(numbers["n"])))
    found = _audited(
        f"reference rule with p* = {text(rule.p_star)}, eps = {text(rule.eps)}",
        mechanism,
        numbers,
        "ex-post",
        [
            _dominated_here(
                mechanism, ": as ties trade, shading to the next type of the grid only loses a tie that is worth nothing"
            )
        ],
        [],
    )
    said = (*_about_reference_rule(rule, market, found), _dominated(dominated_by_reference_rule(rule)))
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


__all__ = ["MOST_AUDITED", "Numbers", "alpha_auction", "continuum_auction", "reference_rule"]
