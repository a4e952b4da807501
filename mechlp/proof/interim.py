"""Saved answers about interim payoffs: written so that ``mechlp verify`` can recheck them from the definitions."""

from __future__ import annotations

from typing import Any

from ..exact.saved import checksum
from ..files import document_of
from .efficiency import Efficiency
from .projection import Projection

FORMAT = "mechlp interim payoffs 1"


def saved(found: Efficiency | Projection) -> dict[str, Any]:
    """The whole answer as JSON: exact strings, the problem inside, a checksum."""
    question = "efficiency" if isinstance(found, Efficiency) else "projection"
    body = {
        "format": FORMAT,
        "question": question,
        "problem": document_of(found.design),
        **found.to_json(),
    }
    return {**body, "sha256": checksum(body)}
