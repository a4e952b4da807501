"""What the mechanism of a problem file gives under other beliefs: the file is read again at other values of its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.model import Beliefs, Environment, outer
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


def of_all_types(mechanism: Mechanism, agent: int) -> Rationals:
    """An agent's interim payoffs, also of her types that have probability zero, where types are independent.

    Raises
    ------
    InvalidDesign
        Where a type has probability zero and others' types depend on it, so that it has no belief.
    """
    environment = mechanism.environment
    beliefs = environment.beliefs
    if beliefs is not None and bool(np.all(beliefs.mass(agent) > 0)):
        return interim_vectors(mechanism)[agent]
    masses = independent(environment)
    if masses is None:
        raise InvalidDesign(
            f"a type of {environment.agents[agent].name} has probability zero there, and what it believes is not said"
        )
    masses[agent] = Rationals.of([Fraction(1, environment.shape[agent])] * environment.shape[agent])
    full = replace(environment, beliefs=Beliefs.common(outer(masses)))
    return interim_vectors(replace(mechanism, environment=full))[agent]


def independent(environment: Environment) -> list[Rationals] | None:
    """Each agent's distribution of types, where a common prior makes them independent; else None."""
    prior = environment.designer
    if prior is None:
        return None
    rest = lambda i: tuple(j for j in range(environment.n) if j != i)  # noqa: E731
    masses = [prior.sum(axis=rest(i)) if rest(i) else prior for i in range(environment.n)]
    return masses if outer(masses).same(prior) else None


def believed(document: Mapping[str, Any]) -> set[str]:
    """The parameters of a file that its beliefs name, through definitions too."""
    formulas = {**dict(document.get("parameters") or {}), **dict(document.get("let") or {})}
    bodies = {head.partition("(")[0].strip(): body for head, body in formulas.items()}
    waiting, named = [str(document.get("beliefs"))], set[str]()
    while waiting:
        new = {w for w in re.findall(r"[A-Za-z_]\w*", waiting.pop()) if w in bodies} - named
        named |= new
        waiting += [str(bodies[w]) for w in new]
    return named


def same_payoffs(one: Environment, other: Environment) -> bool:
    """Whether two environments differ in beliefs at most."""
    arrays = zip((*one.utility, *one.outside), (*other.utility, *other.outside), strict=False)
    return (one.agents, one.outcomes) == (other.agents, other.outcomes) and all(a.same(b) for a, b in arrays)


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
        """The mechanism that the file gives there.  Raises InvalidDesign where it gives none, or is no problem."""
        return examined(self.reading(document))

    def reading(self, document: Mapping[str, Any]) -> Reading:
        """The file there.  Raises InvalidDesign where it is no problem."""
        known = dict(document.get("parameters", {}))
        try:
            found = read_document({**document, "parameters": {**known, **self.values}})
        except InvalidFile as error:
            said = str(error).splitlines()[-1].strip().removeprefix("document: ")
            raise InvalidDesign(f"with {self.name} the file is no problem: {said}") from None
        before, after = (one.design.environment for one in (read_document(dict(document)), found))
        other = sorted(set(self.values) - believed(document))
        if other or not same_payoffs(before, after):
            raise InvalidDesign(f"with {self.name} more than beliefs changes: {', '.join(other) or 'payoffs'}")
        return found

    def payoffs(self, document: Mapping[str, Any]) -> Rationals:
        """What it gives the agent there, times the factor."""
        return of_all_types(self.mechanism(document), self.agent) * self.factor

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


__all__ = ["Revision", "examined", "independent", "of_all_types"]
