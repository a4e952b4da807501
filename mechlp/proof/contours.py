"""Where payoffs stand to those that a mechanism gives under other beliefs about a player: contours (Pęski 2023, section 3.1).

For payoffs u that can be reached under p, and the payoffs u' that a mechanism m gives player i under beliefs q_i about her:

* upper contour ``U_i m``: ``u' <= u`` for some q_i; strict, ``U0_i m``: and ``<`` for some type (types possible under p_i);
* ``W_i m``: ``u < u'`` for no q_i (``<=``, and ``<`` for some type); strict, ``W0_i m``: ``u <= u'`` for none (types possible
  under q_i).

From a list of beliefs, belonging to ``U_i m`` and not belonging to ``W_i m`` are proved; the other verdicts are about this list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from ..question.design import Design
from ..shown import Drawn
from .comparison import Comparison
from .invalid import InvalidCertificate
from .revised import Revision, of_all_types

Types = npt.NDArray[np.bool_]
#: Contours by name: strict or not, and whether one belief suffices (then belonging is proved) or all count.
CONTOURS = {"U": (False, True), "U0": (True, True), "W": (False, False), "W0": (True, False)}


def below(first: Rationals, second: Rationals, types: Types, *, strict: bool) -> bool:
    """Whether ``first <= second`` for every type of a set and, if strict, ``<`` for one of them."""
    gaps = (second - first)[np.flatnonzero(types)]
    return not bool(np.any(gaps < 0)) and (not strict or bool(np.any(gaps > 0)))


@dataclass(frozen=True)
class Revised:
    """What the mechanism gives the player under a belief about her (``name``), and her types that are possible then."""

    name: str
    payoffs: Rationals
    possible: Types
    revision: Revision | None = None

    @classmethod
    def at(cls, document: Mapping[str, Any], revision: Revision) -> Revised:
        """What the mechanism of a problem file gives her there.  Raises InvalidDesign."""
        mechanism, agent = revision.mechanism(document), revision.agent
        mass = mechanism.environment.beliefs.mass(agent)  # type: ignore[union-attr]
        payoffs = of_all_types(mechanism, agent) * revision.factor
        return cls(revision.name, payoffs, np.asarray(mass > 0, dtype=bool), revision)


@dataclass(frozen=True)
class Contours(Drawn):
    """``payoffs`` of ``agent`` against ``others``; ``possible``: her types under the prior; ``reached``: whether all are.

    ``document``: the problem file whose mechanism it is.
    """

    reached: Comparison
    agent: int
    payoffs: Rationals
    possible: Types
    others: tuple[Revised, ...]
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def design(self) -> Design:
        return self.reached.design

    def relations(self, other: Revised) -> tuple[bool, bool, bool, bool]:
        """``u' <= u`` and ``u' < u`` on the types possible here, ``u <= u'`` and ``u < u'`` on those possible there."""
        u, v = self.payoffs, other.payoffs
        return (
            below(v, u, self.possible, strict=False),
            below(v, u, self.possible, strict=True),
            below(u, v, other.possible, strict=False),
            below(u, v, other.possible, strict=True),
        )

    @property
    def reachable(self) -> bool | None:
        return None if self.reached.status == "undecided" else self.reached.value == 0

    def member(self, contour: str) -> tuple[bool | None, bool]:
        """Whether the payoffs belong to a contour, over these beliefs, and whether that is proved for all beliefs."""
        if not self.reachable:
            return self.reachable, self.reachable is False
        found = [self.relations(other) for other in self.others]
        strict, some = CONTOURS[contour]
        if some:
            belongs = any(relation[1 if strict else 0] for relation in found)
            return belongs, belongs
        belongs = not any(relation[2 if strict else 3] for relation in found)
        return belongs, not belongs

    def verdicts(self) -> Iterator[tuple[str, bool | None, bool]]:
        """Each contour, whether the payoffs belong to it, whether that is proved."""
        for contour in CONTOURS:
            yield (contour, *self.member(contour))

    def check(self) -> Iterator[str]:
        """Recompute everything from the definitions; each claim in words.  Raises InvalidCertificate."""
        if self.reached.kind != "distance" or not self.others:
            raise InvalidCertificate(
                "payoffs that are not compared with what can be reached, or with no belief"
            )
        self.reached.check()
        yield f"the payoffs can{'' if self.reachable else 'not'} be reached"
        yield f"what the mechanism gives under {len(self.others)} beliefs"
        for contour, belongs, _ in self.verdicts():
            yield f"{contour}: {'yes' if belongs else 'no'}"

    def to_json(self) -> dict[str, Any]:
        """Exact strings, without the problem."""
        names = [a.name for a in self.design.environment.agents]
        return {
            "agent": names[self.agent],
            "payoffs": self.payoffs.texts(),
            "reachable": self.reachable,
            "beliefs": [
                {
                    "belief": o.name,
                    "payoffs": o.payoffs.texts(),
                    "relations": list(self.relations(o)),
                    **({} if o.revision is None else o.revision.to_json(names)),
                }
                for o in self.others
            ],
            "contours": {c: {"belongs": belongs, "proved": proved} for c, belongs, proved in self.verdicts()},
            "reached": self.reached.to_json(),
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Contours:
        """Read :meth:`to_json` back; what the mechanism gives is computed anew.

        Raises InvalidCertificate, KeyError or ValueError.
        """
        names = [a.name for a in design.environment.agents]
        agent, document = names.index(data["agent"]), data["problem"]
        revisions = [Revision.from_json(names, one) for one in data["beliefs"]]
        if any(one.agent != agent for one in revisions):
            raise InvalidCertificate("beliefs about another agent")
        reached = Comparison.from_json(design, data["reached"])
        possible = np.asarray(design.environment.beliefs.mass(agent) > 0, dtype=bool)  # type: ignore[union-attr]
        others = tuple(Revised.at(document, one) for one in revisions)
        return cls(reached, agent, reached.targets[agent].reshape(-1), possible, others, document)


def lower_bound(m: Sequence[Revised], n: Sequence[Revised], *, strict: bool) -> bool:
    """Whether every payoff of n belongs to the (strict) upper contour of m: m is a lower bound on n, for one player.

    Both have one payoff vector a belief of a list about her, the other player's belief being the same.
    """
    return all(any(below(a.payoffs, b.payoffs, b.possible, strict=strict) for a in m) for b in n)


def upper_bound(m: Sequence[Revised], n: Sequence[Revised], *, strict: bool) -> bool:
    """Whether m avoids the (strict: plain) upper contour of n: n is an upper bound on m; by Lemma 3, n lies in ``W_i m``
    (strict: ``W0_i m``)."""
    return not any(below(b.payoffs, a.payoffs, a.possible, strict=not strict) for a in m for b in n)


__all__ = ["CONTOURS", "Contours", "Revised", "below", "lower_bound", "upper_bound"]
