"""Saved answers about interim payoffs: written so that ``mechlp verify`` can recheck them from the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..exact.numbers import text
from ..exact.saved import checksum
from ..files import document_of, read_document
from ..question.interim import settled
from .efficiency import Efficiency
from .invalid import InvalidCertificate
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


def claims(data: Mapping[str, Any]) -> Iterator[str]:
    """Each claim of a saved answer that held, in words.  Raises InvalidCertificate at the first that does not."""
    design = settled(read_document(data["problem"]).design)
    if data["question"] == "efficiency":
        yield from Efficiency.from_json(design, data).check()
    elif data["question"] == "projection":
        found = Projection.from_json(design, data)
        found.check()
        corners = ", ".join(f"({text(x)}, {text(y)})" for x, y in found.vertices)
        yield f"mechanisms that reach {len(found.points)} points; vertices: {corners or 'none'}"
        if found.rays:
            yield f"{len(found.rays)} directions in which the set goes on without end"
        yield f"{len(found.edges)} borders, each proved by multipliers: the projection is exactly what the points span"
    else:
        raise InvalidCertificate(f"an unknown question {data['question']!r}")
