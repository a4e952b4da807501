"""What a reduction is, and how it says that its premise fails."""

from __future__ import annotations

from typing import Protocol

from ..plan import Plan


class Refused(Exception):
    """The premise of a reduction does not hold; the message says what fails."""


class Reduction(Protocol):
    """One theorem."""

    name: str
    source: str

    def narrowed(self, plan: Plan) -> Plan:
        """The plan with less to compile.  Raises Refused when the premise fails."""
        ...


__all__ = ["Reduction", "Refused"]
