"""A designer who holds a set of priors possible: the set as rows, the guarantee, and the bound under a prior of the set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..answer.answer import Answer
from ..environment.belief_sets import BeliefSet
from ..proof.multipliers import Multipliers
from ..question.design import Design
from .best import closed
from .covered import NotCovered
from .multipliers import cases, certificate, inline, nature
from .statement import Worth, found_one
from .syntax import Numerals, comment, definition, profile, real

SENSES = {"=": "Equals", ">=": "AtLeast", "<=": "AtMost"}


def rows_of(design: Design, possible: BeliefSet, write: Numerals) -> Iterator[str]:
    """Each row of the set."""
    shape, cells = design.environment.shape, possible.cells
    for rows in possible.rows:
        values, rhs = rows.value.fractions(), rows.rhs.fractions()
        entries: list[tuple[list[str], list[str]]] = [([], []) for _ in range(rows.count)]
        for k, column, value in zip(rows.row, rows.column, values, strict=True):
            number = write.number(value)
            if column < cells:
                at = profile(int(c) for c in np.unravel_index(column, shape))
                entries[k][0].append(f"({at}, {number})")
            else:
                entries[k][1].append(f"({int(column) - cells}%nat, {number})")
        for (on_cells, on_others), right in zip(entries, rhs, strict=True):
            yield (
                f"(* {comment(rows.name)} *) {{| on_profiles := [{'; '.join(on_cells)}];\n"
                f"    on_others := [{'; '.join(on_others)}]; compared := {SENSES[rows.sense]};"
                f" right_side := {write.number(right)} |}}"
            )


@dataclass(frozen=True)
class Guarantee:
    """What of the library closes the two halves, each with how it takes that the statement is what is checked; ``question`` is
    what they are about, ``proof`` what the second is given."""

    question: str
    some: tuple[str, str]
    none: tuple[str, str]
    proof: str


def theorems(answer: Answer, write: Numerals) -> Iterator[str]:
    """The greatest guarantee of mechanisms for types with one belief."""
    design, proof = answer.design, answer.proof
    if design.deterministic:
        if proof is not None:
            yield f"Definition proof_by_cases : cases worst_leaf :=\n  {cases(design, proof, write, False)}."
        some = "one_certain_guarantees", "intros M H1 H2; apply same; split; assumption"
        none = "none_guarantees_more_by_cases", "reflexivity.\n    + apply same"
        lemmas = Guarantee("env question", some, none, "proof_by_cases")
    else:
        if proof is not None:
            assert proof.multipliers is not None
            yield worst_prior(design, proof.multipliers, write)
            yield f"Definition multipliers : certificate := {inline(certificate(design, proof.multipliers, write))}."
        some, none = ("one_guarantees", "apply same"), ("none_guarantees_more", "apply same")
        lemmas = Guarantee("env question", some, none, "worst_prior others multipliers")
    yield from guarantee(answer, write, lemmas)


def worst_prior(design: Design, y: Multipliers, write: Numerals) -> str:
    """The prior of the set that a bound is under."""
    table, others = nature(design, y, write)
    return f"Definition worst_prior := look ({table}).\nDefinition others : list Q := {others}."


def guarantee(answer: Answer, write: Numerals, lemmas: Guarantee) -> Iterator[str]:
    """The greatest guarantee: some mechanism has it, and for any mechanism some prior of the set gives no more; what of both is
    known.  Raises NotCovered."""
    design, worst, possible = answer.design, answer.worst_case, answer.design.environment.designer_set
    worth = Worth(design, write)
    if worth.sign < 0 or possible is None or answer.status == "unbounded":
        raise NotCovered("a least value, or one without end, under a set of priors")
    yield from worth.defined
    yield "(** The priors that the designer holds possible. *)"
    yield definition("priors", "list row", list(rows_of(design, possible, write)))
    statements, proofs = [], []
    if answer.value is not None and worst is not None:
        yield found_one(answer.rules[0], design, write)
        first, *prices = (write.number(p) for p in worst.prices.fractions())
        statements.append(
            f"(exists M, asks M /\\ forall p, possible_prior env priors p -> {real(answer.value)} <= {worth.under} p M)"
        )
        given = f"found ({first})%Q [{'; '.join(prices)}]%Q"
        proofs.append(_half(lemmas, lemmas.some, worth, (answer.value, write), given))
    if answer.bound is not None and answer.proof is not None:
        statements.append(
            f"(forall M, asks M -> exists p, possible_prior env priors p /\\ {worth.under} p M <= {real(answer.bound)})"
        )
        proofs.append(_half(lemmas, lemmas.none, worth, (answer.bound, write), lemmas.proof))
    if not statements:
        raise NotCovered("an undecided answer with neither a mechanism nor a bound")
    title = "greatest_guarantee" if answer.value == answer.bound else "about_the_guarantee"
    yield "\n(** The answer. *)\nOpen Scope R_scope."
    yield closed(title, statements, proofs)


def _half(
    lemmas: Guarantee, by: tuple[str, str], worth: Worth, number: tuple[Fraction, Numerals], given: str
) -> str:
    """The proof of one half: the lemma, and what it is given."""
    x, write = number
    lemma, same = by
    return (
        f"assert (number : Q2R ({write.number(x)})%Q = {real(x)}) by number_is.\n"
        f"    apply ({lemma} {lemmas.question} priors {worth.library} asks ({worth.under}) {real(x)} ({write.number(x)})%Q\n"
        f"      (fun _ _ => eq_refl) number {given}).\n    + {same}.\n    + checked."
    )


__all__ = ["Guarantee", "guarantee", "rows_of", "theorems", "worst_prior"]
