"""Each condition with what settles it: a question and a witness in, a finding out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...question.economy import Exchange
from ...question.implementation import Implementation
from . import exchange
from .ambiguous import ambiguous_pareto, local_efficiency
from .equilibria import equilibrium, full_implementation
from .findings import VERDICTS, Finding
from .incentives import ambiguous_ic, interim_ic, robust_ic
from .interim_rewards import READINGS, interim_monotonicity
from .knowledge import agreement, assumption, closure
from .maxmin_rewards import ambiguous_monotonicity, cheap_test
from .monotone import corrected, printed
from .outcomes import bad_outcome, weak_pareto
from .patterns import lattice, varies

Settle = Callable[[Implementation, Mapping[str, Any]], Finding]
FORMAT = "mechlp implementation 1"
#: Conditions of economies.
EXCHANGE: Mapping[str, Callable[[Exchange, Mapping[str, Any]], Finding]] = {
    "maximin-rationality": lambda question, _: exchange.rationality(question),
    "core-implementation": lambda q, _: exchange.set_implementation(q, "core-implementation"),
    "value-implementation": lambda q, _: exchange.set_implementation(q, "value-implementation"),
    "maximin-core": exchange.core,
    "maximin-value": exchange.value,
    "maximin-value-exists": exchange.value_exists,
}
#: Conditions decided by going through all cases take no witness.
SETTLED: Mapping[str, Settle] = {
    "robust-ic": lambda question, _: robust_ic(question),
    "robust-strong-ic": lambda question, _: robust_ic(question, "robust-strong-ic", strong=True),
    "robust-ic-unpooled": lambda question, _: robust_ic(question, "robust-ic-unpooled", pooled=False),
    "interim-ic": lambda question, _: interim_ic(question, "interim-ic", pooled=True),
    "interim-ic-unpooled": lambda question, _: interim_ic(question, "interim-ic-unpooled", pooled=False),
    "ambiguous-ic": lambda question, _: ambiguous_ic(question),
    "robust-monotonicity": lambda q, w: corrected(q, "robust-monotonicity", w, strong=False),
    "robust-monotonicity-printed": lambda q, w: printed(q, "robust-monotonicity-printed", w, strong=False),
    "robust-strong-monotonicity": lambda q, w: corrected(q, "robust-strong-monotonicity", w, strong=True),
    "robust-strong-monotonicity-printed": lambda q, w: printed(
        q, "robust-strong-monotonicity-printed", w, strong=True
    ),
    "ambiguous-strong-ic": lambda q, _: ambiguous_ic(q, "ambiguous-strong-ic", strong=True),
    "ambiguous-pareto": ambiguous_pareto,
    "ambiguous-monotonicity": lambda q, w: ambiguous_monotonicity(q, "ambiguous-monotonicity", w, False),
    "ambiguous-strong-monotonicity": lambda q, w: ambiguous_monotonicity(
        q, "ambiguous-strong-monotonicity", w, True
    ),
    "lemma-3.6.2": lambda question, _: cheap_test(question),
    "local-efficiency": lambda question, _: local_efficiency(question),
    "closure": lambda question, _: closure(question),
    "agreement": lambda question, _: agreement(question),
    "assumption-3.4.1": lambda question, _: assumption(question),
    **{
        check: lambda question, witness, check=check: interim_monotonicity(question, check, witness)  # type: ignore[misc]
        for check in READINGS
    },
    "interim-equilibrium": lambda q, _: equilibrium(q, "interim-equilibrium", "pooled"),
    "interim-equilibrium-unpooled": lambda q, _: equilibrium(q, "interim-equilibrium-unpooled", "unpooled"),
    "ambiguous-equilibrium": lambda q, _: equilibrium(q, "ambiguous-equilibrium", "maxmin"),
    "interim-full-implementation": lambda q, _: full_implementation(
        q, "interim-full-implementation", "pooled"
    ),
    "interim-full-implementation-unpooled": lambda q, _: full_implementation(
        q, "interim-full-implementation-unpooled", "unpooled"
    ),
    "ambiguous-full-implementation": lambda q, _: full_implementation(
        q, "ambiguous-full-implementation", "maxmin"
    ),
    "bad-outcome": bad_outcome,
    "weak-pareto": weak_pareto,
}


@dataclass(frozen=True)
class Theorem:
    """A theorem of sufficiency: ``necessary`` conditions, and further ones that make them sufficient."""

    number: str
    necessary: tuple[str, ...]
    further: tuple[str, ...]
    #: Necessary only where all agents together can form a coalition.
    together: tuple[str, ...] = ()
    #: Whether it is about the one function, whatever else is in the set.
    of_one: bool = False

    def about(self, question: Implementation) -> Implementation:
        """What its conditions are asked of."""
        return question.asking(functions=()) if self.of_one and question.functions else question

    def parts(self, question: Implementation) -> tuple[str, ...]:
        """The conditions that count for a question."""
        everybody = tuple(range(question.environment.n)) in question.pattern
        return (*self.necessary, *(self.together if everybody else ()), *self.further)


THEOREMS: Mapping[str, Theorem] = {
    "robust-implementation": Theorem(
        "2.5.1", ("robust-ic", "robust-monotonicity"), ("bad-outcome",), of_one=True
    ),
    "double-implementation": Theorem(
        "2.6.1", ("robust-strong-ic", "robust-strong-monotonicity"), ("bad-outcome",), of_one=True
    ),
    "ambiguous-implementation": Theorem(
        "3.4.1",
        ("ambiguous-ic", "ambiguous-monotonicity", "closure"),
        ("assumption-3.4.1", "bad-outcome"),
        ("local-efficiency",),
    ),
    "ambiguous-double-implementation": Theorem(
        "3.5.1",
        ("ambiguous-strong-ic", "ambiguous-strong-monotonicity", "closure", "local-efficiency"),
        ("assumption-3.4.1", "bad-outcome"),
    ),
}


def theorem(question: Implementation, check: str, witness: Mapping[str, Any]) -> Finding:
    """Implementable where all conditions of the theorem hold, by rewards that serve all beliefs at once; not where a necessary
    one fails; else undecided."""
    known = THEOREMS[check]
    question = known.about(question)
    parts = [finding_of(question, part, witness["parts"][part]) for part in known.parts(question)]
    saved = {"parts": {part.check: dict(part.witness) for part in parts}}
    said = [f"{part.check} {VERDICTS[part.holds]}: {part.words[0]}" for part in parts]
    verdicts = {part.check: part.holds for part in parts}
    missing = [name for name, holds in verdicts.items() if holds is not True]
    if not missing and one_for_all(saved["parts"]):
        return Finding(check, True, (f"implementable, by Theorem {known.number}", *said), saved)
    failing = [name for name in missing if verdicts[name] is False and name not in known.further]
    if failing:
        return Finding(check, False, (f"not implementable: {failing[0]} is necessary", *said), saved)
    why = (
        f"Theorem {known.number} is silent: {missing[0]} {VERDICTS[verdicts[missing[0]]]}"
        if missing
        else f"the proof of Theorem {known.number} needs one reward function for all beliefs, and some found here depend on them"
    )
    return Finding(check, None, (why, *said), saved)


def one_for_all(witness: Any) -> bool:
    """Whether no refutation in a witness is by a mixture of rewards, which serve different beliefs."""
    if isinstance(witness, Mapping):
        return "mixtures" not in witness and all(map(one_for_all, witness.values()))
    return all(map(one_for_all, witness)) if isinstance(witness, (list, tuple)) else True


def finding_of(question: Implementation | Exchange, check: str, witness: Mapping[str, Any]) -> Finding:
    """What a witness shows about a condition.

    Raises
    ------
    InvalidCertificate
        When it shows nothing.
    """
    if set(witness) == {"undecided"}:
        return Finding(check, None, (str(witness["undecided"]),), dict(witness))
    if isinstance(question, Exchange):
        return EXCHANGE[check](question, witness)
    if varies(question, check):
        return lattice(question, witness, lambda own, part: finding_of(own, check, part))
    if check in THEOREMS:
        return theorem(question, check, witness)
    return SETTLED[check](question, witness)


__all__ = ["FORMAT", "SETTLED", "THEOREMS", "finding_of"]
