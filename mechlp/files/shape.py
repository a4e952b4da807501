"""Mistakes of shape (unknown or missing keys, a list for a value) in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import pydantic

from .lines import Path, Problem, Tree
from .schema import File


def shape_problems(error: pydantic.ValidationError, tree: Tree) -> Iterator[Problem]:
    """What the schema did not accept, each at its line."""
    for item in error.errors():
        path: Path = tuple(item["loc"])
        if path not in tree.lines and path[-1:] and path[-1] in ("named", "types", "values"):
            path = path[:-1]
        kind, found = item["type"], item.get("input")
        if kind == "extra_forbidden":
            message = f"unknown key{near(str(path[-1]), _known_keys(path[:-1]))}"
        elif kind == "missing":
            message = "this key is missing"
        elif kind == "literal_error":
            choices = [c.strip("'") for c in item["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            hint = near(found, choices) if isinstance(found, str) else ""
            message = f"expected {item['ctx']['expected']}, found {brief(found)}{hint}"
        elif kind in ("dict_type", "model_type", "model_attributes_type"):
            message = f"expected keys, found {brief(found)}"
        elif kind == "list_type":
            message = f"expected a list, found {brief(found)}"
        elif kind == "too_short":
            message = "at least one is needed"
        else:
            message = item["msg"].removeprefix("Value error, ")
        yield Problem(path, message, tree.line(path))


def _known_keys(path: Path) -> list[str]:
    """The keys that the schema knows at a path."""
    model: Any = File
    for part in path:
        fields = {f.alias or n: f for n, f in model.model_fields.items()} if _is_model(model) else {}
        if part in fields:
            model = next((t for t in _inside(fields[part].annotation) if _is_model(t)), None)
        elif not _is_model(model):
            return []
    return [f.alias or n for n, f in model.model_fields.items() if n != "named"] if _is_model(model) else []


def _inside(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _inside(part)


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, pydantic.BaseModel)


def near(word: str, known: Any) -> str:
    """The end of a message about an unknown word: what was probably meant, or else what is known."""
    close = difflib.get_close_matches(str(word), [str(k) for k in known], 1, 0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(map(str, known))}" if known else ""


def brief(value: Any) -> str:
    """What was found, for a message."""
    if isinstance(value, dict):
        return "keys"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value if not isinstance(value, str) or len(value) < 60 else value[:57] + "...")
