"""Agents, types, outcomes, utilities and beliefs: what is given before any mechanism is designed.

Arrays are indexed by type profiles: a prior has shape ``(|Theta_1|, ..., |Theta_n|)``, a utility
``(|A|, |Theta_1|, ..., |Theta_n|)``.  Everything is exact (:class:`mechlp.exact.numbers.Rationals`), immutable, and
interdependent in general: private values are a property that is checked, not assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, rational, stack
from ..shown import Shown
from .actions import Actions, InvalidActions
from .agents import Agent
from .belief_sets import BeliefSet, InvalidBeliefSet
from .beliefs import Beliefs
from .errors import InvalidEnvironment
from .given import distinct, distribution, exactly, fitted
from .prices import Prices
from .worth import Worth, decided_best

#: Largest |A| x |Theta| accepted: beyond it the arrays of one agent would not fit an ordinary machine.
MAX_CELLS = 50_000_000
#: Largest number of agents: a type grid has one axis each, and numpy takes 64 axes in all.
MAX_AGENTS = 30


@dataclass(frozen=True)
class Environment(Shown):
    """A finite-type environment.

    Parameters
    ----------
    agents : the agents, in the order of the type grid's axes.
    outcomes : names of the outcomes in A.
    utility : one array per agent, shape ``(|A|, |Theta_1|, ..., |Theta_n|)``; lists, numpy arrays and
        anything that broadcasts to that shape are accepted.
    beliefs : a :class:`Beliefs`, an array (a common prior), or None when nothing Bayesian is asked.
    outside : one array per agent, broadcasting to the type grid: the payoff of not taking part
        (default 0).
    designer : the designer's own prior, for ex-ante objectives; defaults to the common prior.
    designer_set : in its place, the priors that a designer with partial knowledge holds possible: an
        expectation that is wanted is then the worst over the set.
    belief_sets : for each agent and each of her types, the beliefs about the others' types that it holds
        possible (:class:`~mechlp.environment.belief_sets.BeliefSet` over the others' type grid).
    actions : where outcomes are carried out by the agents themselves: what each outcome recommends to whom
        (:class:`~mechlp.environment.actions.Actions`).
    normalise : divide the common prior and the designer's by their sums, exactly: for floats, and for weights.
    utility_above, outside_above : where payoffs are irrational, their upper ends (``utility`` and ``outside`` are the lower
        ones); None where they are exact.
    alike : for each agent one label an outcome: outcomes with one label are worth the same number to her, though it is not
        known exactly.
    possible : outcomes that nobody vetoes at each profile, shape ``(|A|, *Theta)``: individual rationality outcome by outcome.
    status_quo : a lottery ``(|A|, *Theta)`` that an agent who stays out leaves in place; ``outside`` counts it already.
    neutral : the same environment without risk aversion, where agents have some.
    money : for each agent what a unit of money is worth to each of her types, shape ``(|Theta_i|,)``, positive; ``utility`` and
        ``outside`` are then in units of money, and the surplus counts payoffs as they were written
        (:meth:`with_money` makes such an environment); None: one, for everybody.
    prices : what the outcomes are, where they are trades at prices (:mod:`mechlp.environment.prices`).

    Raises
    ------
    InvalidEnvironment
        Wrong shapes, crossed ends, negative probabilities, a prior that does not sum to one, no agents, too large.
    """

    agents: tuple[Agent, ...]
    outcomes: tuple[str, ...]
    utility: tuple[Rationals, ...]
    beliefs: Beliefs | None = None
    outside: tuple[Rationals, ...] = ()
    designer: Rationals | None = None
    title: str = ""
    parameters: Mapping[str, Fraction] = field(default_factory=dict)
    designer_set: BeliefSet | None = None
    belief_sets: tuple[tuple[BeliefSet, ...], ...] | None = None
    actions: Actions | None = None
    normalise: InitVar[bool] = False
    utility_above: tuple[Rationals, ...] | None = None
    outside_above: tuple[Rationals, ...] | None = None
    alike: tuple[Sequence[int], ...] | None = None
    possible: npt.NDArray[np.bool_] | None = None
    status_quo: Rationals | None = None
    neutral: Environment | None = field(default=None, repr=False, compare=False)
    prices: Prices | None = field(default=None, repr=False, compare=False)
    money: tuple[Rationals, ...] | None = None

    def __post_init__(self, normalise: bool) -> None:
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        put("agents", tuple(self.agents))
        put("outcomes", tuple(str(a) for a in self.outcomes))
        if not self.agents:
            raise InvalidEnvironment("an environment needs at least one agent")
        if len(self.agents) > MAX_AGENTS:
            raise InvalidEnvironment(f"{len(self.agents)} agents; at most {MAX_AGENTS} are accepted")
        if not self.outcomes:
            raise InvalidEnvironment("an environment needs at least one outcome")
        distinct("agent", [a.name for a in self.agents])
        distinct("outcome", self.outcomes)
        for agent in self.agents:
            if not agent.types:
                raise InvalidEnvironment(f"agent {agent.name!r} needs at least one type")
            distinct(f"type of agent {agent.name!r}", agent.types)
        cells = len(self.outcomes) * self.num_profiles
        if cells > MAX_CELLS:
            raise InvalidEnvironment(
                f"{len(self.outcomes)} outcomes x {self.num_profiles:,} type profiles = {cells:,} cells an "
                f"agent; at most {MAX_CELLS:,} are accepted"
            )
        outside = self.outside or (Rationals.of(0),) * self.n
        put("utility", self._arrays(self.utility, (len(self.outcomes), *self.shape), "utility"))
        put("outside", self._arrays(outside, self.shape, "outside option"))
        self._read_ends(put)
        if self.beliefs is not None and not isinstance(self.beliefs, Beliefs):
            prior = distribution(exactly(self.beliefs, self.shape, "prior"), "the prior", normalise)
            put("beliefs", Beliefs.common(prior))
        beliefs = self.beliefs
        if beliefs is not None:
            if len(beliefs.weights) != len(self.agents):
                raise InvalidEnvironment(
                    f"beliefs of {len(beliefs.weights)} agents for {len(self.agents)} agents"
                )
            for agent, weights in zip(self.agents, beliefs.weights, strict=True):
                exactly(weights, self.shape, f"beliefs of {agent.name!r}")
                if bool(np.any(weights < 0)):
                    raise InvalidEnvironment(f"beliefs of {agent.name!r}: a negative probability")
        if self.designer is not None:
            prior = exactly(self.designer, self.shape, "designer's prior")
            put("designer", distribution(prior, "the designer's prior", normalise))
        elif beliefs is not None and self.designer_set is None:
            put("designer", beliefs.prior)
        self._check_designer_set()
        put("parameters", {k: rational(v) for k, v in self.parameters.items()})
        if self.belief_sets is not None:
            put("belief_sets", self._checked_sets(self.belief_sets))
        if self.actions is not None:
            self._check_actions(self.actions)
        if self.money is not None:
            self._check_money(self.money)

    def _check_money(self, money: Sequence[Rationals]) -> None:
        if len(money) != self.n:
            raise InvalidEnvironment(f"values of money of {len(money)} agents for {self.n} agents")
        if not self.exact:
            raise InvalidEnvironment(
                "money: types that value money differently need payoffs that are known exactly"
            )
        for agent, worth in zip(self.agents, money, strict=True):
            exactly(worth, (agent.size,), f"value of money of {agent.name!r}")
            if bool(np.any(worth <= 0)):
                raise InvalidEnvironment(f"value of money of {agent.name!r}: must be positive at every type")

    def with_money(self, money: Sequence[Any]) -> Environment:
        """The same environment where payoffs are ``u_i + money_i(theta_i) t_i``: what an agent makes of outcomes is divided by
        what a unit of money is worth to her type, so that transfers count one.

        Parameters
        ----------
        money : for each agent a positive number, or one a type.

        Raises
        ------
        InvalidEnvironment
        """
        if self.money is not None:
            raise InvalidEnvironment("money: payoffs are in units of money already")
        if len(money) != self.n:
            raise InvalidEnvironment(f"values of money of {len(money)} agents for {self.n} agents")
        worth = tuple(
            Rationals.of(m).broadcast_to((a.size,)) for m, a in zip(money, self.agents, strict=True)
        )
        if all(bool(np.all(w == 1)) for w in worth):
            return self
        replace(self, money=worth)  # refuses what is not positive before it divides
        parts = [Rationals.of(1) / self.along(i, w) for i, w in enumerate(worth)]
        utility = tuple(u * part for u, part in zip(self.utility, parts, strict=True))
        outside = tuple(o * part for o, part in zip(self.outside, parts, strict=True))
        return replace(self, utility=utility, outside=outside, money=worth)

    def along(self, agent: int, own: Rationals) -> Rationals:
        """An array over an agent's types, along her axis of the type grid."""
        return own.reshape(*(len(own) if k == agent else 1 for k in range(self.n)))

    def as_written(self, agent: int, array: Rationals) -> Rationals:
        """Payoffs of an agent ``(..., *Theta)`` in the units in which they were written."""
        return array if self.money is None else array * self.along(agent, self.money[agent])

    def _check_actions(self, actions: Actions) -> None:
        if len(actions.own) != self.n:
            raise InvalidEnvironment(f"actions of {len(actions.own)} agents for {self.n} agents")
        try:
            actions.check(len(self.outcomes))
        except InvalidActions as error:
            raise InvalidEnvironment(f"actions: {error}") from None

    def _arrays(self, given: Sequence[Any], shape: tuple[int, ...], what: str) -> tuple[Rationals, ...]:
        """One array an agent, of a shape."""
        if len(given) != self.n:
            raise InvalidEnvironment(f"{len(given)} arrays of the {what} for {self.n} agents")
        both = zip(given, self.agents, strict=True)
        return tuple(fitted(array, shape, f"{what} of {agent.name!r}") for array, agent in both)

    def _read_ends(self, put: Callable[[str, Any], None]) -> None:
        """Upper ends of payoffs (None where none exceeds its lower end), and the outcomes that can come about."""
        shape = (len(self.outcomes), *self.shape)
        for name, what, size in (("utility", "utility", shape), ("outside", "outside option", self.shape)):
            above = getattr(self, f"{name}_above")
            if above is None:
                continue
            ends = self._arrays(above, size, f"upper {what}")
            gaps = [b.unrepeated() - a.unrepeated() for a, b in zip(getattr(self, name), ends, strict=True)]
            if any(bool(np.any(gap < 0)) for gap in gaps):
                raise InvalidEnvironment(f"{what}: an upper end lies below the lower one")
            put(f"{name}_above", ends if any(bool(np.any(gap > 0)) for gap in gaps) else None)
        if self.possible is not None:
            possible = np.broadcast_to(np.asarray(self.possible, dtype=bool), shape)
            if not possible.any(axis=0).all():
                cell = tuple(int(k) for k in np.argwhere(~possible.any(axis=0))[0])
                raise InvalidEnvironment(f"no outcome is possible at ({self.profile_label(cell)})")
            put("possible", possible)
        if self.status_quo is not None:
            put("status_quo", exactly(self.status_quo, shape, "status quo"))

    def _checked_sets(self, sets: Sequence[Sequence[BeliefSet]]) -> tuple[tuple[BeliefSet, ...], ...]:
        """One set a type, over the others' types; none empty, vertices few enough."""
        if len(sets) != self.n:
            raise InvalidEnvironment(f"belief sets of {len(sets)} agents for {self.n} agents")
        for i, (agent, own) in enumerate(zip(self.agents, sets, strict=True)):
            rest = self.shape[:i] + self.shape[i + 1 :]
            if len(own) != agent.size:
                raise InvalidEnvironment(
                    f"{len(own)} belief sets of {agent.name!r}, expected {agent.size}: one a type"
                )
            for label, beliefs in zip(agent.types, own, strict=True):
                where = f"belief set of type {label} of {agent.name!r}"
                if beliefs.shape != rest:
                    raise InvalidEnvironment(
                        f"{where}: over a grid {beliefs.shape}, expected the others' {rest}"
                    )
                try:
                    empty = len(beliefs.vertices) == 0
                except InvalidBeliefSet as error:
                    raise InvalidEnvironment(f"{where}: {error}") from None
                if empty:
                    raise InvalidEnvironment(f"{where}: no distribution satisfies it ({beliefs.kind})")
        return tuple(map(tuple, sets))

    def _check_designer_set(self) -> None:
        possible = self.designer_set
        if possible is None:
            return
        if self.designer is not None:
            raise InvalidEnvironment("give either the designer's prior, or a set of priors")
        if possible.shape != self.shape:
            raise InvalidEnvironment(
                f"the designer's set: priors of shape {possible.shape}, expected {self.shape}"
            )

    # -- sizes ----------------------------------------------------------------------------------
    @property
    def n(self) -> int:
        return len(self.agents)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The type grid ``(|Theta_1|, ..., |Theta_n|)``."""
        return tuple(agent.size for agent in self.agents)

    @property
    def num_profiles(self) -> int:
        return math.prod(self.shape)

    # -- derived --------------------------------------------------------------------------------
    @cached_property
    def surplus(self) -> Rationals:
        """``sum_i u_i(a, theta)`` as payoffs were written, shape ``(|A|, |Theta_1|, ..., |Theta_n|)``."""
        total = self.as_written(0, self.utility[0])
        for i, u in enumerate(self.utility[1:], 1):
            total = total + self.as_written(i, u)
        return total

    @property
    def exact(self) -> bool:
        """Whether every payoff is known exactly."""
        return self.utility_above is None and self.outside_above is None

    @property
    def lower(self) -> Environment:
        """The environment with exact payoffs, the lower ends of these."""
        return self if self.exact else replace(self, utility_above=None, outside_above=None)

    @cached_property
    def evaluated(self) -> dict[tuple[str, int], Any]:
        """What notions of evaluation remember of it, by their name and the agent."""
        return {}

    @cached_property
    def worths(self) -> tuple[Worth, ...]:
        """For each agent which outcomes are alike, and how far their payoffs are known."""
        above = self.utility_above or (None,) * self.n
        alike = self.alike or (None,) * self.n
        try:
            return tuple(map(Worth.of, self.utility, above, alike))
        except ValueError as error:
            raise InvalidEnvironment(str(error)) from None

    @cached_property
    def efficient(self) -> npt.NDArray[np.bool_]:
        """True where an outcome maximises the surplus at a profile, shape ``(|A|, ...)``: ties show.

        Raises
        ------
        InvalidEnvironment
            When the ends of payoffs do not decide it.
        """
        if self.utility_above is None:
            return np.asarray(self.surplus == self.surplus.max(axis=0), dtype=bool)
        best, open_ = decided_best(self.utility, self.utility_above, [w.classes for w in self.worths])
        if open_ is not None:
            first, second, cell = open_
            raise InvalidEnvironment(
                f"{self.outcomes[first]!r} and {self.outcomes[second]!r} are worth nearly the same at "
                f"({self.profile_label(cell)}): which is efficient is not decided; raise `precision`, or give the allocation"
            )
        return best

    @cached_property
    def belief_vertices(self) -> tuple[tuple[Rationals, tuple[int, ...]], ...]:
        """For each agent the vertices of her types' belief sets, shape ``(W, |Theta_i|, *Theta_-i)``, and how many each
        type has; the last is repeated where a type has fewer than W."""
        assert self.belief_sets is not None
        out = []
        for own in self.belief_sets:
            counts = tuple(len(beliefs.vertices) for beliefs in own)
            padded = [
                b.vertices[np.minimum(np.arange(max(counts)), c - 1)]
                for b, c in zip(own, counts, strict=True)
            ]
            out.append((stack(padded).moveaxis(1, 0), counts))
        return tuple(out)

    def private_values(self, agent: int) -> bool:
        """Whether the agent's utility depends on no other agent's type."""
        u = self.utility[agent].unrepeated()
        for axis in range(self.n):
            if axis != agent and u.shape[axis + 1] > 1:
                first = u.numerator.take([0], axis=axis + 1)
                if not bool(np.all(u.numerator == first)):
                    return False
        return True

    # -- names, for pages -----------------------------------------------------------------------
    def type_label(self, agent: int, k: int) -> str:
        return self.agents[agent].types[k]

    def profile_label(self, profile: Sequence[int]) -> str:
        """``seller=1/4, buyer=1/2``"""
        labels = [a.types[k] for a, k in zip(self.agents, profile, strict=True)]
        return ", ".join(
            f"{a.name}={label if '=' not in label else f'({label})'}"
            for a, label in zip(self.agents, labels, strict=True)
        )

    def __repr__(self) -> str:
        agents = ", ".join(f"{a.name}: {a.size} types" for a in self.agents)
        return (
            f"<Environment {self.title or 'untitled'!r}: {agents}; outcomes {', '.join(self.outcomes)}; "
            f"{self.num_profiles:,} type profiles>"
        )


def outer(marginals: Sequence[Rationals]) -> Rationals:
    """The product prior of independent marginals."""
    prior = Rationals.of(1)
    for k, marginal in enumerate(marginals):
        shape = [1] * len(marginals)
        shape[k] = len(marginal)
        prior = prior * marginal.reshape(shape)
    return prior


__all__ = ["Agent", "Beliefs", "Environment", "InvalidEnvironment", "outer"]
