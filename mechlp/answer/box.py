"""The answer about types that fill a box: a mechanism for all of them, the bound on every mechanism, and how they were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..closed_forms.exclusive import exclusive_revenue
from ..exact.decimals import nearest, rounded_down, rounded_up
from ..exact.numbers import text
from ..exact.saved import checksum
from ..mechanism.offered import Menu, taken
from .protocol import BaseAnswer

if TYPE_CHECKING:
    from ..proof.box import BoxFlow
    from ..question.box import BoxDesign


@dataclass(frozen=True, repr=False)
class BoxAnswer(BaseAnswer):
    """Certified ends of the best revenue for a :class:`~mechlp.question.box.BoxDesign`: it lies between ``value`` and ``bound``.

    ``value`` is what the better of two mechanisms for all types earns at least: the ``menu``, its contracts multiplied by
    ``factor`` (``menu_value``; counted with cells halved ``halved`` times), or the exclusive-buyer mechanism at ``price``
    (exactly ``exclusive_value``; None where it is not defined).  No mechanism earns more than ``bound``.
    """

    design: BoxDesign
    menu: Menu
    halved: int
    factor: Fraction
    menu_value: Fraction
    price: Fraction | None
    exclusive_value: Fraction | None
    proof: BoxFlow
    bound: Fraction
    notes: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, design: BoxDesign, menu: Menu, halved: int, proof: BoxFlow, price: Fraction | None
    ) -> BoxAnswer:
        """What the mechanisms earn and the multipliers prove, computed from their definitions.

        Raises
        ------
        InvalidMenu, InvalidFlow
            When they are none.
        """
        box = design.environment
        who = taken(menu, box, halved)
        exclusive = None if price is None else exclusive_revenue(box, price)
        bound = proof.bound(design.cells)
        return cls(design, menu, halved, who.factor(box), who.revenue(box), price, exclusive, proof, bound)

    @property
    def status(self) -> str:
        """``optimal`` where the ends meet, else ``bracket``."""
        return "optimal" if self.value == self.bound else "bracket"

    @property
    def value(self) -> Fraction:
        """What the better mechanism earns at least."""
        return max(self.menu_value, self.exclusive_value or Fraction(0))

    @property
    def method(self) -> str:
        """How the ends were found."""
        return "floats propose multipliers and a menu; exact arithmetic decides what they are worth"

    @property
    def certified(self) -> bool:
        """Both ends are exact."""
        return True

    @property
    def width(self) -> Fraction:
        """How far the ends are apart, as a share of the upper one."""
        return (self.bound - self.value) / self.bound if self.bound else Fraction(0)

    def to_json(self) -> dict[str, Any]:
        """The whole answer: exact strings, self-contained (the problem is embedded), with a checksum."""
        from ..files.writer import document_of
        from ..proof.box import FORMAT

        number = lambda v: None if v is None else text(v)  # noqa: E731
        body: dict[str, Any] = {
            "format": FORMAT,
            "status": self.status,
            "value": text(self.value),
            "value_float": nearest(self.value),
            "bound": text(self.bound),
            "bound_float": nearest(self.bound),
            "certified": self.certified,
            "problem": document_of(self.design),
            "menu": self.menu.to_json(),
            "halved": self.halved,
            "factor": text(self.factor),
            "menu_value": text(self.menu_value),
            "exclusive": {"price": number(self.price), "value": number(self.exclusive_value)},
            "certificate": self.proof.to_json(),
            "notes": list(self.notes),
            "method": self.method,
            "timings": {k: round(v, 6) for k, v in self.timings.items()},
            "versions": dict(self.versions),
        }
        return {**body, "sha256": checksum(body)}

    def __repr__(self) -> str:
        return f"<BoxAnswer: {self.status}, revenue {rounded_down(self.value)} .. {rounded_up(self.bound)}; {self.design!r}>"
