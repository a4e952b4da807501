"""What beliefs allow: conditions with witnesses, and the theorems that follow; loaded when first named."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conditions import (
        Finding,
        bdp,
        common_prior,
        convex_independence,
        identifiability,
        positive_pairs,
    )
    from .no_common_prior import ncp_star, ncp_star_star, weak_ncp_star
    from .theorems import Examination, Theorem, examine

__all__ = [
    "Examination",
    "Finding",
    "Theorem",
    "bdp",
    "common_prior",
    "convex_independence",
    "examine",
    "identifiability",
    "ncp_star",
    "ncp_star_star",
    "positive_pairs",
    "weak_ncp_star",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    elsewhere = {
        "theorems": ("Examination", "Theorem", "examine"),
        "no_common_prior": ("ncp_star", "ncp_star_star", "weak_ncp_star"),
    }
    home = next((home for home, names in elsewhere.items() if name in names), "conditions")
    found = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = found
    return found
