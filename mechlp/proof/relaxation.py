"""What must give way where nothing is feasible: the least amount, with a mechanism that it allows and why no less does.

With multipliers y and ``total`` the sum of those on the requirements that give way, every mechanism that breaks none of
them by more than eps has ``-eps * total <= sum y * slack <= bound``: so ``eps >= -bound / total``.  A negative bound with
``total <= 0`` says that giving way there does not help, however much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from ..exact.numbers import rational, text
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from .bound import bound
from .cases import Case, check_alone, check_beliefs, every_outcome
from .invalid import InvalidCertificate
from .multipliers import Multipliers
from .written import multipliers_from_json, multipliers_to_json

#: What may give way: every IC requirement, every IR requirement, or budget balance.
Give = Literal["ic", "ir", "bb"]
WAYS = ("bb", "ic", "ir")


@dataclass(frozen=True)
class Relaxation:
    """The least that must give way for a mechanism to exist.

    ``what`` gives way: budget balance (``bb``: a subsidy), every IC or every IR; ``amount`` is exact, None where giving way
    there alone does not help.  ``rules`` are a mechanism that it allows; ``proof`` shows that less does not (None where the
    amount is zero), or ``cases`` do: each case, that it takes as much, or that giving way does not help there.
    """

    what: str
    amount: Fraction | None
    rules: tuple[Mechanism, ...] = ()
    proof: Multipliers | None = None
    cases: Case | None = None

    def in_words(self) -> str:
        """One sentence without its full stop."""
        if self.amount is None:
            return f"{self._subject} alone does not help"
        if self.what == "bb" and self.amount == 0:
            return "no subsidy is needed: it is enough that money may be burnt (weak budget balance)"
        return f"{self._subject} {'of' if self.what == 'bb' else 'by'} {text(self.amount)} makes it possible, and no less"

    @property
    def _subject(self) -> str:
        return {"bb": "a subsidy", "ic": "relaxing every IC", "ir": "relaxing every IR"}[self.what]

    def check(self, design: Design) -> None:
        """Both sides, from the definitions.  Raises InvalidCertificate."""
        if self.what not in WAYS or getattr(design, self.what) == "none":
            raise InvalidCertificate(f"a requirement that cannot give way: {self.what!r}")
        if self.amount is not None:
            self._check_enough(design, self.amount)
        if self.proof is not None:
            self._check_least(giving_way(design, self.what), self.proof)
        elif self.cases is not None:
            self._check_cases(giving_way(design, self.what), self.cases)
        elif self.amount != 0:
            raise InvalidCertificate(f"{self.in_words()}: claimed without a proof")

    def _check_enough(self, design: Design, amount: Fraction) -> None:
        if amount < 0:
            raise InvalidCertificate(f"{self.in_words()}: a negative amount")
        asked = giving_way(design, self.what)
        if self.what == "ir":
            lower = tuple(o - amount for o in asked.environment.outside)
            asked = replace(asked, environment=replace(asked.environment, outside=lower))
        broken = [] if self.rules else ["no mechanism is given"]
        if self.rules:
            worst, gives = audit(self.rules, asked).worst, kinds_of(asked, self.what) - {"IR"}
            broken = [str(v) for v in worst if v.kind not in gives or v.amount > amount]
        if broken:
            raise InvalidCertificate(f"{self.in_words()}: {broken[0]}")

    def _check_least(self, asked: Design, proof: Multipliers) -> None:
        check_alone(asked, proof)
        total = total_on(asked, self.what, proof)
        proved = bound(asked, proof, wanted=False)
        none = self.amount is None
        held = total <= 0 and proved < 0 if none else total > 0 and -proved / total == self.amount
        if not held:
            raise InvalidCertificate(f"{self.in_words()}: the multipliers do not prove it")

    def _check_cases(self, asked: Design, cases: Case) -> None:
        for leaf, allowed, taken in cases.parts(asked, every_outcome(asked)):
            y = leaf.multipliers
            assert y is not None
            check_beliefs(asked, y, taken)
            total, proved = total_on(asked, self.what, y), bound(asked, y, allowed, wanted=False)
            helpless = total <= 0 and proved < 0
            enough = self.amount is not None and total > 0 and -proved / total >= self.amount
            if not (helpless if leaf.refutes else enough):
                raise InvalidCertificate(f"{self.in_words()}: the multipliers of a case do not prove it")

    def to_json(self, design: Design) -> dict[str, Any]:
        """Exact strings."""
        asked = giving_way(design, self.what)
        return {
            "what": self.what,
            "amount": None if self.amount is None else text(self.amount),
            "rules": [rule.to_json() for rule in self.rules],
            "no_less": None if self.proof is None else multipliers_to_json(asked, self.proof),
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Relaxation:
        """Read it back.  Raises InvalidCertificate, KeyError or ValueError."""
        what, amount = data["what"], data["amount"]
        if what not in WAYS:
            raise InvalidCertificate(f"a requirement that cannot give way: {what!r}")
        if "rules" not in data or "no_less" not in data:
            raise InvalidCertificate(
                f"what must give way ({what}): claimed without its proofs, solve it again"
            )
        proof = data["no_less"]
        return cls(
            what,
            None if amount is None else rational(amount),
            tuple(Mechanism.from_json(design.environment, rule) for rule in data["rules"]),
            None if proof is None else multipliers_from_json(giving_way(design, what), proof),
        )


def kinds_of(design: Design, what: str) -> set[str]:
    """The kinds of requirements that give way, by the names of :func:`mechlp.mechanism.audit.requirements`."""
    relaxing = {rows.kind for rows in design.requirements if rows.relaxes}
    return {"ic": {"IC", *relaxing}, "ir": {"IR"}, "bb": {"BB"}}[what]


def total_on(design: Design, what: str, y: Multipliers) -> Fraction:
    """The sum of multipliers on what gives way."""
    linear = [part for rows, part in zip(design.requirements, y.linear, strict=True) if rows.relaxes]
    parts = {"ic": (*y.ic, *linear), "ir": y.ir, "bb": (y.bb,)}[what]
    return sum((part.sum() for part in parts if part is not None), Fraction(0))


def giving_way(design: Design, what: str | None) -> Design:
    """What is still required, the amount aside: a budget that may be met with a subsidy may also be left with money over."""
    if what != "bb" or design.bb.endswith("-weak"):
        return design
    return design.asking(bb=f"{design.bb}-weak")


__all__ = ["WAYS", "Give", "Relaxation", "giving_way", "kinds_of", "total_on"]
