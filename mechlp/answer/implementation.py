"""The answer to a question about full implementation: a finding for each condition, each with its witness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..exact.saved import checksum
from .protocol import BaseAnswer

if TYPE_CHECKING:
    from ..proof.implementation.findings import Finding
    from ..question.economy import Exchange
    from ..question.implementation import Implementation


@dataclass(frozen=True, repr=False)
class ImplementationAnswer(BaseAnswer):
    """What was found about each condition of an :class:`~mechlp.question.implementation.Implementation`.

    ``holds`` when all conditions do, ``fails`` when one does not, else ``undecided``.
    """

    design: Implementation | Exchange
    findings: tuple[Finding, ...]
    timings: Mapping[str, float] = field(default_factory=dict)

    value = None
    bound = None
    method = "every case from the definitions, or an exact witness"

    @property
    def status(self) -> str:
        """One word for all conditions."""
        verdicts = [finding.holds for finding in self.findings]
        return "fails" if False in verdicts else "undecided" if None in verdicts else "holds"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is first said of each condition that does not hold, or is undecided."""
        return tuple(f"{f.check}: {f.words[0]}" for f in self.findings if f.holds is not True and f.words)

    @property
    def certified(self) -> bool:
        """Every verdict was settled from an exact witness; what is undecided claims nothing."""
        return True

    def finding(self, check: str) -> Finding:
        """What was found about a condition.  Raises KeyError."""
        return {finding.check: finding for finding in self.findings}[check]

    def to_json(self) -> dict[str, Any]:
        """The whole answer: exact strings, self-contained (the problem is embedded), with a checksum."""
        from ..files.writer import document_of
        from ..proof.implementation.settle import FORMAT

        body: dict[str, Any] = {
            "format": FORMAT,
            "status": self.status,
            "problem": document_of(self.design),
            "findings": [finding.to_json() for finding in self.findings],
            "timings": {k: round(v, 6) for k, v in self.timings.items()},
        }
        return {**body, "sha256": checksum(body)}

    def __repr__(self) -> str:
        said = ", ".join(f"{f.check} {f.to_json()['verdict']}" for f in self.findings)
        return f"<ImplementationAnswer: {said}>"
