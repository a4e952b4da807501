"""The best revenue from bidders whose types fill a box, as plain data: mechanisms for all types, not for those of a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..environment.box import Box
from .protocol import Question
from .symmetric import SymmetricDesign

if TYPE_CHECKING:
    from ..answer.box import BoxAnswer  # noqa: F401 (the kind of answer, in the name of the base class)

#: Why what is about finitely many types is not asked of a continuum.
FINITE = "is about finitely many types, and with `continuum: true` the types fill a box: leave that key out for the grid"


@dataclass(frozen=True)
class BoxDesign(Question["BoxAnswer"]):
    """Interim IC and IR for every type of a box, free transfers, any allocation: revenue is wanted, between certified ends."""

    cannot: ClassVar[Mapping[str, str]] = {
        "check": f"what beliefs allow {FINITE}",
        "compare": f"a comparison of notions of IC {FINITE}",
        "smooth": f"a rule with ambiguous transfers {FINITE}",
        "frontier": f"the set of interim payoffs {FINITE}",
        "efficient": f"comparing mechanisms {FINITE}",
        "rents": f"the bound by least rents {FINITE}",
        "audit": f"the audit of a given mechanism {FINITE}",
        "export": f"a program that is written before it is solved {FINITE}",
        "reduce": "--reduce is about programs on the whole type grid, and types here fill a box: leave it out",
        "rates": f"what requirements gain by giving way {FINITE}",
        "continuum": "this is about `outcomes: prices`; `mechlp solve` answers this file",
    }

    environment: Box
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def objective(self) -> str:
        """What is wanted."""
        return "revenue"

    @cached_property
    def cells(self) -> SymmetricDesign:
        """The same question as if all types of a cell were its middle."""
        return SymmetricDesign(self.environment.cells)

    def same(self, other: Question[Any]) -> bool:
        """Whether another question asks the same of the same environment."""
        return isinstance(other, BoxDesign) and self.environment.same(other.environment)

    def asking(self, **changes: Any) -> BoxDesign:
        """The same question with some parts changed."""
        return replace(self, document=None, **changes)

    def __repr__(self) -> str:
        return f"<BoxDesign of {self.environment!r}: revenue>"


__all__ = ["BoxDesign"]
