"""Ambiguous transfers: several announced rules, and multipliers that are spread over them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..answer.answer import Answer
from ..proof.multipliers import Multipliers, nonzero
from ..question.design import Design
from ..question.rules import NOBODY, lies
from .covered import NotCovered
from .multipliers import mass, requirement
from .statement import Worth, found
from .syntax import Numerals, definition, real


def theorems(answer: Answer, write: Numerals) -> Iterator[str]:
    """The definitions and the theorem of an answer about rules."""
    design = answer.design
    interim = "true" if design.ir == "interim" and not design.ir_binds else "false"
    parts = ["rules <> []", "(forall M, In M rules -> each M)"]
    if not design.allocation_by_rule:
        parts.append("one_allocation rules")
    parts.append("ambiguous_IC env rules")
    if interim == "true":
        parts.append("ambiguous_IR env rules")
    yield "(** What is asked of the rules that the designer announces. *)"
    yield "Definition asks (rules : list mechanism) : Prop :=\n  " + " /\\ ".join(parts) + "."
    yield f"Lemma same : forall rules, asks rules <-> ambiguous env question {interim} rules."
    yield "Proof. same_ambiguous asks question same_each. Qed.\n"
    if answer.proof is not None:
        if answer.proof.multipliers is None:
            raise NotCovered("a proof of this kind about ambiguous transfers")
        yield from _certificate(design, answer.proof.multipliers, answer.status, write)
    if answer.rules:
        tables = [found(rule, design, write) for rule in answer.rules]
        if design.allocation_by_rule:
            yield "Definition found := [" + ";\n  ".join(f"({q},\n  {t})" for q, t in tables) + "]."
        else:
            yield f"Definition found_q := {tables[0][0]}."
            yield "Definition found_t := [" + ";\n  ".join(t for _, t in tables) + "]."
    if answer.status == "infeasible":
        yield f"""
(** The answer. *)
Theorem no_rules : ~ exists rules : list mechanism, asks rules.
Proof. apply (ambiguous_refuted env question {interim} asks same lies multipliers). checked. Qed.
Print Assumptions no_rules."""
    elif answer.status == "feasible":
        rules = "found" if design.allocation_by_rule else "found_q found_t"
        by = "ambiguous_exists_by_rule" if design.allocation_by_rule else "ambiguous_exists"
        yield f"""
(** The answer. *)
Theorem some_rules : exists rules : list mechanism, asks rules.
Proof. apply ({by} env question {interim} asks same {rules}). checked. Qed.
Print Assumptions some_rules."""
    elif answer.status == "optimal":
        yield from _optimum(answer, interim, write)
    else:
        raise NotCovered(f"an answer about rules that is {answer.status}")


def _optimum(answer: Answer, interim: str, write: Numerals) -> Iterator[str]:
    design = answer.design
    assert answer.value is not None
    worth = Worth(design, write)
    yield from worth.defined
    name, value = worth.name, real(answer.value)
    number = f"({write.number(answer.value * worth.sign)})%Q"
    most = worth.sign > 0
    title, order = ("greatest", f"{name} M <= {value}") if most else ("least", f"{value} <= {name} M")
    by = "ambiguous_optimum" if most else "ambiguous_least"
    rules = "found" if design.allocation_by_rule else "found_q found_t"
    by += "" if design.allocation_by_rule else "_shared"
    yield f"""
(** The answer. *)
Open Scope R_scope.
Theorem {title}_{worth.word} :
  (exists rules, asks rules /\\ forall M, In M rules -> {name} M = {value}) /\\
  (forall rules, asks rules -> one_value ({name}) rules -> forall M, In M rules -> {order}).
Proof.
  apply ({by} env question {interim} asks same {worth.library} {number} lies multipliers {rules} ({name}) {value}).
  - reflexivity.
  - number_is.
  - checked.
Qed.
Print Assumptions {title}_{worth.word}."""


def _certificate(design: Design, y: Multipliers, status: str, write: Numerals) -> Iterator[str]:
    """The lies in the order of the rules that punish them, and every row."""
    assert y.rules is not None
    named: dict[int, tuple[int, int, int]] = {}
    for lie in lies(design):
        rule = int(y.rules.labels.punishes[lie[0]][lie[1:]])
        if rule == NOBODY:
            continue
        if rule in named:
            raise NotCovered("a rule that punishes two lies")
        named[rule] = lie
    rows: list[tuple[Fraction, str]] = []
    owed: dict[tuple[int, int], Fraction] = {}
    for i, told in enumerate(y.rules.lies):
        for cell in nonzero(told):
            d, _, k, r = cell
            if named.get(d) != (i, k, r):
                raise NotCovered("a lie under a rule that does not punish it")
            weight = told[cell] / mass(design, i, k)
            owed[i, k] = owed.get((i, k), Fraction(0)) + weight
            rows.append((weight, f"Lie {d}"))
    for i, truth in enumerate(y.rules.truth):
        for cell in nonzero(truth):
            d, _, k = cell
            kind = f"Under {d} (IR {i} {k})" if design.ir_binds else f"Truth {d} {i} {k}"
            rows.append((truth[cell] / mass(design, i, k), kind))
    if design.ir_binds:  # truth is worth the outside option under every rule: rule 0 stands for the worst
        for (i, k), weight in owed.items():
            rows += [(weight, f"Truth 0 {i} {k}"), (-weight, f"Under 0 (IR {i} {k})")]
    for entry in y.rows(design):
        if entry.kind == "BB" or (entry.kind == "IR" and design.ir == "ex-post"):
            value, what = requirement(design, entry)
            rows.append((value, f"Under {entry.rule or 0} ({what})"))
        elif entry.kind == "IR" and not design.ir_binds:
            assert entry.agent is not None and entry.type is not None
            rows.append(
                (entry.value / mass(design, entry.agent, entry.type), f"Part {entry.agent} {entry.type}")
            )
    weights = y.rules.objective
    if status == "infeasible" and any(True for _ in nonzero(weights)):
        raise NotCovered("a refutation that uses the objective")
    rows += [(weights[cell], f"SameValue {cell[0]}") for cell in nonzero(weights) if cell[0]]
    order = [named.get(d, next(iter(named.values()))) for d in range(max(named, default=-1) + 1)]
    yield "(** Rule d punishes the d-th lie (agent, type, report). *)"
    yield definition("lies", "list (nat * nat * nat)", ["({}, {}, {})%nat".format(*lie) for lie in order])
    yield definition("multipliers", "list (Q * arow)", write.weighed(rows))
