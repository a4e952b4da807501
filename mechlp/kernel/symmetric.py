"""Identical bidders in reduced form: the bidders, an interim rule within Border's condition, and a bound from multipliers."""

from __future__ import annotations

from collections.abc import Iterator

from ..answer.interim import InterimAnswer
from ..exact.numbers import Rationals
from .covered import NotCovered
from .syntax import Numerals, comment, definition, real

#: Types beyond which a file is not written: every pair of types is compared.
MAX_TYPES = 1_000
AIMS = {"revenue": ("Earns", "revenue_of_all"), "surplus": ("Creates", "surplus_of_all")}


def heading(answer: InterimAnswer) -> Iterator[str]:
    """Title and names, as one comment."""
    environment = answer.design.environment
    yield f"(** {comment(environment.title or 'Untitled')}"
    yield ""
    types = ", ".join(f"{k} = {comment(t)}" for k, t in enumerate(environment.agent.types))
    yield f"    {environment.copies} bidders like {comment(environment.agent.name)}; types {types}"
    yield "    grades " + ", ".join(f"{k} = {comment(g)}" for k, g in enumerate(environment.grades)) + " *)"


def theorems(answer: InterimAnswer, write: Numerals) -> Iterator[str]:
    """The definitions and the theorem.  Raises NotCovered."""
    design, rule = answer.design, answer.rule
    environment = design.environment
    if environment.size > MAX_TYPES:
        raise NotCovered(f"{environment.size:,} types of a bidder (at most {MAX_TYPES:,})")
    yield f"Definition values := {write.rows(environment.values)}."
    yield f"Definition chances_of_types := {write.row(environment.prior)}."
    yield f"""Definition auction : bidders := {{|
  copies := {environment.copies}; type_count := {environment.size}; grade_count := {len(environment.values)};
  worth_of := nth_in values;
  likely := nth_of chances_of_types |}}.
Theorem data_are_bidders : are_bidders auction.
Proof. apply likely_fine_sound. checked. Qed.

(** What is asked of a rule: its chances can come about, truth is best, and nobody is worse off than without. *)
Definition asks (M : interim_rule) : Prop := feasible_chances auction M /\\ truthful auction M /\\ voluntary auction M.
Lemma same : forall M, asks M <-> feasible_chances auction M /\\ truthful auction M /\\ voluntary auction M.
Proof. same_bidders. Qed.
Definition found := (nth_in {write.rows(rule.chances)},
  nth_of {write.row(rule.transfers)}).
(** Types by falling chance of winning. *)
Definition by_chance := {_numbers(rule.order.tolist())}."""
    if design.objective == "feasibility":
        yield """
(** The answer. *)
Theorem a_rule_exists : exists M, asks M.
Proof. apply (a_rule auction asks same found by_chance). checked. Qed.
Print Assumptions a_rule_exists."""
        return
    yield from _best(answer, write)


def _best(answer: InterimAnswer, write: Numerals) -> Iterator[str]:
    design, proof = answer.design, answer.proof
    if design.objective in AIMS:
        aim, name = AIMS[design.objective]
        worth = f"({name} auction)"
    else:
        aim, worth = (
            "(Forms (nth_in wanted_q) (nth_of wanted_t))",
            "(fun M => linear_value auction M (nth_in wanted_q) (nth_of wanted_t))",
        )
        nothing = Rationals.zeros(design.environment.values.shape)
        wanted = nothing if design.allocation is None else design.allocation
        yield f"Definition wanted_q := {write.rows(wanted)}."
        yield f"Definition wanted_t := {write.row(design.on_transfers)}."
    order, falls = proof.levels(design)
    amounts = write.weighed([(y, "") for y in proof.amounts.fractions()])
    yield "(** Multipliers of the lies (type, report), and of Border's sets, which are the first types of an order. *)"
    yield definition(
        "of_lies",
        "list (nat * nat * Q)",
        [
            f"({s}%nat, {r}%nat, {y.removeprefix('(').removesuffix(', )')})"
            for s, r, y in zip(proof.types.tolist(), proof.reports.tolist(), amounts, strict=True)
        ],
    )
    levels = [
        f"({s}%nat, {write.number(d, falls.denominator)})"
        for s, d in zip(order.tolist(), falls.fractions(), strict=True)
    ]
    yield definition("of_sets", "list (nat * Q)", levels)
    number = lambda x: f"({write.number(x)})%Q"  # noqa: E731
    title = f"greatest_{answer.design.objective}" if answer.value == answer.bound else "between_two_ends"
    yield f"""
(** The answer. *)
Open Scope R_scope.
Theorem {title} :
  (exists M, asks M /\\ {worth} M = {real(answer.value)}) /\\
  (forall M, asks M -> {worth} M <= {real(answer.bound)}).
Proof.
  split.
  - apply (a_rule_worth auction {aim} asks {worth} same found by_chance {number(answer.value)} {real(answer.value)}).
    + reflexivity. + number_is. + checked.
  - apply (no_rule_worth_more auction {aim} asks {worth} same {number(answer.bound)} of_lies of_sets {real(answer.bound)}).
    + reflexivity. + number_is. + checked.
Qed.
Print Assumptions {title}."""


def _numbers(places: list[int]) -> str:
    return "[" + "; ".join(map(str, places)) + "]%nat"
