"""Monotonicity: every unacceptable deception is refuted by a coalition of some types and a reward function, or one is not.

A kind of monotonicity says which deceptions are open (not refuted by what the function itself gives to another report), and who
may claim a reward for revealing one: a :class:`Claim` is a system of payoffs that has a point with a gain exactly where the
reward exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ...environment.coalitions import Coalition
from ...question.implementation import Implementation
from ..invalid import InvalidCertificate
from .findings import Finding, labels
from .margins import Cells, Either, Point, System, met, refuted

Witness = Mapping[str, Any]
Maps = tuple[Cells, ...]


@dataclass(frozen=True)
class Case:
    """A deception, a report for each type of each agent; with ``profile``: at these types."""

    maps: Maps
    profile: Cells | None = None

    def to_json(self) -> dict[str, Any]:
        """Positions."""
        at = {} if self.profile is None else {"profile": list(self.profile)}
        return {"maps": [list(own) for own in self.maps], **at}

    @classmethod
    def from_json(cls, question: Implementation, data: Any) -> Case:
        """Raises InvalidCertificate."""
        shape = question.environment.shape
        maps = tuple(tuple(int(r) for r in own) for own in data["maps"])
        fits = len(maps) == len(shape) and all(
            len(own) == s and all(0 <= r < s for r in own) for own, s in zip(maps, shape, strict=False)
        )
        if not fits:
            raise InvalidCertificate("a deception has a report for each type of each agent")
        if "profile" not in data:
            return cls(maps)
        profile = tuple(int(k) for k in data["profile"])
        if len(profile) != len(shape) or not all(0 <= k < s for k, s in zip(profile, shape, strict=True)):
            raise InvalidCertificate("no such type profile")
        return cls(maps, profile)


@dataclass(frozen=True)
class Claim:
    """What some types of a coalition may be given for revealing a deception; ``strict`` gains, where one is enough.

    Claims of the same ``memo`` have the same system, and those of the same ``among`` the same reward functions.
    """

    coalition: Coalition
    types: Cells
    system: System
    choices: Sequence[Either]
    memo: Any
    among: Any
    strict: int | None = None

    def to_json(self, question: Implementation) -> dict[str, Any]:
        """Who claims, by name."""
        gains = {} if self.strict is None else {"gains": question.environment.agents[self.strict].name}
        types = labels(question, self.coalition, self.types)
        return {"coalition": question.members(self.coalition), "types": types, **gains}


class Deceptions(Protocol):
    """A kind of monotonicity, of one function."""

    @property
    def question(self) -> Implementation:
        """What is asked."""

    def unacceptable(self, case: Case) -> bool:
        """Whether a deception has to be refuted."""

    def open(self) -> Iterator[Case]:
        """Those that the function does not refute itself."""

    def claims(self, case: Case) -> Iterator[Claim]:
        """Who may refute one."""


def awry(
    names: npt.NDArray[Any], maps: Maps, shape: Cells, there: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """What is told and what should be, at the profiles ``there``: the numbers of outcomes, from those over the grid."""
    at = np.flatnonzero(there.ravel())
    profiles = np.indices(shape).reshape(len(shape), -1)[:, at]
    reports = tuple(np.array(own)[types] for own, types in zip(maps, profiles, strict=True))
    return names[np.ravel_multi_index(reports, shape)], names[at]


def judged(question: Implementation, check: str, witness: Witness, every: Sequence[Deceptions]) -> Finding:
    """A reward for each open deception of each function, or an unacceptable one that nobody refutes.

    Raises
    ------
    InvalidCertificate
        When the witness shows neither.
    """
    if "trees" in witness:
        return _irrefutable(question, check, witness, every)
    environment = question.environment
    saved = {(int(r["function"]), Case.from_json(question, r)): r for r in witness["rewards"]}
    count = 0
    for which, own in enumerate(every):
        for case in own.open():
            if (which, case) not in saved:
                raise InvalidCertificate(f"{check}: a deception is not refuted")
            item = saved[which, case]
            claim = next((c for c in own.claims(case) if c.to_json(question).items() <= item.items()), None)
            if claim is None:
                raise InvalidCertificate(f"{check}: a reward for nobody")
            point = Point.from_json(
                item["reward"], claim.system.places, len(environment.outcomes), environment.n
            )
            if min(claim.system.check(point)) <= 0 or not met(claim.system, claim.choices, point):
                raise InvalidCertificate(f"{check}: a reward that is none")
            count += 1
    words = (
        f"every unacceptable deception is refuted: {count:,} by rewards of their own, the others, if any, by what the function "
        "gives to another report"
        if count
        else "an unacceptable deception, if there is any, is refuted by what the function gives to another report"
    )
    return Finding(check, True, (words,), dict(witness))


def _irrefutable(
    question: Implementation, check: str, witness: Witness, every: Sequence[Deceptions]
) -> Finding:
    which = int(witness["function"])
    if not 0 <= which < len(every):
        raise InvalidCertificate(f"{check}: no such function")
    case = Case.from_json(question, witness)
    if not every[which].unacceptable(case):
        raise InvalidCertificate(f"{check}: the deception is acceptable")
    claims = list(every[which].claims(case))
    if len(claims) != len(witness["trees"]):
        raise InvalidCertificate(f"{check}: a case for each claim is expected")
    for claim, tree in zip(claims, witness["trees"], strict=True):
        refuted(claim.system, claim.choices, tree)
    words = (
        f"the deception {maps_text(question, case.maps)} is unacceptable for {question.name(which)}"
        f"{_where(question, case)}, and nothing rewards {_whom(question, claims)} for telling"
    )
    return Finding(check, False, (words,), dict(witness))


def maps_text(question: Implementation, maps: Maps) -> str:
    """``one: s -> t; two: t -> s``: the lies."""
    agents = question.environment.agents
    lies = [
        [f"{t} -> {a.types[r]}" for k, (t, r) in enumerate(zip(a.types, own, strict=True)) if k != r]
        for a, own in zip(agents, maps, strict=True)
    ]
    return "; ".join(f"{a.name}: {', '.join(own)}" for a, own in zip(agents, lies, strict=True) if own)


def _where(question: Implementation, case: Case) -> str:
    return "" if case.profile is None else f" at ({question.environment.profile_label(case.profile)})"


def _whom(question: Implementation, claims: Sequence[Claim]) -> str:
    return "any type" if all(len(c.coalition) == 1 for c in claims) else "any coalition of types"


__all__ = ["Case", "Claim", "Deceptions", "Maps", "awry", "judged", "maps_text"]
