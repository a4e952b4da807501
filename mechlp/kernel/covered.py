"""What the library for Coq has definitions of; the rest is refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..environment.trade import money_surplus
from ..question.design import Design
from ..question.premises import InvalidDesign

#: IC, IR and BB by name: what the library calls the notion, and the requirement.
IC = {
    "bayesian": ("BayesianIC", "bayesian_IC"),
    "ex-post": ("ExPostIC", "ex_post_IC"),
    "none": ("NoIC", ""),
}
IR = {
    "interim": ("InterimIR", "interim_IR"),
    "binds": ("InterimIRBinds", "interim_IR_binds"),
    "ex-post": ("ExPostIR", "ex_post_IR"),
    "none": ("NoIR", ""),
}
BB = {
    "ex-post": ("ExPostBB", "ex_post_BB"),
    "ex-post-weak": ("ExPostWeakBB", "ex_post_weak_BB"),
    "ex-ante": ("ExAnteBB", "ex_ante_BB"),
    "ex-ante-weak": ("ExAnteWeakBB", "ex_ante_weak_BB"),
    "none": ("NoBB", ""),
}


class NotCovered(InvalidDesign):
    """An answer that the library for Coq has no definitions for; the message says which part."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"--proof coq does not cover {what}; docs/kernel.md lists what it covers, and `mechlp verify` checks every answer"
        )


def check(design: Design) -> None:
    """That a question has a statement.  Raises NotCovered."""
    for what in _missing(design):
        raise NotCovered(what)


def _named(design: Design, rule: str) -> bool:
    return isinstance(design.allocation, str) and design.allocation == rule


def _between_ends(design: Design) -> Iterator[str]:
    """What is not stated of payoffs that are known between two ends."""
    environment = design.environment
    above = environment.outside_above or environment.outside
    if any(not low.same(high) for low, high in zip(environment.outside, above, strict=True)):
        yield "outside options that are known between two ends"
    wants, of_payoffs = design.wants, ("surplus", "weighted-interim")
    plain = wants.weights is None and wants.maximize and environment.money is None
    if wants.kind not in ("feasibility", "revenue", "linear") and not (plain and wants.kind in of_payoffs):
        yield f"objective: {wants.kind}, of payoffs that are known between two ends"
    if (
        design.ic not in IC
        or design.ir_binds
        or design.deterministic
        or design.robust
        or design.misreports is not None
    ):
        yield "payoffs between two ends with several beliefs, rules or priors, full extraction, or lies that are impossible"
    if environment.actions is not None:
        yield "recommended actions with payoffs that are known between two ends"


def _missing(design: Design) -> Iterator[str]:
    environment = design.environment
    if design.simple:
        assert environment.prices is not None
        if environment.prices.powers[0] != environment.prices.powers[1] or not money_surplus(environment):
            yield "simple mechanisms of traders who are not equally risk averse, or gain anything but money"
        return
    if environment.prices is not None:
        yield "trade at prices"
    if not environment.exact:
        yield from _between_ends(design)
    obey = environment.actions is not None and design.ic != "none"
    if obey and (design.deterministic or design.misreports is not None):
        yield "recommended actions with deterministic rules, or lies that are impossible"
    if environment.possible is not None:
        yield "outcomes that an agent can veto"
    if design.misreports is not None and design.ic not in IC:
        yield f"lies that are impossible, or may pay, with ic: {design.ic}"
    if design.ic not in (*IC, "obedience", "maxmin", "bewley", "minmax-regret", "ambiguous-transfers"):
        yield f"ic: {design.ic}"
    if design.ambiguous and (design.deterministic or design.robust):
        yield "ambiguous transfers with deterministic rules or a set of priors"
    if design.ic in ("maxmin", "bewley", "minmax-regret"):
        if design.ir_binds:
            yield f"ic: {design.ic} with full extraction"
        if design.deterministic and design.robust:
            yield f"ic: {design.ic} with deterministic rules and a set of priors"
    if any(one.rows(environment).variables for one in design.constraints):
        yield "requirements with further variables"
    if design.wants.kind == "undominated":
        yield "comparison with a given mechanism"
    if design.ir_binds and design.ir != "interim":
        yield "full extraction ex post"
    some = environment.designer is not None and bool(np.any(environment.designer == 0))
    if design.ir_binds and _named(design, "efficient") and some:
        yield "an allocation that is efficient on the support of the prior alone"
    if _named(design, "efficient") and environment.money is not None:  # `efficient` adds up what outcomes are worth in money
        yield "an efficient allocation where the surplus is not counted in money"
    if design.robust and design.bb.startswith("ex-ante"):
        yield "ex-ante budget balance under a set of priors"
