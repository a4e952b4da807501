"""What maxmin types must be left whatever the transfers, against the surplus: the finite form of Theorem 1 of Wolitzky (2015).

In every maxmin mechanism the worst case of a type is at least that of another type plus what it gains from being taken for it
(:mod:`mechlp.question.gains`).  So worst cases are at least the longest paths of these gains from the outside options.  Under
every joint distribution of types whose conditionals the types hold possible, the expected surplus must pay for these rents.

What proves the numbers: a distribution attains the largest shortfall, its conditionals mixtures of the beliefs' corners; and bets
show that none exceeds it.  A bet pays an agent's type by the others' types, and under no belief that the type holds possible it
expects to gain, so under every such distribution all bets together lose: where rents less surplus exceed the bets by at most D
at each profile, they exceed the surplus by at most D in expectation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, maximum, stack, text, where
from ..exact.saved import checksum
from ..files import document_of, read_document
from ..question.design import Design, InvalidDesign
from ..shown import Drawn
from .invalid import InvalidCertificate

FORMAT = "mechlp least rents 1"


def needed(design: Design) -> None:
    """What the bound is about.  Raises InvalidDesign."""
    if design.ic != "maxmin":
        raise InvalidDesign(f"the bound by least rents is for ic: maxmin, and the question asks for ic: {design.ic}")
    if design.environment.belief_sets is None:
        raise InvalidDesign("the bound by least rents needs sets of beliefs, and the file has none: give beliefs.sets")
    if design.environment.money is not None:
        raise InvalidDesign("the bound by least rents is for payoffs that are linear in money")
    fixed = design.lottery is not None or design.allocation == "efficient"
    if not fixed or design.ir == "none" or not design.bb.startswith("ex-post"):
        raise InvalidDesign(
            "the bound by least rents needs an efficient or given allocation, IR, and bb: ex-post or ex-post-weak"
        )


def longest_paths(design: Design, i: int) -> Rationals | None:
    """Bellman and Ford over all lies that compare worst cases; None when some cycle of lies gains."""
    assert design.environment.belief_sets is not None
    gain, applies = design.gains[i].gain, design.gains[i].applies
    outside = design.environment.outside[i].moveaxis(i, 0)
    rents = stack([own.least(outside[k]) for k, own in enumerate(design.environment.belief_sets[i])])
    for _ in range(len(gain) + 1):
        reached = where(applies, gain + rents.reshape(1, -1), rents.reshape(-1, 1).broadcast_to(gain.shape))
        raised = maximum(rents, reached.max(axis=1))
        if raised.same(rents):
            return rents
        rents = raised
    return None


def surplus_of(design: Design) -> Rationals:
    """The surplus at each profile, shape ``Theta``."""
    every, lottery = design.environment.surplus, design.lottery
    found: Rationals = every.max(axis=0) if lottery is None else (every * lottery).sum(axis=0)
    return found


def corners_of(design: Design) -> list[list[Rationals]]:
    """For each agent and type, the corners of what it believes of the others' types, one a row."""
    assert design.environment.belief_sets is not None
    return [
        [own.vertices.reshape(len(own.vertices), -1) for own in agent]
        for agent in design.environment.belief_sets
    ]


@dataclass(frozen=True)
class Joint:
    """Weights over type profiles, shape ``Theta``; ``mixtures[i][k]``: those of agent i's type k, as a mixture of its corners."""

    mass: Rationals
    mixtures: tuple[tuple[Rationals, ...], ...]

    def check(self, design: Design) -> None:
        """That every type's conditional is one that it holds possible.  Raises InvalidCertificate."""
        shape = design.environment.shape
        if self.mass.shape != shape or bool(np.any(self.mass < 0)):
            raise InvalidCertificate("a distribution of types with another shape, or with negative weights")
        for i, (own, mixtures) in enumerate(zip(corners_of(design), self.mixtures, strict=True)):
            given = self.mass.moveaxis(i, 0).reshape(shape[i], -1)
            for k, (corners, mixture) in enumerate(zip(own, mixtures, strict=True)):
                mixed = (corners * mixture.reshape(-1, 1)).sum(axis=0)
                if bool(np.any(mixture < 0)) or not mixed.same(given[k]):
                    agent = design.environment.agents[i]
                    raise InvalidCertificate(
                        f"{agent.name} of type {agent.types[k]} does not hold it possible"
                    )

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        mixtures = [[own.texts() for own in agent] for agent in self.mixtures]
        return {"weights": self.mass.texts(), "mixtures": mixtures}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Joint | None:
        """Read :meth:`to_json` back.  Raises KeyError or ValueError."""
        if data is None:
            return None
        mixtures = tuple(tuple(Rationals.of(own) for own in agent) for agent in data["mixtures"])
        return cls(Rationals.of(data["weights"]), mixtures)


@dataclass(frozen=True)
class JointBound(Drawn):
    """The bound over joint distributions.

    * ``joint``: a distribution under which expected rents exceed the expected surplus by most; None where no joint distribution
      has conditionals that the types hold possible, or ``rents`` is None;
    * ``bets``: one an agent, shape ``Theta``, which prove that under none they exceed it by more, or that there is none;
    * ``costly``: weights under which the surplus adds up to 1 and rents to most; None where they may add up to anything, or no
      surplus is expected.
    """

    design: Design
    joint: Joint | None = None
    bets: tuple[Rationals, ...] = ()
    costly: Joint | None = None

    @cached_property
    def rents(self) -> tuple[Rationals, ...] | None:
        """Per agent the least worst-case payoff of each type, or None where lies that gain go round in a circle."""
        found = [longest_paths(self.design, i) for i in range(self.design.environment.n)]
        rents = tuple(r for r in found if r is not None)
        return rents if len(rents) == len(found) else None

    @cached_property
    def owed(self) -> Rationals:
        """The rents of all agents at each profile, shape ``Theta``; only where there are rents."""
        assert self.rents is not None
        shape = self.design.environment.shape
        total = Rationals.zeros(shape)
        for i, own in enumerate(self.rents):
            total = total + own.reshape(*(-1 if j == i else 1 for j in range(len(shape)))).broadcast_to(shape)
        return total

    @property
    def critical(self) -> Rationals | None:
        """The distribution that decides, shape ``Theta``."""
        return None if self.joint is None else self.joint.mass

    @property
    def shortfall(self) -> Fraction | None:
        """The most by which expected rents exceed the expected surplus."""
        if self.critical is None:
            return None
        return (self.critical * (self.owed - surplus_of(self.design))).sum()

    @property
    def excess(self) -> Fraction | None:
        """Transfers of at most ``D`` times the surplus at every profile take a D of at least this much."""
        return None if self.costly is None else (self.costly.mass * self.owed).sum() - 1

    @property
    def impossible(self) -> bool:
        """Whether no mechanism exists, with worst-case IC and IR and no deficit at any profile."""
        return self.rents is None or (self.shortfall is not None and self.shortfall > 0)

    @property
    def status(self) -> str:
        """``fails`` where no mechanism exists, else ``holds``: the condition, which is necessary."""
        return "fails" if self.impossible else "holds"

    def check(self) -> Iterator[str]:
        """Recompute everything from the definitions; each claim in words.  Raises InvalidCertificate."""
        needed(self.design)
        if self.rents is None:
            if self.joint is not None or self.bets or self.costly is not None:
                raise InvalidCertificate("distributions and bets where lies go round in a circle")
            yield "lies that gain whatever the transfers go round in a circle"
            return
        yield "what each type must be left, by the longest chain of lies"
        most = self._at_most()
        if self.joint is None:
            if most >= 0:
                raise InvalidCertificate("the bets do not show that there is no such distribution of types")
            yield "bets show that no joint distribution has conditionals that all hold possible"
        else:
            self._check_joint(most)
            yield f"a distribution that all hold possible, and bets: the shortfall is {text(most)} and never more"
        if self.costly is not None:
            self.costly.check(self.design)
            if (self.costly.mass * surplus_of(self.design)).sum() != 1:
                raise InvalidCertificate("weights under which the surplus does not add up to 1")
            assert self.excess is not None
            yield f"weights that all hold possible, under which rents are {text(self.excess + 1)} times the surplus"

    def _at_most(self) -> Fraction:
        """What the bets prove about the shortfall of every joint distribution; negative where there is none."""
        shape = self.design.environment.shape
        if len(self.bets) != len(shape) or any(own.shape != shape for own in self.bets):
            raise InvalidCertificate("bets of another shape than the types")
        for i, (own, bet) in enumerate(zip(corners_of(self.design), self.bets, strict=True)):
            paid = bet.moveaxis(i, 0).reshape(shape[i], -1)
            for k, corners in enumerate(own):
                if bool(np.any((corners * paid[k]).sum(axis=1) > 0)):
                    raise InvalidCertificate("a bet that a type may expect to gain from")
        total = sum(self.bets[1:], self.bets[0])
        wanted = self.owed - surplus_of(self.design) if self.joint is not None else Rationals.zeros(shape)
        return (wanted - total).max()

    def _check_joint(self, most: Fraction) -> None:
        assert self.joint is not None
        self.joint.check(self.design)
        if self.joint.mass.sum() != 1:
            raise InvalidCertificate("probabilities that do not add up to 1")
        if self.shortfall != most:
            raise InvalidCertificate(
                f"the bets prove at most {text(most)}, and the shortfall is {self.shortfall}"
            )

    # -- reading and writing --------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        """Exact strings, the problem inside, a checksum."""
        body = {
            "format": FORMAT,
            "status": self.status,
            "problem": document_of(self.design),
            "impossible": self.impossible,
            "rents": None if self.rents is None else [own.texts() for own in self.rents],
            "shortfall": None if self.shortfall is None else text(self.shortfall),
            "critical": None if self.critical is None else self.critical.texts(),
            "excess": None if self.excess is None else text(self.excess),
            "joint": None if self.joint is None else self.joint.to_json(),
            "bets": [own.texts() for own in self.bets],
            "costly": None if self.costly is None else self.costly.to_json(),
        }
        return {**body, "sha256": checksum(body)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JointBound:
        """Read :meth:`to_json` back.  Raises InvalidCertificate, KeyError or ValueError."""
        bets: Sequence[Any] = data["bets"]
        return cls(
            read_document(data["problem"]).design,
            Joint.from_json(data["joint"]),
            tuple(Rationals.of(own) for own in bets),
            Joint.from_json(data["costly"]),
        )


__all__ = [
    "FORMAT",
    "Joint",
    "JointBound",
    "corners_of",
    "longest_paths",
    "needed",
    "surplus_of",
]
