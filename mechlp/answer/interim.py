"""The answer to a symmetric design: an interim rule, the bound that multipliers prove, and how they were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..exact.decimals import about, nearest
from ..exact.numbers import text
from ..exact.saved import checksum
from .protocol import BaseAnswer

if TYPE_CHECKING:
    from ..mechanism.audit import Audit
    from ..mechanism.interim import InterimRule
    from ..proof.identical_rates import Identical
    from ..proof.rates import Rates
    from ..proof.reduced_form import Flow
    from ..question.symmetric import SymmetricDesign


@dataclass(frozen=True, repr=False)
class InterimAnswer(BaseAnswer):
    """A certified verdict on a :class:`~mechlp.question.symmetric.SymmetricDesign`.

    ``rule`` attains ``value`` and passes the audit; ``proof`` shows that nothing exceeds ``bound``.  ``optimal`` when they
    meet (``feasible`` when nothing was to be maximised); ``undecided`` when they do not: the best value lies between them,
    both ends exact.  ``rates`` are one-sided rates of an optimum, where they were asked for.
    """

    design: SymmetricDesign
    status: str
    value: Fraction
    bound: Fraction
    rule: InterimRule
    proof: Flow
    audit: Audit
    notes: tuple[str, ...] = ()
    method: str = ""
    timings: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    rates: Rates | None = None

    @property
    def certified(self) -> bool:
        """Both ends of the bracket are exact and checked."""
        return self.audit.passed

    @property
    def judge(self) -> Identical:
        """What its rates are proved from."""
        from ..proof.identical_rates import Identical

        return Identical(self.design)

    def to_json(self) -> dict[str, Any]:
        """The whole answer: exact strings, self-contained (the problem is embedded), with a checksum."""
        from ..files.writer import document_of
        from ..proof.reduced_form import FORMAT
        from ..proof.written_rates import rates_to_json

        written = self.rates and rates_to_json(self.judge, self.rates, self.proof, (self.rule,))
        body: dict[str, Any] = {
            "format": FORMAT,
            "status": self.status,
            "value": text(self.value),
            "value_float": nearest(self.value),
            "bound": text(self.bound),
            "certified": self.certified,
            "problem": document_of(self.design),
            "interim_rule": self.rule.to_json(),
            "certificate": self.proof.to_json(),
            "rates": written,
            "notes": list(self.notes),
            "method": self.method,
            "timings": {k: round(v, 6) for k, v in self.timings.items()},
            "versions": dict(self.versions),
        }
        return {**body, "sha256": checksum(body)}

    def __repr__(self) -> str:
        shown = f"value {about(self.value, 9)}" if self.value == self.bound else "a bracket"
        return f"<InterimAnswer: {self.status}, {shown}; {self.design!r}>"
