"""YAML as data with line numbers: scalars stay text, nothing in the file is ever run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from .mistakes import InvalidFile, Path, Problem

MAX_BYTES, MAX_NODES, MAX_DEPTH = 32_000_000, 3_000_000, 40
#: The parser of libyaml where PyYAML was built with it: the same events, ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Tree:
    """A YAML document as nested dicts, lists and strings, with the line of every node."""

    data: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of a node, or of the nearest node above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def parse(text: str, name: str) -> Tree:
    """Read YAML text.

    Raises
    ------
    InvalidFile
        Not YAML, more than one document, tags, aliases, duplicate keys, too long or too deep.
    """
    if len(text) > MAX_BYTES:
        raise InvalidFile(
            name, [Problem((), f"the file has {len(text):,} characters; at most {MAX_BYTES:,} are read")]
        )
    reading = _Reading(name, yaml.parse(text, Loader=_Loader))
    try:
        data = reading.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        said = error.problem or "cannot be read"
        raise InvalidFile(name, [Problem((), f"not YAML: {said}", line)]) from None
    except yaml.YAMLError as error:
        raise InvalidFile(name, [Problem((), f"not YAML text: {str(error).splitlines()[0]}")]) from None
    if not isinstance(data, dict):
        reading.problems.append(Problem((), "expected keys such as `agents:` and `outcomes:` at the top", 1))
    if reading.problems:
        raise InvalidFile(name, reading.problems)
    return Tree(data, reading.lines)


class _Reading:
    """Plain data from the parser's events; what is too deep, too large or not plain data is refused as it comes."""

    def __init__(self, name: str, events: Iterator[yaml.Event]) -> None:
        self.name, self.events, self.count = name, events, 0
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def document(self) -> Any:
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise InvalidFile(self.name, [Problem((), "the file is empty; `mechlp new` writes a template")])
        data = self._node(self._next(), (), 1)
        self._next()  # the document ends
        if isinstance(self._next(), yaml.DocumentStartEvent):
            self._refuse("more than one YAML document; one is expected", self._next())
        return data

    def _next(self) -> yaml.Event:
        event = next(self.events)
        self.count += 1
        if self.count > MAX_NODES:
            self._refuse(f"more than {MAX_NODES:,} values", event)
        if isinstance(event, yaml.AliasEvent):
            self._refuse("aliases (*name) are not read: write the value out", event)
        if getattr(event, "tag", None) not in (None, "!"):
            self._refuse(f"the tag {event.tag} is not read: a problem file is plain data", event)
        return event

    def _refuse(self, message: str, event: yaml.Event) -> None:
        raise InvalidFile(self.name, [Problem((), message, event.start_mark.line + 1)])

    def _node(self, event: yaml.Event, path: Path, depth: int) -> Any:
        self.lines[path] = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if depth > MAX_DEPTH:
            self._refuse(f"nested more than {MAX_DEPTH} levels deep", event)
        if isinstance(event, yaml.MappingStartEvent):
            out: Any = self._mapping(path, depth)
            parts = [(name, name if value == "" else value) for name, value in out.items()]
        else:
            out = []
            while not isinstance(item := self._next(), yaml.SequenceEndEvent):
                out.append(self._node(item, (*path, len(out)), depth + 1))
            parts = list(enumerate(out))
        if event.flow_style:
            self._check_commas(path, parts)
        return out

    def _check_commas(self, path: Path, parts: list[tuple[Any, Any]]) -> None:
        """A formula with a comma is cut in two by the braces or brackets around it: ``min(a`` and ``b)``."""
        for k, (name, value) in enumerate(parts):
            if isinstance(name, str) and name.count("(") > name.count(")"):
                whole = ", ".join(str(n) for n, _ in parts[k : k + 2])
                self._report((*path, name), f'a comma ends a key inside braces: quote it, "{whole}": ...')
                return
            if isinstance(value, str) and value.count("(") > value.count(")") and k + 1 < len(parts):
                pieces = [value]
                for _, more in parts[k + 1 :]:
                    pieces.append(str(more))
                    if "".join(pieces).count("(") <= "".join(pieces).count(")"):
                        break
                formula, named = ", ".join(pieces), f"{name}: " if isinstance(name, str) else ""
                self._report(
                    (*path, name),
                    f'a comma ends a value inside braces or brackets: quote it, {named}"{formula}"',
                )
                return

    def _report(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path, message, self.lines.get(path)))

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarEvent):
                self.problems.append(Problem(path, "a key must be a name", line))
                self._node(key, (*path, "?"), depth + 1)
                self._node(self._next(), (*path, "?"), depth + 1)
                continue
            below = (*path, key.value)
            if key.value in out:
                self.problems.append(Problem(below, "this key appears twice", line))
            out[key.value] = self._node(self._next(), below, depth + 1)
            self.lines[below] = line
        return out
