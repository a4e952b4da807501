"""Names of blocks and families, made and read in this place alone: ``IC 0`` are the rows of IC of agent 0."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a block of columns or a family of rows is about."""

    # -- columns --------------------------------------------------------------------------------
    CHANCE = "q"
    MIXTURE_OF_RULES = "mix"
    TRANSFER = "t"
    RENT = "rent"
    INTERIM_CHANCE = "Q"
    PAYOFF = "U"
    BEST_PAYOFF = "B"
    LOW_LIE = "l"
    HIGH_LIE = "h"
    VALUE = "value"
    GIVE = "give"
    NATURE = "nature"
    # -- rows -----------------------------------------------------------------------------------
    TRUTH = "truth"
    IC = "IC"
    OPEN = "open"
    BEST = "best"
    LOW = "low"
    HIGH = "high"
    IR = "IR"
    BB = "BB"
    INTERIM = "interim"
    LOTTERY = "lottery"
    MIXTURE = "mixture"
    MONOTONE = "monotone"
    PASSED = "passed"
    CONSISTENCY = "consistency"
    EPIGRAPH = "worst case"
    FURTHER = "worst case of further variables"


def key(kind: Kind, agent: int | None = None) -> str:
    """The name of a block or family, of one agent where there is one each."""
    return kind.value if agent is None else f"{kind.value} {agent}"


def kind_of(name: str) -> tuple[Kind, int | None]:
    """What a name is about, and its agent (or number).  Raises ValueError for a name that :func:`key` does not make."""
    kind, _, agent = name.rpartition(" ")
    return (Kind(kind), int(agent)) if agent.isdigit() else (Kind(name), None)


__all__ = ["Kind", "key", "kind_of"]
