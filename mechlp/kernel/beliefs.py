"""Types that hold several beliefs possible: the sets, and a mechanism that they accept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..answer.answer import Answer
from ..question.design import Design
from .covered import NotCovered
from .statement import found
from .syntax import Numerals, comment, common, fractions


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
    attitude, word = ("WorstBelief", "maxmin") if design.worst_state else ("EveryBelief", "bewley")
    interim = design.ir == "interim"
    parts = [f"{word}_IC env beliefs M", *([f"{word}_IR env beliefs M"] if interim else [])]
    return attitude, "true" if interim else "false", parts


def theorem(answer: Answer, write: Numerals) -> Iterator[str]:
    """That a mechanism exists.  Raises NotCovered."""
    if answer.status != "feasible":
        raise NotCovered(
            f"an answer that is {answer.status}, where types hold several beliefs possible (only feasible ones)"
        )
    attitude, interim, _ = asked(answer.design)
    q, t = found(answer.rules[0], answer.design, write)
    yield f"""Definition found := ({q},
  {t}).

(** The answer. *)
Theorem a_mechanism : exists M : mechanism, asks M.
Proof. apply (one_faces env question beliefs {attitude} {interim} asks same found). checked. Qed.
Print Assumptions a_mechanism."""
