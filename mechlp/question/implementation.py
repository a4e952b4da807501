"""Full implementation: a given social choice function, the coalitions that can form, and which conditions are asked about."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..environment.coalitions import Coalition
from ..environment.model import Environment
from ..exact.numbers import Rationals, text
from .design import Design
from .premises import InvalidDesign
from .protocol import Question
from .same import same, same_environment

if TYPE_CHECKING:
    from ..answer.implementation import ImplementationAnswer  # noqa: F401 (the kind of answer, in the base class)

#: Conditions by name, and what each says; the numbers are those of Guo (2018).
CHECKS: Mapping[str, str] = {
    "robust-ic": "robust coalitional incentive compatibility (2.4.2): against each coalitional lie some member prefers truth "
    "whatever the outsiders' types",
    "robust-strong-ic": "robust strong incentive compatibility (section 2.6): the same for all coalitions, whatever the pattern",
    "robust-ic-unpooled": "interim coalitional incentive compatibility without pooled information (2.8.1) under all beliefs: "
    "against each coalitional report some member prefers truth whatever the others' types",
    "interim-ic": "interim coalitional incentive compatibility (2.4.1): no coalition that pools its types gains, under its "
    "members' beliefs",
    "interim-ic-unpooled": "interim coalitional incentive compatibility without pooled information (2.8.1)",
    "interim-monotonicity": "interim coalitional monotonicity (2.4.3, corrected): every unacceptable deception is refuted by "
    "some coalition of types and a reward function, under its members' beliefs",
    "interim-monotonicity-printed": "interim coalitional monotonicity as printed (2.4.3): at all types at which a deception is "
    "unacceptable some coalition of these refutes it; not necessary for implementation",
    "interim-strong-monotonicity": "interim strong monotonicity (section 2.6), corrected: all coalitions, but single "
    "agents refute",
    "interim-refutation": "the deception that is given (coalitions: deception) is refuted by some coalition of types and a "
    "reward function (2.4.3)",
    "ambiguous-ic": "ambiguous coalitional incentive compatibility (3.3.1): no coalition of maxmin agents gains, all weakly "
    "and one strictly, without pooled information",
    "robust-monotonicity": "robust coalitional monotonicity (2.4.4, corrected): every unacceptable deception contains some lie "
    "that its coalition refutes by a reward function",
    "robust-monotonicity-printed": "robust coalitional monotonicity as printed (2.4.4): at every unacceptable pair of types and "
    "report some coalition refutes the deception; not necessary for implementation",
    "robust-strong-monotonicity": "robust strong monotonicity (section 2.6), corrected: all coalitions, but single agents refute",
    "robust-strong-monotonicity-printed": "robust strong monotonicity (section 2.6) as printed",
    "robust-implementation": "robust coalitional implementation by Theorem 2.5.1: robust-ic, robust-monotonicity (corrected), "
    "bad-outcome",
    "double-implementation": "robust double implementation by Theorem 2.6.1: robust-strong-ic, robust-strong-monotonicity "
    "(corrected) and a bad outcome",
    "ambiguous-strong-ic": "ambiguous strong incentive compatibility (3.5.1): the same for all coalitions, whatever the pattern",
    "ambiguous-pareto": "ambiguous Pareto efficiency (3.3.3): at no type profile another function makes no maxmin agent worse "
    "off and some better off",
    "ambiguous-monotonicity": "ambiguous coalitional monotonicity (3.3.2): every unacceptable deception is refuted by a "
    "coalition and a reward function",
    "ambiguous-strong-monotonicity": "ambiguous strong monotonicity (3.5.2): the same for all coalitions, refutations by single "
    "agents",
    "lemma-3.6.2": "the test of Lemma 3.6.2, under Assumption 3.6.1: by every unacceptable deception of all some type loses",
    "local-efficiency": "local Pareto efficiency (3.3.4): no function of the set is dominated by another one under a deception",
    "closure": "closure (3.3.5): functions of the set, pieced together where that is common knowledge, are in the set",
    "agreement": "agents agree on which type profiles are impossible (section 3.2): T*, and what is common knowledge",
    "assumption-3.4.1": "Assumption 3.4.1: at each profile some agent may be sure of it, or holds all that she does not exclude "
    "possible under every belief",
    "ambiguous-implementation": "ambiguous coalitional implementation by Theorem 3.4.1",
    "ambiguous-double-implementation": "double implementation under ambiguity by Theorem 3.5.1",
    "interim-equilibrium": "the strategies are an interim coalitional equilibrium of the finite mechanism (2.3.2): members pool "
    "their types, and none gains strictly for all",
    "ambiguous-equilibrium": "the strategies are an ambiguous coalitional equilibrium of the finite mechanism (3.2.1)",
    "interim-equilibrium-unpooled": "the same, but members keep their types to themselves and commit to messages (2.8.1)",
    "interim-full-implementation": "the finite mechanism fully implements the function (2.3.1): all its interim coalitional "
    "equilibria in pure strategies lead to it, and there is one",
    "interim-full-implementation-unpooled": "the same for equilibria in which members keep their types to themselves (2.8.1)",
    "ambiguous-full-implementation": "the finite mechanism fully implements the set (section 3.2): on T* its ambiguous "
    "coalitional equilibria in pure strategies lead to functions of the set, and each is reached",
    "bad-outcome": "the bad outcome property (2.5.1): some outcome is strictly worse for all than any that the function gives",
    "weak-pareto": "ex-post weak Pareto efficiency (footnote 6 of chapter 2): at no profile another outcome is strictly better "
    "for all",
}

#: Conditions that compare the function with other feasible outcomes.
ABOUT_OUTCOMES = tuple(
    check
    for check in CHECKS
    if "monotonicity" in check
    or check in ("interim-refutation", "bad-outcome", "weak-pareto", "ambiguous-pareto")
    or (check.endswith("-implementation") and "full" not in check)
)


@dataclass(frozen=True)
class Choice:
    """A social choice function, or what a finite mechanism does with messages: a lottery ``(|A|, *grid)`` and what agents
    receive ``(n, *grid)``."""

    allocation: Rationals
    transfers: Rationals

    def at(self, cell: tuple[int, ...]) -> tuple[Rationals, Rationals]:
        """The lottery and the transfers at a cell of the grid."""
        where = (slice(None), *cell)
        return self.allocation[where], self.transfers[where]

    def alike(self) -> list[int]:
        """For each cell, row-major, the first cell with the same lottery and transfers."""
        count = math.prod(self.allocation.shape[1:])
        columns = np.concatenate(
            [self.allocation.numerator.reshape(-1, count), self.transfers.numerator.reshape(-1, count)]
        )
        seen: dict[tuple[int, ...], int] = {}
        return [seen.setdefault(tuple(map(int, column)), k) for k, column in enumerate(columns.T)]

    def same(self, other: Choice) -> bool:
        """Whether both are the same function."""
        return self.allocation.same(other.allocation) and self.transfers.same(other.transfers)


@dataclass(frozen=True)
class Game:
    """A finite mechanism: for each agent her messages, what is done with them, and the message that each of her types sends
    (None: there is nothing to be examined)."""

    messages: tuple[tuple[str, ...], ...]
    does: Choice
    strategies: tuple[tuple[int, ...], ...] | None = None

    def same(self, other: Game) -> bool:
        """Whether both are the same mechanism and strategies."""
        return (self.messages, self.strategies) == (other.messages, other.strategies) and self.does.same(
            other.does
        )


@dataclass(frozen=True)
class Feasible:
    """The outcomes that are feasible, the same at every profile: lotteries, and transfers between ``lower`` and ``upper``.

    ``lower`` and ``upper`` have one entry an agent, None for no limit; ``balance`` is ``none``, ``weak`` (transfers add up to
    at most zero), ``strong`` (to zero), or ``ex-ante`` and ``ex-ante-weak``: in expectation, which no outcome alone can violate.
    """

    lower: tuple[Fraction | None, ...]
    upper: tuple[Fraction | None, ...]
    balance: str = "none"

    def __contains__(self, point: tuple[Rationals, Rationals]) -> bool:
        """Whether a lottery and transfers (one an agent) are feasible."""
        lottery, paid = point
        if bool(np.any(lottery < 0)) or lottery.sum() != 1:
            return False
        total = paid.sum()
        if (self.balance == "weak" and total > 0) or (self.balance == "strong" and total != 0):
            return False
        ends = zip(paid.fractions(), self.lower, self.upper, strict=True)
        return all((low is None or low <= t) and (high is None or t <= high) for t, low, high in ends)

    def most(self, outcomes: Sequence[Fraction], transfers: Sequence[Fraction]) -> Fraction | None:
        """The largest value of a linear form over feasible outcomes; None where there is no limit."""
        prices = {"weak": [Fraction(0), *transfers], "strong": list(transfers)}.get(
            self.balance, [Fraction(0)]
        )
        found = [self._priced(transfers, p) for p in prices if self.balance != "weak" or p >= 0]
        known = [v for v in found if v is not None]
        return max(outcomes) + min(known) if known else None

    def _priced(self, transfers: Sequence[Fraction], price: Fraction) -> Fraction | None:
        """The most of transfers where a unit in all costs ``price``: what is left of the budget is in the price."""
        total = Fraction(0)
        for c, low, high in zip(transfers, self.lower, self.upper, strict=True):
            end = high if c > price else low
            if c == price:
                continue
            if end is None:
                return None
            total += (c - price) * end
        return total


@dataclass(frozen=True)
class Implementation(Question["ImplementationAnswer"]):
    """What is asked about a given social choice function (Guo 2018, chapters 2 and 3).

    Parameters
    ----------
    choice : the social choice function f, over the type grid.
    feasible : the outcomes that reward functions may give.
    pattern : the coalitions that can form, every single agent among them.
    checks : which conditions, by name (:data:`CHECKS`).
    update : where Bayes' rule is silent, weights over the type grid whose conditionals on the members' types are taken.
    functions : further functions, by name, that make up a social choice set F with f (chapter 3).
    deception : a report for each type of each agent, which somebody is to refute (interim-refutation).
    game : a finite mechanism whose equilibria are examined; None: the direct mechanism of f, and the truth.
    within : ask what depends on the pattern also at every pattern within it.
    force : take on also what is predicted to take very long.

    Raises
    ------
    InvalidDesign
        Irrational payoffs, a function that is not feasible, beliefs that a condition needs and are not there, an unknown
        condition.
    """

    cannot: ClassVar[Mapping[str, str]] = {}

    environment: Environment
    choice: Choice
    feasible: Feasible
    pattern: tuple[Coalition, ...]
    checks: tuple[str, ...] = ()
    update: Rationals | None = None
    functions: tuple[tuple[str, Choice], ...] = ()
    game: Game | None = None
    deception: tuple[tuple[int, ...], ...] | None = None
    within: bool = False
    force: bool = field(default=False, compare=False)
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        environment = self.environment
        if not environment.exact:
            raise InvalidDesign("coalitions: this takes exact payoffs, and some are irrational")
        if environment.actions is not None:
            raise InvalidDesign("coalitions: this is about outcomes, and these recommend actions to agents")
        for check in self.checks:
            if check not in CHECKS:
                raise InvalidDesign(f"coalitions: {check!r} is not one of {', '.join(CHECKS)}")
        for cell in np.ndindex(*environment.shape):
            for name, choice in (("given", self.choice), *self.functions):
                if choice.at(cell) in self.feasible:
                    continue
                raise InvalidDesign(
                    f"{name}: what it gives at ({environment.profile_label(cell)}) is not feasible: a lottery, transfers "
                    "within the limits of `transfers`, and the budget that `require: bb` asks ex post"
                )
        if self.feasible.balance.startswith("ex-ante"):
            self._check_expected_budget()
        for check in self.checks:
            if check.startswith("interim") and environment.beliefs is None:
                raise InvalidDesign(f"coalitions: {check} needs beliefs, and the file has none")
        self._check_game()
        self._check_deception()
        if self.update is not None and (
            self.update.shape != environment.shape or bool(np.any(self.update < 0))
        ):
            raise InvalidDesign("coalitions: update: expected weights over the type grid, none negative")
        if self.update is not None and bool(self.update.sum() != 1):
            raise InvalidDesign(
                f"coalitions: update: the weights add up to {text(self.update.sum())}, expected 1"
            )

    def _check_expected_budget(self) -> None:
        for check in self.checks:
            if check in ABOUT_OUTCOMES:
                raise InvalidDesign(
                    f"require: bb: {self.feasible.balance} is about all profiles together, and {check} compares with other "
                    "outcomes, which are feasible one by one: take none, ex-post or ex-post-weak, or ask other conditions"
                )
        prior = self.environment.designer
        assert prior is not None
        for name, choice in (("given", self.choice), *self.functions):
            total = (prior * choice.transfers.sum(axis=0)).sum()
            if total > 0 or (total < 0 and self.feasible.balance == "ex-ante"):
                asked = "0" if self.feasible.balance == "ex-ante" else "at most 0"
                raise InvalidDesign(
                    f"{name}: transfers add up to {text(total)} in expectation, and require: bb: "
                    f"{self.feasible.balance} asks for {asked}"
                )

    def _check_deception(self) -> None:
        shape, told = self.environment.shape, self.deception
        if told is None:
            if "interim-refutation" in self.checks:
                raise InvalidDesign(
                    "coalitions: interim-refutation is about one deception: add deception: agent -> the report of each of her "
                    "types"
                )
            return
        fits = len(told) == len(shape) and all(
            len(own) == s and all(0 <= r < s for r in own) for own, s in zip(told, shape, strict=False)
        )
        if not fits:
            raise InvalidDesign("coalitions: deception: expected a report for each type of each agent")
        cells = np.ndindex(*shape)
        reports = (tuple(own[k] for own, k in zip(told, cell, strict=True)) for cell in cells)
        alike = self.choice.alike()
        if [alike[int(np.ravel_multi_index(r, shape))] for r in reports] == alike:
            raise InvalidDesign(
                "coalitions: deception: the function gives the same as under truth, so nobody has to refute it"
            )

    def _check_game(self) -> None:
        game, sizes = self.played, tuple(map(len, self.played.messages))
        if len(sizes) != self.environment.n or game.does.allocation.shape[1:] != sizes:
            raise InvalidDesign(
                "coalitions: game: what is done with messages has another shape than the messages"
            )
        for cell in np.ndindex(*sizes if self.game is not None else ()):
            if self.game is not None and game.does.at(cell) not in self.feasible:
                sent = ", ".join(own[k] for own, k in zip(game.messages, cell, strict=True))
                raise InvalidDesign(f"coalitions: game: what it does with ({sent}) is not feasible")
        if game.strategies is None and any("-equilibrium" in check for check in self.checks):
            raise InvalidDesign(
                "coalitions: game: strategies are missing: agent -> the message of each of her types"
            )

    def same(self, other: Question[Any]) -> bool:
        """Whether another question is about the same function, outcomes and coalitions, whichever conditions are asked."""
        if not isinstance(other, Implementation) or self.pattern != other.pattern:
            return False
        mine, others = (
            (q.choice, q.feasible, q.update, q.functions, q.game, q.deception) for q in (self, other)
        )
        return same(mine, others) and same_environment(self.environment, other.environment)

    @property
    def applicable(self) -> tuple[str, ...]:
        """The conditions for which nothing is missing."""
        known = [c for c in CHECKS if self.environment.beliefs is not None or not c.startswith("interim")]
        if self.feasible.balance.startswith("ex-ante"):
            known = [c for c in known if c not in ABOUT_OUTCOMES]
        if self.deception is None:
            known = [c for c in known if c != "interim-refutation"]
        return tuple(c for c in known if self.played.strategies is not None or "-equilibrium" not in c)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The social choice set F."""
        return (self.choice, *(choice for _, choice in self.functions))

    @property
    def played(self) -> Game:
        """The finite mechanism whose equilibria are examined."""
        if self.game is not None:
            return self.game
        types = tuple(agent.types for agent in self.environment.agents)
        return Game(types, self.choice, tuple(tuple(range(len(own))) for own in types))

    def name(self, k: int) -> str:
        """How pages call a function of F."""
        return self.functions[k - 1][0] if k else "f"

    def asking(self, **changes: Any) -> Implementation:
        """The same question with some parts changed."""
        return replace(self, **{"document": None, **changes})

    def members(self, coalition: Coalition) -> list[str]:
        """The names of a coalition."""
        return [self.environment.agents[i].name for i in coalition]

    def __repr__(self) -> str:
        return f"<Implementation of {self.environment!r}: {', '.join(self.checks)}>"


def feasible_outcomes(design: Design) -> Feasible:
    """The outcomes of a design, the same at every profile.

    Raises
    ------
    InvalidDesign
        Limits on transfers that depend on types.
    """
    n, limits = design.environment.n, design.transfers
    balance = {"ex-post": "strong", "ex-post-weak": "weak"}.get(design.bb, design.bb)
    if isinstance(limits, str):
        end = Fraction(0) if limits == "none" else None
        return Feasible((end,) * n, (end,) * n, balance)
    ends: list[list[Fraction | None]] = [[], []]
    for own in limits:
        for side, bound in zip(ends, own, strict=True):
            if bound is None:
                side.append(None)
                continue
            cells = Rationals.of(bound).unrepeated()
            if bool(np.any(cells != cells.ravel()[0])):
                raise InvalidDesign("transfers: limits that depend on types; feasible outcomes do not")
            side.append(cells.ravel()[0])
    return Feasible(tuple(ends[0]), tuple(ends[1]), balance)


__all__ = ["CHECKS", "Choice", "Feasible", "Implementation", "feasible_outcomes"]
