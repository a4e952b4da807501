"""How few rules do: an upper bound by showing the rules, a lower bound by refuting every assignment to fewer.

Which rule punishes which lie is a choice; a proof that ``k`` rules do not suffice goes through the assignments of lies to
``k`` rules, one lie at a time, and refutes each branch by multipliers that use only the lies assigned so far.
One rule is a Bayesian mechanism, and is refuted as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..exact.numbers import Rationals, rational, stack, text
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..question.objective import goal
from ..question.rules import NOBODY, Lie, lie_name, lies
from .bound import bound
from .cases import Case
from .invalid import InvalidCertificate
from .multipliers import Multipliers
from .written import multipliers_from_json, multipliers_to_json


@dataclass(frozen=True)
class Pair:
    """Two rules of the form ``eta + c psi`` and ``eta - c psi`` (Guo 2018, section 1.4).

    ``psi``, shape ``(n, *Theta)``, is in integers; it is worth nothing to any type that tells the truth.  ``c`` is the least
    that works for this ``psi``, whatever ``eta``: ``proof`` has multipliers of the Bayesian design, in which every lie may
    give way in proportion to what ``psi`` makes of it.
    """

    psi: Rationals
    c: Fraction
    proof: Multipliers

    def check(self, design: Design, rules: Sequence[Mechanism]) -> None:
        """Raises InvalidCertificate."""
        first, second = rules
        if not (first.transfers - second.transfers).same(self.psi * (2 * self.c)):
            raise InvalidCertificate("the two rules are not eta + c psi and eta - c psi")
        strength = worth_of_lies(design, self.psi)
        attitude = 2 * design.alpha - 1
        given = sum(
            (
                (part * abs(worth)).sum()
                for part, worth in zip(self.proof.ic, strength, strict=True)
                if part is not None
            ),
            Fraction(0),
        )
        if given * attitude != 1 or -bound(one_rule(design), self.proof, wanted=False) != self.c:
            raise InvalidCertificate("c is not proved to be the least")

    def to_json(self, design: Design) -> dict[str, Any]:
        """Plain data."""
        names = [a.name for a in design.environment.agents]
        psi = {name: self.psi[i].texts() for i, name in enumerate(names)}
        proof = multipliers_to_json(one_rule(design), self.proof)
        return {"psi": psi, "c": text(self.c), "no_smaller_c": proof}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Pair:
        """Read back.  Raises InvalidCertificate."""
        psi = stack([Rationals.of(data["psi"][a.name]) for a in design.environment.agents])
        if psi.shape != (design.environment.n, *design.environment.shape):
            raise InvalidCertificate("psi is not a table over the type grid")
        return cls(psi, rational(data["c"]), multipliers_from_json(one_rule(design), data["no_smaller_c"]))


def worth_of_lies(design: Design, transfers: Rationals) -> list[Rationals]:
    """What transfers alone are worth to each type at each report: ``(type, report)``, one array an agent.

    Zero for types without a belief.  Shape of ``transfers``: ``(n, *Theta)``.
    """
    assert design.environment.beliefs is not None
    return [
        expected_transfers(design.environment.beliefs.conditional(i), transfers[i].moveaxis(i, 0))
        for i in range(design.environment.n)
    ]


def expected_transfers(beliefs: Rationals, transfers: Rationals) -> Rationals:
    """``(type, report)`` from beliefs and transfers, both with the agent's own axis first."""
    size = transfers.shape[0]
    own, said = beliefs.reshape(size, 1, -1), transfers.reshape(1, size, -1)
    return (own * said).sum(axis=2)


@dataclass(frozen=True)
class Assignment:
    """A proof by cases over the rule that punishes ``lie``; a leaf has a proof of its own."""

    proof: Case | None = None
    lie: Lie | None = None
    cases: tuple[Assignment, ...] = ()

    def check(self, design: Design, count: int, value: Fraction | None, taken: Mapping[Lie, int]) -> None:
        """Refute every assignment to ``count`` rules that extends ``taken``.

        Raises
        ------
        InvalidCertificate
        """
        if self.proof is not None:
            _check_leaf(design, self.proof, count, value, taken)
            return
        # Rules without a lie so far are alike: one of them stands for all.
        used = max(taken.values(), default=NOBODY) + 1
        if self.lie is None or self.lie in taken or len(self.cases) != min(used + 1, count):
            raise InvalidCertificate("the cases do not go through every rule that could punish a lie")
        for rule, case in enumerate(self.cases):
            case.check(design, count, value, {**taken, self.lie: rule})

    def leaves(self) -> int:
        """How many cases there are."""
        return 1 if self.proof is not None else sum(case.leaves() for case in self.cases)

    def to_json(self, design: Design) -> dict[str, Any]:
        """Plain data."""
        if self.proof is not None:
            return {"proof": self.proof.to_json(design)}
        assert self.lie is not None
        return {"lie": lie_name(design, self.lie), "cases": [case.to_json(design) for case in self.cases]}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Assignment:
        """Read back.  Raises InvalidCertificate."""
        if "proof" in data:
            return cls(Case.from_json(design, data["proof"]))
        named = {lie_name(design, lie): lie for lie in lies(design)}
        if data["lie"] not in named:
            raise InvalidCertificate(f"no lie is named {data['lie']!r}")
        return cls(None, named[data["lie"]], tuple(cls.from_json(design, case) for case in data["cases"]))


def _check_leaf(
    design: Design, proof: Case, count: int, value: Fraction | None, taken: Mapping[Lie, int]
) -> None:
    y = proof.multipliers
    if y is None or y.rules is None or y.count > count:
        raise InvalidCertificate("a proof about fewer rules that speaks of more")
    for lie in lies(design):
        i, own, report = lie
        if y.rules.labels.punishes[i][own, report] not in (NOBODY, taken.get(lie, NOBODY)):
            raise InvalidCertificate("a proof about another assignment of lies to rules")
    _check_worse(design, proof.bound(design), value)


def _check_worse(design: Design, proved: Fraction | None, value: Fraction | None) -> None:
    if not worse(design, proved, value):
        raise InvalidCertificate("fewer rules are not refuted")


def worse(design: Design, proved: Fraction | None, value: Fraction | None) -> bool:
    """Whether a bound is worse than ``value``; None as a bound is a refutation, and the only one without an objective."""
    if proved is None or value is None:
        return proved is None
    aim = goal(design)
    assert aim is not None
    return proved < value if aim.maximize else proved > value


@dataclass(frozen=True)
class Fewest:
    """The least number of rules lies between ``lower`` and ``upper``.

    ``single`` refutes one rule (it is about the Bayesian design), ``assignments`` refutes ``lower - 1`` rules when that is
    two or more.  ``pair`` tells how two rules are made, where they are.
    """

    lower: int
    upper: int
    single: Case | None = None
    assignments: Assignment | None = None
    pair: Pair | None = None

    def check(self, design: Design, value: Fraction | None, rules: Sequence[Mechanism]) -> None:
        """Check both ends; ``value`` is the optimum that the rules reach.  Raises InvalidCertificate."""
        if len(rules) != self.upper or not 1 <= self.lower <= self.upper:
            raise InvalidCertificate(f"{len(rules)} rules are given, {self} are claimed to be needed")
        if (self.single is None) != (self.lower == 1) and self.lower <= 2:
            raise InvalidCertificate(
                "that one rule is not enough is claimed without a proof, or proved without a claim"
            )
        if (self.assignments is None) != (self.lower <= 2):
            raise InvalidCertificate(
                "that fewer rules are not enough is claimed without a proof, or proved without a claim"
            )
        if self.single is not None:
            _check_worse(design, self.single.bound(one_rule(design)), value)
        if self.assignments is not None:
            if design.alpha != 1:
                raise InvalidCertificate("a search through fewer rules proves nothing where alpha is not 1")
            self.assignments.check(design, self.lower - 1, value, {})
        if self.pair is not None:
            self.pair.check(design, rules)

    def __str__(self) -> str:
        return str(self.lower) if self.lower == self.upper else f"between {self.lower} and {self.upper}"

    def to_json(self, design: Design) -> dict[str, Any]:
        """Plain data."""
        return {
            "at_least": self.lower,
            "at_most": self.upper,
            "one_is_not_enough": None if self.single is None else self.single.to_json(one_rule(design)),
            "fewer_are_not_enough": None if self.assignments is None else self.assignments.to_json(design),
            "pair": None if self.pair is None else self.pair.to_json(design),
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Fewest:
        """Read back.  Raises InvalidCertificate."""
        single, assignments, pair = data["one_is_not_enough"], data["fewer_are_not_enough"], data["pair"]
        return cls(
            int(data["at_least"]),
            int(data["at_most"]),
            None if single is None else Case.from_json(one_rule(design), single),
            None if assignments is None else Assignment.from_json(design, assignments),
            None if pair is None else Pair.from_json(design, pair),
        )


def one_rule(design: Design) -> Design:
    """The same question for a mechanism of one rule: a Bayesian one."""
    return design.asking(ic="bayesian")
