"""What the mechanism of a problem file gives under other beliefs: the file is read again at other values of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..exact.numbers import Rationals, rational, text
from ..files import InvalidFile, Reading, read_document
from ..mechanism.mechanism import Mechanism
from ..question.design import InvalidDesign
from .efficiency import interim_vectors


def examined(reading: Reading) -> Mechanism:
    """The mechanism that a file gives to be examined.

    Raises
    ------
    InvalidDesign
        When it gives none.
    """
    if reading.given is None:
        raise InvalidDesign(
            "the file gives no mechanism to examine: add `given:`, or name an answer (--answer) or payoffs (--payoff)"
        )
    return Mechanism(reading.design.environment, *reading.given)


@dataclass(frozen=True)
class Revision:
    """Other values of a file's parameters, such as a belief about an agent; ``factor``: her payoffs are multiplied by it."""

    agent: int
    values: Mapping[str, str] = field(default_factory=dict)
    factor: Fraction = Fraction(1)

    @property
    def name(self) -> str:
        """``p1=1/100``"""
        return ", ".join(f"{name}={value}" for name, value in self.values.items())

    def mechanism(self, document: Mapping[str, Any]) -> Mechanism:
        """The mechanism that the file gives there.

        Raises
        ------
        InvalidDesign
            When the file is no problem there, or gives none.
        """
        known = dict(document.get("parameters", {}))
        try:
            return examined(read_document({**document, "parameters": {**known, **self.values}}))
        except InvalidFile as error:
            said = str(error).splitlines()[-1].strip().removeprefix("document: ")
            raise InvalidDesign(f"with {self.name} the file is no problem: {said}") from None

    def payoffs(self, document: Mapping[str, Any]) -> Rationals:
        """What it gives the agent there, times the factor."""
        return interim_vectors(self.mechanism(document))[self.agent] * self.factor

    def to_json(self, names: Sequence[str]) -> dict[str, Any]:
        """Exact strings; ``names``: of all agents."""
        return {"agent": names[self.agent], "at": dict(self.values), "times": text(self.factor)}

    @classmethod
    def from_json(cls, names: Sequence[str], data: Mapping[str, Any]) -> Revision:
        """Read :meth:`to_json` back.  Raises KeyError or ValueError."""
        return cls(list(names).index(data["agent"]), dict(data["at"]), rational(data["times"]))

    @classmethod
    def read(cls, reading: Reading, change: str, factor: Fraction = Fraction(1)) -> Revision:
        """``player1:p1=1/100``.  Raises InvalidDesign where it names no agent or parameter."""
        names = [a.name for a in reading.design.environment.agents]
        known = dict(reading.document.get("parameters", {}))
        place, _, value = change.partition("=")
        agent, _, name = place.rpartition(":")
        if agent not in names or name not in known or not value:
            raise InvalidDesign(
                f"{change!r}: write AGENT:NAME=VALUE; agents {', '.join(names)}; parameters {', '.join(known) or 'none'}"
            )
        return cls(names.index(agent), {name: value}, factor)


__all__ = ["Revision", "examined"]
