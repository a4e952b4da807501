"""Definitions (`let:`): formulas with a name, written out where the name is used."""

from __future__ import annotations

import ast
import keyword
import re

from ..environment.formulas import FUNCTIONS, Definition, Labels, parsed
from .context import Context
from .mistakes import near

_HEAD = re.compile(r"\s*(?P<name>\w+)\s*(?:\((?P<arguments>[^()]*)\))?\s*")


def read_definitions(context: Context) -> None:
    """`share: cost/3`, or with arguments `rent(who): who - price`."""
    for head, body in context.file.let.items():
        with context.at("let", head):
            match = _HEAD.fullmatch(head)
            if match is None:
                raise ValueError(
                    "a definition is called by a name, or by a name with arguments, as in rent(who)"
                )
            name, given = match["name"], match["arguments"]
            arguments = tuple(a.strip() for a in given.split(",")) if given is not None else ()
            for word in (name, *arguments):
                _check_word(word)
            if name in context.parameters or name in context.definitions or name in FUNCTIONS:
                raise ValueError(f"{name!r} means something already")
            if len(set(arguments)) < len(arguments):
                raise ValueError("two arguments have the same name")
            parsed(body)
            context.definitions[name] = Definition(arguments, body)


def _check_word(word: str) -> None:
    if not word.isidentifier() or keyword.iskeyword(word):
        raise ValueError(
            f"{word!r} cannot be used in formulas: letters, digits and _ only, and no reserved word"
        )


def check_definitions(context: Context) -> None:
    """Report what a definition names and nothing is called, whether the definition is used or not."""
    labels = {str(t) for v in context.names.values() if isinstance(v, Labels) for t in v.names.ravel()}
    numbers = {n for family in context.families.values() for n in family.numbers}
    outer = {*context.names, *context.groups, *labels, *numbers, *FUNCTIONS}
    earlier = {n for n in outer if n not in context.definitions}
    for head in context.file.let:
        name = _HEAD.fullmatch(head)["name"]  # type: ignore[index]
        definition = context.definitions[name]
        known = {*earlier, *definition.arguments}
        for word in sorted(_words(parsed(definition.body))):
            if word not in known:
                context.report(("let", head), f"unknown name {word!r}{near(word, sorted(known - labels))}")
        earlier.add(name)


def _words(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
