"""Smooth ambiguity (Klibanoff, Marinacci and Mukerji 2005): the audit of a given set of rules.

A type is not sure which of the announced rules is meant.  It weighs what each is worth to it with the concave function
``-exp(-rho x)`` (constant absolute aversion to ambiguity), so payoffs ``x`` are preferred to ``y`` when
``E exp(-rho x) <= E exp(-rho y)``; as rho grows only the worst rule counts.  The second-order belief is either

* over ``rules``: a probability for each rule (uniform unless weights are given); or
* over ``mixtures``: uniform over all distributions over the rules (Guo 2018, section 1.5.4), where the expectation is
  ``(K-1)!`` times the divided difference of exp at ``-rho x_1, ..., -rho x_K`` (Hermite and Genocchi).

Either way it is a sum of rational multiples of exponentials of rationals.  Such a sum, like terms collected, is zero only
if it is empty (Lindemann and Weierstrass); otherwise ball arithmetic of enough precision separates it from zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial

import flint

from ..exact.numbers import rational, text
from ..question.design import Design, InvalidDesign
from ..question.rules import lie_name, types
from .audit import audit
from .mechanism import Mechanism
from .payoffs import every_payoff
from .states import evaluate

BELIEFS = ("rules", "mixtures")
#: Bits of precision at which the sign of a sum is given up.
MAX_BITS = 1 << 15
#: Rational exponent -> rational coefficient: ``sum of coefficient * exp(exponent)``.
Sum = dict[Fraction, Fraction]


@dataclass(frozen=True)
class Smooth:
    """An attitude: constant absolute ambiguity aversion ``rho > 0`` and a second-order belief over rules or mixtures.

    ``weights``: one probability a rule, for the belief over rules; empty for the uniform one.

    Raises
    ------
    InvalidDesign
        When rho is not positive, or the weights are no probabilities.
    """

    rho: Fraction
    belief: str = "rules"
    weights: tuple[Fraction, ...] = ()

    def __post_init__(self) -> None:
        for name, values in (("rho", [self.rho]), ("weights", self.weights)):
            try:
                found = tuple(map(rational, values))
            except ValueError as error:
                raise InvalidDesign(f"{name}: {error}") from None
            object.__setattr__(self, name, found[0] if name == "rho" else found)
        if self.rho <= 0:
            raise InvalidDesign(
                f"rho: {text(self.rho)} is not positive; 1 is a moderate aversion to ambiguity"
            )
        if self.belief not in BELIEFS:
            raise InvalidDesign(f"belief: {self.belief!r} is not one of {', '.join(BELIEFS)}")
        if self.weights and self.belief != "rules":
            raise InvalidDesign("weights: they go with a belief over rules; the one over mixtures is uniform")
        if self.weights and (min(self.weights) < 0 or sum(self.weights) != 1):
            raise InvalidDesign(f"weights: {', '.join(map(text, self.weights))} are not probabilities")

    @property
    def symmetric(self) -> bool:
        """Whether the belief treats rules alike."""
        return len(set(self.weights)) <= 1

    def disutility(self, payoffs: Sequence[Fraction]) -> Sum:
        """``E exp(-rho x)`` of the payoffs under each rule.  Raises InvalidDesign when the weights do not fit."""
        exponents = [-self.rho * x for x in payoffs]
        if self.belief == "mixtures":
            return _scaled(_divided_difference(sorted(exponents)), factorial(len(exponents) - 1))
        weights = self.weights or (Fraction(1, len(exponents)),) * len(exponents)
        if len(weights) != len(exponents):
            raise InvalidDesign(f"weights: {len(weights)} are given for {len(exponents)} rules")
        out: Sum = {}
        for exponent, weight in zip(exponents, weights, strict=True):
            out[exponent] = out.get(exponent, Fraction(0)) + weight
        return out

    def prefers(self, one: Sequence[Fraction], other: Sequence[Fraction]) -> bool | None:
        """Whether a type weakly prefers the payoffs ``one`` (a number a rule) to ``other``; None when not decided."""
        found = sign(_difference(self.disutility(other), self.disutility(one)))
        return None if found is None else found >= 0


@dataclass(frozen=True)
class SmoothAudit:
    """How many requirements were checked, by kind; those that fail, and those whose sign could not be decided."""

    checked: dict[str, int]
    failed: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def passed(self) -> bool | None:
        """Whether everything holds; None when nothing fails and something was not decided."""
        if self.failed:
            return False
        return None if self.undecided else True

    def __str__(self) -> str:
        if self.failed:
            return "failed: " + "; ".join(self.failed)
        if self.undecided:
            return "not decided: " + "; ".join(self.undecided)
        return (
            f"passed: {', '.join(f'{n:,} {kind}' for kind, n in self.checked.items() if n)} requirements hold"
        )


def smooth_audit(rules: Sequence[Mechanism], design: Design, attitude: Smooth) -> SmoothAudit:
    """Every requirement of a design with ambiguous transfers, when types have a smooth attitude to the given rules.

    IC, and interim IR where it does not bind, compare expected exponentials; everything else (budget, lotteries, bounds, IR
    that must hold in every state or bind under every rule) is exact and as in :func:`~mechlp.mechanism.audit.audit`.

    Raises
    ------
    InvalidDesign
        When the design has no ambiguous transfers, another attitude (alpha), or weights do not fit the rules.
    """
    if not design.ambiguous:
        raise InvalidDesign(
            "smooth ambiguity is an attitude to a set of rules: ask with ic: ambiguous-transfers"
        )
    if design.alpha != 1:
        raise InvalidDesign("alpha: another attitude than smooth ambiguity; leave it out")
    weighs_ir = design.ir == "interim" and not design.ir_binds
    weighed = ("IC", "IR") if weighs_ir else ("IC",)
    plain = audit(rules, design)
    checked = {kind: n for kind, n in plain.checked.items() if kind not in weighed}
    failed = [str(v) for v in plain.worst if v.kind not in weighed]
    undecided: list[str] = []
    for kind, where, one, other in _comparisons(rules, design, weighs_ir):
        checked[kind] = checked.get(kind, 0) + 1
        holds = attitude.prefers(one, other)
        if not holds:
            (undecided if holds is None else failed).append(where)
    return SmoothAudit(checked, tuple(failed), tuple(undecided))


def _comparisons(
    rules: Sequence[Mechanism], design: Design, weighs_ir: bool
) -> Iterator[tuple[str, str, Sequence[Fraction], Sequence[Fraction]]]:
    """(kind, name, payoffs that must be preferred, to which payoffs), a payoff a rule."""
    for lie, (truth, told) in every_payoff(design, rules).items():
        if lie[1] != lie[2]:
            yield "IC", lie_name(design, lie), truth, told
        elif weighs_ir:
            i, own, _ = lie
            states = design.ic_notion.states(design.environment, i)  # type: ignore[union-attr]
            place = types(design, i).tolist().index(own)
            floor = evaluate(states, design.environment.outside[i].moveaxis(i, 0))[0, place]
            agent = design.environment.agents[i]
            yield "IR", f"IR[{agent.name}: {agent.types[own]}]", truth, [floor] * len(rules)


# -- sums of exponentials -------------------------------------------------------------------------
def sign(terms: Sum) -> int | None:
    """The sign of ``sum of coefficient * exp(exponent)``, proved; None when MAX_BITS of precision do not show it."""
    kept = {exponent: c for exponent, c in terms.items() if c}
    if not kept:
        return 0
    if min(kept.values()) > 0 or max(kept.values()) < 0:
        return 1 if min(kept.values()) > 0 else -1
    top, bits = max(kept), 64
    while bits <= MAX_BITS:
        with flint.ctx.workprec(bits):
            total = sum(
                (_ball(c) * _ball(exponent - top).exp() for exponent, c in kept.items()), flint.arb(0)
            )
            if total > 0 or total < 0:
                return 1 if total > 0 else -1
        bits *= 2
    return None


def _ball(value: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _difference(one: Sum, other: Sum) -> Sum:
    return {k: one.get(k, Fraction(0)) - other.get(k, Fraction(0)) for k in {**one, **other}}


def _scaled(terms: Sum, factor: Fraction | int) -> Sum:
    return {exponent: c * factor for exponent, c in terms.items()}


def _divided_difference(points: Sequence[Fraction]) -> Sum:
    """The divided difference of exp at ascending points, which may coincide."""
    row: list[Sum] = [{x: Fraction(1)} for x in points]
    for order in range(1, len(points)):
        row = [
            {low: Fraction(1, factorial(order))}
            if low == high
            else _scaled(_difference(row[k + 1], row[k]), 1 / (high - low))
            for k, (low, high) in enumerate(zip(points, points[order:], strict=False))
        ]
    return row[0]
