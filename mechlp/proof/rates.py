"""What the objective gains per unit by which a requirement is relaxed, and loses per unit by which it is tightened: exactly.

A multiplier of one proof bounds both, and is either only where all proofs agree.  The optimal value is concave in a requirement's
right-hand side, so each one-sided rate is proved by two things that a reader can check from the definitions:

* multipliers that prove the value and put the rate on the requirement: whatever the size of the move, nothing gains more;
* a mechanism that satisfies the moved requirements and gains just that.  For all smaller moves its mixtures with the optimum do.

Where the least move leaves no mechanism, multipliers refute every one: they sum up to nothing, and put weight on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from ..exact.numbers import Rationals, maximum, text, where
from ..mechanism.audit import Audit, audit
from ..mechanism.mechanism import Mechanism
from ..mechanism.relaxed import Relaxed, kind_of
from ..question.design import Design
from ..question.objective import goal
from ..question.requirements import Rows
from .bound import bound_and_rest
from .guarantee import WorstCase, reached
from .invalid import InvalidCertificate
from .multipliers import Multipliers, entry, linear_entry, nonzero


def undefined(design: Design, y: Multipliers | None) -> str:
    """Why an optimum has no rates, in a sentence without full stop; empty where it has.  ``y``: its proof, where it is one
    combination of requirements."""
    if not design.environment.exact:
        return "payoffs are irrational, so that rates are known no more than the value is"
    if design.deterministic and design.lottery is None:
        return "the allocation is deterministic: the best value may jump where a requirement gives way"
    if y is None or design.worst_state:
        return "the proof is by cases: the best value may bend either way where a requirement gives way"
    return ""


class Judge(Protocol):
    """What rates are proved from: the definitions of one kind of question."""

    @property
    def maximize(self) -> bool:
        """Whether more of the objective is better."""
        ...

    def on(self, multipliers: Any, relaxed: Relaxed, *, wanted: bool = True) -> tuple[Fraction, Fraction]:
        """The bound that multipliers prove, and their weight on requirements; without the objective unless ``wanted``.

        Raises InvalidCertificate.
        """
        ...

    def audited(self, rules: Sequence[Any], relaxed: Relaxed, by: Fraction) -> Audit:
        """Every requirement, those relaxed with so much to spare."""
        ...

    def worth(self, rule: Any, worst_case: Any) -> Fraction | None:
        """The objective."""
        ...

    def name(self, relaxed: Relaxed) -> str:
        """How a page calls requirements."""
        ...

    def undefined(self, proof: Any) -> str:
        """Why there are no rates, in a sentence without full stop; empty where there are."""
        ...


class Proven:
    """Mechanisms on the whole type grid; what multipliers prove is worked out once for each: the bound, and the weights by
    family."""

    def __init__(self, design: Design) -> None:
        self.design, aim = design, goal(design)
        self.maximize = aim is not None and aim.maximize
        self._known: dict[tuple[int, bool], tuple[Multipliers, Fraction, dict[str, Rationals]]] = {}

    def __call__(self, y: Multipliers, *, wanted: bool = True) -> tuple[Fraction, dict[str, Rationals]]:
        """Raises InvalidCertificate."""
        key = (id(y), wanted)
        if key not in self._known:
            self._known[key] = (y, *weights(self.design, y, wanted=wanted))
        return self._known[key][1:]

    def on(self, multipliers: Multipliers, relaxed: Relaxed, *, wanted: bool = True) -> tuple[Fraction, Fraction]:
        proved, arrays = self(multipliers, wanted=wanted)
        return proved, on(arrays, relaxed)

    def audited(self, rules: Sequence[Mechanism], relaxed: Relaxed, by: Fraction) -> Audit:
        return audit(rules, self.design, relaxed, by)

    def worth(self, rule: Mechanism, worst_case: WorstCase | None) -> Fraction | None:
        return reached(self.design, rule, worst_case)

    def name(self, relaxed: Relaxed) -> str:
        return name_of(self.design, relaxed)

    def undefined(self, proof: Multipliers) -> str:
        return undefined(self.design, proof)


@dataclass(frozen=True)
class OneSided:
    """A rate per unit of one move, with its proofs.

    ``rate`` is what relaxing gains, or what tightening costs: None where the least move leaves no mechanism.  ``rules`` are a
    mechanism of the problem moved by ``up_to`` (> 0), up to where the rate surely holds.
    """

    rate: Fraction | None
    multipliers: Any
    up_to: Fraction = Fraction(0)
    rules: tuple[Any, ...] = ()
    worst_case: WorstCase | None = None

    def check(self, value: Fraction, relaxed: Relaxed, way: int, judge: Judge) -> None:
        """That both proofs hold; ``way`` is 1 for relaxing, -1 for tightening.  Raises InvalidCertificate."""
        refutes = self.rate is None
        proved, weight = judge.on(self.multipliers, relaxed, wanted=not refutes)
        if proved != (0 if refutes else value):
            raise InvalidCertificate(f"its multipliers prove {text(proved)} about the problem as it is")
        if self.rate is None:
            if way * weight >= 0:
                raise InvalidCertificate("its multipliers do not refute the moved problem")
            return
        if weight != self.rate:
            raise InvalidCertificate(f"its multipliers prove the rate {text(weight)}, not {text(self.rate)}")
        if self.up_to <= 0 or not self.rules:
            raise InvalidCertificate("no move, or no mechanism, is given for which it holds")
        report = judge.audited(self.rules, relaxed, way * self.up_to)
        if not report.passed:
            raise InvalidCertificate(f"its mechanism breaks a requirement: {report}")
        gained = self.rate * self.up_to * way * (1 if judge.maximize else -1)
        for rule in self.rules:
            if judge.worth(rule, self.worst_case) != value + gained:
                raise InvalidCertificate("its mechanism does not attain the value at that rate")


@dataclass(frozen=True)
class Rate:
    """Both rates of requirements that move together; None where a side was not examined.  ``multiplier`` is that of the
    answer's own proof."""

    relaxed: Relaxed
    multiplier: Fraction
    relaxing: OneSided | None = None
    tightening: OneSided | None = None

    def sides(self) -> Iterator[tuple[int, str, str, OneSided]]:
        """Those examined: 1 or -1, its name, what its rate is called."""
        if self.relaxing is not None:
            yield 1, "relaxing", "gains", self.relaxing
        if self.tightening is not None:
            yield -1, "tightening", "costs", self.tightening


@dataclass(frozen=True)
class Rates:
    """The rates that were examined; ``why`` says, in a sentence without full stop, why there are no more."""

    examined: tuple[Rate, ...] = ()
    why: str = ""

    @property
    def count(self) -> int:
        """How many sides were examined."""
        return sum(1 for one in self.examined for _ in one.sides())

    def check(self, value: Fraction, proof: Any, judge: Judge) -> None:
        """Every rate.  Raises InvalidCertificate."""
        if self.examined and (reason := judge.undefined(proof)):
            raise InvalidCertificate(f"rates where there are none: {reason}")
        for one in self.examined:
            name = judge.name(one.relaxed)
            if one.multiplier != judge.on(proof, one.relaxed)[1]:
                raise InvalidCertificate(f"the multiplier of {name} is not that of the proof")
            for way, side, _, found in one.sides():
                try:
                    found.check(value, one.relaxed, way, judge)
                except InvalidCertificate as error:
                    raise InvalidCertificate(f"the rate of {side} {name}: {error}") from None


# -- multipliers, family by family --------------------------------------------------------------------
def weights(design: Design, y: Multipliers, *, wanted: bool = True) -> tuple[Fraction, dict[str, Rationals]]:
    """The bound that multipliers prove, and they themselves by the key of their family (:mod:`mechlp.mechanism.relaxed`).

    Those of limits on transfers and of the chances' total are what the combination leaves on transfers and lotteries.

    Raises InvalidCertificate.
    """
    proved, on_q, on_t = bound_and_rest(design, y, wanted=wanted)
    out: dict[str, Rationals] = {}
    for kind, arrays in (("IC", y.ic), ("IR", y.ir)):
        out |= {f"{kind} {i}": a for i, a in enumerate(arrays) if a is not None}
    if y.bb is not None:
        out["BB"] = y.bb
    out |= {rows.name: part for rows, part in zip(design.requirements, y.linear, strict=True)}
    for i, coefficient in enumerate(on_t if design.transfers != "none" else ()):
        low, high = design.transfer_bounds(i)
        if low is not None:
            out[f"least {i}"] = maximum(-coefficient, 0)
        if high is not None:
            out[f"most {i}"] = maximum(coefficient, 0)
    if design.lottery is None:
        out["lottery"] = where(design.allowed[None], on_q, on_q.min() - 1).max(axis=1)
    return proved, out


def on(arrays: Mapping[str, Rationals], relaxed: Relaxed) -> Fraction:
    """The multipliers of requirements that move together, added up.  Raises InvalidCertificate where there are none."""
    total = Fraction(0)
    for key in relaxed.keys:
        if key not in arrays:
            raise InvalidCertificate(f"a rate of requirements that are not asked: {key}")
        if relaxed.cell is None:
            total += arrays[key].sum()
            continue
        shape = arrays[key].shape
        within = len(shape) == len(relaxed.cell)
        if not within or not all(0 <= at < size for at, size in zip(relaxed.cell, shape, strict=True)):
            raise InvalidCertificate(f"a rate of a requirement that there is not: {key}, {relaxed.cell}")
        total += arrays[key][relaxed.cell]
    return total


def with_weight(arrays: Mapping[str, Rationals], most: int | None = None) -> Iterator[Relaxed]:
    """The single requirements whose multiplier is not zero; ``most`` of each family, the largest, where that is given."""
    for key, array in arrays.items():
        for cell in nonzero(array, most):
            yield Relaxed((key,), cell)


def together(design: Design, arrays: Mapping[str, Rationals]) -> Iterator[Relaxed]:
    """Requirements that move together, as a file states them in one number: all lies, or types, of an agent or of everybody; the
    limits on what she receives; balance at every profile; rows that are given.  Only where some have a multiplier."""
    agents = range(design.environment.n)
    groups: list[tuple[str, ...]] = [
        (key,) for key in arrays if kind_of(key)[0] not in ("least", "most", "lottery")
    ]
    groups += [(f"least {i}", f"most {i}") for i in agents]
    weighty = lambda keys: [k for k in keys if np.any(arrays[k].numerator != 0)]  # noqa: E731
    for kind in ("IC", "IR"):
        everybody = tuple(f"{kind} {i}" for i in agents if f"{kind} {i}" in arrays)
        groups += [everybody] if len(weighty(everybody)) > 1 else []
    for keys in groups:
        asked = tuple(k for k in keys if k in arrays)
        if sum(arrays[k].size for k in asked) > 1 and weighty(asked):
            yield Relaxed(asked)


# -- names --------------------------------------------------------------------------------------------
def name_of(design: Design, relaxed: Relaxed) -> str:
    """``IR[buyer: 2]``, ``limit[buyer at least | 1, 2]``, ``IC[every lie of buyer]``."""
    (kind, agent), cell = kind_of(relaxed.keys[0]), relaxed.cell
    own = design.environment.agents[agent].name if agent >= 0 else ""
    if cell is None:
        return _name_together(
            design, kind, own if len(relaxed.keys) == 1 or kind in ("least", "most") else ""
        )
    if kind in ("IC", "IR", "BB"):
        return entry(design, kind, agent, cell, Fraction(0)).name(design)
    if kind not in ("least", "most", "lottery"):
        family = next(k for k, rows in enumerate(design.requirements) if rows.name == kind)
        return linear_entry(design, family, cell, Fraction(0)).name(design)
    many = design.allocation_by_rule if kind == "lottery" else design.ambiguous
    at = design.environment.profile_label(cell[1:]) + (f" | rule {cell[0] + 1}" if many else "")
    return f"lottery[{at}]" if kind == "lottery" else f"limit[{own} at {kind} | {at}]"


def _name_together(design: Design, kind: str, own: str) -> str:
    of = f" of {own}" if own else ""
    named = {"IC": f"IC[every lie{of}]", "IR": f"IR[every type{of}]", "BB": "BB[every profile]"}
    if kind in ("least", "most"):
        return f"limit[transfers{of}]"
    if kind in named:
        return named[kind]
    about, _, number = kind.rpartition(" ")
    rows = _family(design, kind)
    whose = (
        f" of {design.environment.agents[int(number)].name}"
        if about == rows.kind and number.isdigit()
        else ""
    )
    return f"{rows.kind}[all{whose}]"


def _family(design: Design, key: str) -> Rows:
    return next(rows for rows in design.requirements if rows.name == key)


__all__ = ["Judge", "OneSided", "Rate", "Rates", "name_of", "on", "together", "undefined", "weights", "with_weight"]
