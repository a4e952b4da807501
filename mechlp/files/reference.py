"""The reference of the file format in prose, written from the JSON schema."""

from __future__ import annotations

from typing import Any

from ..environment.families import FAMILIES
from ..environment.formulas import FUNCTIONS
from .schema import schema

_HEAD = """# The file format

Written from the schema by `mechlp schema --markdown`; editors read the same as JSON schema (`mechlp schema`).

A problem file is YAML: plain data, nothing in it is run. A **value** is a number (`2`, `0.1` for one tenth, `1/3`), a label, or
a formula. Numbers are exact. A **formula** is arithmetic (`+ - * / **`), comparisons (1 where they hold, else 0), `and`, `or`,
`not`, `x if c else y` and the functions {functions}.
It may name parameters, definitions (`let`), agents (the agent's type), coordinates of types (`buyer.A`, or `buyer[0]` where
they have no names) and, in what is said of outcomes with numbers of their own, these numbers. Where agents come in copies, the
group's name stands for the agent's own type in what is said of the group. Irrational numbers (roots, exponentials, logarithms)
may stand in payoffs and outside options. Quote a formula with a comma inside braces. A **table** is nested lists over the type
grid, in the order of the agents; a formula can stand in its place.
"""
_FAMILIES = """
## Named distributions

A marginal under `product` is a list, a formula of the type, `{weights: [...]}`, or one of these families. Chances are exact:
weights are divided by their sum.

"""
_Node = dict[str, Any]


def reference() -> str:
    """Markdown: one section for each group of keys, in the order in which they are met."""
    whole = schema()
    definitions: dict[str, _Node] = whole["$defs"]
    order: list[str] = []
    _collect(whole, definitions, order)
    functions = ", ".join(f"`{name}`" for name in FUNCTIONS)
    parts = [_HEAD.format(functions=functions), _section("The file", whole)]
    parts += [_section(name, definitions[name]) for name in order]
    families = "".join(f"* `{known.spelled(name)}`: {known.about}\n" for name, known in FAMILIES.items())
    return "\n".join(parts) + _FAMILIES + families


def _collect(node: Any, definitions: dict[str, _Node], order: list[str]) -> None:
    """The definitions that a node refers to, depth first."""
    if isinstance(node, list):
        for item in node:
            _collect(item, definitions, order)
    elif isinstance(node, dict):
        name = node.get("$ref", "").removeprefix("#/$defs/")
        if name and name not in order:
            order.append(name)
            _collect(definitions[name], definitions, order)
        for key, item in node.items():
            if key != "$defs":
                _collect(item, definitions, order)


def _section(title: str, node: _Node) -> str:
    needed = set(node.get("required", ()))
    lines = [f"## {title}", "", node["description"].replace("\n    ", " "), ""]
    for name, own in node["properties"].items():
        if name == "named":  # what a word alone stands for, which the key above lists
            continue
        about = own.get("description", "")
        kind = _kind({k: v for k, v in own.items() if k != "description"})
        takes = f" ({kind}{', needed' if name in needed else ''})" if kind else ""
        lines.append(f"* `{name}`{takes}{': ' if about else ''}{about}")
    return "\n".join(lines) + "\n"


def _kind(node: _Node) -> str:
    """What a node takes, in words."""
    if "anyOf" in node and "title" in node:
        title = node["title"]
        return f"[{title}](#{title.lower()})" if title[0].isupper() else str(title)
    if "anyOf" in node:
        return " or ".join(dict.fromkeys(filter(None, map(_kind, node["anyOf"]))))
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/$defs/")
        return f"[{name}](#{name.lower()})"
    if "enum" in node:
        words = [f"`{word}`" for word in node["enum"] if isinstance(word, str)]
        return f"{node.get('title', '')}{', '.join(words)}"
    kind = node.get("type")
    if kind == "array":
        items = _kind(node.get("items", {}))
        return f"a list of {items}" if items else "a list"
    if kind == "object":
        below = _kind(node.get("additionalProperties", {}) or {})
        return f"name -> {below}" if below else "keys"
    return "a value" if isinstance(kind, list) else ""
