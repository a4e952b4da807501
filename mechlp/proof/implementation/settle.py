"""Each condition with what settles it: a question and a witness in, a finding out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...question.implementation import Implementation
from .findings import Finding
from .incentives import ambiguous_ic, interim_ic, robust_ic
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
    "bad-outcome": bad_outcome,
    "weak-pareto": weak_pareto,
}


def finding_of(question: Implementation, check: str, witness: Mapping[str, Any]) -> Finding:
    """What a witness shows about a condition.

    Raises
    ------
    InvalidCertificate
        When it shows nothing.
    """
    if set(witness) == {"undecided"}:
        return Finding(check, None, (str(witness["undecided"]),), dict(witness))
    return SETTLED[check](question, witness)


__all__ = ["FORMAT", "SETTLED", "finding_of"]
