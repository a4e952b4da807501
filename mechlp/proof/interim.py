"""Saved answers about interim payoffs: written so that ``mechlp verify`` can recheck them from the definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..exact.saved import checksum
from ..files import document_of
from .announcement import Announcement
from .contours import Contours
from .efficiency import Efficiency
from .projection import Projection
from .robustness import Robustness

FORMAT = "mechlp interim payoffs 1"


Found = Efficiency | Projection | Contours | Robustness | Announcement
#: By the question that a saved answer names.
QUESTIONS: Mapping[str, type[Found]] = {
    "efficiency": Efficiency,
    "projection": Projection,
    "contours": Contours,
    "robustness": Robustness,
    "announcement": Announcement,
}


def saved(found: Found) -> dict[str, Any]:
    """The whole answer as JSON: exact strings, the problem inside, a checksum."""
    question = next(name for name, kind in QUESTIONS.items() if isinstance(found, kind))
    body = {
        "format": FORMAT,
        "question": question,
        "problem": document_of(found.design)
        if isinstance(found, Efficiency | Projection)
        else dict(found.document),
        **found.to_json(),
    }
    return {**body, "sha256": checksum(body)}
