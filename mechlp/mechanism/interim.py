"""Interim rules of symmetric environments: Border's condition, the audit, and the ex-post rule behind them.

An interim rule says for each type of a representative bidder her chance of each grade and her payoff.  Some rule over
type profiles has these chances iff no set S of types wins more often than one of them is there (Border 1991, "Implementation
of reduced form auctions"; Maskin and Riley 1984):

    ``N sum_S f(s) x(s) <= 1 - (1 - f(S))**N``,  x the chance of any grade.

For given x the set most likely to break this is among ``{x >= c}``, so sorting checks all ``2**m`` of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..environment.model import Environment
from ..environment.symmetric import Symmetric
from ..exact.numbers import Rationals
from ..question.symmetric import SymmetricDesign
from .audit import Audit, Violation
from .mechanism import Mechanism
from .relaxed import Relaxed

Places = npt.NDArray[np.intp]
#: Bits after the point of the integers that sort out the pairs of types whose IC is far from binding.
BITS = 36
#: Pairs of types compared at once.
MAX_AT_ONCE = 4_000_000


def capacities(environment: Symmetric, order: Places) -> Rationals:
    """``1 - (1 - f(S))**N`` for the first 1, 2, ... types of an order."""
    mass = environment.prior.numerator.astype(object)[order]
    whole, n = environment.prior.denominator, environment.copies
    rest = whole - np.cumsum(mass)
    return Rationals(whole**n - rest**n, whole**n)


@dataclass(frozen=True)
class Hierarchy:
    """The object goes to the bidder whose type comes first in ``order``, ties by lot; to nobody if no type is in it."""

    weight: Fraction
    order: tuple[int, ...]

    def chances(self, environment: Symmetric) -> Rationals:
        """The interim chance of winning of each type, shape ``(m,)``."""
        order = np.array(self.order, dtype=np.intp)
        won = capacities(environment, order).fractions()
        share = [b - a for a, b in zip([Fraction(0), *won], won, strict=False)]
        out = [Fraction(0)] * environment.size
        for s, chance in zip(self.order, share, strict=True):
            out[s] = chance / (environment.copies * environment.prior[s])
        return Rationals.from_fractions(out, (environment.size,))


@dataclass(frozen=True)
class InterimRule:
    """What each type of the representative gets.

    Parameters
    ----------
    chances : of each grade, shape ``(K, m)``.
    payoffs : under truth, shape ``(m,)``.
    """

    environment: Symmetric
    chances: Rationals
    payoffs: Rationals

    @cached_property
    def wins(self) -> Rationals:
        """The chance of getting the object in any grade, shape ``(m,)``."""
        total: Rationals = self.chances.sum(axis=0)
        return total

    @cached_property
    def transfers(self) -> Rationals:
        """What each type receives in expectation, shape ``(m,)``."""
        return self.payoffs - (self.environment.values * self.chances).sum(axis=0)

    @cached_property
    def order(self) -> Places:
        """Types by falling chance of winning."""
        keys = (-self.wins).numerator
        return np.array(sorted(range(self.environment.size), key=keys.tolist().__getitem__), dtype=np.intp)

    def border_slack(self) -> Rationals:
        """For each ``{first types of the order}``, by how much less they win than they could."""
        order, n = self.order, self.environment.copies
        mass = self.environment.prior[order] * self.wins[order]
        won = Rationals(np.cumsum(mass.numerator.astype(object)), mass.denominator) * n
        return capacities(self.environment, order) - won

    @cached_property
    def contracts(self) -> tuple[Places, Places]:
        """Types grouped by what they get: one type a contract, and the contract of each type."""
        seen: dict[tuple[Any, ...], int] = {}
        columns = zip(*self.chances.numerator.tolist(), self.transfers.numerator.tolist(), strict=True)
        which = np.array([seen.setdefault(c, len(seen)) for c in columns], dtype=np.intp)
        first = np.zeros(len(seen), dtype=np.intp)
        first[which[::-1]] = np.arange(self.environment.size)[::-1]
        return first, which

    def worst_lies(self, margin: Fraction = Fraction(0)) -> Iterator[tuple[int, int, Fraction]]:
        """``(type, report, slack)`` wherever the truth is not clearly better than the report by more than a margin, exactly;
        one report for each contract.

        Every pair is compared in integers with ``BITS`` bits after the point; the pairs within the error of that, and
        those only, in rationals.
        """
        v, menu = self.environment.values, self.contracts[0]
        scale = v.denominator
        value = v.numerator
        transfers = self.transfers
        q, t, u = (floors(x, BITS) for x in (self.chances[:, menu], transfers[menu], self.payoffs))
        error = 2 * scale + sum(int(abs(row).max()) for row in value) + math.ceil(margin * scale * (1 << BITS))
        reach = (int(abs(u).max()) + int(abs(t).max())) * scale
        reach += sum(int(abs(r).max()) * int(abs(c).max()) for r, c in zip(value, q, strict=True))
        small = reach + error < 2**62
        if small:
            value, q, t, u = (np.asarray(x).astype(np.int64) for x in (value, q, t, u))
        step = max(MAX_AT_ONCE // max(len(menu), 1), 1)
        for start in range(0, self.environment.size, step):
            own = slice(start, start + step)
            slack = (u[own, None] - t[None, :]) * scale
            for k in range(len(value)):
                slack = slack - value[k][own, None] * q[k][None, :]
            yield from self._exactly(np.argwhere(slack <= error) + np.array([start, 0]), transfers)

    def _exactly(self, pairs: npt.NDArray[Any], transfers: Rationals) -> Iterator[tuple[int, int, Fraction]]:
        if not len(pairs):
            return
        own, report = pairs[:, 0], self.contracts[0][pairs[:, 1]]
        gain = (self.environment.values[:, own] * self.chances[:, report]).sum(axis=0)
        slack = self.payoffs[own] - transfers[report] - gain
        binding = slack.numerator
        for a, r, s in zip(own.tolist(), report.tolist(), binding.tolist(), strict=True):
            yield a, r, Fraction(s, slack.denominator)

    # -- the rule over profiles -----------------------------------------------------------------
    def hierarchies(self) -> tuple[Hierarchy, ...]:
        """Hierarchies whose mixture has these chances of winning; weights sum to one.

        Each step leaves a vertex of Border's polymatroid until a new set of types wins as often as it can, or a type no longer
        wins: at most m + 1 hierarchies (the argument of Carathéodory; vertices: Vohra 2011, "Mechanism design", ch. 6).

        Raises
        ------
        ValueError
            When the chances break Border's condition.
        """
        if bool(np.any(self.border_slack() < 0)) or bool(np.any(self.wins < 0)):
            raise ValueError("no rule over type profiles has these chances")
        out: list[Hierarchy] = []
        environment, left, at = self.environment, Fraction(1), self.wins
        while True:
            rule = InterimRule(environment, at.reshape(1, -1), at)
            vertex = Hierarchy(left, tuple(int(s) for s in rule.order if at[int(s)] > 0))
            corner = vertex.chances(environment)
            if at.same(corner):
                return (*out, vertex)
            # at = share * corner + (1 - share) * next, share the largest with next feasible
            share = _largest_share(environment, at, corner)
            out.append(Hierarchy(left * share, vertex.order))
            at = ((at - corner * share) / (1 - share)).reduced()
            left *= 1 - share

    def mechanism(self, full: Environment | None = None) -> Mechanism:
        """The rule over type profiles: a lottery over hierarchies, the winner's grade by her own chances of each, and each
        bidder's interim transfer whatever the others are.

        Raises
        ------
        InvalidEnvironment
            When the type grid is too large to build.
        """
        environment = self.environment
        full = environment.full() if full is None else full
        n, m, count = environment.copies, environment.size, len(environment.values)
        wins = [Rationals.zeros(full.shape)] * n
        grid = np.indices(full.shape)
        for hierarchy in self.hierarchies():
            rank = np.full(m, m)
            rank[list(hierarchy.order)] = np.arange(len(hierarchy.order))
            ranks = rank[grid]
            first = (ranks == ranks.min(axis=0)) & (ranks < m)
            several = first.sum(axis=0)
            common = math.lcm(*range(1, n + 1))
            shares = Rationals(first * (common // np.maximum(several, 1)), common) * hierarchy.weight
            wins = [(w + shares[i]).reduced() for i, w in enumerate(wins)]
        shares_of_grades = self.chances / Rationals.of([w or 1 for w in self.wins.fractions()])
        parts = [Rationals.of(1) - sum(wins[1:], wins[0])]
        transfers = []
        for i in range(n):
            along = [1] * n
            along[i] = m
            parts += [wins[i] * shares_of_grades[k].reshape(along) for k in range(count)]
            transfers.append(self.transfers.reshape(along).broadcast_to(full.shape))
        common = math.lcm(*(p.denominator for p in parts))
        allocation = Rationals(np.stack([p.integers(common) for p in parts]), common).reduced()
        common = math.lcm(*(t.denominator for t in transfers))
        return Mechanism(
            full, allocation, Rationals(np.stack([t.integers(common) for t in transfers]), common)
        )

    # -- JSON -----------------------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        """Exact strings: the distinct contracts (chance of each grade, then transfer), and which one each type takes."""
        menu, which = self.contracts
        columns = [*(row[menu].texts() for row in self.chances), self.transfers[menu].texts()]
        return {"contracts": [list(c) for c in zip(*columns, strict=True)], "takes": which.tolist()}

    @classmethod
    def from_json(cls, environment: Symmetric, data: Mapping[str, Any]) -> InterimRule:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError when it does not fit."""
        contracts = Rationals.of(data["contracts"])
        takes = np.array(data["takes"], dtype=np.intp)
        count = len(environment.values)
        if contracts.ndim != 2 or contracts.shape[1] != count + 1 or takes.shape != (environment.size,):
            raise ValueError("the contracts do not fit the environment")
        if bool(np.any(takes < 0)):
            raise ValueError("a contract of negative number")
        got = Rationals(contracts.numerator[takes].T, contracts.denominator)
        chances, transfers = got[:count], got[count]
        payoffs = (environment.values * chances).sum(axis=0) + transfers
        return cls(environment, chances, payoffs)


def floors(values: Rationals, bits: int) -> npt.NDArray[Any]:
    """``values * 2 ** bits`` rounded down to integers."""
    return np.asarray(values.numerator.astype(object) * (1 << bits) // values.denominator)


def _largest_share(environment: Symmetric, at: Rationals, corner: Rationals) -> Fraction:
    """The largest share s with ``(at - s corner) / (1 - s)`` within Border's polymatroid.

    Newton's method on the most violated set: finite, as every step finds a set of smaller slope.
    """
    share = Fraction(1)
    for a, c in zip(at.fractions(), corner.fractions(), strict=True):
        if c > 0:
            share = min(share, a / c)
    n = environment.copies
    while True:
        # A set S allows s while  g(S) - N f at(S) >= s (g(S) - N f corner(S)).
        moved = at - corner * share
        keys = (-moved).numerator.tolist()
        order = np.array(sorted(range(environment.size), key=keys.__getitem__), dtype=np.intp)
        capacity = capacities(environment, order).fractions()
        f, now, then = environment.prior[order].fractions(), at[order].fractions(), corner[order].fractions()
        won = was = Fraction(0)
        worst: tuple[Fraction, Fraction, Fraction] | None = None
        for g, mass, a, c in zip(capacity, f, now, then, strict=True):
            won, was = won + n * mass * a, was + n * mass * c
            gap = (g - won) - share * (g - was)
            if worst is None or gap < worst[0]:
                worst = gap, g - won, g - was
        assert worst is not None
        if worst[0] >= 0:
            return share
        share = worst[1] / worst[2]


class Leeway:
    """Requirements of a representative that may be missed by so much (``by`` negative: are met with so much to spare).

    ``relaxed`` names one lie, ``("IC 0",)`` and ``(type, report)``, or one type's participation, ``("IR 0",)`` and ``(type,)``,
    with all that interchanges of grades make of it; without a cell all lies, or all types.

    Raises
    ------
    KeyError, IndexError
        When there is no such requirement.
    """

    def __init__(self, design: SymmetricDesign, relaxed: Relaxed, by: Fraction) -> None:
        if relaxed.keys not in (("IC 0",), ("IR 0",)):
            raise KeyError(relaxed.keys)
        self.about, self.by = relaxed.keys[0][:2], by
        size, cell = design.environment.size, relaxed.cell
        #: What is relaxed; None for all.
        self.cells: set[tuple[int, ...]] | None = None
        if cell is not None:
            if len(cell) != (2 if self.about == "IC" else 1) or not 0 <= min(cell) <= max(cell) < size:
                raise IndexError(cell)
            if len(set(cell)) != len(cell):
                raise IndexError("truth is no lie")
            self.cells = {tuple(int(to[s]) for s in cell) for to in design.orbits.moved}

    def types(self, size: int) -> Places:
        """1 for types whose participation is relaxed."""
        out = np.full(size, int(self.about == "IR" and self.cells is None))
        if self.about == "IR" and self.cells is not None:
            out[[cell[0] for cell in self.cells]] = 1
        return out

    def broken(self, rule: InterimRule) -> Iterator[tuple[int, int, Fraction]]:
        """``(type, report, slack)``, negative with what is relaxed: for each type and contract, one report of each kind."""
        if self.about == "IR":
            yield from (lie for lie in rule.worst_lies() if lie[2] < 0)
            return
        _, which = rule.contracts
        takers = [np.flatnonzero(which == c).tolist() for c in range(int(which.max()) + 1)]
        for own, report, slack in rule.worst_lies(max(-self.by, Fraction(0))):
            left = {True: slack + self.by, False: slack}
            if min(left.values()) >= 0:
                continue
            for other in takers[which[report]]:
                relaxed = self.cells is None or (own, other) in self.cells
                if other != own and relaxed in left and (short := left.pop(relaxed)) < 0:
                    yield own, other, short


def audit_interim(
    rule: InterimRule, design: SymmetricDesign, relaxed: Relaxed | None = None, by: Fraction = Fraction(0)
) -> Audit:
    """Every IC between two types, every IR, every chance and Border's condition, exactly, from the definition.

    ``relaxed`` are requirements that may be missed by so much (:class:`Leeway`).
    """
    environment, m = design.environment, design.environment.size
    label = environment.agent.types
    checked = {"IC": m * (m - 1), "IR": m, "chance": rule.chances.size, "Border": m}
    worst: dict[str, Violation] = {}
    leeway = None if relaxed is None else Leeway(design, relaxed, by)

    def note(kind: str, where: str, slack: Fraction) -> None:
        if slack < 0 and (kind not in worst or -slack > worst[kind].amount):
            worst[kind] = Violation(kind, where, -slack)

    for own, report, slack in rule.worst_lies() if leeway is None else leeway.broken(rule):
        if slack < 0:
            note("IC", f"[{environment.agent.name}: {label[own]} -> {label[report]}]", slack)
    payoffs = rule.payoffs if leeway is None else rule.payoffs + Rationals(leeway.types(m)) * by
    for kind, slacks in (("IR", payoffs), ("chance", rule.chances.min(axis=0))):
        for s in np.flatnonzero(slacks < 0):
            note(kind, f"[{environment.agent.name}: {label[int(s)]}]", slacks[int(s)])
    border = rule.border_slack()
    for j in np.flatnonzero(border < 0):
        last = label[rule.order[j]]
        note("Border", f"[the {j + 1} types that win most often, down to {last}]", border[int(j)])
    return Audit(checked, tuple(worst.values()))
