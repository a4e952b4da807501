"""The rules of a mechanism: one, or several where transfers are ambiguous."""

from __future__ import annotations

from typing import Any

from ..mechanism.mechanism import Mechanism
from ..question.design import Design

#: The rules of a mechanism: one, unless transfers are ambiguous.
Ruled = tuple[Mechanism, ...]


def ruled_to_json(rules: Ruled) -> Any:
    """One mechanism, or a list of rules."""
    return rules[0].to_json() if len(rules) == 1 else [m.to_json() for m in rules]


def ruled_from_json(design: Design, data: Any) -> Ruled:
    """Read rules back.  Raises KeyError, ValueError."""
    given = data if isinstance(data, list) else [data]
    return tuple(Mechanism.from_json(design.environment, m) for m in given)


__all__ = ["Ruled", "ruled_from_json", "ruled_to_json"]
