"""A range of one parameter in stages: parts on which one verdict holds, or the value has one formula."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..exact.algebraic import Algebraic
from ..exact.quotients import Quotient
from ..shown import Drawn
from .family import Family


@dataclass(frozen=True)
class Stage:
    """A part of a range: ``low`` and ``high`` may be the same; whether they belong to it; ``value`` is a function, or None."""

    low: Algebraic
    high: Algebraic
    closed: tuple[bool, bool]
    status: str
    value: Quotient | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What it says."""
        own = () if self.value is None else tuple(map(str, (self.value.top, self.value.bottom)))
        return (self.status, *own)

    def holds(self, point: Algebraic) -> bool:
        """Whether a point belongs to it."""
        after = self.low < point or (self.closed[0] and self.low == point)
        before = point < self.high or (self.closed[1] and self.high == point)
        return after and before

    def to_json(self) -> dict[str, Any]:
        ends = {"from": self.low.to_json(), "to": self.high.to_json()}
        return {**ends, "ends_belong": list(self.closed), "status": self.status}


def joined(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """As few as there are: neighbours that say the same are one."""
    out: list[Stage] = []
    for later in stages:
        last = out[-1] if out else None
        if last is not None and last.key == later.key:
            ends = (last.closed[0], later.closed[1])
            out[-1] = Stage(last.low, later.high, ends, last.status, last.value)
        else:
            out.append(later)
    return tuple(out)


class Staged(Drawn):
    """A function of one parameter by stages, each with its own formula: what every value shows, whatever proves it.

    Two proofs stay apart.  Where payoffs are affine and nothing else depends on the parameter, mechanisms at the ends of a piece
    and one list of multipliers are enough, as bounds are convex, also where the best outcome changes inside
    (:mod:`mechlp.proof.value`).  Elsewhere mechanism and multipliers are functions of the parameter, whose signs are decided
    along the interval, and the best outcome stays (:mod:`mechlp.proof.curve`): more general, more points, more pieces.
    """

    family: Family
    title: str
    notes: tuple[str, ...]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The range by formulas, as few as there are."""
        raise NotImplementedError

    @property
    def over_what(self) -> str:
        """Of which parameter, in words; empty for a single number."""
        return "".join(f" over {name}" for name in self.family.names)

    @property
    def breakpoints(self) -> list[Algebraic]:
        """Where the formula changes, in order."""
        return [later.low for later in self.stages[1:]]

    @property
    def undecided(self) -> Fraction:
        """The length on which the value is open, at most."""
        ends = [(s.low.within()[0], s.high.within()[1]) for s in self.stages if s.status == "undecided"]
        return sum((high - low for low, high in ends), Fraction(0))

    @property
    def status(self) -> str:
        """``optimal`` somewhere, ``infeasible`` everywhere, or ``undecided`` where something is open."""
        found = {stage.status for stage in self.stages}
        return "undecided" if "undecided" in found else "optimal" if "optimal" in found else "infeasible"

    def __call__(self, **point: Any) -> Fraction | None:
        """The value at a point, ``f(B=1)`` (of a single number: ``f()``); None where nothing satisfies the requirements, or where
        it is open.

        Raises
        ------
        ValueError
            Another parameter, or a point outside the range.
        """
        at = self.family.only(point)
        place = Algebraic.of(at)
        stage = next((stage for stage in self.stages if stage.holds(place)), None)
        return None if stage is None or stage.value is None else stage.value(at)


__all__ = ["Stage", "Staged", "joined"]
