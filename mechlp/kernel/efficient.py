"""Interim payoffs: whether some mechanism gives them, and whether one is better for all types, or for some and worse for none."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..exact.numbers import Rationals
from ..mechanism.mechanism import Mechanism
from ..proof.comparison import Comparison, weighing
from ..proof.efficiency import Efficiency
from ..question.design import Design
from .covered import NotCovered
from .multipliers import certificate
from .statement import Asked, environment, existence, found_one
from .syntax import Numerals, definition

#: By comparison: what is claimed of a mechanism M, the lemma that there is one, and the lemma that there is none.
CLAIMS = {
    "distance": ("gives env payoffs M", "reached_by", "never_reached"),
    "weak": ("better_for_all env payoffs M", "better_by", "never_better"),
    "strong": ("dominates env payoffs M", "dominated_by", "never_dominated"),
}


def theorems(answer: Efficiency, write: Numerals) -> Iterator[str]:
    """The payoffs, and every claim that the comparisons prove.  Raises NotCovered."""
    design = answer.design
    if design.ic_notion is not None and (design.ambiguous or design.ic_notion.needs_sets):
        raise NotCovered(f"the efficiency of payoffs with ic: {design.ic}")
    if design.deterministic or design.environment.money is not None:
        raise NotCovered(
            "the efficiency of payoffs of deterministic mechanisms, or where money is worth more to some"
        )
    yield from environment(design, write)
    yield "\n(** What is asked of a mechanism. *)"
    yield from Asked(design, write, design.ic, design.ir).lines("asks", "same")
    yield "(** The payoffs that are examined, agent by agent and type by type. *)"
    yield f"Definition payoffs := {_by_type(answer.payoffs, write)}."
    statements, proofs = [], []
    for one in answer.comparisons:
        claim, some, none = CLAIMS[one.kind]
        exists = _shows(one)
        if exists is None:
            continue
        if exists:
            yield found_one(_mechanism(one), design, write, f"found_{one.kind}")
            by = f"{some} env question payoffs asks same found_{one.kind}"
        else:
            yield from _weights(one, write)
            h = _bound(one)
            by = f"{none} env question payoffs asks same weights_{one.kind} ({write.number(h)})%Q multipliers_{one.kind}"
        statements.append(f"({'' if exists else '~ '}exists M : mechanism, asks M /\\ {claim})")
        proofs.append(f"apply ({by}). checked.")
    if not statements:
        yield from _no_mechanism(answer, write)
        return
    split = ["", "split.\n", "split; [|split].\n"][len(proofs) - 1]
    steps = split + "\n".join(f"  - {step}" for step in proofs)
    yield "\n(** The answer. *)\nTheorem about_the_payoffs :\n  " + " /\\\n  ".join(statements) + "."
    yield f"Proof.\n  {steps}\nQed.\nPrint Assumptions about_the_payoffs."


def _no_mechanism(answer: Efficiency, write: Numerals) -> Iterator[str]:
    """That nothing satisfies what is asked, so that there is nothing to compare with.  Raises NotCovered."""
    one = answer.comparisons[0]
    if one.status != "infeasible" or one.proof is None or one.proof.multipliers is None:
        raise NotCovered("an undecided answer about payoffs")
    rows = certificate(answer.design, one.proof.multipliers, write)
    yield definition("multipliers", "certificate", rows)
    yield existence(False, "refuted env question multipliers asks same")


def _shows(one: Comparison) -> bool | None:
    """Whether a comparison shows that there is such a mechanism, or that there is none; None where it shows neither."""
    if one.kind != "distance" and one.status == "unbounded":
        return True
    if one.status != "optimal" or one.value is None:
        return None
    if one.kind == "distance":
        return one.value == 0
    return None if one.value < 0 else one.value > 0


def _mechanism(one: Comparison) -> Mechanism:
    """The mechanism of a comparison: far enough along its direction, where it goes on without end."""
    assert one.mechanism is not None
    if one.status != "unbounded":
        return one.mechanism
    assert one.direction is not None
    design, steps = one.design, Fraction(1)
    for i in range(design.environment.n):
        rows = one.payoffs[i], one.targets[i][0].fractions(), one.direction.interim_payoff(i)
        steps += sum(
            (abs(v - u) / more for v, u, more in zip(*rows, strict=True) if v is not None and more),
            Fraction(0),
        )
    return Mechanism(
        design.environment,
        one.mechanism.allocation,
        one.mechanism.transfers + one.direction.transfers * steps,
    )


def _bound(one: Comparison) -> Fraction:
    """What the weights say that no mechanism exceeds."""
    assert one.value is not None
    return one.targeted() + (-one.value if one.kind == "distance" else one.value)


def _weights(one: Comparison, write: Numerals) -> Iterator[str]:
    if one.proof is None or one.proof.multipliers is None:
        raise NotCovered("a comparison of payoffs with a proof of this kind")
    design: Design = weighing(one.design, one.weights)
    yield f"Definition weights_{one.kind} := {_by_type(one.weights, write)}."
    rows = certificate(design, one.proof.multipliers, write)
    yield definition(f"multipliers_{one.kind}", "certificate", rows)


def _by_type(arrays: tuple[Rationals, ...], write: Numerals) -> str:
    return "nth_in [" + "; ".join(write.row(a.reshape(-1)) for a in arrays) + "]"
