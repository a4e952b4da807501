"""Maxmin types who may hedge by mixing reports, and types who fear first and report then.

A type that mixes reports (before nature moves) is worth ``max over mixtures mu of min_phi E_phi L(mu)``, which is
``min_phi max_r E_phi L(r)`` (von Neumann 1928).  So truth survives hedging if and only if its own worst case is that number:
then one belief makes every report worth no more, a saddle point.  Minmax IC turns the order around: under some belief at which
the best report is worth least, truth is a best report.  A saddle point gives both (Wolitzky 2015, footnotes 7, 8, 12 and 22).

Each answer has its witness: a mixture of reports and a belief, between which the value is caught.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..deadline import Deadline
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..mechanism.payoffs import every_payoff
from ..program import Block, Columns, Family, Program, Term
from ..program.solve import solve
from ..question.design import Design
from ..question.rules import types
from ..solving.implementation.rewards import game

#: Most reports of a mixture that are listed, and letters of a number that is written exactly.
LISTED, LETTERS = 4, 15


@dataclass(frozen=True)
class Hedging:
    """One type: what truth is worth in the worst case, what the best mixture of reports is worth, that mixture (a chance for each
    report), a belief (a weight for each vertex of the set) that leaves every report no more, and whether truth is a best report
    under some such belief."""

    agent: int
    own: int
    truth: Fraction
    value: Fraction
    mixture: tuple[Fraction, ...]
    belief: tuple[Fraction, ...]
    minmax: bool

    @property
    def gain(self) -> Fraction:
        """What hedging adds to truth: nothing at a saddle point."""
        return self.value - self.truth

    def in_words(self, design: Design) -> str:
        """``seller 0 gains 1/12 by mixing 1/2 x 1/4 + 1/2 x 1/2``"""
        agent = design.environment.agents[self.agent]
        mixed = [f"{text(m)} x {agent.types[r]}" for r, m in enumerate(self.mixture) if m]
        said = " + ".join(mixed) if len(mixed) <= LISTED else f"{len(mixed)} reports"
        worth = f"worst case {_short(self.value)}, where truth has {_short(self.truth)}"
        return f"{agent.name} {agent.types[self.own]} gains {_short(self.gain)} by mixing {said}: {worth}"


def _short(value: Fraction) -> str:
    exact = text(value)
    return exact if len(exact) <= LETTERS else f"about {float(value):.6f}"


def hedging(design: Design, mechanism: Mechanism) -> tuple[Hedging, ...]:
    """Every type of every agent, of a design with ``ic: maxmin``, exactly."""
    payoffs, found = every_payoff(design, [mechanism]), []
    for i, agent in enumerate(design.environment.agents):
        for own in map(int, types(design, i)):
            told = [payoffs[i, own, report][1] for report in range(agent.size)]
            found.append(_hedging(i, own, told))
    return tuple(found)


def _hedging(agent: int, own: int, told: Sequence[Sequence[Fraction]]) -> Hedging:
    """``told[r][k]`` is what report r is worth under vertex k.  Where a vertex is a saddle point no program is solved."""
    truth = min(told[own])
    vertices = range(len(told[own]))
    at = next((k for k in vertices if max(row[k] for row in told) == truth), None)
    if at is not None:
        belief = tuple(Fraction(int(k == at)) for k in vertices)
        return Hedging(agent, own, truth, truth, _alone(len(told), own), belief, minmax=True)
    value, _, mixture = game(told, Deadline.of(None))
    most, belief = _best_for_truth(told, own, value)
    return Hedging(agent, own, truth, value, tuple(mixture), belief, minmax=most == value)


def _alone(size: int, report: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(int(r == report)) for r in range(size))


def _best_for_truth(
    told: Sequence[Sequence[Fraction]], own: int, value: Fraction
) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Of the beliefs that leave no report more than ``value``, one under which truth is worth most, and how much."""
    table, count = Rationals.of([list(row) for row in told]), len(told[own])
    blocks = (Block("belief", (count,), Rationals.of(0)),)
    belief, one = Columns(blocks)["belief"], Rationals.of(1)
    families = (
        Family("reports", (len(told),), (Term(belief, table, (count,)),), "<=", Rationals.of(value)),
        Family("chances", (), (Term(belief, one, (count,)),), "=", one),
    )
    solution = solve(Program(blocks, families, {"belief": table[own]}))
    assert solution.value is not None and solution.primal is not None
    return solution.value, tuple(solution.primal.fractions())


__all__ = ["Hedging", "hedging"]
