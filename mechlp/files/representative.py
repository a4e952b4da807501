"""A question about a representative bidder, read back from a saved answer."""

from __future__ import annotations

from typing import Any

from ..environment.model import Agent
from ..environment.symmetric import Symmetric
from ..exact.numbers import Rationals
from ..question.symmetric import SymmetricDesign
from .reader import read_document


def read_symmetric(document: Any) -> SymmetricDesign:
    """What :func:`~mechlp.files.symmetric.document_of_symmetric` wrote, read back.

    Raises
    ------
    InvalidFile, ValueError, KeyError, TypeError
        When it does not read back.
    """
    if "representative" not in document:
        design = read_document(document).design
        if not isinstance(design, SymmetricDesign):
            raise ValueError("the problem is not about identical bidders")
        return design
    given = document["representative"]
    agent = Agent(given["name"], tuple(given["types"]))
    environment = Symmetric(
        agent,
        int(given["copies"]),
        Rationals.of(given["values"]),
        Rationals.of(given["prior"]),
        (),
        document["title"],
    )
    if given["objective"] != "linear":
        return SymmetricDesign(environment, given["objective"])
    return SymmetricDesign(
        environment, "linear", Rationals.of(given["allocation"]), Rationals.of(given["transfers"])
    )
