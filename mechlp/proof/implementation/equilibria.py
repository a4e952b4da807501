"""Equilibria of a finite mechanism in pure strategies, and whether all of them lead where they should."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any, Literal

import numpy as np

from ...mechanism.deviations import Play, interim_deviations
from ...mechanism.maxmin_deviations import Deceit, ambiguous_deviations, possible_profiles, unstable
from ...question.implementation import Implementation
from .findings import Finding, coalition_text, nobody, types_text

Maps = tuple[tuple[int, ...], ...]
#: Whether members of a coalition pool their types (2.3.2), do not (2.8.1), or are maxmin agents, who do not (3.2.1).
Kind = Literal["pooled", "unpooled", "maxmin"]
#: Equilibria that a witness lists.
LISTED = 200


def play(question: Implementation, strategies: Maps) -> Play:
    """The finite mechanism, played so."""
    own = tuple(np.array(sent, dtype=np.intp) for sent in strategies)
    return Play(question.environment, question.played.does, own)


def again(known: Play, strategies: Maps) -> Play:
    """The same mechanism, played otherwise."""
    found = Play(known.environment, known.does, tuple(np.array(sent, dtype=np.intp) for sent in strategies))
    found.__dict__["payoffs"] = known.payoffs
    return found


def count_of_profiles(question: Implementation) -> int:
    """How many strategy profiles there are."""
    shape = question.environment.shape
    return math.prod(len(own) ** size for own, size in zip(question.played.messages, shape, strict=True))


def deviation(question: Implementation, played: Play, kind: Kind) -> Any:
    """The first deviation of a coalition of the pattern; None in an equilibrium."""
    if kind == "maxmin":
        return next(ambiguous_deviations(played, question.pattern), None)
    deviations = interim_deviations(played, question.pattern, question.update, pooled=kind == "pooled")
    return next(deviations, None)


def equilibrium(question: Implementation, check: str, kind: Kind) -> Finding:
    """Whether the given strategies are an equilibrium."""
    strategies = question.played.strategies
    assert strategies is not None
    found = deviation(question, play(question, strategies), kind)
    if found is None:
        words = f"{nobody(question.pattern)} gains by any other messages"
        return Finding(check, True, (words,), {"strategies": strategies_json(question, strategies)})
    own = found.coalition
    agents, messages = question.environment.agents, question.played.messages
    who = f"{coalition_text(question, own)} of types ({types_text(question, own, found.types)}) gains by "
    sends: dict[str, Any] = {}
    if isinstance(found, Deceit):
        sends = {
            agents[i].name: [messages[i][m] for m in told] for i, told in zip(own, found.maps, strict=True)
        }
        who += "the strategies " + "; ".join(f"{name}: {', '.join(sent)}" for name, sent in sends.items())
    else:
        sends = {agents[i].name: messages[i][m] for i, m in zip(own, found.messages, strict=True)}
        who += "sending " + ", ".join(f"{name}: {m}" for name, m in sends.items())
    saved = {"coalition": question.members(own), "types": list(found.types), "sends": sends}
    return Finding(check, False, (who,), saved)


def strategies_json(question: Implementation, strategies: Maps) -> dict[str, dict[str, str]]:
    """Agent -> type -> message, by name."""
    environment = question.environment
    return {
        agent.name: {
            t: question.played.messages[i][m] for t, m in zip(agent.types, strategies[i], strict=True)
        }
        for i, agent in enumerate(environment.agents)
    }


def equilibria(question: Implementation, kind: Kind) -> Iterator[Maps]:
    """Every equilibrium in pure strategies, in the order of products of maps."""
    shape, messages = question.environment.shape, question.played.messages
    every = [list(product(range(len(own)), repeat=size)) for own, size in zip(messages, shape, strict=True)]
    known = play(question, tuple(own[0] for own in every))
    left = ~unstable(known) if kind == "maxmin" else np.ones([len(own) for own in every], dtype=bool)
    for places in np.argwhere(left):
        strategies = tuple(own[int(p)] for own, p in zip(every, places, strict=True))
        if deviation(question, again(known, strategies), kind) is None:
            yield strategies


def full_implementation(question: Implementation, check: str, kind: Kind) -> Finding:
    """Whether all equilibria lead to functions of the set (of maxmin agents; else to the one function), and each is reached."""
    environment, game = question.environment, question.played
    choices = question.choices if kind == "maxmin" else (question.choice,)
    there = possible_profiles(environment) if kind == "maxmin" else np.ones(environment.shape, dtype=bool)
    cells = [tuple(map(int, cell)) for cell in np.argwhere(there)]
    outcome = lambda choice, cell: tuple(tuple(part.fractions()) for part in choice.at(cell))  # noqa: E731
    wanted = [tuple(outcome(choice, cell) for cell in cells) for choice in choices]
    reached: set[int] = set()
    found: list[Maps] = []
    wrong: tuple[Maps, tuple[int, ...]] | None = None
    count = 0
    for strategies in equilibria(question, kind):
        count += 1
        if count <= LISTED:
            found.append(strategies)
        sent = [tuple(own[t] for own, t in zip(strategies, cell, strict=True)) for cell in cells]
        given = tuple(outcome(game.does, m) for m in sent)
        if given in wanted:
            reached.add(wanted.index(given))
        elif wrong is None:
            away = next(c for c, a, b in zip(cells, given, wanted[0], strict=True) if a != b)
            wrong = strategies, away
    total = count_of_profiles(question)
    said = [f"{count:,} of {total:,} profiles of pure strategies are equilibria"]
    saved: dict[str, Any] = {"equilibria": count, "listed": [strategies_json(question, s) for s in found]}
    if wrong is not None:
        strategies, away = wrong
        told = "; ".join(
            f"{name}: {', '.join(f'{t} sends {m}' for t, m in own.items())}"
            for name, own in strategies_json(question, strategies).items()
        )
        said.insert(
            0, f"an equilibrium leads elsewhere, for one at ({environment.profile_label(away)}): {told}"
        )
        saved["wrong"] = strategies_json(question, strategies)
    missing = [question.name(k) for k, own in enumerate(wanted) if own not in [wanted[r] for r in reached]]
    if missing:
        said.insert(0, f"no equilibrium leads to {', '.join(missing)}")
    if wrong is None and not missing:
        said.insert(0, "every equilibrium leads where it should, and there is one")
    return Finding(check, wrong is None and not missing, tuple(said), saved)


__all__ = ["count_of_profiles", "equilibria", "equilibrium", "full_implementation"]
