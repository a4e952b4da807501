"""Texts that are saved: JSON for people and programs, and its checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


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
