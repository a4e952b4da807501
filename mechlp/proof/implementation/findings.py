"""What is found about one condition: a verdict, in words, and the witness that settles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...environment.coalitions import Coalition
from ...question.implementation import Implementation
from ..invalid import InvalidCertificate

VERDICTS = {True: "holds", False: "fails", None: "undecided"}


@dataclass(frozen=True)
class Finding:
    """A condition holds, fails, or is undecided (``holds`` None); ``words`` say why, ``witness`` is what they rest on."""

    check: str
    holds: bool | None
    words: tuple[str, ...]
    witness: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The finding for programs."""
        return {
            "check": self.check,
            "verdict": VERDICTS[self.holds],
            "words": list(self.words),
            "witness": dict(self.witness),
        }


def coalition_text(question: Implementation, coalition: Coalition) -> str:
    """``{agent1, agent2}``"""
    return "{" + ", ".join(question.members(coalition)) + "}"


def nobody(coalitions: Sequence[Coalition]) -> str:
    """``none of 7 coalitions``; ``no agent alone``, where only single agents form."""
    if all(len(own) == 1 for own in coalitions):
        return "no agent alone"
    return f"none of {len(coalitions)} coalitions"


def types_text(question: Implementation, coalition: Sequence[int], types: Sequence[int]) -> str:
    """``agent1=0, agent2=1``"""
    environment = question.environment
    return ", ".join(
        f"{environment.agents[i].name}={environment.type_label(i, k)}"
        for i, k in zip(coalition, types, strict=True)
    )


def labels(question: Implementation, coalition: Sequence[int], types: Sequence[int]) -> dict[str, str]:
    """Agent -> type, by name."""
    environment = question.environment
    return {
        environment.agents[i].name: environment.type_label(i, k)
        for i, k in zip(coalition, types, strict=True)
    }


def agent_named(question: Implementation, name: Any) -> int:
    """The position of an agent.  Raises InvalidCertificate."""
    names = [a.name for a in question.environment.agents]
    if name not in names:
        raise InvalidCertificate(f"{name!r} is no agent")
    return names.index(name)


def types_named(question: Implementation, named: Any) -> dict[int, int]:
    """Agent -> type by position, from names.  Raises InvalidCertificate."""
    if not isinstance(named, Mapping):
        raise InvalidCertificate("types are given by agent")
    found = {}
    for name, label in named.items():
        i = agent_named(question, name)
        own = question.environment.agents[i].types
        if label not in own:
            raise InvalidCertificate(f"{label!r} is no type of {name}")
        found[i] = own.index(label)
    return found


__all__ = [
    "VERDICTS",
    "Finding",
    "agent_named",
    "coalition_text",
    "labels",
    "nobody",
    "types_named",
    "types_text",
]
