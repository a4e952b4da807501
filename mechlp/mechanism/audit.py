"""The audit: every IC, IR and BB requirement of a design, evaluated from the definition.

Nothing here looks at a linear program.  A mechanism passes when its report has no violations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..design.design import Design
from ..environment.notions import Notion, States
from ..numbers import Rationals, text
from .mechanism import Mechanism


@dataclass(frozen=True)
class Violation:
    """A requirement that a mechanism breaks: which kind, where (in words), and by how much (> 0)."""

    kind: str
    where: str
    amount: Fraction

    def __str__(self) -> str:
        return f"{self.kind} {self.where}: violated by {text(self.amount)}"


@dataclass(frozen=True)
class Audit:
    """``checked`` counts requirements by kind; ``worst`` holds the worst violation of each broken kind."""

    checked: dict[str, int]
    worst: tuple[Violation, ...]

    @property
    def passed(self) -> bool:
        return not self.worst

    def __str__(self) -> str:
        counts = ", ".join(f"{n:,} {kind}" for kind, n in self.checked.items() if n)
        if self.passed:
            return f"passed: {counts} requirements hold exactly"
        return "failed: " + "; ".join(map(str, self.worst))


def audit(mechanism: Mechanism, design: Design) -> Audit:
    """Evaluate every requirement of ``design`` at ``mechanism``, exactly, from the definition."""
    checked: dict[str, int] = {}
    worst: dict[str, Violation] = {}
    for kind, where, slack, equal in _requirements(mechanism, design):
        checked[kind] = checked.get(kind, 0) + slack.size
        if slack.size == 0:
            continue
        shortfall = abs(slack) if equal else -slack
        amount = shortfall.max()
        if amount > 0 and (kind not in worst or amount > worst[kind].amount):
            cell = np.unravel_index(int(np.argmax(shortfall == amount)), slack.shape)
            worst[kind] = Violation(kind, where(tuple(map(int, cell))), amount)
    return Audit(checked, tuple(worst.values()))


def evaluate(states: States, payoff: Rationals) -> Rationals:
    """``L_w`` of a payoff ``(types, *rest)`` in every state: ``(W, types)``, or unsummed ``(1, types, *rest)``."""
    payoff = payoff[states.types]
    if not states.summed:
        return payoff.reshape(1, *payoff.shape)
    weights = states.weights[:, states.types] if states.weights.shape[1] > 1 else states.weights
    total = (weights * payoff).sum(axis=tuple(range(2, weights.ndim)))
    mass = states.mass[:, states.types] if states.mass.shape[1] > 1 else states.mass
    return total if total.size == 0 else total / mass


def _requirements(mechanism: Mechanism, design: Design) -> Iterator[tuple]:  # type: ignore[type-arg]
    """(kind, namer of a cell, slack array, whether it must be zero) for every family of requirements."""
    environment = design.environment
    for i in range(environment.n):
        if design.ic_notion is not None:
            yield from _ic(mechanism, design.ic_notion, i)
        if design.ir_notion is not None:
            states = design.ir_notion.states(environment, i)
            truth = evaluate(states, mechanism.payoff(i).moveaxis(i, 0))
            slack = truth - evaluate(states, environment.outside[i].moveaxis(i, 0))
            yield "IR", _namer(mechanism, i, states), slack, design.ir_binds
    if design.bb != "none":
        total = -mechanism.transfers.sum(axis=0)
        if design.bb.startswith("ex-ante"):
            total = Rationals.of((environment.designer * total).sum())
        yield "BB", _profile_namer(mechanism), total, not design.bb.endswith("weak")
    yield "lottery", _profile_namer(mechanism), mechanism.allocation.sum(axis=0) - 1, True
    yield "lottery", _profile_namer(mechanism, skip=1), mechanism.allocation, False
    forbidden = mechanism.allocation * Rationals((~design.allowed).astype(np.int64))
    yield "allocation rule", _profile_namer(mechanism, skip=1), forbidden, True
    if isinstance(design.allocation, Rationals):
        yield (
            "allocation rule",
            _profile_namer(mechanism, skip=1),
            mechanism.allocation - design.allocation,
            True,
        )
    if design.deterministic:
        sure = mechanism.allocation.max(axis=0) - 1
        yield "deterministic allocation", _profile_namer(mechanism), sure, True
    for i in range(environment.n):
        low, high = design.transfer_bounds(i)
        if low is not None:
            yield "transfer bound", _profile_namer(mechanism), mechanism.transfers[i] - low, False
        if high is not None:
            yield "transfer bound", _profile_namer(mechanism), high - mechanism.transfers[i], False


def _ic(mechanism: Mechanism, notion: Notion, i: int) -> Iterator[tuple]:  # type: ignore[type-arg]
    environment = mechanism.environment
    states = notion.states(environment, i)
    truth = evaluate(states, mechanism.payoff(i).moveaxis(i, 0))
    for report in range(environment.agents[i].size):
        lie = evaluate(states, mechanism.misreport(i, report))
        yield "IC", _namer(mechanism, i, states, report), truth - lie, False


def _namer(mechanism: Mechanism, i: int, states: States, report: int | None = None):  # type: ignore[no-untyped-def]
    environment = mechanism.environment
    agent = environment.agents[i]
    others = [a for k, a in enumerate(environment.agents) if k != i]

    def name(cell: tuple[int, ...]) -> str:
        own = agent.types[states.types[cell[1]]]
        lie = "" if report is None else f" -> {agent.types[report]}"
        at = ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(others, cell[2:], strict=False))
        return f"[{agent.name}: {own}{lie}{' | ' + at if at else ''}]"

    return name


def _profile_namer(mechanism: Mechanism, skip: int = 0):  # type: ignore[no-untyped-def]
    def name(cell: tuple[int, ...]) -> str:
        return f"[{mechanism.environment.profile_label(cell[skip:])}]" if cell else "[expected]"

    return name
