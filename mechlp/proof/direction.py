"""Directions: changes of transfers that can be added to a mechanism any number of times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..exact.numbers import Rationals
from ..mechanism.audit import audit, lying_payoffs, truthful_payoffs
from ..mechanism.ends import most_outside
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.requirements import laid_flat
from .invalid import InvalidCertificate


def homogeneous(design: Design) -> Design:
    """The same requirements with outside options and transfer bounds at zero: what a direction must satisfy."""
    environment = replace(design.environment, outside=())
    bounds = design.transfers
    if not isinstance(bounds, str):
        bounds = tuple(tuple(None if b is None else Fraction(0) for b in pair) for pair in bounds)  # type: ignore[misc]
    told = design.misreports
    if told is not None:
        told = tuple(replace(one, slack=one.slack * 0) for one in told)
    return replace(design, environment=environment, transfers=bounds, misreports=told, document=None)


def check_direction(design: Design, direction: Sequence[Mechanism]) -> None:
    """That a change of transfers alone (one mechanism a rule) keeps every requirement, measured from nothing.

    Raises
    ------
    InvalidCertificate
    """
    if any(bool(np.any(d.allocation != 0)) for d in direction):
        raise InvalidCertificate("a direction changes the lottery; lotteries are bounded")
    report = audit(direction, homogeneous(design))
    apart = {
        "lottery",
        "allocation rule",
        "deterministic allocation",
        *(rows.kind for rows in design.requirements),
    }
    broken = [v for v in report.worst if v.kind not in apart]
    if broken:
        raise InvalidCertificate(f"the direction breaks a requirement: {broken[0]}")
    for name in (name for d in direction for name in broken_rows(design, d)):
        raise InvalidCertificate(f"the direction breaks a requirement: {name}")


def broken_rows(design: Design, direction: Mechanism) -> Iterator[str]:
    """The families of requirements given row by row that a direction breaks."""
    blocks = laid_flat(direction.allocation, direction.transfers, design.requirements)
    for rows in design.requirements:
        change = rows.slack(blocks) + rows.stored(rows.rhs.broadcast_to(rows.shape))
        if bool(np.any(change < 0 if rows.sense == ">=" else change != 0)):
            yield rows.kind


def check_added(design: Design, rules: Sequence[Mechanism], direction: Sequence[Mechanism]) -> None:
    """That a direction can be added to rules that satisfy a design, any number of times.

    Raises
    ------
    InvalidCertificate
    """
    if len(direction) != len(rules):
        raise InvalidCertificate("a direction that does not change every rule")
    check_direction(design, direction)
    if design.pessimistic:
        _check_labels_kept(design, rules, direction)


def _check_labels_kept(design: Design, rules: Sequence[Mechanism], direction: Sequence[Mechanism]) -> None:
    """One rule (one belief) deters a lie, and one praises a truth, both in the rules and in the direction: so in their sums.

    A worst case of sums is at least the sum of worst cases, so truth needs no such rule; a lie does.  A best case is at most that
    sum: the rule that praises a truth must also keep it worth the outside option.
    """
    assert design.ic_notion is not None
    takes_part = design.ambiguous and design.ir == "interim" and not design.ir_binds
    sides = (rules, direction)
    for i, agent in enumerate(design.environment.agents):
        states = design.ic_notion.states(design.environment, i)
        told = [_by_type([lying_payoffs(m, states, i, r) for m in sides]) for r in range(agent.size)]
        truth = _by_type([truthful_payoffs(m, states, i) for m in sides])
        outside = most_outside(design.environment, rules[0], states, i)
        for place, own in enumerate(map(int, states.types)):
            lies = [told[r][place] for r in range(agent.size) if r != own]
            floor = outside[0].fractions()[place] if takes_part else None
            if not any(
                _stays(design.alpha, truth[place], floor, praised)
                and all(_deterred(design.alpha, truth[place], lie, praised) for lie in lies)
                for praised in range(len(rules))
            ):
                raise InvalidCertificate(
                    "the direction does not keep the rules, or the beliefs, that deter lies"
                )


#: A payoff of one type under every rule (or belief), in the rules that are announced and in the direction.
Pair = tuple[tuple[Fraction, ...], tuple[Fraction, ...]]


def _by_type(sides: Sequence[Sequence[Rationals]]) -> list[Pair]:
    every = [zip(*(row for payoff in side for row in payoff.tolist()), strict=True) for side in sides]
    return list(zip(*every, strict=True))


def _worth(alpha: Fraction, truth: Pair, praised: int) -> list[Fraction]:
    return [alpha * min(t) + (1 - alpha) * t[praised] for t in truth]


def _stays(alpha: Fraction, truth: Pair, outside: Fraction | None, praised: int) -> bool:
    """Whether truth is worth the outside option in the mechanism, and no less in the direction, praised under one rule."""
    if outside is None:
        return True
    worth, more = _worth(alpha, truth, praised)
    return worth >= outside and more >= 0


def _deterred(
    alpha: Fraction,
    truth: Pair,
    lie: Pair,
    praised: int,
) -> bool:
    """Whether one rule or belief punishes a lie in the mechanism and in the direction, truth being praised under another."""
    worth = _worth(alpha, truth, praised)
    return any(
        all(alpha * side[k] + (1 - alpha) * max(side) <= w for side, w in zip(lie, worth, strict=True))
        for k in range(len(lie[0]))
    )
