"""Conditions on single outcomes: a bad outcome, ex-post weak Pareto efficiency."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from ...exact.numbers import rational, stack, text
from ...mechanism.deviations import Play
from ...question.implementation import Implementation
from ..invalid import InvalidCertificate
from .findings import Finding
from .margins import Point, Row, System, sparse

ONE = Fraction(1)
Witness = Mapping[str, Any]


def bad_outcome_system(question: Implementation) -> System:
    """One outcome; what everybody loses by it, whatever the types and the reports, is the gain."""
    environment = question.environment
    rows = []
    tables = [Play.truth(environment, choice).payoffs for choice in question.choices]
    for i in range(environment.n):
        worst = stack([payoffs[i].min(axis=0) for payoffs in tables]).min(axis=0).fractions()
        for k, types in enumerate(np.ndindex(*environment.shape)):
            # u(outcome) + delta <= worst, written as a gain: -u >= -worst + delta
            rows.append(Row(i, ((0, types, -ONE),), -worst[k], gain=0))
    return System(question, 1, tuple(rows))


def bad_outcome(question: Implementation, witness: Witness) -> Finding:
    """Definition 2.5.1: the margin delta of an outcome, and multipliers that show that none has a larger one."""
    system = bad_outcome_system(question)
    point = _point(question, system, witness["outcome"])
    delta = system.check(point)[0]
    unlimited = witness["multipliers"] is None
    if not unlimited:
        most = system.bound(sparse(witness["multipliers"], len(system.rows)))
        if most != delta:
            raise InvalidCertificate(
                f"bad outcome: the multipliers show {text(most)}, the outcome has {text(delta)}"
            )
    elif delta <= 0:
        raise InvalidCertificate("bad outcome: neither an outcome nor multipliers")
    saved = {"outcome": point.to_json(), "delta": text(delta), "multipliers": witness["multipliers"]}
    what = outcome_text(question, point, 0)
    if delta > 0:
        size = f"by {text(delta)} at least" + ("" if unlimited else ", and by no outcome more")
        return Finding(
            "bad-outcome",
            True,
            (f"{what} is worse than every outcome of the function, for all types: {size}",),
            saved,
        )
    return Finding(
        "bad-outcome",
        False,
        (f"no outcome is strictly worse for all agents and types: the largest margin is {text(delta)}",),
        saved,
    )


def pareto_system(question: Implementation, types: tuple[int, ...]) -> System:
    """One outcome at a profile; the least that anybody gains by it is the gain."""
    environment = question.environment
    lottery, paid = question.choice.at(types)
    now = [(u[(slice(None), *types)] * lottery).sum() + paid[i] for i, u in enumerate(environment.utility)]
    return System(question, 1, tuple(Row(i, ((0, types, ONE),), u, gain=0) for i, u in enumerate(now)))


def weak_pareto(question: Implementation, witness: Witness) -> Finding:
    """Footnote 6 of chapter 2: an outcome that all prefer at a profile, or multipliers (welfare weights) at each profile."""
    environment = question.environment
    if "outcome" in witness:
        types = tuple(int(k) for k in witness["profile"])
        if len(types) != environment.n or not all(
            0 <= k < s for k, s in zip(types, environment.shape, strict=True)
        ):
            raise InvalidCertificate("weak Pareto: no such profile")
        system = pareto_system(question, types)
        point = _point(question, system, witness["outcome"])
        gain = system.check(point)[0]
        if gain <= 0:
            raise InvalidCertificate("weak Pareto: the outcome is not better for all")
        words = f"at ({environment.profile_label(types)}) {outcome_text(question, point, 0)} is better for all, by {text(gain)}"
        return Finding("weak-pareto", False, (words,), {"profile": list(types), "outcome": point.to_json()})
    weights = witness["weights"]
    if len(weights) != environment.num_profiles:
        raise InvalidCertificate("weak Pareto: welfare weights for each profile are expected")
    for types, own in zip(np.ndindex(*environment.shape), weights, strict=True):
        system = pareto_system(question, types)
        if len(own) != len(system.rows) or system.bound([rational(w) for w in own]) > 0:
            raise InvalidCertificate(
                f"weak Pareto: at ({environment.profile_label(types)}) the weights show nothing"
            )
    words = "at every profile welfare weights exist at which what the function gives is best"
    return Finding("weak-pareto", True, (words,), {"weights": [list(own) for own in weights]})


def _point(question: Implementation, system: System, data: Any) -> Point:
    environment = question.environment
    return Point.from_json(data, system.places, len(environment.outcomes), environment.n)


def outcome_text(question: Implementation, point: Point, place: int) -> str:
    """A lottery and transfers in words."""
    environment = question.environment
    chances = point.lotteries[place].fractions()
    shown = [
        a if c == 1 else f"{text(c)} {a}" for a, c in zip(environment.outcomes, chances, strict=True) if c
    ]
    paid = point.transfers[place].fractions()
    said = " + ".join(shown)
    if any(paid):
        each = ", ".join(f"{a.name} {text(t)}" for a, t in zip(environment.agents, paid, strict=True))
        said += f" with transfers ({each})"
    return said


__all__ = ["bad_outcome", "bad_outcome_system", "outcome_text", "pareto_system", "weak_pareto"]
