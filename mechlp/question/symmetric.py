"""What is asked of a mechanism for a symmetric environment, in interim terms, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..environment.model import InvalidEnvironment
from ..environment.symmetric import Orbits, Symmetric, representative
from ..exact.numbers import Rationals
from .design import Design, InvalidDesign
from .protocol import Question

if TYPE_CHECKING:
    from ..answer.interim import InterimAnswer  # noqa: F401 (the kind of answer, in the name of the base class)

KINDS = ("feasibility", "revenue", "surplus", "linear")
#: Why what takes every type profile is not asked of one representative.
WHOLE_GRID = "needs the whole type grid, and the file asks about one representative of identical bidders: use fewer types"


@dataclass(frozen=True)
class SymmetricDesign(Question["InterimAnswer"]):
    """Interim IC, interim IR against 0, free transfers, no budget balance, any allocation.

    Parameters
    ----------
    objective : ``revenue``, ``surplus``, ``feasibility`` (any mechanism), or ``linear``.
    allocation, transfers : with ``linear``, what is maximised for each type: coefficients on the interim chance of each
        grade, shape ``(K, m)``, and on what the representative receives, shape ``(m,)``.
    document : the problem file that this design was read from, when it was.

    Raises
    ------
    InvalidDesign
        An unknown objective, wrong shapes, or an objective that paying every type more improves without end.
    """

    cannot: ClassVar[Mapping[str, str]] = {
        "check": f"what beliefs allow {WHOLE_GRID} (types are independent here: all beliefs are equal)",
        "compare": f"any notion of IC other than the Bayesian one {WHOLE_GRID}",
        "smooth": f"a rule with ambiguous transfers {WHOLE_GRID}",
        "frontier": f"the set of interim payoffs {WHOLE_GRID}",
        "efficient": f"comparing mechanisms {WHOLE_GRID}",
        "rents": f"the bound by least rents {WHOLE_GRID}",
        "audit": f"the audit of a given mechanism {WHOLE_GRID}",
        "export": f"a program that is written before it is solved {WHOLE_GRID} (Border's rows, one a set of types, are "
        "generated while it is solved)",
        "reduce": "--reduce is about programs on the whole type grid, and this file is solved without one: leave it out",
        "continuum": "this is about `outcomes: prices`; `mechlp solve` answers this file",
    }

    environment: Symmetric
    objective: str = "revenue"
    allocation: Rationals | None = None
    transfers: Rationals | None = None
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        environment = self.environment
        if self.objective not in KINDS:
            raise InvalidDesign(f"objective: {self.objective!r} is not one of {', '.join(KINDS)}")
        if (self.allocation is not None or self.transfers is not None) and self.objective != "linear":
            raise InvalidDesign("objective: coefficients go with objective linear")
        for name, shape in (("allocation", environment.values.shape), ("transfers", (environment.size,))):
            if getattr(self, name) is None:
                continue
            given = Rationals.of(getattr(self, name))
            if given.shape != shape:
                raise InvalidDesign(f"objective on {name}: shape {given.shape}, expected {shape}")
            put(name, given)
        if self.on_payoffs.sum() > 0:
            raise InvalidDesign("objective: paying every type more improves it without end")

    @property
    def on_transfers(self) -> Rationals:
        """The objective's coefficient on what each type of the representative receives."""
        if self.objective == "revenue":
            return self.environment.prior * -self.environment.copies
        return Rationals.zeros((self.environment.size,)) if self.transfers is None else self.transfers

    @property
    def on_payoffs(self) -> Rationals:
        """The coefficient on each type's interim payoff, once transfers are written as payoff less value."""
        return self.on_transfers

    @property
    def on_chances(self) -> Rationals:
        """The coefficient on each type's interim chance of each grade, transfers so written: shape ``(K, m)``."""
        environment = self.environment
        if self.objective == "surplus":
            return environment.values * environment.prior * environment.copies
        own = Rationals.zeros(environment.values.shape) if self.allocation is None else self.allocation
        return own - environment.values * self.on_transfers

    @cached_property
    def orbits(self) -> Orbits:
        """Those of the environment, where the objective keeps them too."""
        found = self.environment.orbits
        c, u = self.on_chances.numerator, self.on_payoffs.numerator
        kept = all(
            bool(np.all(c[:, to] == c[order])) and bool(np.all(u[to] == u))
            for order, to in zip(found.orders, found.moved, strict=True)
        )
        count, m = self.environment.values.shape
        return found if kept else Orbits(np.arange(count)[None], np.arange(m)[None])

    def value(self, chances: Rationals, payoffs: Rationals):  # type: ignore[no-untyped-def]
        """The objective at an interim rule, exactly."""
        return (self.on_chances * chances).sum() + (self.on_payoffs * payoffs).sum()

    def full(self) -> Design:
        """The same question on the whole type grid.  Raises InvalidEnvironment when that is too large."""
        if self.objective == "linear":
            raise InvalidDesign("objective: linear interim coefficients have no ordinary design here")
        return Design(self.environment.full(), "bayesian", "interim", "none", objective=self.objective)

    def same(self, other: Question[Any]) -> bool:
        """Whether another question asks the same of the same environment."""
        if not isinstance(other, SymmetricDesign):
            return False
        a, b = self.environment, other.environment
        return (
            (a.copies, a.agent.types, self.objective) == (b.copies, b.agent.types, other.objective)
            and a.values.same(b.values)
            and a.prior.same(b.prior)
            and self.on_chances.same(other.on_chances)
            and self.on_payoffs.same(other.on_payoffs)
        )

    def asking(self, **changes: Any) -> SymmetricDesign:
        """The same question with some parts changed."""
        return replace(self, document=None, **changes)

    def __repr__(self) -> str:
        return f"<SymmetricDesign of {self.environment!r}: objective {self.objective}>"


def reduced(design: Design) -> SymmetricDesign:
    """An ordinary design as one of the representative.

    Raises
    ------
    InvalidDesign
        Naming the premise that fails.
    """
    asked = {
        "ic": (design.ic, ("bayesian",)),
        "ir": (design.ir, ("interim",)),
        "bb": (design.bb, ("none",)),
        "allocation": (design.allocation, ("chosen",)),
        "transfers": (design.transfers, ("free",)),
        "objective": (design.wants.kind, KINDS[:3]),
        "secondary": (design.secondary, ("none", "nice")),
    }
    for what, (given, taken) in asked.items():
        if not isinstance(given, str) or given not in taken:
            shown = given if isinstance(given, str) else "a table"
            raise InvalidDesign(f"the reduced form takes {what}: {' or '.join(taken)}, not {shown}")
    try:
        environment = representative(design.environment)
    except InvalidEnvironment as error:
        raise InvalidDesign(str(error)) from None
    return SymmetricDesign(environment, design.wants.kind)


__all__ = ["KINDS", "SymmetricDesign", "reduced"]
