"""Questions about the set of interim payoffs of all mechanisms: what a design must be for that set to be convex."""

from __future__ import annotations

from .design import Design, InvalidDesign


def settled(design: Design) -> Design:
    """A design without its objective, when its interim payoffs form a convex set.

    Raises
    ------
    InvalidDesign
        No beliefs; deterministic allocations; types that compare worst cases.
    """
    if design.environment.beliefs is None:
        raise InvalidDesign("interim payoffs need beliefs, and the environment has none: add a prior")
    if design.environment.money is not None:
        raise InvalidDesign(
            "sets of interim payoffs are not offered where types value money differently: leave money out"
        )
    if design.pessimistic:
        raise InvalidDesign(
            f"sets of interim payoffs are not offered with ic: {design.ic} (a worst case is not linear); take ic: bayesian"
        )
    if design.deterministic:
        raise InvalidDesign(
            "the interim payoffs of deterministic rules are no convex set; take allocation: chosen (lotteries)"
        )
    return design.asking(objective="feasibility", secondary="none")
