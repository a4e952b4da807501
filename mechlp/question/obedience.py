"""Obedience: nobody gains by playing other actions than those that are recommended, after any report.

With outcomes that are profiles of recommended actions (:mod:`mechlp.environment.actions`),

* ``obedience i``: where ``a`` is recommended after the truth, ``a`` is worth at least what playing ``a'`` is;
* ``plays i``: what a type who reports r makes of recommendation ``a`` is at least what playing ``a'`` is worth then;
* ``lies i``: truth is worth at least what she makes of all recommendations after reporting r.

The last two are about double deviations: to lie and to disobey.  Where types are known to the designer only obedience is asked.

Source: Myerson (1982), "Optimal coordination mechanisms in generalized principal-agent problems"; Bergemann and Morris
(2016), "Bayes correlated equilibrium and the comparison of information structures in games".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..environment.actions import Actions
from ..environment.model import Environment
from ..environment.notions import Notion, States
from ..exact.numbers import Rationals
from .premises import InvalidDesign
from .requirements import MAX_ENTRIES, Part, Rows, Variables

if TYPE_CHECKING:
    from .design import Design

Places = npt.NDArray[np.intp]
Family = tuple[Rows, "Deviation"]


def obedience(design: Design) -> tuple[Rows, ...]:
    """The rows of every agent; none where the environment has no actions, or nothing is asked of incentives.

    Raises
    ------
    InvalidDesign
        When there would be too many entries.
    """
    return tuple(rows for rows, _ in families(design))


def families(design: Design) -> tuple[Family, ...]:
    """The same rows, each family with the deviation that each of its rows is about.  Raises InvalidDesign."""
    environment, notion = design.environment, design.evaluation
    if environment.actions is None or notion is None:
        return ()
    paid = design.transfers != "none"
    agents = [_Agent(environment, environment.actions, notion, i, paid) for i in range(environment.n)]
    return tuple(family for agent in agents for family in agent.families())


@dataclass(frozen=True)
class Deviation:
    """Index arrays of one length: in a state, a type of an agent reports, hears a recommendation and plays an action.

    Where rows are about all recommendations after a lie, ``heard`` and ``played`` are 0.  Rows of ``plays`` run through the lies
    in the order of ``lies``, for each through what is heard, and for each through what is played.
    """

    agent: int
    state: Places
    type: Places
    report: Places
    heard: Places
    played: Places


class _Agent:
    """The rows of one agent."""

    def __init__(
        self, environment: Environment, actions: Actions, notion: Notion, agent: int, paid: bool
    ) -> None:
        self.environment, self.actions, self.notion, self.i, self.paid = (
            environment,
            actions,
            notion,
            agent,
            paid,
        )
        self.states: States = notion.states(environment, agent)
        self.size, self.count = environment.agents[agent].size, actions.count(agent)
        self.groups = actions.groups(agent)
        grid = np.arange(environment.num_profiles).reshape(environment.shape)
        self.profiles = np.moveaxis(grid, agent, 0).reshape(self.size, -1)
        utility = environment.utility[agent].moveaxis(agent + 1, 1)
        self.utility = utility.reshape(*utility.shape[:2], -1)
        weights = self.states.weights
        self.weights = weights.broadcast_to((len(weights), self.size, *weights.shape[2:])).reshape(
            len(weights), self.size, -1
        )
        self.num_states = len(weights) if self.states.summed else self.profiles.shape[1]

    def families(self) -> list[Family]:
        """Obedience after the truth, and where types may lie, after lies."""
        lies = self.notion.lies and self.size > 1
        reports = self.size if lies else 1
        width = self.groups.shape[1] * (self.profiles.shape[1] if self.states.summed else 1)
        entries = self.num_states * len(self.states.types) * reports * self.count**2 * width
        if entries > MAX_ENTRIES:
            raise InvalidDesign(
                f"obedience of {self.environment.agents[self.i].name!r}: {entries:,} entries; at most {MAX_ENTRIES:,} are "
                "accepted: use fewer types or actions"
            )
        out = [self._obedience()] if self.count > 1 else []
        return [*out, self._plays(), self._truth()] if lies else out

    # -- families ---------------------------------------------------------------------------------
    def _obedience(self) -> Family:
        states, types = np.arange(self.num_states), self.states.types
        heard, played = np.nonzero(~np.eye(self.count, dtype=bool))
        at = self._listed(states, types, heard, also=played)
        part = self._part(at, self._worth(at, at.heard) - self._worth(at, at.played))
        return self._family(f"obedience {self.i}", at, (part,))

    def _plays(self) -> Family:
        """``w[state, lie, heard] - (what playing an action is worth then) >= 0``."""
        at = self._told(np.arange(self.count), np.arange(self.count))
        part = self._part(at, -self._worth(at, at.played))
        cells = np.arange(len(at.type)) // self.count
        best = Part(self._name, cells[:, None], Rationals.of([[1]]))
        variables = Variables(self._name, (len(at.type) // self.count,), self._best(part))
        return self._family(f"plays {self.i}", at, (best, part), (variables,))

    def _truth(self) -> Family:
        """``(payoff of truth) - sum of w over recommendations - (transfer after the lie) >= 0``."""
        at = self._told()
        honest = Deviation(self.i, at.state, at.type, at.type, at.heard, at.played)
        every = [replace(honest, heard=np.full_like(at.heard, a)) for a in range(self.count)]
        parts = [self._part(one, self._worth(one, one.heard)) for one in every]
        cells = np.arange(len(at.type))[:, None] * self.count + np.arange(self.count)
        parts.append(Part(self._name, cells, Rationals.of([[-1]])))
        if self.paid:
            parts += [self._transfer(honest, 1), self._transfer(at, -1)]
        return self._family(f"lies {self.i}", at, tuple(parts))

    @property
    def _name(self) -> str:
        return f"w {self.i}"

    def _best(self, part: Part) -> Callable[[Mapping[str, Rationals]], Rationals]:
        """What a liar makes of each recommendation, at best."""

        def best(blocks: Mapping[str, Rationals]) -> Rationals:
            worth = (-part.coefficients * blocks["q"][part.cells]).sum(axis=-1)
            return worth.reshape(-1, self.count).max(axis=1)

        return best

    # -- rows -------------------------------------------------------------------------------------
    def _told(self, *axes: Places) -> Deviation:
        """Every lie in every state, behind it recommendation and action where they are given."""
        own, report = np.nonzero(self.states.types[:, None] != np.arange(self.size))
        return self._listed(np.arange(self.num_states), self.states.types[own], *axes, report=report)

    def _listed(
        self,
        states: Places,
        types: Places,
        *axes: Places,
        report: Places | None = None,
        also: Places | None = None,
    ) -> Deviation:
        """Combinations of states, types (with their reports) and further axes; ``also`` goes with the last axis."""
        shape = (len(states), len(types), *map(len, axes))
        where = np.indices(shape).reshape(len(shape), -1)
        none = np.zeros(where.shape[1], dtype=np.intp)
        picked = [axis[k] for axis, k in zip(axes, where[2:], strict=True)]
        if also is not None:
            picked.append(also[where[-1]])
        heard, played = (*picked, none, none)[:2]
        said = types if report is None else report
        return Deviation(self.i, states[where[0]], types[where[1]], said[where[1]], heard, played)

    def _worth(self, at: Deviation, played: Places) -> Rationals:
        """``weight * u_i`` of what is played, on each outcome that recommends what is heard: ``(R, width)``."""
        outcomes = self.actions.instead[self.i][self.groups[at.heard], played[:, None]]
        if not self.states.summed:
            return self.utility[outcomes, at.type[:, None], at.state[:, None]]
        utility = self.utility[outcomes, at.type[:, None]]  # (R, outcomes, others' types)
        weights = self.weights[at.state, at.type]
        return (weights.reshape(len(weights), 1, -1) * utility).reshape(len(weights), -1)

    def _part(self, at: Deviation, coefficients: Rationals) -> Part:
        cells = self.groups[at.heard] * self.environment.num_profiles
        if not self.states.summed:
            return Part("q", cells + self.profiles[at.report, at.state][:, None], coefficients)
        return Part(
            "q", (cells[..., None] + self.profiles[at.report][:, None]).reshape(len(cells), -1), coefficients
        )

    def _transfer(self, at: Deviation, sign: int) -> Part:
        if not self.states.summed:
            return Part(f"t {self.i}", self.profiles[at.report, at.state][:, None], Rationals.of([[sign]]))
        return Part(f"t {self.i}", self.profiles[at.report], self.weights[at.state, at.type] * sign)

    def _family(
        self, name: str, at: Deviation, parts: tuple[Part, ...], variables: tuple[Variables, ...] = ()
    ) -> Family:
        mass = Rationals.of(1)
        if self.states.summed:
            given = self.states.mass
            mass = given.broadcast_to((self.num_states, self.size))[at.state, at.type]
        kind = name.split()[0]
        label, relaxes = self._label("IC" if kind == "lies" else kind, at), kind != "plays"
        rows = Rows(name, (len(at.type),), parts, ">=", Rationals.of(0), label, variables, mass, relaxes)
        return rows, at

    # -- names ------------------------------------------------------------------------------------
    def _label(self, kind: str, at: Deviation) -> Callable[[tuple[int, ...]], str]:
        environment, own = self.environment, self.environment.agents[self.i]
        others = [a for k, a in enumerate(environment.agents) if k != self.i]
        rest = tuple(a.size for a in others)
        acts = self.actions.names[self.i]

        def label(cell: tuple[int, ...]) -> str:
            r = cell[0]
            type_, report = at.type[r], at.report[r]
            said = own.types[type_] if own.size > 1 else ""
            said += f" -> {own.types[report]}" if report != type_ else ""
            done = f"{acts[at.heard[r]]} -> {acts[at.played[r]]}" if acts and kind != "IC" else ""
            where = ""
            if not self.states.summed:
                seen = np.unravel_index(at.state[r], rest)
                where = ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(others, seen, strict=True))
            elif self.num_states > 1:
                where = f"belief {at.state[r] + 1}"
            return f"{kind}[{own.name}: {', '.join(x for x in (said, done) if x)}{' | ' + where if where else ''}]"

        return label


__all__ = ["Deviation", "families", "obedience"]
