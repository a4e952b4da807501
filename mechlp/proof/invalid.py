"""What a proof that proves nothing raises."""

from __future__ import annotations

from ..exact.errors import InvalidInput


class InvalidCertificate(InvalidInput):
    """A certificate that cannot be read, or does not prove what it says; the message says why."""
