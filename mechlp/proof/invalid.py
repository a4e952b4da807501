"""What a proof that proves nothing raises."""

from __future__ import annotations

from ..exact.errors import InvalidInput


class InvalidCertificate(InvalidInput):
    """A certificate that cannot be read, or does not prove what it says; the message says why."""


def unreadable(what: str, error: Exception) -> InvalidCertificate:
    """What a saved answer is refused with that is not in the form in which answers are written."""
    if isinstance(error, KeyError):
        said = f"{error.args[0]!r} is missing"
    elif isinstance(error, InvalidInput):
        said = str(error)
    else:
        said = "a number, a text or a list is not in the form in which mechlp writes it"
    return InvalidCertificate(f"the {what} cannot be read: {said}")


__all__ = ["InvalidCertificate", "unreadable"]
