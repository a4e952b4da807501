"""At which coalition patterns within the given one a condition holds, and which minimal ones make it fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from ...environment.coalitions import Coalition
from ...question.implementation import Implementation
from ...question.premises import InvalidDesign
from .findings import VERDICTS, Finding, coalition_text

#: Most coalitions of several agents whose patterns are gone through.
MOST_LARGER = 12
#: Minimal patterns that words list.
LISTED = 8
#: Conditions that depend on the coalition pattern.
VARYING = (
    "robust-ic",
    "robust-ic-unpooled",
    "interim-ic",
    "interim-ic-unpooled",
    "ambiguous-ic",
    "interim-monotonicity",
    "interim-monotonicity-printed",
    "interim-refutation",
    "robust-monotonicity",
    "robust-monotonicity-printed",
    "ambiguous-monotonicity",
    "robust-implementation",
    "ambiguous-implementation",
    "interim-equilibrium",
    "interim-equilibrium-unpooled",
    "ambiguous-equilibrium",
    "interim-full-implementation",
    "interim-full-implementation-unpooled",
    "ambiguous-full-implementation",
)


def varies(question: Implementation, check: str) -> bool:
    """Whether a condition is asked about every pattern within the given one."""
    return question.within and check in VARYING


def at_each(question: Implementation) -> list[Implementation]:
    """The question at every pattern within the given one, the smaller ones first, itself last.

    Raises
    ------
    InvalidDesign
        More than :data:`MOST_LARGER` coalitions of several agents.
    """
    single = tuple(own for own in question.pattern if len(own) == 1)
    larger = [own for own in question.pattern if len(own) > 1]
    if len(larger) > MOST_LARGER:
        raise InvalidDesign(
            f"coalitions: patterns: {len(larger)} coalitions of several agents make {2 ** len(larger):,} patterns; at most "
            f"{MOST_LARGER} are taken ({2**MOST_LARGER:,} patterns): name fewer coalitions"
        )
    chosen = [own for k in range(len(larger) + 1) for own in combinations(larger, k)]
    return [question.asking(pattern=(*single, *own), within=False) for own in chosen]


def lattice(
    question: Implementation,
    witness: Mapping[str, Any],
    settle: Callable[[Implementation, Mapping[str, Any]], Finding],
) -> Finding:
    """The finding at the given pattern, with the minimal patterns at which it is another one.

    Raises
    ------
    InvalidCertificate
        When a witness of some pattern shows nothing.
    """
    asked = at_each(question)
    found = [settle(own, part) for own, part in zip(asked, witness["patterns"], strict=True)]
    whole = found[-1]
    counts = {holds: sum(f.holds is holds for f in found) for holds in (True, False, None)}
    shown = ", ".join(f"{VERDICTS[holds]} at {count:,}" for holds, count in counts.items() if count)
    words = [f"of {len(asked):,} coalition patterns within the given one it {shown}"]
    for holds in (False, None):
        minimal = _minimal([q.pattern for q, f in zip(asked, found, strict=True) if f.holds is holds])
        if minimal:
            more = f"; and {len(minimal) - LISTED:,} more" if len(minimal) > LISTED else ""
            texts = "; ".join(_text(question, own) for own in minimal[:LISTED])
            words.append(
                f"minimal patterns at which it {VERDICTS[holds]}: {texts}{more}".replace(
                    "it und", "it is und"
                )
            )
    saved = {"patterns": [dict(f.witness) for f in found]}
    return Finding(whole.check, whole.holds, (*whole.words, *words), saved)


def _minimal(patterns: Sequence[tuple[Coalition, ...]]) -> list[tuple[Coalition, ...]]:
    """Those that contain no other one; the smaller ones come first."""
    out: list[tuple[Coalition, ...]] = []
    for own in patterns:
        if not any(set(other) <= set(own) for other in out):
            out.append(own)
    return out


def _text(question: Implementation, own: tuple[Coalition, ...]) -> str:
    larger = [coalition_text(question, c) for c in own if len(c) > 1]
    return f"single agents and {', '.join(larger)}" if larger else "single agents alone"


__all__ = ["VARYING", "at_each", "lattice", "varies"]
