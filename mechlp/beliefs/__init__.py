"""What beliefs allow: conditions with witnesses, and the theorems that follow."""

from .conditions import (
    Finding,
    bdp,
    common_prior,
    convex_independence,
    identifiability,
    ncp_star,
    ncp_star_star,
    positive_pairs,
)
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
]
