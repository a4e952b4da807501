"""What follows from beliefs alone, for every profile of utilities: theorems with their assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..deadline import Deadline
from ..environment.model import Environment
from .conditions import (
    Believers,
    Finding,
    bdp,
    common_prior,
    convex_independence,
    identifiability,
    positive_pairs,
)
from .no_common_prior import ncp_star, ncp_star_star, weak_ncp_star

ONE = Fraction(1)


@dataclass(frozen=True)
class Theorem:
    """A verdict "for every utility profile": ``holds`` is None where an assumption fails, or a condition was not decided
    (``missing`` names it), and where the theorem is sufficient only.

    ``name`` is the short one by which payoffs that refute it are asked for (:mod:`mechlp.study.counterexamples`).
    """

    statement: str
    source: str
    holds: bool | None
    missing: str = ""
    name: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "statement": self.statement,
            "source": self.source,
            "holds": self.holds,
            "missing": self.missing,
            "name": self.name,
        }


@dataclass(frozen=True)
class Examination:
    """All findings on the beliefs of an environment, the theorems, and the types that were left out."""

    title: str
    findings: tuple[Finding, ...]
    theorems: tuple[Theorem, ...]
    dropped: tuple[str, ...]

    def holds(self, condition: str) -> bool | None:
        """A condition over all agents: None when it is undefined, or not decided and fails for none."""
        return _all(f.holds for f in self.findings if f.condition == condition)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        names = dict.fromkeys(f.condition for f in self.findings)
        return {
            "title": self.title,
            "conditions": {name: self.holds(name) for name in names},
            "findings": [f.to_json() for f in self.findings],
            "theorems": [t.to_json() for t in self.theorems],
            "dropped": list(self.dropped),
        }


def examine(
    environment: Environment,
    *,
    alpha: Fraction = ONE,
    time_limit: float | Deadline | None = None,
    progress: Callable[[str], None] | None = None,
) -> Examination:
    """Every condition and every theorem, exactly; what does not end in time (seconds, or a deadline) is not examined.

    With ambiguous transfers, types put the weight ``alpha`` on the worst announced rule and the rest on the best.  ``progress``
    is called with the name of each condition as it begins.

    Raises
    ------
    InvalidEnvironment
        When the environment has no beliefs.
    """
    who = Believers.of(environment)
    dropped = [
        f"{a.name}={a.types[k]}"
        for i, a in enumerate(who.agents)
        for k in range(a.size)
        if k not in who.defined(i)
    ]
    deadline, say = Deadline.of(time_limit), progress or (lambda phase: None)
    # Each has an equal part of what is left: the first may leave most of it, the last has all.
    say("convex independence")
    independent = convex_independence(environment, time_limit=_part(deadline, 5))
    say("common prior")
    prior = common_prior(environment, time_limit=_part(deadline, 4))
    say("NCP*")
    tied = ncp_star(environment, time_limit=_part(deadline, 3))
    weakly_tied = weak_ncp_star(environment, tied, time_limit=_part(deadline, 2))
    identifiable = identifiability(environment, time_limit=deadline, progress=say)
    findings = (
        positive_pairs(environment),
        *bdp(environment),
        *independent,
        identifiable,
        prior,
        *tied,
        *weakly_tied,
        ncp_star_star(environment),
    )
    informed = sum(len(who.defined(i)) > 1 for i in range(len(who.agents)))
    return Examination(environment.title, findings, theorems(findings, alpha, informed), tuple(dropped))


def _part(deadline: Deadline, parts: int) -> Deadline:
    return deadline.within(deadline.left / parts)


def _all(parts: Iterable[bool | None]) -> bool | None:
    """Whether all hold, where some may not be known."""
    known = list(parts)
    return False if False in known else None if None in known else True


def theorems(findings: Sequence[Finding], alpha: Fraction, informed: int) -> tuple[Theorem, ...]:
    """The verdicts that follow from findings, each only where its assumptions hold; ``informed`` agents have several types."""

    def each(condition: str) -> list[bool | None]:
        return [f.holds for f in findings if f.condition == condition]

    def every(condition: str) -> bool | None:
        return _all(each(condition))

    positive, prior, n = every("positive pairs"), every("common prior"), len(each("BDP"))
    unmet = "there is only one agent" if n < 2 else "" if positive else "some pair of types is impossible"
    unknown = "whether there is a common prior was not decided" if prior is None else ""
    needs_prior = unmet or unknown or ("" if prior else "there is no common prior")
    needs_none = unmet or unknown or ("there is a common prior" if prior else "")
    each_bdp, identifiable = each("BDP"), every("identifiability")
    all_bdp, but_one = every("BDP"), sum(map(bool, each_bdp)) >= n - 1
    ci, star, weak = "convex independence", "NCP*", "weak NCP*"

    def uncrossed(condition: str) -> bool | None:
        """Whether no agent fails the condition while another fails BDP."""
        others = ((i, b, j, s) for i, b in enumerate(each_bdp) for j, s in enumerate(each(condition)))
        return _all(b or s for i, b, j, s in others if i != j)

    # Guo (2018), section 1.5.3: which of the verdicts for types who fear the worst rule are left for those who hope as well.
    fear = "" if alpha > Fraction(1, 2) else "alpha must exceed 1/2"
    only = fear or ("" if alpha == 1 else "it is stated for alpha = 1")

    def sufficient(holds: bool | None) -> bool | None:
        return holds if alpha == 1 else _sufficient(holds)

    def theorem(
        name: str, statement: str, source: str, holds: bool | None, missing: str, *rests_on: str
    ) -> Theorem:
        unknown = [c for c in rests_on if None in each(c)] if holds is None else []
        missing = missing or (f"whether {unknown[0]} holds was not decided" if unknown else "")
        return Theorem(statement, source, None if missing else holds, missing, name)

    return (
        theorem(
            "cremer-mclean",
            "A Bayesian mechanism extracts the full surplus, whatever the utilities",
            "Crémer and McLean (1988), Theorem 2",
            every(ci),
            needs_prior,
            ci,
        ),
        theorem(
            "kosenok-severinov",
            "A Bayesian mechanism with interim IR and ex-post BB implements every efficient allocation, whatever the utilities",
            "Kosenok and Severinov (2008), Theorem 1",
            _all((every(ci), identifiable)),
            needs_prior,
            ci,
            "identifiability",
        ),
        theorem(
            "1.4.1",
            "Ambiguous transfers extract the full surplus, whatever the utilities",
            "Guo (2018), Theorem 1.4.1",
            sufficient(all_bdp),
            needs_prior or fear,
        ),
        theorem(
            "1.4.2",
            "Ambiguous transfers with interim IR and ex-post BB implement every efficient allocation, whatever the utilities",
            "Guo (2018), Theorem 1.4.2",
            all_bdp,
            needs_prior or fear,
        ),
        theorem(
            "1.5.1",
            "With private values, ambiguous transfers implement every efficient allocation with interim IR and ex-post BB",
            "Guo (2018), Theorem 1.5.1",
            sufficient(but_one),
            needs_prior or fear,
        ),
        theorem(
            "1.5.2",
            "Ambiguous transfers implement every efficient allocation without a common prior (sufficient only)",
            "Guo (2018), Theorem 1.5.2",
            _sufficient(all_bdp, every(star)),
            needs_none or only,
            star,
        ),
        theorem(
            "1.5.3",
            "With private values and no common prior, ambiguous transfers implement every efficient allocation (sufficient only)",
            "Guo (2018), Theorem 1.5.3",
            _sufficient(uncrossed(star)),
            needs_none or only,
            star,
        ),
        theorem(
            "socially-rational",
            "Ambiguous transfers with interim IR and ex-post BB implement every rule of non-negative expected surplus",
            "Guo (2018), remark after Theorem 1.4.2",
            all_bdp,
            needs_prior or fear,
        ),
        theorem(
            "a.1.1",
            "With private values, ambiguous transfers with interim IR and ex-post BB implement every rule of non-negative "
            "expected surplus",
            "Guo (2018), Example A.1.1",
            all_bdp,
            needs_prior or fear,
        ),
        theorem(
            "bayesian-private-values",
            "With private values, a Bayesian mechanism with interim IR and ex-post BB implements every efficient allocation",
            "Guo (2018), Proposition 1.5.1 and footnote 9",
            _bayesian_private(each(ci), identifiable, informed),
            needs_prior,
            ci,
            "identifiability",
        ),
        theorem(
            "footnote-10",
            "Ambiguous transfers leave no type a rent and are efficient without a common prior, whatever the utilities",
            "Guo (2018), footnote 10",
            all_bdp,
            needs_none or only,
        ),
        theorem(
            "1.5.2-necessary",
            "Ambiguous transfers implement every efficient allocation without a common prior (necessary only)",
            "Guo (2018), remark after Theorem 1.5.2",
            _necessary(all_bdp, every(weak)),
            needs_none or only,
            weak,
        ),
        theorem(
            "1.5.3-necessary",
            "With private values and no common prior, ambiguous transfers implement every efficient allocation (necessary only)",
            "Guo (2018), remark after Theorem 1.5.3",
            _necessary(uncrossed(weak)),
            needs_none or only,
            weak,
        ),
    )


def _bayesian_private(ci: Sequence[bool | None], identifiable: bool | None, informed: int) -> bool | None:
    """No for two agents (footnote 9), or where convex independence fails for two (Proposition 1.5.1); yes where it fails for at
    most one and the prior is identifiable.

    Both take several types of at least two agents (Appendix A.2).  One who alone has several is paid the others' payoffs by them.
    """
    if informed < 2:
        return True
    if len(ci) == 2 or sum(holds is False for holds in ci) > 1:
        return False
    return True if identifiable and sum(map(bool, ci)) >= len(ci) - 1 else None


def _sufficient(*parts: bool | None) -> bool | None:
    """A sufficient condition proves, and its failure proves nothing."""
    return True if all(parts) else None


def _necessary(*parts: bool | None) -> bool | None:
    """A necessary condition refutes, and proves nothing."""
    return False if False in parts else None
