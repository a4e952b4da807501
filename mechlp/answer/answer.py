"""The answer to a design: a verdict, the mechanism, the proof, and how they were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..exact.decimals import nearest
from ..exact.numbers import text
from ..exact.saved import checksum
from ..mechanism.menu import menu_json
from ..mechanism.payoffs import payoffs_json, punishments_json
from ..mechanism.welfare import given_welfare
from ..proof.rates import Proven
from ..proof.written_rates import Whole, rates_to_json
from .protocol import BaseAnswer

if TYPE_CHECKING:
    from ..mechanism.audit import Audit
    from ..mechanism.mechanism import Mechanism
    from ..mechanism.rounding import RoundedMechanism
    from ..mechanism.simple import SimpleMechanism
    from ..program.highs import Basis
    from ..proof.cases import Case
    from ..proof.fewest import Fewest
    from ..proof.guarantee import WorstCase
    from ..proof.rates import Rates
    from ..proof.relaxation import Relaxation
    from ..question.design import Design

FORMAT = "mechlp answer 1"
STATUSES = (
    "feasible",
    "infeasible",
    "optimal",
    "bracket",
    "unbounded",
    "undominated",
    "dominated",
    "undecided",
)


#: Where the bound of an undecided answer comes from.  Both kinds are rigorous, and checked like proofs of optimality.
ROUNDED = "rounded multipliers, corrected exactly"
RELAXED = "exact multipliers of a relaxation, some choices left open"


def verdict(design: Design, value: Fraction | None, bound: Fraction | None) -> str:
    """What a value that a mechanism surely attains (None: none is shown) and a bound that none exceeds amount to.

    The objective ``undominated`` counts from the given mechanism: a gain dominates it, and only a bound of nothing says that
    none does.
    """
    if design.wants.kind == "undominated":
        if value is not None and value > 0:
            return "dominated"
        return "undominated" if bound is not None and bound <= 0 else "undecided"
    if value is None or bound is None:
        return "undecided"
    return "optimal" if value == bound else "bracket"


@dataclass(frozen=True, repr=False)
class Answer(BaseAnswer):
    """A certified verdict on a :class:`~mechlp.question.Design`.

    * ``feasible``: ``mechanism`` passes the audit (``audit.passed``).
    * ``infeasible``: ``proof`` shows that no mechanism exists.
    * ``optimal``: ``mechanism`` attains ``value`` and ``proof`` shows that none does better.
    * ``bracket``: where payoffs are irrational, ``mechanism`` surely attains ``value``, and ``proof`` shows that nothing surely
      exceeds ``bound``.
    * ``unbounded``: ``mechanism + s * direction`` is a mechanism for every ``s >= 0``, and improves without end.
    * ``undecided``: ``mechanism`` (if any) attains ``value``, ``proof`` (if any) gives ``bound``; they do
      not meet.  ``bound_from`` says what kind of bound it is.

    The mechanism is the tuple of its ``rules``: one, unless transfers are ambiguous (then ``fewest`` brackets how many
    are needed); ``direction`` likewise.

    ``worst_case`` shows, where the designer holds a set of priors possible, that the mechanism (``unbounded``: the
    direction) guarantees its value.

    ``continuum`` is the answer about types between the grid's points, where that was asked: its value is a guarantee in the
    continuum, reached by ``continuum_mechanism``, and ``value`` an upper bound there.

    ``control``: where agents are averse to risk, the answer to the same question about risk-neutral ones.

    ``undominated`` and ``dominated`` answer whether anything is gained over a given mechanism.  ``simple`` is the mechanism where
    it is a simple one (:mod:`mechlp.mechanism.simple`), and ``posted``, with trade at prices, the best posted price of the list
    and its welfare.

    ``rates`` are what the optimum gains and loses per unit by which single requirements give way or are asked more strictly
    (None: not asked).

    ``reductions`` says which theorems left less to compile, and what they saved.

    ``certified`` says that the verdict is exact; ``unique`` whether the returned optimum is the only one
    (None: not examined).
    """

    design: Design
    status: str
    certified: bool
    value: Fraction | None = None
    bound: Fraction | None = None
    rules: tuple[Mechanism, ...] = ()
    direction: tuple[Mechanism, ...] = ()
    proof: Case | None = None
    audit: Audit | None = None
    unique: bool | None = None
    fewest: Fewest | None = None
    relaxations: tuple[Relaxation, ...] = ()
    worst_case: WorstCase | None = None
    rates: Rates | None = None
    continuum: Answer | None = None
    control: Answer | None = None
    simple: SimpleMechanism | None = None
    posted: tuple[Fraction, Fraction] | None = None
    notes: tuple[str, ...] = ()
    method: str = ""
    bound_from: str = ""
    reductions: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    #: Where the program of a neighbouring question may start (`solve(start=...)`); it proves nothing.
    basis: Basis | None = field(default=None, compare=False)

    @property
    def exists(self) -> bool | None:
        """Whether a mechanism exists; None when undecided and none was found."""
        compared = self.status in ("undominated", "dominated")
        return True if self.rules and not compared else super().exists

    @property
    def welfare(self) -> tuple[Fraction, Fraction] | None:
        """Rational ends of the expected welfare of a mechanism for trade at prices that the question gives; None elsewhere."""
        return given_welfare(self.design)

    @property
    def mechanism(self) -> Mechanism | None:
        """The mechanism where it is a single rule; None when there is none, or when it takes several (``rules``)."""
        return self.rules[0] if len(self.rules) == 1 else None

    @property
    def continuum_mechanism(self) -> RoundedMechanism | None:
        """The mechanism with the guarantee, as a function of types in the continuum."""
        found = None if self.continuum is None else self.continuum.mechanism
        if found is None:
            return None
        from ..mechanism.rounding import RoundedMechanism

        return RoundedMechanism(found)

    def to_json(self) -> dict[str, Any]:
        """The whole answer: exact strings, self-contained (the problem is embedded), with a checksum."""
        exact = lambda v: None if v is None else text(v)  # noqa: E731
        from ..files.writer import document_of

        welfare = self.welfare
        shown = self.mechanism if self.simple is None else self.simple
        body: dict[str, Any] = {
            "format": FORMAT,
            "status": self.status,
            "value": exact(self.value),
            "value_float": nearest(self.value),
            "bound": exact(self.bound),
            "bound_from": self.bound_from or None,
            "certified": self.certified,
            "unique": self.unique,
            "problem": document_of(self.design),
            "bound_float": nearest(self.bound),
            "mechanism": None if shown is None else shown.to_json(),
            "welfare": None if welfare is None else [exact(v) for v in welfare],
            "rules": [rule.to_json() for rule in self.rules],
            "menu": menu_json(self.rules[0]) if len(self.rules) == 1 else None,
            "direction": [rule.to_json() for rule in self.direction],
            "certificate": None if self.proof is None else self.proof.to_json(self.design),
            "worst_case": None if self.worst_case is None else self.worst_case.to_json(self.design),
            "rates": self._rates_json(),
            "continuum": None if self.continuum is None else self.continuum.to_json(),
            "risk_neutral_control": None if self.control is None else self.control.to_json(),
            "best_posted_price": None if self.posted is None else [exact(v) for v in self.posted],
            "fewest_rules": None if self.fewest is None else self.fewest.to_json(self.design),
            "interim_payoffs": None if not self.rules else payoffs_json(self.design, self.rules),
            "lies": punishments_json(self.design, self.rules) if self.rules else None,
            "relaxations": [r.to_json(self.design) for r in self.relaxations],
            "notes": list(self.notes),
            "method": self.method,
            "reductions": list(self.reductions),
            "timings": {k: round(v, 6) for k, v in self.timings.items()},
            "versions": dict(self.versions),
        }
        return {**body, "sha256": checksum(body)}

    @property
    def judge(self) -> Proven:
        """What its rates are proved from."""
        return Proven(self.design)

    def _rates_json(self) -> dict[str, Any] | None:
        own = None if self.proof is None else self.proof.multipliers
        return None if self.rates is None else rates_to_json(Whole(self.design), self.rates, own, self.rules)

    def __repr__(self) -> str:
        value = "" if self.value is None else f", value {text(self.value)}"
        sure = "certified" if self.certified else "not certified"
        return f"<Answer: {self.status}{value}, {sure}; {self.design!r}>"
