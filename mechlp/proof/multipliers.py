"""Multipliers on IC, IR and BB, one a named requirement: what a proof in economic terms consists of.

What they imply is :func:`mechlp.proof.bound.bound`; :mod:`mechlp.proof.written` reads and writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, text
from ..question.design import Design
from ..question.rules import Rules


@dataclass(frozen=True)
class RuleWeights:
    """How the multipliers of a design that compares worst cases are spread over its rules and states.

    * ``labels`` says which rule (with maxmin agents, which belief) punishes which lie.
    * ``truth[i]``, shape ``(K, W, |Theta_i|)``: weights of truth under each rule, adding up over rules and states to
      the multipliers of all requirements in which the type's truth appears; non-negative (of any sign where IR binds under every
      rule), and at least ``1 - alpha`` of it on the rule that praises the type.
    * ``lies[i]``, shape ``(K, W, |Theta_i|, |Theta_i|)``: non-negative, adding up to the IC multipliers, at least ``alpha`` of
      each on the rule that punishes the lie.
    * ``objective``, shape ``(K,)``, adds up to one, or to zero in a refutation: every rule has the same value.
    """

    labels: Rules
    truth: tuple[Rationals, ...]
    lies: tuple[Rationals, ...]
    objective: Rationals


@dataclass(frozen=True)
class Multipliers:
    """One multiplier a requirement.

    ``ic[i]`` has shape ``(W, |Theta_i|, |Theta_i|[, *Theta_-i])`` (type, report; zero where they are equal),
    ``ir[i]`` shape ``(W, |Theta_i|[, *Theta_-i])``, ``bb`` the type grid, or nothing more, behind an axis of rules.  None
    where the design asks nothing.  With several rules, requirements of a mechanism that must hold under each rule have the
    rule as their first axis (``bb``, and ``ir`` where it is ex post), and ``rules`` spreads the others over them.
    ``nature`` is the prior of the designer's set under which the objective is bounded: a point of the set
    (:meth:`~mechlp.environment.belief_sets.BeliefSet.admits`).  ``linear`` has the multipliers of each family of
    ``design.requirements``, in its shape, behind an axis of rules where several may be announced.
    """

    ic: tuple[Rationals | None, ...]
    ir: tuple[Rationals | None, ...]
    bb: Rationals | None
    rules: RuleWeights | None = None
    nature: Rationals | None = None
    linear: tuple[Rationals, ...] = ()

    @property
    def count(self) -> int:
        """The number of rules that the proof speaks of."""
        return 1 if self.rules is None else self.rules.labels.count

    @property
    def size(self) -> int:
        """How many multipliers are not zero."""
        arrays = [a for a in (*self.ic, *self.ir, self.bb, *self.linear) if a is not None]
        return sum(len(a.nonzero()[1]) for a in arrays)

    def rows(self, design: Design, most: int | None = None) -> Iterator[Entry]:
        """The nonzero multipliers, named; ``most`` of each kind and agent, the largest, where that is given."""
        for i in range(design.environment.n):
            for kind, array in (("IC", self.ic[i]), ("IR", self.ir[i])):
                for cell in nonzero(array, most):
                    yield entry(design, kind, i, cell, array[cell])  # type: ignore[index]
        for k, array in enumerate(self.linear):
            for cell in nonzero(array, most):
                yield linear_entry(design, k, cell, array[cell])
        for cell in nonzero(self.bb, most):
            yield entry(design, "BB", -1, cell, self.bb[cell])  # type: ignore[index]

    def scaled(self, factor: Fraction) -> Multipliers:
        """Every multiplier times a positive number."""
        times = lambda a: None if a is None else a * factor  # noqa: E731
        rules = self.rules
        if rules is not None:
            truth, told = (tuple(a * factor for a in part) for part in (rules.truth, rules.lies))
            rules = RuleWeights(rules.labels, truth, told, rules.objective * factor)
        return Multipliers(
            tuple(map(times, self.ic)),
            tuple(map(times, self.ir)),
            times(self.bb),
            rules,
            self.nature,
            tuple(part * factor for part in self.linear),
        )


@dataclass(frozen=True)
class Entry:
    """One named multiplier; indices are positions in the environment, ``others`` the rest of a profile
    (the whole profile for BB; the cell of a requirement given row by row, of this ``family``), ``rule`` the rule under which
    the requirement must hold, where there are several."""

    kind: str
    agent: int | None
    type: int | None
    report: int | None
    state: int
    others: tuple[int, ...]
    value: Fraction
    rule: int | None = None
    family: int | None = None

    def name(self, design: Design) -> str:
        """``IC[seller: 1/4 -> 1/2]``"""
        environment = design.environment
        if self.family is not None:
            return design.requirements[self.family].named(self.others, self.rule)
        under = "" if self.rule is None else f" | rule {self.rule + 1}"
        if self.agent is None:
            return f"BB[{environment.profile_label(self.others) if self.others else 'expected'}{under}]"
        agent = environment.agents[self.agent]
        lie = "" if self.report is None else f" -> {agent.types[self.report]}"
        rest = [a for k, a in enumerate(environment.agents) if k != self.agent]
        parts = [f"{a.name}={a.types[k]}" for a, k in zip(rest, self.others, strict=False)]
        at = ", ".join((*self._state(design, self.agent), *parts))
        return (
            f"{self.kind}[{agent.name}: {agent.types[self.type or 0]}{lie}{' | ' + at if at else ''}{under}]"
        )

    def _state(self, design: Design, agent: int) -> Iterator[str]:
        """Which of several requirements, each in one state."""
        notion = design.ic_notion if self.kind == "IC" else design.ir_notion
        assert notion is not None
        states = notion.states(design.environment, agent)
        name = notion.named(design.environment, agent, states, (self.state, self.type or 0, self.others))
        if name:
            yield name

    def under_belief(self, design: Design) -> bool:
        """Whether the requirement is one of several, each under a belief that the type holds possible."""
        notion = design.ic_notion if self.kind == "IC" else design.ir_notion
        return self.agent is not None and notion is not None and notion.needs_sets and not notion.worst_state

    def to_json(self, design: Design) -> dict[str, Any]:
        """The name, the position and the exact value."""
        place = {
            "agent": self.agent,
            "type": self.type,
            "report": self.report,
            "state": self.state or None,
            "others": list(self.others) or None,
            "rule": self.rule,
            "family": None if self.family is None else design.requirements[self.family].name,
        }
        kept = {k: v for k, v in place.items() if v is not None}
        return {"kind": self.kind, **kept, "name": self.name(design), "multiplier": text(self.value)}


def entry(design: Design, kind: str, agent: int, cell: tuple[int, ...], value: Fraction) -> Entry:
    """A multiplier of IC, IR (of an agent) or BB from its cell in the array of its kind."""
    if kind == "BB":
        return Entry(kind, None, None, None, 0, cell[1:], value, cell[0] if design.ambiguous else None)
    if kind == "IC":
        return Entry(kind, agent, cell[1], cell[2], cell[0], cell[3:], value)
    if design.ambiguous and design.ir == "ex-post":
        return Entry(kind, agent, cell[1], None, 0, cell[2:], value, cell[0])
    return Entry(kind, agent, cell[1], None, cell[0], cell[2:], value)


def linear_entry(design: Design, family: int, cell: tuple[int, ...], value: Fraction) -> Entry:
    """A multiplier of requirements that are given row by row, likewise."""
    rule, place = (cell[0], cell[1:]) if design.ambiguous else (None, cell)
    return Entry(design.requirements[family].kind, None, None, None, 0, place, value, rule, family)


def nonzero(array: Rationals | None, most: int | None = None) -> Iterator[tuple[int, ...]]:
    """The cells of an array that are not zero, in order; the ``most`` largest in size where that is given."""
    if array is None:
        return
    cells, values = array.nonzero()
    kept = np.arange(len(values))
    if most is not None and len(kept) > most:
        order = np.argsort(-np.abs(values.numerator), kind="stable")
        kept = np.sort(order[:most])
    yield from zip(*(at[kept].tolist() for at in cells), strict=True)
