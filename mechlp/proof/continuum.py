"""Trade at prices on the continuum: types uniform on [0, 1], both traders' utility ``surplus ** power``.

Two theorems about numbers, each checked without a solver: no simple mechanism has more expected welfare than a rational
bound, and a mechanism measurable in cells, exactly incentive compatible for every type, has at least so much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import rational, text
from ..exact.saved import checksum
from ..question.design import Design, InvalidDesign
from ..question.price_premises import simple_needs
from ..shown import Drawn
from .cells import CellMechanism
from .invalid import InvalidCertificate
from .simple_continuum import MAX_DENOMINATOR, first_best, simple_bound, simple_welfare

FORMAT = "mechlp continuum comparison 1"
#: Most points of a partition: the program grows with their cube.
MAX_POINTS = 31


@dataclass(frozen=True)
class Comparison(Drawn):
    """Expected welfare on the continuum, certified: the best simple mechanism lies in ``simple``, the best of all in ``general``.

    ``gap`` > 0: some mechanism is better than every simple one.
    """

    power: Fraction
    simple: tuple[Fraction, Fraction]
    general: tuple[Fraction, Fraction]
    atoms: tuple[Fraction, ...]
    masses: tuple[tuple[float, ...], ...]
    mechanism: CellMechanism | None
    notes: tuple[str, ...] = ()

    @property
    def gap(self) -> Fraction:
        """The best of all less the best simple one: at least."""
        return self.general[0] - self.simple[1]

    @property
    def status(self) -> str:
        """``better``, or ``undecided``."""
        return "better" if self.gap > 0 else "undecided"

    def in_words(self) -> str:
        """One sentence."""
        low, another = (rounded_down(v, places=9) for v in (self.simple[0], self.general[0]))
        most = rounded_up(self.simple[1], places=9)
        found = f"at power {text(self.power)} the best simple mechanism is worth {low} to {most}, another at least {another}"
        better = f": better than every simple one by at least {rounded_down(self.gap, figures=3)}"
        return found + (better if self.gap > 0 else "")

    def to_json(self) -> dict[str, Any]:
        """Everything that :func:`check` needs."""
        body = {
            "format": FORMAT,
            "status": self.status,
            "power": text(self.power),
            "simple": [text(v) for v in self.simple],
            "general": [text(v) for v in self.general],
            "atoms": [text(v) for v in self.atoms],
            "masses": [list(row) for row in self.masses],
            "mechanism": None if self.mechanism is None else self.mechanism.to_json(),
            **({"notes": list(self.notes)} if self.notes else {}),
        }
        return {**body, "sha256": checksum(body)}


def question(design: Any) -> tuple[Fraction, tuple[Fraction, ...]]:
    """The power and the partition of [0, 1] that a design for trade at prices stands for: both traders have its types.

    Raises
    ------
    InvalidDesign
        When the design is another one.
    """
    prices = design.environment.prices if isinstance(design, Design) else None
    if prices is None:
        raise InvalidDesign("this is about `outcomes: prices`")
    agents, powers = design.environment.agents, prices.powers
    types = [() if a.values is None else tuple(a.values.fractions()) for a in agents]
    if types[0] != types[1] or len(types[0]) < 3 or types[0][0] != 0 or types[0][-1] != 1:
        raise InvalidDesign("this takes the same types for both traders, from 0 to 1: the ends of the cells")
    if any(a >= b for a, b in zip(types[0], types[0][1:], strict=False)) or len(types[0]) > MAX_POINTS:
        raise InvalidDesign(f"this takes types that increase, at most {MAX_POINTS} of them")
    if powers[0] != powers[1] or powers[0] == 1:
        raise InvalidDesign(
            "this takes one power below 1 for both traders; at power 1 posted prices are best (Theorem 10)"
        )
    simple_needs(design.environment)
    return powers[0], types[0]


def check(data: Mapping[str, Any]) -> Comparison:
    """Recheck a saved comparison from the definitions.

    Raises
    ------
    InvalidCertificate
        At the first claim that does not hold.
    """
    if data.get("format") != FORMAT or data.get("sha256") != checksum(data):
        raise InvalidCertificate("not a saved comparison, or one that was altered")
    power = rational(data["power"])
    if not 0 < power < 1 or power.denominator > MAX_DENOMINATOR:
        raise InvalidCertificate(
            f"a power between 0 and 1 over at most {MAX_DENOMINATOR} is expected, found {text(power)}"
        )
    pair = lambda name: (rational(data[name][0]), rational(data[name][1]))  # noqa: E731
    simple, general = pair("simple"), pair("general")
    atoms = tuple(rational(v) for v in data["atoms"])
    masses = np.array(data["masses"], dtype=np.float64)
    if len(atoms) < 2:
        raise InvalidCertificate("atoms at the two ends of [0, 1] are expected")
    partition = [Fraction(k, len(atoms) - 1) for k in range(len(atoms))]
    if simple_welfare(power, partition, atoms) < simple[0] or simple_bound(power, masses) > simple[1]:
        raise InvalidCertificate("the ends for simple mechanisms are not proved")
    mechanism = None if data["mechanism"] is None else CellMechanism.from_json(data["mechanism"])
    if mechanism is not None and mechanism.power != power:
        raise InvalidCertificate("the mechanism is for another power")
    reached = simple[0] if mechanism is None else mechanism.welfare()
    if reached < general[0] or first_best(power) > general[1]:
        raise InvalidCertificate("the ends for all mechanisms are not proved")
    found = Comparison(power, simple, general, atoms, tuple(map(tuple, data["masses"])), mechanism)
    if not simple[0] <= simple[1] or not simple[0] <= general[0] <= general[1]:
        raise InvalidCertificate("a lower end above its upper end, or simple mechanisms worth more than all")
    if data["status"] != found.status:
        raise InvalidCertificate(
            f"the ends make the comparison {found.status!r}, the status claimed is {data['status']!r}"
        )
    return found
