"""Symmetric environments: one object in grades, identical bidders with independent private types.

A full type grid of N bidders has ``m**N`` profiles; the environment of one representative has m types.  What is asked of
a mechanism in interim terms (interim IC and IR, revenue, surplus) needs no more than that.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, rational, stack
from ..shown import Shown
from .model import Agent, Beliefs, Environment, InvalidEnvironment, outer

#: Most types of the representative: the exact audit compares all pairs.
MAX_REPRESENTED = 20_000
#: Most bidders: the chance that one of them has a type in a set is an exact power.
MAX_COPIES = 1_000
#: Grades are interchanged in every order only up to this many.
MAX_INTERCHANGED = 4
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Orbits:
    """Types up to an interchange of grades under which values and prior stay what they are.

    ``orders`` has shape ``(|G|, K)``; ``moved[g, s]`` is the type r with ``value_k(r) = value_orders[g, k](s)``.
    """

    orders: Places
    moved: Places

    @cached_property
    def representatives(self) -> Places:
        """One type an orbit, increasing."""
        return np.unique(self.moved.min(axis=0))

    @cached_property
    def place(self) -> Places:
        """The position of the orbit of each type among the representatives."""
        return np.searchsorted(self.representatives, self.moved.min(axis=0))

    @cached_property
    def way(self) -> Places:
        """For each type, an interchange that brings it to its representative."""
        return np.argmin(self.moved, axis=0)

    @cached_property
    def inverse(self) -> Places:
        """The interchange that undoes each."""
        back = np.argsort(self.orders, axis=1)
        where = {tuple(order): g for g, order in enumerate(self.orders.tolist())}
        return np.array([where[tuple(order)] for order in back.tolist()], dtype=np.intp)


    @cached_property
    def composed(self) -> list[list[int]]:
        """``[a][b]``: the interchange that does what b does and then what a does."""
        where = {tuple(order): g for g, order in enumerate(self.orders.tolist())}
        return [[where[tuple(b[a].tolist())] for b in self.orders] for a in self.orders]


@dataclass(frozen=True)
class Symmetric(Shown):
    """``copies`` identical bidders for one object, which comes in K grades at no cost.

    Parameters
    ----------
    agent : the representative bidder and her m types.
    copies : the number of bidders.
    values : what the object is worth to a type in each grade, shape ``(K, m)``; not having it is worth 0.
    prior : the probability of each type, shape ``(m,)``, independent across bidders; positive everywhere.
    grades : names of the grades.

    Raises
    ------
    InvalidEnvironment
        Wrong shapes, a prior with zeros or that does not sum to one, too large.
    """

    agent: Agent
    copies: int
    values: Rationals
    prior: Rationals
    grades: tuple[str, ...] = ()
    title: str = ""
    parameters: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        m = self.agent.size
        put("values", Rationals.of(self.values))
        put("prior", Rationals.of(self.prior))
        if not 1 <= self.copies <= MAX_COPIES:
            raise InvalidEnvironment(f"{self.copies} bidders; from 1 to {MAX_COPIES:,} are accepted")
        if m > MAX_REPRESENTED:
            raise InvalidEnvironment(f"{m:,} types of a bidder; at most {MAX_REPRESENTED:,} are accepted")
        if self.values.ndim != 2 or self.values.shape[1] != m or not len(self.values):
            raise InvalidEnvironment(f"values: shape {self.values.shape}, expected (grades, {m})")
        if self.prior.shape != (m,):
            raise InvalidEnvironment(f"prior: shape {self.prior.shape}, expected ({m},)")
        if bool(np.any(self.prior <= 0)):
            raise InvalidEnvironment(
                "prior: every type of a symmetric environment needs positive probability"
            )
        if self.prior.sum() != 1:
            raise InvalidEnvironment(f"the prior sums to {self.prior.sum()}, expected 1")
        if not self.grades:
            put("grades", tuple(f"grade {k + 1}" for k in range(len(self.values))))
        put("parameters", {k: rational(v) for k, v in self.parameters.items()})

    @property
    def size(self) -> int:
        """m, the number of types."""
        return self.agent.size

    @cached_property
    def orbits(self) -> Orbits:
        """Types up to the interchange of grades, where every interchange keeps the type set and the prior."""
        count, m = self.values.shape
        alone = Orbits(np.arange(count)[None], np.arange(m)[None])
        if not 1 < count <= MAX_INTERCHANGED:
            return alone
        columns = [tuple(int(v) for v in c) for c in self.values.numerator.T]
        where = {c: s for s, c in enumerate(columns)}
        orders = list(itertools.permutations(range(count)))
        if len(where) < m:
            return alone
        moved = [[where.get(tuple(c[k] for k in order), -1) for c in columns] for order in orders]
        found = np.array(moved, dtype=np.intp)
        if bool(np.any(found < 0)) or not bool(np.all(self.prior.numerator[found] == self.prior.numerator)):
            return alone
        return Orbits(np.array(orders, dtype=np.intp), found)

    def full(self) -> Environment:
        """The ordinary environment on the whole type grid.

        Outcomes: ``nobody``, then bidder by bidder who gets it, grade by grade.

        Raises
        ------
        InvalidEnvironment
            When the grid is too large to build.
        """
        n, m, count = self.copies, self.size, len(self.values)
        names = [f"{self.agent.name}{i + 1}" for i in range(n)]
        agents = tuple(Agent(name, self.agent.types, self.agent.values) for name in names)
        plain = [""] if count == 1 else [f" ({grade})" for grade in self.grades]
        outcomes = ("nobody", *(name + grade for name in names for grade in plain))
        Environment(agents, outcomes, (Rationals.of(0),) * n)  # refuses what is too large
        utility = []
        for i in range(n):
            along = [1] * n
            along[i] = m
            zero = Rationals.zeros(tuple(along))
            parts = [zero] * len(outcomes)
            for k in range(count):
                parts[1 + i * count + k] = self.values[k].reshape(along)
            utility.append(stack(parts))
        prior = Beliefs.common(outer([self.prior] * n))
        return Environment(agents, outcomes, tuple(utility), prior, (), None, self.title, self.parameters)

    def __repr__(self) -> str:
        return (
            f"<Symmetric {self.title or 'untitled'!r}: {self.copies} x {self.agent.name} with {self.size:,} types, "
            f"{len(self.values)} grade(s)>"
        )


def representative(environment: Environment) -> Symmetric:
    """The representative's environment of an ordinary one whose bidders are alike.

    Raises
    ------
    InvalidEnvironment
        Naming the premise that fails: one object, equal types, private and equal values, an iid prior.
    """
    n, first = environment.n, environment.agents[0]
    refuse = lambda why: InvalidEnvironment(f"not a symmetric auction: {why}")  # noqa: E731
    if any(a.types != first.types for a in environment.agents):
        raise refuse("the agents have different types")
    if environment.beliefs is None or environment.beliefs.prior is None:
        raise refuse("there is no common prior")
    prior = environment.beliefs.prior
    marginal = prior.sum(axis=tuple(range(1, n))) if n > 1 else prior
    if not prior.same(outer([marginal] * n)) or environment.designer is not environment.beliefs.prior:
        raise refuse("types are not independent and identically distributed under one prior")
    if environment.designer_set is not None:
        raise refuse("the designer has a set of priors")
    if any(bool(np.any(o != 0)) for o in environment.outside):
        raise refuse("outside options are not zero")
    used = [np.asarray(u != 0).any(axis=tuple(range(1, n + 1))) for u in environment.utility]
    owners = np.array(used).sum(axis=0)
    if bool(np.any(owners > 1)) or int(np.sum(owners == 0)) != 1:
        raise refuse("an outcome must give the object to one agent, and exactly one outcome to nobody")
    rows = []
    for i in range(n):
        if not environment.private_values(i):
            raise refuse(f"the values of {environment.agents[i].name} depend on the others' types")
        at: list[Any] = [0] * n
        at[i] = slice(None)
        rows.append(environment.utility[i][(np.flatnonzero(used[i]), *at)])
    if any(not r.same(rows[0]) for r in rows[1:]):
        raise refuse("the agents value the object differently")
    names = {a.name.rstrip("0123456789") for a in environment.agents}
    agent = Agent(names.pop() if len(names) == 1 else "bidder", first.types, first.values)
    return Symmetric(agent, n, rows[0], marginal, (), environment.title, environment.parameters)


__all__ = ["Orbits", "Symmetric", "representative"]
