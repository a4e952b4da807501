"""YAML as data with line numbers: scalars stay text, nothing in the file is ever run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from ..exact.errors import InvalidInput

MAX_BYTES, MAX_NODES, MAX_DEPTH = 32_000_000, 3_000_000, 40
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
        return f"{where}: {key(problem.path)}{': ' if problem.path else ''}{problem.message}"


def key(path: Path) -> str:
    """``payoffs.trade.buyer[0][2]``"""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f"{'.' if out else ''}{part}"
    return out


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
    try:
        _bounded(text, name)
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        said = error.problem or "cannot be read"
        raise InvalidFile(name, [Problem((), f"not YAML: {said}", line)]) from None
    except yaml.YAMLError as error:
        raise InvalidFile(name, [Problem((), f"not YAML text: {str(error).splitlines()[0]}")]) from None
    if not nodes or nodes[0] is None:
        raise InvalidFile(name, [Problem((), "the file is empty; `mechlp new` writes a template")])
    if len(nodes) > 1:
        raise InvalidFile(
            name, [Problem((), "more than one YAML document; one is expected", nodes[1].start_mark.line + 1)]
        )
    lines: dict[Path, int] = {}
    problems: list[Problem] = []
    data = _plain(nodes[0], (), lines, problems)
    if not isinstance(data, dict):
        problems.append(Problem((), "expected keys such as `agents:` and `outcomes:` at the top", 1))
    if problems:
        raise InvalidFile(name, problems)
    return Tree(data, lines)


def _bounded(text: str, name: str) -> None:
    """Refuse what is too deep, too large or not plain data, before anything is built."""
    depth = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise InvalidFile(name, [Problem((), "aliases (*name) are not read: write the value out", line)])
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise InvalidFile(
                name, [Problem((), f"the tag {tag} is not read: a problem file is plain data", line)]
            )
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if depth > MAX_DEPTH:
            raise InvalidFile(name, [Problem((), f"nested more than {MAX_DEPTH} levels deep", line)])
        if nodes > MAX_NODES:
            raise InvalidFile(name, [Problem((), f"more than {MAX_NODES:,} values", line)])


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int], problems: list[Problem]) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                problems.append(Problem(path, "a key must be a name", name.start_mark.line + 1))
                continue
            if name.value in out:
                line = name.start_mark.line + 1
                problems.append(Problem((*path, name.value), "this key appears twice", line))
            out[name.value] = _plain(value, (*path, name.value), lines, problems)
            lines[(*path, name.value)] = name.start_mark.line + 1
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, k), lines, problems) for k, item in enumerate(node.value)]
    return node.value
