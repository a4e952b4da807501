"""Finitely many choices along a parameter: what a search finds at a point, as functions that hold around it.

A rule without lotteries, or the belief under which each lie of a maxmin type does not pay, is chosen; what is left is one linear
program, whose solution moves with the parameter.  Where nothing exists the search is a proof by cases, and the multipliers of
every leaf move; where an optimum is wanted they refute the leaf, or bound what it allows.  What lies gain under no belief
(:mod:`mechlp.question.gains`) is the least of several functions, and no proof along a parameter uses it: such a leaf is one more
distinction of beliefs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Generic, TypeVar

import numpy as np

from ..deadline import Deadline
from ..exact.quotients import Quotient
from ..mechanism.mechanism import Mechanism
from ..proof.case_functions import CaseFunction
from ..proof.cases import Case, branch, every_outcome
from ..proof.conditions import Condition, no_better
from ..proof.faces import Mask
from ..proof.functions import MechanismFunction
from ..proof.invalid import InvalidCertificate
from ..proof.multipliers import Multipliers
from ..proof.stretch import Stretch
from ..question.design import Design
from ..question.objective import goal
from ..question.rules import Lie, lies, only
from .branching import Search, Stopped, Unbounded
from .certain import lotteries
from .functions import Choice, Found, Lost, Moved, around, part_around
from .least_by_cases import Least, searched
from .solve import _Run

Seen = Mapping[Lie, int]
C = TypeVar("C", bound=Case)


def proved_around(
    stretch: Stretch,
    point: Fraction,
    deadline: Deadline,
    *,
    wanted: bool = False,
    limit: Fraction | None = None,
) -> Found | None:
    """What an exact solution, or a search where there are choices, proves around a point (:func:`around` says of what)."""
    design = stretch.at(point)
    if searched(design):
        return _by_cases(stretch, point, deadline, limit, wanted=wanted)
    return around(stretch, point, deadline, wanted=wanted, limit=limit)


def _by_cases(
    stretch: Stretch, point: Fraction, deadline: Deadline, limit: Fraction | None, *, wanted: bool
) -> Found | None:
    """What a search at a point proves around it; None where it ends early, or nothing moves.

    ``limit``: the size of transfers that are looked at, at most: what is refuted then is nothing.
    """
    design, gives = Choice(limit).design(stretch.at(point)), stretch.family.gives
    if gives:
        search: Search = Least(design, gives, deadline)
    else:
        search = Search(lotteries(_Run(design, deadline, lambda phase: None)))
    try:
        proof = search.explore(every_outcome(design), {})
        moving = _Moving(stretch, point, deadline, search)
        if gives and search.best and search.value != 0:
            needed = moving.retold(proof, every_outcome(design), {})
            served = moving.served(search.best, limit)
            return Found(moving.inside.low, moving.inside.high, served, None, needed, moving.value)
        wanted = wanted and not (gives and search.best)  # nothing must give way
        mechanism = moving.served(search.best, limit) if search.best else None
        if limit is not None and (wanted or mechanism is None):
            return None
        cases = None
        if wanted or mechanism is None:
            cases = moving.retold(proof, every_outcome(design), {})
    except (InvalidCertificate, Lost, Stopped, Unbounded, RecursionError):
        return None
    return Found(moving.inside.low, moving.inside.high, mechanism, cases=cases)


class Retold(ABC, Generic[C]):
    """A search's proof by cases with other multipliers at its leaves, for more than the point at which it was found."""

    def __init__(self, design: Design, search: Search, kind: type[C]) -> None:
        self.design, self.search, self.kind = design, search, kind

    @abstractmethod
    def multipliers(self, allowed: Mask, seen: Seen) -> tuple[Any, Sequence[Multipliers], bool]:
        """Those of a leaf, whatever they are, the lists that they are made of, and whether they refute.  Raises Lost."""

    @abstractmethod
    def close(self, y: Any, refutes: bool, allowed: Mask, seen: Seen) -> None:
        """That they do so, or bound the leaf.  Raises InvalidCertificate, Lost."""

    def labels(self, seen: Seen) -> tuple[int, ...] | None:
        """The belief of each lie (none, where it is still a choice) of types that compare worst cases."""
        design = self.design
        return tuple(seen.get(lie, only(design, lie)) for lie in lies(design)) if design.worst_state else None

    def retold(self, case: Case, allowed: Mask, seen: Seen) -> C:
        """A proof by cases, each leaf retold.  Raises InvalidCertificate, Lost, Stopped."""
        if case.lie is not None:
            return self._by_belief(case.lie, list(case.beliefs), allowed, seen)
        if case.yes is None or case.no is None:
            return self._leaf(allowed, seen)
        sides = []
        for side, used in ((case.yes, True), (case.no, False)):
            part = branch(allowed, case.outcome, (case.rule, *case.profile), used)
            some = bool(np.all(part.any(axis=1)))
            sides.append(self.retold(side, part, seen) if some else self.kind())
        return self.kind(None, False, case.outcome, case.profile, sides[0], sides[1], case.rule)

    def _by_belief(self, lie: Lie, cases: list[Case], allowed: Mask, seen: Seen) -> C:
        states = zip(self.search.choices[lie], cases, strict=True)
        found = (self.retold(case, allowed, {**seen, lie: k}) for k, case in states)
        return self.kind(lie=lie, beliefs=tuple(found))

    def _leaf(self, allowed: Mask, seen: Seen) -> C:
        y, parts, refutes = self.multipliers(allowed, seen)
        lie = self._used_open(parts, seen)
        if lie is not None:
            cases = [self.search.explore(allowed, {**seen, lie: k}) for k in self.search.choices[lie]]
            return self._by_belief(lie, cases, allowed, seen)
        self.close(y, refutes, allowed, seen)
        return self.kind(y, refutes)

    def _used_open(self, parts: Sequence[Multipliers], seen: Seen) -> Lie | None:
        """A lie under no belief that multipliers use."""
        for lie in self.search.choices:
            own = [part.ic[lie[0]] for part in parts]
            if lie not in seen and any(p is not None and bool(p.numerator[0][lie[1:]]) for p in own):
                return lie
        return None


class _Moving(Retold[CaseFunction]):
    """``inside`` is the part of the stretch on which all that was moved holds; ``value`` what a mechanism attains there, or
    by how much it misses what gives way: the least of ``amounts``, one a case."""

    def __init__(self, stretch: Stretch, point: Fraction, deadline: Deadline, search: Search) -> None:
        super().__init__(stretch.at(point), search, CaseFunction)
        self.inside, self.point, self.deadline = stretch, point, deadline
        self.value: Quotient | None = None
        self.gives, self.amounts = stretch.family.gives, list[Quotient]()

    def served(self, rules: tuple[Mechanism, ...], limit: Fraction | None) -> MechanismFunction:
        """A mechanism with the choices of the one that was found.  Raises InvalidCertificate, Lost."""
        worst = self.search.worst_beliefs(rules) if self.design.worst_state else {}
        rule = rules[0].allocation if self.design.deterministic else None
        moved = Moved.of(
            self.inside, self.point, self.deadline, Choice(limit, None, rule, self.labels(worst))
        )
        if moved is None or moved.refutes:
            raise Lost
        mechanism = moved.mechanism()
        inside = part_around(
            self.inside, [self.inside.defined(mechanism, self.point)], self.point, self.deadline
        )
        if self.amounts:
            self.value = min(self.amounts, key=lambda amount: amount(self.point))
            more = [no_better(amount, self.value, maximize=False) for amount in self.amounts]
            inside = part_around(inside, [*more, Condition(self.value)], self.point, self.deadline)
        slacks = inside.slacks(mechanism, self.value, self.point)
        self.inside = part_around(inside, slacks, self.point, self.deadline)
        if goal(self.design) is not None and not self.gives:
            self.value = self.inside.attained(mechanism)
        return mechanism

    def multipliers(self, allowed: Mask, seen: Seen) -> tuple[Any, Sequence[Multipliers], bool]:
        choice = Choice(None, allowed, None, self.labels(seen))
        moved = Moved.of(self.inside, self.point, self.deadline, choice)
        if moved is None or not (moved.refutes or self.gives or self.value is not None):
            raise Lost
        y = moved.multipliers()
        return y, y.powers, moved.refutes

    def close(self, y: Any, refutes: bool, allowed: Mask, seen: Seen) -> None:
        inside = part_around(self.inside, [self.inside.defined(y, self.point)], self.point, self.deadline)
        wanted = not (refutes or self.gives)
        signs = inside.signs(y, wanted=wanted, near=self.point, allowed=allowed)
        inside = part_around(inside, signs, self.point, self.deadline)
        if refutes:
            said = inside.refuted(y, allowed)
        elif self.gives:
            self.amounts.append(inside.amount(y, allowed))
            self.inside = inside
            return
        else:
            assert self.value is not None
            most = inside.implied(y, wanted=True, allowed=allowed)
            said = no_better(most, self.value, maximize=self.design.wants.maximize)
        self.inside = part_around(inside, [said], self.point, self.deadline)


__all__ = ["Retold", "proved_around"]
