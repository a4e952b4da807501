"""Payoffs after an announcement: one player chooses what is played, and what is said reveals something of her type.

Pęski (2023), section 2.4: in ``I_i m`` player i announces something and the mechanism m is played under the beliefs about her
that follow; in the menu ``MM_i(A)`` she also chooses which mechanism of A.  Announcement s follows with chance ``c_s`` and leads
to beliefs ``q_s`` about her and payoffs ``u_s``.  Payoffs u are those of an equilibrium when the beliefs average to the prior
(``sum c_s q_s = p``), the others get what they expect (``u_j = sum c_s u_sj``), and each of her types gets u from every
announcement that it makes and no more from any other: what is announced with positive chance gives ``u_si <= u_i`` on her types
that are possible, ``=`` on those that announce it.  By Lemma 1, ``MM_i(A)`` asks that u is also in the upper contour of each
mechanism of A.

Chances that meet these equations prove that payoffs belong; multipliers refute all chances, over the beliefs that are listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..exact.numbers import Rationals
from ..files import read_document
from ..mechanism.audit import audit
from ..question.design import Design, InvalidDesign
from ..question.interim import settled
from ..shown import Drawn
from .contours import below
from .invalid import InvalidCertificate
from .revised import Revision, examined, independent, of_all_types, same_payoffs


@dataclass(frozen=True)
class Said:
    """What follows one announcement: a mechanism of the menu, beliefs about the player, and everybody's payoffs."""

    mechanism: int
    revision: Revision
    belief: Rationals
    payoffs: tuple[Rationals, ...]


@dataclass(frozen=True)
class Announcement(Drawn):
    """``payoffs`` of all agents against announcements of ``agent`` after which mechanisms of files are played.

    ``documents``: the files, the problem first; ``chances``: one for each of :attr:`said`, where payoffs belong; else
    ``multipliers`` of the equations, on the types of the agent and on those of each other agent.
    """

    documents: tuple[Mapping[str, Any], ...]
    agent: int
    payoffs: tuple[Rationals, ...]
    revisions: tuple[Revision, ...]
    chances: Rationals | None = None
    multipliers: tuple[Rationals, ...] = field(default=())

    @property
    def document(self) -> Mapping[str, Any]:
        """The problem."""
        return self.documents[0]

    @cached_property
    def design(self) -> Design:
        """Whose types and beliefs these are."""
        return settled(read_document(self.document).design)

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """Every mechanism under every belief.

        Raises
        ------
        InvalidDesign
            Types that depend on each other, beliefs about other agents that change too, other types or payoffs, a mechanism that
            breaks a requirement there.
        """
        found: list[Said] = []
        if independent(self.design.environment) is None:
            raise InvalidDesign("announcements are offered for a common prior of independent types")
        for k, document in enumerate(self.documents):
            for one in self.revisions:
                reading = one.reading(document)
                mechanism, environment = examined(reading), reading.design.environment
                where = f"with {one.name} in file {k + 1} of the menu" if k else f"with {one.name}"
                if environment.shape != self.design.environment.shape or environment.beliefs is None:
                    raise InvalidDesign(f"{where} there are other types")
                if not same_payoffs(environment, self.design.environment):
                    raise InvalidDesign(f"{where} the agents, outcomes or payoffs are not those of the file")
                for j in range(environment.n):
                    if j != self.agent and not _mass(environment, j).same(self._prior(j)):
                        raise InvalidDesign(f"{where} the beliefs about other agents change too")
                report = audit(mechanism, settled(reading.design))
                if not report.passed:
                    raise InvalidDesign(f"{where} the mechanism breaks a requirement: {report}")
                said = Said(
                    k,
                    one,
                    _mass(environment, self.agent),
                    tuple(of_all_types(mechanism, j) for j in range(environment.n)),
                )
                found.append(said)
        return tuple(found)

    def _prior(self, agent: int) -> Rationals:
        return _mass(self.design.environment, agent)

    def possible(self, agent: int) -> Any:
        """Which types have positive probability."""
        return self._prior(agent) > 0

    def usable(self, one: Said) -> bool:
        """Whether an announcement gives each type of the agent no more than the payoffs, and as much where it is made."""
        own, given = self.payoffs[self.agent], one.payoffs[self.agent]
        made = np.flatnonzero(np.asarray(one.belief > 0))
        return below(given, own, self.possible(self.agent), strict=False) and own[made].same(given[made])

    def equations(self) -> tuple[Rationals, Rationals]:
        """``sum_s c_s column_s = wanted``: the columns, one an announcement, and what is wanted; the agent's types first."""
        others = [j for j in range(len(self.payoffs)) if j != self.agent]
        where = {j: np.flatnonzero(np.asarray(self.possible(j))) for j in others}
        row = lambda belief, payoffs: [  # noqa: E731
            *belief.fractions(),
            *(v for j in others for v in payoffs[j][where[j]].fractions()),
        ]
        columns = Rationals.of([row(one.belief, one.payoffs) for one in self.said])
        return columns, Rationals.of(row(self._prior(self.agent), self.payoffs))

    @property
    def revealed(self) -> bool:
        """Whether the payoffs belong to ``I_i`` of the mechanisms together, over these beliefs."""
        return self.chances is not None

    def above(self, mechanism: int) -> bool:
        """Whether they belong to the upper contour of a mechanism of the menu, over these beliefs."""
        own, on = self.payoffs[self.agent], self.possible(self.agent)
        given = (one.payoffs[self.agent] for one in self.said if one.mechanism == mechanism)
        return any(below(u, own, on, strict=False) for u in given)

    @property
    def member(self) -> bool:
        """Whether they belong to the menu (with one mechanism: to ``I_i``), over these beliefs; yes is proved for all."""
        return self.revealed and (
            len(self.documents) == 1 or all(map(self.above, range(len(self.documents))))
        )

    def check(self) -> Iterator[str]:
        """Recompute everything from the definitions; each claim in words.  Raises InvalidCertificate."""
        columns, wanted = self.equations()
        usable = np.array([self.usable(one) for one in self.said])
        yield f"what is given after each of {len(self.said)} announcements"
        if self.chances is not None:
            made = np.asarray(self.chances > 0)
            if bool(np.any(self.chances < 0)) or bool(np.any(made & ~usable)):
                raise InvalidCertificate("an announcement that some type would rather make, or not make")
            if not (columns * self.chances.reshape(-1, 1)).sum(axis=0).same(wanted):
                raise InvalidCertificate("beliefs or payoffs that do not average to those that are claimed")
            yield "chances of announcements that lead to the payoffs"
        else:
            (y,) = self.multipliers
            if (wanted * y).sum() <= 0 or bool(np.any((columns * y).sum(axis=1)[np.flatnonzero(usable)] > 0)):
                raise InvalidCertificate("the multipliers do not refute all chances")
            yield "multipliers that refute all chances of these announcements"

    # -- reading and writing --------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        """Exact strings, without the problem."""
        names = [a.name for a in self.design.environment.agents]
        return {
            "agent": names[self.agent],
            "payoffs": {name: u.texts() for name, u in zip(names, self.payoffs, strict=True)},
            "menu": [dict(document) for document in self.documents[1:]],
            "beliefs": [one.to_json(names) for one in self.revisions],
            "announcements": [
                {
                    "mechanism": one.mechanism,
                    "belief": one.revision.name,
                    "payoffs": {name: u.texts() for name, u in zip(names, one.payoffs, strict=True)},
                    "usable": self.usable(one),
                }
                for one in self.said
            ],
            "revealed": self.revealed,
            "above": [self.above(k) for k in range(len(self.documents))],
            "member": self.member,
            "chances": None if self.chances is None else self.chances.texts(),
            "multipliers": [y.texts() for y in self.multipliers],
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Announcement:
        """Read :meth:`to_json` back; what the mechanisms give is computed anew.  Raises KeyError or ValueError."""
        names: Sequence[str] = [a.name for a in design.environment.agents]
        return cls(
            (data["problem"], *data["menu"]),
            list(names).index(data["agent"]),
            tuple(Rationals.of(data["payoffs"][name]) for name in names),
            tuple(Revision.from_json(names, one) for one in data["beliefs"]),
            None if data["chances"] is None else Rationals.of(data["chances"]),
            tuple(Rationals.of(y) for y in data["multipliers"]),
        )


def _mass(environment: Any, agent: int) -> Rationals:
    found: Rationals = environment.beliefs.mass(agent)
    return found / found.sum()


__all__ = ["Announcement", "Said"]
