"""What is known of a cell of a sweep, and the store of what is known: a line of JSON each, whole after a kill at any moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..answer.protocol import exists
from ..exact.numbers import rational, text
from ..version import __version__
from .axes import shown

#: What is asked again when it is met in a store.
OPEN = ("undecided", "failed")


@dataclass(frozen=True)
class Point:
    """What is known at one point.

    ``at`` has a Fraction or a word for each axis.  ``status`` is an answer's, ``invalid`` where the question makes no sense, or
    ``failed`` where there is no answer (``message`` says why); ``value`` the objective or what a formula decides by; ``holds``
    further regions by name; ``by`` is ``solve`` or the formula.
    """

    at: tuple[Any, ...]
    status: str
    value: Fraction | None = None
    certified: bool = True
    by: str = "solve"
    holds: Mapping[str, bool] = field(default_factory=dict)
    message: str = ""

    @property
    def possible(self) -> bool | None:
        """Whether a mechanism exists here; None when undecided or invalid."""
        return exists(self.status)

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {
            "at": [shown(x) for x in self.at],
            "status": self.status,
            "value": None if self.value is None else text(self.value),
            "certified": self.certified,
            "by": self.by,
            "holds": dict(self.holds),
            "message": self.message,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Point:
        """Read :meth:`to_json` back.  Raises ValueError or KeyError when it does not fit."""
        value = None if data["value"] is None else rational(data["value"])
        holds = {str(k): bool(v) for k, v in data["holds"].items()}
        return cls(
            tuple(map(_read, data["at"])),
            str(data["status"]),
            value,
            bool(data["certified"]),
            str(data["by"]),
            holds,
            str(data["message"]),
        )


def _read(value: Any) -> Any:
    try:
        return rational(value)
    except ValueError:
        return str(value)


def key(document: Mapping[str, Any]) -> str:
    """A question by its content: the version, and the file without its texts and without the map's own range."""
    asked = {k: v for k, v in document.items() if k not in ("title", "description", "source", "map")}
    asked["closed-form"] = (document.get("map") or {}).get("closed-form")
    return hashlib.sha256(json.dumps([__version__, asked], sort_keys=True).encode()).hexdigest()[:32]


def lines(store: Path) -> Iterator[tuple[str, list[str], Point]]:
    """Key, names of the axes (none in maps of old) and point of every whole line; a line that was cut off is no harm."""
    for line in store.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            data = json.loads(line)
            yield str(data["key"]), list(map(str, data.get("axes", ()))), Point.from_json(data["point"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue


def stored(store: Path | None) -> dict[str, Point]:
    """What a store holds, by key; what is open is asked again."""
    if store is None or not store.exists():
        return {}
    known = {name: point for name, _, point in lines(store)}
    return {name: point for name, point in known.items() if point.status not in OPEN}


@contextmanager
def appending(store: Path | None, names: Sequence[str]) -> Iterator[Callable[[str, Point], str]]:
    """One line a point, written through at once; says why a line could not be written (a sweep goes on without it)."""
    if store is None:
        yield lambda key, point: ""
        return
    with ExitStack() as stack:
        try:
            torn = store.exists() and store.read_bytes()[-1:] not in (b"", b"\n")
            # Unbuffered: what did not fit is not tried again on closing.
            file = stack.enter_context(store.open("ab", buffering=0))
        except OSError as error:
            reason = error.strerror or str(error)
            yield lambda key, point: reason
            return

        def append(key: str, point: Point) -> str:
            nonlocal torn
            data = {"key": key, "axes": list(names), "point": point.to_json()}
            left, torn = (("\n" if torn else "") + json.dumps(data) + "\n").encode(), True
            try:
                while left:
                    left = left[file.write(left) :]
            except OSError as error:
                return error.strerror or str(error)
            torn = False
            return ""

        yield append


__all__ = ["OPEN", "Point", "appending", "key", "lines", "stored"]
