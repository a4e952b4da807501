"""Proofs by cases: over which outcome is used at a profile, and over the belief under which a maxmin type sees a lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..question.design import Design
from ..question.misreports import slack
from ..question.objective import goal
from ..question.rules import NOBODY, Lie, Rules, choices, lie_name, lies, only
from .bound import bound
from .invalid import InvalidCertificate
from .multipliers import Multipliers
from .written import multipliers_from_json, multipliers_to_json


@dataclass(frozen=True)
class Case:
    """A proof by cases: over which outcome is used at a profile, and over the belief under which a maxmin type sees a lie.

    A leaf has ``multipliers``; an inner case distinguishes whether ``outcome`` is used at ``profile``, under ``rule``
    where there are several, (``yes``) or not (``no``); or it has a case for every belief (``beliefs``) under
    which ``lie`` may be seen.  ``dominance`` is a proof about the question of :func:`by_dominance`, which asks the same of rules.
    """

    multipliers: Multipliers | None = None
    refutes: bool = False
    outcome: int = 0
    profile: tuple[int, ...] = ()
    yes: Case | None = None
    no: Case | None = None
    rule: int = 0
    lie: Lie | None = None
    beliefs: tuple[Case, ...] = ()
    dominance: Case | None = None

    def leaves(self) -> int:
        """How many cases there are."""
        if self.dominance is not None:
            return self.dominance.leaves()
        if self.lie is not None:
            return sum(case.leaves() for case in self.beliefs)
        if self.yes is None or self.no is None:
            return 1
        return self.yes.leaves() + self.no.leaves()

    def bound(
        self,
        design: Design,
        allowed: npt.NDArray[np.bool_] | None = None,
        taken: Mapping[Lie, int] | None = None,
    ) -> Fraction | None:
        """The weakest bound over all cases; None when every case is refuted.

        ``allowed`` and ``taken`` (lies and the beliefs they are seen under) say which case it is.
        """
        if self.dominance is not None:
            ordinal = by_dominance(design)
            if ordinal is None:
                raise InvalidCertificate(
                    "dominance is no consequence of what is asked: it is of ex-post IC without lotteries, transfers and slack"
                )
            return self.dominance.bound(ordinal, allowed, taken)
        bounds = []
        for leaf, part, seen in self.parts(design, allowed, taken):
            y = leaf.multipliers
            assert y is not None
            check_beliefs(design, y, seen)
            value = bound(design, y, part, wanted=not leaf.refutes)
            if not leaf.refutes:
                bounds.append(value)
            elif value >= 0:
                raise InvalidCertificate("a case that is not refuted by its multipliers")
        aim = goal(design)
        weakest = min if aim is not None and not aim.maximize else max
        return weakest(bounds) if bounds else None

    def values(self, design: Design, allowed: npt.NDArray[np.bool_]) -> list[Fraction]:
        """What the multipliers of each case imply at a design, where each is to refute it.  Raises InvalidCertificate."""
        if self.dominance is not None:
            ordinal = by_dominance(design)
            if ordinal is None:
                raise InvalidCertificate("dominance is no consequence of what is asked")
            return self.dominance.values(ordinal, allowed)
        found = []
        for leaf, part, seen in self.parts(design, allowed):
            if not leaf.refutes or leaf.multipliers is None:
                raise InvalidCertificate("a case that is not refuted")
            check_beliefs(design, leaf.multipliers, seen)
            found.append(bound(design, leaf.multipliers, part, wanted=False))
        return found

    def parts(
        self,
        design: Design,
        allowed: npt.NDArray[np.bool_] | None = None,
        taken: Mapping[Lie, int] | None = None,
    ) -> Iterator[tuple[Case, npt.NDArray[np.bool_] | None, Mapping[Lie, int]]]:
        """The leaves that leave something to use, each with its case: together they leave nothing out.

        Raises
        ------
        InvalidCertificate
            Cases that the design does not have, that are left out, or without multipliers.
        """
        taken = taken or {}
        if self.multipliers is not None:
            yield self, allowed, taken
            return
        if self.lie is not None:
            states = choices(design, self.lie) if design.worst_state else ()
            if self.lie in taken or len(self.beliefs) != len(states):
                raise InvalidCertificate(
                    "the cases do not go through every belief under which a lie may be seen"
                )
            for k, case in zip(states, self.beliefs, strict=True):
                yield from case.parts(design, allowed, {**taken, self.lie: k})
        elif self.yes is None or self.no is None:
            raise InvalidCertificate("a case without multipliers")
        else:
            if not design.deterministic:
                raise InvalidCertificate(
                    "cases of an outcome that is used or not, where lotteries over outcomes are allowed"
                )
            allowed = every_outcome(design) if allowed is None else allowed
            for case, used in ((self.yes, True), (self.no, False)):
                part = branch(allowed, self.outcome, (self.rule, *self.profile), used)
                if bool(np.all(part.any(axis=1))):
                    yield from case.parts(design, part, taken)

    def check_labels(self, design: Design) -> None:
        """That no rule is said to punish two lies: a proof about sets of rules without limit.  Raises InvalidCertificate."""
        if self.yes is not None and self.no is not None:
            self.yes.check_labels(design)
            self.no.check_labels(design)
        rules = None if self.multipliers is None else self.multipliers.rules
        if design.ambiguous and rules is not None and not rules.labels.apart(design):
            raise InvalidCertificate(
                "one rule is said to punish several lies, which proves nothing about more rules"
            )

    def to_json(self, design: Design) -> dict[str, Any]:
        if self.dominance is not None:
            ordinal = by_dominance(design)
            assert ordinal is not None
            return {"dominance": self.dominance.to_json(ordinal)}
        if self.multipliers is not None:
            return {"refutes": self.refutes, **self._leaf_to_json(design)}
        if self.lie is not None:
            return {
                "lie": lie_name(design, self.lie),
                "beliefs": [case.to_json(design) for case in self.beliefs],
            }
        assert self.yes is not None and self.no is not None
        return {
            "outcome": self.outcome,
            "profile": list(self.profile),
            "rule": self.rule,
            "yes": self.yes.to_json(design),
            "no": self.no.to_json(design),
        }

    def _leaf_to_json(self, design: Design) -> dict[str, Any]:
        assert self.multipliers is not None
        return multipliers_to_json(design, self.multipliers)

    @classmethod
    def _leaf_from_json(cls, design: Design, data: Mapping[str, Any]) -> Any:
        return multipliers_from_json(design, data)

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Self:
        """Read a case back.  Raises InvalidCertificate."""
        try:
            if "dominance" in data:
                if (ordinal := by_dominance(design)) is None:
                    raise InvalidCertificate("dominance is no consequence of what is asked")
                return cls(dominance=cls.from_json(ordinal, data["dominance"]))
            if "refutes" in data:
                return cls(cls._leaf_from_json(design, data), bool(data["refutes"]))
            if "lie" in data:
                named = {lie_name(design, lie): lie for lie in lies(design)}
                cases = tuple(cls.from_json(design, case) for case in data["beliefs"])
                return cls(lie=named[data["lie"]], beliefs=cases)
            outcome, profile = int(data["outcome"]), tuple(int(k) for k in data["profile"])
            rule, rules = int(data.get("rule", 0)), len(every_outcome(design))
            if not 0 <= outcome < len(design.environment.outcomes) or len(profile) != design.environment.n:
                raise IndexError
            if not 0 <= rule < rules:
                raise IndexError
            yes, no = (cls.from_json(design, data[side]) for side in ("yes", "no"))
        except (KeyError, TypeError, IndexError, RecursionError) as error:
            raise InvalidCertificate(f"a case that cannot be read ({type(error).__name__})") from None
        return cls(None, False, outcome, profile, yes, no, rule)


def by_dominance(design: Design) -> Design | None:
    """The same question with IC by dominance, where that asks the same of a mechanism; None where it does not.

    Without lotteries, money and slack, ex-post IC says that a lie never leads to a better outcome: so if it leads into an upper
    contour set, truth does too.  Of lotteries dominance asks more (Gibbard 1977), so that bounds are closer.
    """
    environment = design.environment
    if not design.deterministic or design.ic != "ex-post" or design.transfers != "none":
        return None
    if not environment.exact or environment.actions is not None:
        return None
    if any(slack(design, i) is not None for i in range(environment.n)):
        return None
    return design.asking(ic="ordinal")


def check_beliefs(design: Design, y: Multipliers, taken: Mapping[Lie, int]) -> None:
    """That a maxmin proof sees each lie under the belief of its case, or the only one there is.  Raises InvalidCertificate."""
    for lie in lies(design) if design.worst_state and y.rules is not None else ():
        label = y.rules.labels.punishes[lie[0]][lie[1:]]  # type: ignore[union-attr]
        if label not in (NOBODY, taken.get(lie, only(design, lie))):
            raise InvalidCertificate("a lie that is not seen under the belief of its case")


def check_alone(design: Design, y: Multipliers) -> None:
    """That multipliers prove something without cases: no rule is said to punish two lies, and a maxmin type sees a lie under a
    belief only where it holds one.  Raises InvalidCertificate."""
    Case(y).check_labels(design)
    check_beliefs(design, y, {})


def every_outcome(design: Design) -> npt.NDArray[np.bool_]:
    """What may be used before any case is distinguished, a copy for each rule with an allocation of its own."""
    copies = Rules.of(design).count if design.allocation_by_rule else 1
    return np.repeat(design.allowed[None], copies, axis=0)


def branch(
    allowed: npt.NDArray[np.bool_], outcome: int, cell: tuple[int, ...], used: bool
) -> npt.NDArray[np.bool_]:
    """``allowed`` narrowed to one outcome at a cell ``(rule, *profile)`` (``used``), or to all the others."""
    kept = np.arange(allowed.shape[1]) == outcome
    at = (cell[0], slice(None), *cell[1:])
    out = allowed.copy()
    out[at] &= kept if used else ~kept  # type: ignore[index]
    return out
