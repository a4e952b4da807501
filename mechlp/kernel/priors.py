"""A designer who holds a set of priors possible: the set as rows, the guarantee, and the bound under a prior of the set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..answer.answer import Answer
from ..environment.belief_sets import BeliefSet
from ..question.design import Design
from .covered import NotCovered
from .multipliers import cases, certificate, inline, nature
from .statement import Worth, found
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


def theorems(answer: Answer, write: Numerals) -> Iterator[str]:
    """The greatest guarantee: some mechanism has it, and for any mechanism some prior of the set gives no more."""
    design, proof, worst = answer.design, answer.proof, answer.worst_case
    possible = design.environment.designer_set
    if answer.value is None or answer.bound is None or worst is None or proof is None or possible is None:
        raise NotCovered(f"an answer that is {answer.status}, about a set of priors")
    worth = Worth(design, write)
    if worth.sign < 0:
        raise NotCovered("a least value under a set of priors")
    yield from worth.defined
    yield "(** The priors that the designer holds possible. *)"
    yield definition("priors", "list row", list(rows_of(design, possible, write)))
    q, t = found(answer.rules[0], design, write)
    yield f"Definition found := ({q},\n  {t})."
    prices = worst.prices.fractions()
    listed = "[" + "; ".join(write.number(p) for p in prices[1:]) + "]"
    value, bound = answer.value, answer.bound
    number = lambda x: f"({write.number(x)})%Q"  # noqa: E731
    if design.deterministic:
        yield f"Definition proof_by_cases : cases worst_leaf :=\n  {cases(design, proof, write, False)}."
        upper, given = "none_guarantees_more_by_cases", "proof_by_cases"
        upper_sides = ["reflexivity", "apply same"]
        lower, lower_side = "one_certain_guarantees", "intros M H1 H2; apply same; split; assumption"
    else:
        assert proof.multipliers is not None
        table, others = nature(design, proof.multipliers, write)
        yield f"Definition worst_prior := look ({table}).\nDefinition others : list Q := {others}."
        yield f"Definition multipliers : certificate := {inline(certificate(design, proof.multipliers, write))}."
        upper, given = "none_guarantees_more", "worst_prior others multipliers"
        upper_sides = ["apply same"]
        lower, lower_side = "one_guarantees", "apply same"
    yield "\n(** The answer. *)\nOpen Scope R_scope."
    yield f"""Theorem greatest_guarantee :
  (exists M, asks M /\\ forall p, possible_prior env priors p -> {real(value)} <= {worth.under} p M) /\\
  (forall M, asks M -> exists p, possible_prior env priors p /\\ {worth.under} p M <= {real(bound)}).
Proof.
  split.
  - assert (is_value : Q2R {number(value)} = {real(value)}) by number_is.
    apply ({lower} env question priors {worth.library} asks ({worth.under}) {real(value)} {number(value)}
      (fun _ _ => eq_refl) is_value found ({write.number(prices[0])})%Q {listed}%Q).
    + {lower_side}.
    + checked.
  - assert (is_bound : Q2R {number(bound)} = {real(bound)}) by number_is.
    apply ({upper} env question priors {worth.library} asks ({worth.under}) {real(bound)} {number(bound)}
      (fun _ _ => eq_refl) is_bound {given}).
    {" ".join(f"+ {side}." for side in upper_sides)} + checked.
Qed."""
    yield "Print Assumptions greatest_guarantee."


__all__ = ["rows_of", "theorems"]
