"""What the sections of a problem file share while they are read: names, the type grid, the mistakes found so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce
from operator import add
from typing import Any

import numpy as np

from ..environment.actions import Actions
from ..environment.formulas import Definition, Labels, Names, Number, Undecided, enclose, evaluate
from ..environment.model import Agent
from ..exact.enclosed import BITS, MOST_BITS, Enclosed
from ..exact.numbers import Rationals, rational, text
from .lines import Tree
from .mistakes import Path, Problem, Wrong, brief, near
from .observations import Observations
from .schema import File

#: Keys that any file may have, whatever is asked.
GENERAL = frozenset({"title", "description", "source", "parameters", "let", "assume", "agents"})
#: The functions of formulas that say how averse to risk an agent is.
_AVERSION = re.compile(r"\b(cara|crra)\s*\(")


@dataclass(frozen=True)
class Family:
    """Outcomes that one name stands for, each with numbers of its own, shape ``(outcomes of the family,)`` each."""

    positions: range
    numbers: Mapping[str, Rationals]


@dataclass
class Context:
    """The file, what its earlier sections gave, and how numbers, formulas and tables of the later ones are read.

    ``parameters``, ``definitions``, then ``agents`` with ``groups`` (a name with copies -> their positions) and ``axes`` (where
    types are a grid of coordinates, one agent a coordinate), then ``outcomes`` (``families`` of them; ``ready`` payoffs of
    built-in ones) are filled in by their sections, in this order; a formula can name what comes before it.
    """

    file: File
    tree: Tree
    observations: Mapping[str, Observations] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    parameters: dict[str, Fraction] = field(default_factory=dict)
    agents: list[Agent] = field(default_factory=list)
    groups: dict[str, list[int]] = field(default_factory=dict)
    axes: dict[int, tuple[Agent, ...]] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    outcomes: list[str] = field(default_factory=list)
    families: dict[str, Family] = field(default_factory=dict)
    ready: list[list[Rationals]] | None = None
    actions: Actions | None = None
    #: To how many bits irrational payoffs are read; whether risk aversion is left out of them; whether any was met.
    bits: int = BITS
    neutral: bool = False
    averse: bool = False

    # -- mistakes -------------------------------------------------------------------------------
    def report(self, path: Path, message: str) -> None:
        """One mistake more."""
        self.problems.append(Problem(path, message, self.tree.line(path)))

    def only(self, taken: frozenset[str], what: str, why: str) -> bool:
        """Whether the file has no keys besides those (as attributes) that ``what`` takes; else one mistake names them."""
        left = [name for name in File.keys if name in self.file.given - taken]
        if left:
            names = [File.keys[name].name for name in left]
            them = "them" if names[1:] else "it"
            self.report((names[0],), f"`{what}` has no use for {', '.join(names)} ({why}): leave {them} out")
        return not left

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Report what goes wrong inside under a key, and go on."""
        try:
            yield
        except Wrong as wrong:
            self.report((*path, *wrong.path), str(wrong))
        except ValueError as error:
            self.report(path, str(error))

    def constants(self) -> dict[str, Rationals | Labels | Definition]:
        """What a formula about no agent may name: parameters, and definitions."""
        return {**{k: Rationals.of(v) for k, v in self.parameters.items()}, **self.definitions}

    # -- numbers --------------------------------------------------------------------------------
    def constant(self, value: str) -> Fraction:
        """A number, or a formula of the parameters."""
        try:
            return rational(value)
        except ValueError:
            return evaluate(value, self.constants()).item()

    def whole(self, value: str, what: str, most: int) -> int:
        """A whole number from 1 to ``most``, or a formula that gives one."""
        number = self.constant(value)
        if number.denominator != 1 or not 1 <= number <= most:
            shown = text(number) if len(text(number)) < 40 else "a huge number"
            raise ValueError(f"{what} must be a whole number from 1 to {most:,}, found {shown}")
        return int(number)

    # -- agents and names -----------------------------------------------------------------------
    @property
    def shape(self) -> tuple[int, ...]:
        """The type grid."""
        return tuple(a.size for a in self.agents)

    @cached_property
    def names(self) -> dict[str, Rationals | Labels | Definition]:
        """What formulas may name: constants, and agents (types and coordinates, along their axis of the grid)."""
        names = self.constants()
        for i, agent in enumerate(self.agents):
            along = [1] * len(self.agents)
            along[i] = agent.size
            whole = agent.types if agent.values is None else agent.values
            for name, column in ((agent.name, whole), *agent.parts()):
                if isinstance(column, Rationals):
                    names[name] = column.reshape(along)
                else:
                    names[name] = Labels(name, np.array(column, dtype=object).reshape(along))
        for group, members in self.groups.items():
            types = [own for i in members if isinstance(own := names[self.agents[i].name], Rationals)]
            if group not in names and len(types) == len(members):
                names[f"{group}.sum"] = reduce(add, types)
        return names

    @cached_property
    def by_name(self) -> dict[str, int]:
        """The position of each agent."""
        return {agent.name: i for i, agent in enumerate(self.agents)}

    def names_for(self, agent: int | None) -> dict[str, Rationals | Labels | Definition]:
        """The names in a formula about an agent: a group's name stands for the agent's own type."""
        if agent is None:
            return self.names
        alike = [g for g, members in self.groups.items() if agent in members and g not in self.names]
        if not alike:
            return self.names
        own = self.agents[agent]
        names = [own.name, *(name for name, _ in own.parts())]
        return {**self.names, **{g + n[len(own.name) :]: self.names[n] for g in alike for n in names}}

    def members(self, path: Path, key: str) -> list[int]:
        """The agents that a key names: one, or all copies of a group."""
        if key in self.groups:
            return self.groups[key]
        if key in self.by_name:
            return [self.by_name[key]]
        known = dict.fromkeys([*self.groups, *self.by_name])
        self.report((*path, key), f"no agent is named {key!r}{near(key, known)}")
        return []

    def per_agent(
        self, section: str, given: Mapping[str, Any], build: Callable[[Any, int], Any], *path: str
    ) -> dict[int, Any]:
        """Position -> what ``build`` makes of the value given for an agent or a group."""
        out: dict[int, Any] = {}
        for key, value in given.items():
            for i in self.members((section, *path), key):
                with self.at(section, *path, key):
                    out[i] = build(value, i)
        return out

    def for_all(
        self,
        section: str,
        given: Mapping[str, Any],
        build: Callable[[Any, int], Any],
        without: str,
        *path: str,
    ) -> list[Any] | None:
        """What ``build`` makes for every agent, in their order; None where one is wrong or missing, which is reported."""
        found = self.per_agent(section, given, build, *path)
        known = {
            i for key in given if key in self.groups or key in self.by_name for i in self.members((), key)
        }
        missing = [a.name for i, a in enumerate(self.agents) if i not in known]
        if missing:
            self.report((section, *path), without.format(", ".join(missing)))
        return [found[i] for i in range(len(self.agents))] if len(found) == len(self.agents) else None

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: a for a, name in enumerate(self.outcomes)}

    def outcome(self, name: str) -> int:
        """The position of an outcome.  Raises ValueError when none has this name."""
        if name not in self._positions:
            known = [*self.families, *self.outcomes]
            raise ValueError(f"no outcome is named {name!r}{near(name, known[:1000])}")
        return self._positions[name]

    def by_outcome(self, name: str, value: Any) -> list[tuple[int, Rationals]]:
        """What a table or formula says of an outcome, or of each outcome of a family: (position, array over the type grid)."""
        return [(a, Enclosed.of(found).low) for a, found in self.payoff_by_outcome(name, value, exact=True)]

    def payoff_by_outcome(
        self, name: str, value: Any, agent: int | None = None, *, exact: bool = False
    ) -> list[tuple[int, Number]]:
        """As :meth:`by_outcome`, for what may be irrational (unless ``exact``)."""
        if name not in self.families or not isinstance(value, str):
            positions = [self.outcome(name)] if name not in self.families else self.families[name].positions
            same = (self.table if exact else self.payoff)(value, self.shape, agent)
            return [(a, same) for a in positions]
        family, axes = self.families[name], (-1, *[1] * len(self.agents))
        names = {**self.names_for(agent), **{n: v.reshape(axes) for n, v in family.numbers.items()}}
        found = evaluate(value, names) if exact else self.enclosed(value, names)
        ends = Enclosed.of(found)
        if ends.low.ndim <= len(self.agents):
            return [(a, found) for a in family.positions]
        low, high = (e.broadcast_to((len(family.positions), *e.shape[1:])) for e in (ends.low, ends.high))
        return [(a, Enclosed(low[k], high[k]).known()) for k, a in enumerate(family.positions)]

    # -- formulas and tables --------------------------------------------------------------------
    def table(self, value: Any, shape: tuple[int, ...], agent: int | None = None) -> Rationals:
        """A formula (broadcasting), or nested lists of exactly a shape, cells being constants."""
        if isinstance(value, str):
            return evaluate(value, self.names_for(agent))
        if not isinstance(value, list):
            raise Wrong((), f"expected a number, a formula or nested lists, found {brief(value)}")
        cells: list[Fraction] = []
        self.cells(value, shape, (), cells, self.constant)
        return Rationals.from_fractions(cells, shape)

    def payoff(self, value: Any, shape: tuple[int, ...], agent: int | None = None) -> Number:
        """As :meth:`table`, for what may be irrational."""
        if isinstance(value, str):
            return self.enclosed(value, self.names_for(agent))
        if isinstance(value, dict) and set(value) == {"low", "high"}:
            sizes = _sizes(value["low"], shape)
            return Enclosed(*(self.table(value[end], sizes, agent) for end in ("low", "high"))).known()
        if not isinstance(value, list):
            return self.table(value, shape, agent)
        cells: list[Enclosed] = []
        self.cells(value, shape, (), cells, lambda v: Enclosed.of(self.enclosed(v, self.constants())))
        low, high = ([c.low.item() if end else c.high.item() for c in cells] for end in (True, False))
        return Enclosed(Rationals.from_fractions(low, shape), Rationals.from_fractions(high, shape)).known()

    def enclosed(self, formula: str, names: Names) -> Number:
        """A formula that may be irrational, known as well as the file asks, or better where a comparison takes that."""
        written = (formula, *(d.body for d in self.definitions.values()))
        self.averse = self.averse or any(_AVERSION.search(text) for text in written)
        bits = self.bits
        while True:
            try:
                return enclose(formula, names, bits, neutral=self.neutral)
            except Undecided:
                if bits >= MOST_BITS:
                    raise
                bits = min(2 * bits, MOST_BITS)

    def cells(
        self, value: Any, shape: tuple[int, ...], path: Path, out: list[Any], read: Callable[[str], Any]
    ) -> None:
        """The cells of nested lists of exactly a shape, each read, row-major, into ``out``."""
        if not shape:
            if not isinstance(value, str):
                raise Wrong(path, f"expected a single value, found {brief(value)}")
            try:
                out.append(read(value))
            except ValueError as error:
                raise Wrong(path, str(error)) from None
            return
        listed = isinstance(value, list)
        if shape[0] == 1 and (len(value) != 1 and len(shape) > 1 if listed else isinstance(value, str)):
            self.cells(value, shape[1:], path, out, read)  # whoever has one type may be left out
            return
        if not listed:
            raise Wrong(path, f"expected a list of {shape[0]}, found {brief(value)}")
        if len(value) != shape[0]:
            raise Wrong(path, f"expected {shape[0]} entries, found {len(value)}")
        for k, item in enumerate(value):
            self.cells(item, shape[1:], (*path, k), out, read)

    def own_or_profile(self, value: Any, agent: int) -> Enclosed:
        """What may be irrational: a formula, a list over the agent's own types, or nested lists over the grid."""
        if isinstance(value, list) and not (value and isinstance(value[0], list)):
            along = [1] * len(self.agents)
            along[agent] = self.agents[agent].size
            own = Enclosed.of(self.payoff(value, (self.agents[agent].size,)))
            return Enclosed(own.low.reshape(along), own.high.reshape(along))
        return Enclosed.of(self.payoff(value, self.shape, agent))

    def own(self, value: Any, agent: int) -> Rationals:
        """A formula of the agent's own type, or a list over it."""
        size = self.agents[agent].size
        if isinstance(value, list):
            return self.table(value, (size,))
        array = self.table(value, self.shape, agent)
        along = [1] * len(self.agents)
        along[agent] = size
        if array.ndim and any(s > 1 and k != agent for k, s in enumerate(array.shape)):
            raise ValueError(
                f"{value!r} depends on another agent's type; only {self.agents[agent].name}'s own may appear"
            )
        return array.broadcast_to(tuple(along)).reshape(size)


def _sizes(value: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of nested lists in which an axis has one entry where nothing varies along it: it is the same number there."""
    found = []
    for size in shape:
        one = isinstance(value, list) and len(value) == 1
        found.append(1 if one else size)
        value = value[0] if isinstance(value, list) and value else None
    return tuple(found)
