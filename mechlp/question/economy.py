"""Exchange among maxmin agents: divisible goods, endowments, and a given social choice function (Guo 2018, section 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..environment.coalitions import Coalition
from ..environment.model import Environment
from ..exact.numbers import Rationals
from .premises import InvalidDesign
from .protocol import Question
from .same import same, same_environment

if TYPE_CHECKING:
    from ..answer.implementation import ImplementationAnswer  # noqa: F401 (the kind of answer, in the base class)

#: Conditions by name, and what each says; the numbers are those of Guo (2018).
ECONOMY_CHECKS: Mapping[str, str] = {
    "maximin-rationality": "no type prefers her endowment, in the worst case",
    "maximin-core": "the function is a maximin core allocation (3.6.1): no coalition can do better with its own endowments, "
    "all weakly and one strictly",
    "maximin-value": "the function is a maximin value allocation (3.6.2): at each profile weights exist under which everybody "
    "has her Shapley value",
    "maximin-value-exists": "a maximin value allocation exists (3.6.2), for two agents",
    "core-implementation": "the set of all maximin core allocations is doubly implementable (Corollary 3.6.2)",
    "value-implementation": "the set of all maximin value allocations is doubly implementable (Corollary 3.6.3)",
}
#: Conditions that are about the economy, whichever function is given.
OF_THE_ECONOMY = ("maximin-value-exists", "core-implementation", "value-implementation")
#: Why what is asked about mechanisms is not asked of an economy.
NO_OUTCOMES = (
    "this takes finitely many outcomes, and the file is about shares of goods (outcomes: economy): mechlp implement "
    "examines it"
)


@dataclass(frozen=True)
class Exchange(Question["ImplementationAnswer"]):
    """What is asked about an exchange economy whose types hold every belief possible, with private values.

    Parameters
    ----------
    environment : the agents and their types (its outcomes mean nothing).
    goods : names of the L goods.
    endowments : shape ``(n, L)``.
    utilities : one array an agent, shape ``(K_i, |T_i|, L + 1)``: what a bundle x is worth to a type is the least of ``K_i``
        forms ``coefficients . x + constant``, the constant last.
    consumption : the social choice function, shape ``(n, L, *T)``; None where none is given.
    checks : which conditions, by name (:data:`ECONOMY_CHECKS`).

    Raises
    ------
    InvalidDesign
        Wrong shapes, negative endowments or an agent without any, utilities that do not increase in every good, a function that
        is not feasible, a condition that needs a function or two agents.
    """

    cannot: ClassVar[Mapping[str, str]] = {
        what: f"{said}: {NO_OUTCOMES}"
        for what, said in {
            "check": "what beliefs allow",
            "compare": "a comparison of notions of IC",
            "smooth": "ambiguous transfers",
            "frontier": "the set of interim payoffs",
            "efficient": "interim efficiency",
            "rents": "the bound by least rents",
            "audit": "the audit of a mechanism",
            "export": "a linear program to write",
            "latex": "a proof in LaTeX",
            "reduce": "a reduction",
            "rates": "what requirements gain by giving way",
            "plot": "a picture",
            "continuum": "trade at prices",
        }.items()
    }

    environment: Environment
    goods: tuple[str, ...]
    endowments: Rationals
    utilities: tuple[Rationals, ...]
    consumption: Rationals | None = None
    checks: tuple[str, ...] = ("maximin-core",)
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        n, shape, count = self.environment.n, self.environment.shape, len(self.goods)
        names = [a.name for a in self.environment.agents]
        if not count or self.endowments.shape != (n, count) or len(self.utilities) != n:
            raise InvalidDesign("economy: endowments and utilities have other shapes than agents and goods")
        if bool(np.any(self.endowments < 0)):
            raise InvalidDesign("economy: endowments: none may be negative")
        for i, name in enumerate(names):
            if not bool(np.any(self.endowments[i] > 0)):
                raise InvalidDesign(
                    f"economy: endowments: {name} has nothing; each agent needs some of a good"
                )
            forms = self.utilities[i]
            if forms.ndim != 3 or forms.shape[1:] != (shape[i], count + 1):
                raise InvalidDesign(
                    f"economy: utilities of {name}: shape {forms.shape}, expected (K, {shape[i]}, {count + 1})"
                )
            if bool(np.any(forms[:, :, :-1] <= 0)):
                raise InvalidDesign(
                    f"economy: utilities of {name}: every coefficient of a good must be positive (more of each good is better)"
                )
        self._check_consumption()
        for check in self.checks:
            if check not in ECONOMY_CHECKS:
                raise InvalidDesign(f"coalitions: {check!r} is not one of {', '.join(ECONOMY_CHECKS)}")
            if check == "maximin-value-exists" and n != 2:
                raise InvalidDesign(
                    f"coalitions: maximin-value-exists is decided for two agents, and there are {n}: give economy.consumption, "
                    "and ask maximin-value about it"
                )
            if check not in OF_THE_ECONOMY and self.consumption is None:
                raise InvalidDesign(f"coalitions: {check} is about a function: give economy.consumption")

    def _check_consumption(self) -> None:
        given = self.consumption
        if given is None:
            return
        n, count = self.endowments.shape
        if given.shape != (n, count, *self.environment.shape):
            raise InvalidDesign(
                f"economy: consumption: shape {given.shape}, expected (agents, goods, *types)"
            )
        total = self.endowments.sum(axis=0)
        used = given.sum(axis=0).reshape(count, -1)
        wrong = np.any(used > total.reshape(count, 1), axis=0) | np.any(
            given.reshape(n * count, -1) < 0, axis=0
        )
        if wrong.any():
            cell = np.unravel_index(int(np.argmax(wrong)), self.environment.shape)
            where = self.environment.profile_label([int(k) for k in cell])
            raise InvalidDesign(
                f"economy: consumption at ({where}) is negative, or more than there is of a good"
            )

    @property
    def pattern(self) -> tuple[Coalition, ...]:
        """All coalitions."""
        n = self.environment.n
        return tuple(own for k in range(1, n + 1) for own in combinations(range(n), k))

    @property
    def applicable(self) -> tuple[str, ...]:
        """The conditions for which nothing is missing."""
        given = self.consumption is not None
        return tuple(
            c
            for c in ECONOMY_CHECKS
            if (self.environment.n == 2 if c.endswith("exists") else given or c in OF_THE_ECONOMY)
        )

    @property
    def linear(self) -> bool:
        """Whether all utilities are linear."""
        return all(len(forms) == 1 for forms in self.utilities)

    def worth(self, i: int, k: int, bundle: Rationals) -> Fraction:
        """What a bundle, shape ``(L,)``, is worth to a type."""
        forms = self.utilities[i][:, k]
        found: Fraction = ((forms[:, :-1] * bundle).sum(axis=1) + forms[:, -1]).min()
        return found

    def secured(self, i: int, k: int) -> Fraction:
        """What the function is worth to a type in the worst case."""
        assert self.consumption is not None
        own = self.consumption[i].moveaxis(i + 1, 1)[:, k].reshape(len(self.goods), -1)
        return min(self.worth(i, k, own[:, c]) for c in range(own.shape[1]))

    def members(self, coalition: Coalition) -> list[str]:
        """The names of a coalition."""
        return [self.environment.agents[i].name for i in coalition]

    def same(self, other: Question[Any]) -> bool:
        """Whether another question is about the same economy and function, whichever conditions are asked."""
        if not isinstance(other, Exchange):
            return False
        mine, others = ((q.goods, q.endowments, q.utilities, q.consumption) for q in (self, other))
        return same(mine, others) and same_environment(self.environment, other.environment)

    def asking(self, **changes: Any) -> Exchange:
        """The same question with some parts changed."""
        return replace(self, **{"document": None, **changes})

    def __repr__(self) -> str:
        return f"<Exchange of {', '.join(self.goods)} among {self.environment.n} agents: {', '.join(self.checks)}>"


__all__ = ["ECONOMY_CHECKS", "Exchange"]
