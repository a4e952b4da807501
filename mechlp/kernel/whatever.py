"""Answers that hold whatever payoffs are between their ends."""

from __future__ import annotations

from collections.abc import Iterator

from ..answer.answer import Answer
from ..question.design import Design
from .best import Lemmas, best, closed
from .covered import NotCovered
from .multipliers import certificate
from .statement import Asked, Worth, existence, found_one
from .syntax import Numerals, definition, real

#: The requirements that payoffs are part of.
ABOUT_PAYOFFS = ("efficient", "bayesian_IC", "ex_post_IC", "interim_IR", "ex_post_IR")
QUESTION = "env ends numbers question"
#: By objective that payoffs are part of: what a mechanism is worth, whatever they are.
OF_PAYOFFS = {
    "surplus": "expected_surplus_at env (numbered x numbers) M",
    "weighted-interim": "weighted_interim_at env (numbered x numbers) M welfare_weights",
}


def asked(design: Design, write: Numerals) -> Iterator[str]:
    """The question, of any payoffs ``x`` between the ends."""
    said = Asked(design, write, design.ic, design.ir)
    yield from said.defined
    words = [part.split(maxsplit=1) for part in said.parts]
    parts = [
        f"{word}_at env (numbered x numbers) M" if word in ABOUT_PAYOFFS else f"{word} {rest}"
        for word, rest in words
    ]
    yield "Definition asks (x : unknowns) (M : mechanism) : Prop :=\n  " + " /\\\n  ".join(parts) + "."
    yield said.question()
    yield "Lemma same : forall x M, asks x M <-> satisfies_at env question (numbered x numbers) M."
    yield "Proof. same_whatever asks question. Qed."


def theorem(answer: Answer, write: Numerals) -> Iterator[str]:
    """That a mechanism exists, or none, or how much one may be worth.  Raises NotCovered."""
    design = answer.design
    if answer.proof is not None:
        if answer.proof.multipliers is None:
            raise NotCovered("a proof by cases about payoffs between two ends")
        yield definition("multipliers", "certificate", certificate(design, answer.proof.multipliers, write))
    if answer.rules:
        yield found_one(answer.rules[0], design, write)
    if answer.status in ("infeasible", "feasible"):
        some = answer.status == "feasible"
        by, proof = ("one_whatever", "found") if some else ("none_whatever", "multipliers")
        yield existence(some, f"{by} {QUESTION} asks same {proof}", what="whatever")
        return
    if answer.status not in ("optimal", "bracket", "undecided"):
        raise NotCovered(f"an answer about payoffs between two ends that is {answer.status}")
    worth = Worth(design, write)
    yield from worth.defined
    yield "\n(** The answer. *)\nOpen Scope R_scope."
    if design.wants.kind in OF_PAYOFFS:
        yield _assured(answer, worth, write)
        return
    lemmas = Lemmas(
        QUESTION,
        "whatever_reached",
        "whatever_at_{}",
        "multipliers",
        some="exists M, (forall x, between_ends ends x -> asks x M) /\\ {}",
        every="forall x, between_ends ends x -> forall M, asks x M -> {}",
    )
    yield from best(worth, answer, write, lemmas)


def _assured(answer: Answer, worth: Worth, write: Numerals) -> str:
    """What some mechanism is surely worth, and what none is worth more than, where payoffs are part of the objective."""
    name, bound = OF_PAYOFFS[answer.design.wants.kind], answer.bound if answer.proof is not None else None
    statements, proofs = [], []
    for number, lemma, given in ((answer.value, "assured", "found"), (bound, "never_more", "multipliers")):
        if number is None:
            continue
        least = f"exists M, forall x, between_ends ends x -> asks x M /\\ {real(number)} <= {name}"
        most = f"forall x, between_ends ends x -> forall M, asks x M -> {name} <= {real(number)}"
        statements.append(f"({least if lemma == 'assured' else most})")
        proofs.append(
            f"apply ({lemma} {QUESTION} {worth.library} asks (fun x M => {name}) same ({write.number(number)})%Q {given}).\n"
            "    + reflexivity. + number_is. + checked."
        )
    if not statements:
        raise NotCovered("an undecided answer with neither a mechanism nor a bound")
    title = f"greatest_{worth.word}" if answer.value == bound else f"about_the_{worth.word}"
    return closed(title, statements, proofs)


__all__ = ["asked", "theorem"]
