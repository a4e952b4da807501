"""How few rules do: an upper bound by showing the rules, a lower bound by refuting every assignment to fewer.

Which rule punishes which lie is a choice; a proof that ``k`` rules do not suffice goes through the assignments of lies to
``k`` rules, one lie at a time, and refutes each branch by multipliers that use only the lies assigned so far.
One rule is a Bayesian mechanism, and is refuted as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..design.design import Design
from ..design.objective import goal
from ..design.rules import Lie, lie_name, lies
from .certificate import (
    Case,
    InvalidCertificate,
    Multipliers,
    bound,
    multipliers_from_json,
    multipliers_to_json,
)


@dataclass(frozen=True)
class Assignment:
    """A proof by cases over the rule that punishes ``lie``; a leaf has multipliers."""

    multipliers: Multipliers | None = None
    lie: Lie | None = None
    cases: tuple[Assignment, ...] = ()

    def check(self, design: Design, count: int, value: Fraction | None, taken: Mapping[Lie, int]) -> None:
        """Refute every assignment to ``count`` rules that extends ``taken``.

        Raises
        ------
        InvalidCertificate
        """
        if self.multipliers is not None:
            _check_leaf(design, self.multipliers, count, value, taken)
            return
        used = max(taken.values(), default=-1) + 1
        # Rules without a lie so far are alike: one of them stands for all.
        if self.lie is None or self.lie in taken or len(self.cases) != min(used + 1, count):
            raise InvalidCertificate("the cases do not go through every rule that could punish a lie")
        for rule, case in enumerate(self.cases):
            case.check(design, count, value, {**taken, self.lie: rule})

    def leaves(self) -> int:
        """How many cases there are."""
        return 1 if self.multipliers is not None else sum(case.leaves() for case in self.cases)

    def to_json(self, design: Design) -> dict[str, Any]:
        """Plain data."""
        if self.multipliers is not None:
            return multipliers_to_json(design, self.multipliers)
        assert self.lie is not None
        return {"lie": lie_name(design, self.lie), "cases": [case.to_json(design) for case in self.cases]}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Assignment:
        """Read back.  Raises InvalidCertificate."""
        if "multipliers" in data:
            return cls(multipliers_from_json(design, data))
        named = {lie_name(design, lie): lie for lie in lies(design)}
        if data["lie"] not in named:
            raise InvalidCertificate(f"no lie is named {data['lie']!r}")
        return cls(None, named[data["lie"]], tuple(cls.from_json(design, case) for case in data["cases"]))


def _check_leaf(
    design: Design, y: Multipliers, count: int, value: Fraction | None, taken: Mapping[Lie, int]
) -> None:
    if y.rules is None or y.rules.labels.count > count:
        raise InvalidCertificate("a proof about fewer rules that speaks of more")
    for lie in lies(design):
        i, own, report = lie
        part = y.ic[i]
        if lie in taken:
            if y.rules.labels.punishes[i][own, report] != taken[lie]:
                raise InvalidCertificate("a proof about another assignment of lies to rules")
        elif part is not None and bool(np.any(part[:, own, report] != 0)):
            raise InvalidCertificate("a proof that uses a lie which no rule was said to punish")
    _check_worse(design, bound(design, y, wanted=value is not None), value)


def _check_worse(design: Design, proved: Fraction | None, value: Fraction | None) -> None:
    """That a bound is worse than ``value`` (below zero when only existence is asked, None when refuted)."""
    aim = goal(design)
    if value is None:
        worse = proved is None or proved < 0
    else:
        assert aim is not None
        worse = proved is None or (proved < value if aim.maximize else proved > value)
    if not worse:
        raise InvalidCertificate("fewer rules are not refuted")


@dataclass(frozen=True)
class Fewest:
    """The least number of rules lies between ``lower`` and ``upper``.

    ``single`` refutes one rule (it is about the Bayesian design), ``assignments`` refutes ``lower - 1`` rules when that is
    two or more.
    """

    lower: int
    upper: int
    single: Case | None = None
    assignments: Assignment | None = None

    def check(self, design: Design, value: Fraction | None, rules: int) -> None:
        """Check both ends; ``value`` is the optimum that the rules reach.  Raises InvalidCertificate."""
        if rules != self.upper or not 1 <= self.lower <= self.upper:
            raise InvalidCertificate(
                f"{rules} rules are given, between {self.lower} and {self.upper} are claimed"
            )
        if self.lower == 2:
            if self.single is None:
                raise InvalidCertificate("no proof that one rule is not enough")
            _check_worse(design, self.single.bound(one_rule(design)), value)
        if self.lower > 2:
            if self.assignments is None or design.alpha != 1:
                raise InvalidCertificate("no proof that fewer rules are not enough")
            self.assignments.check(design, self.lower - 1, value, {})

    def __str__(self) -> str:
        return str(self.lower) if self.lower == self.upper else f"between {self.lower} and {self.upper}"

    def to_json(self, design: Design) -> dict[str, Any]:
        """Plain data."""
        return {
            "at_least": self.lower,
            "at_most": self.upper,
            "one_is_not_enough": None if self.single is None else self.single.to_json(one_rule(design)),
            "fewer_are_not_enough": None if self.assignments is None else self.assignments.to_json(design),
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Fewest:
        """Read back.  Raises InvalidCertificate."""
        single, assignments = data["one_is_not_enough"], data["fewer_are_not_enough"]
        return cls(
            int(data["at_least"]),
            int(data["at_most"]),
            None if single is None else Case.from_json(one_rule(design), single),
            None if assignments is None else Assignment.from_json(design, assignments),
        )


def one_rule(design: Design) -> Design:
    """The same question for a mechanism of one rule: a Bayesian one."""
    return design.asking(ic="bayesian")
