"""Ambiguous transfers: several announced rules, and multipliers that are spread over them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..answer.answer import Answer
from ..proof.multipliers import Multipliers, nonzero
from ..question.design import Design
from ..question.rules import NOBODY, lies, types
from .best import Lemmas, best
from .covered import NotCovered
from .multipliers import mass, requirement
from .statement import Worth, existence, found
from .syntax import Numerals, definition


def theorems(answer: Answer, write: Numerals) -> Iterator[str]:
    """The definitions and the theorem of an answer about rules."""
    design = answer.design
    interim = design.ir == "interim" and not design.ir_binds
    yield from _asked(design, interim, write)
    question = f"env question {_alpha(design, write)} {'true' if interim else 'false'}"
    if answer.proof is not None:
        if answer.proof.multipliers is None:
            raise NotCovered("a proof of this kind about ambiguous transfers")
        yield from _certificate(design, answer.proof.multipliers, answer.status, write)
    if answer.rules:
        tables = [found(rule, design, write) for rule in answer.rules]
        listed = ";\n  ".join(f"({q},\n  {t})" if design.allocation_by_rule else t for q, t in tables)
        kind = "Each" if design.allocation_by_rule else f"OneAllocation ({tables[0][0]})"
        yield f"Definition found : announced := {kind} [\n  {listed}]."
    if answer.status in ("infeasible", "feasible"):
        some = answer.status == "feasible"
        by, proof = ("ambiguous_exists", "found") if some else ("ambiguous_refuted", "lies multipliers")
        yield existence(some, f"{by} {question} asks same {proof}", what="rules")
        return
    worth = Worth(design, write)
    if answer.status == "unbounded":
        yield from _endless(worth, answer, question, write)
        return
    yield from worth.defined
    yield "\n(** The answer. *)\nOpen Scope R_scope."
    lemmas = Lemmas(
        question,
        "ambiguous_reached",
        "ambiguous_at_{}",
        "lies multipliers",
        some="exists rules, asks rules /\\ forall M, In M rules -> {}",
        every=f"forall rules, asks rules -> one_value ({worth.name}) rules -> forall M, In M rules -> {{}}",
    )
    yield from best(worth, answer, write, lemmas)


def _alpha(design: Design, write: Numerals) -> str:
    return f"{write.number(design.alpha)}%Q"


def _asked(design: Design, interim: bool, write: Numerals) -> Iterator[str]:
    """What is asked of all rules together; a weight of one on the worst rule is not mentioned."""
    notion, weight = ("ambiguous", "") if design.alpha == 1 else ("alpha", f" {_alpha(design, write)}")
    parts = ["rules <> []", "(forall M, In M rules -> each M)"]
    if not design.allocation_by_rule:
        parts.append("one_allocation rules")
    parts.append(f"{notion}_IC env{weight} rules")
    if interim:
        parts.append(f"{notion}_IR env{weight} rules")
    yield "(** What is asked of the rules that the designer announces. *)"
    yield "Definition asks (rules : list mechanism) : Prop :=\n  " + " /\\ ".join(parts) + "."
    asked = f"ambiguous env question {_alpha(design, write)} {'true' if interim else 'false'} rules"
    yield f"Lemma same : forall rules, asks rules <-> {asked}."
    yield "Proof. same_ambiguous asks question same_each. Qed.\n"


def _endless(worth: Worth, answer: Answer, question: str, write: Numerals) -> Iterator[str]:
    """That what is wanted goes on without end, along a change of the transfers of each rule."""
    up = worth.sign > 0
    order, word, by = ("x <= y", "greatest", "grows") if up else ("y <= x", "least", "falls")
    changes = ";\n  ".join(found(change, answer.design, write)[1] for change in answer.direction)
    yield "(** What can be added to the transfers of each rule any number of times. *)"
    yield f"Definition directions := [\n  {changes}]."
    yield from worth.defined
    yield f"""
(** The answer. *)
Open Scope R_scope.
Theorem no_{word}_{worth.word} : forall x : R, exists rules, asks rules /\\
  exists y, {order} /\\ forall M, In M rules -> {worth.name} M = y.
Proof.
  apply (ambiguous_{by}_always {question} {worth.library} asks ({worth.name}) same found directions).
  - reflexivity.
  - checked.
Qed.
Print Assumptions no_{word}_{worth.word}."""


def _certificate(design: Design, y: Multipliers, status: str, write: Numerals) -> Iterator[str]:
    """The labels in the order of the rules, and every row."""
    assert y.rules is not None
    labels = _labels(design, y)
    rows = [*_lie_rows(design, y, labels), *_truth_rows(design, y)]
    for entry in y.rows(design):
        if entry.kind == "IC":
            continue
        if entry.rule is not None:
            value, what = requirement(design, entry)
            rows.append((value, f"Under {entry.rule} ({what})"))
        elif not design.ir_binds:
            assert entry.agent is not None and entry.type is not None
            rows.append(
                (entry.value / mass(design, entry.agent, entry.type), f"Part {entry.agent} {entry.type}")
            )
    weights = y.rules.objective
    if status == "infeasible" and any(True for _ in nonzero(weights)):
        raise NotCovered("a refutation that uses the objective")
    rows += [(weights[cell], f"SameValue {cell[0]}") for cell in nonzero(weights) if cell[0]]
    order = [labels.get(d, next(iter(labels.values()))) for d in range(max(labels, default=-1) + 1)]
    yield "(** Rule d punishes the d-th lie (agent, type, report), or praises that type's truth. *)"
    yield definition("lies", "list label", ["({}, {}, {})%nat".format(*lie) for lie in order])
    yield definition("multipliers", "list (Q * arow)", write.weighed(rows))


def _labels(design: Design, y: Multipliers) -> dict[int, tuple[int, int, int]]:
    """By rule, the lie that it punishes, or the truth that it praises (where ``alpha`` is below one).  Raises NotCovered."""
    assert y.rules is not None
    labels, named = y.rules.labels, []
    for i, own, report in lies(design):
        named.append((int(labels.punishes[i][own, report]), (i, own, report)))
    if design.alpha < 1:
        for i in range(design.environment.n):
            named += [(int(labels.praises[i][own]), (i, own, own)) for own in map(int, types(design, i))]
    named = [one for one in named if one[0] != NOBODY]
    if len({rule for rule, _ in named}) < len(named):
        raise NotCovered("a rule with two labels")
    return dict(named)


def _lie_rows(
    design: Design, y: Multipliers, labels: dict[int, tuple[int, int, int]]
) -> Iterator[tuple[Fraction, str]]:
    """Multipliers on lies: ``alpha`` of each on the rule that punishes it, the rest on that rule or on others."""
    assert y.rules is not None
    for i, (told, ic) in enumerate(zip(y.rules.lies, y.ic, strict=True)):
        by = {(own, report): d for d, (j, own, report) in labels.items() if j == i and own != report}
        for _, own, report in nonzero(ic):
            assert ic is not None
            d = by.get((own, report))
            if d is None:
                raise NotCovered("a lie that no rule punishes")
            weights = {e: told[e, 0, own, report] for e in range(y.count)}
            rest = ic[0, own, report] / mass(design, i, own)
            for e, weight in weights.items():
                if e == d or not weight:
                    continue
                if design.alpha == 1:
                    raise NotCovered("a lie under a rule that does not punish it")
                share = weight / mass(design, i, own) / (1 - design.alpha)
                rest -= share
                yield share, f"Lie {d} {e}"
            yield rest, f"Lie {d} {d}"


def _truth_rows(design: Design, y: Multipliers) -> Iterator[tuple[Fraction, str]]:
    """Multipliers on truth: ``1 - alpha`` of all on the rule that praises the type, the rest on that rule or on others."""
    assert y.rules is not None
    for i in range(design.environment.n):
        for own in map(int, types(design, i)):
            weights = {d: y.rules.truth[i][d, 0, own] / mass(design, i, own) for d in range(y.count)}
            best = int(y.rules.labels.praises[i][own]) if design.alpha < 1 else None
            if design.ir_binds:
                yield from ((w, f"Under {d} (IR {i} {own})") for d, w in weights.items() if w)
                yield from _bound_truth(design, y, (i, own), best or 0)
                continue
            rest = sum(weights.values(), Fraction(0))
            for d, weight in weights.items():
                if weight and d != best:
                    share = weight / design.alpha
                    rest -= share
                    yield share, f"Truth {d} {d if best is None else best} {i} {own}"
            if rest:
                yield rest, f"Truth {best} {best} {i} {own}"


def _bound_truth(
    design: Design, y: Multipliers, at: tuple[int, int], best: int
) -> Iterator[tuple[Fraction, str]]:
    """Truth is worth the outside option under every rule: rule 0 and the one that praises it stand for what it is worth."""
    i, own = at
    ic = y.ic[i]
    assert ic is not None
    owed = ic[0, own].sum() / mass(design, i, own)
    if owed:
        yield owed, f"Truth 0 {best} {i} {own}"
        yield -owed * design.alpha, f"Under 0 (IR {i} {own})"
        if design.alpha < 1:
            yield -owed * (1 - design.alpha), f"Under {best} (IR {i} {own})"
