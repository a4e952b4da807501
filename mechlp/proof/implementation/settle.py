"""Each condition with what settles it: a question and a witness in, a finding out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...question.implementation import Implementation
from .findings import VERDICTS, Finding
from .incentives import ambiguous_ic, interim_ic, robust_ic
from .monotone import corrected, printed
from .outcomes import bad_outcome, weak_pareto

Settle = Callable[[Implementation, Mapping[str, Any]], Finding]
FORMAT = "mechlp implementation 1"
#: Conditions decided by going through all cases take no witness.
SETTLED: Mapping[str, Settle] = {
    "robust-ic": lambda question, _: robust_ic(question),
    "robust-strong-ic": lambda question, _: robust_ic(question, "robust-strong-ic", strong=True),
    "interim-ic": lambda question, _: interim_ic(question, "interim-ic", pooled=True),
    "interim-ic-unpooled": lambda question, _: interim_ic(question, "interim-ic-unpooled", pooled=False),
    "ambiguous-ic": lambda question, _: ambiguous_ic(question),
    "robust-monotonicity": lambda q, w: corrected(q, "robust-monotonicity", w, strong=False),
    "robust-monotonicity-printed": lambda q, w: printed(q, "robust-monotonicity-printed", w, strong=False),
    "robust-strong-monotonicity": lambda q, w: corrected(q, "robust-strong-monotonicity", w, strong=True),
    "robust-strong-monotonicity-printed": lambda q, w: printed(
        q, "robust-strong-monotonicity-printed", w, strong=True
    ),
    "bad-outcome": bad_outcome,
    "weak-pareto": weak_pareto,
}


#: What the sufficiency theorems ask for: necessary conditions, and the bad outcome.
THEOREMS: Mapping[str, tuple[str, ...]] = {
    "robust-implementation": ("robust-ic", "robust-monotonicity", "bad-outcome"),
    "double-implementation": ("robust-strong-ic", "robust-strong-monotonicity", "bad-outcome"),
}


def theorem(question: Implementation, check: str, witness: Mapping[str, Any]) -> Finding:
    """Implementable where all conditions of the theorem hold, by rewards that serve all beliefs at once; not where a necessary
    one fails; else undecided."""
    parts = [finding_of(question, part, witness["parts"][part]) for part in THEOREMS[check]]
    number = "2.5.1" if check == "robust-implementation" else "2.6.1"
    saved = {"parts": {part.check: dict(part.witness) for part in parts}}
    said = [f"{part.check} {VERDICTS[part.holds]}: {part.words[0]}" for part in parts]
    missing = [part.check for part in parts if part.holds is not True]
    if not missing and one_for_all(saved["parts"][THEOREMS[check][1]]):
        return Finding(check, True, (f"implementable, by Theorem {number}", *said), saved)
    necessary = [part.check for part in parts[:2] if part.holds is False]
    if necessary:
        return Finding(check, False, (f"not implementable: {necessary[0]} is necessary", *said), saved)
    why = (
        f"Theorem {number} is silent: {missing[0]} {VERDICTS[{p.check: p.holds for p in parts}[missing[0]]]}"
        if missing
        else f"the proof of Theorem {number} needs one reward function for all beliefs, and some found here depend on them"
    )
    return Finding(check, None, (why, *said), saved)


def one_for_all(witness: Any) -> bool:
    """Whether no refutation in a witness is by a mixture of rewards, which serve different beliefs."""
    if isinstance(witness, Mapping):
        return "mixtures" not in witness and all(map(one_for_all, witness.values()))
    return all(map(one_for_all, witness)) if isinstance(witness, (list, tuple)) else True


def finding_of(question: Implementation, check: str, witness: Mapping[str, Any]) -> Finding:
    """What a witness shows about a condition.

    Raises
    ------
    InvalidCertificate
        When it shows nothing.
    """
    if set(witness) == {"undecided"}:
        return Finding(check, None, (str(witness["undecided"]),), dict(witness))
    if check in THEOREMS:
        return theorem(question, check, witness)
    return SETTLED[check](question, witness)


__all__ = ["FORMAT", "SETTLED", "THEOREMS", "finding_of"]
