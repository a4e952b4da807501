"""Which coalitions of agents can form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from .errors import InvalidEnvironment

Coalition = tuple[int, ...]
#: Most coalitions that a pattern may have.
MAX_COALITIONS = 4_095


def pattern(n: int, coalitions: Iterable[Sequence[int]]) -> tuple[Coalition, ...]:
    """A coalition pattern: the given coalitions and every single agent, the smaller ones first.

    Raises
    ------
    InvalidEnvironment
        An empty coalition, an agent that is none, or more than :data:`MAX_COALITIONS`.
    """
    found: set[Coalition] = {(i,) for i in range(n)}
    for members in coalitions:
        own = tuple(sorted(set(members)))
        if not own or own[0] < 0 or own[-1] >= n:
            raise InvalidEnvironment(f"coalition {list(members)}: expected some of the agents 0 to {n - 1}")
        found.add(own)
        if len(found) > MAX_COALITIONS:
            raise InvalidEnvironment(f"more than {MAX_COALITIONS:,} coalitions: name fewer")
    return tuple(sorted(found, key=lambda own: (len(own), own)))


def up_to(agents: Sequence[int], size: int) -> Iterable[Coalition]:
    """Every coalition of at most ``size`` of some agents, lazily."""
    return (own for k in range(1, min(size, len(agents)) + 1) for own in combinations(agents, k))


def within(islands: Iterable[Sequence[int]]) -> Iterable[Coalition]:
    """Every coalition inside one of the islands, lazily (Guo 2018, section 2.7.2)."""
    return (own for island in islands for own in up_to(tuple(island), len(island)))


__all__ = ["MAX_COALITIONS", "Coalition", "pattern", "up_to", "within"]
