"""Files that take their place only when they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def complete(path: str | Path, *, encoding: str = "ascii") -> Iterator[TextIO]:
    """Write beside, and rename when nothing failed: an older file stays until then.  Raises OSError."""
    beside = Path(f"{path}.part")
    try:
        with open(beside, "w", encoding=encoding, errors="replace", newline="\n") as out:
            yield out
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


__all__ = ["complete"]
