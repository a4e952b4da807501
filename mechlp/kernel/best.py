"""The theorem of a best value: what some mechanism attains, and what none exceeds; or that there is no best one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..answer.answer import Answer
from .covered import NotCovered
from .statement import Worth, found
from .syntax import Numerals, real


@dataclass(frozen=True)
class Lemmas:
    """What of the library closes the two halves: ``question`` is what a lemma is about, ``bounded`` has a place for ``most`` or
    ``least``, and is given a number, after what is ``shown`` before, and the ``proof``.  ``some`` and ``every`` say, with a place
    for what is said of the worth, of which mechanisms it is said."""

    question: str
    reached: str
    bounded: str
    proof: str
    shown: str = ""
    some: str = "exists M, asks M /\\ {}"
    every: str = "forall M, asks M -> {}"


def best(worth: Worth, answer: Answer, write: Numerals, lemmas: Lemmas) -> Iterator[str]:
    """What is attained, and what nothing exceeds: both where both are known.  Raises NotCovered."""
    most, name, value = worth.sign > 0, worth.name, answer.value
    bound = answer.bound if answer.proof is not None else None
    statements, proofs = [], []
    if value is not None:
        library = worth.library if most else worth.library.removeprefix("(Less ").removesuffix(")")
        statements.append(f"({lemmas.some.format(f'{name} M = {real(value)}')})")
        proofs.append(
            f"apply ({lemmas.reached} {lemmas.question} {library} asks ({name}) same ({write.number(value)})%Q found).\n"
            "    + reflexivity. + number_is. + checked."
        )
    if bound is not None:
        order = f"{name} M <= {real(bound)}" if most else f"{real(bound)} <= {name} M"
        number = f"({write.number(bound * worth.sign)})%Q"
        statements.append(f"({lemmas.every.format(order)})")
        proofs.append(
            f"apply ({lemmas.bounded.format('most' if most else 'least')} {lemmas.question} {worth.library} asks ({name}) same "
            f"{lemmas.shown}{number} {lemmas.proof}).\n"
            "    + reflexivity. + number_is. + checked."
        )
    if not statements:
        raise NotCovered("an undecided answer with neither a mechanism nor a bound")
    title = f"{'greatest' if most else 'least'}_{worth.word}" if value == bound else f"about_the_{worth.word}"
    yield closed(title, statements, proofs)


def closed(title: str, statements: Sequence[str], proofs: Sequence[str]) -> str:
    """A theorem of one or two statements, with a proof of each."""
    steps = (
        f"  {proofs[0]}" if len(proofs) == 1 else "  split.\n" + "\n".join(f"  - {step}" for step in proofs)
    )
    return (
        f"Theorem {title} :\n  " + " /\\\n  ".join(statements) + f".\nProof.\n{steps}\nQed.\n"
        f"Print Assumptions {title}."
    )


def endless(
    worth: Worth, answer: Answer, write: Numerals, question: str = "env question", of: str = ""
) -> Iterator[str]:
    """That what is wanted goes on without end, along a change of transfers; ``of`` begins the name of the lemma."""
    up, name = worth.sign > 0, worth.name
    _, change = found(answer.direction[0], answer.design, write)
    order, word, by = (f"x <= {name} M", "greatest", "grows") if up else (f"{name} M <= x", "least", "falls")
    yield f"(** What can be added to the transfers any number of times. *)\nDefinition direction := {change}."
    yield from worth.defined
    yield f"""
(** The answer. *)
Open Scope R_scope.
Theorem no_{word}_{worth.word} : forall x : R, exists M : mechanism, asks M /\\ {order}.
Proof. apply ({of}{by}_always {question} {worth.library} asks ({name}) same found direction). reflexivity. checked. Qed.
Print Assumptions no_{word}_{worth.word}."""


__all__ = ["Lemmas", "best", "closed", "endless"]
