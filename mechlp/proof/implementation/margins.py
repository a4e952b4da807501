"""How far payoffs can be raised by feasible outcomes: rows on payoffs, a point that meets them, multipliers that exclude one.

A :class:`System` asks for one feasible outcome a place (a message profile, a profile of types), so that payoffs exceed what each
row says.  Rows with a ``gain`` count it: the sum of the gains is to be as large as possible.  A point is checked by evaluating
payoffs, and multipliers by maximising what they make of outcomes, place by place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...exact.numbers import Rationals, rational, text
from ...question.implementation import Implementation
from ..invalid import InvalidCertificate

Cells = tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """``sum of weight * u_agent(outcome of the place, types) >= than`` (or ``<=``: ``most``), over the parts
    ``(place, types, weight)``; with ``gain``, at least ``than`` and that gain more."""

    agent: int
    parts: tuple[tuple[int, Cells, Fraction], ...]
    than: Fraction
    most: bool = False
    gain: int | None = None


@dataclass(frozen=True)
class Point:
    """An outcome a place: lotteries ``(places, |A|)`` and transfers ``(places, n)``."""

    lotteries: Rationals
    transfers: Rationals

    def to_json(self) -> dict[str, Any]:
        """Exact texts."""
        return {"lotteries": self.lotteries.texts(), "transfers": self.transfers.texts()}

    @classmethod
    def from_json(cls, data: Any, places: int, outcomes: int, n: int) -> Point:
        """Raises InvalidCertificate when the shapes are others."""
        parts = []
        for name, width in (("lotteries", outcomes), ("transfers", n)):
            rows = data[name]
            if len(rows) != places or any(len(row) != width for row in rows):
                raise InvalidCertificate(f"{name}: expected {places} rows of {width}")
            cells = [rational(cell) for row in rows for cell in row]
            parts.append(Rationals.from_fractions(cells, (places, width)))
        return cls(*parts)


@dataclass(frozen=True)
class System:
    """Rows on the payoffs from one feasible outcome a place.

    ``gains`` is how many gains there are; ``free``: they may be negative, else they are at least zero.
    """

    question: Implementation
    places: int
    rows: tuple[Row, ...]
    gains: int = 1
    free: bool = True

    def payoff(self, row: Row, point: Point) -> Fraction:
        """The left-hand side of a row."""
        utility = self.question.environment.utility[row.agent]
        total = Fraction(0)
        for place, types, weight in row.parts:
            worth = (utility[(slice(None), *types)] * point.lotteries[place]).sum()
            total += weight * (worth + point.transfers[place, row.agent])
        return total

    def check(self, point: Point) -> list[Fraction]:
        """The gains of a point.

        Raises
        ------
        InvalidCertificate
            An outcome that is not feasible, a row that does not hold, or a gain that has to be positive and is not.
        """
        for place in range(self.places):
            if (point.lotteries[place], point.transfers[place]) not in self.question.feasible:
                raise InvalidCertificate(f"the outcome of place {place + 1} is not feasible")
        least: list[Fraction | None] = [None] * self.gains
        for row in self.rows:
            slack = self.payoff(row, point) - row.than
            if row.gain is None:
                if slack > 0 if row.most else slack < 0:
                    raise InvalidCertificate("a payoff is not what its row asks")
                continue
            known = least[row.gain]
            least[row.gain] = slack if known is None else min(known, slack)
        found = [Fraction(0) if g is None else g for g in least]
        if not self.free and min(found, default=Fraction(0)) < 0:
            raise InvalidCertificate("somebody is worse off")
        return found

    def bound(self, multipliers: Sequence[Fraction]) -> Fraction:
        """What the sum of the gains cannot exceed, by multipliers of the rows.

        Raises
        ------
        InvalidCertificate
            Multipliers of the wrong number or sign, that leave a gain unpriced, or whose bound is infinite.
        """
        if len(multipliers) != len(self.rows) or any(m < 0 for m in multipliers):
            raise InvalidCertificate("multipliers: one for each row, none negative")
        priced = [Fraction(0)] * self.gains
        for row, m in zip(self.rows, multipliers, strict=True):
            if row.gain is not None:
                priced[row.gain] += m
        if any(p != 1 if self.free else p < 1 for p in priced):
            raise InvalidCertificate("multipliers: those of a gain have to add up to one")
        return self.most(multipliers)

    def most(self, multipliers: Sequence[Fraction]) -> Fraction:
        """The largest that the weighted rows leave: what outcomes give at most, less what the rows ask.

        Raises
        ------
        InvalidCertificate
            Where it is infinite.
        """
        environment = self.question.environment
        zero = Rationals.zeros((len(environment.outcomes),))
        chances = [zero] * self.places
        paid = [[Fraction(0)] * environment.n for _ in range(self.places)]
        total = Fraction(0)
        for row, m in zip(self.rows, multipliers, strict=True):
            if not m:
                continue
            sign = -m if row.most else m
            total -= sign * row.than
            for place, types, weight in row.parts:
                own = environment.utility[row.agent][(slice(None), *types)]
                chances[place] = chances[place] + own * (sign * weight)
                paid[place][row.agent] += sign * weight
        for of_outcomes, of_transfers in zip(chances, paid, strict=True):
            best = self.question.feasible.most(of_outcomes.fractions(), of_transfers)
            if best is None:
                raise InvalidCertificate("multipliers: transfers without limits are not priced out")
            total += best
        return total


@dataclass(frozen=True)
class Either:
    """At least one of some lists of rows must hold."""

    alternatives: tuple[tuple[Row, ...], ...]


def meets(system: System, rows: Sequence[Row], point: Point) -> bool:
    """Whether a point meets rows; those with a gain strictly."""
    for row in rows:
        slack = system.payoff(row, point) - row.than
        if slack <= 0 if row.gain is not None else slack > 0 if row.most else slack < 0:
            return False
    return True


def met(system: System, choices: Iterable[Either], point: Point) -> bool:
    """Whether a point meets an alternative of each choice."""
    return all(any(meets(system, rows, point) for rows in choice.alternatives) for choice in choices)


def with_rows(system: System, rows: Sequence[Row]) -> System:
    """The same with further rows."""
    return System(system.question, system.places, (*system.rows, *rows), system.gains, system.free)


def refuted(system: System, choices: Sequence[Either], tree: Any) -> None:
    """Check that no point has gains that add up to more than zero, by a tree of cases.

    A leaf holds ``multipliers``; a node says which of the ``choices`` it ``splits``, and has a case for each alternative.

    Raises
    ------
    InvalidCertificate
        At the first leaf that does not refute.
    """
    if "multipliers" in tree:
        values = sparse(tree["multipliers"], len(system.rows))
        if not refutes(system, values):
            raise InvalidCertificate("the multipliers do not exclude a gain")
        return
    split = tree["splits"]
    if not isinstance(split, int) or not 0 <= split < len(choices):
        raise InvalidCertificate("a split is about one of the choices")
    alternatives = choices[split].alternatives
    if len(tree["cases"]) != len(alternatives):
        raise InvalidCertificate("a split has a case for each alternative")
    for rows, case in zip(alternatives, tree["cases"], strict=True):
        refuted(with_rows(system, rows), choices, case)


def refutes(system: System, multipliers: Sequence[Fraction]) -> bool:
    """Whether multipliers exclude a positive sum of gains, or any point at all (those of gains then add up to zero)."""
    gains = [m for row, m in zip(system.rows, multipliers, strict=True) if row.gain is not None]
    if not any(gains) and min(multipliers, default=Fraction(0)) >= 0:
        return system.most(multipliers) < 0
    return system.bound(multipliers) <= 0


def sparse(data: Any, size: int) -> list[Fraction]:
    """Multipliers from ``{position: text}``; those left out are zero.  Raises InvalidCertificate."""
    if not isinstance(data, Mapping):
        raise InvalidCertificate("multipliers are given by position")
    out = [Fraction(0)] * size
    for name, value in data.items():
        if not str(name).isdigit() or int(name) >= size:
            raise InvalidCertificate(f"multipliers: {name!r} is no row")
        out[int(name)] = rational(value)
    return out


def written(multipliers: Sequence[Fraction]) -> dict[str, str]:
    """Multipliers as :func:`sparse` reads them."""
    return {str(k): text(m) for k, m in enumerate(multipliers) if m}


__all__ = [
    "Either",
    "Point",
    "Row",
    "System",
    "meets",
    "met",
    "refuted",
    "refutes",
    "sparse",
    "with_rows",
    "written",
]
