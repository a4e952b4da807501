"""What of a design is compiled: all of it, or the part that reductions leave (:mod:`mechlp.solving.reductions`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, matmul
from ..question.design import Design
from ..question.misreports import possible

if TYPE_CHECKING:
    from .envelope import Envelope
    from .interchange import Swap
    from .rents import Rents

#: Largest belief matrix that is factored exactly unless it has rank one.
MAX_FACTORED = 40_000
Mask = npt.NDArray[np.bool_]


class Slow(Exception):
    """Already the first rows of a plan take floats long: the whole program may be quicker."""


@dataclass(frozen=True)
class Factors:
    """Beliefs of low rank: ``weights[theta_i, theta_-i] = sum_f types[theta_i, f] others[f, theta_-i]``.

    ``types`` has shape ``(|Theta_i|, k)``, ``others`` ``(k, *Theta_-i)``.  A type evaluates transfers
    only by the k numbers ``sum_theta_-i others[f, theta_-i] t_i(r, theta_-i)``.
    """

    types: Rationals
    others: Rationals

    @property
    def rank(self) -> int:
        return self.types.shape[1]

    @cached_property
    def flat(self) -> Rationals:
        """``others`` as a matrix."""
        return self.others.reshape(self.rank, -1)

    @cached_property
    def basis(self) -> Rationals:
        """``(|Theta_-i|, k)``: transfers worth one under one factor and nothing under the others."""
        if self.rank == 1:
            shape = (self.flat.shape[1], 1)
            return (Rationals.of(1) / Rationals.of([[self.flat.sum()]])).broadcast_to(shape)
        _, _, pivots = _echelon(self.flat)
        square = Rationals(self.flat.numerator[:, pivots], self.flat.denominator)
        exact: Any = _matrix(square)
        inverse, denominator = exact.inv().numer_denom()
        out = np.zeros((self.flat.shape[1], self.rank), dtype=object)
        out[pivots] = [[int(inverse[r, c]) for c in range(self.rank)] for r in range(self.rank)]
        return Rationals(out * square.denominator, int(denominator))

    def coordinates(self, array: Rationals) -> Rationals | None:
        """``(|Theta_i|, k)`` such that ``array = coordinates others``; None when there are none."""
        flat = array.reshape(array.shape[0], -1)
        found = matmul(flat, self.basis)
        return found if bool(np.all(matmul(found, self.flat) == flat)) else None

    def transfers(self, worth: Rationals) -> Rationals:
        """Transfers ``(|Theta_i|, *Theta_-i)`` worth ``(|Theta_i|, k)`` to the factors."""
        basis = Rationals(self.basis.numerator.T, self.basis.denominator)
        return matmul(worth, basis).reshape(worth.shape[0], *self.others.shape[1:])

    @classmethod
    def of(cls, weights: Rationals) -> Factors:
        """Factors of a belief matrix ``(|Theta_i|, *Theta_-i)``: rank one is recognised at any size."""
        rest, flat = weights.shape[1:], weights.reshape(weights.shape[0], -1)
        mass = flat.sum(axis=1)
        first = int(np.argmax(mass > 0))
        common = flat[first] / mass[first]
        if bool(np.all(mass.reshape(-1, 1) * common == flat)):
            return cls(mass.reshape(-1, 1), common.reshape(1, *rest))
        if flat.size > MAX_FACTORED:
            return cls(Rationals(np.eye(len(flat), dtype=np.int64)), weights)
        rows, denominator, pivots = _echelon(Rationals(flat.numerator.T, flat.denominator))
        types = Rationals(np.array(rows[: len(pivots)], dtype=object).T, denominator).reduced()
        return cls(types, weights[pivots])


@dataclass(frozen=True)
class Values:
    """Private values of low rank: ``u_i(a, theta_i) = sum_g types[theta_i, g] outcomes[g, a]``."""

    types: Rationals
    outcomes: Rationals

    @classmethod
    def of(cls, utility: Rationals) -> Values:
        """Factors of ``(|A|, |Theta_i|)``; the outcomes that matter to nobody of the agent's types drop out."""
        rows, denominator, pivots = _echelon(utility)
        if not pivots:
            return cls(Rationals.zeros((utility.shape[1], 1)), Rationals.zeros((1, utility.shape[0])))
        types = Rationals(np.array(rows[: len(pivots)], dtype=object).T, denominator).reduced()
        return cls(types, Rationals(utility.numerator[:, pivots].T, utility.denominator))


@dataclass(frozen=True)
class Plan:
    """The part of a design that is compiled.

    Parameters
    ----------
    design : the design compiled; its budget balance may be ex ante where ``wanted`` asks for it ex post.
    wanted : the design asked.
    pairs : for each agent the lies ``(|Theta_i|, |Theta_i|)`` (type, report) that have rows; None for all.
    interim : for each agent the factors by which transfers are seen; None for transfers by profile.
    values : for each agent the factors of private values; None for payoffs by profile.
    orders : the types of each agent along their one dimension, where they have one.
    envelope : what takes the place of interim transfers where they are pinned; None where they are free.
    rents : the same for transfers ex post.
    worst_prior : whether the worst prior says where this one begins (:mod:`mechlp.solving.worst_prior`).
    first_best : the allocation ``(|A|, *Theta)`` of the largest surplus, tried alone before all else; None not to try it.
    coarse : the same question on a coarser grid, whose solution is where this one begins; None to begin from nothing.
    mixture : allocation rules ``(K, |A|, *Theta)``, of which the allocation is a mixture; None for any.
    swaps : interchangeable agents: each swaps the first of a class with another in it.
    """

    design: Design
    wanted: Design
    pairs: tuple[Mask | None, ...]
    interim: tuple[Factors | None, ...]
    values: tuple[Values | None, ...]
    orders: tuple[tuple[int, ...], ...] = ()
    envelope: Envelope | None = None
    mixture: Rationals | None = None
    swaps: tuple[Swap, ...] = ()
    rents: Rents | None = None
    worst_prior: bool = False
    first_best: Rationals | None = None
    coarse: Plan | None = None

    @classmethod
    def whole(cls, design: Design) -> Plan:
        """Everything."""
        nothing = (None,) * design.environment.n
        return cls(design, design, nothing, nothing, nothing)

    @property
    def reduces(self) -> bool:
        """Whether less than everything is compiled."""
        pinned = (self.envelope, self.rents)
        parts = (*self.pairs, *self.interim, *self.values, *pinned, self.mixture, *self.swaps)
        return self.design is not self.wanted or any(p is not None for p in parts)

    @property
    def first(self) -> tuple[int, ...]:
        """For each agent the first one with whom she is interchangeable."""
        leads = {swap.second: swap.first for swap in self.swaps}
        return tuple(leads.get(i, i) for i in range(len(self.pairs)))

    @property
    def interchangeable(self) -> tuple[str, ...]:
        """The names of the agents of each class of several."""
        agents, first = self.design.environment.agents, self.first
        classes = [[a.name for a, f in zip(agents, first, strict=True) if f == i] for i in range(len(agents))]
        return tuple(", ".join(names) for names in classes if len(names) > 1)

    def lies(self, agent: int) -> Mask | None:
        """The lies that have rows, truth aside: possible ones that reductions leave; None for all."""
        kept, told = self.pairs[agent], possible(self.design, agent)
        if kept is None or told is None:
            return told if kept is None else kept
        return kept & told

    def told(
        self, agent: int, types: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The lies of an agent that have rows, in one list: positions in ``types``, and reports."""
        mask = self.lies(agent)
        assert mask is not None
        own, report = np.nonzero(mask[types] & (types[:, None] != np.arange(mask.shape[1])))
        return own, report

    def unpinned(self) -> Plan:
        """The same with transfers as columns."""
        return replace(self, envelope=None, rents=None, worst_prior=False, coarse=None)

    def with_pairs(self, change: Callable[[int], Mask | None]) -> Plan:
        """The same with other lies, given by agent."""
        return replace(self, pairs=tuple(change(i) for i in range(len(self.pairs))))


def _matrix(array: Rationals) -> Any:
    """The numerators as an integer matrix of python-flint."""
    import flint

    return flint.fmpz_mat(array.shape[0], array.shape[1], [int(v) for v in array.numerator.ravel()])


def _echelon(array: Rationals) -> tuple[list[list[int]], int, list[int]]:
    """Reduced row echelon form: nonzero rows, their common denominator, and the pivot columns."""
    form, denominator, rank = _matrix(array).rref()
    rows = [[int(form[r, c]) for c in range(array.shape[1])] for r in range(rank)]
    sign = -1 if denominator < 0 else 1
    rows = [[sign * v for v in row] for row in rows]
    return rows, sign * int(denominator), [next(c for c, v in enumerate(row) if v) for row in rows]


__all__ = ["Factors", "Mask", "Plan", "Slow", "Values"]
