"""Bayesian games in the forms that Gambit reads: the game that a mechanism makes of an environment, and games of actions.

Nature draws the types from the common prior, every agent sees her own, and they move at once: they report types (a direct
mechanism), or act (outcomes that are profiles of actions).  All numbers are exact rationals ``a/b``.

Source of the formats: McKelvey, McLennan and Turocy, Gambit: software tools for game theory, "Game representation formats".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, matmul, stack, text
from ..exact.rewritten import complete
from ..mechanism.mechanism import Mechanism
from ..program.model import TooLarge
from ..question.premises import InvalidDesign

#: Most ends of a game tree, and most cells of a table times type profiles.
MAX_ENDS, MAX_WORK = 500_000, 5_000_000
Cell = tuple[int, ...]


@dataclass(frozen=True)
class Game:
    """A Bayesian game with a common prior.

    ``moves[i]`` names what agent i can do, whatever her type; ``payoffs`` has shape ``(n, type profiles, profiles of moves)``.
    """

    environment: Environment
    moves: tuple[tuple[str, ...], ...]
    payoffs: Rationals
    about: str

    @property
    def profiles(self) -> list[tuple[int, Cell, Fraction]]:
        """Number, types and chance of every profile that can come about."""
        prior = _prior(self.environment)
        cells = enumerate(np.ndindex(*self.environment.shape))
        return [(k, cell, prior[cell]) for k, cell in cells if prior[cell] > 0]


def of_mechanism(mechanism: Mechanism) -> Game:
    """The game of reporting types to a direct mechanism: truth is an equilibrium where it is Bayesian incentive compatible.

    Raises
    ------
    InvalidDesign, TooLarge
        Without a common prior, or with payoffs that are not known exactly.
    """
    environment = mechanism.environment
    _check(environment, [agent.size for agent in environment.agents])
    rule = mechanism.allocation.reshape(len(environment.outcomes), -1)
    own = []
    for u, t in zip(environment.utility, mechanism.transfers, strict=True):
        worth = Rationals(u.numerator.reshape(len(environment.outcomes), -1).T, u.denominator)
        own.append(matmul(worth, rule) + t.reshape(1, -1))
    moves = tuple(agent.types for agent in environment.agents)
    return Game(environment, moves, stack(own), "Everyone reports a type; reporting one's own is truth.")


def of_actions(environment: Environment) -> Game:
    """The game in which everyone plays an action as she likes, knowing her type alone.

    Raises
    ------
    InvalidDesign, TooLarge
        When outcomes are no profiles of actions; without a common prior, or with payoffs that are not known exactly.
    """
    actions = environment.actions
    if actions is None:
        raise InvalidDesign(
            "there is no game yet: a mechanism makes one (solve the problem and export its answer), or `actions`"
        )
    counts = [actions.count(i) for i in range(environment.n)]
    if math.prod(counts) != len(environment.outcomes):
        raise InvalidDesign(
            "outcomes are more than profiles of actions: who does the rest is no part of the game"
        )
    _check(environment, counts)
    outcomes = []
    for cell in np.ndindex(*counts):
        outcome = 0
        for instead, action in zip(actions.instead, cell, strict=True):
            outcome = int(instead[outcome, action])
        outcomes.append(outcome)
    own = [u.reshape(len(environment.outcomes), -1)[outcomes] for u in environment.utility]
    payoffs = stack([Rationals(u.numerator.T, u.denominator) for u in own])
    moves = tuple(names or ("nothing",) for names in actions.names)
    return Game(environment, moves, payoffs, "Everyone plays an action, knowing her own type alone.")


def _check(environment: Environment, moves: Sequence[int]) -> None:
    if not environment.exact:
        raise InvalidDesign("the game has irrational payoffs: there is no file of exact numbers")
    support = int(np.count_nonzero(_prior(environment).numerator))
    ends = support * math.prod(moves)
    if ends > MAX_ENDS:
        raise TooLarge(
            f"the game would have {support:,} type profiles x {math.prod(moves):,} profiles of moves = {ends:,} ends; "
            f"at most {MAX_ENDS:,} are written: use fewer types"
        )


def _prior(environment: Environment) -> Rationals:
    beliefs = environment.beliefs
    if beliefs is None or beliefs.prior is None:
        raise InvalidDesign("a game in which Nature draws the types needs a common prior: give beliefs.prior")
    return beliefs.prior


def _label(words: str) -> str:
    """In quotes, on one line."""
    return '"' + " ".join(words.replace("\\", "/").replace('"', "'").split()) + '"'


def _labels(words: Sequence[str]) -> str:
    return "{ " + " ".join(map(_label, words)) + " }"


def efg(game: Game) -> Iterator[str]:
    """The game tree: Nature, then the agents in turn, who know their own types alone."""
    environment, profiles = game.environment, game.profiles
    yield f"EFG 2 R {_label(environment.title or 'game')} {_labels([a.name for a in environment.agents])}"
    yield _label(game.about)
    drawn = " ".join(
        f"{_label(environment.profile_label(cell))} {text(chance)}" for _, cell, chance in profiles
    )
    yield f'c "" 1 "types" {{ {drawn} }} 0'
    known = [sorted({cell[i] for _, cell, _ in profiles}) for i in range(environment.n)]
    shape = tuple(map(len, game.moves))
    ends = 0
    for k, cell, _ in profiles:
        nodes = []
        for i, agent in enumerate(environment.agents):
            name = _label(f"{agent.name} {agent.types[cell[i]]}")
            nodes.append(f'p "" {i + 1} {known[i].index(cell[i]) + 1} {name} {_labels(game.moves[i])} 0')
        for number, moves in enumerate(np.ndindex(*shape)):
            # Nodes come before what follows them: those are new whose later moves are all the first ones.
            first = next((i for i in reversed(range(environment.n)) if moves[i]), -1)
            yield from nodes[first + 1 :]
            ends += 1
            paid = ", ".join(text(game.payoffs[i, k, number]) for i in range(environment.n))
            yield f't "" {ends} "" {{ {paid} }}'


def nfg(game: Game) -> Iterator[str]:
    """The table over strategies: a move for each type that can come about, with expected payoffs.

    Raises
    ------
    TooLarge
        When there are too many strategies.
    """
    environment, profiles = game.environment, game.profiles
    known = [sorted({cell[i] for _, cell, _ in profiles}) for i in range(environment.n)]
    counts = [len(m) ** len(t) for m, t in zip(game.moves, known, strict=True)]
    if math.prod(counts) * len(profiles) > MAX_WORK:
        shown = " x ".join(f"{c:,}" for c in counts)
        raise TooLarge(
            f"the table would have {shown} strategies: write the game tree (.efg), or use fewer types"
        )
    # Strategies in the order in which the move of the first type changes last.
    plans = [list(np.ndindex(*(len(m),) * len(t))) for m, t in zip(game.moves, known, strict=True)]
    shape = tuple(map(len, game.moves))
    denominator = math.lcm(*(chance.denominator for *_, chance in profiles))
    total = np.zeros((environment.n, *counts), dtype=object)
    for k, cell, chance in profiles:
        played = [[plan[t.index(own)] for plan in p] for p, t, own in zip(plans, known, cell, strict=True)]
        paid = game.payoffs.numerator[:, k].reshape(environment.n, *shape)[(slice(None), *np.ix_(*played))]
        total = total + paid.astype(object) * int(chance * denominator)
    yield f"NFG 1 R {_label(environment.title or 'game')} {_labels([a.name for a in environment.agents])}"
    strategies = []
    for i, agent in enumerate(environment.agents):
        named = [
            "; ".join(f"{agent.types[t]}: {game.moves[i][m]}" for t, m in zip(known[i], plan, strict=True))
            for plan in plans[i]
        ]
        strategies.append(_labels(named))
    yield "{ " + " ".join(strategies) + " }"
    yield _label(game.about)
    below = denominator * game.payoffs.denominator
    for column in total.reshape(environment.n, -1, order="F").T:  # the first agent's strategy changes first
        yield " ".join(text(Fraction(int(v), below)) for v in column)


FORMS = {".efg": efg, ".nfg": nfg}


def write_game(game: Game, path: str | Path) -> None:
    """Write a game in the form that the end of the name says.

    Raises
    ------
    TooLarge, OSError
    """
    with complete(path, encoding="utf-8") as out:
        out.writelines(line + "\n" for line in FORMS[Path(path).suffix.lower()](game))


__all__ = ["FORMS", "Game", "efg", "nfg", "of_actions", "of_mechanism", "write_game"]
