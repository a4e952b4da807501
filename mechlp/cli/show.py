"""``mechlp show``: the environment in words and numbers."""

from __future__ import annotations

import json

import click

from ..files import Reading, document_of
from ..report.pages import question_page
from .console import console
from .options import as_json, problem


@click.command("show")
@problem
@as_json
def command(reading: Reading, as_json: bool) -> None:
    """The environment in words and numbers."""
    if as_json:
        tables = document_of(reading.design.asking())
        click.echo(json.dumps({"document": reading.document, "tables": tables}, indent=1))
    else:
        console().print(question_page(reading.design, reading.description, reading.source))
