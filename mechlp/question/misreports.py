"""Which lies an agent can tell, and how much a lie may pay: what IC leaves out, and by how much it may be missed.

The revelation principle needs that possible lies are nested: who can report r can report all that r can report.  Where they are
not, something that no direct mechanism reaches may be reached in another way.

Source: Green and Laffont (1986), "Partially verifiable information and mechanism design".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from .premises import InvalidDesign

if TYPE_CHECKING:
    from .design import Design

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Misreports:
    """One agent's lies, ``(|Theta_i|, |Theta_i|)`` (type, report) each.

    ``possible`` says which reports a type can make (its own always), ``slack`` by how much each may pay more than truth: in
    units of payoff (of money, where types value it differently), of chance where IC compares rankings.
    """

    possible: Mask
    slack: Rationals

    @classmethod
    def of(cls, size: int, possible: Any = None, slack: Any = 0) -> Misreports:
        """From lists or arrays that broadcast to ``(size, size)``; by default every lie is possible, and none may pay.

        Raises
        ------
        InvalidDesign
            Wrong shapes, a negative slack, a type that cannot report itself.
        """
        try:
            mask = np.broadcast_to(
                np.asarray(True if possible is None else possible, dtype=bool), (size, size)
            )
            table = Rationals.of(slack).broadcast_to((size, size))
        except ValueError as error:
            raise InvalidDesign(
                f"possible lies and slack are tables of {size} types by {size} reports: {error}"
            ) from None
        if not bool(np.all(np.diagonal(mask))):
            own = int(np.flatnonzero(~np.diagonal(mask))[0])
            raise InvalidDesign(f"type number {own + 1} cannot report itself: every type can tell the truth")
        if bool(np.any(table < 0)):
            raise InvalidDesign("a negative slack: IC that must hold strictly is asked by a constraint")
        return cls(mask.copy(), table * Rationals((~np.eye(size, dtype=bool)).astype(np.int64)))

    @property
    def plain(self) -> bool:
        """Whether every lie is possible and none may pay."""
        return bool(self.possible.all()) and not np.any(self.slack.numerator)

    def same(self, other: Misreports) -> bool:
        """Whether both say the same."""
        return np.array_equal(self.possible, other.possible) and self.slack.same(other.slack)

    def broken_chain(self) -> tuple[int, int, int] | None:
        """Types t, r, s such that t can report r, r can report s and t cannot report s; None where lies are nested."""
        reached = (self.possible.astype(np.int64) @ self.possible.astype(np.int64)) > 0
        missing = np.argwhere(reached & ~self.possible)
        if not len(missing):
            return None
        t, s = (int(k) for k in missing[0])
        return t, int(np.flatnonzero(self.possible[t] & self.possible[:, s])[0]), s


def checked(design: Design, given: Sequence[Misreports] | None) -> tuple[Misreports, ...] | None:
    """One an agent, that fit; None where they say nothing.

    Raises
    ------
    InvalidDesign
    """
    if given is None or all(one.plain for one in given):
        return None
    agents = design.environment.agents
    if len(given) != len(agents):
        raise InvalidDesign(f"lies of {len(given)} agents, expected {len(agents)}")
    for agent, one in zip(agents, given, strict=True):
        if one.possible.shape != (agent.size, agent.size):
            raise InvalidDesign(
                f"lies of {agent.name!r}: shape {one.possible.shape}, expected {(agent.size,) * 2}"
            )
    if design.evaluation is None:
        raise InvalidDesign("possible lies and slack are about IC, and none is asked (ic: none)")
    if design.pessimistic or design.environment.actions is not None:
        what = "recommended actions" if design.environment.actions is not None else f"ic: {design.ic}"
        raise InvalidDesign(
            f"possible lies and slack are not offered with {what}: use bayesian, bewley, ex-post or ordinal"
        )
    return tuple(given)


def possible(design: Design, agent: int) -> Mask | None:
    """The lies that an agent can tell; None for all."""
    if design.misreports is None or bool(design.misreports[agent].possible.all()):
        return None
    return design.misreports[agent].possible


def slack(design: Design, agent: int) -> Rationals | None:
    """By how much lies may pay, ``(|Theta_i|, |Theta_i|)``; None for nothing."""
    found = None if design.misreports is None else design.misreports[agent].slack
    return None if found is None or not np.any(found.numerator) else found


def in_words(design: Design) -> Iterator[str]:
    """Whether the revelation principle holds with the lies that are possible: a sentence each, without full stop."""
    told = design.misreports if design.misreports is not None else ()
    partial = [(a, m) for a, m in zip(design.environment.agents, told, strict=False) if not m.possible.all()]
    for agent, one in partial:
        chain = one.broken_chain()
        if chain is not None:
            t, r, s = (agent.types[k] for k in chain)
            yield (
                f"{agent.name} of type {t} can report {r}, who can report {s}, and {t} cannot report {s}: possible lies are "
                "not nested, so the revelation principle may fail (Green and Laffont 1986), and the answer is about direct "
                "mechanisms"
            )
    if partial and all(one.broken_chain() is None for _, one in partial):
        yield "possible lies are nested (Green and Laffont 1986), so nothing is lost by looking at direct mechanisms"


__all__ = ["Misreports", "checked", "in_words", "possible", "slack"]
