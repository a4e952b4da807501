"""Requirements that give way, or are asked more strictly, all by the same amount: which cells of an audit's families.

A family of requirements has a key: ``IC 0`` and ``IR 0`` of an agent, ``BB``, ``least 0`` and ``most 0`` (the limits on what an
agent receives), ``lottery`` (the chances at a profile add up to one), or the name of rows that are given.  Cells are counted as
the multipliers of the family are (:class:`mechlp.proof.multipliers.Multipliers`): the state or the rule first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..question.design import Design

Cell = tuple[int, ...]


@dataclass(frozen=True)
class About:
    """Which requirements: ``key`` names their family, ``rule`` the rule where they are asked
    of each by itself.  Of IC and IR: the agent, the types along the second axis of the slack, and the report with which the
    third begins."""

    key: str
    agent: int = -1
    types: npt.NDArray[np.intp] | None = None
    first: int | None = None
    rule: int | None = None


OF_AGENTS = ("IC", "IR", "least", "most")


def kind_of(key: str) -> tuple[str, int]:
    """What a key is about, and its agent: -1 where it has none, or is the name of rows that are given."""
    kind, _, number = key.rpartition(" ")
    return (kind, int(number)) if kind in OF_AGENTS else (key, -1)


@dataclass(frozen=True)
class Relaxed:
    """One requirement, or (``cell`` None) all of some families together.

    To relax a requirement ``left side >= right side`` by eps asks ``left side >= right side - eps`` of it; an equality then holds
    with ``- eps``: a subsidy of eps, a total chance of ``1 + eps``.
    """

    keys: tuple[str, ...]
    cell: Cell | None = None

    def on(self, design: Design, about: About, shape: tuple[int, ...]) -> npt.NDArray[np.int64] | None:
        """1 where the slack of a family is to be counted with more, 0 elsewhere; None where it is not relaxed."""
        if about.key not in self.keys:
            return None
        out = np.zeros(shape, dtype=np.int64)
        if self.cell is None:
            out[...] = 1
            if about.first is not None:  # truth is no lie
                assert about.types is not None
                truthful = about.types[:, None] == np.arange(about.first, about.first + shape[2])[None]
                out *= ~truthful.reshape(1, *truthful.shape, *(1,) * (len(shape) - 3))
            return out
        place = self._place(design, about)
        if place is None:
            return None
        if not all(0 <= at < size for at, size in zip(place, shape, strict=True)):
            return None
        out[place] = 1
        return out

    def _place(self, design: Design, about: About) -> Cell | None:
        """The cell in the slack of a family, which may hold one rule, some types and some reports of it."""
        assert self.cell is not None
        first, rest = self.cell[0] if self.cell else 0, self.cell[1:]
        if about.types is None:
            if about.rule is None:
                return self.cell
            rule = about.rule if about.key != "lottery" or design.allocation_by_rule else 0
            return rest if first == rule else None
        if about.rule is not None:
            if first != about.rule:
                return None
            first = 0
        own = np.flatnonzero(about.types == rest[0])
        if not len(own):
            return None
        if about.first is None:
            return (first, int(own[0]), *rest[1:])
        return (first, int(own[0]), rest[1] - about.first, *rest[2:])


__all__ = ["About", "Cell", "Relaxed", "kind_of"]
