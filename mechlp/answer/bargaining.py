"""The answer about a bargaining mechanism of Pęski (2023): its zones of beliefs, and at given beliefs how efficient it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..closed_forms.bargaining import Bargaining, Rectangle
from ..exact.numbers import Rationals, rational, text
from ..exact.saved import checksum
from ..proof.comparison import Comparison
from ..proof.efficiency import Efficiency, interim_vectors
from ..proof.invalid import InvalidCertificate
from ..proof.robustness import Pair, Robustness
from ..question.interim import settled
from ..shown import Drawn

FORMAT = "mechlp bargaining 1"
VALUES = ("l1", "l2", "h1", "h2")


@dataclass(frozen=True)
class AtBeliefs:
    """A mechanism at the beliefs of ``bargaining``.

    ``robust`` is over all beliefs about a player that the draft determines (``Robustness.complete``: all there are).
    """

    bargaining: Bargaining
    zone: str
    payoffs: tuple[Rationals, Rationals]
    efficient: Efficiency
    robust: Robustness

    @classmethod
    def of(
        cls,
        bargaining: Bargaining,
        mechanism: str,
        x: Any,
        comparisons: tuple[Comparison, ...],
        pairs: tuple[Pair, ...],
    ) -> AtBeliefs:
        """The verdicts that comparisons, and those with the pieces of other beliefs, amount to.  Raises NotDetermined."""
        rule, design = bargaining.mechanism(mechanism, x), settled(bargaining.design())
        pieces, complete = bargaining.every_piece(mechanism, x)
        return cls(
            bargaining,
            bargaining.zone(x, mechanism),
            bargaining.payoffs(mechanism, x),
            Efficiency(design, tuple(interim_vectors(rule)), comparisons, rule),
            Robustness(design, pieces, pairs, complete),
        )

    @property
    def decided(self) -> bool:
        """Whether every comparison that was made has a verdict."""
        return self.efficient.decided and self.robust.passed is not None

    def to_json(self) -> dict[str, Any]:
        """Exact strings, with what proves the verdicts."""
        return {
            "p1": text(self.bargaining.p1),
            "p2": text(self.bargaining.p2),
            "zone": self.zone,
            "payoffs": [u.texts() for u in self.payoffs],
            "weakly_efficient": self.efficient.weak,
            "strongly_efficient": self.efficient.strong,
            "comparisons": [c.to_json() for c in self.efficient.comparisons],
            "robustly_efficient": {
                "passed": self.robust.passed,
                "proved": self.robust.proved,
                "gap": None if self.robust.gap is None else text(self.robust.gap),
                "pairs": [pair.to_json() for pair in self.robust.pairs],
            },
        }

    def claims(self) -> Iterator[str]:
        """Recompute everything; each claim in words.  Raises InvalidCertificate."""
        own = [u.fractions() for u in self.efficient.payoffs]
        if own != [u.fractions() for u in self.payoffs]:
            raise InvalidCertificate("the closed form is not what the mechanism pays")
        yield from self.efficient.check()
        self.robust.check()
        yield f"the gap {'is without end' if self.robust.gap is None else text(self.robust.gap)}: {self.robust.in_words()}"


@dataclass(frozen=True)
class Zones(Drawn):
    """Where a mechanism for a share ``x`` does what, over the beliefs (p1, p2), whatever those of ``bargaining``.

    ``point`` is what it does at some beliefs, where it was examined there.
    """

    bargaining: Bargaining
    mechanism: str
    x: Fraction
    point: AtBeliefs | None = None

    @property
    def rectangles(self) -> dict[str, Rectangle]:
        """By zone."""
        return self.bargaining.zones(self.x, self.mechanism)

    @property
    def decided(self) -> bool:
        """Whether every verdict at the beliefs is there."""
        return self.point is None or self.point.decided

    def to_json(self) -> dict[str, Any]:
        """The whole answer: exact strings, with a checksum."""
        named = ("p1_from", "p1_to", "p2_from", "p2_to")
        body = {
            "format": FORMAT,
            "question": "zones",
            "mechanism": self.mechanism,
            "values": {name: text(getattr(self.bargaining, name)) for name in VALUES},
            "x": text(self.x),
            "zones": {
                zone: dict(zip(named, map(text, ends), strict=True)) for zone, ends in self.rectangles.items()
            },
            "at": None if self.point is None else self.point.to_json(),
        }
        return {**body, "sha256": checksum(body)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Zones:
        """Read back; zones, payoffs and pieces come from the closed forms.  Raises InvalidCertificate, KeyError or ValueError."""
        at, x, name = data["at"], rational(data["x"]), str(data["mechanism"])
        beliefs = {p: rational("1/2" if at is None else at[p]) for p in ("p1", "p2")}
        bargaining = Bargaining(**{v: rational(data["values"][v]) for v in VALUES}, **beliefs)
        if at is None:
            return cls(bargaining, name, x)
        design = settled(bargaining.design())
        comparisons = tuple(Comparison.from_json(design, one) for one in at["comparisons"])
        pairs = tuple(Pair.from_json(design, one) for one in at["robustly_efficient"]["pairs"])
        return cls(bargaining, name, x, AtBeliefs.of(bargaining, name, x, comparisons, pairs))

    def check(self) -> Iterator[str]:
        """Each claim that holds, in words.  Raises InvalidCertificate at the first that does not."""
        shown = ", ".join(self.rectangles)
        yield f"the zones {shown} of {self.mechanism} for x = {text(self.x)}, from the closed form of their borders"
        if self.point is not None:
            yield from self.point.claims()


__all__ = ["FORMAT", "AtBeliefs", "Zones"]
