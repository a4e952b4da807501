"""Problem files: reading YAML with every mistake reported, writing, the JSON schema, templates."""

from .mistakes import InvalidFile
from .reader import Reading, read, read_document, read_text
from .schema import schema
from .symmetric import document_of_symmetric, read_symmetric
from .templates import template, templates
from .writer import document_of, write

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
