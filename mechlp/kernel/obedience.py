"""Recommended actions: what outcomes recommend, plans that are better than to obey, and mechanisms that all obey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod

import numpy as np

from ..answer.answer import Answer
from ..proof.multipliers import Multipliers, nonzero
from ..question.design import Design
from ..question.obedience import Deviation, families
from .beliefs import vertex
from .best import Lemmas, best
from .covered import NotCovered
from .multipliers import requirement
from .priors import Guarantee, guarantee, worst_prior
from .statement import Worth, existence, found_one, own_families
from .syntax import Numerals, comment, definition, profile

#: By IC: the requirement in words, and the library's notion.
NOTIONS = {
    "obedience": ("obedience env acts M", "Known"),
    "bayesian": ("honesty_and_obedience env acts M", "Expected"),
    "ex-post": ("ex_post_honesty_and_obedience env acts M", "ExPost"),
    "bewley": ("bewley_honesty_and_obedience env acts M beliefs", "(UnderBeliefs beliefs {})"),
}


def asked(design: Design) -> tuple[list[str], str] | None:
    """The requirements and the notion, of which taking part under every belief is a part; None where nobody must obey."""
    if design.environment.actions is None or design.ic not in NOTIONS:
        return None
    word, notion = NOTIONS[design.ic]
    stays = design.ic == "bewley" and design.ir == "interim"
    return [word, *(["bewley_IR env beliefs M"] if stays else [])], notion.format(
        "true" if stays else "false"
    )


def tables(design: Design, write: Numerals) -> Iterator[str]:
    """``acts``: the actions of each agent, and what comes of them; then that they fit the outcomes."""
    environment, actions = design.environment, design.environment.actions
    assert actions is not None
    for agent, names in zip(environment.agents, actions.names, strict=True):
        shown = ", ".join(f"{k} = {comment(name)}" for k, name in enumerate(names)) or "none"
        yield f"(** {comment(agent.name)}: actions {shown}. *)"
    counts = [actions.count(i) for i in range(environment.n)]
    own = ";\n    ".join(profile(row.tolist()) for row in actions.own)
    instead = ";\n    ".join(
        "[" + "; ".join(profile(row) for row in table.tolist()) + "]" for table in actions.instead
    )
    yield f"""Definition acts : actions := {{|
  num_actions := actions_of {profile(counts)};
  recommends := recommended [
    {own}];
  instead := carried_out [
    {instead}] |}}.
Theorem actions_fit_outcomes : are_actions env acts.
Proof. apply actions_fine_sound. checked. Qed."""


def theorem(answer: Answer, notion: str, write: Numerals) -> Iterator[str]:
    """That a mechanism exists, or none, or how much one may be worth.  Raises NotCovered."""
    design, question = answer.design, f"env question acts {notion}"
    if answer.proof is not None:
        if answer.proof.multipliers is None:
            raise NotCovered("a proof by cases about recommended actions")
        yield from _certificate(design, answer.proof.multipliers, write)
    if design.robust and answer.status not in ("infeasible", "feasible"):
        if answer.proof is not None and answer.proof.multipliers is not None:
            yield worst_prior(design, answer.proof.multipliers, write)
        reached = "one_obeying_guarantees", "intros M H1 H2; apply same; split; assumption"
        bounded = "none_obeying_guarantees", "apply same"
        yield from guarantee(
            answer, write, Guarantee(question, reached, bounded, "worst_prior others deviations multipliers")
        )
        return
    if answer.rules:
        yield found_one(answer.rules[0], design, write)
    if answer.status in ("infeasible", "feasible"):
        some = answer.status == "feasible"
        by, proof = ("one_obeys", "found") if some else ("none_obey", "deviations multipliers")
        yield existence(some, f"{by} {question} asks {proof} same")
        return
    if answer.status not in ("optimal", "bracket", "undecided"):
        raise NotCovered(f"an answer about recommended actions that is {answer.status}")
    worth = Worth(design, write)
    yield from worth.defined
    yield "\n(** The answer. *)\nOpen Scope R_scope."
    yield from best(
        worth, answer, write, Lemmas(question, "obeys_reached", "obeys_at_{}", "deviations multipliers")
    )


def _certificate(design: Design, y: Multipliers, write: Numerals) -> Iterator[str]:
    """The deviations that the proof uses, and every row: theirs come behind the requirements of one's own."""
    plans = list(_plans(design, y))
    before = sum(prod(rows.shape) for rows in own_families(design))
    count = len(design.requirements) - len(design.constraints)
    others = []
    for entry in y.rows(design):
        if entry.under_belief(design):
            assert entry.agent is not None and entry.type is not None
            out = vertex(design, entry.agent, entry.type, entry.state)
            plans.append((entry.value, f"StayOut {out} {entry.agent} {entry.type}"))
        elif entry.family is None or entry.family >= count:
            others.append(requirement(design, entry))
    weights = [(weight, f"Own {before + k}") for k, (weight, _) in enumerate(plans)]
    yield "(** What somebody may do instead: report a type, and play an action where each is recommended. *)"
    yield definition("deviations", "list deviation", [what for _, what in plans])
    yield definition("multipliers", "certificate", write.weighed([*others, *weights]))


def _plans(design: Design, y: Multipliers) -> Iterator[tuple[Fraction, str]]:
    """Multipliers of obedience as those of whole plans."""
    actions, pairs = design.environment.actions, families(design)
    assert actions is not None
    weights = [rows.stored(y.linear[k]) for k, (rows, _) in enumerate(pairs)]
    for k, (rows, at) in enumerate(pairs):
        kind, count = rows.name.split()[0], actions.count(at.agent)
        for (cell,) in nonzero(weights[k]) if kind != "plays" else ():
            if kind == "obedience":
                plan = list(range(count))
                plan[at.heard[cell]] = int(at.played[cell])
                mixed = iter([(weights[k][cell], plan)])
            else:
                mixed = _mixed(weights[k - 1].reshape(-1, count, count)[cell].fractions(), count)
            for weight, plan in mixed:
                yield weight, _deviation(design, at, cell, plan)


def _mixed(each: Sequence[Fraction], count: int) -> Iterator[tuple[Fraction, list[int]]]:
    """Weights of what is played by what is heard, as weights of plans: each takes what is left of its least likely part."""
    left = [list(each[h * count : (h + 1) * count]) for h in range(count)]
    while all(any(row) for row in left):
        plan = [next(p for p, weight in enumerate(row) if weight) for row in left]
        weight = min(row[p] for row, p in zip(left, plan, strict=True))
        for row, p in zip(left, plan, strict=True):
            row[p] -= weight
        yield weight, plan


def _deviation(design: Design, at: Deviation, cell: int, plan: Sequence[int]) -> str:
    i, own, report = at.agent, at.type[cell], at.report[cell]
    if design.ic == "bewley":
        under = vertex(design, i, int(own), int(at.state[cell]))
        return f"UnderBelief {under} {i} {own} {report} {profile(plan)}"
    if design.ic != "ex-post":
        return f"Interim {i} {own} {report} {profile(plan)}"
    rest = np.delete(design.environment.shape, i)
    others = [int(k) for k in np.unravel_index(at.state[cell], rest)]
    return f"AtProfile {i} {profile([*others[:i], int(own), *others[i:]])} {report} {profile(plan)}"


__all__ = ["asked", "tables", "theorem"]
