"""Utilities that refute a verdict "for every profile of utilities": the constructions of necessity, each certified.

Where :func:`mechlp.beliefs.examine` answers no, beliefs are kept and outcomes and payoffs are built from the witness of the
condition that fails.  A construction has one number that must be large enough; it grows until the question is proved impossible.

Sources: Crémer and McLean (1988); Kosenok and Severinov (2008); Guo (2018), proofs of Theorems 1.4.1, 1.4.2 and 1.5.1 and of
Proposition 1.5.1, Table A.1.1, Example A.1.1 and the remarks after Theorems 1.5.2 and 1.5.3.  In (A.9) the text writes the
probabilities of the types that are imitated for those of the types that imitate; the construction is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from ..answer.answer import Answer
from ..beliefs import Examination, Finding, Theorem
from ..beliefs.conditions import Believers, combination
from ..deadline import Deadline
from ..environment.model import Beliefs, Environment
from ..exact.errors import InvalidInput
from ..exact.numbers import Rationals
from ..question.design import Design
from ..solving.solve import solve

#: How often the number of a construction is doubled before nothing is claimed.
DOUBLINGS = 40


@dataclass(frozen=True)
class Counterexample:
    """A theorem that fails, why, and the question that refutes it with its certified answer (None: none was found)."""

    theorem: Theorem
    because: str
    answer: Answer | None

    @property
    def words(self) -> str:
        """What the payoffs refute, and which failure of a condition they are made of."""
        return (
            f"Payoffs for which this fails: {self.theorem.statement}. They are made of this: {self.because}."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data; ``answer`` is the saved form of the certified answer."""
        return {
            "theorem": self.theorem.to_json(),
            "because": self.because,
            "answer": None if self.answer is None else self.answer.to_json(),
        }


@dataclass(frozen=True)
class _Build:
    """The question at a strength, a positive integer."""

    because: str
    at: Callable[[int], Design]


def counterexample(
    environment: Environment,
    examined: Examination,
    name: str,
    alpha: Fraction = Fraction(1),
    *,
    time_limit: float | Deadline | None = None,
) -> Counterexample:
    """Utilities with which what the theorem ``name`` promises is impossible under the beliefs of an environment.

    Its answer is None where none were found, as when ``time_limit`` (seconds, or a deadline) ended the search.

    Raises
    ------
    InvalidInput
        No theorem has the name, or it does not fail here.
    """
    theorem = next((t for t in examined.theorems if t.name == name), None)
    if theorem is None:
        known = ", ".join(t.name for t in examined.theorems)
        raise InvalidInput(f"{name!r}: no theorem has this name; there are {known}")
    if theorem.holds is not False:
        why = theorem.missing or (
            "it holds, whatever the utilities" if theorem.holds else "it does not decide"
        )
        raise InvalidInput(f"{name}: nothing refutes {theorem.source} here: {why}")
    deadline = Deadline.of(time_limit)
    builds = list(_builds(environment, examined, theorem, alpha))
    for k, build in product(range(1, DOUBLINGS + 1), builds):
        if deadline.passed:
            break
        answer = solve(build.at(2**k), relax=False, time_limit=deadline)
        if answer.status == "infeasible" and answer.certified:
            return Counterexample(theorem, build.because, answer)
    return Counterexample(theorem, builds[0].because, None)


def _builds(
    environment: Environment, examined: Examination, theorem: Theorem, alpha: Fraction
) -> Iterator[_Build]:
    """The constructions that fit a theorem, the shortest first."""
    make = _Maker(Believers.of(environment), environment, theorem, alpha)
    failed = {
        condition: [(k, f) for k, f in enumerate(_of(examined, condition)) if f.holds is False]
        for condition in ("BDP", "convex independence", "weak NCP*")
    }
    pairs = failed["BDP"]
    bayesian = theorem.name in ("cremer-mclean", "kosenok-severinov", "bayesian-private-values")
    if theorem.name in ("cremer-mclean", "1.4.1", "footnote-10"):
        for i, finding in failed["convex independence"] if bayesian else pairs:
            yield make.extraction(i, _imitated(finding)[0], finding)
    elif theorem.name in ("1.4.2", "socially-rational", "kosenok-severinov", "1.5.2-necessary"):
        for i, finding in failed["convex independence"] if bayesian else pairs + failed["weak NCP*"]:
            yield make.temptation(i, *_imitated(finding), finding.words)
        if bayesian and (unlike := _of(examined, "identifiability")[0]).holds is False:
            yield make.temptation(*_other_prior(make.who, unlike))
    elif theorem.name == "a.1.1":
        for i, finding in pairs:
            yield make.cycle(i, finding)
    else:
        sellers = failed["convex independence"] if bayesian else pairs
        buyers = sellers
        if theorem.name == "1.5.3-necessary":
            sellers = failed["weak NCP*"]
        for i, first in sellers:
            for j, second in buyers:
                if i != j:
                    high = _imitated(second)[1]
                    richest = _richest(make.who, j, high, second)
                    yield make.trade(i, _imitated(first)[0], j, richest, f"{first.words}; {second.words}")
        if theorem.name == "bayesian-private-values" and make.who.n == 2:
            for k, h in product(*map(make.who.defined, (0, 1))):
                yield make.trade(0, k, 1, h, "two agents: a dependent prior is not identifiable")


def _of(examined: Examination, condition: str) -> list[Finding]:
    return [f for f in examined.findings if f.condition == condition]


def _imitated(finding: Finding) -> tuple[int, tuple[int, ...]]:
    """The type that is imitated in a failure, and the types whose beliefs make its own."""
    if finding.condition == "convex independence":
        return finding.witness["type"], tuple(int(h) for h in finding.witness["combination"])
    x, y = finding.witness["types"]
    return y, (x,)


def _richest(who: Believers, j: int, tempted: tuple[int, ...], finding: Finding) -> int:
    """The buyer's type with the highest value: whose weight in the belief of the imitated type is largest for its probability."""
    if finding.condition == "BDP":
        return tempted[0]
    mass = who.beliefs.mass(j)
    return max(tempted, key=lambda h: Fraction(finding.witness["combination"][str(h)]) / mass[h])


def _other_prior(who: Believers, finding: Finding) -> tuple[int, int, tuple[int, ...], str]:
    """An agent, a type and another whose belief is part of the type's conditional under the other prior."""
    other = Rationals.of(finding.witness["other prior"])
    for i in range(who.n):
        joint = other.moveaxis(i, 0).reshape(who.shape[i], -1)
        for k in range(who.shape[i]):
            total = joint[k].sum()
            if total and not (joint[k] / total).same(who.rows(i)[k]):
                weights = combination(who.rows(i), joint[k], who.defined(i))
                return i, k, tuple(h for h, w in weights.items() if w and h != k), finding.words
    raise AssertionError("another prior has another conditional")


@dataclass(frozen=True)
class _Maker:
    """Environments with the beliefs of a given one, and the question of a theorem."""

    who: Believers
    environment: Environment
    theorem: Theorem
    alpha: Fraction

    def _design(
        self, outcomes: tuple[str, ...], payoffs: list[np.ndarray], allocation: str | Rationals
    ) -> Design:
        beliefs: Beliefs = self.who.beliefs
        utility = tuple(Rationals.of(p) for p in payoffs)
        title = f"Refutes {self.theorem.source}: {self.environment.title}".removesuffix(": ")
        made = Environment(self.environment.agents, outcomes, utility, beliefs, title=title)
        bayesian = "Bayesian" in self.theorem.statement
        extract = self.theorem.name in ("cremer-mclean", "1.4.1", "footnote-10")
        return Design(
            made,
            ic="bayesian" if bayesian else "ambiguous-transfers",
            ir="interim",
            bb="none" if extract else "ex-post",
            allocation=allocation,
            objective="full-surplus-extraction" if extract else "feasibility",
            alpha=Fraction(1) if bayesian else self.alpha,
        )

    def _grid(self, outcomes: int) -> list[np.ndarray]:
        return [np.zeros((outcomes, *self.who.shape), dtype=object) for _ in range(self.who.n)]

    def _along(self, i: int, values: list[int] | list[Fraction]) -> np.ndarray:
        """Values of an agent's types, to broadcast over profiles."""
        shape = [1] * self.who.n
        shape[i] = len(values)
        return np.array(values, dtype=object).reshape(shape)

    def extraction(self, i: int, low: int, finding: Finding) -> _Build:
        """An auction that agent i always wins; the imitated type values the object less than her others."""
        outcomes = ("nobody", *(a.name for a in self.who.agents))

        def at(strength: int) -> Design:
            payoffs = self._grid(len(outcomes))
            for j, size in enumerate(self.who.shape):
                values = [2 if k == low else 3 for k in range(size)] if j == i else [1] * size
                payoffs[j][j + 1] = self._along(j, values) + np.zeros(self.who.shape, dtype=object)
            return self._design(outcomes, payoffs, "efficient")

        return _Build(finding.words, at)

    def temptation(self, i: int, low: int, tempted: tuple[int, ...], words: str) -> _Build:
        """Table A.1.1 with a = 1: x2 is efficient at one type of agent i alone, and worth B more to types that are tempted."""
        outcomes = ("x0", "x1", "x2")

        def at(strength: int) -> Design:
            payoffs = self._grid(3)
            types = range(self.who.shape[i])
            for j in range(self.who.n):
                if j == i:
                    first = [0 if k == low else 1 for k in types]
                    second = [1 + strength if k in tempted else int(k == low) for k in types]
                else:
                    first = [1 for _ in types]
                    second = [1 - 2 * strength if k in tempted else 1 for k in types]
                for outcome, values in ((1, first), (2, second)):
                    payoffs[j][outcome] = self._along(i, values) + np.zeros(self.who.shape, dtype=object)
            return self._design(outcomes, payoffs, "efficient")

        return _Build(words, at)

    def cycle(self, i: int, finding: Finding) -> _Build:
        """Example A.1.1 for any two types with one belief: each likes the outcome of the other."""
        x, y = finding.witness["types"]

        def at(strength: int) -> Design:
            payoffs, shape = self._grid(3), self.who.shape
            given = np.zeros((3, *shape), dtype=np.int64)
            for outcome, wanted in ((1, y), (2, x)):
                values = [2 * int(k == wanted) for k in range(shape[i])]
                payoffs[i][outcome] = self._along(i, values) + np.zeros(shape, dtype=object)
            second = self._along(i, [int(k == y) for k in range(shape[i])]) + np.zeros(shape, dtype=object)
            given[2], given[1] = second, 1 - second
            return self._design(("x0", "x1", "x2"), payoffs, Rationals(given))

        return _Build(finding.words, at)

    def trade(self, seller: int, low: int, buyer: int, high: int, words: str) -> _Build:
        """Trade whose gains are small, though one cost and one value are large: an imitated type of the seller and a type of the
        buyer that imitates."""

        def at(strength: int) -> Design:
            small = Fraction(1, 2 * strength)
            payoffs = self._grid(2)
            costs = [small - 1 if k == low else -small for k in range(self.who.shape[seller])]
            values = [Fraction(1) if k == high else 2 * small for k in range(self.who.shape[buyer])]
            for j, own in ((seller, costs), (buyer, values)):
                payoffs[j][1] = self._along(j, own) + np.zeros(self.who.shape, dtype=object)
            return self._design(("no-trade", "trade"), payoffs, "efficient")

        return _Build(words, at)


__all__ = ["Counterexample", "counterexample"]
