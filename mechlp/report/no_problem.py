"""Why a part of a range may be open: the file is no problem at an end."""

from __future__ import annotations

from ..proof.family import Family, InvalidFamily


def no_problem(family: Family) -> str:
    """The first corner at which the file is no problem, why, and what to do; empty where it is one at each."""
    for corner in family.corners:
        try:
            family.at(corner)
        except InvalidFamily as error:
            return str(error)
    return ""


__all__ = ["no_problem"]
