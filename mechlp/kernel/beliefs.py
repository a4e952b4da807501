"""Types that hold several beliefs possible: the sets, a mechanism that they accept, and proofs by cases that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from ..answer.answer import Answer
from ..proof.cases import Case
from ..proof.multipliers import Multipliers, nonzero
from ..question.design import Design
from ..question.rules import NOBODY
from .best import Lemmas, best, endless
from .covered import NotCovered
from .multipliers import Gone, inline, narrowed, nature, requirement
from .priors import Guarantee, guarantee
from .statement import Worth, existence, found_one
from .syntax import Numerals, comment, common, fractions, profile

#: By notion, the library's name of it, and IC and IR in words.
ATTITUDES = {
    "maxmin": ("WorstBelief", "maxmin_IC", "maxmin_IR"),
    "bewley": ("EveryBelief", "bewley_IC", "bewley_IR"),
    "minmax-regret": ("GreatestRegret", "regret_IC", "bewley_IR"),
}


def sets(design: Design, write: Numerals) -> Iterator[str]:
    """``beliefs i k``: for each type the vertices of its set, as weights; a set that types share stands once."""
    environment = design.environment
    assert environment.belief_sets is not None
    cases, names = [], {}
    for i, (agent, own) in enumerate(zip(environment.agents, environment.belief_sets, strict=True)):
        for k, beliefs in enumerate(own):
            if (i, id(beliefs)) not in names:
                names[i, id(beliefs)] = name = f"beliefs_of_{i}_{k}"
                rest = beliefs.vertices.shape[1:]
                shape = (*rest[:i], agent.size, *rest[i:])
                points = [
                    np.broadcast_to(np.expand_dims(fractions(point, rest), i), shape)
                    for point in beliefs.vertices
                ]
                over = common(*points)
                tables = ";\n  ".join(f"look ({write.table(point, over)})" for point in points)
                yield f"(** {comment(agent.name)}: {comment(beliefs.kind)}, and all mixtures. *)"
                yield f"Definition {name} : list (profile -> Q) := [\n  {tables}]."
            cases.append(f"{i}%nat, {k}%nat => {names[i, id(beliefs)]}")
    yield (
        "Definition beliefs (i k : nat) : list (profile -> Q) :=\n  match i, k with "
        + " | ".join(cases)
        + " | _, _ => [] end."
    )
    yield "Theorem beliefs_are_sets : sets_of_beliefs env beliefs."
    yield "Proof. apply sets_fine_sound. checked. Qed."


def asked(design: Design) -> tuple[str, str, list[str]]:
    """The attitude, whether taking part is asked, and the requirements in words."""
    attitude, ic, ir = ATTITUDES[design.ic]
    interim = design.ir == "interim"
    parts = [f"{ic} env beliefs M", *([f"{ir} env beliefs M"] if interim else [])]
    return attitude, "true" if interim else "false", parts


def theorem(answer: Answer, write: Numerals) -> Iterator[str]:
    """That a mechanism exists, or none, or how much one may be worth.  Raises NotCovered."""
    design = answer.design
    attitude, interim, _ = asked(design)
    question = f"env question beliefs {attitude} {interim}"
    if answer.proof is not None:
        kind, written = ("branches", _branches) if design.deterministic else ("sights", _cases)
        yield f"Definition proof_by_cases : {kind} :=\n  {written(design, answer.proof, write)}."
    if design.robust and answer.status not in ("infeasible", "feasible"):
        lemmas = Guarantee(
            f"env question beliefs {attitude} {interim}",
            ("one_faces_guarantees", "intros M H1 H2; apply same; split; assumption"),
            ("none_faces_more", "apply same"),
            "proof_by_cases",
        )
        yield from guarantee(answer, write, lemmas)
        return
    if answer.rules:
        yield found_one(answer.rules[0], design, write)
    of, shown = ("certain_", "eq_refl ") if design.deterministic else ("", "")
    if answer.status in ("infeasible", "feasible"):
        some = answer.status == "feasible"
        lemma = f"one_{of}faces {question} asks same found"
        none = f"none_{of}faces {question} asks same {shown}proof_by_cases"
        yield existence(some, lemma if some else none)
        return
    worth = Worth(design, write)
    if answer.status == "unbounded":
        if design.deterministic:
            raise NotCovered(f"ic: {design.ic} with deterministic rules and an objective without end")
        yield from endless(worth, answer, write, question, "faces_")
        return
    if answer.status not in ("optimal", "bracket", "undecided"):
        raise NotCovered(f"an answer that is {answer.status}, where types hold several beliefs possible")
    yield from worth.defined
    yield "\n(** The answer. *)\nOpen Scope R_scope."
    by = Lemmas(question, f"{of}faces_reached", f"{of}faces_at_{{}}", "proof_by_cases", shown)
    yield from best(worth, answer, write, by)


def _cases(design: Design, proof: Case, write: Numerals) -> str:
    """A tree of the beliefs under which lies are seen."""
    if proof.multipliers is not None:
        rows = inline(write.weighed(list(_rows(design, proof.multipliers))))
        refutes = proof.refutes or design.wants.kind == "feasibility"
        if design.robust and not refutes:
            table, others = nature(design, proof.multipliers, write)
            return f"WorstPrior ({table}) {others} {rows}"
        return f"{'Contradiction' if refutes else 'Limit'} {rows}"
    if proof.lie is None:
        raise NotCovered("a case of this kind, where types hold several beliefs possible")
    i, k, r = proof.lie
    each = ";\n   ".join(_cases(design, case, write) for case in proof.beliefs)
    return f"Seen {i} {k} {r} [\n   {each}]"


def _branches(
    design: Design,
    proof: Case,
    write: Numerals,
    gone: Gone = frozenset(),
) -> str:
    """A tree of the outcomes that are used, and of the beliefs under which lies are seen, of deterministic rules."""
    if proof.lie is not None:
        i, k, r = proof.lie
        each = ";\n   ".join(_branches(design, case, write, gone) for case in proof.beliefs)
        return f"SeenAs {i} {k} {r} [\n   {each}]"
    if proof.yes is None or proof.no is None:
        return f"Rest ({_cases(design, proof, write)})"
    at = profile(proof.profile)
    yes, no = (
        f"NoneLeft {at}" if left is None else _branches(design, case, write, left)
        for case, left in zip((proof.yes, proof.no), narrowed(design, proof, gone), strict=True)
    )
    return f"Used {proof.outcome} {at}\n   ({yes})\n   ({no})"


def _rows(design: Design, y: Multipliers) -> Iterator[tuple[Fraction, str]]:
    """Multipliers, with what worst cases or single beliefs imply."""
    if y.rules is not None:
        for i, truth in enumerate(y.rules.truth):
            for cell in nonzero(truth):
                yield truth[cell], f"AtTruth {_state(design, i, cell[2], cell[1])} {i} {cell[2]}"
    for entry in y.rows(design):
        agent, own = entry.agent, entry.type
        if agent is None or own is None or (entry.kind == "IR" and design.ir != "interim"):
            value, what = requirement(design, entry)
            yield value, f"Plain ({what})"
        elif y.rules is None or (entry.kind == "IR" and design.regrets):
            under = vertex(design, agent, own, entry.state)
            lie = f"TruthUnder {under} {agent} {own} {entry.report}"
            yield entry.value, lie if entry.kind == "IC" else f"PartUnder {under} {agent} {own}"
        elif entry.kind == "IR":
            yield entry.value, f"AtPart {agent} {own}"
        else:
            seen = y.rules.labels.punishes[agent][own, entry.report] != NOBODY
            yield entry.value, f"{'AtLie' if seen else 'AtOpenLie'} {agent} {own} {entry.report}"


def _state(design: Design, agent: int, own: int, state: int) -> int:
    """A state of a type by its place: of types that compare regrets, a belief and the report that regret is against."""
    if not design.regrets:
        return vertex(design, agent, own, state)
    belief, against = divmod(state, size := design.environment.agents[agent].size)
    return vertex(design, agent, own, belief) * size + against


def vertex(design: Design, agent: int, own: int, state: int) -> int:
    """A belief of a type by its place: where types hold different numbers of them, the last is repeated."""
    assert design.environment.belief_sets is not None
    return min(state, len(design.environment.belief_sets[agent][own].vertices) - 1)
