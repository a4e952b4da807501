"""Conditions on beliefs, each decided exactly, each with a witness.

What takes linear programs takes a time limit (seconds, or a deadline), and says what was not examined by then.

Sources: beliefs determine preferences (BDP), Neeman (2004); convex independence, Crémer and McLean (1988);
identifiability, Kosenok and Severinov (2008).
A type of probability zero has no belief: it is left out of every test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..environment.model import Agent, Beliefs, Environment, InvalidEnvironment
from ..exact.numbers import Rationals, stack, text
from ..program import Block, Columns, Family, Program, Solution, Term, solve

#: Identifiability takes a linear program a profile: beyond this many it is not examined for n > 2.
MAX_PROFILES = 600
#: What is said of a condition that takes longer than there is time.
LATE = "not examined: the time limit ended it"


@dataclass(frozen=True)
class Finding:
    """Whether a condition holds (for one agent, or for all together when ``agent`` is None).

    ``holds`` is None where the condition is not defined or was not examined; ``words`` says why it holds or
    fails; ``witness`` holds the exact data of the proof, as text.
    """

    condition: str
    agent: str | None
    holds: bool | None
    words: str
    witness: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "condition": self.condition,
            "agent": self.agent,
            "holds": self.holds,
            "words": self.words,
            "witness": self.witness,
        }


@dataclass(frozen=True)
class Believers:
    """Beliefs with the names of agents and types, for words."""

    beliefs: Beliefs
    agents: tuple[Agent, ...]

    @classmethod
    def of(cls, source: Environment | Beliefs | Any) -> Believers:
        """From an environment, beliefs, or a prior array.

        Raises
        ------
        InvalidEnvironment
            An environment without beliefs, or an array that is no distribution.
        """
        if isinstance(source, Environment):
            if source.beliefs is None:
                raise InvalidEnvironment(
                    "the environment has no beliefs to examine: give a prior, or beliefs per type"
                )
            return cls(source.beliefs, source.agents)
        if not isinstance(source, Beliefs):
            prior = Rationals.of(source)
            if bool(np.any(prior < 0)) or prior.sum() != 1:
                raise InvalidEnvironment("a prior must be non-negative and sum to one")
            source = Beliefs.common(prior)
        shape = np.broadcast_shapes(*(w.shape for w in source.weights))
        agents = tuple(
            Agent(f"agent{i + 1}", tuple(f"t{k + 1}" for k in range(size))) for i, size in enumerate(shape)
        )
        return cls(source, agents)

    @property
    def n(self) -> int:
        return len(self.agents)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(a.size for a in self.agents)

    def defined(self, i: int) -> list[int]:
        """The types of an agent that have beliefs."""
        return [int(k) for k in np.flatnonzero(self.beliefs.mass(i) > 0)]

    def rows(self, i: int) -> Rationals:
        """Beliefs of an agent, ``(|Theta_i|, |Theta_-i|)``."""
        return self.beliefs.conditional(i)

    def profile(self, cell: Sequence[int]) -> str:
        """``agent1=t1, agent2=s2``"""
        return ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(self.agents, cell, strict=True))

    def pair_masses(self, i: int, j: int) -> Rationals:
        """Agent i's belief about j's type: ``(|Theta_i|, |Theta_j|)`` (joint mass under a common prior)."""
        others = tuple(k for k in range(self.n) if k not in (i, j))
        mass: Rationals = self.beliefs.weights[i].sum(axis=others)
        return mass if i < j else mass.moveaxis(0, 1)


def in_time(
    condition: str, agent: Agent | None, until: Deadline, work: Callable[[], Finding | None]
) -> Finding:
    """A finding, or that there is none: ``work`` gives None where a program was not decided, or does not end in time."""
    name = None if agent is None else agent.name
    found = None if until.passed else until.latest.broken_off(work, lambda: None)
    return found or Finding(condition, name, None, LATE if until.passed else "not decided")


def _in_parts(weights: list[tuple[Fraction, str]]) -> str:
    return " + ".join(f"{text(w)} x {name}" for w, name in weights)


def positive_pairs(source: Any) -> Finding:
    """Every pair of types of two agents is possible (Guo 2018, Assumptions 1.2.1 and 1.5.1)."""
    who = Believers.of(source)
    for i, j in permutations(range(who.n), 2):
        zero = np.argwhere(who.pair_masses(i, j) == 0)
        if len(zero):
            x, y = (int(k) for k in zero[0])
            names = f"{who.agents[i].name}={who.agents[i].types[x]} and {who.agents[j].name}={who.agents[j].types[y]}"
            return Finding(
                "positive pairs",
                None,
                False,
                f"{names} never occur together",
                {"agents": [i, j], "types": [x, y]},
            )
    return Finding("positive pairs", None, True, "every pair of types of two agents is possible")


def bdp(source: Any) -> tuple[Finding, ...]:
    """Beliefs determine preferences: no two types of an agent have the same belief."""
    who = Believers.of(source)
    out = []
    for i, agent in enumerate(who.agents):
        rows = who.rows(i)
        same = next(((x, y) for x, y in combinations(who.defined(i), 2) if rows[x].same(rows[y])), None)
        if same is None:
            out.append(Finding("BDP", agent.name, True, "all types have different beliefs"))
            continue
        x, y = same
        words = f"types {agent.types[x]} and {agent.types[y]} have the same belief"
        out.append(Finding("BDP", agent.name, False, words, {"types": [x, y]}))
    return tuple(out)


def convex_independence(source: Any, *, time_limit: float | Deadline | None = None) -> tuple[Finding, ...]:
    """No belief of an agent lies in the cone of her other types' beliefs.

    When it holds the witness is a set of Crémer-McLean lotteries: for each type a side bet over the others' types
    (what the agent receives), worth nothing under the type's own belief and negative under every other's.
    """
    who, until = Believers.of(source), Deadline.of(time_limit)
    return tuple(
        in_time("convex independence", agent, until, partial(_convex_independence, who, i, until))
        for i, agent in enumerate(who.agents)
    )


def _convex_independence(who: Believers, i: int, until: Deadline) -> Finding | None:
    agent, rows, types = who.agents[i], who.rows(i), who.defined(i)
    bets: dict[str, list[str]] = {}
    for k in types:
        rest = [h for h in types if h != k]
        if not rest:
            break
        found = _combination(rows, k, rest, until)
        if found.status == "optimal":
            assert found.primal is not None
            parts = [(w, h) for w, h in zip(found.primal.fractions(), rest, strict=True) if w]
            words = f"the belief of type {agent.types[k]} is " + _in_parts(
                [(w, f"that of {agent.types[h]}") for w, h in parts]
            )
            witness = {"type": k, "combination": {str(h): text(w) for w, h in parts}}
            return Finding("convex independence", agent.name, False, words, witness)
        if found.dual is None:
            return None
        bets[agent.types[k]] = _side_bet(found.dual, rows[k])
    words = "no belief is a combination of the others"
    return Finding("convex independence", agent.name, True, words, {"side bets": bets} if bets else {})


def _combination(rows: Rationals, k: int, rest: list[int], until: Deadline) -> Solution:
    """Non-negative weights on the other rows that make row k, or multipliers that exclude them."""
    blocks = (Block("c", (len(rest),), Rationals.of(0)),)
    columns = Columns(blocks)["c"]
    others = rows[rest]
    term = Term(columns[None, :], Rationals(others.numerator.T, others.denominator), (len(rest),))
    family = Family("belief", (rows.shape[1],), (term,), "=", rows[k])
    return solve(Program(blocks, (family,)), time_limit=until)


def combination(rows: Rationals, target: Rationals, types: list[int]) -> dict[int, Fraction]:
    """The non-negative weights on rows that make a target: a point of their cone.

    Raises
    ------
    ValueError
        When it lies outside the cone.
    """
    stacked = stack([*(rows[h] for h in types), target])
    found = _combination(stacked, len(types), list(range(len(types))), Deadline.of(None))
    if found.status != "optimal" or found.primal is None:
        raise ValueError("the target is no combination of the rows")
    return dict(zip(types, found.primal.fractions(), strict=True))


def _side_bet(multipliers: Rationals, own: Rationals) -> list[str]:
    """Refuting multipliers less their own expectation: zero under the own belief, negative under the others'."""
    bet = multipliers - (multipliers * own).sum()
    cells = bet.fractions()
    scale = Fraction(math.lcm(*(c.denominator for c in cells)), math.gcd(*(c.numerator for c in cells)) or 1)
    return [text(c * scale) for c in cells]


# -- identifiability and common priors --------------------------------------------------------------
def _prior_program(who: Believers, *, free: bool) -> tuple[list[Block], list[Family], Columns]:
    """Joint distributions whose conditionals are (``free``: in the cone of) the agents' beliefs."""
    shape = who.shape
    blocks = [Block("p", shape, Rationals.of(0))]
    for i in range(who.n):
        types = who.defined(i)
        blocks.append(Block(f"c {i}", (shape[i], len(types)) if free else (len(types),), Rationals.of(0)))
    if not free:
        blocks.append(Block("s", (), None, Rationals.of(1)))
    columns = Columns(blocks)
    families: list[Family] = []
    for i in range(who.n):
        types, rows = who.defined(i), who.rows(i)
        joint = np.moveaxis(columns["p"], i, 0).reshape(shape[i], -1)
        own = rows[types]
        if free:
            cone = Term(
                columns[f"c {i}"][:, None, :],
                Rationals(-own.numerator.T, own.denominator)[None],
                (len(types),),
            )
            families.append(
                Family(f"cone {i}", joint.shape, (Term(joint, Rationals.of(1)), cone), "=", Rationals.of(0))
            )
            continue
        scaled = Term(columns[f"c {i}"][:, None], -own)
        families.append(
            Family(
                f"belief {i}", own.shape, (Term(joint[types], Rationals.of(1)), scaled), "=", Rationals.of(0)
            )
        )
        nobody = [k for k in range(shape[i]) if k not in types]
        if nobody:
            families.append(
                Family(
                    f"absent {i}",
                    joint[nobody].shape,
                    (Term(joint[nobody], Rationals.of(1)),),
                    "=",
                    Rationals.of(0),
                )
            )
        least = (Term(columns[f"c {i}"], Rationals.of(1)), Term(columns["s"], Rationals.of(-1)))
        families.append(Family(f"least {i}", (len(types),), least, ">=", Rationals.of(0)))
    families.append(Family("total", (), (Term(columns["p"], Rationals.of(1), shape),), "=", Rationals.of(1)))
    return blocks, families, columns


def identifiability(
    source: Any, *, time_limit: float | Deadline | None = None, progress: Callable[[str], None] | None = None
) -> Finding:
    """No other prior has all its conditionals in the cones of the agents' beliefs.

    Where no such prior mixes different beliefs, each has the conditionals of the prior, and is it if the prior's support is
    connected.  Otherwise decided profile by profile: the largest probability that such a prior can give to a profile must be the
    prior's own (if none can exceed it anywhere, equal totals force equality).  For two agents it holds iff types are
    independent (Kosenok and Severinov 2008).
    """
    who, until = Believers.of(source), Deadline.of(time_limit)
    prior = who.beliefs.prior
    if prior is None:
        return Finding("identifiability", None, None, "defined for a common prior")
    if who.n == 2 and _independent(prior):
        return Finding("identifiability", None, True, "two agents with independent types")
    if who.n > 2 and prior.size > MAX_PROFILES and not (_alike(who) and _connected(prior)):
        return Finding("identifiability", None, None, f"not examined: more than {MAX_PROFILES} type profiles")
    say = progress or (lambda phase: None)
    return in_time("identifiability", None, until, lambda: _identifiability(who, prior, until, say))


def _identifiability(
    who: Believers, prior: Rationals, until: Deadline, say: Callable[[str], None]
) -> Finding | None:
    holds = Finding(
        "identifiability", None, True, "no other prior has conditionals in the cones of the beliefs"
    )
    connected = _connected(prior)
    if connected and _alike(who):
        return holds
    blocks, families, _ = _prior_program(who, free=True)
    if connected:
        say("identifiability, mixed beliefs")
        mixed = {f"c {i}": Rationals(m.astype(np.int64)) for i, m in enumerate(_mixing(who))}
        most = solve(Program(tuple(blocks), tuple(families), mixed), time_limit=until)
        if most.status == "optimal" and most.value == 0:
            return holds
    for count, cell in enumerate(np.ndindex(*who.shape)):
        say(f"identifiability, {count} of {prior.size} profiles")
        pick = np.zeros(who.shape, dtype=np.int64)
        pick[cell] = 1
        found = solve(Program(tuple(blocks), tuple(families), {"p": Rationals(pick)}), time_limit=until)
        if found.status != "optimal" or found.value is None or found.primal is None:
            return None
        if found.value > prior[cell]:
            other = found.primal[: prior.size].reshape(who.shape)
            words = (
                f"another prior gives ({who.profile(cell)}) probability {text(found.value)} instead of {text(prior[cell])}, "
                "with every conditional a combination of the agent's beliefs"
            )
            return Finding("identifiability", None, False, words, {"other prior": other.texts()})
    return holds


def _mixing(who: Believers) -> list[npt.NDArray[np.bool_]]:
    """For each agent which types' beliefs (of those defined, second axis) are not the own one of a type."""
    out = []
    for i in range(who.n):
        rows, defined = who.rows(i), who.defined(i)
        numerators = rows.numerator.reshape(rows.shape[0], -1)
        same = (numerators[:, None] == numerators[None, defined]).all(axis=2)
        out.append(~(same & np.isin(np.arange(len(numerators)), defined)[:, None]))
    return out


def _alike(who: Believers) -> bool:
    """Whether all types of each agent have beliefs, and the same ones."""
    return not any(m.any() for m in _mixing(who))


def _connected(prior: Rationals) -> bool:
    """Whether the types of positive probability are linked by profiles of positive probability."""
    cells = np.argwhere(np.asarray(prior > 0))
    known = [np.isin(np.arange(size), cells[0, i]) for i, size in enumerate(prior.shape)]
    count = 0
    while count < (count := sum(int(k.sum()) for k in known)):
        linked = cells[np.any([k[cells[:, i]] for i, k in enumerate(known)], axis=0)]
        for i, k in enumerate(known):
            k[linked[:, i]] = True
    return all(bool(np.all(k[cells[:, i]])) for i, k in enumerate(known))


def _independent(prior: Rationals) -> bool:
    product = prior.sum(axis=1).reshape(-1, 1) * prior.sum(axis=0).reshape(1, -1)
    return product.same(prior)


def common_prior(source: Any, *, time_limit: float | Deadline | None = None) -> Finding:
    """Whether one prior with full support on the possible types gives every belief by Bayes' rule."""
    who, until = Believers.of(source), Deadline.of(time_limit)
    if who.beliefs.prior is not None:
        return Finding("common prior", None, True, "the beliefs were derived from one prior")
    return in_time("common prior", None, until, lambda: _common_prior(who, until))


def _common_prior(who: Believers, until: Deadline) -> Finding | None:
    blocks, families, _ = _prior_program(who, free=False)
    found = solve(Program(tuple(blocks), tuple(families), {"s": Rationals.of(1)}), time_limit=until)
    if found.status == "optimal" and found.value is not None and found.value > 0:
        assert found.primal is not None
        prior = found.primal[: math.prod(who.shape)].reshape(who.shape)
        return Finding("common prior", None, True, "a prior exists", {"prior": prior.texts()})
    if found.status == "undecided":
        return None
    words = (
        "no distribution has these conditionals"
        if found.status == "infeasible"
        else ("every distribution with these conditionals gives some type probability zero")
    )
    return Finding("common prior", None, False, words)
