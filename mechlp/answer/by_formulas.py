"""The answer about a simple mechanism that a file gives by formulas for price and chance, for all types in [0, 1]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..environment.formulas import InvalidFormula
from ..exact.saved import checksum
from ..files import read_document
from ..proof.first_order import FirstOrder, first_order
from ..question.price_premises import simple_needs
from ..shown import Drawn

FORMAT = "mechlp first order 1"


@dataclass(frozen=True)
class ByFormulas(Drawn):
    """What ``found`` says of the mechanism of a problem ``document``."""

    document: Mapping[str, Any]
    found: FirstOrder

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> ByFormulas | None:
        """Read off a document; None where it does not give a mechanism by price and chance.

        Raises
        ------
        InvalidFormula
            Where it is a table, or its formulas are no quotients of polynomials.
        InvalidDesign
            Where payoffs are not price - seller and buyer - price.
        """
        prices = document.get("prices")
        given = prices.get("mechanism") if isinstance(prices, Mapping) else None
        if not isinstance(given, Mapping) or not {"price", "chance"} <= set(given):
            return None
        if any(isinstance(given[k], list) for k in ("price", "chance")):
            raise InvalidFormula("a table says nothing about the types between: give price and chance as formulas")
        environment = read_document(dict(document)).design.environment
        simple_needs(environment)
        seller, buyer = (agent.name for agent in environment.agents)
        formulas = (str(given["price"]), str(given["chance"]))
        return cls(document, first_order(*formulas, (seller, buyer), environment.prices.powers, environment.parameters))

    @property
    def status(self) -> str:
        """``efficient``, ``dominated``, ``not-incentive-compatible``, or ``undecided``."""
        return self.found.status

    def to_json(self) -> dict[str, Any]:
        """The whole answer, with a checksum; all of it follows from the problem."""
        body = {"format": FORMAT, **self.found.to_json(), "problem": dict(self.document)}
        return {**body, "sha256": checksum(body)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ByFormulas:
        """Decided anew.  Raises InvalidFormula, KeyError or ValueError."""
        found = cls.of(data["problem"])
        if found is None:
            raise InvalidFormula("the problem gives no mechanism by formulas for price and chance")
        return found

    def check(self) -> Iterator[str]:
        """What was decided, in words: identities between polynomials, from the formulas of the problem."""
        for trader, residual in zip(self.found.traders, self.found.residuals, strict=True):
            holds = "holds identically" if residual.vanishes else "is no identity"
            yield f"the first-order condition of the {trader} {holds}"
        yield f"for all types in [0, 1] the mechanism is: {self.status.replace('-', ' ')}"


__all__ = ["FORMAT", "ByFormulas"]
