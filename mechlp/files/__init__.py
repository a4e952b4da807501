"""Problem files: reading YAML with every mistake reported, writing, the JSON schema, templates.

What reading does not need is loaded when it is first named, as in the package itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .mistakes import InvalidFile
from .reader import Reading, read, read_document, read_text
from .schema import schema
from .templates import template, templates

if TYPE_CHECKING:
    from .representative import read_symmetric
    from .symmetric import document_of_symmetric
    from .writer import document_of, write

#: Where each of the others is defined.
HOMES = {
    "document_of": "writer",
    "document_of_symmetric": "symmetric",
    "read_symmetric": "representative",
    "write": "writer",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{HOMES[name]}", __name__), name)
    globals()[name] = found
    return found


__all__ = [
    "InvalidFile",
    "Reading",
    "document_of",
    "document_of_symmetric",
    "read",
    "read_document",
    "read_symmetric",
    "read_text",
    "schema",
    "template",
    "templates",
    "write",
]
