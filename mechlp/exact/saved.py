"""Texts that are saved: JSON for people and programs, its checksum, and files that are whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any

#: The longest whole number that is written without quotation marks: Python itself reads no more at once.
MAX_DIGITS = 4_000


def json_text(value: Any, margin: str = "") -> str:
    """JSON for people and programs: a line for each key and each row of a table."""
    inner = margin + " "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{json.dumps(str(k))}: {json_text(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (dict, list, tuple)):
        return "[\n" + ",\n".join(inner + json_text(v, inner) for v in value) + f"\n{margin}]"
    return json.dumps(value)


def checksum(body: Mapping[str, Any]) -> str:
    """SHA-256 of an answer's content, the ``sha256`` field left out."""
    rest = {k: v for k, v in body.items() if k != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def parsed(content: str) -> Any:
    """JSON that says one thing: no key twice, no number that is none, and no half of a character.

    Raises
    ------
    ValueError
        When it is not JSON, or not such.
    """
    try:
        found = json.loads(
            content,
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_whole,
        )
        if "\\ud" in content.lower():
            json.dumps(found, ensure_ascii=False).encode()
        return found
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeEncodeError as error:
        raise ValueError(f"half of a character, {error.object[error.start]!a}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in pairs:
        if name in out:
            raise ValueError(f"{name[:60]!r} is written twice in one object")
        out[name] = value
    return out


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits; exact ones are written as texts")
    return int(digits)


def _finite(digits: str) -> float:
    found = float(digits)
    return found if isfinite(found) else _no_number(digits)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A new file to write, which takes the place of ``path`` once it is complete: what was there before is lost only then.

    Raises
    ------
    OSError
        When it cannot be written; what was there before is still there.
    """
    path = Path(path)
    if path.exists() and not path.is_file():  # a device or a pipe has nothing to lose
        yield path
        return
    target = Path(os.path.realpath(path))
    new = target.with_name(f".mechlp-{os.getpid()}{target.suffix[-40:]}")
    try:
        yield new
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        if target.exists():
            new.chmod(target.stat().st_mode & 0o777)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def save(path: str | Path, content: str) -> None:
    """Write a text as a whole, or not at all.  Raises OSError."""
    with replacing(path) as new:
        new.write_text(content, encoding="utf-8")
