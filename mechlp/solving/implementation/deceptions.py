"""Finds who refutes deceptions, and by which rewards; or one that nobody refutes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...deadline import Deadline
from ...proof.implementation.deceptions import Claim, Deceptions
from ...proof.implementation.margins import Point, meets
from .margins import MOST_NODES, Undecided, search

#: Searches that are remembered.
MOST_REMEMBERED = 20_000
#: Nodes of a search for one reward, of which there may be many; and when the question is forced.
NODES, NODES_FORCED = 400, 10 * MOST_NODES
#: The same once another search about the same deception was too long: only a reward can still settle it.
FEW = 40


def refutations(
    every: Sequence[Deceptions], deadline: Deadline, say: Callable[[str], None]
) -> dict[str, Any]:
    """A reward for each open deception, or the cases of one that nobody refutes; ``say`` is told how many are done.

    Raises
    ------
    Undecided
        Where the search for a reward was too long, and no deception was found that nobody refutes.
    """
    rewards: list[dict[str, Any]] = []
    unsure: Undecided | None = None
    for which, own in enumerate(every):
        known = _Known(deadline, NODES_FORCED if own.question.force else NODES)
        for case in own.open():
            say(f"{len(rewards):,} deceptions refuted")
            try:
                found = known.refuted(own.claims(case))
            except Undecided as error:
                if deadline.passed:
                    raise
                unsure = error
                continue
            if isinstance(found, list):
                return {"function": which, **case.to_json(), "trees": found}
            claim, point = found
            item = {"function": which, **case.to_json(), **claim.to_json(own.question)}
            rewards.append({**item, "reward": point.to_json()})
    if unsure is not None:
        raise unsure
    return {"rewards": rewards}


class _Known:
    """What was found about claims so far; rewards serve again where they can."""

    def __init__(self, deadline: Deadline, nodes: int) -> None:
        self.deadline, self.nodes = deadline, nodes
        self.searched: dict[Any, tuple[Point | None, Any]] = {}
        self.rewards: dict[Any, list[Point]] = {}

    def refuted(self, claims: Iterable[Claim]) -> tuple[Claim, Point] | list[Any]:
        """A claim with its reward, or the case against each claim.  Raises Undecided."""
        claims = list(claims)
        for claim in claims:
            for point in self.rewards.get(claim.among, ()):
                if meets(claim.system, claim.system.rows, point):
                    return claim, point
        trees: list[Any] = []
        doubt: Undecided | None = None
        for claim in claims:
            try:
                found, tree = self._search(claim, self.nodes if doubt is None else FEW)
            except Undecided as error:
                doubt = error
                continue
            if found is not None:
                self.rewards.setdefault(claim.among, []).append(found)
                return claim, found
            trees.append(tree)
        if doubt is not None:
            raise doubt
        return trees

    def _search(self, claim: Claim, nodes: int) -> tuple[Point | None, Any]:
        if (found := self.searched.get(claim.memo)) is None:
            if len(self.searched) >= MOST_REMEMBERED:
                self.searched.clear()
            found = search(claim.system, claim.choices, self.deadline, nodes)
            self.searched[claim.memo] = found
        return found


__all__ = ["refutations"]
