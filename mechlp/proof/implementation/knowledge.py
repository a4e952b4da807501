"""What maxmin agents hold possible, and what is common knowledge (Guo 2018, sections 3.2 to 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from ...mechanism.maxmin_deviations import held_possible, possible_profiles, worst_beliefs
from ...question.implementation import Implementation
from ...question.premises import InvalidDesign
from .findings import Finding, coalition_text

Cells = tuple[int, ...]
#: Coalitions of which it is said what is common knowledge among them, and type profiles that words list.
MOST_SAID, LISTED = 16, 24
#: Most functions that are pieced together.
MAX_PIECED = 200_000


def partition(question: Implementation, coalition: Sequence[int]) -> list[list[Cells]]:
    """F_S: the finest partition of T* that is coarser than what each member knows, each cell in the order of the grid."""
    there = [tuple(map(int, cell)) for cell in np.argwhere(possible_profiles(question.environment))]
    cells: list[list[Cells]] = []
    for profile in there:
        joined = [c for c in cells if any(other[i] == profile[i] for other in c for i in coalition)]
        cells = [c for c in cells if c not in joined] + [sorted([profile, *(p for c in joined for p in c)])]
    return sorted(cells)


def agreement(question: Implementation) -> Finding:
    """Whether agents agree on which profiles are impossible; T*, the common knowledge of all and of the first coalitions of the
    pattern (of one agent: her information sets)."""
    environment = question.environment
    held = [held_possible(environment, i) for i in range(environment.n)]
    there = [tuple(map(int, cell)) for cell in np.argwhere(possible_profiles(environment))]
    cells = partition(question, range(environment.n))
    label = lambda cell: f"({environment.profile_label(cell)})"  # noqa: E731
    listed = lambda parts: "; ".join(" ".join(map(label, cell)) for cell in parts[:6])  # noqa: E731
    words = [
        f"T* has {len(there):,} of {environment.num_profiles:,} type profiles",
        f"common knowledge of all agents has {len(cells):,} cell{'s' * (len(cells) != 1)}"
        + (f": {listed(cells)}" if len(cells) > 1 and len(there) <= LISTED else ""),
    ]
    smaller = [own for own in question.pattern if len(own) < environment.n][:MOST_SAID]
    known = [(own, partition(question, own)) for own in smaller]
    for own, parts in known if len(there) <= LISTED else ():
        words.append(f"{coalition_text(question, own)} know which of these is true: {listed(parts)}")
    saved: dict[str, Any] = {
        "possible": [list(cell) for cell in there],
        "cells": [[list(p) for p in cell] for cell in cells],
        "known": [
            {"coalition": question.members(own), "cells": [[list(p) for p in cell] for cell in parts]}
            for own, parts in known
        ],
    }
    differ = np.argwhere(np.any(held, axis=0) & ~np.all(held, axis=0))
    if len(differ):
        cell = tuple(map(int, differ[0]))
        who = [a.name for a, own in zip(environment.agents, held, strict=True) if own[cell]]
        words.insert(0, f"{label(cell)} is possible for {', '.join(who)}, and for nobody else")
    return Finding("agreement", not len(differ), tuple(words), saved)


def assumption(question: Implementation) -> Finding:
    """Assumption 3.4.1, profile by profile."""
    environment = question.environment
    beliefs = [worst_beliefs(environment, i) for i in range(environment.n)]
    rests = [environment.shape[:i] + environment.shape[i + 1 :] for i in range(environment.n)]
    why: dict[str, int] = {"sure": 0, "full": 0}
    for cell in np.argwhere(possible_profiles(environment)):
        ways = set()
        for j in range(environment.n):
            own = beliefs[j][int(cell[j])]
            at = int(np.ravel_multi_index(tuple(np.delete(cell, j)), rests[j])) if rests[j] else 0
            if bool(np.any(own[:, at] == 1)):
                ways.add("sure")
            seen = np.any(np.asarray(own > 0), axis=0)
            if bool(np.all(np.asarray(own > 0)[:, seen])):
                ways.add("full")
        if not ways:
            words = (
                f"at ({environment.profile_label(tuple(map(int, cell)))}) no agent may be sure of it, and each excludes under "
                "some belief what she holds possible under another",
            )
            return Finding("assumption-3.4.1", False, words, {"profile": [int(k) for k in cell]})
        for way in ways:
            why[way] += 1
    words = (
        f"some agent may be sure of it at {why['sure']:,} profiles, some has full support at {why['full']:,}: one at each",
    )
    return Finding("assumption-3.4.1", True, words, why)


def labelled(question: Implementation) -> np.ndarray[Any, Any]:
    """Numbers for outcomes, the same for the same lottery and transfers: shape (functions, profiles)."""
    seen: dict[tuple[Any, ...], int] = {}
    rows = []
    for choice in question.choices:
        row = []
        for cell in np.ndindex(*question.environment.shape):
            lottery, paid = choice.at(cell)
            key = (*lottery.fractions(), *paid.fractions())
            row.append(seen.setdefault(key, len(seen)))
        rows.append(row)
    return np.array(rows)


def closure(question: Implementation) -> Finding:
    """Definition 3.3.5, for functions on T*: what they are elsewhere no agent ever sees."""
    environment = question.environment
    cells = partition(question, range(environment.n))
    names = labelled(question)
    at = [[int(np.ravel_multi_index(p, environment.shape)) for p in cell] for cell in cells]
    kinds = [sorted({tuple(row[own]) for row in names}) for own in at]
    count = 1
    for own in kinds:
        count *= len(own)
    if count > MAX_PIECED and not question.force:
        raise InvalidDesign(
            f"coalitions: closure pieces {count:,} functions together; at most {MAX_PIECED:,} unless forced (--force)"
        )
    known = {tuple(tuple(row[own]) for own in at) for row in names}
    for pieced in product(*kinds):
        if pieced not in known:
            of = [
                next(question.name(k) for k, row in enumerate(names) if tuple(row[own]) == part)
                for own, part in zip(at, pieced, strict=True)
            ]
            shown = "; ".join(
                f"{name} at ({environment.profile_label(cell[0])})"
                for name, cell in zip(of, cells, strict=True)
            )
            return Finding(
                "closure", False, (f"pieced together, {shown} and so on is not in the set",), {"pieces": of}
            )
    plural = lambda n: "s" * (n != 1)  # noqa: E731
    words = (
        f"all {count:,} function{plural(count)} pieced together from {len(cells)} cell{plural(len(cells))} "
        "are in the set"
    )
    return Finding("closure", True, (words,), {"functions": count})


__all__ = ["agreement", "assumption", "closure", "labelled", "partition"]
