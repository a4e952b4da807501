"""The answer to a design for trade at prices: a verdict, the mechanism, the proof, the risk-neutral control."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.prices import PriceEnvironment
from ..exact.numbers import Rationals, rational, text
from ..exact.saved import checksum
from ..files.writer import document_of
from ..mechanism.audit import Audit
from ..mechanism.prices import PriceMechanism, PriceMultipliers, audit
from ..mechanism.simple import SimpleMechanism, best_simple_bound
from ..proof.invalid import InvalidCertificate
from ..question.prices import PriceDesign
from .protocol import BaseAnswer

FORMAT = "mechlp price answer 1"
STATUSES = ("optimal", "bracket", "feasible", "infeasible", "undominated", "dominated", "undecided")
#: Most that an undominated mechanism may be shown to gain, where utilities are irrational.
NEGLIGIBLE = Fraction(1, 10**7)


@dataclass(frozen=True, repr=False)
class PriceAnswer(BaseAnswer):
    """A verdict on a :class:`~mechlp.question.prices.PriceDesign`.

    * ``optimal``: ``mechanism`` attains ``value``, and ``multipliers`` prove that none does better.
    * ``bracket``: ``mechanism`` attains at least ``value`` (a rational lower end of an irrational number); nothing is better than
      ``bound``.
    * ``feasible``, ``infeasible``: the given mechanism meets, or breaks, the requirements (``audit``).
    * ``undominated``: no mechanism gains more than ``bound`` over the given one (0, or negligible where utilities are
      irrational); ``dominated``: ``mechanism`` leaves nobody worse off at any profile, and gains at least ``value``.
    * ``undecided``.
    """

    design: PriceDesign
    status: str
    mechanism: PriceMechanism | SimpleMechanism | None = None
    value: Fraction | None = None
    bound: Fraction | None = None
    multipliers: PriceMultipliers | None = None
    audit: Audit | None = None
    control: PriceAnswer | None = None
    posted: tuple[Fraction, Fraction] | None = None
    method: str = ""
    seconds: float = 0.0

    @classmethod
    def certified_by(
        cls,
        design: PriceDesign,
        mechanism: PriceMechanism | None,
        multipliers: PriceMultipliers,
        method: str,
    ) -> PriceAnswer:
        """The verdict that a mechanism and multipliers support, from the definitions."""
        floor = design.floor
        bound = multipliers.bound(design.environment, floor)
        report = None if mechanism is None else audit(mechanism, floor)
        value = None
        if mechanism is not None and report is not None and report.passed:
            value = mechanism.welfare()[0] - (floor.welfare()[1] if floor is not None else 0)
        status = verdict(design, value, bound)
        return cls(design, status, mechanism, value, bound, multipliers, report, method=method)

    @property
    def certified(self) -> bool:
        """Whether the verdict is a theorem (``undecided`` is none)."""
        return self.status != "undecided"

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds in all."""
        return {"total": self.seconds}

    def to_json(self) -> dict[str, Any]:
        """The whole answer: exact strings, the problem inside, with a checksum."""
        exact = lambda v: None if v is None else text(v)  # noqa: E731
        y = self.multipliers
        certificate = None
        if y is not None:
            certificate = {"ic": [_sparse(part) for part in y.ic]}
            if y.floor is not None:
                certificate["not_worse_off"] = [_sparse(part) for part in y.floor]
        body: dict[str, Any] = {
            "format": FORMAT,
            "status": self.status,
            "value": exact(self.value),
            "bound": exact(self.bound),
            "value_float": None if self.value is None else float(self.value),
            "bound_float": None if self.bound is None else float(self.bound),
            "certified": self.certified,
            "problem": document_of(self.design),
            "mechanism": None if self.mechanism is None else self.mechanism.to_json(),
            "multipliers": certificate,
            "best_posted_price": None if self.posted is None else [exact(v) for v in self.posted],
            "risk_neutral_control": None
            if self.control is None
            else {
                "status": self.control.status,
                "value": exact(self.control.value),
                "bound": exact(self.control.bound),
            },
            "method": self.method,
            "seconds": round(self.seconds, 3),
        }
        return {**body, "sha256": checksum(body)}

    def __repr__(self) -> str:
        ends = (
            ""
            if self.bound is None
            else f", between {float(self.value or 0):.9g} and {float(self.bound):.9g}"
        )
        return f"<PriceAnswer: {self.status}{ends}; {self.design!r}>"


def verdict(design: PriceDesign, value: Fraction | None, bound: Fraction) -> str:
    """What a value that is attained (None: none is shown) and a bound amount to."""
    if design.objective == "undominated":
        if bound <= (0 if design.environment.exact else NEGLIGIBLE):
            return "undominated"
        return "dominated" if value is not None and value > 0 else "undecided"
    if value is None:
        return "undecided"
    return "optimal" if value == bound else "bracket"


def best_posted_price(environment: PriceEnvironment) -> tuple[Fraction, Fraction]:
    """The price of the list with the most expected welfare when posted, and that welfare (its lower end)."""
    inside = Rationals(environment.support.astype(np.int64))
    total = Rationals.zeros((len(environment.prices),))
    for agent, (low, _) in enumerate(environment.utility):
        stakes = environment.stakes(agent)
        total = total + (inside * stakes.reshape(*stakes.shape, 1) * low).sum(axis=(0, 1))
    best: Fraction = total.max()
    return environment.prices[int(np.argmax(total == best))], best


# -- saved answers --------------------------------------------------------------------------------
def _sparse(part: Rationals) -> dict[str, str]:
    return {
        ",".join(map(str, cell)): text(part[tuple(cell)])
        for cell in np.argwhere(part.numerator != 0).tolist()
    }


def _dense(data: Mapping[str, str], shape: tuple[int, ...]) -> Rationals:
    cells = np.full(shape, Fraction(0), dtype=object)
    for key, value in data.items():
        cells[tuple(map(int, key.split(",")))] = rational(value)
    return Rationals.of(cells)


def claims(data: Mapping[str, Any], design: PriceDesign) -> Iterator[str]:
    """Each claim of a saved answer that held, in words; from the definitions alone.

    Raises
    ------
    InvalidCertificate
        At the first claim that does not hold.
    """
    environment, status, floor = design.environment, data["status"], design.floor
    if data.get("sha256") != checksum(data):
        raise InvalidCertificate("the checksum does not match: the file was altered")
    yield "the checksum"
    if status not in STATUSES or status == "undecided":
        raise InvalidCertificate(f"{status!r} is no verdict to check")
    value, bound = (None if data[k] is None else rational(data[k]) for k in ("value", "bound"))
    mechanism: PriceMechanism | SimpleMechanism | None = (
        design.given if status in ("feasible", "infeasible") else None
    )
    if mechanism is None and data["mechanism"] is not None:
        kind = SimpleMechanism if design.kind == "simple" else PriceMechanism
        mechanism = kind.from_json(environment, data["mechanism"])
    if isinstance(mechanism, SimpleMechanism):
        if mechanism.distribution.sum() != 1 or bool(np.any(mechanism.distribution < 0)):
            raise InvalidCertificate("the distribution over prices is none")
        report = mechanism.audit()
    elif mechanism is not None:
        report = audit(mechanism, floor)
    if design.objective == "feasibility":
        if status != ("feasible" if report.passed else "infeasible"):
            raise InvalidCertificate(f"the mechanism: {report}")
        yield f"the mechanism: {report}"
        return
    if value is not None:
        if mechanism is None or not report.passed:
            raise InvalidCertificate("no mechanism that meets the requirements attains the value")
        reached = mechanism.welfare()[0] - (floor.welfare()[1] if floor is not None else 0)
        if reached < value:
            raise InvalidCertificate(
                f"the mechanism attains {text(reached)}, the value claimed is {text(value)}"
            )
        yield f"the mechanism: {report}; it attains {float(value):.9g}"
    if isinstance(mechanism, SimpleMechanism):
        proved = best_simple_bound(mechanism)
    else:
        proved = _read_multipliers(data["multipliers"], design).bound(environment, floor)
    if bound is None or proved > bound or (status == "dominated" and value is None):
        raise InvalidCertificate("the bound is not proved")
    if status != verdict(design, value, bound):
        raise InvalidCertificate(f"value and bound do not amount to {status!r}")
    yield f"nothing is better than {float(bound):.9g}"


def _read_multipliers(data: Mapping[str, Any], design: PriceDesign) -> PriceMultipliers:
    m, n = design.environment.shape
    first, second = (
        _dense(part, shape) for part, shape in zip(data["ic"], ((m, m, n), (n, n, m)), strict=True)
    )
    floors = data.get("not_worse_off")
    if floors is None:
        return PriceMultipliers((first, second))
    least, most = (_dense(part, (m, n)) for part in floors)
    return PriceMultipliers((first, second), (least, most))
