"""What is wrong with a problem file: where, and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..exact.errors import InvalidInput

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake: where (a path of keys; a line when known) and what."""

    path: Path
    message: str
    line: int | None = None


class Wrong(ValueError):
    """A mistake at a place below the key that is being read."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class InvalidFile(InvalidInput):
    """A problem file with mistakes: all of them, each with file, line and key."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 0, p.path and str(p.path))))
        super().__init__("\n".join(map(self._shown, self.problems)))

    def _shown(self, problem: Problem) -> str:
        where = self.name if problem.line is None else f"{self.name}:{problem.line}"
        return f"{where}: {spelled(problem.path)}{': ' if problem.path else ''}{problem.message}"


def spelled(path: Path) -> str:
    """``payoffs.trade.buyer[0][2]``"""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f"{'.' if out else ''}{part}"
    return out


def near(word: str, words: Iterable[Any], *, known: bool = True) -> str:
    """The end of a message about an unknown word: what was probably meant, or else (``known``) all words that are known."""
    from difflib import get_close_matches  # slow to load, and needed for mistakes only

    spelled = [str(k) for k in words]
    close = get_close_matches(str(word), spelled, 1, 0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(spelled)}" if known and spelled else ""


def brief(value: Any) -> str:
    """What was found, for a message."""
    if isinstance(value, dict):
        return "keys"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value if not isinstance(value, str) or len(value) < 60 else value[:57] + "...")
