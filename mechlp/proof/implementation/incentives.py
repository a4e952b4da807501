"""Incentive compatibility of coalitions: decided by going through every coalition, type profile and lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...environment.coalitions import Coalition, up_to
from ...exact.numbers import text
from ...mechanism.deviations import Deviation, Play, interim_deviations, robust_deviations
from ...mechanism.maxmin_deviations import Deceit, ambiguous_deviations
from ...question.implementation import Implementation
from .findings import Finding, coalition_text, labels, nobody, types_text

#: Why nothing but the verdict is saved where all was gone through.
THROUGH = "every coalition, type profile and lie was compared"


def every_coalition(question: Implementation) -> tuple[Coalition, ...]:
    """All coalitions."""
    n = question.environment.n
    return tuple(up_to(range(n), n))


def robust_ic(
    question: Implementation, check: str = "robust-ic", strong: bool = False, pooled: bool = True
) -> Finding:
    """Definition 2.4.2, for the pattern or for all coalitions; or what Definition 2.8.1 asks under all beliefs."""
    coalitions = every_coalition(question) if strong else question.pattern
    play = Play.truth(question.environment, question.choice)
    found = list(robust_deviations(play, coalitions, pooled=pooled))
    told = _finding(question, check, coalitions, found, _pooled_words)
    if not found or not pooled:
        return told
    sure = "; ".join(sure_text(question, found[0], m) for m in found[0].members)
    words = f"in a type space in which {sure}, truth is not interim coalitional incentive compatible (Proposition B.1.1)"
    return replace(told, words=(told.words[0], words, *told.words[1:]))


def sure_text(question: Implementation, deviation: Deviation, member: Mapping[str, Any]) -> str:
    """``one of type 0 is sure of (two=1)``: the belief of a member in the type space of Proposition B.1.1."""
    i, environment = member["agent"], question.environment
    known = point_belief(deviation, member)
    own = environment.type_label(i, deviation.types[deviation.coalition.index(i)])
    return f"{environment.agents[i].name} of type {own} is sure of ({types_text(question, [*known], [*known.values()])})"


def point_belief(deviation: Deviation, member: Mapping[str, Any]) -> dict[int, int]:
    """What a member is sure of, agent -> type: her fellow members' types, and the outsiders against which she gains."""
    pairs = zip(deviation.coalition, deviation.types, strict=True)
    fellows = {j: k for j, k in pairs if j != member["agent"]}
    return dict(sorted({**fellows, **member["others"]}.items()))


def interim_ic(question: Implementation, check: str, pooled: bool) -> Finding:
    """Definition 2.4.1, or its variant of Definition 2.8.1."""
    play = Play.truth(question.environment, question.choice)
    found = list(interim_deviations(play, question.pattern, question.update, pooled=pooled))
    return _finding(question, check, question.pattern, found, _pooled_words)


def ambiguous_ic(question: Implementation, check: str = "ambiguous-ic", strong: bool = False) -> Finding:
    """Definition 3.3.1, of every function of the set; or Definition 3.5.1, for all coalitions."""
    coalitions = every_coalition(question) if strong else question.pattern
    for k, choice in enumerate(question.choices):
        found = list(ambiguous_deviations(Play.truth(question.environment, choice), coalitions))
        if found or k == len(question.functions):
            told = _finding(question, check, coalitions, found, deceit_words)
            return told if not k else replace(told, words=(*told.words, f"this is about {question.name(k)}"))
    raise AssertionError


def _finding(
    question: Implementation,
    check: str,
    coalitions: Sequence[Coalition],
    found: Sequence[Any],
    words: Any,
) -> Finding:
    if not found:
        alone = all(len(own) == 1 for own in coalitions)
        through = THROUGH.replace("coalition", "agent") if alone else THROUGH
        words = f"{nobody(coalitions)} gains: {through}"
        return Finding(check, True, (words,), {"coalitions": len(coalitions)})
    first = found[0]
    said = [*words(question, first)]
    if len(coalitions) > question.environment.n:
        said.append(f"minimal coalition patterns at which it fails: {'; '.join(minimal(question, found))}")
    return Finding(check, False, tuple(said), {"deviations": [_json(question, d) for d in found]})


def minimal(question: Implementation, found: Iterable[Any]) -> Iterator[str]:
    """The patterns that fail and from which no coalition can be left out: single agents, and at most one coalition more."""
    failing = [d.coalition for d in found]
    if any(len(own) == 1 for own in failing):
        yield "single agents alone"
        return
    for own in failing:
        yield f"single agents and {coalition_text(question, own)}"


def _json(question: Implementation, deviation: Any) -> dict[str, Any]:
    own = deviation.coalition
    environment = question.environment
    body: dict[str, Any] = {
        "coalition": question.members(own),
        "types": labels(question, own, deviation.types),
    }
    if isinstance(deviation, Deceit):
        body["maps"] = {
            environment.agents[i].name: dict(
                zip(
                    environment.agents[i].types,
                    [environment.type_label(i, k) for k in chosen],
                    strict=True,
                )
            )
            for i, chosen in zip(own, deviation.maps, strict=True)
        }
        body["members"] = [
            {"agent": environment.agents[i].name, "truth": text(now), "deviation": text(then)}
            for i, now, then in deviation.members
        ]
        return body
    body["report"] = labels(question, own, deviation.messages)
    body["members"] = [
        {
            "agent": environment.agents[m["agent"]].name,
            **(
                {"others": labels(question, [*m["others"]], [*m["others"].values()])} if "others" in m else {}
            ),
            "gain": text(m["gain"]),
        }
        for m in deviation.members
    ]
    return body


def _pooled_words(question: Implementation, deviation: Deviation) -> Iterator[str]:
    own = deviation.coalition
    members = []
    for m in deviation.members:
        others = m.get("others", {})
        where = f" against {types_text(question, [*others], [*others.values()])}" if others else ""
        members.append(f"{question.environment.agents[m['agent']].name} gains {text(m['gain'])}{where}")
    yield (
        f"{coalition_text(question, own)} of types ({types_text(question, own, deviation.types)}) gains by reporting "
        f"({types_text(question, own, deviation.messages)}): {'; '.join(members)}"
    )


def deceit_words(question: Implementation, deviation: Deceit) -> Iterator[str]:
    """A deviation of maxmin agents, in a sentence."""
    own = deviation.coalition
    environment = question.environment
    lies = []
    for i, chosen in zip(own, deviation.maps, strict=True):
        told = [
            f"{environment.type_label(i, k)} -> {environment.type_label(i, r)}" for k, r in enumerate(chosen)
        ]
        lies.append(f"{environment.agents[i].name}: {', '.join(told)}")
    members = [
        f"{environment.agents[i].name} has {text(then)} instead of {text(now)}"
        for i, now, then in deviation.members
    ]
    yield (
        f"{coalition_text(question, own)} of types ({types_text(question, own, deviation.types)}) gains by the reports "
        f"{'; '.join(lies)}: in the worst case {'; '.join(members)}"
    )


__all__ = [
    "ambiguous_ic",
    "deceit_words",
    "every_coalition",
    "interim_ic",
    "minimal",
    "point_belief",
    "robust_ic",
]
