"""Which of the announced rules does what: the labels that turn "some rule punishes this lie" into linear rows.

With ambiguous transfers a type takes the worst rule on both sides of IC.  For some set of rules to deter a lie d
it is enough, and necessary, that one rule of the set does (Theorem A: the sets of right-hand sides for which
a linear system has a solution are closed, so an infimum that is approached is attained).  So a set of rules may
be labelled: rule ``punishes[d]`` is the one under which lie d is evaluated.  With alpha-maxmin agents the best
rule under truth counts too, and gets a label ``praises[theta_i]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .design import Design

Lie = tuple[int, int, int]
#: The label of a lie that no rule is said to punish: it has no row.
NOBODY = -1


@dataclass(frozen=True)
class Rules:
    """Labels of ``count`` announced rules.

    ``punishes[i]`` has shape ``(|Theta_i|, |Theta_i|)`` (type, report): the rule (with maxmin agents, the
    state) under which that lie is evaluated, or ``NOBODY`` for a lie that is left aside; ``praises[i]``
    shape ``(|Theta_i|,)``: the rule under which truth pays a type best.
    Both are zero where nothing is asked.
    """

    count: int
    punishes: tuple[npt.NDArray[np.intp], ...]
    praises: tuple[npt.NDArray[np.intp], ...]

    @classmethod
    def single(cls, design: Design) -> Rules:
        """One rule: what a Bayesian or ex-post mechanism is."""
        sizes = [a.size for a in design.environment.agents]
        return cls(
            1,
            tuple(np.zeros((m, m), dtype=np.intp) for m in sizes),
            tuple(np.zeros(m, dtype=np.intp) for m in sizes),
        )

    @classmethod
    def one_each(cls, design: Design) -> Rules:
        """A rule for every lie (Theorem A), and for every type's best truth where alpha < 1: nothing is lost."""
        return cls.assigned(design, range(len(tuple(lies(design)))))

    @classmethod
    def assigned(cls, design: Design, labels: range | list[int]) -> Rules:
        """A rule or state (or ``NOBODY``) for each lie in the order of :func:`lies`; a rule of its own for each best
        truth (alpha < 1)."""
        out = cls.single(design)
        count = max(labels, default=-1) + 1
        for (i, own, report), label in zip(lies(design), labels, strict=True):
            out.punishes[i][own, report] = label
        if design.worst_state:
            return out
        if design.alpha < 1:
            for i in range(design.environment.n):
                for own in types(design, i):
                    out.praises[i][own] = count
                    count += 1
        return cls(max(count, 1), out.punishes, out.praises)

    def told(
        self, agent: int, types: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The lies of an agent that some rule punishes, in one list: positions in ``types``, and reports."""
        punished = self.punishes[agent][types] != NOBODY
        punished &= types[:, None] != np.arange(punished.shape[1])[None, :]
        own, report = np.nonzero(punished)
        return own, report

    def same(self, other: Rules) -> bool:
        """Whether they label every lie and every truth alike."""
        pairs = zip((*self.punishes, *self.praises), (*other.punishes, *other.praises), strict=True)
        return self.count == other.count and all(np.array_equal(a, b) for a, b in pairs)

    def apart(self, design: Design) -> bool:
        """Whether no rule punishes two lies, so that the labels lose nothing (Theorem A)."""
        named = [int(self.punishes[i][own, report]) for i, own, report in lies(design)]
        named = [rule for rule in named if rule != NOBODY]
        return len(set(named)) == len(named)

    @classmethod
    def of(cls, design: Design) -> Rules:
        """The labels under which a design is solved and refuted: with maxmin agents, only those without a choice."""
        if design.worst_state:
            return cls.assigned(design, [only(design, lie) for lie in lies(design)])
        return cls.one_each(design) if design.ambiguous else cls.single(design)


def types(design: Design, agent: int) -> npt.NDArray[np.intp]:
    """The types of an agent that IC is asked of."""
    if design.ic_notion is None:
        return np.zeros(0, dtype=np.intp)
    return design.ic_notion.states(design.environment, agent).types


def lies(design: Design) -> Iterator[Lie]:
    """Every lie that IC speaks of: (agent, type, report), in order."""
    for i, agent in enumerate(design.environment.agents):
        for own in map(int, types(design, i)):
            for report in range(agent.size):
                if report != own:
                    yield i, own, report


def choices(design: Design, lie: Lie) -> tuple[int, ...]:
    """The states in which a lie may be evaluated.

    Not those that compare it with itself (of types that compare regrets): that it leaves no less regret than truth there says
    that truth leaves none, and then it leaves no less where it is compared with truth.
    """
    assert design.ic_notion is not None
    states = design.ic_notion.states(design.environment, lie[0])
    every = range(states.count(lie[1]))
    return tuple(every if states.against is None else (k for k in every if states.against[k] != lie[2]))


def only(design: Design, lie: Lie) -> int:
    """The state in which a lie is evaluated where there is no choice, else ``NOBODY``."""
    states = choices(design, lie)
    return states[0] if len(states) == 1 else NOBODY


def lie_name(design: Design, lie: Lie) -> str:
    """``IC[seller: 1/4 -> 1/2]``"""
    agent = design.environment.agents[lie[0]]
    return f"IC[{agent.name}: {agent.types[lie[1]]} -> {agent.types[lie[2]]}]"
