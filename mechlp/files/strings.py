"""Where formulas stand in a problem file as it is read: nested dicts, lists and strings."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from ..environment.formulas import InvalidFormula, parsed

#: What is taken around a center, by default the prior.
AROUND = ("contamination", "variation", "contractions")


def taken(value: Any, *names: str) -> tuple[Any, Any]:
    """What stands under keys, one in another, and the rest without it."""
    if not names:
        return value, None
    if not isinstance(value, Mapping) or names[0] not in value:
        return None, value
    found, rest = taken(value[names[0]], *names[1:])
    return found, {**value, names[0]: rest}


def strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text with where it is."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from strings(item, f"{place}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, place)


def parts(sets: Any, place: str) -> Iterator[tuple[str, str, Any]]:
    """Where, what and how much belief sets of agents (or of each type) are given by."""
    for agent, given in sets.items():
        for k, spec in enumerate(given) if isinstance(given, list) else [(None, given)]:
            at = (f"{place}.{agent}" if agent else place) + ("" if k is None else f"[{k}]")
            parts = dict(spec) if isinstance(spec, Mapping) else {"": spec}
            for moment in parts.pop("moments", None) or []:
                yield from ((f"{at}.moments.{key}", key, value) for key, value in moment.items())
            yield from ((f"{at}.{key}" if key else at, key, value) for key, value in parts.items())


def around_prior(sets: Mapping[str, Any]) -> Iterator[str]:
    """What is taken around the prior."""
    for own in sets.values():
        for spec in own if isinstance(own, list) else [own]:
            if isinstance(spec, Mapping) and spec.get("around", "prior") == "prior":
                yield from (key for key in spec if key in AROUND)


def keys(value: Any) -> Iterator[str]:
    """Every key, at any depth."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item)


def words(formula: str) -> set[str]:
    """The names in a formula; none in a word that is no formula."""
    try:
        return {node.id for node in ast.walk(parsed(formula)) if isinstance(node, ast.Name)}
    except InvalidFormula:
        return set()


__all__ = ["AROUND", "around_prior", "keys", "parts", "strings", "taken", "words"]
