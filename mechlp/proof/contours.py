"""Where payoffs stand to those that a mechanism gives under other beliefs about a player: contours (Pęski 2023, section 3.1).

For payoffs u that can be reached under p, and the payoffs u' that a mechanism m gives player i under beliefs q_i about her:

* upper contour ``U_i m``: ``u' <= u`` for some q_i; strict, ``U0_i m``: and ``<`` for some type (types possible under p_i);
* ``W_i m``: ``u < u'`` for no q_i (``<=``, and ``<`` for some type); strict, ``W0_i m``: ``u <= u'`` for none (types possible
  under q_i).

From a list of beliefs, belonging to ``U_i m`` and not belonging to ``W_i m`` are proved; the other verdicts are about this list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from .comparison import Comparison

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


@dataclass(frozen=True)
class Contours:
    """``payoffs`` of ``agent`` against ``others``; ``possible``: her types under the prior; ``reached``: whether all are."""

    reached: Comparison
    agent: int
    payoffs: Rationals
    possible: Types
    others: tuple[Revised, ...]

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

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {
            "agent": self.reached.design.environment.agents[self.agent].name,
            "payoffs": self.payoffs.texts(),
            "reachable": self.reachable,
            "beliefs": [
                {"belief": o.name, "payoffs": o.payoffs.texts(), "relations": list(self.relations(o))}
                for o in self.others
            ],
            "contours": {c: {"belongs": belongs, "proved": proved} for c, belongs, proved in self.verdicts()},
        }


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
