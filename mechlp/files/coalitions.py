"""Coalitions and the conditions of full implementation, and the question that a file asks about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..environment.coalitions import Coalition, pattern, up_to, within
from ..environment.model import Agent, Environment
from ..exact.numbers import Rationals, rational
from ..question.economy import Exchange
from ..question.implementation import Choice, Game, Implementation, feasible_outcomes
from ..question.premises import InvalidDesign
from .allocation import read_given
from .context import Context
from .mistakes import near
from .priors import read_prior
from .schema import CoalitionsSpec, GameSpec, Given

#: What is examined when nothing is named.
DEFAULT = ("robust-ic", "bad-outcome")
KINDS = ("named", "size", "islands", "listed")


@dataclass(frozen=True)
class Asked:
    """What a file says about coalitions."""

    pattern: tuple[Coalition, ...]
    checks: tuple[str, ...]
    update: Rationals | None
    functions: tuple[tuple[str, Choice], ...] = ()
    game: Game | None = None
    deception: tuple[tuple[int, ...], ...] | None = None
    within: bool = False


def read_coalitions(context: Context, environment: Environment | None) -> Asked | None:
    """The section `coalitions`; None where there is none, or where a mistake was reported."""
    spec = context.file.coalitions
    if spec is None:
        return None
    found: Asked | None = None
    update = None
    with context.at("coalitions", "update"):
        update = None if spec.update is None else read_prior(context, spec.update, "update")
    with context.at("coalitions"):
        given = [k for k in KINDS if getattr(spec, k) is not None]
        if len(given) > 1:
            raise ValueError("give one of all, singletons, size, islands and list")
        n = len(context.agents)
        own = _coalitions(context, spec, given[0] if given else "all")
        functions, game = _functions(context, environment, spec), _game(context, environment, spec.game)
        deception = None if spec.deception is None else _deception(context, spec.deception)
        checks, within = tuple(spec.checks or DEFAULT), spec.patterns is not None
        found = Asked(pattern(n, own), checks, update, functions, game, deception, within)
    return found


def _functions(
    context: Context, environment: Environment | None, spec: CoalitionsSpec
) -> tuple[tuple[str, Choice], ...]:
    if environment is None:
        return ()
    where = ("coalitions", "functions")
    found = [(n, read_given(context, environment, g, *where, n)) for n, g in spec.functions.items()]
    return tuple((name, Choice(*parts)) for name, parts in found if parts is not None)


def _game(context: Context, environment: Environment | None, spec: GameSpec | None) -> Game | None:
    """The finite mechanism, over messages in the place of types."""
    if spec is None or environment is None:
        return None
    place = ("coalitions", "game")
    messages = context.for_all(
        "coalitions",
        spec.messages,
        lambda own, _: tuple(own),
        "the messages of {} are missing",
        "game",
        "messages",
    )
    if messages is None:
        return None
    agents = tuple(Agent.of(a.name, _values(own)) for a, own in zip(context.agents, messages, strict=True))
    shape = tuple(agent.size for agent in agents)
    outcomes = environment.outcomes
    blank = Environment(agents, outcomes, (Rationals.zeros((len(outcomes), *shape)),) * len(agents))
    over = replace(context, agents=list(agents))
    given = Given(allocation=spec.allocation, transfers=spec.transfers)
    does = read_given(over, blank, given, *place)
    told = context.per_agent(
        "coalitions",
        spec.strategies,
        lambda own, i: _strategy(own, context.agents[i], agents[i]),
        "game",
        "strategies",
    )
    for i, (agent, own) in enumerate(zip(context.agents, agents, strict=True)):
        if i not in told and set(agent.types) <= set(own.types):
            told[i] = tuple(own.types.index(t) for t in agent.types)
    if does is None:
        return None
    strategies = tuple(told[i] for i in range(len(agents))) if len(told) == len(agents) else None
    return Game(tuple(agent.types for agent in agents), Choice(*does), strategies)


def _deception(context: Context, given: Mapping[str, Sequence[str]]) -> tuple[tuple[int, ...], ...]:
    """A report for each type of each agent; of those who are not named, the truth."""
    told = context.per_agent(
        "coalitions",
        given,
        lambda own, i: _strategy(own, context.agents[i], context.agents[i]),
        "deception",
    )
    return tuple(told.get(i, tuple(range(agent.size))) for i, agent in enumerate(context.agents))


def _values(messages: Sequence[str]) -> list[Any]:
    """Messages as numbers, where all are."""
    try:
        return [rational(m) for m in messages]
    except ValueError:
        return list(messages)


def _strategy(sent: Sequence[str], agent: Agent, messages: Agent) -> tuple[int, ...]:
    if len(sent) != agent.size:
        raise ValueError(
            f"expected {agent.size} messages, one a type ({', '.join(agent.types)}), found {len(sent)}"
        )
    known = {t: k for k, t in enumerate(messages.types)}
    sent = [str(v) if isinstance(v, Fraction) else v for v in _values(sent)]
    for m in sent:
        if m not in known:
            raise ValueError(
                f"{m!r} is no {'message' if messages is not agent else 'type'} of {agent.name}{near(m, known)}"
            )
    return tuple(known[m] for m in sent)


def _coalitions(context: Context, spec: CoalitionsSpec, kind: str) -> Iterable[Sequence[int]]:
    every = range(len(context.agents))
    if kind == "size":
        return up_to(every, context.whole(str(spec.size), "size", len(every)))
    if kind in ("islands", "listed"):
        groups = (spec.islands if kind == "islands" else spec.listed) or []
        where = ("coalitions", "islands" if kind == "islands" else "list")
        members = [
            [i for name in group for i in context.members((*where, k), name)]
            for k, group in enumerate(groups)
        ]
        if context.problems:
            return []
        return within(members) if kind == "islands" else members
    return up_to(every, 1 if spec.named == "singletons" else len(every))


def implementation(reading: Any, *, force: bool = False, checks: Sequence[str] | None = None) -> Any:
    """The question about the social choice function of a file that was read (:class:`mechlp.files.Reading`), or other ``checks``.

    An :class:`~mechlp.question.implementation.Implementation`; of an economy, an Exchange.

    Raises
    ------
    InvalidDesign
        No `given:`, nothing about coalitions, or what makes no sense for the environment.
    """
    if isinstance(reading.design, Exchange):
        return reading.design
    if not isinstance(getattr(reading.design, "environment", None), Environment):
        raise InvalidDesign(
            "coalitions: this needs the whole type grid, and the file asks about one representative: use fewer types"
        )
    if reading.given is None:
        raise InvalidDesign(
            "given: the social choice function to be implemented is missing: add given: {allocation: ...}"
        )
    asked = reading.coalitions
    if asked is None:
        raise InvalidDesign("coalitions: which coalitions can form is missing: add coalitions: all")
    design = reading.design
    return Implementation(
        design.environment,
        Choice(*reading.given),
        feasible_outcomes(design),
        asked.pattern,
        asked.checks if checks is None else tuple(checks),
        asked.update,
        asked.functions,
        asked.game,
        asked.deception,
        asked.within,
        force=force,
        document=reading.document,
    )


__all__ = ["DEFAULT", "Asked", "implementation", "read_coalitions"]
