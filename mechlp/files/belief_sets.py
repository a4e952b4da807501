"""Belief sets in problem files: ``{mean: 1/2}``, ``{around: prior, contamination: 1/10}``, ``everything``, ...

A set is over the types of some agents: of an agent's opponents, or of all.  Keys that constrain (moments, marginals, support)
intersect.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import and_
from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet, InvalidBeliefSet, independent
from ..environment.model import Agent
from ..exact.numbers import Rationals, rational, stack, text
from .mistakes import Wrong
from .schema import SetSpec

SENSES = {"equals": "=", "at_most": "<=", "at_least": ">="}


@dataclass(frozen=True)
class Scope:
    """The agents over whose types a set is, and how their formulas and numbers are read.

    ``array`` reads a formula or nested lists over the scope's grid; ``distribution`` likewise, or the name of a family for one
    agent; ``number`` a constant; ``own`` is the belief that ``around`` stands for when nothing is given.
    """

    agents: Sequence[Agent]
    array: Callable[[Any], Rationals]
    marginal: Callable[[Any, Agent], Rationals]
    number: Callable[[str], Fraction]
    own: Rationals | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(agent.size for agent in self.agents)

    def axis(self, name: str) -> int:
        """The position of an agent of the scope."""
        names = [agent.name for agent in self.agents]
        if name not in names:
            raise ValueError(f"{name!r} is not one of {', '.join(names)}")
        return names.index(name)

    def along(self, axis: int, values: Rationals) -> Rationals:
        """A function of one agent's type, over the grid."""
        shape = [1] * len(self.agents)
        shape[axis] = len(values)
        return values.reshape(shape).broadcast_to(self.shape)

    def values(self, axis: int) -> Rationals:
        """An agent's types as numbers."""
        agent = self.agents[axis]
        if agent.values is None:
            raise ValueError(f"the types of {agent.name!r} are labels, not numbers")
        return agent.values

    def each(self, value: Any) -> Iterator[tuple[int, Any]]:
        """``value`` is for the only agent of the scope, or says for whom: ``{buyer: ...}``."""
        if isinstance(value, dict) and set(value) <= {agent.name for agent in self.agents}:
            for name, item in value.items():
                yield self.axis(name), item
        elif len(self.agents) == 1:
            yield 0, value
        else:
            names = ", ".join(agent.name for agent in self.agents)
            raise ValueError(f"say for whom, as in {{{self.agents[0].name}: ...}} (there are {names})")


def read_set(spec: SetSpec, scope: Scope) -> BeliefSet:
    """The set that a specification describes.

    Raises
    ------
    Wrong, ValueError
        With the key and what is wrong with it.
    """
    parts = list(_parts(spec, scope))
    if not parts:
        raise ValueError("an empty set description; write everything for every distribution")
    return reduce(and_, parts)


def _parts(spec: SetSpec, scope: Scope) -> Iterator[BeliefSet]:
    if spec.named is not None:
        yield BeliefSet.everything(scope.shape)
    if spec.listed is not None:
        with _at("list"):
            yield _listed(spec.listed, scope)
    yield from _around(spec, scope)
    for key in ("mean", "variance", "quantiles"):
        if getattr(spec, key) is not None:
            with _at(key):
                yield from _STATISTICS[key](spec, scope)
    for k, moment in enumerate(spec.moments or []):
        with _at("moments", k):
            given = [s for s in SENSES if getattr(moment, s) is not None]
            if len(given) != 1:
                raise ValueError("give exactly one of equals, at-most, at-least")
            value = scope.number(getattr(moment, given[0]))
            yield BeliefSet.moment(scope.array(moment.of), SENSES[given[0]], value, f"E[{_shown(moment.of)}]")
    for name, value in (spec.marginals or {}).items():
        with _at("marginals", name):
            axis = scope.axis(name)
            yield BeliefSet.marginal(
                axis, scope.marginal(value, scope.agents[axis]), scope.shape, f"marginal of {name}"
            )
    if spec.support is not None:
        with _at("support"):
            yield BeliefSet.support(scope.array(spec.support) != 0)
    if spec.range is not None:
        with _at("range"):
            yield from _ranges(spec.range, scope)
    if spec.independent is not None:
        with _at("independent"):
            yield _independent(spec.independent, scope)


@contextmanager
def _at(*path: str | int) -> Iterator[None]:
    try:
        yield
    except Wrong as wrong:
        raise Wrong((*path, *wrong.path), str(wrong)) from None
    except (InvalidBeliefSet, ValueError) as error:
        raise Wrong(path, str(error)) from None


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else "table"


def _listed(value: Any, scope: Scope) -> BeliefSet:
    if not isinstance(value, list) or not value:
        raise ValueError("expected a list of distributions over the others' types")
    return BeliefSet.finite(stack([scope.array(item) for item in value]))


def _around(spec: SetSpec, scope: Scope) -> Iterator[BeliefSet]:
    kinds = [k for k in ("contamination", "variation", "contractions") if getattr(spec, k) is not None]
    if not kinds:
        if spec.around is not None:
            raise Wrong(("around",), "goes with contamination, variation or contractions")
        return
    with _at("around"):
        center = scope.own if spec.around is None or spec.around == "prior" else _center(spec.around, scope)
        if center is None:
            raise ValueError("there is no prior to take the center from: give around: a distribution")
    for kind in kinds:
        with _at(kind):
            if kind == "contractions":
                yield BeliefSet.contractions(center, scope.values(0))
            else:
                make = BeliefSet.contamination if kind == "contamination" else BeliefSet.variation
                yield make(center, scope.number(getattr(spec, kind)))


def _center(value: Any, scope: Scope) -> Rationals:
    if value != "uniform":
        return scope.array(value)
    cells = math.prod(scope.shape)
    return Rationals(np.ones(scope.shape, dtype=np.int64), cells)


def _mean(spec: SetSpec, scope: Scope) -> Iterator[BeliefSet]:
    for axis, value in scope.each(spec.mean):
        name, mean = scope.agents[axis].name, _number(value, scope)
        values = scope.values(axis)
        if not values.min() <= mean <= values.max():
            raise ValueError(
                f"a mean of {text(mean)} for {name} lies outside her types, which go from {text(values.min())} to "
                f"{text(values.max())}"
            )
        yield BeliefSet.moment(scope.along(axis, values), "=", mean, f"mean of {name}")


def _variance(spec: SetSpec, scope: Scope) -> Iterator[BeliefSet]:
    """``E[(x - mean)^2]`` is linear where the mean is known."""
    means = {} if spec.mean is None else dict(scope.each(spec.mean))
    for axis, value in scope.each(spec.variance):
        name = scope.agents[axis].name
        if axis not in means:
            raise ValueError(f"a variance needs the mean of {name} too")
        gap = scope.values(axis) - _number(means[axis], scope)
        yield BeliefSet.moment(
            scope.along(axis, gap * gap), "=", _number(value, scope), f"variance of {name}"
        )


def _quantiles(spec: SetSpec, scope: Scope) -> Iterator[BeliefSet]:
    given = spec.quantiles
    names = {agent.name for agent in scope.agents}
    entries = given.items() if isinstance(given, dict) and set(given) <= names else [(None, given)]
    for name, quantiles in entries:
        axis = 0 if name is None else scope.axis(name)
        if not isinstance(quantiles, dict) or (name is None and len(scope.agents) > 1):
            raise ValueError(
                "expected {1/2: 1/4}: the chance of a type of at most 1/2 is 1/4 (by agent where there are several)"
            )
        for at, chance in quantiles.items():
            below = Rationals((scope.values(axis) <= rational(at)).astype(np.int64))
            label = f"chance of {scope.agents[axis].name} <= {at}"
            yield BeliefSet.moment(scope.along(axis, below), "=", _number(chance, scope), label)


_STATISTICS: Mapping[str, Callable[[SetSpec, Scope], Iterator[BeliefSet]]] = {
    "mean": _mean,
    "variance": _variance,
    "quantiles": _quantiles,
}


def _ranges(given: Any, scope: Scope) -> Iterator[BeliefSet]:
    for axis, ends in scope.each(given):
        if not isinstance(ends, list) or len(ends) != 2:
            raise ValueError("expected two numbers, the least and the largest type")
        low, high = (_number(end, scope) for end in ends)
        values = scope.values(axis)
        inside = Rationals(((values >= low) & (values <= high)).astype(np.int64))
        yield BeliefSet.support(scope.along(axis, inside) != 0)


def _independent(given: Mapping[str, SetSpec], scope: Scope) -> BeliefSet:
    if set(given) != {agent.name for agent in scope.agents}:
        raise ValueError(f"give one set for each of {', '.join(agent.name for agent in scope.agents)}")
    factors = []
    for agent in scope.agents:
        own = lambda value, agent=agent: scope.marginal(value, agent)  # noqa: E731
        alone = Scope((agent,), own, scope.marginal, scope.number)
        with _at(agent.name):
            factors.append(read_set(given[agent.name], alone))
    return independent(factors)


def _number(value: Any, scope: Scope) -> Fraction:
    if not isinstance(value, str):
        raise ValueError(f"expected a number, found {value!r}")
    return scope.number(value)
